"""Days of a tally that a later tally of the same source counts again: the later one alone stands for them.

The cells of a tally have no versions: an event that was moved to another township leaves its old cell without a row, so
the later tally replaces all days from its first to its last, and not only the cells that it holds.
"""

import polars as pl

from pipeline.declare.codes import Reason
from pipeline.records.triage import Triage, no_rows, set_aside_rows

COUNTED_BY_DAY = "tallies"  # the family of the sources whose rows are cells of a tally


def is_counted_by_day() -> pl.Expr:
    return pl.col("source_key").str.starts_with(COUNTED_BY_DAY)


def without_replaced(frame: pl.DataFrame) -> Triage:
    """The rows but those of a day that a later tally of their source spans.

    Tallies are in the order of the days that they stand for, where all of a source state one, else of their receipts.
    """
    own = frame.filter(is_counted_by_day())
    if own["delivery_id"].n_unique() < 2:
        return Triage(frame, no_rows())
    spans = own.group_by("source_key", "delivery_id").agg(
        pl.col("_reference_date", "received").first(),
        pl.col("event_date").min().alias("_first"),
        pl.col("event_date").max().alias("_last"),
    )
    dated = pl.col("_reference_date").is_not_null().all().over("source_key")
    ordered = spans.sort(
        "source_key", pl.when(dated).then("_reference_date"), "received", "delivery_id"
    ).with_row_index("_at")
    at = ordered.select("source_key", "delivery_id", pl.col("_at").alias("_own"))
    days = own.select("source_key", "delivery_id", "event_date").unique().join(at, on=["source_key", "delivery_id"])
    again = days.join_where(
        ordered.select(pl.col("source_key").alias("_key"), "_at", "_first", "_last"),
        pl.col("source_key") == pl.col("_key"),
        pl.col("_at") > pl.col("_own"),
        pl.col("event_date") >= pl.col("_first"),
        pl.col("event_date") <= pl.col("_last"),
    ).select("source_key", "delivery_id", "event_date").unique()  # fmt: skip
    key = ["source_key", "delivery_id", "event_date"]
    aside = frame.join(again, on=key, how="semi", maintain_order="left")
    kept = frame.join(again, on=key, how="anti", maintain_order="left")
    return Triage(kept, set_aside_rows(aside, Reason.SUPERSEDED, "event_date", pl.col("event_date").cast(pl.String)))
