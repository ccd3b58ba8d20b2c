"""Rules on the current intensity and its scorecard.

The model is not fitted again here: its figures are held against each other, and its coverage against what it promises.
"""

import polars as pl

from expectations.rule import TOWNSHIPS_COUNT, BandRule, RowRule, Section, row_rule, warn_if
from pipeline.declare.codes import Metric, Predictor
from pipeline.declare.intensity import HORIZONS

ROUNDING = 2e-6  # probabilities are published with six decimals
_FIGURES = (
    "interval_low", "interval_high", "any_probability", "four_or_more_probability", "rank", "rank_low", "rank_high",
)  # fmt: skip
_expected = pl.col("expected_clashes_next_3m")
_METRIC = ("month", "horizon_months", "metric")

CURRENT_INTENSITY = Section(
    (
        RowRule(
            "intensity_whole_or_blank",
            "A township and month has every figure of the current intensity or none.",
            lambda _: {name: pl.col(name).is_null() != _expected.is_null() for name in _FIGURES},
        ),
        RowRule(
            "intensity_in_order",
            "An interval runs from its low to its high end, and four or more is no likelier than any.",
            lambda _: {
                "interval": pl.col("interval_low") > pl.col("interval_high"),
                "rank": pl.col("rank_low") > pl.col("rank_high"),
                "four_or_more": pl.col("four_or_more_probability") > pl.col("any_probability") + ROUNDING,
                "beyond the last": pl.max_horizontal("rank", "rank_high") > _expected.count().over("month"),
            },
        ),
        row_rule(
            "intensity_rank_follows",
            "The rank is one more than the number of townships that are to expect more.",
            lambda _: ~pl.col("rank").eq_missing(_expected.rank("min", descending=True).over("month")),
        ),
        row_rule(
            "intensity_zero_in_interval",
            "Where none is likelier than not to come, the interval begins at none.",
            lambda _: (pl.col("any_probability") < 0.5) & (pl.col("interval_low") > 0),
        ),
        row_rule(
            "intensity_every_township",
            "Every township has a row in every month.",
            lambda _: pl.len().over("month") != TOWNSHIPS_COUNT,
        ),
    )
)
SCORECARD = Section(
    (
        RowRule(
            "scorecard_whole",
            "Every statement of a month stands beside all the others, over one number of townships.",
            lambda _: {
                "predictors": pl.col("predictor").n_unique().over(_METRIC) != len(Predictor),
                "townships": pl.col("townships_count").n_unique().over(_METRIC) != 1,
                "horizon": ~pl.col("horizon_months").is_in(list(HORIZONS)),
            },
        ),
        row_rule(
            "score_in_range",
            "Shares and areas lie between 0 and 1, and no log score is below zero.",
            lambda _: (pl.col("value") < 0) | ((pl.col("metric") != Metric.LOG_SCORE) & (pl.col("value") > 1)),
        ),
        warn_if(
            "national_mean_tells_none_apart",
            "One expectation for all townships cannot tell those with a clash from those without.",
            lambda _: (
                (pl.col("predictor") == Predictor.NATIONAL_MEAN)
                & pl.col("metric").is_in([Metric.AUC_ANY, Metric.AUC_FOUR])
                & (pl.col("value") != 0.5)
            ),
        ),
        BandRule(
            "coverage_near_its_promise",
            "Of the 90 % intervals of the current intensity at least eight in ten hold what came, over all months; "
            "fewer, and the fighting has left the paths of the year before.",
            "mean",
            lambda _: pl.when(
                (pl.col("predictor") == Predictor.CURRENT_INTENSITY) & (pl.col("metric") == Metric.COVERAGE)
            ).then(pl.col("value")),
            low=0.8,
        ),
    )
)

SUITES: dict[str, tuple[Section, ...]] = {
    "published.current_intensity": (CURRENT_INTENSITY,),
    "published.scorecard": (SCORECARD,),
}
