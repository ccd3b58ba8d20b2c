"""Clashes that the source locates to no township: how many lie in each window.

Not here: why an event is located no closer than a district (records), and clashes that have a township.
"""

import polars as pl

from pipeline.methods import Method


def unallocated_in_window(
    windows: pl.DataFrame, unallocated: pl.DataFrame, method: Method, source_key: str
) -> pl.DataFrame:
    """month and clashes_unallocated_count of every row of `windows` (month, period_start, period_end).

    The events of the counted classes that the leading source locates only to a district, a region or the country,
    by the day they began. Null without a clash source: then nothing is known, which is not zero.
    """
    events = unallocated.filter(
        pl.col("source_key") == source_key, pl.col("event_class").is_in(list(method.counted_classes))
    ).select("event_date", "events_count")
    inside = (
        windows.join_where(
            events, pl.col("event_date") <= pl.col("period_end"), pl.col("event_date") >= pl.col("period_start")
        )
        .group_by("month")
        .agg(pl.col("events_count").sum().alias("clashes_unallocated_count"))
    )
    counted = pl.col("clashes_unallocated_count").fill_null(0) if source_key else pl.lit(None, pl.Int64)
    return (
        windows.select("month")
        .join(inside, on="month", how="left", validate="1:1")
        .with_columns(counted.alias("clashes_unallocated_count"))
    )
