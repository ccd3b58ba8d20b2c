"""Rows of a large file while it is judged: on the disk, taken batch by batch, never in memory as a whole.

They lie in a file without a name, which the system takes back when its process ends, however it ends. Not here: the
landing that is made of them (deliveries).
"""

import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import polars as pl


class SpilledRows:
    """Frames of the same columns in the order in which they were appended.

    On the disk of `folder`, else on that of the system's temporary files.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(prefix="township-index-", dir=folder)  # noqa: SIM115 - closed with these
        self._places: list[tuple[int, int, int]] = []  # where a frame begins, its bytes and its rows

    @property
    def height(self) -> int:
        return sum(rows for _, _, rows in self._places)

    @property
    def columns(self) -> list[str]:
        return self._read(self._places[0]).columns

    def append(self, frame: pl.DataFrame) -> int:
        """The number under which `frame` gives it back. Raises OSError where the disk is full."""
        self._places.append(self._written(frame))
        return len(self._places) - 1

    def frame(self, number: int) -> pl.DataFrame:
        return self._read(self._places[number])

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """The frames one after the other, of all columns or of those named."""
        for place in self._places:
            yield self._read(place, columns)

    def whole(self) -> pl.DataFrame:
        """All rows in memory: for what is done with one frame only."""
        return pl.concat(self.batches())

    def drop_first_row(self) -> None:
        at = next(n for n, (_, _, rows) in enumerate(self._places) if rows)
        self._places[at] = self._written(self._read(self._places[at]).slice(1))

    def close(self) -> None:
        """Give the disk back; nothing can be read any more."""
        self._file.close()

    def _written(self, frame: pl.DataFrame) -> tuple[int, int, int]:
        begins = self._file.seek(0, io.SEEK_END)
        held = io.BytesIO()
        frame.write_ipc(held, compression="lz4")
        self._file.write(held.getbuffer())
        return begins, held.tell(), frame.height

    def _read(self, place: tuple[int, int, int], columns: Sequence[str] | None = None) -> pl.DataFrame:
        begins, size, _ = place
        self._file.seek(begins)
        return pl.read_ipc(io.BytesIO(self._file.read(size)), columns=None if columns is None else list(columns))


Rows = pl.DataFrame | SpilledRows


def batches(rows: Rows, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
    """The rows in batches: those of a frame as one."""
    if isinstance(rows, SpilledRows):
        yield from rows.batches(columns)
    else:
        yield rows if columns is None else rows.select(columns)


def whole(rows: Rows) -> pl.DataFrame:
    return rows.whole() if isinstance(rows, SpilledRows) else rows


def changed(rows: Rows, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Rows:
    """Each batch as `change` makes it of its rows."""
    if isinstance(rows, pl.DataFrame):
        return change(rows)
    made = SpilledRows()
    for batch in rows.batches():
        made.append(change(batch))
    return made
