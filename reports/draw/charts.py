"""The charts of the pages and of both briefs: lines and bars over months, on the axes of axes.py.

Words stand in both languages, of which a page keeps one; what is invented says so across the drawing. On paper the
words of a chart lie over it as text of the PDF (`draw_wordless`), where Burmese is shaped and can be searched.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from reports.draw.axes import Axes, Sheet, Values, bar, dot, edge, gaps, grid, levels, line, years
from reports.draw.svg import Look, box, by_class, digits, labelled, opened, opened_on_paper, over_paper, text, watermark
from reports.draw.symbology import HATCHING, hatching
from reports.text.catalogue import Both, month_both, month_short_both, same, say
from reports.text.values import number_both, told
from reports.text.wording import number

# Right: the longest name of a line with "(part of the month)".
_WIDE = Sheet(760, 250, left=78, right=180, top=16, bottom=34)
NARROW = Sheet(360, 220, left=36, right=12, top=16, bottom=30)  # of a phone: names stand over the lines' ends
_LONG, _SHORT = "{line} (part of the month)", "{line} (part)"  # names of several lines are longer
_NAME_WIDE = 60  # of a short name at the end of a line
_APART = 15  # between the names of two lines
_TREND = Sheet(200, 40, left=4, right=4, top=4, bottom=4)
_SCORES = Sheet(264, 58, left=26, right=8, top=6, bottom=6, decimals=0)
_FEW, _FEW_STEP = Sheet(0, 19, top=1, bottom=1, decimals=0), 6  # as wide as it has months
_LEAST_TOP = 5  # one clash in a year of none must not look like a wave
_BARS = Sheet(760, 230, left=44, right=10, top=10, bottom=26)  # room for the numbers and the years
_PAPER = Sheet(600, 190)
_PANEL = Sheet(640, 0, top=18, bottom=36)
_TALLEST, _LOWEST = 86, 14  # of a panel: the largest value of all, and a panel of zeros
_YEAR_WIDE = 34  # four digits and a gap


@dataclass(frozen=True)
class Series:
    """One line: its words and a value a month, None where there is none."""

    name: str | Both
    values: tuple[float | None, ...]


def _both(words: str | Both) -> Both:
    """Words of a line or a title in both languages; what the catalogue does not hold stays as it is."""
    known = told(words)
    return known if isinstance(known, Both) else same(known)


def _spread(wanted: Sequence[float], lowest: float) -> list[float]:
    """Heights of names, moved apart where they would overlap but never past each other, in the order given."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    placed = list(wanted)
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + _APART)
    for place in reversed(order):
        placed[place] = min(placed[place], lowest)
        lowest = placed[place] - _APART
    return [round(height, 1) for height in placed]


def _spoken(title: Both, months: Sequence[date], lines: Sequence[Series], provisional: int, part: bool) -> Both:
    """The title, the last value and the gaps of each line, for who does not see the chart."""
    when = month_both(months[-1])
    said = [Both(f"{title.en}.", f"{title.my}။")]
    said += [
        say("{line}: {value} in {month}; {missing} months not reported.", line=_both(line.name),
            value=number_both(line.values[-1]), month=say("{month} (part of the month)", month=when) if part else when,
            missing=sum(value is None for value in line.values))
        for line in lines
    ]  # fmt: skip
    if provisional:
        said.append(say("Provisional from {month}.", month=month_both(months[-provisional])))
    return Both(" ".join(one.en for one in said), " ".join(one.my for one in said))


def _drawn(axes: Axes, lines: Sequence[Values], apart: Collection[int], look: Look, radius: float) -> str:
    """Lines one over the other. No line leads to what stands apart: it would show what nobody knows of."""
    parts = []
    for rank, values in enumerate(lines):
        path, alone = line(axes, values, apart)
        if path:
            parts.append(f'<path {look(f"line line{rank}")} d="{path}"/>')
        parts += [
            dot(axes, place, values[place] or 0.0, radius, look(f"dot{rank} apart" if place in apart else f"dot{rank}"))
            for place in alone
        ]
    return "".join(parts)


def _across(mark: str, axes: Axes) -> str:
    """The release's watermark over the months."""
    middle = (axes.sheet.left + axes.end) // 2, (axes.sheet.top + axes.base) // 2
    return watermark([mark] if mark else [], [middle], 0, by_class("across"))


