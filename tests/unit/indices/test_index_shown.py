"""What is shown of each index, the evidence behind it, steps and what is possible; golden townships by hand."""

from datetime import date

import polars as pl
import pytest

from pipeline.declare.codes import Absence
from pipeline.declare.methods import ISP_2023
from pipeline.indices.security import security_step
from pipeline.indices.summaries import national_summary, region_summary

A, B, C = "MMR001001", "MMR001002", "MMR002001"
FEB, MARCH = date(2021, 2, 10), date(2021, 3, 10)
SHOWN = ("security_shown", "humanitarian_shown", "services_shown")


def shown(row):
    return tuple(row[name] for name in SHOWN)


def loose(hand, *rows):
    """(day, candidates, events) of the leading source"""
    return hand.frame(
        "records.unallocated_events",
        [{"event_date": day, "candidate_pcodes": names, "events_count": n} for day, names, n in rows],
        source_key=hand.key, event_class="clash", geo_precision="district",
    )  # fmt: skip


def test_quiet_is_split_by_what_is_known(hand):
    people = hand.records(
        "records.displacement",
        {"reference_date": FEB, "adm3_pcode": A, "idps_stock_persons": 400},
        {"reference_date": FEB, "adm3_pcode": B, "idps_stock_persons": 0},
    )
    index = hand.chain(hand.clashes(), displacement=people)["index"]
    assert shown(hand.at(index, A)) == ("hosting_displaced",) * 3
    assert shown(hand.at(index, B)) == ("reported_quiet", "reported_quiet", "silent")
    assert shown(hand.at(index, C)) == ("silent",) * 3
    assert [hand.at(index, place)["signal"] for place in (A, B, C)] == ["none", "none", "unknown"]
    for place, score in ((A, None), (B, 0.0), (C, None)):
        row = hand.at(index, place)
        assert row["security_score"] == score
        assert (row["security_high_probability"] is None) == (score is None)
    assert [hand.at(index, place)["evidence_security"] for place in (A, B, C)] == ["C", "C", "D"]
    assert [hand.at(index, place)["evidence_humanitarian"] for place in (A, B, C)] == ["A", "A", "D"]


def test_one_to_nine_people_are_withheld_and_never_calm(hand):
    people = hand.records("records.displacement", {"reference_date": FEB, "idps_stock_persons": 5})
    quiet = hand.at(hand.chain(hand.clashes(), displacement=people)["index"], A)
    assert shown(quiet) == ("hosting_displaced", "withheld", "hosting_displaced")
    fought = hand.at(hand.chain(hand.clashes((A, FEB)), displacement=people)["index"], A)
    assert shown(fought) == ("low", "withheld", "no_data")


def test_a_clash_that_may_lie_here_is_not_quiet(hand):
    records = {"displacement": hand.records("records.displacement", {"reference_date": FEB, "idps_stock_persons": 0})}
    index = hand.chain(hand.clashes(), unallocated=loose(hand, (FEB, f"{A} {B}", 2)), **records)["index"]
    assert hand.at(index, A)["security_shown"] == hand.at(index, B)["security_shown"] == "insufficient_evidence"
    assert (hand.at(index, A)["evidence_security"], hand.at(index, C)["security_shown"]) == ("D", "silent")
    attacked = hand.chain(hand.clashes((A, FEB), event_class="violence_against_civilians"), **records)["index"]
    assert hand.at(attacked, A)["security_shown"] == "insufficient_evidence"


def test_no_source_is_no_data(hand):
    index = hand.chain(hand.clashes(), source_key="", absence=Absence.UNKNOWN)["index"]
    row = hand.at(index, A)
    assert shown(row) == ("no_data",) * 3
    assert (row["signal"], row["security_step"], row["clashes_possible_count"]) == ("unknown", None, None)


def test_services_by_what_is_answered(hand):
    answers = [
        {"survey_date": MARCH, "police_station": "no", "gad_office": "no", "electricity": "no"},
        {"survey_date": MARCH, "adm3_pcode": B, "police_station": "yes"},
        {"survey_date": MARCH, "adm3_pcode": C, "police_station": "yes", "gad_office": "yes", "salaries": "yes"},
    ]
    records = hand.records("records.services", *answers)
    index = hand.chain(hand.clashes((A, FEB), (B, FEB)), services=records)["index"]
    found = [hand.at(index, place)["services_shown"] for place in (A, B, C)]
    assert found == ["severe", "insufficient_evidence", "reported_quiet"]
    # Three lost of five are severe whatever the others are; three in place leave lower as the only class.
    assert [hand.at(index, place)["evidence_services"] for place in (A, B, C)] == ["A", "D", "A"]


