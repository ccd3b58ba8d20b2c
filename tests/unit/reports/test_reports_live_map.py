"""The interactive map's data and drawing: nothing hidden gets in, nothing breaks out, the four looks are four."""

import json
import re
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from reports.draw.shapes import Shapes, make_shapes
from reports.draw.symbology import (
    NO_SIGNAL,
    NOTHING,
    NOW_THEMES,
    PATTERNS,
    SIGNALS,
    TEXTURES,
    THEMES,
    WEAK,
    WITHHELD,
    looks,
    now_looks,
)
from reports.draw.typeset import TEMPLATES
from reports.site.map import all_looks, as_json, live_map, map_data, neighbours_by_direction, packed


@pytest.fixture(scope="module")
def shapes(tables) -> Shapes:
    return make_shapes(tables["townships"])


def data_of(tables, release, shapes: Shapes) -> dict:
    return map_data(tables, release, shapes, all_looks(tables, release))


def offered(tables, release, shapes: Shapes) -> set[str]:
    """The maps a reader can switch to."""
    return {key for key, _ in live_map(tables, release, shapes, all_looks(tables, release))["themes"]}


def held(folder: Path) -> tuple[str, dict]:
    """The page and the data in it."""
    text = (folder / "report/index.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="map-data">(.*?)</script>', text, flags=re.DOTALL)
    assert found is not None
    return found.group(1), json.loads(found.group(1))


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)", "<!--<script>", "]]>&lt;", "a\u2028b\u2029c", 'q"\\u003c']
)
def test_no_text_can_leave_the_data(text: str) -> None:
    written = str(as_json({"name": text, text: 1}))
    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written) == {"name": text, text: 1}


def test_hostile_names_stay_data(built_hostile: Path) -> None:
    raw, data = held(built_hostile)
    assert not set(raw) & set("<>&\u202e")
    assert {row[1] for row in data["townships"]} >= {"<script>alert(1)</script>", "abcgpj.exe"}


def test_a_series_names_only_what_changes() -> None:
    assert packed(["-", "-", "3", "3", "0", "f"]) == "-,,3,,0,f"
    assert packed([]) == ""


CASES = (
    ({}, NOTHING, NOTHING),
    ({"security_shown": "reported_quiet", "humanitarian_shown": "silent"}, "reported_quiet", "silent"),
    ({"security_shown": WEAK, "humanitarian_shown": WITHHELD}, WEAK, WITHHELD),
    ({"security_shown": "high", "humanitarian_shown": "low"}, "high", "low"),
    ({"security_shown": None, "humanitarian_shown": "hosting_displaced"}, NOTHING, "hosting_displaced"),
)


@pytest.mark.parametrize(("row", "security", "humanitarian"), CASES)
def test_what_is_no_class_has_a_look_of_its_own(row, security: str, humanitarian: str) -> None:
    found = looks(row)
    assert (found["security_look"], found["humanitarian_look"]) == (security, humanitarian)


def test_breaks_of_the_probability_are_those_of_unsettled() -> None:
    wanted = {0.0: "under_5", 0.0499: "under_5", 0.05: "5_50", 0.4999: "5_50", 0.5: "50_95", 0.95: "50_95",
              0.9501: "over_95", 1.0: "over_95"}  # fmt: skip
    assert {p: looks({"security_high_probability": p})["chance_look"] for p in wanted} == {
        p: f"chance_{look}" for p, look in wanted.items()
    }
    assert looks({"security_high_probability": None})["chance_look"] == NOTHING
    assert looks({"security_high_probability": None, "security_shown": "silent"})["chance_look"] == WEAK


# Red, green and blue as eyes without red or without green cones see them (Machado and others, 2009), and in grey.
EYES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "grey": [[0.299, 0.587, 0.114]] * 3,
}


def seen(colour: str, eye: str) -> np.ndarray:
    short = len(colour) == 4
    rgb = [int(colour[1 + i] * 2 if short else colour[1 + 2 * i : 3 + 2 * i], 16) for i in range(3)]
    return np.array(EYES[eye]) @ np.array(rgb)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", (*NOW_THEMES, *THEMES), ids=lambda theme: theme.key)
def test_classes_are_told_apart_by_every_eye(theme, eye: str) -> None:
    solid = [fill for _, fill in theme.fills if fill.startswith("#")]
    assert len(solid) <= (6 if theme is SIGNALS else 5)
    assert min(np.linalg.norm(seen(a, eye) - seen(b, eye)) for a, b in combinations(solid, 2)) > 30


