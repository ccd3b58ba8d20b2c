"""Township polygons as short SVG paths: simplified together, on a whole-number grid, with two city insets.

The country, each state or region with what lies around it, what lies in one rectangle, and each township within its
state. Neighbours are simplified as one coverage so that shared borders stay shared. The shapes are for looking at;
geo/ holds the full outlines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reports.draw.projection import (
    HEIGHT,
    MANDALAY,
    TITLE_HEIGHT,
    WIDTH,
    YANGON,
    Frame,
    as_path,
    fitted,
    grid_rings,
    polygons_of,
    simplified,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MARGIN = 15
_LARGEST_TEXT = 350_000  # characters of all main paths together: the page must load on a slow line
_FIRST_TOLERANCE = 0.012  # degrees, a little over one unit of the grid
_INSET_TOLERANCE = 0.0008


_REGION = 560  # the longer side of a state's map in units; one unit is simplified to about a pixel and a half
_AROUND = 0.05  # of the longer side, shown of the neighbours
_GAP = 26
_FINE = 0.002  # degrees: the whole country once, before each state is simplified to its own scale
_INSETS = {"Yangon": YANGON, "Mandalay": MANDALAY}  # townships there are smaller than a dot
_LOCATOR, _EDGE = 180, 5
LOCATOR_WIDTH = _LOCATOR + 2 * _EDGE
_COARSE = 3  # units that an outline may be off: it says where, nothing more
_FAR = 2 / 3  # of the state's extent
_SMALL = 10  # units: a township smaller than this gets a ring around it


@dataclass(frozen=True)
class Shapes:
    """Paths by P-code on a sheet of `width` by `height`, and what else is drawn of them.

    `borders` is one path of the lines between states and regions, `around` one of the neighbours of a state; `labels`
    are (name, x, y). An inset leaves `rim` units free up to its line.
    """

    paths: dict[str, str]
    borders: str
    labels: tuple[tuple[str, int, int], ...]
    insets: tuple[tuple[Frame, dict[str, str]], ...]
    marks: tuple[tuple[int, int, int, int], ...]  # where each inset lies on the main map: x, y, width, height
    width: int = WIDTH
    height: int = HEIGHT
    around: str = ""
    rim: int = 6


@dataclass(frozen=True)
class Located:
    """A township within its state on a sheet of `height`: both as paths, and the middle of one too small to be seen."""

    state: str
    land: str
    here: str
    ring: tuple[int, int] | None
    height: int


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


def _clipped(
    shapes: NDArray[np.object_], codes: list[str], frame: Frame, tolerance: float = _INSET_TOLERANCE
) -> dict[str, str]:
    """P-code -> path of what lies inside the frame, simplified to its scale; one outside it has no path."""
    import shapely

    cut = shapely.clip_by_rect(shapes, *frame.bounds)
    inside = np.flatnonzero(shapely.area(cut) > 0)
    if not len(inside):
        return {}
    simple = simplified(cut[inside], tolerance)
    return {codes[i]: as_path(rings) for i, rings in zip(inside, grid_rings(simple, frame, 2.0), strict=True)}


def excerpt(townships: pl.DataFrame, frame: Frame) -> dict[str, tuple[str, tuple[int, int]]]:
    """Path, and a place for a label, of each township that reaches into the frame; neighbours keep common borders."""
    import shapely

    polygons = polygons_of(townships["geometry"].to_numpy())
    west, south, east, north = frame.bounds
    near = np.flatnonzero(shapely.intersects(polygons, shapely.box(west, south, east, north)))
    if not len(near):
        return {}
    codes = townships["adm3_pcode"].to_list()
    cut = shapely.clip_by_rect(simplified(polygons[near], (east - west) / frame.width), *frame.bounds)
    kept = np.flatnonzero(shapely.area(cut) > 0)
    middles = shapely.get_coordinates(shapely.point_on_surface(cut[kept]))
    labels = [(int(x), int(y)) for x, y in frame.project(middles)]
    paths = [as_path(rings) for rings in grid_rings(cut[kept], frame, 2.0)]
    return {codes[near[i]]: (path, label) for i, path, label in zip(kept, paths, labels, strict=True)}


def make_shapes(townships: pl.DataFrame) -> Shapes:
    """Paths of all townships and both insets; coarser until the text is short enough for a page."""
    names = ("adm3_pcode", "state_region", "geometry")
    return _made(*(tuple(townships[name].to_list()) for name in names))


@lru_cache(maxsize=1)
def _made(pcodes: tuple[str, ...], regions: tuple[str, ...], outlines: tuple[bytes, ...]) -> Shapes:
    """The shapes, kept: the pages and the brief of one release draw the same ones, and they take a second."""
    import shapely

    polygons = polygons_of(np.array(outlines, dtype=object))
    codes, states = list(pcodes), list(regions)
    west, south, east, north = (float(v) for v in shapely.total_bounds(polygons))
    height = HEIGHT - TITLE_HEIGHT - _MARGIN
    main = Frame("Myanmar", (west, south, east, north), _MARGIN, TITLE_HEIGHT, WIDTH - 2 * _MARGIN, height)
    tolerance = _FIRST_TOLERANCE
    while True:
        simple = simplified(polygons, tolerance)
        rings = grid_rings(simple, main, 2.0)
        paths = {code: as_path(own) for code, own in zip(codes, rings, strict=True)}
        if sum(len(path) for path in paths.values()) < _LARGEST_TEXT:
            break
        tolerance *= 1.6
    insets, marks = [], []
    for frame in (YANGON, MANDALAY):
        found = _clipped(polygons, codes, frame)
        if found:
            insets.append((frame, found))
            marks.append(main.place_of(frame))
    return Shapes(paths, _borders(rings, states), _labels(simple, states, main), tuple(insets), tuple(marks))


def region_shapes(townships: pl.DataFrame) -> dict[str, Shapes]:
    """State or region -> its shapes; `townships` holds adm3_pcode, state_region and geometry."""
    return dict(_regions(*(tuple(townships[name].to_list()) for name in ("adm3_pcode", "state_region", "geometry"))))


@lru_cache(maxsize=1)
def _regions(
    pcodes: tuple[str, ...], regions: tuple[str, ...], outlines: tuple[bytes, ...]
) -> tuple[tuple[str, Shapes], ...]:
    """The shapes, kept: pages and pictures of one release draw the same ones."""
    polygons = simplified(polygons_of(np.array(outlines, dtype=object)), _FINE)
    codes, states = np.array(pcodes), np.array(regions)
    return tuple((name, _region(polygons, codes, states == name, name)) for name in sorted(set(regions)))


def _region(polygons: NDArray[np.object_], codes: NDArray[np.str_], own: NDArray[np.bool_], name: str) -> Shapes:
    """One state or region, with its city below it where there is one."""
    import shapely

    frame = fitted("region", shapely.total_bounds(polygons[own]), _REGION, _AROUND)
    tolerance = 1.2 * (frame.bounds[3] - frame.bounds[1]) / max(frame.height, 1)
    near = shapely.intersects(polygons, shapely.box(*frame.bounds))
    found = _clipped(polygons[near], codes[near].tolist(), frame, tolerance)
    mine = set(codes[own].tolist())
    around = "".join(path for code, path in found.items() if code not in mine)
    paths = {code: path for code, path in found.items() if code in mine}
    alone = Shapes(paths, "", (), (), (), frame.width, frame.height, around, rim=0)
    if name not in _INSETS:
        return alone
    city = _INSETS[name]
    width = min(frame.width, 420)
    tall = round(width * city.height / city.width)
    inset = replace(city, x=(frame.width - width) // 2, y=frame.height + _GAP, width=width, height=tall)
    inside = _clipped(polygons[own], codes[own].tolist(), inset, tolerance / 6)
    return replace(
        alone, insets=((inset, inside),), marks=(frame.place_of(city),), height=frame.height + _GAP + tall + 2
    )


def locators(townships: pl.DataFrame) -> dict[str, Located]:
    """P-code -> the township within its state; `townships` holds adm3_pcode, state_region and geometry.

    Each state is simplified as one coverage at its own scale, so that shared borders stay shared. An island far off
    (Cocokyun, of Yangon) would make all the others specks: they are drawn without it, and it with them.
    """
    return dict(_locators(*(tuple(townships[name].to_list()) for name in ("adm3_pcode", "state_region", "geometry"))))


@lru_cache(maxsize=1)
def _locators(pcodes: tuple[str, ...], regions: tuple[str, ...], outlines: tuple[bytes, ...]) -> dict[str, Located]:
    """The townships within their states, kept: the pages name the drawings that are written beside them."""
    import shapely

    polygons = polygons_of(np.array(outlines, dtype=object))
    states, codes = np.array(regions), np.array(pcodes, dtype=object)
    found: dict[str, Located] = {}
    for state in sorted(set(regions)):
        own = np.flatnonzero(states == state)
        near = _near(shapely.bounds(polygons[own]))
        if not near.all():
            whole = _located(state, polygons[own], codes[own])
            found |= {code: one for code, one in whole.items() if code in codes[own[~near]]}
        found |= _located(state, polygons[own[near]], codes[own[near]])
    return found


def _near(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which townships lie with the others: without one that does not, the state is smaller by a third or more."""

    def extent(kept: NDArray[np.bool_]) -> float:
        return float((boxes[kept, 2:].max(axis=0) - boxes[kept, :2].min(axis=0)).max())

    near = np.ones(len(boxes), dtype=bool)
    if len(boxes) < 3:
        return near
    whole = extent(near)
    for place in range(len(boxes)):
        others = np.arange(len(boxes)) != place
        near[place] = extent(others) > whole * _FAR
    return near


def _located(state: str, shapes: NDArray[np.object_], codes: NDArray[np.object_]) -> dict[str, Located]:
    import shapely

    frame = fitted("locator", shapely.total_bounds(shapes), _LOCATOR)
    frame = replace(frame, x=_EDGE + (_LOCATOR - frame.width) // 2, y=_EDGE)
    west, south, east, north = frame.bounds
    rings = grid_rings(simplified(shapes, _COARSE * max(east - west, north - south) / _LOCATOR), frame, 4.0)
    paths = [as_path(shape) for shape in rings]
    land = "".join(paths)
    return {
        str(code): Located(state, land, path, _middle(np.vstack(shape)), frame.height + 2 * _EDGE)
        for code, path, shape in zip(codes, paths, rings, strict=True)
    }


def _middle(points: NDArray[np.int64]) -> tuple[int, int] | None:
    """The middle of a township too small to be seen, None of a larger one."""
    low, high = points.min(axis=0), points.max(axis=0)
    if (high - low).max() >= _SMALL:
        return None
    x, y = ((low + high) // 2).tolist()
    return x, y
