"""Tables about the release itself: places, deliveries, corrections, editions, published figures; their formulas."""

from pipeline.declare.indices import INDICES
from pipeline.declare.methods import (
    CHANCE_DAYS,
    CHANCE_MOST_SHARE,
    EDITIONS_SHOWN,
    MATCH_DAYS,
    PUBLICATION_LAG,
    ROUNDED_TO_PERSONS,
    SMALLEST_SHOWN_PERSONS,
)
from pipeline.declare.tables.declaration import (
    TOWNSHIP,
    TOWNSHIP_COLUMNS,
    TOWNSHIP_NULLABLE,
    Formula,
    Layer,
    Sheet,
    table,
)
from pipeline.sources import SOURCES

TOWNSHIPS = table(
    Layer.PUBLISHED,
    "townships",
    "township",
    TOWNSHIP_COLUMNS,
    TOWNSHIP,
    TOWNSHIP_NULLABLE,
    sources=("reference", "mimu"),
    township_reference=True,
    sheet=Sheet(22, "The list of 330 townships"),
)
REVISIONS = table(
    Layer.PUBLISHED,
    "revisions",
    "method, edition and month",
    """method, edition_date, month, clashes_month_count, in_conflict_count, security_high_count,
           clashes_month_change, in_conflict_change, security_high_change, townships_reclassified_count,
           clashes_known_share""",
    "method, edition_date, month",
    "clashes_month_count, clashes_month_change, in_conflict_change, security_high_change,"
    "townships_reclassified_count, clashes_known_share",
    caveats=(
        "National figures of the leading clash source as each edition knew them, on today's method, boundaries "
        "and names: only the source moves.",
        "A month stands in an edition once it is over and the source reports on all of it; at most the newest "
        "12 editions are shown.",
        "Displacement is not in it: its reports replace each other by their own reference dates.",
    ),
    sheet=Sheet(5, "How past months moved between editions, all methods"),
)
DELIVERIES = table(
    Layer.PUBLISHED,
    "deliveries",
    "delivery",
    "delivery_id, kind, source, source_key, licence, file_name, received_at, rows_count, rows_used_count,"
    "rows_set_aside_count, rows_contradicted_count, first_date, last_date",
    "delivery_id",
    "first_date, last_date",
    sheet=Sheet(18, "What went in"),
)
SET_ASIDE_SUMMARY = table(
    Layer.PUBLISHED,
    "set_aside_summary",
    "delivery and reason",
    "delivery_id, reason, rows_count",
    "delivery_id, reason",
    caveats=("The rows themselves stand in the analysts' database, not in a release.",),
    sheet=Sheet(19, "Rows not used, by reason"),
)
CORRECTIONS = table(
    Layer.PUBLISHED,
    "corrections",
    "correction of a source's known error",
    "correction_id, kind, correction_action, rows_count, correction_date, correction_expires, correction_reason",
    "correction_id",
    "correction_reason",
    caveats=("The values themselves stand in the analysts' database, not in a release.",),
    sheet=Sheet(20, "Known errors of the sources that were mended"),
)
COMPARISON = table(
    Layer.PUBLISHED,
    "comparison",
    "published figure",
    "figure, published_value, published_unit, published_reference_date, published_source, our_value, difference,"
    "comparable, note",
    "figure, published_source",
    "our_value, difference",
    sheet=Sheet(16, "Published figures beside this release"),
)
ACTOR_DIALOGUE = table(
    Layer.PUBLISHED,
    "actor_dialogue",
    "pair of parties",
    "counterpart, actor, bloc, conflict_status, dialogue_status, reference_date",
    "counterpart, actor",
    "bloc",
    caveats=("State of late 2021; nothing in it is a statement about later months.",),
    sheet=Sheet(21, "Conflict and dialogue of parties, late 2021"),
)


def _of(table: str, *columns: str) -> tuple[str, ...]:
    return tuple(f"{table}.{column}" for column in columns)


_SETTLING = "; ".join(f"{s.title}: {s.provisional_days} days" for s in SOURCES if s.provisional_days)


