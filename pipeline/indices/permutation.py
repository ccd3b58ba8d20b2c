"""Conditional permutation over neighbours: how rare a neighbourhood is, its own township held where it is.

Plain numpy, so that every township of a month takes the same few thousand random orders. Not here: the statistics
(space.py) and the correction for many tests.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TIE = 1e-9  # sums of the same logarithms in another order differ by rounding; real differences are far larger

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def beginnings(size: int, first: int, permutations: int, seed: int) -> Ints:
    """The `first` places of `permutations` random orders of 0 to size - 1, one order a row.

    A Fisher-Yates shuffle of all rows at once that stops after `first` steps: what follows is never looked at.
    """
    generator = np.random.default_rng(seed)
    places = np.tile(np.arange(size, dtype=np.int16), (permutations, 1))
    rows = np.arange(permutations)
    for step in range(first):
        chosen = generator.integers(step, size, permutations)
        picked = places[rows, chosen]
        places[rows, chosen] = places[:, step]
        places[:, step] = picked
    return places[:, :first].astype(np.int64)


@dataclass(frozen=True)
class Draws:
    """For each random order the first townships in it: as many as the most neighbours any has, and one more.

    `hits` are the places of a township among the first `degree` of an order: (order, township). There the draw of its
    neighbours skips it and takes one more.
    """

    drawn: NDArray[np.int64]  # orders x (most neighbours + 1)
    near: tuple[NDArray[np.int64], ...]  # the neighbours of each township
    hits: tuple[Ints, Ints]

    @property
    def permutations(self) -> int:
        return int(self.drawn.shape[0])

    @classmethod
    def of(cls, near: list[list[int]], permutations: int, seed: int) -> "Draws":
        """Draws for townships with these neighbours, by position. ValueError where a township neighbours all others."""
        degrees = np.array([len(one) for one in near])
        first = int(degrees.max()) + 1
        if first > degrees.size:
            raise ValueError(f"a township cannot have {first - 1} neighbours among {degrees.size} townships")
        drawn = beginnings(degrees.size, first, permutations, seed)
        order, place = np.nonzero(np.arange(first) < degrees[drawn])
        return cls(drawn, tuple(np.array(one) for one in near), (order, drawn[order, place]))


def neighbour_tails(values: Floats, draws: Draws) -> tuple[Ints, Ints]:
    """For each township, in how many draws the neighbours' sum is at most, and at least, the one it has.

    A draw gives the township as many others at random, without replacement, as it has neighbours. Ties count in both.
    """
    degrees = np.array([near.size for near in draws.near])
    observed = np.array([values[near].sum() for near in draws.near])
    sums = np.cumsum(values[draws.drawn], axis=1)
    below, above = np.zeros(values.size, dtype=np.int64), np.zeros(values.size, dtype=np.int64)
    for degree in np.unique(degrees):
        here = degrees == degree
        ranked = np.sort(sums[:, degree - 1])
        below[here] = np.searchsorted(ranked, observed[here] + TIE, side="right")
        above[here] = ranked.size - np.searchsorted(ranked, observed[here] - TIE, side="left")
    order, place = draws.hits
    with_itself = sums[order, degrees[place] - 1]
    without = sums[order, degrees[place]] - values[place]

    def correction(sign: int) -> Ints:
        bound = sign * observed[place] + TIE
        change = (sign * without <= bound).astype(np.int64) - (sign * with_itself <= bound).astype(np.int64)
        return np.bincount(place, weights=change, minlength=values.size).astype(np.int64)

    return below + correction(1), above + correction(-1)


def two_sided(below: Ints, above: Ints, permutations: int) -> Floats:
    """Pseudo p-value: twice the smaller tail, the observed one counted in it; at most 1, never below 2 / (n + 1)."""
    return np.asarray(np.minimum(1.0, 2 * (np.minimum(below, above) + 1) / (permutations + 1)))
