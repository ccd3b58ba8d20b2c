"""Explanations: the sentences of every state, what they may know, and the deliveries behind each figure."""

from datetime import date
from functools import cache

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.codes import Absence, IndexName
from pipeline.declare.methods import ISP_2023, ROLLING_12M
from pipeline.indices.disclosure import disclose
from pipeline.indices.explanations import (
    explain_humanitarian,
    explain_security,
    explain_services,
    explanations,
    service_states,
)

A, B, C = "MMR001001", "MMR001002", "MMR002001"
FEB, MARCH = date(2021, 2, 10), date(2021, 3, 10)
CORRECTED = " A cumulative count falls only where the source corrects or deletes records."
MOVING = " The count falls as months leave the window, or where the source corrects or deletes records."


@cache
def states():
    return service_states(ISP_2023)


def safe(now, count, cut=4, cumulative=True, has_source=True):
    made = explain_security({"security_class": now, "clashes_count": count}, cut, cumulative, has_source)
    assert (made.class_now, made.value_unit) == (now, "clashes")
    assert made.value == count
    return made.nearest_class, made.distance, made.explanation


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("not_in_conflict", 0), ("low", 1, "1 more clash would make it low.")),
        (("low", 1), ("not_in_conflict", -1, "1 fewer clash would make it not in conflict." + CORRECTED)),
        (("low", 2), ("high", 2, "2 more clashes would make it high (cut 4).")),
        (("high", 4), ("low", -1, "1 fewer clash would make it low (cut 4)." + CORRECTED)),
        (("high", 2003, 4, False), ("low", -2000, "2,000 fewer clashes would make it low (cut 4)." + MOVING)),
        (("not_in_conflict", 0, 1), ("high", 1, "1 more clash would make it high (cut 1).")),
        (("insufficient_data", None), (
            "low", 1, "The source's silence here does not mean zero; 1 reported clash would make it low.")),
        (("insufficient_data", None, 4, True, False), (None, None, "No clash source was delivered.")),
    ],
)  # fmt: skip
def test_security_in_words(given, expected):
    assert safe(*given) == expected


def humane(now, shown, withheld=False, in_conflict=True, has_source=True, cut=10_000):
    row = {
        "humanitarian_class": now, "idps_persons": shown, "idps_suppressed": withheld, "in_conflict": in_conflict,
    }  # fmt: skip
    made = explain_humanitarian(row, cut, has_source)
    assert (made.class_now, made.value) == (now, shown)
    return made.nearest_class, made.distance, made.explanation


IN = "1 clash would put it in conflict; "


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("no_new_idps", 0), ("low", 1, "1 displaced person would make it low.")),
        (("low", 4_320),
         ("no_new_idps", -4_320, "About 4,320 fewer displaced people would make it no new displacement.")),
        (("low", 8_000), ("high", 2_000, "About 2,000 more displaced people would make it high (cut 10,000).")),
        (("low", 5_000), ("high", 5_000, "About 5,000 more displaced people would make it high (cut 10,000).")),
        # 9,995 to 9,999 are shown as 10,000 and are low; 10,000 to 10,004 are shown so and are high.
        (("low", 10_000), ("high", 0, "A rise by fewer than 10 displaced people would make it high (cut 10,000).")),
        (("high", 10_000), ("low", 0, "A fall by fewer than 10 displaced people would make it low (cut 10,000).")),
        (("high", 25_000), ("low", -15_000, "About 15,000 fewer displaced people would make it low (cut 10,000).")),
        (("low", None, True), ("no_new_idps", None,
         "1 to 9 displaced people, a figure that is withheld; none at all would make it no new displacement.")),
        (("insufficient_data", None), (None, None,
         "No displacement figure is in force; a report would give it a class.")),
        (("not_in_conflict", 40, False, False), ("low", 1, IN + "by the record in force its class would then be low.")),
        (("not_in_conflict", 0, False, False), (
            "no_new_idps", 1, IN + "by the record in force its class would then be no new displacement.")),
        (("not_in_conflict", None, True, False), (
            "low", 1, IN + "by the record in force its class would then be low.")),
        (("not_in_conflict", None, False, False), (
            "insufficient_data", 1, IN + "without a record that suffices its class would be insufficient data.")),
        (("insufficient_data", 40, False, None), (
            "low", 1, IN + "by the record in force its class would then be low.")),
        (("insufficient_data", None, False, None), (
            None, None, "Whether it is in conflict is not known, so it has no class.")),
        (("insufficient_data", 40, False, None, False), (
            None, None, "Whether it is in conflict is not known, so it has no class.")),
    ],
)  # fmt: skip
def test_displacement_in_words(given, expected):
    assert humane(*given) == expected


