"""IDMC's updates: flows become the township's running total since the coup, whatever the order of rows and files."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records_frames import FLOW, gazetteer, middle, rows_of
from shared_examples import examples

from pipeline.declare.codes import Reason
from pipeline.records.triage import Triage, accounts
from pipeline.sources.idmc.flows import flows

DAYS = ("2024-06-01T08:00:00+00:00", "2024-06-02T08:00:00+00:00")
SHOWN = ["adm3_pcode", "reference_date", "idps_new_persons"]


def flow(flow_id: str, day: str, figure: str, code: str = "MMR001001", **more: str) -> dict[str, str]:
    lon, lat = middle(code)
    at = {"longitude": str(lon), "latitude": str(lat)}
    days = {"displacement_start_date": day, "displacement_end_date": day}
    return FLOW | {"id": flow_id, "figure": figure} | at | days | more


def made(*frames: pl.DataFrame) -> Triage:
    together = pl.concat(frames)
    result = flows(together, gazetteer())
    used = result.kept.with_columns(pl.lit(None, pl.Date).alias("day"))
    accounts(together.select("delivery_id", "row_number"), used, result.set_aside, "test")
    return result


def shown(result: Triage) -> list[tuple[object, ...]]:
    return result.kept.with_columns(pl.col("reference_date").cast(pl.String)).select(SHOWN).sort(SHOWN).rows()


def test_each_day_carries_the_sum_of_all_flows_up_to_and_including_it() -> None:
    result = made(
        rows_of(
            "idmc_idu",
            [
                flow("1", "2021-02-01", "1,000"),
                flow("2", "2022-05-01", "20"),
                flow("3", "2022-05-01", "3"),
                flow("4", "2022-06-01", "500", "MMR001002"),
                flow("5", "2022-05-02", "7000", role="Triangulation"),
                flow("6", "2022-05-02", "9000", displacement_type="Disaster"),
                flow("7", "2021-01-31", "800"),
            ],
        )
    )
    assert shown(result) == [
        ("MMR001001", "2021-02-01", 1000),
        ("MMR001001", "2022-05-01", 1023),
        ("MMR001001", "2022-05-01", 1023),
        ("MMR001002", "2022-06-01", 500),
    ]
    assert result.kept["idps_stock_persons"].to_list() == [None] * 4
    reasons = {Reason.NOT_RECOMMENDED, Reason.NOT_CONFLICT, Reason.BEFORE_WINDOW}
    assert set(result.set_aside["reason"]) == reasons


@pytest.mark.parametrize(
    ("accuracy", "precision"),
    [("Point", "exact"), ("Locality", "township"), ("Point; Locality", "township"),
     ("County/City/town/Village/Woreda (ADM3)", "township")],
)  # fmt: skip
def test_precision_of_a_placed_flow(accuracy: str, precision: str) -> None:
    result = made(rows_of("idmc_idu", [FLOW | {"locations_accuracy": accuracy}]))
    assert result.kept.select("geo_precision", "placed_by").rows() == [(precision, "coordinates")]


def test_a_revision_replaces_moves_or_takes_out_a_flow_in_any_order_of_arrival() -> None:
    first = [flow("1", "2022-05-01", "100"), flow("2", "2022-05-01", "10"), flow("3", "2022-05-01", "1")]
    later = [
        flow("1", "2022-05-01", "200", created_at="2022-07-01T00:00:00Z"),
        flow("2", "2022-05-01", "10", "MMR001002", created_at="2022-07-01T00:00:00Z"),
        flow("3", "2022-05-01", "1", role="Triangulation", created_at="2022-07-01T00:00:00Z"),
    ]
    expected = [("MMR001001", "2022-05-01", 200), ("MMR001002", "2022-05-01", 10)]
    for days in (DAYS, DAYS[::-1]):
        both = made(rows_of("idmc_idu", first, "d1", days[0]), rows_of("idmc_idu", later, "d2", days[1]))
        assert shown(both) == expected


@examples(4)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2022-05-01", "2022-05-02", "2023-01-01", "2020-01-01"]),
            st.integers(0, 5000),
            st.sampled_from(["MMR001001", "MMR001002"]),
        ),
        min_size=1,
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_shuffled_rows_and_files_give_the_same_totals_and_none_is_lost(drawn, random) -> None:  # type: ignore[no-untyped-def]
    listed = [flow(str(n), day, str(figure), code) for n, (day, figure, code) in enumerate(drawn)]
    shuffled = listed.copy()
    random.shuffle(shuffled)
    cut = random.randrange(len(shuffled) + 1)
    one = made(rows_of("idmc_idu", listed))
    two = made(rows_of("idmc_idu", shuffled[:cut], "d1"), rows_of("idmc_idu", shuffled[cut:], "d2", DAYS[1]))
    assert shown(one) == shown(two)
    for code in ("MMR001001", "MMR001002"):
        last = one.kept.filter(pl.col("adm3_pcode") == code)["idps_new_persons"].max() or 0
        assert last == sum(figure for day, figure, at in drawn if at == code and day >= "2021")
