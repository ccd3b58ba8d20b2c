"""township_index.xlsx: cover, contents, notes, one table a sheet, dictionary.

For a person who opens one file. Text stays text: nothing is read as a formula or a link, and there
are no macros and no merged cells. The full monthly series stands in tables/*.csv, not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.columns import COLUMNS
from pipeline.sources import BOUNDARY_DISCLAIMER
from reports.dictionary import DICTIONARY_HEADER, METHOD_HEADER, dictionary_rows, method_rows, table_rows
from reports.release import Release
from reports.slices import latest_of_all_methods, published
from reports.wording import day, visible

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_EXCEL_DAY_ZERO = pl.date(1899, 12, 30)
_LONGEST_CELL = 32_767  # Excel's own limit; a longer text makes the file unreadable
# (table, what the sheet holds, whether only the latest month stands here)
_SHEETS: tuple[tuple[str, str, bool], ...] = (
    ("national_summary", "The country by month, all methods", False),
    ("region_summary", "The 15 states, regions and union territory, latest month, all methods", True),
    ("township_index", "The 330 townships, latest month, all methods", True),
    ("territorial_control", "Share of control lost on three bases and three measures, latest month", True),
    ("revisions", "How past months moved between editions, all methods", False),
    ("township_rates", "Rates by area and people, raw and smoothed, latest month, all methods", True),
    ("township_changes", "The latest month beside the month before, all methods", True),
    ("hot_spots", "Hot and cold spots of clashes, latest month, all methods", True),
    ("spatial_autocorrelation", "Whether clashes cluster, by month, all methods", False),
    ("robustness", "In how many scenarios each class is kept, latest month, all methods", True),
    ("sensitivity", "What each choice of the method moves", False),
    ("explanations", "What each class is made from and what would change it", False),
    ("control_disagreement", "Where the bases of control disagree, latest month", True),
    ("composite", "Secondary: the optional composite of the three indices", False),
    ("composite_weights", "Weights of the optional composite", False),
    ("neighbours", "Which townships are neighbours", False),
    ("comparison", "Published figures beside this release", False),
    ("source_concordance", "How far sources of clashes agree, pair by pair", False),
    ("deliveries", "What went in", False),
    ("set_aside_summary", "Rows not used, by reason", False),
    ("corrections", "Known errors of the sources that were mended", False),
    ("actor_dialogue", "Conflict and dialogue of parties, late 2021", False),
    ("townships", "The list of 330 townships", False),
)

# Long tables for machines: one row an event count, a pair or a scenario.
_LEFT_OUT: tuple[tuple[str, str], ...] = (
    ("scenarios", "Every scenario and what it moves"),
    ("source_matches", "Clashes of two sources side by side, by month and township"),
    ("township_month_events", "Events by month, township and class"),
)


@dataclass(frozen=True)
class _Styles:
    header: Format
    title: Format
    banner: Format
    text: Format
    wrap: Format
    date: Format
    whole: Format
    fraction: Format


def _styles(book: Workbook) -> _Styles:
    return _Styles(
        header=book.add_format({"bold": True, "bg_color": "#E8EDF2", "bottom": 1, "text_wrap": True, "valign": "top"}),
        title=book.add_format({"bold": True, "font_size": 16}),
        banner=book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#7A1F1F"}),
        text=book.add_format({"num_format": "@"}),
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
        "security_changed_by": 50,
        "humanitarian_changed_by": 50,
        "services_changed_by": 50,
        "assumptions_note": 70,
        "correction_reason": 50,
    }
    return styles.text, wide.get(name, 18 if spec.type == "VARCHAR" else 11)


def _fill_table(sheet: Worksheet, frame: pl.DataFrame, styles: _Styles) -> None:
    """Header in row 1, data under it, column formats instead of one format a cell."""
    sheet.freeze_panes(1, 2 if frame.width > 6 else 1)
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
        for position, value in enumerate(row):
            sheet.write_string(count, position, visible(value)[:_LONGEST_CELL])
    sheet.autofilter(0, 0, max(count, 1), len(header) - 1)


def _cover(sheet: Worksheet, release: Release, styles: _Styles) -> None:
    sheet.set_column(0, 0, 26, styles.wrap)
    sheet.set_column(1, 1, 100, styles.wrap)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, "Township conflict index for Myanmar", styles.title)
    row = 1
    for banner in release.banners:
        sheet.write_string(row, 0, banner, styles.banner)
        sheet.write_string(row, 1, "", styles.banner)
        row += 1
    method = release.spec(release.method)
    facts = [
        ("Release", release.release_id),
        ("Data to", day(release.period_end)),
        ("As of", "everything received" if release.as_of is None else f"received by {day(release.as_of)}"),
        ("Method", f"{release.method}: {method.title}" if method else release.method),
        ("Code version", release.code_version),
        ("How to cite", release.citation),
        ("Boundaries", BOUNDARY_DISCLAIMER),
        ("Reading the figures", "Counts are floors: what no source reports is not in them. An empty cell is "
         "a value that is missing; it is never a zero. The meaning of each column stands on the sheet Dictionary."),
        *(("Source", f"{title}. Licence: {licence}. {words}") for title, licence, words in release.generated_from),
        *(("Note", note) for note in release.notes),
    ]  # fmt: skip
    for place, (name, value) in enumerate(facts, start=row + 1):
        sheet.write_string(place, 0, name)
        sheet.write_string(place, 1, visible(value)[:_LONGEST_CELL])


def _notes(release: Release) -> list[tuple[str, str]]:
    notes = [("Release", banner) for banner in release.banners]
    notes += [
        (f"Table {name}", f"{grain[0].upper()}{grain[1:]}. {caveats}".strip())
        for name, grain, _, caveats in table_rows()
    ]
    for method in release.methods:
        notes.append((f"Method {method.name}", method.title))
        notes.extend((f"Method {method.name}", caveat) for caveat in method.caveats)
    return notes


def _extent(tables: Mapping[str, pl.DataFrame], name: str, cut: bool) -> str:
    if tables[name].is_empty():
        return "empty in this release"
    return f"the full series stands in tables/{name}.csv" if cut else "complete"


def write_workbook(tables: Mapping[str, pl.DataFrame], release: Release, path: Path) -> None:
    """Write the workbook; the same tables and release give the same bytes."""
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
    _cover(book.add_worksheet("Cover"), release, styles)
    contents = [
        ("Notes", "Caveats per table", "complete"),
        ("Method", "Every number of the methods, with its reason", "complete"),
        *((name, words, _extent(tables, name, cut)) for name, words, cut in _SHEETS),
        ("Dictionary", "Every column: type, unit, meaning of zero and of missing", "complete"),
        *((name, words, f"not in the workbook: tables/{name}.csv") for name, words in _LEFT_OUT),
    ]
    _fill_words(book.add_worksheet("Contents"), ("sheet", "holds", "extent"), contents, (24, 70, 56), styles)
    _fill_words(book.add_worksheet("Notes"), ("about", "note"), _notes(release), (30, 110), styles)
    _fill_words(
        book.add_worksheet("Method"), METHOD_HEADER, method_rows(release.methods), (14, 24, 14, 10, 110), styles
    )
    for name, _, cut in _SHEETS:
        frame = latest_of_all_methods(tables, name) if cut else published(tables, name)
        _fill_table(book.add_worksheet(name), frame.drop("geometry", strict=False), styles)
    _fill_words(book.add_worksheet("Dictionary"), DICTIONARY_HEADER, dictionary_rows(),
                (28, 11, 20, 60, 34, 34, 40, 20, 50), styles)  # fmt: skip
    if release.internal:
        for sheet in book.worksheets():  # on paper, and in the tab of every sheet
            sheet.set_header(f"&C&B{release.confidential}")
            sheet.set_tab_color("#7A1F1F")
    book.close()
