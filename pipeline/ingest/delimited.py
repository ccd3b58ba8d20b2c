"""Delimited text: the guard that a lenient CSV parser lacks, then rows with their line numbers.

Refused whole: an empty file, a header only, an HTML or JSON page, another file type under a .csv name,
bytes that do not decode, an unclosed quote. Set aside by line: ragged rows, NUL bytes, cells over 1 MB.

Not here: which columns the table must have (formats), other file types (excel, jsontable, table).
"""

import codecs
import csv
import io
import re
import sys
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from pipeline.declare.codes import Kind, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.ingest.cells import Grid, GridBuilder
from pipeline.ingest.header import HEADER_SEARCH_ROWS, fits, in_one_order
from pipeline.ingest.sidecar import Sidecar

SIZE_LIMIT_BYTES = 1_000_000_000
CHUNK_BYTES = 1 << 22
LARGE_BYTES = 64_000_000  # the rows of a larger file go to the disk while it is read and judged
DELIMITERS = (",", ";", "\t", "|")
HEAD_LINES = 100  # a header and titles stand in them, line breaks inside of quoted names included
# What spreadsheets write and read as a first line: "sep=;".
_STATED = re.compile(r"""["']?sep=([^\w\s"']|\t)["']?[\s,;|]*""", re.IGNORECASE)

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


@dataclass(frozen=True)
class Encoded:
    """What one pass over a file's bytes tells: its encoding and first characters, and whether it holds NUL."""

    encoding: str
    start: str
    has_nul: bool


@dataclass(frozen=True)
class Layout:
    """How a file is laid out: its delimiter, the lines above the header, and the names where it has no header."""

    delimiter: str
    above: int = 0
    names: list[str] | None = None


def check_size(path: Path) -> None:
    """Refuse what is empty or over the size limit before a byte is parsed."""
    size = path.stat().st_size
    if size == 0:
        raise UnusableInput(f"{path.name}: the file is empty; export it again")
    if size > SIZE_LIMIT_BYTES:
        raise UnusableInput(f"{path.name}: {size:,} bytes is over the limit of {SIZE_LIMIT_BYTES:,}; split the file")


def first_line(error: BaseException, path: Path) -> str:
    """What a library says of a damaged file, without its further lines and the file's place on this machine."""
    return (str(error).splitlines() or [""])[0].replace(str(path), path.name)


def read_text(path: Path, kind: Kind, sidecar: Sidecar) -> Grid:
    """The grid of a delimited text file: comma, semicolon, tab or bar, whichever makes a line a header of this kind.

    Titles may stand above the header, and a line `sep=;`; of no file is more than the head tried. Read in blocks, so
    that a file of a million rows never stands in memory as Python objects, and a large one not as columns either.
    """
    checked = check_text(path)
    if checked.start.startswith(("{", "[")):
        raise UnusableInput(
            f"{path.name}, line 1: JSON, not a table of text; name it .json if it holds records, or ask the source "
            "for CSV"
        )
    with path.open("r", encoding=checked.encoding, newline="") as handle:
        head = list(islice(handle, HEAD_LINES))
        handle.seek(0)
        layout = _layout(head, kind, sidecar)
        grid = _rows(path, handle, layout, checked.has_nul)
    titles = sum(bool(line.strip()) and not _STATED.fullmatch(line) for line in head[: layout.above])
    if layout.names:
        note = f"{path.name}: no header; the columns are those of the format, which come in one order"
        grid = replace(grid, notes=(note,))
    elif titles and fits(grid.header, _first(grid), kind, sidecar):
        note = f"{path.name}: what stands above the header in line {grid.header_line} was passed over"
        grid = replace(grid, notes=(note,))
    if not grid.height and not grid.problems:
        raise UnusableInput(f"{path.name}: a header and no rows; export the file again")
    return grid


def check_text(path: Path) -> Encoded:
    """Decode all of a file once, keeping next to nothing. Raises UnusableInput naming line and offset.

    A file of blanks only is refused too, and a page of the web under another name.
    """
    check_size(path)
    with path.open("rb") as handle:
        encoding = _encoding(path, handle.read(200))
        handle.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        start, has_nul, fed = "", False, 0
        try:
            while chunk := handle.read(CHUNK_BYTES):
                fed += len(chunk)
                text = decoder.decode(chunk)
                has_nul = has_nul or "\x00" in text
                # Blanks at the start are passed over: what the file is shows in its first characters.
                start = start or text.lstrip()[:200]
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise _undecodable(path, error, fed) from None
    if not start:
        raise UnusableInput(f"{path.name}: the file holds only blanks; export it again")
    if start.lower().startswith(("<!doctype", "<html", "<?xml", "<head", "<body")):
        raise UnusableInput(f"{path.name}, line 1: an HTML or XML page, not a table; download the file again")
    return Encoded(encoding, start, has_nul)


