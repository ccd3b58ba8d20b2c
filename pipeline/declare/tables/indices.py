"""The three indices, the published index with its sums, and the formulas of both."""

from pipeline.declare.codes import CONTROL_SHARES, IndexName
from pipeline.declare.methods import ISP_2023, SERVICES_TURNING_STEP
from pipeline.declare.tables.declaration import (
    CUMULATIVE,
    NOT_CONTROL,
    Formula,
    Layer,
    Sheet,
    Table,
    table,
)
from pipeline.sources import BY_KEY, unrecorded_classes

_NEVER_RECORDED = "; ".join(
    f"{source.title} never records the class {', '.join(unrecorded_classes(key))}"
    for key, source in BY_KEY.items()
    if unrecorded_classes(key)
)
_SUMMARY = """in_conflict_count, in_conflict_share, security_high_count, security_low_count,
    security_high_expected, security_high_low, security_high_high,
    humanitarian_high_count, humanitarian_low_count, humanitarian_no_new_count, humanitarian_insufficient_count,
    services_severe_count, services_severe_certain_count, services_severe_likely_count, services_lower_count,
    services_insufficient_count, services_severe_low, services_severe_high, clashes_count, clashes_possible_count,
    clashes_month_count, clashes_3m_count, clashes_12m_count, fatalities_persons, fatalities_low_persons,
    fatalities_high_persons,
    security_step_0_count, security_step_1_count, security_step_2_count, security_step_3_count, security_step_4_count,
    signal_alert_count, signal_rise_count, signal_onset_count, signal_fall_count, signal_lull_count,
    signal_none_count, signal_unknown_count, alerts_false_expected, idps_persons,
    idps_reporting_count, reporting_share, evidence_a_count, evidence_b_count, evidence_c_count, evidence_d_count,
    control_lost_townships_share, control_lost_area_share, control_lost_population_share"""
_SUMMARY_NULLABLE = """idps_persons,
    control_lost_townships_share, control_lost_area_share, control_lost_population_share,
    clashes_count, in_conflict_share, security_high_expected, clashes_possible_count, clashes_month_count,
    clashes_3m_count, clashes_12m_count, fatalities_persons, fatalities_low_persons, fatalities_high_persons,
    alerts_false_expected"""
