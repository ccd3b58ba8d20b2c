"""The newest record in force: which of a township's records stands for a given day.

Not here: which records are current versions of each other (records), and what a record is worth.
"""

import polars as pl

from pipeline.codes import PlacedBy


def by_receipt(records: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Records with `received_at` of their delivery; one whose delivery is not listed counts as oldest."""
    received = deliveries.select("delivery_id", "received_at")
    return records.join(received, on="delivery_id", how="left", validate="m:1")


def one_per_day(records: pl.DataFrame, deliveries: pl.DataFrame, day: str) -> pl.DataFrame:
    """One record per township and `day`: newest delivery, then the township's own row, then the later line.

    Answers of a retired code that reach the township through the crosswalk cannot be added up as people
    can, so the township's own answer in the same delivery goes before them.
    """
    own = pl.col("placed_by") != PlacedBy.CROSSWALK.value
    return (
        by_receipt(records, deliveries)
        .with_columns(own.alias("own_row"))
        .sort("adm3_pcode", day, "received_at", "delivery_id", "own_row", "row_number", nulls_last=False)
        .unique(["adm3_pcode", day], keep="last", maintain_order=True)
        .drop("received_at", "own_row")
    )


def newest_in_force(
    rows: pl.DataFrame, records: pl.DataFrame, day: str, stale_days: float, keep: list[str]
) -> pl.DataFrame:
    """`rows` with `day` and the columns `keep` of the newest record at most `stale_days` old, else nulls.

    `rows` need adm3_pcode and period_end; `records` one row per township and `day`. A record dated after
    the row's period_end is not yet known to have held and is never used.
    """
    joined = rows.sort("period_end", "adm3_pcode").join_asof(
        records.select("adm3_pcode", day, *keep).sort(day, "adm3_pcode"),
        left_on="period_end",
        right_on=day,
        by="adm3_pcode",
        strategy="backward",
        coalesce=False,
        check_sortedness=False,  # it cannot be checked within groups; both sides were sorted above
    )
    fresh = (pl.col("period_end") - pl.col(day)).dt.total_days() <= stale_days
    return joined.with_columns(pl.when(fresh).then(pl.col(name)).alias(name) for name in (*keep, day))
