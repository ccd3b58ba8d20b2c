"""Conditional permutation: against plain loops, an exact small case and the hypergeometric law."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.indices.permutation import Draws, neighbour_tails, orders, two_sided

RING = [[5, 1], [0, 2], [1, 3, 5], [2, 4], [3, 5], [4, 0, 2]]


def tails_by_hand(values, near, members, shuffled):
    """For each township: go through each order, skip non-members and itself, take as many as it has neighbours."""
    names = np.flatnonzero(members)
    below, above = [], []
    for i, mine in enumerate(near):
        observed, lower, upper = sum(values[j] for j in mine), 0, 0
        for order in shuffled:
            others = [int(np.searchsorted(names, o)) for o in order if members[o] and o != names[i]][: len(mine)]
            total = sum(values[j] for j in others)
            lower, upper = lower + (total <= observed + 1e-9), upper + (total >= observed - 1e-9)
        below.append(lower)
        above.append(upper)
    return below, above


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=6, max_size=6), st.integers(0, 99), st.sets(st.integers(0, 8), max_size=3))
def test_as_plain_loops_count(counts, seed, gone) -> None:
    members = np.ones(6 + len(gone), dtype=bool)
    members[[g % members.size for g in gone]] = False
    members[np.flatnonzero(members)[6:]] = False  # six are left, whichever they are
    if members.sum() < 6:
        members[:] = False
        members[:6] = True
    values = np.log1p(np.array(counts, dtype=float))
    shuffled = orders(members.size, 50, seed)
    below, above = neighbour_tails(values, Draws.of(RING, members, shuffled))
    assert (below.tolist(), above.tolist()) == tails_by_hand(values, RING, members, shuffled)
    assert np.all(below + above >= 50), "a draw is in one of the tails, a tie in both"
    p = two_sided(below, above, 50)
    assert np.all((p >= 2 / 51) & (p <= 1))


def test_orders_are_orders_and_the_same_for_the_same_seed() -> None:
    first = orders(7, 40, 3)
    assert np.array_equal(np.sort(first, axis=1), np.tile(np.arange(7), (40, 1)))
    assert np.array_equal(first, orders(7, 40, 3))
    assert not np.array_equal(first, orders(7, 40, 4))


def test_tails_follow_the_hypergeometric_law() -> None:
    """Ones among 40 places: how many a draw of k others holds is hypergeometric."""
    size, ones, k, n = 40, 8, 3, 20_000
    near = [[(i + step) % size for step in (1, 2, 3)] for i in range(size)]
    values = np.array([1.0] * ones + [0.0] * (size - ones))
    below, above = neighbour_tails(values, Draws.of(near, np.ones(size, dtype=bool), orders(size, n, 1)))

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
        Draws.of([[1, 2, 0], [0], [0]], np.ones(3, dtype=bool), orders(3, 5, 1))