SECURITY = table(
    Layer.INDICES,
    "security",
    "method, month and township",
    "method, month, adm3_pcode, period_start, period_end, in_conflict, clashes_count, clashes_month_count,"
    "fatalities_persons, fatalities_low_persons, fatalities_high_persons, clashes_possible_count, security_class,"
    "security_step, security_score, security_high_probability, security_rank,"
    "security_rank_low, security_rank_high, precise_share, exact_share",
    "method, month, adm3_pcode",
    "in_conflict, clashes_count, clashes_month_count, fatalities_persons, fatalities_low_persons,"
    "fatalities_high_persons, clashes_possible_count, security_step, security_score,"
    "security_high_probability, security_rank, security_rank_low, security_rank_high, precise_share,"
    "exact_share",
    township_reference=True,
    caveats=(CUMULATIVE,),
)
HUMANITARIAN = table(
    Layer.INDICES,
    "humanitarian",
    "method, month and township",
    "method, month, adm3_pcode, reference_date, idps_persons, idps_basis, humanitarian_class,"
    "humanitarian_score, displacement_class, delivery_id",
    "method, month, adm3_pcode",
    "reference_date, idps_persons, idps_basis, humanitarian_score, delivery_id",
    township_reference=True,
)
SERVICES = table(
    Layer.INDICES,
    "services",
    "method, month and township",
    "method, month, adm3_pcode, survey_date, police_station, gad_office, services_records_count,"
    "services_known_count, services_lost_score,"
    "services_lost_min, services_lost_max, services_class, services_class_best, services_class_worst,"
    "services_certainty, services_score, delivery_id",
    "method, month, adm3_pcode",
    "survey_date, police_station, gad_office, services_lost_score, services_certainty, services_score, delivery_id",
    township_reference=True,
)
CONTROL = table(
    Layer.INDICES,
    "control",
    "method, month and township",
    f"method, month, adm3_pcode, period_end, reference_date, control_records_count, control_class,"
    f"{', '.join(CONTROL_SHARES)}, unknown_share, control_source, conflicting_records_count",
    "method, month, adm3_pcode",
    f"reference_date, {', '.join(CONTROL_SHARES)}, unknown_share, control_source",
    township_reference=True,
)
SIGNALS = table(
    Layer.INDICES,
    "signals",
    "method, month and township",
    """method, month, adm3_pcode, clashes_3m_count, clashes_12m_count, clashes_before_count, quarter_p_value,
           quarter_change_class, is_onset, is_lull, clashes_year_maximum_count, alert_from_count,
           alert_false_probability, alert_p_value, is_alert, alert_confirmed""",
    "method, month, adm3_pcode",
    """clashes_3m_count, clashes_12m_count, clashes_before_count, quarter_p_value, is_onset, is_lull,
           clashes_year_maximum_count, alert_from_count, alert_false_probability, alert_p_value, is_alert,
           alert_confirmed""",
    township_reference=True,
)
TOWNSHIP_INDEX = table(
    Layer.PUBLISHED,
    "township_index",
    "method, month and township",
    """method, month, adm3_pcode, period_start, period_end, adm3_name, adm1_name, state_region, in_conflict,
           clashes_count, clashes_possible_count, clashes_month_count, clashes_3m_count, clashes_12m_count, signal,
           fatalities_persons, fatalities_low_persons, fatalities_high_persons,
           security_shown, security_class, security_step, security_score,
           security_high_probability, security_rank, security_rank_low, security_rank_high,
           humanitarian_shown, services_shown,
           idps_persons, idps_suppressed, idps_basis, idps_reference_date,
           humanitarian_class, humanitarian_score, idps_population_share, displacement_class, displacement_change,
           services_records_count, services_known_count, services_lost_score, services_lost_min, services_lost_max,
           services_class, services_class_best, services_class_worst, services_certainty, services_score,
           control_records_count, control_class, control_by_security,
           control_by_administration, control_by_observation, precise_share, exact_share, reporting_share,
           evidence_points_count,
           evidence_grade, evidence_security, evidence_humanitarian, evidence_services, evidence_control,
           data_age_days, provisional, in_publication_lag""",
    "method, month, adm3_pcode",
    """in_conflict, clashes_count, clashes_possible_count, clashes_month_count, clashes_3m_count,
           clashes_12m_count, fatalities_persons, fatalities_low_persons, fatalities_high_persons, security_step,
           security_score, security_high_probability, security_rank, security_rank_low, security_rank_high,
           idps_persons, idps_basis, idps_reference_date, humanitarian_score, idps_population_share,
           services_lost_score, services_certainty,
           services_score, precise_share, exact_share, data_age_days""",
    township_reference=True,
    caveats=(CUMULATIVE, "Classes exist only inside conflict; not_in_conflict is a state of its own."),
    sheet=Sheet(3, "The 330 townships, latest month, all methods", latest=True),
    compared=(
        "in_conflict",
        "clashes_count",
        "clashes_month_count",
        "fatalities_persons",
        "security_class",
        "idps_persons",
        "humanitarian_class",
        "services_known_count",
        "services_class",
        "control_class",
        "evidence_grade",
    ),
)
NATIONAL_SUMMARY = table(
    Layer.PUBLISHED,
    "national_summary",
    "method and month",
    f"method, month, period_start, period_end, townships_count, {_SUMMARY}, in_conflict_estimate,"
    "in_conflict_estimate_low, in_conflict_estimate_high, services_severe_known_share,"
    "services_severe_turning_share, services_severe_turning_ratio, clashes_unallocated_count, provisional,"
    "in_publication_lag, clash_source",
    "method, month",
    _SUMMARY_NULLABLE
    + ", in_conflict_estimate, in_conflict_estimate_low, in_conflict_estimate_high, services_severe_known_share,"
    "services_severe_turning_share, services_severe_turning_ratio, clashes_unallocated_count, clash_source",
    caveats=(NOT_CONTROL, "Clashes are those of clash_source alone; other sources are never added."),
    sheet=Sheet(1, "The country by month, all methods"),
    compared=("clash_source",),  # and the national figures that reports/figures.py says
)
REGION_SUMMARY = table(
    Layer.PUBLISHED,
    "region_summary",
    "method, month and state or region",
    f"method, month, state_region, period_start, period_end, townships_count, {_SUMMARY}, provisional,"
    "in_publication_lag",
    "method, month, state_region",
    _SUMMARY_NULLABLE,
    caveats=(NOT_CONTROL,),
    sheet=Sheet(2, "The 15 states, regions and union territory, latest month, all methods", latest=True),
)
EXPLANATIONS = table(
    Layer.PUBLISHED,
    "explanations",
    "method, township and index",
    """method, adm3_pcode, index_name, month, value, value_unit, class_now, nearest_class, distance,
           distance_unit, explanation, delivery_ids""",
    "method, adm3_pcode, index_name",
    "value, nearest_class, distance, distance_unit, delivery_ids",
    township_reference=True,
    caveats=("At the last month of the release.",),
    sheet=Sheet(14, "What each class is made from and what would change it"),
)
TOWNSHIP_MONTH_EVENTS = table(
    Layer.PUBLISHED,
    "township_month_events",
    "month, township and event class",
    "month, adm3_pcode, event_class, events_count, fatalities_persons, precise_count",
    "month, adm3_pcode, event_class",
    "fatalities_persons",
    township_reference=True,
    caveats=(
        "Events of the leading clash source only.",
        "Any class but clash without one row in the whole table is one that the source, or the export that "
        f"was delivered, does not record: its events are unknown, not zero. {_NEVER_RECORDED}.",
        "Of a class with rows, a month and township without one had no event reported, provided that the "
        "source covers it: where clashes_month_count in township_index is missing, nothing is known.",
    ),
    sheet=Sheet(None, "Events by month, township and class"),
)

