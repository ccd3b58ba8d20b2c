"""Layers as people have them: read where that is unambiguous, and else refused with advice that is true."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo import townships
from pipeline.declare.errors import UnusableInput
from pipeline.ingest import inbox
from pipeline.storage.history import Delivery

NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in" / "boundaries").mkdir(parents=True)
    return tmp_path / "in" / "boundaries"


def read(folder: Path, *notes: str) -> Delivery:
    """The one delivery of the folder: 330 whole townships, with these notes."""
    (one,) = inbox.judge(inbox.find_files(folder.parent), NOW)
    assert one.frame["adm3_pcode"].sort().to_list() == list(townships.codes())
    assert one.frame["geometry"].null_count() == 0
    said = "\n".join(one.delivery.notes)
    assert [words for words in notes if words not in said] == [], said
    assert bool(notes) or not one.delivery.notes, said
    return one.delivery


def refused(folder: Path, *words: str) -> None:
    with pytest.raises(UnusableInput) as caught:
        inbox.judge(inbox.find_files(folder.parent), NOW)
    assert [word for word in words if word not in str(caught.value)] == [], caught.value


def halves(layer: gpd.GeoDataFrame, row: int) -> gpd.GeoDataFrame:
    """The layer with one township as two rows, east and west of its middle."""
    minx, miny, maxx, maxy = layer.geometry[row].bounds
    middle = (minx + maxx) / 2
    parts = [shapely.box(minx, miny, middle, maxy), shapely.box(middle, miny, maxx, maxy)]
    cut = layer.iloc[[row, row]].set_geometry(parts, crs=layer.crs)
    return pd.concat([layer.drop(index=row), cut])


@pytest.mark.parametrize("name", ["x.kml", "x.fgb", "x.gdb"])
def test_kml_flatgeobuf_and_geodatabase(squares: gpd.GeoDataFrame, folder: Path, name: str) -> None:
    squares.to_file(folder / name, driver={"kml": "KML", "fgb": "FlatGeobuf", "gdb": "OpenFileGDB"}[name[2:]])
    assert read(folder).source_key == "mimu"


def test_a_zipped_geodatabase_and_a_kmz(squares: gpd.GeoDataFrame, folder: Path, tmp_path: Path) -> None:
    squares.to_file(tmp_path / "x.gdb", driver="OpenFileGDB")
    squares.to_file(tmp_path / "doc.kml", driver="KML")
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        for part in sorted((tmp_path / "x.gdb").iterdir()):
            archive.write(part, f"data/x.gdb/{part.name}")
    assert read(folder).file_name == "x.zip/data/x.gdb"
    (folder / "x.zip").unlink()
    with zipfile.ZipFile(folder / "x.kmz", "w") as archive:
        archive.write(tmp_path / "doc.kml", "doc.kml")
    assert read(folder).file_name == "x.kmz/doc.kml"


def test_an_unpacked_folder_gives_its_township_layer(squares: gpd.GeoDataFrame, folder: Path) -> None:
    (folder / "cod" / "shp").mkdir(parents=True)
    squares.to_file(folder / "cod" / "shp" / "mmr_admin3.shp", encoding="utf-8")
    squares.head(3).to_file(folder / "cod" / "shp" / "mmr_admin1.shp")
    (folder / "cod.toml").write_text('source = "Invented"')
    one = read(folder, "of 2 layers read shp/mmr_admin3.shp")
    assert (one.file_name, one.source) == ("cod/shp/mmr_admin3.shp", "Invented")
    (folder / "cod" / "shp" / "mmr_admin3.shp").unlink()
    (folder / "cod" / "shp" / "mmr_admin1.shp").unlink()
    refused(folder, "no boundaries file in the folder")


def test_other_levels_beside_the_township_layer_are_passed_over(squares: gpd.GeoDataFrame, folder: Path) -> None:
    squares.to_file(folder / "mmr_admin3.geojson")
    for level in ("admin1", "adminlines"):
        squares.head(3).to_file(folder / f"mmr_{level}.geojson")
    assert read(folder, "not read beside the township layer: mmr_admin1.geojson, mmr_adminlines.geojson")
    (folder / "mmr_admin3.geojson").unlink()
    refused(folder, "3 polygons are not the 330")


def test_islands_in_rows_of_their_own_are_joined_and_overlaps_refused(squares: gpd.GeoDataFrame, folder: Path) -> None:
    halves(squares, 7).to_file(folder / "x.geojson")
    read(folder, "1 townships in several rows were joined")
    pd.concat([squares, squares.iloc[[5]]]).to_file(folder / "x.geojson")
    read(folder, "1 rows that stand twice were read once")
    larger = squares.iloc[[5]].set_geometry(squares.geometry.iloc[[5]].scale(1.2, 1.2))
    pd.concat([squares, larger]).to_file(folder / "x.geojson")
    refused(folder, "1 townships stand in several rows whose shapes overlap: MMR001006")


def test_of_a_collection_the_polygons_are_read(squares: gpd.GeoDataFrame, folder: Path) -> None:
    squares = squares.copy()
    squares.loc[3:3, "geometry"] = [
        shapely.GeometryCollection([squares.geometry[3], shapely.LineString([(97, 25), (98, 25)])])
    ]
    squares.to_file(folder / "x.geojson")
    read(folder, "of 1 geometry collections the polygons")
    squares.loc[3:3, "geometry"] = [shapely.GeometryCollection([shapely.LineString([(97, 25), (98, 25)])])]
    squares.to_file(folder / "x.geojson")
    refused(folder, "1 empty or not a polygon: MMR001004")


def test_of_several_layers_the_areas_of_townships_are_read(squares: gpd.GeoDataFrame, folder: Path) -> None:
    squares.to_file(folder / "x.gpkg", layer="areas")
    squares.set_geometry(squares.representative_point()).to_file(folder / "x.gpkg", layer="towns")
    read(folder, "read the layer 'areas' of 2")
    squares.to_file(folder / "x.gpkg", layer="areas_too")
    refused(folder, "'areas', 'areas_too'", "keep the township layer alone")
    squares.to_file(folder / "x.gpkg", layer="mmr_admin3")
    read(folder, "read the layer 'mmr_admin3' of 4")


def test_rows_of_other_levels_and_without_a_code_are_told_by_number_only(
    squares: gpd.GeoDataFrame, folder: Path
) -> None:
    """Whatever else stands in a layer, a site of an army say, is neither read nor named."""
    state = squares.iloc[[0]].assign(TS_PCODE="MMR001", TS="Kachin")
    site = squares.iloc[[0]].assign(TS_PCODE=None, TS="Camp Invented", TS_MMR4=None)
    pd.concat([squares, state, site]).to_file(folder / "x.geojson")
    one = read(folder, "2 rows of another level or without a code were not read")
    assert "Invented" not in str(one.notes)
    pd.concat([squares, site.assign(TS="Loikaw", TS_MMR4="လွိုင်ကော်")]).to_file(folder / "x.geojson")
    refused(folder, "1 rows without a code bear a township's name: Loikaw")


def test_a_level_column_tells_the_townships_among_rows_that_carry_their_code(
    squares: gpd.GeoDataFrame, folder: Path
) -> None:
    tracts = squares.head(20).set_geometry(squares.geometry.head(20).scale(0.9, 0.9)).assign(admLevel=4)
    pd.concat([squares.assign(admLevel=3), tracts]).to_file(folder / "x.geojson")
    read(folder, "20 rows of another level")


def test_codes_under_another_name(squares: gpd.GeoDataFrame, folder: Path) -> None:
    odd = squares.rename(columns={"TS_PCODE": "TOWN_CODE"})
    odd.to_file(folder / "x.geojson")
    read(folder, "the values of 'TOWN_CODE' are read as the township codes")
    odd.assign(other=list(reversed(odd["TOWN_CODE"]))).to_file(folder / "x.geojson")
    refused(folder, "'TOWN_CODE', 'other'", "differ", "x.geojson.toml")
    (folder / "x.geojson.toml").write_text('[columns]\nadm3_pcode = "TOWN_CODE"\n')
    read(folder)
    (folder / "x.geojson.toml").write_text('[columns]\nadm3_pcode = "CODE"\n')
    refused(folder, "x.geojson.toml: [columns] names 'CODE'", "'TOWN_CODE'")


def test_codes_within_a_text(squares: gpd.GeoDataFrame, folder: Path) -> None:
    texts = squares.assign(description="<td>DT_PCODE</td><td>MMR001D001</td><td>" + squares["TS_PCODE"] + "</td>")
    texts[["TS", "description", "geometry"]].to_file(folder / "x.geojson")
    read(folder, "the values of 'description' hold the township codes")


def test_without_codes_names_with_their_states_tell_all_330_or_the_advice_is_true(
    squares: gpd.GeoDataFrame, folder: Path
) -> None:
    bare = squares[["TS", "geometry"]].rename(columns={"TS": "shapeName"})
    bare.to_file(folder / "x.geojson")
    refused(folder, "renaming one does not help", "fetch cod-ab", "Htantabin")
    bare.assign(region=townships.reference()["state_region"].to_list()).to_file(folder / "x.geojson")
    read(folder, "without P-codes; townships known by their names and states ('shapeName', 'region')")
    bare.assign(region=townships.reference()["state_region"].to_list(), shapeName="Loikaw").to_file(
        folder / "x.geojson"
    )
    refused(folder, "renaming one does not help")


def test_parts_of_a_shapefile_that_are_missing(squares: gpd.GeoDataFrame, folder: Path) -> None:
    def written(layer: gpd.GeoDataFrame, without: str) -> None:
        layer.to_file(folder / "x.shp", encoding="utf-8")
        (folder / f"x.{without}").unlink()

    written(squares, "prj")
    read(folder, "states no coordinate system")
    written(squares.to_crs("EPSG:32647"), "prj")
    refused(folder, "no coordinate system", "are not longitudes and latitudes", ".prj")
    written(squares, "shx")
    read(folder, "the .shx is missing")
    assert not (folder / "x.shx").exists(), "nothing is written beside what was delivered"
    written(squares, "dbf")
    refused(folder, "the .dbf with the township codes is not beside it")


def test_a_shapefile_in_capitals_is_hashed_and_read(squares: gpd.GeoDataFrame, folder: Path) -> None:
    squares.to_file(folder / "x.shp", encoding="utf-8")
    lower = read(folder)
    for part in list(folder.iterdir()):
        part.rename(folder / part.name.upper())
    assert read(folder).sha256 == lower.sha256


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><OGRVRTDataSource/>',
        '<!DOCTYPE kml [<!ENTITY a "b">]><kml/>',
        '<kml><!ENTITY a "b"></kml>',
        "<html>Sign in</html>",
    ],
)
def test_what_is_no_kml_is_refused_before_a_driver_sees_it(folder: Path, text: str) -> None:
    (folder / "x.kml").write_text(text)
    refused(folder, "x.kml: the content is not what .kml says")


def test_a_folder_that_is_no_geodatabase_is_refused(folder: Path) -> None:
    (folder / "x.gdb").mkdir()
    refused(folder, "x.gdb: a folder that is no file geodatabase")
