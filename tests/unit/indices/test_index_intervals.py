"""The interval of the share at or above the cut: exact against every outcome, unknown counts, order."""

from datetime import date
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.codes import Absence
from pipeline.indices.uncertainty import count_intervals, share_intervals, sum_interval

A, B, C = "MMR001001", "MMR001002", "MMR002001"
MONTH = date(2021, 2, 1)
CHANCES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.001, 0.02, 0.3, 0.5, 0.9, 0.999, 1.0]), st.integers(0, 9)), min_size=1, max_size=7
)


def outcomes(chances, weights):
    """(sum, probability) of all 2^n outcomes, added up by sum."""
    found = {}
    for states in product((0, 1), repeat=len(chances)):
        probability = float(np.prod([p if s else 1 - p for p, s in zip(chances, states, strict=True)]))
        total = sum(w * s for w, s in zip(weights, states, strict=True))
        found[total] = found.get(total, 0.0) + probability
    return sorted(found.items())


def quantile(distribution, level):
    reached = 0.0
    for value, probability in distribution:
        reached += probability
        if reached >= level - 1e-9 and probability > 0:
            return value
    raise AssertionError(level)


@given(CHANCES)
@examples(150)
def test_every_outcome_counted_gives_the_same(pairs):
    chances, weights = (np.array(values) for values in zip(*pairs, strict=True))
    exact = outcomes(chances, weights.tolist())
    found = sum_interval(chances[None, :], weights.astype(np.int64))
    assert found.expected[0] == pytest.approx(sum(value * p for value, p in exact))
    assert found.low[0] == pytest.approx(quantile(exact, 0.025), abs=1e-9)
    assert found.high[0] == pytest.approx(quantile(exact, 0.975), abs=1e-9)


def test_steps_round_by_less_than_a_step_or_two():
    rng = np.random.default_rng(5)
    weights, chances = rng.integers(1, 10**6, 9), rng.uniform(0.05, 0.95, 9)
    exact = outcomes(chances, weights.tolist())
    found = sum_interval(chances[None, :], weights, steps=4096)
    step = weights.sum() / 4096
    assert found.low[0] == pytest.approx(quantile(exact, 0.025), abs=2 * step)
    assert found.high[0] == pytest.approx(quantile(exact, 0.975), abs=2 * step)
    sure = sum_interval(np.array([[0.0] * 9, [1.0] * 9]), weights, steps=4096)
    assert sure.low.tolist() == sure.high.tolist() == [0, weights.sum()]


def test_binomial_by_hand():
    # Ten townships at one half: P(S <= 1) = 11/1024 = 0.011, P(S <= 2) = 56/1024 = 0.055; by symmetry 2 and 8.
    found = sum_interval(np.full((1, 10), 0.5), np.ones(10, dtype=np.int64))
    assert (found.expected[0], found.low[0], found.high[0]) == (5, 2, 8)


def table(hand, **chances):
    rows = [{"method": "m", "month": MONTH, "adm3_pcode": p, "security_high_probability": chances[n],
             "state_region": "Kachin" if n != "c" else "Kayah"} for n, p in (("a", A), ("b", B), ("c", C))]  # fmt: skip
    return hand.frame("published.township_index", rows)


def test_a_township_of_unknown_count_is_lost_at_the_high_end_only(hand):
    index = table(hand, a=1.0, b=None, c=0.0)
    found = count_intervals(index, ["method", "month"]).row(0, named=True)
    assert [found[f"security_high_{name}"] for name in ("expected", "low", "high")] == [1.0, 1, 2]
    shares = share_intervals(index, hand.townships(), "national").filter(scope="national", measure="area")
    assert shares.row(0)[4:] == (0.166667, 0.166667, 0.5)  # areas 100, 200, 300 km2


def test_nothing_known_is_null_between_nothing_and_all(hand):
    index = table(hand, a=None, b=None, c=None)
    found = count_intervals(index, ["method", "month", "state_region"]).sort("state_region")
    assert found["security_high_expected"].to_list() == [None, None]
    assert (found["security_high_low"].to_list(), found["security_high_high"].to_list()) == ([0, 0], [2, 1])
    shares = share_intervals(index, hand.townships(), "national")
    assert set(shares.select("lost_expected_share", "lost_interval_low", "lost_interval_high").rows()) == {(None, 0, 1)}
    unpeopled = share_intervals(index, hand.townships(people=(1, None, 1)), "national").filter(measure="population")
    assert {row["scope"]: row["lost_interval_high"] for row in unpeopled.to_dicts()} == {
        "national": None, "Kachin": None, "Kayah": 1.0,
    }  # fmt: skip


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.integers(0, 5))
@examples(12)
def test_row_order_changes_nothing(hand, chances, seed):
    index = table(hand, **dict(zip("abc", chances, strict=True)))
    later = table(hand, **dict(zip("bca", chances, strict=True))).with_columns(month=date(2021, 3, 1))
    index = pl.concat([index, later.cast(index.schema)])
    mixed = index.sample(fraction=1, shuffle=True, seed=seed)
    towns = hand.townships()
    shuffled = towns.sample(fraction=1, shuffle=True, seed=seed)
    keys = ["method", "month", "scope", "measure"]
    one, two = share_intervals(index, towns, "national"), share_intervals(mixed, shuffled, "national")
    assert one.sort(keys).equals(two.sort(keys))


def test_summary_and_territory_say_the_same(hand):
    made = hand.chain(hand.clashes(*[(A, date(2021, 2, 10))] * 9, (C, date(2021, 2, 10))), absence=Absence.UNKNOWN)
    counts = count_intervals(made["index"], ["method", "month"]).sort("month")
    shares = share_intervals(made["security"], hand.townships(), "national")
    shares = shares.filter(scope="national", measure="townships").sort("month")
    for name, share in (("low", "lost_interval_low"), ("high", "lost_interval_high")):
        assert (counts[f"security_high_{name}"] / 3).round(6).to_list() == shares[share].to_list()
    assert shares.select(pl.col("lost_interval_high").min()).item() > 0.3  # B is of unknown count
