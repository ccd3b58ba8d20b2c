"""Symbology: the words, the symbol, the colour and the order of every class, on maps, tables, pages and in both briefs.

Also which look a township has on a map: what the published columns security_shown, humanitarian_shown and
services_shown say, a class or why there is none. Quiet as reported, hosting displaced people, silent, no data,
insufficient evidence and a withheld figure are six different things and get six different looks.

Data and rules alone: the drawers, the chips and the texts read from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pipeline.declare.codes import (
    UNREACHED,
    ChangeClass,
    Controller,
    ControlState,
    HotSpot,
    HumanitarianClass,
    IndexName,
    LocalCluster,
    NoClass,
    SecurityClass,
    ServicesClass,
    Signal,
)
from pipeline.declare.indices import BY_CUT, BY_INDEX, INDICES

WEAK, WITHHELD, NOTHING = str(NoClass.INSUFFICIENT_EVIDENCE), str(NoClass.WITHHELD), str(NoClass.NO_DATA)
QUIET = SecurityClass.NOT_IN_CONFLICT.value  # the lightest class, the same of all indices
# A probability of class high from the one to the other leaves the class open.
UNSETTLED = (0.05, 0.95)
# Frozen classes of the probability that security is high; the outer breaks are those of UNSETTLED.
CHANCE_MIDDLE = 0.5
CHANCES = ("chance_over_95", "chance_50_95", "chance_5_50", "chance_under_5")
# Frozen steps of the maps of now, from the least: the look, and from which figure on.
QUARTER = (("quarter_0", 0), ("quarter_1", 1), ("quarter_2", 2), ("quarter_4", 4), ("quarter_10", 10))
YEAR = (("year_0", 0), ("year_1", 1), ("year_4", 4), ("year_10", 10), ("year_25", 25))
NEXT = (("next_0", 0), ("next_half", 0.5), ("next_2", 2), ("next_4", 4), ("next_8", 8))
NO_SIGNAL = "no_signal"

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
    NoClass.REPORTED_QUIET: "quiet, as reported",
    NoClass.SILENT: "silent: nobody reports",
    NoClass.HOSTING_DISPLACED: "hosts displaced people",
    WEAK: "insufficient evidence",
    NOTHING: "no data",
    WITHHELD: "fewer than 10 displaced people, figure withheld",
    Signal.ALERT: "alert",
    Signal.ONSET: "onset",
    Signal.LULL: "lull",
    NO_SIGNAL: "no signal",
    **dict(zip((look for look, _ in QUARTER),
               ("none recorded", "1 clash", "2 or 3 clashes", "4 to 9 clashes", "10 clashes or more"), strict=True)),
    **dict(zip((look for look, _ in YEAR),
               ("none recorded", "1 to 3 clashes", "4 to 9 clashes", "10 to 24 clashes", "25 clashes or more"),
               strict=True)),
    **dict(zip((look for look, _ in NEXT),
               ("fewer than 0.5 expected", "0.5 to under 2", "2 to under 4", "4 to under 8", "8 or more expected"),
               strict=True)),
    CHANCES[0]: "over 95 %",
    CHANCES[1]: "50 to 95 %",
    CHANCES[2]: "5 to under 50 %",
    CHANCES[3]: "under 5 %",
})  # fmt: skip

# Class -> its chip in style.css (chip-...). A class without one is drawn as unknown; the two classes of an index that
# is made by one cut take those of the Security Index.
CHIPS: Mapping[str, str] = MappingProxyType({
    **{str(code): str(code) for spec in INDICES for code in spec.classes},
    **{str(code): chip for spec in BY_CUT for code, chip in zip(spec.order[1:], ("low", "high"), strict=True)},
    **{str(code): str(code) for kind in (Controller, ControlState, HotSpot) for code in kind},
    NoClass.REPORTED_QUIET: QUIET,
    NoClass.SILENT: "silent",
    NoClass.HOSTING_DISPLACED: "hosting",
    WEAK: "weak",
    NOTHING: "missing",
    WITHHELD: "suppressed",
})  # fmt: skip
# Change class -> the sign before its figures.
ARROWS: Mapping[str, str] = MappingProxyType(
    {ChangeClass.RISE: "▲", ChangeClass.FALL: "▼", ChangeClass.LIMITED_CHANGE: "■"}
)

# What is no class of the scale has a texture each, told apart in grey and by any eye; quiet as reported is near white.
NONE, HATCH, LINES, DOTS = "#f7f7f4", "url(#hatch)", "url(#lines)", "url(#dots)"
TICKS, RINGS = "url(#ticks)", "url(#rings)"
TEXTURES = ("hatch", "lines", "dots", "ticks", "rings")
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
    '<pattern id="ticks" width="22" height="22" patternUnits="userSpaceOnUse">'
    '<rect width="22" height="22" fill="#e6e6e6"/><rect x="5" y="4" width="2.4" height="8" fill="#8c8c8c"/>'
    '<rect x="16" y="13" width="2.4" height="8" fill="#8c8c8c"/></pattern>'
    '<pattern id="rings" width="20" height="20" patternUnits="userSpaceOnUse">'
    '<rect width="20" height="20" fill="#fbf3d9"/><circle cx="7" cy="7" r="4.2" fill="none" stroke="#6b5310"'
    ' stroke-width="2.2"/></pattern>'
)


def hatching(name: str, size: float = 1.0) -> str:
    """The texture of what is not known under a name of its own: two drawings of a page must not share one.

    `size` is finer below 1, for a small drawing.
    """
    return HATCHING.replace('id="hatch"', f'id="{name}"').replace("rotate(45)", f"rotate(45) scale({size:g})")


_UNRANKED = frozenset({*map(str, NoClass), Controller.UNKNOWN.value})
# Legends leave these out where no township is so; every other entry stands.
_ONLY_WHERE_ANY = frozenset({*map(str, NoClass)} - {NOTHING, str(NoClass.REPORTED_QUIET)})
# What is shown for a township that has no class to show, from the most to the least that is known.
_NO_CLASS = (
    (str(NoClass.HOSTING_DISPLACED), RINGS), (str(NoClass.REPORTED_QUIET), NONE), (WEAK, LINES),
    (str(NoClass.SILENT), TICKS), (NOTHING, HATCH),
)  # fmt: skip


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
        """The values of the published column from the heaviest on."""
        return tuple(code for code, _ in self.fills)


SECURITY = Theme(
    "security", "Security Index", "security_look",
    (("high", "#8a2f04"), ("low", "#f2b070"), *_NO_CLASS),
)  # fmt: skip
HUMANITARIAN = Theme(
    "humanitarian", "Humanitarian Crisis Index", "humanitarian_look",
    (("high", "#0b3a70"), ("low", "#6ea6d6"), ("no_new_idps", "#d3e4f3"), (WITHHELD, DOTS), *_NO_CLASS),
)  # fmt: skip
SERVICES = Theme(
    "services", "Public Service Provision Index", "services_look",
    (("severe", "#47246e"), ("lower", "#b9a2d6"), *_NO_CLASS),
)  # fmt: skip
CONTROL = Theme(
    "control", "Territorial control, as recorded", "control_look",
    (("resistance", "#2b2440"), ("contested", "#c27a1a"), ("other", "#a9bcc4"), ("state", "#dfeaf1"),
     ("unknown", HATCH)),
)  # fmt: skip
CHANCE = Theme(
    "chance", "Probability of class high on security", "chance_look",
    (*zip(CHANCES, ("#0b4a3a", "#3f8f74", "#93c7b0", "#e3f1ea"), strict=True), (WEAK, LINES), (NOTHING, HATCH)),
)  # fmt: skip
THEMES = (SECURITY, HUMANITARIAN, SERVICES, CONTROL, CHANCE)


# Why there is no step: a quiet that is reported is the least step.
_NO_STEP = tuple(one for one in _NO_CLASS if one[0] != NoClass.REPORTED_QUIET)


def _steps(steps: Sequence[tuple[str, float]], *colours: str) -> tuple[tuple[str, str], ...]:
    """The fills of a map of steps, from the heaviest on; the least is near white."""
    return tuple(zip((look for look, _ in reversed(steps)), (*colours, NONE), strict=True))


CLASHES_NOW = Theme(
    "quarter", "Clashes of the last 3 months", "quarter_look",
    (*_steps(QUARTER, "#6b0f1a", "#c03a2b", "#ee8a4a", "#fbd5a5"), *_NO_STEP),
)  # fmt: skip
SIGNALS = Theme(
    "signal", "Signal of the month", "signal_look",
    ((Signal.ALERT.value, "#7a0c0c"), (Signal.RISE.value, "#d1502a"), (Signal.ONSET.value, "#f0a35e"),
     (Signal.FALL.value, "#b3d6ee"), (Signal.LULL.value, "#2f5f9e"), (NO_SIGNAL, NONE),
     (str(NoClass.HOSTING_DISPLACED), RINGS), (Signal.UNKNOWN.value, HATCH)),
)  # fmt: skip
CLASHES_YEAR = Theme(
    "year", "Clashes of the last 12 months", "year_look",
    (*_steps(YEAR, "#6b0f1a", "#c03a2b", "#ee8a4a", "#fbd5a5"), *_NO_STEP),
)  # fmt: skip
EXPECTED = Theme(
    "expected", "Clashes to expect in the next 3 months", "expected_look",
    (*_steps(NEXT, "#3d0f52", "#8a3c8f", "#c982c0", "#eccfe6"), *_NO_STEP),
)  # fmt: skip
# What the maps of now are made from, besides the classes shown.
NOW_COLUMNS = ("clashes_3m_count", "clashes_12m_count", "signal")
NOW_THEMES = (CLASHES_NOW, SIGNALS, CLASHES_YEAR, EXPECTED)
# Stands in a section of its own. Hot is the darkest: cold spots are places without reports, not safe ones.
HOT_SPOTS = Theme(
    "spots", "Hot and cold spots of clashes", "hot_spot",
    (("hot", "#9c1c1c"), ("cold", "#7fb2d9"), ("none", NONE), ("unknown", HATCH)),
)  # fmt: skip
INDEX_THEMES: Mapping[IndexName, Theme] = MappingProxyType(
    {IndexName(theme.key): theme for theme in THEMES if theme.key in tuple(IndexName)}
)
# Classes of any index that have an order; those that are the heaviest of theirs.
RANKED = frozenset(str(code) for spec in INDICES for code in spec.order)
WORST = frozenset(str(spec.worst) for spec in INDICES)


def severity(index: IndexName, code: str | None) -> int | None:
    """How heavy a class of an index is, from 0 (not in conflict); None where it says that something is not known."""
    order = BY_INDEX[index].order
    return order.index(code) if code in order else None


# Column of a map, column of township_index: of each index.
_SHOWN = tuple((f"{index}_look", f"{index}_shown") for index in IndexName)


def looks(row: Mapping[str, Any]) -> dict[str, str]:
    """The look of one township in one month by the column of each map, from its row of township_index.

    What an index shows is decided in pipeline/indices/shown.py and only read here. A township without a row is no data.
    """
    return {
        **{look: row.get(shown) or NOTHING for look, shown in _SHOWN},
        "control_look": row.get("control_class") or Controller.UNKNOWN,
        "chance_look": _chance(row),
    }


def now_looks(row: Mapping[str, Any]) -> dict[str, str]:
    """The look of one township by the column of each map of now: from its counts, its signal and what it may expect.

    The least step is no statement where the evidence does not reach: there stands why, as on the Security Index.
    """
    shown = row.get("security_shown") or NOTHING
    return {
        CLASHES_NOW.column: _step(row.get("clashes_3m_count"), QUARTER, shown),
        SIGNALS.column: _signal(row.get("signal"), shown),
        CLASHES_YEAR.column: _step(row.get("clashes_12m_count"), YEAR, shown),
        EXPECTED.column: _step(row.get("expected_clashes_next_3m"), NEXT, shown),
    }


def month_look(count: int | None, shown: str | None) -> str:
    """The look of one month by its clashes, in the steps of the map of three months; as there, none can be unknown."""
    return _step(count, QUARTER, shown or NOTHING)


def _step(value: float | None, steps: Sequence[tuple[str, float]], shown: str) -> str:
    if value is None:
        return shown if shown in UNREACHED else NOTHING
    look = next(look for look, start in reversed(steps) if value >= start)
    return shown if look == steps[0][0] and shown in UNREACHED else look


def _signal(signal: str | None, shown: str) -> str:
    if signal != Signal.NONE:
        return signal or Signal.UNKNOWN.value
    return shown if shown == NoClass.HOSTING_DISPLACED else NO_SIGNAL


def shown_looks(fills: Sequence[tuple[str, str]], counts: Mapping[str, int]) -> list[str]:
    """The entries of a legend: every class and no data; the other reasons for none only where there are any."""
    return [look for look, _ in fills if counts.get(look) or look not in _ONLY_WHERE_ANY]


def _chance(row: Mapping[str, Any]) -> str:
    """The class of the probability; without one, whether anything is known of the township."""
    value = row.get("security_high_probability")
    if value is None:
        return NOTHING if (row.get("security_shown") or NOTHING) == NOTHING else WEAK
    over, upper, lower, under = CHANCES
    if value > UNSETTLED[1]:
        return over
    if value < UNSETTLED[0]:
        return under
    return upper if value >= CHANCE_MIDDLE else lower
