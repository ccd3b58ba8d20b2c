"""Township polygons as short SVG paths: simplified together, on a whole-number grid, with two city insets.

Neighbours are simplified as one coverage so that shared borders stay shared. The shapes are for looking at; geo/
holds the full outlines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, HEIGHT = 1000, 1930
TITLE_HEIGHT = 105  # kept free for the title, which would lie on Kachin otherwise
_MARGIN = 15
_LARGEST_TEXT = 350_000  # characters of all main paths together: the page must load on a slow line
_FIRST_TOLERANCE = 0.012  # degrees, a little over one unit of the grid
_INSET_TOLERANCE = 0.0008
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


# The townships of both cities are smaller than a dot at the scale of the country.
YANGON = Frame("Yangon", (96.04, 16.72, 96.30, 16.99), 655, 1005, 330, 358)
MANDALAY = Frame("Mandalay", (96.01, 21.83, 96.19, 22.03), 705, 1435, 280, 335)


@dataclass(frozen=True)
class Shapes:
    """Paths by P-code; `borders` is one path of the lines between states and regions."""

    paths: dict[str, str]
    borders: str
    labels: tuple[tuple[str, int, int], ...]
    insets: tuple[tuple[Frame, dict[str, str]], ...]
    marks: tuple[tuple[int, int, int, int], ...]  # where each inset lies on the main map: x, y, width, height


def _path(rings: Sequence[NDArray[np.int64]]) -> str:
    """Relative moves from ring to ring; a township too small for the grid becomes a dot of one unit."""
    parts = []
    for ring in rings:
        steps = np.diff(ring[:-1], axis=0).ravel().tolist()
        text = "".join(f" {step}" if step >= 0 else str(step) for step in steps).lstrip()
        parts.append(f"M{ring[0, 0]} {ring[0, 1]}l{text}z")
    return "".join(parts)


def _rings(shapes: NDArray[np.object_], frame: Frame, smallest: float) -> list[list[NDArray[np.int64]]]:
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


def _borders(rings: list[list[NDArray[np.int64]]], states: Sequence[str]) -> str:
    """The edges that townships of two states share, chained into lines.

    An edge stands twice, once in each neighbour; where both lie in one state it is no border. Edges of one
    owner only are coast, frontier or a place where the source's polygons do not meet: the fill shows those.
    """
    import shapely

    ids = {state: number for number, state in enumerate(sorted(set(states)))}
    edges = np.vstack([np.column_stack([r[:-1], r[1:], np.full(len(r) - 1, ids[state])])
                       for own, state in zip(rings, states, strict=True) for r in own])  # fmt: skip
    turned = (edges[:, 0] > edges[:, 2]) | ((edges[:, 0] == edges[:, 2]) & (edges[:, 1] > edges[:, 3]))
    edges[turned] = edges[turned][:, [2, 3, 0, 1, 4]]
    edges = edges[np.lexsort(edges.T)]
    edges = edges[np.lexsort(edges[:, :4].T)]
    same = (edges[1:, :4] == edges[:-1, :4]).all(axis=1) & (edges[1:, 4] != edges[:-1, 4])
    shared = edges[1:][same][:, :4]
    if not len(shared):
        return ""
    merged = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(shared.reshape(-1, 2, 2))))
    parts = []
    for chain in shapely.get_parts(merged):
        points = shapely.get_coordinates(chain).astype(np.int64)
        steps = np.diff(points, axis=0).ravel().tolist()
        parts.append(
            f"M{points[0, 0]} {points[0, 1]}l" + "".join(f" {s}" if s >= 0 else str(s) for s in steps).lstrip()
        )
    return "".join(parts)


def _labels(shapes: NDArray[np.object_], states: Sequence[str], frame: Frame) -> tuple[tuple[str, int, int], ...]:
    """One name a state or region, at the area-weighted middle of its townships."""
    import shapely

    middle, weight = shapely.get_coordinates(shapely.centroid(shapes)), shapely.area(shapes)
    labels = []
    for state in sorted(set(states)):
        own = np.array([s == state for s in states]) & (weight > 0)
        if own.any():
            x, y = frame.project(np.average(middle[own], axis=0, weights=weight[own])[None, :])[0]
            labels.append((state, int(x), int(y)))
    return _apart(labels)


def _apart(labels: list[tuple[str, int, int]]) -> tuple[tuple[str, int, int], ...]:
    """Labels from north to south, each moved down until it lies on none before it."""
    placed: list[tuple[str, int, int]] = []
    for name, x, y in sorted(labels, key=lambda label: (label[2], label[0])):
        down = y
        while any(abs(down - v) < 26 and abs(x - u) < 6.5 * (len(name) + len(other)) for other, u, v in placed):
            down += 4
        placed.append((name, x, down))
    return tuple(placed)


def _simplified(shapes: NDArray[np.object_], tolerance: float) -> NDArray[np.object_]:
    """Simplified as one coverage; each by itself where a degenerate ring makes that impossible."""
    import shapely

    try:
        return np.asarray(shapely.coverage_simplify(shapes, tolerance))
    except shapely.errors.GEOSException:
        return np.asarray(shapely.simplify(shapes, tolerance))


def prepared(townships: pl.DataFrame, tolerance: float) -> NDArray[np.object_]:
    """The townships' polygons in their order, made to meet and simplified as one coverage."""
    import shapely

    polygons = shapely.from_wkb(townships["geometry"].to_numpy())
    return _simplified(shapely.transform(polygons, lambda points: points.round(_DECIMALS)), tolerance)


