"""The evidence grade: each of its six points by itself, coverage, age, and the rule in words."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.methods import (
    EVIDENCE_EXACT_SHARE,
    EVIDENCE_GRADES,
    EVIDENCE_RECENT_DAYS,
    EVIDENCE_SOURCES,
    EVIDENCE_UNALLOCATED_MOST_SHARE,
    GRADE_RULE,
    ISP_2023,
    ROLLING_12M,
)
from pipeline.indices.evidence import evidence_grades, grade_of
from pipeline.indices.security import unallocated_in_window

A, B, C = "MMR001001", "MMR001002", "MMR002001"
FEB = date(2021, 2, 10)
MARCH = date(2021, 3, 10)


def rich_records(hand):
    return {
        "displacement": hand.records("records.displacement", {"reference_date": FEB, "idps_new_persons": 5}),
        "services": hand.records(
            "records.services", {"survey_date": FEB, "police_station": "no", "gad_office": "no", "electricity": "no"}
        ),
        "control": hand.records("records.control", {"reference_date": FEB, "controller": "state"}),
    }


def loose(hand, *rows, source=None):
    """(day, class, events) located to a region only."""
    where = {"source_key": source or hand.key, "geo_precision": "region"}
    events = [{"event_date": day, "event_class": kind, "events_count": n} for day, kind, n in rows]
    return hand.frame("records.unallocated_events", events, **where)


NAMES = ("evidence_points_count", "evidence_grade", "reporting_share", "exact_share", "data_age_days")


def told(hand, index, place=A, month=date(2021, 3, 1)):
    row = hand.at(index, place, month)
    return tuple(row[name] for name in NAMES)


def evidence(hand, clashes, place=A, month=date(2021, 3, 1), **given):
    return told(hand, hand.chain(clashes, **given)["index"], place, month)


def test_grades_from_full_to_none(hand):
    two_sources = pl.concat(
        [hand.clashes((A, FEB), (B, FEB), geo_precision="exact"), hand.clashes((A, FEB), source_key="acled")]
    )
    index = hand.chain(two_sources, **rich_records(hand))["index"]
    assert told(hand, index, A) == (6, "A", 1.0, 1.0, 49)
    assert told(hand, index, B) == (2, "C", 0.25, 1.0, 49)  # exact and recent
    assert told(hand, index, C) == (1, "D", 0.25, None, None)  # silence alone


def test_no_clash_source_is_d_however_much_is_known(hand):
    points, grade, reporting, exact, _ = evidence(hand, hand.clashes((A, FEB)), source_key="", **rich_records(hand))
    assert (points, grade, reporting, exact) == (4, "D", 0.75, None)


def test_the_point_for_exact_clashes_needs_a_half(hand):
    """Township precision is no longer enough: with only such clashes counted it told nothing apart."""
    cases = {f"MMR00100{n}": case for n, case in
             enumerate([(1, 0, 1), (1, 1, 1), (1, 2, 0), (0, 1, 0), (2, 1, 1)], start=1)}  # fmt: skip
    each = [(place, FEB) for place in cases]
    clashes = pl.concat(
        [
            hand.clashes(*[day for day in each for _ in range(cases[day[0]][0])], geo_precision="exact"),
            hand.clashes(*[day for day in each for _ in range(cases[day[0]][1])]),
            hand.clashes(*each, geo_precision="exact", event_class="violence_against_civilians"),
            hand.clashes(*each, geo_precision="exact", source_key="acled", event_class="other"),
        ]
    )
    index = hand.chain(clashes, townships=hand.townships(tuple(cases)))["index"]
    for place, (exact, near, point) in cases.items():
        points, _, _, share, _ = told(hand, index, place)
        assert share == round(exact / (exact + near), 6)
        assert points == 1 + point, "the other point is for recent data"


def test_exact_share_is_of_the_window(hand):
    clashes = pl.concat(
        [hand.clashes((A, date(2020, 2, 10)), geo_precision="exact"), hand.clashes((A, FEB), geo_precision="township")]
    )
    for method in (ISP_2023, ROLLING_12M):  # the rolling window of February 2021 starts in March 2020
        assert evidence(hand, clashes, method=method, month=date(2021, 2, 1))[3] == 0.0
    wider = hand.clashes((A, date(2020, 3, 10)), geo_precision="exact")
    assert evidence(hand, pl.concat([clashes, wider]), method=ROLLING_12M, month=date(2021, 2, 1))[3] == 0.5


@pytest.mark.parametrize(("unallocated", "point"), [(0, 1), (1, 1), (2, 0)])
def test_a_quiet_township_has_the_point_while_little_is_unallocated(hand, unallocated, point):
    """Four clashes placed: one loose is a fifth of five, two are a third of six."""
    clashes = hand.clashes(*[(B, FEB)] * 4)
    events = pl.concat(
        [
            loose(hand, (MARCH, "clash", unallocated), (MARCH, "other", 50), (date(2021, 1, 31), "clash", 50)),
            loose(hand, (MARCH, "clash", 50), source="acled"),
        ]
    )
    index = hand.chain(clashes, unallocated=events)["index"]
    assert told(hand, index)[:2] == (point, "D")
    assert told(hand, index, month=date(2021, 2, 1))[0] == 1  # in March only
    if not unallocated:
        assert evidence(hand, clashes, A, absence="unknown", unallocated=events)[0] == 0  # silence is no evidence


def test_unallocated_clashes_are_unknown_without_a_source(hand):
    windows = pl.DataFrame({"month": [date(2021, 3, 1)], "period_start": [FEB], "period_end": [MARCH]})
    events = loose(hand, (FEB, "clash", 2), (MARCH, "clash", 3), (date(2021, 3, 11), "clash", 5))
    assert unallocated_in_window(windows, events, ISP_2023, hand.key)["clashes_unallocated_count"].to_list() == [5]
    assert unallocated_in_window(windows, events.clear(), ISP_2023, hand.key).rows() == [(date(2021, 3, 1), 0)]
    assert unallocated_in_window(windows, events, ISP_2023, "").rows() == [(date(2021, 3, 1), None)]


def test_each_kind_of_record_is_a_point_and_a_quarter(hand):
    """Of four townships the first has all kinds, and each of the others lacks another."""
    rich, places = rich_records(hand), ("MMR001001", "MMR001002", "MMR001003", "MMR001004")
    lacks = dict(zip(rich, places[1:], strict=True))
    records = {
        kind: pl.concat([frame.with_columns(adm3_pcode=pl.lit(place)) for place in places if place != lacks[kind]])
        for kind, frame in rich.items()
    }
    clashes = hand.clashes(*[(place, FEB) for place in places], geo_precision="exact")
    index = hand.chain(clashes, townships=hand.townships(places), **records)["index"]
    assert [told(hand, index, place)[:3] for place in places] == [(5, "A", 1.0), *[(4, "B", 0.75)] * 3]


def test_records_that_say_too_little_are_no_reports(hand):
    records = rich_records(hand) | {
        "services": hand.records("records.services", {"survey_date": FEB, "police_station": "no", "gad_office": "no"}),
        "control": hand.records("records.control", {"reference_date": FEB, "controller": "unknown"}),
    }
    assert evidence(hand, hand.clashes((A, FEB)), **records)[:3] == (2, "C", 0.5)  # displacement and age


def test_age_in_days_and_its_point(hand):
    late = {"period_end": date(2021, 6, 30), **rich_records(hand)}
    clashes = hand.clashes((A, FEB), geo_precision="exact")
    found = evidence(hand, clashes, month=date(2021, 5, 1), **late)
    assert (*found[:2], found[4]) == (4, "B", 110)
    edge = {"period_end": date(2021, 5, 11), **rich_records(hand)}
    assert evidence(hand, clashes, month=date(2021, 5, 1), **edge)[::4] == (5, 90)


def test_sources_count_in_the_window_only(hand):
    both = pl.concat([hand.clashes((A, FEB)), hand.clashes((A, date(2020, 2, 10)), source_key="acled")])
    for method, expected in ((ISP_2023, 1), (ROLLING_12M, 1)):
        chain = hand.chain(both, method=method)
        made = {name: chain[name] for name in ("security", "humanitarian", "services", "control")}
        grades = evidence_grades(
            **made, clashes=both, method=method, source_key=hand.key, unallocated=loose(hand)
        )  # fmt: skip
        assert hand.at(grades, A)["clash_sources_count"] == expected


def test_the_written_rule_states_the_numbers_used():
    for part in (
        f"at least {EVIDENCE_EXACT_SHARE.value * 100:.0f} % of the township's clashes",
        f"at most {EVIDENCE_UNALLOCATED_MOST_SHARE.value * 100:.0f} % of the clashes",
        f"at least {EVIDENCE_SOURCES.value} clash sources",
        f"at most {EVIDENCE_RECENT_DAYS.value} days old",
        *(f"{grade}: at least {least.value}" for grade, least in EVIDENCE_GRADES.items()),
    ):
        assert part in GRADE_RULE


@pytest.mark.parametrize("covered", [True, False])
def test_grade_of_every_number_of_points(covered):
    frame = pl.DataFrame({"points": list(range(7)), "covered": [covered] * 7})
    grades = frame.select(grade_of(pl.col("points"), pl.col("covered"))).to_series().to_list()
    assert grades == (["D", "D", "C", "C", "B", "A", "A"] if covered else ["D"] * 7)


@given(
    st.lists(st.tuples(st.sampled_from([A, B, C]), st.sampled_from(["exact", "township"])), max_size=12),
    st.integers(0, 5),
)
@examples(5)
def test_points_and_grades_of_any_events(hand, events, unallocated):
    clashes = pl.concat([hand.clashes((place, FEB), geo_precision=near) for place, near in events] or [hand.clashes()])
    made = hand.chain(clashes, unallocated=loose(hand, (FEB, "clash", unallocated)), **rich_records(hand))["index"]
    for row in made.filter(month=date(2021, 3, 1)).iter_rows(named=True):
        own = [near for place, near in events if place == row["adm3_pcode"]]
        reports = 3 if row["adm3_pcode"] == A else 0
        few = 5 * unallocated <= len(events) + unallocated
        point = 2 * own.count("exact") >= len(own) if own else few
        recent = bool(own) or reports > 0
        assert row["evidence_points_count"] == reports + point + recent
        assert row["reporting_share"] == (1 + reports) / 4
