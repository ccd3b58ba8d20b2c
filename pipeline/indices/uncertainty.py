"""How sure a class by counts is: the gamma-Poisson model over the townships of one month.

A township with count n is one draw of an overdispersed Poisson with an unknown rate; the rates of all townships follow
a gamma distribution fitted to the counts. It says what another, equally selective record of the same months would
show, and nothing about the months to come (see pipeline/analysis/intensity.py).

What a share of territory is a share of: townships, area or people, as whole numbers. Between which ends the number,
area or population of the townships at or above the cut lies.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.declare.codes import Measure
from pipeline.declare.methods import (
    DISPERSION_CLASHES,
    DISPERSION_MONTHS,
    DISPERSION_TOWNSHIPS,
    DISPERSION_UNKNOWN,
    INTERVAL_SHARE,
    INTERVAL_STEPS,
)
from pipeline.indices.frames import SHARE_DECIMALS

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]

TAIL = (1 - INTERVAL_SHARE.value) / 2  # probability left out on either side of an interval
PROBABILITY_DECIMALS = 6
_Z95 = 1.959963984540054  # standard normal quantile at 97.5 %

# Shapes searched. At the lower end one township holds everything. The upper end, an exponential prior, is a
# choice: a narrower prior would pull every township towards the mean, so that one more clash somewhere could
# turn P(high) of its own township from 0.3 to 0. The counts of all sources seen fit shapes well below it.
SHAPE_LOW = 1e-6
SHAPE_HIGH = 1.0
_STEPS = 50


def fit_prior(counts: Floats) -> tuple[float, float]:
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


def high_probability(counts: Floats, threshold: float, dispersion: float = 1.0) -> Floats:
    """P(rate >= threshold) for every township, given its count and those of all the others.

    Clashes come in runs: with a variance of `dispersion` times the mean the counts over the dispersion are taken as
    Poisson (quasi-likelihood, McCullagh and Nelder, ch. 9), and so is the cut. With a prior Gamma(a, b) fitted to them
    the rate of a township of count n is Gamma(a + n / dispersion, b + 1) of such parts. A rate is continuous, so the
    cut is not moved by a half. One fit per call; within a call the result never falls with the count. Shape and order
    as `counts`; in [0, 1], rounded to 6 decimals; an empty vector gives an empty one.
    """
    from scipy.special import gammaincc

    if counts.size == 0:
        return np.empty(0)
    parts = counts / dispersion
    shape, rate = fit_prior(parts)
    values, where = np.unique(parts, return_inverse=True)
    tail = gammaincc(shape + values, (rate + 1) * max(threshold / dispersion, 0.0))
    return np.asarray(np.round(np.clip(tail, 0.0, 1.0), PROBABILITY_DECIMALS)[where], dtype=np.float64)


def dispersions(monthly: Floats) -> Floats:
    """Variance over mean of a township's monthly clashes after the national course, by month: of the months up to it.

    `monthly`: months x townships, NaN where not known; a township with an unknown month is left out. Given its sum n a
    township's clashes fall on the months as the country's do, so Pearson's X2 / (months - 1) estimates the dispersion
    (McCullagh and Nelder, ch. 9); its mean over the townships of at least DISPERSION_CLASHES clashes counts, never
    below 1. With fewer than DISPERSION_MONTHS months or DISPERSION_TOWNSHIPS of them it is DISPERSION_UNKNOWN: what
    is not known must not make a class sure.
    """
    counts = monthly[:, ~np.isnan(monthly).any(axis=0)]
    national = counts.sum(axis=1)
    weights = np.divide(1.0, national, out=np.zeros(len(national)), where=national > 0)
    squares = np.cumsum(counts**2 * weights[:, None], axis=0)
    sums, months = np.cumsum(counts, axis=0), np.cumsum(national > 0)
    found = np.full(len(counts), DISPERSION_UNKNOWN.value)
    for row, (own, of_country) in enumerate(zip(sums, np.cumsum(national), strict=True)):
        enough = own >= DISPERSION_CLASHES.value
        if months[row] < DISPERSION_MONTHS.value or enough.sum() < DISPERSION_TOWNSHIPS.value:
            continue
        pearson = of_country * squares[row, enough] / own[enough] - own[enough]
        # Sorted, so that the sum's last digit does not depend on the order of townships.
        found[row] = max(1.0, float(np.sort(pearson).mean() / (months[row] - 1)))
    return found


@dataclass(frozen=True)
class Unseen:
    """Townships in conflict, those without a recorded clash among them: an estimate from below, and its ends."""

    estimate: float
    low: float
    high: float


def chao_lower_bound(counts: Floats) -> Unseen | None:
    """Chao's lower bound of the townships in conflict, by those of one and of two recorded clashes.

    Of S townships with a clash f1 have one and f2 two; S + f1 (f1 - 1) / (2 (f2 + 1)) is a lower bound of how many
    there are if recording is chance and townships differ (Chao 1984, 1987, bias-corrected), with the log-normal
    interval for the unseen part. Where f1 is 0 or 1 the bound is S and that interval would be a point: the upper end
    is then `_end_without_unseen`, the lower one S. Never above the number of townships, and a township of unknown
    count (NaN) is one more at the upper end. None where no count is known or no clash is recorded: then nothing tells
    how many are missed.
    """
    known = counts[~np.isnan(counts)]
    found = known[known > 0]
    if not found.size:
        return None
    seen, once, twice = float(found.size), float((found == 1).sum()), float((found == 2).sum())
    unseen, part = once * (once - 1) / (2 * (twice + 1)), twice + 1
    if unseen == 0:
        low, high = seen, _end_without_unseen(found)
    else:
        variance = (
            unseen + once * (2 * once - 1) ** 2 / (4 * part**2) + once**2 * twice * (once - 1) ** 2 / (4 * part**4)
        )
        spread = float(np.exp(_Z95 * np.sqrt(np.log1p(variance / unseen**2))))
        low, high = seen + unseen / spread, seen + unseen * spread
    unknown = counts.size - known.size
    return Unseen(min(seen + unseen, known.size), min(low, known.size), float(min(high, known.size) + unknown))


def _end_without_unseen(found: Floats) -> float:
    """Upper end of the 95 % interval of how many townships there are where Chao's bound is what was seen.

    `found`: recorded clashes of the S townships that have any. Each count taken as the mean of a Poisson, a township
    of n clashes is missed with e^-n: with P the mean of these chances, V = sum(e^-n - e^-2n) - sum(n e^-n)^2 / sum(n)
    the variance of how many are seen, the end is (S + z sqrt(V)) / (1 - P): the interval of SpadeR (Chao, Ma, Hsieh and
    Chiu 2016) for a bound that equals what was seen.
    """
    missed = np.sort(np.exp(-found))  # sorted, so that the sums do not depend on the order of townships
    ordered = np.sort(found)
    variance = (missed - missed**2).sum() - (ordered * np.exp(-ordered)).sum() ** 2 / ordered.sum()
    return float((found.size + _Z95 * np.sqrt(max(variance, 0.0))) / (1 - missed.mean()))


# Sums of whole numbers do not depend on their order, so area is added up in square metres.
_PER_KM2 = 1_000_000
UNITS = {Measure.TOWNSHIPS: 1, Measure.AREA: _PER_KM2, Measure.POPULATION: 1}


def weights(townships: pl.DataFrame) -> pl.DataFrame:
    """adm3_pcode, state_region and one whole-number weight per measure (townships, m2, persons or null)."""
    return townships.select(
        "adm3_pcode",
        "state_region",
        pl.lit(1, pl.Int64).alias(Measure.TOWNSHIPS.value),
        (pl.col("area_km2") * _PER_KM2).round().cast(pl.Int64).alias(Measure.AREA.value),
        pl.col("population_persons").cast(pl.Int64).alias(Measure.POPULATION.value),
    )


def total(measure: str) -> pl.Expr:
    """Sum of a weight; null when any township lacks it, since a share of an unknown total means nothing."""
    return pl.when(pl.col(measure).null_count() == 0).then(pl.col(measure).sum())


def share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part / whole rounded to 6 decimals; null where the whole is null or nothing."""
    return pl.when(whole > 0).then((part / whole).round(SHARE_DECIMALS))


