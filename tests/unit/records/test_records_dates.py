"""Day and month exchanged by a spreadsheet: columns that show it, and honest ones that are read whole."""

from datetime import date, timedelta

import polars as pl
import pytest
from records_frames import rows_of

from pipeline.records import parsing
from pipeline.records.rules import doubted

YEAR = [date(2023, 1, 1) + timedelta(days=3 * n) for n in range(120)]


def resaved(days: list[date], order: str) -> list[str]:
    """What a spreadsheet that reads the other order makes of texts in `order`: a cell where it can, else the text."""
    cells = []
    for day in days:
        first, second = (day.day, day.month) if order == "%d/%m/%Y" else (day.month, day.day)
        taken_for_month = first if order == "%d/%m/%Y" else second
        exchanged = f"{day.year}-{day.day:02}-{day.month:02} 00:00:00"
        cells.append(exchanged if taken_for_month <= 12 else f"{first}/{second}/{day.year}")
    return cells


def doubtful(cells: list[str], date_format: str | None) -> list[bool]:
    rows = rows_of("canonical_clashes", [{"event_date": cell} for cell in cells], date_format=date_format)
    read = rows.with_columns(parsing.day("event_date").alias("day"))
    return doubted(read, {"event_date": "day"})["day_doubtful"].to_list()


@pytest.mark.parametrize("declared", ["%d/%m/%Y", "%m/%d/%Y"])
@pytest.mark.parametrize("days", [YEAR, YEAR[:20], [date(2023, 11, n) for n in range(1, 28)]])
def test_cells_that_a_spreadsheet_exchanged_are_doubtful_and_the_rest_is_not(days: list[date], declared: str) -> None:
    cells = resaved(days, declared)
    expected = [day.day <= 12 and day.day != day.month for day in days]
    assert doubtful(cells, declared) == expected
    assert doubtful(cells, None) == expected  # the texts are set aside, and the cells are no truer for it


def test_dates_with_the_month_in_words_can_have_been_exchanged_too() -> None:
    cells = [c if "/" in c else date.fromisoformat(c[:10]).strftime("%d-%b-%Y") for c in resaved(YEAR, "%d/%m/%Y")]
    assert sum(doubtful(cells, "%d-%b-%Y")) == sum(day.day <= 12 and day.day != day.month for day in YEAR)


@pytest.mark.parametrize(
    "cells",
    [
        [f"{day} 00:00:00" for day in YEAR],  # date cells alone
        [day.strftime("%d/%m/%Y") for day in YEAR],  # texts alone
        [str(day) if n % 2 else day.strftime("%d/%m/%Y") for n, day in enumerate(YEAR)],  # both, of all days
        [*map(str, YEAR), "15/11/2023", "20/11/2023"],  # a few texts typed beside cells
        [f"2023-{month:02}-01" for month in range(1, 13)],  # months
        [f"2023-11-{n:02}" for n in range(1, 13)] + ["13/11/2023", "14/11/2023"],  # the months speak against it
        ["2023-03-03", "13/03/2023"],  # the same either way
        ["", "soon"],
    ],
)
def test_honest_columns_are_not_doubted(cells: list[str]) -> None:
    assert not any(doubtful(cells, "%d/%m/%Y"))


def test_numbers_that_tell_another_order_than_the_declared_one_make_the_others_doubtful() -> None:
    cells = [day.strftime("%m/%d/%Y") for day in YEAR]
    expected = [day.day <= 12 and day.day != day.month for day in YEAR]
    assert doubtful(cells, "%d/%m/%Y") == expected
    assert not any(doubtful(cells, "%m/%d/%Y"))
    one_slip = [*(day.strftime("%d/%m/%Y") for day in YEAR), "11/13/2023"]
    assert not any(doubtful(one_slip, "%d/%m/%Y"))


def test_each_delivery_is_judged_by_itself() -> None:
    exchanged = rows_of("canonical_clashes", [{"event_date": c} for c in resaved(YEAR, "%d/%m/%Y")], "d1")
    sound = rows_of("canonical_clashes", [{"event_date": str(day)} for day in YEAR], "d2")
    both = pl.concat([exchanged, sound]).with_columns(parsing.day("event_date").alias("day"))
    found = doubted(both, {"event_date": "day"}).filter("day_doubtful")
    assert found["delivery_id"].unique().to_list() == ["d1"]
