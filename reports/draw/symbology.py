"""Symbology: the words, the symbol, the colour and the order of every class, on maps, tables, pages and in both briefs.

Also which look a township has on a map: its class, or one of the four looks that are no class. Zero (not in conflict),
no data (no record in force), insufficient evidence (records, but too few for a class; or no clash known and the
evidence of grade D) and a withheld figure are four different things and get four different looks.

Data and rules alone: the drawers, the chips and the texts read from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pipeline.declare.codes import (
    ChangeClass,
    Controller,
    ControlState,
    HotSpot,
    HumanitarianClass,
    IndexName,
    LocalCluster,
    SecurityClass,
    ServicesClass,
)
from pipeline.declare.indices import BY_INDEX, INDICES

WEAK, WITHHELD = "weak_evidence", "withheld"
WEAKEST_GRADE = "D"
QUIET = SecurityClass.NOT_IN_CONFLICT.value  # the lightest class, the same of all indices
# A probability of class high from the one to the other leaves the class open.
UNSETTLED = (0.05, 0.95)
# Frozen classes of the probability that security is high; the outer breaks are those of UNSETTLED.
CHANCE_MIDDLE = 0.5
CHANCES = ("chance_over_95", "chance_50_95", "chance_5_50", "chance_under_5")

# Class or look -> its words in English, a phrase of the catalogue.
WORDS: Mapping[str, str] = MappingProxyType({
    SecurityClass.HIGH: "high",
    SecurityClass.LOW: "low",
    ServicesClass.SEVERE: "severe",
    ServicesClass.LOWER: "lower",
    HumanitarianClass.NO_NEW_IDPS: "no new displacement reported",
    SecurityClass.NOT_IN_CONFLICT: "not in conflict",
    SecurityClass.INSUFFICIENT_DATA: "insufficient data",
    Controller.STATE: "state",
    Controller.CONTESTED: "contested",
    Controller.RESISTANCE: "resistance",
    Controller.OTHER: "other",
    Controller.UNKNOWN: "unknown",
    ControlState.LOST: "lost",
    ControlState.HELD: "neither lost nor contested",
    HotSpot.HOT: "hot spot",
    HotSpot.COLD: "cold spot",
    HotSpot.NONE: "neither hot nor cold",
    LocalCluster.HIGH_HIGH: "high among high",
    LocalCluster.LOW_LOW: "low among low",
    LocalCluster.HIGH_LOW: "high among low",
    LocalCluster.LOW_HIGH: "low among high",
    LocalCluster.NOT_SIGNIFICANT: "no cluster",
    ChangeClass.RISE: "rise",
    ChangeClass.FALL: "fall",
    ChangeClass.LIMITED_CHANGE: "limited change",
    ChangeClass.NO_COMPARISON: "no comparison",
    WEAK: "insufficient evidence",
    WITHHELD: "fewer than 10 displaced people, figure withheld",
    CHANCES[0]: "over 95 %",
    CHANCES[1]: "50 to 95 %",
    CHANCES[2]: "5 to under 50 %",
    CHANCES[3]: "under 5 %",
})  # fmt: skip

# Class -> its chip in style.css (chip-...). A class without one is drawn as unknown.
CHIPS: Mapping[str, str] = MappingProxyType({
    **{str(code): str(code)
       for kind in (SecurityClass, HumanitarianClass, ServicesClass, Controller, ControlState, HotSpot)
       for code in kind},
    WEAK: "weak",
    WITHHELD: "suppressed",
})  # fmt: skip
# Change class -> the sign before its figures.
ARROWS: Mapping[str, str] = MappingProxyType(
    {ChangeClass.RISE: "▲", ChangeClass.FALL: "▼", ChangeClass.LIMITED_CHANGE: "■"}
)

# Zero, no data, insufficient evidence and withheld are four textures, told apart in grey and by any eye.
NONE, HATCH, LINES, DOTS = "#f7f7f4", "url(#hatch)", "url(#lines)", "url(#dots)"
HATCHING = (
    '<pattern id="hatch" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="9" height="9" fill="#ededed"/><rect width="3" height="9" fill="#7d7d7d"/></pattern>'
)
PATTERNS = (
    f'{HATCHING}<pattern id="lines" width="160" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="160" height="8" fill="#d9d9d9"/><rect width="160" height="2" fill="#b0b0b0"/></pattern>'
    '<pattern id="dots" width="12" height="12" patternUnits="userSpaceOnUse">'
    '<rect width="12" height="12" fill="#fff"/><circle cx="3" cy="3" r="2.6" fill="#2a6099"/>'
    '<circle cx="9" cy="9" r="2.6" fill="#2a6099"/></pattern>'
)


def hatching(name: str, size: float = 1.0) -> str:
    """The texture of what is not known under a name of its own: two drawings of a page must not share one.

    `size` is finer below 1, for a small drawing.
    """
    return HATCHING.replace('id="hatch"', f'id="{name}"').replace("rotate(45)", f"rotate(45) scale({size:g})")


_UNRANKED = frozenset({WEAK, WITHHELD, SecurityClass.INSUFFICIENT_DATA.value, Controller.UNKNOWN.value})


@dataclass(frozen=True)
class Theme:
    """What a map shows: its column, and (class or look, fill) from the heaviest class to what is not known.

    Dark to light within one hue, so that a grey print and a colour-blind reader see the same order; what is not known
    is hatched, never a colour of the scale.
    """

    key: str
    title: str
    column: str
    fills: tuple[tuple[str, str], ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that have an order, from the lightest to the heaviest."""
        return tuple(code for code, _ in reversed(self.fills) if code not in _UNRANKED)

    @property
    def coded(self) -> tuple[str, ...]:
        """The values of the published column from the heaviest on; looks that are no value of it are left out."""
        return tuple(code for code, _ in self.fills if code not in {WEAK, WITHHELD})


