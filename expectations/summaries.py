"""Rules on the national and regional summaries: the classes add up, and three tables say the same.

Each summary is held against sums over township_index, and the national one against the regions too.
"""

import polars as pl

from expectations.rule import REGIONS_COUNT, TOWNSHIPS_COUNT, Facts, Prepare, RowRule, Rule, Section, related, row_rule
from pipeline.declare.codes import Signal
from pipeline.declare.indices import INDICES
from pipeline.declare.methods import INTERVAL_SHARE

TAIL = (1 - INTERVAL_SHARE.value) / 2
ROUNDING = 1e-6  # shares are published with six decimals
MONTH = ("method", "month")
UNKNOWN = "insufficient_data"
CLASS_COUNTS = {
    name: (spec.column, str(code)) for spec in INDICES for name, code in spec.counted.items() if code != UNKNOWN
}
BOUND_COUNTS = {
    "services_severe_low": ("services_class_best", "severe"),
    "services_severe_high": ("services_class_worst", "severe"),
}
INSUFFICIENT = {name: spec.column for spec in INDICES for name, code in spec.counted.items() if code == UNKNOWN}
STEP_COUNTS = {f"security_step_{step}_count": step for step in range(5)}
SIGNAL_COUNTS = {f"signal_{code}_count": str(code) for code in Signal}
SUMS = (
    "clashes_count", "clashes_month_count", "clashes_3m_count", "clashes_12m_count", "fatalities_persons",
    "idps_persons",
)  # fmt: skip
ENDS = ("fatalities_low_persons", "fatalities_high_persons")
EVIDENCE_COUNTS = {f"evidence_{grade.lower()}_count": grade for grade in "ABCD"}
COUNTS = (
    *CLASS_COUNTS,
    *INSUFFICIENT,
    *BOUND_COUNTS,
    "townships_count",
    "in_conflict_count",
    *SUMS,
    *ENDS,
    "idps_reporting_count",
    *EVIDENCE_COUNTS,
    *STEP_COUNTS,
    *SIGNAL_COUNTS,
)
EXPECTED = "security_high_expected"
EXPECTED_TOLERANCE = 1e-6  # sums of floats in another order


_CERTAIN, _LIKELY = "services_severe_certain_count", "services_severe_likely_count"

ADDS_UP: tuple[Rule, ...] = (
    RowRule(
        "severe_is_certain_or_likely",
        "Every severe township is certain or likely, and the certain ones are those that are severe at best.",
        lambda _: {
            "sum": pl.col(_CERTAIN) + pl.col(_LIKELY) != pl.col("services_severe_count"),
            "certain": pl.col(_CERTAIN) != pl.col("services_severe_low"),
        },
    ),
    RowRule(
        "intervals_in_order",
        "An interval runs from its low to its high, within the townships of the scope, and holds the count of severe.",
        lambda _: {
            "security": (pl.col("security_high_low") > pl.col("security_high_high"))
            | (pl.col("security_high_high") > pl.col("townships_count")),
            "services": (pl.col("services_severe_low") > pl.col("services_severe_count"))
            | (pl.col("services_severe_count") > pl.col("services_severe_high"))
            | (pl.col("services_severe_high") > pl.col("in_conflict_count")),
        },
    ),
    row_rule(
        "expected_count_in_interval",
        "The expected number of high lies in its interval, or outside it by no more than what the interval leaves out.",
        lambda _: (
            (pl.col(EXPECTED) < (1 - TAIL) * pl.col("security_high_low") - EXPECTED_TOLERANCE)
            | (
                pl.col(EXPECTED)
                > (1 - TAIL) * pl.col("security_high_high") + TAIL * pl.col("townships_count") + EXPECTED_TOLERANCE
            )
        ),
    ),
    RowRule(
        "classes_add_up",
        "Within each index the classes add up to the townships in conflict.",
        lambda _: {str(spec.name): pl.sum_horizontal(*spec.counted) != pl.col("in_conflict_count") for spec in INDICES},
    ),
    row_rule(
        "conflict_within_townships",
        "No more townships are in conflict than there are.",
        lambda _: pl.col("in_conflict_count") > pl.col("townships_count"),
    ),
    row_rule(
        "reporting_within_townships",
        "No more townships report than there are.",
        lambda _: pl.col("idps_reporting_count") > pl.col("townships_count"),
    ),
    row_rule(
        "deaths_within_range",
        "The lowest estimate of deaths is at most the best and the best at most the highest.",
        lambda _: (
            (pl.col("fatalities_low_persons") > pl.col("fatalities_persons"))
            | (pl.col("fatalities_persons") > pl.col("fatalities_high_persons"))
        ),
    ),
    row_rule(
        "grades_add_up",
        "Every township has one evidence grade.",
        lambda _: pl.sum_horizontal(*EVIDENCE_COUNTS) != pl.col("townships_count"),
    ),
    row_rule(
        "signals_add_up",
        "Every township has one signal, and at most one step.",
        lambda _: (
            (pl.sum_horizontal(*SIGNAL_COUNTS) != pl.col("townships_count"))
            | (pl.sum_horizontal(*STEP_COUNTS) > pl.col("townships_count"))
        ),
    ),
    RowRule(
        "shares_follow",
        "A share of townships is its count over the townships of the scope.",
        lambda _: {
            share: (pl.col(share) - pl.col(count) / pl.col("townships_count")).abs() > ROUNDING
            for share, count in (
                ("in_conflict_share", "in_conflict_count"),
                ("control_lost_townships_share", "security_high_count"),
            )
        },
    ),
)


