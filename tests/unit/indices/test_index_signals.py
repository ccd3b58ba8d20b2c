"""Alerts, the change of a quarter, false discoveries and the signal, by hand and against independent code."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from shared_examples import examples

from pipeline.declare.codes import Absence, Signal
from pipeline.declare.methods import ISP_2023
from pipeline.indices.signals import (
    alert_from,
    at_least,
    discoveries,
    expected_month,
    of_counts,
    quarter_p_values,
    signal_of,
    signals,
)

A, B = "MMR001001", "MMR001002"
STARTS = [date(2021 + month // 12, month % 12 + 1, 1) for month in range(36)]


def numbers(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def told(series: dict[str, list[int | None]]) -> pl.DataFrame:
    """indices.signals of whole months from January 2021 on."""
    frames = [
        pl.DataFrame({"month": STARTS[: len(counts)], "count": counts}, schema_overrides={"count": pl.Int64})
        .with_columns(adm3_pcode=pl.lit(place), days=pl.col("month").dt.days_in_month().cast(pl.Int64))
        for place, counts in series.items()
    ]  # fmt: skip
    counts = pl.concat(frames)
    return of_counts(counts, counts.select("month").unique(), "isp-2023")


def last(counts: list[int | None]) -> dict[str, object]:
    return told({A: counts}).sort("month").row(-1, named=True)


@given(st.integers(0, 80), st.floats(0.01, 60), st.floats(1.01, 5))
@examples(100)
def test_the_tail_is_scipys_negative_binomial(count, mean, ratio):
    expected = stats.nbinom.sf(count - 1, mean / (ratio - 1), 1 / ratio)
    assert at_least(numbers(count), numbers(mean), numbers(ratio))[0] == pytest.approx(expected, rel=1e-7, abs=1e-12)


def test_the_month_expected_after_a_year_by_hand():
    mean, ratio = expected_month(numbers(0, 11.5), numbers(31, 30), numbers(365, 360))
    assert mean.tolist() == pytest.approx([0.5 * 31 / 365, 1.0])
    assert ratio.tolist() == pytest.approx([1.5 * (1 + 31 / 365), 1.5 * 13 / 12])


@given(st.integers(0, 300), st.integers(0, 25))
@examples(60)
def test_an_alert_begins_at_the_least_count_that_is_unlikely(year, maximum):
    mean, ratio = expected_month(numbers(year), numbers(30), numbers(360))
    least, chance = alert_from(mean, ratio, numbers(maximum))
    assert least[0] > maximum
    assert chance[0] <= 0.05
    if least[0] > max(maximum + 1, 2):
        assert at_least(least - 1, mean, ratio)[0] > 0.05


@pytest.mark.parametrize(("seed", "size"), [(1, 330), (2, 5), (3, 1)])
def test_discoveries_are_those_of_scipy(seed, size):
    p_values = np.random.default_rng(seed).beta(0.3, 2, size)
    expected = stats.false_discovery_control(p_values, method="bh") <= 0.05
    assert discoveries(p_values, 0.05).tolist() == expected.tolist()
    gaps = np.concatenate([p_values, [np.nan] * 3])
    assert discoveries(gaps, 0.05).tolist() == [*expected.tolist(), False, False, False]


def test_the_quarter_by_hand():
    # 8 of 8 in a fifth of the days: 8 - 1.6 - 0.5 over the root of 1.9 x 8 x 0.16.
    rise, fall = quarter_p_values(numbers(8, 0, 2), numbers(0, 0, 8), numbers(0.2, 0.2, 0.2))
    assert rise[0] == pytest.approx(stats.norm.sf(5.9 / (1.9 * 8 * 0.16) ** 0.5))
    assert (rise[1], fall[1]) == (1.0, 1.0)
    assert (rise[2], fall[2]) == (0.5, 0.5)  # two of ten is what a fifth of the days gives


def test_sums_and_unknown_months():
    row = last([*range(1, 13), 5, 6, 7])
    assert (row["clashes_3m_count"], row["clashes_12m_count"]) == (18, sum(range(4, 13)) + 18)
    assert (row["clashes_before_count"], row["clashes_year_maximum_count"]) == (78, 12)
    # Sums agree with polars' own rolling sum; a month that is not known leaves them unknown.
    series = [1, 0, 4, 2, 2, 0, 1, 3, 0, 0, 5, 1, 2, 2]
    found = told({A: series}).sort("month")["clashes_12m_count"].to_list()
    assert found == pl.Series(series).rolling_sum(12).to_list()
    row = last([1] * 5 + [None] + [1] * 9)
    assert row["clashes_3m_count"] == 3
    assert (row["clashes_12m_count"], row["quarter_p_value"], row["alert_from_count"]) == (None, None, None)
    assert row["quarter_change_class"] == "no_comparison"


def test_an_alert_that_a_rise_confirms_and_one_that_none_does():
    quiet = [0] * 14
    rows = (
        told({A: [*quiet, 2, 6, 6, 0], B: [*quiet, 2, 0, 0, 0]}).sort("month").partition_by("adm3_pcode", as_dict=True)
    )
    by_place = {str(key[0]): frame.to_dicts()[14:] for key, frame in rows.items()}
    assert [row["is_alert"] for row in by_place[A]] == [True, True, False, False]
    assert [row["alert_confirmed"] for row in by_place[A]] == [True, True, None, None]
    assert [row["alert_confirmed"] for row in by_place[B]] == [False, None, None, None]
    # The alert of the last month may still be confirmed.
    assert last([*quiet, 0, 0, 2])["alert_confirmed"] is None


def test_months_before_the_first_that_the_source_holds_are_not_known(hand):
    known = {"townships": hand.townships(), "method": ISP_2023, "period_end": hand.end, "source_key": hand.key}
    found = signals(hand.clashes((A, date(2021, 2, 10))), **known, absence=Absence.ZERO, first_month=date(2020, 12, 1))
    rows = found.filter(adm3_pcode=A)
    assert rows["clashes_3m_count"].to_list() == [1, 1]
    assert rows["clashes_12m_count"].to_list() == [None, None]
    silent = signals(hand.clashes(), **known, absence=Absence.UNKNOWN)
    assert silent["clashes_3m_count"].null_count() == silent.height
    uncovered = signals(hand.clashes(), **known, absence=Absence.ZERO, uncovered={A})
    assert uncovered.filter(adm3_pcode=A)["is_onset"].null_count() == 2
    assert uncovered.filter(adm3_pcode=B)["is_onset"].to_list() == [False, False]


QUIET = {"is_alert": False, "quarter_change_class": "limited_change", "is_onset": False, "is_lull": False}


@pytest.mark.parametrize(
    ("changed", "reached", "expected"),
    [
        ({}, True, Signal.NONE),
        ({}, False, Signal.UNKNOWN),
        ({"is_alert": True, "quarter_change_class": "rise", "is_onset": True}, True, Signal.ALERT),
        ({"quarter_change_class": "rise", "is_onset": True}, True, Signal.RISE),
        ({"is_onset": True, "quarter_change_class": "fall"}, True, Signal.ONSET),
        ({"is_lull": True, "quarter_change_class": "fall"}, True, Signal.FALL),
        ({"is_lull": True}, True, Signal.LULL),
        ({"is_alert": None}, True, Signal.UNKNOWN),
        ({"is_alert": None, "is_onset": True}, True, Signal.ONSET),
        ({"quarter_change_class": "no_comparison"}, True, Signal.UNKNOWN),
    ],
)
def test_the_first_signal_that_holds(changed, reached, expected):
    types = {"is_alert": pl.Boolean, "is_onset": pl.Boolean, "is_lull": pl.Boolean, "quarter_change_class": pl.String}
    frame = pl.DataFrame([{**QUIET, **changed}], schema=types)
    assert frame.select(signal_of(pl.lit(reached), pl.lit(False))).item() == expected


def test_relabelling_townships_permutes_the_signals():
    places = [f"MMR001{number:03d}" for number in range(1, 41)]
    drawn = np.random.default_rng(7).poisson(1.0, (40, 20)).tolist()
    before = told(dict(zip(places, drawn, strict=True)))
    after = told(dict(zip(places, reversed(drawn), strict=True)))
    names = dict(zip(places, reversed(places), strict=True))
    keys = ["month", "adm3_pcode"]
    moved = after.with_columns(pl.col("adm3_pcode").replace_strict(names)).sort(keys)
    assert moved.equals(before.sort(keys))
