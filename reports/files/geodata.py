"""The township polygons with the latest month of the default method, in three formats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from reports.files.geopackage import write_geopackage
from reports.release import Release, facts, mapped_townships, marked, notice

if TYPE_CHECKING:
    import pyarrow as pa

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


def _write_parquet(rows: pa.Table, path: Path, told: dict[str, str]) -> None:
    """GeoParquet 1.1 with a bounding box a row, so that readers can skip rows; `told` stands in its metadata.

    Written twice: geopandas has no place for metadata beside its own.
    """
    import geopandas
    import pandas as pd
    import pyarrow.parquet as pq

    frame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    shapes = geopandas.GeoSeries.from_wkb(frame["geometry"].to_numpy(dtype=object), crs="EPSG:4326")
    whole = geopandas.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes.array, crs="EPSG:4326")
    whole.attrs = told
    whole.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0", write_covering_bbox=True)
    written = pq.ParquetFile(path).read()
    own = {name.encode(): text.encode() for name, text in told.items()}
    pq.write_table(
        written.replace_schema_metadata({**(written.schema.metadata or {}), **own}), path, compression="zstd"
    )


def _write_geojson(rows: pa.Table, path: Path, told: dict[str, str], said: str) -> None:
    """GeoJSON as RFC 7946 has it, P-codes as ids; `told` stand as members of their own, which readers pass over."""
    from pyogrio.raw import write_arrow

    path.unlink(missing_ok=True)
    # The field of ids is taken out of the properties, where the P-code must stay.
    write_arrow(
        rows.append_column("id", rows["adm3_pcode"]), str(path), layer="township_index", driver="GeoJSON",
        geometry_name="geometry", geometry_type="MultiPolygon", crs="EPSG:4326",
        layer_options={"RFC7946": "YES", "COORDINATE_PRECISION": str(_DECIMALS), "ID_FIELD": "id", "DESCRIPTION": said},
    )  # fmt: skip
    start, first, rest = path.read_bytes().partition(b'"features": [')
    members = "".join(f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in told.items())
    path.write_bytes(start + members.encode() + first + rest)


def write_geo(
    tables: Mapping[str, pl.DataFrame], release: Release, folder: Path, months: pl.DataFrame, cache: Path | None = None
) -> None:
    """Write geo/township_index.parquet, .geojson and .gpkg; `months` is a series, for the GeoPackage.

    GDAL stamps a GeoPackage with the time of day unless told the date; the last day of the data stands
    there instead, so that the same tables give the same bytes.
    """
    import pyogrio

    target = folder / "geo"
    target.mkdir(parents=True, exist_ok=True)
    frame = marked(_with_polygons(mapped_townships(tables, release)), release)
    told = facts(release)
    rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{release.period_end.isoformat()}T00:00:00.000Z"})
    try:
        with ThreadPoolExecutor(max_workers=2) as pool:
            jobs = [
                pool.submit(_write_geojson, rows, target / "township_index.geojson", told, notice(release)),
                pool.submit(write_geopackage, frame, months, tables, release, target / "township_index.gpkg", cache),
                pool.submit(_write_parquet, rows, target / "township_index.parquet", told),
            ]
            for job in jobs:
                job.result()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
