"""How each record got its township is kept, whichever way it went; and what is shown of a name nobody knows."""

import polars as pl
from records_frames import CLASH, UCDP, each, observed, reported, rows_of

from pipeline.declare.codes import PlacedBy, Reason
from pipeline.records.clashes import Clashes
from pipeline.records.triage import Triage

PLACES: dict[PlacedBy, tuple[dict[str, str], str]] = {
    PlacedBy.PCODE: ({"adm3_pcode": "MMR001001"}, "MMR001001"),
    PlacedBy.LONGER_PCODE: ({"adm3_pcode": "mmr001001 701"}, "MMR001001"),
    PlacedBy.CROSSWALK: ({"adm3_pcode": "MMR015301"}, "MMR015021"),
    PlacedBy.NAME: ({"adm3_name": "Kale", "adm1_name": "Sagaing"}, "MMR005027"),
    PlacedBy.ALIAS: ({"adm3_name": "Kalay Tsp", "adm1_name": "Sagaing region"}, "MMR005027"),
    PlacedBy.COORDINATES: ({"longitude": "93.2", "latitude": "10.35"}, "MMR001001"),
    PlacedBy.NEAREST: ({"longitude": "92.98", "latitude": "10.35"}, "MMR001001"),
}
NOWHERE = dict.fromkeys(("adm3_pcode", "adm3_name", "adm2_name", "adm1_name", "longitude", "latitude"), "")


def clashes(place: dict[str, str]) -> Clashes:
    return clashes_of([place])[0]


def clashes_of(places: list[dict[str, str]]) -> list[Clashes]:
    return each("canonical_clashes", places, CLASH | NOWHERE)


def observed_at(places: list[dict[str, str]]) -> list[Triage]:
    """What becomes of each report of control, each of its own day."""
    days = [f"2023-01-{at:02}" for at in range(1, len(places) + 1)]
    reports = [{"reference_date": day, "controller": "state"} | NOWHERE | place
               for day, place in zip(days, places, strict=True)]  # fmt: skip
    made = observed(*reports)
    row = pl.col("row_number")
    return [Triage(made.kept.filter(row == at), made.set_aside.filter(row == at)) for at in range(2, len(places) + 2)]


def test_every_way_has_a_case() -> None:
    assert set(PLACES) == set(PlacedBy)


def test_each_way_is_kept_with_the_record() -> None:
    places = [place for place, _ in PLACES.values()]
    expected = [[(code, str(way))] for way, (_, code) in PLACES.items()]
    assert [made.records.select("adm3_pcode", "placed_by").rows() for made in clashes_of(places)] == expected
    assert [made.kept.select("adm3_pcode", "placed_by").rows() for made in observed_at(places)] == expected


def test_ucdp_keeps_whether_the_text_named_or_the_point_decided() -> None:
    cases = [
        ("Waingmaw township", "Bhamo district", "MMR001002", "name"),  # a contradictory district changes nothing
        ("Kamaing township", "", "MMR001009", "alias"),
        ("Kamaiing township", "", "MMR001001", "coordinates"),  # near is not enough: the point decides
        ("Some village", "", "MMR001001", "coordinates"),
    ]
    rows = [{"where_coordinates": text, "adm_2": district} for text, district, _, _ in cases]
    # The district stands in for a blank state.
    rows.append({"adm_1": "", "adm_2": "Taungoo district", "where_coordinates": "Htantabin township"})
    found = [made.records.select("adm3_pcode", "placed_by").rows() for made in ucdp_of(rows)]
    assert found == [*([(code, way)] for _, _, code, way in cases), [("MMR007014", "name")]]


def test_the_district_of_a_canonical_row_tells_two_bearers_apart() -> None:
    place = {"adm3_name": "Minhla", "adm2_name": "Thayarwady District"}
    told, untold = clashes_of([place, place | {"adm2_name": ""}])
    assert told.records["adm3_pcode"].to_list() == ["MMR008009"]
    assert untold.set_aside["reason"].to_list() == [Reason.AMBIGUOUS_NAME]


