"""National and regional summaries of the township index."""

import polars as pl

from pipeline.declare.codes import Measure, SecurityClass, ServicesCertainty, ServicesClass
from pipeline.declare.indices import INDICES
from pipeline.declare.methods import SERVICES_TURNING_STEP, Method
from pipeline.indices.frames import SHARE_DECIMALS, conform
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.security import unallocated_in_window
from pipeline.indices.uncertainty import count_intervals, share, total, weights

CLASS_COUNTS = {
    **{name: (spec.column, code) for spec in INDICES for name, code in spec.counted.items()},
    "services_severe_low": ("services_class_best", ServicesClass.SEVERE),
    "services_severe_high": ("services_class_worst", ServicesClass.SEVERE),
}


def _summary(index: pl.DataFrame, townships: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """One row per `keys`, of townships and months of any method.

    Class counts are of townships in conflict, so each index adds up to in_conflict_count; a township of
    unknown conflict state is in none of them. Sums and shares are null where every township is unknown and
    otherwise count the known ones: floors. `idps_persons` adds the figures of all townships that have one,
    on whichever basis and as disclosed; `idps_reporting_count` says how many report.
    """
    inside = pl.col("in_conflict").fill_null(False)
    covered = pl.col("in_conflict").is_not_null().any()
    high = pl.col("security_class") == SecurityClass.HIGH.value
    severe = pl.col("services_class") == ServicesClass.SEVERE.value
    frame = index.join(weights(townships).drop("state_region"), on="adm3_pcode", how="left", validate="m:1")

    def known_sum(column: str) -> pl.Expr:
        return pl.when(pl.col(column).count() > 0).then(pl.col(column).sum()).alias(column)

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
        known_sum("clashes_count"),
        known_sum("idps_persons"),
        (pl.col("idps_persons").is_not_null() | pl.col("idps_suppressed")).sum().alias("idps_reporting_count"),
        pl.col("provisional").any(),
        *(lost(measure).alias(f"control_lost_{measure.value}_share") for measure in Measure),
    )
    return counted.join(count_intervals(index, keys), on=keys, how="left", validate="1:1")


def region_summary(index: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    """published.region_summary: one row per method, month and state or region."""
    return conform(_summary(index, townships, ["method", "month", "state_region"]), "published.region_summary")


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
    index: pl.DataFrame, townships: pl.DataFrame, unallocated: pl.DataFrame, method: Method, source_key: str
) -> pl.DataFrame:
    """published.national_summary of one method: one row per month.

    `clashes_unallocated_count` adds the events of the counted classes that the source locates only to a
    district, a region or the country, from period_start to period_end. It is null without a clash source, and so
    is `clash_source`, the one source whose events are counted.
    """
    frame = _summary(index.filter(pl.col("method") == method.name), townships, ["method", "month"])
    windows = frame.select("month", "period_start", "period_end")
    loose = unallocated_in_window(windows, unallocated, method, source_key)
    return conform(
        frame.join(loose, on="month", validate="1:1").with_columns(
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


@makes(
    "published.region_summary",
    reads=("published.township_index", "records.townships"),
    checked_against=("published.township_index",),
)
def region_summary_table(run: RunContext, index: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    return region_summary(index, townships)


@makes(
    "published.national_summary",
    reads=("published.township_index", "records.townships", "records.unallocated_events"),
    checked_against=("published.township_index", "published.region_summary"),
)
def national_summary_table(
    run: RunContext, index: pl.DataFrame, townships: pl.DataFrame, coarse: pl.DataFrame
) -> pl.DataFrame:
    return run.each(
        lambda method: national_summary(
            index.filter(pl.col("method") == method.name), townships, coarse, method, run.clash_source
        )
    )
