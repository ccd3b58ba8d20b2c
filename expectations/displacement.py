"""Rules on displaced people by day: two series with changes of their own, and nothing withheld that can be had back."""

import polars as pl

from expectations.rule import Facts, RowRule, Section, row_rule
from pipeline.declare.codes import DisplacementChange, IdpsBasis
from pipeline.declare.methods import ROUNDED_TO_PERSONS, SMALLEST_SHOWN_PERSONS

_SERIES = [f"idps_{basis}" for basis in (IdpsBasis.STOCK, IdpsBasis.NEW)]


def _withheld(facts: Facts) -> dict[str, pl.Expr]:
    """Of a public release: nothing small or exact is shown, and what is withheld has neither figure nor change."""
    found = {
        f"{name} withheld": pl.col(f"{name}_suppressed")
        & (pl.col(f"{name}_persons").is_not_null() | pl.col(f"{name}_change_persons").is_not_null())
        for name in _SERIES
    }
    if facts.internal:
        return found
    return found | {
        f"{name} shown": pl.col(f"{name}_persons").is_between(1, SMALLEST_SHOWN_PERSONS - 1)
        | (pl.col(f"{name}_persons") % ROUNDED_TO_PERSONS != 0)
        for name in _SERIES
    }


SERIES = Section(
    (
        row_rule(
            "a_day_was_reported",
            "A row stands for a report: stock or new displacement was stated, or is withheld.",
            lambda _: pl.all_horizontal(
                pl.col(f"{name}_persons").is_null() & ~pl.col(f"{name}_suppressed") for name in _SERIES
            ),
        ),
        RowRule(
            "figures_as_they_may_be_shown",
            "Displaced people are rounded to ten, and 1 to 9 are withheld with their change.",
            _withheld,
        ),
    )
)


def _with_days_before(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """Each day of a series beside the day before it that has a figure or withholds one."""
    parts = []
    for name in _SERIES:
        own = frame.filter(pl.col(f"{name}_persons").is_not_null() | pl.col(f"{name}_suppressed"))
        parts.append(
            own.sort("adm3_pcode", "reference_date").select(
                "adm3_pcode",
                "reference_date",
                pl.col(f"{name}_persons").alias("persons"),
                pl.col(f"{name}_persons").shift().over("adm3_pcode").alias("before"),
                pl.col(f"{name}_change_persons").alias("change"),
            )
        )
    return pl.concat(parts)


CHANGES = Section(
    (
        row_rule(
            "change_is_the_difference_shown",
            "A change is the figure less the one before it of the same series, both as shown.",
            lambda _: ~pl.col("change").eq_missing(pl.col("persons") - pl.col("before")),
        ),
    ),
    _with_days_before,
)

_FIGURE = ("idps_persons", "idps_suppressed", "idps_basis")
_TOWNSHIP = ("method", "adm3_pcode")


def _same() -> pl.Expr:
    """Whether the figure in force is that of the month before."""
    return pl.all_horizontal(
        pl.col(name).eq_missing(pl.col(name).shift(1).over(_TOWNSHIP, order_by="month")) for name in _FIGURE
    )


IN_FORCE = Section(
    (
        RowRule(
            "no_change_without_a_change",
            "Displacement changes where the figure in force does, and only there: a clash displaces nobody by itself.",
            lambda _: {
                "first": (pl.col("displacement_change") == DisplacementChange.NO_COMPARISON)
                != (pl.col("month") == pl.col("month").min().over("method")),
                "figure": (pl.col("displacement_change") != DisplacementChange.NO_COMPARISON)
                & (
                    _same()
                    != pl.col("displacement_change").is_in(
                        [str(DisplacementChange.UNCHANGED), str(DisplacementChange.NO_FIGURE)]
                    )
                ),
            },
        ),
    )
)

SUITES: dict[str, tuple[Section, ...]] = {
    "published.displacement_series": (SERIES, CHANGES),
    "published.township_index": (IN_FORCE,),
}
