"""The three geodata files: same rows, longitude first, readable, whole."""

import json
from pathlib import Path

import geopandas
import polars as pl
import pyarrow.parquet
import pytest

from reports.geofiles import write_geo
from reports.release import Release
from reports.slices import mapped_townships


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
