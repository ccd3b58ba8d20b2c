"""Twelve months of a township as a row of small bars: a month without a figure is a gap, a zero is a line.

Not here: the charts with axes (charts.py).
"""

from collections.abc import Sequence

_STEP, _BAR, _HEIGHT = 6, 5, 18
_LEAST_TOP = 5  # one clash in a year of none must not look like a wave


def draw_spark(values: Sequence[int | None], provisional: int = 0) -> str:
    """Bars on the township's own scale, at least 0 to 5; the last `provisional` months are hollow."""
    top = max([_LEAST_TOP, *(value for value in values if value is not None)])
    solid: list[str] = []
    hollow: list[str] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        tall = max(round((_HEIGHT - 1) * value / top), 1)
        bar = f"M{place * _STEP} {_HEIGHT}v-{tall}h{_BAR}v{tall}z"
        (hollow if place >= len(values) - provisional else solid).append(bar)
    said = " ".join("–" if value is None else str(value) for value in values)
    drawn = "".join(
        f'<path{look} d="{"".join(bars)}"/>' for look, bars in (("", solid), (' class="p"', hollow)) if bars
    )
    width = len(values) * _STEP
    return f'<svg class="spark" viewBox="0 0 {width} {_HEIGHT + 1}" role="img" aria-label="{said}">{drawn}</svg>'
