"""Pattern in space, month by month: global Moran's I, local Moran's I and Getis-Ord Gi* with p-values by permutation.

esda computes the same statistics and is what tests compare with; it shuffles one order after the other, which was a
tenth of a run under a profiler. It leaves ties out of the lower tail besides: where most townships have no clash at
all, that makes every quiet neighbourhood look like the rarest. SciPy is slow to import, so this runs in the second
process (assets.worker).

Conditional permutation over neighbours: how rare a neighbourhood is, its own township held where it is.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geo.neighbours import neighbours
from pipeline.declare.codes import HotSpot, LocalCluster
from pipeline.declare.methods import (
    FALSE_DISCOVERY_RATE,
    GLOBAL_PERMUTATIONS,
    LOCAL_PERMUTATIONS,
    SPATIAL_MINIMUM_TOWNSHIPS,
    SPATIAL_SEED,
)
from pipeline.indices.frames import conform, require_known
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.signals import discoveries

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


TIE = 1e-9  # sums of the same logarithms in another order differ by rounding; real differences are far larger


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


DECIMALS = 6
_QUADRANTS = {  # whether the township is above the mean, and its neighbours are
    LocalCluster.HIGH_HIGH: (True, True),
    LocalCluster.LOW_HIGH: (False, True),
    LocalCluster.LOW_LOW: (False, False),
    LocalCluster.HIGH_LOW: (True, False),
}

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Spatial:
    """The two tables that one pass over the months makes."""

    autocorrelation: pl.DataFrame
    hot_spots: pl.DataFrame


@dataclass(frozen=True)
class Weights:
    """Neighbours among the townships of known count: sparse matrices of townships by townships, and random orders."""

    members: Bools  # of all townships, those in the statistics; positions below are among these
    mean: Any  # times values: the mean of the neighbours
    total: Any  # times values: the sum of the neighbours and the township itself
    orders: Ints  # global permutations x townships
    draws: Draws


def spatial(
    index: pl.DataFrame,
    neighbours: pl.DataFrame,
    global_permutations: int = int(GLOBAL_PERMUTATIONS.value),
    local_permutations: int = int(LOCAL_PERMUTATIONS.value),
) -> Spatial:
    """Global and local statistics of ln(1 + clashes in the window), for every method and month of `index`.

    `index`: method, month, adm3_pcode, clashes_count. `neighbours`: published.neighbours. Townships are put in the
    order of their codes, and months in which the same townships are known share their random draws, so that neither
    the order of rows nor the months beside it change a figure. A township of unknown count is left out with its
    links, and so is one that loses its last neighbour by that. Where fewer than 30 are left nothing is said; where
    the counts do not vary there is no pattern, and no figure for it. Raises AccountingError for a neighbour that is
    not in the index.
    """
    places = index["adm3_pcode"].unique().sort()
    linked = _linked(places, neighbours)
    wide = index.pivot(on="adm3_pcode", index=["method", "month"], values="clashes_count", sort_columns=True)
    groups = wide.sort("method", "month").select("method", "month", *places)
    counts = groups.drop("method", "month").cast(pl.Float64).to_numpy()
    known: dict[bytes, Weights | None] = {}
    overall, local = [], []
    for (method, month), row in zip(groups.select("method", "month").iter_rows(), counts, strict=True):
        present = ~np.isnan(row)
        key = present.tobytes()
        if key not in known:
            known[key] = _weights(linked, present, global_permutations, local_permutations)
        whole, parts = _one_month(row, known[key])
        summary = {"method": method, "month": month, **whole, "local_permutations_count": local_permutations}
        overall.append({**summary, "permutations_count": global_permutations})
        local.append(
            pl.DataFrame({"adm3_pcode": places, **parts}).with_columns(
                pl.lit(method).alias("method"), pl.lit(month).alias("month")
            )
        )
    return Spatial(
        conform(pl.DataFrame(overall, infer_schema_length=None), "published.spatial_autocorrelation"),
        conform(pl.concat(local), "published.hot_spots"),
    )


def _linked(places: pl.Series, neighbours: pl.DataFrame) -> Bools:
    """Who is whose neighbour, by position. Raises AccountingError for a neighbour without a place in the index."""
    for column in ("adm3_pcode", "neighbour_pcode"):
        require_known(neighbours.select(pl.col(column).alias("adm3_pcode")), places.to_frame(), "published.neighbours")
    position = {code: number for number, code in enumerate(places)}
    linked = np.zeros((len(places), len(places)), dtype=bool)
    for one, other in neighbours.select("adm3_pcode", "neighbour_pcode").iter_rows():
        linked[position[one], position[other]] = True
    return linked


def _weights(linked: Bools, present: Bools, global_permutations: int, local_permutations: int) -> Weights | None:
    """Weights among the townships present that have a neighbour present; None where they are too few."""
    from scipy.sparse import csr_array

    members = present & (linked & present).any(axis=1)
    if members.sum() < SPATIAL_MINIMUM_TOWNSHIPS.value:
        return None
    among = linked[np.ix_(members, members)]
    near = [np.flatnonzero(row).tolist() for row in among]
    seed = int(SPATIAL_SEED.value)
    return Weights(
        members,
        csr_array(among / among.sum(axis=1, keepdims=True)),
        csr_array((among | np.eye(len(near), dtype=bool)).astype(np.float64)),
        random_orders(len(near), global_permutations, seed),
        Draws.of(near, local_permutations, seed),
    )


def random_orders(size: int, permutations: int, seed: int) -> Ints:
    """`permutations` random orders of 0 to size - 1, one a row, as esda draws them: numpy's older generator."""
    generator = np.random.RandomState(seed)
    return np.array([generator.permutation(size) for _ in range(permutations)])


