"""Every reason for setting a row aside: one row that meets it, one that does not; every row accounted for."""

import polars as pl
import pytest
from records_frames import ACLED, ANSWER, CLASH, FLOW, UCDP, each, gazetteer, middle, none_of, reported, rows_of

from pipeline.declare.codes import Reason
from pipeline.records.clashes import current_clashes
from pipeline.records.triage import Triage, accounts, triage, unreadable
from pipeline.sources import BY_NAME
from pipeline.sources.parsers import EVENTS, control

LON, LAT = middle("MMR001001")
DISPLACED = {"reference_date": "2023-01-01", "adm3_pcode": "MMR001001", "idps_new_persons": "5"}
SERVICES = {"survey_date": "2023-01-01", "adm3_pcode": "MMR001001", "electricity": "yes"}
CONTROL = {"reference_date": "2023-01-01", "adm3_pcode": "MMR001001", "controller": "state"}
TOWN = {"event_date": "2023-01-01", "adm3_pcode": "MMR001001", "holder": "state"}
PEOPLE = {"reference_date": "2023-01-01", "adm3_pcode": "MMR001001", "population_persons": "5"}
SIGN = {"item": "gad_office", "from": "2023-01-01", "sign": "loss", "adm3_pcode": "MMR001001"}
YEAR = {"year": "2022", "adm3_pcode": "MMR001001", "lit_pixels": "70"}
MONTH = {"month": "2022-03-01", "adm3_pcode": "MMR001001", "ntl_sum": "811.5"}
COUNT = {"from": "2022-01-01", "until": "2022-12-31", "clashes_count": "7", "adm3_pcode": "MMR001001"}
BY_TYPE = {
    "from": "2022-01-01..2022-12-31",
    "battles": "7",
    "explosions_remote_violence": "0",
    "adm3_pcode": "MMR001001",
}
TALLY = {
    "event_date": "2022-03-04",
    "adm3_pcode": "MMR001001",
    "event_type": "clash",
    "geo_precision": "exact",
    "events_count": "4",
    "fatalities": "9",
}
HPC = {"adm3_pcode": "MMR001001", "adm3_name": "Myitkyina", "idps": "5", "returnees": "0"}
ANSWERED = {"idps_new_persons", "idps_stock_persons", "returnees_persons"}
PLACELESS = {"adm3_pcode": ""}


def made_of(format_name: str, rows: pl.DataFrame) -> Triage:
    """The records of one format, whatever its kind."""
    if format_name in EVENTS:
        result = current_clashes([EVENTS[format_name](rows)], gazetteer())
        return Triage(result.records, result.set_aside)
    if format_name == "canonical_towns":
        held = control(lambda name: rows if name == format_name else none_of(name), gazetteer())
        return Triage(held.towns, held.set_aside)
    return reported(BY_NAME[format_name].kind, **{format_name: rows})


BASES = {
    "canonical_clashes": CLASH,
    "ucdp_ged": UCDP,
    "acled": ACLED,
    "idmc_idu": FLOW,
    "survey_services": ANSWER,
    "canonical_displacement": DISPLACED,
    "canonical_services": SERVICES,
    "canonical_control": CONTROL,
    "canonical_towns": TOWN,
    "canonical_population": PEOPLE,
    "canonical_signs": SIGN,
    "lights_by_year": YEAR,
    "lights_by_month": MONTH,
    "canonical_clash_counts": COUNT,
    "clash_counts_by_type": BY_TYPE,
    "tallies": TALLY,
    "hpc_baseline": HPC,
}
IDS = {"canonical_clashes": "event_id", "acled": "event_id_cnty", "ucdp_ged": "id", "idmc_idu": "id",
       "survey_services": "uuid"}  # fmt: skip