_MONTH = ["method", "month"]
_SLACK = 1e-9  # for the rounding of sums of probabilities


@dataclass(frozen=True)
class Interval:
    """Sum of the weights of the townships at or above the cut, one entry per row of probabilities."""

    expected: Floats
    low: Floats
    high: Floats


def sum_interval(probabilities: Floats, weights: Whole, steps: int | None = None) -> Interval:
    """Expected sum of `weights` (townships) under `probabilities` (rows x townships), and its 95 % interval.

    Given the counts each township's rate is at or above the cut independently of the others, so the sum's
    distribution is the convolution of theirs: the Poisson-binomial where every weight is one. The ends are its 2.5 %
    and 97.5 % quantiles. With `steps` the weights are rounded to that part of their total, and the ends are taken as
    distances from the expected sum, so only what is uncertain carries a rounding error and an end where none or all
    of it lies at or above the cut has none.
    """
    total = int(weights.sum())
    step = 1.0 if steps is None or total <= steps else total / steps
    whole = np.rint(weights / step).astype(np.int64)
    doubtful = ((probabilities > 0) & (probabilities < 1)).any(axis=0) & (whole > 0)
    certain = ((probabilities == 1) * weights).sum(axis=1)
    possible = ((probabilities > 0) * weights).sum(axis=1)
    chances, parts = probabilities[:, doubtful], whole[doubtful]
    sums = np.zeros((chances.shape[0], int(parts.sum()) + 1))
    sums[:, 0], reach = 1.0, 1
    for part, chance in zip(parts, chances.T, strict=True):
        moved = sums[:, :reach] * chance[:, None]
        sums[:, :reach] -= moved
        sums[:, part : part + reach] += moved
        reach += int(part)
    reached = np.cumsum(sums, axis=1)
    expected = (probabilities * weights).sum(axis=1)
    least = ((chances == 1) * parts).sum(axis=1)
    most = ((chances > 0) * parts).sum(axis=1)

    def end(level: float) -> Floats:
        found = np.argmax(reached >= level - _SLACK, axis=1)
        between = np.clip(expected + (found - (chances * parts).sum(axis=1)) * step, certain, possible)
        return np.asarray(np.where(found == least, certain, np.where(found == most, possible, between)), dtype=float)

    return Interval(expected, end(TAIL), end(1 - TAIL))


