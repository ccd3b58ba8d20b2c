"""Every hand-written rule: the good frame passes it, and one small change breaks it: severity and count.

And the rules of structure, one broken frame of each kind, and the result when an expectation raises or warns: in one
file, for each process that asks Great Expectations takes seconds to import it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import expectation_frames as ef
import polars as pl
import pytest

from expectations import _SECTIONS, Facts, RuleResult, _sections, suite_names, validate, validate_in_batches
from expectations.engine import prepare, run_sections, verdict
from expectations.raw import REPEATED_KEYS
from expectations.rule import BandRule, RowRule, Rule, Section, ShapeRule
from pipeline.declare.codes import Severity
from pipeline.declare.indices import BY_CUT
from pipeline.declare.tables import row_key
from pipeline.storage.batches import together

Change = Callable[[pl.DataFrame], pl.DataFrame]
CRITICAL, WARNING = "critical", "warning"


class Case(NamedTuple):
    suite: str
    rule: str
    severity: str
    failed: int
    change: Change
    facts: dict[str, object] | Callable[[], dict[str, object]] = {}  # noqa: RUF012 - never changed


def first(where: pl.Expr | int = 0, **columns: object) -> Change:
    """Set columns in one row, or in the rows of a condition; an expression is taken as it is."""
    chosen = pl.int_range(pl.len()) == where if isinstance(where, int) else where

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(
            pl.when(chosen)
            .then(value if isinstance(value, pl.Expr) else pl.lit(value, dtype=frame.schema[name]))
            .otherwise(pl.col(name)).cast(frame.schema[name]).alias(name)
            for name, value in columns.items()
        )  # fmt: skip

    return change


def every(**columns: object) -> Change:
    return first(pl.lit(True), **columns)


def same(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


def less(rows: int) -> Change:
    return lambda frame: frame.head(frame.height - rows)


def related(**tables: pl.DataFrame) -> dict[str, object]:
    return {"related": tables}


def without_places() -> dict[str, object]:
    aside = ef.good("records.set_aside").with_columns(reason=pl.lit("unknown_name"))
    return related(**{"records.set_aside": aside})


LATER = date(2024, 1, 1)
HIGH = pl.col("security_class") == "high"
D = ef.DELIVERY
CASES = [
    # raw
    Case("raw.ucdp_ged", "line_unique", CRITICAL, 2, first(1, row_number=2)),
    Case("raw.canonical_control", "line_filled", CRITICAL, 1, first(row_number=None)),
    Case("raw.ucdp_ged", "event_once", WARNING, 2, first(1, id="0")),
    Case("raw.canonical_clashes", "event_once", WARNING, 2, first(1, event_id="0")),
    Case("raw.ucdp_ged", "coordinates_present", WARNING, 1, every(latitude=" ")),
    Case("raw.acled", "coordinates_present", WARNING, 1, every(longitude=" ")),
    Case("raw.acled", "event_once", WARNING, 2, first(1, event_id_cnty="MMR0")),
    Case("raw.acled_deleted", "delivery_not_empty", WARNING, 1, lambda f: f.clear(), {"rows_count": {D: 0}}),
    Case("raw.ucdp_ged", "rows_as_delivered", CRITICAL, 1, less(1)),
    Case("raw.canonical_clashes", "delivery_not_empty", CRITICAL, 1,
         lambda f: f.clear(), {"rows_count": {D: 0}}),
    Case("raw.canonical_services", "delivery_not_empty", WARNING, 1,
         lambda f: f.clear(), {"rows_count": {D: 0}}),
    Case("raw.ucdp_ged", "mostly_readable", CRITICAL, 1,
         first(pl.int_range(pl.len()) < 17, problem="ragged_row")),
    Case("raw.ucdp_ged", "mostly_readable", CRITICAL, 1, less(17), {"rejected_rows": {D: 18}}),
    Case("raw.hpc_baseline", "covers_the_country", CRITICAL, 1, less(131)),
    Case("raw.canonical_displacement", "covers_the_country", CRITICAL, 1, less(230)),
    Case("raw.boundaries", "all_townships_drawn", CRITICAL, 1, first(adm3_pcode="MMR099001")),
    # records
    Case("records.clashes", "event_date_in_range", CRITICAL, 1, every(event_date=LATER)),
    Case("records.clashes", "month_of_event_date", CRITICAL, 1, every(month=date(2023, 9, 1))),
    Case("records.clashes", "end_not_before_start", CRITICAL, 1, every(event_date_end=date(2023, 10, 4))),
    Case("records.clashes", "record_of_an_event", CRITICAL, 1, every(events_count=0)),
    Case("records.clashes", "fatalities_plausible", WARNING, 1, every(fatalities_persons=5_001)),
    Case("records.clashes", "nearest_share", WARNING, 1, every(placed_by="nearest")),
    Case("records.clashes", "later_download_whole", WARNING, 1, same, lambda: related(later_download=pl.DataFrame({
        "source_key": ["acled"], "delivery_id": [D], "file_name": ["b.csv"], "event_id": ["MMR2"],
        "event_date": [date(2023, 9, 1)], "month": [date(2023, 9, 1)], "earlier_file": ["a.csv"]}))),
    Case("records.accounts", "set_aside_share", WARNING, 1, every(kind="population"), without_places),
    Case("records.accounts", "mostly_set_aside", CRITICAL, 1, every(rows_count=1, rows_used_count=0),
         without_places),
    Case("records.displacement", "idps_within_population", CRITICAL, 1, first(idps_stock_persons=160_001)),
    Case("records.displacement", "returnees_plausible", WARNING, 1, first(returnees_persons=10_001)),
    Case("records.displacement", "national_total_plausible", WARNING, 1, every(idps_stock_persons=31_000)),
    Case("records.displacement", "reporting_coverage", WARNING, 1,
         first(pl.int_range(pl.len()) >= 99, idps_stock_persons=None)),
    Case("records.displacement", "reference_date_in_range", CRITICAL, 1, first(reference_date=LATER)),
    Case("records.displacement", "running_total_holds", WARNING, 1, every(
        adm3_pcode=pl.lit("MMR001001"), reference_date=pl.date(2023, 1, 1) + pl.duration(days=pl.int_range(pl.len())),
        idps_new_persons=pl.when(pl.int_range(pl.len()) == 1).then(4).otherwise(5))),
    Case("records.services", "survey_date_in_range", CRITICAL, 1, every(survey_date=LATER)),
    Case("records.services", "some_item_known", WARNING, 1, every(**dict.fromkeys(
        ("police_station", "gad_office", "electricity", "water_supply", "salaries"), "unknown"))),
    Case("records.services", "records_agree", WARNING, 1, every(conflicting_records_count=2)),
    Case("records.control", "reference_date_in_range", CRITICAL, 1, every(reference_date=date(1988, 1, 1))),
    Case("records.control", "records_agree", WARNING, 1, every(conflicting_records_count=2)),
    Case("records.signs", "from_date_in_range", CRITICAL, 1, every(from_date=LATER, until_date=None)),
    Case("records.signs", "ends_after_it_begins", CRITICAL, 1, every(until_date=date(2022, 12, 31))),
    Case("records.signs", "statement_or_measurement", CRITICAL, 1, every(sign_direction="loss")),
    Case("records.signs", "statement_or_measurement", CRITICAL, 1, every(service_item="salaries")),
    Case("records.signs", "statement_or_measurement", CRITICAL, 1,
         every(sign_basis="statement", sign_direction="none")),
    Case("records.signs", "records_agree", WARNING, 1, every(conflicting_records_count=2)),
    Case("records.control", "shares_within_the_township", CRITICAL, 1, every(other_share=0.2)),
    Case("records.control_areas", "map_date_in_range", CRITICAL, 1, every(reference_date=LATER)),
    Case("records.control_areas", "area_covers", CRITICAL, 1, every(area_share=0.0)),
    Case("records.town_control", "town_taken_in_range", CRITICAL, 1, every(event_date=LATER)),
    Case("records.town_control", "hands_known", CRITICAL, 1, every(controller="unknown")),
    Case("records.town_control", "records_agree", WARNING, 1, every(conflicting_records_count=2)),
    Case("records.population", "national_total_plausible", WARNING, 1, every(population_persons=1_000)),
    Case("records.population", "every_township_has_a_figure", WARNING, 1, less(1)),
    Case("records.deliveries", "received_in_range", CRITICAL, 1, every(received_at=LATER)),
    Case("records.deliveries", "reference_before_receipt", WARNING, 1,
         every(reference_date=date(2023, 11, 29))),
    Case("records.repeated_rows", "repeats_are_counted", CRITICAL, 1, every(reason="unknown_name")),
    Case("records.accounts", "rows_add_up", CRITICAL, 1, every(rows_used_count=3)),
    Case("records.accounts", "dates_in_order", CRITICAL, 1, every(first_date=LATER)),
    Case("records.accounts", "points_agree", WARNING, 1, every(rows_contradicted_count=1)),
    Case("records.accounts", "set_aside_rows_stand", CRITICAL, 1, every(rows_set_aside_count=3)),
    Case("records.townships", "area_positive", CRITICAL, 1, first(area_km2=0.0)),
    Case("records.townships", "code_within_unit", CRITICAL, 1, first(adm1_pcode="MMR002")),
    Case("records.townships", "national_area", WARNING, 1, every(area_km2=1_900.0)),
    Case("records.townships", "regions_count", CRITICAL, 1, first(state_region="Region 016")),
    # indices
    Case("indices.security", "security_class_follows", CRITICAL, 440,
         every(security_class="not_in_conflict")),
    Case("indices.security", "security_class_follows", CRITICAL, 220, every(security_class="high")),
    Case("indices.security", "cumulative_never_falls", CRITICAL, 1, first(331, clashes_count=1)),
    Case("indices.security", "month_within_window", CRITICAL, 1, first(clashes_month_count=1)),
    Case("indices.security", "period_fits_month", CRITICAL, 1, first(period_end=date(2023, 12, 1))),
    Case("indices.security", "score_zero_without_clash", CRITICAL, 1, first(security_score=1.0)),
    Case("indices.security", "probability_rises_with_count", CRITICAL, 18,
         first(1, security_high_probability=1.0)),
    Case("indices.security", "score_rises_with_count", CRITICAL, 1,
         first(pl.col("clashes_count") == 21, security_score=0.5)),
    Case("indices.security", "security_mostly_known", WARNING, 1, every(security_class="insufficient_data")),
    Case("indices.humanitarian", "humanitarian_class_follows", CRITICAL, 1,
         first(1, humanitarian_class="high")),
    Case("indices.humanitarian", "humanitarian_class_follows", CRITICAL, 1,
         first(2, humanitarian_class="no_new_idps")),
    Case("indices.humanitarian", "basis_with_figure", CRITICAL, 1, first(0, idps_basis="new")),
    Case("indices.humanitarian", "score_zero_without_displaced", CRITICAL, 1,
         first(2, humanitarian_score=0.0)),
    Case("indices.humanitarian", "humanitarian_mostly_known", WARNING, 1,
         every(humanitarian_class="insufficient_data")),
    Case("indices.humanitarian", "no_look_ahead", CRITICAL, 1, first(reference_date=date(2023, 11, 1))),
    Case("indices.humanitarian", "only_inside_conflict", CRITICAL, 1,
         first(humanitarian_class="insufficient_data")),
    Case("indices.humanitarian", "displacement_class_follows", CRITICAL, 1, first(0, displacement_class="none")),
    Case("indices.humanitarian", "displacement_class_follows", CRITICAL, 1, first(1, displacement_class="low")),
    Case("indices.humanitarian", "displacement_class_follows", CRITICAL, 1, first(2, displacement_class="none")),
    Case("indices.humanitarian", "displacement_class_follows", CRITICAL, 1, first(7, displacement_class="low")),
    Case("indices.services", "certainty_follows", CRITICAL, 1, first(1, services_certainty="likely")),
    Case("indices.services", "certainty_follows", CRITICAL, 1, first(0, services_certainty="certain")),
    Case("indices.services", "certainty_follows", CRITICAL, 1, first(1, services_certainty=None)),
    Case("indices.services", "loss_between_bounds", CRITICAL, 1, first(services_lost_min=0.6)),
    Case("indices.services", "loss_needs_known_items", CRITICAL, 1, first(services_known_count=0)),
    Case("indices.services", "score_is_loss_in_points", CRITICAL, 1, first(services_score=40.0)),
    Case("indices.services", "services_class_needs_answers", CRITICAL, 1, first(1, services_known_count=0)),
    Case("indices.services", "services_mostly_known", WARNING, 1, every(services_class="insufficient_data")),
    Case("indices.services", "no_look_ahead", CRITICAL, 1, first(survey_date=date(2023, 11, 1))),
    Case("indices.services", "only_inside_conflict", CRITICAL, 1, first(services_class="severe")),
    Case("indices.services", "newest_is_counted", CRITICAL, 1, first(survey_date=None)),
    Case("indices.control", "newest_is_counted", CRITICAL, 1, first(control_records_count=0)),
    Case("indices.control", "controller_has_a_record", CRITICAL, 1, first(reference_date=None)),
    Case("indices.control", "control_known_somewhere", WARNING, 1, first(
        pl.col("month") == ef.MONTHS[1], control_class="unknown")),
    Case("indices.control", "no_look_ahead", CRITICAL, 1, first(reference_date=date(2023, 11, 1))),
    Case("indices.event_matches", "sources_in_order", CRITICAL, 1, every(source_a="ucdp_ged")),
    Case("indices.event_matches", "matched_once", CRITICAL, 2,
         lambda f: pl.concat([f, f.with_columns(pl.lit("another").alias("event_id_a"))])),
    Case("indices.event_matches", "match_within_days", CRITICAL, 1, every(days_apart=4)),
    # published
    Case("published.current_intensity", "intensity_whole_or_blank", CRITICAL, 1, first(2, rank=3)),
    Case("published.current_intensity", "intensity_in_order", CRITICAL, 1, first(interval_high=1)),
    Case("published.current_intensity", "intensity_rank_follows", CRITICAL, 1, first(rank=2)),
    Case("published.current_intensity", "intensity_zero_in_interval", CRITICAL, 1,
         first(1, interval_low=1, any_probability=0.4)),
    Case("published.current_intensity", "intensity_every_township", CRITICAL, 329, lambda frame: frame.slice(1)),
    Case("published.scorecard", "scorecard_whole", CRITICAL, 5, first(townships_count=329)),
    Case("published.scorecard", "score_in_range", CRITICAL, 1, first(value=-0.1)),
    Case("published.scorecard", "national_mean_tells_none_apart", WARNING, 1,
         first((pl.col("predictor") == "national_mean") & (pl.col("metric") == "auc_any"), value=0.6)),
    Case("published.scorecard", "coverage_near_its_promise", WARNING, 1,
         first((pl.col("predictor") == "current_intensity") & (pl.col("metric") == "interval_coverage"), value=0.7)),
    Case("published.national_summary", "estimate_not_below_conflict", CRITICAL, 1, first(in_conflict_estimate_low=0.0)),
    Case("published.source_concordance", "sources_in_order", CRITICAL, 1, every(source_b="a")),
    Case("published.source_concordance", "matched_within_events", CRITICAL, 1, every(matched_count=4)),
    Case("published.source_concordance", "township_months_add_up", CRITICAL, 1, every(neither_count=325)),
    Case("published.source_concordance", "township_months_add_up", CRITICAL, 1, every(months_count=2)),
    Case("published.source_concordance", "agreement_follows", CRITICAL, 1, every(agreement_share=0.9)),
    Case("published.source_concordance", "kappa_not_above_agreement", CRITICAL, 1, every(kappa=1.0)),
    Case("published.source_concordance", "estimate_where_matched", CRITICAL, 1, every(events_estimate=None)),
    Case("published.source_concordance", "estimate_where_matched", CRITICAL, 1, every(matched_count=0)),
    Case("published.source_concordance", "interval_holds_estimate", CRITICAL, 1, every(events_estimate_high=8.9)),
    Case("published.source_concordance", "without_chance_not_below", CRITICAL, 1,
         every(events_estimate_without_chance=8.0)),
    Case("published.source_concordance", "estimate_not_below_seen", CRITICAL, 1, every(events_estimate_low=5.0)),
    Case("published.source_concordance", "lethal_only_flagged", CRITICAL, 1, every(comparable=True)),
    Case("published.source_concordance", "assumptions_said", CRITICAL, 1, every(assumptions_note=" ")),
    Case("published.source_matches", "sources_in_order", CRITICAL, 1, every(source_b="a")),
    Case("published.source_matches", "matched_within_events", CRITICAL, 1, every(matched_count=4)),
    Case("published.source_matches", "cell_has_an_event", CRITICAL, 1, every(events_a_count=0, events_b_count=0)),
    Case("published.source_matches", "events_add_up", CRITICAL, 1, every(events_a_count=2)),
    Case("published.source_matches", "events_add_up", CRITICAL, 1, every(matched_count=2)),
    Case("published.townships", "area_positive", CRITICAL, 1, first(area_km2=0.0)),
    Case("published.township_index", "only_inside_conflict", CRITICAL, 1, first(services_class="severe")),
    Case("published.township_index", "class_has_records", CRITICAL, 1, first(1, services_records_count=0)),
    Case("published.township_index", "class_has_records", CRITICAL, 1, first(
        0, services_records_count=0, services_known_count=0, services_lost_score=None)),  # the offices are known
    Case("published.township_index", "class_has_records", CRITICAL, 1, first(0, control_records_count=0)),
    Case("published.township_index", "idps_rounded", CRITICAL, 1, first(2, idps_persons=501)),
    Case("published.township_index", "idps_withheld", CRITICAL, 1, first(2, idps_suppressed=True)),
    Case("published.township_index", "cumulative_never_falls", CRITICAL, 1, first(331, clashes_count=1)),
    Case("published.township_index", "weak_evidence_is_graded", CRITICAL, 1,
         first(security_class="insufficient_data")),
    Case("published.township_index", "grade_follows", CRITICAL, 1, first(1, evidence_grade="B")),
    Case("published.township_index", "grade_follows", CRITICAL, 1, first(1, in_conflict=None)),
    Case("published.township_index", "points_follow_reports", CRITICAL, 1, first(1, evidence_points_count=2)),
    Case("published.township_index", "points_follow_reports", CRITICAL, 1, first(1, reporting_share=0.25)),
    Case("published.township_index", "exact_share_of_clashes", CRITICAL, 1, first(0, exact_share=0.5)),
    Case("published.township_index", "exact_share_of_clashes", CRITICAL, 1, first(1, exact_share=None)),
    Case("indices.humanitarian", "record_names_its_delivery", CRITICAL, 1, first(0, delivery_id="d")),
    Case("indices.services", "record_names_its_delivery", CRITICAL, 1, first(0, delivery_id=None)),
    Case("published.explanations", "nearest_is_another", CRITICAL, 1, first(nearest_class="not_in_conflict")),
    Case("published.explanations", "distance_leads_to_nearest", CRITICAL, 1, first(distance=-1.0)),
    Case("published.explanations", "distance_leads_to_nearest", CRITICAL, 1, first(distance=0.0)),
    Case("published.explanations", "distance_leads_to_nearest", CRITICAL, 1, first(distance_unit=None)),
    Case("published.explanations", "people_in_tens", CRITICAL, 1,
         first((pl.col("adm3_pcode") == ef.CODES[2]) & (pl.col("index_name") == "humanitarian"), distance=9_996.0)),
    Case("published.explanations", "explains_the_published", CRITICAL, 1, less(1)),
    Case("published.explanations", "explains_the_published", CRITICAL, 1, first(class_now="high")),
    Case("published.explanations", "explains_the_published", CRITICAL, 1, first(value=1.0)),
    Case("published.explanations", "explains_the_published", CRITICAL, 1, first(month=date(2023, 9, 1))),
    Case("published.explanations", "deliveries_stand", CRITICAL, 1, first(delivery_ids=f"{D}; another")),
    Case("published.township_month_events", "precise_within_events", CRITICAL, 1, first(precise_count=4)),
    Case("published.township_month_events", "events_at_least_one", CRITICAL, 1, first(events_count=0)),
    Case("published.township_month_events", "class_is_recorded", CRITICAL, 1, first(event_class="other"),
         lambda: related(**{"published.national_summary": pl.DataFrame({"clash_source": ["ucdp_ged"]})})),
    Case("published.township_month_events", "clashes_among_events", CRITICAL, 1,
         lambda f: f.filter(~((pl.col("adm3_pcode") == ef.CODES[1]) & (pl.col("month") == ef.MONTHS[0])))),
    Case("published.territorial_control", "shares_sum_to_one", CRITICAL, 1, first(held_share=0.2)),
    Case("published.territorial_control", "nothing_known_is_said", CRITICAL, 1, first(lost_share=None)),
    Case("published.territorial_control", "interval_in_order", CRITICAL, 1, first(lost_low=0.75)),
    Case("published.territorial_control", "share_in_interval", WARNING, 1, first(lost_high=0.45)),
    Case("published.territorial_control", "values_nested", CRITICAL, 1, first(known_value=100.0)),
    Case("published.territorial_control", "share_of_total", CRITICAL, 1, first(lost_value=100.0)),
    Case("published.territorial_control", "scopes_complete", CRITICAL, 1, less(1)),
    Case("published.territorial_control", "national_is_sum_of_regions", CRITICAL, 1,
         first(3, total_value=30.0)),
    Case("published.territorial_control", "difference_within_compared", CRITICAL, 1, first(compared_value=1.0)),
    Case("published.territorial_control", "difference_within_compared", CRITICAL, 1, first(16, compared_value=331.0)),
    Case("published.territorial_control", "difference_within_compared", CRITICAL, 1,
         first(17, differs_from_security_value=None)),
    Case("published.territorial_control", "differences_as_townships", CRITICAL, 1,
         first(16, differs_from_security_value=1.0)),
    Case("published.territorial_control", "exact_area_as_observed", CRITICAL, 1, first(16, measure="exact_area")),
    Case("published.township_control", "township_shares_sum_to_one", CRITICAL, 1, first(state_share=0.1)),
    Case("published.township_control", "controller_has_half", CRITICAL, 1, first(controller="state")),
    Case("published.township_control", "controller_has_half", CRITICAL, 1,
         first(controller="resistance", contested_share=0.4, state_share=0.4)),
    Case("published.township_control", "record_behind_the_controller", CRITICAL, 1, first(control_date=None)),
    Case("published.township_control", "record_behind_the_controller", CRITICAL, 1, first(control_date=LATER)),
    Case("published.township_control", "contradicted_is_contested", CRITICAL, 1, first(conflicting_records_count=2)),
    Case("published.township_control", "lost_towns_among_recorded", CRITICAL, 1, first(towns_lost_count=3)),
    Case("published.township_control", "controller_as_in_the_index", CRITICAL, 1, first(controller="other")),
    Case("published.town_control", "newest_event_of_a_town", CRITICAL, 1, first(newest_event_date=None)),
    Case("published.town_control", "newest_event_of_a_town", CRITICAL, 1, first(newest_event_date=LATER)),
    Case("published.town_control", "hands_named", CRITICAL, 1, first(controller="unknown")),
    Case("published.town_control", "town_scopes_complete", CRITICAL, 1, less(1)),
    Case("published.town_control", "towns_of_the_nation", CRITICAL, 1, first(towns_count=14)),
    Case("published.town_control", "recorded_towns_stay", CRITICAL, 1,
         first(pl.col("month") == ef.MONTHS[0], towns_count=pl.col("towns_count") + 1)),
    Case("indices.security", "rank_follows_count", CRITICAL, 1, first(1, security_rank=1)),
    Case("published.township_index", "no_change_without_a_change", CRITICAL, 1, first(331, displacement_change="rise")),
    Case("published.township_index", "no_change_without_a_change", CRITICAL, 1, first(332, idps_persons=600)),
    Case("published.township_index", "no_change_without_a_change", CRITICAL, 1, first(0, displacement_change="fall")),
    Case("published.displacement_series", "a_day_was_reported", CRITICAL, 1, first(0, idps_stock_suppressed=False)),
    Case("published.displacement_series", "figures_as_they_may_be_shown", CRITICAL, 1, first(2, idps_new_persons=51)),
    Case("published.displacement_series", "figures_as_they_may_be_shown", CRITICAL, 1,
         first(0, idps_stock_persons=120)),
    Case("published.displacement_series", "change_is_the_difference_shown", CRITICAL, 1,
         first(2, idps_stock_change_persons=30)),
    Case("records.clash_counts", "window_in_order", CRITICAL, 1, every(period_end=date(2022, 12, 31))),
    Case("records.clash_counts", "period_end_in_range", CRITICAL, 1, every(period_end=LATER)),
    Case("records.clash_counts", "records_agree", WARNING, 1, every(conflicting_records_count=2)),
    Case("published.reliability", "bins_add_up", CRITICAL, 1, first(0, townships_count=331)),
    Case("published.reliability", "share_follows", CRITICAL, 1, first(1, second_high_share=0.02)),
    Case("published.reliability", "mean_in_bin", CRITICAL, 1, first(1, probability_mean=0.02)),
    Case("published.reliability", "error_follows", CRITICAL, 1, first(0, calibration_error=0.01)),
    Case("published.reliability", "error_follows", CRITICAL, 2, first(1, calibration_error=0.01)),
    Case("published.reliability", "cut_is_matched", WARNING, 1, first(0, probability_mean=0.5)),
    Case("published.reliability", "probabilities_come_true", WARNING, 1, first(0, calibration_error=0.2)),
    Case("published.detection", "regions_add_up", CRITICAL, 1, first(1, second_clashes_count=41)),
    Case("published.detection", "ratio_follows", CRITICAL, 1, first(1, detection_ratio=0.3)),
    Case("published.detection", "ratio_follows", CRITICAL, 1, first(1, second_clashes_count=0)),
    Case("published.service_signs", "ends_after_it_begins", CRITICAL, 1, first(0, until_date=date(2022, 12, 31))),
    Case("published.service_signs", "light_follows", CRITICAL, 1, first(0, light_ratio=0.3)),
    Case("published.service_signs", "light_follows", CRITICAL, 1,
         first(0, sign_direction="none", sign_strength="weak")),
    Case("published.service_signs", "light_has_its_figures", CRITICAL, 1, first(1, light_ratio=0.3)),
    Case("published.service_signs", "stated_is_never_strong", CRITICAL, 1, first(1, sign_strength="strong")),
    Case("published.service_signs", "none_for_want_of_data", CRITICAL, 1, same,
         lambda: related(**{
             "records.signs": every(lit_pixels_count=None, radiance_sum=None)(ef.good("records.signs"))})),
    Case("published.township_index", "rank_interval_possible", CRITICAL, 1, first(security_rank_high=331)),
    Case("published.township_index", "rank_interval_possible", CRITICAL, 1, first(security_rank_low=None)),
    Case("indices.security", "rank_interval_follows_count", CRITICAL, 17, first(1, security_rank_low=1)),
    Case("published.township_index", "rank_interval_follows_count", CRITICAL, 1,
         first(pl.col("clashes_count") == 21, security_rank_high=300)),
    Case("indices.services", "services_class_between_bounds", CRITICAL, 1, first(1, services_class_best="severe")),
    Case("indices.services", "services_class_between_bounds", CRITICAL, 1, first(1, services_class_worst="severe")),
    Case("published.township_index", "services_class_between_bounds", CRITICAL, 1,
         first(services_class_worst="lower")),
    Case("published.township_index", "control_states_follow", CRITICAL, 1, first(control_by_security="lost")),
    Case("published.township_index", "control_states_follow", CRITICAL, 1, first(control_by_observation="held")),
    Case("published.territorial_control", "unknown_may_be_lost", CRITICAL, 1, first(lost_high=0.8)),
    Case("published.territorial_control", "unknown_may_be_lost", CRITICAL, 1, first(lost_high=0.6)),
    Case("published.territorial_control", "counts_give_an_interval", CRITICAL, 1, first(lost_interval_low=None)),
    Case("published.territorial_control", "expected_share_in_interval", CRITICAL, 1, first(lost_interval_low=0.66)),
    Case("published.territorial_control", "expected_share_in_interval", CRITICAL, 1,
         first(lost_expected_share=0.7)),
    Case("published.national_summary", "severe_is_certain_or_likely", CRITICAL, 1,
         first(services_severe_likely_count=1)),
    Case("published.region_summary", "severe_is_certain_or_likely", CRITICAL, 1,
         first(services_severe_certain_count=1)),
    *(
        Case("published.national_summary", "turning_share_follows", CRITICAL, 1,
             first(services_severe_known_share=0.4, services_severe_turning_share=share,
                   services_severe_turning_ratio=ratio, services_insufficient_count=silent))
        for share, ratio, silent in ((0.4, 1.0, 1), (0.5, 3.0, 1), (0.5, 1.25, 0))
    ),
    Case("published.national_summary", "intervals_in_order", CRITICAL, 1, first(security_high_low=331)),
    Case("published.region_summary", "intervals_in_order", CRITICAL, 1, first(services_severe_low=1)),
    Case("published.national_summary", "expected_count_in_interval", CRITICAL, 1, first(security_high_expected=331.0)),
    Case("published.national_summary", "agrees_with_townships", CRITICAL, 1, first(security_high_expected=1.0)),
    Case("published.revisions", "month_was_over", CRITICAL, 1, first(edition_date=date(2023, 10, 30))),
    Case("published.revisions", "changes_add_up", CRITICAL, 1, first(1, security_high_change=2)),
    Case("published.revisions", "changes_add_up", CRITICAL, 1, first(0, in_conflict_change=0)),
    Case("published.revisions", "reclassified_cover_the_changes", CRITICAL, 1,
         first(1, townships_reclassified_count=0)),
    Case("published.revisions", "classes_within_townships", CRITICAL, 1, first(0, security_high_count=331)),
    Case("published.revisions", "known_share_follows", CRITICAL, 1, first(0, clashes_known_share=1.0)),
    Case("published.revisions", "editions_at_most", CRITICAL, 13, lambda f: pl.concat(
        [f.head(1).with_columns(edition_date=pl.lit(date(2024, 1, 1 + n))) for n in range(13)])),
    Case("published.revisions", "newest_as_published", CRITICAL, 1, first(1, in_conflict_count=219)),
    Case("published.revisions", "newest_as_published", CRITICAL, 2, first(1, month=date(2023, 9, 1))),
    Case("published.comparison", "difference_is_ours_minus_theirs", CRITICAL, 1, every(difference=1.0)),
    Case("published.comparison", "difference_explained", CRITICAL, 1, every(comparable=False, note="")),
    Case("published.comparison", "every_figure_compared", CRITICAL, 1, every(figure="another")),
    Case("published.deliveries", "rows_add_up", CRITICAL, 1, every(rows_count=4)),
    Case("published.set_aside_summary", "reasons_add_up", CRITICAL, 1, every(rows_count=2)),
    Case("published.national_summary", "classes_add_up", CRITICAL, 1, first(security_high_count=0)),
    Case("published.national_summary", "conflict_within_townships", CRITICAL, 1,
         first(in_conflict_count=331)),
    Case("published.national_summary", "reporting_within_townships", CRITICAL, 1,
         first(idps_reporting_count=331)),
    Case("published.national_summary", "shares_follow", CRITICAL, 1, first(in_conflict_share=0.5)),
    Case("published.national_summary", "grades_add_up", CRITICAL, 1, first(evidence_a_count=0)),
    Case("published.national_summary", "townships_all", CRITICAL, 1, first(townships_count=329)),
    Case("published.national_summary", "agrees_with_townships", CRITICAL, 1, first(clashes_count=1)),
    Case("published.national_summary", "agrees_with_regions", CRITICAL, 1, first(idps_persons=None)),
    Case("published.national_summary", "clash_source_named", CRITICAL, 2, every(clash_source=None)),
    Case("published.national_summary", "clash_source_named", CRITICAL, 2, first(clash_source="another")),
    Case("published.region_summary", "regions_complete", CRITICAL, 14, lambda f: f.slice(1)),
    Case("published.region_summary", "agrees_with_townships", CRITICAL, 1, first(services_lower_count=0)),
    Case("published.township_changes", "change_follows", CRITICAL, 1, first(331, change_class="rise")),
    Case("published.township_changes", "change_follows", CRITICAL, 1, first(331, change_p_value=0.01)),
    Case("published.township_changes", "change_follows", CRITICAL, 1, first(331, change_p_value=None)),
    Case("published.township_changes", "change_follows", CRITICAL, 1, first(331, change_class="no_comparison")),
    Case("published.township_changes", "change_follows", CRITICAL, 1,
         first(0, change_p_value=1.0, change_class="limited_change")),
    Case("published.township_changes", "previous_is_the_month_before", CRITICAL, 1,
         first(331, clashes_previous_month_count=0)),
    Case("published.township_changes", "spells_fit_the_month", CRITICAL, 1, first(331, is_onset=True)),
    Case("published.township_changes", "spells_fit_the_month", CRITICAL, 1, first(331, is_lull=True)),
    Case("published.township_changes", "nothing_falls_in_the_lag", CRITICAL, 1,
         first(331, in_publication_lag=True, quarter_change_class="fall")),
    Case("published.township_changes", "nothing_falls_in_the_lag", CRITICAL, 1,
         first(331, in_publication_lag=True, is_lull=True)),
    Case("published.township_changes", "alert_follows", CRITICAL, 1, first(331, is_alert=True)),
    Case("published.township_changes", "alert_follows", CRITICAL, 1, first(0, is_alert=False)),
    Case("records.unallocated_events", "candidates_are_several", CRITICAL, 1, every(candidate_pcodes="MMR001001")),
    Case("indices.signals", "quarter_within_year", CRITICAL, 1, first(1, clashes_3m_count=99)),
    Case("indices.signals", "alert_from_follows", CRITICAL, 1, first(331, alert_from_count=1)),
    Case("indices.signals", "alert_from_follows", CRITICAL, 1, first(331, alert_false_probability=0.06)),
    Case("indices.signals", "only_alerts_are_confirmed", CRITICAL, 1, first(331, alert_confirmed=True)),
    Case("indices.signals", "no_comparison_without_count", CRITICAL, 1,
         first(331, quarter_change_class="no_comparison")),
    Case("indices.signals", "changes_under_false_discovery_rate", CRITICAL, 1, first(331, quarter_change_class="rise")),
    Case("published.township_index", "recent_counts_in_order", CRITICAL, 1, first(1, clashes_12m_count=1)),
    Case("published.township_index", "signal_fits_counts", CRITICAL, 1, first(1, signal="lull")),
    Case("published.township_index", "signal_fits_counts", CRITICAL, 1,
         first(0, signal="none", in_publication_lag=True)),
    Case("published.township_index", "signal_fits_counts", CRITICAL, 1, first(0, signal="onset")),
    Case("published.township_index", "signal_fits_counts", CRITICAL, 1, first(1, signal="alert")),
    Case("published.township_index", "shown_is_the_class", CRITICAL, 1, first(1, security_shown="silent")),
    Case("published.township_index", "shown_is_the_class", CRITICAL, 1, first(0, services_shown="severe")),
    Case("published.township_index", "displaced_are_never_calm", CRITICAL, 1, first(3, security_shown="silent")),
    Case("published.township_index", "no_figure_without_evidence", CRITICAL, 1, first(3, security_score=0.0)),
    Case("published.township_index", "silence_is_no_signal", CRITICAL, 1, first(0, security_shown="silent")),
    Case("published.township_index", "step_follows_count", CRITICAL, 1, first(0, security_step=1)),
    Case("published.township_index", "deaths_in_order", WARNING, 1, first(0, fatalities_low_persons=2)),
    Case("published.national_summary", "deaths_within_range", CRITICAL, 1, first(fatalities_high_persons=-1)),
    Case("published.national_summary", "signals_add_up", CRITICAL, 1, first(signal_none_count=1)),
    Case("published.township_changes", "clashes_as_in_index", CRITICAL, 1, first(provisional=True)),
    Case("published.change_summary", "changes_within_compared", CRITICAL, 1, first(17, rises_count=23)),
    Case("published.change_summary", "chance_within_level", CRITICAL, 1, first(17, changes_by_chance_expected=1.2)),
    Case("published.change_summary", "regions_add_up", CRITICAL, 1, first(17, falls_count=1)),
    Case("published.change_summary", "regions_add_up", CRITICAL, 1, first(17, alerts_count=None)),
    Case("published.change_summary", "agrees_with_changes", CRITICAL, 1, first(16, lulls_count=1)),
    # space and rates
    Case("published.neighbours", "not_its_own_neighbour", CRITICAL, 1, first(neighbour_pcode=pl.col("adm3_pcode"))),
    Case("published.neighbours", "neighbours_both_ways", CRITICAL, 1, lambda f: f.slice(1)),
    Case("published.neighbours", "neighbours_both_ways", CRITICAL, 2, first(neighbour_basis="nearest")),
    Case("published.neighbours", "a_neighbour_for_each", CRITICAL, 1,
         lambda f: f.filter(pl.col("adm3_pcode") != ef.CODES[5])),
    Case("published.spatial_autocorrelation", "autocorrelation_whole", CRITICAL, 1, first(morans_i_p_value=None)),
    Case("published.spatial_autocorrelation", "autocorrelation_whole", CRITICAL, 1, first(morans_i_expected=None)),
    Case("published.spatial_autocorrelation", "p_value_reachable", CRITICAL, 1, first(morans_i_p_value=0.0001)),
    Case("published.spatial_autocorrelation", "spots_within_townships", CRITICAL, 1, first(hot_spots_count=329)),
    Case("published.spatial_autocorrelation", "spots_within_townships", CRITICAL, 1,
         first(morans_i=None, morans_i_p_value=None, morans_i_expected=None)),
    Case("published.hot_spots", "class_needs_small_p", CRITICAL, 1, first(local_morans_p_value=0.06)),
    Case("published.hot_spots", "class_needs_small_p", CRITICAL, 1, first(2, getis_ord_p_value=None)),
    Case("published.hot_spots", "class_has_its_sign", CRITICAL, 1, first(1, local_morans_i=0.1)),
    Case("published.hot_spots", "class_has_its_sign", CRITICAL, 1, first(2, getis_ord_z=0.1)),
    Case("published.hot_spots", "spot_lies_amid_its_like", CRITICAL, 1, first(local_cluster="not_significant")),
    Case("published.hot_spots", "unknown_is_said", CRITICAL, 1, first(4, hot_spot_class="none")),
    Case("published.hot_spots", "unknown_is_said", CRITICAL, 1, first(4, getis_ord_p_value=0.5)),
    Case("published.hot_spots", "spots_add_up", CRITICAL, 1, first(hot_spot_class="none")),
    Case("published.hot_spots", "unknown_count_is_unknown_in_space", CRITICAL, 658, same,
         lambda: related(**{"published.township_index": every(clashes_count=None)(ef.township_index())})),
    Case("published.township_rates", "rates_follow_counts", CRITICAL, 1, first(1, clashes_per_1000_km2=0.5)),
    Case("published.township_rates", "rates_follow_counts", CRITICAL, 1, first(1, idps_per_100000_persons=None)),
    Case("published.township_rates", "rates_follow_counts", CRITICAL, 1, first(0, idps_per_100000_persons=0.0)),
    Case("published.township_rates", "smoothed_between_raw_and_national", CRITICAL, 1,
         first(0, clashes_per_1000_km2_smoothed=9.0)),
    Case("published.scenarios", "baseline_once_and_unmoved", CRITICAL, 1, first(townships_moved_count=1)),
    Case("published.scenarios", "baseline_once_and_unmoved", CRITICAL, 1, first(rank_shift_mean=0.1)),
    Case("published.scenarios", "baseline_once_and_unmoved", CRITICAL, 3, first(is_baseline=False)),
    Case("published.scenarios", "one_change_at_a_time", CRITICAL, 1, first(1, scenario="events=all; threshold=lowest")),
    Case("published.scenarios", "one_change_at_a_time", CRITICAL, 3, first(month=ef.MONTHS[1])),
    Case("published.scenarios", "baseline_as_published", CRITICAL, 1, first(worst_class_count=0)),
    Case("published.scenarios", "baseline_as_published", CRITICAL, 1, first(scenario_control_share=0.51)),
    Case("published.robustness", "kept_share_of_scenarios", CRITICAL, 1, first(security_kept_share=0.4)),
    Case("published.robustness", "kept_share_of_scenarios", CRITICAL, 1, first(services_kept_share=0.0)),
    Case("published.robustness", "changed_is_not_kept", CRITICAL, 1, first(security_kept_share=1.0)),
    Case("published.robustness", "changed_is_not_kept", CRITICAL, 1, first(2, security_kept_share=0.666667)),
    Case("published.robustness", "changes_as_scenarios", CRITICAL, 1, first(security_changed_by=None)),
    Case("published.robustness", "changes_as_scenarios", CRITICAL, 2, first(1, security_changed_by="another=one")),
    Case("published.robustness", "scenarios_as_listed", CRITICAL, 1, first(security_scenarios_count=4)),
    Case("published.sensitivity", "control_range_in_order", CRITICAL, 1, first(control_share_low=0.7)),
    Case("published.sensitivity", "control_range_in_order", CRITICAL, 1, first(control_share_low=None)),
    Case("published.sensitivity", "choices_as_scenarios", CRITICAL, 1, first(townships_moved_count=2)),
    Case("published.sensitivity", "choices_as_scenarios", CRITICAL, 1, first(alternatives_count=2)),
    Case("published.sensitivity", "choices_as_scenarios", CRITICAL, 1, less(1)),
    # run
    Case("run", "clashes_delivered", CRITICAL, 1, every(kind="control")),
    Case("run", "clashes_recent", WARNING, 1, same, {"last_clash": date(2023, 8, 6)}),
    Case("run", "clashes_recent", WARNING, 1, same, {"wanted_until": date(2024, 3, 26)}),
    Case("run", "window_covered", WARNING, 1, same, {"first_clash": date(2021, 3, 5)}),
    Case("run", "boundaries_real", WARNING, 1, same, {"schematic": True}),
    Case("run", "primary_source_named", WARNING, 1, same, {"unnamed_rivals_count": 1}),
    Case("run", "leading_source_plausible", WARNING, 1, same, {"leading_ratio": 0.24}),
]  # fmt: skip


@cache
def good_tables() -> dict[str, pl.DataFrame]:
    return {name: ef.good(name) for name in suite_names() if "." in name and not name.startswith("raw.")}


@cache
def good(suite: str) -> tuple[pl.DataFrame, Facts]:
    """A frame that keeps every rule of its suite, with the facts it is compared with; nothing changes either."""
    if suite.startswith("raw."):
        return ef.raw(suite.removeprefix("raw.")), ef.facts(formats={D: suite.removeprefix("raw.")})
    if suite == "run":
        return ef.good("records.deliveries"), ef.facts()
    tables = good_tables()
    frame = ef.events() if suite == "published.township_month_events" else tables[suite]
    return frame, ef.facts(related=tables)


@pytest.mark.parametrize("suite", suite_names())
def test_good_frame_passes_every_rule(suite: str) -> None:
    frame, facts = good(suite)
    results = validate(suite, frame, facts=facts)
    assert [r for r in results if not r.passed] == []
    assert len({r.rule for r in results}) == len(results) > 3
    unchecked = {r.rule for r in results if r.checked_count == 0}
    # The good frames hold no new displacement and no second download.
    assert unchecked <= {"running_total_holds", "later_download_whole"}


def alone(suite: str, name: str, frame: pl.DataFrame) -> Section:
    """The rule alone, for the other rules of its suite have cases of their own."""

    def of(sections: Sequence[Section]) -> list[Section]:
        return [Section((r,), section.prepare) for section in sections for r in section.rules if r.name == name]

    (section,) = of(_SECTIONS.get(suite, ())) or of(_sections(suite, frame))
    return section


def broken(case: Case) -> tuple[Section, pl.DataFrame, Facts]:
    """The rule and what it looks at."""
    frame, facts = good(case.suite)
    frame, facts = case.change(frame), replace(facts, **(case.facts() if callable(case.facts) else case.facts))
    return alone(case.suite, case.rule, frame), frame, facts


def counted(suite: str, section: Section, frame: pl.DataFrame, facts: Facts) -> list[RuleResult]:
    """What Great Expectations answers of the column that a rule on rows adds: how many cells of it are filled.

    It would take ten times as long to ask it, and it sees no column but this one whatever the table:
    test_great_expectations_counts_so asks it of one rule of each layer.
    """
    seen = section.prepare(frame, facts) if section.prepare else frame
    assert seen is not None
    (rule,) = section.rules
    prepared = prepare(rule, seen, facts)
    assert prepared.raised is None, prepared.raised
    if not isinstance(rule, RowRule) or prepared.column is None:
        return run_sections(suite, [section], frame, facts)
    failed = prepared.column.count()
    answer = {
        "success": failed == 0, "result": {"unexpected_count": failed},
        "exception_info": {"raised_exception": False},
    }  # fmt: skip
    return [verdict(suite, prepared, answer)]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.suite}-{c.rule}")
def test_rule_breaks(case: Case) -> None:
    (result,) = counted(case.suite, *broken(case))
    assert (result.passed, result.severity, result.failed_count) == (False, case.severity, case.failed), result.note
    assert result.checked_count >= result.failed_count
    assert len(result.examples) <= 3
    assert "Could not be checked" not in result.note


OF_ROWS = {
    rule.name
    for sections in _SECTIONS.values()
    for section in sections
    for rule in section.rules
    if isinstance(rule, RowRule)
}
ONE_EACH = {case.suite.split(".")[0]: case for case in CASES if case.rule in OF_ROWS}


@pytest.mark.parametrize("case", ONE_EACH.values(), ids=lambda c: c.suite)
def test_great_expectations_counts_so(case: Case) -> None:
    given = broken(case)
    section, *of = given
    asked, ours = run_sections(case.suite, [section], *of), counted(case.suite, *given)
    assert [replace(one, limit="", found="") for one in asked] == ours


IN_BATCHES = ("raw.canonical_clashes", "records.clashes")
SLIPS: list[Change] = [
    same,
    lambda frame: pl.concat([frame, frame.head(2)]),  # keys twice
    first(3, row_number=None),
    lambda frame: frame.with_columns(delivery_id=pl.when(pl.int_range(pl.len()) % 5 == 0).then(pl.lit("other"))),
]


@pytest.mark.parametrize("suite", IN_BATCHES)
def test_rows_in_batches_are_judged_as_they_are_together(suite: str) -> None:
    good_frame, facts = good(suite)
    key = list(row_key(suite))
    cases = [case for case in CASES if case.suite == suite and not case.facts]

    def all_cases(frame: pl.DataFrame) -> pl.DataFrame:
        for case in cases:
            frame = case.change(frame)
        return frame

    found: list[set[str]] = []
    for change in [*SLIPS, all_cases]:
        frame = change(good_frame).sort(key)
        event = ["delivery_id", "event_id"] if suite.startswith("raw.") else key
        again = frame.filter(pl.struct(event).is_duplicated()).select(event).unique()
        known = replace(facts, related={**facts.related, REPEATED_KEYS: again})
        whole = validate(suite, frame, facts=facts)
        assert (
            validate_in_batches(suite, together(frame.iter_slices(max(1, good_frame.height // 3)), key), facts=known)
            == whole
        )
        found.append({result.rule for result in whole if not result.passed})
    assert not found[0] and found[1]
    assert found[-1] >= {case.rule for case in cases}


def test_every_hand_written_rule_has_a_case() -> None:
    """Those of an index by one cut follow from its IndexSpec; test_index_cut_class.py has their cases."""
    written = {rule.name for sections in _SECTIONS.values() for section in sections for rule in section.rules}
    following = {f"{spec.name}_{rule}" for spec in BY_CUT for rule in ("class_follows", "mostly_known")}
    assert written - following == {case.rule for case in CASES}


def test_declared_coverage_and_acknowledged_figures_pass() -> None:
    frame, facts = good("raw.hpc_baseline")
    results = validate("raw.hpc_baseline", frame.head(100), facts=replace(facts, declared_coverage=frozenset({D})))
    assert {r.rule: r.passed for r in results}["covers_the_country"]
    frame, facts = good("raw.idmc_idu")
    assert [
        r for r in validate("raw.idmc_idu", frame.head(5), facts=replace(facts, rows_count={D: 5})) if not r.passed
    ] == []
    frame, facts = good("records.displacement")
    many = first(idps_stock_persons=160_001)(frame)
    known = replace(facts, acknowledged=frozenset({(ef.CODES[0], date(2023, 10, 1))}))
    assert {r.rule: r.passed for r in validate("records.displacement", many, facts=known)}["idps_within_population"]


MAY_BE_EMPTY = [n for n in suite_names() if n.startswith(("raw.", "records.")) and n != "records.townships"]
MAY_BE_EMPTY += ["indices.event_matches", "published.source_concordance", "published.source_matches"]
MAY_BE_EMPTY += [
    "published.reliability",
    "published.detection",
    "published.displacement_series",
    "published.service_signs",
]


@pytest.mark.parametrize("suite", MAY_BE_EMPTY)
def test_empty_frame_without_delivery_passes(suite: str) -> None:
    frame, facts = good(suite)
    results = validate(suite, frame.clear(), facts=replace(facts, formats={}, related={}))
    assert [r for r in results if not r.passed] == []
    assert sum(r.checked_count for r in results if r.rule != "columns_as_declared") == 0


def test_the_rule_of_old_records_says_its_limit_and_what_it_found():
    facts = Facts(as_of=date(2026, 11, 29), last_clash=date(2023, 12, 31))
    found = {one.rule: one for one in validate("run", pl.DataFrame({"kind": ["clashes"]}), facts=facts)}
    old, delivered = found["clashes_recent"], found["clashes_delivered"]
    assert (old.passed, old.limit, old.found) == (False, "max at most 120", "max 1,064")
    assert (delivered.passed, delivered.limit, delivered.found) == (True, "max at least 1", "max 1")


INDEX = "published.township_index"


def failing(suite: str, frame: pl.DataFrame) -> dict[str, RuleResult]:
    return {r.rule: r for r in validate(suite, frame, facts=ef.facts()) if not r.passed}


def at_first(column: str, value: object) -> pl.Expr:
    return pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)


@pytest.mark.parametrize(
    ("suite", "rule", "column", "value", "failed"),
    [
        ("published.actor_dialogue", "required_filled", "actor", None, 1),
        ("records.control", "values_in_set", "controller", "nobody", 1),
        ("records.clashes", "within_bounds", "distance_km", 5.1, 1),
        ("records.clashes", "within_bounds", "distance_km", float("nan"), 1),
        ("records.clashes", "within_bounds", "fatalities_persons", -1, 1),
        ("records.townships", "patterns_match", "adm2_pcode", "MMR1", 1),
        ("records.clashes", "month_is_first_day", "month", date(2023, 10, 2), 1),
        ("records.control", "township_known", "adm3_pcode", "MMR099001", 1),
        (INDEX, "townships_complete", "adm3_pcode", ef.CODES[1], 330),
        (INDEX, "key_unique", "adm3_pcode", ef.CODES[1], 2),
        ("records.townships", "key_unique", "adm3_pcode", ef.CODES[1], 2),
    ],
)
def test_structure_rule_breaks(suite: str, rule: str, column: str, value: object, failed: int) -> None:
    frame = ef.good(suite).with_columns(at_first(column, value))
    (result,) = run_sections(suite, [alone(suite, rule, frame)], frame, ef.facts())
    assert (result.passed, result.severity, result.failed_count) == (False, "critical", failed)
    if rule in ("required_filled", "values_in_set", "within_bounds", "patterns_match"):
        assert f"{column} ({failed})" in result.note


def test_columns_are_named_and_ordered() -> None:
    good = ef.good("published.comparison")
    missing = failing("published.comparison", good.drop("note"))["columns_as_declared"]
    assert missing.failed_count == 1
    assert "Missing: note" in missing.note
    swapped = failing("published.comparison", good.select(reversed(good.columns)))
    assert list(swapped) == ["columns_as_declared"]
    extra = failing("published.comparison", good.with_columns(pl.lit("x").alias("latitude")))
    assert set(extra) == {"columns_as_declared", "nothing_sensitive"}
    assert "latitude" in extra["nothing_sensitive"].note
    assert extra["nothing_sensitive"].severity == "critical"


def test_types_and_row_counts() -> None:
    typed = failing(
        "published.deliveries",
        ef.good("published.deliveries").with_columns(pl.col("received_at").cast(pl.String)),
    )
    assert list(typed) == ["types_as_declared"]
    assert "received_at" in typed["types_as_declared"].note
    few = failing("records.townships", ef.townships("records.townships").head(300))
    assert "300 rows; expected exactly 330" in few["townships_complete"].note
    none = failing(INDEX, ef.township_index().clear())
    assert none["not_empty"].severity == "critical"
    assert "not_empty" in failing("published.national_summary", ef.good("published.national_summary").clear())


def test_rule_that_cannot_be_computed_is_failed_and_critical() -> None:
    results = validate("records.clashes", ef.good("records.clashes").drop("fatalities_persons"), facts=ef.facts())
    (result,) = [r for r in results if r.rule == "fatalities_plausible"]
    assert (result.passed, result.severity) == (False, "critical")
    assert "Could not be checked: ColumnNotFoundError" in result.note


A_DAY: Any = datetime(2023, 1, 1)


def test_raising_expectation_is_failed_and_critical_beside_others() -> None:
    rules = (
        BandRule("at_least_a_day", "Raises.", "sum", lambda _: pl.lit(1.0), low=A_DAY, severity=Severity.WARNING),
        RowRule("holds", "Holds.", lambda _: {"": pl.col("kind") == "none"}),
    )
    raised, holds = run_sections("t", [Section(rules)], ef.good("records.deliveries"), Facts())
    assert (raised.passed, raised.severity, raised.blocks) == (False, "critical", True)
    assert "Could not be checked: " in raised.note and "datetime" in raised.note
    assert "\n" not in raised.note
    assert holds.passed


def test_section_that_cannot_be_prepared_fails_each_rule() -> None:
    def prepare(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
        return frame.select("absent")

    rule = BandRule("sum", "Sum.", "sum", lambda _: pl.col("absent"), severity=Severity.WARNING)
    (result,) = run_sections("t", [Section((rule,), prepare)], ef.good("records.deliveries"), Facts())
    assert result.blocks


def test_sections_asked_together_answer_as_each_alone() -> None:
    """Of frames that are shorter, as long, longer, empty and absent; of rules that hold, warn, block and raise."""

    def of(height: int) -> Callable[[pl.DataFrame, Facts], pl.DataFrame]:
        return lambda *_: pl.DataFrame({"n": range(height)})

    def broken(below: int) -> Callable[[Facts], Mapping[str, pl.Expr]]:
        return lambda _: {"n": pl.col("n") < below}

    def rules(name: str, *more: Rule) -> tuple[Rule, ...]:
        mean = BandRule(f"{name}_mean", "Mean.", "mean", lambda _: pl.col("n"), low=2, severity=Severity.WARNING)
        most = BandRule(f"{name}_most", "Most.", "max", lambda _: pl.col("n"), high=100)
        return (
            RowRule(f"{name}_few", "Few.", broken(2)),
            RowRule(f"{name}_holds", "Holds.", broken(0)),
            mean,
            most,
            *more,
        )

    wrong = RowRule("warns", "Warns.", broken(1), Severity.WARNING)
    shape = ShapeRule("columns", "Columns.", "columns", ("n",)), ShapeRule("rows", "Rows.", "rows_exactly", rows=5)
    sections = [
        Section(rules("own", *shape)), Section(rules("short", wrong), of(3)), Section(rules("even"), of(5)),
        Section(rules("long"), of(9)), Section(rules("empty"), of(0)), Section(rules("absent"), lambda *_: None),
        Section(rules("raising"), lambda frame, _: frame.select("absent")),
    ]  # fmt: skip
    frame = pl.DataFrame({"n": range(5)})
    for some in (sections, sections[1:], sections[4:]):
        alone = [result for section in some for result in run_sections("t", [section], frame, Facts())]
        assert run_sections("t", some, frame, Facts()) == alone
    found = {
        result.rule: (result.passed, result.failed_count) for result in run_sections("t", sections, frame, Facts())
    }
    assert found["own_few"] == found["short_few"] == found["long_few"] == (False, 2)
    assert (found["warns"], found["rows"], found["short_mean"]) == ((False, 1), (True, 0), (False, 1))


@pytest.mark.parametrize("suite", suite_names())
def test_no_two_rules_of_a_suite_have_one_name(suite: str) -> None:
    """By its name the answer to a rule is found, in whatever section it stands."""
    names = [rule.name for section in _sections(suite, good(suite)[0]) for rule in section.rules]
    assert sorted(set(names)) == sorted(names)


def test_warning_does_not_block() -> None:
    frame = ef.good("records.clashes").with_columns(pl.lit(9_999, dtype=pl.Int64).alias("fatalities_persons"))
    failed = failing("records.clashes", frame)
    assert list(failed) == ["fatalities_plausible"]
    assert failed["fatalities_plausible"].severity == "warning"
    assert not failed["fatalities_plausible"].blocks


def test_results_are_plain_ordered_and_independent_of_row_order() -> None:
    frame = ef.township_index().with_columns(pl.lit(7, dtype=pl.Int64).alias("idps_persons"))
    one = validate(INDEX, frame, facts=ef.facts())
    two = validate(INDEX, frame.sample(fraction=1, shuffle=True, seed=1), facts=ef.facts())
    assert one == two
    result = next(r for r in one if r.rule == "idps_rounded")
    assert result.examples == tuple(f"isp-2023 2023-10-01 Region 001 {code}" for code in ef.CODES[:3])
    assert json.loads(json.dumps([r.as_dict() for r in one]))[0]["table"] == INDEX


@pytest.mark.parametrize("persons", [7, 3_741])
def test_an_exact_figure_blocks_a_public_release_alone(persons: int) -> None:
    frame = ef.township_index().with_columns(pl.lit(persons, dtype=pl.Int64).alias("idps_persons"))
    rule = alone(INDEX, "idps_rounded", frame)
    (public,), (internal,) = (
        run_sections(INDEX, [rule], frame, facts) for facts in (ef.facts(), replace(ef.facts(), internal=True))
    )
    assert public.blocks
    assert (internal.passed, internal.checked_count) == (True, 0)


def test_examples_show_no_text_of_a_source() -> None:
    frame = ef.good("records.control").with_columns(pl.lit("Secret Village").alias("adm3_pcode"))
    for result in validate("records.control", frame, facts=ef.facts()):
        assert "Secret" not in json.dumps(result.as_dict())


def test_unknown_suite_is_named() -> None:
    with pytest.raises(ValueError, match=r"records\.clash'"):
        validate("records.clash", pl.DataFrame())
