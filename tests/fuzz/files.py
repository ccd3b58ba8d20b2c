"""A sheet in a file: delimited text, workbook, Parquet, JSON or zip.

What the generator knows of the file stands in `Written`, counted while writing and never by a reader's code.
Not here: damage to the bytes (damage).
"""

import json
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

from pipeline.declare.codes import Kind
from tests.fuzz.invented import Sheet

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
CONTAINERS = {
    **dict.fromkeys(DELIMITERS, ".csv"), "xlsx": ".xlsx", "parquet": ".parquet", "json": ".json", "zip": ".zip",
}  # fmt: skip
_BREAK = re.compile("\r\n|\r|\n")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass
class Written:
    """What is known of a file that was written.

    `lines`: file line -> cells of each row that must stand in the mirror. `optional`: lines that a reader may count
    as rows or not. `open_from`: from this line on damage makes the content unknowable (1: all of it). `numbered`:
    whether the reader's row numbers are the lines. `exact`: cells come back letter for letter. `hopeless`: why it
    must be refused, empty where it need not.
    """

    path: Path
    kind: Kind
    header: list[str]
    mapping: dict[str, str]
    lines: dict[int, list[str]] = field(default_factory=dict)
    optional: set[int] = field(default_factory=set)
    open_from: int | None = None
    numbered: bool = True
    exact: bool = False
    hopeless: str = ""
    ends: list[tuple[int, int]] = field(default_factory=list)  # (line, offset behind it), header first


def write(sheet: Sheet, container: str, random: Random, folder: Path, name: str) -> Written:
    """The sheet in a file of its container, and its sidecar where it has one."""
    written = Written(folder / f"{name}{CONTAINERS[container]}", sheet.kind, sheet.header, sheet.mapping)
    {"xlsx": _workbook, "parquet": _parquet, "json": _json, "zip": _zip}.get(container, _text)(
        sheet, written, random, DELIMITERS.get(container, ",")
    )
    stated = list(sheet.sidecar)
    if sheet.mapping:
        stated += ["[columns]", *(f"{_toml(ours)} = {_toml(theirs)}" for ours, theirs in sheet.mapping.items())]
    if stated:
        text = "\n".join(stated)
        encoding = "latin-1" if text.isascii() or "é" in stated else "utf-8"
        written.path.with_name(written.path.name + ".toml").write_bytes(text.encode(encoding, "replace"))
    return written


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=True).replace("\\u00e9", "é") if "\\" not in text else "'x'"


def _render(sheet: Sheet, written: Written, random: Random, delimiter: str) -> str:
    ends = random.choice(("\n", "\n", "\r\n"))
    always = random.random() < 0.25
    parts: list[str] = []
    line = offset = 0
    below = len(sheet.titles)
    everything = [*sheet.titles, sheet.header, *sheet.below_header, *sheet.rows]
    for number, row in enumerate(everything):
        text = (delimiter.join(_quoted(cell, delimiter, always) for cell in row) or random.choice(("", " "))) + ends
        begins, line = line + 1, line + len(_BREAK.findall(text))
        offset += len(text.encode("utf-8", "surrogatepass"))
        blank = not row or (len(row) == 1 and not row[0].strip())
        if number >= below:
            written.ends.append((begins, offset))
        if number > below and not blank:
            written.lines[begins] = row
        if number < below or number <= below + len(sheet.below_header):
            written.optional.add(begins)
        parts.append(text)
    return "".join(parts)


