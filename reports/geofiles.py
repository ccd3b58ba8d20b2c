"""The township polygons with the latest month of the default method, in three formats.

The columns are those of the index, and what other tables hold that a map is made from.

GeoParquet for analysts, GeoJSON (RFC 7946) for the web, GeoPackage for a desktop GIS. Each holds the
same rows and columns. Not here: simplified shapes for pages (shapes.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from reports.release import Release
from reports.slices import mapped_townships

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


def _write_parquet(rows: pa.Table, path: Path, said: str) -> None:
    import geopandas
    import pandas as pd

    frame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    shapes = geopandas.GeoSeries.from_wkb(frame["geometry"].to_numpy(dtype=object), crs="EPSG:4326")
    whole = geopandas.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes.array, crs="EPSG:4326")
    whole.attrs = {"notice": said} if said else {}  # stands in the file's metadata
    whole.to_parquet(path, index=False, compression="zstd")


def _write_ogr(rows: pa.Table, path: Path, driver: str, options: dict[str, str]) -> None:
    from pyogrio.raw import write_arrow

    path.unlink(missing_ok=True)
    write_arrow(
        rows, str(path), layer="township_index", driver=driver, geometry_name="geometry",
        geometry_type="MultiPolygon", crs="EPSG:4326", layer_options=options,
    )  # fmt: skip


def write_geo(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write geo/township_index.parquet, .geojson and .gpkg.

    GDAL stamps a GeoPackage with the time of day unless told the date; the last day of the data stands
    there instead, so that the same tables give the same bytes.
    """
    import pyogrio

    target = folder / "geo"
    target.mkdir(parents=True, exist_ok=True)
    frame = _with_polygons(mapped_townships(tables, release))
    said = " ".join(release.banners)
    described = {"DESCRIPTION": said} if said else {}
    rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{release.period_end.isoformat()}T00:00:00.000Z"})
    try:
        with ThreadPoolExecutor(max_workers=2) as pool:
            jobs = [
                pool.submit(_write_ogr, rows, target / "township_index.geojson", "GeoJSON",
                            {"RFC7946": "YES", "COORDINATE_PRECISION": str(_DECIMALS), **described}),
                pool.submit(_write_ogr, rows, target / "township_index.gpkg", "GPKG",
                            {"FID": "fid", "GEOMETRY_NAME": "geom", **described}),
                pool.submit(_write_parquet, rows, target / "township_index.parquet", said),
            ]  # fmt: skip
            for job in jobs:
                job.result()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
