"""Events that an earlier download had and a later full one lacks: said, never ended by that alone.

A partial download is no list of deletions: a source may leave events out of one export and have them again in the
next. What a source withdraws it says (ACLED's list of deletions, a team's `deleted`), and UCDP's vetted release stands
for its days (vetting.py).
"""

import numpy as np
import polars as pl

from pipeline.records import parsing
from pipeline.records.repeated_rows import ROW, SEGMENT, Chain, Repeated

FULL_AT_LEAST = 0.5  # of the events of its days that were known before: less is an extract or a list of changes
SHOWN = 3
COLUMNS = ("source_key", "delivery_id", "file_name", "event_id", "event_date", "month", "earlier_file")
# What `missing_later` looks at, beside `_release_end`.
NEEDED = (
    "source_key", "delivery_id", "row_number", "file_name", "received", "_reference_date", "event_id", "event_date",
    "updated_at", "_deleted",
)  # fmt: skip
_SCHEMA = {c: pl.Date if c in ("event_date", "month") else pl.String for c in COLUMNS}


def missing_later(rows: pl.DataFrame, repeated: Repeated | None = None) -> pl.DataFrame:
    """One row per event that the newest full download of its source lacks: COLUMNS; `delivery_id` is the download's.

    `rows` are those of every delivery in force, what ended left out; `repeated` says which stand for others between
    two deliveries. A download is full where at least half of some earlier delivery lies in its days and it has at
    least half of the events of those days that were known before it.
    """
    if rows["delivery_id"].n_unique() < 2:
        return pl.DataFrame(schema=_SCHEMA)
    parts = []
    for key in sorted(rows.group_by("source_key").agg(pl.col("delivery_id").n_unique()).filter(
        pl.col("delivery_id") > 1
    )["source_key"]):  # fmt: skip
        own = rows.filter(pl.col("source_key") == key)
        gone = own.filter("_deleted").select("event_id").unique()
        alive = own.filter(~pl.col("_deleted")).join(gone, on="event_id", how="anti")
        if alive.height:
            parts.append(_of_source(alive, repeated.chains.get(key) if repeated else None))
    return pl.concat([part for part in parts if part.height] or [pl.DataFrame(schema=_SCHEMA)])


def _of_source(alive: pl.DataFrame, chain: Chain | None) -> pl.DataFrame:
    """The events that the newest full download lacks.

    Each row is held by the deliveries from its position `_first` to `_last`; `at` is the place in time of each
    position, by which a download is earlier or later than another.
    """
    deliveries, spans = _held(alive, chain)
    in_time = _in_time(deliveries, spans)
    at = dict(in_time.select("_position", "_at").iter_rows())
    for one in reversed(in_time.rows(named=True)[1:]):
        earlier = _Held(spans, [at.get(n, one["_at"]) < one["_at"] for n in range(deliveries.height)])
        later = _Held(spans, [at.get(n, -1) > one["_at"] for n in range(deliveries.height)])
        here = spans.filter(pl.lit(one["_position"]).is_between("_first", "_last")).select("event_id").unique()
        within = spans["event_date"].is_between(one["first"], one["last"])
        comparable = bool((earlier.shares(within) >= FULL_AT_LEAST).any())
        before = (
            spans.with_columns(earlier.first().alias("_seen"))
            .filter(within & earlier.any())
            .sort("_seen", maintain_order=True)
            .unique("event_id", keep="first", maintain_order=True)
        )
        lacking = before.join(here, on="event_id", how="anti", maintain_order="left")
        if comparable and lacking.height <= (1 - FULL_AT_LEAST) * before.height:
            since = spans.filter(later.any()).select("event_id").unique()
            files = deliveries["file_name"]
            left = lacking.join(since, on="event_id", how="anti", maintain_order="left")
            return left.select(
                "source_key",
                pl.lit(one["delivery_id"]).alias("delivery_id"),
                pl.lit(one["file_name"]).alias("file_name"),
                "event_id",
                "event_date",
                pl.col("event_date").dt.month_start().alias("month"),
                files.gather(left["_seen"]).alias("earlier_file"),
            ).sort("event_date", "event_id")
    return pl.DataFrame(schema=_SCHEMA)


def _held(alive: pl.DataFrame, chain: Chain | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The deliveries in order with their `_position`, and the rows with the positions that hold them."""
    if chain is None:
        told = alive.select("delivery_id", "file_name", "received", "_reference_date")
        deliveries, spans = told.unique("delivery_id", keep="first", maintain_order=True), alive
        segments = pl.DataFrame(schema=SEGMENT)
    else:
        deliveries, segments = chain.deliveries, chain.segments
        firsts = segments.select(delivery_id="first_delivery_id", row_number="first_row_number")
        spans = alive.join(firsts, on=ROW, how="anti", maintain_order="left")
    deliveries = deliveries.with_row_index("_position").with_columns(pl.col("_position").cast(pl.Int64))
    own = deliveries.select("delivery_id", "_position")
    placed = spans.join(own, on="delivery_id", how="left", validate="m:1", maintain_order="left").join(
        segments.select(*ROW, "first"), on=ROW, how="left", validate="1:1", maintain_order="left"
    )
    return deliveries, placed.with_columns(
        pl.coalesce("first", "_position").alias("_first"), pl.col("_position").alias("_last")
    )


class _Held:
    """Which rows some of the deliveries hold: `chosen` says of each position whether it is one of those."""

    def __init__(self, spans: pl.DataFrame, chosen: list[bool]) -> None:
        self._first, self._last = spans["_first"].to_numpy(), spans["_last"].to_numpy()
        self._chosen = np.asarray(chosen, dtype=bool)

    def any(self) -> pl.Series:
        """Whether one of the deliveries holds the row."""
        before = np.concatenate([[0], self._chosen.cumsum()])
        return pl.Series(before[self._last + 1] > before[self._first])

    def first(self) -> pl.Series:
        """The position of the first of the deliveries that holds the row; any where none does."""
        own = np.where(self._chosen, np.arange(self._chosen.size), self._chosen.size - 1)
        return pl.Series(np.minimum.accumulate(own[::-1])[::-1][self._first])

    def shares(self, within: pl.Series) -> pl.Series:
        """Of each of the deliveries that holds rows the share of them that lie `within`."""
        counts = []
        for chosen in (np.ones(within.len(), dtype=bool), within.fill_null(False).to_numpy()):
            steps = np.zeros(self._chosen.size + 1, dtype=np.int64)
            np.add.at(steps, self._first[chosen], 1)
            np.add.at(steps, self._last[chosen] + 1, -1)
            counts.append(steps.cumsum()[:-1])
        held = self._chosen & (counts[0] > 0)
        return pl.Series(counts[1][held] / counts[0][held])


def _in_time(deliveries: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """The deliveries with the days of their events, in the order in which they were made: `_at` counts them.

    The newest time of revision that each states decides where all state one, else the day each stands for, else the
    receipt: an older export that comes late is no later download.
    """
    read = spans.select(
        "_first", "_last", "event_date", "_release_end", parsing.moment("updated_at").alias("_made")
    ).sort("_first", maintain_order=True)
    stated = [
        read.filter(pl.lit(n).is_between("_first", "_last")).select(
            pl.lit(n, pl.Int64).alias("_position"),
            pl.col("_made").max(),
            pl.col("event_date").min().alias("first"),
            pl.col("event_date").max().alias("last"),
            pl.col("_release_end").max().alias("_end"),
            pl.len().alias("_rows"),
        )
        for n in range(deliveries.height)
    ]
    made = deliveries.join(pl.concat(stated), on="_position", validate="1:1").filter(pl.col("_rows") > 0)
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