def _quoted(cell: str, delimiter: str, always: bool) -> str:
    """A cell as RFC 4180 has it; csv.writer leaves a lone carriage return bare, which ends a line for any reader."""
    if always or any(mark in cell for mark in (delimiter, '"', "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _text(sheet: Sheet, written: Written, random: Random, delimiter: str) -> None:
    text = _render(sheet, written, random, delimiter)
    written.exact = True
    if _SURROGATE.search(text):
        written.hopeless = "surrogates in UTF-8"
    written.path.write_bytes(text.encode("utf-8", "surrogatepass"))


def _zip(sheet: Sheet, written: Written, random: Random, delimiter: str) -> None:
    text = _render(sheet, written, random, delimiter)
    written.numbered, written.ends = False, []
    if _SURROGATE.search(text):
        written.hopeless = "surrogates in UTF-8"
    with zipfile.ZipFile(written.path, "w", zipfile.ZIP_DEFLATED) as archive:
        member = random.choice(("data.csv", "data.csv", "folder/data.csv", "../data.csv", "/data.csv", "data.exe"))
        archive.writestr(member, text.encode("utf-8", "surrogatepass"))
        for other in random.choice(((), (), ("readme.txt",), ("__MACOSX/._data.csv",), ("data2.csv",))):
            archive.writestr(other, "read me")


def _plain_rows(sheet: Sheet, longest: int) -> None:
    """Cells as a workbook or a columnar file can hold them at all."""
    for row in (sheet.header, *sheet.titles, *sheet.rows):
        row[:] = [_SURROGATE.sub("?", cell)[:longest] for cell in row]


def _workbook(sheet: Sheet, written: Written, random: Random, delimiter: str) -> None:
    import xlsxwriter

    _plain_rows(sheet, 32_000)
    book = xlsxwriter.Workbook(str(written.path), {"default_date_format": "yyyy-mm-dd"})
    typed, formulas = random.random() < 0.5, random.random() < 0.1
    if random.random() < 0.2:
        book.add_worksheet("notes").write_string(0, 0, "read me")
    page = book.add_worksheet(random.choice(("data", "Sheet1", "2022")))
    for number, row in enumerate([*sheet.titles, sheet.header, *sheet.below_header, *sheet.rows]):
        place = number - len(sheet.titles)
        for at, cell in enumerate(row):
            if typed and place > 0 and re.fullmatch(r"[1-9][0-9]{0,14}|0", cell):
                page.write_number(number, at, int(cell))
            elif typed and place > 0 and _is_day(cell):
                page.write_datetime(number, at, date.fromisoformat(cell))
            elif formulas and place > 0 and cell in ("#DIV/0!", "#REF!", "#N/A", "#VALUE!"):
                page.write_formula(number, at, "=1/0", None, cell)
            elif cell:
                page.write_string(number, at, cell)
        if place > 0 and any(cell.strip() for cell in row):
            written.lines[number + 1] = row
            if not any(_loose(cell) for cell in row):
                written.optional.add(number + 1)
        if place <= len(sheet.below_header):
            written.optional.add(number + 1)
    book.close()


def _is_day(cell: str) -> bool:
    return bool(re.fullmatch(r"(19[1-9][0-9]|20[0-9]{2})-[01][0-9]-[0-3][0-9]", cell)) and _parses(cell)


def _parses(cell: str) -> bool:
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _parquet(sheet: Sheet, written: Written, random: Random, delimiter: str) -> None:
    import polars as pl

    _plain_rows(sheet, 3_000_000)
    sheet.header[:] = [
        cell if cell not in sheet.header[:at] else f"{cell}~{at}" for at, cell in enumerate(sheet.header)
    ]
    width = len(sheet.header)
    rows = [[*row, *[""] * width][:width] for row in sheet.rows if row]
    data = {}
    typed = random.random() < 0.5
    for at, name in enumerate(sheet.header):
        cells = [row[at] for row in rows]
        if typed and any(cells) and all(re.fullmatch(r"[0-9]{0,9}", cell) for cell in cells):
            numbers = [int(cell) if cell else None for cell in cells]
            data[name] = pl.Series(numbers, dtype=random.choice((pl.Int64, pl.Float64, pl.UInt32)))
        elif typed and any(cells) and all(not cell or _is_day(cell) for cell in cells):
            days = [date.fromisoformat(cell) if cell else None for cell in cells]
            data[name] = pl.Series(days, dtype=pl.Date).cast(random.choice((pl.Date, pl.Datetime("us"))))
        else:
            data[name] = pl.Series(cells, dtype=random.choice((pl.String, pl.String, pl.Categorical)))
    pl.DataFrame(data).write_parquet(written.path)
    written.lines = dict(enumerate(rows, start=1))


def _json(sheet: Sheet, written: Written, random: Random, delimiter: str) -> None:
    width = len(sheet.header)
    rows = [[*row, *[""] * width][:width] for row in sheet.rows if row]
    typed = random.random() < 0.5
    records = [
        {
            k: int(v) if typed and re.fullmatch(r"[1-9][0-9]{0,14}", v) else v
            for k, v in zip(sheet.header, row, strict=True)
        }
        for row in rows
    ]
    whole = random.choice((records, {"status": 200, "success": True, "count": len(rows), "data": records}))
    written.path.write_text(json.dumps(whole, ensure_ascii=random.random() < 0.5), "utf-8", "surrogatepass")
    written.lines, written.numbered = dict(enumerate(rows, start=1)), False
    if len(set(sheet.header)) < width or any(_SURROGATE.search("".join(row)) for row in rows):
        written.open_from = 1  # what a name given twice or half a letter means is the reader's to say


def _loose(cell: str) -> str:
    """A cell without what a workbook or a typed file cannot carry: control characters, line ends, outer blanks."""
    return re.sub(r"_x00[0-9A-Fa-f]{2}_|[\x00-\x1f\x7f\ufffe\uffff]", "", cell).strip()


def same(given: str, found: str | None, exact: bool) -> bool:
    """Whether a mirrored cell is the cell that was written: to the letter, or as typed cells come back."""
    if exact:
        return given == (found or "")
    a, b = _loose(given), _loose(found or "")
    if a == b or (_is_day(a) and b.startswith(a)):
        return True
    try:
        return float(a) == float(b)
    except ValueError:
        return False
