"""Towns taken and retaken, township control and the exact share of area, by hand."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.methods import ISP_2023
from pipeline.indices.control import control, exact_area
from pipeline.indices.towns import town_control, towns_by_township
from pipeline.indices.windows import months

A, B, C = "MMR001001", "MMR001002", "MMR002001"
END = date(2021, 4, 30)


def ends():
    return months(ISP_2023, END).select("month", "period_end")


def taken(hand, *rows):
    """(day, township, town, who) of each change of hands."""
    names = ("event_date", "adm3_pcode", "town", "controller")
    return hand.records("records.town_control", *(dict(zip(names, row, strict=True)) for row in rows))


def held(frame: pl.DataFrame, scope: str = "national", *sides: str) -> list[int]:
    mine = frame.filter(pl.col("scope") == scope, pl.col("controller").is_in(sides or ("resistance", "other")))
    return mine.group_by("month").agg(pl.col("towns_count").sum()).sort("month")["towns_count"].to_list()


def test_captures_and_recaptures_are_played_in_order_and_the_number_falls(hand):
    events = taken(
        hand,
        (date(2021, 4, 2), A, "", "state"),
        (date(2021, 2, 5), A, "", "resistance"),
        (date(2021, 2, 6), A, "x", "other"),
        (date(2021, 3, 1), C, "", "resistance"),
        (date(2021, 5, 1), B, "", "resistance"),
    )
    frame = town_control(events, ends(), hand.townships())
    assert held(frame) == [2, 3, 2]
    assert held(frame, "national", "state") == [0, 0, 1]
    assert held(frame, "Kachin") == [2, 2, 1]
    last = frame.filter(month=date(2021, 4, 1), scope="Kachin", controller="state").row(0, named=True)
    assert (last["newest_event_date"], last["period_end"]) == (date(2021, 4, 2), END)
    by_township = towns_by_township(events, ends()).filter(month=date(2021, 4, 1), adm3_pcode=A)
    assert by_township.select("towns_recorded_count", "towns_lost_count").row(0) == (2, 1)


def test_two_sides_on_one_day_make_a_town_contested_and_no_event_gives_no_table(hand):
    day = date(2021, 2, 5)
    frame = town_control(taken(hand, (day, A, "", "state"), (day, A, "", "other")), ends(), hand.townships())
    assert held(frame, "national", "contested") == [1, 1, 1]
    assert held(frame) == [0, 0, 0]
    assert town_control(taken(hand), ends(), hand.townships()).height == 0


@given(st.lists(st.tuples(st.integers(1, 80), st.sampled_from([A, B]), st.sampled_from(["state", "other"]))))
@examples(20)
def test_a_town_is_in_one_hand_and_stays_recorded(hand, drawn):
    days = [date.fromordinal(date(2021, 2, 1).toordinal() + day) for day, _, _ in drawn]
    events = taken(hand, *((day, place, "", who) for day, (_, place, who) in zip(days, drawn, strict=True)))
    frame = town_control(events, ends(), hand.townships())
    total = held(frame, "national", "state", "contested", "resistance", "other")
    assert total == sorted(total)
    assert all(count <= len({place for _, place, _ in drawn}) for count in total)


def record(place=A, day=date(2021, 2, 10), **more):
    return {"reference_date": day, "adm3_pcode": place, "conflicting_records_count": 0, **more}


def test_shares_source_and_day_of_the_record_in_force(hand):
    rows = hand.records(
        "records.control",
        record(controller="state", state_share=0.7, resistance_share=0.1),
        record(B, controller="state", conflicting_records_count=2, state_share=0.9),
        record(B, controller="other", conflicting_records_count=2, delivery_id="d2", other_share=0.9),
        record(C, controller="state"),
    )
    delivered = hand.deliveries(source="A map").with_columns(pl.col("source").fill_null("B map"))
    frame = control(rows, hand.townships(), ISP_2023, delivered, END)
    at = {place: hand.at(frame, place) for place in (A, B, C)}
    assert [at[A][name] for name in ("state_share", "contested_share", "resistance_share", "other_share")] == [
        0.7, None, 0.1, None,
    ]  # fmt: skip
    assert (at[A]["unknown_share"], at[A]["control_source"], at[A]["control_class"]) == (0.2, "A map", "state")
    assert (at[B]["control_class"], at[B]["state_share"], at[B]["unknown_share"]) == ("contested", None, None)
    assert at[B]["conflicting_records_count"] == 2
    assert (at[C]["control_class"], at[C]["unknown_share"]) == ("state", None)


def test_exact_area_adds_up_what_each_side_holds(hand):
    # Areas 100, 200 and 300 km2: 10 + 0.5 x 200 lost, 70 held, 100 contested or unknown of B, C without shares.
    rows = hand.records(
        "records.control",
        record(controller="state", state_share=0.7, resistance_share=0.1),
        record(B, controller="contested", other_share=0.5, contested_share=0.25),
        record(C, controller="state"),
    )
    frame = exact_area(control(rows, hand.townships(), ISP_2023, hand.deliveries(), END), hand.townships())
    row = frame.filter(month=date(2021, 3, 1), scope="national").row(0, named=True)
    assert (row["lost_value"], row["known_value"], row["total_value"]) == (110.0, 230.0, 600.0)
    assert (row["lost_share"], row["contested_share"], row["held_share"]) == (0.183333, 0.083334, 0.116666)
    assert (row["unknown_share"], row["lost_low"], row["lost_high"]) == (0.616667, 0.183333, 0.8)
    bare = frame.filter(month=date(2021, 3, 1), scope="Kayah").row(0, named=True)
    assert (bare["lost_share"], bare["unknown_share"], bare["lost_low"], bare["lost_high"]) == (None, 1.0, 0.0, 1.0)
