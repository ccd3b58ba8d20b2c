"""Small drawings: gaps, months alone, months that stand apart, hollow bars; what is not known is never a zero."""

import re
from datetime import date

import pytest

from reports.draw.axes import stretches
from reports.draw.charts import Series, draw_bars, draw_few_bars, draw_scores, draw_series, draw_trend
from reports.text.catalogue import Both, in_language

NAMES = Both("a", "b")


@pytest.mark.parametrize(
    ("values", "apart", "expected"),
    [
        ([1.0, 2.0, 3.0], (), [[0, 1, 2]]),
        ([1.0, None, 0.0, 3.0], (), [[0], [2, 3]]),
        ([1.0, 2.0, 3.0], {2}, [[0, 1], [2]]),
        ([1.0, 2.0, 3.0, 4.0], {0, 1}, [[0], [1], [2, 3]]),
        ([None, 2.0, 3.0], {2}, [[1], [2]]),
        ([1.0, None], {1}, [[0]]),
        ([None, None], {1}, []),
    ],
)
def test_stretches_end_at_gaps_and_at_months_that_stand_apart(values, apart, expected) -> None:
    assert stretches(values, apart) == expected


def points(svg: str) -> list[list[tuple[float, float]]]:
    """The stretches of a small line in whole points, read from the relative steps of its path."""
    found = []
    (path,) = re.findall(r'class="(?:go|line)" d="([^"]*)"', svg) or [""]
    for run in filter(None, path.split("M")):
        numbers = [float(one) for one in re.findall(r"-?[\d.]+", run)]
        here = [(numbers[0], numbers[1])]
        for right, down in zip(numbers[2::2], numbers[3::2], strict=True):
            here.append((round(here[-1][0] + right, 1), round(here[-1][1] + down, 1)))
        found.append(here)
    return found


def test_a_trend_runs_from_zero_to_its_largest_value_and_leaves_a_gap() -> None:
    line = str(draw_trend([0.0, 4.0, None, 2.0, 4.0], NAMES))
    assert points(line) == [[(4, 36), (52, 4)], [(148, 20), (196, 4)]]
    assert re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', line) == [("196", "4")], "the newest month is a dot"
    assert str(draw_trend([None, 3.0, None], NAMES)).count("<circle") == 1
    nothing = str(draw_trend([None, None], NAMES))
    assert in_language(nothing, "en") == '<p class="small">no month is known</p>'
    assert "<svg" not in nothing and "no month is known" in nothing
    assert 'aria-label="a"' in in_language(line, "en") and 'aria-label="b"' in in_language(line, "my")


@pytest.mark.parametrize("draw", [lambda v, a: draw_trend(v, NAMES, a), lambda v, a: draw_scores(v, NAMES, 0, "", a)])
def test_no_line_leads_to_a_month_that_stands_apart(draw) -> None:
    values = [10.0, 20.0, 30.0, 12.0]
    assert [len(run) for run in points(str(draw(values, ())))] == [4]
    apart = str(draw(values, {3}))
    assert ([len(run) for run in points(apart)], apart.count("<circle")) == ([3], 1)
    early = str(draw(values, {0, 1}))
    assert ([len(run) for run in points(early)], early.count("<circle")) == ([2], 3)
    alone = str(draw([None, None, 30.0, 12.0], {3}))
    assert alone.count("<circle") == 2, "the month before one that stands apart does not vanish"


def test_a_chart_says_at_its_end_that_the_window_is_cut() -> None:
    months = [date(2023, month, 1) for month in (1, 2, 3)]
    lines = [Series("in conflict", (3.0, 4.0, 2.0)), Series("security high", (1.0, 1.0, 1.0))]
    whole, cut = (draw_series("t", months, lines, 0, apart) for apart in ((), {2}))
    assert (whole.count("<circle"), cut.count("<circle")) == (0, 2), "each line has its dot"
    assert "security high (part)" in cut and "(part" not in whole


def test_scores_of_months_without_one_are_hatched() -> None:
    drawn = str(draw_scores([10.0, 20.0, None, 30.0, 40.0], NAMES, 0))
    assert [len(run) for run in points(drawn)] == [2, 2]
    assert drawn.count('class="gap"') == 1
    assert 'class="provisional"' not in drawn
    assert str(draw_scores([10.0, 20.0], NAMES, 1)).count('class="provisional"') == 1
    nothing = str(draw_scores([None, None], NAMES, 0))
    assert 'class="line"' not in nothing and "<circle" not in nothing
    assert str(draw_scores([5.0], NAMES, 0)).count("<circle") == 1


def test_few_bars_have_gaps_and_hollow_ends() -> None:
    drawn = draw_few_bars([None, 0, 3, 10], hollow=1)
    assert 'aria-label="– 0 3 10"' in drawn
    assert (drawn.count("M6 18v-1"), drawn.count("M0 "), drawn.count('class="p" d="M18 18v-17')) == (1, 0, 1)
    assert 'class="p"' not in draw_few_bars([1, 2])


def test_bars_stack_and_unknown_months_have_none() -> None:
    months = [date(2023, month, 1) for month in (1, 2, 3)]
    drawn = str(draw_bars(months, [[1, None, 0], [2, None, 0], [0, None, 0]], NAMES, 0, True, "SYNTHETIC <b>"))
    assert drawn.count('class="gap"') == 1
    assert 'class="bar0"' in drawn and 'class="bar1"' in drawn and 'class="bar2"' not in drawn
    assert 'class="part"' in drawn
    assert "SYNTHETIC &lt;b&gt;" in drawn and "<b>" not in drawn
    ticks = re.findall(r'class="tick"[^>]*>([^<]+)<', drawn)
    assert ticks == ["0", "1", "2", "3"], "counts have whole ticks"
