"""Which months are in the publication lag, and that nothing is called better than before in them."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.context import with_lag
from pipeline.analysis.changes import township_changes
from pipeline.declare.choice import Choice
from pipeline.declare.codes import Absence, Profile, Signal
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import empty
from pipeline.declare.methods import ISP_2023, MOST_LAG_DAYS, PUBLICATION_LAG, check_lag
from pipeline.indices.run_context import ClashSource, RunContext
from pipeline.indices.signals import signal_of

LAG = replace(ISP_2023, publication_lag_days=Choice(28, "for this test"))


def run_of(reported_until: date | None, last_day: date = date(2023, 11, 26)) -> RunContext:
    nothing, source = pl.DataFrame(), ClashSource("acled", Absence.ZERO, date(2021, 1, 1), last_day.replace(day=1))
    return RunContext(
        (LAG,), last_day, Profile.PUBLIC, (source,), None, nothing, nothing, (), nothing, nothing, reported_until
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reported_until", "leads"),
    [
        (date(2023, 11, 27), date(2023, 9, 1)),  # 27 days after the end of October
        (date(2023, 11, 28), date(2023, 10, 1)),
        (date(2023, 12, 27), date(2023, 10, 1)),  # a cut month is as old as its own end
        (date(2023, 12, 28), date(2023, 11, 1)),
        (date(2021, 3, 1), date(2023, 11, 1)),  # every month is too young: the last is shown all the same
        (None, date(2023, 11, 1)),
    ],
)
def test_the_leading_month_is_the_last_that_ended_long_enough_ago(reported_until: date | None, leads: date) -> None:
    assert run_of(reported_until).leading_month(LAG) == leads


@given(st.dates(date(2021, 4, 1), date(2023, 12, 31)), st.integers(0, MOST_LAG_DAYS))
def test_a_longer_lag_never_lets_a_later_month_lead(reported_until: date, days: int) -> None:
    run = run_of(reported_until, date(2023, 12, 31))
    months = pl.DataFrame({"month": pl.date_range(date(2021, 2, 1), date(2023, 12, 1), "1mo", eager=True)})

    def old(lag: int) -> set[date]:
        method = replace(LAG, publication_lag_days=Choice(lag, "for this test"))
        return set(months.filter(~run.in_lag(method))["month"])

    assert old(days + 1) <= old(days)
    assert all((month + timedelta(days=31)).replace(day=1) <= reported_until + timedelta(days=1) for month in old(0))


def test_days_are_those_of_the_run_or_of_the_method() -> None:
    assert with_lag((ISP_2023,), "") == (ISP_2023,)
    assert ISP_2023.publication_lag_days is PUBLICATION_LAG
    (asked,) = with_lag((ISP_2023,), "45")
    assert asked.publication_lag_days.value == 45
    assert replace(asked, publication_lag_days=PUBLICATION_LAG) == ISP_2023
    for wrong in ("-1", "4.5", "a month", "367", "၃၀"):
        with pytest.raises(UnusableInput, match=f"--lag '{wrong}' is no number of days from 0 to 366"):
            check_lag(wrong)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, Signal.UNKNOWN),
        ({"is_lull": True}, Signal.UNKNOWN),
        ({"quarter_change_class": "fall"}, Signal.UNKNOWN),
        ({"quarter_change_class": "rise"}, Signal.RISE),
        ({"is_alert": True}, Signal.ALERT),
        ({"is_onset": True, "quarter_change_class": "fall"}, Signal.ONSET),
    ],
)
def test_only_what_got_worse_is_a_signal_in_the_lag(changed: dict[str, object], expected: Signal) -> None:
    quiet = {"is_alert": False, "is_onset": False, "is_lull": False, "quarter_change_class": "limited_change"}
    frame = pl.DataFrame([{**quiet, **changed}])
    assert frame.select(signal_of(pl.lit(True), pl.lit(True))).item() == expected


@pytest.mark.parametrize("in_lag", [False, True])
def test_fewer_clashes_so_far_are_no_fall_and_no_lull(in_lag: bool) -> None:
    """Twenty clashes in September, none in October; and none before twenty, which is a rise in both."""
    schema = empty("published.township_index").schema
    rows = [
        {**dict.fromkeys(schema), "method": "m", "adm3_pcode": place, "month": date(2023, month, 1),
         "period_start": date(2021, 2, 1), "period_end": date(2023, month, last), "clashes_month_count": count,
         "provisional": False, "in_publication_lag": in_lag and month == 10}
        for place, counts in (("MMR001001", (20, 0)), ("MMR001002", (0, 20)))
        for month, last, count in zip((9, 10), (30, 31), counts, strict=True)
    ]  # fmt: skip
    nothing = dict.fromkeys(empty("indices.signals").schema)
    told = [
        {**nothing, "method": "m", "adm3_pcode": row["adm3_pcode"], "month": row["month"],
         "is_lull": row["clashes_month_count"] == 0, "quarter_change_class": "fall"}
        for row in rows
    ]  # fmt: skip
    signals = pl.DataFrame(told, schema=empty("indices.signals").schema)
    made = township_changes(pl.DataFrame(rows, schema=schema), signals).filter(month=date(2023, 10, 1))
    fell, rose = made.sort("adm3_pcode").to_dicts()
    assert rose["change_class"] == "rise"
    if in_lag:
        assert (fell["change_class"], fell["change_p_value"], fell["is_lull"]) == ("no_comparison", None, None)
        assert fell["quarter_change_class"] == "no_comparison"
    else:
        assert (fell["change_class"], fell["is_lull"], fell["quarter_change_class"]) == ("fall", True, "fall")
        assert fell["change_p_value"] < 0.05
