"""Township maps as SVG: one look a class, a legend with counts, insets of Yangon and Mandalay.

A small map of one township within its state or region, drawn once a state and marked once a township.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from markupsafe import escape

from reports.draw.shapes import HEIGHT, WIDTH, Frame, Shapes, _path, _rings, _simplified
from reports.draw.symbology import HOT_SPOTS, PATTERNS, THEMES, WEAK, WITHHELD, Theme
from reports.text.catalogue import Both, say
from reports.text.values import look_words
from reports.text.wording import visible

if TYPE_CHECKING:
    from markupsafe import Markup
    from numpy.typing import NDArray


# Beside the islands of Tanintharyi the full words do not fit.
_SHORT = {"no_new_idps": "no new displacement", WEAK: "insufficient evidence", WITHHELD: "fewer than 10 people"}
_PITCH = 66  # an entry of the legend: its words in English and, below them, in Burmese


def map_css() -> str:
    """Looks of all maps, for the page's style sheet and for a map that stands alone."""
    rules = [
        ".map{font-family:'Noto Sans','Segoe UI',Arial,sans-serif;background:#fff}",
        ".map .t{stroke:#565656;stroke-width:.7;stroke-linejoin:round}",
        ".map .b{fill:none;stroke:#1d1d1d;stroke-width:2.4;stroke-linejoin:round}",
        ".map .f{fill:none;stroke:#333;stroke-width:2}",
        ".map .s{font-size:23px;fill:#111;stroke:#fff;stroke-width:5;paint-order:stroke;stroke-linejoin:round;"
        "text-anchor:middle;pointer-events:none}",
        ".map .h{font-size:40px;font-weight:700;fill:#111}.map .d{font-size:28px;fill:#333}",
        ".map .l{font-size:28px;fill:#111}.map .y{font-size:21px;fill:#333}",
        ".map .w{font-size:74px;font-weight:700;fill:#000;fill-opacity:.15;text-anchor:middle;pointer-events:none}",
        ".map .t use:hover{stroke:#000;stroke-width:3}",
    ]
    rules += [
        f".m-{theme.key} .k-{code}{{fill:{fill}}}" for theme in (*THEMES, HOT_SPOTS) for code, fill in theme.fills
    ]
    return "".join(rules)


def shared_defs(shapes: Shapes) -> str:
    """Every path once; the maps of a page point at them."""
    paths = [f'<path id="p-{escape(code)}" d="{path}"/>' for code, path in shapes.paths.items()]
    for frame, found in shapes.insets:
        paths += [f'<path id="{frame.name[0].lower()}-{escape(code)}" d="{path}"/>' for code, path in found.items()]
    return f'<defs>{PATTERNS}{"".join(paths)}<path id="borders" d="{shapes.borders}"/></defs>'


def _uses(codes: Sequence[str], prefix: str, rows: Mapping[str, Mapping[str, str]], theme: Theme) -> str:
    """One <use> a township, grouped by class, each with a tooltip."""
    groups: dict[str, list[str]] = {code: [] for code, _ in theme.fills}
    for code in codes:
        row = rows[code]
        value = row[theme.column]
        tip = escape(visible(f"{row['adm3_name']} ({code}), {row['state_region']}: {look_words(value).en}"))
        groups.setdefault(value, []).append(f'<use href="#{prefix}-{escape(code)}"><title>{tip}</title></use>')
    return "".join(f'<g class="k-{escape(value)}">{"".join(uses)}</g>' for value, uses in groups.items() if uses)


def _legend(theme: Theme, counts: Mapping[str, int]) -> str:
    lines = []
    top = HEIGHT - _PITCH * len(theme.fills) - 20
    for place, (code, _) in enumerate(theme.fills):
        y = top + _PITCH * place
        burmese = say("fewer than 10").my if code == WITHHELD else look_words(code).my
        words = f"{_SHORT.get(code, look_words(code).en)} ({counts.get(code, 0)})"
        lines.append(
            f'<g class="k-{code}"><rect x="20" y="{y}" width="46" height="32" stroke="#333" stroke-width="1.5"/></g>'
            f'<text class="l" x="80" y="{y + 24}">{escape(words)}</text>'
            f'<text class="y" lang="my" x="80" y="{y + 52}">{escape(burmese)}</text>'
        )
    townships = f'Townships <tspan lang="my">{escape(say("Townships").my)}</tspan>'
    return f'<text class="d" x="20" y="{top - 24}">{townships}</text>' + "".join(lines)


