"""Monthly series as inline SVG lines; a month without a figure is a gap, never a zero.

Words stand in both languages, the page shows one of them; what is invented says so across the drawing. Not here:
which figures are shown (views.py).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from markupsafe import escape

from reports.bilingual import Both, month_both, month_short_both, same, say
from reports.figures import told
from reports.spoken import number_both
from reports.wording import number

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
    """A text in both languages; style.css hides one of them. What is the same in both stands once."""
    if words.en == words.my:
        return f'<text class="{look}" x="{x}" y="{y}">{escape(words.en)}</text>'
    return "".join(
        f'<text class="{look} {language}" lang="{language}" x="{x}" y="{y}">{escape(words.spoken(language))}</text>'
        for language in ("en", "my")
    )


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
        f'aria-label="{escape(said.en)}" data-my-aria-label="{escape(said.my)}">'
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
