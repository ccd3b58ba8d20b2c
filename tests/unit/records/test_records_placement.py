"""How each record got its township is kept, whichever way it went; and what is shown of a name nobody knows."""

import pytest
from records_frames import CLASH, UCDP, gazetteer, observed, reported, rows_of

from pipeline.declare.codes import PlacedBy, Reason
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.events import canonical_events
from pipeline.sources.ucdp.events import ucdp_events

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
    rows = rows_of("canonical_clashes", [CLASH | NOWHERE | place])
    return current_clashes([canonical_events(rows)], gazetteer())


def test_every_way_has_a_case() -> None:
    assert set(PLACES) == set(PlacedBy)


@pytest.mark.parametrize("way", PLACES)
def test_each_way_is_kept_with_the_record(way: PlacedBy) -> None:
    place, code = PLACES[way]
    assert clashes(place).records.select("adm3_pcode", "placed_by").rows() == [(code, str(way))]
    report = {"reference_date": "2023-01-01", "controller": "state"} | NOWHERE | place
    made = observed(report)
    assert made.kept.select("adm3_pcode", "placed_by").rows() == [(code, str(way))]


@pytest.mark.parametrize(
    ("text", "district", "code", "way"),
    [
        ("Waingmaw township", "Bhamo district", "MMR001002", "name"),  # a contradictory district changes nothing
        ("Kamaing township", "", "MMR001009", "alias"),
        ("Kamaiing township", "", "MMR001001", "coordinates"),  # near is not enough: the point decides
        ("Some village", "", "MMR001001", "coordinates"),
    ],
)
def test_ucdp_keeps_whether_the_text_named_or_the_point_decided(text: str, district: str, code: str, way: str) -> None:
    row = UCDP | {"where_coordinates": text, "adm_2": district}
    made = current_clashes([ucdp_events(rows_of("ucdp_ged", [row]))], gazetteer())
    assert made.records.select("adm3_pcode", "placed_by").rows() == [(code, way)]


def test_ucdps_district_stands_in_for_a_blank_state() -> None:
    row = UCDP | {"adm_1": "", "adm_2": "Taungoo district", "where_coordinates": "Htantabin township"}
    made = current_clashes([ucdp_events(rows_of("ucdp_ged", [row]))], gazetteer())
    assert made.records.select("adm3_pcode", "placed_by").rows() == [("MMR007014", "name")]


def test_the_district_of_a_canonical_row_tells_two_bearers_apart() -> None:
    place = {"adm3_name": "Minhla", "adm2_name": "Thayarwady District"}
    assert clashes(place).records["adm3_pcode"].to_list() == ["MMR008009"]
    assert clashes(place | {"adm2_name": ""}).set_aside["reason"].to_list() == [Reason.AMBIGUOUS_NAME]


@pytest.mark.parametrize(
    ("name", "state", "found"),
    [
        ("Kalai", "Sagaing", "Kalai, Sagaing (nearest name there: Kale)"),
        ("Qwertyuiop", "Sagaing", "Qwertyuiop, Sagaing"),
        ("Qwertyuiop", "", "Qwertyuiop, no state"),
    ],
)
def test_an_unknown_name_is_set_aside_with_its_state_and_a_hint_never_placed(name: str, state: str, found: str) -> None:
    made = clashes({"adm3_name": name, "adm1_name": state})
    assert made.records.is_empty()
    assert made.set_aside.select("reason", "found").rows() == [(Reason.UNKNOWN_NAME, found)]


def ucdp(**cells: str) -> Clashes:
    return current_clashes([ucdp_events(rows_of("ucdp_ged", [UCDP | cells]))], gazetteer())


@pytest.mark.parametrize("code", ["1", "2", "3"])
@pytest.mark.parametrize("place", ["Yangon town", "Mandalay city", "Naypyidaw city", "Kawkareik district"])
def test_a_place_of_several_townships_is_never_the_township_under_its_point(code: str, place: str) -> None:
    made = ucdp(where_prec=code, where_coordinates=place)
    assert made.records.is_empty()
    assert made.unallocated.select("geo_precision", "events_count").rows() == [("district", 1)]
    assert made.set_aside["reason"].to_list() == [Reason.PRECISION_DISTRICT]