CASES = [
    (Reason.UNKNOWN_HOLDER, "canonical_towns", {"holder": "some group"}, "holder"),
    (Reason.MISSING_VALUE, "canonical_towns", {"holder": ""}, "holder"),
    (Reason.IGNORED_HOLDER, "canonical_towns", {"holder": "Ignore"}, "holder"),
    (Reason.SHARES_DISAGREE, "canonical_control", {"state_share": "0.4"}, "controller"),
    (Reason.SHARES_DISAGREE, "canonical_control", {"state_share": "0.9", "other_share": "0.3"}, "state_share"),
    (Reason.NUMBER_OUT_OF_RANGE, "canonical_control", {"controller": "", "state_share": "1.4"}, "state_share"),
    (Reason.INVALID_NUMBER, "canonical_control", {"state_share": "60 %"}, "state_share"),
    # reason, format, what breaks, what is blamed
    (Reason.NUMBER_OUT_OF_RANGE, "tallies", {"events_count": "0", "event_date": "2022-03-05"}, "events_count"),
    (Reason.NUMBER_OUT_OF_RANGE, "tallies", {"events_count": "-1", "event_date": "2022-03-05"}, "events_count"),
    (Reason.NUMBER_OUT_OF_RANGE, "tallies", {"fatalities": "-1", "event_date": "2022-03-05"}, "fatalities"),
    (Reason.INVALID_NUMBER, "tallies", {"events_count": "1.5", "event_date": "2022-03-05"}, "events_count"),
    (Reason.MISSING_VALUE, "tallies", {"events_count": "", "event_date": "2022-03-05"}, "events_count"),
    (Reason.INVALID_DATE, "tallies", {"event_date": "2022-02-31"}, "event_date"),
    (Reason.DATE_OUT_OF_RANGE, "tallies", {"event_date": "2024-06-02"}, "event_date"),
    (Reason.UNKNOWN_TERM, "tallies", {"event_type": "war"}, "event_type"),
    (Reason.UNKNOWN_TERM, "tallies", {"geo_precision": "near"}, "geo_precision"),
    (Reason.NO_PLACE, "tallies", {"adm3_pcode": ""}, "adm3_pcode"),
    (Reason.UNKNOWN_PCODE, "tallies", {"adm3_pcode": "MMR999999"}, "adm3_pcode"),
    (Reason.PRECISION_REGION, "tallies", {"geo_precision": "region"}, "geo_precision"),
    (Reason.MISSING_VALUE, "canonical_clashes", {"event_id": " "}, "event_id"),
    (Reason.MISSING_VALUE, "canonical_clashes", {"event_date": "n/a"}, "event_date"),
    (Reason.MISSING_VALUE, "ucdp_ged", {"id": ""}, "id"),
    (Reason.MISSING_VALUE, "ucdp_ged", {"date_start": ""}, "date_start"),
    (Reason.MISSING_VALUE, "canonical_control", {"controller": "-"}, "controller"),
    (Reason.MISSING_VALUE, "canonical_signs", {"item": "-"}, "item"),
    (Reason.MISSING_VALUE, "canonical_signs", {"sign": ""}, "sign"),
    (Reason.MISSING_VALUE, "lights_by_year", {"year": ""}, "from"),
    (Reason.FORMULA_ERROR, "lights_by_month", {"ntl_sum": "#REF!"}, "ntl_sum"),
    (Reason.INVALID_DATE, "canonical_signs", {"until": "soon"}, "until"),
    (Reason.INVALID_DATE, "lights_by_year", {"year": "22"}, "from"),
    (Reason.DATES_REVERSED, "canonical_signs", {"until": "2022-12-31"}, "until"),
    (Reason.DATE_OUT_OF_RANGE, "canonical_signs", {"from": "2024-06-02"}, "from"),
    (Reason.UNKNOWN_TERM, "canonical_signs", {"item": "roads"}, "item"),
    (Reason.UNKNOWN_TERM, "canonical_signs", {"sign": "bad"}, "sign"),
    (Reason.INVALID_NUMBER, "lights_by_year", {"lit_pixels": "few"}, "lit_pixels"),
    (Reason.NUMBER_OUT_OF_RANGE, "lights_by_month", {"ntl_sum": "-3"}, "ntl_sum"),
    (Reason.SEVERAL_TOWNSHIPS, "lights_by_year", {"adm3_pcode": "MMR013008"}, "adm3_pcode"),
    (Reason.MISSING_VALUE, "canonical_clash_counts", {"until": ""}, "until"),
    (Reason.MISSING_VALUE, "clash_counts_by_type", {"battles": ""}, "battles"),
    (Reason.MISSING_VALUE, "clash_counts_by_type", {"from": "2022-01-01"}, "until"),
    (Reason.INVALID_DATE, "clash_counts_by_type", {"from": "2022..2023"}, "from"),
    (Reason.INVALID_NUMBER, "clash_counts_by_type", {"explosions_remote_violence": "few"},
     "explosions_remote_violence"),
    (Reason.NUMBER_OUT_OF_RANGE, "canonical_clash_counts", {"clashes_count": "-1"}, "clashes_count"),
    (Reason.DATES_REVERSED, "canonical_clash_counts", {"until": "2021-12-31"}, "until"),
    (Reason.DATE_OUT_OF_RANGE, "canonical_clash_counts", {"until": "2024-12-31"}, "until"),
    (Reason.SEVERAL_TOWNSHIPS, "canonical_clash_counts", {"adm3_pcode": "MMR013008"}, "adm3_pcode"),
    (Reason.MISSING_VALUE, "canonical_population", {"population_persons": "NA"}, "population_persons"),
    (Reason.MISSING_VALUE, "canonical_displacement", {"reference_date": ""}, "reference_date"),
    (Reason.FORMULA_ERROR, "canonical_clashes", {"event_id": "#N/A"}, "event_id"),
    (Reason.FORMULA_ERROR, "canonical_clashes", {"event_date": "#VALUE!"}, "event_date"),
    (Reason.FORMULA_ERROR, "canonical_clashes", {"event_type": " #REF! "}, "event_type"),
    (Reason.FORMULA_ERROR, "canonical_clashes", {"fatalities": "#DIV/0!"}, "fatalities"),
    (Reason.FORMULA_ERROR, "canonical_clashes", {"adm3_pcode": "#N/A"}, "adm3_pcode"),
    (Reason.FORMULA_ERROR, "canonical_clashes", {"updated_at": "#NAME?"}, "updated_at"),
    (Reason.FORMULA_ERROR, "ucdp_ged", {"where_prec": "#NUM!"}, "where_prec"),
    (Reason.FORMULA_ERROR, "canonical_displacement", {"idps_new_persons": "#DIV/0!"}, "idps_new_persons"),
    (Reason.FORMULA_ERROR, "canonical_displacement", {"adm3_pcode": "#REF!"}, "adm3_pcode"),
    (Reason.FORMULA_ERROR, "canonical_services", {"electricity": "#NULL!"}, "electricity"),
    (Reason.FORMULA_ERROR, "canonical_control", {"controller": "#N/A"}, "controller"),
    (Reason.FORMULA_ERROR, "canonical_population", {"population_persons": "#REF!"}, "population_persons"),
    (Reason.FORMULA_ERROR, "hpc_baseline", {"idps": "#REF!"}, "idps_stock_persons"),
    (Reason.FORMULA_ERROR, "hpc_baseline", {"adm3_pcode": "#REF!", "adm3_name": ""}, "adm3_pcode"),
    (Reason.INVALID_DATE, "canonical_clashes", {"event_date": "2022-02-31"}, "event_date"),
    (Reason.INVALID_DATE, "canonical_clashes", {"event_date": "03/04/2022"}, "event_date"),
    (Reason.INVALID_DATE, "canonical_clashes", {"event_date": "2022-3-4"}, "event_date"),
    (Reason.INVALID_DATE, "canonical_clashes", {"event_date": "45292"}, "event_date"),
    (Reason.INVALID_DATE, "canonical_clashes", {"event_date_end": "soon"}, "event_date_end"),
    (Reason.INVALID_DATE, "canonical_clashes", {"updated_at": "lately"}, "updated_at"),
    (Reason.INVALID_DATE, "canonical_services", {"survey_date": "May 2023"}, "survey_date"),
    (Reason.INVALID_DATE, "canonical_services", {"updated_at": "2023-13-01"}, "updated_at"),
    (Reason.DATE_OUT_OF_RANGE, "canonical_clashes", {"event_date": "0025-01-01"}, "event_date"),
    (Reason.DATE_OUT_OF_RANGE, "canonical_clashes", {"event_date": "1988-12-31"}, "event_date"),
    (Reason.DATE_OUT_OF_RANGE, "canonical_clashes", {"event_date": "2024-06-02"}, "event_date"),
    (Reason.DATE_OUT_OF_RANGE, "ucdp_ged", {"date_start": "1988-12-31", "date_end": "1989-01-02"}, "date_start"),
    (Reason.DATE_OUT_OF_RANGE, "canonical_control", {"reference_date": "2999-01-01"}, "reference_date"),
    (Reason.DATES_REVERSED, "canonical_clashes", {"event_date_end": "2022-03-03"}, "event_date_end"),
    (Reason.DATES_REVERSED, "ucdp_ged", {"date_end": "2022-03-03"}, "date_end"),
    (Reason.INVALID_NUMBER, "canonical_clashes", {"fatalities": "2.5"}, "fatalities"),
    (Reason.INVALID_NUMBER, "canonical_clashes", {"fatalities": "several"}, "fatalities"),
    (Reason.INVALID_NUMBER, "canonical_displacement", {"idps_new_persons": "nan"}, "idps_new_persons"),
    (Reason.INVALID_NUMBER, "canonical_displacement", {"idps_stock_persons": "inf"}, "idps_stock_persons"),
    (Reason.INVALID_NUMBER, "canonical_displacement", {"returnees_persons": "1,23"}, "returnees_persons"),
    (Reason.INVALID_NUMBER, "canonical_population", {"population_persons": "about 5"}, "population_persons"),
    (Reason.INVALID_NUMBER, "ucdp_ged", {"best": "x"}, "best"),
    (Reason.NUMBER_OUT_OF_RANGE, "canonical_clashes", {"fatalities": "-1"}, "fatalities"),
    (Reason.NUMBER_OUT_OF_RANGE, "canonical_clashes", {"fatalities": "100001"}, "fatalities"),
    (Reason.NUMBER_OUT_OF_RANGE, "canonical_displacement", {"idps_new_persons": "60,000,001"}, "idps_new_persons"),
    (Reason.NUMBER_OUT_OF_RANGE, "canonical_displacement", {"idps_new_persons": "9" * 30}, "idps_new_persons"),
    (Reason.NUMBER_OUT_OF_RANGE, "ucdp_ged", {"best": "-3.0"}, "best"),
    (Reason.NUMBER_OUT_OF_RANGE, "hpc_baseline", {"idps": "-3"}, "idps_stock_persons"),
    (Reason.UNKNOWN_TERM, "canonical_clashes", {"event_type": "skirmish"}, "event_type"),
    (Reason.UNKNOWN_TERM, "canonical_clashes", {"event_type": ""}, "event_type"),
    (Reason.UNKNOWN_TERM, "canonical_clashes", {"geo_precision": "village"}, "geo_precision"),
    (Reason.UNKNOWN_TERM, "canonical_clashes", {"date_precision": "decade"}, "date_precision"),
    (Reason.UNKNOWN_TERM, "canonical_clashes", {"deleted": "maybe"}, "deleted"),
    (Reason.UNKNOWN_TERM, "ucdp_ged", {"type_of_violence": "4"}, "type_of_violence"),
    (Reason.UNKNOWN_TERM, "ucdp_ged", {"where_prec": ""}, "where_prec"),
    (Reason.UNKNOWN_TERM, "ucdp_ged", {"date_prec": "9"}, "date_prec"),
    (Reason.UNKNOWN_TERM, "canonical_services", {"salaries": "sometimes"}, "salaries"),
    (Reason.UNKNOWN_TERM, "canonical_control", {"controller": "both"}, "controller"),
    (Reason.UNKNOWN_PCODE, "canonical_clashes", {"adm3_pcode": "MMR999999"}, "adm3_pcode"),
    (Reason.UNKNOWN_PCODE, "hpc_baseline", {"adm3_pcode": "MMR999999"}, "adm3_pcode"),
    (Reason.SEVERAL_TOWNSHIPS, "hpc_baseline", {"adm3_pcode": "MMR001"}, "adm3_pcode"),
    (Reason.UNKNOWN_NAME, "canonical_clashes", PLACELESS | {"adm3_name": "Kalaay", "adm1_name": "Chin"}, "adm3_name"),
    (Reason.AMBIGUOUS_NAME, "canonical_clashes", PLACELESS | {"adm3_name": "Htantabin"}, "adm3_name"),
    (Reason.AMBIGUOUS_NAME, "canonical_clashes", PLACELESS | {"adm3_name": "မင်းလှ"}, "adm3_name"),
    (Reason.NAME_WITHOUT_STATE, "canonical_clashes", PLACELESS | {"adm3_name": "Myitkyina"}, "adm3_name"),
    (Reason.UNKNOWN_STATE, "canonical_clashes", PLACELESS | {"adm3_name": "Myitkyina", "adm1_name": "X"}, "adm3_name"),
    (Reason.NAME_NOT_IN_STATE, "canonical_clashes", PLACELESS | {"adm3_name": "Myitkyina", "adm1_name": "Chin"}, None),
    (Reason.NAME_CODE_DISAGREE, "canonical_clashes", {"adm3_name": "Waingmaw"}, "adm3_name"),
    (Reason.NAME_CODE_DISAGREE, "hpc_baseline", {"adm3_name": "Waingmaw"}, "adm3_name"),
    (Reason.NO_PLACE, "canonical_clashes", PLACELESS | {"longitude": "93.2"}, None),
    (Reason.NO_PLACE, "canonical_services", PLACELESS | {"adm1_name": "Chin"}, None),
    (Reason.INVALID_COORDINATES, "canonical_clashes", PLACELESS | {"longitude": "0", "latitude": "0"}, None),
    (Reason.INVALID_COORDINATES, "canonical_clashes", PLACELESS | {"longitude": "nan", "latitude": "20"}, None),
    (Reason.INVALID_COORDINATES, "ucdp_ged", {"longitude": "93.2", "latitude": "20°30"}, None),
    (Reason.SWAPPED_COORDINATES, "canonical_clashes", PLACELESS | {"longitude": f"{LAT}", "latitude": f"{LON}"}, None),
    (Reason.OUTSIDE_COUNTRY, "canonical_clashes", PLACELESS | {"longitude": "92.5", "latitude": "10.35"}, None),
    (Reason.OUTSIDE_COUNTRY, "canonical_clashes", PLACELESS | {"longitude": "13.4", "latitude": "52.5"}, None),
    (Reason.OUTSIDE_COUNTRY, "ucdp_ged", {"country_id": "800"}, "country_id"),
    (Reason.OUTSIDE_COUNTRY, "ucdp_ged", {"country_id": "Laos"}, "country_id"),
    (Reason.PRECISION_DISTRICT, "canonical_clashes", {"geo_precision": "District"}, "geo_precision"),
    (Reason.PRECISION_DISTRICT, "ucdp_ged", {"where_prec": "3"}, "geo_precision"),
    (Reason.PRECISION_REGION, "ucdp_ged", {"where_prec": "4"}, "geo_precision"),
    (Reason.PRECISION_REGION, "ucdp_ged", {"where_prec": "5"}, "geo_precision"),
    (Reason.PRECISION_COUNTRY, "ucdp_ged", {"where_prec": "6"}, "geo_precision"),
    (Reason.PRECISION_COUNTRY, "ucdp_ged", {"where_prec": "7"}, "geo_precision"),
    (Reason.MISSING_VALUE, "acled", {"event_id_cnty": ""}, "event_id_cnty"),
    (Reason.MISSING_VALUE, "acled", {"event_date": ""}, "event_date"),
    (Reason.INVALID_DATE, "acled", {"event_date": "05/11/2021"}, "event_date"),
    (Reason.INVALID_DATE, "acled", {"event_date": "31 February 2022"}, "event_date"),
    (Reason.INVALID_DATE, "acled", {"timestamp": "lately"}, "timestamp"),
    (Reason.DATE_OUT_OF_RANGE, "acled", {"event_date": "0025-03-04"}, "event_date"),
    (Reason.DATE_OUT_OF_RANGE, "acled", {"event_date": "04 March 0025"}, "event_date"),
    (Reason.OUTSIDE_COUNTRY, "acled", {"country": "Thailand", "iso": ""}, "country"),
    (Reason.OUTSIDE_COUNTRY, "acled", {"country": "", "iso": "764"}, "iso"),
    (Reason.UNKNOWN_TERM, "acled", {"event_type": "clash"}, "event_type"),
    (Reason.UNKNOWN_TERM, "acled", {"event_type": ""}, "event_type"),
    (Reason.UNKNOWN_TERM, "acled", {"geo_precision": "4"}, "geo_precision"),
    (Reason.UNKNOWN_TERM, "acled", {"geo_precision": "", "admin3": ""}, "geo_precision"),
    (Reason.UNKNOWN_TERM, "acled", {"time_precision": "0"}, "time_precision"),
    (Reason.INVALID_NUMBER, "acled", {"fatalities": "some"}, "fatalities"),
    (Reason.NUMBER_OUT_OF_RANGE, "acled", {"fatalities": "100001"}, "fatalities"),
    (Reason.PRECISION_REGION, "acled", {"geo_precision": "3"}, "geo_precision"),
    (Reason.SWAPPED_COORDINATES, "acled", {"admin3": "", "longitude": f"{LAT}", "latitude": f"{LON}"}, "longitude"),
    (Reason.NO_PLACE, "acled", {"admin3": "", "longitude": ""}, None),
    (Reason.MISSING_VALUE, "idmc_idu", {"id": ""}, "id"),
    (Reason.MISSING_VALUE, "idmc_idu", {"role": ""}, "role"),
    (Reason.MISSING_VALUE, "idmc_idu", {"displacement_type": "NA"}, "displacement_type"),
    (Reason.MISSING_VALUE, "idmc_idu", {"figure": ""}, "figure"),
    (Reason.MISSING_VALUE, "idmc_idu", {"displacement_end_date": ""}, "displacement_end_date"),
    (Reason.INVALID_DATE, "idmc_idu", {"displacement_end_date": "2022"}, "displacement_end_date"),
    (Reason.INVALID_DATE, "idmc_idu", {"displacement_start_date": "2022"}, "displacement_start_date"),
    (Reason.INVALID_DATE, "idmc_idu", {"created_at": "lately"}, "created_at"),
    (Reason.DATE_OUT_OF_RANGE, "idmc_idu", {"displacement_end_date": "2999-01-01"}, "displacement_end_date"),
    (Reason.DATES_REVERSED, "idmc_idu", {"displacement_start_date": "2022-03-05"}, "displacement_end_date"),
    (Reason.INVALID_NUMBER, "idmc_idu", {"figure": "many"}, "figure"),
    (Reason.NUMBER_OUT_OF_RANGE, "idmc_idu", {"figure": "-5"}, "figure"),
    (Reason.UNKNOWN_TERM, "idmc_idu", {"locations_accuracy": ""}, "locations_accuracy"),
    (Reason.UNKNOWN_TERM, "idmc_idu", {"locations_accuracy": "Point; somewhere"}, "locations_accuracy"),
    (Reason.OUTSIDE_COUNTRY, "idmc_idu", {"iso3": "THA"}, "iso3"),
    (Reason.NOT_CONFLICT, "idmc_idu", {"displacement_type": "Disaster", "figure": ""}, "displacement_type"),
    (Reason.NOT_RECOMMENDED, "idmc_idu", {"role": "Triangulation"}, "role"),
    (Reason.BEFORE_WINDOW, "idmc_idu", {"displacement_start_date": "2021-01-31"}, "displacement_end_date"),
    (Reason.BEFORE_WINDOW, "idmc_idu", {"displacement_start_date": "", "displacement_end_date": "2021-01-31"}, None),
    (Reason.PRECISION_DISTRICT, "idmc_idu", {"locations_accuracy": "District/Zone/Department (ADM2)"}, None),
    (Reason.PRECISION_REGION, "idmc_idu", {"locations_accuracy": "Point; State/Region/Province (ADM1)"}, None),
    (Reason.PRECISION_COUNTRY, "idmc_idu", {"locations_accuracy": "Country/territory (AM0)"}, None),
    (Reason.PRECISION_REGION, "idmc_idu", {"locations_name": "One, Kachin; Other, Kachin"}, "locations_name"),
    (Reason.NO_PLACE, "idmc_idu", {"latitude": ""}, None),
    (Reason.MISSING_VALUE, "survey_services", {"uuid": ""}, "uuid"),
    (Reason.MISSING_VALUE, "survey_services", {"survey_date": ""}, "survey_date"),
    (Reason.INVALID_DATE, "survey_services", {"submission_time": "lately"}, "submission_time"),
    (Reason.UNKNOWN_TERM, "survey_services", {"electricity": "sometimes"}, "electricity"),
    (Reason.UNKNOWN_PCODE, "survey_services", {"adm3_pcode": "Bhamo [MMR999999]"}, "adm3_pcode"),
    (Reason.NOT_APPROVED, "survey_services", {"validation_status": "Not approved"}, "validation_status"),
    (Reason.NOT_APPROVED, "survey_services", {"validation_status": "validation_status_on_hold"}, "validation_status"),
    (Reason.NOT_APPROVED, "survey_services", {"validation_status": "hasIssues"}, "validation_status"),
    (Reason.NOT_A_TOWNSHIP, "canonical_displacement", {"adm3_pcode": "", "adm3_name": "Grand Total"}, "adm3_name"),
    (Reason.NOT_A_TOWNSHIP, "canonical_displacement", {"adm3_pcode": "", "adm1_name": "Total Kachin"}, "adm3_name"),
    (Reason.NOT_A_TOWNSHIP, "canonical_displacement", {"adm3_pcode": "Total", "reference_date": ""}, "adm3_name"),
    (Reason.DELETED, "canonical_clashes", {"deleted": "1.0", "event_date": "", "event_type": ""}, "event_id"),
    (Reason.NOT_A_TOWNSHIP, "hpc_baseline", {"adm3_pcode": "", "adm3_name": "", "idps": "1303073"}, "adm3_pcode"),
    (Reason.NOT_A_TOWNSHIP, "hpc_baseline", {"adm3_pcode": "Total", "adm3_name": ""}, "adm3_pcode"),
    (Reason.BEFORE_WINDOW, "canonical_displacement", {"reference_date": "2021-01-31"}, "idps_new_persons"),
]  # fmt: skip
READERS = {Reason.RAGGED_ROW, Reason.NUL_BYTES, Reason.OVERSIZED_CELL}
BY_CORRECTION = {Reason.CORRECTED_OUT}  # in test_records_corrections.py
OF_COLUMNS = {Reason.AMBIGUOUS_DATE}  # in test_records_dates.py
# in test_records_versions, test_records_parts, test_records_answers, test_records_vetting and test_records_in_force
OF_SEVERAL_ROWS = {Reason.DUPLICATE_ROW, Reason.SUPERSEDED, Reason.TOTAL_OF_PARTS, Reason.OUTWEIGHED,
                   Reason.NOT_CONFIRMED, Reason.REUSED_NUMBER, Reason.CONTRADICTED}  # fmt: skip