def _known_sum(column: str) -> pl.Expr:
    return pl.when(pl.col(column).count() > 0).then(pl.col(column).sum()).alias(column)


def _known_end(column: str) -> pl.Expr:
    """The sum of an end of a range, blank where clashes are counted that have none."""
    lacking = ((pl.col("clashes_count") > 0) & pl.col(column).is_null()).any()
    return pl.when(~lacking).then(_known_sum(column)).alias(column)


def margins(index: pl.DataFrame, groups: tuple[str, ...], security: pl.DataFrame | None = None) -> pl.DataFrame:
    """The summary's counts, counted again from township_index. Sums of nothing but blanks stay blank.

    `security` (indices.security) holds the probabilities that the index leaves out where only silence is behind them.
    """
    if security is not None:
        keys, chance = ["method", "month", "adm3_pcode"], "security_high_probability"
        index = index.drop(chance).join(security.select(*keys, chance), on=keys, how="left", validate="1:1")
    inside = pl.col("in_conflict").fill_null(False)
    sums = [*(_known_sum(c) for c in SUMS), *(_known_end(c) for c in ENDS)]
    return index.group_by(groups).agg(
        pl.len().alias("townships_count"),
        inside.sum().alias("in_conflict_count"),
        *(
            (pl.col(column) == value).sum().alias(name)
            for name, (column, value) in (CLASS_COUNTS | BOUND_COUNTS).items()
        ),
        *(((pl.col(column) == UNKNOWN) & inside).sum().alias(name) for name, column in INSUFFICIENT.items()),
        *((pl.col("evidence_grade") == grade).sum().alias(name) for name, grade in EVIDENCE_COUNTS.items()),
        *((pl.col("security_step") == step).sum().alias(name) for name, step in STEP_COUNTS.items()),
        *((pl.col("signal") == code).sum().alias(name) for name, code in SIGNAL_COUNTS.items()),
        *sums,
        (pl.col("idps_persons").is_not_null() | pl.col("idps_suppressed")).sum().alias("idps_reporting_count"),
        _known_sum("security_high_probability").alias(EXPECTED),
    )


