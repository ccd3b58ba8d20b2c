"""How each past month moved between editions: what was known of it then, and the change to the edition before.

Not here: which days are editions and what was current in them (pipeline.storage.history, pipeline.records.editions).
Displacement is left out: its reports replace each other by their own reference dates, not by receipt.
"""

from datetime import date, timedelta

import polars as pl

from pipeline.declare.codes import Absence, SecurityClass
from pipeline.declare.frames import empty
from pipeline.declare.methods import Method
from pipeline.indices.frames import SHARE_DECIMALS, conform
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.security import classes, counted

_SHOWN = ["edition_date", "month", "adm3_pcode", "in_conflict", "clashes_month_count", "security_class"]
_MOVED = {
    "clashes_month_change": "clashes_month_count",
    "in_conflict_change": "in_conflict_count",
    "security_high_change": "security_high_count",
}


def revisions(
    tallies: pl.DataFrame,
    editions: pl.DataFrame,
    security: pl.DataFrame,
    townships: pl.DataFrame,
    method: Method,
    source_key: str,
    last_day: date,
) -> pl.DataFrame:
    """published.revisions of one method: one row per edition and month that was over and reported on by then.

    `tallies` is records.earlier_editions; `editions` has edition_date, absence_means, covered_until (null where no
    sidecar states it) and, where any, the uncovered townships, the newest last, whose classes stand in `security`
    (indices.security) already. A month stands in an edition only if it had ended by its day, by the last month it
    holds an event of (or covered_until), and by the `last_day` of this release: an unfinished month would read as a
    fall.
    """
    stated = editions.sort("edition_date").to_dicts()
    if not stated:
        return empty("published.revisions")
    newest = stated[-1]["edition_date"]
    parts = [
        classes(
            _monthly(own, method),
            townships,
            method,
            end,
            source_key,
            Absence(edition["absence_means"]),
            edition.get("uncovered") or (),
        )
        .with_columns(pl.lit(edition["edition_date"]).alias("edition_date"))
        .select(_SHOWN)
        for edition in stated[:-1]
        for own in [tallies.filter(pl.col("edition_date") == edition["edition_date"])]
        for end in [_last_whole_month(min(edition["edition_date"], _covered(own, edition["covered_until"]), last_day))]
        if end >= method.window_start
    ]
    final = security.filter(
        pl.col("method") == method.name,
        pl.col("month").dt.month_end() <= pl.lit(min(newest, last_day)),
    )
    parts.append(final.with_columns(pl.lit(newest).alias("edition_date")).select(_SHOWN))
    return conform(_moved(pl.concat(parts), newest).with_columns(method=pl.lit(method.name)), "published.revisions")


def _monthly(own: pl.DataFrame, method: Method) -> pl.DataFrame:
    """Clashes of one edition per township and month: the classes and precision that the method counts."""
    return counted(own, method).group_by("adm3_pcode", "month").agg(pl.col("events_count").sum().alias("clashes"))


def _covered(own: pl.DataFrame, stated: date | None) -> date:
    """The end of the last month the edition holds an event of, or the later day that a sidecar states."""
    last = own["month"].dt.month_end().max()
    return max(day for day in (last, stated, date.min) if isinstance(day, date))


def _last_whole_month(day: date) -> date:
    """The last day of the last month that had ended by a day."""
    if day == date.min:
        return day
    tomorrow = day + timedelta(days=1)
    return tomorrow.replace(day=1) - timedelta(days=1)


def _moved(townships: pl.DataFrame, newest: date) -> pl.DataFrame:
    """Counts per edition and month with their changes; null for the first edition that has the month."""
    before = pl.col("security_class").shift(1).over("month", "adm3_pcode", order_by="edition_date")
    clashes = pl.col("clashes_month_count")
    counts = (
        townships.with_columns((pl.col("security_class") != before).alias("_reclassified"))
        .group_by("edition_date", "month")
        .agg(
            pl.when(clashes.count() > 0).then(clashes.sum()).alias("clashes_month_count"),
            pl.col("in_conflict").fill_null(False).sum().cast(pl.Int64).alias("in_conflict_count"),
            (pl.col("security_class") == SecurityClass.HIGH.value).sum().cast(pl.Int64).alias("security_high_count"),
            pl.when(pl.col("_reclassified").count() > 0)
            .then(pl.col("_reclassified").sum().cast(pl.Int64))
            .alias("townships_reclassified_count"),
        )
        .sort("month", "edition_date")
    )
    final = counts.filter(pl.col("edition_date") == newest).select(
        "month", pl.col("clashes_month_count").alias("_final")
    )
    known = (pl.col("clashes_month_count") / pl.col("_final")).clip(upper_bound=1.0).round(SHARE_DECIMALS)
    return (
        counts.with_columns(
            (pl.col(count) - pl.col(count).shift(1).over("month", order_by="edition_date")).alias(change)
            for change, count in _MOVED.items()
        )
        .join(final, on="month", how="left", validate="m:1")
        .with_columns(pl.when(pl.col("_final") > 0).then(known).alias("clashes_known_share"))
    )


@makes(
    "published.revisions",
    reads=("records.earlier_editions", "indices.security", "records.townships"),
    checked_against=("published.township_index",),
)
def revisions_table(
    run: RunContext, earlier: pl.DataFrame, security: pl.DataFrame, townships: pl.DataFrame
) -> pl.DataFrame:
    return run.each(
        lambda method: revisions(earlier, run.editions, security, townships, method, run.clash_source, run.last_day)
    )


MADE = (revisions_table,)
