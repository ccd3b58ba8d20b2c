"""Monthly series as inline SVG lines; a month without a figure is a gap, never a zero.

Words stand in both languages, of which a page keeps one; what is invented says so across the drawing.

Small series by month without an axis of their own: trends, scores and few bars; and the events of one township.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from markupsafe import Markup, escape

from reports.text.catalogue import Both, month_both, month_short_both, same, say
from reports.text.values import number_both, told
from reports.text.wording import number

_WIDTH, _HEIGHT = 760, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 180, 16, 34  # right: the longest name of a line with "(part of the month)"
_LONG, _SHORT = "{line} (part of the month)", "{line} (part)"  # names of several lines are longer
_APART = 15  # between the names of two lines


@dataclass(frozen=True)
class Series:
    name: str
    values: tuple[float | None, ...]


def round_step(top: float) -> float:
    """A round step that gives three to six grid lines."""
    power = 1.0
    while power * 10 <= top:
        power *= 10
    return next(power * factor for factor in (0.2, 0.5, 1, 2, 5, 10) if top / (power * factor) <= 5)


def stretches(values: Sequence[float | None], apart: Collection[int] = ()) -> list[list[int]]:
    """Positions of unbroken stretches of known values; one of `apart` (windows.apart) is a stretch of its own."""
    runs: list[list[int]] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        if runs and runs[-1][-1] == place - 1 and not {place - 1, place} & {*apart}:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _years(months: Sequence[date]) -> list[int]:
    """Positions that carry a year on the axis: each January, or the first month where there is none."""
    return [place for place, month in enumerate(months) if month.month == 1] or [0]


def _both(words: str | Both) -> Both:
    """Words of a line or a title in both languages; what the catalogue does not hold stays as it is."""
    known = told(words)
    return known if isinstance(known, Both) else same(known)


def _text(words: Both, look: str, x: float, y: float) -> str:
    """A text of which the page keeps one language."""
    return f'<text class="{look}" x="{x}" y="{y}">{escape(words)}</text>'


def _spread(wanted: Sequence[float]) -> list[float]:
    """Heights of names, moved apart where they would overlap but never past each other, in the order given."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    placed = list(wanted)
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + _APART)
    lowest = _HEIGHT - _BOTTOM + 4.0
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


def _across(mark: str) -> str:
    """The release's watermark over the lines: a chart that is cut out of its page still says it."""
    middle, height = (_LEFT + _WIDTH - _RIGHT) // 2, (_TOP + _HEIGHT - _BOTTOM) // 2
    return f'<text class="across" x="{middle}" y="{height}" aria-hidden="true">{escape(mark)}</text>' if mark else ""


