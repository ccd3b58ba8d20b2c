"""Reliability of P(high) and detection by region: by hand on a few townships, from counts and from a second source."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.reliability import (
    Second,
    compared_method,
    detection,
    matched_cut,
    reliability,
    seconds,
    stated,
    tables,
)
from pipeline.declare.codes import Absence, Profile
from pipeline.declare.frames import empty
from pipeline.declare.methods import ISP_2023, METHODS
from pipeline.indices.run_context import ClashSource, RunContext
from pipeline.indices.uncertainty import high_probability

A, B, C = "MMR001001", "MMR001002", "MMR002001"
FEB, MARCH, END = date(2021, 2, 1), date(2021, 3, 1), date(2021, 3, 31)
LEAD = ClashSource("ucdp_ged", Absence.ZERO, FEB, MARCH)
OTHER = ClashSource("acled", Absence.ZERO, FEB, MARCH)
EVENTS = [(A, date(2021, 2, 3))] * 6 + [(A, date(2021, 3, 31)), (B, date(2021, 3, 9))]


def counted_by_others(hand, *rows):
    """(township, first day, last day, count) of each row of one source of counts."""
    made = [
        {"adm3_pcode": place, "period_start": first, "period_end": last, "clashes_count": count, "row_number": n + 2}
        for n, (place, first, last, count) in enumerate(rows)
    ]
    return hand.frame("records.clash_counts", made, source_key="clash_counts:x", conflicting_records_count=0)


def events(hand):
    lead = hand.clashes(*EVENTS, source_key="ucdp_ged")
    other = hand.clashes((A, date(2021, 2, 3)), (A, date(2021, 2, 4)), source_key="acled")
    return pl.concat([lead, other])


def context(sources):
    return RunContext(
        (ISP_2023,), END, Profile.PUBLIC, sources, None, pl.DataFrame(), pl.DataFrame(), (), pl.DataFrame(),
        pl.DataFrame(),
    )  # fmt: skip


def test_the_table_by_hand():
    """2.4 high townships are expected; from 10 clashes on there are two, from 5 on three: two are nearer."""
    both = pl.DataFrame(
        {
            "adm3_pcode": ["a", "b", "c", "d"],
            "probability": [0.0, 0.5, 0.9, 1.0],
            "second_clashes_count": [0, 10, 20, 5],
        }
    )
    found = reliability(both, 4)
    assert found.select(
        "probability_bin", "townships_count", "probability_mean", "second_high_count", "second_high_share"
    ).rows() == [
        ("all", 4, 0.6, 2, 0.5),
        ("below_1", 1, 0.0, 0, 0.0),
        ("50_to_75", 1, 0.5, 1, 1.0),
        ("75_to_95", 1, 0.9, 1, 1.0),
        ("99_or_more", 1, 1.0, 0, 0.0),
    ]
    assert found["calibration_error"].to_list() == pytest.approx([0.4, 0.0, 0.5, 0.1, 1.0])
    assert found.select("cut_count", "second_cut_count").unique().rows() == [(4, 10)]


@pytest.mark.parametrize(("expected", "cut"), [(3.0, 2), (2.0, 5), (2.5, 5), (0.4, 10), (4.0, 2), (9.0, 2)])
def test_the_matched_cut_is_the_count_of_the_same_rank(expected, cut):
    """Counts 0, 2, 5 and 9: at least 2 have three of them, at least 5 two, at least 10 none."""
    assert matched_cut(np.array([0.0, 2.0, 5.0, 9.0]), expected) == cut


@given(st.lists(st.integers(0, 30), min_size=1, max_size=20), st.floats(0, 20), st.randoms())
def test_the_matched_cut_is_the_nearest_whatever_the_order(counts, expected, random):
    values = np.array(counts, dtype=float)
    cut = matched_cut(values, expected)
    best = min(abs(float((values >= other).sum()) - expected) for other in range(1, 40))
    assert cut >= 1
    assert abs(float((values >= cut).sum()) - expected) == best
    random.shuffle(counts)
    assert matched_cut(np.array(counts, dtype=float), expected) == cut


def test_the_leading_source_is_counted_over_the_days_of_the_second(hand):
    second = Second("x", FEB, date(2021, 3, 30), pl.DataFrame())
    found = stated(events(hand), LEAD, second, hand.townships(), 4)
    assert found.select("adm3_pcode", "leading_clashes_count").rows() == [(A, 6), (B, 1), (C, 0)]
    # Too few months for a dispersion of its own: the stated one is taken.
    assert found["probability"].to_list() == high_probability(np.array([6.0, 1.0, 0.0]), 4, 1.7).tolist()


def test_a_silent_township_is_left_out_where_silence_is_unknown(hand):
    second = Second("x", FEB, END, pl.DataFrame())
    for lead, known in (
        (replace(LEAD, absence=Absence.UNKNOWN), [A, B]),
        (replace(LEAD, uncovered=frozenset({B, C})), [A, B]),
    ):
        assert stated(events(hand), lead, second, hand.townships(), 4)["adm3_pcode"].to_list() == known


def test_windows_that_the_leading_source_does_not_cover_and_contradicted_counts_are_left_out(hand):
    early, late = date(2021, 1, 31), date(2021, 4, 1)
    counts = counted_by_others(hand, (A, FEB, END, 9), (B, early, END, 9), (C, FEB, late, 9), (B, MARCH, END, 2))
    found = list(seconds((LEAD,), events(hand), counts, hand.townships(), END))
    assert [(one.source_key, one.start, one.counts.rows()) for one in found] == [
        ("clash_counts:x", FEB, [(A, 9)]),
        ("clash_counts:x", MARCH, [(B, 2)]),
    ]
    wrong = counts.with_columns(conflicting_records_count=pl.lit(2, pl.Int64))
    assert list(seconds((LEAD,), events(hand), wrong, hand.townships(), END)) == []


def test_a_second_source_counts_nought_where_its_silence_means_none(hand):
    (found,) = seconds((LEAD, OTHER), events(hand), counted_by_others(hand), hand.townships(), END)
    assert (found.start, found.end, found.counts.rows()) == (FEB, END, [(A, 2), (B, 0), (C, 0)])
    unknown = replace(OTHER, absence=Absence.UNKNOWN)
    (found,) = seconds((LEAD, unknown), events(hand), counted_by_others(hand), hand.townships(), END)
    assert found.counts.rows() == [(A, 2)]


def test_detection_by_hand(hand):
    both = pl.DataFrame(
        {"adm3_pcode": [A, B, C], "leading_clashes_count": [7, 1, 0], "second_clashes_count": [20, 12, 0]}
    )
    found = detection(both, hand.townships().select("adm3_pcode", "state_region")).sort("scope")
    assert found.rows() == [("Kachin", 2, 8, 32, 0.25), ("Kayah", 1, 0, 0, None), ("national", 3, 8, 32, 0.25)]


def test_both_tables_of_counts_and_of_a_second_source_and_none_without_either(hand):
    counts, places = counted_by_others(hand, (A, FEB, END, 20), (C, FEB, END, 0)), hand.townships()
    first, other = tables(context((LEAD, OTHER)), events(hand), counts, places)
    assert first.filter(pl.col("probability_bin") == "all").select("second_source", "townships_count").rows() == [
        ("acled", 3),
        ("clash_counts:x", 2),
    ]
    assert other.filter(pl.col("scope") == "national")["detection_ratio"].to_list() == [4.0, 0.35]
    for sources, given_counts in (((LEAD,), counts.clear()), ((), counts)):
        made = tables(context(sources), events(hand), given_counts, places)
        assert [frame.equals(empty(name)) for frame, name in zip(
            made, ("published.reliability", "published.detection"), strict=True
        )] == [True, True]  # fmt: skip


def test_the_cut_is_that_of_the_window_since_the_coup():
    rolling = next(one for one in METHODS.values() if one.window_months)
    own = replace(ISP_2023, name="own")
    assert compared_method((rolling, own)) is own
    assert compared_method((rolling,)) is ISP_2023
