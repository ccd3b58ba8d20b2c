"""The drawings of the national brief as shapes without words: the maps' classes and the lines over the months.

Words lie over a drawing as text of the PDF (brief.typ), where Burmese is shaped and can be searched; here are only
paths, and where on the drawing each word belongs, as shares of its width and height. Not here: what is said.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import escape

from reports.draw.shapes import HEIGHT, TITLE_HEIGHT, WIDTH, Shapes
from reports.draw.symbology import HATCH, HATCHING, HUMANITARIAN, PATTERNS, SECURITY, Theme
from reports.text.catalogue import Both, say
from reports.text.wording import number

# The brief's maps: those of the pages, with the same looks and fills.
MAPS: Mapping[str, Theme] = {theme.column: theme for theme in (SECURITY, HUMANITARIAN)}
_HEIGHT = HEIGHT - TITLE_HEIGHT  # the brief's titles stand above the map, not on it
_CHART_WIDTH, _CHART_HEIGHT = 600.0, 190.0


def map_svg(shapes: Shapes, classes: Mapping[str, str], column: str) -> str:
    """The country and both insets by class, without a word. `classes` holds one of its looks by P-code."""
    looks = "".join(f".k-{code}{{fill:{fill}}}" for code, fill in MAPS[column].fills)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {TITLE_HEIGHT} {WIDTH} {_HEIGHT}"><style>'
        ".t{stroke:#565656;stroke-width:1;stroke-linejoin:round}.b{fill:none;stroke:#1d1d1d;stroke-width:2.8}"
        f".f{{fill:none;stroke:#333;stroke-width:2.4}}{looks}</style><defs>{PATTERNS}</defs>",
        _townships(shapes.paths, classes, column),
        f'<path class="b" d="{shapes.borders}"/>' if shapes.borders else "",
    ]
    parts += [f'<rect class="f" x="{x}" y="{y}" width="{w}" height="{h}"/>' for x, y, w, h in shapes.marks]
    for frame, found in shapes.insets:
        box = f'x="{frame.x - 6}" y="{frame.y - 6}" width="{frame.width + 12}" height="{frame.height + 12}"'
        parts.append(f'<rect {box} fill="#fff"/>{_townships(found, classes, column)}<rect class="f" {box}/>')
    return "".join([*parts, "</svg>"])


def _townships(paths: Mapping[str, str], classes: Mapping[str, str], column: str) -> str:
    """The townships of each class together, each with its own outline."""
    parts = []
    for code, _ in MAPS[column].fills:
        own = "".join(f'<path d="{path}"/>' for pcode, path in paths.items() if classes[pcode] == code)
        if own:
            parts.append(f'<g class="t k-{code}">{own}</g>')
    return "".join(parts)


def swatch_svg(column: str, code: str) -> str:
    """The look of a class for the legend."""
    fill = dict(MAPS[column].fills)[code]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 22"><defs>{PATTERNS}</defs>'
        f'<rect x="1" y="1" width="34" height="20" fill="{escape(fill)}" stroke="#333" stroke-width="1.6"/></svg>'
    )


def map_words(shapes: Shapes) -> list[dict[str, Any]]:
    """The names on a map and their places: states and regions, and the two cities below their insets."""
    labels = [{"x": x / WIDTH, "y": (y - TITLE_HEIGHT) / _HEIGHT, "words": say(name)} for name, x, y in shapes.labels]
    for frame, _ in shapes.insets:
        labels.append({
            "x": (frame.x + frame.width / 2) / WIDTH, "y": (frame.y + frame.height + 24 - TITLE_HEIGHT) / _HEIGHT,
            "words": say("{city} (enlarged)", city=say(frame.name)),
        })  # fmt: skip
    return labels


@dataclass(frozen=True)
class Line:
    """One line of a chart: its words and a value a month, None where there is none."""

    words: Both
    values: tuple[float | None, ...]


def chart(
    title: Both, alt: Both, months: Sequence[date], lines: Sequence[Line], provisional: int, apart: Collection[int]
) -> dict[str, Any]:
    """A chart as its drawing and the places of its words.

    The second line is dashed. Months that no line knows are hatched; the last `provisional` stand behind a dotted
    line; each of `apart` (windows.apart) is a ring of its own, for a line to it would show what nobody knows of.
    """
    top = max((v for line in lines for v in line.values if v is not None), default=0) or 1
    step = _step(top)
    ceiling = step * -(-top // step)
    across = _CHART_WIDTH / max(len(months) - 1, 1)

    def point(place: int, value: float) -> str:
        return f"{place * across:.1f} {_CHART_HEIGHT * (1 - value / ceiling):.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {_CHART_WIDTH + 8:.0f} {_CHART_HEIGHT + 8:.0f}">'
        f"<defs>{HATCHING}</defs>"
    ]
    missing = [all(line.values[i] is None for line in lines) for i in range(len(months))]
    for first, last in _stretches(missing):
        left, right = max(first - 0.5, 0) * across, min(last + 0.5, max(len(months) - 1, 1)) * across
        parts.append(f'<rect x="{left:.1f}" y="0" width="{right - left:.1f}" height="{_CHART_HEIGHT}" fill="{HATCH}"/>')
    ticks = [step * i for i in range(round(ceiling / step) + 1)]
    parts += [
        f'<path d="M0 {_CHART_HEIGHT * (1 - tick / ceiling):.1f}H{_CHART_WIDTH}" stroke="#c9c9c4" stroke-width="1"/>'
        for tick in ticks
    ]
    edge = None
    if provisional:
        edge = max(len(months) - provisional - 0.5, 0) * across
        parts.append(
            f'<path d="M{edge:.1f} 0V{_CHART_HEIGHT}" stroke="#333" stroke-width="1.6" stroke-dasharray="2 4"/>'
        )
    for rank, line in enumerate(lines):
        parts += _drawn(line, rank, point, apart)
    years = [i for i, month in enumerate(months) if month.month == 1] or [0]
    return {
        "title": title, "alt": alt, "svg": "".join([*parts, "</svg>"]),
        "ticks": [{"y": 1 - tick / ceiling, "words": number(tick)} for tick in ticks],
        "years": [{"x": i * across / _CHART_WIDTH, "words": f"{months[i]:%m/%Y}"} for i in years],
        "edge": None if edge is None else {"x": edge / _CHART_WIDTH, "words": say("provisional from here")},
        "keys": [{"words": line.words, "dashed": rank > 0} for rank, line in enumerate(lines)],
        "gap": say("hatched: not reported") if any(missing) else None,
        "part": say("ring: counted in part") if apart else None,
    }  # fmt: skip


def _drawn(line: Line, rank: int, point: Any, apart: Collection[int]) -> list[str]:
    known = [value is not None and place not in apart for place, value in enumerate(line.values)]
    look = (
        'stroke="#8a2f04" stroke-width="3"' if rank == 0 else 'stroke="#222" stroke-width="2.6" stroke-dasharray="9 5"'
    )
    parts = []
    for first, end in _stretches(known):
        points = [point(place, line.values[place]) for place in range(first, end + 1)]
        if first == end:
            x, y = points[0].split()
            parts.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="#222"/>')
        else:
            parts.append(f'<path d="M{"L".join(points)}" fill="none" {look}/>')
    for place in sorted(apart):
        value = line.values[place]
        if value is None:
            continue
        x, y = point(place, value).split()
        parts.append(f'<circle cx="{x}" cy="{y}" r="3.6" fill="#fff" stroke="#222" stroke-width="1.8"/>')
    return parts


def _stretches(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last place of each unbroken stretch of True."""
    found: list[tuple[int, int]] = []
    for place, flag in enumerate(flags):
        if flag and found and found[-1][1] == place - 1:
            found[-1] = (found[-1][0], place)
        elif flag:
            found.append((place, place))
    return found


def _step(top: float) -> float:
    """A round whole step that gives up to five grid lines."""
    power = 1.0
    while power * 10 <= top:
        power *= 10
    return next(max(power * f, 1.0) for f in (0.2, 0.5, 1, 2, 5, 10) if top / max(power * f, 1.0) <= 5)