@pytest.mark.parametrize("format_name", BASES)
def test_a_sound_row_is_used_and_others_are_set_aside_with_their_reasons(format_name: str) -> None:
    """All cases of a format as one file, a sound row first: the second row of the file is line 3."""
    base, number = BASES[format_name], IDS.get(format_name)
    cases = [case for case in CASES if case[1] == format_name]
    broken = [base | ({number: str(1000 + line)} if number else {}) | case[2] for line, case in enumerate(cases, 3)]
    rows = rows_of(format_name, [base | ({number: "1"} if number else {}), *broken])
    made = made_of(format_name, rows)
    blamed = {line: case[3] for line, case in enumerate(cases, 3)}
    found = made.set_aside.select("row_number", "reason", "column_name").rows()
    assert {line: (reason, blamed.get(line) and column) for line, reason, column in found} == {
        line: (str(case[0]), case[3]) for line, case in enumerate(cases, 3)
    }
    assert made.set_aside.height == len(cases)
    assert made.kept["adm3_pcode"].to_list() == ["MMR001001"]
    assert set(made.set_aside["file_name"]) == {"d1.csv"}
    used = made.kept.with_columns(pl.lit(None, pl.Date).alias("day"))
    assert accounts(rows, used, made.set_aside, "test")["rows_used_count"].to_list() == [1]


