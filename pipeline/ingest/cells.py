"""A table as text, whatever file it came from: the header, the rows with their numbers, the lines that are no rows.

Zawgyi or Unicode: which encoding a file's Burmese is in, told from all of its names together.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import polars as pl

from pipeline.declare.codes import Reason
from pipeline.storage.spilled_rows import SpilledRows

CELL_LIMIT_CHARACTERS = 1_000_000
BLOCK_ROWS = 50_000
LINE = "line"  # the column of row numbers among cells that lie on the disk

Problem = tuple[int, Reason, str]
Merged = tuple[int, int, int, str]


@dataclass
class Grid:
    """`cells`: one text column per header cell, named "0", "1", … by position; `lines`: their row numbers in the file.

    `problems`: the lines that are not rows, in the order of the file. `twice`: names that a record of a file without
    a header line gives twice, with the first record that does. `merged`: (first line, last line, position, text) of
    the cells of a sheet that are merged over several rows. `spilled`: of a large file the cells with their row numbers
    in the column LINE, on the disk; `cells` and `lines` are empty then.
    """

    header: list[str]
    cells: pl.DataFrame
    lines: pl.Series
    problems: list[Problem] = field(default_factory=list)
    header_line: int = 1
    notes: tuple[str, ...] = ()
    twice: dict[str, str] = field(default_factory=dict)
    merged: tuple[Merged, ...] = ()
    sheet: str | None = None  # of a workbook: the one that was read
    spilled: SpilledRows | None = None

    @property
    def height(self) -> int:
        return self.cells.height if self.spilled is None else self.spilled.height

    def blocks(self, positions: Sequence[str] | None = None) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
        """Cells and row numbers in the order of the file, of all columns or of those named; at least one block."""
        if self.spilled is None:
            yield self.cells if positions is None else self.cells.select(positions), self.lines
            return
        for block in self.spilled.batches(None if positions is None else [*positions, LINE]):
            yield block.drop(LINE), block[LINE]

    def first(self) -> tuple[list[str | None], int] | None:
        """The cells of the first row and its number; None where there is no row."""
        return next(((list(cells.row(0)), int(lines[0])) for cells, lines in self.blocks() if lines.len()), None)

    def without_first(self) -> "Grid":
        if self.spilled is None:
            return replace(self, cells=self.cells.slice(1), lines=self.lines.slice(1))
        self.spilled.drop_first_row()
        return self


def schema(width: int) -> dict[str, type[pl.String]]:
    return {str(position): pl.String for position in range(width)}


class GridBuilder:
    """Takes rows one by one and packs them into columns block by block.

    A million rows as Python lists take over a gigabyte; a block of them is soon given back. Those of a `large` file go
    to the disk.
    """

    def __init__(self, header: list[str], *, has_nul: bool, header_line: int = 1, large: bool = False) -> None:
        self._header = header
        self._header_line = header_line
        self._has_nul = has_nul
        self._rows: list[Sequence[str | None]] = []
        self._lines: list[int] = []
        self._blocks: list[pl.DataFrame] = []
        self._numbers: list[pl.Series] = []
        self._problems: list[Problem] = []
        self._spilled = SpilledRows() if large else None

    def add(self, line: int, row: Sequence[str | None]) -> None:
        self._rows.append(row)
        self._lines.append(line)
        if len(self._rows) >= BLOCK_ROWS:
            self._pack()

    def problem(self, line: int, reason: Reason, found: str) -> None:
        self._problems.append((line, reason, found))

    def finished(self) -> Grid:
        self._pack()
        none, no_lines = pl.DataFrame(schema=schema(len(self._header))), pl.Series(LINE, [], dtype=pl.Int64)
        if self._spilled is not None and not self._spilled.height:
            self._spilled.append(none.with_columns(no_lines))
        cells = pl.concat([none, *self._blocks])
        lines = pl.concat([no_lines, *self._numbers])
        problems = sorted(self._problems, key=lambda problem: problem[0])
        return Grid(self._header, cells, lines, problems, self._header_line, spilled=self._spilled)

    def _pack(self) -> None:
        if not self._rows:
            return
        columns = zip(*self._rows, strict=True)
        block = pl.DataFrame([pl.Series(str(n), cells, dtype=pl.String) for n, cells in enumerate(columns)])
        lines = pl.Series(LINE, self._lines, dtype=pl.Int64)
        self._rows, self._lines = [], []
        for rule, reason in self._damages():
            broken = block.select(pl.any_horizontal(rule.fill_null(False))).to_series()
            if broken.any():
                self._problems += [(line, reason, "") for line in lines.filter(broken).to_list()]
                block, lines = block.filter(~broken), lines.filter(~broken)
        if self._spilled is not None:
            self._spilled.append(block.with_columns(lines))
            return
        self._blocks.append(block)
        self._numbers.append(lines)

    def _damages(self) -> list[tuple[pl.Expr, Reason]]:
        every = pl.all()
        damages = [(every.str.len_chars() > CELL_LIMIT_CHARACTERS, Reason.OVERSIZED_CELL)]
        if self._has_nul:
            damages.insert(0, (every.str.contains("\x00", literal=True), Reason.NUL_BYTES))
        return damages


# Columns of any format that hold names of places.
NAME_COLUMNS = ("adm3_name", "adm2_name", "adm1_name", "admin1", "admin2", "admin3", "location", "where_coordinates",
                "adm_1", "adm_2", "locations_name")  # fmt: skip
BURMESE = "[\u1000-\u109f]"
POOLED_NAMES = 2_000  # far more than the detector needs to be sure
ZAWGYI, UNICODE = 0.95, 0.05  # probabilities beyond which the detector's authors call it settled


def notes(frames: Iterable[pl.DataFrame], name: str) -> tuple[str, ...]:
    """What to say of the encoding of a file's Burmese names; nothing where it is Unicode or holds none."""
    pooled = _pooled(frames)
    if not pooled:
        return ()
    probability = _detector().get_zawgyi_probability(pooled)
    if probability <= UNICODE:
        return ()
    if probability < ZAWGYI:
        return (
            f"{name}: whether its Burmese names are Zawgyi or Unicode cannot be told ({probability:.0%} Zawgyi); "
            "names that are not recognised stand in set_aside as unknown_name",
        )
    return (
        f"{name}: its Burmese is encoded in Zawgyi, not in Unicode. The text is kept as it is: names in Burmese will "
        "not be recognised and stand in set_aside as unknown_name, P-codes and English names work. Convert the file "
        "to Unicode (Google's myanmar-tools, or a keyboard application's converter) and deliver it again",
    )


@cache
def _detector() -> Any:
    """The detector with its table, which takes longer to read than a file's names; once in a process."""
    from myanmartools import ZawgyiDetector  # type: ignore[import-untyped]

    return ZawgyiDetector()


def _pooled(frames: Iterable[pl.DataFrame]) -> str:
    held: dict[str, dict[str, None]] = {column: {} for column in NAME_COLUMNS}
    for frame in frames:
        for column, known in held.items():
            if column in frame.columns and len(known) < POOLED_NAMES:
                names = frame[column].drop_nulls().unique(maintain_order=True)
                known.update(dict.fromkeys(names.filter(names.str.contains(BURMESE)).to_list()))
    return " ".join(name for known in held.values() for name in list(known)[:POOLED_NAMES])
