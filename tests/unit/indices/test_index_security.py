"""The Security Index: what counts, where, when, and what silence means."""

import math
from datetime import date

import polars as pl
import pytest

from pipeline.declare.codes import Absence
from pipeline.declare.errors import AccountingError
from pipeline.declare.methods import ISP_2023, ROLLING_12M
from pipeline.indices.frames import log_score

A, B, C = "MMR001001", "MMR001002", "MMR002001"
FEB, MARCH = date(2021, 2, 10), date(2021, 3, 10)


def test_counts_accumulate_and_the_month_stands_beside(hand):
    frame = hand.security(hand.clashes((A, FEB), (A, MARCH), (A, MARCH), (B, MARCH)))
    first, second = hand.at(frame, A, date(2021, 2, 1)), hand.at(frame, A)
    assert (first["clashes_count"], first["clashes_month_count"]) == (1, 1)
    assert (second["clashes_count"], second["clashes_month_count"]) == (3, 2)
    assert hand.at(frame, B, date(2021, 2, 1))["security_class"] == "not_in_conflict"
    assert second["security_score"] == pytest.approx(100 * math.log(4) / math.log(501), abs=1e-4)


@pytest.mark.parametrize(("number", "expected"), [(0, "not_in_conflict"), (1, "low"), (9, "low"), (10, "high")])
def test_class_at_and_below_the_cut(hand, number, expected):
    assert hand.at(hand.security(hand.clashes(*[(A, FEB)] * number)), A)["security_class"] == expected


@pytest.mark.parametrize(
    "other",
    [
        {"source_key": "ucdp_ged"},
        {"event_class": "violence_against_civilians"},
        {"geo_precision": "district"},
    ],
)
def test_other_source_class_or_precision_does_not_count(hand, other):
    row = hand.at(hand.security(pl.concat([hand.clashes((A, FEB)), hand.clashes((A, FEB), **other)])), A)
    assert row["clashes_count"] == 1


@pytest.mark.parametrize("outside", [date(2021, 1, 31), date(2021, 4, 1)])
def test_events_outside_the_window_do_not_count(hand, outside):
    row = hand.at(hand.security(hand.clashes((A, FEB), (A, outside))), A)
    assert row["clashes_count"] == 1


def test_cut_month_leaves_later_days_out(hand):
    cut = hand.security(hand.clashes((A, MARCH), (A, date(2021, 3, 11))), period_end=MARCH)
    assert hand.at(cut, A)["clashes_month_count"] == 1


def test_rolling_window_forgets_after_twelve_months_and_knows_before_the_coup(hand):
    frame = hand.security(
        hand.clashes((A, date(2020, 3, 1)), (A, FEB)), method=ROLLING_12M, period_end=date(2022, 2, 28)
    )
    counts = frame.filter(adm3_pcode=A).sort("month")["clashes_count"].to_list()
    assert counts == [2, *[1] * 11, 0]


def test_deaths_add_what_is_given_and_are_missing_only_where_none_is(hand):
    some = hand.clashes((A, FEB), fatalities_persons=3)
    blank = hand.clashes((A, FEB), (B, FEB), fatalities_persons=None)
    frame = hand.security(pl.concat([some, blank]))
    assert [hand.at(frame, place)["fatalities_persons"] for place in (A, B, C)] == [3, None, 0]


def test_precise_share_takes_every_located_clash(hand):
    loose = hand.clashes((A, FEB), (B, FEB), geo_precision="district")
    frame = hand.security(pl.concat([hand.clashes((A, FEB), (A, FEB)), loose]))
    assert [hand.at(frame, place)["precise_share"] for place in (A, B, C)] == [0.666667, 0.0, None]


def test_silence_of_a_source_that_means_unknown_is_not_peace(hand):
    frame = hand.security(hand.clashes((A, FEB)), absence=Absence.UNKNOWN)
    assert hand.at(frame, A)["clashes_count"] == 1
    assert hand.at(frame, A)["clashes_month_count"] is None
    silent = hand.at(frame, B)
    assert silent["security_class"] == "insufficient_data"
    for name in ("in_conflict", "clashes_count", "fatalities_persons", "security_score", "security_high_probability"):
        assert silent[name] is None


def test_without_a_clash_source_everything_is_unknown_whatever_absence_means(hand):
    frame = hand.security(hand.clashes(), source_key="", absence=Absence.ZERO)
    assert set(frame["security_class"]) == {"insufficient_data"}


def test_a_source_that_covers_and_reports_none_means_zero(hand):
    frame = hand.security(hand.clashes())
    assert set(frame["security_class"]) == {"not_in_conflict"}
    assert set(frame["clashes_count"]) == {0}


def test_cuts_are_those_of_the_source(hand):
    lethal = hand.clashes(*[(A, FEB)] * 4, source_key="ucdp_ged")
    assert hand.at(hand.security(lethal, source_key="ucdp_ged"), A)["security_class"] == "high"


def test_event_outside_the_listed_townships_is_not_lost_in_silence(hand):
    with pytest.raises(AccountingError, match="MMR018999"):
        hand.security(hand.clashes(("MMR018999", FEB)))


def test_score_is_capped_and_keeps_null():
    frame = pl.DataFrame({"n": [0, 500, 9000, None]}).select(log_score(pl.col("n"), 500))
    assert frame["n"].to_list() == [0.0, 100.0, 100.0, None]
    with pytest.raises(ValueError, match="above zero"):
        log_score(pl.col("n"), 0)


def test_every_declared_column_is_filled_unless_nullable(hand):
    deaths = {"fatalities_low_persons": 0, "fatalities_high_persons": 3}
    frame = hand.security(hand.clashes((A, FEB), **deaths), method=ISP_2023)
    assert frame.columns[:3] == ["method", "month", "adm3_pcode"]
    assert frame.select(pl.exclude("precise_share", "exact_share").null_count()).row(0) == (0,) * 19


def test_outside_of_the_stated_coverage_silence_is_unknown_and_a_count_stands(hand):
    frame = hand.security(hand.clashes((A, FEB)), uncovered={A, B})
    assert hand.at(frame, A)["security_class"] == "low"
    assert hand.at(frame, B)["security_class"] == "insufficient_data"
    assert (hand.at(frame, B)["in_conflict"], hand.at(frame, B)["clashes_count"]) == (None, None)
    assert hand.at(frame, C)["security_class"] == "not_in_conflict"
    assert hand.at(frame, A)["clashes_month_count"] is None  # no clash in its last month