SECURITY_FORMULAS: tuple[Formula, ...] = (
    Formula(
        title="Clashes and their class",
        columns=(
            "township_index.clashes_count",
            "township_index.clashes_month_count",
            "township_index.in_conflict",
            "township_index.security_class",
            "township_index.security_step",
            *(f"{scope}_summary.security_step_{step}_count" for scope in ("national", "region") for step in range(5)),
        ),
        formula=(
            "clashes_count adds the clashes of the leading source that are placed in the township, by their first"
            " day, from period_start to period_end. not_in_conflict at 0 clashes; high at or above the cut of the"
            " source (security_high); low between. insufficient_data where the source does not cover the "
            "township: no source was delivered, or its silence means unknown and it reports none. An event that runs "
            "over the end of a month counts in its first month. security_step tells five steps apart: none, some, and "
            "from each of the three breaks of the method and source (security_steps) the next."
        ),
        why=(
            "A township counts clashes only where the source locates them at township level or better: a point "
            "that stands for a district, a region or the country would fall into whatever township lies under it."
        ),
        limits=(
            "Counts are floors: what no source reports is not in them. A cut holds for one source family and does"
            " not carry over to another. A cumulative count never falls."
        ),
        reference=("ISP-Myanmar, OnPoint 19 (December 2023), names the index and its classes and publishes no cut."),
    ),
    Formula(
        title="What is certain, and what is possible",
        columns=(
            "township_index.clashes_possible_count",
            "national_summary.clashes_possible_count",
            "region_summary.clashes_possible_count",
        ),
        formula=(
            "Clashes in the window that the source locates to no township, and whose candidate townships include this "
            "one. A road, river or border between two named places has the two townships of its ends; a district or "
            "city has all of its townships; a state, a region, the country and a line with an end that is not known "
            "have none. A summary counts an event once, however many of its townships are candidates."
        ),
        why=(
            "clashes_count stays what is certain. What may have happened here besides is a number as well, and left "
            "out of sight it would read as none."
        ),
        limits=(
            "One event is possible in two to 33 townships, so the figures of townships must not be added. A line "
            "between townships that do not touch runs through others, which are not counted. The townships of a city "
            "are those of its city council."
        ),
        reference="Croicu and Hegre (2018) impute such events; here they are only counted.",
    ),
    Formula(
        title="Deaths, between the lowest and the highest estimate",
        columns=(
            "township_index.fatalities_persons",
            "township_index.fatalities_low_persons",
            "township_index.fatalities_high_persons",
            *(
                f"{scope}_summary.fatalities_{end}_persons"
                for scope in ("national", "region")
                for end in ("low", "high")
            ),
        ),
        formula="Sums of the source's best, lowest and highest estimates over the clashes counted in the window.",
        why="The range is wide: UCDP's highest estimate since the coup is four times its best.",
        limits=(
            "Nearly half of UCDP's clashes have a best estimate of no death. Only UCDP gives a range; of other sources "
            "both ends are missing, and so are those of a state or the country where a township with clashes lacks "
            "them. The ends are no interval of probability: all clashes at their highest at once is "
            "not likely."
        ),
    ),
    Formula(
        title="Security score",
        columns=("township_index.security_score",),
        formula=(
            "100 x ln(1 + clashes_count) / ln(1 + G), at most 100, with the fixed goalpost G of the method and "
            "source (security_goalpost)."
        ),
        why=(
            "Counts are skewed: the log scale tells 2 from 20 as well as 20 from 200. A goalpost that never moves"
            " keeps months and editions comparable, where min-max scaling would move every earlier score with "
            "each new maximum."
        ),
        limits=("The class is a cut on the count and never on the score."),
        reference=("OECD and JRC, Handbook on Constructing Composite Indicators (2008), on normalisation."),
    ),
)


