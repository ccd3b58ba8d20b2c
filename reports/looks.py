"""How a township is shown on a map: its class, or one of the four looks that are no class.

Zero (not in conflict), no data (no record in force), insufficient evidence (records, but too few for a class; or no
clash known and the evidence of grade D) and a withheld figure are four different things and get four different looks,
on every map, table and page, in the brief too. Not here: fills and patterns (maps.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.codes import Controller, HumanitarianClass, SecurityClass, ServicesClass
from reports.bilingual import Both, label_both, say
from reports.wording import UNSETTLED_FROM, UNSETTLED_TO

WEAK, WITHHELD = "weak_evidence", "withheld"
WEAKEST_GRADE = "D"
# Frozen classes of the probability that security is high; the outer breaks are those of "unsettled" everywhere.
CHANCE_MIDDLE = 0.5
CHANCES = ("chance_over_95", "chance_50_95", "chance_5_50", "chance_under_5")


def looks(row: Mapping[str, Any]) -> dict[str, str]:
    """The look of one township in one month by the column of each map, from its row of township_index.

    A township without a row, or without a class, is insufficient data: never "not in conflict".
    """
    weak = _is_weak(row)
    return {
        "security_look": WEAK if weak else row.get("security_class") or SecurityClass.INSUFFICIENT_DATA,
        "humanitarian_look": WEAK if weak else _humanitarian(row),
        "services_look": WEAK if weak else _services(row),
        "control_look": row.get("control_class") or Controller.UNKNOWN,
        "chance_look": WEAK if weak else _chance(row),
    }


def look_words(look: str) -> Both:
    """The look in words; nothing known and too little known are two things."""
    return say("no data") if look == SecurityClass.INSUFFICIENT_DATA else label_both(look)


def shown_looks(fills: Sequence[tuple[str, str]], counts: Mapping[str, int]) -> list[str]:
    """The entries of a legend: every class; weak evidence and withheld only where there are any."""
    return [look for look, _ in fills if counts.get(look) or look not in {WEAK, WITHHELD}]


def _is_weak(row: Mapping[str, Any]) -> bool:
    """No clash is known there, and of so weak an evidence (grade D) that this is no finding of quiet.

    A class that rests on clashes stays whatever the grade: the clashes are known, and they are floors.
    """
    return row.get("security_class") == SecurityClass.NOT_IN_CONFLICT and row.get("evidence_grade") == WEAKEST_GRADE


def _humanitarian(row: Mapping[str, Any]) -> str:
    """The class; where the figure behind it is withheld (1 to 9 people), that is what is shown."""
    found: str = row.get("humanitarian_class") or HumanitarianClass.INSUFFICIENT_DATA
    counted = {HumanitarianClass.HIGH, HumanitarianClass.LOW, HumanitarianClass.NO_NEW_IDPS}
    return WITHHELD if row.get("idps_suppressed") and found in counted else found


def _services(row: Mapping[str, Any]) -> str:
    """The class; answers on some items that are too few for one are evidence, but not enough of it."""
    found: str = row.get("services_class") or ServicesClass.INSUFFICIENT_DATA
    return WEAK if found == ServicesClass.INSUFFICIENT_DATA and row.get("services_known_count") else found


def _chance(row: Mapping[str, Any]) -> str:
    value = row.get("security_high_probability")
    if value is None:
        return SecurityClass.INSUFFICIENT_DATA
    over, upper, lower, under = CHANCES
    if value > UNSETTLED_TO:
        return over
    if value < UNSETTLED_FROM:
        return under
    return upper if value >= CHANCE_MIDDLE else lower
