"""Whether what is said to be sure is so: invented rates from a gamma, Poisson counts, and how often the truth is hit.

The prior is fitted anew to each simulation's counts, as in a release, so its error is part of what is tested.
"""

import numpy as np
import pytest

from pipeline.indices.ranks import ranks
from pipeline.indices.uncertainty import high_probability, sum_interval

SIMULATIONS = 500
RANKED = 250  # of which ranks are worked out, for they take ten times as long
NOMINAL = 0.95
CUT = 4
STANDARD_ERRORS = 4  # a check of ten bins would exceed three by chance about once in forty


def simulate(shape, mean, townships, seed):
    rng = np.random.default_rng(seed)
    rates = rng.gamma(shape, mean / shape, (SIMULATIONS, townships))
    return rates, rng.poisson(rates).astype(float)


@pytest.mark.parametrize(("shape", "mean"), [(0.3, 10.0), (0.8, 4.0)])
def test_probabilities_come_true_as_often_as_they_say(shape, mean):
    """Of townships given about p, a share p is truly at or above the cut, within the binomial standard error.

    Townships of one simulation share a fit, which widens the error of a bin a little: half a percentage point.
    """
    rates, counts = simulate(shape, mean, 330, seed=11)
    said = np.concatenate([high_probability(month, CUT) for month in counts])
    true = (rates >= CUT).ravel()
    # With so few whole counts about the cut some tenths hold hardly a township: those are left out.
    tenths = np.minimum((said * 10).astype(int), 9)
    filled = [tenth for tenth in range(10) if (tenths == tenth).sum() > 500]
    assert len(filled) >= 6
    for tenth in filled:
        inside = tenths == tenth
        p, number = said[inside].mean(), inside.sum()
        error = STANDARD_ERRORS * np.sqrt(p * (1 - p) / number) + 0.005
        assert true[inside].mean() == pytest.approx(p, abs=error), tenth


def test_rank_intervals_hold_the_true_rank_nineteen_times_in_twenty():
    rates, counts = (drawn[:RANKED] for drawn in simulate(0.4, 12.0, 40, seed=12))
    true = (-rates).argsort(axis=1).argsort(axis=1) + 1
    hits = []
    for month, rank in zip(counts, true, strict=True):
        _, low, high = ranks(month)
        hits.append(((low <= rank) & (rank <= high)).mean())
    # Townships of one simulation are not independent, so the error is that of the simulations' means.
    error = np.std(hits) / np.sqrt(RANKED)
    assert NOMINAL - 3 * error <= np.mean(hits) <= 0.98  # ranks are whole, so a little more than nominal


@pytest.mark.parametrize("steps", [None, 4096])
def test_intervals_of_the_share_lost_hold_the_true_share(steps):
    rates, counts = simulate(0.4, 12.0, 60, seed=13)
    said = np.array([high_probability(month, CUT) for month in counts])
    size = np.random.default_rng(14).integers(1, 100_000, 60) if steps else np.ones(60, dtype=np.int64)
    found = sum_interval(said, size, steps)
    true = (rates >= CUT) @ size
    slack = size.sum() / 4096 if steps else 1e-6
    held = ((found.low - slack <= true) & (true <= found.high + slack)).mean()
    error = np.sqrt(NOMINAL * (1 - NOMINAL) / SIMULATIONS)  # 0.0097
    assert NOMINAL - 3 * error <= held <= 0.995
    assert np.mean(true - found.expected) == pytest.approx(0, abs=4 * np.std(true - found.expected) / SIMULATIONS**0.5)
