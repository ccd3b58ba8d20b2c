"""Rows of events laid by on the disk, in buckets, and taken from it bucket by bucket.

The rows of an event are in one bucket, so that what is held in memory is what lies between two writes and one part,
however many rows there are.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from pipeline.declare.choice import Choice
from pipeline.storage.spilled_rows import SpilledRows

HELD_BYTES = Choice(
    64 << 20,
    "Some 500,000 rows of events: pieces of a bucket are then long enough that their own headers weigh nothing.",
)


class Buckets:
    """Takes frames of one shape with the column `_bucket` in any order, then gives the rows of some buckets."""

    def __init__(self, folder: Path) -> None:
        self._laid = SpilledRows(folder)
        self._held: list[pl.DataFrame] = []
        self._held_bytes = 0
        self._pieces: dict[int, list[int]] = {}
        self.bytes_count: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._laid.close()

    def add(self, rows: pl.DataFrame) -> None:
        """Lay rows by; `_bucket` says where. Raises OSError where the disk is full."""
        self._held.append(rows)
        self._held_bytes += int(rows.estimated_size())
        if self._held_bytes >= HELD_BYTES.value:
            self.write()

    def write(self) -> None:
        """Write what is held; called once more after the last rows."""
        if not self._held:
            return
        for (bucket,), rows in pl.concat(self._held).partition_by("_bucket", as_dict=True, include_key=False).items():
            number = int(bucket)
            self._pieces.setdefault(number, []).append(self._laid.append(rows))
            self.bytes_count[number] = self.bytes_count.get(number, 0) + int(rows.estimated_size())
        self._held, self._held_bytes = [], 0

    def parts(self, most_bytes: int) -> Iterator[pl.DataFrame]:
        """All rows, each time those of so many buckets as together hold at most so many bytes, or of one."""
        taken: list[int] = []
        for bucket in sorted(self._pieces):
            if taken and sum(self.bytes_count[one] for one in (*taken, bucket)) > most_bytes:
                yield self._rows(taken)
                taken = []
            taken.append(bucket)
        if taken:
            yield self._rows(taken)

    def _rows(self, buckets: list[int]) -> pl.DataFrame:
        return pl.concat(self._laid.frame(piece) for bucket in buckets for piece in self._pieces[bucket])