def test_every_reason_has_a_case() -> None:
    assert {case[0] for case in CASES} | READERS | BY_CORRECTION | OF_SEVERAL_ROWS | OF_COLUMNS == set(Reason)


def test_a_line_the_reader_could_not_take_keeps_its_reason() -> None:
    known = sorted(READERS)
    broken = [{"problem": str(reason), "problem_found": f"{reason} here"} for reason in known]
    made = made_of("canonical_clashes", rows_of("canonical_clashes", [CLASH, *broken]))
    assert made.set_aside.sort("row_number").select("row_number", "reason", "found").rows() == [
        (line, reason, f"{reason} here") for line, reason in enumerate(known, 3)
    ]


def test_the_first_broken_rule_names_the_reason_and_null_breaks_none() -> None:
    frame = pl.DataFrame(
        {"delivery_id": "d", "file_name": "f", "kind": "clashes", "row_number": [1, 2, 3], "x": [1, None, 9]}
    )
    from pipeline.records.triage import Rule

    rules = [Rule(pl.col("x") > 5, Reason.NUMBER_OUT_OF_RANGE, "x"), Rule(pl.col("x") > 0, Reason.UNKNOWN_TERM, "x")]
    made = triage(frame, rules)
    assert made.kept["row_number"].to_list() == [2]
    assert dict(made.set_aside.select("row_number", "reason").rows()) == {
        3: Reason.NUMBER_OUT_OF_RANGE, 1: Reason.UNKNOWN_TERM,
    }  # fmt: skip
    assert unreadable(rows_of("canonical_clashes", [])).kept.is_empty()


