"""Maps and charts: every township is drawn, the unknown is hatched, gaps stay gaps."""

import re
from datetime import date
from html import unescape
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from reports.draw.charts import Series, draw_series
from reports.draw.maps import draw_map, map_css
from reports.draw.projection import HEIGHT, WIDTH
from reports.draw.shapes import Shapes, make_shapes
from reports.draw.symbology import HOT_SPOTS, NOTHING, NOW_THEMES, THEMES
from reports.site.map import map_rows
from reports.text.catalogue import in_language, say


@pytest.fixture(scope="module")
def shapes(tables) -> Shapes:
    return make_shapes(tables["townships"])


def luminance(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_all_townships_have_a_closed_path_on_the_sheet(shapes: Shapes) -> None:
    assert len(shapes.paths) == 330
    assert all(path.startswith("M") and path.endswith("z") for path in shapes.paths.values())
    starts = np.array([[int(v) for v in re.match(r"M(-?\d+) (-?\d+)l", p).groups()] for p in shapes.paths.values()])
    assert (starts >= 0).all()
    assert (starts <= [WIDTH, HEIGHT]).all()
    assert sum(map(len, shapes.paths.values())) < 350_000


def test_city_insets_hold_the_small_townships(shapes: Shapes) -> None:
    held = {frame.name: set(found) for frame, found in shapes.insets}
    assert {"MMR013018", "MMR013041"} <= held["Yangon"]
    assert len(held["Yangon"]) >= 30
    assert len(held["Mandalay"]) >= 5


def test_state_borders_are_drawn_between_states_only() -> None:
    import shapely

    frame = pl.DataFrame({
        "adm3_pcode": ["MMR001001", "MMR001002", "MMR002001"], "state_region": ["A", "A", "B"],
        "geometry": shapely.to_wkb(shapely.box([94, 95, 96], [20, 20, 20], [95, 96, 97], [21, 21, 21])).tolist(),
    })  # fmt: skip
    borders = make_shapes(frame).borders
    assert borders.count("M") == 1
    assert len(re.findall(r"-?\d+", borders)) == 4


@pytest.mark.parametrize("theme", (*NOW_THEMES, *THEMES, HOT_SPOTS), ids=lambda theme: theme.key)
def test_classes_differ_in_grey_and_the_unknown_is_hatched(theme) -> None:
    fills = dict(theme.fills)
    assert fills.get(NOTHING, fills.get("unknown")) == "url(#hatch)"
    greys = sorted(luminance(fill) for fill in fills.values() if fill.startswith("#"))
    assert min(b - a for a, b in pairwise(greys)) > 15
    assert all(f".m-{theme.key} .k-{code}{{" in map_css() for code in fills)


def test_each_township_has_a_tooltip_with_code_and_class(shapes: Shapes, tables, release) -> None:
    rows = map_rows(tables, release)
    drawn = draw_map(shapes, rows, THEMES[0], "now", "")
    main = drawn.split('<use href="#borders"', maxsplit=1)[0]
    assert main.count("<use ") == main.count("</title></use>") == 330
    assert re.search(r"<title>[^<]+ \(MMR001001\), [^<]+: [^<]+</title>", main)


def test_watermark_only_where_true(shapes: Shapes, tables, release, invented) -> None:
    rows = map_rows(tables, release)
    assert 'class="w"' not in draw_map(shapes, rows, THEMES[0], "now", release.watermark)
    drawn = draw_map(shapes, rows, THEMES[0], "now", invented.watermark)
    assert ">SYNTHETIC DATA</text>" in drawn
    assert ">SCHEMATIC SHAPES</text>" in drawn


def test_a_month_without_figure_is_a_gap() -> None:
    months = [date(2023, month, 1) for month in range(1, 6)]
    drawn = draw_series("t", months, [Series("a", (1, 2, None, 3, 4))])
    path = re.search(r'class="line line0" d="([^"]*)"', drawn)
    assert path is not None
    assert path.group(1).count("M") == 2
    assert "1 months not reported" in drawn


def test_a_series_without_any_figure_draws_no_line() -> None:
    drawn = draw_series("t", [date(2023, 1, 1)], [Series("a", (None,))])
    assert 'class="line' not in drawn and "<circle" not in drawn


def test_maps_are_also_files(built: Path) -> None:
    names = sorted(path.name for path in (built / "report/maps").glob("*.svg"))
    for theme in (*NOW_THEMES, *THEMES, HOT_SPOTS):
        text = (built / f"report/maps/{theme.key}.svg").read_text(encoding="utf-8")
        burmese = re.findall(r'<path class="y"[^>]* d="M[^"]{40,}"><title lang="my">([^<]+)</title></path>', text)
        assert say(theme.title).my in map(unescape, burmese)
        assert len(burmese) == len(theme.fills) + 2, "its title, the head of the legend, and each class"
        shown = re.sub(r"<(title|desc)[^>]*>[^<]*</\1>", "", text)
        assert not re.search("[\u1000-\u109f]", shown), "no Burmese is text, which a machine without its font boxes"
    assert names == sorted(f"{theme.key}.svg" for theme in (*NOW_THEMES, *THEMES, HOT_SPOTS))


def test_names_of_lines_keep_the_order_of_their_lines_and_do_not_overlap() -> None:
    months = [date(2023, 1, 1), date(2023, 2, 1)]
    lines = [Series("townships", (0, 43)), Series("area", (0, 51)), Series("population", (0, 38))]
    both = draw_series("t", months, lines, mark="SYNTHETIC DATA")
    drawn, burmese = in_language(both, "en"), in_language(both, "my")
    heights = {name: float(y) for y, name in re.findall(r'class="tick name\d"[^>]* y="([\d.]+)">(\w+)<', drawn)}
    order = [heights[name] for name in ("area", "townships", "population")]
    assert all(below - above >= 15 for above, below in pairwise(order)), "the lowest line is not named on top"
    crowded = draw_series("t", months, [Series(name, (0, 0)) for name in ("townships", "area", "population")])
    assert max(float(y) for y in re.findall(r'name\d"[^>]* y="([\d.]+)"', crowded)) <= 220, "above the months"
    assert ">SYNTHETIC DATA</text>" in drawn
    assert ">လူဦးရေ</text>" in burmese and ">2023 ဇန်နဝါရီ</text>" in burmese, "the axis in both languages"
