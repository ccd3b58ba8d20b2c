"""Windows: one row per month, cut at the end, reaching back where the method says so."""

from dataclasses import replace
from datetime import date

import pytest

from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import ISP_2023, ROLLING_12M
from pipeline.indices.windows import grid, months


def test_cumulative_rows_start_at_the_coup_and_the_last_is_cut():
    rows = months(ISP_2023, date(2021, 4, 10)).rows()
    coup = date(2021, 2, 1)
    assert rows == [
        (date(2021, 2, 1), coup, date(2021, 2, 28)),
        (date(2021, 3, 1), coup, date(2021, 3, 31)),
        (date(2021, 4, 1), coup, date(2021, 4, 10)),
    ]


def test_rolling_window_reaches_back_before_the_coup():
    first = months(ROLLING_12M, date(2022, 1, 31)).row(0)
    last = months(ROLLING_12M, date(2022, 1, 31)).row(-1)
    assert first == (date(2021, 2, 1), date(2020, 3, 1), date(2021, 2, 28))
    assert last == (date(2022, 1, 1), date(2021, 2, 1), date(2022, 1, 31))


def test_one_month_window_is_the_month_itself():
    one = replace(ROLLING_12M, window_months=1)
    assert months(one, date(2021, 2, 1)).row(0) == (date(2021, 2, 1), date(2021, 2, 1), date(2021, 2, 1))


def test_period_before_the_method_starts_is_refused():
    with pytest.raises(UnusableInput, match="2021-01-31 lies before 2021-02-01"):
        months(ISP_2023, date(2021, 1, 31))


def test_grid_has_every_township_in_every_month(hand):
    frame = grid(ISP_2023, hand.end, hand.townships().reverse())
    assert frame.height == 2 * 3
    assert frame["adm3_pcode"].to_list() == [*hand.places, *hand.places]