HUMANITARIAN_FORMULAS: tuple[Formula, ...] = (
    Formula(
        title="Which figure stands",
        columns=(
            "township_index.idps_persons",
            "township_index.idps_basis",
            "township_index.idps_reference_date",
        ),
        formula=(
            "The newest report dated by period_end and at most displacement_stale_days "
            f"({ISP_2023.displacement_stale_days.value:.0f}) days old. A figure of new displacement since the coup"
            " goes before a figure of stock, even a newer one; they are never added. A report that names the "
            "township itself goes before one that reached it from a retired code. A source whose silence means "
            "zero gives 0 for townships it does not list; a blank figure stays missing."
        ),
        why=(
            "The index is about new displacement, which stock holds besides older displacement: adding them would"
            " count people twice. Of two dates the later says more of the month, until it is too old to say "
            "anything."
        ),
        limits=(
            "A newer stock figure is passed over where an older figure of new displacement is in force; "
            "idps_basis and idps_reference_date say which one stands."
        ),
    ),
    Formula(
        title="Rounding and withholding",
        columns=(
            "township_index.idps_persons",
            "township_index.idps_suppressed",
            "national_summary.idps_persons",
            "region_summary.idps_persons",
        ),
        formula=(
            "Figures are rounded to ten; 1 to 9 are withheld and marked in idps_suppressed. Totals add the "
            "figures as shown. A release of the internal profile, which is not for others, holds them exactly."
        ),
        why=("A small group of people must not be found from a table, nor by taking one table from another."),
        limits=(
            "A total differs from the sum of the exact figures by up to five people for each township that "
            "reports, and by up to nine for each that is withheld."
        ),
    ),
    Formula(
        title="Humanitarian class and score",
        columns=(
            "township_index.humanitarian_class",
            "township_index.humanitarian_score",
        ),
        formula=(
            f"Inside conflict: high at {ISP_2023.idps_high.value:,.0f} displaced people or more (idps_high), low "
            "from 1, no_new_idps where a report counts none, insufficient_data without a report in force. Outside"
            " conflict there is no class. The class is cut on the exact figure. Score: 100 x ln(1 + idps_persons)"
            f" / ln(1 + {ISP_2023.idps_goalpost.value:,.0f}), at most 100, made from the rounded figure."
        ),
        why=(
            "A township nobody reports on is not one without displaced people. A score from the exact figure "
            "would give that figure back."
        ),
        limits=(
            "Of a withheld figure there is no score. Near the cut the class may rest on a figure that is rounded "
            "to the other side of it."
        ),
    ),
)