def _figures(axes: Axes, values: Sequence[float], aside: float, look: str) -> str:
    """The figures of the axis, left of the lines."""
    return "".join(
        text(same(number(value)), axes.sheet.left - aside, axes.y(value) + 4, by_class(look)) for value in values
    )


def _years(axes: Axes, months: Sequence[date]) -> str:
    """A line where a year begins, and its month below."""
    return "".join(
        f'<path class="grid" d="M{axes.x(place):g} {axes.sheet.top:g}V{axes.base + 5:g}"/>'
        + text(month_short_both(months[place]), axes.x(place), axes.sheet.height - 8, by_class("year"))
        for place in years(months)
    )


def draw_series(
    title: str | Both,
    months: Sequence[date],
    lines: Sequence[Series],
    provisional: int = 0,
    apart: Collection[int] = (),
    mark: str = "",
    sheet: Sheet = _WIDE,
) -> str:
    """Lines over months with direct labels at their ends; the second and third are dashed.

    The last `provisional` months are marked by a line and the word. No line leads to the months of `apart`
    (months.apart): their values are dots, for a line would show a fall or a rise that nobody knows of. `mark` is
    printed across. Another `sheet` is another width, such as that of a narrow screen.
    """
    part = len(months) - 1 in apart
    steps = levels([value for line in lines for value in line.values])
    axes = Axes(sheet, len(months), steps[-1])
    parts = [
        opened("chart", sheet.width, sheet.height, labelled(_spoken(_both(title), months, lines, provisional, part))),
        grid(axes, steps, by_class),
        _figures(axes, steps, 8, "tick end"),
    ]
    parts += [_years(axes, months), edge(axes, provisional, by_class)]
    if provisional:
        words, left = say("provisional from here"), axes.before(provisional) - 4
        parts.append(text(words, left, sheet.top + 4, by_class("tick end")))
    parts.append(_drawn(axes, [line.values for line in lines], apart, by_class, 2.5))
    names: list[tuple[int, Both]] = []
    heights: list[float] = []
    for rank, series in enumerate(lines):
        last = next((p for p in reversed(range(len(months))) if series.values[p] is not None), None)
        if last is not None:
            name = _both(series.name)
            unfinished = part and last == len(months) - 1
            names.append((rank, say(_SHORT if len(lines) > 1 else _LONG, line=name) if unfinished else name))
            heights.append(axes.y(series.values[last] or 0.0) + 4)
    inside = sheet.right < _NAME_WIDE  # no room beside the lines
    for (rank, name), height in zip(names, _spread(heights, axes.base + 4), strict=True):
        place = (axes.end, height - 10) if inside else (axes.end + 8, height)
        parts.append(text(name, *place, by_class(f"tick{' end' if inside else ''} name{rank}")))
    return "".join([*parts, _across(mark, axes), "</svg>"])


def draw_both(
    title: str | Both, months: Sequence[date], lines: Sequence[Series], provisional: int = 0,
    apart: Collection[int] = (), mark: str = "",
) -> Markup:  # fmt: skip
    """The chart for a wide and for a narrow screen, of which the page shows one (style.css)."""
    drawings = (
        f'<div class="{look}">{draw_series(title, months, lines, provisional, apart, mark, sheet)}</div>'
        for look, sheet in (("at-wide", _WIDE), ("at-narrow", NARROW))
    )
    return Markup("".join(drawings))  # noqa: S704 - our own drawing, words escaped in svg.py


def gap_pattern() -> str:
    """The hatching of months without a figure, once a page."""
    return f'<svg class="store" aria-hidden="true" focusable="false"><defs>{hatching("gap", 0.6)}</defs></svg>'


def _small(axes: Axes, values: Values, apart: Collection[int], look: str, radius: float) -> str:
    """One line, with dots where months stand alone and at the newest month known."""
    path, alone = line(axes, values, apart)
    known = [place for place, value in enumerate(values) if value is not None]
    drawn = f'<path class="{look}" d="{path}"/>' if path else ""
    places = dict.fromkeys([*alone, *known[-1:]])
    return drawn + "".join(dot(axes, place, values[place] or 0.0, radius, "") for place in places)


