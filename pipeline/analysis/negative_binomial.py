"""The negative binomial: log-linear means and sizes fitted by maximum likelihood, probabilities, quantiles.

y has mean mu and variance mu + mu^2 / size: a Poisson count whose rate follows a gamma distribution of shape `size`
and mean mu. The size may grow with the mean, as level * mu^slope: slope 0 is the usual model (NB2), 1 a variance in
proportion to the mean (NB1); between them a higher mean makes every higher count likelier (Greene 2008, NB-P).

Sums are NumPy's own, never a BLAS product of long vectors, so that the same rows give the same digits whatever the
number of threads.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SIZE_LOW, SIZE_HIGH = 1e-3, 1e3  # beyond them the counts are all in one place, or a Poisson
_STEPS = 100
_CLOSE = 1e-5  # of a step in a coefficient or in ln size
_LONGEST = 2.0  # a longer step is cut: the first ones from a bad start may lead far out
_REACH = 25.0  # bounds of ln mu: e^25 clashes are none of this world, and exp must not overflow
_RIDGE = 1e-8  # lets a feature without any variation through
_LARGEST = 1 << 20  # no quantile lies above it


@dataclass(frozen=True)
class Sizes:
    """The size at a mean: level * mean^slope, the slope from 0 to 1."""

    level: float
    slope: float = 0.0

    def at(self, mean: Floats) -> Floats:
        return np.asarray(np.clip(self.level * mean**self.slope, SIZE_LOW, SIZE_HIGH))


@dataclass(frozen=True)
class Fit:
    """Coefficients of ln mu (the constant first) and the size, one for all means."""

    coefficients: Floats
    size: float

    def mean(self, features: Floats) -> Floats:
        """mu for `features` (coefficients x rows)."""
        return np.asarray(np.exp(np.clip((self.coefficients[:, None] * features).sum(axis=0), -_REACH, _REACH)))


def fit(features: Floats, outcomes: Floats, start: Fit | None = None) -> Fit:
    """Maximum likelihood with coefficients of at least zero, the constant excepted.

    `features`: coefficients x rows, the first all ones; `outcomes`: counts by row. Fisher scoring for the coefficients
    and Newton's method for ln size take turns: the two are orthogonal (Lawless 1987), so alternating costs nothing.
    A coefficient below zero is set to zero, the lowest first, and the others are fitted again; where one runs away
    below zero, from a start of their own. `start` saves steps and does not change the result beyond 1e-4. Outcomes
    that are all zero have no maximum: ValueError.
    """
    if not outcomes.sum() > 0:
        raise ValueError("a negative binomial cannot be fitted to outcomes that are all zero")
    free = np.arange(features.shape[0])
    fresh = Fit(np.r_[np.log(outcomes.mean()), np.zeros(len(free) - 1)], 1.0)
    found = start or fresh
    while True:
        found = _maximum(features, outcomes, free, found)
        below = [int(i) for i in free if i > 0 and found.coefficients[i] < 0]
        if not below:
            return found
        worst = min(below, key=lambda i: found.coefficients[i])
        free = free[free != worst]
        kept = Fit(np.where(np.isin(np.arange(features.shape[0]), free), found.coefficients, 0.0), found.size)
        found = fresh if kept.coefficients[0] < -_REACH else kept


def _maximum(features: Floats, outcomes: Floats, free: NDArray[np.int64], start: Fit) -> Fit:
    """The maximum over the coefficients `free`, the others at zero."""
    used, count = features[free], len(free)
    left, right = np.triu_indices(count)
    products = used[left] * used[right]
    distinct, where = np.unique(outcomes, return_inverse=True)
    coefficients, log_size = start.coefficients[free].copy(), float(np.log(start.size))
    for _ in range(_STEPS):
        size = np.exp(log_size)
        mean = np.exp(np.clip((coefficients[:, None] * used).sum(axis=0), -_REACH, _REACH))
        weight = size / (size + mean)
        information = np.empty((count, count))
        information[left, right] = information[right, left] = (products * (mean * weight)).sum(axis=1)
        information[np.diag_indices(count)] += _RIDGE
        step = np.linalg.solve(information, (used * ((outcomes - mean) * weight)).sum(axis=1))
        step *= min(1.0, _LONGEST / max(np.abs(step).max(), _LONGEST))
        coefficients += step
        mean = np.exp(np.clip((coefficients[:, None] * used).sum(axis=0), -_REACH, _REACH))
        turn = _size_step(size, mean, outcomes, distinct, where)
        log_size = float(np.clip(log_size + turn, np.log(SIZE_LOW), np.log(SIZE_HIGH)))
        if np.abs(step).max() < _CLOSE and (abs(turn) < _CLOSE or log_size in (np.log(SIZE_LOW), np.log(SIZE_HIGH))):
            break
        if coefficients[0] < -_REACH and (coefficients < 0).sum() > 1:
            break  # they run away, as where nothing ever happened near a neighbour: there is no maximum
    whole = np.zeros(features.shape[0])
    whole[free] = coefficients
    return Fit(whole, float(np.exp(log_size)))


def fit_sizes(mean: Floats, outcomes: Floats, start: Sizes) -> Sizes:
    """Level and slope of the sizes by maximum likelihood, for given means; Newton's method with shortened steps.

    With size r at a mean, d lnL / dr = digamma(y + r) - digamma(r) + ln(r / (r + mu)) + 1 - (y + r) / (r + mu), whose
    first two terms vanish where y is zero. A slope outside 0 to 1 stays at that end.
    """
    from scipy.special import digamma, polygamma

    logs, some = np.log(mean), np.flatnonzero(outcomes > 0)
    level, slope = float(np.log(start.level)), start.slope
    for _ in range(_STEPS):
        size = np.exp(np.clip(level + slope * logs, np.log(SIZE_LOW), np.log(SIZE_HIGH)))
        spread = size + mean
        ratio = (outcomes + size) / spread
        first, second = np.log(size / spread) + 1 - ratio, 1 / size + (ratio - 2) / spread
        first[some] += digamma(outcomes[some] + size[some]) - digamma(size[some])
        second[some] += polygamma(1, outcomes[some] + size[some]) - polygamma(1, size[some])
        slopes = size * first
        curves = slopes + size * size * second
        gradient = np.array([slopes.sum(), (slopes * logs).sum()])
        a, b, c = curves.sum(), (curves * logs).sum(), (curves * logs * logs).sum()
        held = (slope <= 0 and gradient[1] < 0) or (slope >= 1 and gradient[1] > 0)
        if held:
            turn = np.array([-gradient[0] / a if a < 0 else np.sign(gradient[0]) * 0.5, 0.0])
        elif a < 0 and a * c - b * b > 0:
            turn = np.array([b * gradient[1] - c * gradient[0], b * gradient[0] - a * gradient[1]]) / (a * c - b * b)
        else:  # not concave here: a short way up
            turn = 0.25 * gradient / max(np.abs(gradient).max(), 1e-12)
        turn = np.clip(turn, -0.5, 0.5)
        before = (level, slope)
        level = float(np.clip(level + turn[0], np.log(SIZE_LOW), np.log(SIZE_HIGH)))
        slope = float(np.clip(slope + turn[1], 0.0, 1.0))
        if max(abs(level - before[0]), abs(slope - before[1])) < _CLOSE:
            break
    return Sizes(float(np.exp(level)), slope)


def _size_step(size: float, mean: Floats, outcomes: Floats, distinct: Floats, where: NDArray[np.int64]) -> float:
    """One Newton step of ln size for given means; towards the maximum also where the likelihood is not concave."""
    from scipy.special import digamma, polygamma

    spread, ratio = size + mean, (outcomes + size) / (size + mean)
    first = (digamma(distinct + size)[where] + np.log(size / spread) - ratio).sum()
    first += outcomes.size * (1 - float(digamma(size)))
    second = (polygamma(1, distinct + size)[where] + (ratio - 2) / spread).sum()
    second += outcomes.size * (1 / size - float(polygamma(1, size)))
    slope, curve = size * first, size * first + size * size * second
    turn = -slope / curve if curve < 0 else np.sign(slope) * 0.5
    return float(np.clip(turn, -1.0, 1.0))


def log_probability(counts: Floats, mean: Floats, size: Floats) -> Floats:
    """ln P(Y = count); the arrays have one shape, or are spread to it."""
    from scipy.special import gammaln

    ways = gammaln(counts + size) - gammaln(size) - gammaln(counts + 1)
    return np.asarray(ways - size * np.log1p(mean / size) + counts * np.log(mean / (size + mean)))


def at_most(counts: Floats, mean: Floats, size: Floats) -> Floats:
    """P(Y <= count); 0 below zero."""
    from scipy.special import betainc

    return np.asarray(np.where(counts < 0, 0.0, betainc(size, np.maximum(counts, 0) + 1, size / (size + mean))))


def quantile(level: Floats, mean: Floats, size: Floats) -> NDArray[np.int64]:
    """The smallest count of which P(Y <= count) is at least `level`."""
    low = np.full(np.broadcast_shapes(np.shape(level), np.shape(mean)), -1, dtype=np.int64)
    high = low + 2
    while ((short := at_most(high.astype(np.float64), mean, size) < level) & (high < _LARGEST)).any():
        low, high = np.where(short, high, low), np.where(short, high * 2, high)
    while (high - low > 1).any():
        middle = (low + high) // 2
        enough = at_most(middle.astype(np.float64), mean, size) >= level
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high


def interval(mean: Floats, size: Floats, share: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ends that hold at least `share` of the probability, each rising with the mean.

    What is left out is halved on both sides; where none is not below the lower half, the interval begins at zero and
    all of it is left out above.
    """
    tail = (1 - share) / 2
    low = quantile(np.asarray(tail), mean, size)
    return low, quantile(np.where(low > 0, 1 - tail, share), mean, size)


def inside(counts: Floats, mean: Floats, size: Floats, share: float) -> NDArray[np.bool_]:
    """Whether each count lies in `interval`, without looking for its ends."""
    tail = (1 - share) / 2
    above = at_most(np.zeros_like(mean), mean, size) < tail
    level = np.where(above, 1 - tail, share)
    return np.asarray(
        (~above | (at_most(counts, mean, size) >= tail)) & (at_most(counts - 1, mean, size) < level), dtype=np.bool_
    )
