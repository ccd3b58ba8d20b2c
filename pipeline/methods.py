"""Method specifications, frozen: windows, event types, precision rules, thresholds, goalposts.

ISP-Myanmar published no threshold, so every number here is this project's choice and says why.
Plausibility bands of the data are another thing and stand in `expectations`.
"""

from dataclasses import dataclass
from datetime import date

from pipeline.codes import TOWNSHIP_OR_BETTER, EventClass, GeoPrecision, IdpsBasis
from pipeline.errors import UnusableInput
from pipeline.sources import family

COUP = date(2021, 2, 1)


@dataclass(frozen=True)
class Choice:
    """A number of the method with its reason and where it comes from."""

    value: float
    why: str


@dataclass(frozen=True)
class SourceThresholds:
    """Cuts and goalposts that hold for one source family only: counts do not carry over between sources."""

    security_high: Choice
    security_goalpost: Choice
    fitted_to: tuple[str, ...] = ()  # published figures that the cut was chosen to come close to


@dataclass(frozen=True)
class Method:
    """One complete way to compute the three indices.

    `window_months` is None for a window that is cumulative from `window_start`. A window of n months
    reaches back n calendar months, the month itself included, also to before the coup.
    """

    name: str
    title: str
    window_start: date
    window_months: int | None
    security: dict[str, SourceThresholds]
    idps_high: Choice
    idps_goalpost: Choice
    services_severe: Choice
    services_known_minimum: Choice
    displacement_stale_days: Choice
    services_stale_days: Choice
    control_stale_days: Choice
    counted_classes: tuple[EventClass, ...] = (EventClass.CLASH,)
    precision: tuple[GeoPrecision, ...] = TOWNSHIP_OR_BETTER
    # Which figure of displaced people counts: the first basis that has one in force. Never their sum.
    idps_bases: tuple[IdpsBasis, ...] = (IdpsBasis.NEW, IdpsBasis.STOCK)
    caveats: tuple[str, ...] = ()

    def thresholds(self, source_key: str) -> SourceThresholds:
        """The cuts of the source's family, else those for canonical records."""
        return self.security.get(family(source_key), self.security["default"])


_STALE_DISPLACEMENT = Choice(
    730,
    "Two years: township displacement is compiled once or twice a year, so a figure may still be the newest "
    "known after one cycle is missed, but not after three.",
)
_STALE_SERVICES = Choice(
    365,
    "One year: where fighting moves, offices close and open again within months; an older answer says little about "
    "today.",
)
_STALE_CONTROL = Choice(
    365,
    "One year: control of townships changed hands within weeks during the offensives since October 2023.",
)
_SERVICES_SEVERE = Choice(
    0.6,
    "Three of five items lost: more is gone than works. ISP-Myanmar publishes how many townships are severe, "
    "not how the five items make it so.",
)
_SERVICES_KNOWN = Choice(
    3,
    "At least three of five items known, unless the unknown ones cannot change the class: the worst places do "
    "not report, so nothing is imputed.",
)
_IDPS_HIGH = Choice(
    10_000,
    "Ten thousand displaced people in one township: about one to every fifteen people of the median township "
    "(156,000 in the 2022 projection). No threshold was published.",
)
_IDPS_GOALPOST = Choice(
    200_000,
    "Above the median township's whole population (156,000): a fixed upper end keeps months comparable; higher "
    "figures score 100.",
)

