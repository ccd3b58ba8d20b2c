"""Method specifications, frozen: windows, event types, precision rules, thresholds, goalposts.

ISP-Myanmar published no threshold, so every number here is this project's choice and says why. Plausibility bands of
the data are another thing and stand in `expectations`.
"""

from dataclasses import dataclass
from datetime import date

from pipeline.declare.choice import Choice
from pipeline.declare.codes import TOWNSHIP_OR_BETTER, EventClass, GeoPrecision, IdpsBasis
from pipeline.declare.errors import UnusableInput
from pipeline.declare.sources import family
from pipeline.sources import of_clashes

COUP = date(2021, 2, 1)


MOST_LAG_DAYS = 366
PUBLICATION_LAG = Choice(
    28,
    "Four weeks after a month's end: half of the events that ACLED records in Africa were reported within two weeks "
    "(arXiv 2603.25964). With delays that fade as an exponential of that median, 87 of 100 events of a whole month are "
    "known then, 74 two weeks after its end and 50 at its end. Compare it with the shares of your own source, on the "
    "page of changes, once several of its editions were delivered.",
)


def check_lag(text: str, named: str = "--lag") -> int:
    """Days of a publication lag. Raises UnusableInput for what is no whole number of 0 to MOST_LAG_DAYS."""
    if not (text.isascii() and text.isdigit()) or int(text) > MOST_LAG_DAYS:
        raise UnusableInput(f"{named} {text!r} is no number of days from 0 to {MOST_LAG_DAYS}; write one such as 28")
    return int(text)


@dataclass(frozen=True)
class SourceThresholds:
    """Cuts and goalposts that hold for one source family only: counts do not carry over between sources."""

    security_high: Choice
    security_goalpost: Choice
    security_steps: tuple[Choice, Choice, Choice]  # from so many clashes in the window on it is step 2, 3 and 4
    fitted_to: tuple[str, ...] = ()  # published figures that the cut was chosen to come close to


@dataclass(frozen=True)
class FoundCut:
    """What is known of one calibrated cut: figure -> townships as published and as reached, and how unique it is."""

    name: str  # security_high, idps_high or services_severe
    published: tuple[tuple[str, float], ...]
    reached: tuple[tuple[str, float], ...]
    loss_townships: float
    equally_good: str
    nearly_as_good: str