def test_evidence_of_clashes_by_points(hand):
    """Placed and of the last year: two points; ten clashes are a third."""
    cases, quiet = {A: (1, "B"), B: (9, "B"), C: (10, "A")}, "MMR002002"
    clashes = hand.clashes(*[(place, FEB) for place, (count, _) in cases.items() for _ in range(count)])
    towns = hand.townships((*cases, quiet))
    # Events that may lie here besides, more than a fifth of all, take the point of places.
    besides = loose(hand, *((FEB, f"{place} {quiet}", 9) for place in cases))
    for events, taken in ((loose(hand), {}), (besides, {"A": "B", "B": "C"})):
        index = hand.chain(clashes, townships=towns, unallocated=events)["index"]
        for place, (_, grade) in cases.items():
            assert hand.at(index, place)["evidence_security"] == taken.get(grade, grade)


@pytest.mark.parametrize(
    ("count", "step"), [(None, None), (0, 0), (1, 1), (3, 1), (4, 2), (9, 2), (10, 3), (24, 3), (25, 4), (400, 4)]
)
def test_steps_of_ucdp(count, step):
    breaks = ISP_2023.thresholds("ucdp_ged").security_steps
    frame = pl.DataFrame({"n": [count]}, schema={"n": pl.Int64})
    assert frame.select(security_step(pl.col("n"), breaks)).item() == step


def test_what_is_possible_is_counted_once_a_place(hand):
    events = loose(
        hand, (FEB, f"{A} {B}", 3), (MARCH, f"{B} {C}", 1), (MARCH, "none", 9), (date(2021, 4, 1), f"{A} {B}", 9)
    )
    made = hand.chain(hand.clashes((A, FEB)), unallocated=events)
    assert [hand.at(made["index"], place)["clashes_possible_count"] for place in (A, B, C)] == [3, 4, 1]
    assert hand.at(made["index"], B, date(2021, 2, 1))["clashes_possible_count"] == 3
    assert [hand.at(made["index"], place)["clashes_count"] for place in (A, B, C)] == [1, 0, 0]
    given = (hand.townships(), events, ISP_2023, hand.key, made["security"], made["signals"])
    nation = national_summary(made["index"], *given)
    assert nation["clashes_possible_count"].to_list() == [3, 4]
    regions = region_summary(made["index"], *given).filter(month=date(2021, 3, 1))
    assert dict(regions.select("state_region", "clashes_possible_count").rows()) == {"Kachin": 4, "Kayah": 1}


def test_deaths_low_best_and_high(hand):
    events = pl.concat(
        [
            hand.clashes((A, FEB), fatalities_persons=4, fatalities_low_persons=1, fatalities_high_persons=20),
            hand.clashes((A, FEB), (B, FEB), fatalities_persons=2),
        ]
    )
    index = hand.chain(events)["index"]
    columns = ("fatalities_low_persons", "fatalities_persons", "fatalities_high_persons")
    assert [tuple(hand.at(index, place)[name] for name in columns) for place in (A, B, C)] == [
        (1, 6, 20), (None, 2, None), (0, 0, 0),
    ]  # fmt: skip


def test_what_is_unknown_never_narrows_the_interval(hand):
    """A silent township has no probability to show, and stays in the interval of the country as its count says."""
    made = hand.chain(hand.clashes(*[(A, FEB)] * 10, (B, FEB)))
    given = (hand.townships(), loose(hand), ISP_2023, hand.key)
    known = national_summary(made["index"], *given, made["security"], made["signals"]).row(-1, named=True)
    unknown = made["security"].with_columns(
        pl.when(pl.col("adm3_pcode") != C).then("security_high_probability").alias("security_high_probability")
    )
    wider = national_summary(made["index"], *given, unknown, made["signals"]).row(-1, named=True)
    assert hand.at(made["index"], C)["security_high_probability"] is None
    assert wider["security_high_low"] <= known["security_high_low"]
    assert wider["security_high_high"] >= known["security_high_high"]