def draw_series(
    title: str | Both,
    months: Sequence[date],
    lines: Sequence[Series],
    provisional: int = 0,
    apart: Collection[int] = (),
    mark: str = "",
) -> str:
    """Lines over months with direct labels at their ends; the second and third are dashed.

    The last `provisional` months are marked by a line and the word. No line leads to the months of `apart`
    (windows.apart): their values are dots, for a line would show a fall or a rise that nobody knows of. `mark` is
    printed across.
    """
    part = len(months) - 1 in apart
    known = [value for line in lines for value in line.values if value is not None]
    top = max(known, default=0) or 1
    step = round_step(top)
    ceiling = step * -(-top // step)
    across = (_WIDTH - _LEFT - _RIGHT) / max(len(months) - 1, 1)

    def x(place: float) -> float:
        return round(_LEFT + place * across, 1)

    def y(value: float) -> float:
        return round(_HEIGHT - _BOTTOM - value / ceiling * (_HEIGHT - _TOP - _BOTTOM), 1)

    said = _spoken(_both(title), months, lines, provisional, part)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(said)}">'
    ]
    value = 0.0
    while value <= ceiling * 1.0001:
        parts.append(f'<path class="grid" d="M{_LEFT} {y(value)}H{_WIDTH - _RIGHT}"/>'
                     f'<text class="tick end" x="{_LEFT - 8}" y="{y(value) + 4}">{number(value)}</text>')  # fmt: skip
        value += step
    for place in _years(months):
        parts.append(f'<path class="grid" d="M{x(place)} {_TOP}V{_HEIGHT - _BOTTOM + 5}"/>'
                     + _text(month_short_both(months[place]), "tick", x(place), _HEIGHT - 12))  # fmt: skip
    if provisional:
        edge = x(max(len(months) - provisional - 0.5, 0))
        parts.append(f'<path class="provisional" d="M{edge} {_TOP}V{_HEIGHT - _BOTTOM}"/>'
                     + _text(say("provisional from here"), "tick end", edge - 4, _TOP + 4))  # fmt: skip
    names: list[tuple[int, Both]] = []
    heights: list[float] = []
    for rank, line in enumerate(lines):
        runs = stretches(line.values, apart)
        path = "".join(
            "M" + "L".join(f"{x(p)} {y(line.values[p] or 0.0)}" for p in run) for run in runs if len(run) > 1
        )
        parts.append(f'<path class="line line{rank}" d="{path}"/>')
        parts += [f'<circle class="dot{rank}" cx="{x(run[0])}" cy="{y(line.values[run[0]] or 0.0)}" r="2.5"/>'
                  for run in runs if len(run) == 1]  # fmt: skip
        last = next((p for p in reversed(range(len(months))) if line.values[p] is not None), None)
        if last is not None:
            name = _both(line.name)
            unfinished = part and last == len(months) - 1
            names.append((rank, say(_SHORT if len(lines) > 1 else _LONG, line=name) if unfinished else name))
            heights.append(y(line.values[last] or 0.0) + 4)
    for (rank, name), height in zip(names, _spread(heights), strict=True):
        parts.append(_text(name, f"tick name{rank}", _WIDTH - _RIGHT + 8, height))
    parts.append(_across(mark) + "</svg>")
    return "".join(parts)


Values = Sequence[float | None]
Point = tuple[float, float]
_TREND, _TREND_PAD = (200, 40), 4
_SCORES = (264, 58)
_FEW_STEP, _FEW_BAR, _FEW_HEIGHT = 6, 5, 18
_LEAST_TOP = 5  # one clash in a year of none must not look like a wave
_BARS = (760, 230)
_LEFT_SMALL, _TOP_SMALL, _BOTTOM_SMALL = 44, 10, 26  # room for the numbers and the years


def gap_pattern() -> str:
    """The hatching of months without a figure, once a page."""
    return (
        '<svg class="store" aria-hidden="true" focusable="false"><defs><pattern id="gap" width="6" height="6" '
        'patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/>'
        '<rect width="2" height="6" fill="#8b949c"/></pattern></defs></svg>'
    )


def _gaps(values: Values) -> list[tuple[int, int]]:
    """(first place, number of months) of every unbroken stretch without a figure."""
    places = [place for place, value in enumerate(values) if value is None]
    return [(run[0], len(run)) for _, group in groupby(enumerate(places), lambda pair: pair[1] - pair[0])
            if (run := [place for _, place in group])]  # fmt: skip


def _opened(kind: str, size: tuple[int, int], words: Both) -> str:
    return f'<svg class="{kind}" viewBox="0 0 {size[0]} {size[1]}" role="img" aria-label="{escape(words)}">'


def _mark(text: str, size: tuple[int, int], height: int) -> str:
    return (
        f'<text class="mark" x="{size[0] // 2}" y="{height}" aria-hidden="true">{escape(text)}</text>' if text else ""
    )


def _path(points: Sequence[Point]) -> str:
    """From point to point, each step from the one before: the shortest to write, and some thousand are written."""
    steps = (f"{round(right - left, 1):g} {round(low - high, 1):g}" for (left, high), (right, low) in pairwise(points))
    return f"M{points[0][0]:g} {points[0][1]:g}l" + " ".join(steps).replace(" -", "-")