@pytest.mark.parametrize("eye", EYES)
def test_the_patterns_are_textures_in_every_eye(eye: str) -> None:
    patterns = re.findall(r'<pattern id="(\w+)"(.*?)</pattern>', PATTERNS)
    assert [name for name, _ in patterns] == list(TEXTURES)
    marks = []
    for _, body in patterns:
        ground, *inks = re.findall(r'(?:fill|stroke)="(#\w+)"', body)
        assert all(np.linalg.norm(seen(ground, eye) - seen(ink, eye)) > 60 for ink in inks)
        marks.append(("rotate" in body, "<circle" in body, 'fill="none"' in body, body.count("<rect")))
    assert len(set(marks)) == len(TEXTURES), "slanted stripes, level lines, dots, ticks, rings"
    for theme in (*NOW_THEMES, *THEMES):
        textures = [fill for _, fill in theme.fills if not fill.startswith("#")]
        assert len(textures) == len(set(textures))


def test_every_texture_has_one_that_keeps_its_size_on_the_enlarged_map() -> None:
    style = (TEMPLATES / "map.css").read_text(encoding="utf-8")
    textures = {
        code: fill for theme in (*NOW_THEMES, *THEMES) for code, fill in theme.fills if not fill.startswith("#")
    }
    for code, fill in textures.items():
        rule = re.search(rf"(?:^|,|}})\.live \.k-{code}[,{{][^}}]*fill:(url\(#[\w-]+\))", style, flags=re.MULTILINE)
        assert rule is not None, code
        assert rule[1] == fill.replace("#", "#zoomed-")


def test_all_but_the_watermark_is_enlarged(tables, invented, shapes: Shapes) -> None:
    drawing = str(live_map(tables, invented, shapes, all_looks(tables, invented))["svg"])
    sheet, over = drawing.split("</g><g aria-hidden", maxsplit=-1)[0], drawing.rsplit('<g aria-hidden="true">', 1)[1]
    assert over.count('class="w"') == 6
    assert 'class="w"' not in sheet
    assert drawing.index('id="map-sheet"') < drawing.index("<a ")
    assert drawing.count("<g") == drawing.count("</g>")
    for name in ("hatch", "lines", "dots"):
        assert f'<pattern id="zoomed-{name}" href="#{name}"/>' in drawing
        assert f'id="{name}"' in PATTERNS


def test_withheld_figures_are_not_in_the_page(tables, release, shapes: Shapes) -> None:
    index = tables["township_index"].with_columns(
        idps_persons=pl.lit(7), idps_suppressed=pl.lit(True), idps_basis=pl.lit("new")
    )
    data = data_of({**tables, "township_index": index}, release, shapes)
    assert set(data["idps"]) == {"fn,,,"}


def test_a_missing_row_and_a_missing_value_stay_missing(tables, release, shapes: Shapes) -> None:
    index = tables["township_index"].filter(pl.col("adm3_pcode") != "MMR001001").with_columns(
        clashes_count=pl.lit(None, pl.Int64), idps_persons=pl.lit(None, pl.Int64), idps_suppressed=pl.lit(False)
    )  # fmt: skip
    data = data_of({**tables, "township_index": index}, release, shapes)
    security = next(theme for theme in data["themes"] if theme["key"] == "security")
    assert {security["looks"][int(month[0])]["key"] for month in security["months"]} == {NOTHING}
    assert set(data["clashes"]) == set(data["idps"]) == {"-,,,"}


def unpacked(text: str) -> list[str]:
    values: list[str] = []
    for value in text.split(","):
        values.append(value or values[-1])
    return values


def test_what_the_note_says_is_what_the_table_says(tables, release, shapes: Shapes) -> None:
    data = data_of(tables, release, shapes)
    rows = tables["township_index"].filter(pl.col("method") == release.method).sort("adm3_pcode", "month").to_dicts()
    assert [row[0] for row in data["townships"]] == sorted(tables["townships"]["adm3_pcode"])

    def told(name: str) -> list[str]:
        return [value for text in data[name] for value in unpacked(text)]

    def written(column: str) -> list[str]:
        return ["-" if row[column] is None else str(row[column]) for row in rows]

    assert told("clashes") == written("clashes_count")
    assert told("clashes_month") == written("clashes_month_count")
    assert told("grade") == written("evidence_grade")
    assert told("idps_day") == written("idps_reference_date")
    ends = [step["last"] for step in data["months"]] * 330
    ages = ["-" if day == "-" else str((date.fromisoformat(end) - date.fromisoformat(day)).days)
            for day, end in zip(told("newest"), ends, strict=True)]  # fmt: skip
    assert ages == written("data_age_days")


def test_every_township_of_every_month_has_a_look(tables, release, shapes: Shapes) -> None:
    for theme in data_of(tables, release, shapes)["themes"]:
        assert [len(month) for month in theme["months"]] == [330] * 4
        assert all(int(sign) < len(theme["looks"]) for month in theme["months"] for sign in month)


NOW_CASES = (
    ({"security_shown": "high", "clashes_3m_count": 0, "signal": "none"}, "quarter_0", NO_SIGNAL),
    ({"security_shown": "silent", "clashes_3m_count": 0, "signal": "unknown"}, "silent", "unknown"),
    ({"security_shown": "hosting_displaced", "clashes_3m_count": 0, "signal": "none"}, *["hosting_displaced"] * 2),
    ({"security_shown": "low", "clashes_3m_count": 1, "signal": "onset"}, "quarter_1", "onset"),
    ({"security_shown": "high", "clashes_3m_count": 9, "signal": "alert"}, "quarter_4", "alert"),
    ({"security_shown": "high", "clashes_3m_count": 10, "signal": None}, "quarter_10", "unknown"),
    ({"security_shown": "high"}, NOTHING, "unknown"),
    ({}, NOTHING, "unknown"),
)


