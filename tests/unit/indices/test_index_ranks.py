"""Ranks by clashes and the intervals of the underlying rates' ranks: worked cases, draws, order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.indices.ranks import ranks
from pipeline.indices.uncertainty import fit_prior

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=40).map(lambda v: np.array(v, dtype=float))


def test_ranks_by_hand_ties_share_the_best():
    rank, _, _ = ranks(np.array([3.0, 9, 3, 0, 1]))
    assert rank.tolist() == [2, 1, 2, 5, 4]


def test_townships_that_all_tie_may_each_stand_anywhere():
    # Each of 330 equals is at every rank with probability 1/330: 8/330 < 0.025 <= 9/330 and 321/330 < 0.975 <= 322/330.
    for counts in (np.zeros(330), np.full(330, 4.0)):
        assert [set(found.tolist()) for found in ranks(counts)] == [{1}, {9}, {322}]


def test_rates_too_small_to_be_held_as_numbers_still_have_an_order():
    # One township holds everything, so the fitted shape is tiny and nearly all rates of the others underflow to 0. The
    # 329 equals stand anywhere behind it: 8/329 < 0.025 <= 9/329 and 320/329 < 0.975 <= 321/329.
    found = ranks(np.array([1000.0] + [0] * 329))
    assert [one[0] for one in found] == [1, 1, 1]
    assert [set(one[1:].tolist()) for one in found] == [{2}, {10}, {322}]


def test_two_townships_by_hand():
    # All equal but one count: no spread beyond Poisson, so the prior is Gamma(1, 2) at the mean 1/2; the posteriors
    # are Gamma(2) and Gamma(1), and P(Gamma(1) > Gamma(2)) = 1/4: neither rank is below 2.5 %.
    assert [found.tolist() for found in ranks(np.array([1.0, 0]))] == [[1, 2], [1, 1], [2, 2]]
    # Far apart: the ends close in on the ranks.
    assert [found.tolist() for found in ranks(np.array([0.0, 1000, 30]))] == [[3, 1, 2], [3, 1, 2], [3, 1, 2]]


def test_none_and_one():
    assert [found.size for found in ranks(np.empty(0))] == [0, 0, 0]
    assert [found.tolist() for found in ranks(np.array([7.0]))] == [[1], [1], [1]]


@pytest.mark.parametrize("counts", [
    np.repeat([0.0, 1, 2, 5, 9, 30, 31, 200], [40, 15, 9, 6, 4, 2, 2, 1]),
    np.array([5.0] + [0] * 60),  # a small shape: the lowest rates are too small to be held as numbers
    np.arange(20.0, 90),
])  # fmt: skip
def test_ends_are_the_quantiles_of_draws_from_the_posterior(counts):
    shape, rate = fit_prior(counts)
    drawn = np.random.default_rng(3).gamma(shape + counts, 1 / (rate + 1), (20_000, counts.size))
    # A rate that underflows to 0 has no order among its like: they are put in random order.
    above = (-drawn).argsort(axis=1, kind="quicksort").argsort(axis=1) + 1
    _, low, high = ranks(counts)
    for value in np.unique(counts):
        here = counts == value
        tied = above[:, here].ravel()
        for end, level in ((low, 0.025), (high, 0.975)):
            # The share of draws at or below the end, and below it, hold the level between them.
            reached, before = (tied <= end[here][0]).mean(), (tied < end[here][0]).mean()
            assert before - 0.006 <= level <= reached + 0.006, (value, level)


@given(COUNTS, st.randoms(use_true_random=False))
@examples(60)
def test_order_changes_nothing_ties_are_equal_and_more_clashes_never_rank_worse(counts, random):
    order = list(range(counts.size))
    random.shuffle(order)
    found = ranks(counts)
    assert all((one[order] == two).all() for one, two in zip(found, ranks(counts[order]), strict=True))
    rank, low, high = (one[np.argsort(-counts, kind="stable")] for one in found)
    assert ((low >= 1) & (low <= high) & (high <= counts.size)).all()
    assert all((np.diff(one) >= 0).all() for one in (rank, low, high))
    for value in np.unique(counts):
        assert all(len(set(one[counts == value])) == 1 for one in found)
