"""A boundary file becomes the 330 township polygons, or is refused with the reason.

Not here: opening files (layers), townships without a file (schematic), placing points (assign).
"""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from geo import townships
from geo.layers import REMEDY, Layer, open_layer
from pipeline.errors import UnusableInput

# MIMU, COD-AB (old ADM3_PCODE, new adm3_pcode, the same in lower case) and our own name.
CODE_COLUMNS = ("adm3_pcode", "ts_pcode")
# Lambert azimuthal equal-area at the middle of Myanmar: reproduces the reference's area_km2 to its rounding.
EQUAL_AREA = "+proj=laea +lat_0=20 +lon_0=96 +datum=WGS84 +units=m"
REPAIR_TOLERANCE_SHARE = 0.001  # a repair that changes more area than this has guessed
AREA_RATIO_BOUNDS = (0.5, 2.0)  # against area_km2 of the reference: codes kept, shapes moved
NAMED_AT_MOST = 10

Geometries = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(frozen=True)
class Boundaries:
    """The 330 townships' shapes, from a file or schematic.

    `frame`: `adm3_pcode`, `geometry` (WKB, EPSG:4326), `area_km2`, in reference order. `mirror`: every
    attribute of the file as text with `geometry_wkb` as delivered, file order. `notes`: what was repaired or
    reprojected.
    """

    frame: pl.DataFrame
    mirror: pl.DataFrame
    source: str
    notes: tuple[str, ...]


def read(path: Path, encoding: str | None = None) -> Boundaries:
    """The polygons of a shapefile, GeoPackage, GeoJSON or GeoParquet of exactly the 330.

    Older layers have 349 polygons, and even shared codes moved (Hopang lost four fifths of its area): codes
    and areas are both checked. `encoding` overrides what the file declares. Raises UnusableInput.
    """
    layer = open_layer(path, CODE_COLUMNS, encoding)
    codes = _codes(path, layer.attributes)
    _check_codes(path, codes)
    _check_polygons(path, layer.geometries, codes)
    geometries, projected = _to_wgs84(path, layer)
    geometries, repaired = _repair(path, geometries, codes)
    areas = areas_km2(geometries)
    order = np.argsort(codes)
    frame = boundary_frame(codes[order].tolist(), geometries[order], areas[order])
    _check_areas(path, frame)
    mirror = layer.attributes.with_columns(_wkb_series("geometry_wkb", layer.geometries))
    return Boundaries(frame, mirror, path.name, (*layer.notes, *projected, *repaired))


def boundary_frame(codes: list[str], geometries: Geometries, areas: np.ndarray[Any, Any]) -> pl.DataFrame:
    """`adm3_pcode`, `geometry` (WKB), `area_km2`: the shape of boundaries from anywhere."""
    return pl.DataFrame([pl.Series("adm3_pcode", codes), _wkb_series("geometry", geometries)]).with_columns(
        pl.Series("area_km2", areas)
    )


def areas_km2(geometries: Geometries) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Areas in km2 of polygons in EPSG:4326, on an equal-area projection (`EQUAL_AREA`)."""
    with np.errstate(invalid="ignore"):  # impossible latitudes have no area: nan, which no bound accepts
        return np.asarray(shapely.area(to_metres(geometries)), dtype=np.float64) / 1e6


def to_metres(geometries: Geometries) -> Geometries:
    """Shapes in EPSG:4326 on the equal-area projection, in metres (`EQUAL_AREA`)."""
    return _reproject(geometries, "EPSG:4326", EQUAL_AREA)


def code_column(names: list[str]) -> str:
    """The column of township codes among a layer's columns, however it is spelled. Raises KeyError without one."""
    found = {name.strip().lower(): name for name in reversed(names)}
    known = [name for name in CODE_COLUMNS if name in found]
    return found[known[0] if known else CODE_COLUMNS[0]]


def _codes(path: Path, attributes: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.str_]]:
    try:
        column = code_column(attributes.columns)
    except KeyError:
        found = {name.strip().lower(): name for name in attributes.columns}
        near = difflib.get_close_matches("adm3_pcode", found, 1, 0.0) + difflib.get_close_matches("ts_pcode", found, 1)
        hint = f"nearest: {sorted({found[name] for name in near})}" if near else "there are no columns"
        raise UnusableInput(
            f"{path}: no column of township codes ({', '.join(CODE_COLUMNS)}); {hint}. Rename it."
        ) from None
    cleaned = attributes.select(townships.normalise_pcode(pl.col(column)).fill_null("(no code)"))
    return np.asarray(cleaned.to_series().to_list(), dtype=np.str_)


