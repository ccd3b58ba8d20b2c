"""The axes of all charts: places worked out by hand, and that nothing is drawn outside of a sheet of any width."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from reports.draw.axes import Axes, Sheet, bar, edge, gaps, levels, line, stretches
from reports.draw.charts import Series, draw_bars, draw_series
from reports.draw.svg import by_attributes, by_class, text, watermark
from reports.text.catalogue import Both, in_language

SHEET = Sheet(120, 60, left=10, right=10, top=5, bottom=5)
VALUES = st.lists(st.none() | st.integers(0, 5000), min_size=1, max_size=40)
NARROW = Sheet(360, 200, left=44, right=90, top=10, bottom=30)


def test_months_are_points_of_a_line_or_slots_of_bars() -> None:
    points, slots = Axes(SHEET, 5, 10), Axes(SHEET, 5, 10, slots=True)
    assert [points.middle(n) for n in range(5)] == [10, 35, 60, 85, 110]
    assert [slots.middle(n) for n in range(5)] == [20, 40, 60, 80, 100]
    assert (points.y(0), points.y(5), points.y(10)) == (55, 30, 5)
    assert (points.before(2), slots.before(2), points.before(9)) == (72.5, 70, 10)
    assert Axes(SHEET, 1, 10).middle(0) == 10, "one month alone has a place"


def test_lines_and_bars_share_one_axis() -> None:
    slots = Axes(SHEET, 5, 10, slots=True)
    assert line(slots, [0, 10, None, 5, None]) == ("M20 55l20-50", [3])
    assert bar(slots, 0, 0, 5) == "M12.4 55v-25h15.2v25z"
    assert bar(slots, 4, 0, 0, least=1) == "M92.4 55v-1h15.2v1z", "a zero is a line where one is asked for"


@pytest.mark.parametrize(
    ("slots", "values", "fields"),
    [
        (False, [None, 1, 1, None, None], [("10", "12.5"), ("72.5", "37.5")]),
        (True, [None, 1, 1, None, None], [("10", "20"), ("70", "40")]),
        (False, [1, 1, 1, 1, 1], []),
    ],
)
def test_gaps_are_hatched_and_end_with_the_axis(slots: bool, values: list[int | None], fields: list) -> None:
    drawn = gaps(Axes(SHEET, 5, 10, slots=slots), values, by_class)
    assert re.findall(r'x="([\d.]+)" y="5" width="([\d.]+)"', drawn) == fields


def test_no_line_before_no_month() -> None:
    assert edge(Axes(SHEET, 5, 10), 0, by_class) == ""


@examples(40)
@given(VALUES)
def test_levels_hold_every_value_in_few_steps(values: list[int | None]) -> None:
    steps = levels(values, least=1)
    assert steps[0] == 0 and steps[-1] >= max((value for value in values if value is not None), default=0)
    assert 2 <= len(steps) <= 6 and all(step == int(step) for step in steps)


@examples(40)
@given(VALUES, st.sets(st.integers(0, 39)))
def test_every_known_month_lies_in_one_stretch(values: list[int | None], apart: set[int]) -> None:
    runs = stretches(values, apart)
    assert sorted(place for run in runs for place in run) == [n for n, v in enumerate(values) if v is not None]
    assert all(len(run) == 1 for run in runs if apart & {*run})


@examples(15)
@given(VALUES)
def test_charts_stay_on_a_narrow_sheet(values: list[int | None]) -> None:
    months = [date(2020 + n // 12, n % 12 + 1, 1) for n in range(len(values))]
    bars = str(draw_bars(months, [values], Both("a", "b"), 0, False, sheet=NARROW))
    lines = draw_series("t", months, [Series("a", tuple(values))], sheet=NARROW)
    for drawn in (bars, lines):
        assert 'viewBox="0 0 360 200"' in drawn
        assert all(44 <= float(x) <= 360 for x in re.findall(r"M([\d.]+) ", drawn))
        assert all(0 <= float(y) <= 200 for y in re.findall(r' y="(-?[\d.]+)"', drawn))


def test_words_of_a_watermark_stand_in_turn_and_escaped() -> None:
    drawn = watermark(["A<", "B"], [(0, 0), (1, 1), (2, 2)], -12, by_class("w"))
    assert re.findall(r">([^<]+)</text>", drawn) == ["A&lt;", "B", "A&lt;"]
    assert watermark([], [(0, 0)], 0, "") == ""


def test_a_text_that_is_the_same_in_both_languages_stands_once() -> None:
    assert text(Both("7", "7"), 1, 2.5, by_class("tick")) == '<text class="tick" x="1" y="2.5">7</text>'
    both = text(Both("a<", "b"), 1, 2, by_attributes(font_size="9"))
    drawn = '<text font-size="9" x="1" y="2">{}</text>'
    assert [in_language(both, code) for code in ("en", "my")] == [drawn.format("a&lt;"), drawn.format("b")]
