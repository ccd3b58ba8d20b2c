"""Every formula and rule of the published figures in words, once: what the methods page is made from.

The modules that compute them stand in `pipeline.indices`; thresholds and their reasons in `pipeline.methods`, and
their values are shown beside. Not here: what a column means (columns.py).
"""

from dataclasses import dataclass

from pipeline.methods import (
    EVIDENCE_EXACT_SHARE,
    EVIDENCE_RECENT_DAYS,
    EVIDENCE_SOURCES,
    EVIDENCE_UNALLOCATED_MOST_SHARE,
    GRADE_RULE,
)
from pipeline.tables import TABLES


@dataclass(frozen=True)
class Formula:
    """How some published columns are computed, why so, what it cannot say, and where it comes from."""

    title: str
    columns: tuple[str, ...]  # "table.column" of the published layer
    formula: str
    why: str
    limits: str = ""
    reference: str = ""


_SECURITY: tuple[Formula, ...] = ()
_HUMANITARIAN: tuple[Formula, ...] = ()
_SERVICES: tuple[Formula, ...] = ()
_UNCERTAINTY: tuple[Formula, ...] = ()
_CONTROL: tuple[Formula, ...] = ()
_EVIDENCE: tuple[Formula, ...] = (
    Formula(
        "Evidence grade",
        (
            "township_index.evidence_grade",
            "township_index.evidence_points_count",
            *(f"{scope}_summary.evidence_{grade}_count" for scope in ("national", "region") for grade in "abcd"),
        ),
        GRADE_RULE,
        "Four things make evidence weak: places that are not exact, one source alone, silence, and age. Each has its "
        f"points; nothing is weighted. {EVIDENCE_EXACT_SHARE.why} {EVIDENCE_UNALLOCATED_MOST_SHARE.why} "
        f"{EVIDENCE_SOURCES.why} {EVIDENCE_RECENT_DAYS.why}",
        "A grade says how much stands behind a row, not whether its class is right: that is the class probability. "
        "Reports of one kind count alike, however good they are. A quiet township without any report is D unless "
        "another record stands behind it.",
        "After the reliability of the INFORM Severity Index (Poljansek et al. 2020, EUR 30400) and the evidence levels "
        "of the IPC Technical Manual 3.1; the rule and its cuts are this project's own.",
    ),
    Formula(
        "Exactly located share",
        ("township_index.exact_share",),
        "Clashes counted in the window that the source locates exactly, divided by all clashes counted there.",
        "A clash named for a township, or near a point, lies in the township by all likelihood, not for certain; the "
        "share of events at township level or better is 1 wherever only those count, and tells nothing apart.",
        "Exact is what the source calls so (UCDP where_prec 1, ACLED geo_precision 1, or stated in the file).",
    ),
    Formula(
        "Reporting coverage",
        ("township_index.reporting_share", "national_summary.reporting_share", "region_summary.reporting_share"),
        "Of four kinds of record, the share with a usable one in force: clashes where it is known whether the township "
        "is in conflict; a displacement figure; a survey with at least the method's minimum of known service items; a "
        "control record that names a controller. A summary has the mean over its townships.",
        "A class can only rest on what was reported; where few report, an index describes the reporting.",
        "How long a record is in force is a choice of the method, and differs by kind.",
    ),
    Formula(
        "Age of the data",
        ("township_index.data_age_days",),
        "Days from the newest of: the last clash counted, and the displacement, services and control records in force; "
        "to the end of the period.",
        "One day for the whole row, so that rows can be sorted by it.",
        "The other records of the row may be much older. A source's silence has no age.",
    ),
    Formula(
        "Nearest other class: security",
        ("explanations.nearest_class", "explanations.distance"),
        "For every other class, how many clashes more or fewer would give it: not in conflict at 0, low from 1, high "
        "from the cut of the method and source. The nearest is the one with the smallest number; of two equally near, "
        "the higher. Below zero the count would have to fall.",
        "A township one clash from another class is not to be planned for like one that is fifty away.",
        "A cumulative count falls only where the source corrects or deletes records. How likely the change is, the "
        "distance does not say.",
    ),
    Formula(
        "Nearest other class: displacement",
        ("explanations.value", "explanations.nearest_class", "explanations.distance"),
        "As for clashes, with no new IDPs at 0, low from 1 and high from the method's cut, from the figure as shown: "
        "rounded to ten, and so is the distance. Where 1 to 9 people are "
        "withheld there is no distance. Outside conflict: the class that the figure shown would have after a first "
        "clash.",
        "Made from what is published, so that no withheld or exact figure can be had back from it.",
        "Where the figure shown stands at the cut by rounding, the distance is 0: fewer than ten people.",
    ),
    Formula(
        "Nearest other class: services",
        ("explanations.nearest_class", "explanations.distance"),
        "Each known item may move by halves between in place (0), partial (0.5) and lost (1). Every sum that the known "
        "items can have is classed by the method's rule, and the nearest sum of another class gives the distance in "
        "items of five. Without a class, the distance is how many more items must be known until every answer gives "
        "one, and the nearest class stands where all answers give the same. The sentence adds how many of the unknown "
        "items could change the class.",
        "All states are tried (at most eleven sums for each number of known items), so the rule for bounds and for the "
        "mean of known items is followed without a second formula.",
        "Only the number of items counts, not which they are.",
    ),
    Formula(
        "Deliveries behind a figure",
        ("explanations.delivery_ids",),
        "Security: the deliveries of the clashes counted in the window; without a clash, every delivery of the leading "
        "source, whose silence is then the evidence. Displacement and services: the delivery of the record in force.",
        "Each figure can be followed to the file that it came from, and that file to its source and licence.",
        "The class of displacement and services rests on the clashes of the township as well.",
    ),
)
_SCENARIOS: tuple[Formula, ...] = ()
_RATES: tuple[Formula, ...] = ()
_SPACE: tuple[Formula, ...] = ()
_TIME: tuple[Formula, ...] = (
    Formula(
        "Rise, fall or limited change",
        (
            "township_changes.clashes_month_count",
            "township_changes.clashes_previous_month_count",
            "township_changes.change_p_value",
            "township_changes.change_class",
        ),
        "Given the clashes of this month (n) and of the month before (m), n is binomial with n + m trials and "
        "probability days / (days + days before), if the rate per day did not change. change_p_value is twice the "
        "smaller of P(X <= n) and P(X >= n), at most 1. Below CHANGE_P = 0.05 the month is a rise (more clashes a day "
        "than before) or a fall (fewer), otherwise limited_change. Where either month has no count, or there is no "
        "month before, it is no_comparison.",
        "Months differ in length and the last one may be cut, so clashes are compared by the day. Twice the smaller "
        "tail keeps rises and falls at half the level each. Two equal months need at least six clashes between them "
        "before anything can be called a change: 5 after 0 is limited change.",
        "Clashes come in clusters, so more rises and falls than the expected number come without a lasting change. "
        "One month is held against the one before it alone: a slow rise over a year is limited change all along. "
        "A provisional month is under-reported, so a fall in it may not be one.",
        "Przyborowski and Wilenski 1940; Lehmann and Romano, Testing Statistical Hypotheses, 4.5. CrisisWatch calls "
        "a month deteriorated, improved or unchanged by judgement; here the rule is arithmetic.",
    ),
    Formula(
        "Changes to expect by chance",
        (
            "change_summary.rises_count",
            "change_summary.falls_count",
            "change_summary.changes_by_chance_expected",
            "change_summary.townships_compared_count",
        ),
        "For each township the probability, with n + m and the days as they are and no change of rate, that the test "
        "calls a rise or a fall; changes_by_chance_expected is their sum over the townships compared.",
        "330 comparisons a month at the level of 0.05 could give up to 16.5 changes that are none. Exact tests of "
        "small counts give far fewer, and how many is stated beside the rises and falls found.",
        "Of single townships it says nothing: any one of them may be the one that changed by chance.",
    ),
    Formula(
        "Onset",
        ("township_changes.is_onset", "change_summary.onsets_count"),
        "At least one clash in the month and none in any of the ONSET_QUIET_MONTHS = 6 months before, all of them "
        "known. Unknown where one of them is unknown and none of the known ones has a clash, as in the first months.",
        "Six months are longer than the rainy season, when fighting pauses every year and then goes on.",
        "One clash makes an onset; it may stay the only one. Months before the window began are not known.",
    ),
    Formula(
        "Lull",
        ("township_changes.is_lull", "change_summary.lulls_count"),
        "No clash in the newest LULL_MONTHS = 3 whole months, and at least LULL_YEAR_CLASHES = 12 in the twelve months "
        "before these. A cut month is not one of the three; it goes on with the lull of the month before.",
        "With a mean of one clash a month, three quiet months come by chance one time in twenty (e^-3 = 0.0498); with "
        "fewer they are common and say nothing.",
        "A township with fewer than twelve clashes in that year is never in a lull, however quiet it is. No fighting "
        "is not the same as peace, nor as control.",
    ),
    Formula(
        "Alert",
        ("township_changes.clashes_year_maximum_count", "township_changes.is_alert", "change_summary.alerts_count"),
        "Clashes of the month above the highest count of any of the ALERT_YEAR_MONTHS = 12 months before, and at least "
        "ALERT_CLASHES = 2. Unknown with fewer than twelve known months.",
        "A township is held against its own past, not against others. HDX Signals asks in the same way for the "
        "highest figure of a year or of three years above a floor. A single clash after a quiet year is an onset.",
        "Of thirteen months without any trend each is the highest equally often: up to one township in thirteen may "
        "be on alert by chance, fewer where counts are low and tie. A cut month counts as it is, which can only miss "
        "an alert.",
        "HDX Signals (OCHA), rules on ACLED and IDMC figures.",
    ),
)
_COMPOSITE: tuple[Formula, ...] = (
    Formula(
        "Composite (secondary, only with --composite)",
        (
            "composite.composite_geometric_score",
            "composite.composite_arithmetic_score",
            "composite.indices_known_count",
            "composite.composite_rank",
        ),
        "Secondary to the profile of three. Of the townships in conflict at the last month with all three published "
        "scores known: composite_geometric_score is the cube root of the product of y = 1 + 0.99 x over the three "
        "scores x, moved back by (y - 1) / 0.99; composite_arithmetic_score is their mean. composite_rank orders by "
        "the geometric score, 1 the worst. Services count as known from three items on, as for their class.",
        "A geometric mean does not let one low score be made good in full by a high one. A single zero would wipe out "
        "the others, so scores are moved onto 1 to 100 first, as COINr's documentation asks (LOWEST = 1). Outside "
        "conflict there is no class and no clash, and nothing to rank.",
        "ISP-Myanmar merges nothing. The three scores have goalposts of different kinds, so equal weights are not "
        "equal importance. A run is refused where any index is known for fewer than COVERAGE_FLOOR = two thirds of "
        "the townships in conflict. A displacement figure of 1 to 9 is withheld and counts as not known.",
        "OECD/JRC, Handbook on Constructing Composite Indicators, 2008; COINr.",
    ),
    Formula(
        "Rank interval of the composite",
        ("composite.composite_rank_low", "composite.composite_rank_high"),
        "Percentiles 2.5 and 97.5 of the township's rank over every combination of: weights (equal, entropy, first "
        "component, and DRAWS = 500 drawn with every division equally likely, seed DRAWS_SEED = 20210201); scores as "
        "they are, min-max 100 (x - min) / (max - min), z-scores (x - mean) / sd, or ranks; geometric or arithmetic "
        "mean; townships that lack an index left out, or scored on the two they have.",
        "The order of a composite is the work of such choices. A township whose interval is wide has no rank worth "
        "naming. Geometric means of z-scores are left out: moved onto 1 to 100, z-scores are the min-max values again.",
        "It does not hold what is uncertain in the scores themselves. With the drawn weights some combinations rest "
        "almost on one index alone. A township scored on two indices moves others down, but has no rank itself.",
        "OECD/JRC handbook, step 7; Saisana, Saltelli and Tarantola 2005.",
    ),
    Formula(
        "Weights of the composite",
        ("composite_weights.weight_share",),
        "equal: one third each. entropy: (1 - e) over its sum, with p = x / sum of x over the townships and "
        "e = -sum of p ln p, over ln(townships). pca: squared loadings of the first principal component of the "
        "correlations. All from the townships with three known scores; the composite's own score and rank use equal.",
        "Equal weights claim the least. The other two are what the figures themselves suggest, and differ: entropy "
        "favours the score that is spread most unevenly, the first component the one that goes with the others.",
        "Both are statements about spread, not about importance to people. Where two indices run against each other "
        "the squared loadings hide it.",
        "Shannon 1948; Hwang and Yoon 1981; OECD/JRC handbook, step 6.",
    ),
)
_CALIBRATION: tuple[Formula, ...] = (
    Formula(
        title="How far a cut is from published margins",
        columns=(),
        formula=(
            "For each candidate cut, the sum over the published figures of |townships at this cut - townships "
            "published|. A published per cent is turned into townships: per cent / 100 x number of townships. "
            "Candidates: every whole number of clashes from 1 to the largest count; every interval between two figures "
            "of displaced people as they are shown; every tenth of services lost."
        ),
        why=(
            "Every figure counts alike and a difference can be read as townships. Of equally good cuts the base "
            "method's own is kept, else the roundest number is taken, else the lowest: nothing else tells them apart."
        ),
        limits=(
            "The cut is not unique and closeness proves nothing: many methods meet the same margins. It holds for one "
            "source, one window and one period end. Within five of a shown figure of displaced people no cut is tried, "
            "so that the rounded figures give the classes of the exact ones."
        ),
    ),
    Formula(
        title="Equally good and nearly as good cuts",
        columns=(),
        formula=(
            "Equally good: the same loss. Nearly as good: there are true values within half a unit of the last printed "
            "digit of every published per cent (whole per cent: 0.5 points) for which the cut is at least as close as "
            "the best one. Numbers of townships are taken as exact. One step away: how many townships leave or join "
            "the upper class at the next candidate above and below."
        ),
        why="A rounded figure cannot tell cuts apart that differ by less than its rounding.",
        limits="Errors of the source itself are not in this range; the probability of a class shows some of them.",
    ),
)

# Heading of the methods page -> its formulas, in the order of the page.
FORMULAS: dict[str, tuple[Formula, ...]] = {
    "Security Index": _SECURITY,
    "Humanitarian Crisis Index": _HUMANITARIAN,
    "Public Service Provision Index": _SERVICES,
    "How sure a class is": _UNCERTAINTY,
    "Share of territory": _CONTROL,
    "Evidence": _EVIDENCE,
    "Other defensible choices": _SCENARIOS,
    "Rates": _RATES,
    "Neighbours and hot spots": _SPACE,
    "Change from month to month": _TIME,
    "Optional composite": _COMPOSITE,
    "Calibration": _CALIBRATION,
}


def unknown_columns() -> list[str]:
    """Columns that a formula names and no published table has."""
    named = [column for group in FORMULAS.values() for one in group for column in one.columns]
    known = {f"{t.name}.{c}" for t in TABLES.values() if t.layer == "published" for c in t.columns}
    return sorted(set(named) - known)


if unknown_columns():
    raise ValueError(f"formulas name columns that no published table has: {', '.join(unknown_columns())}")