@dataclass(frozen=True)
class Provenance:
    """Where the cuts of a saved method come from, and the one source family that they hold for."""

    base: str
    source_family: str
    source_key: str
    figures_file: str
    figures_sha256: str
    release_id: str
    inputs_sha256: str
    period_start: date
    period_end: date
    made_on: date
    synthetic: bool
    cuts: tuple[FoundCut, ...]


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
    # Days after a month's end from which on its figures count as complete enough to lead.
    publication_lag_days: Choice = PUBLICATION_LAG
    counted_classes: tuple[EventClass, ...] = (EventClass.CLASH,)
    precision: tuple[GeoPrecision, ...] = TOWNSHIP_OR_BETTER
    # Which figure of displaced people counts: the first basis that has one in force. Never their sum.
    idps_bases: tuple[IdpsBasis, ...] = (IdpsBasis.NEW, IdpsBasis.STOCK)
    caveats: tuple[str, ...] = ()
    saved: Provenance | None = None  # of a method that a team calibrated; None where it ships

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
    "(156,000 in the 2022 projection). No threshold was published, and the published margins cannot tell: with OCHA's "
    "baseline `calibrate` finds every cut from about 7,500 to 25,000 equally close to them.",
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
            Choice(500, "Fixed end of the log scale; a round number, measured on no source. Higher counts score 100."),
            (
                Choice(10, 'The cut of class high: below it a township of clashes is "some".'),
                Choice(25, "Two and a half times the cut, as UCDP's 10 is of its 4; measured on no source."),
                Choice(60, "Six times the cut, as UCDP's 25 is of its 4, down to a round number."),
            ),
        ),
        "ucdp_ged": SourceThresholds(
            Choice(
                4,
                "UCDP holds only events with deaths by some estimate, so its cut lies far lower. Fitted to the "
                "published numbers of high and of low townships and the share of control lost: on the yearly release, "
                "counted to 26 November 2023, `calibrate` finds 4 the closest of all whole numbers. 5 misses the three "
                "figures by about four townships more in all, less than a source can tell, and is as defensible; 3 "
                "and 6 lie far off. The cut is not unique, not ISP-Myanmar's, and closeness to these figures proves "
                "nothing.",
            ),
            Choice(150, "Fixed end of the log scale: half as much again as the most by 26 November 2023 (97 events)."),
            (
                Choice(
                    4,
                    "The cut of class high. Night lights of 2023 over 2020 tell 4 to 9 clashes (1.42) from none "
                    "(1.46) hardly at all: the step says what is recorded, not what was destroyed.",
                ),
                Choice(
                    10,
                    "The break that outside outcomes see: lights fall to 1.24 from ten clashes on, and SAC-M's "
                    "lost and stable townships of March 2024 part there (9 to 1, against 5 to 9 at 4 to 9).",
                ),
                Choice(25, "Lights stand at 1.05 from 25 clashes on: the step where they no longer grew."),
            ),
            fitted_to=("security_high", "security_low", "effective_control_lost_share"),
        ),
        "acled": SourceThresholds(
            Choice(
                10,
                "Provisional, as for canonical records: battles and explosions together are of the order of the "
                "clashes that ISP-Myanmar counts, but the cut has not been calibrated on an export here.",
            ),
            Choice(500, "As for canonical records."),
            (
                Choice(
                    45,
                    "As many townships as UCDP's 4: in three extracts of battles and explosions of 2021 and 2022 "
                    "its rank is held by 38 to 49 events.",
                ),
                Choice(80, "As many townships as UCDP's 10: 76 to 85 events in the same extracts."),
                Choice(180, "As many townships as UCDP's 25: 180 to 195 events in the same extracts."),
            ),
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


def _scaled(*breaks: int) -> tuple[Choice, Choice, Choice]:
    """The breaks of the cumulative steps in twelve of 34 months."""
    why = "The cumulative break scaled to twelve of 34 months, rounded up."
    first, second, third = (Choice(value, why) for value in breaks)
    return first, second, third


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
            Choice(200, "The cumulative goalpost in twelve of 34 months (500 x 12 / 34 = 176), up to a round number."),
            _scaled(4, 9, 22),
        ),
        "ucdp_ged": SourceThresholds(
            Choice(2, "The cumulative cut of four lethal events scaled to twelve months (1.4), rounded up."),
            Choice(
                60, "Cumulative goalpost for 12 of 34 months (53), up to a round number; counts to 76 occur, score 100."
            ),
            _scaled(2, 4, 9),
        ),
        "acled": SourceThresholds(
            Choice(4, "Provisional, as for canonical records."),
            Choice(200, "As for canonical records."),
            _scaled(16, 29, 64),
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

INTERVAL_SHARE = Choice(
    0.95, "The customary level: of twenty such intervals about one misses. What it leaves out is halved on both sides."
)
INTERVAL_STEPS = Choice(
    4096,
    "Area and people are added up in steps of 1/4096 of their total: the rounding then moves an end by some hundredths "
    "of a percentage point, while the intervals are several points wide.",
)

DISPERSION_CLASHES = Choice(
    4, "Four clashes: with fewer a township's own course says nothing of how they come; the lower cut of its steps."
)
DISPERSION_MONTHS = Choice(6, "Half a year of months with a clash anywhere: with fewer the estimate is chance.")
DISPERSION_TOWNSHIPS = Choice(10, "Ten townships: one with a siege must not decide for all.")
DISPERSION_UNKNOWN = Choice(
    1.7,
    "The middle of what UCDP's release to the end of 2023 gives: 1.4 in townships of 4 to 19 clashes, 2.0 from 20 on. "
    "Without it counts that nothing is known of would be the surest.",
)

# Upper ends of the bins of stated P(high) in the table reliability: narrow at both ends, where most townships are, so
# that "under 1 %" and "over 99 %" are tested by themselves. Ten equal bins would leave eight with a handful each.
RELIABILITY_EDGES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)

