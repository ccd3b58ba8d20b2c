"""Excel workbooks: values only, read as text; the header may stand below title rows.

The archive is judged before anything is extracted: a workbook is a zip file and can be a bomb.
"""

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipeline.codes import Kind
from pipeline.errors import UnusableInput
from pipeline.readers.archive import damage_refused
from pipeline.readers.grid import Grid, schema
from pipeline.readers.header import HEADER_SEARCH_ROWS, explain_unknown, fits
from pipeline.readers.sidecar import Sidecar
from pipeline.readers.text import check_size, first_line

if TYPE_CHECKING:
    import fastexcel

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
    """The first visible sheet, or the one the sidecar names, in which some row is a header of a format of this kind.

    Cells are text as the workbook holds them: numbers without thousands separators, dates as ISO, a formula's last
    value, a formula's error as its text (#DIV/0!). A hidden sheet is read only where the sidecar names it.
    """
    import fastexcel

    check_archive(path)
    try:
        workbook = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise UnusableInput(
            f"{path.name}: the workbook cannot be read ({first_line(error, path)}); save it again as .xlsx"
        ) from error
    if sidecar.sheet and sidecar.sheet not in workbook.sheet_names:
        names = ", ".join(map(repr, workbook.sheet_names))
        raise UnusableInput(f"{path.name}: no sheet {sidecar.sheet!r}; it has {names}")
    with_errors = _holds_error_cells(path)
    first_header: list[str] = []
    hidden = []
    for name in [sidecar.sheet] if sidecar.sheet else workbook.sheet_names:
        try:
            sheet = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            if sheet.visible != "visible" and not sidecar.sheet:
                hidden.append(name)
                continue
            cells = _with_errors(sheet) if with_errors else sheet.to_polars()
        except fastexcel.FastExcelError as error:
            raise UnusableInput(
                f"{path.name}: the sheet {name!r} cannot be read ({first_line(error, path)})"
            ) from error
        head = [[cell or "" for cell in row] for row in cells.head(HEADER_SEARCH_ROWS + 1).rows()]
        for position, row in enumerate(head[:HEADER_SEARCH_ROWS]):
            if not first_header and sum(bool(cell.strip()) for cell in row) > 2:
                first_header = row
            if fits(row, head[position + 1] if position + 1 < len(head) else [], kind, sidecar):
                unread = [other for other in workbook.sheet_names if other != name]
                notes = (f"{path.name}: read the sheet {name!r}, not {', '.join(map(repr, unread))}",) if unread else ()
                return _grid(row, cells, position, notes)
    remedy = f". Hidden sheets are not read ({', '.join(map(repr, hidden))}); unhide one or name it in the sidecar"
    raise UnusableInput(
        f"{path.name}: no sheet has a header of a known {kind} format in its first {HEADER_SEARCH_ROWS} rows; "
        + explain_unknown(first_header, kind, sidecar.columns)
        + (remedy if hidden else "")
    )


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
    columns = max(map(_column_number, set(_WIDE_COLUMN.findall(content))), default=26)
    if rows > ROWS_LIMIT or columns > COLUMNS_LIMIT or rows * columns > CELLS_LIMIT:
        raise UnusableInput(
            f"{path.name}: {Path(member).name} reaches to row {rows:,} and column {columns:,}, which is too far; "
            "delete the stray cells below and beside the table, or save it as CSV"
        )


def _column_number(letters: bytes) -> int:
    """A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


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


def _grid(header: list[str], cells: pl.DataFrame, position: int, notes: tuple[str, ...]) -> Grid:
    """Rows below the header at their own row numbers; blank rows are no rows, cells beside the table are kept."""
    body = cells.rename(dict(zip(cells.columns, schema(cells.width), strict=True))).slice(position + 1)
    stated = body.select(pl.any_horizontal(pl.all().str.strip_chars() != "").fill_null(False)).to_series()
    lines = pl.int_range(position + 2, position + 2 + body.height, eager=True)
    return Grid(header, body.filter(stated), lines.filter(stated), header_line=position + 1, notes=notes)
