"""Areas of a map: polygons and their holder alone are read."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.ingest import inbox

SQUARE = [[[96.0, 20.0], [97.0, 20.0], [97.0, 21.0], [96.0, 21.0], [96.0, 20.0]]]
SIDECAR = 'holder = "Name"\nreference_date = 2023-05-01\n[holders]\n"army*" = "state"\nfront = "resistance"\n'


def feature(name: str | None, kind: str = "Polygon", coordinates: object = SQUARE) -> dict[str, object]:
    shape: dict[str, object] = {"type": kind, "coordinates": coordinates}
    if kind == "GeometryCollection":
        shape = {"type": kind, "geometries": coordinates}
    return {"type": "Feature", "properties": {"name": name, "about": "Battalion 7 camp"}, "geometry": shape}


def drawn(folder: Path, *features: dict[str, object], sidecar: str = SIDECAR) -> inbox.Judged:
    path = folder / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    path.with_name("areas.geojson.toml").write_text(sidecar, encoding="utf-8")
    (judged,) = inbox.judge([(Kind.CONTROL, path)], datetime(2024, 1, 1, tzinfo=UTC))
    return judged


def test_polygons_and_their_holder_are_read_and_nothing_else(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [96.5, 20.5]}
    judged = drawn(
        tmp_path,
        feature("Army of the north"),
        feature("Army base 12", "Point", [96.5, 20.5]),
        feature("front", "GeometryCollection", [point, {"type": "Polygon", "coordinates": SQUARE}]),
        feature("nobody"),
    )
    assert judged.delivery.format == "control_areas"
    assert judged.delivery.reference_date == str(date(2023, 5, 1))
    assert judged.frame.columns == ["row_number", "holder", "geometry"]
    assert judged.frame["holder"].to_list() == ["Army of the north", "front", "nobody"]
    assert judged.frame["geometry"].is_null().to_list() == [False, False, True], "nobody's shape is not taken"
    assert any("1 points, lines and empty shapes were not read" in note for note in judged.delivery.notes)
    kept = judged.frame.select(pl.col("geometry").bin.size()).to_series().drop_nulls().to_list()
    assert max(kept) < 150, "the point within the collection is gone"


@pytest.mark.parametrize(
    ("sidecar", "said"),
    [
        ('holder = "name"\n', "reference_date"),
        ("reference_date = 2023-05-01\n", 'holder = "COLUMN"'),
        (SIDECAR.replace("Name", "owner"), "names no column of the layer; it has name, about"),
        (SIDECAR.replace("army*", "navy").replace("front", "fleet"), "no holder has a side; name them in [holders]"),
        (SIDECAR.replace('"state"', '"junta"'), "use one of state, contested, resistance, other, ignore"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_remedy(tmp_path: Path, sidecar: str, said: str) -> None:
    with pytest.raises(UnusableInput) as refused:
        drawn(tmp_path, feature("Army of the north"), sidecar=sidecar)
    assert said in str(refused.value)


def test_a_layer_of_points_alone_and_holders_of_another_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="no area in it, only points or lines"):
        drawn(tmp_path, feature("army", "Point", [96.5, 20.5]))
    table = tmp_path / "people.csv"
    table.write_text("reference_date,adm3_pcode,population_persons\n2023-01-01,MMR001001,5\n", encoding="utf-8")
    table.with_name("people.csv.toml").write_text('[holders]\narmy = "state"\n', encoding="utf-8")
    with pytest.raises(UnusableInput, match="means nothing for population"):
        inbox.judge([(Kind.POPULATION, table)], datetime(2024, 1, 1, tzinfo=UTC))


def test_tables_of_holders_and_of_towns_are_known_by_their_sidecar(tmp_path: Path) -> None:
    shares, towns = tmp_path / "shares.csv", tmp_path / "towns.csv"
    shares.write_text("adm3_pcode,Army,Front,note\nMMR001001,0.4,0.6,x\n", encoding="utf-8")
    sides = '[holders]\narmy = "state"\nfront = "resistance"\n'
    shares.with_name("shares.csv.toml").write_text("reference_date = 2023-05-01\n" + sides, encoding="utf-8")
    towns.write_text("date,adm3_pcode,actor\n2023-05-01,MMR001001,Army\n", encoding="utf-8")
    towns.with_name("towns.csv.toml").write_text(
        'holder = "actor"\n[columns]\nevent_date = "date"\n' + sides, encoding="utf-8"
    )
    judged = inbox.judge([(Kind.CONTROL, shares), (Kind.CONTROL, towns)], datetime(2024, 1, 1, tzinfo=UTC))
    assert [one.delivery.format for one in judged] == ["canonical_control", "canonical_towns"]
    assert json.loads(judged[0].frame["extra"][0]) == {"Army": "0.4", "Front": "0.6", "note": "x"}
    assert "shares.csv: columns not used: note" in judged[0].delivery.notes
    assert judged[1].frame["holder"].to_list() == ["Army"]
