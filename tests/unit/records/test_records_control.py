"""Control as shares of townships, as areas drawn on a map, as towns taken and retaken."""

import json

import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from records_frames import HEIGHT, SOUTH, WEST, WIDTH, gazetteer, rows_of
from shared_examples import examples

from pipeline.declare.codes import CONTROL_SHARES, Reason
from pipeline.declare.frames import conform
from pipeline.records.control import Control, control
from pipeline.records.holders import side_of
from pipeline.records.triage import accounts

DAY = {"reference_date": "2023-01-01", "adm3_pcode": "MMR001001"}
A, B, C = "MMR001001", "MMR001002", "MMR001003"
HOLDERS = {"army": "state", "front": "resistance", "wa": "other", "sea": "ignore"}


def said(holders: dict[str, str], source: str = "a team") -> dict[str, str]:
    return {"holders": json.dumps(holders), "source": source}


def made(*, townships=(), areas=(), towns=(), given: pl.DataFrame | None = None) -> Control:
    """Records of rows that are all accounted for: used, or set aside once."""
    shares = rows_of("canonical_control", list(townships)) if given is None else given
    drawn = rows_of("control_areas", list(areas), "m1", reference_date="2023-05-01", meant=said(HOLDERS))
    taken = rows_of("canonical_towns", list(towns), "t1", meant=said(HOLDERS))
    result = control(shares, drawn, taken, gazetteer())
    came = pl.concat([frame.select("delivery_id", "row_number") for frame in (shares, drawn, taken)])
    used = pl.concat(
        frame.select("delivery_id", "row_number", pl.lit(None, pl.Date).alias("day"))
        for frame in (result.records, result.areas, result.towns)
    )
    accounts(came, used, result.set_aside, "test")
    conform(result.records, "records.control")
    conform(result.areas, "records.control_areas")
    conform(result.towns, "records.town_control")
    return result


def shares_of(result: Control, place: str = A) -> list[float | None]:
    return list(result.records.filter(adm3_pcode=place).select(CONTROL_SHARES).row(0))


def box(left: float, right: float, *, row: int = 0) -> bytes:
    """A drawn area from so many townships' widths to so many, over the whole height of the first row of townships."""
    south = SOUTH + HEIGHT * row
    return bytes(shapely.to_wkb(shapely.box(WEST + WIDTH * left, south, WEST + WIDTH * right, south + HEIGHT)))


@pytest.mark.parametrize(
    ("stated", "controller"),
    [
        ({"state_share": "0.51"}, "state"),
        ({"state_share": "0.5", "resistance_share": "0.5"}, "contested"),
        ({"state_share": "0.3", "resistance_share": "0.3", "other_share": "0.3"}, "contested"),
        ({"other_share": "0.6", "controller": "other"}, "other"),
        ({"contested_share": "0.7"}, "contested"),
        ({"state_share": "0.4"}, "unknown"),
        ({"state_share": "0"}, "unknown"),
    ],
)
def test_the_controller_is_the_side_above_one_half(stated, controller):
    result = made(townships=[DAY | stated])
    assert result.records["controller"].to_list() == [controller]
    assert shares_of(result) == [float(stated[name]) if name in stated else None for name in CONTROL_SHARES]


def test_shares_above_one_by_rounding_are_divided_and_beyond_it_set_aside():
    result = made(townships=[DAY | {"state_share": "0.51", "resistance_share": "0.5"}])
    assert shares_of(result) == [0.504950, None, 0.495050, None]
    result = made(townships=[DAY | {"state_share": "0.9", "resistance_share": "0.2"}])
    assert result.set_aside.select("reason", "found").row(0) == (Reason.SHARES_DISAGREE, "1.1 of the township's area")


def test_columns_of_holders_are_added_up_by_side_and_divided_where_drawn_twice():
    cells = {"Army": "0.6", "FRONT": "0.3", "Wa": "0.3", "Sea": "0.5", "km": "7"}
    given = rows_of("canonical_control", [DAY | {"extra": json.dumps(cells)}], meant=said(HOLDERS))
    result = made(given=given)
    assert shares_of(result) == [0.5, None, 0.25, 0.25]
    assert result.records["controller"].to_list() == ["contested"]
    assert "1 townships are drawn more than once, at most 1.20 times" in result.sentences[0]


def test_an_unreadable_share_of_a_holder_is_set_aside_and_blank_columns_are_unknown():
    def of(cells):
        return made(given=rows_of("canonical_control", [DAY | {"extra": json.dumps(cells)}], meant=said(HOLDERS)))

    assert of({"Army": "half"}).set_aside.select("reason", "found").row(0) == (Reason.INVALID_NUMBER, "Army: half")
    assert of({"Army": "1.2"}).set_aside["reason"].to_list() == [Reason.INVALID_NUMBER]
    bare = of({"Army": "0.0", "Front": "0.0"})
    assert bare.records["controller"].to_list() == ["unknown"]


