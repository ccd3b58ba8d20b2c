"""How sure a class by counts is: the gamma-Poisson model over the townships of one month.

A township with count n is one draw of a Poisson with an unknown rate; the rates of all townships follow a
gamma distribution fitted to the counts. Not here: the cut itself (methods.py).
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.methods import INTERVAL_SHARE

TAIL = (1 - INTERVAL_SHARE.value) / 2  # probability left out on either side of an interval
PROBABILITY_DECIMALS = 6

# Shapes searched. At the lower end one township holds everything. The upper end, an exponential prior, is a
# choice: a narrower prior would pull every township towards the mean, so that one more clash somewhere could
# turn P(high) of its own township from 0.3 to 0. The counts of all sources seen fit shapes well below it.
SHAPE_LOW = 1e-6
SHAPE_HIGH = 1.0
_STEPS = 50


def fit_prior(counts: NDArray[np.float64]) -> tuple[float, float]:
    """Shape a and rate b of the gamma prior of the township rates, by maximum likelihood.

    Marginally the counts are negative binomial. Its maximum has the sample mean m as mean, so b = a / m and
    only the shape is left: the zero of the profile score
    mean(digamma(a + n) - digamma(a)) + ln(a / (a + m)) (Simonsen 1976; Johnson, Kemp and Kotz, ch. 5),
    which falls from positive to negative once. Bisection on ln a needs no start and cannot diverge.
    Counts that spread no wider than a Poisson (all equal, variance <= mean) have no maximum and take the
    weak prior of shape 1; where all are zero its mean is half a clash over all townships together.
    """
    from scipy.special import digamma

    values, weights = np.unique(counts, return_counts=True)
    share = weights / weights.sum()
    mean = float((values * share).sum())
    if mean == 0:
        return SHAPE_HIGH, SHAPE_HIGH * 2 * counts.size

    def slope(shape: float) -> float:
        return float((share * (digamma(shape + values) - digamma(shape))).sum() + np.log(shape / (shape + mean)))

    if slope(SHAPE_HIGH) >= 0:
        return SHAPE_HIGH, SHAPE_HIGH / mean
    low, high = np.log(SHAPE_LOW), np.log(SHAPE_HIGH)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(float(np.exp(middle))) >= 0 else (low, middle)
    shape = float(np.exp(low))
    return shape, shape / mean


def high_probability(counts: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """P(rate >= threshold - 1/2) for every township, given its count and those of all the others.

    With a prior Gamma(a, b) the rate of a township with n clashes in the window is Gamma(a + n, b + 1). The
    half is the continuity correction: counts are whole, so the border between `threshold - 1` (low) and
    `threshold` (high) lies midway. One fit per call; within a call the result never falls with the count.
    Shape and order as `counts`; in [0, 1], rounded to 6 decimals; an empty vector gives an empty one.
    """
    from scipy.special import gammaincc

    if counts.size == 0:
        return np.empty(0)
    shape, rate = fit_prior(counts)
    values, where = np.unique(counts, return_inverse=True)
    tail = gammaincc(shape + values, (rate + 1) * max(threshold - 0.5, 0.0))
    return np.asarray(np.round(np.clip(tail, 0.0, 1.0), PROBABILITY_DECIMALS)[where], dtype=np.float64)
