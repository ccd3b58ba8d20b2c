"""The national brief: two pages whatever the records hold, both languages, warnings, figures, fonts, the same bytes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl
import pypdfium2 as pdfium
import pytest

from pipeline.declare.indices import BY_CUT
from reports.draw.charts import Series
from reports.draw.maps import draw_wordless
from reports.draw.shapes import make_shapes
from reports.draw.symbology import SECURITY
from reports.draw.typeset import settable, typeset
from reports.months import is_part
from reports.national_brief.changes import change_rows, moved, moves, signals
from reports.national_brief.drawings import MAPS, chart
from reports.national_brief.now import classes_of, control_rows, headline_rows, legend
from reports.national_brief.page import _LIMITS, brief_data, write_brief
from reports.national_brief.region import most_rows, region_file
from reports.release import Release
from reports.site.map import all_looks
from reports.site.month import standing, standing_by_region
from reports.text.catalogue import catalogue, day_both, in_words, say
from reports.text.signals import MEANINGS
from reports.text.values import change

Tables = dict[str, pl.DataFrame]
LARGEST = 600_000
A4 = (595, 842)
TEXT = 1  # kind of a page object in the PDF


@dataclass(frozen=True)
class Pdf:
    """A PDF read back: the text of each page in one line, its size, and the fonts that letters are set in."""

    pages: tuple[str, ...]
    sizes: frozenset[tuple[int, int]]
    fonts: frozenset[str]
    data: bytes

    @property
    def text(self) -> str:
        return " ".join(self.pages)


def read_pdf(path: Path) -> Pdf:
    document = pdfium.PdfDocument(path)
    pages, sizes, fonts = [], set(), set()
    for page in document:
        pages.append(" ".join(page.get_textpage().get_text_range().split()))
        sizes.add((round(page.get_width()), round(page.get_height())))
        for item in page.get_objects(max_depth=6):
            if item.type == TEXT:
                fonts.add(item.get_font().get_base_name().split("+")[-1])
    return Pdf(tuple(pages), frozenset(sizes), frozenset(fonts), path.read_bytes())


def briefs(tables: Tables, release: Release, folder: Path) -> tuple[Pdf, Pdf]:
    write_brief(tables, release, folder)
    return read_briefs(folder)


def read_briefs(folder: Path) -> tuple[Pdf, Pdf]:
    found = [read_pdf(folder / "report" / name) for name in ("brief.pdf", "brief_my.pdf")]
    for pdf in found:
        assert len(pdf.pages) == 2
        assert pdf.sizes == {A4}
        assert len(pdf.data) < LARGEST
        assert all(font.startswith("NotoSans") for font in pdf.fonts), "no letter from another font, so none missing"
    return found[0], found[1]


def without(tables: Tables, name: str, *columns: str) -> Tables:
    frame = tables[name]
    return {**tables, name: frame.with_columns(pl.lit(None, frame.schema[column]).alias(column) for column in columns)}


@pytest.fixture(scope="module")
def plain(built: Path) -> tuple[Pdf, Pdf]:
    return read_briefs(built)


def test_two_pages_say_the_month_the_day_and_their_place(plain: tuple[Pdf, Pdf], release: Release) -> None:
    english, burmese = plain
    assert "Page 1 of 2" in english.pages[0]
    assert "Page 2 of 2" in english.pages[1]
    assert "Data to" in english.pages[0]
    assert "5 December 2023" in english.pages[0], "the day of knowledge"
    for pdf in plain:
        assert all(f"{release.release_id}" in page for page in pdf.pages)
        assert "Events of a programme (CC BY 4.0)" in pdf.pages[1]
        assert release.citation in pdf.pages[1].replace("- ", "-")
    assert "do not imply official endorsement" in english.pages[1]
    assert "စာမျက်နှာ 1 / 2" in burmese.pages[0]


def test_both_are_tagged_and_name_their_language(plain: tuple[Pdf, Pdf]) -> None:
    for pdf, language in zip(plain, (b"en", b"my"), strict=True):
        assert b"/Lang (" + language + b")" in pdf.data or b"/Lang(" + language + b")" in pdf.data
        assert b"/MarkInfo" in pdf.data
        assert b"pdfuaid" in pdf.data


def test_burmese_is_set_in_its_font_and_can_be_searched(plain: tuple[Pdf, Pdf], tables: Tables) -> None:
    english, burmese = plain
    for pdf in plain:
        assert any(font.startswith("NotoSansMyanmar") for font in pdf.fonts)
    assert "မန္တလေး" in burmese.pages[0], "stacked consonants, as a name on the map"
    for words in ("Security Index", "The figures", "Townships that stand out"):
        assert say(words).my.replace(" ", "") in burmese.text.replace(" ", "")
        assert words not in burmese.text
    name, name_my = next(
        pair
        for pair in tables["townships"].select("adm3_name", "adm3_name_my").iter_rows()
        if pair[0] in english.pages[1]
    )
    assert name_my.replace(" ", "") in english.text.replace(" ", ""), name
    assert name in burmese.text, "both scripts in both versions"


def test_the_picture_shows_burmese_letters_and_no_boxes(plain: tuple[Pdf, Pdf], tmp_path: Path, tables: Tables) -> None:
    """A letter that a font lacks is drawn as the same box every time; two different words are not."""

    def ink(words: str) -> bytes:
        path = tmp_path / "words.typ.pdf"
        data = {"language": "my", "words": words}
        template = tmp_path / "words.typ"
        template.write_text(
            '#import "/parts.typ": *\n#let data = json(bytes(sys.inputs.data))\n'
            '#show: sheet.with(title: "t", language: "my")\n#text(size: 30pt, data.words)\n'
        )
        path.write_bytes(typeset(str(template), data, date(2023, 11, 26)))
        return bytes(pdfium.PdfDocument(path)[0].render(scale=0.7).to_numpy().tobytes())

    assert ink("သင်္ဘော") != ink("မန္တလေး")
    assert ink("က") != ink("ခ"), "two letters that would be the same box"


def test_the_first_way_that_fits_is_taken_and_a_page_too_many_is_refused(tmp_path: Path) -> None:
    from reports.draw.typeset import page_count, typeset_to_fit

    template = tmp_path / "ways.typ"
    template.write_text(
        '#import "/parts.typ": *\n#let data = json(bytes(sys.inputs.data))\n'
        '#show: sheet.with(title: "t", language: "en")\n#for n in range(data.lines.at(data.way)) [way #data.way \\ ]\n'
    )

    def fitted(*lines: int) -> bytes:
        day = date(2023, 11, 26)
        return typeset_to_fit(str(template), {"language": "en", "lines": lines}, day, ways=len(lines) - 1, pages=1)

    (tmp_path / "fitted.pdf").write_bytes(fitted(200, 5, 3))
    pdf = read_pdf(tmp_path / "fitted.pdf")
    assert (len(pdf.pages), page_count(pdf.data)) == (1, 1) and pdf.text.startswith("way 1")
    with pytest.raises(ValueError, match="more than 1 pages"):
        fitted(200, 200)
    with pytest.raises(ValueError, match="no PDF of Typst"):
        page_count(b"%PDF-1.7")


def test_two_pages_where_nothing_is_known_every_warning_takes_room_and_words_are_hostile(
    hostile: Release, with_canaries: Tables, tmp_path: Path
) -> None:
    unknown = ("idps_persons", "clashes_count", "in_conflict_count", "security_high_expected", "security_high_low",
               "security_high_high", "services_severe_low")  # fmt: skip
    changed = without(with_canaries, "national_summary", *unknown)
    changed = without(changed, "territorial_control", "lost_share", "lost_low", "lost_high", "lost_expected_share")
    changed = without(changed, "township_index", "idps_basis", "idps_reference_date", "clashes_month_count",
                      "security_high_probability")  # fmt: skip
    changed = without(changed, "change_summary", "rises_count", "onsets_count", "changes_by_chance_expected")
    release = replace(hostile, internal=True)
    english, burmese = briefs(changed, release, tmp_path)
    for words in ("not known", "No displacement figure is in force", "INTERNAL: exact figures", "SYNTHETIC DATA:",
                  "SCHEMATIC SHAPES:", "no comparison", "There is no month before"):  # fmt: skip
        assert words in english.text, words
    for pdf, banners in ((english, release.banners), (burmese, [say(line).my for line in release.banners])):
        for page in pdf.pages:
            bare = page.replace(" ", "")
            assert all(line.replace(" ", "")[:24] in bare for line in banners), "on top of both pages"
        assert "<script>alert(1)</script>" in pdf.text
        assert "\u202e" not in pdf.text
        assert b"/JavaScript" not in pdf.data
        assert b"/URI" not in pdf.data
    assert english.pages[0].count("SYNTHETIC DATA") >= 4, "the banner, and across both maps"


def test_two_pages_however_long_names_and_sources_are(
    tables: Tables, release: Release, make: Callable[[int], Tables], tmp_path: Path
) -> None:
    places = tables["townships"].with_columns(pl.lit("Wide and long name of a township " * 4).alias("adm3_name"),
                                              pl.lit("မြို့နယ်အမည်ရှည် " * 9).alias("adm3_name_my"))  # fmt: skip
    release = replace(release, generated_from=(("Source " * 60, "CC BY 4.0 " * 30, "Cite " * 300),) * 40)
    english, _ = briefs({**make(14), "townships": places}, release, tmp_path)
    assert "more" in english.text and "more sources" in english.text
    assert "SYNTHETIC" not in english.text


def test_the_first_page_is_three_sentences_and_the_rows_of_the_month(tables: Tables, release: Release) -> None:
    counted = tables["national_summary"].with_columns(
        pl.lit(12).alias(name) for name in ("clashes_month_count", "clashes_3m_count", "clashes_12m_count")
    )
    tables = {**tables, "national_summary": counted}
    data, (listed, found) = brief_data(tables, release), standing(tables, release)
    assert len(data["lead"]) == 3 and found >= len(listed) == 10
    assert "at least" in data["lead"][0].en and "In the last three months" in data["lead"][1].en
    assert f"{found} townships have an alert" in data["lead"][2].en
    assert not re.search("[▲▼■]", "".join(one.en + one.my for one in data["lead"])), "neither font has arrows"
    assert [(row["en"], row["why"]) for row in data["standing"]] == [(one.name, one.why) for one in listed]
    quiet = tables["township_index"].with_columns(signal=pl.lit("none"))
    still = brief_data({**tables, "township_index": quiet}, release)
    assert still["standing"] == [] and still["lead"][2].en.startswith("Nothing stands out")


def test_a_region_is_one_page_in_both_languages_with_its_own_townships(
    built: Path, tables: Tables, release: Release
) -> None:
    first = min(tables["region_summary"]["state_region"])
    own = set(tables["townships"].filter(pl.col("state_region") == first)["adm3_name"])
    for language in ("en", "my"):
        pdf = read_pdf(built / "report" / region_file(first, language))
        assert len(pdf.pages) == 1 and pdf.sizes == {A4} and b"pdfuaid" in pdf.data
        assert all(font.startswith("NotoSans") for font in pdf.fonts)
        assert any(name in pdf.text for name in own) and release.release_id in pdf.text
        assert ("What changed" in pdf.text) == (language == "en")
    listed = standing_by_region(tables, release)
    assert all(len(rows) <= 10 for rows in listed.values())
    names = {row.name for row in listed.get(first, [])}
    assert names <= own


def test_the_most_clashes_fill_up_to_ten_rows_and_none_is_no_row() -> None:
    same = {"adm3_name": "A", "adm3_name_my": None, "population_persons": 5, "idps_persons": None,
            "idps_suppressed": False, "clashes_12m_count": 9}  # fmt: skip
    rows = [{**same, "adm3_pcode": f"MMR{n:06}", "clashes_3m_count": n % 12} for n in range(24)]
    found = most_rows(rows, {"MMR000011"})
    assert [row["figures"][0] for row in found[:3]] == ["11", "10", "10"] and len(found) == 9
    assert most_rows([{**same, "adm3_pcode": "MMR000001", "clashes_3m_count": 0}], ()) == []


def test_the_same_data_give_the_same_bytes(plain: tuple[Pdf, Pdf], tables: Tables, release: Release) -> None:
    again = brief_data({name: frame.reverse() for name, frame in tables.items()}, release)
    assert again == brief_data(tables, release)
    words = in_words({**again, "language": "en"}, "en")
    assert typeset("brief.typ", words, release.period_end) == plain[0].data


def test_letters_no_font_has_are_shown_as_missing() -> None:
    assert settable({"a": ["မန္တလေး – 北", "x\u202ey\u200b\n"], "n": 3}) == {"a": ["မန္တလေး – ?", "xy "], "n": 3}


def test_a_change_carries_its_arrow_or_is_set_apart() -> None:
    assert moved(change(12, 5))["arrow"] == "up"
    assert moved(change(None, 5))["missing"]
    assert is_part(date(2023, 11, 26))
    assert not is_part(date(2023, 11, 30))


def test_a_withheld_figure_cannot_be_had_back_from_its_change(tables: Tables, release: Release) -> None:
    frame = tables["national_summary"].with_columns(pl.lit(7).cast(pl.Int64).alias("idps_persons"))
    few = {**tables, "national_summary": frame}
    row = next(row for row in change_rows(few, release)[1] if row[0].en.startswith("Displaced people"))
    assert row[1]["words"].en == "fewer than 10"
    assert all(cell["words"].en == "no comparison" for cell in row[2:])
    shown = next(row for row in headline_rows(few, release) if row[0].en.startswith("Displaced people"))
    assert shown[1]["words"].en == "fewer than 10"


def test_signals_of_the_month_are_counted_and_named(make: Callable[[int], Tables], release: Release) -> None:
    tables = make(2)
    last = tables["township_index"]["month"].max()
    first = pl.col("adm3_pcode") == tables["townships"]["adm3_pcode"][0]
    index = tables["township_index"].with_columns(
        signal=pl.when(first & (pl.col("month") == last)).then(pl.lit("alert")).otherwise(pl.lit("none"))
    )
    summary = tables["national_summary"].with_columns(
        signal_alert_count=pl.lit(1), signal_lull_count=pl.lit(None, pl.Int64), alerts_false_expected=pl.lit(0.42),
        provisional=pl.lit(False), period_end=pl.col("month").dt.month_end(),
    )  # fmt: skip
    found = signals({**tables, "township_index": index, "national_summary": summary}, release)
    alert, *_, lull = found["rows"]
    assert alert[0].en.startswith("alert: above every month")
    assert (alert[1], alert[2]["names"][0]["en"]) == ("1", tables["townships"]["adm3_name"][0])
    assert lull[1]["missing"] and lull[2]["missing"], "not known is not none"
    assert found["words"][0].en.endswith("1 alerts; 0.4 would come by chance alone if no township's rate had changed.")


def test_townships_that_moved_are_counted_named_and_beside_chance(
    make: Callable[[int], Tables], release: Release
) -> None:
    tables = make(2)
    index = tables["township_index"]
    last = pl.col("month") == index["month"].max()
    first_three = pl.col("adm3_pcode").is_in(tables["townships"]["adm3_pcode"].head(3).implode())
    still = index.with_columns(
        pl.when(last & first_three).then(pl.lit("high")).otherwise(pl.lit("low")).alias("security_class"),
        pl.lit("insufficient_data").alias("services_class"), pl.lit("not_in_conflict").alias("humanitarian_class"),
        *(pl.lit("insufficient_data").alias(spec.column) for spec in BY_CUT),
        pl.when(pl.col("adm3_pcode") == tables["townships"]["adm3_pcode"][0]).then(0.5).otherwise(0.99)
        .alias("security_high_probability"),
    )  # fmt: skip
    found = moves({**tables, "township_index": still}, release)
    ((index_name, step, count, which),) = found["rows"]
    assert (index_name.en, step.en, count) == ("Security Index", "low, now high", "3")
    assert [one["en"] for one in which["names"]] == tables["townships"]["adm3_name"].head(3).to_list()
    assert which["rests"][1].en == "and 2 more"
    assert which["rests"][3] == ""
    assert "high on security: 3, by clashes that were recorded" in found["words"][0].en


def test_a_first_clash_is_no_move_of_displacement(make: Callable[[int], Tables], release: Release) -> None:
    tables = make(2)
    index, places = tables["township_index"], tables["townships"]["adm3_pcode"]
    last, one, two = (pl.col("month") == index["month"].max(), *(pl.col("adm3_pcode") == places[n] for n in (0, 1)))
    world = index.with_columns(
        pl.when(one & ~last).then(pl.lit("not_in_conflict")).otherwise(pl.lit("low")).alias("security_class"),
        pl.when(one & ~last).then(pl.lit("not_in_conflict")).when(two & ~last).then(pl.lit("low"))
        .otherwise(pl.lit("high")).alias("humanitarian_class"),
        pl.lit("insufficient_data").alias("services_class"), pl.lit(0.5).alias("security_high_probability"),
        *(pl.lit("insufficient_data").alias(spec.column) for spec in BY_CUT),
    )  # fmt: skip
    found = moves({**tables, "township_index": world}, release)
    assert [(row[0].en, row[1].en, row[2]) for row in found["rows"]] == [
        ("Security Index", "not in conflict, now low", "1"),
        ("Humanitarian Crisis Index", "low, now high", "1"),
    ]
    assert any("under the Security Index alone" in one.en for one in found["words"])


def test_shares_of_control_stand_with_interval_or_bounds(tables: Tables, release: Release) -> None:
    header, rows = control_rows(tables, release)
    assert [len(row) for row in rows] == [len(header)] * len(rows)
    assert "by another record of the same kind, 95 % interval" in {row[0].en for row in rows}
    nothing = without(tables, "territorial_control", "lost_share", "lost_expected_share")
    assert all(cell["missing"] for row in control_rows(nothing, release)[1] for cell in row[1:])


def test_a_chart_hatches_what_is_missing_and_sets_a_part_month_apart() -> None:
    months = [date(2023, month, 1) for month in range(1, 6)]
    title = day_both(months[0])
    drawn = chart(title, title, months, [Series(title, (1, None, 3, 4, 2))], 2, {4})
    assert drawn["svg"].count("url(#hatch)") == 1
    assert drawn["svg"].count("<circle") == 2, "a month alone, and the ring of the part month"
    assert drawn["gap"].en == "hatched: not reported"
    assert drawn["edge"]["x"] == pytest.approx(0.625)
    whole = chart(title, title, months, [Series(title, (1, 2, 3, 4, 5))], 0, ())
    assert "url(#hatch)" not in whole["svg"]
    assert (whole["gap"], whole["edge"], whole["part"]) == (None, None, None)
    nothing = chart(title, title, months, [Series(title, (None,) * 5)], 0, {4})
    assert nothing["svg"].count("<path ") == 1 and "<circle" not in nothing["svg"], (
        "the grid, and no line where nothing is known"
    )


def test_every_township_is_on_the_map_once_by_its_class(tables: Tables) -> None:
    shapes = make_shapes(tables["townships"])
    classes = dict.fromkeys(shapes.paths, "high") | {next(iter(shapes.paths)): "insufficient_data"}
    svg = draw_wordless(replace(shapes, insets=(), borders=""), classes, SECURITY)
    assert svg.count("<path d=") == 330
    assert svg.split('<g class="t k-insufficient_data">')[1].split("</g>")[0].count("<path") == 1
    assert "<text" not in svg, "words are set by the PDF, where Burmese is shaped"


def test_the_maps_have_the_looks_of_the_pages_maps(tables: Tables, release: Release) -> None:
    first, second, third = tables["townships"]["adm3_pcode"].head(3)
    code = pl.col("adm3_pcode")
    index = tables["township_index"].with_columns(
        clashes_3m_count=pl.lit(3),
        security_shown=pl.when(code == first).then(pl.lit("insufficient_evidence"))
        .when(code == second).then(pl.lit("withheld")).when(code == third).then(None).otherwise(pl.lit("low")),
    )  # fmt: skip
    world = {**tables, "township_index": index}
    seen = {column: classes_of(world, release, column) for column in MAPS}
    assert seen == {c: {p: row[c] for p, row in all_looks(world, release)[date(2021, 5, 1)].items()} for c in MAPS}
    assert [seen["security_look"][one] for one in (first, second, third)] == [
        "insufficient_evidence", "withheld", "no_data",
    ]  # fmt: skip
    words = [entry["words"].en for entry in legend(seen["security_look"], "security_look")]
    assert words[-2:] == ["insufficient evidence: 1", "no data: 1"]
    assert not any("insufficient evidence" in one["words"].en for one in legend({first: "low"}, "security_look"))
    assert set(seen["quarter_look"].values()) == {"quarter_2"}


def test_every_phrase_has_its_burmese(tables: Tables, release: Release) -> None:
    for words in (*MEANINGS.values(), *_LIMITS):
        assert words in catalogue()
    assert in_words({"a": [say("high"), "x"]}, "my") == {"a": ["မြင့်", "x"]}
    data = brief_data(tables, release)
    assert set(in_words(data, "my")) == set(data)