def serve(known, lost, now=None, in_conflict=True):
    row = {
        "services_class": now or states()[known, lost].now, "services_known_count": known,
        "services_lost_min": round(lost / 10, 6), "services_lost_score": round(lost / 2 / known, 6) if known else None,
        "in_conflict": in_conflict,
    }  # fmt: skip
    made = explain_services(row, 0.6, states(), True)
    return made.nearest_class, made.distance, made.distance_unit, made.explanation


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((5, 7), ("lower", -1, "service items",
         "1 fewer service item lost would make it lower (cut 0.6 of the known items).")),
        ((4, 3), ("severe", 1, "service items",
         "1 more service item lost would make it severe (cut 0.6 of the known items). Knowing the 1 unknown item could "
         "not change it.")),
        ((3, 3), ("severe", 0.5, "service items",
         "0.5 more service items lost would make it severe (cut 0.6 of the known items). Knowing 1 of the 2 unknown "
         "items could change it too.")),
        ((2, 4), ("severe", 1, "known service items",
         "Needs 1 more known service item to have a class, severe whatever the answer.")),
        ((1, 0), (None, 2, "known service items",
         "Needs 2 more known service items to have a class: the answers decide which.")),
        ((3, 6, "not_in_conflict", False), (
            "severe", 1, "clashes", IN + "by the record in force its class would then be severe.")),
        ((0, 0, "not_in_conflict", False), ("insufficient_data", 1, "clashes",
         IN + "without a record that suffices its class would be insufficient data.")),
        ((0, 0, "insufficient_data", None), (
            None, None, None, "Whether it is in conflict is not known, so it has no class.")),
    ],
)  # fmt: skip
def test_services_in_words(given, expected):
    assert serve(*given) == expected


def test_every_state_of_the_services_has_a_sentence_that_holds():
    for (known, lost), state in states().items():
        nearest, distance, unit, _ = serve(known, lost)
        assert nearest != state.now
        if unit == "service items":
            assert states()[known, lost + round(2 * distance)].now == nearest


@given(st.integers(0, 30_000), st.booleans())
def test_nothing_exact_about_people_is_told(exact, in_conflict):
    """Figures that are shown alike and have one class are explained alike, and the distance is true to ten."""

    def row(persons):
        now = "not_in_conflict" if not in_conflict else (
            "no_new_idps" if persons == 0 else "high" if persons >= 10_000 else "low"
        )  # fmt: skip
        frame = pl.DataFrame({"idps_persons": [persons], "humanitarian_class": [now], "in_conflict": [in_conflict]})
        return disclose(frame, ISP_2023).row(0, named=True)

    mine = row(exact)
    made = explain_humanitarian(mine, 10_000, True)
    low, high = max(exact - 5, 0), exact + 5
    for other in range(low, high):
        if row(other) == mine:
            assert explain_humanitarian(row(other), 10_000, True) == made
    if mine["idps_suppressed"]:
        assert (made.value, made.distance if in_conflict else None) == (None, None)
    elif in_conflict and exact:
        to = {"high": 10_000, "no_new_idps": 0, "low": 9_999}[made.nearest_class]
        assert abs(made.distance - (to - exact)) <= 10
        assert made.distance % 10 == 0


def explained(hand, clashes, **given):
    known = given.setdefault("deliveries", hand.deliveries())
    made = hand.chain(clashes, **given)
    method, key = given.get("method", ISP_2023), given.get("source_key", hand.key)
    frame = explanations(made["index"], made["humanitarian"], made["services"], clashes, known, method, key,
                         others=hand.by_cut(made))  # fmt: skip
    return {(row["adm3_pcode"], row["index_name"]): row for row in frame.iter_rows(named=True)}, made["index"]


def test_every_township_and_index_of_the_last_month_once(hand):
    rows, index = explained(hand, hand.clashes((A, FEB), (B, MARCH), delivery_id="d1"))
    assert set(rows) == {(place, name) for place in (A, B, C) for name in IndexName}
    for (place, name), row in rows.items():
        assert row["month"] == date(2021, 3, 1)
        assert row["class_now"] == hand.at(index, place)[f"{name}_class"]
        assert row["nearest_class"] != row["class_now"]


