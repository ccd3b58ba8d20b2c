"""The workbook: text stays text, the sheets a reader expects, banners where data are invented."""

import re
import zipfile
from pathlib import Path

import fastexcel

from reports.workbook import _SHEETS


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path / "township_index.xlsx") as book:
        return {name: book.read(name).decode("utf-8") for name in book.namelist()}


def test_sheets_in_order(built: Path) -> None:
    names = fastexcel.read_excel(built / "township_index.xlsx").sheet_names
    assert names == ["Cover", "Contents", "Notes", "Method", *(name for name, _, _ in _SHEETS), "Dictionary"]


def test_nothing_runs_links_or_merges(built_hostile: Path) -> None:
    files = parts(built_hostile)
    sheets = [text for name, text in files.items() if name.startswith("xl/worksheets/")]
    assert not any(re.search(r"<f[ >]|<hyperlink|<mergeCell", text) for text in sheets)
    assert not any("vba" in name.lower() or "externalLink" in name for name in files)
    assert "=HYPERLINK(" in files["xl/sharedStrings.xml"]  # kept, as text
    assert "<script>" not in files["xl/sharedStrings.xml"]


def test_codes_are_text_dates_are_dates_and_missing_is_empty(built: Path) -> None:
    sheet = fastexcel.read_excel(built / "township_index.xlsx").load_sheet("township_index").to_polars()
    assert sheet.height == 330 * 2
    assert sheet["adm3_pcode"].str.contains(r"^MMR\d{6}$").all()
    assert sheet["month"].dtype.is_temporal()
    assert 0 < sheet["clashes_count"].null_count() < sheet.height


def test_header_is_frozen_and_filtered(built: Path) -> None:
    files = parts(built)
    sheets = [text for name, text in files.items() if name.startswith("xl/worksheets/sheet")]
    assert sum('state="frozen"' in text for text in sheets) == len(sheets) - 1  # all but the cover
    assert sum("<autoFilter" in text for text in sheets) == len(sheets) - 1


def test_no_clock_in_the_properties(built: Path) -> None:
    assert "2023-11-26T00:00:00Z" in parts(built)["docProps/core.xml"]


def test_geometry_is_left_out(built: Path) -> None:
    townships = fastexcel.read_excel(built / "township_index.xlsx").load_sheet("townships").to_polars()
    assert "geometry" not in townships.columns
    assert townships.height == 330