def test_an_unknown_name_is_set_aside_with_its_state_and_a_hint_never_placed() -> None:
    cases = [
        ("Kalai", "Sagaing", "Kalai, Sagaing (nearest name there: Kale)"),
        ("Qwertyuiop", "Sagaing", "Qwertyuiop, Sagaing"),
        ("Qwertyuiop", "", "Qwertyuiop, no state"),
    ]
    places = [{"adm3_name": name, "adm1_name": state} for name, state, _ in cases]
    for made, (_, _, found) in zip(clashes_of(places), cases, strict=True):
        assert made.records.is_empty()
        assert made.set_aside.select("reason", "found").rows() == [(Reason.UNKNOWN_NAME, found)]


def ucdp_of(rows: list[dict[str, str]]) -> list[Clashes]:
    return each("ucdp_ged", rows, UCDP)


def test_a_place_of_several_townships_is_never_the_township_under_its_point() -> None:
    places = ["Yangon town", "Mandalay city", "Naypyidaw city", "Kawkareik district"]
    rows = [{"where_prec": code, "where_coordinates": place} for code in ("1", "2", "3") for place in places]
    for row, made in zip(rows, ucdp_of(rows), strict=True):
        assert made.records.is_empty(), row
        assert made.unallocated.select("geo_precision", "events_count").rows() == [("district", 1)], row
        assert made.set_aside["reason"].to_list() == [Reason.PRECISION_DISTRICT], row


def test_what_a_source_locates_more_coarsely_stays_so() -> None:
    rows = [{"where_prec": "6", "where_coordinates": "Yangon town"}, {"where_coordinates": "Kachin state"}]
    assert [made.unallocated["geo_precision"].to_list() for made in ucdp_of(rows)] == [["country"], ["region"]]


def test_a_district_of_one_township_and_a_line_within_one_are_that_township() -> None:
    cases: list[tuple[str, str, str, str | None]] = [
        ("3", "Hpapun district", "Hpapun district", "MMR003003"),
        ("3", "Papun district", "", "MMR003003"),
        ("3", "Myawaddy district", "Myawaddy district", "MMR003005"),
        ("5", "Between Myawaddy and Waw Lay", "Myawaddy district", "MMR003005"),
        ("5", "Moei river", "Myawaddy district", "MMR003005"),
        ("5", "Salween river (Hpapun)", "", "MMR003003"),
        ("5", "Hlaingbwe river (Hlaingbwe)", "Hpa-an district", "MMR003002"),
        ("3", "Hpa-An district", "Hpa-An district", None),
        ("3", "Hpa-An district", "Hpapun district", None),  # the text names another district than the column
        ("4", "Kayin state", "Hpapun district", None),
        ("5", "Salween river", "Hpa-An district", None),
        ("5", "Hpapun - Hpa-An road", "Hpapun district", None),  # its other end lies elsewhere
    ]
    rows = [
        {"where_prec": code, "where_coordinates": text, "adm_1": "Kayin state", "adm_2": district}
        for code, text, district, _ in cases
    ]
    for (_, text, district, township), made in zip(cases, ucdp_of(rows), strict=True):
        assert made.records["adm3_pcode"].to_list() == ([township] if township else []), (text, district)
        assert made.records["geo_precision"].to_list() == (["township"] if township else []), (text, district)
        assert made.unallocated.height == (0 if township else 1), (text, district)


