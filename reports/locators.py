"""A small map of one township within its state or region, drawn once a state and marked once a township.

Simplified for a few kilobytes a page; nothing may be measured on it. Not here: classes and colours (maps.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reports.bilingual import Both
from reports.shapes import Frame, _path, _rings, _simplified

if TYPE_CHECKING:
    from markupsafe import Markup
    from numpy.typing import NDArray

_SIZE, _EDGE = 180, 5
_COARSE = 1.7  # units that an outline may be off: it says where, nothing more
_FAR = 2 / 3  # of the state's extent
_SMALL = 10  # units: a township smaller than this gets a ring around it


def locators(townships: pl.DataFrame) -> dict[str, tuple[str, int]]:
    """P-code -> the drawing inside the locator's frame, and the height of that frame.

    Each state is simplified as one coverage at its own scale, so that shared borders stay shared. An island far off
    (Cocokyun, of Yangon) would make all the others specks: they are drawn without it, and it with them.
    """
    import shapely

    polygons = shapely.transform(shapely.from_wkb(townships["geometry"].to_numpy()), lambda points: points.round(7))
    states, codes = townships["state_region"].to_numpy(), townships["adm3_pcode"].to_numpy()
    found: dict[str, tuple[str, int]] = {}
    for state in sorted(set(states)):
        own = np.flatnonzero(states == state)
        near = _near(shapely.bounds(polygons[own]))
        if not near.all():
            found |= {code: one for code, one in _drawn(polygons[own], codes[own]).items() if code in codes[own[~near]]}
        found |= _drawn(polygons[own[near]], codes[own[near]])
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


def _drawn(shapes: NDArray[np.object_], codes: NDArray[np.object_]) -> dict[str, tuple[str, int]]:
    frame = _frame(shapes)
    west, south, east, north = frame.bounds
    rings = _rings(_simplified(shapes, _COARSE * max(east - west, north - south) / _SIZE), frame, 4.0)
    paths = [_path(shape) for shape in rings]
    land = f'<path class="land" d="{"".join(paths)}"/>'
    return {
        str(code): (f'{land}<path class="here" d="{path}"/>{_ring(np.vstack(shape))}', frame.height + 2 * _EDGE)
        for code, path, shape in zip(codes, paths, rings, strict=True)
    }


def _frame(shapes: NDArray[np.object_]) -> Frame:
    """The state's rectangle at the largest scale that fits, with the width and height it really needs."""
    import shapely

    west, south, east, north = (float(v) for v in shapely.total_bounds(shapes))
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    scale = _SIZE / max((east - west) * squeeze, north - south)
    width, height = round((east - west) * squeeze * scale), round((north - south) * scale)
    return Frame("locator", (west, south, east, north), _EDGE + (_SIZE - width) // 2, _EDGE, width, height)


def _ring(points: NDArray[np.int64]) -> str:
    """A ring around a township too small to be seen."""
    low, high = points.min(axis=0), points.max(axis=0)
    if (high - low).max() >= _SMALL:
        return ""
    x, y = ((low + high) // 2).tolist()
    return f'<circle class="ring" cx="{x}" cy="{y}" r="{_SMALL}"/>'


def draw_locator(drawing: tuple[str, int], words: Both, mark: str) -> Markup:
    """The locator with its name for a screen reader and the release's watermark across."""
    from markupsafe import Markup, escape

    inside, height = drawing
    said = f'aria-label="{escape(words.en)}" data-my-aria-label="{escape(words.my)}"'
    marks = "".join(
        f'<text class="mark" x="{_SIZE // 2 + _EDGE}" y="{height // 2 + 15 * place}" aria-hidden="true">'
        f"{escape(word)}</text>"
        for place, word in enumerate(mark.split(" · ") if mark else [])
    )
    return Markup(  # noqa: S704 - paths of our own, words escaped above
        f'<svg class="locator" viewBox="0 0 {_SIZE + 2 * _EDGE} {height}" role="img" {said}>{inside}{marks}</svg>'
    )
