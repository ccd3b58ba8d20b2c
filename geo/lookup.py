"""Which polygon covers a point: exact tests on candidate pairs, and a raster that spares most of them.

Polygons are numbered in the order given; the lowest number wins on a shared edge. Not here: coordinates that
make no sense, nearest polygons (assign).
"""

from typing import Any

import numpy as np
import shapely

CELL_DEGREES = 0.01  # about 1 km: a sixth of the country's cells touch a boundary
OUTSIDE, BOUNDARY = -1, -2
_MARGIN = 1e-9  # degrees; wider than any rounding of an interpolated edge point
_MOST_CELLS = 16_000_000  # a larger area gets larger cells, not more memory

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
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
