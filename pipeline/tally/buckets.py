"""Rows of events laid by in one file on the disk, in buckets, and taken from it bucket by bucket.

The rows of an event are in one bucket, so that what is held in memory is what lies between two writes and one part,
however many rows there are. The file has no name: it is gone with the process, however that ends.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

import polars as pl

from pipeline.declare.choice import Choice

HELD_BYTES = Choice(
    64 << 20,
    "Some 500,000 rows of events: pieces of a bucket are then long enough that their own headers weigh nothing.",
)


class Buckets:
    """Takes frames of one shape with the column `_bucket` in any order, then gives the rows of some buckets."""

    def __init__(self, folder: Path) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  closed by __exit__
        self._held: list[pl.DataFrame] = []
        self._held_bytes = 0
        self._pieces: dict[int, list[tuple[int, int]]] = {}
        self.bytes_count: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

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
            number, begin = int(bucket), self._file.tell()
            rows.write_ipc_stream(self._file, compression="lz4")
            self._pieces.setdefault(number, []).append((begin, self._file.tell() - begin))
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
        return pl.concat(self._piece(*piece) for bucket in buckets for piece in self._pieces[bucket])

    def _piece(self, begin: int, length: int) -> pl.DataFrame:
        self._file.seek(begin)
        return pl.read_ipc_stream(BytesIO(self._file.read(length)))
