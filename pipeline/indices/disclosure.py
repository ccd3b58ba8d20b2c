"""Figures about people as they may be shown to anyone: rounded, and withheld where a group is small.

Totals are made from the shown figures, so nothing withheld can be had back by subtraction. Not here: the
exact figures, which stay in indices.humanitarian of the analysts' database; classes, which are made from those.
A release of the internal profile shows the exact figures, and nothing else more than the public one.
"""

import polars as pl

from pipeline.declare.codes import Profile
from pipeline.declare.methods import ROUNDED_TO_PERSONS, SMALLEST_SHOWN_PERSONS, Method
from pipeline.indices.frames import log_score


def is_small(persons: pl.Expr) -> pl.Expr:
    """Whether a figure is 1 to 9 and so withheld."""
    return persons.is_between(1, SMALLEST_SHOWN_PERSONS - 1).fill_null(False)


def shown_persons(persons: pl.Expr) -> pl.Expr:
    """A figure as it may be shown: rounded to ten, null where it is withheld."""
    rounded = (persons + ROUNDED_TO_PERSONS // 2) // ROUNDED_TO_PERSONS * ROUNDED_TO_PERSONS
    return pl.when(~is_small(persons)).then(rounded)


def withheld(frame: pl.DataFrame) -> pl.DataFrame:
    """Round `idps_persons` to ten; withhold 1 to 9 and say so in `idps_suppressed`. Twice is the same as once."""
    persons = pl.col("idps_persons")
    already = pl.col("idps_suppressed").fill_null(False) if "idps_suppressed" in frame.columns else pl.lit(False)
    return frame.with_columns(
        (already | is_small(persons)).alias("idps_suppressed"), shown_persons(persons).alias("idps_persons")
    )


def disclose(frame: pl.DataFrame, method: Method, profile: Profile = Profile.PUBLIC) -> pl.DataFrame:
    """`idps_persons`, `idps_suppressed` and `humanitarian_score` as a release of the profile shows them.

    `humanitarian_score` is made again from the rounded figure: a score to four decimals would give the exact
    number back. Of a withheld figure there is no score. It is the same in both profiles, so that a score that is
    passed on from an internal release tells no more than the public one.
    """
    shown = withheld(frame)
    scored = shown.with_columns(
        log_score(pl.col("idps_persons"), method.idps_goalpost.value).alias("humanitarian_score")
    )
    if profile == Profile.PUBLIC:
        return scored
    return scored.with_columns(frame["idps_persons"], pl.lit(False).alias("idps_suppressed"))
