"""Rules on what is shown: a class as it is, quiet only where something reports it, and no figure where nothing does.

The steps of intensity and the range of deaths stand beside the classes, so their rules do too.
"""

import polars as pl

from expectations.rule import RowRule, Section, row_rule
from pipeline.declare.codes import UNREACHED, NoClass, Severity
from pipeline.declare.indices import INDICES

_NO_CLASS = ("not_in_conflict", "insufficient_data")
_WORDS = [str(word) for word in NoClass]
_CALM = [str(word) for word in (NoClass.REPORTED_QUIET, NoClass.SILENT)]
_HOSTS = (pl.col("idps_persons") > 0).fill_null(False) | pl.col("idps_suppressed")
_COUNT, _STEP = pl.col("clashes_count"), pl.col("security_step")

TOWNSHIP_INDEX = Section(
    (
        RowRule(
            "shown_is_the_class",
            "Where an index has a class it is shown, and nothing else is shown as one; a figure of 1 to 9 as withheld.",
            lambda _: {
                spec.column: pl.when(pl.col(spec.column).is_in(_NO_CLASS))
                .then(~pl.col(f"{spec.name}_shown").is_in(_WORDS))
                .otherwise(
                    (pl.col(f"{spec.name}_shown") != pl.col(spec.column))
                    & ~(pl.col("idps_suppressed") & (pl.col(f"{spec.name}_shown") == NoClass.WITHHELD))
                )
                for spec in INDICES
            },
        ),
        RowRule(
            "displaced_are_never_calm",
            "No township with displaced people is shown as quiet or as silent by any index.",
            lambda _: {spec.column: _HOSTS & pl.col(f"{spec.name}_shown").is_in(_CALM) for spec in INDICES},
        ),
        RowRule(
            "no_figure_without_evidence",
            "Where nothing says that a count of none means quiet there is no score and no probability.",
            lambda _: {
                name: pl.col("security_shown").is_in(list(UNREACHED)) & pl.col(name).is_not_null()
                for name in ("security_score", "security_high_probability")
            },
        ),
        row_rule(
            "silence_is_no_signal",
            "A township of which nobody reports has no signal of calm, unless it fought in the year before the coup.",
            lambda _: (
                (pl.col("security_shown") == NoClass.SILENT)
                & (pl.col("signal") == "none")
                & (pl.col("clashes_12m_count") == 0)
            ),
        ),
        RowRule(
            "step_follows_count",
            "The step is 0 exactly without a clash, missing exactly without a count, and no lower for more clashes.",
            lambda _: {
                "none": (_STEP == 0) != (_COUNT == 0),
                "missing": _STEP.is_null() != _COUNT.is_null(),
                # Ties by step, so that what is found does not depend on the order of rows of one count.
                "order": _STEP.cum_max().over("method", "month", order_by=("clashes_count", "security_step")) > _STEP,
            },
        ),
        row_rule(
            "deaths_in_order",
            "The lowest estimate of deaths is at most the best and the best at most the highest.",
            lambda _: (
                (pl.col("fatalities_low_persons") > pl.col("fatalities_persons"))
                | (pl.col("fatalities_persons") > pl.col("fatalities_high_persons"))
            ),
            Severity.WARNING,
        ),
    )
)

SUITES: dict[str, tuple[Section, ...]] = {"published.township_index": (TOWNSHIP_INDEX,)}
