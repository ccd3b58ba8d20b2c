"""Areas drawn on a map: read without anything else that the map shows, and measured in each township.

A map of control shows bases, checkpoints and events beside its areas. Only polygons are read, and of their attributes
only the holder; points and lines are counted and left alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from geo.boundaries import to_wgs84, wkb_series
from geo.layers import REMEDY, open_layer
from pipeline.declare.errors import UnusableInput

AREA_REMEDY = "Give the areas as GeoJSON, GeoPackage or shapefile (.shp with .dbf, .shx, .prj)."
NAMED_AT_MOST = 10
SHARE_DECIMALS = 6

Geometries = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(frozen=True)
class HeldAreas:
    """`frame`: `holder` (text), `geometry` (WKB, EPSG:4326; null for a holder that is not wanted), in file order."""

    frame: pl.DataFrame
    notes: tuple[str, ...]


def read(path: Path, holder: str, wanted: Callable[[str], bool]) -> HeldAreas:
    """The polygons of a layer with their holder; the shapes of holders that are not `wanted` are not taken.

    `holder` names the column, whatever its capitals. Raises UnusableInput where there is no such column or no area.
    """
    try:
        layer = open_layer(path, (holder.strip().lower(),))
    except UnusableInput as error:
        raise UnusableInput(str(error).replace(REMEDY, AREA_REMEDY)) from error
    named = next((name for name in layer.attributes.columns if name.strip().lower() == holder.strip().lower()), None)
    if named is None:
        held = ", ".join(layer.attributes.columns[:NAMED_AT_MOST])
        raise UnusableInput(
            f'{path.name}: holder = "{holder}" names no column of the layer; it has {held}: mend {path.name}.toml'
        )
    areas, rows, said = _areas(path, layer.geometries)
    if not len(rows):
        raise UnusableInput(f"{path.name}: no area in it, only points or lines; deliver the layer of areas")
    areas, projected = to_wgs84(path, areas, layer.crs)
    holders = layer.attributes[named].gather(rows)
    keep = np.array([bool(text) and wanted(text) for text in holders])
    shapes = wkb_series("geometry", areas).to_frame().select(pl.when(pl.Series(keep)).then("geometry"))
    return HeldAreas(shapes.select(holders.alias("holder"), "geometry"), (*layer.notes, *said, *projected))


def _areas(path: Path, geometries: Geometries) -> tuple[Geometries, list[int], list[str]]:
    """The areas of a layer, the rows they stand in, and what is to be said of the rest."""
    shapes, rows = [], []
    for row, geometry in enumerate(geometries):
        area = _polygons(geometry)
        if area is not None and not area.is_empty:
            shapes.append(area)
            rows.append(row)
    other = len(geometries) - len(rows)
    said = [f"{path.name}: {other} points, lines and empty shapes were not read"] if other else []
    found: Geometries = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found, rows, said


def _polygons(geometry: Any) -> Any:
    """The polygonal part of a shape, None where it has none: a collection may hold points beside its areas."""
    if geometry is None or shapely.get_type_id(geometry) in (0, 1, 2, 4, 5):
        return None
    if shapely.get_type_id(geometry) in (3, 6):
        return geometry
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])


def measured(areas: pl.DataFrame, townships: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """How much of each township the areas take: for each area, and for each side.

    `areas` have `map` (areas of one map are measured together), `number` (unique), `side` and `geometry` (WKB,
    EPSG:4326), `townships` adm3_pcode and geometry. The first frame has `number`, `adm3_pcode`, `area_share`, the
    second `map`, `side`, `adm3_pcode`, `area_share`: areas of one side that overlap count once there. Shares are parts
    of the township's area, 0 to 1 with six decimals; what an area only touches has no row.
    """
    towns = _equal_area(shapely.from_wkb(townships["geometry"].to_numpy()))
    drawn = _whole(shapely.make_valid(_equal_area(shapely.from_wkb(areas["geometry"].to_numpy()))))
    which, town = shapely.STRtree(towns).query(drawn, predicate="intersects")
    shapely.prepare(drawn)
    inside = shapely.covers(drawn[which], towns[town])
    pieces = towns[town].copy()
    pieces[~inside] = shapely.intersection(towns[town[~inside]], drawn[which[~inside]])
    whole = shapely.area(towns)
    by_area = pl.DataFrame(
        {
            "number": areas["number"].gather(which),
            "map": areas["map"].gather(which),
            "side": areas["side"].gather(which),
            "adm3_pcode": townships["adm3_pcode"].gather(town),
            "area_share": _share(shapely.area(pieces), whole[town]),
        }
    ).with_row_index("_piece")
    found = by_area.filter(pl.col("area_share") > 0).sort("map", "side", "adm3_pcode", "number")
    keys = ["map", "side", "adm3_pcode"]
    sides = found.group_by(keys, maintain_order=True).agg("_piece", pl.col("area_share").first())
    several = sides["_piece"].list.len() > 1
    place = dict(zip(townships["adm3_pcode"], whole, strict=True))
    joined = [
        shapely.union_all(pieces[numbers]).area / place[code] if many else share
        for numbers, code, share, many in zip(
            sides["_piece"], sides["adm3_pcode"], sides["area_share"], several, strict=True
        )
    ]
    by_side = sides.select(*keys, _rounded(pl.Series("area_share", joined, dtype=pl.Float64)))
    return found.select("number", "adm3_pcode", "area_share"), by_side


def _share(part: np.ndarray[Any, Any], whole: np.ndarray[Any, Any]) -> pl.Series:
    return _rounded(pl.Series("area_share", part / whole))


def _rounded(shares: pl.Series) -> pl.Series:
    return shares.clip(0, 1).round(SHARE_DECIMALS)


def _equal_area(geometries: Geometries) -> Geometries:
    """Longitude and the sine of the latitude: Lambert's cylindrical projection, on which parts of areas are right.

    Within one township the sphere differs from the ellipsoid by less than one part in a thousand, and no library of
    projections has to be loaded.
    """
    moved: Geometries = shapely.transform(
        geometries, lambda xy: np.column_stack([np.radians(xy[:, 0]), np.sin(np.radians(xy[:, 1]))])
    )
    return moved


def _whole(geometries: Geometries) -> Geometries:
    """The polygonal parts alone: a repair may leave lines behind."""
    found: Geometries = np.empty(len(geometries), dtype=object)
    found[:] = [_polygons(geometry) or shapely.Polygon() for geometry in geometries]
    return found
