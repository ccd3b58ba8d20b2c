"""Every table: layer, grain, ordered columns, keys, sources, caveats.

Columns are declared in columns.py and only named here. Raw tables mirror what a file format holds and
are declared with the format (formats.py); their columns are text as delivered.
"""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.declare.columns import COLUMNS, Column
from pipeline.declare.sources import SOURCES, unrecorded_classes


class Layer(StrEnum):
    RAW = "raw"
    RECORDS = "records"
    INDICES = "indices"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Table:
    """`key` is the grain; every column outside `nullable` must be filled."""

    layer: Layer
    name: str
    grain: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    nullable: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    township_reference: bool = False  # every adm3_pcode must stand in the list of 330

    @property
    def full_name(self) -> str:
        return f"{self.layer}.{self.name}"

    @property
    def specs(self) -> tuple[Column, ...]:
        return tuple(COLUMNS[name] for name in self.columns)

    @property
    def comment(self) -> str:
        return " ".join([f"One row per {self.grain}.", *self.caveats])


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _table(layer: Layer, name: str, grain: str, columns: str, key: str, nullable: str = "", **more: object) -> Table:
    ordered = _words(columns)
    table = Table(layer, name, grain, ordered, _words(key), frozenset(_words(nullable)), **more)  # type: ignore[arg-type]
    unknown = [c for c in (*ordered, *table.key, *table.nullable) if c not in COLUMNS or c not in ordered]
    if unknown:
        raise ValueError(f"table {layer}.{name} names columns that are not declared: {', '.join(unknown)}")
    return table


_PLACE = "adm3_pcode"
_TRACE = "delivery_id, row_number, source"
_FIRST_PART = "Where rows were added up as parts, the first of them holds the sum and the others hold no figure."
_CUMULATIVE = "Counts are floors: what no source reports is not in them."
_NOT_CONTROL = "No fighting is not the same as control; the share by the Security Index counts townships of class high."

_NEVER_RECORDED = "; ".join(
    f"{source.title} never records the class {', '.join(unrecorded_classes(key))}"
    for key, source in SOURCES.items()
    if unrecorded_classes(key)
)

_TOWNSHIPS = """adm3_pcode, adm3_name, adm3_name_my, adm2_pcode, adm2_name, adm1_pcode, adm1_name, state_region,
    self_administered_unit, area_km2, population_persons, population_reference_date, boundary_source, geometry"""
_TOWNSHIPS_NULLABLE = "self_administered_unit, population_persons, population_reference_date"

_SUMMARY = """in_conflict_count, in_conflict_share, security_high_count, security_low_count,
    security_high_expected, security_high_low, security_high_high,
    humanitarian_high_count, humanitarian_low_count, humanitarian_no_new_count, humanitarian_insufficient_count,
    services_severe_count, services_lower_count, services_insufficient_count, services_severe_low,
    services_severe_high, clashes_count, idps_persons,
    idps_reporting_count, reporting_share, evidence_a_count, evidence_b_count, evidence_c_count, evidence_d_count,
    control_lost_townships_share, control_lost_area_share, control_lost_population_share"""
_SUMMARY_NULLABLE = """idps_persons,
    control_lost_townships_share, control_lost_area_share, control_lost_population_share,
    clashes_count, in_conflict_share, security_high_expected"""

