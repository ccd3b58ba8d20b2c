"""A point to its township: exact, one township per point, whatever the order of points and polygons.

Not here: reading boundaries (boundaries). Nothing is guess-fixed: a swapped or impossible coordinate is
named so and placed nowhere.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import shapely

from geo.lookup import GridLookup, lowest_covering, lowest_per_point

NEAREST_WITHIN_KM = 5.0  # a village on the coast or the border, whose point falls beside the line
GRID_FROM_POINTS = 50_000  # below this many points, building the look-up grid costs more than it saves
HOW = ("inside", "nearest", "outside", "invalid", "swapped")
# Myanmar's longitudes and latitudes do not overlap, so a swap always shows.
LONGITUDES, LATITUDES = (92.0, 102.0), (9.0, 29.0)

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

_INSIDE, _NEAREST, _OUTSIDE, _INVALID, _SWAPPED = range(len(HOW))
_RADIUS_KM, _ECCENTRICITY = 6378.137, 0.0818191908426215  # WGS 84
_TIE_KM = 1e-6  # distances closer than a millimetre are equal: the same edge computed in two directions


class Locator:
    """Places points in the polygons it was given; the grid behind it is built when first worth it."""

    def __init__(self, codes: Sequence[str], geometries_wkb: Sequence[bytes]) -> None:
        """One WKB polygon in EPSG:4326 per code. Raises ValueError for unequal lengths or repeated codes."""
        if len(codes) != len(geometries_wkb) or len(set(codes)) != len(codes):
            raise ValueError(f"{len(codes)} codes ({len(set(codes))} different) for {len(geometries_wkb)} geometries")
        order = np.argsort(np.asarray(codes, dtype=np.str_))
        self._codes = pl.Series("adm3_pcode", [codes[i] for i in order], dtype=pl.String)
        self._polygons = shapely.from_wkb([geometries_wkb[i] for i in order])
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(self._polygons)
        self._grid: GridLookup | None = None

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "Locator":
        """From a frame with `adm3_pcode` and `geometry` (WKB), such as `Boundaries.frame`."""
        return cls(frame["adm3_pcode"].to_list(), frame["geometry"].to_list())

    def locate(self, lon: Floats, lat: Floats) -> pl.DataFrame:
        """One row per point: `adm3_pcode` (null unless placed), `how` (see `HOW`), `distance_km` (0 inside).

        A point on a shared edge goes to the lowest P-code that covers it. Outside every polygon but within
        5 km it goes to the nearest, the lowest P-code on a tie, with its distance; else distance is null.
        """
        index, how, distance = self.locate_indices(lon, lat)
        how_names = pl.Series("how", HOW, dtype=pl.String).gather(pl.Series(how))
        placed = pl.Series(index).replace(-1, None)
        distances = pl.Series("distance_km", distance).fill_nan(None)
        return pl.DataFrame([self._codes.gather(placed), how_names, distances])

    def locate_indices(self, lon: Floats, lat: Floats) -> tuple[Ints, np.ndarray[Any, np.dtype[np.uint8]], Floats]:
        """`locate` without strings: index in code order (-1: none), index in `HOW`, km (nan: none)."""
        lon, lat = np.ascontiguousarray(lon, dtype=np.float64), np.ascontiguousarray(lat, dtype=np.float64)
        if lon.shape != lat.shape or lon.ndim != 1:
            raise ValueError(f"lon and lat must be two columns of one length, not {lon.shape} and {lat.shape}")
        how = np.full(lon.size, _OUTSIDE, dtype=np.uint8)
        how[_impossible(lon, lat)] = _INVALID
        how[_between(lat, LONGITUDES) & _between(lon, LATITUDES)] = _SWAPPED
        usable = np.flatnonzero(how == _OUTSIDE)
        index = np.full(lon.size, -1, dtype=np.int64)
        index[usable] = self._covering(lon[usable], lat[usable])
        inside = index >= 0
        how[inside] = _INSIDE
        distance = np.where(inside, 0.0, np.nan)
        left = np.flatnonzero(how == _OUTSIDE)
        if left.size:
            index[left], distance[left] = self._nearest(lon[left], lat[left])
            how[left[index[left] >= 0]] = _NEAREST
        return index, how, distance

    def beyond(self, codes: pl.Series, lon: Floats, lat: Floats) -> Floats:
        """Per point its distance in km from the polygon of the code beside it, nan where at most 5 km.

        Nan also for a point that says nothing: missing, impossible, 0/0 or swapped. Far away it is rough: Mercator's
        scale at the point stands for the whole way.
        """
        order = {code: number for number, code in enumerate(self._codes)}
        stated = codes.replace_strict(order, default=-1, return_dtype=pl.Int64).to_numpy()
        index, how, _ = self.locate_indices(lon, lat)
        found = np.full(lon.size, np.nan)
        doubtful = np.flatnonzero((stated >= 0) & (index != stated) & (how != _INVALID) & (how != _SWAPPED))
        if doubtful.size:
            points = shapely.points(_mercator(np.column_stack([lon[doubtful], lat[doubtful]])))
            numbers, which = np.unique(stated[doubtful], return_inverse=True)
            polygons = shapely.transform(self._polygons[numbers], _mercator)
            km = np.round(shapely.distance(polygons[which], points) / _mercator_scale(lat[doubtful]), 1)
            found[doubtful] = np.where(km > NEAREST_WITHIN_KM, km, np.nan)
        return found

    def _covering(self, lon: Floats, lat: Floats) -> Ints:
        """Lowest index of the polygons that cover each point, -1 for none. Both ways give the same answer."""
        if lon.size >= GRID_FROM_POINTS:
            if self._grid is None:
                self._grid = GridLookup(self._polygons)
            return self._grid.covering(lon, lat)
        point, polygon = self._tree.query(shapely.points(lon, lat))
        return lowest_covering(self._polygons, point, polygon, lon, lat)

    def _nearest(self, lon: Floats, lat: Floats) -> tuple[Ints, Floats]:
        """Nearest polygon within 5 km of each point and its distance in km.

        On Mercator, whose scale is the same in all directions, so the nearest there is the nearest on the
        ground; distance is divided by the local scale (error under 3 m at 5 km).
        """
        nearest, distance = np.full(lon.size, -1, dtype=np.int64), np.full(lon.size, np.nan)
        minx, miny, maxx, maxy = shapely.total_bounds(self._polygons)
        close = np.flatnonzero(_between(lon, (minx - 0.1, maxx + 0.1)) & _between(lat, (miny - 0.1, maxy + 0.1)))
        if not close.size:
            return nearest, distance
        points = shapely.points(_mercator(np.column_stack([lon[close], lat[close]])))
        scale = _mercator_scale(lat[close])
        polygons = shapely.transform(self._polygons, _mercator)
        reach = NEAREST_WITHIN_KM * float(scale.max())
        polygon, point = shapely.STRtree(points).query(polygons, predicate="dwithin", distance=reach)
        km = np.round(shapely.distance(polygons[polygon], points[point]) / scale[point] / _TIE_KM) * _TIE_KM
        kept = km <= NEAREST_WITHIN_KM
        polygon, point, km = polygon[kept], point[kept], km[kept]
        order = np.lexsort((polygon, km, point))
        first, which = lowest_per_point(point[order])
        nearest[close[first]], distance[close[first]] = polygon[order][which], km[order][which]
        return nearest, distance


def _between(values: Floats, bounds: tuple[float, float]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return (values >= bounds[0]) & (values <= bounds[1])


def _impossible(lon: Floats, lat: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Missing, infinite, beyond the globe, or 0/0, which stands for "unknown" in many exports."""
    off_globe = ~(_between(lon, (-180.0, 180.0)) & _between(lat, (-90.0, 90.0)))
    return np.asarray(off_globe | ((lon == 0) & (lat == 0)))


def _mercator(lon_lat: Floats) -> Floats:
    """Ellipsoidal Mercator in km at the equator's scale; n x 2 degrees to n x 2 km (Snyder 1987, 7-7)."""
    sine = np.sin(np.radians(lon_lat[:, 1]))
    northing = np.arctanh(sine) - _ECCENTRICITY * np.arctanh(_ECCENTRICITY * sine)
    return np.column_stack([np.radians(lon_lat[:, 0]), northing]) * _RADIUS_KM


def _mercator_scale(lat: Floats) -> Floats:
    """Map km per km on the ground at each latitude (Snyder 1987, 7-8)."""
    sine = np.sin(np.radians(lat))
    return np.asarray(np.sqrt(1 - (_ECCENTRICITY * sine) ** 2) / np.cos(np.radians(lat)), dtype=np.float64)
