"""Events that an earlier download had and a later full one lacks: said, never ended by that alone.

A partial download is no list of deletions: a source may leave events out of one export and have them again in the
next. What a source withdraws it says (ACLED's list of deletions, a team's `deleted`), and UCDP's vetted release stands
for its days (vetting.py).
"""

import polars as pl

from pipeline.records import parsing

FULL_AT_LEAST = 0.5  # of the events of its days that were known before: less is an extract or a list of changes
SHOWN = 3
COLUMNS = ("source_key", "delivery_id", "file_name", "event_id", "event_date", "month", "earlier_file")
_SCHEMA = {c: pl.Date if c in ("event_date", "month") else pl.String for c in COLUMNS}


def missing_later(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per event that the newest full download of its source lacks: COLUMNS; `delivery_id` is the download's.

    `rows` are those of every delivery in force, what ended left out. A download is full where at least half of some
    earlier delivery lies in its days and it has at least half of the events of those days that were known before it.
    """
    parts = []
    for key in sorted(rows.group_by("source_key").agg(pl.col("delivery_id").n_unique()).filter(
        pl.col("delivery_id") > 1
    )["source_key"]):  # fmt: skip
        own = rows.filter(pl.col("source_key") == key)
        gone = own.filter("_deleted").select("event_id").unique()
        alive = own.filter(~pl.col("_deleted")).join(gone, on="event_id", how="anti")
        parts.append(_of_source(alive))
    return pl.concat([part for part in parts if part.height] or [pl.DataFrame(schema=_SCHEMA)])


def _of_source(alive: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.DataFrame(schema=_SCHEMA)
    in_time = _in_time(alive)
    placed = alive.join(in_time.select("delivery_id", "_at"), on="delivery_id", validate="m:1")
    for one in reversed(in_time.rows(named=True)[1:]):
        here = placed.filter(pl.col("delivery_id") == one["delivery_id"]).select("event_id").unique()
        earlier = placed.filter(pl.col("_at") < one["_at"])
        within = pl.col("event_date").is_between(one["first"], one["last"])
        comparable = earlier.group_by("delivery_id").agg(within.mean() >= FULL_AT_LEAST)["event_date"].any()
        before = earlier.filter(within).unique("event_id", keep="first", maintain_order=True)
        lacking = before.join(here, on="event_id", how="anti", maintain_order="left")
        if comparable and lacking.height <= (1 - FULL_AT_LEAST) * before.height:
            since = placed.filter(pl.col("_at") > one["_at"]).select("event_id").unique()
            return (
                lacking.join(since, on="event_id", how="anti", maintain_order="left")
                .select(
                    "source_key",
                    pl.lit(one["delivery_id"]).alias("delivery_id"),
                    pl.lit(one["file_name"]).alias("file_name"),
                    "event_id",
                    "event_date",
                    pl.col("event_date").dt.month_start().alias("month"),
                    pl.col("file_name").alias("earlier_file"),
                )
                .sort("event_date", "event_id")
            )
    return nothing


def _in_time(alive: pl.DataFrame) -> pl.DataFrame:
    """The deliveries with the days of their events, in the order in which they were made: `_at` counts them.

    The newest time of revision that each states decides where all state one, else the day each stands for, else the
    receipt: an older export that comes late is no later download.
    """
    made = alive.group_by("delivery_id").agg(
        pl.col("file_name", "received", "_reference_date").first(),
        parsing.moment("updated_at").max().alias("_made"),
        pl.col("event_date").min().alias("first"),
        pl.col("event_date").max().alias("last"),
        pl.col("_release_end").max().alias("_end"),
    )
    order = next((c for c in ("_made", "_reference_date", "_end") if made[c].null_count() == 0), "received")
    return made.sort(order, "received", "delivery_id").with_row_index("_at")


def sentences(missing: pl.DataFrame) -> list[str]:
    """What a run says of them, a line for each download: how many, of which days and files, and some of their ids."""
    said = []
    for own in missing.partition_by("source_key", "delivery_id", maintain_order=True):
        one = own.row(0, named=True)
        files = ", ".join(sorted(own["earlier_file"].unique()))
        first = own.select("event_id", "event_date").head(SHOWN).rows()
        examples = ", ".join(f"{event} of {day}" for event, day in first)
        said.append(
            f"{one['source_key']}: {one['file_name']} lacks {own.height:,} events of its days that {files} had "
            f"({own['event_date'].min()!s} to {own['event_date'].max()!s}; {examples}). They go on counting, for a "
            "download is no list of deletions; where the source took them out, deliver its list of deletions or "
            "withdraw the earlier delivery"
        )
    return said
