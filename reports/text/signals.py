"""The signal of a township's month and the counts of now, in words: what each means where it is read."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pipeline.declare.codes import Signal
from reports.text.catalogue import Both, say
from reports.text.values import number_both, rate_both

Row = Mapping[str, Any]
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
