"""Excel workbooks: values only, read as text; the header may stand below title rows.

The archive is judged before anything is extracted: a workbook is a zip file and can be a bomb.
"""

import zipfile
import zlib
from pathlib import Path

from pipeline.codes import Kind
from pipeline.errors import UnusableInput, in_one_line
from pipeline.readers.formats import explain_unknown, recognise, renamed
from pipeline.readers.text import Grid, check_size

EXPANDED_LIMIT_BYTES = 500_000_000
RATIO_LIMIT = 200
HEADER_SEARCH_ROWS = 15
# What zipfile raises for damaged archives: an offset before the file's beginning is an OSError or a ValueError.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


def check_archive(path: Path) -> None:
    """Refuse an archive that expands beyond reason, leaves its folder or is no archive at all."""
    check_size(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except DAMAGED as error:
        raise UnusableInput(f"{path.name}: not a readable .xlsx workbook ({error}); save it again as .xlsx") from error
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
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except DAMAGED as error:
        raise UnusableInput(f"{path.name}: the workbook is damaged ({error}); save it again as .xlsx") from error
    if damaged:
        raise UnusableInput(f"{path.name}: {damaged!r} in it is damaged or of another size than stated; save it again")


def read_excel(path: Path, kind: Kind, columns: dict[str, str], sheet: str | None = None) -> Grid:
    """The first sheet, or the named one, in which some row is a header that a format of this kind knows.

    Cells are text as the workbook holds them (numbers without thousands separators, dates as ISO).
    """
    import fastexcel

    check_archive(path)
    try:
        workbook = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise UnusableInput(
            f"{path.name}: the workbook cannot be read ({in_one_line(error)}); save it again"
        ) from error
    if sheet and sheet not in workbook.sheet_names:
        raise UnusableInput(f"{path.name}: no sheet {sheet!r}; it has {', '.join(map(repr, workbook.sheet_names))}")
    names = [sheet] if sheet else workbook.sheet_names
    first_header: list[str] = []
    for name in names:
        try:
            cells = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars().rows()
        except fastexcel.FastExcelError as error:
            raise UnusableInput(f"{path.name}: the sheet {name!r} cannot be read ({in_one_line(error)})") from error
        for position, row in enumerate(cells[:HEADER_SEARCH_ROWS]):
            header = renamed([cell or "" for cell in row], columns)
            if not first_header and sum(bool(cell) for cell in header) > 2:
                first_header = header
            if recognise(header, kind) is not None:
                unread = [other for other in workbook.sheet_names if other != name]
                notes = (f"{path.name}: read the sheet {name!r}, not {', '.join(map(repr, unread))}",) if unread else ()
                return _grid([cell or "" for cell in row], cells, position, notes)
    raise UnusableInput(
        f"{path.name}: no sheet has a header of a known {kind} format in its first {HEADER_SEARCH_ROWS} rows; "
        + explain_unknown(first_header, kind)
    )


def _grid(header: list[str], cells: list[tuple[str | None, ...]], position: int, notes: tuple[str, ...]) -> Grid:
    """Rows below the header at their own row numbers; blank rows are no rows, cells beside the table are kept."""
    grid = Grid(header, [], [], header_line=position + 1, notes=notes)
    for number, row in enumerate(cells[position + 1 :], start=position + 2):
        if any(cell is not None and cell.strip() for cell in row):
            grid.rows.append(list(row))
            grid.lines.append(number)
    return grid
