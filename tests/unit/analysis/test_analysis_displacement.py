"""Displaced people by day, their class by number and share, and what counts as a change of displacement."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.analysis.displacement import displacement_series
from pipeline.declare.codes import Profile
from pipeline.indices.humanitarian import displacement_class

A, B = "MMR001001", "MMR001002"
END = date(2021, 3, 31)


def report(stock: int | None = None, new: int | None = None, day: date = date(2021, 3, 1), **given: object) -> dict:
    return {"reference_date": day, "idps_stock_persons": stock, "idps_new_persons": new, **given}


@pytest.fixture
def series(hand):
    def made(*reports: dict, profile: Profile = Profile.PUBLIC, **of_d1: object) -> pl.DataFrame:
        records = hand.records("records.displacement", *reports)
        return displacement_series(records, hand.deliveries(**of_d1), hand.townships(), END, profile)

    return made


def test_stock_and_new_displacement_are_two_series_with_changes_of_their_own(series):
    frame = series(
        report(stock=120), report(stock=96, new=44, day=date(2021, 3, 20)), report(new=60, day=date(2021, 4, 2))
    )
    assert frame.select("reference_date", "idps_stock_persons", "idps_stock_change_persons", "idps_new_persons",
                        "idps_new_change_persons", "after_period").rows() == [
        (date(2021, 3, 1), 120, None, None, None, False),
        (date(2021, 3, 20), 100, -20, 40, None, False),
        (date(2021, 4, 2), None, None, 60, 20, True),
    ]  # fmt: skip


def test_what_is_withheld_has_no_change_on_either_side_and_an_internal_release_shows_it(series):
    reports = (report(stock=120), report(stock=7, day=date(2021, 3, 8)), report(stock=31, day=date(2021, 3, 15)))
    shown = ("idps_stock_persons", "idps_stock_suppressed", "idps_stock_change_persons")
    assert series(*reports).select(shown).rows() == [(120, False, None), (None, True, None), (30, False, None)]
    assert series(*reports, profile=Profile.INTERNAL).select(shown).rows() == [
        (120, False, None), (7, False, -113), (31, False, 24),
    ]  # fmt: skip


def test_a_blank_is_no_row_and_silence_that_means_zero_is_one(series):
    assert series(report()).is_empty()
    zeros = series(report(stock=50), absence_means="zero", reference_date=None)
    assert zeros.filter(adm3_pcode=B)["idps_stock_persons"].to_list() == [0]


@pytest.mark.parametrize(
    ("persons", "population", "found"),
    [
        (None, 1000, "insufficient_data"),
        (0, 1000, "none"),
        (1, 1000, "low"),
        (99, 1000, "low"),
        (100, 1000, "high"),  # one in ten of those who live there
        (9_999, 400_000, "low"),
        (10_000, 400_000, "high"),
        (9_999, None, "low"),
    ],
)
def test_class_by_number_and_by_share(persons, population, found):
    frame = pl.DataFrame(
        {"persons": [persons], "people": [population]}, schema={"persons": pl.Int64, "people": pl.Int64}
    )
    made = frame.select(displacement_class(pl.col("persons"), pl.col("people"), 10_000)).item()
    assert made == found


def test_a_first_clash_gives_the_published_class_and_is_no_change_of_displacement(hand):
    reports = hand.records("records.displacement", report(stock=120, day=date(2021, 2, 10)))
    index = hand.chain(hand.clashes((A, date(2021, 3, 5))), displacement=reports)["index"]
    february, march = (hand.at(index, A, month) for month in (date(2021, 2, 1), date(2021, 3, 1)))
    assert (february["humanitarian_class"], march["humanitarian_class"]) == ("not_in_conflict", "low")
    assert (february["displacement_class"], march["displacement_class"]) == ("high", "high"), "120 of 1,000 people"
    assert (february["displacement_change"], march["displacement_change"]) == ("no_comparison", "unchanged")
    assert march["idps_population_share"] == 0.12


@examples(5)
@given(st.none() | st.integers(0, 300), st.none() | st.integers(0, 300), st.booleans())
def test_displacement_changes_as_its_figures_do_whatever_the_clashes(hand, before, now, clash):
    reports = [report(stock=before, day=date(2021, 2, 10)), report(stock=now)]
    clashes = hand.clashes((A, date(2021, 3, 5))) if clash else hand.clashes()
    index = hand.chain(clashes, displacement=hand.records("records.displacement", *reports))["index"]
    figures = [hand.at(index, A, month) for month in (date(2021, 2, 1), date(2021, 3, 1))]
    shown = [5 if row["idps_suppressed"] else row["idps_persons"] for row in figures]
    then, last = shown
    expected = (
        "no_figure" if last is None and then is None else "lapsed" if last is None else "first_figure" if then is None
        else "rise" if last > then else "fall" if last < then else "unchanged"
    )  # fmt: skip
    assert figures[1]["displacement_change"] == expected