# Which source family leads where several kinds of clash source were delivered: never summed, one leads. A team's own
# records come before a public source, and a source of all clashes before one of lethal events only. One order for all
# methods: their rows stand side by side and must rest on the same events. `primary = true` in a sidecar outranks it.
CLASH_SOURCE_ORDER = tuple(
    one.key for one in sorted(of_clashes(), key=lambda source: (not source.split_by_team, source.lethal_only))
)

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

EVIDENCE_EXACT_SHARE = Choice(
    0.5,
    "A half: the township's count then rests mainly on clashes at a known point, not on ones named for a township or "
    "lying somewhere within 25 km. In UCDP's release to the end of 2023 a fifth of the clashes are exact, and one in "
    "seven of the townships in conflict reaches a half; a cut of four fifths is met almost only by townships with one "
    "or two clashes.",
)
EVIDENCE_UNALLOCATED_MOST_SHARE = Choice(
    0.2,
    "One in five: what is located to no township may have happened in a quiet one. In UCDP's release the share since "
    "the coup was 18 % in August 2021 and 6 % at the end of 2023; only March and April 2021, with few clashes, lie "
    "above a fifth.",
)
EVIDENCE_SOURCES = Choice(2, "Two sources of clashes: what a second one has seen as well is no slip of the first.")
EVIDENCE_RECENT_DAYS = Choice(
    90,
    "A quarter of a year: fronts and camps move within months, and offices that report each month have missed three "
    "reports.",
)
# Grade -> the least points, of six; fewer than the last one are D.
EVIDENCE_GRADES: dict[str, Choice] = {
    "A": Choice(5, "At most one of the six is missing."),
    "B": Choice(4, "Two of the six are missing: to be checked before a decision on this township alone."),
    "C": Choice(2, "Two or three of the six are there: read it beside its neighbours and earlier months."),
}


def _grade_rule() -> str:
    """The rule in words, from the same constants that it is computed with."""
    a, b, c = (f"{EVIDENCE_GRADES[grade].value:.0f}" for grade in "ABC")
    rule = (
        f"One point each for: at least {EVIDENCE_EXACT_SHARE.value:.0%} of the township's clashes in the window "
        "located exactly (a township without any has the point where the source's silence means zero and at most "
        f"{EVIDENCE_UNALLOCATED_MOST_SHARE.value:.0%} of the clashes in the window, nationally, are located to no "
        f"township); clashes there in at least {EVIDENCE_SOURCES.value:.0f} clash sources; a displacement figure in "
        "force; a survey in force with at least the method's minimum of known service items; a control record in "
        "force that names a controller; and a newest record used that is at most "
        f"{EVIDENCE_RECENT_DAYS.value:.0f} days old. A: at least {a} points, B: at least {b}, C: at least {c}, D: "
        "fewer, and D wherever no clash source covers the township. A grade never changes a class."
    )
    return rule.replace("%", " %")


GRADE_RULE = _grade_rule()

