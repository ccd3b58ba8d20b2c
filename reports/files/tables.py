"""Each published table as CSV and Parquet.

CSV is for spreadsheets and any tool: UTF-8, ISO dates, true/false, an empty cell where a value is missing, no
geometry. Parquet keeps types, raw text and the geometry.

The township polygons with the latest month of the default method, in three formats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipeline.declare.frames import inert
from pipeline.declare.sources import BOUNDARY_DISCLAIMER
from reports.release import Release, licence, mapped_townships, marked, notice, published, published_names

if TYPE_CHECKING:
    import pyarrow as pa


def write_csv(frame: pl.DataFrame, path: Path, header: str = "") -> None:
    """One CSV file; `header` replaces the header row where a format asks for more than one."""
    body = inert(frame.drop("geometry", strict=False)).write_csv(
        line_terminator="\n", null_value="", date_format="%Y-%m-%d", include_header=not header
    )
    path.write_bytes((header + body).encode("utf-8"))


def write_tables(tables: Mapping[str, pl.DataFrame], folder: Path, notice: str = "") -> None:
    """Write tables/<name>.csv and tables/<name>.parquet for every published table.

    A `notice` stands in the metadata of each Parquet file; a CSV file has no place for one.
    """
    target = folder / "tables"
    target.mkdir(parents=True, exist_ok=True)
    for name in published_names():
        frame = published(tables, name)
        write_csv(frame, target / f"{name}.csv")
        # Without statistics: minimum and maximum would only repeat values, and readers differ on them for text.
        said = {"notice": notice} if notice else None
        frame.write_parquet(target / f"{name}.parquet", compression="zstd", statistics=False, metadata=said)


_DECIMALS = 5  # of a degree: about a metre, finer than a 1:250,000 map can mean


def _with_polygons(frame: pl.DataFrame) -> pl.DataFrame:
    """All shapes as multipolygons: a GeoPackage layer holds one geometry type."""
    import numpy as np
    import shapely

    shapes = shapely.from_wkb(frame["geometry"].to_numpy())
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    shapes[single] = [shapely.MultiPolygon([shape]) for shape in shapes[single]]
    bad = ~np.isin(shapely.get_type_id(shapes), [shapely.GeometryType.MULTIPOLYGON])
    if bad.any():
        names = frame.filter(pl.Series(bad))["adm3_pcode"].head(3).to_list()
        raise ValueError(
            f"townships.geometry holds {int(bad.sum())} shape(s) that are no polygons, e.g. {', '.join(names)}"
        )
    return frame.with_columns(pl.Series("geometry", shapely.to_wkb(shapes), dtype=pl.Binary))


def _write_parquet(rows: pa.Table, path: Path, facts: dict[str, str]) -> None:
    """GeoParquet 1.1 with a bounding box a row, so that readers can skip rows; `facts` stand in its metadata."""
    import geopandas
    import pandas as pd

    frame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    shapes = geopandas.GeoSeries.from_wkb(frame["geometry"].to_numpy(dtype=object), crs="EPSG:4326")
    whole = geopandas.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes.array, crs="EPSG:4326")
    whole.attrs = facts
    whole.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0", write_covering_bbox=True)


def _write_ogr(
    rows: pa.Table, path: Path, driver: str, options: dict[str, str], facts: dict[str, str] | None = None
) -> None:
    from pyogrio.raw import write_arrow

    path.unlink(missing_ok=True)
    write_arrow(
        rows, str(path), layer="township_index", driver=driver, geometry_name="geometry",
        geometry_type="MultiPolygon", crs="EPSG:4326", layer_options=options,
        layer_metadata=facts,
    )  # fmt: skip


def _write_geojson(rows: pa.Table, path: Path, facts: dict[str, str], said: str) -> None:
    """GeoJSON as RFC 7946 has it, P-codes as ids; `facts` stand as members of their own, which readers pass over."""
    options = {"RFC7946": "YES", "COORDINATE_PRECISION": str(_DECIMALS), "ID_FIELD": "id", "DESCRIPTION": said}
    # The field of ids is taken out of the properties, where the P-code must stay.
    _write_ogr(rows.append_column("id", rows["adm3_pcode"]), path, "GeoJSON", options)
    start, first, rest = path.read_bytes().partition(b'"features": [')
    members = "".join(f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in facts.items())
    path.write_bytes(start + members.encode() + first + rest)


def _facts(release: Release) -> dict[str, str]:
    """What a file says of itself: it is sent on without the rest of its release."""
    return {
        "release_id": release.release_id,
        "notice": " ".join(release.banners),
        "citation": release.citation,
        "licence": licence(release)["title"],
        "boundaries": BOUNDARY_DISCLAIMER,
    }


def write_geo(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write geo/township_index.parquet, .geojson and .gpkg.

    GDAL stamps a GeoPackage with the time of day unless told the date; the last day of the data stands
    there instead, so that the same tables give the same bytes.
    """
    import pyogrio

    target = folder / "geo"
    target.mkdir(parents=True, exist_ok=True)
    frame = marked(_with_polygons(mapped_townships(tables, release)), release)
    facts = _facts(release)
    rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{release.period_end.isoformat()}T00:00:00.000Z"})
    try:
        with ThreadPoolExecutor(max_workers=2) as pool:
            jobs = [
                pool.submit(_write_geojson, rows, target / "township_index.geojson", facts, notice(release)),
                pool.submit(_write_ogr, rows, target / "township_index.gpkg", "GPKG",
                            {"FID": "fid", "GEOMETRY_NAME": "geom", "DESCRIPTION": notice(release)}, facts),
                pool.submit(_write_parquet, rows, target / "township_index.parquet", facts),
            ]  # fmt: skip
            for job in jobs:
                job.result()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