SERVICES_FORMULAS: tuple[Formula, ...] = (
    Formula(
        title="Loss of services and its bounds",
        columns=(
            "township_index.services_lost_score",
            "township_index.services_lost_min",
            "township_index.services_lost_max",
            "township_index.services_score",
            "township_index.services_known_count",
        ),
        formula=(
            "Five items (police station, GAD office, electricity, water supply, salaries), each lost 0 (yes), 1/2"
            " (partial) or 1 (no). services_lost_score is the mean over the known items, and services_score 100 "
            "times that. services_lost_min puts every unknown item at 0 and services_lost_max at 1, both divided "
            "by five. The newest survey in force counts, at most services_stale_days "
            f"({ISP_2023.services_stale_days.value:.0f}) days old; without one the bounds are 0 and 1."
        ),
        why=(
            "The worst places do not report, so an unknown item is never filled in from others; the bounds say "
            "what it could change."
        ),
        limits=("The five items weigh the same; nobody has published weights."),
    ),
    Formula(
        title="Services class and its bounds",
        columns=(
            "township_index.services_class",
            "township_index.services_class_best",
            "township_index.services_class_worst",
            "national_summary.services_severe_low",
            "national_summary.services_severe_high",
            "region_summary.services_severe_low",
            "region_summary.services_severe_high",
        ),
        formula=(
            f"Inside conflict: severe where services_lost_min is at least {ISP_2023.services_severe.value} "
            "(services_severe), lower where services_lost_max is below it: certain whatever is missing. Otherwise"
            f" by services_lost_score where at least {ISP_2023.services_known_minimum.value:.0f} items are known "
            "(services_known_minimum), else insufficient_data. services_class_best is the class at "
            "services_lost_min and services_class_worst that at services_lost_max. services_severe_low counts the"
            " townships in conflict that are severe at best, services_severe_high those that are severe at worst."
        ),
        why=(
            "The best and the worst class hold the class between them; where all items are known all three are "
            "one. Taking a known item away never brings the bounds closer together."
        ),
        limits=(
            "A township in conflict without a survey runs from lower to severe. Townships of which it is unknown "
            "whether they are in conflict are in neither bound."
        ),
    ),
    Formula(
        title="Certain and likely classes of services",
        columns=(
            "township_index.services_certainty",
            "national_summary.services_severe_certain_count",
            "national_summary.services_severe_likely_count",
            "region_summary.services_severe_certain_count",
            "region_summary.services_severe_likely_count",
        ),
        formula=(
            "certain where services_class_best and services_class_worst are the class itself, likely where the class "
            "rests on the mean of the known items. services_severe_count is the sum of both kinds of severe."
        ),
        why=(
            "The mean of the known items stands for the unknown ones: that is imputation, and is marked. In a "
            "simulated survey none of 71 certain classes was wrong and 5 of 22 likely ones were."
        ),
        limits=("The unknown items of a township that reports few are likely to be worse than the known ones."),
    ),
    Formula(
        title="How much worse the silent townships would have to be",
        columns=(
            "national_summary.services_severe_known_share",
            "national_summary.services_severe_turning_share",
            "national_summary.services_severe_turning_ratio",
        ),
        formula=(
            "Of the townships in conflict s are severe, l lower and u without a class. The known share is p = s / (s + "
            "l). If the silent ones were severe at the share q, the country's share would be (s + q u) / (s + l + u); "
            f"it lies {SERVICES_TURNING_STEP.value:g} above p (SERVICES_TURNING_STEP) at q = p + "
            f"{SERVICES_TURNING_STEP.value:g} (s + l + u) / u, the turning share. The turning ratio is q / p."
        ),
        why=(
            "The worst places do not report. A ratio near 1 says that a small difference of the silent ones makes "
            "another finding; a high one, or none because even all of them severe would not, that the finding stands."
        ),
        limits=("It supposes nothing about how bad the silent townships are, and rests on classes, likely ones too."),
        reference=("Tipping points of missing data: Rubin 1977; Yan, Lee and Li 2009. Bounds: Manski 1989."),
    ),
)

# The layer "indices" in the order of the dictionary; index -> its formulas in the order of the methods page.
OF_LAYER: tuple[Table, ...] = (SECURITY, HUMANITARIAN, SERVICES, CONTROL, SIGNALS)
FORMULAS: dict[IndexName, tuple[Formula, ...]] = {
    IndexName.SECURITY: SECURITY_FORMULAS,
    IndexName.HUMANITARIAN: HUMANITARIAN_FORMULAS,
    IndexName.SERVICES: SERVICES_FORMULAS,
}
