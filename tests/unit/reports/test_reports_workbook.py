"""The workbook: text stays text, the sheets a reader expects, banners where data are invented."""

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import fastexcel
import polars as pl

from pipeline.declare.columns import COLUMNS
from pipeline.declare.database import ordered
from pipeline.declare.tables import Layer, layer
from reports.files.month_sheets import BY_MONTH, THIS_MONTH, _readable
from reports.files.series import newest, series
from reports.files.workbook import LEFT_OUT, SHEETS, sheet_frame, write_workbook
from reports.release import Release


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path / "township_index.xlsx") as book:
        return {name: book.read(name).decode("utf-8") for name in book.namelist()}


def test_sheets_in_order(built: Path) -> None:
    names = fastexcel.read_excel(built / "township_index.xlsx").sheet_names
    assert names == [
        "Cover", "Contents", THIS_MONTH, BY_MONTH, "Notes", "Method", *(name for name, _, _ in SHEETS), "Dictionary"
    ]  # fmt: skip


def test_this_month_holds_each_township_once_the_heaviest_signal_first(built: Path, tables, release: Release) -> None:
    sheet = fastexcel.read_excel(built / "township_index.xlsx").load_sheet(THIS_MONTH).to_polars()
    assert sheet["adm3_pcode"].n_unique() == sheet.height == 330
    weight = {word: place for place, word in enumerate(ordered(COLUMNS["signal"]))}
    found = [weight[word] for word in sheet["signal"]]
    assert found == sorted(found, reverse=True)
    now = newest(series(tables, release))
    assert dict(sheet.select("adm3_pcode", "security_shown").rows()) == dict(
        now.select("adm3_pcode", "security_shown").rows()
    )


def test_clashes_by_month_leaves_what_is_not_known_empty_and_grey(built: Path, tables, release: Release) -> None:
    sheet = fastexcel.read_excel(built / "township_index.xlsx").load_sheet(BY_MONTH).to_polars()
    assert sheet.columns[4:] == ["2021-02", "2021-03", "2021-04", "2021-05"]
    wanted = series(tables, release)["clashes_month_count"]
    counts = sheet.select(pl.concat_list(sheet.columns[4:]).explode())[sheet.columns[4]]
    assert counts.cast(pl.Int64).equals(wanted.rename(sheet.columns[4]), null_equal=True)
    assert wanted.null_count() > 0 and (wanted == 0).any()
    (text,) = (one for one in parts(built).values() if 'type="colorScale"' in one)
    assert 'type="containsBlanks"' in text
    assert _readable("#f7f7f4") != _readable("#47246e")


def test_the_leading_method_stands_first(tables, release: Release, tmp_path: Path) -> None:
    other = replace(release, method="rolling-12m")
    for led, method in ((release, "isp-2023"), (other, "rolling-12m")):
        frame = sheet_frame(tables, "township_index", led.method)
        assert frame["method"].to_list() == [method] * 330 + sorted({"isp-2023", "rolling-12m"} - {method}) * 330


def test_nothing_runs_links_or_merges(built_hostile: Path) -> None:
    files = parts(built_hostile)
    sheets = [text for name, text in files.items() if name.startswith("xl/worksheets/")]
    assert not any(re.search(r"<f[ >]|<hyperlink[^>]*r:id|<mergeCell", text) for text in sheets)
    assert sum("<hyperlink" in text for text in sheets) == 1  # the contents, to the sheets of this very workbook
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


def test_every_table_has_a_sheet_or_is_named_as_left_out() -> None:
    held = {name for name, _, _ in SHEETS} | {name for name, _ in LEFT_OUT}
    assert held == {table.name for table in layer(Layer.PUBLISHED)}


def test_an_empty_table_has_no_sheet_and_is_named(tables, release: Release, tmp_path: Path) -> None:
    some = pl.col("adm3_pcode").is_in(tables["townships"]["adm3_pcode"].head(7).implode())
    few = {name: frame.filter(some) if "adm3_pcode" in frame.columns else frame for name, frame in tables.items()}
    few["sensitivity"] = tables["sensitivity"].clear()
    write_workbook(few, release, tmp_path / "x.xlsx", series(few, release))
    book = fastexcel.read_excel(tmp_path / "x.xlsx")
    assert "sensitivity" not in book.sheet_names
    assert "scenarios" in book.sheet_names
    notes = dict(book.load_sheet("Notes").to_polars().rows())
    assert notes["Empty tables"].endswith("sensitivity.")
    contents = {row[0]: row[2] for row in book.load_sheet("Contents").to_polars().rows()}
    assert contents["sensitivity"] == "empty in this release: no sheet"


def test_names_stand_beside_codes(built: Path) -> None:
    for name in ("township_index", "township_rates", "townships"):
        sheet = fastexcel.read_excel(built / "township_index.xlsx").load_sheet(name).to_polars()
        assert sheet.columns[:4] == ["adm3_pcode", "adm3_name", "adm3_name_my", "state_region"]
        assert dict(sheet.select("adm3_pcode", "adm3_name").rows())["MMR001001"] == "Myitkyina"


def test_each_sheet_prints_on_a4_with_its_release_and_marks(built_hostile: Path, built: Path) -> None:
    for text in (text for name, text in parts(built_hostile).items() if name.startswith("xl/worksheets/sheet")):
        assert 'paperSize="9" orientation="landscape"' in text or 'paperSize="9" fitTo' in text
        assert "SYNTHETIC DATA" in re.findall(r"<oddHeader>(.*?)</oddHeader>", text)[0]
        assert "Release 2023-11-26-0123abcd" in text
        assert "Page &amp;P of &amp;N" in text
    titles = re.findall(r"Print_Titles[^>]*>([^<]*)<", parts(built)["xl/workbook.xml"])
    assert len(titles) == len(SHEETS) + 6  # all but the cover
    assert "township_index!$A:$B,township_index!$1:$1" in titles  # too wide for one page: code and name on each
    assert not any("SYNTHETIC" in text for text in parts(built).values())


def test_nobody_is_named_in_the_properties(built: Path) -> None:
    core = parts(built)["docProps/core.xml"]
    assert re.findall(r"<dc:creator>(.*?)</dc:creator>", core) in ([], [""])
    assert re.findall(r"<cp:lastModifiedBy>(.*?)</cp:lastModifiedBy>", core) in ([], [""])
