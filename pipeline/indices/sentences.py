"""One township's row of the published index -> the nearest other class of each index, in numbers and as a sentence.

The vocabulary is fixed: every sentence is one of the few below, with numbers and class names filled in. Not here:
which class is nearest (nearest.py), and which deliveries a figure rests on (explanations.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.codes import SERVICE_ITEMS, HumanitarianClass, SecurityClass
from pipeline.indices.disclosure import ROUNDED_TO_PERSONS, SMALLEST_SHOWN_PERSONS
from pipeline.indices.nearest import UNKNOWN, Rung, ServiceState, ladder, nearest_rung

CLASHES, PERSONS, LOSS = "clashes", "displaced people, rounded to ten", "share lost of the known service items"
ITEMS, KNOWN_ITEMS = "service items", "known service items"
_TOTAL = len(SERVICE_ITEMS)
_SECURITY = (SecurityClass.NOT_IN_CONFLICT.value, SecurityClass.LOW.value, SecurityClass.HIGH.value)
_HUMANITARIAN = (HumanitarianClass.NO_NEW_IDPS.value, HumanitarianClass.LOW.value, HumanitarianClass.HIGH.value)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Explained:
    """The columns of one explanation; `nearest_class` is never the class itself."""

    value: float | None
    value_unit: str
    class_now: str
    nearest_class: str | None
    distance: float | None
    distance_unit: str | None
    explanation: str


def _words(name: str) -> str:
    """A class as a word of a sentence; the code no_new_idps is no word that a reader should have to know."""
    return "no new displacement" if name == HumanitarianClass.NO_NEW_IDPS else name.replace("_", " ")


def _target(rung: Rung, now: str, rungs: tuple[Rung, ...], cut: float) -> str:
    """The class to reach, with the cut where that is what lies between."""
    at_cut = rungs[-1].name in (rung.name, now)
    return _words(rung.name) + (f" (cut {cut:,.10g})" if at_cut else "")


def explain_security(row: Row, cut: float, cumulative: bool, has_source: bool) -> Explained:
    """Between no clash, low and high by the source's cut; a township that the source does not cover waits for one."""
    now, rungs = row["security_class"], ladder(_SECURITY, cut)
    if now == UNKNOWN and not has_source:
        return Explained(None, CLASHES, now, None, None, None, "No clash source was delivered.")
    if now == UNKNOWN:
        first = rungs[1].name
        said = f"The source's silence here does not mean zero; 1 reported clash would make it {_words(first)}."
        return Explained(None, CLASHES, now, first, 1.0, CLASHES, said)
    rung, gap = nearest_rung(row["clashes_count"], now, rungs)
    number, way = abs(gap), "more" if gap > 0 else "fewer"
    said = f"{number:,} {way} clash{'es' * (number > 1)} would make it {_target(rung, now, rungs, cut)}."
    if gap < 0 and cumulative:
        said += " A cumulative count falls only where the source corrects or deletes records."
    elif gap < 0:
        said += " The count falls as months leave the window, or where the source corrects or deletes records."
    return Explained(float(row["clashes_count"]), CLASHES, now, rung.name, float(gap), CLASHES, said)


def _by_a_clash(row: Row, has_source: bool, value: float | None, unit: str, now: str, then: str) -> Explained:
    """Outside conflict, or where that is not known: a clash brings it in, with the class that its record gives."""
    if row["in_conflict"] is None and (then == now or not has_source):
        said = "Whether it is in conflict is not known, so it has no class."
        return Explained(value, unit, now, None, None, None, said)
    said = f"1 clash would put it in conflict; by the record in force its class would then be {_words(then)}."
    if then == UNKNOWN:
        said = f"1 clash would put it in conflict; without a record that suffices its class would be {_words(then)}."
    return Explained(value, unit, now, then, 1.0, CLASHES, said)


