"""Where a township stands among all by its clashes, and between which ranks its underlying rate lies.

The rates follow the gamma-Poisson posterior of uncertainty.py. Not here: the fit of its prior; ranks of anything but
clashes.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.indices.uncertainty import TAIL, fit_prior

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Spectrum = NDArray[np.complex128]

# Rates are cut into cells, and within a cell a township's chance to be above is taken as one number. Cells are an
# eighth of a posterior standard deviation wide (on the square-root scale it is 0.5 whatever the count), and besides
# 1/128 of the posterior of the lowest count, which half of all townships may share.
_CELL_WIDTH = 0.0625
_LOWEST_CELLS = 128
_REACH = 5.5  # on the square-root scale: beyond it lies less than _NEGLIGIBLE of the highest count's posterior
_NEGLIGIBLE = 1e-12
_SLACK = 1e-9  # for the rounding of sums of probabilities


def ranks(counts: Floats, dispersion: float = 1.0) -> tuple[Whole, Whole, Whole]:
    """Rank by count, and the ends of the 95 % interval of the rank of the underlying rate; shapes as `counts`.

    Rank 1 has most clashes and ties share the best rank. No two underlying rates are equal, so a rate's rank is one
    more than the number of others above it. Given a rate x each other township j is above it with P(rate_j > x),
    independently: their number is Poisson-binomial, and over the township's own posterior of x a mixture of these.
    The mixture is summed from characteristic functions and nothing is drawn; the ends are its 2.5 % and 97.5 %
    quantiles. Townships of equal count have equal ends: each of many that tie may be the first or the last of them,
    so the best rank that they share need not lie between the ends. Counts must be known; none give none.
    `dispersion` as in `uncertainty.high_probability`.
    """
    if counts.size == 0:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, nothing
    values, where, ties = np.unique(counts, return_inverse=True, return_counts=True)
    better = counts.size - np.cumsum(ties)
    shape, _ = fit_prior(counts / dispersion)
    reached = np.cumsum(_rank_probabilities(shape + values / dispersion, ties), axis=1)
    low, high = (1 + np.argmax(reached >= level - _SLACK, axis=1) for level in (TAIL, 1 - TAIL))
    return (better + 1)[where], low[where], high[where]


def _rank_probabilities(shapes: Floats, ties: Whole) -> Floats:
    """P(rank = r + 1) for a township of each distinct posterior shape, in ascending order: shapes x townships.

    The characteristic function of the number above is a product over the townships, out of which the township's own
    factor is divided again. The number of frequencies is odd, so no factor comes closer to zero than
    sin(pi / 2n), and the division keeps 13 digits.
    """
    exceeds = _exceedance(shapes)
    mass = exceeds[:-1] - exceeds[1:]
    held = mass.max(axis=1) > _NEGLIGIBLE
    mass, above = mass[held], ((exceeds[:-1] + exceeds[1:]) / 2)[held]
    total = int(ties.sum())
    length = total + 1 - total % 2
    roots = np.exp(-2j * np.pi * np.arange(length) / length)
    unit = roots[: length // 2 + 1]
    # Of most townships it is certain at a given rate whether they are above: they only shift the number.
    starts, stops = (above >= 1 - _NEGLIGIBLE).sum(axis=0), (above > _NEGLIGIBLE).sum(axis=0)
    shift = (above >= 1 - _NEGLIGIBLE) @ ties
    product = roots[np.arange(unit.size) * shift[:, None] % length]
    for k, number in enumerate(ties):
        open_cells = slice(starts[k], stops[k])
        product[open_cells] *= _power(_factor(above[open_cells, k], unit), int(number))
    spectrum = np.empty((shapes.size, unit.size), dtype=np.complex128)
    for k in range(shapes.size):
        own = np.flatnonzero(mass[:, k] > _NEGLIGIBLE)
        cells = slice(own[0], own[-1] + 1)
        others = product[cells] / _factor(above[cells, k], unit)
        spectrum[k] = (mass[cells, k, None] * others).sum(axis=0)  # `@` would start threads, which costs more
    return np.asarray(np.fft.irfft(spectrum, length, axis=1)[:, :total])


def _exceedance(shapes: Floats) -> Floats:
    """P(rate > x) at the borders x of the cells, from 0 to beyond all rates: borders x shapes, falling downwards.

    Rates are in units of 1 / (b + 1), which no rank depends on. With a small shape the lowest rates are smaller than
    any number a computer holds, so their borders are kept as probabilities beside the rates.
    """
    from scipy.special import gammaincc, gammaincinv

    steps = np.arange(1, _LOWEST_CELLS) / _LOWEST_CELLS
    grid = np.arange(_CELL_WIDTH, np.sqrt(shapes[-1]) + _REACH, _CELL_WIDTH) ** 2
    rates = np.concatenate([gammaincinv(shapes[0], steps), grid])
    lowest = np.concatenate([1 - steps, gammaincc(shapes[0], grid)])
    order = np.lexsort((-lowest, rates))
    inner = gammaincc(shapes, rates[order][:, None])
    inner[:, 0] = lowest[order]
    return np.vstack([np.ones(shapes.size), inner, np.zeros(shapes.size)])


def _factor(probability: Floats, unit: Spectrum) -> Spectrum:
    """Characteristic function of a yes or no of that probability: cells x frequencies."""
    return 1 + probability[:, None] * (unit - 1)


def _power(base: Spectrum, exponent: int) -> Spectrum:
    """base ** exponent by squaring: numpy's power of complex numbers goes through logarithms, ten times slower."""
    result = np.ones_like(base) if exponent % 2 == 0 else base
    while exponent := exponent // 2:
        base = base * base
        if exponent % 2:
            result = result * base
    return result
