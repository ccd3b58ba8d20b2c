"""The lists: rows of townships, states and regions with their subtotals, the looks of what is no figure, the footer."""

import csv
import io
import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import polars as pl
import pytest

from pipeline.declare.settings import REPOSITORY
from pipeline.declare.sources import UNKNOWN_STRICTNESS, strictness
from pipeline.declare.tables import TABLES
from pipeline.sources import SOURCES
from reports.draw.maps import draw_region
from reports.draw.shapes import region_shapes
from reports.draw.symbology import THEMES
from reports.draw.typeset import TEMPLATES
from reports.release import imprint, unit, units
from reports.site.regions import ADDITIVE, Regions, overview
from reports.site.townships import SAVED, change_cell, lead, township_rows
from reports.text.catalogue import Both, catalogue, day_both, in_language
from reports.text.values import (
    NO_DATA,
    THIN,
    WITHHELD,
    ZERO,
    Value,
    chance_cell,
    class_cell,
    number_cell,
    persons_cell,
    rate_both,
)

SLUGS = (
    "ayeyarwady", "bago", "chin", "kachin", "kayah", "kayin", "magway", "mandalay", "mon", "nay-pyi-taw", "rakhine",
    "sagaing", "shan", "tanintharyi", "yangon",
)  # fmt: skip
KINDS = (
    "index", "townships", "regions", "changes", "uncertainty", "methods", "dictionary", "quality", "downloads",
    "regions/kachin", "townships/MMR001001",
)  # fmt: skip


def page(folder: Path, name: str) -> str:
    return (folder / f"report/{name}.html").read_text(encoding="utf-8")


def test_slugs_are_stable_and_the_units_are_those_of_the_township_list() -> None:
    listed = pl.read_csv(REPOSITORY / "data/reference/townships.csv", infer_schema=False)["state_region"].unique()
    assert tuple(one.slug for one in units().values()) == SLUGS, "readers keep these addresses; they never change"
    assert set(units()) == set(listed)
    assert all(max(one.name_my) > "\u1000" for one in units().values())
    assert unit("Shan").both == Both("Shan", "ရှမ်းပြည်နယ်")
    with pytest.raises(ValueError, match="none of the 15"):
        unit("Shan (North)")


