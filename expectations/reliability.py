"""Rules on counts that others made, on the reliability of P(high) and on detection by region.

Tables without rows hold no rule broken: without a second source there is nothing to compare.
"""

import polars as pl

from expectations.rule import RowRule, Section, future, row_rule, warn_if
from pipeline.declare.codes import NATIONAL, ProbabilityBin
from pipeline.declare.methods import RELIABILITY_EDGES

ROUNDING = 2e-6  # shares and means are rounded to six decimals
PAIR = ("clash_source", "second_source", "period_start", "period_end")
# With cuts matched, probabilities that are apart from what came by a tenth say little; 0.035 to 0.05 was seen.
ERROR_MOST = 0.1
WHOLE_TOWNSHIPS_LEAST = 100  # with fewer townships bins are apart by chance
# Counts are whole: where many townships have the same count no cut meets the expected number.
UNMATCHED_MOST = 0.05
_all = pl.col("probability_bin") == ProbabilityBin.ALL.value
_LOW = dict(zip(map(str, tuple(ProbabilityBin)[1:]), (0.0, *RELIABILITY_EDGES), strict=True))
_HIGH = dict(zip(map(str, tuple(ProbabilityBin)[1:]), (*RELIABILITY_EDGES, 1.0), strict=True))

RECORDS = Section(
    (
        row_rule(
            "window_in_order",
            "The last day of a window is not before its first.",
            lambda _: pl.col("period_end") < pl.col("period_start"),
        ),
        row_rule(
            "period_end_in_range",
            "A window ends between 1989 and the day the run knows of: days to come cannot be counted.",
            future("period_end"),
        ),
        warn_if(
            "records_agree",
            "Counts of one source for one township and window that contradict each other; the township is left out.",
            lambda _: pl.col("conflicting_records_count") > 0,
        ),
    )
)


def _bins(value: pl.Expr) -> pl.Expr:
    """Sum over the bins of a pair, beside each of its rows."""
    return value.filter(~_all).sum().over(PAIR)


_TOLD = pl.col("second_high_count") / pl.col("townships_count")
_EDGE = pl.col("probability_bin")
_TABLE = Section(
    (
        RowRule(
            "bins_add_up",
            "The bins hold every township compared, once.",
            lambda _: {
                name: _all & (_bins(pl.col(name)) != pl.col(name)) for name in ("townships_count", "second_high_count")
            },
        ),
        row_rule(
            "share_follows",
            "The share called high is the townships called high over all.",
            lambda _: (pl.col("second_high_share") - _TOLD).abs() > ROUNDING,
        ),
        row_rule(
            "mean_in_bin",
            "The mean of stated probabilities lies in their bin.",
            lambda _: (
                ~_all
                & ~pl.col("probability_mean").is_between(
                    _EDGE.replace_strict(_LOW, default=0.0, return_dtype=pl.Float64) - ROUNDING,
                    _EDGE.replace_strict(_HIGH, default=1.0, return_dtype=pl.Float64) + ROUNDING,
                )
            ),
        ),
        RowRule(
            "error_follows",
            "The error is the distance of both; of all the mean of the bins' errors, weighted by townships.",
            lambda _: {
                "bins": ~_all
                & ((pl.col("probability_mean") - _TOLD).abs() - pl.col("calibration_error")).abs().gt(ROUNDING),
                "all": _all
                & (
                    _bins(pl.col("calibration_error") * pl.col("townships_count")) / pl.col("townships_count")
                    - pl.col("calibration_error")
                )
                .abs()
                .gt(ROUNDING),
            },
        ),
        warn_if(
            "cut_is_matched",
            "No whole count gives the second source nearly as many high townships as the first states expected: the "
            "bins then differ for that reason too.",
            lambda _: _all & ((pl.col("probability_mean") - pl.col("second_high_share")).abs() > UNMATCHED_MOST),
        ),
        warn_if(
            "probabilities_come_true",
            "A second source calls other townships high than the probabilities say; read P(high) with care.",
            lambda _: (
                _all & (pl.col("townships_count") >= WHOLE_TOWNSHIPS_LEAST) & (pl.col("calibration_error") > ERROR_MOST)
            ),
        ),
    )
)
_national = pl.col("scope") == NATIONAL
_DETECTION = Section(
    (
        RowRule(
            "regions_add_up",
            "States and regions add up to the country.",
            lambda _: {
                name: _national & (pl.col(name).filter(~_national).sum().over(PAIR) != pl.col(name))
                for name in ("townships_count", "leading_clashes_count", "second_clashes_count")
            },
        ),
        RowRule(
            "ratio_follows",
            "The ratio is the clashes of the leading source over those of the second, where that holds any.",
            lambda _: {
                "ratio": (
                    pl.col("leading_clashes_count") / pl.col("second_clashes_count") - pl.col("detection_ratio")
                ).abs()
                > ROUNDING,
                "none": pl.col("detection_ratio").is_null() != (pl.col("second_clashes_count") == 0),
            },
        ),
    )
)

SUITES: dict[str, tuple[Section, ...]] = {
    "records.clash_counts": (RECORDS,),
    "published.reliability": (_TABLE,),
    "published.detection": (_DETECTION,),
}