# Space: between neighbours, and over the 330 tests of one month.
NEIGHBOUR_TOLERANCE_M = Choice(
    10,
    "Ten metres: polygons drawn side by side leave slivers of less than a millimetre, and on the 1:250,000 layer "
    "any tolerance from there to 25 m gives the same pairs; from 50 m on, townships that are drawn apart begin to "
    "count as neighbours.",
)
GLOBAL_PERMUTATIONS = Choice(
    999, "One test a month and no correction for many: a pseudo p-value as small as 0.001 is all that is asked."
)
LOCAL_PERMUTATIONS = Choice(
    29_999,
    "Under a false-discovery rate of 5 % over 330 townships one alone must reach a p-value of 0.00015: 29,999 "
    "permutations go down to 0.00007, 999 only to 0.002, where fourteen townships are needed at once. With another "
    "seed one or two of the 660 classes of a month change; with 9,999 it is up to ten.",
)
FALSE_DISCOVERY_RATE = Choice(
    0.05,
    "The usual 5 %: if tests of neighbouring townships rise together, at most one in twenty of the townships called a "
    "cluster or a hot spot is expected to be chance. Two-sided tests need not; under any dependence the same list is "
    "certain only of about one in three (5 % times 1 + 1/2 + ... + 1/330).",
)
SPATIAL_MINIMUM_TOWNSHIPS = Choice(
    30, "Fewer townships of known count give too few arrangements for a permutation test to tell a pattern by."
)
SPATIAL_SEED = Choice(20210201, "Any fixed number: the same records give the same p-values in every run.")
CHANGE_P = Choice(
    0.05,
    "The usual level of one in twenty. Of 330 townships whose rate did not change at most 16.5 a month are called a "
    "rise or a fall by chance, far fewer where counts are low; change_summary states how many to expect.",
)
EVIDENCE_MANY_CLASHES = Choice(
    10, "Ten clashes: the count at which the standard error of a Poisson count falls to about a third of it."
)
EVIDENCE_POSSIBLE_MOST_SHARE = Choice(
    0.2, "One in five: beyond it the count could be a quarter higher by events that are placed in no township."
)
EVIDENCE_YEAR_DAYS = Choice(365, "A year: the offices that report at all compile their figures once or twice a year.")
DISPLACED_SHARE_HIGH = Choice(
    0.1,
    "One in ten of the people living there: a township where so many are displaced is under heavy strain however small "
    "it is. No source states a cut. Ten thousand people, the cut on the number, are one in sixteen of the median "
    "township; to the 39 townships that are high by the number in OCHA's baseline of September 2022 the share adds six "
    "where few people live.",
)
SERVICES_TURNING_STEP = Choice(
    0.1,
    "Ten percentage points of the townships in conflict: a change of the country's share that a reader would call "
    "another finding, and more than the two surveys of one place differ by.",
)
# Light at night as a sign of lost electricity.
LIGHT_BASELINE_YEARS = Choice(
    3,
    "The three whole years before the coup (2018 to 2020), of which the median counts: one clouded or faulty year does "
    "not move it. A series that begins later is held against its own first year, in which what was lost by then is not "
    "seen.",
)
LIGHT_LEAST_PIXELS = Choice(
    50,
    "Fifty lit pixels (500 m) of the township's own before: with fewer a village that flickers is a fall. In NASA's "
    "annual lights 226 of 330 townships have so many; from 20 pixels on twice as many quiet ones fall by half.",
)
LIGHT_LOSS_RATIO = Choice(
    0.5,
    "Half of what quiet townships kept: in the years 2016 to 2020, before the coup, 1 to 6 of about 200 townships a "
    "year fell so far; in 2023 none of 69 quiet ones did and 14 of 157 others.",
)
LIGHT_STRONG_RATIO = Choice(
    0.25,
    "A quarter of what quiet townships kept: in the years 2016 to 2020 eight of about a thousand township-years fell "
    "so far, and in 2023 no quiet township did.",
)
LIGHT_LEAST_MONTHS = Choice(
    10,
    "Ten of twelve months seen in both years: months of rain are clouded and fields burn in spring, so of single "
    "months one in nine quiet townships falls by half, of whole years one in a hundred.",
)
LIGHT_LEAST_QUIET = Choice(
    20,
    "Twenty quiet townships: the median of their ratios is then known to about a tenth; with fewer nothing is said.",
)
STATEMENT_FRESH_DAYS = Choice(
    365,
    "One year, as for answers on services: a statement without an end says little about today when it is older.",
)
SMALLEST_SHOWN_PERSONS = 10
ROUNDED_TO_PERSONS = 10


def method(name: str) -> Method:
    """The method of that name; UnusableInput names the ones that exist."""
    if name not in METHODS:
        raise UnusableInput(f"unknown method {name!r}; choose one of: {', '.join(METHODS)}")
    return METHODS[name]
