"""Small maps of one state or region: its townships by class, what lies around it pale, each township a link.

The looks of the classes are those of the national maps (maps.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from markupsafe import escape

from reports.draw.shapes import MANDALAY, YANGON, Frame, clipped_paths, prepared
from reports.draw.symbology import PATTERNS, Theme
from reports.site.townships import TownshipRow
from reports.text.catalogue import Both, say
from reports.text.values import look_words
from reports.text.wording import visible

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIDE = 560  # the longer side of a map in units; one unit is simplified to about a pixel and a half
_MARGIN = 0.05  # of the longer side, shown of the neighbours
_GAP = 26
_FINE = 0.002  # degrees: the whole country once, before each unit is simplified to its own scale
_INSETS = {"Yangon": YANGON, "Mandalay": MANDALAY}  # townships there are smaller than a dot


@dataclass(frozen=True)
class RegionShapes:
    """Paths by P-code on a sheet of `width` by `height`; `around` is one path of all neighbours."""

    width: int
    height: int
    paths: dict[str, str]
    around: str
    inset: tuple[Frame, dict[str, str]] | None
    mark: tuple[int, int, int, int] | None  # where the inset lies on the map


def region_shapes(townships: pl.DataFrame) -> dict[str, RegionShapes]:
    """State or region -> its shapes; `townships` holds adm3_pcode, state_region and geometry."""
    polygons = prepared(townships, _FINE)
    codes = np.array(townships["adm3_pcode"].to_list())
    states = np.array(townships["state_region"].to_list())
    return {name: _one(polygons, codes, states == name, name) for name in sorted(set(states.tolist()))}


def _frame(bounds: Sequence[float]) -> Frame:
    """The unit's own bounds with a margin, the longer side of the sheet filled."""
    west, south, east, north = (float(value) for value in bounds)
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    pad = _MARGIN * max((east - west) * squeeze, north - south)
    west, east, south, north = west - pad / squeeze, east + pad / squeeze, south - pad, north + pad
    wide, tall = (east - west) * squeeze, north - south
    scale = _SIDE / max(wide, tall)
    return Frame("region", (west, south, east, north), 0, 0, round(wide * scale), round(tall * scale))


def _one(polygons: NDArray[np.object_], codes: NDArray[np.str_], own: NDArray[np.bool_], name: str) -> RegionShapes:
    import shapely

    frame = _frame(shapely.total_bounds(polygons[own]))
    tolerance = 1.2 * (frame.bounds[3] - frame.bounds[1]) / max(frame.height, 1)
    near = shapely.intersects(polygons, shapely.box(*frame.bounds))
    found = clipped_paths(polygons[near], codes[near].tolist(), frame, tolerance)
    mine = set(codes[own].tolist())
    around = "".join(path for code, path in found.items() if code not in mine)
    paths = {code: path for code, path in found.items() if code in mine}
    if name not in _INSETS:
        return RegionShapes(frame.width, frame.height, paths, around, None, None)
    city = _INSETS[name]
    width = min(frame.width, 420)
    tall = round(width * city.height / city.width)
    inset = Frame(city.name, city.bounds, (frame.width - width) // 2, frame.height + _GAP, width, tall)
    inside = clipped_paths(polygons[own], codes[own].tolist(), inset, tolerance / 6)
    corners = frame.project(np.array([[city.bounds[0], city.bounds[3]], [city.bounds[2], city.bounds[1]]]))
    (left, top), (right, bottom) = corners.tolist()
    return RegionShapes(
        frame.width, frame.height + _GAP + tall + 2, paths, around, (inset, inside),
        (left, top, right - left, bottom - top),
    )  # fmt: skip


def shared_paths(shapes: RegionShapes) -> str:
    """Every path once; the maps of the page point at them."""
    paths = [f'<path id="p-{escape(code)}" d="{path}"/>' for code, path in shapes.paths.items()]
    if shapes.inset:
        paths += [f'<path id="i-{escape(code)}" d="{path}"/>' for code, path in shapes.inset[1].items()]
    return f'<defs>{PATTERNS}{"".join(paths)}<path id="around" d="{shapes.around}"/></defs>'


def theme_words(theme: Theme) -> Both:
    return say("Control, as recorded") if theme.key == "control" else say(theme.title)


def draw_region(
    shapes: RegionShapes, rows: Mapping[str, TownshipRow], theme: Theme, place: Both, watermark: str
) -> str:
    """One map by `theme`. Its links are left out of the order of the tab key: the table below holds the same ones."""
    title = theme_words(theme)
    parts = [
        f'<svg class="map region m-{theme.key}" viewBox="0 0 {shapes.width} {shapes.height}" role="group" '
        f'aria-label="{escape(say("{map}, {place}", map=title, place=place))}"><use href="#around" class="around"/>',
        _links(shapes.paths, "p", rows, theme, shapes.inset[1] if shapes.inset else ()),
    ]
    if shapes.inset and shapes.mark:
        frame, inside = shapes.inset
        x, y, width, height = shapes.mark
        box = f'x="{frame.x}" y="{frame.y}" width="{frame.width}" height="{frame.height}"'
        name = say("{name} (enlarged)", name=frame.name)
        parts.append(
            f'<rect class="f" x="{x}" y="{y}" width="{width}" height="{height}"/><rect {box} fill="#fff"/>'
            f'{_links(inside, "i", rows, theme)}<rect class="f" {box}/>'
            f'<text class="e" x="{frame.x}" y="{frame.y - 7}">{escape(name)}</text>'
        )
    return "".join(parts) + _across(watermark, shapes) + "</svg>"


def _links(
    paths: Mapping[str, str], prefix: str, rows: Mapping[str, TownshipRow], theme: Theme, bare: Collection[str] = ()
) -> str:
    """One link a township, by class; its words are in both scripts, as readers of either page look it up.

    Townships of `bare` are drawn only: they are linked where they are drawn larger.
    """
    groups: dict[str, list[str]] = {}
    for code in paths:
        row = rows[code]
        look = row.classes[theme.column]
        if code in bare:
            groups.setdefault(look, []).append(f'<use href="#{prefix}-{escape(code)}"/>')
            continue
        word = look_words(look)
        tip = escape(visible(f"{row.name} {row.name_my}: ")) + escape(word)
        groups.setdefault(look, []).append(
            f'<a href="../townships/{escape(code)}.html" tabindex="-1"><title>{tip}</title>'
            f'<use href="#{prefix}-{escape(code)}"/></a>'
        )
    return "".join(f'<g class="t k-{escape(look)}">{"".join(links)}</g>' for look, links in sorted(groups.items()))


def _across(words: str, shapes: RegionShapes) -> str:
    """The watermark, word by word down the sheet."""
    if not words:
        return ""
    marks = words.split(" · ")
    size = max(round(shapes.width / 15), 16)
    step = shapes.height / (2 * len(marks) + 1)
    texts = "".join(
        f'<text class="v" font-size="{size}" transform="translate({shapes.width // 2} {round(step * (place + 1))}) '
        f'rotate(-24)">{escape(marks[place % len(marks)])}</text>'
        for place in range(2 * len(marks))
    )
    return f'<g aria-hidden="true">{texts}</g>'