def test_areas_become_shares_of_the_townships_they_cover():
    areas = [
        {"holder": "Army", "geometry": box(0, 0.75)},
        {"holder": "Front", "geometry": box(0.75, 1.25)},
        {"holder": "Nobody we know", "geometry": box(2, 3)},
        {"holder": "sea", "geometry": None},
        {"holder": "army", "geometry": box(-5, -4)},
    ]
    result = made(areas=areas)
    assert shares_of(result, A) == [0.75, 0.0, 0.25, 0.0]
    assert shares_of(result, B) == [0.0, 0.0, 0.25, 0.0]
    assert dict(result.records.select("adm3_pcode", "controller").iter_rows()) == {A: "state", B: "unknown"}
    assert result.records["reference_date"].cast(pl.String).unique().to_list() == ["2023-05-01"]
    assert sorted(result.set_aside.select("reason", "found").rows()) == [
        (Reason.IGNORED_HOLDER, "sea"),
        (Reason.OUTSIDE_COUNTRY, "army"),
        (Reason.UNKNOWN_HOLDER, "Nobody we know ([holders])"),
    ]


def test_ground_drawn_twice_counts_once_for_one_side_and_is_divided_between_two():
    same = [{"holder": "Army", "geometry": box(0, 0.6)}, {"holder": "army", "geometry": box(0.2, 1)}]
    result = made(areas=same)
    assert shares_of(result) == [1.0, 0.0, 0.0, 0.0]
    assert result.sentences == ()
    result = made(areas=[*same, {"holder": "Front", "geometry": box(0, 1)}])
    assert shares_of(result) == [0.5, 0.0, 0.5, 0.0]
    assert result.records["controller"].to_list() == ["contested"]
    assert "control/m1.csv: 1 townships are drawn more than once, at most 2.00 times" in result.sentences[0]


def test_a_map_and_a_record_of_its_day_that_differ_are_contested_and_listed():
    other = DAY | {"reference_date": "2023-05-01", "controller": "resistance", "source": "another"}
    result = made(townships=[other], areas=[{"holder": "Army", "geometry": box(0, 1)}])
    assert result.records["conflicting_records_count"].to_list() == [2, 2]
    assert "MMR001001 on 2023-05-01" in result.sentences[-1]
    sure = made(townships=[other | {"confidence": "high"}], areas=[{"holder": "Army", "geometry": box(0, 1)}])
    assert sure.records["controller"].to_list() == ["resistance"]
    assert sure.areas.height == 1, "the map stays used, whichever of its statements stands"


def test_towns_are_told_apart_by_name_and_spellings_of_the_township_are_one():
    row = {"event_date": "2023-01-01", "holder": "Front"}
    towns = [
        row | {"adm3_pcode": "MMR010011", "town_name": "Mogok"},
        row | {"adm3_pcode": "MMR010011", "town_name": "Mogoke", "event_date": "2023-02-01"},
        row | {"adm3_pcode": "MMR010011", "town_name": "Some other town"},
        row | {"adm3_pcode": "MMR010011"},
        row | {"holder": "army"},
    ]
    result = made(towns=towns)
    kept = result.towns.sort("row_number")
    assert kept["town"].eq("").to_list() == [True, True, False]
    assert kept["controller"].unique().to_list() == ["resistance"]
    assert sorted(result.set_aside["reason"]) == [Reason.DUPLICATE_ROW, Reason.NO_PLACE]


def test_the_longest_line_of_holders_that_fits_holds():
    holders = {"pdf*": "resistance", "pdf (local)*": "other", "* - aa": "resistance", "state*": "state"}
    assert side_of("PDF  (Local) north", holders) == "other"
    assert side_of("pdf north", holders) == "resistance"
    assert side_of("Ann - AA", holders) == "resistance"
    assert side_of("[x]", holders) is None
    assert side_of("Contested", holders) == "contested", "our own words need no line"


@given(st.lists(st.tuples(st.sampled_from(["army", "front", "wa"]), st.integers(0, 9), st.integers(1, 9)), max_size=6))
@examples(6)
def test_shares_of_a_map_never_add_up_to_more_than_the_township(drawn):
    areas = [{"holder": who, "geometry": box(left / 10, left / 10 + wide / 10)} for who, left, wide in drawn]
    result = made(areas=areas)
    total = result.records.select(pl.sum_horizontal(CONTROL_SHARES)).to_series()
    assert total.is_between(0, 1 + 1e-5).all()
    assert set(result.records["adm3_pcode"]) <= {A, B}