@pytest.mark.parametrize(("row", "quarter", "signal"), NOW_CASES)
def test_what_is_not_known_is_no_step_of_now(row, quarter: str, signal: str) -> None:
    found = now_looks(row)
    assert (found["quarter_look"], found["signal_look"]) == (quarter, signal)


def test_steps_of_what_to_expect_begin_at_their_breaks() -> None:
    wanted = {0.0: "next_0", 0.49: "next_0", 0.5: "next_half", 2.0: "next_2", 7.9: "next_4", 8.0: "next_8"}
    shown = {"security_shown": "low"}
    assert {v: now_looks({**shown, "expected_clashes_next_3m": v})["expected_look"] for v in wanted} == wanted
    assert now_looks({"security_shown": "silent", "expected_clashes_next_3m": 0.1})["expected_look"] == "silent"


def test_legends_of_now_count_what_the_tables_count(tables, release) -> None:
    looked = all_looks(tables, release)
    index = tables["township_index"].filter(pl.col("method") == release.method)
    last = index.filter(pl.col("month") == max(looked))
    seen = [row["signal_look"] for row in looked[max(looked)].values()]
    for signal in ("alert", "rise", "onset", "fall", "lull"):
        assert seen.count(signal) == last.filter(pl.col("signal") == signal).height
    none = last.filter(pl.col("signal") == "none").height
    hosting = last.filter(pl.col("signal") == "none", pl.col("security_shown") == "hosting_displaced").height
    assert (seen.count(NO_SIGNAL), seen.count("hosting_displaced")) == (none - hosting, hosting)
    steps = [row["quarter_look"] for row in looked[max(looked)].values()]
    assert steps.count("quarter_10") == last.filter(pl.col("clashes_3m_count") >= 10).height


def test_maps_of_now_stand_first_and_in_a_group_of_their_own(tables, release, shapes: Shapes) -> None:
    found = live_map(tables, release, shapes, all_looks(tables, release))
    (now, first), (since, second) = found["groups"]
    assert (now.en, since.en, found["key"]) == ("Now", "Since February 2021", "quarter")
    assert [key for key, _ in (*first, *second)] == [key for key, _ in found["themes"]]
    assert [key for key, _ in first] == [theme.key for theme in NOW_THEMES]
    totals = {words: figure.en for words, figure in found["figures"]}
    assert "of 330" not in totals["Clashes of the month, at least"], "clashes are not a part of the townships"


def test_the_map_of_all_months_knows_what_a_look_is_told_by(tables, release) -> None:
    """A column that the map does not read would be taken for a missing one."""
    few = {"services_shown": WEAK, "humanitarian_shown": WITHHELD}
    index = tables["township_index"].with_columns(pl.lit(value).alias(name) for name, value in few.items())
    for rows in all_looks({**tables, "township_index": index}, release).values():
        found = rows["MMR001001"]
        assert (found["services_look"], found["humanitarian_look"]) == (WEAK, WITHHELD)


def test_control_is_offered_only_where_some_month_knows_it(tables, release, shapes: Shapes) -> None:
    unknown = tables["township_index"].with_columns(control_class=pl.lit("unknown"))
    assert "control" in offered(tables, release, shapes)
    assert "control" not in offered({**tables, "township_index": unknown}, release, shapes)


def test_arrows_lead_to_every_township_and_straight(tables, release, shapes: Shapes) -> None:
    cross = np.array([[0, 0], [-1, 0], [1, 0.2], [0, 1], [0.3, -1], [5, 0]], dtype=float)
    assert neighbours_by_direction(cross)[0] == [1, 2, 3, 4]
    assert neighbours_by_direction(cross)[5] == [2, -1, -1, -1]
    rows = data_of(tables, release, shapes)["townships"]
    reached, ahead = {0}, [0]
    while ahead:
        for to in rows[ahead.pop()][5:]:
            if to >= 0 and to not in reached:
                reached.add(to)
                ahead.append(to)
    assert len(reached) == 330


def test_the_page_is_light_and_marked(built: Path, built_hostile: Path) -> None:
    assert (built / "report/index.html").stat().st_size < 900_000
    assert len(held(built)[1]["townships"]) == 330
    text = (built_hostile / "report/index.html").read_text(encoding="utf-8")
    drawing = text[text.index('id="live-map"') : text.index('id="map-tip"')]
    assert ">SYNTHETIC DATA</text>" in drawing
    assert ">SCHEMATIC SHAPES</text>" in drawing
    assert drawing.rindex('class="w"') > drawing.rindex("<a "), "the mark lies over every township"