_PROVISIONAL = ("township_index", "national_summary", "region_summary", "township_changes", "change_summary")
_SUMMED = (
    "in_conflict_count", "in_conflict_share", *(column for spec in INDICES for column in spec.counted),
    "clashes_count", "control_lost_townships_share", "control_lost_area_share", "control_lost_population_share",
)  # fmt: skip

PUBLICATION: tuple[Formula, ...] = (
    Formula(
        "National and regional sums",
        (
            *_of("national_summary", *_SUMMED, "clashes_unallocated_count"),
            *_of("region_summary", *_SUMMED),
        ),
        "Townships in conflict of each class, counted; their share of all townships; clashes placed, added up. Share "
        "of control lost: townships of class high, their area and people, over all townships, area and people. "
        "Unallocated: events of the counted classes in the window that the source locates to no township.",
        "Within each index the classes add up to the townships in conflict, as in the published figures.",
        "A township of unknown conflict state is in none of the classes. Sums count what is known: floors.",
        "ISP-Myanmar OnPoint 19 (2023) for the definition of control lost by the Security Index.",
    ),
    Formula(
        "Displaced people as shown",
        (
            *_of("township_index", "idps_persons", "idps_suppressed"),
            *_of("national_summary", "idps_persons", "idps_reporting_count"),
            *_of("region_summary", "idps_persons", "idps_reporting_count"),
        ),
        f"The figure rounded to the nearest {ROUNDED_TO_PERSONS}, halves up; 1 to {SMALLEST_SHOWN_PERSONS - 1} people "
        "are withheld and marked (idps_suppressed). A total adds the figures shown, and counts the townships that "
        "have one (idps_reporting_count). Scores are made from the rounded figure, rates from the figure shown.",
        "A small exact number can point at households that can be found. A total of exact figures would give a "
        "withheld one back by subtraction, and so would a score with its decimals.",
        "A total differs a little from the sum of the exact figures and leaves the withheld ones out. Classes are "
        "made from the exact figures, so a township at a cut may seem to lie on its other side by the rounding.",
        "Small-figure suppression as in common practice of statistical disclosure control.",
    ),
    Formula(
        "Provisional months",
        tuple(f"{name}.provisional" for name in _PROVISIONAL),
        "A month is provisional when its last day lies in the last days before the day up to which the leading clash "
        f"source is known ({_SETTLING}). That day is the newest of its last event, the newest time of revision that a "
        "current event states and the covered_until of its sidecar, and never later than its newest receipt. Where "
        "the source marks its final rows, months are provisional only from its first event that is not final.",
        "The last weeks are under-reported: reports from places without a network come late, and candidate events "
        "have not been vetted.",
        "How long a source needs to settle is this project's choice, to be checked against the table revisions. A "
        "fall in a provisional month may not be one.",
        "Hegre and others 2020, Introducing the UCDP Candidate Events Dataset, Research and Politics 7(3).",
    ),
    Formula(
        "Months in the publication lag",
        tuple(f"{name}.in_publication_lag" for name in _PROVISIONAL),
        "A month is in the lag when less than publication_lag_days "
        f"({PUBLICATION_LAG.value:.0f}, or as a run or a saved method says) have gone by from its last day to the "
        "newest report of the leading clash source: the newest day of receipt of its deliveries, or the earlier day "
        "that a sidecar says a delivery stands for. Pages, maps, alerts and the view latest lead with the newest month "
        "that is not in it. In the lag a township's signal is an alert, a rise, an onset, or unknown; fewer clashes "
        "than in the month before are no comparison, a lull is unknown, and a quarter is never a fall.",
        "Events are reported late, so the newest months always look quieter than they were. Counts only grow while "
        "reports come in: worse than before can be told early, better cannot.",
        "Calendar days, not what is known of single events: an old export that was received late may lead and is "
        "marked provisional. Where every month is in the lag the last one leads.",
        "Ways to choose the days from the table revisions are on the page of changes.",
    ),
    Formula(
        "How past months moved between editions",
        _of(
            "revisions",
            "clashes_month_count", "in_conflict_count", "security_high_count", "clashes_month_change",
            "in_conflict_change", "security_high_change", "townships_reclassified_count", "clashes_known_share",
        ),
        "Each edition is what was known of the leading clash source at the end of a day on which its deliveries in "
        "force differed from before; it is computed again with today's method, boundaries and names. A change is the "
        "edition's figure minus that of the edition before; townships reclassified are those whose class of the "
        "Security Index differs; clashes_known_share is the edition's clashes of the month over those of the newest "
        f"edition, at most 1. At most the newest {EDITIONS_SHOWN.value:g} editions are shown.",
        "Only the source moves, so the table tells how far a figure of the last month may still change.",
        "A month stands in an edition only once it is over and the source reports on all of it. Displacement is not "
        "in it.",
    ),
    Formula(
        "Agreement of two sources of clashes",
        (
            *_of(
                "source_concordance",
                "months_count", "township_months_count", "both_count", "only_a_count", "only_b_count",
                "neither_count", "agreement_share", "kappa", "rank_correlation", "events_a_count", "events_b_count",
            ),
            *_of("source_matches", "events_a_count", "events_b_count"),
        ),
        "Over the townships and the months that both sources cover: with a clash in both (a), in the first only (b), "
        "in the second only (c), in neither (d). Agreement = (a + d) / (a + b + c + d). Cohen's kappa = "
        "2 (a d - b c) / ((a + b)(b + d) + (a + c)(c + d)). The rank correlation is Spearman's, of the townships' "
        "clashes over these months, ties sharing their mean rank.",
        "Sources are compared, never added: the same clash stands in several. Kappa takes off the agreement that "
        "chance alone would give, which is large where most township-months have no clash.",
        "Sources that follow the same news agree by that. Kappa is undefined where both give one answer everywhere.",
        "Cohen 1960, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20(1).",
    ),
    Formula(
        "Clashes of two sources that may be the same",
        (*_of("source_concordance", "matched_count", "matched_by_chance_count"), "source_matches.matched_count"),
        f"Two clashes may be the same when they lie in one township, at most {MATCH_DAYS.value:g} days apart, with a "
        "party in common unless one names none that is known; each clash is in one pair at most, the nearest days "
        "first, then the most parties in common. Matched by chance are the pairs that the same rule finds when the "
        f"clashes of the second source are taken {CHANCE_DAYS.value:g} days later, where none can be true.",
        "Without it the overlap of two sources cannot be told from two separate counts.",
        "Candidates only: nobody has read both reports.",
    ),
    Formula(
        "Clashes that neither of two sources holds",
        _of(
            "source_concordance",
            "events_estimate", "events_estimate_low", "events_estimate_high", "events_estimate_variance",
            "events_estimate_without_chance", "events_estimate_without_chance_low",
            "events_estimate_without_chance_high",
        ),
        "With n1 and n2 clashes and m matched: N = (n1 + 1)(n2 + 1) / (m + 1) - 1, its variance "
        "(n1 + 1)(n2 + 1)(n1 - m)(n2 - m) / ((m + 1)^2 (m + 2)). The 95 % interval is log-normal for the clashes in "
        "neither, f = (n1 - m)(n2 - m) / (m + 1): those seen plus f / C to f times C, with "
        "C = exp(1.96 sqrt(ln(1 + variance / f^2))). events_estimate_without_chance is the same with the pairs that "
        "may be chance taken off m: the truth is to be looked for between the two.",
        "A count is a floor; the estimate says how far below the truth it may lie.",
        "It assumes a closed list, sources that find events independently, equal chances for every event and right "
        f"matches. It is not to be used where {100 * CHANCE_MOST_SHARE.value:g} % or more of the matches may be "
        "chance.",
        "Chapman 1951; Seber 1970; Chao 1987; Rexstad and Burnham 1991. For conflict events: Hendrix and Salehyan.",
    ),
    Formula(
        "Events by month and published figures beside ours",
        (
            *_of("township_month_events", "events_count", "fatalities_persons", "precise_count"),
            *_of("comparison", "our_value", "difference"),
        ),
        "Events of the leading source placed in the township in the month, by class, with the deaths the source "
        "gives and how many of them it locates at township level or better. Published figures: the same figure "
        "computed to the published figure's own day, and ours minus the published one.",
        "A reader must be able to count again, and to see at once where we differ from what was published.",
        "A difference is not an error by itself, and closeness is no proof: a cut may have been fitted to the very "
        "figure. The note of each row says so.",
    ),
)  # fmt: skip
