"""Rows that one delivery after another repeats word for word: read once, counted for every delivery that holds them.

A file that grows by a day each day repeats all that it held the day before. Of such a row only the first and the last
delivery tell anything: the versions between them are the same text, so the last of them replaces them all. A span is
such a row with the deliveries, one after the other, that hold it. A row that breaks a rule, that another row of its
delivery shares its event number with, or whose number means nothing outside of its file makes a span of its own in
each delivery: what becomes of it may depend on its delivery.

Not here: where spans are kept (pipeline.storage.repeated_rows), which version is current (versions.py).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipeline.declare.codes import Reason
from pipeline.declare.frames import raw_columns

TABLE = "records.repeated_rows"
ROW = ["delivery_id", "row_number"]
SPAN: dict[str, pl.DataType | type[pl.DataType]] = {
    "event_id": pl.String, "first": pl.Int64, "row_numbers": pl.List(pl.Int64),
}  # fmt: skip
SEGMENT = {
    "delivery_id": pl.String, "row_number": pl.Int64, "first_delivery_id": pl.String, "first_row_number": pl.Int64,
    "first": pl.Int64, "last": pl.Int64,
}  # fmt: skip
# What becomes of every version of an event; what else ends a row ends its current version alone.
_OF_ALL_VERSIONS = [str(Reason.DELETED), str(Reason.REUSED_NUMBER)]
_EVENT = "event_id"
# Raw rows of one delivery -> `row_number` and typed `event_id` of those that break no rule.
Read = Callable[[pl.DataFrame], pl.DataFrame]


def content(format_name: str) -> list[str]:
    """The columns of a raw mirror that a file fills: all but the delivery and the line."""
    return [name for name in raw_columns(format_name) if name not in ROW]


def no_spans(format_name: str) -> pl.DataFrame:
    """A frame of the columns of spans, without rows: the content of each under raw_<column>."""
    own: dict[str, pl.DataType | type[pl.DataType]] = {f"raw_{name}": pl.String for name in content(format_name)}
    return pl.DataFrame(schema=own | SPAN)


def extended(spans: pl.DataFrame, raw: pl.DataFrame, position: int, read: Read, *, goes_on: bool) -> pl.DataFrame:
    """The spans with those of one delivery more, which stands at `position`, counted from 0.

    `spans` has the content of each span under raw_<column>, its `event_id` (null where it cannot be repeated), the
    position of its `first` delivery and its `row_numbers`, one for each delivery from there on. `raw` holds the rows
    of the delivery. Where it `goes_on` it is read as the delivery before it, and its rows may repeat those.
    """
    names = [name for name in spans.columns if name not in SPAN]
    came = raw.select(*(pl.col(name.removeprefix("raw_")).cast(pl.String).alias(name) for name in names), "row_number")
    came = came.with_columns(_text(names))
    held = spans.with_row_index("_span").filter(
        pl.lit(goes_on) & pl.col("event_id").is_not_null(),
        pl.col("first") + pl.col("row_numbers").list.len() == position,
    )
    known = held.select(_text(names), "event_id", "_span")
    rows = came.join(known, on="_text", how="left", maintain_order="left", validate="m:1")
    new = rows.filter(pl.col("_span").is_null())
    if new.height:
        read_now = read(raw.join(new.select("row_number"), on="row_number", how="semi", maintain_order="left"))
        own = read_now.select("row_number", pl.col("event_id").alias("_read"))
        rows = rows.join(own, on="row_number", how="left", maintain_order="left", validate="1:1")
        rows = rows.with_columns(pl.coalesce("event_id", "_read").alias("event_id"))
    alone = pl.col("event_id").is_not_null() & (pl.len().over("event_id") == 1)
    rows = rows.with_columns(pl.when(alone).then("event_id").alias("event_id"))
    again = rows.filter(pl.col("_span").is_not_null() & pl.col("event_id").is_not_null())
    longer = (
        spans.with_row_index("_span")
        .join(again.select("_span", pl.col("row_number").alias("_now")), on="_span", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("_now").is_null())
            .then("row_numbers")
            .otherwise(pl.concat_list("row_numbers", "_now"))
            .alias("row_numbers")
        )
        .select(spans.columns)
    )
    begun = rows.join(again.select("row_number"), on="row_number", how="anti", maintain_order="left").select(
        *names,
        "event_id",
        pl.lit(position, pl.Int64).alias("first"),
        pl.concat_list("row_number").alias("row_numbers"),
    )
    return pl.concat([longer, begun])


def _text(names: Sequence[str]) -> pl.Expr:
    """All cells of a row as one text that two rows share only where every cell is the same."""
    cells = (
        pl.when(pl.col(name).is_null())
        .then(pl.lit("-"))
        .otherwise(pl.concat_str(pl.col(name).str.len_bytes(), pl.lit(":"), pl.col(name)))
        for name in names
    )
    return pl.concat_str(list(cells)).alias("_text")


@dataclass(frozen=True)
class Chain:
    """The deliveries of one source, oldest first, and which of their rows repeat others.

    `deliveries` has delivery_id, file_name, received and _reference_date; `segments` one row per row that later
    deliveries repeat: the row of the last of them (delivery_id, row_number), that of the first
    (first_delivery_id, first_row_number), and the positions of both deliveries, `first` before `last`.
    """

    deliveries: pl.DataFrame
    segments: pl.DataFrame

    def counted(self) -> pl.DataFrame:
        """delivery_id and rows_count: the rows of each delivery that stand in no raw table."""
        return _between(self.segments, self.deliveries)


@dataclass(frozen=True)
class Repeated:
    """What is repeated, by the key of the source; empty where no source repeats its rows."""

    chains: Mapping[str, Chain] = field(default_factory=dict)

    def rows_count(self) -> dict[str, int]:
        """Delivery -> its rows that stand in no raw table, for the deliveries before and after it hold them too."""
        counts = [chain.counted() for chain in self.chains.values()]
        return {delivery: count for frame in counts for delivery, count in frame.iter_rows() if count}

    def firsts(self, source_key: str) -> pl.DataFrame:
        """The segments of a source, none where it repeats nothing."""
        chain = self.chains.get(source_key)
        return chain.segments if chain else pl.DataFrame(schema=SEGMENT)

    def by_reason(self, set_aside: pl.DataFrame) -> pl.DataFrame:
        """Columns of records.repeated_rows: the rows that stand in no raw table, by what became of them.

        They are replaced by the last row that repeats them, unless their event as a whole ended: then its last row
        stands in `set_aside` under the event's number.
        """
        ended = set_aside.filter(pl.col("reason").is_in(_OF_ALL_VERSIONS), pl.col("column_name") == _EVENT)
        parts = [pl.DataFrame(schema={"delivery_id": pl.String, "reason": pl.String, "rows_count": pl.Int64})]
        for chain in self.chains.values():
            judged = chain.segments.join(
                ended.select(*ROW, "reason"), on=ROW, how="left", maintain_order="left", validate="1:1"
            ).with_columns(pl.col("reason").fill_null(str(Reason.SUPERSEDED)))
            for (reason,), own in sorted(judged.partition_by("reason", as_dict=True).items()):
                counted = _between(own, chain.deliveries).filter(pl.col("rows_count") > 0)
                parts.append(counted.select("delivery_id", pl.lit(reason).alias("reason"), "rows_count"))
        return pl.concat(parts).sort("delivery_id", "reason")


def _between(segments: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """delivery_id and rows_count: how many segments begin before each delivery and end after it."""
    steps = np.zeros(deliveries.height + 1, dtype=np.int64)
    inner = segments.filter(pl.col("last") - pl.col("first") > 1)
    np.add.at(steps, inner["first"].to_numpy() + 1, 1)
    np.add.at(steps, inner["last"].to_numpy(), -1)
    counts = pl.Series("rows_count", steps.cumsum()[: deliveries.height], dtype=pl.Int64)
    return deliveries.select("delivery_id").with_columns(counts)


def segments(spans: pl.DataFrame, deliveries: Sequence[str], cuts: Collection[int], whole: pl.Series) -> pl.DataFrame:
    """Each span cut at the positions `cuts` (between a position and the one before it), and all of it where `whole`.

    Columns of SEGMENT and raw_<column>; one row per part, of one delivery or of several.
    """
    last = pl.col("first") + pl.col("row_numbers").list.len() - 1
    begins = pl.concat_list(pl.col("first"), pl.lit(sorted(cuts), dtype=pl.List(pl.Int64)))
    apart = (
        spans.with_row_index("_span")
        .with_columns(last.alias("last"), whole.alias("_whole"))
        .with_columns(
            pl.when("_whole").then(pl.int_ranges("first", pl.col("last") + 1)).otherwise(begins).alias("_starts")
        )
        .explode("_starts")
        .filter(pl.col("_starts").is_between("first", "last"))
        .unique(["_span", "_starts"], maintain_order=True)
    )
    ends = (pl.col("_starts").shift(-1).over("_span", order_by="_starts") - 1).fill_null(pl.col("last"))
    parts = apart.with_columns(ends.alias("_ends")).with_columns(
        pl.col("row_numbers").list.get(pl.col("_starts") - pl.col("first")).alias("first_row_number"),
        pl.col("row_numbers").list.get(pl.col("_ends") - pl.col("first")).alias("row_number"),
        pl.col("_starts").alias("first"),
        pl.col("_ends").alias("last"),
    )
    ids = pl.Series(list(deliveries), dtype=pl.String)
    contents = [name for name in spans.columns if name not in SPAN]
    return parts.with_columns(
        ids.gather(parts["last"]).alias("delivery_id"), ids.gather(parts["first"]).alias("first_delivery_id")
    ).select(*SEGMENT, *contents)


def mirror(parts: pl.DataFrame, format_name: str) -> pl.DataFrame:
    """The raw rows that tell anything of `segments`: the last row of each and, where it is another, the first.

    In the order of the deliveries and of the lines, as the whole mirror would have them.
    """
    contents = [pl.col(f"raw_{name}").alias(name) for name in content(format_name)]
    lasts = parts.select("delivery_id", "row_number", *contents, pl.col("last").alias("_at"))
    firsts = parts.filter(pl.col("first") < pl.col("last")).select(
        pl.col("first_delivery_id").alias("delivery_id"),
        pl.col("first_row_number").alias("row_number"),
        *contents,
        pl.col("first").alias("_at"),
    )
    return pl.concat([lasts, firsts]).sort("_at", "row_number").select(list(raw_columns(format_name)))


def cuts_at(received: Sequence[str], receipts: Collection[str]) -> set[int]:
    """The positions at which spans are cut, so that nothing received at `receipts` lies within one.

    `received` are the receipts of the deliveries of a chain in order; where one of them is among `receipts` it is cut
    off on both sides.
    """
    return {place for at in receipts for place in (bisect_left(received, at), bisect_right(received, at))}
