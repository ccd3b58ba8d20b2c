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
_SMALL = 10  # units: a township smaller than this gets a ring around it


def locators(townships: pl.DataFrame) -> dict[str, tuple[str, int]]:
    """P-code -> the drawing inside the locator's frame, and the height of that frame.

    Each state is simplified as one coverage at its own scale, so that shared borders stay shared.
    """
    import shapely

    polygons = shapely.transform(shapely.from_wkb(townships["geometry"].to_numpy()), lambda points: points.round(7))
    states = townships["state_region"].to_numpy()
    codes = townships["adm3_pcode"].to_numpy()
    found: dict[str, tuple[str, int]] = {}
    for state in sorted(set(states)):
        own = np.flatnonzero(states == state)
        frame = _frame(polygons[own])
        west, south, east, north = frame.bounds
        rings = _rings(_simplified(polygons[own], max(east - west, north - south) / _SIZE), frame, 3.0)
        paths = [_path(shape) for shape in rings]
        land = f'<path class="land" d="{"".join(paths)}"/>'
        for place, path, shape in zip(own, paths, rings, strict=True):
            points = np.vstack(shape)
            found[str(codes[place])] = (land + f'<path class="here" d="{path}"/>' + _ring(points), frame.height + 2 * _EDGE)
    return found


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
        f'<text class="mark" x="{_SIZE // 2 + _EDGE}" y="{height // 2 + 15 * place}" aria-hidden="true">{escape(word)}</text>'
        for place, word in enumerate(mark.split(" · ") if mark else [])
    )
    return Markup(  # noqa: S704 - paths of our own, words escaped above
        f'<svg class="locator" viewBox="0 0 {_SIZE + 2 * _EDGE} {height}" role="img" {said}>{inside}{marks}</svg>'
    )
