"""The choices that the indices rest on, each with its defensible alternatives, as data.

The scenarios of an index are the method itself and each alternative of each of its choices alone. An alternative is a
choice made in good faith: one that drops most clashes and keeps the cut, as counting only events at a known point would
(it leaves one in five of UCDP's release), says nothing of a class but that the cut no longer fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline import sources
from pipeline.declare.choice import ONE_CLASH, THREE_CLASHES, Choice
from pipeline.declare.codes import EventClass, IdpsBasis, IndexName
from pipeline.declare.indices import BY_CUT
from pipeline.declare.methods import METHODS

SOURCE, THRESHOLD, WINDOW = "source", "threshold", "window"


@dataclass(frozen=True)
class Level:
    """One alternative of a choice: the fields of the method that it sets, or how many steps it moves the cut."""

    name: str
    why: str
    fields: Mapping[str, object] = field(default_factory=dict)
    steps: int = 0


@dataclass(frozen=True)
class Decision:
    """A choice and its alternatives. `reads` is the field of the method that tells which alternative is in use.

    It is empty where no field does: the source is no part of a method, and the security cut is one per source family.
    The alternative that the method itself takes is found by that field; where it is none of them it comes in addition.
    """

    name: str
    reads: str
    levels: tuple[Level, ...]


def shown(value: object) -> str:
    """A value of a method as it stands in a scenario's settings."""
    if isinstance(value, Choice):
        return str(int(value.value)) if float(value.value).is_integer() else str(value.value)
    if isinstance(value, tuple):
        return " then ".join(str(part) for part in value)
    return str(value)


def _numbers(name: str, reads: str, *choices: Choice) -> Decision:
    return Decision(name, reads, tuple(Level(shown(choice), choice.why, {reads: choice}) for choice in choices))


def _windows() -> tuple[Level, ...]:
    """The window of each shipped method, with the cuts that the method states for it: they belong together."""
    found: dict[int | None, Level] = {}
    for method in METHODS.values():
        name = "since the coup" if method.window_months is None else f"{method.window_months} months"
        fields = {"window_months": method.window_months, "security": method.security}
        found.setdefault(method.window_months, Level(name, method.title, fields))
    return tuple(found.values())


EVENTS = Decision(
    "events",
    "counted_classes",
    (
        Level(
            "clash",
            "Armed conflict between organised actors: what the published index counts.",
            {"counted_classes": (EventClass.CLASH,)},
        ),
        Level(
            "clash and violence against civilians",
            "Attacks on civilians are conflict to those who live there; sources draw the line differently.",
            {"counted_classes": (EventClass.CLASH, EventClass.VIOLENCE_AGAINST_CIVILIANS)},
        ),
    ),
)
WINDOWS = Decision(WINDOW, "window_months", _windows())
CUT = Decision(
    THRESHOLD,
    "",
    (
        Level("own", "The cut that the method states for the source."),
        Level("one step lower", "No cut was published: the line may as well be drawn a little lower.", steps=-1),
        Level("one step higher", "No cut was published: the line may as well be drawn a little higher.", steps=1),
    ),
)
SOURCES = Decision(SOURCE, "", ())
WHY_OTHER_SOURCE = "Another list of the same clashes, with the cut of its own family."

SMALLEST_STEP = Choice(1, ONE_CLASH)
LOWEST_CUT = 1  # without a clash a township is not in conflict, whatever the cut


def _steps(window: str, default: Choice) -> dict[str, Choice]:
    """Source family -> how far one step moves the cut of a window: a source's own, the default for every other."""
    own = {one.key: one.security_steps[window] for one in sources.SOURCES if window in one.security_steps}
    return {"default": default, **dict(sorted(own.items()))}


# Window (a shipped method's, as in its settings) -> source family -> step.
SECURITY_STEPS: dict[str, dict[str, Choice]] = {
    "since the coup": _steps("since the coup", Choice(3, THREE_CLASHES)),
    "12 months": _steps("12 months", Choice(1, ONE_CLASH)),
}

_BASIS = Decision(
    "basis",
    "idps_bases",
    (
        Level(
            "new then stock",
            "New displacement is what the published index means; stock stands in where none is reported.",
            {"idps_bases": (IdpsBasis.NEW, IdpsBasis.STOCK)},
        ),
        Level(
            "stock", "The figure that most sources report, whenever people fled.", {"idps_bases": (IdpsBasis.STOCK,)}
        ),
        Level("new", "The published definition and nothing in its place.", {"idps_bases": (IdpsBasis.NEW,)}),
    ),
)
_IDPS_CUT = _numbers(
    THRESHOLD,
    "idps_high",
    Choice(5_000, "Half of ten thousand: about one in thirty people of the median township."),
    Choice(10_000, "About one in fifteen people of the median township."),
    Choice(20_000, "Twice ten thousand: about one in eight people of the median township."),
)
_IDPS_STALE = _numbers(
    "staleness_days",
    "displacement_stale_days",
    Choice(365, "One year: only the newest yearly cycle counts."),
    Choice(730, "Two years: one cycle may be missed."),
    Choice(1_095, "Three years: displacement lasts, and an old figure may still be the best known."),
)
_SERVICES_CUT = _numbers(
    "severe_cut",
    "services_severe",
    Choice(0.5, "Half of the services lost."),
    Choice(0.6, "Three of five items lost: more is gone than works."),
    Choice(0.7, "More than three of five items lost."),
)
_SERVICES_KNOWN = _numbers(
    "known_items",
    "services_known_minimum",
    Choice(2, "Two known items, where few can be had."),
    Choice(3, "Three known items: most of the five."),
    Choice(4, "Four known items: one may be missing."),
)
_SERVICES_STALE = _numbers(
    "staleness_days",
    "services_stale_days",
    Choice(183, "Half a year: where fighting moves, offices open and close within months."),
    Choice(365, "One year."),
    Choice(730, "Two years: what has been closed seldom opens again while the fighting lasts."),
)

_IN_CONFLICT = (EVENTS, WINDOWS, SOURCES)  # what decides where an index has a class at all
CHOICES: dict[IndexName, tuple[Decision, ...]] = {
    IndexName.SECURITY: (EVENTS, WINDOWS, CUT, SOURCES),
    IndexName.HUMANITARIAN: (_BASIS, _IDPS_CUT, _IDPS_STALE, *_IN_CONFLICT),
    IndexName.SERVICES: (_SERVICES_CUT, _SERVICES_KNOWN, _SERVICES_STALE, *_IN_CONFLICT),
}
CHOICES |= {spec.name: _IN_CONFLICT for spec in BY_CUT if spec.name not in CHOICES}