def watermark_over(words: str) -> str:
    """The words of a release's watermark across a whole sheet; nothing where both data and shapes are real."""
    if not words:
        return ""
    texts = "".join(
        f'<text class="w" transform="translate({x} {y}) rotate(-32)">{escape(word)}</text>'
        for word, x, y in zip(
            words.split(" · ") * 3,
            (330, 470, 420, 620, 560, 700),
            (420, 640, 930, 1180, 1500, 1700),
            strict=False,
        )
    )
    return f'<g aria-hidden="true">{texts}</g>'


def draw_map(
    shapes: Shapes,
    rows: Mapping[str, Mapping[str, str]],
    theme: Theme,
    when: str,
    watermark: str,
    *,
    alone: bool = False,
) -> str:
    """One map; `alone` packs paths and looks into it so that it can be opened as a file.

    `rows` holds name, state and the classes by P-code, all filled.
    """
    counts = Counter(row[theme.column] for row in rows.values())
    said = ", ".join(f"{look_words(code).en} {counts.get(code, 0)}" for code, _ in theme.fills)
    warning = f" {watermark}." if watermark else ""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="map m-{theme.key}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{theme.key}-title {theme.key}-desc">',
        f'<title id="{theme.key}-title">{escape(theme.title)}, {escape(when)}.{escape(warning)}</title>',
        f'<desc id="{theme.key}-desc">Map of {len(rows)} townships of Myanmar by class: {escape(said)}.</desc>',
    ]
    if alone:
        parts.append(
            f'<style>{map_css()}</style>{shared_defs(shapes)}<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        )
    parts.append(
        f'<text class="h" x="20" y="52">{escape(theme.title)}</text><text class="d" x="20" y="92">{escape(when)} · '
        f'<tspan lang="my" font-size="23">{escape(say(theme.title).my)}</tspan></text>'
    )
    parts.append(f'<g class="t">{_uses(list(shapes.paths), "p", rows, theme)}</g><use href="#borders" class="b"/>')
    parts += [f'<text class="s" x="{x}" y="{y}">{escape(visible(name))}</text>' for name, x, y in shapes.labels]
    parts += [f'<rect class="f" x="{x}" y="{y}" width="{w}" height="{h}"/>' for x, y, w, h in shapes.marks]
    for frame, found in shapes.insets:
        box = f'x="{frame.x - 6}" y="{frame.y - 6}" width="{frame.width + 12}" height="{frame.height + 12}"'
        middle, below = frame.x + frame.width // 2, frame.y + frame.height + 38
        parts.append(
            f'<rect {box} fill="#fff"/><g class="t">{_uses(list(found), frame.name[0].lower(), rows, theme)}</g>'
            f'<rect class="f" {box}/><text class="s" x="{middle}" y="{below}">{frame.name} (enlarged)</text>'
        )
    parts.append(_legend(theme, counts) + watermark_over(watermark) + "</svg>")
    return "".join(parts)


_SIZE, _EDGE = 180, 5
_COARSE = 3  # units that an outline may be off: it says where, nothing more
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
    said = f'aria-label="{escape(words)}"'
    marks = "".join(
        f'<text class="mark" x="{_SIZE // 2 + _EDGE}" y="{height // 2 + 15 * place}" aria-hidden="true">'
        f"{escape(word)}</text>"
        for place, word in enumerate(mark.split(" · ") if mark else [])
    )
    return Markup(  # noqa: S704 - paths of our own, words escaped above
        f'<svg class="locator" viewBox="0 0 {_SIZE + 2 * _EDGE} {height}" role="img" {said}>{inside}{marks}</svg>'
    )