def test_deliveries_of_the_clashes_counted(hand):
    leading = hand.frame(
        "records.deliveries",
        [{"delivery_id": name} for name in ("z9", "d1", "a5")],
        kind="clashes", source_key=hand.key, absence_means="zero",
    )  # fmt: skip
    others = hand.frame(
        "records.deliveries",
        [
            {"delivery_id": "k", "kind": "clashes", "source_key": "acled"},
            {"delivery_id": "b", "kind": "boundaries", "source_key": hand.key},
        ],
    )
    deliveries = pl.concat([leading, others]).with_columns(received=pl.lit("2021-03-01"))
    clashes = pl.concat(
        [
            hand.clashes((A, FEB), (A, FEB), (B, date(2020, 3, 1)), delivery_id="z9"),
            hand.clashes((A, MARCH), delivery_id="d1"),
            hand.clashes((A, MARCH), delivery_id="a5", event_class="other"),
            hand.clashes((A, MARCH), delivery_id="a5", geo_precision="district"),
            hand.clashes((A, MARCH), (C, MARCH), delivery_id="k", source_key="acled"),
            hand.clashes((A, date(2021, 4, 1)), delivery_id="a5"),
        ]
    )
    rows, _ = explained(hand, clashes, deliveries=deliveries)
    assert [rows[place, "security"]["delivery_ids"] for place in (A, B, C)] == ["d1; z9", "a5; d1; z9", "a5; d1; z9"]
    rolling, _ = explained(hand, clashes, deliveries=deliveries, method=ROLLING_12M)
    assert rolling[B, "security"]["delivery_ids"] == "a5; d1; z9"  # March 2020 is before the window of March 2021
    unknown, _ = explained(hand, clashes, deliveries=deliveries, absence=Absence.UNKNOWN)
    assert [unknown[place, "security"]["delivery_ids"] for place in (A, B)] == ["d1; z9", None]


def test_deliveries_of_the_record_in_force(hand):
    displacement = hand.records(
        "records.displacement",
        {"reference_date": FEB, "idps_new_persons": 50, "delivery_id": "d1"},
        {"reference_date": FEB, "idps_new_persons": 60, "delivery_id": "d2"},  # received later
        {"reference_date": MARCH, "idps_stock_persons": 70, "delivery_id": "d1"},  # stock stands behind new
        {"reference_date": FEB, "idps_stock_persons": 70, "delivery_id": "d1", "adm3_pcode": B},
    )
    services = hand.records(
        "records.services",
        {"survey_date": FEB, "police_station": "no", "delivery_id": "d2"},
        {"survey_date": MARCH, "police_station": "no", "delivery_id": "d1"},
    )
    rows, _ = explained(hand, hand.clashes((A, FEB)), displacement=displacement, services=services)
    assert [rows[place, "humanitarian"]["delivery_ids"] for place in (A, B, C)] == ["d2", "d1", None]
    assert [rows[place, "services"]["delivery_ids"] for place in (A, B)] == ["d1", None]


def test_a_zero_by_silence_rests_on_the_delivery_that_was_silent(hand):
    displacement = hand.records("records.displacement", {"reference_date": FEB, "idps_new_persons": 50})
    silent = hand.deliveries(absence_means="zero")
    rows, _ = explained(hand, hand.clashes((A, FEB), (B, FEB)), displacement=displacement, deliveries=silent)
    assert rows[B, "humanitarian"]["delivery_ids"] == "d1"
    assert rows[B, "humanitarian"]["explanation"] == "1 displaced person would make it low."


@given(st.lists(st.tuples(st.sampled_from([A, B, C]), st.dates(FEB, MARCH)), max_size=30), st.integers(0, 100))
@examples(2)
def test_order_of_rows_changes_nothing_and_a_distance_is_reached(hand, events, seed):
    clashes = hand.clashes(*events, delivery_id="d1")
    rows, _ = explained(hand, clashes)
    assert explained(hand, clashes.sample(fraction=1, shuffle=True, seed=seed))[0] == rows
    own = {place: rows[place, "security"] for place in (A, B, C)}
    moved = [(place, FEB) for place, row in own.items() for _ in range(int(row["value"] + row["distance"]))]
    reached = explained(hand, hand.clashes(*moved))[0]
    assert {place: reached[place, "security"]["class_now"] for place in own} == {
        place: row["nearest_class"] for place, row in own.items()
    }
