"""The signal of a township's month and the counts of now, in words: what each means where it is read."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pipeline.declare.codes import Signal
from reports.text.catalogue import Both, say
from reports.text.values import number_both, rate_both
from reports.text.wording import NOT_KNOWN

Row = Mapping[str, Any]
# Signal -> (its word, what it means). The sentences follow the declared choices of pipeline/declare/signals.py.
SIGNALS: Mapping[str, tuple[str, str]] = MappingProxyType({
    Signal.ALERT: ("alert", "more clashes in the month than in any of the twelve before, and unlikely by chance."),
    Signal.RISE: ("rise", "the three months are above the year before them by more than chance explains."),
    Signal.ONSET: ("onset", "the first clash after six months or more without one; a single clash may be chance."),
    Signal.FALL: ("fall", "the three months are below the year before them by more than chance explains."),
    Signal.LULL: ("lull", "no clash in three months, after a year with at least twelve. It need not last."),
    Signal.NONE: ("no signal", "the month is within what the township's own past allows. That is not calm."),
    Signal.UNKNOWN: (NOT_KNOWN, "too little reports from the township to tell a quiet month from an unseen one."),
})  # fmt: skip


def signal_both(code: str | None) -> Both:
    """The word of a signal; one that is not there is not known."""
    return say(SIGNALS[code or Signal.UNKNOWN][0])


def meaning_both(code: str | None) -> Both:
    """What a signal means, as the end of a sentence."""
    return say(SIGNALS[code or Signal.UNKNOWN][1])


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
