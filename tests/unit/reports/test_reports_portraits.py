"""What a township's page says of it, and how statistics read in words."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from reports.dependence import kept_share
from reports.portraits import change_words, explanations, grade_words, kept_words, latest_rows, neighbours, rank_words
from reports.wording import chance, percent_interval, probability, rate, settings, signed

SHARES = st.floats(0, 1, allow_nan=False)


def test_a_township_is_described_from_every_table(tables, release) -> None:
    row = latest_rows(tables)["MMR001001"]["isp-2023"]
    assert {"clashes_per_1000_km2", "change_class", "hot_spot_class", "security_kept_share"} <= set(row)
    assert rank_words({**row, "security_rank": 12, "security_rank_low": 8, "security_rank_high": 20}) == "12 (8 to 20)"
    assert grade_words({"evidence_grade": "B", "evidence_points_count": 4}) == "B, 4 of 6 points"
    assert kept_words("security")({"security_kept_share": 1.0}) == "in every scenario"
    assert (
        kept_words("security")({"security_kept_share": 0.5, "security_changed_by": "a=b"})
        == "in 50 %; another with a: b"
    )
    moved = {"change_class": "rise", "clashes_month_count": 9, "clashes_previous_month_count": 2, "is_onset": False,
             "is_lull": None, "is_alert": True, "provisional": True}  # fmt: skip
    assert change_words(moved) == "rise, 9 after 2; alert (provisional)"


def test_words_for_statistics() -> None:
    assert (kept_share(0.999), kept_share(0.001), kept_share(1.0), kept_share(0.0)) == ("99 %", "1 %", "100 %", "0 %")
    assert (rate(0.01), rate(0.0), rate(12.34), rate(None)) == ("under 0.1", "0.0", "12.3", "not known")
    assert (chance(0.9999), chance(1.0), chance(0.005), chance(0.5)) == ("over 99 %", "100 %", "under 1 %", "50 %")
    assert (probability(0.0004), probability(0.0123)) == ("under 0.001", "0.012")
    assert (signed(0.0), signed(2.0), signed(-1.5)) == ("0", "+2", "\u22121.5")
    assert percent_interval(0.5, None, 0.6) == "not known"
    assert settings(None) == "none"


def test_explanations_come_in_the_order_of_the_indices(tables, release) -> None:
    frame = tables["explanations"].with_columns(month=pl.lit(date(2021, 5, 1)))
    said = explanations({**tables, "explanations": frame}, release)["MMR001001"]
    assert [index for index, _ in said] == [
        "Security Index", "Humanitarian Crisis Index", "Public Service Provision Index",
    ]  # fmt: skip


def test_neighbours_are_named_and_sorted_by_name(tables) -> None:
    pairs = [("MMR001001", "MMR001002", "border"), ("MMR001001", "MMR001003", "nearest")]
    frame = pl.DataFrame(pairs, schema=["adm3_pcode", "neighbour_pcode", "neighbour_basis"], orient="row")
    found = neighbours({**tables, "neighbours": frame})
    assert [(one["name"], one["basis"]) for one in found["MMR001001"]] == [
        ("Injangyang", "nearest"), ("Waingmaw", "border"),
    ]  # fmt: skip


@given(SHARES)
def test_only_what_is_all_or_none_reads_so(value: float) -> None:
    assert (kept_share(value) == "100 %") == (value == 1)
    assert (kept_share(value) == "0 %") == (value == 0)
    assert (chance(value) == "100 %") == (value == 1)
    assert (chance(value) == "0 %") == (value == 0)


@given(st.floats(0, 1e6, allow_nan=False))
def test_a_rate_above_zero_never_reads_as_zero(value: float) -> None:
    assert (rate(value) == "0.0") == (value == 0)
