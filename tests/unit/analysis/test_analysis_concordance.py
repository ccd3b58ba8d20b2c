"""How far two sources agree: worked by hand, and what must hold of any two."""

import math
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.analysis.concordance import chapman, kappa, leading_ratio, source_concordance, source_matches
from pipeline.analysis.event_matching import event_matches

A, B, C = "MMR001001", "MMR001002", "MMR002001"
END = date(2021, 4, 20)
FEB, MAR, APR = (date(2021, month, 10) for month in (2, 3, 4))
TOWNSHIPS = pl.DataFrame({"adm3_pcode": [A, B, C]})


def clashes(**sources: list[tuple[str, date]]) -> pl.DataFrame:
    rows = [
        (key.replace("__", ":"), f"{key}{n}", place, day, None, None, "clash", "exact")
        for key, events in sources.items()
        for n, (place, day) in enumerate(events)
    ]
    names = ("source_key", "event_id", "adm3_pcode", "event_date", "actor1", "actor2", "event_class", "geo_precision")
    types = {n: pl.Date if n == "event_date" else pl.String for n in names}
    return pl.DataFrame(rows, schema=types, orient="row").with_columns(events_count=pl.lit(1, pl.Int64))


def of(frame: pl.DataFrame, end: date = END) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    matches = event_matches(frame, end)
    return source_concordance(frame, matches, TOWNSHIPS, end).to_dicts(), source_matches(frame, matches, end)


def test_kappa_worked_by_hand() -> None:
    assert kappa(20, 5, 10, 15) == pytest.approx(0.4)  # agreement 0.7, by chance 0.5
    assert kappa(10, 0, 0, 10) == 1
    assert kappa(0, 10, 10, 0) == -1
    assert kappa(0, 0, 0, 30) is kappa(30, 0, 0, 0) is kappa(0, 0, 0, 0) is None


def test_chapman_worked_by_hand() -> None:
    found = chapman(3, 4, 1)
    assert found is not None
    # 4 * 5 / 2 - 1 = 9; 4 * 5 * 2 * 3 / (4 * 3) = 10; six were seen and 2 * 3 / 2 = 3 were not.
    assert (found.value, found.variance) == (9, 10)
    spread = math.exp(1.959964 * math.sqrt(math.log(1 + 10 / 9)))
    assert (found.low, found.high) == (pytest.approx(6 + 3 / spread), pytest.approx(6 + 3 * spread))
    assert (round(found.low, 2), round(found.high, 2)) == (6.55, 22.33)
    assert chapman(3, 4, 0) is None
    inside = chapman(2, 5, 2)
    assert inside is not None
    assert (inside.value, inside.variance, inside.low, inside.high) == (5, 0, 5, 5)
    with pytest.raises(ValueError, match="4 events cannot be matched"):
        chapman(3, 9, 4)


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.data())
def test_the_interval_holds_the_estimate_and_what_was_seen(a: int, b: int, data: st.DataObject) -> None:
    matched = data.draw(st.integers(1, min(a, b)))
    found = chapman(a, b, matched)
    assert found is not None
    assert a + b - matched <= found.low <= found.value + 1e-6
    assert found.value <= found.high + 1e-6


def test_two_sources_worked_by_hand() -> None:
    frame = clashes(
        canonical_clashes__x=[(A, FEB), (A, MAR), (A, MAR), (B, MAR), (C, APR)],
        ucdp_ged=[(A, MAR), (A, date(2021, 3, 12)), (B, APR), (C, date(2021, 4, 13)), (C, date(2021, 4, 30))],
    )
    (row,), cells = of(frame)
    # March and April are covered by both: six township-months. The clash of February is outside, that of 30 April
    # after the period's end.
    assert (row["source_a"], row["source_b"]) == ("canonical_clashes:x", "ucdp_ged")
    assert (row["period_start"], row["period_end"], row["months_count"]) == (date(2021, 3, 1), END, 2)
    counts = [row[f"{name}_count"] for name in ("township_months", "both", "only_a", "only_b", "neither")]
    assert counts == [6, 2, 1, 1, 2]
    assert row["agreement_share"] == pytest.approx(4 / 6, abs=1e-6)
    assert row["kappa"] == pytest.approx(1 / 3, abs=1e-6)  # both say yes in three of six: chance agrees in half
    # A 2 and 2, B 1 and 1, C 1 and 1
    assert row["rank_correlation"] == 1
    assert (row["events_a_count"], row["events_b_count"], row["matched_count"]) == (4, 4, 3)
    # 5 * 5 / 4 - 1
    assert row["events_estimate"] == 5.2
    assert row["events_estimate_low"] <= 5.2 <= row["events_estimate_high"]
    assert row["comparable"] is False
    assert "only events with deaths" in row["assumptions_note"]
    assert cells.select("month", "adm3_pcode", "events_a_count", "events_b_count", "matched_count").rows() == [
        (date(2021, 3, 1), A, 2, 2, 2), (date(2021, 3, 1), B, 1, 0, 0),
        (date(2021, 4, 1), B, 0, 1, 0), (date(2021, 4, 1), C, 1, 1, 1),
    ]  # fmt: skip