_ALL = (
    _table(Layer.RECORDS, "deliveries", "file received and in force",
           "delivery_id, kind, format, source, source_key, licence, file_name, sha256, received_at, reference_date,"
           "absence_means, rows_count", "delivery_id", "reference_date",
           caveats=("The immutable landings that this run was made from.",)),
    _table(Layer.RECORDS, "townships", "township", _TOWNSHIPS, _PLACE, _TOWNSHIPS_NULLABLE,
           sources=("reference", "mimu"), township_reference=True),
    _table(Layer.RECORDS, "clashes", "current event that the source locates in a township",
           f"source_key, event_id, event_date, event_date_end, month, event_class, adm3_pcode, placed_by, distance_km,"
           f"point_distance_km, geo_precision, date_precision, fatalities_persons, actor1, actor2, source_status,"
           f"updated_at, {_TRACE}",
           "source_key, event_id",
           "event_date_end, fatalities_persons, distance_km, point_distance_km, actor1, actor2, source_status,"
           "updated_at",
           township_reference=True,
           caveats=("Events of all classes; methods.py says which count as clashes.",)),
    _table(Layer.RECORDS, "unallocated_events", "day, source, class and precision",
           "source_key, event_date, event_class, geo_precision, events_count, fatalities_persons",
           "source_key, event_date, event_class, geo_precision", "fatalities_persons",
           caveats=("Events that the source locates to a district, region or the country only; in no township.",)),
    _table(Layer.RECORDS, "earlier_editions", "earlier edition, source, month, township, class and precision",
           "edition_date, source_key, month, adm3_pcode, event_class, geo_precision, events_count",
           "edition_date, source_key, month, adm3_pcode, event_class, geo_precision", township_reference=True,
           caveats=("The current events of each earlier edition of the leading clash source, placed as today; the "
                    "newest edition stands in records.clashes. Empty while there is one edition.",)),
    _table(Layer.RECORDS, "displacement", "township report of displaced people",
           f"adm3_pcode, reference_date, idps_new_persons, idps_stock_persons, returnees_persons, placed_by,"
           f"point_distance_km, geo_precision, updated_at, {_TRACE}",
           "adm3_pcode, reference_date, source, delivery_id, row_number",
           "point_distance_km, idps_new_persons, idps_stock_persons, returnees_persons, updated_at",
           township_reference=True,
           caveats=("A blank figure is a township not reported on; it stays missing.", _FIRST_PART)),
    _table(Layer.RECORDS, "services", "township report on public services",
           f"adm3_pcode, survey_date, police_station, gad_office, electricity, water_supply, salaries,"
           f"conflicting_records_count, placed_by, point_distance_km, geo_precision, updated_at, {_TRACE}",
           "adm3_pcode, survey_date, source, delivery_id, row_number", "point_distance_km, updated_at",
           township_reference=True),
    _table(Layer.RECORDS, "control", "township record of who controls it",
           f"adm3_pcode, reference_date, controller, confidence, conflicting_records_count, placed_by,"
           f"point_distance_km, geo_precision, updated_at, {_TRACE}",
           "adm3_pcode, reference_date, source, delivery_id, row_number", "confidence, point_distance_km, updated_at",
           township_reference=True),
    _table(Layer.RECORDS, "population", "township population figure",
           f"adm3_pcode, reference_date, population_persons, placed_by, point_distance_km, geo_precision,"
           f"updated_at, {_TRACE}",
           "adm3_pcode, reference_date, source, delivery_id, row_number",
           "population_persons, point_distance_km, updated_at",
           township_reference=True, caveats=(_FIRST_PART,)),
    _table(Layer.RECORDS, "set_aside", "row that was not used, and why",
           "delivery_id, file_name, kind, row_number, reason, column_name, found",
           "delivery_id, row_number", "column_name, found",
           caveats=("Holds text of the sources: never part of a release.",)),
    _table(Layer.RECORDS, "accounts", "delivery",
           "delivery_id, kind, file_name, rows_count, rows_used_count, rows_set_aside_count,"
           "rows_contradicted_count, first_date, last_date",
           "delivery_id", "first_date, last_date", caveats=("Rows in equal rows used plus rows set aside.",)),
    _table(Layer.RECORDS, "corrections", "correction and row that it touched",
           "correction_id, kind, correction_action, delivery_id, row_number, column_name, was, becomes,"
           "correction_reason, correction_date", "correction_id, delivery_id, row_number",
           "column_name, was, becomes",
           caveats=("Known errors of the sources, mended by corrections.toml.",
                    "Holds text of the sources: never part of a release.")),
    _table(Layer.INDICES, "security", "method, month and township",
           "method, month, adm3_pcode, period_start, period_end, in_conflict, clashes_count, clashes_month_count,"
           "fatalities_persons, security_class, security_score, security_high_probability, security_rank,"
           "security_rank_low, security_rank_high, precise_share, exact_share",
           "method, month, adm3_pcode",
           "in_conflict, clashes_count, clashes_month_count, fatalities_persons, security_score,"
           "security_high_probability, security_rank, security_rank_low, security_rank_high, precise_share,"
           "exact_share",
           township_reference=True, caveats=(_CUMULATIVE,)),
    _table(Layer.INDICES, "humanitarian", "method, month and township",
           "method, month, adm3_pcode, reference_date, idps_persons, idps_basis, humanitarian_class,"
           "humanitarian_score, delivery_id",
           "method, month, adm3_pcode", "reference_date, idps_persons, idps_basis, humanitarian_score, delivery_id",
           township_reference=True),
    _table(Layer.INDICES, "services", "method, month and township",
           "method, month, adm3_pcode, survey_date, police_station, gad_office, services_records_count,"
           "services_known_count, services_lost_score,"
           "services_lost_min, services_lost_max, services_class, services_class_best, services_class_worst,"
           "services_score, delivery_id",
           "method, month, adm3_pcode",
           "survey_date, police_station, gad_office, services_lost_score, services_score, delivery_id",
           township_reference=True),
    _table(Layer.INDICES, "control", "method, month and township",
           "method, month, adm3_pcode, reference_date, control_records_count, control_class",
           "method, month, adm3_pcode", "reference_date",
           township_reference=True),
    _table(Layer.INDICES, "event_matches", "pair of clashes of two sources that may be the same",
           "source_a, event_id_a, source_b, event_id_b, adm3_pcode, days_apart, actors_agree",
           "source_a, source_b, event_id_a", township_reference=True,
           caveats=("Candidates found by place, day and parties: nobody has read both reports.",)),
    _table(Layer.PUBLISHED, "townships", "township", _TOWNSHIPS, _PLACE, _TOWNSHIPS_NULLABLE,
           sources=("reference", "mimu"), township_reference=True),
    _table(Layer.PUBLISHED, "township_index", "method, month and township",
           """method, month, adm3_pcode, period_start, period_end, adm3_name, adm1_name, state_region, in_conflict,
           clashes_count, clashes_month_count, fatalities_persons, security_class, security_score,
           security_high_probability, security_rank, security_rank_low, security_rank_high,
           idps_persons, idps_suppressed, idps_basis, idps_reference_date,
           humanitarian_class, humanitarian_score,
           services_records_count, services_known_count, services_lost_score, services_lost_min, services_lost_max,
           services_class, services_class_best, services_class_worst, services_score,
           control_records_count, control_class, control_by_security,
           control_by_administration, control_by_observation, precise_share, exact_share, reporting_share,
           evidence_points_count,
           evidence_grade, data_age_days, provisional""",
           "method, month, adm3_pcode",
           """in_conflict, clashes_count, clashes_month_count, fatalities_persons, security_score,
           security_high_probability, security_rank, security_rank_low, security_rank_high,
           idps_persons, idps_basis, idps_reference_date, humanitarian_score,
           services_lost_score,
           services_score, precise_share, exact_share, data_age_days""", township_reference=True,
           caveats=(_CUMULATIVE, "Classes exist only inside conflict; not_in_conflict is a state of its own.")),
    _table(Layer.PUBLISHED, "national_summary", "method and month",
           f"method, month, period_start, period_end, townships_count, {_SUMMARY}, clashes_unallocated_count,"
           "provisional, clash_source",
           "method, month", _SUMMARY_NULLABLE + ", clashes_unallocated_count, clash_source",
           caveats=(_NOT_CONTROL, "Clashes are those of clash_source alone; other sources are never added.")),
    _table(Layer.PUBLISHED, "region_summary", "method, month and state or region",
           f"method, month, state_region, period_start, period_end, townships_count, {_SUMMARY}, provisional",
           "method, month, state_region", _SUMMARY_NULLABLE, caveats=(_NOT_CONTROL,)),
    _table(Layer.PUBLISHED, "territorial_control", "method, month, scope, basis and measure",
           """method, month, scope, basis, measure, period_end, lost_share, lost_low, lost_high, lost_expected_share,
           lost_interval_low, lost_interval_high, contested_share, held_share, unknown_share, lost_value, known_value,
           compared_value, differs_from_security_value, total_value""",
           "method, month, scope, basis, measure",
           "lost_share, lost_low, lost_high, lost_expected_share, lost_interval_low, lost_interval_high,"
           "contested_share, held_share, unknown_share, lost_value, known_value, compared_value,"
           "differs_from_security_value, total_value",
           caveats=(_NOT_CONTROL, "Lost, contested, held and unknown sum to one.")),
    _table(Layer.PUBLISHED, "township_month_events", "month, township and event class",
           "month, adm3_pcode, event_class, events_count, fatalities_persons, precise_count",
           "month, adm3_pcode, event_class", "fatalities_persons", township_reference=True,
           caveats=("Events of the leading clash source only.",
                    "Any class but clash without one row in the whole table is one that the source, or the export that "
                    f"was delivered, does not record: its events are unknown, not zero. {_NEVER_RECORDED}.",
                    "Of a class with rows, a month and township without one had no event reported, provided that the "
                    "source covers it: where clashes_month_count in township_index is missing, nothing is known.")),
    _table(Layer.PUBLISHED, "revisions", "method, edition and month",
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
           )),
    _table(Layer.PUBLISHED, "deliveries", "delivery",
           "delivery_id, kind, source, source_key, licence, file_name, received_at, rows_count, rows_used_count,"
           "rows_set_aside_count, rows_contradicted_count, first_date, last_date", "delivery_id",
           "first_date, last_date"),
    _table(Layer.PUBLISHED, "set_aside_summary", "delivery and reason",
           "delivery_id, reason, rows_count", "delivery_id, reason",
           caveats=("The rows themselves stand in the analysts' database, not in a release.",)),
    _table(Layer.PUBLISHED, "corrections", "correction of a source's known error",
           "correction_id, kind, correction_action, rows_count, correction_date, correction_expires, correction_reason",
           "correction_id", "correction_reason",
           caveats=("The values themselves stand in the analysts' database, not in a release.",)),
    _table(Layer.PUBLISHED, "comparison", "published figure",
           "figure, published_value, published_unit, published_reference_date, published_source, our_value, difference,"
           "comparable, note", "figure, published_source", "our_value, difference"),
    _table(Layer.PUBLISHED, "source_concordance", "pair of clash sources",
           """source_a, source_b, period_start, period_end, months_count, township_months_count,
           both_count, only_a_count, only_b_count, neither_count, agreement_share, kappa, rank_correlation,
           events_a_count, events_b_count, matched_count, matched_by_chance_count, events_estimate,
           events_estimate_low, events_estimate_high, events_estimate_variance, comparable, assumptions_note""",
           "source_a, source_b",
           """period_start, period_end, agreement_share, kappa, rank_correlation, events_estimate, events_estimate_low,
           events_estimate_high, events_estimate_variance""",
           caveats=("Clashes placed in a township, over the months both sources cover, from the coup on.",
                    "The estimate assumes that the list of events is closed, that the sources find events "
                    "independently, that every event is equally likely to be found, and that the matches are right.",
                    "Sources that follow the same news, and matches by chance, make it too low; matches that were "
                    "missed, as of events dated only to a week or month, make it too high.")),
    _table(Layer.PUBLISHED, "source_matches", "pair of clash sources, month and township",
           "source_a, source_b, month, adm3_pcode, events_a_count, events_b_count, matched_count",
           "source_a, source_b, month, adm3_pcode", township_reference=True,
           caveats=("Months that both sources cover; townships without a row had no clash in either.",
                    "A pair whose two days lie in different months is in no row's matched_count.")),
    _table(Layer.PUBLISHED, "township_rates", "method, month and township",
           """method, month, adm3_pcode, clashes_per_1000_km2, clashes_per_1000_km2_smoothed,
           clashes_per_100000_persons, clashes_per_100000_persons_smoothed, fatalities_per_100000_persons,
           idps_per_100000_persons""",
           "method, month, adm3_pcode",
           """clashes_per_1000_km2, clashes_per_1000_km2_smoothed, clashes_per_100000_persons,
           clashes_per_100000_persons_smoothed, fatalities_per_100000_persons, idps_per_100000_persons""",
           township_reference=True,
           caveats=(_CUMULATIVE, "A smoothed rate stands beside the raw one, never instead of it.",
                    "Population figures date from before much of the displacement.")),
    _table(Layer.PUBLISHED, "township_changes", "method, month and township",
           """method, month, adm3_pcode, period_end, clashes_month_count, clashes_previous_month_count, change_p_value,
           change_class, is_onset, is_lull, clashes_year_maximum_count, is_alert, provisional""",
           "method, month, adm3_pcode",
           """clashes_month_count, clashes_previous_month_count, change_p_value, is_onset, is_lull,
           clashes_year_maximum_count, is_alert""", township_reference=True,
           caveats=("Of the month alone, not of the window; a provisional month is under-reported, so a fall or a lull "
                    "in it may not be one.",)),
    _table(Layer.PUBLISHED, "change_summary", "method, month and scope",
           """method, month, scope, period_end, townships_count, townships_compared_count, rises_count, falls_count,
           changes_by_chance_expected, onsets_count, lulls_count, alerts_count, provisional""",
           "method, month, scope",
           "rises_count, falls_count, changes_by_chance_expected, onsets_count, lulls_count, alerts_count",
           caveats=("Sums of township_changes. Rises and falls are to be read against those that chance alone would "
                    "give; clashes that come in clusters give more of both.",)),
    _table(Layer.PUBLISHED, "neighbours", "township and neighbour",
           "adm3_pcode, neighbour_pcode, neighbour_basis", "adm3_pcode, neighbour_pcode", township_reference=True,
           caveats=("From the release's polygons; one without a shared border has its nearest township, both ways.",)),
    _table(Layer.PUBLISHED, "spatial_autocorrelation", "method and month",
           """method, month, townships_count, morans_i, morans_i_expected, morans_i_p_value, permutations_count,
           local_permutations_count, hot_spots_count, cold_spots_count""",
           "method, month", "morans_i, morans_i_expected, morans_i_p_value",
           caveats=("A pseudo p-value is never below 1 / (permutations + 1), two-sided 2 / (permutations + 1).",
                    "townships_count are those with a known count and a neighbour with one.")),
    _table(Layer.PUBLISHED, "hot_spots", "method, month and township",
           """method, month, adm3_pcode, local_morans_i, local_morans_p_value, local_cluster, getis_ord_z,
           getis_ord_p_value, hot_spot_class""",
           "method, month, adm3_pcode", "local_morans_i, local_morans_p_value, getis_ord_z, getis_ord_p_value",
           township_reference=True,
           caveats=("A hot spot is a township that with its neighbours holds more clashes than chance would put "
                    "together; it need not be of class high itself.",
                    "A quiet place in the statistics is one where the source reports nothing, not one that is safe.")),
    _table(Layer.PUBLISHED, "scenarios", "method, index and scenario",
           """method, index_name, scenario, month, is_baseline, worst_class_count, townships_moved_count,
           scenario_control_share, rank_shift_mean""",
           "method, index_name, scenario", "scenario_control_share, rank_shift_mean",
           caveats=("The method itself and each alternative of each choice alone, at the last month of the release.",)),
    _table(Layer.PUBLISHED, "robustness", "method, month and township",
           """method, month, adm3_pcode, security_kept_share, security_scenarios_count, security_changed_by,
           humanitarian_kept_share, humanitarian_scenarios_count, humanitarian_changed_by, services_kept_share,
           services_scenarios_count, services_changed_by""",
           "method, month, adm3_pcode", "security_changed_by, humanitarian_changed_by, services_changed_by",
           township_reference=True,
           caveats=("How far a class rests on this project's choices; not how sure the records are.",
                    "Insufficient data is a class of its own: a scenario in which the records no longer suffice does "
                    "not keep the class. Where an index has no data at all a class changes only where a choice takes "
                    "the township into the conflict or out of it.")),
    _table(Layer.PUBLISHED, "sensitivity", "method, index and choice",
           """method, index_name, choice, month, alternatives_count, scenarios_count, townships_moved_count,
           townships_moved_by, control_share_low, control_share_high""",
           "method, index_name, choice", "townships_moved_by, control_share_low, control_share_high",
           caveats=("At the last month of the release.",
                    "Each alternative is taken alone: what two choices move together is not in it.")),
    _table(Layer.PUBLISHED, "explanations", "method, township and index",
           """method, adm3_pcode, index_name, month, value, value_unit, class_now, nearest_class, distance,
           distance_unit, explanation, delivery_ids""",
           "method, adm3_pcode, index_name",
           "value, nearest_class, distance, distance_unit, delivery_ids", township_reference=True,
           caveats=("At the last month of the release.",)),
    _table(Layer.PUBLISHED, "actor_dialogue", "pair of parties",
           "counterpart, actor, bloc, conflict_status, dialogue_status, reference_date", "counterpart, actor", "bloc",
           caveats=("State of late 2021; nothing in it is a statement about later months.",)),
)  # fmt: skip

TABLES: dict[str, Table] = {table.full_name: table for table in _ALL}


def layer(name: Layer) -> tuple[Table, ...]:
    """The tables of one layer, in the order they are declared."""
    return tuple(table for table in _ALL if table.layer == name)