def _check_codes(path: Path, codes: np.ndarray[Any, np.dtype[np.str_]]) -> None:
    wanted, given = set(townships.codes()), codes.tolist()
    faults = {
        "missing": sorted(wanted - set(given)),
        "not among the 330": sorted(set(given) - wanted),
        "given twice": sorted({code for code in wanted if given.count(code) > 1}),
    }
    if any(faults.values()):
        found = "; ".join(f"{len(which)} {what}: {_named(which)}" for what, which in faults.items() if which)
        raise UnusableInput(
            f"{path}: {len(given)} polygons are not the 330 townships of P-code list 9.3. {found}. "
            "Older layers (349 polygons) will not do: get the current MIMU or COD-AB adm3 layer."
        )


def _check_polygons(path: Path, geometries: Geometries, codes: np.ndarray[Any, np.dtype[np.str_]]) -> None:
    polygonal = np.isin(shapely.get_type_id(geometries), (3, 6)) & ~shapely.is_empty(geometries)
    if not polygonal.all():
        which = sorted(codes[~polygonal].tolist())
        raise UnusableInput(f"{path}: {len(which)} empty or not a polygon: {_named(which)}. {REMEDY}")


def _to_wgs84(path: Path, layer: Layer) -> tuple[Geometries, tuple[str, ...]]:
    """Longitude and latitude on WGS 84; a file that does not say its system is refused, not guessed."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if not layer.crs:
        raise UnusableInput(f"{path}: no coordinate system. Add the .prj, or export it again as EPSG:4326.")
    try:
        crs = CRS.from_user_input(layer.crs)
    except CRSError as error:
        raise UnusableInput(f"{path}: unknown coordinate system ({str(error)[:120]}). Use EPSG:4326.") from error
    if crs.equals("EPSG:4326", ignore_axis_order=True):
        return layer.geometries, ()
    return _reproject(layer.geometries, crs, "EPSG:4326"), (f"{path.name}: reprojected from {crs.name} to EPSG:4326",)


def _reproject(geometries: Geometries, source: Any, target: str) -> Geometries:
    from pyproj import Transformer

    transformer = Transformer.from_crs(source, target, always_xy=True)
    moved: Geometries = shapely.transform(geometries, transformer.transform, interleaved=False)
    return moved


def _repair(
    path: Path, geometries: Geometries, codes: np.ndarray[Any, np.dtype[np.str_]]
) -> tuple[Geometries, tuple[str, ...]]:
    """Self-touching rings mended where that changes next to no area; anything worse is refused."""
    broken = np.flatnonzero(~shapely.is_valid(geometries))
    mended = geometries.copy()
    for index in broken:
        parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(geometries[index])))
        mended[index] = shapely.union_all(parts[shapely.get_type_id(parts) == 3])
    before, after = shapely.area(geometries[broken]), shapely.area(mended[broken])
    fine = (np.abs(after - before) <= REPAIR_TOLERANCE_SHARE * before) & (after > 0)
    if not fine.all():
        which = sorted(codes[broken[~fine]].tolist())
        reasons = shapely.is_valid_reason(geometries[broken[~fine]])[:3].tolist()
        raise UnusableInput(
            f"{path}: {len(which)} invalid geometries cannot be repaired without changing their area: "
            f"{_named(which)} ({reasons}). Mend them in a GIS, or get the layer from its publisher again."
        )
    if not broken.size:
        return mended, ()
    return mended, (
        f"{path.name}: {broken.size} invalid geometries repaired: {_named(sorted(codes[broken].tolist()))}",
    )


def _check_areas(path: Path, frame: pl.DataFrame) -> None:
    expected = townships.reference().select("adm3_pcode", pl.col("area_km2").alias("expected"))
    ratio = pl.col("area_km2") / pl.col("expected")
    fine = (ratio.is_finite() & ratio.is_between(*AREA_RATIO_BOUNDS)).fill_null(False)
    moved = frame.join(expected, on="adm3_pcode", how="left", validate="1:1").filter(~fine)
    if moved.height:
        which = moved["adm3_pcode"].to_list()
        examples = [f"{code} {area:.1f} km2 for {due:.1f}" for code, _, area, due in moved.head(3).iter_rows()]
        raise UnusableInput(
            f"{path}: {moved.height} townships are far from their known area: {_named(which)} "
            f"({'; '.join(examples)}). Codes were kept but shapes moved, or axes are swapped: "
            "get the current layer."
        )


def _named(which: list[str]) -> str:
    return ", ".join(which[:NAMED_AT_MOST]) + (", …" if len(which) > NAMED_AT_MOST else "")


def _wkb_series(name: str, geometries: Geometries) -> pl.Series:
    return pl.Series(name, list(shapely.to_wkb(geometries, byte_order=1)), dtype=pl.Binary)
