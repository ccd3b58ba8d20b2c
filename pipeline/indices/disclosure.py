"""Figures about people as they may be shown to anyone: rounded, and withheld where a group is small.

Totals are made from the shown figures, so nothing withheld can be had back by subtraction. Not here: the
exact figures, which stay in indices.humanitarian of the analysts' database; classes, which are made from those.
"""

import polars as pl

from pipeline.indices.scores import log_score
from pipeline.methods import Method

SMALLEST_SHOWN_PERSONS = 10
ROUNDED_TO_PERSONS = 10


def is_small(persons: pl.Expr) -> pl.Expr:
    """Whether a figure is 1 to 9 and so withheld."""
    return persons.is_between(1, SMALLEST_SHOWN_PERSONS - 1).fill_null(False)


def shown_persons(persons: pl.Expr) -> pl.Expr:
    """A figure as it may be shown: rounded to ten, null where it is withheld."""
    rounded = (persons + ROUNDED_TO_PERSONS // 2) // ROUNDED_TO_PERSONS * ROUNDED_TO_PERSONS
    return pl.when(~is_small(persons)).then(rounded)


def disclose(frame: pl.DataFrame, method: Method) -> pl.DataFrame:
    """Round `idps_persons` to ten; withhold 1 to 9 and say so in `idps_suppressed`.

    `humanitarian_score` is made again from the shown figure: a score to four decimals would give the exact
    number back. Of a withheld figure there is no score.
    """
    persons = pl.col("idps_persons")
    shown = frame.with_columns(is_small(persons).alias("idps_suppressed"), shown_persons(persons).alias("idps_persons"))
    return shown.with_columns(log_score(pl.col("idps_persons"), method.idps_goalpost.value).alias("humanitarian_score"))
