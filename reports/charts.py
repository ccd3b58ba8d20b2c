"""Monthly series as inline SVG lines; a month without a figure is a gap, never a zero.

Not here: which figures are shown (views.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import escape

from reports.wording import month_name, number

_WIDTH, _HEIGHT = 760, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 180, 16, 34  # right: the longest name of a line with "(part of month)"


@dataclass(frozen=True)
class Series:
    name: str
    values: tuple[float | None, ...]


def _step(top: float) -> float:
    """A round step that gives three to six grid lines."""
    power = 1.0
    while power * 10 <= top:
        power *= 10
    return next(power * factor for factor in (0.2, 0.5, 1, 2, 5, 10) if top / (power * factor) <= 5)


def _runs(values: Sequence[float | None]) -> list[list[int]]:
    """Positions of unbroken stretches of known values."""
    runs: list[list[int]] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _apart(runs: list[list[int]], last: int) -> list[list[int]]:
    """The same stretches with the last month as one of its own."""
    if not runs or runs[-1][-1] != last or len(runs[-1]) == 1:
        return runs
    return [*runs[:-1], runs[-1][:-1], [last]]


def _years(months: Sequence[date]) -> list[int]:
    """Positions that carry a year on the axis: each January, or the first month where there is none."""
    return [place for place, month in enumerate(months) if month.month == 1] or [0]


def draw_series(
    key: str, title: str, months: Sequence[date], lines: Sequence[Series], provisional: int = 0, part: bool = False
) -> str:
    """Lines over months with direct labels at their ends; the second and third are dashed.

    The last `provisional` months are marked by a line and the word. With `part` the last month is unfinished and
    counted by itself: its value stands apart as a dot, for a line to it would show a fall that nobody knows of.
    """
    known = [value for line in lines for value in line.values if value is not None]
    top = max(known, default=0) or 1
    step = _step(top)
    ceiling = step * -(-top // step)
    across = (_WIDTH - _LEFT - _RIGHT) / max(len(months) - 1, 1)

    def x(place: float) -> float:
        return round(_LEFT + place * across, 1)

    def y(value: float) -> float:
        return round(_HEIGHT - _BOTTOM - value / ceiling * (_HEIGHT - _TOP - _BOTTOM), 1)

    said = "; ".join(
        f"{line.name}: {number(line.values[-1])} in {'part of ' if part else ''}{month_name(months[-1])}, "
        f"{sum(v is None for v in line.values)} months not reported"
        for line in lines
    )  # fmt: skip
    if provisional:
        said += f"; provisional from {month_name(months[-provisional])}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-labelledby="{key}-title {key}-desc"><title id="{key}-title">{escape(title)}</title>'
        f'<desc id="{key}-desc">{escape(said)}.</desc>'
    ]
    value = 0.0
    while value <= ceiling * 1.0001:
        parts.append(f'<path class="grid" d="M{_LEFT} {y(value)}H{_WIDTH - _RIGHT}"/>'
                     f'<text class="tick end" x="{_LEFT - 8}" y="{y(value) + 4}">{number(value)}</text>')  # fmt: skip
        value += step
    for place in _years(months):
        parts.append(f'<path class="grid" d="M{x(place)} {_TOP}V{_HEIGHT - _BOTTOM + 5}"/>'
                     f'<text class="tick" x="{x(place)}" y="{_HEIGHT - 12}">{months[place]:%b %Y}</text>')  # fmt: skip
    if provisional:
        edge = x(max(len(months) - provisional - 0.5, 0))
        parts.append(f'<path class="provisional" d="M{edge} {_TOP}V{_HEIGHT - _BOTTOM}"/>'
                     f'<text class="tick end" x="{edge - 4}" y="{_TOP + 4}">provisional from here</text>')  # fmt: skip
    ends: list[float] = []
    for rank, line in enumerate(lines):
        runs = _apart(_runs(line.values), len(months) - 1) if part else _runs(line.values)
        path = "".join(
            "M" + "L".join(f"{x(p)} {y(line.values[p] or 0.0)}" for p in run) for run in runs if len(run) > 1
        )
        parts.append(f'<path class="line line{rank}" d="{path}"/>')
        parts += [f'<circle class="dot{rank}" cx="{x(run[0])}" cy="{y(line.values[run[0]] or 0.0)}" r="2.5"/>'
                  for run in runs if len(run) == 1]  # fmt: skip
        last = next((p for p in reversed(range(len(months))) if line.values[p] is not None), None)
        if last is not None:
            height = y(line.values[last] or 0.0) + 4
            while any(abs(height - other) < 15 for other in ends):
                height -= 15
            ends.append(height)
            parts.append(
                f'<text class="tick name{rank}" x="{_WIDTH - _RIGHT + 8}" y="{height}">{escape(line.name)}'
                f"{' (part of month)' if part and last == len(months) - 1 else ''}</text>"
            )
    parts.append("</svg>")
    return "".join(parts)