def _line(values: Values, apart: Collection[int], point: Callable[[int, float], Point]) -> tuple[str, list[Point]]:
    """The path over every stretch of months, and the dots: months that stand alone, and the newest known."""
    runs = [[point(place, values[place] or 0.0) for place in run] for run in stretches(values, apart)]
    ends = [run[0] for run in runs if len(run) == 1] + [run[-1] for run in runs[-1:]]
    return "".join(_path(run) for run in runs if len(run) > 1), list(dict.fromkeys(ends))


def _dots(points: Sequence[Point], radius: float) -> str:
    return "".join(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}"/>' for x, y in points)


def draw_trend(values: Values, words: Both, apart: Collection[int] = ()) -> Markup:
    """A line from zero to the largest value. Nothing is drawn where nothing is known: an empty frame reads as zero."""
    known = [value for value in values if value is not None]
    if not known:
        return Markup('<p class="small">{}</p>').format(say("no month is known"))
    (width, height), pad, top = _TREND, _TREND_PAD, max(known) or 1
    across = (width - 2 * pad) / max(len(values) - 1, 1)

    def point(place: int, value: float) -> Point:
        return round(pad + place * across, 1), round(height - pad - value / top * (height - 2 * pad), 1)

    path, dots = _line(values, apart, point)
    return Markup(  # noqa: S704 - numbers of our own, words escaped above
        f'{_opened("spark", _TREND, words)}<path class="base" d="M{pad} {height - pad}H{width - pad}"/>'
        f'<path class="go" d="{path}"/>{_dots(dots, 3)}</svg>'
    )


def draw_scores(values: Values, words: Both, provisional: int, mark: str = "", apart: Collection[int] = ()) -> Markup:
    """Scores of 0 to 100 as a line of a fixed height: two townships compare at a glance.

    Stretches without a score are hatched, the last `provisional` months stand behind a dashed line; `mark` is printed
    across.
    """
    width, height = _SCORES
    across = (width - 34) / max(len(values) - 1, 1)

    def x(place: float) -> int:
        return round(26 + place * across)

    def y(value: float) -> int:
        return round(height - 6 - value / 100 * (height - 12))

    path, dots = _line(values, apart, lambda place, value: (x(place), y(value)))
    parts = [
        _opened("spark", _SCORES, words),
        f'<path class="rule" d="M26 {y(0)}H{width - 8}M26 {y(100)}H{width - 8}"/>',
    ]
    parts += [f'<rect class="gap" x="{x(first - 0.5) if first else x(0)}" y="{y(100)}" '
              f'width="{round((length - 0.5 * (first == 0)) * across, 1)}" height="{height - 12}"/>'
              for first, length in _gaps(values)]  # fmt: skip
    parts.append(
        f'<text class="tick" x="22" y="{y(100) + 4}">100</text><text class="tick" x="22" y="{y(0) + 3}">0</text>'
    )
    if path:
        parts.append(f'<path class="line" d="{path}"/>')
    parts.append(_dots(dots, 2.6))
    if provisional:
        parts.append(f'<path class="provisional" d="M{x(len(values) - provisional - 0.5)} 0V{height}"/>')
    parts.append(_mark(mark, _SCORES, 35) + "</svg>")
    return Markup("".join(parts))  # noqa: S704 - numbers of our own, words escaped above


