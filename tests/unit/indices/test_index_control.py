"""Control records in force and the three bases of territory lost."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.codes import Controller, ServiceState
from pipeline.indices.control import territorial_control

A, B, C = "MMR001001", "MMR001002", "MMR002001"
FEB = date(2021, 2, 10)
MARCH = date(2021, 3, 1)
SHARES = ("lost_share", "contested_share", "held_share", "unknown_share")


def held_by(controller, day=FEB, **more):
    return {"reference_date": day, "controller": controller, **more}


def shares(hand, basis, measure="townships", scope="national", **records):
    made = hand.chain(records.pop("clashes", hand.clashes(*[(A, FEB)] * 10)), **records)
    towns = records.get("townships", hand.townships())
    frame = territorial_control(made["security"], made["services"], made["control"], towns)
    return frame.filter(month=MARCH, basis=basis, measure=measure, scope=scope).row(0, named=True)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (FEB, "resistance"),
        (date(2020, 3, 31), "resistance"),
        (date(2020, 3, 30), "unknown"),
        (date(2021, 4, 1), "unknown"),
    ],
)
def test_newest_record_in_force_else_unknown(hand, day, expected):
    made = hand.chain(hand.clashes(), control=hand.records("records.control", held_by("resistance", day)))
    assert hand.at(made["control"], A)["control_class"] == expected
    assert hand.at(made["control"], B)["control_class"] == "unknown"
    assert hand.at(made["index"], A)["control_records_count"] == (expected == "resistance")


def test_a_record_that_names_nobody_is_a_record(hand):
    known = hand.records("records.control", held_by("state"), held_by("unknown", MARCH))
    row = hand.at(hand.chain(hand.clashes(), control=known)["index"], A)
    assert (row["control_class"], row["control_records_count"]) == ("unknown", 2)


def test_security_basis_by_townships_area_and_people(hand):
    towns = hand.townships(people=(700, 200, 100))  # areas 100, 200, 300 km2
    found = {m: shares(hand, "security_index", m, townships=towns) for m in ("townships", "area", "population")}
    assert {m: row["lost_share"] for m, row in found.items()} == {
        "townships": 0.333333,
        "area": 0.166667,
        "population": 0.7,
    }
    assert (found["area"]["lost_value"], found["area"]["known_value"], found["area"]["total_value"]) == (100, 600, 600)
    assert found["area"]["contested_share"] == 0


def test_scope_is_the_state_or_region(hand):
    assert shares(hand, "security_index", scope="Kachin")["lost_share"] == 0.5
    assert shares(hand, "security_index", scope="Kayah")["lost_share"] == 0


def test_nothing_known_is_null_and_not_zero(hand):
    row = shares(hand, "observed")
    assert [row[name] for name in SHARES] == [None, None, None, 1]
    assert (row["lost_low"], row["lost_high"], row["lost_value"], row["known_value"]) == (0, 1, None, 0)
    assert shares(hand, "security_index", source_key="")["unknown_share"] == 1


def test_missing_population_leaves_no_share_of_it(hand):
    towns = hand.townships(people=(700, None, 100))
    row = shares(hand, "security_index", "population", townships=towns)
    assert [row[name] for name in (*SHARES, "lost_low", "lost_high", "total_value")] == [None] * 7
    assert shares(hand, "security_index", "population", "Kayah", townships=towns)["total_value"] == 100


@pytest.mark.parametrize(
    ("police", "office", "state"),
    [
        ("no", "no", "lost"),
        ("yes", "yes", "held"),
        ("no", "yes", "contested"),
        ("partial", "unknown", "contested"),
        ("partial", "no", "contested"),
        ("no", "unknown", "unknown"),
        ("unknown", "yes", "unknown"),
    ],
)
def test_administration(hand, police, office, state):
    survey = {"survey_date": FEB, "police_station": police, "gad_office": office}
    known = {"survey_date": FEB, "police_station": "yes", "gad_office": "yes", "adm3_pcode": B}
    row = shares(hand, "administration", scope="Kachin", services=hand.records("records.services", survey, known))
    expected = {"lost": 0.0, "contested": 0.0, "held": 0.5, "unknown": 0.0}
    expected[state] += 0.5
    assert {name: row[f"{name}_share"] for name in expected} == expected


@pytest.mark.parametrize(
    ("police", "office", "high"),
    [
        ("no", "unknown", 0.5),  # the other may be closed too
        ("unknown", "unknown", 0.5),
        ("yes", "unknown", 0.0),  # an open office rules out that both are closed
        ("unknown", "yes", 0.0),
        ("partial", "unknown", 0.0),
    ],
)
def test_a_township_with_an_open_office_cannot_have_lost_both(hand, police, office, high):
    survey = {"survey_date": FEB, "police_station": police, "gad_office": office}
    known = {"survey_date": FEB, "police_station": "yes", "gad_office": "yes", "adm3_pcode": B}
    row = shares(hand, "administration", scope="Kachin", services=hand.records("records.services", survey, known))
    assert (row["lost_low"], row["lost_high"]) == (0.0, high)
    assert row["unknown_share"] == (0.0 if police == "partial" else 0.5)


def test_nothing_known_but_open_offices_is_unknown_and_not_lost(hand):
    survey = {"survey_date": FEB, "police_station": "yes", "gad_office": "unknown", "adm3_pcode": C}
    row = shares(hand, "administration", scope="Kayah", services=hand.records("records.services", survey))
    assert (row["lost_share"], row["unknown_share"], row["lost_low"], row["lost_high"]) == (None, 1.0, 0.0, 0.0)


def test_only_the_security_basis_has_an_interval(hand):
    for basis in ("security_index", "administration", "observed"):
        row = shares(hand, basis)
        ends = [row[name] is None for name in ("lost_expected_share", "lost_interval_low", "lost_interval_high")]
        assert ends == [basis != "security_index"] * 3


def test_observed_bounds(hand):
    records = hand.records("records.control", held_by("other"), held_by("state", adm3_pcode=B))
    row = shares(hand, "observed", control=records)
    assert [row[name] for name in SHARES] == [0.333333, 0.0, 0.333333, 0.333334]
    assert (row["lost_low"], row["lost_high"]) == (0.333333, 0.666667)


@given(
    st.lists(st.sampled_from(list(Controller)), min_size=3, max_size=3),
    st.lists(st.tuples(*[st.sampled_from(list(ServiceState))] * 2), min_size=3, max_size=3),
    st.lists(st.integers(0, 10**6), min_size=3, max_size=3),
)
@examples(5)
def test_shares_sum_to_one_and_none_is_negative(hand, controllers, offices, people):
    places, towns = hand.places, hand.townships(people=tuple(p + 1 for p in people))
    control = [held_by(c.value, adm3_pcode=p) for c, p in zip(controllers, places, strict=True)]
    surveys = [
        {"survey_date": FEB, "adm3_pcode": place, "police_station": police.value, "gad_office": office.value}
        for place, (police, office) in zip(places, offices, strict=True)
    ]
    made = hand.chain(
        hand.clashes((A, FEB)),
        townships=towns,
        services=hand.records("records.services", *surveys),
        control=hand.records("records.control", *control),
    )
    frame = territorial_control(made["security"], made["services"], made["control"], towns)
    total = frame.select(pl.sum_horizontal(pl.col(SHARES).fill_null(0))).to_series()
    assert (total - 1).abs().max() < 1e-12
    assert frame.select(pl.min_horizontal(SHARES).min()).item() >= 0
    assert (frame["lost_low"] <= frame["lost_high"]).all()
    compared, differs = frame["compared_value"].fill_null(0), frame["differs_from_security_value"].fill_null(0)
    assert ((differs <= compared) & (compared <= frame["known_value"])).all()
    march = made["index"].filter(month=MARCH)
    pair = march.filter(
        (pl.col("control_by_administration") != "unknown") & (pl.col("control_by_security") != "unknown")
    )
    stated = frame.filter(month=MARCH, basis="administration", scope="national", measure="townships")
    assert stated["compared_value"].item() == pair.height
    other = pair.filter(pl.col("control_by_administration") != pl.col("control_by_security"))
    assert (stated["differs_from_security_value"].item() or 0) == other.height


def test_bases_beside_each_other(hand):
    surveys = [{"survey_date": FEB, "adm3_pcode": p, "police_station": "no", "gad_office": "no"} for p in (A, B)]
    made = hand.chain(
        hand.clashes(*[(A, FEB)] * 10, (B, FEB)),
        services=hand.records("records.services", *surveys),
        control=hand.records("records.control", held_by("state", adm3_pcode=B)),
    )
    row = hand.at(made["index"], A)
    states = [row[f"control_by_{name}"] for name in ("security", "administration", "observation")]
    assert states == ["lost", "lost", "unknown"]
    # By security A is lost, B and C are held; by administration A and B are lost; B is observed held. Their areas are
    # 100, 200 and 300 km2.
    expected = {
        ("administration", "townships"): (2, 1), ("administration", "area"): (300, 200),
        ("administration", "population"): (750, 50), ("observed", "townships"): (1, 0),
        ("observed", "area"): (200, 0), ("observed", "population"): (50, 0),
        ("observed", "exact_area"): (None, None),
        **{("security_index", measure): (None, None) for measure in ("townships", "area", "population")},
    }  # fmt: skip

    def differences(scope, people=(700, 50, 100)):
        frame = territorial_control(made["security"], made["services"], made["control"], hand.townships(people=people))
        rows = frame.filter(month=MARCH, scope=scope).select(
            "basis", "measure", "compared_value", "differs_from_security_value"
        )
        return {tuple(row[:2]): row[2:] for row in rows.rows()}

    assert differences("national") == expected
    # Nothing is known of C but by security: nothing to compare, and so nothing that differs or does not.
    assert differences("Kayah")["administration", "townships"] == (0, None)
    assert differences("national", (700, None, 100))["administration", "population"] == (None, None)
