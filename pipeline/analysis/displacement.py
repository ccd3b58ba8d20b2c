"""Displaced people by day reported: stock and new displacement as two series."""

from datetime import date

import polars as pl

from pipeline.declare.codes import IdpsBasis, Profile
from pipeline.indices.disclosure import is_small, shown_persons
from pipeline.indices.frames import conform, require_known
from pipeline.indices.humanitarian import figures
from pipeline.indices.run_context import RunContext, makes
from pipeline.records.parsing import trusted_silence

_DAY = ["adm3_pcode", "reference_date"]


def series(
    displacement: pl.DataFrame,
    deliveries: pl.DataFrame,
    townships: pl.DataFrame,
    basis: IdpsBasis,
    profile: Profile = Profile.PUBLIC,
) -> pl.DataFrame:
    """One series: a row per township and day with a figure, as shown, and its change since the day before it.

    Columns: _DAY, idps_<basis>_persons, idps_<basis>_suppressed, idps_<basis>_change_persons. A township's own figure
    comes before one from an old code. Of two shown figures only the difference is told, so a change never gives a
    withheld or rounded figure back.
    """
    persons = pl.col("persons")
    small = is_small(persons) if profile == Profile.PUBLIC else pl.lit(False)
    shown = shown_persons(persons) if profile == Profile.PUBLIC else persons
    name = f"idps_{basis}"
    return (
        figures(displacement, deliveries, townships, basis)
        .sort(*_DAY, "own_row")
        .unique(_DAY, keep="last", maintain_order=True)
        .select(*_DAY, shown.alias(f"{name}_persons"), small.alias(f"{name}_suppressed"))
        .with_columns(
            (pl.col(f"{name}_persons") - pl.col(f"{name}_persons").shift().over("adm3_pcode")).alias(
                f"{name}_change_persons"
            )
        )
    )


def displacement_series(
    displacement: pl.DataFrame,
    deliveries: pl.DataFrame,
    townships: pl.DataFrame,
    last_day: date,
    profile: Profile = Profile.PUBLIC,
) -> pl.DataFrame:
    """published.displacement_series: stock and new displacement of every day reported, side by side, never added.

    A day after `last_day` is shown and marked. Raises AccountingError for a record outside the listed townships.
    """
    require_known(displacement, townships, "records.displacement")
    stock, new = (
        series(displacement, deliveries, townships, basis, profile) for basis in (IdpsBasis.STOCK, IdpsBasis.NEW)
    )
    both = stock.join(new, on=_DAY, how="full", coalesce=True, validate="1:1")
    return conform(
        both.with_columns(
            pl.col(f"idps_{IdpsBasis.STOCK}_suppressed", f"idps_{IdpsBasis.NEW}_suppressed").fill_null(False),
            (pl.col("reference_date") > last_day).alias("after_period"),
        ),
        "published.displacement_series",
    )


@makes(
    "published.displacement_series",
    reads=("records.displacement", "records.townships", "records.set_aside"),
    checked_against=("records.townships",),
)
def displacement_series_table(
    run: RunContext, displacement: pl.DataFrame, townships: pl.DataFrame, set_aside: pl.DataFrame
) -> pl.DataFrame:
    known = trusted_silence(run.deliveries, set_aside)
    return displacement_series(displacement, known, townships, run.last_day, run.profile)


MADE = (displacement_series_table,)
