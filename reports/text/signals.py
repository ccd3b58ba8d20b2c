"""The signal of a township's month and the counts of now, in words: what each means where it is read."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from pipeline.declare.codes import Signal
from reports.text.catalogue import Both, day_both, month_both, say
from reports.text.values import number_both, rate_both

Row = Mapping[str, Any]
_STANDS_OUT = 3  # months that must have had fewer before a month is called the most
# What each signal means, as the end of a sentence; after the declared choices of pipeline/declare/signals.py.
MEANINGS: Mapping[str, str] = MappingProxyType({
    Signal.ALERT: "above every month of the year before, and unlikely at its rate",
    Signal.RISE: "three months above the year before, beyond chance",
    Signal.ONSET: "the first clash after six months without one",
    Signal.FALL: "three months below the year before, beyond chance",
    Signal.LULL: "none in three months after a year with twelve or more",
    Signal.NONE: "like the township's own past, much or little fighting",
    Signal.UNKNOWN: "too little is known, which is not calm",
})  # fmt: skip


def meaning_both(code: str | None) -> Both:
    """What a signal means, as the end of a sentence."""
    return say(MEANINGS[code or Signal.UNKNOWN])


def clashes_both(count: int) -> Both:
    """A number of clashes with its noun."""
    return say("1 clash") if count == 1 else say("{n} clashes", n=number_both(count))


def counted_both(now: Row, before: Row | None, day: Both, here: Both) -> Both:
    """The clashes of three months beside the three before them and the year before.

    `now` and `before`, the row of three months earlier, hold clashes_3m_count and clashes_12m_count; `here` says where.
    """
    count = now["clashes_3m_count"]
    if count is None:
        return say("How many clashes the records count {here} in the three months to {day} is not known.", here=here,
                   day=day)  # fmt: skip
    told = {"day": day, "now": clashes_both(count), "here": here}
    if before is None or before["clashes_3m_count"] is None:
        return say("In the three months to {day} the records count {now} {here}.", **told)
    told["before"] = number_both(before["clashes_3m_count"])
    year = before["clashes_12m_count"]
    if year == 0:
        return say("In the three months to {day} the records count {now} {here}; in the year before these three months "
                   "none.", day=told["day"], now=told["now"], here=here)  # fmt: skip
    if year is None:
        return say("In the three months to {day} the records count {now} {here}, after {before} in the three months "
                   "before.", **told)  # fmt: skip
    return say("In the three months to {day} the records count {now} {here}, after {before} in the three months "
               "before; the year before these three months had {year}, or {mean} in three months.", **told,
               year=number_both(year), mean=rate_both(year / 4))  # fmt: skip


def month_words(steps: Sequence[date], counts: Sequence[int | None], until: date | None = None) -> Both:
    """The clashes of the last month in one sentence: beside the month before, and since when it is the most.

    `steps` are all months of the release, oldest first, `counts` their clashes, None where they are not known. `until`
    is the last day of a month that is not over.
    """
    when = month_both(steps[-1])
    if until is not None:
        when = say("{month} (to {day} only)", month=when, day=day_both(until))
    now, before = counts[-1], counts[-2] if len(counts) > 1 else None
    if now is None:
        return say("How many clashes there were in {month} is not known.", month=when)
    if now == 0:
        return _none_now(when, steps, counts)
    told = {"now": clashes_both(now), "month": when, "before": number_both(before)}
    if before is None:
        return say("{now} in {month}; the month before is not known.", now=told["now"], month=when)
    earlier = [place for place, count in enumerate(counts[:-1]) if count is None or count >= now]
    fewer = len(counts) - 2 - (earlier[-1] if earlier else -1)
    if fewer < _STANDS_OUT:
        return say("{now} in {month}, {before} in the month before.", **told)
    if earlier and counts[earlier[-1]] is not None:
        return say("{now} in {month}, {before} in the month before; the most in a month since {since}.", **told,
                   since=month_both(steps[earlier[-1]]))  # fmt: skip
    first = month_both(steps[earlier[-1] + 1 if earlier else 0])
    return say("{now} in {month}, {before} in the month before; the most since the records begin in {first}.", **told,
               first=first)  # fmt: skip


def _none_now(when: Both, steps: Sequence[date], counts: Sequence[int | None]) -> Both:
    """No clash in the last month: when there was one before."""
    last = next((place for place in reversed(range(len(counts))) if counts[place]), None)
    if last is None:
        return say("No clash is recorded in {month} or any month before.", month=when)
    if last == len(counts) - 2:
        return say("No clash is recorded in {month}, {before} in the month before.", month=when,
                   before=number_both(counts[last]))  # fmt: skip
    return say("No clash is recorded in {month}; the last one in {last}.", month=when, last=month_both(steps[last]))


def quarter_words(now: int | None, before: int | None, until: date | None) -> Both | None:
    """The clashes of three months beside the three before them; None where either is not known."""
    if now is None or before is None:
        return None
    return say("{now} in the three months to {day}, {before} in the three months before.", now=clashes_both(now),
               day=day_both(until), before=number_both(before))  # fmt: skip