SECURITY = Theme(
    "security", "Security Index", "security_look",
    (("high", "#8a2f04"), ("low", "#f2b070"), (QUIET, NONE), (WEAK, LINES), ("insufficient_data", HATCH)),
)  # fmt: skip
HUMANITARIAN = Theme(
    "humanitarian", "Humanitarian Crisis Index", "humanitarian_look",
    (("high", "#0b3a70"), ("low", "#6ea6d6"), ("no_new_idps", "#d3e4f3"), (WITHHELD, DOTS), (QUIET, NONE),
     (WEAK, LINES), ("insufficient_data", HATCH)),
)  # fmt: skip
SERVICES = Theme(
    "services", "Public Service Provision Index", "services_look",
    (("severe", "#47246e"), ("lower", "#b9a2d6"), (QUIET, NONE), (WEAK, LINES), ("insufficient_data", HATCH)),
)  # fmt: skip
CONTROL = Theme(
    "control", "Territorial control, as recorded", "control_look",
    (("resistance", "#2b2440"), ("contested", "#c27a1a"), ("other", "#a9bcc4"), ("state", "#dfeaf1"),
     ("unknown", HATCH)),
)  # fmt: skip
CHANCE = Theme(
    "chance", "Probability of class high on security", "chance_look",
    (*zip(CHANCES, ("#0b4a3a", "#3f8f74", "#93c7b0", "#e3f1ea"), strict=True), (WEAK, LINES),
     ("insufficient_data", HATCH)),
)  # fmt: skip
THEMES = (SECURITY, HUMANITARIAN, SERVICES, CONTROL, CHANCE)
# Stands in a section of its own. Hot is the darkest: cold spots are places without reports, not safe ones.
HOT_SPOTS = Theme(
    "spots", "Hot and cold spots of clashes", "hot_spot",
    (("hot", "#9c1c1c"), ("cold", "#7fb2d9"), ("none", NONE), ("unknown", HATCH)),
)  # fmt: skip
INDEX_THEMES: Mapping[IndexName, Theme] = MappingProxyType(
    {IndexName.SECURITY: SECURITY, IndexName.HUMANITARIAN: HUMANITARIAN, IndexName.SERVICES: SERVICES}
)
# Classes of any index that have an order; those that are the heaviest of theirs.
RANKED = frozenset(str(code) for spec in INDICES for code in spec.order)
WORST = frozenset(str(spec.worst) for spec in INDICES)


def severity(index: IndexName, code: str | None) -> int | None:
    """How heavy a class of an index is, from 0 (not in conflict); None where it says that something is not known."""
    order = BY_INDEX[index].order
    return order.index(code) if code in order else None


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
    if value > UNSETTLED[1]:
        return over
    if value < UNSETTLED[0]:
        return under
    return upper if value >= CHANCE_MIDDLE else lower
