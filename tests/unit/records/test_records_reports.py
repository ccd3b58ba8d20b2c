"""Displacement, services, control and population: what is missing stays missing, nothing counts twice."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records_frames import gazetteer, middle, observed, reported, rows_of
from shared_examples import examples

from geo.townships import crosswalk
from pipeline.declare.codes import SERVICE_ITEMS, Reason
from pipeline.records import observations
from pipeline.records.parts import Contradicted
from pipeline.records.placing import split_persons
from pipeline.records.triage import Triage, accounts

DAY = {"reference_date": "2023-01-01"}


def displaced(*rows: dict[str, str], hpc: tuple[dict[str, str], ...] = ()) -> Triage:
    own, baseline = rows_of("canonical_displacement", list(rows)), rows_of("hpc_baseline", list(hpc), "h1")
    made = reported("displacement", canonical_displacement=own, hpc_baseline=baseline)
    came = pl.concat([own.select("delivery_id", "row_number"), baseline.select("delivery_id", "row_number")])
    accounts(came, made.kept.with_columns(pl.lit(None, pl.Date).alias("day")), made.set_aside, "test")
    return made


def at(code: str, **more: str) -> dict[str, str]:
    return DAY | {"adm3_pcode": code} | more


@pytest.mark.parametrize("blank", ["", "NA", "-", "n/a", "not reported"])
def test_a_blank_figure_stays_missing_and_a_zero_stays_zero(blank: str) -> None:
    made = displaced(at("MMR001001", idps_new_persons=blank), at("MMR001002", idps_new_persons="0"))
    assert made.kept["idps_new_persons"].to_list() == [None, 0]
    assert made.kept["idps_stock_persons"].to_list() == [None, None]


def test_a_baseline_is_stock_at_its_day_and_its_blanks_stay_missing() -> None:
    rows = ({"adm3_pcode": "MMR001001", "adm3_name": "Myitkyina", "idps": "1,234", "returnees": ""},
            {"adm3_pcode": "MMR001002", "adm3_name": "Waingmaw ", "idps": "", "returnees": ""},
            {"adm3_pcode": "Total", "adm3_name": "", "idps": "1234", "returnees": ""})  # fmt: skip
    made = displaced(hpc=rows)
    assert made.kept.select("idps_stock_persons", "idps_new_persons").rows() == [(1234, None), (None, None)]
    assert made.kept["reference_date"].cast(pl.String).unique().to_list() == ["2022-09-09"]
    assert made.set_aside["reason"].to_list() == [Reason.NOT_A_TOWNSHIP]


def test_persons_under_a_retired_code_are_split_and_the_row_is_used_once() -> None:
    made = displaced(at("MMR013008", idps_new_persons="1001", idps_stock_persons=""))
    assert made.kept.select("adm3_pcode", "idps_new_persons", "idps_stock_persons", "placed_by").rows() == [
        ("MMR013046", 588, None, "crosswalk"),
        ("MMR013047", 413, None, "crosswalk"),
    ]


def test_a_retired_code_reported_twice_counts_once() -> None:
    made = displaced(at("MMR013008", idps_new_persons="10"), at("mmr013008 ", idps_new_persons="10"))
    assert made.kept["idps_new_persons"].sum() == 10
    assert made.set_aside["reason"].to_list() == [Reason.DUPLICATE_ROW]


def test_old_parts_of_a_township_are_parts_and_not_second_reports() -> None:
    shared = crosswalk().group_by("to_adm3_pcode").agg("from_pcode").filter(pl.col("from_pcode").list.len() > 1)
    one, other = shared.sort("to_adm3_pcode")["from_pcode"][0].sort()[:2]
    target = shared.sort("to_adm3_pcode")["to_adm3_pcode"][0]
    made = displaced(at(one, idps_new_persons="10"), at(other, idps_new_persons="20"), at(target, idps_new_persons="5"))
    assert made.kept["idps_new_persons"].sum() == 35
    assert made.set_aside.is_empty()


OLD_CODES = st.deferred(lambda: st.sampled_from(sorted(set(crosswalk()["from_pcode"]))))


@examples(6)
@given(OLD_CODES, st.integers(0, 60_000_000), st.integers(0, 2_000))
def test_a_split_keeps_the_total_exactly(code: str, new: int, stock: int) -> None:
    made = displaced(at(code, idps_new_persons=str(new), idps_stock_persons=str(stock)))
    assert made.kept["idps_new_persons"].sum() == new
    assert made.kept["idps_stock_persons"].sum() == stock
    assert made.kept["idps_new_persons"].min() >= 0


@examples(25)
@given(st.lists(st.integers(1, 1000), min_size=2, max_size=7), st.integers(0, 10_000_000))
def test_any_weights_share_whole_persons_within_one_of_the_exact_share(parts: list[int], persons: int) -> None:
    weights = [part / sum(parts) for part in parts]
    frame = pl.DataFrame({"delivery_id": "d", "row_number": 1, "adm3_pcode": [f"T{i}" for i in range(len(parts))],
                          "weight": weights, "n": persons})  # fmt: skip
    shared = split_persons(frame, ["n"])["n"].to_list()
    assert sum(shared) == persons
    assert all(abs(got - persons * weight) < 1 + 1e-6 for got, weight in zip(shared, weights, strict=True))


def test_a_second_report_of_a_day_is_set_aside_and_the_newest_revision_holds() -> None:
    old, new = (
        at("MMR001001", idps_new_persons=n, updated_at=day)
        for n, day in (("1", "2023-02-01"), ("2", "2023-02-01T01:00Z"))
    )
    for rows in ((old, new), (new, old)):
        made = displaced(*rows)
        assert made.kept["idps_new_persons"].to_list() == [2]
        assert made.set_aside["reason"].to_list() == [Reason.SUPERSEDED]
    other_day = displaced(old, new | {"reference_date": "2023-02-01"})
    other_source = displaced(old, new | {"source": "another team"})
    assert other_day.set_aside.is_empty()
    assert other_source.set_aside.is_empty()


@pytest.mark.parametrize(
    ("cell", "state"),
    [("YES", "yes"), (" No ", "no"), ("Partial", "partial"), ("closed", "no"), ("Open", "yes"), ("", "unknown"),
     ("N/A", "unknown"), ("Unknown", "unknown"), ("n", "no")],
)  # fmt: skip
def test_answers_are_read_in_any_case_and_blank_is_unknown(cell: str, state: str) -> None:
    row = {"survey_date": "2023-01-01", "adm3_pcode": "MMR001001"} | dict.fromkeys(SERVICE_ITEMS, cell)
    made = reported("services", canonical_services=rows_of("canonical_services", [row]))
    assert made.kept.select(SERVICE_ITEMS).rows() == [(state,) * 5]


def test_an_answer_on_a_retired_code_holds_for_each_successor() -> None:
    row = {"survey_date": "2023-01-01", "adm3_pcode": "MMR013008", "salaries": "no"}
    made = reported("services", canonical_services=rows_of("canonical_services", [row]))
    assert made.kept.select("adm3_pcode", "salaries").rows() == [("MMR013046", "no"), ("MMR013047", "no")]


def test_control_and_population() -> None:
    row = at("MMR001001", controller=" Resistance ", confidence="high")
    made = observed(row)
    assert made.kept.select("controller", "confidence").rows() == [("resistance", "high")]
    made = observations.population(
        rows_of("canonical_population", [at("MMR001001", population_persons="၁,၂၃၄")]), gazetteer()
    )
    assert made.kept["population_persons"].to_list() == [1234]


_REPORT = st.fixed_dictionaries(
    {
        "reference_date": st.sampled_from(["2023-01-01", "2023-02-01", "2023-02-30"]),
        "adm3_pcode": st.sampled_from(["MMR001001", "MMR001002", "MMR013008", "MMR013046", "MMR013045", "?"]),
        "idps_new_persons": st.sampled_from(["", "0", "7", "1,000", "-1"]),
        "idps_stock_persons": st.sampled_from(["", "3"]),
        "updated_at": st.sampled_from(["", "2023-03-01"]),
        "source": st.sampled_from(["", "x"]),
    }
)


@examples(6)
@given(st.lists(_REPORT, min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_row_order_changes_no_report(rows: list[dict[str, str]], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = rows.copy()
    random.shuffle(shuffled)
    columns = ["adm3_pcode", "reference_date", "source", "idps_new_persons", "idps_stock_persons", "placed_by"]
    one, other = (_kept_or_refused(r, columns) for r in (rows, shuffled))
    assert one.equals(other)


def _kept_or_refused(rows: list[dict[str, str]], columns: list[str]) -> pl.DataFrame:
    try:
        return displaced(*rows).kept.select(columns).sort(columns)
    except Contradicted:
        return pl.DataFrame()


def test_a_mapped_sheet_of_site_assessments_gives_its_townships_and_no_totals() -> None:
    sheet = [
        {"adm1_name": "Kachin", "adm3_name": "Myitkyina", "idps_stock_persons": "1,234"},
        {"adm1_name": "Kachin", "adm3_name": "Waingmaw", "idps_stock_persons": ""},
        {"adm1_name": "Kachin Total", "adm3_name": "", "idps_stock_persons": "1,234"},
        {"adm1_name": "Sub-total", "adm3_name": "Kachin", "idps_stock_persons": "1,234"},
        {"adm1_name": "", "adm3_name": "စုစုပေါင်း", "idps_stock_persons": "1,234"},
        {"adm1_name": "Grand total", "adm3_name": "", "idps_stock_persons": "1,234"},
    ]
    made = displaced(*sheet)
    assert made.kept.select("adm3_pcode", "idps_stock_persons").rows() == [("MMR001001", 1234), ("MMR001002", None)]
    assert made.kept["reference_date"].cast(pl.String).unique().to_list() == ["2022-09-09"], "the sidecar's day"
    assert made.set_aside["reason"].to_list() == [Reason.NOT_A_TOWNSHIP] * 4


def test_a_blank_day_among_stated_ones_is_no_day_of_the_sidecar() -> None:
    made = displaced(at("MMR001001", idps_new_persons="5"), at("MMR001002", reference_date="", idps_new_persons="5"))
    assert made.set_aside["reason"].to_list() == [Reason.MISSING_VALUE]


@pytest.mark.parametrize("kind", ["displacement", "services", "control", "population"])
def test_every_report_says_how_precisely_it_was_placed_and_when_it_was_revised(kind: str) -> None:
    cells = {"displacement": {"idps_new_persons": "5"}, "services": {"electricity": "no"},
             "control": {"controller": "state"}, "population": {"population_persons": "5"}}[kind]  # fmt: skip
    day = "survey_date" if kind == "services" else "reference_date"
    lon, lat = middle("MMR001002")
    base = {day: "2023-01-01", "updated_at": "2023-02-01T09:00:00+06:30"} | cells
    rows = [base | {"adm3_pcode": "MMR001001"}, base | {"longitude": str(lon), "latitude": str(lat)}]
    made = reported(kind, **{f"canonical_{kind}": rows_of(f"canonical_{kind}", rows)}).kept
    assert made.select("adm3_pcode", "geo_precision", "updated_at").rows() == [
        ("MMR001001", "township", "2023-02-01T02:30:00.000000Z"),
        ("MMR001002", "exact", "2023-02-01T02:30:00.000000Z"),
    ]
