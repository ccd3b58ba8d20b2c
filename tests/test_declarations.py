"""The declarations agree with each other and with what is made from them."""

import re
from pathlib import Path

import polars as pl
import pytest

from pipeline import sources
from pipeline.declare import codes, frames, methods
from pipeline.declare.columns import COLUMNS
from pipeline.declare.tables import TABLES, Layer, layer
from pipeline.sources import FORMATS
from pipeline.sources.ucdp.events import UCDP_TYPES
from pipeline.storage.warehouse import ddl

ROOT = Path(__file__).resolve().parent.parent
# Named in the contract with users: a table or a column that goes missing breaks somebody's query.
CONTRACT = {
    "townships": "adm3_pcode adm3_name adm3_name_my adm2_pcode adm2_name adm1_pcode adm1_name state_region "
    "self_administered_unit area_km2 population_persons population_reference_date boundary_source geometry",
    "township_index": "method month adm3_pcode period_start period_end adm3_name adm1_name state_region in_conflict "
    "clashes_count clashes_month_count fatalities_persons security_class security_score security_high_probability "
    "idps_persons idps_basis humanitarian_class humanitarian_score services_known_count services_lost_score "
    "services_lost_min services_lost_max services_class services_score control_class precise_share evidence_grade "
    "exact_share reporting_share evidence_points_count data_age_days provisional security_rank security_rank_low "
    "security_rank_high services_class_best services_class_worst control_by_security control_by_administration "
    "control_by_observation services_records_count control_records_count security_shown humanitarian_shown "
    "services_shown security_step clashes_possible_count fatalities_low_persons fatalities_high_persons "
    "clashes_3m_count clashes_12m_count signal evidence_security evidence_humanitarian evidence_services "
    "evidence_control services_certainty idps_population_share displacement_class displacement_change",
    "national_summary": "method month townships_count in_conflict_count in_conflict_share security_high_count "
    "security_low_count humanitarian_high_count humanitarian_low_count humanitarian_no_new_count "
    "humanitarian_insufficient_count services_severe_count services_lower_count services_insufficient_count "
    "clashes_count idps_persons control_lost_townships_share control_lost_area_share control_lost_population_share "
    "reporting_share evidence_a_count evidence_b_count evidence_c_count evidence_d_count provisional "
    "clashes_possible_count clashes_month_count clashes_3m_count clashes_12m_count fatalities_low_persons "
    "fatalities_high_persons security_step_4_count signal_alert_count signal_unknown_count alerts_false_expected "
    "services_severe_certain_count services_severe_likely_count services_severe_turning_share "
    "services_severe_turning_ratio",
    "region_summary": "method month state_region townships_count in_conflict_count provisional",
    "territorial_control": "method month scope basis measure lost_share lost_low lost_high contested_share "
    "unknown_share lost_value known_value total_value lost_expected_share lost_interval_low lost_interval_high",
    "township_control": "method month adm3_pcode controller state_share contested_share resistance_share other_share "
    "unknown_share control_source control_date conflicting_records_count towns_recorded_count towns_lost_count",
    "town_control": "month scope controller towns_count newest_event_date",
    "township_month_events": "month adm3_pcode event_class events_count fatalities_persons precise_count",
    "revisions": "method edition_date month clashes_month_count in_conflict_count security_high_count "
    "clashes_month_change in_conflict_change security_high_change townships_reclassified_count clashes_known_share",
    "deliveries": "delivery_id kind source licence file_name received_at rows_count rows_used_count "
    "rows_set_aside_count rows_contradicted_count first_date last_date",
    "set_aside_summary": "delivery_id reason rows_count",
    "corrections": "correction_id kind correction_action rows_count correction_date correction_expires "
    "correction_reason",
    "comparison": "figure published_value published_source our_value difference comparable note",
    "source_concordance": "source_a source_b township_months_count both_count only_a_count only_b_count neither_count "
    "agreement_share kappa rank_correlation events_a_count events_b_count matched_count events_estimate "
    "events_estimate_low events_estimate_high comparable assumptions_note",
    "source_matches": "source_a source_b month adm3_pcode events_a_count events_b_count matched_count",
    "township_rates": "method month adm3_pcode clashes_per_1000_km2 clashes_per_1000_km2_smoothed "
    "clashes_per_100000_persons clashes_per_100000_persons_smoothed",
    "township_changes": "method month adm3_pcode clashes_month_count change_class is_onset is_lull is_alert "
    "alert_from_count alert_false_probability alert_p_value alert_confirmed quarter_p_value quarter_change_class",
    "change_summary": "method month scope townships_compared_count rises_count falls_count onsets_count lulls_count "
    "alerts_count",
    "neighbours": "adm3_pcode neighbour_pcode neighbour_basis",
    "spatial_autocorrelation": "method month morans_i morans_i_p_value permutations_count",
    "hot_spots": "method month adm3_pcode local_cluster getis_ord_z getis_ord_p_value hot_spot_class",
    "scenarios": "method index_name scenario is_baseline townships_moved_count scenario_control_share",
    "robustness": "method month adm3_pcode security_kept_share security_changed_by humanitarian_kept_share "
    "humanitarian_changed_by services_kept_share services_changed_by",
    "sensitivity": "method index_name choice townships_moved_count control_share_low control_share_high",
    "explanations": "method adm3_pcode index_name value class_now nearest_class distance distance_unit explanation "
    "delivery_ids",
    "current_intensity": "month adm3_pcode expected_clashes_next_3m interval_low interval_high any_probability "
    "four_or_more_probability rank rank_low rank_high",
    "scorecard": "month horizon_months predictor metric value townships_count",
    "displacement_series": "adm3_pcode reference_date idps_stock_persons idps_new_persons idps_stock_change_persons "
    "idps_new_change_persons after_period",
    "service_signs": "adm3_pcode service_item source from_date until_date sign_direction sign_strength strength_reason "
    "after_period",
    "reliability": "clash_source second_source period_start period_end probability_bin townships_count "
    "probability_mean second_high_count second_high_share calibration_error cut_count second_cut_count",
    "detection": "clash_source second_source period_start period_end scope townships_count leading_clashes_count "
    "second_clashes_count detection_ratio",
    "actor_dialogue": "counterpart actor bloc conflict_status dialogue_status",
}
SENSITIVE = re.compile(r"latitude|longitude|(^|_)lat$|(^|_)lon$|site|actor1|actor2|event_id|notes?_text|headline")


