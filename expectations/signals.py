"""Rules on the signals: alerts and changes follow from their figures, and a township's signal from these.

Not here: the distributions themselves, which are worked out once and not again here.
"""

import polars as pl

from expectations.rule import Facts, RowRule, Section, row_rule
from pipeline.declare.codes import ChangeClass, Signal
from pipeline.declare.methods import FALSE_DISCOVERY_RATE
from pipeline.declare.signals import ALERT_CHANCE, ALERT_CLASHES

month, quarter, year = (pl.col(f"clashes_{span}_count") for span in ("month", "3m", "12m"))
_ROUNDING = 1e-6  # p-values are published with six decimals
_BETTER_OR_LIKE = [str(one) for one in (Signal.FALL, Signal.LULL, Signal.NONE)]
_DIRECTIONS = (ChangeClass.RISE, ChangeClass.FALL)

SIGNALS = Section(
    (
        row_rule(
            "quarter_within_year",
            "The clashes of three months are part of those of twelve.",
            lambda _: quarter > year,
        ),
        RowRule(
            "alert_from_follows",
            "An alert begins above the year's maximum, at two clashes, and where chance is unlikely.",
            lambda _: {
                "missing": pl.col("alert_from_count").is_null() != pl.col("clashes_year_maximum_count").is_null(),
                "maximum": pl.col("alert_from_count") <= pl.col("clashes_year_maximum_count"),
                "least": pl.col("alert_from_count") < ALERT_CLASHES.value,
                "chance": pl.col("alert_false_probability") > ALERT_CHANCE.value,
                "p_value": pl.col("is_alert")
                & (pl.col("alert_p_value") > pl.col("alert_false_probability") + _ROUNDING),
            },
        ),
        row_rule(
            "only_alerts_are_confirmed",
            "Confirmed is said of alerts alone.",
            lambda _: pl.col("alert_confirmed").is_not_null() & ~pl.col("is_alert").fill_null(False),
        ),
        row_rule(
            "no_comparison_without_count",
            "A quarter is compared exactly where its clashes and those of the year before are known.",
            lambda _: (
                (pl.col("quarter_change_class") == ChangeClass.NO_COMPARISON)
                != (quarter.is_null() | pl.col("clashes_before_count").is_null())
            ),
        ),
    )
)


def by_month(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """One row per method and month: the tests, and of rises and of falls how many and the largest p-value."""
    code, p_value = pl.col("quarter_change_class"), pl.col("quarter_p_value")
    return (
        frame.group_by("method", "month")
        .agg(
            p_value.count().alias("tests"),
            *((code == way).sum().alias(f"{way}_found") for way in _DIRECTIONS),
            *(p_value.filter(code == way).max().alias(f"{way}_largest") for way in _DIRECTIONS),
        )
        .sort("method", "month")
    )


UNDER_RATE = Section(
    (
        RowRule(
            "changes_under_false_discovery_rate",
            "The largest p-value of the rises called, and of the falls, is at most their part of the tests times 5 %.",
            lambda _: {
                str(way): pl.col(f"{way}_largest").fill_null(0.0)
                > FALSE_DISCOVERY_RATE.value * pl.col(f"{way}_found") / pl.col("tests") + _ROUNDING
                for way in _DIRECTIONS
            },
        ),
    ),
    by_month,
)

SIGNAL_FITS = Section(
    (
        RowRule(
            "recent_counts_in_order",
            "The clashes of the month are part of those of three months, and these of those of twelve.",
            lambda _: {"3m": month > quarter, "12m": quarter > year},
        ),
        RowRule(
            "signal_fits_counts",
            "An alert and an onset have clashes in the month, a lull has none, and of a month without a count "
            "nothing is said; while reports are still coming in nothing is said to be better than the past or like it.",
            lambda _: {
                "alert": (pl.col("signal") == Signal.ALERT) & (month < ALERT_CLASHES.value),
                "onset": (pl.col("signal") == Signal.ONSET) & (month == 0),
                "lull": (pl.col("signal") == Signal.LULL) & (month > 0),
                "none": (pl.col("signal") == Signal.NONE) & month.is_null(),
                "lag": pl.col("in_publication_lag") & pl.col("signal").is_in(_BETTER_OR_LIKE),
            },
        ),
    )
)

SUITES: dict[str, tuple[Section, ...]] = {
    "indices.signals": (SIGNALS, UNDER_RATE),
    "published.township_index": (SIGNAL_FITS,),
}
