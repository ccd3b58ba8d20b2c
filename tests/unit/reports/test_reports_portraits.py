"""What is joined for a township's page, and how statistics read in words."""

from dataclasses import replace
from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declare.codes import IndexName
from reports.site.township import beside_in_state, explanations, latest_rows, neighbours, nothing_known
from reports.site.uncertainty import kept_share
from reports.text.wording import chance, percent_interval, probability, rate, settings, signed

SHARES = st.floats(0, 1, allow_nan=False)


def test_a_township_is_described_from_every_table_the_leading_method_first(tables, release) -> None:
    row = latest_rows(tables, release)["MMR001001"]["isp-2023"]
    assert {"clashes_per_1000_km2", "change_class", "hot_spot_class", "security_kept_share"} <= set(row)
    assert set(row) == set(nothing_known())
    other = replace(release, method="rolling-12m")
    assert list(latest_rows(tables, other)["MMR001001"]) == ["rolling-12m", "isp-2023"]


def test_earlier_months_stand_beside_the_latest(tables, make, release) -> None:
    index = tables["township_index"].filter(pl.col("method") == "isp-2023", pl.col("adm3_pcode") == "MMR001001")
    before = index.sort("month")["security_shown"].to_list()[-2]
    row = latest_rows(tables, release)["MMR001001"]["isp-2023"]
    assert row["month_security_shown"] == before
    assert row["year_security_shown"] is None, "four months hold no month of twelve months before"
    year = make(13)
    first = year["township_index"].filter(
        pl.col("method") == "isp-2023", pl.col("adm3_pcode") == "MMR001001", pl.col("month") == date(2021, 2, 1)
    )
    assert (
        latest_rows(year, release)["MMR001001"]["isp-2023"]["year_clashes_month_count"]
        == first["clashes_month_count"].item()
    )


def test_words_for_statistics() -> None:
    assert tuple(kept_share(value).en for value in (0.999, 0.001, 1.0, 0.0)) == ("99 %", "1 %", "100 %", "0 %")
    assert (rate(0.01), rate(0.0), rate(12.34), rate(None)) == ("under 0.1", "0.0", "12.3", "not known")
    assert (chance(0.9999), chance(1.0), chance(0.0), chance(0.5)) == ("over 99 %", "over 99 %", "under 1 %", "50 %")
    assert (probability(0.0004), probability(0.0123)) == ("under 0.001", "0.012")
    assert (signed(0.0), signed(2.0), signed(-1.5)) == ("0", "+2", "\u22121.5")
    assert percent_interval(0.5, None, 0.6) == "not known"
    assert settings(None) == "none"


def test_explanations_name_their_sources(tables, release) -> None:
    first = tables["deliveries"].row(0, named=True)
    frame = tables["explanations"].with_columns(
        month=pl.lit(date(2021, 5, 1)), delivery_ids=pl.lit(f"{first['delivery_id']}; {'f' * 64}")
    )
    said = explanations({**tables, "explanations": frame}, release)["MMR001001"]
    assert set(said) == set(IndexName)
    assert said["security"]["sources"] == (first["source"],), "a delivery that the release does not list is left out"


def test_neighbours_are_named_and_sorted_by_name(tables, release) -> None:
    pairs = [("MMR001001", "MMR001002", "border"), ("MMR001001", "MMR001003", "nearest")]
    frame = pl.DataFrame(pairs, schema=["adm3_pcode", "neighbour_pcode", "neighbour_basis"], orient="row")
    found = neighbours({**tables, "neighbours": frame}, release)
    assert [(one.name, one.basis, one.row["adm3_pcode"]) for one in found["MMR001001"]] == [
        ("Injangyang", "nearest", "MMR001003"), ("Waingmaw", "border", "MMR001002"),
    ]  # fmt: skip


def test_townships_beside_each_other_are_of_one_state(tables) -> None:
    found = beside_in_state(tables)
    states = dict(tables["townships"].select("adm3_pcode", "state_region").iter_rows())
    assert len(found) == 330
    for code, pair in found.items():
        assert all(one is None or one["state_region"] == states[code] for one in pair)
    assert sum(before is None for before, _ in found.values()) == 15
    assert sum(after is None for _, after in found.values()) == 15


@given(SHARES)
def test_only_what_is_all_or_none_reads_so(value: float) -> None:
    assert (kept_share(value).en == "100 %") == (value == 1)
    assert (kept_share(value).en == "0 %") == (value == 0)
    assert chance(value) not in {"100 %", "0 %"}, "no count makes a probability certain"


@given(st.floats(0, 1e6, allow_nan=False))
def test_a_rate_above_zero_never_reads_as_zero(value: float) -> None:
    assert (rate(value) == "0.0") == (value == 0)
