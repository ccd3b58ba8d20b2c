"""The gamma-Poisson model: its fit against scipy's likelihood, its order and its bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import nbinom
from shared_examples import examples

from pipeline.indices.uncertainty import SHAPE_HIGH, chao_lower_bound, dispersions, fit_prior, high_probability

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=60).map(lambda v: np.array(v, dtype=float))


@pytest.mark.parametrize(("shape", "mean"), [(0.2, 3.0), (0.4, 12.0), (0.7, 40.0)])
def test_fit_is_the_likelihood_optimum_of_scipy(shape, mean):
    rng = np.random.default_rng(7)
    counts = rng.poisson(rng.gamma(shape, mean / shape, 330)).astype(float)

    def loss(log_parameters):
        a, b = np.exp(log_parameters)
        return -nbinom.logpmf(counts, a, b / (b + 1)).sum()

    best = minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 4000})
    assert fit_prior(counts) == pytest.approx(tuple(np.exp(best.x)), rel=1e-4)
    assert loss(np.log(fit_prior(counts))) <= best.fun + 1e-8


@pytest.mark.parametrize("counts", [
    [5.0] + [0.0] * 329,  # one township holds everything
    [0.0] * 300 + [1, 1, 1, 2, 3, 8, 21],
    [0.0] * 117 + list(range(1, 140)),  # many quiet ones and a long tail
    [1.0, 0, 4, 0, 30],
])  # fmt: skip
def test_fit_with_many_zeros_is_the_likelihood_optimum_of_scipy(counts):
    counts = np.array(counts)

    def loss(log_shape):
        shape = np.exp(log_shape)
        return -nbinom.logpmf(counts, shape, shape / (shape + counts.mean())).sum()

    best = minimize_scalar(loss, bounds=(-14, 0), method="bounded", options={"xatol": 1e-9})
    assert np.log(fit_prior(counts)[0]) == pytest.approx(best.x, abs=1e-4)


def test_counts_without_spread_take_the_weak_prior():
    assert fit_prior(np.full(10, 4.0)) == (SHAPE_HIGH, SHAPE_HIGH / 4)
    assert fit_prior(np.zeros(10)) == (SHAPE_HIGH, 20.0)


def test_posterior_by_hand():
    # Prior Gamma(1, 1/4), count 4: posterior Gamma(5, 5/4); P(rate >= 4) = e^-x * sum x^k / k!, k < 5, x = 5
    x = 5.0
    by_hand = np.exp(-x) * (1 + x + x**2 / 2 + x**3 / 6 + x**4 / 24)
    assert high_probability(np.full(10, 4.0), 4) == pytest.approx(np.full(10, by_hand), abs=1e-6)


def test_empty_and_all_zero():
    assert high_probability(np.empty(0), 4).size == 0
    assert high_probability(np.zeros(330), 4).max() == 0


def test_dispersion_makes_two_clashes_one():
    # Of dispersion 2 the counts of 8 are 4 Poisson parts each, and a cut of 8 is one of 4.
    assert high_probability(np.full(10, 8.0), 8, 2.0) == pytest.approx(high_probability(np.full(10, 4.0), 4), abs=1e-9)


def test_dispersion_by_hand_and_where_nothing_is_known_of_it():
    # Twelve townships, eight months with a clash each: half alternate 2 and 0, half 0 and 2. Of n = 8 a month expects
    # 1, so X2 = 8 x 1 = 8 over 7 degrees of freedom.
    one = np.tile([2.0, 0.0], 4)
    monthly = np.array([one, 2 - one] * 6).T
    assert dispersions(monthly)[-1] == pytest.approx(8 / 7)
    assert (dispersions(monthly)[:5] == 1.7).all()  # fewer than six months
    assert (dispersions(monthly[:, :9]) == 1.7).all()  # fewer than ten townships
    monthly[0, 0] = np.nan
    assert dispersions(monthly)[-1] == pytest.approx(dispersions(monthly[:, 1:])[-1])
    assert (dispersions(np.ones((8, 12)))[5:] == 1).all()  # never below one


@given(COUNTS, st.integers(1, 20))
@settings(deadline=None)
def test_within_a_month_more_clashes_never_mean_less(counts, threshold):
    found = high_probability(counts, threshold)
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found[np.argsort(counts, kind="stable")]) >= 0).all()


@given(COUNTS, st.integers(1, 20), st.data(), st.sampled_from([1.0, 1.7]))
@examples(120)
def test_one_more_clash_never_lowers_its_township_although_all_is_refitted(counts, threshold, data, spread):
    township = data.draw(st.integers(0, counts.size - 1))
    more = counts.copy()
    more[township] += 1
    before, after = (high_probability(one, threshold, spread)[township] for one in (counts, more))
    assert after >= before - 2e-6


@given(COUNTS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_order_changes_nothing(counts, random):
    order = list(range(counts.size))
    random.shuffle(order)
    assert (high_probability(counts[order], 5) == high_probability(counts, 5)[order]).all()


def test_chaos_bound_by_hand():
    # Ten seen: four once, one twice, five three times. Unseen 4 x 3 / (2 x 2) = 3; its variance by Chao 1987 with the
    # correction of bias: 3 + 4 x 7^2 / (4 x 2^2) + 4^2 x 1 x 3^2 / (4 x 2^4) = 3 + 12.25 + 2.25 = 17.5.
    counts = np.array([1.0] * 4 + [2] + [3] * 5 + [0] * 320)
    found = chao_lower_bound(counts)
    spread = np.exp(1.959964 * np.sqrt(np.log(1 + 17.5 / 9)))
    assert found.estimate == 13
    assert (found.low, found.high) == (pytest.approx(10 + 3 / spread), pytest.approx(10 + 3 * spread))
    # A township of unknown count is one more at the upper end alone.
    more = chao_lower_bound(np.append(counts[:-1], np.nan))
    assert (more.estimate, more.low, more.high) == (13, found.low, pytest.approx(found.high + 1))
    # No more than there are: eleven townships, one of them quiet.
    assert chao_lower_bound(counts[:11]).estimate == chao_lower_bound(counts[:11]).high == 11
    # No clash is known of, or nothing is: neither tells how many are missed.
    assert chao_lower_bound(np.array([np.nan, np.nan])) is chao_lower_bound(np.array([0.0, 0, np.nan])) is None


def test_chaos_bound_of_what_was_seen_is_no_point():
    # Seen once at most one township: 1, 2, 2 and 12 clashes, missed with e^-1, e^-2, e^-2 and e^-12, in all 0.638556,
    # a mean of 0.159639. V = 0.638556 - (e^-2 + 2 e^-4 + e^-24 = 0.171967) - (e^-1 + 4 e^-2 + 12 e^-12)^2 / 17
    # = 0.466589 - 0.909294^2 / 17 = 0.417953; the end is (4 + 1.959964 x 0.646493) / (1 - 0.159639) = 6.267668.
    quiet = np.zeros(20)
    found = chao_lower_bound(np.r_[1.0, 2, 2, 12, quiet])
    assert (found.estimate, found.low, found.high) == (4, 4, pytest.approx(6.267668, abs=1e-5))
    # Of none with a single clash the same; the more there are of each, the narrower; never above all townships.
    few, many = (chao_lower_bound(np.r_[np.full(5, n), quiet]).high for n in (2.0, 9.0))
    assert 5.06 > many > 5.0 and few > 6
    assert chao_lower_bound(np.array([1.0, 2, 2])).high == 3
    assert chao_lower_bound(np.array([1.0, 2, 2, np.nan])).high == 4


@given(st.lists(st.integers(2, 30), min_size=1, max_size=30), st.booleans(), st.integers(0, 4))
def test_what_is_unknown_never_narrows_chaos_interval(counts, one_single, unknown):
    seen = np.array([float(n) for n in counts] + [1.0] * one_single + [0.0] * 100)
    found, more = chao_lower_bound(seen), chao_lower_bound(np.r_[seen, np.full(unknown, np.nan)])
    assert found.low == found.estimate == len(counts) + one_single <= found.high
    assert (more.low, more.high) == (found.low, found.high + unknown)


@given(st.integers(2, 60), st.integers(0, 60), st.integers(0, 40))
def test_chaos_bound_is_its_published_formula(once, twice, more):
    found = chao_lower_bound(np.array([1.0] * once + [2] * twice + [5] * more + [0] * 10_000))
    seen = once + twice + more
    assert found.estimate == pytest.approx(seen + once * (once - 1) / (2 * (twice + 1)))
    assert seen <= found.low <= found.estimate <= found.high
