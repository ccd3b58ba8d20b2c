"""Control records in force and the three bases of territory lost."""

from datetime import date

import polars as pl
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


def territory(hand, **records):
    made = hand.chain(records.pop("clashes", hand.clashes(*[(A, FEB)] * 10)), **records)
    towns = records.get("townships", hand.townships())
    return territorial_control(made["security"], made["services"], made["control"], towns)


def row_of(frame, basis, measure="townships", scope="national"):
    return frame.filter(month=MARCH, basis=basis, measure=measure, scope=scope).row(0, named=True)


def shares(hand, basis, measure="townships", scope="national", **records):
    return row_of(territory(hand, **records), basis, measure, scope)


def surveyed(hand, *answers):
    """The rows of administration, each of a region of its own: of (police, office) in one of its two townships.

    The first of the two has ten clashes, and both offices of the second are open.
    """
    regions = {f"MMR{n:03d}": pair for n, pair in enumerate(answers, start=1)}
    towns = hand.townships(tuple(f"{region}{n}" for region in regions for n in ("001", "002")))
    surveys = [
        {"survey_date": FEB, "police_station": police, "gad_office": office, "adm3_pcode": f"{region}{n}"}
        for region, pair in regions.items() for n, (police, office) in (("001", pair), ("002", ("yes", "yes")))
    ]  # fmt: skip
    frame = territory(
        hand, clashes=hand.clashes(*[(f"{region}001", FEB) for region in regions for _ in range(10)]),
        townships=towns.with_columns(state_region="adm1_name"), services=hand.records("records.services", *surveys),
    )  # fmt: skip
    return [row_of(frame, "administration", scope=region) for region in regions]


def test_newest_record_in_force_else_unknown(hand):
    days = {A: FEB, B: date(2020, 3, 31), C: date(2020, 3, 30), "MMR003001": date(2021, 4, 1), "MMR003002": None}
    known = [held_by("resistance", day, adm3_pcode=place) for place, day in days.items() if day]
    towns = hand.townships(tuple(days))
    made = hand.chain(hand.clashes(), townships=towns, control=hand.records("records.control", *known))
    for place, expected in zip(days, ("resistance", "resistance", "unknown", "unknown", "unknown"), strict=True):
        assert hand.at(made["control"], place)["control_class"] == expected
        assert hand.at(made["index"], place)["control_records_count"] == (expected == "resistance")


def test_a_record_that_names_nobody_is_a_record(hand):
    known = hand.records("records.control", held_by("state"), held_by("unknown", MARCH))
    row = hand.at(hand.chain(hand.clashes(), control=known)["index"], A)
    assert (row["control_class"], row["control_records_count"]) == ("unknown", 2)


def test_security_basis_by_townships_area_and_people(hand):
    towns = hand.townships(people=(700, 200, 100))  # areas 100, 200, 300 km2
    frame = territory(hand, townships=towns)
    found = {measure: row_of(frame, "security_index", measure) for measure in ("townships", "area", "population")}
    assert {m: row["lost_share"] for m, row in found.items()} == {
        "townships": 0.333333,
        "area": 0.166667,
        "population": 0.7,
    }
    assert (found["area"]["lost_value"], found["area"]["known_value"], found["area"]["total_value"]) == (100, 600, 600)
    assert found["area"]["contested_share"] == 0


def test_scope_is_the_state_or_region(hand):
    frame = territory(hand)
    assert row_of(frame, "security_index", scope="Kachin")["lost_share"] == 0.5
    assert row_of(frame, "security_index", scope="Kayah")["lost_share"] == 0


def test_nothing_known_is_null_and_not_zero(hand):
    row = shares(hand, "observed")
    assert [row[name] for name in SHARES] == [None, None, None, 1]
    assert (row["lost_low"], row["lost_high"], row["lost_value"], row["known_value"]) == (0, 1, None, 0)
    assert shares(hand, "security_index", source_key="")["unknown_share"] == 1


def test_missing_population_leaves_no_share_of_it(hand):
    frame = territory(hand, townships=hand.townships(people=(700, None, 100)))
    row = row_of(frame, "security_index", "population")
    assert [row[name] for name in (*SHARES, "lost_low", "lost_high", "total_value")] == [None] * 7
    assert row_of(frame, "security_index", "population", "Kayah")["total_value"] == 100


def test_administration(hand):
    cases = (
        ("no", "no", "lost"),
        ("yes", "yes", "held"),
        ("no", "yes", "contested"),
        ("partial", "unknown", "contested"),
        ("partial", "no", "contested"),
        ("no", "unknown", "unknown"),
        ("unknown", "yes", "unknown"),
    )
    for case, row in zip(cases, surveyed(hand, *(case[:2] for case in cases)), strict=True):
        expected = {"lost": 0.0, "contested": 0.0, "held": 0.5, "unknown": 0.0}
        expected[case[2]] += 0.5
        assert {name: row[f"{name}_share"] for name in expected} == expected, case


def test_a_township_with_an_open_office_cannot_have_lost_both(hand):
    cases = (
        ("no", "unknown", 0.5),  # the other may be closed too
        ("unknown", "unknown", 0.5),
        ("yes", "unknown", 0.0),  # an open office rules out that both are closed
        ("unknown", "yes", 0.0),
        ("partial", "unknown", 0.0),
    )
    for case, row in zip(cases, surveyed(hand, *(case[:2] for case in cases)), strict=True):
        assert (row["lost_low"], row["lost_high"]) == (0.0, case[2]), case
        assert row["unknown_share"] == (0.0 if case[0] == "partial" else 0.5), case


def test_nothing_known_but_open_offices_is_unknown_and_not_lost(hand):
    survey = {"survey_date": FEB, "police_station": "yes", "gad_office": "unknown", "adm3_pcode": C}
    row = shares(hand, "administration", scope="Kayah", services=hand.records("records.services", survey))
    assert (row["lost_share"], row["unknown_share"], row["lost_low"], row["lost_high"]) == (None, 1.0, 0.0, 0.0)


def test_only_the_security_basis_has_an_interval(hand):
    frame = territory(hand)
    for basis in ("security_index", "administration", "observed"):
        row = row_of(frame, basis)
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
