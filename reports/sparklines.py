"""Small series of one township over all months: a line of scores, and bars of events by class.

A month without a figure is a hatched gap, never a zero; provisional months stand behind a dashed line. Not here:
which figures are shown (township_months.py), looks (township.css).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from reports.bilingual import Both
from reports.charts import _runs, _step
from reports.wording import number

if TYPE_CHECKING:
    from markupsafe import Markup

Values = Sequence[float | None]
_SPARK = (264, 58)  # width and height of a line of scores
_BARS = (760, 230)
_LEFT, _TOP, _BOTTOM = 44, 10, 26  # room for the numbers and the years


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
    from markupsafe import escape

    said = f'aria-label="{escape(words.en)}" data-my-aria-label="{escape(words.my)}"'
    return f'<svg class="{kind}" viewBox="0 0 {size[0]} {size[1]}" role="img" {said}>'


def _mark(text: str, size: tuple[int, int], height: int) -> str:
    from markupsafe import escape

    return (
        f'<text class="mark" x="{size[0] // 2}" y="{height}" aria-hidden="true">{escape(text)}</text>' if text else ""
    )


def draw_scores(values: Values, words: Both, provisional: int, mark: str = "") -> Markup:
    """Scores of 0 to 100 as a line of a fixed height: two townships compare at a glance.

    The last `provisional` months stand behind a dashed line; `mark` is printed across.
    """
    from markupsafe import Markup

    width, height = _SPARK
    across = (width - 34) / max(len(values) - 1, 1)

    def x(place: float) -> int:
        return round(26 + place * across)

    def y(value: float) -> int:
        return round(height - 6 - value / 100 * (height - 12))

    def path(run: list[int]) -> str:
        points = [(x(place), y(values[place] or 0.0)) for place in run]
        steps = (f"{right - left} {low - high}" for (left, high), (right, low) in pairwise(points))
        return f"M{points[0][0]} {points[0][1]}l" + " ".join(steps).replace(" -", "-")

    parts = [
        _opened("spark", _SPARK, words),
        f'<path class="rule" d="M26 {y(0)}H{width - 8}M26 {y(100)}H{width - 8}"/>',
    ]
    parts += [f'<rect class="gap" x="{x(first - 0.5) if first else x(0)}" y="{y(100)}" '
              f'width="{round((length - 0.5 * (first == 0)) * across, 1)}" height="{height - 12}"/>'
              for first, length in _gaps(values)]  # fmt: skip
    parts.append(
        f'<text class="tick" x="22" y="{y(100) + 4}">100</text><text class="tick" x="22" y="{y(0) + 3}">0</text>'
    )
    runs = _runs(values)
    line = "".join(path(run) for run in runs if len(run) > 1)
    if line:
        parts.append(f'<path class="line" d="{line}"/>')
    ends = [run[0] for run in runs if len(run) == 1] + [run[-1] for run in runs[-1:]]
    parts += [f'<circle cx="{x(p)}" cy="{y(values[p] or 0.0)}" r="2.6"/>' for p in dict.fromkeys(ends)]
    if provisional:
        parts.append(f'<path class="provisional" d="M{x(len(values) - provisional - 0.5)} 0V{height}"/>')
    parts.append(_mark(mark, _SPARK, 35) + "</svg>")
    return Markup("".join(parts))  # noqa: S704 - numbers of our own, words escaped above


def draw_bars(
    months: Sequence[date], kinds: Sequence[Values], words: Both, provisional: int, part: bool, mark: str = ""
) -> Markup:
    """Stacked bars, one a month: the kinds of event from the base up; a month of any unknown kind is a gap.

    A kind without a figure in any month is one that the source never records: it is left out, and the key says so; the
    other kinds are drawn. With `part` the last month is not over: its bar has a dashed outline.
    """
    from markupsafe import Markup

    width, height = _BARS
    recorded = [kind for kind in kinds if any(value is not None for value in kind)] or kinds
    whole = [None if None in column else sum(v or 0 for v in column) for column in zip(*recorded, strict=True)]
    top = max((value for value in whole if value is not None), default=0) or 1
    step = max(_step(top), 1.0)
    ceiling = step * -(-top // step)
    across = (width - _LEFT - 10) / max(len(months), 1)
    base = height - _BOTTOM

    def x(place: float) -> float:
        return round(_LEFT + place * across, 1)

    def y(value: float) -> float:
        return round(base - value / ceiling * (base - _TOP), 1)

    parts = [_opened("bars", _BARS, words)]
    for count in range(round(ceiling / step) + 1):
        level = y(count * step)
        parts.append(f'<path class="rule" d="M{_LEFT} {level}H{width - 10}"/>'
                     f'<text class="tick" x="{_LEFT - 5}" y="{level + 4}">{number(count * step)}</text>')  # fmt: skip
    parts += [f'<rect class="gap" x="{x(first)}" y="{_TOP}" width="{round(length * across, 1)}" '
              f'height="{base - _TOP}"/>' for first, length in _gaps(whole)]  # fmt: skip
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
        parts.append(f'<rect class="part" x="{x(len(months) - 1)}" y="{_TOP}" width="{round(across, 1)}" '
                     f'height="{base - _TOP}"/>')  # fmt: skip
    parts.append(_mark(mark, _BARS, 128) + "</svg>")
    return Markup("".join(parts))  # noqa: S704 - numbers of our own, words escaped above
