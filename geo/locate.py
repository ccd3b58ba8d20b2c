"""A point to its township: exact, one township per point, whatever the order of points and polygons.
Nothing is guess-fixed: a swapped or impossible coordinate is
named so and placed nowhere.

Which polygon covers a point: exact tests on candidate pairs, and a raster that spares most of them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import shapely

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


CELL_DEGREES = 0.01  # about 1 km: a sixth of the country's cells touch a boundary
OUTSIDE, BOUNDARY = -1, -2
_MARGIN = 1e-9  # degrees; wider than any rounding of an interpolated edge point
_MOST_CELLS = 16_000_000  # a larger area gets larger cells, not more memory


Polygons = np.ndarray[Any, np.dtype[np.object_]]


def lowest_covering(polygons: Polygons, point: Ints, polygon: Ints, lon: Floats, lat: Floats) -> Ints:
    """Of candidate pairs (`point`, `polygon`), the lowest polygon that covers each point, -1 for none.

    Polygons must be prepared. One vectorised test per polygon, highest first, so that the lowest stays.
    """
    found = np.full(lon.size, -1, dtype=np.int64)
    order = np.argsort(polygon, kind="stable")
    point, polygon = point[order], polygon[order]
    starts = np.searchsorted(polygon, np.arange(len(polygons) + 1))
    for number in range(len(polygons) - 1, -1, -1):
        candidates = point[starts[number] : starts[number + 1]]
        if candidates.size:
            covered = shapely.intersects_xy(polygons[number], lon[candidates], lat[candidates])
            found[candidates[covered]] = number
    return found


def lowest_per_point(sorted_points: Ints) -> tuple[Ints, Ints]:
    """Of sorted pairs, the distinct points and the position of each one's first pair."""
    points, first = np.unique(sorted_points, return_index=True)
    return points, first