def draw_few_bars(values: Sequence[int | None], hollow: int = 0) -> str:
    """Some months as a row of bars on their own scale, at least 0 to 5; the last `hollow` ones are not filled.

    A zero is a line, a month without a figure a gap. Said in figures alone, which are the same in both languages.
    """
    top = max([_LEAST_TOP, *(value for value in values if value is not None)])
    drawn: dict[str, str] = {"": "", ' class="p"': ""}
    for place, value in enumerate(values):
        if value is not None:
            tall = max(round((_FEW_HEIGHT - 1) * value / top), 1)
            look = ' class="p"' if place >= len(values) - hollow else ""
            drawn[look] += f"M{place * _FEW_STEP} {_FEW_HEIGHT}v-{tall}h{_FEW_BAR}v{tall}z"
    said = " ".join("–" if value is None else str(value) for value in values)
    paths = "".join(f'<path{look} d="{bars}"/>' for look, bars in drawn.items() if bars)
    width = len(values) * _FEW_STEP
    return f'<svg class="spark" viewBox="0 0 {width} {_FEW_HEIGHT + 1}" role="img" aria-label="{said}">{paths}</svg>'


def draw_bars(
    months: Sequence[date], kinds: Sequence[Values], words: Both, provisional: int, part: bool, mark: str = ""
) -> Markup:
    """Stacked bars, one a month: the kinds of event from the base up; a month of any unknown kind is a gap.

    A kind without a figure in any month is one that the source never records: it is left out, and the key says so; the
    other kinds are drawn. With `part` the last month is not over: its bar has a dashed outline.
    """
    width, height = _BARS
    recorded = [kind for kind in kinds if any(value is not None for value in kind)] or kinds
    whole = [None if None in column else sum(v or 0 for v in column) for column in zip(*recorded, strict=True)]
    top = max((value for value in whole if value is not None), default=0) or 1
    step = max(round_step(top), 1.0)
    ceiling = step * -(-top // step)
    across = (width - _LEFT_SMALL - 10) / max(len(months), 1)
    base = height - _BOTTOM_SMALL

    def x(place: float) -> float:
        return round(_LEFT_SMALL + place * across, 1)

    def y(value: float) -> float:
        return round(base - value / ceiling * (base - _TOP_SMALL), 1)

    parts = [_opened("bars", _BARS, words)]
    for count in range(round(ceiling / step) + 1):
        level, figure = y(count * step), number(count * step)
        parts.append(f'<path class="rule" d="M{_LEFT_SMALL} {level}H{width - 10}"/>'
                     f'<text class="tick" x="{_LEFT_SMALL - 5}" y="{level + 4}">{figure}</text>')  # fmt: skip
    parts += [f'<rect class="gap" x="{x(first)}" y="{_TOP_SMALL}" width="{round(length * across, 1)}" '
              f'height="{base - _TOP_SMALL}"/>' for first, length in _gaps(whole)]  # fmt: skip
    bar = round(across * 0.76, 1)
    for rank, kind in enumerate(kinds):
        drawn = []
        for place, value in enumerate(kind):
            if whole[place] is None or not value:
                continue
            below = sum(other[place] or 0 for other in kinds[:rank])
            drawn.append(f"M{x(place + 0.12)} {y(below)}V{y(below + value)}h{bar}V{y(below)}z")
        if drawn:
            parts.append(f'<path class="bar{rank}" d="{"".join(drawn)}"/>')
    for place in [p for p, month in enumerate(months) if month.month == 1] or [0]:
        left = x(place)
        parts.append(f'<path class="rule" d="M{left} {base}v6"/>')
        parts.append(f'<text class="year" x="{left + 3}" y="{height - 8}">{months[place]:%Y-%m}</text>')
    if provisional:
        parts.append(f'<path class="provisional" d="M{x(len(months) - provisional)} 0V{base}"/>')
    if part and whole and whole[-1] is not None:
        parts.append(f'<rect class="part" x="{x(len(months) - 1)}" y="{_TOP_SMALL}" width="{round(across, 1)}" '
                     f'height="{base - _TOP_SMALL}"/>')  # fmt: skip
    parts.append(_mark(mark, _BARS, 128) + "</svg>")
    return Markup("".join(parts))  # noqa: S704 - numbers of our own, words escaped above