def clipped_paths(shapes: NDArray[np.object_], codes: list[str], frame: Frame, tolerance: float) -> dict[str, str]:
    """P-code -> path of what lies inside the frame, simplified to its scale; one outside it has no path."""
    return _inset(shapes, codes, frame, tolerance)


def _inset(
    shapes: NDArray[np.object_], codes: list[str], frame: Frame, tolerance: float = _INSET_TOLERANCE
) -> dict[str, str]:
    import shapely

    cut = shapely.clip_by_rect(shapes, *frame.bounds)
    inside = np.flatnonzero(shapely.area(cut) > 0)
    if not len(inside):
        return {}
    simple = _simplified(cut[inside], tolerance)
    return {codes[i]: _path(rings) for i, rings in zip(inside, _rings(simple, frame, 2.0), strict=True)}


def excerpt(townships: pl.DataFrame, frame: Frame) -> dict[str, tuple[str, tuple[int, int]]]:
    """Path, and a place for a label, of each township that reaches into the frame; neighbours keep common borders."""
    import shapely

    polygons = shapely.transform(
        shapely.from_wkb(townships["geometry"].to_numpy()), lambda points: points.round(_DECIMALS)
    )
    west, south, east, north = frame.bounds
    near = np.flatnonzero(shapely.intersects(polygons, shapely.box(west, south, east, north)))
    if not len(near):
        return {}
    codes = townships["adm3_pcode"].to_list()
    cut = shapely.clip_by_rect(_simplified(polygons[near], (east - west) / frame.width), *frame.bounds)
    kept = np.flatnonzero(shapely.area(cut) > 0)
    middles = shapely.get_coordinates(shapely.point_on_surface(cut[kept]))
    labels = [(int(x), int(y)) for x, y in frame.project(middles)]
    paths = [_path(rings) for rings in _rings(cut[kept], frame, 2.0)]
    return {codes[near[i]]: (path, label) for i, path, label in zip(kept, paths, labels, strict=True)}


def make_shapes(townships: pl.DataFrame) -> Shapes:
    """Paths of all townships and both insets; coarser until the text is short enough for a page."""
    names = ("adm3_pcode", "state_region", "geometry")
    return _made(*(tuple(townships[name].to_list()) for name in names))


@lru_cache(maxsize=1)
def _made(pcodes: tuple[str, ...], regions: tuple[str, ...], outlines: tuple[bytes, ...]) -> Shapes:
    """The shapes, kept: the pages and the brief of one release draw the same ones, and they take a second."""
    import shapely

    polygons = shapely.transform(
        shapely.from_wkb(np.array(outlines, dtype=object)), lambda points: points.round(_DECIMALS)
    )
    codes, states = list(pcodes), list(regions)
    west, south, east, north = (float(v) for v in shapely.total_bounds(polygons))
    height = HEIGHT - TITLE_HEIGHT - _MARGIN
    main = Frame("Myanmar", (west, south, east, north), _MARGIN, TITLE_HEIGHT, WIDTH - 2 * _MARGIN, height)
    tolerance = _FIRST_TOLERANCE
    while True:
        simple = _simplified(polygons, tolerance)
        rings = _rings(simple, main, 2.0)
        paths = {code: _path(own) for code, own in zip(codes, rings, strict=True)}
        if sum(len(path) for path in paths.values()) < _LARGEST_TEXT:
            break
        tolerance *= 1.6
    insets, marks = [], []
    for frame in (YANGON, MANDALAY):
        found = _inset(polygons, codes, frame)
        if found:
            insets.append((frame, found))
            corners = main.project(np.array([[frame.bounds[0], frame.bounds[3]], [frame.bounds[2], frame.bounds[1]]]))
            (left, top), (right, bottom) = corners.tolist()
            marks.append((left, top, right - left, bottom - top))
    return Shapes(paths, _borders(rings, states), _labels(simple, states, main), tuple(insets), tuple(marks))