def _beside_townships(*groups: str) -> Prepare:
    def prepare(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
        found = related(facts, "published.township_index")
        if found is None:
            return None
        security = related(facts, "indices.security")
        return beside(frame, margins(found[0], groups, security[0] if security else None), groups)

    return prepare


def beside_regions(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """The national counts beside the sums of the regions; a sum of nothing but blanks stays blank."""
    found = related(facts, "published.region_summary")
    if found is None:
        return None
    sums = [_known_end(c) if c in ENDS else _known_sum(c) for c in (*COUNTS, EXPECTED)]
    return beside(frame, found[0].group_by(MONTH).agg(sums), MONTH)


def beside(frame: pl.DataFrame, other: pl.DataFrame, groups: tuple[str, ...]) -> pl.DataFrame:
    """Both tables' counts by group; a group that only one of them has stands with blanks."""
    left, right = frame.select(*groups, *COUNTS, EXPECTED), other.select(*groups, *COUNTS, EXPECTED)
    return left.join(right, on=groups, how="full", coalesce=True, suffix="_there", validate="1:1").sort(groups)


def _same_counts(name: str, why: str) -> RowRule:
    here, there = pl.col(EXPECTED), pl.col(f"{EXPECTED}_there")
    expected = (here.is_null() != there.is_null()) | ((here - there).abs() > EXPECTED_TOLERANCE).fill_null(False)
    return RowRule(
        name, why, lambda _: {EXPECTED: expected, **{c: ~pl.col(c).eq_missing(pl.col(f"{c}_there")) for c in COUNTS}}
    )


NATIONAL: tuple[Rule, ...] = (
    *ADDS_UP,
    row_rule(
        "estimate_not_below_conflict",
        "No fewer townships are estimated to be in conflict than are, between the ends and within all there are.",
        lambda _: (
            (pl.col("in_conflict_count") > pl.col("in_conflict_estimate_low"))
            | ~pl.col("in_conflict_estimate").is_between("in_conflict_estimate_low", "in_conflict_estimate_high")
            | (pl.col("in_conflict_estimate_high") > pl.col("townships_count"))
        ),
    ),
    row_rule(
        "townships_all",
        "The national row stands for all 330 townships.",
        lambda _: pl.col("townships_count") != TOWNSHIPS_COUNT,
    ),
    RowRule(
        "turning_share_follows",
        "The silent townships would have to be worse off than the known ones, by the ratio, to move the share.",
        lambda _: {
            "worse": pl.col("services_severe_turning_share") <= pl.col("services_severe_known_share"),
            "ratio": (
                pl.col("services_severe_turning_ratio") * pl.col("services_severe_known_share")
                - pl.col("services_severe_turning_share")
            ).abs()
            > 1e-4,
            "silent": pl.col("services_severe_turning_share").is_not_null()
            & (pl.col("services_insufficient_count") == 0),
        },
    ),
    RowRule(
        "clash_source_named",
        "Clashes are those of one source, the same in every row, and it is named.",
        lambda _: {
            "unnamed": pl.col("clash_source").is_null() & pl.col("clashes_count").is_not_null(),
            "several": pl.col("clash_source").n_unique() > 1,
        },
    ),
)
REGION_TOWNSHIPS = RowRule(
    "regions_complete",
    "Every method and month has the 15 states and regions, together 330 townships.",
    lambda _: {
        "state_region": pl.col("state_region").n_unique().over(MONTH) != REGIONS_COUNT,
        "townships_count": pl.col("townships_count").sum().over(MONTH) != TOWNSHIPS_COUNT,
    },
    shown=MONTH,
)
AGREES_WITH_TOWNSHIPS = _same_counts(
    "agrees_with_townships", "The summary is what the township table adds up to: readers will add it up."
)

SUITES: dict[str, tuple[Section, ...]] = {
    "published.national_summary": (
        Section(NATIONAL),
        Section((AGREES_WITH_TOWNSHIPS,), _beside_townships(*MONTH)),
        Section(
            (_same_counts("agrees_with_regions", "The national figures are the sum of the regions' figures."),),
            beside_regions,
        ),
    ),
    "published.region_summary": (
        Section((*ADDS_UP, REGION_TOWNSHIPS)),
        Section((AGREES_WITH_TOWNSHIPS,), _beside_townships(*MONTH, "state_region")),
    ),
}
