"""The identity of a delivery: a hash over its rows as a set, whatever their order and line numbers.

The lines of a large file are sorted in ranges, each of which fits into memory.
"""

import hashlib
from collections.abc import Iterable, Iterator

import polars as pl

from pipeline.declare.formats import LEARNT_LATER
from pipeline.storage.spilled_rows import Rows, SpilledRows, batches

CHUNK_LINES = 50_000  # what the digest is given at once; another number would give other ids
RANGE_ROWS = 200_000  # of a large file, sorted at once
SAMPLED = 100  # rows of a range whose lines say where the ranges part


def content_hash(rows: Rows, context: str) -> str:
    """The first 16 hex digits of a SHA-256 over the sorted lines of the rows.

    A column that a format learnt after deliveries had been hashed counts only where the file fills it: the same
    file keeps its identity.
    """
    names = rows.columns
    later = [c for c in LEARNT_LATER if c in names]
    filled = {c for batch in batches(rows, later) for c in later if batch[c].count()} if later else set()
    columns = sorted(set(names) - {"row_number"} - (set(later) - filled))
    digest = hashlib.sha256(f"{context}|{columns}".encode())
    for chunk in _chunks(_sorted_ranges(rows, columns)):
        digest.update(str(chunk.str.join("\x1e").item()).encode())
    return digest.hexdigest()[:16]


def _lines(frame: pl.DataFrame, columns: list[str]) -> pl.Series:
    cells = [
        (pl.col(c).bin.encode("hex") if frame.schema[c] == pl.Binary else pl.col(c).cast(pl.String)).fill_null("\x00")
        for c in columns
    ]
    return frame.select(pl.concat_str(cells, separator="\x1f").alias("line")).to_series()


def _sorted_ranges(rows: Rows, columns: list[str]) -> Iterator[pl.Series]:
    """The lines in their order, range by range: first they are dealt out to ranges, then each of these is sorted."""
    if isinstance(rows, pl.DataFrame):
        yield _lines(rows, columns).sort()
        return
    parted = _parted(rows, columns)
    ranges = [SpilledRows() for _ in range(len(parted) + 1)]
    for batch in rows.batches(columns):
        lines = _lines(batch, columns).sort()
        ends = [int(lines.search_sorted(line, "left")) for line in parted]
        for part, start, end in zip(ranges, [0, *ends], [*ends, lines.len()], strict=True):
            if end > start:
                part.append(lines.slice(start, end - start).to_frame())
    for part in ranges:
        if part.height:
            yield from _sorted(part)
        part.close()


def _parted(rows: SpilledRows, columns: list[str]) -> list[str]:
    """Lines at which ranges part: of an even sample, each of the number of ranges that are wanted."""
    wanted = -(-rows.height // RANGE_ROWS)
    step = max(1, RANGE_ROWS // SAMPLED)
    sample = pl.concat(_lines(batch.gather_every(step), columns) for batch in rows.batches(columns)).unique().sort()
    return [sample[n * sample.len() // wanted] for n in range(1, min(wanted, sample.len()))]


def _sorted(part: SpilledRows) -> Iterator[pl.Series]:
    """The lines of a range in their order; where many are equal each stands once with its number until it is given."""
    if part.height <= 4 * RANGE_ROWS:
        yield part.whole()["line"].sort()
        return
    counted = pl.DataFrame(schema={"line": pl.String, "count": pl.UInt32})
    for batch in part.batches():
        counts = batch["line"].value_counts(name="count")
        counted = pl.concat([counted, counts]).group_by("line").agg(pl.col("count").sum())
    held: list[str] = []
    for line, count in counted.sort("line").iter_rows():
        for start in range(0, count, CHUNK_LINES):
            held += [line] * min(count - start, CHUNK_LINES)
            if len(held) >= CHUNK_LINES:
                yield pl.Series("line", held, dtype=pl.String)
                held = []
    yield pl.Series("line", held, dtype=pl.String)


def _chunks(ranges: Iterable[pl.Series]) -> Iterator[pl.Series]:
    """The same lines in pieces of CHUNK_LINES, the last one shorter."""
    left = pl.Series("line", [], dtype=pl.String)
    for lines in ranges:
        left = pl.concat([left, lines])
        whole = left.len() // CHUNK_LINES * CHUNK_LINES
        for start in range(0, whole, CHUNK_LINES):
            yield left.slice(start, CHUNK_LINES)
        left = left.slice(whole)
    if left.len():
        yield left