def test_what_a_source_locates_more_coarsely_stays_so() -> None:
    assert ucdp(where_prec="6", where_coordinates="Yangon town").unallocated["geo_precision"].to_list() == ["country"]
    assert ucdp(where_coordinates="Kachin state").unallocated["geo_precision"].to_list() == ["region"]


@pytest.mark.parametrize(
    ("code", "text", "district", "township"),
    [
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
    ],
)
def test_a_district_of_one_township_and_a_line_within_one_are_that_township(
    code: str, text: str, district: str, township: str | None
) -> None:
    made = ucdp(where_prec=code, where_coordinates=text, adm_1="Kayin state", adm_2=district)
    assert made.records["adm3_pcode"].to_list() == ([township] if township else [])
    assert made.records["geo_precision"].to_list() == (["township"] if township else [])
    assert made.unallocated.height == (0 if township else 1)


@pytest.mark.parametrize(
    ("place", "township"),
    [
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
    ],
)
def test_the_same_in_the_columns_of_a_teams_own_file(place: dict[str, str], township: str | None) -> None:
    made = clashes(place)
    assert made.records["adm3_pcode"].to_list() == ([township] if township else [])
    assert made.unallocated.height == (0 if township else 1)


@pytest.mark.parametrize(
    "place",
    [{"adm3_pcode": "MMR001D001"}, {"adm3_pcode": "MMR001"}, {"adm3_name": "Yangon", "adm1_name": "Yangon"},
     {"adm3_name": "Shan State", "adm1_name": "Shan"}],
)  # fmt: skip
def test_a_report_on_several_townships_is_set_aside_as_that(place: dict[str, str]) -> None:
    report = {"reference_date": "2023-01-01", "controller": "state"} | NOWHERE | place
    made = observed(report)
    assert made.kept.is_empty()
    assert made.set_aside["reason"].to_list() == [Reason.SEVERAL_TOWNSHIPS]


def test_people_of_a_retired_name_are_split_and_an_event_goes_to_the_larger_part() -> None:
    place = {"adm3_name": "Hlaingthaya", "adm1_name": "Yangon"}
    assert clashes(place).records.select("adm3_pcode", "placed_by").rows() == [("MMR013046", "crosswalk")]
    row = {"reference_date": "2023-01-01", "idps_stock_persons": "1000"} | NOWHERE | place
    own = rows_of("canonical_displacement", [row])
    made = reported("displacement", canonical_displacement=own)
    assert made.kept.select("adm3_pcode", "idps_stock_persons").rows() == [("MMR013046", 587), ("MMR013047", 413)]


@pytest.mark.parametrize(
    ("place", "denied"),
    [
        ({"adm3_pcode": "MMR001001", "longitude": "93.2", "latitude": "10.35"}, False),
        ({"adm3_pcode": "MMR001001", "longitude": "93.41", "latitude": "10.35"}, False),  # 1 km beyond the border
        ({"adm3_pcode": "MMR001001", "longitude": "93.5", "latitude": "10.35"}, True),  # 11 km beyond
        ({"adm3_name": "Myitkyina", "adm1_name": "Kachin", "longitude": "95", "latitude": "10.35"}, True),
        ({"adm3_pcode": "MMR001001", "longitude": "0", "latitude": "0"}, False),
        ({"adm3_pcode": "MMR001001", "longitude": "10.35", "latitude": "93.5"}, False),  # exchanged: says nothing
        ({"longitude": "93.2", "latitude": "10.35"}, False),
    ],
)
def test_a_point_that_denies_name_or_code_is_kept_with_the_record(place: dict[str, str], denied: bool) -> None:
    report = {"reference_date": "2023-01-01", "controller": "state"} | NOWHERE | place
    for frame in (
        clashes(place).records,
        observed(report).kept,
    ):
        assert frame["adm3_pcode"].to_list() == ["MMR001001"]
        assert frame["point_distance_km"].is_not_null().to_list() == [denied]


def test_only_an_exact_point_of_ucdp_denies_the_text() -> None:
    far = {"where_coordinates": "Myitkyina township", "longitude": "95.0"}
    assert ucdp(**far).records["point_distance_km"].to_list()[0] > 100
    assert ucdp(**far, where_prec="2").records["point_distance_km"].to_list() == [None]