def draw_trend(values: Values, words: Both, apart: Collection[int] = ()) -> Markup:
    """A line from zero to the largest value. Nothing is drawn where nothing is known: an empty frame reads as zero."""
    known = [value for value in values if value is not None]
    if not known:
        return Markup('<p class="small">{}</p>').format(say("no month is known"))
    axes = Axes(_TREND, len(values), max(known) or 1)
    return Markup(  # noqa: S704 - numbers of our own, words escaped in svg.py
        f"{opened('spark', _TREND.width, _TREND.height, labelled(words))}"
        f'<path class="base" d="M{_TREND.left:g} {axes.base:g}H{axes.end:g}"/>'
        f"{_small(axes, values, apart, 'go', 3)}</svg>"
    )


def draw_scores(values: Values, words: Both, provisional: int, mark: str = "", apart: Collection[int] = ()) -> Markup:
    """Scores of 0 to 100 as a line of a fixed height: two townships compare at a glance.

    Stretches without a score are hatched, the last `provisional` months stand behind a dashed line; `mark` is printed
    across.
    """
    axes = Axes(_SCORES, len(values), 100)
    return Markup("".join([  # noqa: S704 - numbers of our own, words escaped in svg.py
        opened("spark", _SCORES.width, _SCORES.height, labelled(words)),
        grid(axes, (0, 100), by_class),
        gaps(axes, values, by_class),
        _figures(axes, (0, 100), 4, "tick"),
        _small(axes, values, apart, "line", 2.6),
        edge(axes, provisional, by_class),
        _across(mark, axes) + "</svg>",
    ]))  # fmt: skip


def draw_few_bars(values: Sequence[int | None], hollow: int = 0, top: int = 0, tall: float = _FEW.height) -> str:
    """Some months as a row of bars on their own scale, at least 0 to 5; the last `hollow` ones are not filled.

    With `top` the scale reaches at least so far, so that several drawings share one. A zero is a line, a month without
    a figure a gap. Said in figures alone, which are the same in both languages.
    """
    top = max([_LEAST_TOP, top, *(value for value in values if value is not None)])
    sheet = replace(_FEW, width=_FEW_STEP * len(values), height=tall)
    axes = Axes(sheet, len(values), top, slots=True, filled=5 / _FEW_STEP)
    drawn = {"": "", "p": ""}
    for place, value in enumerate(values):
        if value is not None:
            drawn["p" if place >= len(values) - hollow else ""] += bar(axes, place, 0, value, least=1)
    said = " ".join("–" if value is None else str(value) for value in values)
    paths = "".join(f'<path{" " if part else ""}{by_class(part)} d="{d}"/>' for part, d in drawn.items() if d)
    return opened("spark", sheet.width, sheet.height, f'role="img" aria-label="{said}"') + paths + "</svg>"


def _stacked(axes: Axes, kinds: Sequence[Values], whole: Values, look: Look) -> str:
    """The kinds from the base up, one path each; nothing in a month whose whole is not known."""
    drawn = []
    for rank, kind in enumerate(kinds):
        path = ""
        for place, value in enumerate(kind):
            if value and whole[place] is not None:
                low = sum(other[place] or 0 for other in kinds[:rank])
                path += bar(axes, place, low, low + value)
        if path:
            drawn.append(f'<path {look(f"bar{rank}")} d="{path}"/>')
    return "".join(drawn)


def draw_bars(
    months: Sequence[date], kinds: Sequence[Values], words: Both, provisional: int, part: bool, mark: str = "",
    sheet: Sheet = _BARS, mean: Values = (),
) -> Markup:  # fmt: skip
    """Stacked bars, one a month: the kinds of event from the base up; a month of any unknown kind is a gap.

    `mean` is a line over the same months on the same axis, such as the average of the townships around.

    A kind without a figure in any month is one that the source never records: it is left out, and the key says so; the
    other kinds are drawn. With `part` the last month is not over: its bar has a dashed outline.
    """
    recorded = [kind for kind in kinds if any(value is not None for value in kind)] or kinds
    whole = [None if None in column else sum(v or 0 for v in column) for column in zip(*recorded, strict=True)]
    steps = levels([*whole, *mean], least=1)
    axes = Axes(sheet, len(months), steps[-1], slots=True)
    path = line(axes, mean)[0] if any(value is not None for value in mean) else ""
    parts = [
        opened("bars", sheet.width, sheet.height, labelled(words)),
        grid(axes, steps, by_class), _figures(axes, steps, 5, "tick"), gaps(axes, whole, by_class),
        _years(axes, months), _stacked(axes, kinds, whole, by_class), edge(axes, provisional, by_class),
    ]  # fmt: skip
    if path:
        parts.append(f'<path class="mean" d="{path}"/>')
    if part and whole and whole[-1] is not None:
        parts.append(box(axes.before(1), sheet.top, axes.across, axes.base - sheet.top, by_class("part")))
    return Markup("".join([*parts, _across(mark, axes), "</svg>"]))  # noqa: S704 - numbers, words escaped in svg.py