def explain_humanitarian(row: Row, cut: float, has_source: bool) -> Explained:
    """From the figure as shown: rounded, and without a distance where 1 to 9 people are withheld.

    A withheld figure stands for the middle of 1 to 9 where classes are compared. Distances are in tens, but for the
    one person that a reported zero is from the next class: a zero was never rounded.
    """
    now, shown, withheld = row["humanitarian_class"], row["idps_persons"], row["idps_suppressed"]
    value = None if shown is None else float(shown)
    count = SMALLEST_SHOWN_PERSONS // 2 if withheld else shown
    rungs = ladder(_HUMANITARIAN, cut)
    if not row["in_conflict"]:
        by_figure = UNKNOWN if count is None else [rung.name for rung in rungs if count >= rung.first][-1]
        return _by_a_clash(row, has_source, value, PERSONS, now, by_figure)
    if count is None:
        said = "No displacement figure is in force; a report would give it a class."
        return Explained(None, PERSONS, now, None, None, None, said)
    rung, gap = nearest_rung(count, now, rungs)
    order = [one.name for one in rungs]
    way = "more" if order.index(rung.name) > order.index(now) else "fewer"
    target = _target(rung, now, rungs, cut)
    if withheld:
        change = "none at all" if rung.last == 0 else f"a few {way}"
        said = f"1 to 9 displaced people, a figure that is withheld; {change} would make it {target}."
        return Explained(None, PERSONS, now, rung.name, None, None, said)
    distance = gap if shown == 0 else _tens(gap)
    if distance == 0:
        change = "rise" if way == "more" else "fall"
        said = f"A {change} by fewer than {ROUNDED_TO_PERSONS} displaced people would make it {target}."
    elif shown == 0:
        said = f"{distance:,} displaced {'person' if distance == 1 else 'people'} would make it {target}."
    else:
        said = f"About {abs(distance):,} {way} displaced people would make it {target}."
    return Explained(value, PERSONS, now, rung.name, float(distance), PERSONS, said)


def _tens(gap: int) -> int:
    """To the nearest ten, halves away from zero: the figure it is made from is no finer."""
    size = (abs(gap) + ROUNDED_TO_PERSONS // 2) // ROUNDED_TO_PERSONS * ROUNDED_TO_PERSONS
    return size if gap > 0 else -size


def explain_services(
    row: Row, cut: float, states: Mapping[tuple[int, int], ServiceState], has_source: bool
) -> Explained:
    """The least change among the known items, and what the unknown ones could do; `states` of nearest.py."""
    now, known = row["services_class"], row["services_known_count"]
    # The best case is the sum of halves over twice five items, so the halves come back exactly.
    state = states[known, round(row["services_lost_min"] * 2 * _TOTAL)]
    value = row["services_lost_score"]
    if not row["in_conflict"]:
        return _by_a_clash(row, has_source, value, LOSS, now, state.now)
    unknown = _TOTAL - known
    if state.needed is not None:
        said = f"Needs {state.needed} more known service item{'s' * (state.needed > 1)} to have a class"
        said += f", {_words(state.nearest)} whatever the answer." if state.nearest else ": the answers decide which."
        return Explained(value, LOSS, now, state.nearest, float(state.needed), KNOWN_ITEMS, said)
    if state.halves is None:
        return Explained(value, LOSS, now, None, None, None, "No change of a service item would change its class.")
    way = "more" if state.halves > 0 else "fewer"
    items = f"service item{'s' * (abs(state.halves) != 2)}"
    target = f"{_words(state.nearest or UNKNOWN)} (cut {cut:g} of the known items)"
    said = f"{abs(state.halves) / 2:g} {way} {items} lost would make it {target}."
    unknowns = f"{unknown} unknown item{'s' * (unknown > 1)}"
    if unknown and state.turning is None:
        said += f" Knowing the {unknowns} could not change it."
    elif unknown:
        said += f" Knowing {state.turning} of the {unknowns} could change it too."
    return Explained(value, LOSS, now, state.nearest, state.halves / 2, ITEMS, said)