class GridLookup:
    """Cells of 0.01 degrees: each wholly in one polygon, wholly outside, or listed with its candidates.

    A cell is a boundary cell if any edge of any polygon may touch it. Between two boundary cells of a polygon
    in one row nothing changes, so one exact test per such run tells whether its cells are inside.
    """

    def __init__(self, polygons: Polygons) -> None:
        """Prepared polygons, in the order that decides ties."""
        self._polygons = polygons
        minx, miny, maxx, maxy = shapely.total_bounds(polygons)
        extent = max(maxx - minx, 1e-6) * max(maxy - miny, 1e-6)
        # A tiny extent gets as many cells as a country, a huge one no more than memory allows.
        self._size = max(min(CELL_DEGREES, (extent / 10_000) ** 0.5), (extent / _MOST_CELLS) ** 0.5)
        self._x0, self._y0 = minx - self._size, miny - self._size
        self._columns = int((maxx - self._x0) / self._size) + 2
        self._rows = int((maxy - self._y0) / self._size) + 2
        self._build()

    def covering(self, lon: Floats, lat: Floats) -> Ints:
        """The lowest polygon that covers each point, -1 for none; as `lowest_covering` on all pairs."""
        column, row = self._column(lon), self._row(lat)
        on_grid = (column >= 0) & (column < self._columns) & (row >= 0) & (row < self._rows)
        cell = np.where(on_grid, row * self._columns + column, 0)  # cell 0 lies outside everything
        found = self._owner[cell].astype(np.int64)
        doubtful = np.flatnonzero(found == BOUNDARY)
        cells = cell[doubtful]
        count = self._starts[cells + 1] - self._starts[cells]
        point = np.repeat(np.arange(doubtful.size), count)
        offset = np.arange(point.size) - np.repeat(np.cumsum(count) - count, count)
        polygon = self._candidates[np.repeat(self._starts[cells], count) + offset].astype(np.int64)
        found[doubtful] = lowest_covering(self._polygons, point, polygon, lon[doubtful], lat[doubtful])
        return found

    def _column(self, lon: Floats) -> Ints:
        return _floor((lon - self._x0) / self._size)

    def _row(self, lat: Floats) -> Ints:
        return _floor((lat - self._y0) / self._size)

    def _build(self) -> None:
        cells = self._columns * self._rows
        edge_cell, edge_polygon = self._edge_cells()
        touched = np.zeros(cells, dtype=bool)
        touched[edge_cell] = True
        self._owner = np.full(cells, OUTSIDE, dtype=np.int16)
        pairs_cell, pairs_polygon = [edge_cell], [edge_polygon]
        starts = np.searchsorted(edge_polygon, np.arange(len(self._polygons) + 1))
        for number in range(len(self._polygons) - 1, -1, -1):  # highest first: the lowest paints last
            inner = self._inner_cells(number, edge_cell[starts[number] : starts[number + 1]])
            self._owner[inner] = number
            shared = inner[touched[inner]]
            pairs_cell.append(shared)
            pairs_polygon.append(np.full(shared.size, number))
        self._owner[touched] = BOUNDARY
        cell, polygon = np.concatenate(pairs_cell), np.concatenate(pairs_polygon)
        self._candidates = polygon[np.argsort(cell, kind="stable")].astype(np.int16)
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=cells))])

    def _edge_cells(self) -> tuple[Ints, Ints]:
        """Distinct (cell, polygon) pairs that an edge of the polygon may touch, by polygon, then cell."""
        parts, part_polygon = shapely.get_parts(self._polygons, return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        ring_polygon = part_polygon[ring_part]
        vertices, owner = shapely.get_coordinates(rings, return_index=True)
        joined = owner[1:] == owner[:-1]
        start, end, polygon = vertices[:-1][joined], vertices[1:][joined], ring_polygon[owner[:-1][joined]]
        # Long edges in pieces of at most a cell, or the box around a piece would hold cells far from it.
        pieces = np.maximum(np.ceil(np.abs(end - start).max(axis=1) / self._size), 1).astype(np.int64)
        edge = np.repeat(np.arange(pieces.size), pieces)
        step = np.arange(edge.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        way, per = (end - start)[edge], pieces[edge]
        a = start[edge] + way * (step / per)[:, None]
        b = start[edge] + way * ((step + 1) / per)[:, None]
        low, high = np.minimum(a, b) - _MARGIN, np.maximum(a, b) + _MARGIN
        left, right = self._column(low[:, 0]), self._column(high[:, 0])
        bottom, top = self._row(low[:, 1]), self._row(high[:, 1])
        keys = []
        for dx in range(int((right - left).max()) + 1):
            for dy in range(int((top - bottom).max()) + 1):
                hit = (left + dx <= right) & (bottom + dy <= top)
                cell = (bottom[hit] + dy) * self._columns + left[hit] + dx
                keys.append(polygon[edge[hit]] * (self._columns * self._rows) + cell)
        unique = np.unique(np.concatenate(keys))
        return unique % (self._columns * self._rows), unique // (self._columns * self._rows)

    def _inner_cells(self, number: int, edge_cells: Ints) -> Ints:
        """Cells wholly inside one polygon: runs between its sorted edge cells whose first cell is covered."""
        same_row = edge_cells[1:] // self._columns == edge_cells[:-1] // self._columns
        gap = same_row & (edge_cells[1:] - edge_cells[:-1] > 1)
        first, stop = edge_cells[:-1][gap] + 1, edge_cells[1:][gap]
        lon = self._x0 + (first % self._columns + 0.5) * self._size
        lat = self._y0 + (first // self._columns + 0.5) * self._size
        covered = shapely.intersects_xy(self._polygons[number], lon, lat)
        first, length = first[covered], (stop - first)[covered]
        offset = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        cells: Ints = np.repeat(first, length) + offset
        return cells


def _floor(values: Floats) -> Ints:
    """Cell numbers; far-away points are pulled to the rim of the integers they fit in."""
    cells: Ints = np.floor(np.clip(values, -1e9, 1e9)).astype(np.int64)
    return cells


NEAREST_WITHIN_KM = 5.0  # a village on the coast or the border, whose point falls beside the line
GRID_FROM_POINTS = 50_000  # below this many points, building the look-up grid costs more than it saves
HOW = ("inside", "nearest", "outside", "invalid", "swapped")
# Myanmar's longitudes and latitudes do not overlap, so a swap always shows.
LONGITUDES, LATITUDES = (92.0, 102.0), (9.0, 29.0)


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
