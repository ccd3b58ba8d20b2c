"""The published index, its grades, summaries and events: margins, age, floors, order."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.codes import Absence
from pipeline.declare.errors import AccountingError
from pipeline.declare.methods import ISP_2023
from pipeline.indices.control import territorial_control
from pipeline.indices.security import township_month_events
from pipeline.indices.summaries import national_summary, region_summary
from pipeline.indices.township_index import township_index

A, B, C = "MMR001001", "MMR001002", "MMR002001"
FEB = date(2021, 2, 10)
MARCH = date(2021, 3, 1)
LIST = tuple(f"MMR{1 + n // 22:03d}{n % 22 + 1:03d}" for n in range(330))


def rich_records(hand):
    return {
        "displacement": hand.records("records.displacement", {"reference_date": FEB, "idps_new_persons": 5}),
        "services": hand.records(
            "records.services",
            {"survey_date": FEB, "police_station": "no", "gad_office": "no", "electricity": "no"},
        ),
        "control": hand.records("records.control", {"reference_date": FEB, "controller": "state"}),
    }


def test_index_of_indices_that_do_not_match_is_refused(hand):
    chain = hand.chain(hand.clashes((A, FEB)))
    made = {name: chain[name] for name in ("security", "humanitarian", "services", "signals")}
    made |= {"control": chain["control"].head(5), "others": hand.by_cut(chain)}
    given = {"townships": hand.townships(), "method": ISP_2023, "source_key": "x", "unallocated": unallocated(hand)}
    with pytest.raises(AccountingError, match="6 and 5 rows"):
        township_index(**made, clashes=hand.clashes(), **given)


def unallocated(hand, *rows):
    """(day, source, class, events)"""
    return hand.frame(
        "records.unallocated_events",
        [
            {
                "event_date": d,
                "source_key": s,
                "event_class": c,
                "events_count": n,
                "geo_precision": "region",
                "candidate_pcodes": "none",
            }
            for d, s, c, n in rows
        ],
    )


def test_national_summary_by_hand(hand):
    made = hand.chain(hand.clashes(*[(A, FEB)] * 10, (B, MARCH)), **rich_records(hand))
    loose = unallocated(
        hand,
        (date(2021, 2, 1), hand.key, "clash", 3),
        (MARCH, hand.key, "clash", 4),
        (MARCH, hand.key, "other", 50),
        (date(2021, 4, 1), hand.key, "clash", 50),  # after the period
        (MARCH, "acled", "clash", 50),
        (date(2021, 1, 1), hand.key, "clash", 50),
    )
    frame = national_summary(
        made["index"], hand.townships(), loose, ISP_2023, hand.key, made["security"], made["signals"]
    )
    assert frame["clashes_unallocated_count"].to_list() == [3, 7]
    row = frame.filter(month=MARCH).row(0, named=True)
    assert (row["townships_count"], row["in_conflict_count"], row["in_conflict_share"]) == (3, 2, 0.666667)
    assert (row["security_high_count"], row["security_low_count"], row["clashes_count"]) == (1, 1, 11)
    assert (row["humanitarian_low_count"], row["humanitarian_insufficient_count"]) == (1, 1)
    assert (row["services_severe_count"], row["services_insufficient_count"]) == (1, 1)
    assert (row["idps_persons"], row["idps_reporting_count"]) == (None, 1)  # 5 persons are withheld
    assert (row["control_lost_townships_share"], row["control_lost_area_share"]) == (0.333333, 0.166667)
    # A has all four kinds of record, B and C clashes alone: (1 + 0.25 + 0.25) / 3. The loose clashes are 7 of 18.
    assert row["reporting_share"] == 0.5
    assert [row[f"evidence_{grade}_count"] for grade in "abcd"] == [0, 1, 0, 2]


def test_without_a_clash_source_the_summary_is_missing_and_not_zero(hand):
    made = hand.chain(hand.clashes(), source_key="", absence=Absence.UNKNOWN)
    row = national_summary(
        made["index"], hand.townships(), unallocated(hand), ISP_2023, "", made["security"], made["signals"]
    ).row(0, named=True)
    for name in ("in_conflict_share", "clashes_count", "control_lost_area_share", "clashes_unallocated_count"):
        assert row[name] is None
    assert (row["in_conflict_count"], row["humanitarian_insufficient_count"], row["idps_persons"]) == (0, 0, None)


def test_summary_agrees_with_territorial_control_and_regions_add_up(hand):
    made = hand.chain(hand.clashes(*[(A, FEB)] * 10, (C, FEB)))
    towns = hand.townships()
    nation = national_summary(
        made["index"], towns, unallocated(hand), ISP_2023, hand.key, made["security"], made["signals"]
    )
    regions = region_summary(
        made["index"], towns, unallocated(hand), ISP_2023, hand.key, made["security"], made["signals"]
    )
    shares = territorial_control(made["security"], made["services"], made["control"], towns)
    lost = shares.filter(scope="national", basis="security_index", measure="area")["lost_share"]
    assert nation["control_lost_area_share"].to_list() == lost.to_list()
    for name in ("townships_count", "in_conflict_count", "clashes_count"):
        assert regions.group_by("month").agg(pl.col(name).sum()).sort("month")[name].to_list() == nation[name].to_list()


def test_month_events_by_hand(hand):
    events = pl.concat(
        [
            hand.clashes((A, FEB), (A, FEB), fatalities_persons=2),
            hand.clashes((A, FEB), geo_precision="district", fatalities_persons=None),
            hand.clashes((B, FEB), event_class="other", fatalities_persons=None),
            hand.clashes((A, date(2021, 4, 1)), (A, date(2021, 1, 31))),
            hand.clashes((A, FEB), source_key="acled"),
        ]
    )
    frame = township_month_events(events, hand.key, date(2021, 2, 1), hand.end)
    february = date(2021, 2, 1)
    assert frame.rows() == [(february, A, "clash", 3, 4, 2), (february, B, "other", 1, None, 1)]


events_of_330 = st.lists(
    st.tuples(st.sampled_from(LIST[:40]), st.dates(date(2021, 1, 1), date(2021, 4, 30))), max_size=80
)


@given(events_of_330, st.sampled_from(list(Absence)))
@examples(4)
def test_class_margins_add_up_to_330(hand, events, absence):
    towns = hand.townships(LIST)
    made = hand.chain(hand.clashes(*events), townships=towns, absence=absence)
    row = national_summary(
        made["index"], towns, unallocated(hand), ISP_2023, hand.key, made["security"], made["signals"]
    ).row(-1, named=True)
    for name in ("security", "humanitarian", "services"):
        classes = made["index"].filter(month=MARCH)[f"{name}_class"].value_counts()
        assert classes["count"].sum() == 330
    assert row["security_high_count"] + row["security_low_count"] == row["in_conflict_count"]
    humanitarian = ("high", "low", "no_new", "insufficient")
    assert sum(row[f"humanitarian_{name}_count"] for name in humanitarian) == row["in_conflict_count"]


@given(events_of_330, st.sampled_from(LIST[:40]))
@examples(5)
def test_one_more_clash_never_lowers_score_or_probability(hand, events, place):
    towns = hand.townships(LIST)
    before = hand.at(hand.security(hand.clashes(*events), townships=towns), place)
    after = hand.at(hand.security(hand.clashes(*events, (place, FEB)), townships=towns), place)
    assert after["security_score"] > before["security_score"]
    assert after["security_high_probability"] >= before["security_high_probability"] - 2e-6


@given(events_of_330, st.randoms(use_true_random=False))
@examples(3)
def test_row_order_changes_nothing(hand, events, random):
    seed = random.randint(0, 10**6)
    towns, records = hand.townships(LIST), rich_records(hand)
    clashes = hand.clashes(*events)
    one = hand.chain(clashes, townships=towns, **records)
    mixed = {kind: frame.sample(fraction=1, shuffle=True, seed=seed) for kind, frame in records.items()}
    shuffled = clashes.sample(fraction=1, shuffle=True, seed=seed)
    two = hand.chain(shuffled, townships=towns.sample(fraction=1, shuffle=True, seed=seed), **mixed)
    assert all(one[name].equals(two[name]) for name in one)
