"""From longitude and latitude to the whole units of a drawing: extents, rings and paths.

Equirectangular, true at the middle of what is drawn. Neighbours are simplified as one coverage so that shared borders
stay shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, HEIGHT = 1000, 1930  # of the country
TITLE_HEIGHT = 105  # kept free for the title, which would lie on Kachin otherwise
_DECIMALS = 7  # neighbours in the 1:250,000 file differ by billionths of a degree; a centimetre makes them meet


@dataclass(frozen=True)
class Frame:
    """A rectangle of longitude and latitude drawn at a place on the sheet."""

    name: str
    bounds: tuple[float, float, float, float]
    x: int
    y: int
    width: int
    height: int

    def project(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Equirectangular, true at the frame's middle latitude; whole units, y downwards."""
        west, south, east, north = self.bounds
        squeeze = np.cos(np.radians((south + north) / 2))
        scale = min(self.width / ((east - west) * squeeze), self.height / (north - south))
        x = self.x + (points[:, 0] - west) * squeeze * scale
        y = self.y + (north - points[:, 1]) * scale
        grid: NDArray[np.int64] = np.rint(np.column_stack([x, y])).astype(np.int64)
        return grid

    def place_of(self, other: Frame) -> tuple[int, int, int, int]:
        """Where another frame's rectangle lies in this one: x, y, width, height in units."""
        west, south, east, north = other.bounds
        (left, top), (right, bottom) = self.project(np.array([[west, north], [east, south]])).tolist()
        return left, top, right - left, bottom - top


# The townships of both cities are smaller than a dot at the scale of the country.
YANGON = Frame("Yangon", (96.04, 16.72, 96.30, 16.99), 655, 1005, 330, 358)
MANDALAY = Frame("Mandalay", (96.01, 21.83, 96.19, 22.03), 705, 1435, 280, 335)


def fitted(name: str, bounds: Sequence[float], side: int, margin: float = 0.0) -> Frame:
    """The frame around the bounds whose longer side has `side` units, with a margin as a share of that side."""
    west, south, east, north = (float(value) for value in bounds)
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    pad = margin * max((east - west) * squeeze, north - south)
    west, east, south, north = west - pad / squeeze, east + pad / squeeze, south - pad, north + pad
    wide, tall = (east - west) * squeeze, north - south
    scale = side / max(wide, tall)
    return Frame(name, (west, south, east, north), 0, 0, round(wide * scale), round(tall * scale))


def filled(name: str, bounds: Sequence[float], width: int, heights: tuple[int, int], margin: float) -> Frame:
    """The frame of a given width around the bounds, as tall as they need within the two heights.

    `margin` is a share of the longer side in degrees. What the drawing has to spare shows the country around, it is
    not left white.
    """
    west, south, east, north = (float(value) for value in bounds)
    pad = margin * max(east - west, north - south)
    west, south, east, north = west - pad, south - pad, east + pad, north + pad
    squeeze = cos(radians((south + north) / 2))
    ratio = (north - south) / ((east - west) * squeeze)
    height = max(heights[0], min(heights[1], round(width * ratio)))
    if ratio > height / width:
        more = (north - south) * width / height / squeeze - (east - west)
        west, east = west - more / 2, east + more / 2
    elif ratio < height / width:
        more = (east - west) * squeeze * height / width - (north - south)
        south, north = south - more / 2, north + more / 2
    return Frame(name, (west, south, east, north), 0, 0, width, height)


def as_path(rings: Sequence[NDArray[np.int64]]) -> str:
    """Relative moves from ring to ring; a township too small for the grid becomes a dot of one unit."""
    parts = []
    for ring in rings:
        steps = np.diff(ring[:-1], axis=0).ravel().tolist()
        text = "".join(f" {step}" if step >= 0 else str(step) for step in steps).lstrip()
        parts.append(f"M{ring[0, 0]} {ring[0, 1]}l{text}z")
    return "".join(parts)


def grid_rings(shapes: NDArray[np.object_], frame: Frame, smallest: float) -> list[list[NDArray[np.int64]]]:
    """Rings of each shape on the grid, islands and holes below `smallest` square units left out.

    The largest ring of a township always stays, at worst as a square of one unit.
    """
    import shapely

    parts, owner = shapely.get_parts(shapes, return_index=True)
    lines, part = shapely.get_rings(parts, return_index=True)
    points, line = shapely.get_coordinates(lines, return_index=True)
    grid = frame.project(points)
    kept = np.ones(len(grid), dtype=bool)
    kept[1:] = (grid[1:] != grid[:-1]).any(axis=1) | (line[1:] != line[:-1])
    grid, line = grid[kept], line[kept]
    starts = np.searchsorted(line, np.arange(len(lines) + 1))
    found: list[list[tuple[float, NDArray[np.int64]]]] = [[] for _ in range(len(shapes))]
    for number in range(len(lines)):
        ring = grid[starts[number] : starts[number + 1]]
        x, y = ring[:, 0], ring[:, 1]
        area = abs(float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))) / 2
        if len(ring) < 4 or area == 0:
            ring, area = ring[0] + np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]), 0.0
        found[owner[part[number]]].append((area, ring))
    kept_rings = []
    for rings in found:
        largest = max((area for area, _ in rings), default=0.0)
        big = [ring for area, ring in rings if area >= smallest]
        kept_rings.append(big or [ring for area, ring in rings if area == largest][:1])
    return kept_rings


def polygons_of(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Polygons from WKB, made to meet."""
    import shapely

    return np.asarray(shapely.transform(shapely.from_wkb(geometry), lambda points: points.round(_DECIMALS)))


def simplified(shapes: NDArray[np.object_], tolerance: float) -> NDArray[np.object_]:
    """Simplified as one coverage; each by itself where a degenerate ring makes that impossible."""
    import shapely

    try:
        return np.asarray(shapely.coverage_simplify(shapes, tolerance))
    except shapely.errors.GEOSException:
        return np.asarray(shapely.simplify(shapes, tolerance))
