"""National and regional summaries of the township index."""

import polars as pl

from pipeline.declare.codes import Measure, SecurityClass, ServicesCertainty, ServicesClass, Signal
from pipeline.declare.indices import INDICES
from pipeline.declare.methods import SERVICES_TURNING_STEP, Method
from pipeline.indices.frames import GRAIN, SHARE_DECIMALS, conform
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.security import candidates, unallocated_in_window
from pipeline.indices.uncertainty import chao_lower_bound, count_intervals, share, total, weights

ESTIMATE_DECIMALS = 1
CLASS_COUNTS = {
    **{name: (spec.column, code) for spec in INDICES for name, code in spec.counted.items()},
    "services_severe_low": ("services_class_best", ServicesClass.SEVERE),
    "services_severe_high": ("services_class_worst", ServicesClass.SEVERE),
}


_SUMS = (
    "clashes_count", "clashes_month_count", "clashes_3m_count", "clashes_12m_count", "fatalities_persons",
    "idps_persons",
)  # fmt: skip
_ENDS = ("fatalities_low_persons", "fatalities_high_persons")
_STEPS = range(5)


def _summary(
    index: pl.DataFrame, townships: pl.DataFrame, keys: list[str], security: pl.DataFrame, expected: pl.DataFrame
) -> pl.DataFrame:
    """One row per `keys`, of townships and months of any method.

    `security` (indices.security) holds P(high) of every known count, for the interval of the number of high: in the
    index it is left out where nothing but silence stands behind it. `expected` (indices.signals) holds the chance of
    a false alert.

    Class counts are of townships in conflict, so each index adds up to in_conflict_count; a township of
    unknown conflict state is in none of them. Sums and shares are null where every township is unknown and
    otherwise count the known ones: floors. The lowest and highest estimates of deaths are null where a township with
    clashes has none: a sum of the others would end below the deaths that are counted.
    `idps_persons` adds the figures of all townships that have one,
    on whichever basis and as disclosed; `idps_reporting_count` says how many report.
    """
    inside = pl.col("in_conflict").fill_null(False)
    covered = pl.col("in_conflict").is_not_null().any()
    high = pl.col("security_class") == SecurityClass.HIGH.value
    severe = pl.col("services_class") == ServicesClass.SEVERE.value
    frame = index.join(weights(townships).drop("state_region"), on="adm3_pcode", how="left", validate="m:1").join(
        expected.select(*GRAIN, "alert_false_probability"), on=GRAIN, how="left", validate="1:1"
    )
    chance = pl.col("alert_false_probability")

    def known_sum(column: str) -> pl.Expr:
        return pl.when(pl.col(column).count() > 0).then(pl.col(column).sum()).alias(column)

    def known_end(column: str) -> pl.Expr:
        lacking = ((pl.col("clashes_count") > 0) & pl.col(column).is_null()).any()
        return pl.when(~lacking).then(known_sum(column)).alias(column)

    def lost(measure: Measure) -> pl.Expr:
        part = pl.col(measure.value).filter(high).sum()
        return pl.when(covered).then(share(part, total(measure.value)))

    counted = frame.group_by(keys).agg(
        pl.col("period_start").min(),
        pl.col("period_end").max(),
        pl.len().alias("townships_count"),
        inside.sum().alias("in_conflict_count"),
        pl.when(covered).then((inside.sum() / pl.len()).round(SHARE_DECIMALS)).alias("in_conflict_share"),
        *((inside & (pl.col(column) == code.value)).sum().alias(name) for name, (column, code) in CLASS_COUNTS.items()),
        *(
            (inside & severe & (pl.col("services_certainty") == kind.value))
            .sum()
            .alias(f"services_severe_{kind}_count")
            for kind in ServicesCertainty
        ),
        pl.col("reporting_share").mean().round(SHARE_DECIMALS),
        *((pl.col("evidence_grade") == grade).sum().alias(f"evidence_{grade.lower()}_count") for grade in "ABCD"),
        *(known_sum(column) for column in _SUMS),
        *(known_end(column) for column in _ENDS),
        *((pl.col("security_step") == step).sum().alias(f"security_step_{step}_count") for step in _STEPS),
        *((pl.col("signal") == code.value).sum().alias(f"signal_{code}_count") for code in Signal),
        # Sorted, so that the sum's last digit does not depend on the order of rows.
        pl.when(chance.count() > 0).then(chance.sort().sum().round(SHARE_DECIMALS)).alias("alerts_false_expected"),
        (pl.col("idps_persons").is_not_null() | pl.col("idps_suppressed")).sum().alias("idps_reporting_count"),
        pl.col("provisional", "in_publication_lag").any(),
        *(lost(measure).alias(f"control_lost_{measure.value}_share") for measure in Measure),
    )
    chances = index.drop("security_high_probability").join(
        security.select(*GRAIN, "security_high_probability"), on=GRAIN, how="left", validate="1:1"
    )
    return counted.join(count_intervals(chances, keys), on=keys, how="left", validate="1:1")


