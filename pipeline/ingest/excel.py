"""Excel workbooks: values only, read as text; the header may stand below title rows.

The archive is judged before anything is extracted: a workbook is a zip file and can be a bomb.

What the XML of a workbook's sheet tells beside its values: cells merged over rows, rows that are hidden.
"""

import html
import re
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import polars as pl

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.ingest.archive import damage_refused
from pipeline.ingest.cells import Grid, schema
from pipeline.ingest.delimited import check_size, first_line
from pipeline.ingest.header import HEADER_SEARCH_ROWS, explain_unknown, fits, in_one_order, without_tags
from pipeline.ingest.sheets import together
from pipeline.ingest.sidecar import Sidecar

if TYPE_CHECKING:
    import fastexcel

_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*\bref=["']\$?([A-Z]+)\$?([0-9]+):\$?[A-Z]+\$?([0-9]+)["']""")
_HIDDEN = re.compile(rb"""<(?:\w+:)?row\b(?=[^>]*\bhidden=["'](?:1|true)["'])[^>]*\br=["']([0-9]+)["']""")
_FILLED = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br=["']([A-Z]+)[0-9]+["'][^>]*(?<!/)>\s*<(?:\w+:)?(?:v|is|f)\b""")


@dataclass(frozen=True)
class SheetXml:
    """`merged`: (first row, last row, column) of cells merged over several rows, columns counted from the first one
    that holds a value, as the library does; `hidden`: numbers of hidden rows; `filtered`: whether a filter may have
    hidden them.
    """

    merged: tuple[tuple[int, int, int], ...] = ()
    hidden: frozenset[int] = frozenset()
    filtered: bool = False


def sheet_xml(path: Path, sheet: str) -> SheetXml:
    """The same of one sheet of a workbook that was judged before."""
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        content = archive.read(member) if member else b""
    ranges = [(first, last, column) for column, first, last in _MERGED.findall(content) if first != last]
    hidden = frozenset(int(row) for row in _HIDDEN.findall(content)) if b"hidden=" in content else frozenset()
    if not ranges and not hidden:
        return SheetXml()
    start = min(map(column_number, set(_FILLED.findall(content))), default=1) if ranges else 1
    merged = tuple((int(first), int(last), column_number(column) - start) for first, last, column in ranges)
    filtered = b"autoFilter" in content or b"tablePart" in content
    return SheetXml(tuple(one for one in merged if one[2] >= 0), hidden, filtered)


def column_number(letters: bytes) -> int:
    """A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The part of the archive that holds a sheet: the workbook names the relation, the relations name the part."""
    parts = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= parts:
        return None
    named = {
        html.unescape(stated.get("name", "")): next((v for k, v in stated.items() if k.endswith(":id")), "")
        for stated in map(_attributes, _SHEET.findall(_text(archive, "xl/workbook.xml")))
    }
    targets = {
        stated.get("Id", ""): stated.get("Target", "")
        for stated in map(_attributes, _RELATION.findall(_text(archive, "xl/_rels/workbook.xml.rels")))
    }
    target = targets.get(named.get(sheet, ""), "")
    member = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl", target))
    return member if member in parts else None


def _attributes(text: str) -> dict[str, str]:
    return {name: first or second for name, first, second in _ATTRIBUTE.findall(text)}


def _text(archive: zipfile.ZipFile, member: str) -> str:
    return archive.read(member).decode("utf-8-sig", "replace")


EXPANDED_LIMIT_BYTES = 500_000_000
RATIO_LIMIT = 200
# How the library names the errors of a workbook -> what the cell shows.
ERROR_TEXTS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
    "Value": "#VALUE!", "GettingData": "#GETTING_DATA",
}  # fmt: skip
ROWS_LIMIT, COLUMNS_LIMIT = 1_048_576, 16_384  # what the format itself allows
CELLS_LIMIT = 30_000_000  # of the rectangle that the sheet spans, about a gigabyte while it is read
# The row of a row or of a cell further out than rows of tables are; columns beyond Z.
_ROW = re.compile(rb"""<row\b[^>]*\br=["']([0-9]+)["']|<c\b[^>]*\br=["'][A-Z]+([0-9]{6,})["']""")
_WIDE_COLUMN = re.compile(rb"""<c\b[^>]*\br=["']([A-Z]{2,})[0-9]""")
# A cell that holds a formula and nothing else: neither a value nor an error.
_FORMULA_ALONE = re.compile(
    rb"<c\b([^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>", re.DOTALL
)


def check_archive(path: Path) -> None:
    """Refuse an archive that expands beyond reason, leaves its folder or is no archive at all."""
    check_size(path)
    with damage_refused(path, "save it again as .xlsx"), zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    for member in members:
        if member.filename.startswith(("/", "\\")) or ".." in Path(member.filename).parts:
            raise UnusableInput(f"{path.name}: the archive holds the path {member.filename!r}; refused")
    expanded = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if expanded > EXPANDED_LIMIT_BYTES or expanded / packed > RATIO_LIMIT:
        raise UnusableInput(f"{path.name}: expands to {expanded:,} bytes from {packed:,}; refused as a zip bomb")
    _check_stated_sizes(path)


def _check_stated_sizes(path: Path) -> None:
    """Refuse a damaged member, or one that is larger than it says: reading stops at the stated size."""
    with damage_refused(path, "save it again as .xlsx"), zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged:
        raise UnusableInput(f"{path.name}: {damaged!r} in it is damaged or of another size than stated; save it again")


def read_excel(path: Path, kind: Kind, sidecar: Sidecar) -> Grid:
    """The one visible sheet in which some row is a header of a format of this kind, the one the sidecar names, or all.

    Cells are text as the workbook holds them: numbers without thousands separators, dates as ISO, a formula's last
    value, a formula's error as its text (#DIV/0!). A hidden sheet is read only where the sidecar names it. Raises
    UnusableInput where several sheets hold records and the sidecar says neither `sheet` nor `sheets`.
    """
    workbook = _opened(path)
    if sidecar.sheet and sidecar.sheet not in workbook.sheet_names:
        names = ", ".join(map(repr, workbook.sheet_names))
        raise UnusableInput(f"{path.name}: no sheet {sidecar.sheet!r}; it has {names}")
    with_errors = _holds_error_cells(path)
    first_header: list[str] = []
    hidden: list[str] = []
    found: dict[str, Grid] = {}
    without: dict[str, pl.DataFrame] = {}
    for name in [sidecar.sheet] if sidecar.sheet else workbook.sheet_names:
        cells = _cells(path, workbook, name, with_errors, hidden_too=bool(sidecar.sheet))
        if cells is None:
            hidden.append(name)
            continue
        head = [[cell or "" for cell in row] for row in cells.head(HEADER_SEARCH_ROWS + 1).rows()]
        wide = (row for row in head[:HEADER_SEARCH_ROWS] if sum(bool(cell.strip()) for cell in row) > 2)
        first_header = first_header or next(wide, [])
        told = sheet_xml(path, name)
        position = _header_row(head, kind, sidecar)
        if position is None:  # names of columns may be merged over several rows of headings
            head = _headings(head, told)
            position = _header_row(head, kind, sidecar)
        if position is None:
            without[name] = cells
        else:
            found[name] = _grid(path, name, head[position], cells, position, told)
    if not found:
        found = _without_header(path, kind, without)
    if found:
        return _read(path, kind, sidecar, found, workbook.sheet_names)
    remedy = f". Hidden sheets are not read ({', '.join(map(repr, hidden))}); unhide one or name it in the sidecar"
    raise UnusableInput(
        f"{path.name}: no sheet has a header of a known {kind} format in its first {HEADER_SEARCH_ROWS} rows; "
        + explain_unknown(first_header, kind, sidecar.columns)
        + (remedy if hidden else "")
    )


def _opened(path: Path) -> "fastexcel.ExcelReader":
    import fastexcel

    check_archive(path)
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise UnusableInput(
            f"{path.name}: the workbook cannot be read ({first_line(error, path)}); save it again as .xlsx"
        ) from error


def _cells(
    path: Path, workbook: "fastexcel.ExcelReader", name: str, with_errors: bool, *, hidden_too: bool
) -> pl.DataFrame | None:
    """All cells of a sheet as text; None for a hidden one that is not asked for."""
    import fastexcel

    try:
        sheet = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        if sheet.visible != "visible" and not hidden_too:
            return None
        return _with_errors(sheet) if with_errors else sheet.to_polars()
    except fastexcel.FastExcelError as error:
        raise UnusableInput(f"{path.name}: the sheet {name!r} cannot be read ({first_line(error, path)})") from error


def _header_row(head: list[list[str]], kind: Kind, sidecar: Sidecar) -> int | None:
    for position, row in enumerate(head[:HEADER_SEARCH_ROWS]):
        if fits(row, head[position + 1] if position + 1 < len(head) else [], kind, sidecar):
            return position
    return None


def _headings(head: list[list[str]], told: SheetXml) -> list[list[str]]:
    """The first rows with every name that is merged over several of them in each."""
    filled = [list(row) for row in head]
    for first, last, column in told.merged:
        for row in range(first, min(last, len(filled))):
            if column < len(filled[row]):
                filled[row][column] = filled[first - 1][column]
    return filled


def _without_header(path: Path, kind: Kind, sheets: dict[str, pl.DataFrame]) -> dict[str, Grid]:
    """The sheets that hold records of a format in one order of columns, and no header."""
    found = {}
    for name, cells in sheets.items():
        names = in_one_order([[cell or "" for cell in row] for row in cells.head(HEADER_SEARCH_ROWS).rows()], kind)
        if names is not None:
            grid = _grid(path, name, names, cells, -1, sheet_xml(path, name))
            note = f"{path.name}: no header; the columns are those of the format, which come in one order"
            found[name] = replace(grid, notes=(*grid.notes, note))
    return found


def _read(path: Path, kind: Kind, sidecar: Sidecar, found: dict[str, Grid], names: list[str]) -> Grid:
    """The grid of the sheet that is meant, or of all of them."""
    if sidecar.sheets:
        return together(path, kind, sidecar, found, names)
    filled = [name for name, grid in found.items() if without_tags(grid, kind, sidecar, path.name).height]
    if len(filled) > 1:
        raise UnusableInput(
            f"{path.name}: the sheets {', '.join(map(repr, filled))} each have a header of a {kind} format and rows; "
            f'which of them count must be said: write sheets = "all" into {path.name}.toml to read every one of them '
            f'as one delivery, or sheet = "{filled[0]}" to read one'
        )
    name = filled[0] if filled else next(iter(found))
    unread = [other for other in names if other != name]
    notes = (f"{path.name}: read the sheet {name!r}, not {', '.join(map(repr, unread))}",) if unread else ()
    return replace(found[name], notes=(*notes, *found[name].notes), sheet=name)


def _holds_error_cells(path: Path) -> bool:
    """Whether any sheet holds a cell of the type error; reading them takes a second way, which others need not pay.

    Raises UnusableInput for a sheet that reaches further than memory, and for a formula without its value: a program
    wrote it and no spreadsheet has computed it, so it would read as blank, which means not reported.
    """
    errors = False
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if not (member.startswith("xl/worksheets/") and member.endswith(".xml")):
                continue
            content = archive.read(member)
            _check_extent(path, member, content)
            errors = errors or b't="e"' in content
            for cell in _FORMULA_ALONE.finditer(content) if b"<f" in content else ():
                if b't="str"' not in cell[1]:  # a formula whose value is an empty text
                    place = re.search(rb'r="([A-Z]+[0-9]+)"', cell[1])
                    raise UnusableInput(
                        f"{path.name}: the formula in cell {place[1].decode() if place else 'unknown'} has no value; "
                        "open the workbook in a spreadsheet program and save it, so that it is computed"
                    )
    return errors


def _check_extent(path: Path, member: str, content: bytes) -> None:
    """Refuse a sheet whose last cell lies so far out that the library would ask for memory for all before it.

    One stray or damaged cell reference is enough, and a failed request ends the process, which nothing can catch.
    """
    rows = max((int(row or cell) for row, cell in _ROW.findall(content)), default=1)
    columns = max(map(column_number, set(_WIDE_COLUMN.findall(content))), default=26)
    if rows > ROWS_LIMIT or columns > COLUMNS_LIMIT or rows * columns > CELLS_LIMIT:
        raise UnusableInput(
            f"{path.name}: {Path(member).name} reaches to row {rows:,} and column {columns:,}, which is too far; "
            "delete the stray cells below and beside the table, or save it as CSV"
        )


def _with_errors(sheet: "fastexcel.ExcelSheet") -> pl.DataFrame:
    """The cells with each formula error as its text; the plain reader would leave them blank, as if not reported."""
    batch, faults = sheet.to_arrow_with_errors()
    cells = pl.DataFrame(pl.from_arrow(batch))
    if faults is None:
        return cells
    columns = cells.to_dict(as_series=False)
    names = list(columns)
    for fault in faults.errors:
        row, column = fault.position
        kind = re.search(r"Error\((\w+)\)", fault.detail)
        columns[names[column]][row] = ERROR_TEXTS.get(kind[1] if kind else "", "#ERROR!")
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


def _grid(path: Path, name: str, header: list[str], cells: pl.DataFrame, position: int, told: SheetXml) -> Grid:
    """Rows below the header at their own row numbers; blank rows are no rows, cells beside the table are kept."""
    named = cells.rename(dict(zip(cells.columns, schema(cells.width), strict=True)))
    body = named.slice(position + 1)
    stated = body.select(pl.any_horizontal(pl.all().str.strip_chars() != "").fill_null(False)).to_series()
    lines = pl.int_range(position + 2, position + 2 + body.height, eager=True)
    merged = tuple(
        (first, last, column, named[str(column)][first - 1] or "")
        for first, last, column in told.merged
        if first > position + 1 and first <= named.height and column < named.width
    )
    kept = lines.filter(stated)
    hidden = kept.is_in(list(told.hidden)).sum()
    how = "rows hidden by a filter" if told.filtered else "hidden rows"
    notes = (f"{path.name}: {hidden} {how} of the sheet {name!r} were read",) if hidden else ()
    return Grid(header, body.filter(stated), kept, header_line=position + 1, notes=notes, merged=merged)
