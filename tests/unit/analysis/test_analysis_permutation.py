"""Conditional permutation: against plain loops, an exact small case and the hypergeometric law."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.analysis.spatial import Draws, beginnings, neighbour_tails, two_sided

RING = [[5, 1], [0, 2], [1, 3, 5], [2, 4], [3, 5], [4, 0, 2]]


def tails_by_hand(values, near, drawn):
    """For each township: go through each draw, skip the township itself, take as many as it has neighbours."""
    below, above = [], []
    for i, mine in enumerate(near):
        observed, lower, upper = sum(values[j] for j in mine), 0, 0
        for order in drawn:
            total = sum(values[o] for o in [o for o in order if o != i][: len(mine)])
            lower, upper = lower + (total <= observed + 1e-9), upper + (total >= observed - 1e-9)
        below.append(lower)
        above.append(upper)
    return below, above


@examples(30)
@given(st.lists(st.integers(0, 4), min_size=6, max_size=6), st.integers(0, 99))
def test_as_plain_loops_count(counts, seed) -> None:
    values = np.log1p(np.array(counts, dtype=float))
    draws = Draws.of(RING, 50, seed)
    below, above = neighbour_tails(values, draws)
    assert (below.tolist(), above.tolist()) == tails_by_hand(values, RING, draws.drawn.tolist())
    assert np.all(below + above >= 50), "a draw is in one of the tails, a tie in both"
    p = two_sided(below, above, 50)
    assert np.all((p >= 2 / 51) & (p <= 1))


def test_beginnings_of_random_orders() -> None:
    drawn = beginnings(7, 3, 60_000, 3)
    assert all(len(set(row)) == 3 for row in drawn[:500].tolist()), "without replacement"
    orders, times = np.unique(drawn, axis=0, return_counts=True)
    assert len(orders) == 7 * 6 * 5
    assert times == pytest.approx(np.full(210, 60_000 / 210), rel=0.25), "each order as often as any other"
    assert np.array_equal(drawn, beginnings(7, 3, 60_000, 3))
    assert not np.array_equal(drawn, beginnings(7, 3, 60_000, 4))
    whole = beginnings(5, 5, 20, 1)
    assert np.array_equal(np.sort(whole, axis=1), np.tile(np.arange(5), (20, 1)))


def test_tails_follow_the_hypergeometric_law() -> None:
    """Ones among 40 places: how many a draw of k others holds is hypergeometric."""
    size, ones, k, n = 40, 8, 3, 20_000
    near = [[(i + step) % size for step in (1, 2, 3)] for i in range(size)]
    values = np.array([1.0] * ones + [0.0] * (size - ones))
    below, above = neighbour_tails(values, Draws.of(near, n, 1))

    def exactly(x: int, among: int) -> float:
        return math.comb(among, x) * math.comb(size - 1 - among, k - x) / math.comb(size - 1, k)

    # Place 0 is a one and so are its three neighbours: P(3 of the 7 others). Place 20: none of them, P(0 of 8).
    assert above[0] / n == pytest.approx(exactly(3, 7), abs=0.003)
    assert below[0] == n
    assert below[20] / n == pytest.approx(exactly(0, 8), abs=0.01)
    assert above[20] == n
    assert two_sided(below, above, n)[20] > 0.9, "all quiet around is no rarity where most are quiet: ties count"


def test_two_sided_counts_the_observed_and_stops_at_one() -> None:
    p = two_sided(np.array([0, 9, 999]), np.array([999, 990, 999]), 999)
    assert p.tolist() == pytest.approx([2 / 1000, 20 / 1000, 1.0])


def test_more_neighbours_than_townships_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot have 3 neighbours among 3"):
        Draws.of([[1, 2, 0], [0], [0]], 5, 1)
