"""The three geodata files: same rows, longitude first, readable, whole."""

import json
from pathlib import Path

import geopandas
import geoparquet_validator
import polars as pl
import pyarrow.parquet
import pyogrio
import pytest

from reports.files.tables import write_geo
from reports.release import Release, mapped_townships


@pytest.mark.parametrize("suffix", ["parquet", "geojson", "gpkg"])
def test_each_format_holds_the_latest_month(suffix: str, built: Path, tables, release: Release) -> None:
    path = built / f"geo/township_index.{suffix}"
    frame = geopandas.read_parquet(path) if suffix == "parquet" else geopandas.read_file(path)
    wanted = mapped_townships(tables, release)
    assert list(frame["adm3_pcode"]) == wanted["adm3_pcode"].to_list()
    assert set(wanted.columns) <= {*frame.columns, "geometry"}
    assert frame.crs.to_epsg() == 4326
    assert frame["clashes_count"].isna().sum() == wanted["clashes_count"].null_count()
    west, south, east, north = frame.total_bounds
    assert (west > 92, south > 9, east < 102, north < 29) == (True,) * 4


def test_geoparquet_names_its_crs_in_full(built: Path) -> None:
    meta = json.loads(pyarrow.parquet.read_metadata(built / "geo/township_index.parquet").metadata[b"geo"])
    column = meta["columns"][meta["primary_column"]]
    assert column["encoding"] == "WKB"
    assert column["crs"] is None or column["crs"]["type"] == "GeographicCRS"


def test_geojson_has_five_decimals_and_no_foreign_crs(built: Path) -> None:
    collection = json.loads((built / "geo/township_index.geojson").read_text(encoding="utf-8"))
    assert "crs" not in collection
    lon, lat = collection["features"][0]["geometry"]["coordinates"][0][0][0]
    assert (round(lon, 5), round(lat, 5)) == (lon, lat)
    assert lon > 90 > lat


def test_a_shape_that_is_no_polygon_is_named(tables, release: Release, tmp_path: Path) -> None:
    point = bytes.fromhex("0101000000000000000000f03f000000000000f03f")
    first = pl.col("adm3_pcode") == "MMR001001"
    broken = tables["townships"].with_columns(
        pl.when(first).then(pl.lit(point)).otherwise(pl.col("geometry")).alias("geometry")
    )
    with pytest.raises(ValueError, match=r"1 shape\(s\) that are no polygons, e.g. MMR001001"):
        write_geo({**tables, "townships": broken}, release, tmp_path)


def test_each_file_says_where_it_comes_from(built_invented: Path, invented: Release) -> None:
    """They are sent on alone: release, licence and that all is invented stand in their rows and metadata."""
    collection = json.loads((built_invented / "geo/township_index.geojson").read_text(encoding="utf-8"))
    held = pyarrow.parquet.read_metadata(built_invented / "geo/township_index.parquet").metadata
    package = pyogrio.read_info(built_invented / "geo/township_index.gpkg", layer="township_index")["layer_metadata"]
    for facts in (collection, json.loads(held[b"PANDAS_ATTRS"]), package):
        assert facts["release_id"] == invented.release_id
        assert "SYNTHETIC DATA" in facts["notice"]
        assert facts["licence"] == "CC BY 4.0"
    for feature in collection["features"]:
        assert feature["id"] == feature["properties"]["adm3_pcode"]
        assert feature["properties"]["synthetic"] is True


def test_geojson_turns_right(built: Path) -> None:
    shapes = geopandas.read_file(built / "geo/township_index.geojson").geometry
    rings = [polygon.exterior for shape in shapes for polygon in shape.geoms]
    assert all(ring.is_ccw for ring in rings)


def test_geoparquet_is_valid(built: Path, tmp_path: Path) -> None:
    report = geoparquet_validator.check(str(built / "geo/township_index.parquet"))
    assert geoparquet_validator.failed(report) == []
    assert {o["status"] for o in report["outcomes"] if o["id"].startswith("/conf/covering/")} == {"pass"}
    plain = pl.DataFrame({"geometry": [b"no shape"]})
    plain.write_parquet(tmp_path / "plain.parquet")
    assert geoparquet_validator.failed(geoparquet_validator.check(str(tmp_path / "plain.parquet"))) != []
