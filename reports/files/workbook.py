"""township_index.xlsx: cover, contents, this month, clashes by month, notes, one table a sheet, dictionary.

For a person who opens one file. Text stays text: nothing is read as a formula or a link, and there are no macros and
no merged cells. The full monthly series stands in tables/*.csv, not here.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.declare.codes import IndexName
from pipeline.declare.columns import COLUMNS
from pipeline.declare.sources import BOUNDARY_DISCLAIMER, CITED
from pipeline.declare.tables import Layer, layer
from reports.files.dictionary import DICTIONARY_HEADER, METHOD_HEADER, dictionary_rows, method_rows, table_rows
from reports.files.month_sheets import (
    BY_MONTH,
    NAMES,
    THIS_MONTH,
    TITLES,
    by_month,
    colour_this_month,
    fill_by_month,
    this_month,
)
from reports.files.release_changes import CHANGES
from reports.release import Release, latest_of_all_methods, licence, published
from reports.text.catalogue import say
from reports.text.wording import day, visible

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# (table, what the sheet holds, whether only the latest month stands here)
_SHEETS = {one.name: one.sheet for one in layer(Layer.PUBLISHED) if one.sheet is not None}
# (table, title, the latest month alone), in the order of the workbook.
SHEETS: tuple[tuple[str, str, bool], ...] = tuple(
    (name, sheet.title, sheet.latest)
    for name, sheet in sorted(_SHEETS.items(), key=lambda item: item[1].place or 0)
    if sheet.place is not None
)
# Long tables for machines, which have no sheet: (table, title).
LEFT_OUT: tuple[tuple[str, str], ...] = tuple(
    sorted(((name, one.title) for name, one in _SHEETS.items() if one.place is None), key=lambda item: item[1])
)


_NAMES = ("adm3_name", "adm3_name_my", "state_region")  # of a township, beside its code


def sheet_frame(tables: Mapping[str, pl.DataFrame], name: str, method: str) -> pl.DataFrame:
    """What a sheet holds: the table or its latest month, without the geometry, the leading `method` first.

    Of townships, code and names come first, for a reader to follow; a table that has only codes gets the names.
    """
    cut = next(latest_only for one, _, latest_only in SHEETS if one == name)
    frame = (latest_of_all_methods(tables, name) if cut else published(tables, name)).drop("geometry", strict=False)
    if "method" in frame.columns:
        frame = frame.sort(pl.col("method") != method, maintain_order=True)
    if "adm3_pcode" not in frame.columns:
        return frame
    lacking = [column for column in _NAMES if column not in frame.columns]
    names = published(tables, "townships").select("adm3_pcode", *lacking)
    named = frame.join(names, on="adm3_pcode", how="left", validate="m:1", maintain_order="left")
    return named.select("adm3_pcode", *_NAMES, pl.exclude("adm3_pcode", *_NAMES))


def _label(english: str) -> str:
    """A label of the cover in both languages, one under the other: a cell cannot be switched."""
    words = say(english)
    return f"{words.en}\n{words.my}"


def cover_rows(release: Release) -> list[tuple[str, str]]:
    """Label and text of each line of the cover, below title and banners."""
    method = release.spec(release.method)
    as_of = "everything received" if release.as_of is None else f"{day(release.as_of)}"
    return [
        (_label("Release identifier"), release.release_id),
        (_label("Data up to"), day(release.period_end)),
        (_label("Received until"), as_of),
        (_label("Method"), f"{release.method}: {method.title}" if method else release.method),
        (_label("Version of the code"), release.code_version),
        (_label("How to cite this workbook"), release.citation),
        (_label("Licence of the whole"), licence(release)["title"]),
        (_label("Boundaries and names"), BOUNDARY_DISCLAIMER),
        (_label("How to read the figures"), "Counts are floors: what no source reports is not in them. An empty cell "
         "is a value that is missing; it is never a zero. The sheet Notes says more; the meaning of each column stands "
         "on the sheet Dictionary."),
        *((_label("Source of records"), f"{title}. Licence: {terms}. {words}")
          for title, terms, words in release.generated_from),
        *((_label("Quoted in a table"), f"{one.citation} Licence: {one.licence}. Sheet: {', '.join(one.tables)}.")
          for one in CITED),
    ]  # fmt: skip


def note_rows(release: Release, empty: Sequence[str]) -> list[tuple[str, str]]:
    """How to read the sheets, then the caveats of tables and methods; `empty` are the tables that have no sheet."""
    reading = [
        ("Empty cell", "Not reported or not known; never zero. Columns of numbers hold numbers only and columns of "
         "dates dates only, so no shorthand such as [x] stands in them: an empty cell is what others write [x]."),
        ("Zero", "Counted and found to be none. What zero means of each column stands on the sheet Dictionary."),
        ("Suppressed figures", "Displaced people of fewer than 10 in a township are withheld: idps_persons is empty "
         "and idps_suppressed is TRUE, which others write [c]. Empty where idps_suppressed is FALSE, the figure "
         "was not reported."
         if not release.internal else
         "This is an internal workbook: figures of displaced people are exact and nothing is withheld."),
        ("Insufficient data", "The class insufficient_data: the township is in conflict and the records do not suffice "
         "to class it. It is neither a low class nor a zero."),
        ("Not in conflict", "The class not_in_conflict is a state of its own, outside the scale of the classes."),
        ("Provisional", "TRUE: the last months of a source are still under-reported; a fall there may be none."),
        ("Latest month", "Sheets that hold the latest month only say so on the sheet Contents, with the file that "
         "holds the whole series."),
        ("Names", "Township names in English and Burmese stand beside each P-code, also where the table itself has "
         "the P-code only. P-codes are text."),
        ("Empty tables", f"Without a sheet, because they are empty in this release: {', '.join(empty)}." if empty else
         "Every table of the workbook has rows in this release."),
    ]  # fmt: skip
    tables = [
        (f"Table {name}", f"{grain[0].upper()}{grain[1:]}. {caveats}".strip())
        for name, grain, _, caveats in table_rows()
    ]
    methods = [
        (f"Method {method.name}", words) for method in release.methods for words in (method.title, *method.caveats)
    ]
    return [*reading, *tables, *methods]


_EXCEL_DAY_ZERO = pl.date(1899, 12, 30)
_HEADER_HEIGHT = 46  # three lines: names of columns are long and break at their ends only
_LINE = 15.0
_TALLEST_ROW = 405.0
_READABLE_WIDTH = 260  # characters across A4: at more, print falls below about five points
_LONGEST_CELL = 32_767  # Excel's own limit; a longer text makes the file unreadable

WORKBOOK = "township_index.xlsx"  # beside the database of a release


@dataclass(frozen=True)
class _Styles:
    label: Format
    link: Format
    header: Format
    title: Format
    banner: Format
    text: Format
    truth: Format
    wrap: Format
    date: Format
    whole: Format
    fraction: Format


def _styles(book: Workbook) -> _Styles:
    return _Styles(
        label=book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
        link=book.add_format({"font_color": "#0B4F8A", "underline": 1, "valign": "top"}),
        header=book.add_format({"bold": True, "bg_color": "#E8EDF2", "bottom": 1, "text_wrap": True, "valign": "top"}),
        title=book.add_format({"bold": True, "font_size": 16}),
        banner=book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#7A1F1F"}),
        text=book.add_format({"num_format": "@", "indent": 1}),
        truth=book.add_format({"align": "center"}),
        wrap=book.add_format({"text_wrap": True, "valign": "top"}),
        date=book.add_format({"num_format": "yyyy-mm-dd"}),
        whole=book.add_format({"num_format": "#,##0"}),
        fraction=book.add_format({"num_format": "0.0##"}),
    )


def _column_look(name: str, styles: _Styles) -> tuple[Format, float]:
    """Format and width of a column from its declared type."""
    spec = COLUMNS[name]
    if spec.type == "DATE":
        return styles.date, 12
    if spec.type == "BIGINT":
        return styles.whole, 13
    if spec.type == "BOOLEAN":
        return styles.truth, 12
    if spec.type == "DOUBLE":
        return styles.fraction, 13
    wide = {
        "note": 70,
        "source": 42,
        "published_source": 34,
        "licence": 24,
        "file_name": 34,
        "figure": 32,
        "explanation": 90,
        "delivery_ids": 24,
        **{f"{index}_changed_by": 50 for index in IndexName},
        "assumptions_note": 70,
        "correction_reason": 50,
    }
    return styles.text, wide.get(name, 18 if spec.type == "VARCHAR" else 11)


def _fill_table(sheet: Worksheet, frame: pl.DataFrame, styles: _Styles) -> None:
    """Header in row 1, data under it, column formats instead of one format a cell."""
    sheet.freeze_panes(1, 2 if frame.width > 6 else 1)
    sheet.set_row(0, _HEADER_HEIGHT)
    sheet.autofilter(0, 0, max(frame.height, 1), frame.width - 1)
    for position, name in enumerate(frame.columns):
        look, width = _column_look(name, styles)
        sheet.set_column(position, position, width, look)
        sheet.write_string(0, position, name, styles.header)
        column = frame[name]
        if column.dtype == pl.Date:
            column = frame.select((pl.col(name) - _EXCEL_DAY_ZERO).dt.total_days())[name]
        write: Any = sheet.write_number
        if column.dtype == pl.String:
            write = sheet.write_string
            column = column.str.slice(0, _LONGEST_CELL)
        elif column.dtype == pl.Boolean:
            write = sheet.write_boolean
        for row, value in enumerate(column.to_list(), start=1):
            if value is not None:
                write(row, position, value)


def _height(cells: Sequence[str], widths: Sequence[int]) -> float:
    """Height of a row in which every text is seen whole; not every program works it out when it opens the file."""
    lines = max(
        sum(math.ceil(len(line) / (width - 2)) or 1 for line in cell.split("\n")) if cell else 1
        for cell, width in zip(cells, widths, strict=True)
    )
    return min(_LINE * lines, _TALLEST_ROW)


def _fill_words(
    sheet: Worksheet,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[int],
    styles: _Styles,
) -> None:
    sheet.freeze_panes(1, 0)
    for position, (name, width) in enumerate(zip(header, widths, strict=True)):
        sheet.set_column(position, position, width, styles.wrap)
        sheet.write_string(0, position, name, styles.header)
    count = 0
    for count, row in enumerate(rows, start=1):
        sheet.set_row(count, _height(row, widths))
        for position, value in enumerate(row):
            sheet.write_string(count, position, visible(value)[:_LONGEST_CELL])
    sheet.autofilter(0, 0, max(count, 1), len(header) - 1)


def _cover(sheet: Worksheet, release: Release, styles: _Styles) -> None:
    sheet.set_column(0, 0, 34, styles.wrap)
    sheet.set_column(1, 1, 100, styles.wrap)
    sheet.hide_gridlines(2)
    title = say("Township conflict index for Myanmar")
    sheet.write_string(0, 0, title.en, styles.title)
    sheet.write_string(1, 0, title.my, styles.title)
    row = 2
    for banner in release.banners:
        sheet.write_string(row, 0, banner, styles.banner)
        sheet.write_string(row, 1, "", styles.banner)
        row += 1
    sheet.set_row(0, 2 * _LINE)
    sheet.set_row(1, 2.5 * _LINE)
    for place, (name, value) in enumerate(cover_rows(release), start=row + 1):
        sheet.set_row(place, _height((name, value), (34, 100)))
        sheet.write_string(place, 0, name, styles.label)
        sheet.write_string(place, 1, visible(value)[:_LONGEST_CELL], styles.wrap)


def _contents(sheet: Worksheet, rows: Sequence[tuple[str, str, str]], linked: Container[str], styles: _Styles) -> None:
    _fill_words(sheet, ("sheet", "holds", "extent"), rows, (26, 74, 60), styles)
    for place, (name, _, _) in enumerate(rows, start=1):
        if name in linked:
            sheet.write_url(place, 0, f"internal:'{name}'!A1", styles.link, name)


def _on_paper(sheet: Worksheet, release: Release, width: float = 0) -> None:
    """A4 across, the header row on each page, what the sheet is and how far it may go on its edges.

    One page wide; a table that could not be read so takes more, with the first two columns (code and name) on each.
    """
    pages = math.ceil(width / _READABLE_WIDTH) or 1
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(pages, 0)
    if pages > 1:
        sheet.repeat_columns(0, 1)
    sheet.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.6)
    if sheet.get_name() != "Cover":
        sheet.repeat_rows(0)
    sheet.set_header(f"&L&A&R&B{release.watermark}")
    sheet.set_footer(f"&LRelease {release.release_id}&CAn empty cell is not reported, never zero&RPage &P of &N")


def _month_sheets(book: Workbook, months: pl.DataFrame, styles: _Styles) -> dict[str, float]:
    """Write the two sheets of now; returns how wide each is, in characters."""
    now, table = this_month(months), by_month(months)
    sheet = book.add_worksheet(THIS_MONTH)
    _fill_table(sheet, now, styles)
    colour_this_month(book, sheet, now)
    fill_by_month(book, book.add_worksheet(BY_MONTH), table,
                  lambda name: styles.text if name in NAMES else styles.whole, styles.header)  # fmt: skip
    return {THIS_MONTH: sum(_column_look(c, styles)[1] for c in now.columns), BY_MONTH: 8.0 * table.width + 40}


def write_workbook(tables: Mapping[str, pl.DataFrame], release: Release, path: Path, months: pl.DataFrame) -> None:
    """Write the workbook, `months` being a series; the same tables and release give the same bytes."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path),
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    # The day the data end stands for the day of creation: a clock here would change the bytes of each run.
    end = release.period_end
    book.set_properties({
        "title": "Township conflict index for Myanmar", "subject": " ".join(release.banners),
        "comments": f"Release {release.release_id}", "created": datetime(end.year, end.month, end.day),
    })  # fmt: skip
    styles = _styles(book)
    held = {name: frame for name, _, _ in SHEETS if (frame := sheet_frame(tables, name, release.method)).height}
    empty = [name for name, _, _ in SHEETS if name not in held]
    _cover(book.add_worksheet("Cover"), release, styles)
    contents = [
        *((name, words, "leading method") for name, words in TITLES.items()),
        ("Notes", "How to read the sheets, caveats per table", "complete"),
        ("Method", "Every number of the methods, with its reason", "complete"),
        *((name, words, f"the full series stands in tables/{name}.csv" if cut else "complete")
          for name, words, cut in SHEETS if name in held),
        ("Dictionary", "Every column: type, unit, meaning of zero and of missing", "complete"),
        *((name, words, f"not in the workbook: tables/{name}.csv") for name, words in LEFT_OUT),
        (CHANGES, "What is otherwise than in the release before", f"not in the workbook: {CHANGES}"),
        *((name, words, "empty in this release: no sheet") for name, words, _ in SHEETS if name in empty),
    ]  # fmt: skip
    _contents(book.add_worksheet("Contents"), contents, {"Notes", "Method", "Dictionary", *TITLES, *held}, styles)
    wide = _month_sheets(book, months, styles)
    _fill_words(book.add_worksheet("Notes"), ("about", "note"), note_rows(release, empty), (34, 120), styles)
    _fill_words(
        book.add_worksheet("Method"), METHOD_HEADER, method_rows(release.methods), (14, 24, 14, 10, 110), styles
    )
    wide |= {name: sum(_column_look(c, styles)[1] for c in frame.columns) for name, frame in held.items()}
    for name, frame in held.items():
        _fill_table(book.add_worksheet(name), frame, styles)
    _fill_words(book.add_worksheet("Dictionary"), DICTIONARY_HEADER, dictionary_rows(),
                (28, 11, 20, 60, 34, 34, 40, 20, 50), styles)  # fmt: skip
    for sheet in book.worksheets():
        _on_paper(sheet, release, wide.get(sheet.get_name(), 0))
        if release.internal:  # in the tab of every sheet
            sheet.set_tab_color("#7A1F1F")
    book.close()