def adding_up(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables with a national summary that is the sum of the regions."""
    columns = [one.column for one in ADDITIVE]
    sums = tables["region_summary"].group_by("method", "month").agg(
        *(pl.when(pl.col(c).count() > 0).then(pl.col(c).sum()).alias(c) for c in columns)
    )  # fmt: skip
    national = tables["national_summary"].drop(columns).join(sums, on=["method", "month"], validate="1:1")
    return {**tables, "national_summary": national.select(tables["national_summary"].columns)}


def test_subtotals_add_up_to_the_national_row_or_are_named(tables, release) -> None:
    sound = overview(adding_up(tables), release)
    assert (sound.off, len(sound.rows), len(sound.total)) == ((), 15, len(sound.header))
    townships = sum(int(cells[0].words.en) for _, cells in sound.rows)
    assert sound.total[0].words.en == str(townships)
    broken = adding_up(tables)
    broken["national_summary"] = broken["national_summary"].with_columns(pl.col("security_high_count") + 1)
    assert overview(broken, release).off == ("Security high",)


def test_the_four_looks_are_four_looks_and_four_words() -> None:
    assert number_cell(0) == Value(Both("0", "0"), ZERO)
    assert (number_cell(None).look, number_cell(None).words.en) == (NO_DATA, "not reported")
    assert persons_cell(None, True) == persons_cell(7, False) == Value(persons_cell(7, False).words, WITHHELD, "5")
    assert persons_cell(7, False).words.en == "fewer than 10"
    assert persons_cell(1230, False, Both("stock", "က")).words == Both("1,230 stock", "1,230 က")
    assert [class_cell(shown).look for shown in ("no_data", "silent")] == [NO_DATA, NO_DATA]
    assert [class_cell(shown).look for shown in ("insufficient_evidence", "hosting_displaced")] == [THIN, THIN]
    assert class_cell(None).words.en == "no data"
    assert (class_cell("reported_quiet").look, class_cell("withheld").look) == (ZERO, WITHHELD)
    assert (class_cell("severe").look, class_cell("lower").look) == ("worst", "")


def test_what_does_not_begin_with_its_figure_says_what_it_sorts_by() -> None:
    assert (chance_cell(0.9999).words.en, chance_cell(0.9999).order) == ("over 99 %", "99.99")
    assert chance_cell(0.5) == Value(Both("50 %", "50 %"))
    assert number_cell(0.01, rate_both).order == "0.01"
    assert number_cell(12.3, rate_both).order == ""


def test_change_gives_arrow_numbers_and_word() -> None:
    assert (change_cell("fall", 2, 1200).words.en, change_cell("fall", 2, 1200).order) == ("▼ 1,200 → 2 fall", "-1198")
    assert change_cell("rise", 2, None).words.en == change_cell("no_comparison", 2, 1).words.en == "no comparison"


def test_changes_compare_like_with_like_only(make, release) -> None:
    tables = make(14)
    own = (pl.col("method") == release.method) & (pl.col("state_region") == "Kachin")
    summary = tables["region_summary"].with_columns(
        period_end=pl.lit(date(2022, 3, 31)), idps_persons=pl.when(own).then(pl.col("month").dt.month() * 100),
        idps_reporting_count=pl.when(own & (pl.col("month") == date(2022, 2, 1))).then(5).otherwise(6),
    )  # fmt: skip

    gone = (pl.col("month") == date(2022, 2, 1)) & (pl.col("adm3_pcode") == "MMR001001")
    index = tables["township_index"].with_columns(
        idps_persons=pl.when(~gone).then(100), idps_suppressed=pl.lit(False), idps_reference_date=pl.col("month")
    )

    def lines(frame: pl.DataFrame) -> dict[str, tuple[str, str]]:
        facts = Regions({**tables, "region_summary": frame, "township_index": index}, release).facts("Kachin")
        return {line.words.en: (line.month.en, line.year.en) for _, group in facts.groups for line in group}

    found = lines(summary)
    assert found["Displaced people reported, at least"] == ("no comparison: other townships report", "■ 0 no change")
    assert "part of a month" not in found["in the month (at least)"][0]
    cut = lines(summary.with_columns(period_end=pl.lit(date(2022, 3, 26))))
    assert cut["in the month (at least)"] == ("no comparison: part of a month",) * 2


def test_headline_says_floor_window_reporters_and_what_is_withheld(tables, release) -> None:
    last = pl.col("month") == pl.col("month").max()
    held = tables["township_index"].with_columns(
        idps_suppressed=pl.col("adm3_pcode") == "MMR001001", idps_persons=pl.lit(None, pl.Int64),
        clashes_12m_count=pl.when(pl.col("adm3_pcode") <= "MMR001010").then(2).otherwise(0),
    )  # fmt: skip
    summary = tables["region_summary"].with_columns(
        townships_count=pl.lit(18), in_conflict_count=pl.lit(13), in_conflict_share=pl.lit(13 / 18),
        clashes_count=pl.lit(1161), clashes_possible_count=pl.lit(7), fatalities_persons=pl.lit(100),
        fatalities_low_persons=pl.lit(90), fatalities_high_persons=pl.lit(400), security_high_count=pl.lit(9),
        idps_reporting_count=pl.lit(14),
        idps_persons=pl.when(last).then(101460), period_start=pl.lit(date(2021, 2, 1)),
        period_end=pl.lit(date(2023, 11, 26)),
    )  # fmt: skip
    sentences = Regions({**tables, "township_index": held, "region_summary": summary}, release).facts("Kachin").headline
    assert [one.en for one in sentences] == [
        "13 of 18 townships of Kachin (72 %) have had a recorded clash from 1 February 2021 to 26 November 2023; 10 in "
        "the last twelve months.",
        "At least 1,161 clashes were placed in its townships in that time, and 7 more may have happened there; deaths, "
        "best estimate: 100 (90 to 400). 9 townships are in the class high of the Security Index: heavy fighting, not "
        "who controls them.",
        "At least 101,460 displaced people are reported, from 14 of 18 townships.",
        "Townships whose figure is fewer than 10 people, withheld and in no sum: 1.",
    ]
    assert "ကချင်ပြည်နယ်" in sentences[0].my
    unknown = summary.with_columns(in_conflict_share=None, clashes_count=None, idps_persons=None)
    missing = Regions({**tables, "region_summary": unknown}, release).facts("Kachin").headline
    assert all("not reported" in one.en or "not a zero" in one.en for one in missing[:3])


def test_the_saved_rows_are_those_of_the_published_table(tables, release) -> None:
    assert set(SAVED) <= set(TABLES["published.township_index"].columns)
    rows = township_rows(tables, release)
    assert [row.code for row in rows] == sorted(tables["townships"]["adm3_pcode"])
    saved = list(csv.DictReader(io.StringIO("\n".join([",".join(SAVED), *(row.line for row in rows)]))))
    last = tables["township_index"].filter(pl.col("method") == release.method, pl.col("month") == pl.col("month").max())
    expected = last.sort("adm3_pcode").select(SAVED).write_csv(null_value="", date_format="%Y-%m-%d")
    assert saved == list(csv.DictReader(io.StringIO(expected)))
    assert all(row.line.startswith(lead(rows)) for row in rows)


def test_a_saved_row_is_inert_in_a_spreadsheet(built_hostile: Path, tables, release) -> None:
    names = pl.when(pl.col("adm3_pcode") == "MMR001001").then(pl.lit('=HYPERLINK("x","y")')).otherwise("adm3_name")
    index = {**tables, "township_index": tables["township_index"].with_columns(adm3_name=names),
             "townships": tables["townships"].with_columns(adm3_name=names)}  # fmt: skip
    assert '"\'=HYPERLINK(""x"",""y"")"' in township_rows(index, release)[0].line
    for line in re.findall(r'data-csv="([^"]*)"', page(built_hostile, "townships")):
        assert not any(cell[:1] in "=+@" and cell for row in csv.reader([unescape(line)]) for cell in row)


def test_a_township_without_an_index_row_stays_in_the_list(tables, release) -> None:
    index = tables["township_index"].filter(pl.col("adm3_pcode") != "MMR001001")
    first = township_rows({**tables, "township_index": index}, release)[0]
    assert (first.code, first.cells["security"].words.en, first.monthly) == ("MMR001001", "no data", (None,) * 12)
    assert first.classes["security_look"] == "no_data"


def test_what_is_shown_is_alike_in_the_list_and_on_the_map(tables, release) -> None:
    cases = (
        ("insufficient_evidence", THIN, "insufficient evidence"),
        ("reported_quiet", ZERO, "quiet, as reported"),
        ("silent", NO_DATA, "silent: nobody reports"),
        ("hosting_displaced", THIN, "hosts displaced people"),
    )
    codes = sorted(tables["townships"]["adm3_pcode"])[: len(cases)]
    shown_of = dict(zip(codes, (case[0] for case in cases), strict=True))
    index = tables["township_index"].with_columns(
        security_shown=pl.col("adm3_pcode").replace_strict(shown_of, default=pl.col("security_shown"))
    )
    rows = township_rows({**tables, "township_index": index}, release)
    for row, code, (shown, look, words) in zip(rows, codes, cases, strict=False):
        assert row.code == code
        assert (row.cells["security"].words.en, row.cells["security"].look) == (words, look)
        assert row.classes["security_look"] == shown
        assert f",{shown}," in row.line


def test_region_maps_link_own_townships_once_and_carry_the_watermark(tables, invented) -> None:
    own = {row.code: row for row in township_rows(tables, invented) if row.unit.name == "Yangon"}
    shapes = region_shapes(tables["townships"])["Yangon"]
    classes = {code: row.classes[THEMES[0].column] for code, row in own.items()}
    names = {code: row.name for code, row in own.items()}
    drawn = draw_region(shapes, classes, names, THEMES[0], unit("Yangon").both, invented.watermark)
    assert 'aria-label="လုံခြုံရေးအညွှန်းကိန်း၊ ရန်ကုန်တိုင်းဒေသကြီး"' in in_language(drawn, "my")
    assert sorted(re.findall(r'href="\.\./townships/(\w+)\.html"', drawn)) == sorted(own)
    assert {"SYNTHETIC DATA", "SCHEMATIC SHAPES"} <= set(re.findall(r">([A-Z ]+)</text>", drawn))
    assert "M" in shapes.around and not set(shapes.paths) - set(own)


def test_every_unit_has_a_small_page_that_leads_on(built: Path, built_hostile: Path) -> None:
    files = sorted((built / "report/regions").glob("*.html"))
    assert tuple(file.stem for file in files) == SLUGS
    assert max(file.stat().st_size for file in files) < 200_000
    following = [re.search(r'rel="next" href="([a-z-]+)\.html"', file.read_text(encoding="utf-8")) for file in files]
    assert tuple(match[1] for match in following if match) == SLUGS[1:]
    text = page(built_hostile, "regions/nay-pyi-taw")
    assert text.count('<tr id="MMR') == 8
    assert text.count("<table") == text.count("<caption") == 4, "with the towns"
    assert all("SYNTHETIC DATA · SCHEMATIC SHAPES." in words for words in text.split("<caption")[1:])
    assert not re.search("<td>(?=<td>|\\n)", text) and not re.search(r">(None|nan|null)<", text)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_page_says_what_it_was_made_from(name: str, built: Path, built_hostile: Path, release) -> None:
    footer = page(built, name).split("<footer>")[1]
    footer += page(built, f"my/{name}").split("<footer>")[1]
    wanted = (
        "Data to 26 November 2023", day_both(release.period_end).my, "As of 5 December 2023", "Events of a programme",
        "CC BY 4.0", "Method isp-2023", "Code version 0.1.0", "2023-11-26-0123abcd", 'index.html#sources"',
        "do not imply official endorsement", catalogue()["Cite as"], release.citation,
    )  # fmt: skip
    assert [words for words in wanted if words not in footer] == []
    assert "SYNTHETIC" not in footer
    marked = page(built_hostile, name)
    assert "<strong>SYNTHETIC DATA · SCHEMATIC SHAPES</strong>" in marked.split("<footer>")[1]
    assert "စမ်းသပ်အချက်အလက်" in page(built_hostile, f"my/{name}")
    folder = name.rpartition("/")[0]
    if folder:  # pages that are alike share one style sheet
        marked = (built_hostile / "report" / f"{folder.removesuffix('s')}.css").read_text(encoding="utf-8")
    assert '@page{@bottom-right{content:"SYNTHETIC DATA · SCHEMATIC SHAPES"' in marked


def test_the_footer_repeats_the_words_of_every_warning_in_both_languages(release) -> None:
    said = imprint(replace(release, internal=True, synthetic=True, schematic=True))
    words = [one.en.split(":")[0] for one in said.marks]
    assert words == ["INTERNAL", "SYNTHETIC DATA", "SCHEMATIC SHAPES"]
    assert said.mark.en == " · ".join(words) and said.mark.my != said.mark.en
    assert all(one.my != one.en for one in said.marks)
    assert imprint(release).mark.en == ""


def test_the_strictest_licence_counts_and_an_unknown_one_comes_first(release) -> None:
    def said(*licences: str) -> str:
        sources = tuple((f"S{place}", licence, "") for place, licence in enumerate(licences))
        return " ".join(one.en for one in imprint(replace(release, generated_from=sources)).licence)

    assert said("CC0-1.0", "CC BY-IGO (as COD-AB)", "CC BY 4.0").startswith(
        "Licence of the content: that of the strictest source, CC BY-IGO;"
    )
    assert said("CC BY 4.0", "not stated").startswith("The terms of S1 are not known")
    assert "strictest source, ACLED terms of use" in said("ACLED terms of use: aggregated use", "CC BY-IGO")
    assert said() == "No source states a licence: do not pass anything of this release on."
    unknown = {source.licence for source in SOURCES if strictness(source.licence) == UNKNOWN_STRICTNESS}
    assert unknown == {"not stated"}


def test_a_unit_without_an_address_is_refused(tables, release, tmp_path: Path, write_some) -> None:
    moved = tables["townships"].with_columns(state_region=pl.lit("Nowhere"))
    with pytest.raises(ValueError, match="Nowhere"):
        write_some({**tables, "townships": moved}, release, tmp_path, {"townships.html"})


def test_the_maps_leave_the_legend_its_looks() -> None:
    """Region pages hold maps and a legend: a rule of the maps for every swatch emptied the legend's four looks."""
    sheet = (TEMPLATES / "map.css").read_text(encoding="utf-8")
    assert "svg.swatch{" in sheet
    assert ".swatch" not in sheet.replace("svg.swatch", "")