ISP_2023 = Method(
    name="isp-2023",
    title="Three indices as ISP-Myanmar's OnPoint 19 (December 2023) describes them, cumulative since the coup",
    window_start=COUP,
    window_months=None,
    security={
        "default": SourceThresholds(
            Choice(
                10,
                "Ten clashes: the count at which the standard error of a Poisson count falls to about a third, so "
                "that one or two reports more or less do not make the class. Calibrate it for your own source.",
            ),
            Choice(500, "Fixed upper end of the log scale for sources that hold all clashes; higher counts score 100."),
        ),
        "ucdp_ged": SourceThresholds(
            Choice(
                4,
                "UCDP holds only events with deaths by some estimate, so its cut lies far lower: on its yearly release "
                "with events to the end of 2023, 4 gives the number of high townships that lies closest to the "
                "published one. It is not "
                "unique and not ISP-Myanmar's.",
            ),
            Choice(150, "Fixed upper end of the log scale for lethal events; higher counts score 100."),
            fitted_to=("security_high", "security_low", "effective_control_lost_share"),
        ),
        "acled": SourceThresholds(
            Choice(
                10,
                "Provisional, as for canonical records: battles and explosions together are of the order of the "
                "clashes that ISP-Myanmar counts, but the cut has not been calibrated on an export here.",
            ),
            Choice(500, "As for canonical records."),
        ),
    },
    idps_high=_IDPS_HIGH,
    idps_goalpost=_IDPS_GOALPOST,
    services_severe=_SERVICES_SEVERE,
    services_known_minimum=_SERVICES_KNOWN,
    displacement_stale_days=_STALE_DISPLACEMENT,
    services_stale_days=_STALE_SERVICES,
    control_stale_days=_STALE_CONTROL,
    caveats=(
        "A cumulative count never falls: a township that has been quiet for two years stays in conflict.",
        "No fighting is not the same as control: areas under ceasefire show no clashes and no state either.",
    ),
)

ROLLING_12M = Method(
    name="rolling-12m",
    title="The same indices on the twelve months up to each month",
    window_start=COUP,
    window_months=12,
    security={
        "default": SourceThresholds(
            Choice(
                4,
                "The cumulative cut of ten clashes in 34 months, scaled to twelve months and rounded up "
                "(10 x 12 / 34 = 3.5).",
            ),
            Choice(200, "The cumulative goalpost scaled to twelve months (500 x 12 / 34 = 176), rounded up."),
        ),
        "ucdp_ged": SourceThresholds(
            Choice(2, "The cumulative cut of four lethal events scaled to twelve months (1.4), rounded up."),
            Choice(60, "The cumulative goalpost scaled to twelve months (150 x 12 / 34 = 53), rounded up."),
        ),
        "acled": SourceThresholds(
            Choice(4, "Provisional, as for canonical records."),
            Choice(200, "As for canonical records."),
        ),
    },
    idps_high=_IDPS_HIGH,
    idps_goalpost=_IDPS_GOALPOST,
    services_severe=_SERVICES_SEVERE,
    services_known_minimum=_SERVICES_KNOWN,
    displacement_stale_days=_STALE_DISPLACEMENT,
    services_stale_days=_STALE_SERVICES,
    control_stale_days=_STALE_CONTROL,
    caveats=("The first months reach back before the coup; where the source starts later their counts are floors.",),
)

METHODS: dict[str, Method] = {method.name: method for method in (ISP_2023, ROLLING_12M)}
DEFAULT_METHOD = ISP_2023.name

EDITIONS_SHOWN = Choice(
    12,
    "The newest twelve editions: a year of a source that comes monthly, a quarter of one that comes weekly. Each one "
    "costs a pass over its events, and a home fed daily has hundreds.",
)

# Which source family leads where several kinds of clash source were delivered: never summed, one leads. A team's own
# records come before a public source, and a source of all clashes before one of lethal events only. One order for all
# methods: their rows stand side by side and must rest on the same events. `primary = true` in a sidecar outranks it.
CLASH_SOURCE_ORDER = ("canonical_clashes", "acled", "ucdp_ged")

MATCH_DAYS = Choice(
    3,
    "Two reports of one clash are often a day or two apart, by the day of reporting and by night fighting; beyond "
    "three days a township in heavy fighting has had the next clash.",
)
CHANCE_DAYS = Choice(
    28,
    "Four weeks: no report of a clash is that late, the day of the week is the same, and fighting is about as heavy.",
)
CHANCE_MOST_SHARE = Choice(
    0.5,
    "Where half of the matched pairs could be chance the estimate rests on chance as much as on events in both lists.",
)


def method(name: str) -> Method:
    """The method of that name; UnusableInput names the ones that exist."""
    if name not in METHODS:
        raise UnusableInput(f"unknown method {name!r}; choose one of: {', '.join(METHODS)}")
    return METHODS[name]