def _one_month(counts: Floats, weights: Weights | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values of one row of spatial_autocorrelation and columns of hot_spots for all townships."""
    everywhere = counts.size
    empty = np.full(everywhere, np.nan)
    columns: dict[str, Any] = {
        name: empty.copy()
        for name in ("local_morans_i", "local_morans_p_value", "getis_ord_z", "getis_ord_p_value")
    }  # fmt: skip
    cluster = np.full(everywhere, LocalCluster.INSUFFICIENT_DATA.value, dtype=object)
    spot = np.full(everywhere, HotSpot.INSUFFICIENT_DATA.value, dtype=object)
    whole: dict[str, float | None] = dict.fromkeys(("morans_i", "morans_i_expected", "morans_i_p_value"), None)
    if weights is not None:
        members = weights.members
        cluster[members], spot[members] = LocalCluster.NOT_SIGNIFICANT.value, HotSpot.NONE.value
        values = np.log1p(counts[members])
        if np.ptp(values) > 0:
            whole = _global(values, weights)
            found, cluster[members], spot[members] = _local(values, weights)
            for name, one in found.items():
                columns[name][members] = one
    shown = {name: pl.Series(one).fill_nan(None).round(DECIMALS) for name, one in columns.items()}
    totals = {
        "townships_count": 0 if weights is None else int(weights.members.sum()),
        "hot_spots_count": int((spot == HotSpot.HOT.value).sum()),
        "cold_spots_count": int((spot == HotSpot.COLD.value).sum()),
    }
    parts = {**shown, "local_cluster": cluster.tolist(), "hot_spot_class": spot.tolist()}
    return {**whole, **totals}, parts


def _global(values: Floats, weights: Weights) -> dict[str, float | None]:
    """Moran's I with row-standardised weights, its expectation without pattern, and the upper-tail pseudo p-value.

    I = sum z_i (mean of the neighbours' z) / sum z_i^2 with z the difference from the mean (Cliff and Ord 1981). The
    p-value is one-sided, (1 + number of shuffles with I at least as high) / (1 + shuffles): like beside like is what
    is asked.
    """
    z = values - values.mean()
    square = (z * z).sum()
    observed = (z * (weights.mean @ z)).sum() / square
    shuffled = z[weights.orders.T]
    simulated = (shuffled * (weights.mean @ shuffled)).sum(axis=0) / square
    at_least = int((simulated >= observed - TIE).sum())
    return {
        "morans_i": round(float(observed), DECIMALS),
        "morans_i_expected": round(-1.0 / (z.size - 1), DECIMALS),
        "morans_i_p_value": round((1 + at_least) / (1 + weights.orders.shape[0]), DECIMALS),
    }


def _local(values: Floats, weights: Weights) -> tuple[dict[str, Floats], NDArray[np.object_], NDArray[np.object_]]:
    """Local Moran's I, z of Gi* and their pseudo p-values, with the classes that hold under the false-discovery rate.

    I_i = (n - 1) z_i (mean of the neighbours' z) / sum z^2 (Anselin 1995). One permutation test serves both
    statistics: with the township's own count held, each rises or falls with the sum of its neighbours and with nothing
    else.
    """
    z = values - values.mean()
    lag = weights.mean @ z
    local_i = (z.size - 1) * z * lag / (z * z).sum()
    getis_z = _getis_ord_z(values, weights)
    below, above = neighbour_tails(values, weights.draws)
    p = two_sided(below, above, weights.draws.permutations)
    significant = discoveries(p, FALSE_DISCOVERY_RATE.value)
    cluster = np.full(values.size, LocalCluster.NOT_SIGNIFICANT.value, dtype=object)
    for code, (high, among_high) in _QUADRANTS.items():
        cluster[significant & ((z > 0) == high) & ((lag > 0) == among_high)] = code.value
    # The test holds the township's own count, z does not: a heavy count amid unusual quiet is no hot spot.
    spot = np.full(values.size, HotSpot.NONE.value, dtype=object)
    spot[significant & (above < below) & (getis_z > 0)] = HotSpot.HOT.value
    spot[significant & (below < above) & (getis_z < 0)] = HotSpot.COLD.value
    found = {"local_morans_i": local_i, "local_morans_p_value": p, "getis_ord_z": getis_z, "getis_ord_p_value": p}
    return found, cluster, spot


def _getis_ord_z(values: Floats, weights: Weights) -> Floats:
    """z of Gi* with weights of one (Ord and Getis 1995, equation 14), the township itself counted in.

    z_i = (sum of the k counts - k mean) / (s sqrt((n k - k^2) / (n - 1))), s^2 the variance of all n.
    """
    n, k = values.size, weights.total.sum(axis=1)
    spread = values.std() * np.sqrt((n * k - k**2) / (n - 1))
    return np.asarray((weights.total @ values - k * values.mean()) / spread)


@makes("published.neighbours", reads=("records.townships",))
def neighbours_table(run: RunContext, townships: pl.DataFrame) -> pl.DataFrame:
    return neighbours(townships)


@makes(
    "published.spatial_autocorrelation",
    "published.hot_spots",
    reads=("published.township_index", "published.neighbours"),
    checked_against={"published.hot_spots": ("published.township_index", "published.spatial_autocorrelation")},
    second_process=True,
)
def spatial_tables(
    run: RunContext, index: pl.DataFrame, neighbour_pairs: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    made = spatial(index.select("method", "month", "adm3_pcode", "clashes_count"), neighbour_pairs)
    return made.autocorrelation, made.hot_spots


MADE = (neighbours_table, spatial_tables)
