"""Cells to dates, numbers and terms: one that is read and one that is not, for every rule."""

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declare.formats import DATE_FORMATS
from pipeline.records import parsing


def read(expr: pl.Expr, cell: str | None, **more: str | None) -> object:
    columns = {"x": cell, "date_format": None} | more
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).select(expr).item()


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0", 0), ("12", 12), ("12.0", 12), ("12.", 12), (" 12 ", 12), ("1,234", 1234), ("1,234,567.00", 1234567),
        ("၁၂၃", 123), ("၁,၂၃၄", 1234), ("007", 7), ("60000000", 60_000_000), ("1\u200b2", 12),
        ("60000001", None), ("-1", None), ("1.5", None), ("nan", None), ("inf", None), ("1e3", None), ("1,23", None),
        (",123", None), ("12,3456", None), ("1 234", None), ("٣", None), ("9" * 40, None), ("0x10", None), ("½", None),
        ("", None), ("NA", None), ("n/a", None), ("-", None), ("—", None), (None, None), ("Not Reported", None),
    ],
)  # fmt: skip
def test_whole_numbers(cell: str | None, number: int | None) -> None:
    assert read(parsing.whole_number("x"), cell) == number


@pytest.mark.parametrize(
    "cell", ["", " ", "\u200b", "\ufeff", "\u00a0", "NA", "n/a", "N.A.", "-", "–", "None", "null", None]
)
def test_words_for_missing_are_missing_and_zero_is_not(cell: str | None) -> None:
    assert read(parsing.is_stated("x"), cell) is False
    assert read(parsing.is_stated("x"), "0") is True


@pytest.mark.parametrize(
    ("cell", "number"),
    [("96.1", 96.1), ("-0.5", -0.5), ("9.61E1", 96.1), (".5", 0.5), ("nan", None), ("inf", None), ("96,1", None),
     ("96.1°", None), ("1e999", float("inf"))],
)  # fmt: skip
def test_decimals(cell: str, number: float | None) -> None:
    assert read(parsing.decimal("x"), cell) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [("97,39", 97.39), ("-97,390", -97.39), ("97.39", 97.39), ("၉၇,၃၉", 97.39), ("1,234,567", None), ("97,39.1", None),
     ("9739,1", None), ("97,", None), ("97°23", None)],
)  # fmt: skip
def test_a_coordinate_may_have_a_decimal_comma(cell: str, number: float | None) -> None:
    assert read(parsing.degrees("x"), cell) == number
    assert number is None or "," not in cell or read(parsing.decimal("x"), cell) is None


@pytest.mark.parametrize(
    ("cell", "declared", "day"),
    [
        ("2022-03-04", None, date(2022, 3, 4)),
        ("2022-03-04 00:00:00.000", None, date(2022, 3, 4)),
        ("2022-03-04T23:59:59+06:30", None, date(2022, 3, 4)),
        ("2022-03-04T23:59Z", None, date(2022, 3, 5)),  # 06:29 of the next day in Myanmar
        ("2023-10-31T17:30:00.000Z", None, date(2023, 11, 1)),  # midnight in Myanmar
        ("2023-10-31T17:29:59Z", None, date(2023, 10, 31)),
        ("2023-10-31 17:30:00+00:00", None, date(2023, 11, 1)),
        ("2023-11-01T00:00:00.000+0630", None, date(2023, 11, 1)),
        ("2023-10-31T12:00:00-05", None, date(2023, 10, 31)),
        ("2023-10-31T12:00:00-05:30", None, date(2023, 11, 1)),
        ("2023-11-05T00:00:00", None, date(2023, 11, 5)),
        ("2023-11-05T23:59:59", None, date(2023, 11, 5)),  # no offset: the day that is written
        ("2021-01-02 0:00", None, date(2021, 1, 2)),
        ("2021-01-02 25:00", None, None),
        ("1/2/2021 0:00", "%d/%m/%Y", date(2021, 2, 1)),
        ("1/2/2021 12:00:00 AM", "%m/%d/%Y", date(2021, 1, 2)),
        ("31/10/2023 5:30 pm +0000", "%d/%m/%Y", date(2023, 11, 1)),
        ("2-Jan-21", "%d-%b-%y", date(2021, 1, 2)),
        ("02-Jan-2021", "%d-%b-%Y", date(2021, 1, 2)),
        ("2 Jan 2021", "%d %B %Y", date(2021, 1, 2)),
        ("2 Jan 21", "%d %B %y", date(2021, 1, 2)),
        ("Jan 2, 2021, 10:30 AM", "%B %d, %Y", date(2021, 1, 2)),
        ("၂/၁/၂၀၂၁", "%d/%m/%Y", date(2021, 1, 2)),
        ("2/1/21", "%d/%m/%Y", None),  # the year 21: %y is meant
        ("2022-3-4", "%Y-%m-%d", date(2022, 3, 4)),
        ("2024-02-29", None, date(2024, 2, 29)),
        ("2023-02-29", None, None),
        ("2022-02-31", None, None),
        ("03/04/2022", None, None),
        ("2022-3-4", None, None),
        ("၂၀၂၂-၀၃-၀၄", None, date(2022, 3, 4)),
        ("03/04/2022", "%d/%m/%Y", date(2022, 4, 3)),
        ("03/04/2022", "%m/%d/%Y", date(2022, 3, 4)),
        ("31/02/2022", "%d/%m/%Y", None),
        ("04 March 2022", "%d %B %Y", date(2022, 3, 4)),
        ("04.03.2022", "%d/%m/%Y", None),
        ("2022-03-04", "%d/%m/%Y", date(2022, 3, 4)),  # a date cell of a workbook
        ("2022-03-04", "%Y-%m-%d", date(2022, 3, 4)),
    ],
)
def test_days(cell: str, declared: str | None, day: date | None) -> None:
    assert read(parsing.day("x"), cell, date_format=declared) == day


