"""A boundary file becomes the 330 township polygons, or is refused with the reason.

Not here: opening files (layers), rows to townships (township_rows), what contradicts the codes (agreement), townships
without a file (schematic), placing points (assign).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from geo import townships
from geo.agreement import check_attributes, check_places
from geo.layer_rows import CODE_COLUMNS, named, one_shape_each, polygons_only, township_rows
from geo.layers import open_layer
from pipeline.declare.errors import UnusableInput

# Lambert azimuthal equal-area at the middle of Myanmar: reproduces the reference's area_km2 to its rounding.
EQUAL_AREA = "+proj=laea +lat_0=20 +lon_0=96 +datum=WGS84 +units=m"
REPAIR_TOLERANCE_SHARE = 0.001  # a repair that changes more area than this has guessed
# The country's box in degrees, with room: coordinates within it are longitude and latitude, whatever is not said.
DEGREES_BOX = (90.0, 8.0, 103.0, 30.0)

Geometries = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(frozen=True)
class Boundaries:
    """The 330 townships' shapes, from a file or schematic.

    `frame`: `adm3_pcode`, `geometry` (WKB, EPSG:4326), `area_km2`, in reference order. `mirror`: every
    attribute of the file as text with `geometry_wkb` as delivered, one row per township (its first) in file order;
    `codes`: the township of each of these rows. `notes`: what was chosen, joined, repaired or reprojected.
    """

    frame: pl.DataFrame
    mirror: pl.DataFrame
    source: str
    notes: tuple[str, ...]
    codes: pl.Series


def read(path: Path, encoding: str | None = None, columns: Mapping[str, str] | None = None) -> Boundaries:
    """The polygons of a layer of exactly the 330, in any format of `geo.layers`.

    Older layers have 349 polygons, and even shared codes moved (Hopang lost four fifths of its area): codes, names,
    label points and areas are all checked. `encoding` overrides what the file declares, `columns` is the sidecar's
    mapping. Raises UnusableInput.
    """
    columns = columns or {}
    layer = open_layer(path, (*(theirs.strip().lower() for theirs in columns.values()), *CODE_COLUMNS), encoding)
    layer, codes, chosen = township_rows(path, layer, columns)
    check_attributes(path, layer.attributes, codes)
    polygons, taken = polygons_only(path, layer.geometries, codes)
    polygons, projected = to_wgs84(path, polygons, layer.crs)
    polygons, repaired = _repair(path, polygons, codes)
    polygons, first, joined = one_shape_each(path, polygons, codes)
    mirror = layer.attributes.filter(first).with_columns(wkb_series("geometry_wkb", layer.geometries[first.to_numpy()]))
    codes = codes.filter(first)
    order = codes.arg_sort().to_numpy()
    geometries, ordered = polygons[order], codes.sort().to_list()
    reference = townships.reference()
    labels = shapely.points(reference["label_lon"].to_numpy(), reference["label_lat"].to_numpy())
    plane, labels = np.split(to_metres(np.concatenate([geometries, labels])), 2)
    placed = check_places(path, plane, labels)
    frame = boundary_frame(ordered, geometries, _square_km(plane))
    notes = (*layer.notes, *chosen, *taken, *projected, *repaired, *joined, *placed)
    return Boundaries(frame, mirror, path.name, notes, codes)


def boundary_frame(codes: list[str], geometries: Geometries, areas: np.ndarray[Any, Any]) -> pl.DataFrame:
    """`adm3_pcode`, `geometry` (WKB), `area_km2`: the shape of boundaries from anywhere."""
    return pl.DataFrame([pl.Series("adm3_pcode", codes), wkb_series("geometry", geometries)]).with_columns(
        pl.Series("area_km2", areas)
    )


def areas_km2(geometries: Geometries) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Areas in km2 of polygons in EPSG:4326, on an equal-area projection (`EQUAL_AREA`)."""
    return _square_km(to_metres(geometries))


def _square_km(plane: Geometries) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(shapely.area(plane), dtype=np.float64) / 1e6


def to_metres(geometries: Geometries) -> Geometries:
    """Shapes in EPSG:4326 on the equal-area projection, in metres (`EQUAL_AREA`)."""
    return _reproject(geometries, "EPSG:4326", EQUAL_AREA)


def to_wgs84(path: Path, geometries: Geometries, declared: str | None) -> tuple[Geometries, tuple[str, ...]]:
    """Longitude and latitude on WGS 84; without a declared system only where the coordinates can be nothing else."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if not declared:
        minx, miny, maxx, maxy = shapely.total_bounds(geometries)
        if minx >= DEGREES_BOX[0] and miny >= DEGREES_BOX[1] and maxx <= DEGREES_BOX[2] and maxy <= DEGREES_BOX[3]:
            said = "states no coordinate system; its coordinates were read as longitude and latitude (EPSG:4326)"
            return geometries, (f"{path.name}: {said}",)
        raise UnusableInput(
            f"{path}: no coordinate system, and its coordinates ({minx:,.0f} {miny:,.0f} to {maxx:,.0f} {maxy:,.0f}) "
            "are not longitudes and latitudes of Myanmar. Deliver the .prj that came with it, or export as EPSG:4326."
        )
    try:
        crs = CRS.from_user_input(declared)
    except CRSError as error:
        raise UnusableInput(f"{path}: unknown coordinate system ({str(error)[:120]}). Use EPSG:4326.") from error
    if crs.equals("EPSG:4326", ignore_axis_order=True):
        return geometries, ()
    return _reproject(geometries, crs, "EPSG:4326"), (f"{path.name}: reprojected from {crs.name} to EPSG:4326",)


def _reproject(geometries: Geometries, source: Any, target: str) -> Geometries:
    moved: Geometries = shapely.transform(geometries, _transformer(source, target).transform, interleaved=False)
    return moved


@lru_cache(maxsize=8)
def _transformer(source: Any, target: str) -> Any:
    """The way from one system to the other: to find it takes longer than to go it with a small layer."""
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def _repair(path: Path, geometries: Geometries, codes: pl.Series) -> tuple[Geometries, tuple[str, ...]]:
    """Self-touching rings mended where that changes next to no area; anything worse is refused."""
    broken = np.flatnonzero(~shapely.is_valid(geometries))
    mended = geometries.copy()
    for index in broken:
        parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(geometries[index])))
        mended[index] = shapely.union_all(parts[shapely.get_type_id(parts) == 3])
    before, after = shapely.area(geometries[broken]), shapely.area(mended[broken])
    fine = (np.abs(after - before) <= REPAIR_TOLERANCE_SHARE * before) & (after > 0)
    if not fine.all():
        which = codes.gather(broken[~fine]).sort().to_list()
        reasons = shapely.is_valid_reason(geometries[broken[~fine]])[:3].tolist()
        raise UnusableInput(
            f"{path}: {len(which)} invalid geometries cannot be repaired without changing their area: "
            f"{named(which)} ({reasons}). Mend them in a GIS, or get the layer from its publisher again."
        )
    if not broken.size:
        return mended, ()
    return mended, (
        f"{path.name}: {broken.size} invalid geometries repaired: {named(codes.gather(broken).sort().to_list())}",
    )


def wkb_series(name: str, geometries: Geometries) -> pl.Series:
    return pl.Series(name, list(shapely.to_wkb(geometries, byte_order=1)), dtype=pl.Binary)
