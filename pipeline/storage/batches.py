"""Tables that memory does not hold, in batches: rows that belong together come in one batch."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl

# Rows that are read, typed, placed and checked at once.
BATCH_ROWS = 250_000
# A delivery of so many rows is no longer held in memory as a whole.
LARGE_ROWS = 500_000
NO_LINE = 1 << 62  # beyond the last line of any file


def together(frames: Iterable[pl.DataFrame], key: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The rows of sorted frames, those of one key in one frame: the last key of each waits for the next frame."""
    held: pl.DataFrame | None = None
    for frame in frames:
        rows = frame if held is None else pl.concat([held, frame])
        same = pl.all_horizontal(pl.col(column).eq_missing(pl.col(column).last()) for column in key)
        last = rows.select(same).to_series()
        whole, held = rows.filter(~last), rows.filter(last)
        if whole.height:
            yield whole
    if held is not None and held.height:
        yield held


def of_file(path: Path, key: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The rows of a Parquet file that is sorted by `key`, group of rows by group of rows."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        groups = (pl.DataFrame(pl.from_arrow(file.read_row_group(n))) for n in range(file.num_row_groups))
        yield from together(groups, key)