def _layout(head: list[str], kind: Kind, sidecar: Sidecar) -> Layout:
    """How the file is laid out, by its first lines: a delimiter counts by the header it makes, never by its number.

    Where no line is a header of this kind the widest delimiter is taken, for the message that says so.
    """
    stated = _STATED.fullmatch(head[0]) if head else None
    first = 1 if stated else 0
    delimiters = tuple(dict.fromkeys([stated[1], *DELIMITERS])) if stated else DELIMITERS
    tried = {delimiter: _head_rows(head, first, delimiter) for delimiter in delimiters}
    for number in range(HEADER_SEARCH_ROWS):
        for delimiter, rows in tried.items():
            if number < len(rows):
                above, row = rows[number]
                below = rows[number + 1][1] if number + 1 < len(rows) else []
                if fits(row, below if len(below) == len(row) else [], kind, sidecar):
                    return Layout(delimiter, above)
    for delimiter, rows in tried.items():
        names = in_one_order([row for _, row in rows], kind)
        if names is not None:
            return Layout(delimiter, first, names)
    widest = max(tried, key=lambda delimiter: max((_stated(row) for _, row in tried[delimiter]), default=0))
    rows = tried[stated[1] if stated else widest][:HEADER_SEARCH_ROWS]
    return Layout(stated[1] if stated else widest, next((above for above, row in rows if _stated(row) > 2), first))


def _head_rows(head: list[str], first: int, delimiter: str) -> list[tuple[int, list[str]]]:
    """The first rows that are not blank, each with the number of lines above it; a row that is cut off is none."""
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(head[first:], delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    above = first
    for row in reader:
        if row and "".join(row).strip():
            rows.append((above, row))
        above = first + reader.line_num
        if len(rows) > HEADER_SEARCH_ROWS:
            break
    return rows


def _stated(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _first(grid: Grid) -> list[str]:
    found = grid.first()
    return [cell or "" for cell in found[0]] if found else []


def _rows(path: Path, handle: io.TextIOBase, layout: Layout, has_nul: bool) -> Grid:
    csv.field_size_limit(sys.maxsize)
    for _ in range(layout.above):
        handle.readline()
    reader = csv.reader(handle, delimiter=layout.delimiter, strict=True)
    line = layout.above
    try:
        header = layout.names or next(row for row in reader if row and "".join(row).strip())
        width, line = len(header), layout.above + reader.line_num
        large = path.stat().st_size > LARGE_BYTES
        built = GridBuilder(header, has_nul=has_nul, header_line=0 if layout.names else line, large=large)
        for row in reader:
            begins, line = line + 1, layout.above + reader.line_num
            if row and len(row) == width and (width > 1 or row[0].strip()):
                built.add(begins, row)
            elif row and (len(row) > 1 or row[0].strip()):
                built.problem(begins, Reason.RAGGED_ROW, f"{len(row)} cells, header has {width}")
    except csv.Error as error:
        raise UnusableInput(
            f"{path.name}, line {line + 1}: {error}; a quote that is opened and never closed is the usual cause"
        ) from error
    return built.finished()


def _encoding(path: Path, head: bytes) -> str:
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise UnusableInput(f"{path.name}: this is {what} under another name; give it its own ending")
    if head[8:12] == b"DUCK":
        raise UnusableInput(f"{path.name}: this is a DuckDB database; databases are not taken as input")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.count(b"\x00") > 40:
        raise UnusableInput(f"{path.name}: looks like UTF-16 without a byte order mark; save it as UTF-8")
    return "utf-8-sig"


def _undecodable(path: Path, error: UnicodeDecodeError, fed: int) -> UnusableInput:
    """The refusal that says where. What the decoder failed at is the end of the bytes that it was given so far."""
    offset = fed - len(error.object) + error.start
    line, left = 1, offset
    with path.open("rb") as handle:
        while left and (chunk := handle.read(min(CHUNK_BYTES, left))):
            line += chunk.count(b"\n")
            left -= len(chunk)
    return UnusableInput(
        f"{path.name}, line {line}: byte {error.object[error.start]:#04x} at offset {offset} is not {error.encoding}; "
        "save the file as UTF-8"
    )
