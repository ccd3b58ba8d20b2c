"""Bars of events by month in three rows of one scale, as an SVG for page and PDF alike.

Looks stand in attributes, so that the drawing needs no style sheet. Numbers and their height say the same; hatching is
what is not known. Not here: what is counted (neutral_events.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.briefs.spans import Span
from reports.bilingual import Both
from reports.neutral_blocks import Drawing, Speak
from reports.neutral_words import words

WIDTH, ROW, HEAD, FOOT = 900, 112, 26, 62
_LEFT, _RIGHT = 8, 8
_INSIDE, _BEFORE = "#17324d", "#a9bfd0"
FONTS = "Noto Sans, Noto Sans Myanmar, sans-serif"
HATCH = (
    '<pattern id="{0}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" fill="#f1f1f1"/><rect width="2.4" height="7" fill="#7d7d7d"/></pattern>'
)


@dataclass(frozen=True)
class Bar:
    span: Span
    value: int | None


def text(x: float, y: float, said: str, size: float = 13, **more: str) -> str:
    extra = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="#111"{extra}>{said}</text>'


def marks(said: Sequence[str], width: float, height: float, every: float) -> str:
    """The words SYNTHETIC DATA or SCHEMATIC SHAPES across a drawing."""
    parts = []
    for n in range(max(1, round(height / every)) if said else 0):
        x, y = width * (0.3 if n % 2 == 0 else 0.7), every * (n + 0.6)
        parts.append(
            f'<text transform="translate({x:.0f} {y:.0f}) rotate(-18)" font-size="46" font-weight="700" fill="#000" '
            f'fill-opacity="0.13" text-anchor="middle">{said[n % len(said)]}</text>'
        )
    return f'<g aria-hidden="true">{"".join(parts)}</g>' if parts else ""


def draw_bars(rows: Sequence[tuple[Both, Sequence[Bar]]], mark: Sequence[Both]) -> Drawing:
    """A function that draws the chart with the words of one language, or of both."""

    def draw(speak: Speak) -> str:
        height = len(rows) * (ROW + HEAD) + FOOT
        bars = rows[0][1]
        step = (WIDTH - _LEFT - _RIGHT) / len(bars)
        top = max((bar.value or 0 for _, own in rows for bar in own), default=0) or 1
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-labelledby="chart-alt" font-family="{FONTS}"><defs>{HATCH.format("gap")}</defs>'
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
        ]
        for n, (name, own) in enumerate(rows):
            base = n * (ROW + HEAD) + HEAD + ROW
            parts.append(text(_LEFT, base - ROW - 6, speak(name), 15, font_weight="700"))
            parts.append(f'<path d="M{_LEFT} {base}H{WIDTH - _RIGHT}" stroke="#333" stroke-width="1"/>')
            parts += [_bar(bar, _LEFT + place * step, base, step, top, speak) for place, bar in enumerate(own)]
        parts += _axis(bars, step, len(rows) * (ROW + HEAD), speak)
        parts.append(marks([speak(one) for one in mark], WIDTH, height, 150))
        return "".join(parts) + "</svg>"

    return draw


def _bar(bar: Bar, x: float, base: float, step: float, top: int, speak: Speak) -> str:
    width = step * 0.76
    left = x + (step - width) / 2
    if bar.value is None:
        return f'<rect x="{left:.1f}" y="{base - 60}" width="{width:.1f}" height="60" fill="url(#gap)" stroke="#555"/>'
    tall = (ROW - 20) * bar.value / top
    said = speak(words("value", number=bar.value))
    fill = _INSIDE if bar.span.in_period else _BEFORE
    drawn = f'<rect x="{left:.1f}" y="{base - tall:.1f}" width="{width:.1f}" height="{tall:.1f}" fill="{fill}"/>'
    size = 13 if step > 34 else 10
    return drawn + text(x + step / 2, base - tall - 4, said, size, text_anchor="middle")


def _axis(bars: Sequence[Bar], step: float, base: float, speak: Speak) -> list[str]:
    """Number of the month under each bar (the last one of a joined row), years, and the key."""
    parts = []
    for n, bar in enumerate(bars):
        x = _LEFT + (n + 0.5) * step
        first_month, last_month = bar.span.start.month, bar.span.end.month
        shown = (
            words("value", number=first_month)
            if first_month == last_month
            else words("axis_months", number_first=first_month, number_last=last_month)
        )
        parts.append(text(x, base + 16, speak(shown), 12 if step > 34 else 9, text_anchor="middle"))
        if n == 0 or bar.span.end.year != bars[n - 1].span.end.year:
            parts.append(text(x, base + 33, speak(words("axis_year", year=bar.span.end.year)), 13, text_anchor="middle"))
    first = next((n for n, bar in enumerate(bars) if bar.span.in_period), 0)
    if first:
        x = _LEFT + first * step
        parts.append(f'<path d="M{x:.1f} 4V{base + 20:.0f}" stroke="#333" stroke-dasharray="5 4" fill="none"/>')
    keys = [("key_before", _BEFORE), ("key_period", _INSIDE)]
    if any(bar.value is None for bar in bars):
        keys.append(("key_gap", "url(#gap)"))
    for n, (key, fill) in enumerate(keys):
        x = _LEFT + n * 240
        parts.append(f'<rect x="{x}" y="{base + 43}" width="20" height="13" fill="{fill}" stroke="#333"/>')
        parts.append(text(x + 27, base + 55, speak(words(key)), 13))
    return parts