def test_found_text_is_cut_and_both_statements_are_shown() -> None:
    long = made_of("canonical_clashes", rows_of("canonical_clashes", [CLASH | {"event_type": "x" * 500}]))
    cut, known = long.set_aside.item(0, "found").split(" (known: ")
    assert cut == "x" * 80
    assert known.startswith("clash, violence_against_civilians, other, battles")
    long = made_of("canonical_control", rows_of("canonical_control", [CONTROL | {"controller": "both"}]))
    assert long.set_aside.item(0, "found") == "both (known: state, contested, resistance, other, unknown)"
    both = made_of("canonical_clashes", rows_of("canonical_clashes", [CLASH | {"adm3_name": "Waingmaw"}]))
    assert both.set_aside.item(0, "found") == "MMR001001 / Waingmaw"


def test_an_unknown_spelling_beside_a_valid_code_says_nothing() -> None:
    made = made_of("canonical_clashes", rows_of("canonical_clashes", [CLASH | {"adm3_name": "Mytkina"}]))
    assert made.kept["placed_by"].to_list() == ["pcode"]


def test_places() -> None:
    cases = [
        ({"adm3_name": "Htantabin", "adm1_name": "Yangon"}, "MMR013006", "name"),
        ({"adm3_name": "Htantabin (Y)", "adm1_name": "Yangon Region"}, "MMR013006", "name"),
        ({"adm3_name": "Minhla", "adm1_name": "Bago (West)"}, "MMR008009", "name"),
        ({"adm3_name": "Minhla", "adm1_name": "Bago"}, "MMR008009", "name"),
        ({"longitude": "93.2", "latitude": "10.35"}, "MMR001001", "coordinates"),
        ({"longitude": "92.98", "latitude": "10.35"}, "MMR001001", "nearest"),
        ({"longitude": "93.4", "latitude": "10.35"}, "MMR001001", "coordinates"),  # on an edge: the lower code
    ]
    found = each("canonical_clashes", [place for place, _, _ in cases], CLASH | PLACELESS)
    for (place, code, by), made in zip(cases, found, strict=True):
        assert made.records.select("adm3_pcode", "placed_by").rows() == [(code, by)], place
        assert (made.records.item(0, "distance_km") is not None) == (by == "nearest"), place


def test_a_point_more_than_five_km_out_is_outside_and_less_is_flagged() -> None:
    rows = [
        CLASH | PLACELESS | {"event_id": lon, "longitude": lon, "latitude": "10.35"} for lon in ("92.957", "92.951")
    ]
    made = made_of("canonical_clashes", rows_of("canonical_clashes", rows))
    assert made.kept.select("event_id", "placed_by").rows() == [("92.957", "nearest")]
    assert 4.5 < made.kept.item(0, "distance_km") < 5
    assert made.set_aside["reason"].to_list() == [Reason.OUTSIDE_COUNTRY]