@dataclass(frozen=True)
class Labelled:
    """A bar of a panel: its value, what stands above and below it, the year that begins with it, and its kind."""

    value: int | None
    above: str
    below: str
    year: str
    kind: int


def draw_panel(bars: Sequence[Labelled], top: int, gap: str, labelled_by: str, mark: Sequence[str], look: Look) -> str:
    """One of several rows of bars on the scale of the largest value of all, `top`, as tall as its own largest bar.

    `gap` is the name of its hatching, which must be another one for each drawing of a page; `labelled_by` the id of the
    words for who does not see it. A dashed line stands before the first bar of kind 1.
    """
    own = max((one.value or 0 for one in bars), default=0)
    tall = max(_TALLEST * own / top, _LOWEST)
    sheet = replace(_PANEL, height=_PANEL.top + tall + _PANEL.bottom)
    axes = Axes(sheet, len(bars), top * tall / _TALLEST, slots=True)
    values = [one.value for one in bars]
    kinds = [[(one.value or 0) * (one.kind == kind) for one in bars] for kind in (0, 1)]
    size = 11.5 if axes.across > 24 else 8  # letters
    parts = [
        opened_on_paper(sheet.width, sheet.height, labelled_by), f"<defs>{hatching(gap)}</defs>",
        gaps(axes, values, look), _stacked(axes, kinds, values, look),
    ]  # fmt: skip
    for place, one in enumerate(bars):
        if one.value is not None:
            parts.append(digits(one.above, axes.middle(place), axes.y(one.value) - 4, size))
    parts.append(grid(axes, [0], look))
    parts += [digits(one.below, axes.middle(place), axes.base + 14, size) for place, one in enumerate(bars)]
    parts += [
        digits(one.year, min(max(axes.middle(place), 14), sheet.width - 14), axes.base + 29, 11.5)
        for place, one in enumerate(bars) if one.year and _has_room(bars, place, axes.across)
    ]  # fmt: skip
    inside = sum(one.kind == 1 for one in bars)
    if inside < len(bars):
        parts.append(edge(axes, inside, look, (16, 20)))
    return "".join([*parts, over_paper(mark, sheet.width, sheet.height, 150, 30), "</svg>"])


def _has_room(bars: Sequence[Labelled], place: int, across: float) -> bool:
    """The year of a lone bar or two at the left stays out: the next one would be written over it."""
    following = next((n for n, one in enumerate(bars) if n > place and one.year), len(bars))
    return place > 0 or following * across > _YEAR_WIDE


def draw_wordless(
    months: Sequence[date], lines: Sequence[Series], provisional: int, apart: Collection[int], look: Look
) -> dict[str, Any]:
    """Lines over months without a word, and where its words belong, as shares of width and height.

    Months that no line knows are hatched; `ticks` and `years` are (place, words), `edge` is the place of the line
    before the provisional months, `missing` says whether anything is hatched.
    """
    steps = levels([value for series in lines for value in series.values], least=1)
    axes = Axes(_PAPER, len(months), steps[-1])
    unknown = [None if all(series.values[n] is None for series in lines) else 0 for n in range(len(months))]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {_PAPER.width + 8:g} {_PAPER.height + 8:g}">'
        f"<defs>{HATCHING}</defs>{gaps(axes, unknown, look)}{grid(axes, steps, look)}{edge(axes, provisional, look)}"
        f"{_drawn(axes, [series.values for series in lines], apart, look, 3.5)}</svg>"
    )
    return {
        "svg": svg,
        "ticks": [(axes.y(value) / _PAPER.height, number(value)) for value in steps],
        "years": [(axes.x(place) / _PAPER.width, f"{months[place]:%m/%Y}") for place in years(months)],
        "edge": axes.before(provisional) / _PAPER.width if provisional else None,
        "missing": None in unknown,
    }
