"""The other class that takes the least to reach: on a ladder of counts, and among the states of the five services.

Not here: the classes themselves (security.py, humanitarian.py, services.py) and the sentences (explanations.py).
"""

import math
from dataclasses import dataclass

from pipeline.codes import SERVICE_ITEMS, ServicesClass
from pipeline.indices.services import classes_by_state
from pipeline.methods import Method

UNKNOWN = ServicesClass.INSUFFICIENT_DATA.value


@dataclass(frozen=True)
class Rung:
    """A class and the counts that have it; `last` is None for the highest."""

    name: str
    first: int
    last: int | None


def ladder(names: tuple[str, str, str], cut: float) -> tuple[Rung, ...]:
    """Classes of a count, from the lowest: none at 0, low from 1 on, high from the cut on.

    A cut of one or less leaves no count for the class between, which then has no rung.
    """
    lowest, middle, highest = names
    high = max(math.ceil(cut), 1)
    rungs = (Rung(lowest, 0, 0), Rung(middle, 1, high - 1), Rung(highest, high, None))
    return tuple(rung for rung in rungs if rung.last is None or rung.last >= rung.first)


def nearest_rung(count: int, now: str, rungs: tuple[Rung, ...]) -> tuple[Rung, int]:
    """The rung nearest to `count` other than that of the class `now`, and how far it is; of two, the higher one.

    The class is given and not read off the count, for a count that was rounded may stand beyond the cut: the
    distance is then 0 and never points away from the rung. Raises ValueError for a class without a rung.
    """
    here = [rung.name for rung in rungs].index(now)
    found = [
        (rung, max(rung.first - count, 0) if place > here else min((rung.last or 0) - count, 0))
        for place, rung in enumerate(rungs)
        if place != here
    ]
    return min(reversed(found), key=lambda one: abs(one[1]))


@dataclass(frozen=True)
class ServiceState:
    """What can become of a township in conflict with so many items known and so much lost of them.

    `nearest` is the class that the smallest change among the known items gives, `halves` that change in halves of an
    item (below zero: less lost). Without a class, `needed` is the number of further items to be known until every
    answer gives one, and `nearest` the class if all answers give the same. `turning` is the least number of unknown
    items that could change a class; None where no answer could.
    """

    now: str
    nearest: str | None
    halves: int | None = None
    needed: int | None = None
    turning: int | None = None


def service_states(method: Method) -> dict[tuple[int, int], ServiceState]:
    """(items known, halves lost) -> what can become of it, by trying every state that can be reached.

    All moves are looked at: each known item may change by halves between in place and lost, so the sum takes every
    value from 0 to 2 for each known item; each unknown one may prove in place, half lost or lost.
    """
    classes = classes_by_state(method)
    return {state: _one_state(*state, classes) for state in classes}


def _one_state(known: int, lost: int, classes: dict[tuple[int, int], str]) -> ServiceState:
    now = classes[known, lost]
    learnt = {
        more: {classes[known + more, lost + halves] for halves in range(2 * more + 1)}
        for more in range(1, len(SERVICE_ITEMS) - known + 1)
    }
    if now == UNKNOWN:
        needed = next((more for more, found in learnt.items() if UNKNOWN not in found), None)
        same = learnt[needed] if needed else set()
        return ServiceState(now, next(iter(same)) if len(same) == 1 else None, needed=needed)
    others = [other - lost for other in range(2 * known + 1) if classes[known, other] != now]
    turning = next((more for more, found in learnt.items() if found != {now}), None)
    if not others:
        return ServiceState(now, None, turning=turning)
    halves = min(others, key=lambda change: (abs(change), -change))
    return ServiceState(now, classes[known, lost + halves], halves=halves, turning=turning)
