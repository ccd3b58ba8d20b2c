"""UCDP GED: what its codes for place and type mean, and that no point falls into the polygon beneath it."""

from datetime import date

import polars as pl
import pytest
from records_frames import UCDP, each, gazetteer, middle, rows_of

from pipeline.declare.codes import Reason
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.events import canonical_events
from pipeline.records.triage import Triage
from pipeline.sources.ucdp.events import ucdp_events


def made(*rows: dict[str, str]) -> list[Clashes]:
    """What becomes of each row."""
    return each("ucdp_ged", list(rows), UCDP)


def test_ids_come_as_floats_and_stay_text() -> None:
    found = made({"id": "48528.0"}, {"id": "48529"})
    assert [one.records["event_id"].to_list() for one in found] == [["48528"], ["48529"]]


def test_a_point_is_that_of_the_named_place_only_where_the_source_says_so() -> None:
    read = ucdp_events(rows_of("ucdp_ged", [UCDP | {"where_prec": "3", "where_coordinates": "Nowhere township"}]))
    assert read.set_aside.is_empty()
    said, unsaid = read.kept.with_columns(_point_of_named=True), read.kept.drop("_point_of_named")
    by_point, without = (current_clashes([Triage(kept, read.set_aside)], gazetteer()) for kept in (said, unsaid))
    assert by_point.records["adm3_pcode"].to_list() == ["MMR001001"]
    assert without.records.is_empty() and without.unallocated.height == 1


def test_where_prec() -> None:
    cases = [
        ("1", "exact", None),
        ("2.0", "township", None),
        ("3.0", "district", Reason.PRECISION_DISTRICT),
        ("4", "region", Reason.PRECISION_REGION),
        ("5", "region", Reason.PRECISION_REGION),
        ("6", "country", Reason.PRECISION_COUNTRY),
        ("7", "country", Reason.PRECISION_COUNTRY),
    ]
    found = made(*({"where_prec": code} for code, _, _ in cases))
    for (code, precision, reason), result in zip(cases, found, strict=True):
        if reason is None:
            assert result.records.select("geo_precision", "adm3_pcode").rows() == [(precision, "MMR001001")], code
            assert result.unallocated.is_empty(), code
        else:
            assert result.records.is_empty(), code
            assert result.set_aside["reason"].to_list() == [reason], code
            counted = result.unallocated.select("geo_precision", "events_count", "fatalities_persons").rows()
            assert counted == [(precision, 1, 3)], code


def test_the_district_is_never_used_as_a_township() -> None:
    # Waingmaw lies elsewhere than the point; adm_2 must neither place nor contradict.
    inside, outside = made({"adm_2": "Waingmaw district"}, {"adm_2": "Waingmaw", "longitude": "92.1"})
    assert inside.records.select("adm3_pcode", "placed_by").rows() == [("MMR001001", "coordinates")]
    assert outside.records.is_empty()


def test_a_township_named_in_the_text_wins_over_the_point() -> None:
    codes = ["1", "2", "3", "4", "5", "6"]
    found = made(*({"where_prec": code, "where_coordinates": "Waingmaw township"} for code in codes))
    for code, result in zip(codes, found, strict=True):
        assert result.records.select("adm3_pcode", "placed_by").rows() == [("MMR001002", "name")], code
        assert result.records["geo_precision"].to_list() == ["exact" if code == "1" else "township"], code


def test_an_unknown_spelling_is_left_to_the_point_only_where_the_point_is_that_of_the_place() -> None:
    cases = [("1", True), ("2", True), ("5", True), ("3", False), ("4", False), ("6", False)]
    found = made(*({"where_prec": code, "where_coordinates": "Waingmau township"} for code, _ in cases))
    for (code, placed), result in zip(cases, found, strict=True):
        assert result.records["adm3_pcode"].to_list() == (["MMR001001"] if placed else []), code
        assert result.unallocated.height == (0 if placed else 1), code


def test_a_name_counts_only_in_its_state_and_one_of_several_not_at_all() -> None:
    other_state, several = made(
        {"adm_1": "Chin state", "where_coordinates": "Waingmaw township"},
        {"where_coordinates": "Waingmaw and Myitkyina townships", "where_prec": "5"},
    )
    assert other_state.records["placed_by"].to_list() == ["coordinates"]
    assert several.set_aside["reason"].to_list() == [Reason.PRECISION_REGION]


def test_types_of_violence() -> None:
    found = made(*({"type_of_violence": code} for code in ("1", "2", "3.0")))
    classes = [result.records["event_class"].to_list() for result in found]
    assert classes == [["clash"], ["clash"], ["violence_against_civilians"]]


def test_a_long_event_stands_once_in_its_first_month() -> None:
    (result,) = made({"date_start": "2022-03-31 00:00:00.000", "date_end": "2022-05-02 00:00:00.000"})
    assert result.records.select("month", "event_date_end").rows() == [(date(2022, 3, 1), date(2022, 5, 2))]


def test_a_blank_estimate_stays_missing() -> None:
    placed, coarse = made({"best": ""}, {"best": "", "where_prec": "6"})
    assert placed.records["fatalities_persons"].to_list() == [None]
    assert coarse.unallocated["fatalities_persons"].to_list() == [None]


def test_an_event_under_a_retired_code_is_placed_once_in_the_larger_successor() -> None:
    rows = [
        {
            "event_id": "e",
            "event_date": "2019-03-04",
            "event_type": "Battles",
            "adm3_pcode": "mmr013008",
            "fatalities": "7",
        }
    ]
    result = current_clashes([canonical_events(rows_of("canonical_clashes", rows))], gazetteer())
    assert result.records.select("adm3_pcode", "placed_by", "fatalities_persons").rows() == [
        ("MMR013046", "crosswalk", 7)
    ]


def test_every_township_is_found_by_its_own_middle() -> None:
    from geo.townships import codes

    rows = [
        {**UCDP, "id": code, "longitude": str(middle(code)[0]), "latitude": str(middle(code)[1])} for code in codes()
    ]
    result = current_clashes([ucdp_events(rows_of("ucdp_ged", rows))], gazetteer())
    assert result.records.filter(pl.col("event_id") != pl.col("adm3_pcode")).is_empty()
    assert result.records.height == 330


@pytest.mark.parametrize(
    "other", [{"date_prec": "3"}, {"where_coordinates": "Myitkyina township"}, {"where_coordinates": "another village"}]
)
def test_versions_that_differ_only_in_precision_or_in_the_named_place_give_the_same_in_any_order(
    other: dict[str, str],
) -> None:
    one, two = UCDP, UCDP | other
    both = [current_clashes([ucdp_events(rows_of("ucdp_ged", r))], gazetteer()) for r in ([one, two], [two, one])]
    first, second = (made.records.drop("row_number") for made in both)
    assert first.equals(second)
    assert first.height == 1
