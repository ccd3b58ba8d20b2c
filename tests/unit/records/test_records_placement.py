"""How each record got its township is kept, whichever way it went; and what is shown of a name nobody knows."""

import pytest
from records_frames import CLASH, UCDP, gazetteer, rows_of

from pipeline.codes import PlacedBy, Reason
from pipeline.records import reports
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.events import canonical_events, ucdp_events

PLACES: dict[PlacedBy, tuple[dict[str, str], str]] = {
    PlacedBy.PCODE: ({"adm3_pcode": "MMR001001"}, "MMR001001"),
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
    made = reports.control(rows_of("canonical_control", [report]), gazetteer())
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
