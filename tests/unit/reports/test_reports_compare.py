"""Heat strips, small multiples, the file of months and that of names: what they hold and what they must not."""

import json
import re
from datetime import date
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from reports.draw.charts import Series, draw_bars, draw_both, draw_few_bars
from reports.draw.heat import Strip, draw_heat
from reports.draw.symbology import QUARTER, month_look
from reports.site import compare, finder
from reports.site.region_now import strips
from reports.site.regions import multiples
from reports.text.catalogue import Both

MONTHS = [date(2021 + n // 12, n % 12 + 1, 1) for n in range(35)]
STEPS = [look for look, _ in QUARTER]
NAME = Both("A", "က")


@given(st.lists(st.sampled_from([*STEPS, "silent", "no_data"]), min_size=35, max_size=35))
def test_every_month_of_a_strip_is_drawn_once(looks: list[str]) -> None:
    svg = draw_heat(MONTHS, [Strip(NAME, tuple(looks))], NAME)
    paths = "".join(re.findall(r'stroke-width="15" d="([^"]+)"', svg))
    wide = sum(int(one) for one in re.findall(r"h(\d+)", paths))
    gaps = re.findall(r'fill="url\(#heat-gap\)" d="([^"]+)"', svg)
    hatched = sum(int(one) for path in gaps for one in re.findall(r"h(\d+)v", path))
    unknown = sum(look not in STEPS for look in looks)
    zero = looks.count(STEPS[0])
    assert (wide // 7, hatched // 7) == (35 - unknown - zero, unknown), "none recorded is the ground"


def test_the_largest_strip_of_heat_is_small_and_marked() -> None:
    looks = tuple(STEPS[(n * 7) % 5] if n % 3 else "silent" for n in range(35))
    svg = draw_heat(MONTHS, [Strip(NAME, looks)] * 55, NAME, "SYNTHETIC DATA")
    assert len(svg) < 25_000
    assert svg.count("SYNTHETIC DATA") == 1 and 'role="img"' in svg


def test_none_counts_only_where_records_reach() -> None:
    assert month_look(0, "high") == "quarter_0" and month_look(0, "silent") == "silent"
    assert month_look(3, "high") == "quarter_2" and month_look(None, "high") == "no_data"
    assert month_look(12, None) == "quarter_10"


def test_strips_stand_by_the_clashes_of_now(tables, release) -> None:
    found = strips(tables, release)
    assert sum(map(len, found.values())) == 330 and len(found) == 15
    assert {len(one.looks) for own in found.values() for one in own} == {4}


def test_multiples_share_one_scale(tables, release) -> None:
    small, top = multiples(tables, release, 0)
    assert len(small) == 15 and top > 0
    alone, beside = draw_few_bars([top // 2]), draw_few_bars([top // 2], 0, top)
    assert alone != beside


def test_an_average_is_a_line_on_the_axis_of_the_bars() -> None:
    svg = str(draw_bars(MONTHS[:4], [[1, 0, 2, 1]], NAME, 0, False, mean=[0.5, None, 40.0, 20.0]))
    assert svg.count('class="mean"') == 1 and ">40<" in svg, "the axis reaches the line"
    assert 'class="mean"' not in str(draw_bars(MONTHS[:4], [[1, 0, 2, 1]], NAME, 0, False))


def test_a_chart_of_a_phone_keeps_its_names_inside() -> None:
    lines = [Series("clashes", tuple(float(n) for n in range(35))), Series("people", tuple([3.0] * 35))]
    wide, narrow = str(draw_both(NAME, MONTHS, lines)).split('<div class="at-narrow">')
    assert 'viewBox="0 0 760 ' in wide and 'viewBox="0 0 360 ' in narrow
    names = re.findall(r'<text class="tick end name\d" x="([\d.]+)"', narrow)
    assert [float(one) <= 360 for one in names] == [True, True]
    assert 'class="tick end name' not in wide


def script(built: Path, name: str, variable: str) -> dict[str, object]:
    text = (built / "report" / name).read_text(encoding="utf-8")
    line = next(one for one in text.splitlines() if one.startswith(f"var {variable}="))
    return json.loads(line.removeprefix(f"var {variable}=").removesuffix(";"))


def test_the_shared_files_hold_every_township(built: Path, built_hostile: Path, tables) -> None:
    names = script(built, "finder.js", "TOWNSHIP_NAMES")
    series = script(built, "series.js", "TOWNSHIP_SERIES")
    codes = tables["townships"]["adm3_pcode"].to_list()
    assert [one[0] for one in names["townships"]] == codes == list(series["townships"])
    assert {one[2] for one in names["regions"]} == set(series["regions"])
    rows = len(compare.ROWS)
    assert {len(row) for place in ("townships", "regions") for row in series[place].values()} == {rows + 1}
    assert (built / "report/finder.js").stat().st_size + (built / "report/series.js").stat().st_size < 250_000
    assert (built_hostile / "report/series.js").read_text(encoding="utf-8").startswith("// SYNTHETIC DATA\n")
    assert "\n//" not in (built / "report/finder.js").read_text(encoding="utf-8")


def test_a_withheld_figure_stays_withheld(tables, release) -> None:
    index = tables["township_index"].with_columns(idps_persons=pl.lit(7), idps_suppressed=pl.lit(False))
    held = compare.series({**tables, "township_index": index}, release)["townships"]
    assert {row[7] for row in held.values()} == {"f"}
    none = index.with_columns(idps_persons=pl.lit(None, pl.Int64))
    missing = compare.series({**tables, "township_index": none}, release)["townships"]
    assert {row[7] for row in missing.values()} == {"-"}


def test_no_name_can_end_the_script() -> None:
    assert "</script" not in finder.as_script("X", {"a": "</script>\u2028"})
    assert "\u2028" not in finder.as_script("X", {"a": "\u2028"})