def test_a_pair_across_a_months_end_is_matched_in_no_one_month() -> None:
    (row,), cells = of(clashes(a=[(A, date(2021, 2, 28)), (B, MAR)], b=[(A, date(2021, 3, 1)), (B, FEB)]))
    assert row["matched_count"] == 1
    assert cells["matched_count"].to_list() == [0, 0, 0, 0]


def test_without_a_match_nothing_is_estimated_and_it_is_said() -> None:
    (row,), _ = of(clashes(a=[(A, MAR)], b=[(B, MAR)]))
    assert [row[name] for name in row if name.startswith("events_estimate")] == [None] * 7
    assert row["assumptions_note"].startswith("No clash of one source could be matched")
    assert row["comparable"] is True
    assert row["kappa"] == -0.5


def test_where_chance_matches_as_many_the_estimate_is_not_to_be_used() -> None:
    days = [(A, date(2021, month, day)) for month in (2, 3) for day in range(1, 29)]
    (row,), _ = of(clashes(a=days, b=days))
    # 28 days after February come the same days of March.
    assert (row["matched_count"], row["matched_by_chance_count"]) == (56, 28)
    assert "Half or more of the matched pairs may be chance" in row["assumptions_note"]
    (row,), _ = of(clashes(a=days[:28], b=days[:28]))
    assert (row["matched_count"], row["matched_by_chance_count"]) == (28, 2)  # 28 and 1, 27 and 2 of the next month
    assert "chance" not in row["assumptions_note"]


def test_without_a_month_in_common_nothing_is_compared_and_it_is_said() -> None:
    (row,), cells = of(clashes(a=[(A, FEB)], b=[(A, MAR)]))
    assert (row["months_count"], row["township_months_count"], row["period_start"]) == (0, 0, None)
    assert row["agreement_share"] is row["kappa"] is row["rank_correlation"] is row["events_estimate"] is None
    assert row["assumptions_note"] == "The two sources have no month in common: nothing is compared or estimated."
    assert cells.is_empty()


def test_a_source_that_counts_the_same_everywhere_has_no_rank_correlation() -> None:
    (row,), _ = of(clashes(a=[(A, MAR), (B, MAR), (C, MAR)], b=[(A, MAR)]))
    assert row["rank_correlation"] is None
    assert row["kappa"] == 0


def test_one_source_gives_empty_tables() -> None:
    rows, cells = of(clashes(a=[(A, FEB), (B, MAR)]))
    assert rows == []
    assert cells.is_empty()
    assert of(clashes())[0] == []


def test_three_sources_make_three_pairs() -> None:
    rows, _ = of(clashes(c=[(A, MAR)], a=[(A, MAR)], b=[(A, MAR)]))
    assert [(row["source_a"], row["source_b"]) for row in rows] == [("a", "b"), ("a", "c"), ("b", "c")]


def test_leading_ratio_is_the_least_over_the_common_months() -> None:
    frame = clashes(a=[(A, MAR)], b=[(A, MAR)] * 4, c=[(A, FEB), (A, MAR), (B, MAR)])
    matches = event_matches(frame, END)
    table = source_concordance(frame, matches, TOWNSHIPS, END)
    assert leading_ratio(table, "a") == 0.25
    assert leading_ratio(table, "b") == 2.0
    assert leading_ratio(table, "x") is leading_ratio(table.clear(), "a") is None


PLACE_DAY = st.tuples(st.sampled_from([A, B, C]), st.dates(date(2021, 2, 1), END))
SIDE = st.lists(PLACE_DAY, min_size=1, max_size=12)


@examples(5)
@given(SIDE, SIDE, st.randoms())
def test_what_holds_of_any_two_sources(a, b, random) -> None:
    frame = clashes(a=a, b=b)
    order = list(range(frame.height))
    random.shuffle(order)
    (row,), cells = of(frame)
    assert of(frame[order])[0] == [row]
    parts = [row[f"{name}_count"] for name in ("both", "only_a", "only_b", "neither")]
    assert min(parts) >= 0
    assert sum(parts) == row["township_months_count"]
    assert row["matched_count"] <= min(row["events_a_count"], row["events_b_count"])
    assert cells.filter(pl.col("matched_count") > pl.min_horizontal("events_a_count", "events_b_count")).is_empty()
    assert [cells[f"events_{side}_count"].sum() for side in "ab"] == [row["events_a_count"], row["events_b_count"]]
    # The other way round says the same of the other.
    (swapped,), _ = of(frame.with_columns(pl.col("source_key").replace({"a": "b", "b": "a"})))
    assert (swapped["only_a_count"], swapped["events_a_count"]) == (row["only_b_count"], row["events_b_count"])
    alike = ("both_count", "neither_count", "kappa", "rank_correlation", "matched_count", "events_estimate",
             "events_estimate_low", "events_estimate_high", "months_count")  # fmt: skip
    assert [swapped[name] for name in alike] == [row[name] for name in alike]