@pytest.mark.parametrize("declared", DATE_FORMATS)
def test_every_order_that_may_be_declared_is_read(declared: str) -> None:
    day = date(2022, 11, 23)
    assert read(parsing.day("x"), day.strftime(declared), date_format=declared) == day


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2024-01-02", datetime(2024, 1, 2)),
        ("2024-01-02 03:04", datetime(2024, 1, 2, 3, 4)),
        ("2024-01-02T03:04:05Z", datetime(2024, 1, 2, 3, 4, 5)),
        ("2024-01-02T03:04:05.250000", datetime(2024, 1, 2, 3, 4, 5, 250_000)),
        ("2024-01-02T03:04:05+06:30", datetime(2024, 1, 1, 20, 34, 5)),
        ("2024-01-01T20:34:05-0630", datetime(2024, 1, 2, 3, 4, 5)),
        ("2024-01-02T03:04:05.5+06", datetime(2024, 1, 1, 21, 4, 5, 500_000)),
        ("1704164645", datetime(2024, 1, 2, 3, 4, 5)),
        ("yesterday", None), ("2024-02-31", None), ("02/01/2024", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_times_of_revision_are_read_in_utc(cell: str | None, moment: datetime | None) -> None:
    assert read(parsing.moment("x"), cell) == moment


def test_times_of_revision_follow_the_declared_order_of_day_and_month() -> None:
    assert read(parsing.moment("x", "date_format"), "2/1/2024 3:04 PM", date_format="%d/%m/%Y") == datetime(
        2024, 1, 2, 15, 4
    )
    assert read(parsing.moment("x", "date_format"), "2/1/2024 3:04 PM") is None
    assert read(parsing.revision("x"), "2/1/2024 0:04", date_format="%m/%d/%Y") == "2024-02-01T00:04:00.000000Z"
    assert read(parsing.revision("x"), "2024-01-02T03:04Z", date_format="%m/%d/%Y") == "2024-01-02T03:04Z"


@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)), st.integers(-11, 13))
def test_a_moment_has_one_day_in_myanmar_whatever_the_clock_it_is_written_on(when: datetime, hours: int) -> None:
    from datetime import timedelta, timezone

    utc = when.replace(tzinfo=timezone.utc)  # noqa: UP017
    there = utc.astimezone(timezone(timedelta(hours=6, minutes=30))).date()
    assert read(parsing.day("x"), utc.astimezone(timezone(timedelta(hours=hours))).isoformat()) == there


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.integers(-11, 13))
def test_an_offset_changes_the_clock_and_not_the_moment(when: datetime, hours: int) -> None:
    from datetime import timedelta, timezone

    utc = when.replace(tzinfo=timezone.utc)  # noqa: UP017
    shifted = utc.astimezone(timezone(timedelta(hours=hours))).isoformat()
    assert read(parsing.moment("x"), shifted) == read(parsing.moment("x"), utc.isoformat())


@given(st.text(max_size=12))
def test_no_text_breaks_a_parser(cell: str) -> None:
    for expr in (
        parsing.whole_number("x"),
        parsing.decimal("x"),
        parsing.day("x"),
        parsing.moment("x"),
        parsing.term("x"),
    ):
        read(expr, cell)
    number = read(parsing.whole_number("x"), cell)
    assert number is None or (isinstance(number, int) and 0 <= number <= parsing.LARGEST_COUNT)


@pytest.mark.parametrize("cell", ["Water Supply", " water-supply ", "WATER  supply"])
def test_terms_fold_case_blanks_and_hyphens(cell: str) -> None:
    assert read(parsing.term("x"), cell) == "water_supply"
