"""Delimited text: the guard that a lenient CSV parser lacks, then rows with their line numbers.

Refused whole: an empty file, a header only, an HTML or JSON page, another file type under a .csv name,
bytes that do not decode, an unclosed quote. Set aside by line: ragged rows, NUL bytes, cells over 1 MB.
"""

import csv
import io
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.codes import Reason
from pipeline.errors import UnusableInput

SIZE_LIMIT_BYTES = 1_000_000_000
CELL_LIMIT_CHARACTERS = 1_000_000
UNREADABLE_LIMIT_SHARE = 0.05

_FOREIGN = (
    (b"PK\x03\x04", "a zip archive or Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\x80\x05\x95", "a Python pickle"),
)


@dataclass
class Grid:
    """A table as text: header, complete rows with their line numbers, and the lines that are not rows."""

    header: list[str]
    rows: list[list[str | None]]
    lines: list[int]
    problems: list[tuple[int, Reason, str]] = field(default_factory=list)
    header_line: int = 1
    notes: tuple[str, ...] = ()


def check_size(path: Path) -> None:
    """Refuse what is empty or over the size limit before a byte is parsed."""
    size = path.stat().st_size
    if size == 0:
        raise UnusableInput(f"{path.name}: the file is empty; export it again")
    if size > SIZE_LIMIT_BYTES:
        raise UnusableInput(f"{path.name}: {size:,} bytes is over the limit of {SIZE_LIMIT_BYTES:,}; split the file")


def read_text(path: Path) -> Grid:
    """The grid of a delimited text file (comma, semicolon or tab, as the header line shows)."""
    check_size(path)
    text = _decode(path)
    start = text.lstrip()[:200].lower()
    if not start:
        raise UnusableInput(f"{path.name}: the file holds only blanks; export it again")
    if start.startswith(("<!doctype", "<html", "<?xml", "<head", "<body")):
        raise UnusableInput(f"{path.name}, line 1: an HTML or XML page, not a table; download the file again")
    if start.startswith(("{", "[")):
        raise UnusableInput(f"{path.name}, line 1: JSON, not a table; ask the source for CSV")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    grid = Grid([], [], [])
    line = 0
    try:
        grid.header = next(reader)
        width, line = len(grid.header), reader.line_num
        for row in reader:
            begins, line = line + 1, reader.line_num
            if not row or (len(row) == 1 and not row[0].strip()):
                continue
            if len(row) != width:
                grid.problems.append((begins, Reason.RAGGED_ROW, f"{len(row)} cells, header has {width}"))
            else:
                grid.rows.append(row)  # type: ignore[arg-type]
                grid.lines.append(begins)
    except csv.Error as error:
        raise UnusableInput(
            f"{path.name}, line {line + 1}: {error}; a quote that is opened and never closed is the usual cause"
        ) from error
    if not grid.rows and not grid.problems:
        raise UnusableInput(f"{path.name}: a header and no rows; export the file again")
    _set_damaged_cells_aside(grid, text)
    return grid


def _decode(path: Path) -> str:
    data = path.read_bytes()
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise UnusableInput(f"{path.name}: this is {what} under another name; give it its own ending")
    if data[8:12] == b"DUCK":
        raise UnusableInput(f"{path.name}: this is a DuckDB database; databases are not taken as input")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\x00" in data[:200:1] and data[:200].count(b"\x00") > 40:
        raise UnusableInput(f"{path.name}: looks like UTF-16 without a byte order mark; save it as UTF-8")
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        # The decoder counts from behind the byte order mark that it took off.
        offset = error.start + len(data) - len(error.object)
        line = data.count(b"\n", 0, offset) + 1
        raise UnusableInput(
            f"{path.name}, line {line}: byte {data[offset]:#04x} at offset {offset} is not {error.encoding}; "
            "save the file as UTF-8"
        ) from error


def _set_damaged_cells_aside(grid: Grid, text: str) -> None:
    has_nul = "\x00" in text
    has_long = len(text) > CELL_LIMIT_CHARACTERS
    if not has_nul and not has_long:
        return
    rows, lines = [], []
    for row, line in zip(grid.rows, grid.lines, strict=True):
        if has_nul and any("\x00" in (cell or "") for cell in row):
            grid.problems.append((line, Reason.NUL_BYTES, ""))
        elif has_long and any(len(cell or "") > CELL_LIMIT_CHARACTERS for cell in row):
            grid.problems.append((line, Reason.OVERSIZED_CELL, ""))
        else:
            rows.append(row)
            lines.append(line)
    grid.rows, grid.lines = rows, lines