def count_intervals(index: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """`keys` with security_high_expected, security_high_low and security_high_high: how many townships are high.

    `keys` are method and month, or state_region besides. A township of unknown count is not high at the low end and
    high at the high end, and is in no expected number; that is null where all are unknown.
    """
    places = [key for key in keys if key not in _MONTH]
    frames = []
    for scope, rows in _scopes(index, places):
        chances, unknown = _chances(rows)
        found = sum_interval(np.nan_to_num(chances), np.ones(chances.shape[1], dtype=np.int64))
        frames.append(
            rows.select(_MONTH).unique(maintain_order=True).with_columns(
                *(pl.lit(value, pl.String).alias(key) for key, value in zip(places, scope, strict=True)),
                _where(_covered(unknown), found.expected, "security_high_expected"),
                pl.Series("security_high_low", np.rint(found.low).astype(np.int64)),
                pl.Series("security_high_high", np.rint(found.high).astype(np.int64) + unknown.sum(axis=1)),
            )
        )  # fmt: skip
    return pl.concat(frames)


def share_intervals(security: pl.DataFrame, townships: pl.DataFrame, national: str) -> pl.DataFrame:
    """method, month, scope, measure with lost_expected_share, lost_interval_low and lost_interval_high.

    Scopes are `national` and every state or region. A township of unknown count is not lost at the low end and lost
    at the high end, as in lost_low and lost_high, and adds nothing to the expected share; that is null where all are
    unknown. All are null where a weight of the scope is missing or the scope has none.
    """
    placed = security.select(*_MONTH, "adm3_pcode", "security_high_probability").join(
        weights(townships), on="adm3_pcode", how="left", validate="m:1"
    )
    frames = []
    for (scope,), rows in [((national,), _ordered(placed)), *_scopes(placed, ["state_region"])]:
        chances, unknown = _chances(rows)
        months = rows.select(_MONTH).unique(maintain_order=True)
        first = rows.head(chances.shape[1])
        for measure in Measure:
            frames.append(
                months.with_columns(
                    pl.lit(scope).alias("scope"),
                    pl.lit(measure.value).alias("measure"),
                    *_shares(chances, unknown, first[measure.value], measure),
                )
            )
    return pl.concat(frames)


def _shares(chances: Floats, unknown: Mask, weight: pl.Series, measure: Measure) -> list[pl.Series]:
    names = ("lost_expected_share", "lost_interval_low", "lost_interval_high")
    if weight.null_count() or weight.sum() == 0:
        return [pl.Series(name, [None] * chances.shape[0], dtype=pl.Float64) for name in names]
    values = weight.to_numpy().astype(np.int64)
    steps = None if measure == Measure.TOWNSHIPS else int(INTERVAL_STEPS.value)
    found = sum_interval(np.nan_to_num(chances), values, steps)
    total, most = values.sum(), found.high + unknown @ values
    return [
        _where(_covered(unknown), np.round(found.expected / total, SHARE_DECIMALS), names[0]),
        pl.Series(names[1], np.round(found.low / total, SHARE_DECIMALS)),
        pl.Series(names[2], np.round(np.minimum(most / total, 1.0), SHARE_DECIMALS)),
    ]


def _covered(unknown: Mask) -> Mask:
    """Whether the month knows the count of any township."""
    return np.asarray(~unknown.all(axis=1))


def _where(covered: Mask, values: Floats, name: str) -> pl.Series:
    return pl.Series(name, np.where(covered, values, np.nan)).fill_nan(None)


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    """By month and then township: sums of floats depend on their order, which must not be that of the rows given."""
    return rows.sort(*_MONTH, "adm3_pcode")


def _scopes(rows: pl.DataFrame, places: list[str]) -> list[tuple[tuple[str, ...], pl.DataFrame]]:
    if not places:
        return [((), _ordered(rows))]
    parts = _ordered(rows).partition_by(places, as_dict=True, maintain_order=True)
    return [(tuple(map(str, key)), part) for key, part in parts.items()]


def _chances(rows: pl.DataFrame) -> tuple[Floats, Mask]:
    """P(high) as months x townships, and where the count is unknown. Every month has the same townships."""
    months = rows.select(_MONTH).n_unique()
    chances = rows["security_high_probability"].to_numpy().reshape(months, -1)
    return chances, np.isnan(chances)