@pytest.mark.parametrize("name", CONTRACT)
def test_published_tables_hold_what_users_were_promised(name):
    missing = set(CONTRACT[name].split()) - set(TABLES[f"published.{name}"].columns)
    assert missing == set()


def test_every_published_table_is_in_the_contract():
    assert {table.name for table in layer(Layer.PUBLISHED)} == set(CONTRACT)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.full_name)
def test_keys_are_required_columns_of_the_table(table):
    assert set(table.key) <= set(table.columns)
    assert not set(table.key) & table.nullable
    assert len(set(table.columns)) == len(table.columns)


def test_no_column_is_declared_and_never_used():
    used = {name for table in TABLES.values() for name in table.columns}
    used |= {name for known in FORMATS for name in known.columns} | {"extra", "attributes"}
    assert set(COLUMNS) - used == set()


@pytest.mark.parametrize("column", COLUMNS.values(), ids=lambda c: c.name)
def test_a_column_says_what_it_means(column):
    assert len(column.meaning) > 10
    assert column.type in {"VARCHAR", "BIGINT", "DOUBLE", "DATE", "BOOLEAN", "BLOB"}
    if column.name.endswith(("_count", "_persons", "_share", "_km2", "_score")):
        assert column.unit, "a number has a unit"
    if column.name.endswith("_share"):
        assert (column.low, column.high) == (0, 1)


@pytest.mark.parametrize("table", layer(Layer.PUBLISHED), ids=lambda t: t.name)
def test_no_published_column_could_name_a_site_or_a_person(table):
    assert [name for name in table.columns if SENSITIVE.search(name)] == []


def test_ddl_carries_key_required_columns_and_comments():
    create, *comments = ddl("published.national_summary", "x")
    assert 'PRIMARY KEY ("method", "month")' in create
    assert '"townships_count" BIGINT NOT NULL' in create
    assert '"idps_persons" BIGINT,' in create
    assert len(comments) == 1 + len(TABLES["published.national_summary"].columns)


def test_an_empty_frame_has_the_declared_types():
    frame = frames.empty("published.township_index")
    assert frame.schema["month"] == pl.Date
    assert frame.columns == list(TABLES["published.township_index"].columns)


@pytest.mark.parametrize("method", methods.METHODS.values(), ids=lambda m: m.name)
def test_every_choice_of_a_method_has_its_reason(method):
    choices = [c for c in vars(method).values() if isinstance(c, methods.Choice)]
    choices += [c for t in method.security.values() for c in (t.security_high, t.security_goalpost)]
    assert len(choices) >= 10
    assert all(len(choice.why) > 15 for choice in choices)
    assert "default" in method.security


def test_unknown_method_names_those_that_exist():
    assert methods.method("isp-2023") is methods.ISP_2023
    with pytest.raises(methods.UnusableInput, match="rolling-12m"):
        methods.method("isp")


def test_every_format_has_a_source_and_every_reason_a_remedy():
    for known in FORMATS:
        assert sources.source_of_format(known.name).licence
    assert set(codes.REASON_REMEDY) == set(codes.Reason)


def test_no_published_figure_stands_in_shipped_code():
    """The calibration lives in the sample's script; the pipeline knows none of these numbers."""
    figures = re.compile(r"(?<![\d.])(221|12[_,]?238)(?![\d.])")
    shipped = [
        p
        for package in ("pipeline", "geo", "expectations", "assets", "reports")
        for p in (ROOT / package).rglob("*.py")
    ]
    found = [
        f"{p.name}: {line.strip()}" for p in shipped for line in p.read_text().splitlines() if figures.search(line)
    ]
    assert found == []


def test_the_events_table_names_the_classes_that_a_source_never_records():
    coded = set(UCDP_TYPES.values())
    assert set(sources.BY_KEY["ucdp_ged"].event_classes) == coded
    assert sources.unrecorded_classes("ucdp_ged") == (codes.EventClass.OTHER,)
    assert sources.unrecorded_classes("canonical_clashes:a-team") == sources.unrecorded_classes("nobody") == ()
    said = "UCDP Georeferenced Event Dataset never records the class other."
    assert said in TABLES["published.township_month_events"].comment
