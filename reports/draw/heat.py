"""A heat strip: a row a township, a cell a month, in the five shades of the map of clashes.

Onset, spread and silence show at once. A month of which nothing is known is hatched, never the lightest shade. Runs of
one shade are one stroke, so that 55 townships by 35 months take some ten kilobytes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from reports.draw.axes import years
from reports.draw.svg import box, by_attributes, by_class, labelled, opened, text, watermark
from reports.draw.symbology import CLASHES_NOW, NONE, QUARTER, hatching
from reports.text.catalogue import Both, same

_NAMES, _WIDE = 112, 250  # units of the names and of the months at least
_ROW, _HEAD = 16, 16  # a row holds a Burmese name with its signs above and below
_GAP = "heat-gap"
_FILLS = dict(CLASHES_NOW.fills)
_SHADES = tuple(look for look, start in QUARTER if start > 0)
_STEPS = frozenset(look for look, _ in QUARTER)
_YEARS_BELOW = 12  # rows from which on the years stand below as well


@dataclass(frozen=True)
class Strip:
    """One township: its name and the look of each month, a step of QUARTER or a word for what is not known."""

    name: Both
    looks: tuple[str, ...]


def draw_heat(months: Sequence[date], strips: Sequence[Strip], words: Both, mark: str = "") -> str:
    """The strips one below the other, oldest month left; `mark` is printed across."""
    step = max(_WIDE // max(len(months), 1), 2)
    wide, foot = _NAMES + step * len(months), _HEAD + _ROW * len(strips)
    tall = foot + (_HEAD if len(strips) >= _YEARS_BELOW else 2)
    ground = by_attributes(fill=NONE)
    parts = [
        opened("heat", wide, tall, labelled(words)), f"<defs>{hatching(_GAP, 0.6)}</defs>",
        box(_NAMES, _HEAD, step * len(months), foot - _HEAD, ground),
    ]  # fmt: skip
    for look in _SHADES:
        path = "".join(_runs(strip.looks, look, _HEAD + _ROW * (row + 0.5), step) for row, strip in enumerate(strips))
        if path:
            parts.append(f'<path {by_attributes(stroke=_FILLS[look], stroke_width=f"{_ROW - 1}")} d="{path}"/>')
    unknown = "".join(_fields(strip.looks, _HEAD + _ROW * row, step) for row, strip in enumerate(strips))
    if unknown:
        parts.append(f'<path {by_attributes(fill=f"url(#{_GAP})")} d="{unknown}"/>')
    for place in years(months):
        left = _NAMES + step * place
        parts.append(f'<path {by_class("tick")} d="M{left} {_HEAD - 4}V{foot}"/>')
        parts += [text(same(f"{months[place]:%Y}"), left + 2, high, by_class("year"))
                  for high in ((_HEAD - 5, tall - 4) if tall > foot + 2 else (_HEAD - 5,))]  # fmt: skip
    parts += [text(strip.name, _NAMES - 4, _HEAD + _ROW * (row + 0.8), by_class("name"))
              for row, strip in enumerate(strips)]  # fmt: skip
    middle = [(_NAMES + step * len(months) // 2, (_HEAD + foot) // 2)]
    return "".join([*parts, watermark([mark] if mark else [], middle, 0, by_class("across")), "</svg>"])


def _stretches(looks: Sequence[str], wanted: Collection[str]) -> list[tuple[int, int]]:
    """Where runs of months whose look is one of `wanted` begin, and how many months they are."""
    found, place = [], 0
    for holds, run in groupby(looks, key=lambda look: look in wanted):
        count = sum(1 for _ in run)
        if holds:
            found.append((place, count))
        place += count
    return found


def _runs(looks: Sequence[str], wanted: str, middle: float, step: int) -> str:
    """A stroke over every run of months of one look; each but the first from the end of the one before."""
    parts, end = [], -1
    for place, count in _stretches(looks, {wanted}):
        start = f"M{_NAMES + step * place} {middle:g}" if end < 0 else f"m{step * (place - end)} 0"
        parts.append(f"{start}h{step * count}")
        end = place + count
    return "".join(parts)


def _fields(looks: Sequence[str], top: int, step: int) -> str:
    """A field over every run of months that are not known; each but the first from the start of the one before."""
    parts, before = [], -1
    for place, count in _stretches(looks, {*looks} - _STEPS):
        start = f"M{_NAMES + step * place} {top}" if before < 0 else f"m{step * (place - before)} 0"
        parts.append(f"{start}h{step * count}v{_ROW}h-{step * count}z")
        before = place
    return "".join(parts)