def _possible(
    frame: pl.DataFrame,
    townships: pl.DataFrame,
    unallocated: pl.DataFrame,
    method: Method,
    source_key: str,
    places: list[str],
) -> pl.DataFrame:
    """The summary with clashes_possible_count: events with a candidate township in the place, each counted once."""
    named = townships.select("adm3_pcode", *places)
    events = (
        candidates(unallocated, method, source_key)
        .join(named, on="adm3_pcode", how="inner", validate="m:1")
        .select("event", "event_date", "events_count", *places)
        .unique()
    )
    windows = frame.select("month", "period_start", "period_end").unique()
    inside = (
        windows.join_where(
            events, pl.col("event_date") <= pl.col("period_end"), pl.col("event_date") >= pl.col("period_start")
        )
        .group_by("month", *places)
        .agg(pl.col("events_count").sum().alias("clashes_possible_count"))
    )
    count = pl.col("clashes_possible_count").fill_null(0) if source_key else pl.lit(None, pl.Int64)
    return frame.join(inside, on=["month", *places], how="left", validate="m:1").with_columns(
        count.alias("clashes_possible_count")
    )


def region_summary(
    index: pl.DataFrame,
    townships: pl.DataFrame,
    unallocated: pl.DataFrame,
    method: Method,
    source_key: str,
    security: pl.DataFrame,
    signals: pl.DataFrame,
) -> pl.DataFrame:
    """published.region_summary of one method: one row per month and state or region."""
    own = index.filter(pl.col("method") == method.name)
    frame = _summary(own, townships, ["method", "month", "state_region"], security, signals)
    return conform(
        _possible(frame, townships, unallocated, method, source_key, ["state_region"]), "published.region_summary"
    )


def turning(severe: pl.Expr, lower: pl.Expr, silent: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """The share of severe among classed townships, the share at which the silent ones move it, and their ratio.

    See the formula "How much worse the silent townships would have to be". Null where nothing is classed, nothing is
    silent, or even all of the silent ones severe would not move the country's share by SERVICES_TURNING_STEP.
    """
    step = SERVICES_TURNING_STEP.value
    known = pl.when(severe + lower > 0).then(severe / (severe + lower))
    needed = pl.when(silent > 0).then(known + step * (severe + lower + silent) / silent)
    share = pl.when(needed <= 1).then(needed)
    ratio = pl.when(known > 0).then(share / known)
    return known.round(SHARE_DECIMALS), share.round(SHARE_DECIMALS), ratio.round(SHARE_DECIMALS)


def national_summary(
    index: pl.DataFrame,
    townships: pl.DataFrame,
    unallocated: pl.DataFrame,
    method: Method,
    source_key: str,
    security: pl.DataFrame,
    signals: pl.DataFrame,
) -> pl.DataFrame:
    """published.national_summary of one method: one row per month.

    `clashes_unallocated_count` adds the events of the counted classes that the source locates only to a
    district, a region or the country, from period_start to period_end. It is null without a clash source, and so
    is `clash_source`, the one source whose events are counted.
    """
    own = index.filter(pl.col("method") == method.name)
    frame = _summary(own, townships, ["method", "month"], security, signals)
    frame = _possible(frame, townships, unallocated, method, source_key, [])
    windows = frame.select("month", "period_start", "period_end")
    loose = unallocated_in_window(windows, unallocated, method, source_key)
    bounds = _unseen(own)
    return conform(
        frame.join(loose, on="month", validate="1:1")
        .join(bounds, on="month", validate="1:1")
        .with_columns(
            pl.lit(source_key or None, pl.String).alias("clash_source"),
            *(
                column.alias(f"services_severe_{name}")
                for column, name in zip(
                    turning(
                        *(
                            pl.col(f"services_{state}_count").cast(pl.Float64)
                            for state in ("severe", "lower", "insufficient")
                        )
                    ),
                    ("known_share", "turning_share", "turning_ratio"),
                    strict=True,
                )
            ),
        ),
        "published.national_summary",
    )


def _unseen(index: pl.DataFrame) -> pl.DataFrame:
    """month with in_conflict_estimate, its low and its high end: Chao's bound of the month's counts in the window."""
    lines = []
    for (month,), rows in index.partition_by("month", as_dict=True).items():
        found = chao_lower_bound(rows["clashes_count"].cast(pl.Float64).fill_null(float("nan")).to_numpy())
        ends = (found.estimate, found.low, found.high) if found else (None,) * 3
        lines.append((month, *(None if end is None else round(end, ESTIMATE_DECIMALS) for end in ends)))
    names = ("in_conflict_estimate", "in_conflict_estimate_low", "in_conflict_estimate_high")
    return pl.DataFrame(lines, schema={"month": pl.Date, **dict.fromkeys(names, pl.Float64)}, orient="row")


_READS = (
    "published.township_index",
    "records.townships",
    "records.unallocated_events",
    "indices.security",
    "indices.signals",
)


@makes("published.region_summary", reads=_READS, checked_against=("published.township_index", "indices.security"))
def region_summary_table(run: RunContext, index: pl.DataFrame, *tables: pl.DataFrame) -> pl.DataFrame:
    townships, coarse, security, signals = tables
    return run.each(
        lambda method: region_summary(index, townships, coarse, method, run.clash_source, security, signals)
    )


@makes(
    "published.national_summary",
    reads=_READS,
    checked_against=("published.township_index", "published.region_summary", "indices.security"),
)
def national_summary_table(run: RunContext, index: pl.DataFrame, *tables: pl.DataFrame) -> pl.DataFrame:
    townships, coarse, security, signals = tables
    return run.each(
        lambda method: national_summary(index, townships, coarse, method, run.clash_source, security, signals)
    )


MADE = (region_summary_table, national_summary_table)
