import warnings
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo import boundaries, townships
from pipeline.declare.errors import UnusableInput

LAYER = "realdata/boundaries/mmr_polbnda_adm3_mimu_250k.shp"


def refuse(path: Path, *said: str) -> None:
    with pytest.raises(UnusableInput) as caught:
        boundaries.read(path)
    for words in (path.name, *said):
        assert words in str(caught.value)


def geojson(frame: gpd.GeoDataFrame, tmp_path: Path) -> Path:
    path = tmp_path / "layer.geojson"
    frame.to_file(path)
    return path


@pytest.mark.parametrize("kind", ["shp", "gpkg", "geojson", "parquet"])
@pytest.mark.parametrize("column", ["TS_PCODE", "ADM3_PCODE", "adm3_pcode"])
def test_every_format_and_column_name_is_read(squares, tmp_path, kind, column):
    path = tmp_path / f"layer.{kind}"
    shuffled = squares.rename(columns={"TS_PCODE": column}).sample(frac=1, random_state=1)
    shuffled.to_parquet(path) if kind == "parquet" else shuffled.to_file(path, encoding="utf-8")
    found = boundaries.read(path)
    assert found.frame["adm3_pcode"].to_list() == list(townships.codes())
    assert found.mirror["TS_MMR4"].sort().to_list() == townships.reference()["adm3_name_my"].sort().to_list()
    deviation = found.frame["area_km2"] / townships.reference()["area_km2"] - 1
    assert deviation.abs().max() < 0.001
    assert found.notes == ()


def test_an_encoding_declared_in_cst_is_honoured(squares, tmp_path):
    path = tmp_path / "layer.shp"
    squares.to_file(path, encoding="utf-8")
    path.with_suffix(".cpg").unlink()
    path.with_suffix(".cst").write_text("UTF-8")
    assert gpd.read_file(path)["TS_MMR4"][0] != squares["TS_MMR4"][0]  # what a plain reader makes of it
    assert boundaries.read(path).mirror["TS_MMR4"].to_list() == squares["TS_MMR4"].to_list()
    path.with_suffix(".cst").write_text("KLINGON")
    with pytest.raises(UnusableInput, match="KLINGON"):
        boundaries.read(path)


def test_bytes_that_are_not_what_was_declared(squares, tmp_path):
    path = tmp_path / "layer.shp"
    squares.assign(TS="Café", TS_MMR4=None).to_file(path, encoding="iso-8859-1")
    assert set(boundaries.read(path).mirror["TS"]) == {"Café"}  # GDAL wrote a .cpg
    path.with_suffix(".cpg").write_text("UTF-8")
    refuse(path, "not utf-8")
    assert set(boundaries.read(path, encoding="latin-1").mirror["TS"]) == {"Café"}
    path.with_suffix(".cpg").unlink()
    assert "declares no encoding" in boundaries.read(path).notes[0]
    with pytest.raises(UnusableInput, match="KLINGON"):
        boundaries.read(path, encoding="KLINGON")


def test_other_than_the_330_is_refused_by_name(squares, tmp_path):
    refuse(geojson(squares.iloc[1:], tmp_path), "329 polygons", "1 missing: MMR001001")
    extra = squares.iloc[[0]].assign(TS_PCODE="MMR999001")
    refuse(geojson(pd.concat([squares, extra]), tmp_path), "331 polygons", "1 not among the 330: MMR999001")
    refuse(geojson(squares.iloc[:100], tmp_path), "230 missing", ", …")


def test_a_missing_system_is_refused_and_another_reprojected(squares, tmp_path):
    path = tmp_path / "layer.shp"
    squares.to_crs("EPSG:32647").to_file(path, encoding="utf-8")
    found = boundaries.read(path)
    assert "reprojected from WGS 84 / UTM zone 47N" in found.notes[0]
    expected = shapely.from_wkb(found.frame["geometry"].to_numpy())
    assert shapely.equals_exact(expected, squares.geometry.to_numpy(), 1e-6, normalize=True).all()
    path.with_suffix(".prj").unlink()
    refuse(path, "no coordinate system")


def test_empty_and_other_geometries_are_refused(squares, tmp_path):
    for wrong in (shapely.Point(96, 20), None):
        broken = squares.copy()
        broken.loc[3, "geometry"] = wrong
        refuse(geojson(broken, tmp_path), "1 empty or not a polygon", "MMR001004")


def test_small_faults_are_repaired_and_reported_large_ones_refused(squares, tmp_path):
    minx, miny, maxx, maxy = squares.geometry[3].bounds
    spike = [(minx, miny), (maxx, miny), (maxx, maxy), (maxx, maxy + 1), (maxx, maxy), (minx, maxy)]
    broken = squares.copy()
    broken.loc[3, "geometry"] = shapely.Polygon(spike)
    found = boundaries.read(geojson(broken, tmp_path))
    assert found.notes == ("layer.geojson: 1 invalid geometries repaired: MMR001004",)
    assert shapely.is_valid(shapely.from_wkb(found.frame["geometry"].to_numpy())).all()
    bow_tie = [(minx, miny), (maxx, miny), (minx, maxy), (maxx, maxy + 0.2)]
    broken.loc[3, "geometry"] = shapely.Polygon(bow_tie)
    refuse(geojson(broken, tmp_path), "1 invalid geometries cannot be repaired", "MMR001004", "Self-intersection")


def test_kept_codes_on_moved_shapes_are_refused(squares, tmp_path):
    moved = squares.copy()
    moved.loc[[0, 9], "geometry"] = squares.geometry[[9, 0]].to_numpy()
    refuse(geojson(moved, tmp_path), "do not lie where their code says", "MMR001001", "km")
    swapped = squares.copy()
    swapped.geometry = shapely.transform(squares.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    refuse(geojson(swapped, tmp_path), "axes are swapped")


def test_what_is_no_layer_is_refused(squares, tmp_path):
    refuse(tmp_path / "absent.shp", "no such file")
    for name, content in [
        ("page.geojson", b"<!DOCTYPE html><p>Sign in</p>"),
        ("virtual.json", b"<OGRVRTDataSource/>"),
        ("archive.zip", b"PK\x03\x04"),
        ("cut.geojson", b'{"type": "FeatureCollection", "features": ['),
        ("cut.parquet", b"PAR1 and no more"),
        ("cut.gpkg", b"SQLite format 3\x00"),
        ("cut.shp", b"\x00\x00\x27\x0a"),
    ]:
        (tmp_path / name).write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            refuse(tmp_path / name, "GeoPackage")


def test_the_one_layer_with_codes_is_chosen(squares, tmp_path):
    path = tmp_path / "layers.gpkg"
    squares.drop(columns="TS_PCODE").head(80).to_file(path, layer="districts")
    squares.to_file(path, layer="townships")
    assert boundaries.read(path).frame.height == 330
    squares.to_file(path, layer="townships_too")
    refuse(path, "townships_too")


def test_the_real_layer_is_read_with_its_names_and_areas(delivered):
    found = boundaries.read(delivered(LAYER))
    names = found.mirror.sort("TS_PCODE")["TS_MMR4"].to_list()
    assert names == townships.reference()["adm3_name_my"].to_list()
    known = townships.reference()["area_km2"]
    assert ((found.frame["area_km2"] - known).abs() - 0.0501 <= 0.001 * known).all()  # known to one decimal
    assert found.notes == ()


def test_layers_of_older_lists_are_refused(delivered):
    for name in ("olddata/admin3_old.shp", "olddata/townships.topojson"):
        refuse(delivered(name), "349 polygons", "6 missing", "MMR013046", "25 not among the 330", "MMR013008")
