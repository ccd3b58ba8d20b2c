"""Layers as their publishers lay them out, and layers that must not be half used."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo import boundaries, townships
from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.ingest import inbox
from pipeline.storage.deliveries import Judged

NOW = datetime(2024, 6, 1, tzinfo=UTC)
COD_OLD = {"TS_PCODE": "ADM3_PCODE", "TS": "ADM3_EN", "TS_MMR4": "ADM3_MY"}
COD_NEW = {"TS_PCODE": "adm3_pcode", "TS": "adm3_name", "TS_MMR4": "adm3_name1"}


def judge(path: Path) -> Judged:
    return inbox.judge([(Kind.BOUNDARIES, path)], NOW)[0]


def refused(path: Path, *words: str) -> None:
    with pytest.raises(UnusableInput) as caught:
        judge(path)
    message = str(caught.value)
    assert [word for word in (path.name, *words) if word not in message] == [], message


def cod_ab(squares: gpd.GeoDataFrame, columns: dict[str, str]) -> gpd.GeoDataFrame:
    """The invented layer with COD-AB's columns, which name the levels above beside the township."""
    layer = squares.rename(columns=columns)
    lower = columns["TS_PCODE"].islower()
    for level in (0, 1, 2):
        name = f"adm{level}_pcode" if lower else f"ADM{level}_PCODE"
        layer[name] = layer[columns["TS_PCODE"]].str.slice(0, 3 * min(level, 2) + 3)
    return layer


@pytest.mark.parametrize(("columns", "source"), [(COD_OLD, "cod_ab"), (COD_NEW, "cod_ab"), ({}, "mimu")])
def test_the_columns_of_every_publisher(squares, tmp_path, columns, source):
    layer = cod_ab(squares, columns) if columns else squares
    layer.to_file(tmp_path / "layer.geojson")
    one = judge(tmp_path / "layer.geojson")
    assert one.delivery.source_key == source
    assert one.frame["adm3_pcode"].to_list() == list(townships.codes())
    assert json.loads(one.frame["attributes"][0])[columns.get("TS_MMR4", "TS_MMR4")] == squares["TS_MMR4"][0]


def test_a_code_column_with_blanks_around_it(squares, tmp_path):
    squares.rename(columns={"TS_PCODE": " Adm3_Pcode "}).to_file(tmp_path / "layer.geojson")
    assert judge(tmp_path / "layer.geojson").frame["adm3_pcode"].n_unique() == 330


def test_a_zipped_shapefile_of_all_levels_gives_its_townships(squares, tmp_path):
    parts = tmp_path / "parts"
    parts.mkdir()
    cod_ab(squares, COD_NEW).to_file(parts / "mmr_admbnda_adm3.shp", encoding="utf-8")
    squares.head(3).rename(columns={"TS_PCODE": "adm1_pcode"}).to_file(parts / "mmr_admbnda_adm1.shp")
    with zipfile.ZipFile(tmp_path / "mmr.zip", "w") as archive:
        for part in sorted(parts.iterdir()):
            archive.write(part, f"shp/{part.name}")
        archive.writestr("README.txt", "invented")
    one = judge(tmp_path / "mmr.zip")
    assert one.delivery.file_name == "mmr.zip/shp/mmr_admbnda_adm3.shp"
    assert (one.frame.height, one.delivery.source_key) == (330, "cod_ab")
    assert "of 2 layers read shp/mmr_admbnda_adm3.shp" in one.delivery.notes[0]
    assert json.loads(one.frame["attributes"][0])["adm3_name1"] == squares["TS_MMR4"][0]  # the .cpg came along


def test_a_layer_in_an_archive_that_does_not_fit_names_its_place(squares, tmp_path):
    squares.head(7).to_file(tmp_path / "few.geojson")
    with zipfile.ZipFile(tmp_path / "few.zip", "w") as archive:
        archive.write(tmp_path / "few.geojson", "data/few.geojson")
    refused(tmp_path / "few.zip", "few.zip/data/few.geojson", "7 polygons", "323 missing")


def bow_tie(square: shapely.Polygon, excess: float) -> shapely.Polygon:
    """The square with a lobe behind a crossing at its first corner, `excess` of its sides wide."""
    first, second, third, fourth = np.asarray(square.exterior.coords)[:4]
    along, up = (second - first) * excess, (fourth - first) * excess
    return shapely.Polygon([first, second, third, fourth, first + along - up, first - along - up])


@pytest.mark.parametrize(("excess", "repaired"), [(0.0001, True), (0.3, False)])
def test_bow_ties_are_repaired_where_the_area_holds_and_refused_where_not(squares, tmp_path, excess, repaired):
    broken = squares.copy()
    which = [3, 50, 200]
    broken.loc[which, "geometry"] = [bow_tie(squares.geometry[n], excess) for n in which]
    assert (~broken.geometry.is_valid).sum() == len(which)
    path = tmp_path / "layer.geojson"
    broken.to_file(path)
    if not repaired:
        refused(path, "3 invalid geometries cannot be repaired", "MMR001004", "Self-intersection")
        return
    found = boundaries.read(path)
    assert "3 invalid geometries repaired: MMR001004" in found.notes[0]
    assert shapely.is_valid(shapely.from_wkb(found.frame["geometry"].to_numpy())).all()
    assert ((found.frame["area_km2"] / townships.reference()["area_km2"] - 1).abs() < 0.01).all()


def test_a_topojson_without_a_coordinate_system_is_read_as_degrees(squares, tmp_path):
    arcs = [[list(point) for point in shape.exterior.coords] for shape in squares.geometry]
    shapes = [
        {"type": "Polygon", "arcs": [[n]], "properties": {"TS_PCODE": code}}
        for n, code in enumerate(squares["TS_PCODE"])
    ]
    path = tmp_path / "layer.topojson"
    layer = {"type": "GeometryCollection", "geometries": shapes}
    path.write_text(json.dumps({"type": "Topology", "objects": {"townships": layer}, "arcs": arcs}))
    one = judge(path)
    assert one.frame.height == 330
    assert "states no coordinate system" in one.delivery.notes[0]


def test_the_older_layers_are_refused_with_the_reason(delivered):
    for name in ("olddata/admin3_old.shp", "olddata/townships.topojson"):
        refused(delivered(name), "349 polygons", "6 missing", "get the current")


def test_the_330_with_older_shapes_are_refused_for_their_areas(squares, tmp_path):
    """Codes were kept through changes that moved most of a township's land."""
    moved = squares.copy()
    moved.loc[7, "geometry"] = shapely.affinity.scale(squares.geometry[7], 0.4, 0.4)
    path = tmp_path / "layer.geojson"
    pd.concat([moved]).to_file(path)
    refused(path, "1 townships are far from their known area", "MMR001008")
