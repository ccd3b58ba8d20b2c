"""FAULTS.md, section Values, where the indices keep it: nothing reported, all equal, one township only, silence."""

from datetime import date

import polars as pl
import polars.selectors as cs
import pytest

from pipeline.declare import methods
from pipeline.declare.frames import empty
from pipeline.indices.control import territorial_control
from pipeline.indices.security import township_month_events
from pipeline.indices.summaries import national_summary, region_summary
from pipeline.indices.windows import after_period

A, B, C = "MMR001001", "MMR001002", "MMR002001"
FEB, MARCH = date(2021, 2, 10), date(2021, 3, 10)


def published(hand, clashes, **given):
    """Every table of figures that a release holds."""
    made = hand.chain(clashes, **given)
    towns = given.get("townships", hand.townships())
    coarse, method = empty("records.unallocated_events"), methods.ISP_2023
    return {
        "index": made["index"],
        "national": national_summary(made["index"], towns, coarse, method, hand.key, made["security"], made["signals"]),
        "region": region_summary(made["index"], towns, coarse, method, hand.key, made["security"], made["signals"]),
        "territory": territorial_control(made["security"], made["services"], made["control"], towns),
        "events": township_month_events(clashes, hand.key, methods.COUP, hand.end),
    }


def not_numbers(tables):
    return [
        (name, column)
        for name, frame in tables.items()
        for column in frame.select(cs.float()).columns
        if (frame[column].is_nan() | frame[column].is_infinite()).any()
    ]


ALL = ((A, FEB), (B, FEB), (C, FEB))


# Each pattern of rows with the populations that it could divide by: which sums are zero says the nation's row.
NOBODY, UNKNOWN, ALIKE = (0, 0, 0), (None, None, None), (1000, 1000, 1000)


@pytest.mark.parametrize(
    ("rows", "people"),
    [((), NOBODY), ((), UNKNOWN), (ALL, NOBODY), (ALL, ALIKE), (((A, FEB),), NOBODY), (ALL * 400, UNKNOWN)],
    ids=["none, 0", "none, missing", "all equal, 0", "all equal", "one township only, 0", "many, missing"],
)
def test_faults_values_equal_missing_or_lone_rows_leave_no_division_by_zero(hand, rows, people):
    clashes = hand.clashes(*rows, fatalities_persons=None)
    assert not_numbers(published(hand, clashes, townships=hand.townships(people=people))) == []


def test_faults_values_a_country_of_one_township(hand):
    tables = published(hand, hand.clashes((A, FEB)), townships=hand.townships(places=(A,)))
    assert not_numbers(tables) == []
    assert hand.at(tables["index"], A)["in_conflict"] is True


def test_faults_values_all_answers_and_figures_missing_are_insufficient_and_never_zero(hand):
    blank = [{"adm3_pcode": place, "reference_date": FEB} for place in (A, B, C)]
    asked = [{"adm3_pcode": place, "survey_date": FEB} for place in (A, B, C)]
    tables = published(
        hand, hand.clashes(*ALL),
        displacement=hand.records("records.displacement", *blank), services=hand.records("records.services", *asked),
    )  # fmt: skip
    assert not_numbers(tables) == []
    for place in (A, B, C):
        row = hand.at(tables["index"], place)
        assert (row["idps_persons"], row["services_lost_score"]) == (None, None)
        assert (row["humanitarian_class"], row["services_class"]) == ("insufficient_data", "insufficient_data")


def test_faults_values_a_missing_report_stays_missing_with_its_age(hand):
    said = hand.records("records.displacement", {"adm3_pcode": A, "reference_date": FEB, "idps_new_persons": 5})
    index = hand.chain(hand.clashes(*ALL), displacement=said)["index"]
    assert hand.at(index, A)["idps_reference_date"] == FEB
    assert hand.at(index, A)["data_age_days"] is not None
    assert (hand.at(index, B)["idps_persons"], hand.at(index, B)["idps_reference_date"]) == (None, None)


def test_faults_values_silence_means_zero_on_every_day_of_a_file(hand):
    days = [{"adm3_pcode": A, "reference_date": day, "idps_new_persons": 5} for day in (FEB, MARCH)]
    said = hand.records("records.displacement", *days)
    zero = hand.deliveries(absence_means="zero")
    made = hand.chain(hand.clashes(*ALL), displacement=said, deliveries=zero)["humanitarian"]
    february, march = hand.at(made, B, date(2021, 2, 1)), hand.at(made, B)
    assert (february["idps_persons"], february["reference_date"]) == (0, FEB)
    assert (march["idps_persons"], march["reference_date"]) == (0, MARCH)
    unknown = hand.chain(hand.clashes(*ALL), displacement=said)["humanitarian"]
    assert hand.at(unknown, B, date(2021, 2, 1))["idps_persons"] is None


def test_faults_values_a_township_reported_on_one_day_of_a_file_is_not_silent_on_the_others(hand):
    """Each may have a day of its own: a zero on the other's day would take back what was reported."""
    rows = [{"adm3_pcode": A, "reference_date": FEB, "idps_new_persons": 5},
            {"adm3_pcode": B, "reference_date": MARCH, "idps_new_persons": 7}]  # fmt: skip
    said = hand.records("records.displacement", *rows)
    made = hand.chain(hand.clashes(*ALL), displacement=said, deliveries=hand.deliveries(absence_means="zero"))
    assert hand.at(made["humanitarian"], A)["idps_persons"] == 5


def test_faults_values_records_after_the_period_are_counted_and_not_lost_in_silence():
    days = pl.DataFrame({"event_date": [date(2023, 11, 26), date(2023, 11, 27), date(2024, 1, 1)]})
    records = {"clashes": (days, "event_date"), "control": (days.head(1), "event_date")}
    assert after_period(records, date(2023, 11, 26)) == "2 clashes"
    assert after_period(records, date(2024, 1, 1)) == ""