def test_the_same_in_the_columns_of_a_teams_own_file() -> None:
    cases: list[tuple[dict[str, str], str | None]] = [
        ({"adm3_pcode": "MMR001D001"}, None),
        ({"adm3_pcode": "MMR001"}, None),
        ({"adm3_name": "Yangon City", "adm1_name": "Yangon"}, None),
        ({"adm3_name": "Mandalay", "adm1_name": "Mandalay", "longitude": "93.2", "latitude": "10.35"}, None),
        ({"adm3_name": "Hpapun District", "adm1_name": "Kayin"}, "MMR003003"),
        ({"adm3_pcode": "MMR003D004"}, "MMR003003"),
        ({"adm3_pcode": "MMR003003", "geo_precision": "district"}, "MMR003003"),
        ({"adm2_name": "Hpapun", "adm1_name": "Kayin"}, "MMR003003"),
        ({"adm2_name": "Hpapun", "adm1_name": "Kayin", "geo_precision": "district"}, "MMR003003"),
        ({"adm2_name": "Hpa-An", "adm1_name": "Kayin", "geo_precision": "district"}, None),
        ({"adm3_pcode": "MMR013043", "adm3_name": "Yangon", "adm1_name": "Yangon"}, "MMR013043"),
    ]
    for (place, township), made in zip(cases, clashes_of([place for place, _ in cases]), strict=True):
        assert made.records["adm3_pcode"].to_list() == ([township] if township else []), place
        assert made.unallocated.height == (0 if township else 1), place


def test_a_report_on_several_townships_is_set_aside_as_that() -> None:
    places = [
        {"adm3_pcode": "MMR001D001"},
        {"adm3_pcode": "MMR001"},
        {"adm3_name": "Yangon", "adm1_name": "Yangon"},
        {"adm3_name": "Shan State", "adm1_name": "Shan"},
    ]
    for place, made in zip(places, observed_at(places), strict=True):
        assert made.kept.is_empty(), place
        assert made.set_aside["reason"].to_list() == [Reason.SEVERAL_TOWNSHIPS], place


def test_people_of_a_retired_name_are_split_and_an_event_goes_to_the_larger_part() -> None:
    place = {"adm3_name": "Hlaingthaya", "adm1_name": "Yangon"}
    assert clashes(place).records.select("adm3_pcode", "placed_by").rows() == [("MMR013046", "crosswalk")]
    row = {"reference_date": "2023-01-01", "idps_stock_persons": "1000"} | NOWHERE | place
    own = rows_of("canonical_displacement", [row])
    made = reported("displacement", canonical_displacement=own)
    assert made.kept.select("adm3_pcode", "idps_stock_persons").rows() == [("MMR013046", 587), ("MMR013047", 413)]


def test_a_point_that_denies_name_or_code_is_kept_with_the_record() -> None:
    cases = [
        ({"adm3_pcode": "MMR001001", "longitude": "93.2", "latitude": "10.35"}, False),
        ({"adm3_pcode": "MMR001001", "longitude": "93.41", "latitude": "10.35"}, False),  # 1 km beyond the border
        ({"adm3_pcode": "MMR001001", "longitude": "93.5", "latitude": "10.35"}, True),  # 11 km beyond
        ({"adm3_name": "Myitkyina", "adm1_name": "Kachin", "longitude": "95", "latitude": "10.35"}, True),
        ({"adm3_pcode": "MMR001001", "longitude": "0", "latitude": "0"}, False),
        ({"adm3_pcode": "MMR001001", "longitude": "10.35", "latitude": "93.5"}, False),  # exchanged: says nothing
        ({"longitude": "93.2", "latitude": "10.35"}, False),
    ]
    places = [place for place, _ in cases]
    frames = [made.records for made in clashes_of(places)], [made.kept for made in observed_at(places)]
    for (place, denied), *found in zip(cases, *frames, strict=True):
        for frame in found:
            assert frame["adm3_pcode"].to_list() == ["MMR001001"], place
            assert frame["point_distance_km"].is_not_null().to_list() == [denied], place


def test_only_an_exact_point_of_ucdp_denies_the_text() -> None:
    far = {"where_coordinates": "Myitkyina township", "longitude": "95.0"}
    exact, near = ucdp_of([far, far | {"where_prec": "2"}])
    assert exact.records["point_distance_km"].to_list()[0] > 100
    assert near.records["point_distance_km"].to_list() == [None]
