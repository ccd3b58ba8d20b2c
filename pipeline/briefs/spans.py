"""The rows of a timeline: calendar months, cut where the period cuts them, and the twelve months before.

Not here: what is counted in them (counts.py).
"""

from dataclasses import dataclass
from datetime import date, timedelta

SHORTEST_CUT_DAYS = 14  # fewer days of a month stand together with the month beside it: nothing is shown by the week


@dataclass(frozen=True)
class Span:
    """Days from `start` to `end`, both included, inside the period or before it."""

    start: date
    end: date
    in_period: bool

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def is_month(self) -> bool:
        """Whether it is one whole calendar month."""
        return self.start.day == 1 and self.end == month_end(self.start)


def month_end(day: date) -> date:
    return _next_month(day) - timedelta(days=1)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def spans(start: date, end: date) -> tuple[Span, ...]:
    """The context and then the period, without a gap.

    The context begins with the twelfth calendar month before that of `start`, and ends the day before `start`.
    """
    before = date(start.year - 1, start.month, 1)
    return (*_cut(before, start - timedelta(days=1), False), *_cut(start, end, True))


def _cut(start: date, end: date, in_period: bool) -> tuple[Span, ...]:
    """The months from `start` to `end`; a short piece at either end is joined to the month beside it."""
    pieces, day = [], start
    while day <= end:
        stop = min(month_end(day), end)
        pieces.append(Span(day, stop, in_period))
        day = stop + timedelta(days=1)
    if len(pieces) > 1 and pieces[0].days < SHORTEST_CUT_DAYS:
        pieces[:2] = [Span(pieces[0].start, pieces[1].end, in_period)]
    if len(pieces) > 1 and pieces[-1].days < SHORTEST_CUT_DAYS:
        pieces[-2:] = [Span(pieces[-2].start, pieces[-1].end, in_period)]
    return tuple(pieces)
