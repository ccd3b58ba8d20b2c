"""Delimited text: the guard that a lenient CSV parser lacks, then rows with their line numbers.

Refused whole: an empty file, a header only, an HTML or JSON page, another file type under a .csv name,
bytes that do not decode, an unclosed quote. Set aside by line: ragged rows, NUL bytes, cells over 1 MB.

Not here: which columns the table must have (formats), other file types (excel, jsontable, table).
"""

import codecs
import csv
import io
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.codes import Reason
from pipeline.errors import UnusableInput
from pipeline.readers.grid import Grid, GridBuilder

SIZE_LIMIT_BYTES = 1_000_000_000
CHUNK_BYTES = 1 << 22

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


def read_text(path: Path) -> Grid:
    """The grid of a delimited text file (comma, semicolon or tab, as the header line shows).

    Read in blocks, so that a file of a million rows never stands in memory as Python objects.
    """
    checked = check_text(path)
    if checked.start.startswith(("{", "[")):
        raise UnusableInput(
            f"{path.name}, line 1: JSON, not a table of text; name it .json if it holds records, or ask the source "
            "for CSV"
        )
    with path.open("r", encoding=checked.encoding, newline="") as handle:
        first = next(line for line in handle if line.strip())
        handle.seek(0)
        grid = _rows(path, handle, max(",;\t", key=first.count), checked.has_nul)
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
        start, has_nul = "", False
        try:
            while chunk := handle.read(CHUNK_BYTES):
                text = decoder.decode(chunk)
                has_nul = has_nul or "\x00" in text
                # Blanks at the start are passed over: what the file is shows in its first characters.
                start = start or text.lstrip()[:200]
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise _undecodable(path, encoding) from None
    if not start:
        raise UnusableInput(f"{path.name}: the file holds only blanks; export it again")
    if start.lower().startswith(("<!doctype", "<html", "<?xml", "<head", "<body")):
        raise UnusableInput(f"{path.name}, line 1: an HTML or XML page, not a table; download the file again")
    return Encoded(encoding, start, has_nul)


def _rows(path: Path, handle: io.TextIOBase, delimiter: str, has_nul: bool) -> Grid:
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(handle, delimiter=delimiter, strict=True)
    line = 0
    try:
        header = next(row for row in reader if row and "".join(row).strip())
        width, line = len(header), reader.line_num
        built = GridBuilder(header, has_nul=has_nul, header_line=line)
        for row in reader:
            begins, line = line + 1, reader.line_num
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


def _undecodable(path: Path, encoding: str) -> UnusableInput:
    """The refusal that says where: the file is decoded once more as a whole, for the place in it."""
    data = path.read_bytes()
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        # The decoder counts from behind the byte order mark that it took off.
        offset = error.start + len(data) - len(error.object)
        line = data.count(b"\n", 0, offset) + 1
        return UnusableInput(
            f"{path.name}, line {line}: byte {data[offset]:#04x} at offset {offset} is not {error.encoding}; "
            "save the file as UTF-8"
        )
    return UnusableInput(f"{path.name}: the file changed while it was read; wait until it is complete")
