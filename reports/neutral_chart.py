"""Bars of events by month, one drawing a class and one scale for all, as SVGs for page and PDF alike.

Looks stand in attributes, so that a drawing needs no style sheet, and it holds digits alone. Numbers and heights say
the same; hatching is what is not known. Not here: what is counted (neutral_events.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.briefs.spans import Span
from reports.bilingual import Both
from reports.neutral_blocks import Key, Panel
from reports.neutral_words import words

_WIDTH, _TALLEST, _HEAD, _AXIS = 640, 86, 18, 36
_YEAR_WIDE = 34  # four digits and a gap
_INSIDE, _BEFORE = "#17324d", "#a9bfd0"
_FONT = "Noto Sans, sans-serif"


@dataclass(frozen=True)
class Bar:
    span: Span
    value: int | None


def hatch(name: str) -> str:
    return (
        f'<defs><pattern id="{name}" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="7" height="7" fill="#f1f1f1"/>'
        '<rect width="2.4" height="7" fill="#7d7d7d"/></pattern></defs>'
    )


def opened(width: int, height: float, labelled_by: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" role="img" '
        f'aria-labelledby="{labelled_by}" font-family="{_FONT}"><rect width="{width}" height="{height:g}" fill="#fff"/>'
    )


def swatch(fill: str, name: str, line: str = "#333") -> str:
    """A little rectangle for a legend; `fill` "hatch" is the look of what is not known."""
    drawn = f"url(#{name})" if fill == "hatch" else fill
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 22" aria-hidden="true">'
        f"{hatch(name) if fill == 'hatch' else ''}"
        f'<rect x="1" y="1" width="30" height="20" fill="{drawn}" stroke="{line}"/></svg>'
    )


def digits(x: float, y: float, said: Both, size: float, **more: str) -> str:
    """A number, the same in both languages."""
    extra = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="#111" text-anchor="middle"{extra}>{said.en}</text>'
    )


def marks(said: Sequence[Both], width: float, height: float, every: float, size: float) -> str:
    """The words SYNTHETIC DATA or SCHEMATIC SHAPES across a drawing."""
    parts = []
    for n in range(max(1, round(height / every)) if said else 0):
        x, y = width * (0.3 if n % 2 == 0 else 0.7), min(every * (n + 0.6), height * 0.75)
        parts.append(
            f'<text transform="translate({x:.0f} {y:.0f}) rotate(-12)" font-size="{size:g}" font-weight="700" '
            f'fill="#000" fill-opacity="0.13" text-anchor="middle">{said[n % len(said)].en}</text>'
        )
    return f'<g aria-hidden="true">{"".join(parts)}</g>' if parts else ""


def bars(rows: Sequence[tuple[Both, Sequence[Bar]]], mark: Sequence[Both]) -> tuple[tuple[Panel, ...], tuple[Key, ...]]:
    """A panel for each class, as tall as its own largest bar on the common scale, and the key."""
    top = max((bar.value or 0 for _, own in rows for bar in own), default=0) or 1
    panels = []
    for n, (name, own) in enumerate(rows):
        tall = max(_TALLEST * max((bar.value or 0 for bar in own), default=0) / top, 14)
        base, step = _HEAD + tall, _WIDTH / len(own)
        height = base + _AXIS
        parts = [opened(_WIDTH, height, "chart-alt"), hatch(f"gap{n}")]
        parts += [_bar(bar, place * step, base, step, top, f"gap{n}") for place, bar in enumerate(own)]
        parts.append(f'<path d="M0 {base:g}H{_WIDTH}" stroke="#333" stroke-width="1"/>')
        parts += _axis(own, step, base)
        parts.append(marks(mark, _WIDTH, height, 150, 30))
        panels.append(Panel("".join(parts) + "</svg>", name))
    keys = [Key(swatch(_BEFORE, ""), words("key_before")), Key(swatch(_INSIDE, ""), words("key_period"))]
    if any(bar.value is None for _, own in rows for bar in own):
        keys.append(Key(swatch("hatch", "gap-key"), words("key_gap")))
    return tuple(panels), tuple(keys)


def _bar(bar: Bar, x: float, base: float, step: float, top: int, gap: str) -> str:
    width = step * 0.76
    left = x + (step - width) / 2
    if bar.value is None:
        return (
            f'<rect x="{left:.1f}" y="{base - 14:g}" width="{width:.1f}" height="14" fill="url(#{gap})" stroke="#555"/>'
        )
    tall = _TALLEST * bar.value / top
    fill = _INSIDE if bar.span.in_period else _BEFORE
    drawn = f'<rect x="{left:.1f}" y="{base - tall:.1f}" width="{width:.1f}" height="{tall:.1f}" fill="{fill}"/>'
    return drawn + digits(x + step / 2, base - tall - 4, words("value", number=bar.value), _size(step))


def _size(step: float) -> float:
    return 11.5 if step > 24 else 8


def _axis(own: Sequence[Bar], step: float, base: float) -> list[str]:
    """The number of the month under each bar (both months of a joined row), and each year where it begins."""
    parts = []
    for n, bar in enumerate(own):
        x = (n + 0.5) * step
        first, last = bar.span.start.month, bar.span.end.month
        shown = (
            words("value", number=first)
            if first == last
            else words("axis_months", number_first=first, number_last=last)
        )
        parts.append(digits(x, base + 14, shown, _size(step)))
        year = bar.span.end.year
        begins = n == 0 or year != own[n - 1].span.end.year
        # The year of a lone bar or two at the left stays out: the next one would be written over it.
        if begins and (n or sum(one.span.end.year == year for one in own) * step > _YEAR_WIDE):
            parts.append(digits(min(max(x, 14), _WIDTH - 14), base + 29, words("axis_year", year=year), 11.5))
    first_inside = next((n for n, bar in enumerate(own) if bar.span.in_period), 0)
    if first_inside:
        x = first_inside * step
        parts.append(f'<path d="M{x:.1f} 2V{base + 20:g}" stroke="#333" stroke-dasharray="5 4" fill="none"/>')
    return parts
