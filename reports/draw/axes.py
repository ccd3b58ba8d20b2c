"""The axes of a chart: where a month and a value lie on a drawing, and what is drawn on them as paths.

Every chart of the pages and of both briefs stands on these. A month without a figure is a gap, never a zero. Not here:
words, and what a chart is about.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from reports.draw.svg import Look, box

Values = Sequence[float | None]
Point = tuple[float, float]
_FILLED = 0.76  # of a month's slot


@dataclass(frozen=True)
class Sheet:
    """The size of a drawing in units and what is kept free around its months; coordinates have `decimals`."""

    width: float
    height: float
    left: float = 0
    right: float = 0
    top: float = 0
    bottom: float = 0
    decimals: int = 1


@dataclass(frozen=True)
class Axes:
    """`count` months from left to right and values from 0 up to `ceiling`.

    A month is a point of a line, the first and the last one at the edges; with `slots` it is a slot for a bar, of which
    `filled` is drawn.
    """

    sheet: Sheet
    count: int
    ceiling: float
    slots: bool = False
    filled: float = _FILLED

    @property
    def across(self) -> float:
        """From one month to the next."""
        room = self.sheet.width - self.sheet.left - self.sheet.right
        return room / max(self.count if self.slots else self.count - 1, 1)

    @property
    def end(self) -> float:
        return self.sheet.width - self.sheet.right

    @property
    def base(self) -> float:
        """Where zero lies."""
        return self.sheet.height - self.sheet.bottom

    def x(self, place: float) -> float:
        """The point of a month, or the left edge of its slot."""
        return round(self.sheet.left + place * self.across, self.sheet.decimals)

    def middle(self, place: float) -> float:
        return self.x(place + 0.5) if self.slots else self.x(place)

    def y(self, value: float) -> float:
        return round(self.base - value / self.ceiling * (self.base - self.sheet.top), self.sheet.decimals)

    def before(self, last: int) -> float:
        """Where the last so many months begin: between them and the one before."""
        return self.x(max(self.count - last - (0 if self.slots else 0.5), 0))


def round_step(top: float) -> float:
    """A round step that gives three to six grid lines."""
    power = 1.0
    while power * 10 <= top:
        power *= 10
    return next(power * factor for factor in (0.2, 0.5, 1, 2, 5, 10) if top / (power * factor) <= 5)


def levels(values: Values, least: float = 0.0) -> list[float]:
    """Values of the grid lines from 0 to the first that no value exceeds, at steps of at least `least`."""
    top = max((value for value in values if value is not None), default=0) or 1
    step = max(round_step(top), least)
    return [step * n for n in range(int(-(-top // step)) + 1)]


def years(months: Sequence[date]) -> list[int]:
    """Positions that carry a year on the axis: each January, or the first month where there is none."""
    return [place for place, month in enumerate(months) if month.month == 1] or [0]


def stretches(values: Values, apart: Collection[int] = ()) -> list[list[int]]:
    """Positions of unbroken stretches of known values; one of `apart` (months.apart) is a stretch of its own."""
    runs: list[list[int]] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        if runs and runs[-1][-1] == place - 1 and not {place - 1, place} & {*apart}:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def line(axes: Axes, values: Values, apart: Collection[int] = ()) -> tuple[str, list[int]]:
    """The path over every stretch of months, and the months that stand alone, which it cannot show."""
    runs = stretches(values, apart)
    path = "".join(
        _steps([(axes.middle(place), axes.y(values[place] or 0.0)) for place in run]) for run in runs if len(run) > 1
    )
    return path, [run[0] for run in runs if len(run) == 1]


def _steps(points: Sequence[Point]) -> str:
    """From point to point, each step from the one before: the shortest to write, and some thousand are written."""
    steps = (f"{round(right - left, 1):g} {round(low - high, 1):g}" for (left, high), (right, low) in pairwise(points))
    return f"M{points[0][0]:g} {points[0][1]:g}l" + " ".join(steps).replace(" -", "-")


def dot(axes: Axes, place: int, value: float, radius: float, attributes: str) -> str:
    looks = f"{attributes} " if attributes else ""
    return f'<circle {looks}cx="{axes.middle(place):g}" cy="{axes.y(value):g}" r="{radius:g}"/>'


def bar(axes: Axes, place: int, low: float, high: float, least: float = 0.0) -> str:
    """The outline of a bar from one value to another, at least so many units tall."""
    left, foot = axes.x(place + (1 - axes.filled) / 2), axes.y(low)
    tall = max(round(foot - axes.y(high), axes.sheet.decimals), least)
    return f"M{left:g} {foot:g}v-{tall:g}h{round(axes.filled * axes.across, axes.sheet.decimals):g}v{tall:g}z"


def gaps(axes: Axes, values: Values, look: Look) -> str:
    """A hatched field over every unbroken stretch of months without a figure, up to the middle between two points."""
    places = [place for place, value in enumerate(values) if value is None]
    runs = [[place for _, place in group] for _, group in groupby(enumerate(places), lambda pair: pair[1] - pair[0])]
    edge = 0.0 if axes.slots else 0.5
    last = axes.count if axes.slots else max(axes.count - 1, 1)
    fields = [(axes.x(max(run[0] - edge, 0)), axes.x(min(run[-1] + (1 - edge), last))) for run in runs]
    top, tall = axes.sheet.top, axes.base - axes.sheet.top
    return "".join(box(left, top, round(right - left, 1), tall, look("gap")) for left, right in fields)


def grid(axes: Axes, values: Sequence[float], look: Look) -> str:
    """Lines across the months at the values of the axis."""
    lines = "".join(f"M{axes.sheet.left:g} {axes.y(value):g}H{axes.end:g}" for value in values)
    return f'<path {look("grid")} d="{lines}"/>'


def edge(axes: Axes, last: int, look: Look, beyond: Point = (0, 0)) -> str:
    """The line before the last so many months, so many units beyond the top and the base; none before no month."""
    if not last:
        return ""
    top, foot = axes.sheet.top - beyond[0], axes.base + beyond[1]
    return f'<path {look("provisional")} d="M{axes.before(last):g} {top:g}V{foot:g}"/>'
