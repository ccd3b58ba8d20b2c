"""The three geodata files: same rows, longitude first, readable, whole."""

import json
from pathlib import Path
from xml.etree import ElementTree

import geopandas
import geoparquet_validator
import polars as pl
import pyarrow.parquet
import pyogrio
import pytest

from pipeline.declare.codes import NoClass
from pipeline.declare.columns import COLUMNS
from reports.draw.symbology import INDEX_THEMES
from reports.files.geodata import write_geo
from reports.files.geopackage import _outlines
from reports.files.series import series
from reports.release import Release, facts, mapped_townships


@pytest.mark.parametrize("suffix", ["parquet", "geojson", "gpkg"])
def test_each_format_holds_the_latest_month(suffix: str, built: Path, tables, release: Release) -> None:
    path = built / f"geo/township_index.{suffix}"
    frame = geopandas.read_parquet(path) if suffix == "parquet" else geopandas.read_file(path, layer=0)
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
        write_geo({**tables, "townships": broken}, release, tmp_path, series(tables, release))


def test_each_file_says_where_it_comes_from(built_hostile: Path, hostile: Release, release: Release) -> None:
    """They are sent on alone: release, licence and that all is invented stand in their rows and metadata."""
    collection = json.loads((built_hostile / "geo/township_index.geojson").read_text(encoding="utf-8"))
    held = pyarrow.parquet.read_metadata(built_hostile / "geo/township_index.parquet").metadata
    package = pyogrio.read_info(built_hostile / "geo/township_index.gpkg", layer="township_index")["layer_metadata"]
    own = {name.decode(): text.decode() for name, text in held.items()}
    said = facts(hostile)
    assert facts(release)["licence"] == "CC BY 4.0"
    for stated in (collection, json.loads(held[b"PANDAS_ATTRS"]), own, package):
        assert stated["release_id"] == hostile.release_id
        assert (stated["period_end"], stated["as_of"], stated["synthetic"]) == ("2023-11-26", "2023-12-05", "true")
        assert "SYNTHETIC DATA" in stated["notice"]
        assert stated["licence"] == said["licence"]
    for feature in collection["features"]:
        assert feature["id"] == feature["properties"]["adm3_pcode"]
        assert feature["properties"]["synthetic"] is True


def test_the_geopackage_holds_styles_regions_and_all_months(built: Path, tables, release: Release) -> None:
    path = built / "geo/township_index.gpkg"
    layers = dict(pyogrio.list_layers(path))
    assert layers == {
        "township_index": "MultiPolygon", "regions": "MultiPolygon", "months": None, "layer_styles": None,
        "months_map": "MultiPolygon",
    }  # fmt: skip
    regions = geopandas.read_file(path, layer="regions")
    assert (len(regions), regions["state_region"].is_unique, bool(regions.geometry.is_valid.all())) == (15, True, True)
    months = pl.from_pandas(pyogrio.read_dataframe(path, layer="months"))
    wanted = series(tables, release)
    assert months.height == wanted.height
    assert months["clashes_month_count"].null_count() == wanted["clashes_month_count"].null_count()


def test_each_style_names_every_shown_class_and_no_unknown_one_is_plain(built: Path) -> None:
    styles = pyogrio.read_dataframe(built / "geo/township_index.gpkg", layer="layer_styles")
    themes = len(INDEX_THEMES)
    assert styles["useAsDefault"].tolist() == [True, *[False] * (themes - 1)] * 2
    assert styles["f_table_name"].tolist() == ["township_index"] * themes + ["months_map"] * themes
    for index, text in zip([*INDEX_THEMES] * 2, styles["styleQML"], strict=True):
        root = ElementTree.fromstring(text)  # noqa: S314 (our own file)
        renderer = root.find("renderer-v2")
        assert renderer is not None and renderer.get("attr") == f"{index}_shown"
        codes = {one.get("value"): one.get("symbol") for one in root.iter("category")}
        assert set(codes) == set(COLUMNS[f"{index}_shown"].values)
        patterns = {
            symbol.get("name"): next(o.get("value") for o in symbol.iter("Option") if o.get("name") == "style")
            for symbol in root.iter("symbol")
        }
        plain = {code for code, place in codes.items() if patterns[place] == "solid"}
        assert plain == set(codes) - {str(word) for word in NoClass} | {"reported_quiet"}


def test_every_month_has_its_shape_and_the_days_of_qgis_temporal_controller(built: Path, tables, release) -> None:
    path = built / "geo/township_index.gpkg"
    info = pyogrio.read_info(path, layer="months_map")
    kinds = dict(zip(info["fields"], info["dtypes"], strict=True))
    assert info["geometry_type"] == "MultiPolygon" and info["features"] == series(tables, release).height
    assert kinds["month"] == kinds["period_end"] == "datetime64[D]", "typed as days, as the controller asks"
    one = geopandas.read_file(path, layer="months_map", where="adm3_pcode = 'MMR001001'")
    assert len(one) == one["month"].nunique() and bool((one["month"] <= one["period_end"]).all())
    shape = geopandas.read_file(path, layer="township_index", where="adm3_pcode = 'MMR001001'").geometry[0]
    assert bool(one.geometry.geom_equals(shape).all())
    styles = pyogrio.read_dataframe(path, layer="layer_styles")
    for layer, text in styles[["f_table_name", "styleQML"]].itertuples(index=False):
        temporal = ElementTree.fromstring(text).find("temporal")  # noqa: S314 (our own file)
        assert (temporal is not None) == (layer == "months_map")
        if temporal is not None:
            wanted = ("enabled", "mode", "startField", "endField")
            assert [temporal.get(name) for name in wanted] == ["1", "2", "month", "period_end"]


def test_the_same_tables_give_the_same_geopackage(built: Path, tables, release: Release, tmp_path: Path) -> None:
    write_geo(tables, release, tmp_path, series(tables, release))
    for name in ("township_index.gpkg", "township_index.parquet"):
        assert (tmp_path / "geo" / name).read_bytes() == (built / "geo" / name).read_bytes(), name


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


def test_outlines_of_regions_are_kept_and_made_again_where_they_are_damaged(tables, tmp_path: Path) -> None:
    townships = tables["townships"].filter(pl.col("state_region").is_in(["Kayah", "Chin"]))
    made = _outlines(townships, tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"no parquet")
    assert _outlines(townships, tmp_path).equals(made) and _outlines(townships, None).equals(made)
    moved = townships.with_columns(state_region=pl.lit("Kayah"))
    assert _outlines(moved, tmp_path)["state_region"].to_list() == ["Kayah"]
    assert len(list(tmp_path.iterdir())) == 2
