"""The optional composite of the three published scores, with how far its ranks depend on how it is made.

Secondary: ISP-Myanmar merges nothing, and the profile of the three indices is the result. Made only when asked for
(`--composite`).

Weights of the optional composite: equal, by entropy, by the first principal component, and drawn.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.declare.codes import IndexName, Weighting
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import empty
from pipeline.declare.methods import COVERAGE_FLOOR, DRAWS, DRAWS_SEED, INTERVAL, KNOWN_AT_LEAST, LOWEST, Method
from pipeline.indices.frames import SCORE_DECIMALS, SHARE_DECIMALS, conform
from pipeline.indices.run_context import RunContext, makes

Floats = NDArray[np.float64]

_COUNT = len(IndexName)


def equal_weights() -> Floats:
    return np.full(_COUNT, 1 / _COUNT)


def entropy_weights(values: Floats) -> Floats:
    """Weights by how unevenly each column of `values` (townships x indices, none below zero) is spread.

    With p = x / sum(x) and e = -sum(p ln p) / ln(rows), a weight is (1 - e) / sum(1 - e) (Shannon 1948; Hwang and Yoon
    1981, ch. 2). A column that is the same everywhere tells no township from another and weighs nothing; equal weights
    where no column does, or of fewer than two townships.
    """
    rows = values.shape[0]
    if rows < 2:
        return equal_weights()
    total = values.sum(axis=0)
    share = np.divide(values, total, out=np.full_like(values, 1 / rows), where=total > 0)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    spread = np.maximum(0.0, 1 + (share * logs).sum(axis=0) / np.log(rows))
    spread = np.where(np.ptp(values, axis=0) > 0, spread, 0.0)
    total_spread = float(spread.sum())
    return np.asarray(spread / total_spread, dtype=np.float64) if total_spread > 0 else equal_weights()


def pca_weights(values: Floats) -> Floats:
    """Squared loadings of the first principal component of the correlations (OECD/JRC handbook, step 6).

    They sum to one because the component has length one. The sign of a loading is lost: where indices run against
    each other these weights mean little. A column without variation weighs nothing; equal weights where none varies.
    """
    varies = np.ptp(values, axis=0) > 0 if values.shape[0] > 1 else np.zeros(_COUNT, dtype=bool)
    if not varies.any():
        return equal_weights()
    weights = np.zeros(_COUNT)
    standard = values[:, varies] - values[:, varies].mean(axis=0)
    standard /= np.sqrt((standard**2).sum(axis=0))
    # eigh gives the eigenvalues in rising order.
    weights[varies] = np.linalg.eigh(standard.T @ standard)[1][:, -1] ** 2
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def weightings(values: Floats) -> dict[Weighting, Floats]:
    """The named weights from the townships for which all indices are known; columns in the order of IndexName."""
    return {
        Weighting.EQUAL: equal_weights(),
        Weighting.ENTROPY: entropy_weights(values),
        Weighting.PCA: pca_weights(values),
    }


def drawn_weights() -> Floats:
    """DRAWS rows of weights, every division of the whole among the indices equally likely (Dirichlet 1, 1, 1).

    They belong to the indices and know nothing of townships: other names or another order change no one's rank.
    """
    return np.random.default_rng(int(DRAWS_SEED.value)).dirichlet(np.ones(_COUNT), size=int(DRAWS.value))


def weights_table(values: Floats, method: str, month: object) -> pl.DataFrame:
    """published.composite_weights of one method."""
    rows = [
        {"method": method, "weighting": weighting, "index_name": index, "month": month,
         "weight_share": round(float(weight), SHARE_DECIMALS)}
        for weighting, weights in weightings(values).items()
        for index, weight in zip(IndexName, weights, strict=True)
    ]  # fmt: skip
    return conform(pl.DataFrame(rows), "published.composite_weights")


_SCORES = tuple(f"{index}_score" for index in IndexName)
_KINDS = {IndexName.SECURITY: "clashes", IndexName.HUMANITARIAN: "displacement", IndexName.SERVICES: "services"}
_TIES = 9  # decimals: sums that differ only by rounding share a rank
GEOMETRIC, ARITHMETIC = "geometric", "arithmetic"
NORMALISATIONS = ("goalpost", "min_max", "z_score", "rank")


def in_scope(index: pl.DataFrame, method: Method) -> pl.DataFrame:
    """The townships in conflict in the method's last month, with the three scores; one not known is null.

    Outside conflict there is nothing to rank: the classes do not exist there, and the Security Index is zero for all.
    Services count as known where enough items are, as for the class; a displacement figure that is withheld is not.
    """
    own = index.filter(pl.col("method") == method.name)
    enough = pl.col("services_known_count") >= method.services_known_minimum.value
    return (
        own.filter(pl.col("month") == pl.col("month").max(), pl.col("in_conflict").fill_null(False))
        .with_columns(pl.when(enough).then("services_score").alias("services_score"))
        .select("method", "adm3_pcode", "month", *_SCORES)
        .sort("adm3_pcode")
    )


def require_coverage(scope: pl.DataFrame, method: Method) -> None:
    """Raise UnusableInput, naming each index that is known for too few of the townships in conflict."""
    if scope.is_empty():
        raise UnusableInput(
            f"--composite: no township is known to be in conflict (method {method.name}), so there is nothing to rank; "
            "run without --composite"
        )
    needed = int(np.ceil(scope.height * COVERAGE_FLOOR.value - 1e-9))
    known = {index: int(scope[f"{index}_score"].count()) for index in IndexName}
    short = [index for index in IndexName if known[index] < needed]
    if short:
        found = " and ".join(f"the {index} index is known for {known[index]}" for index in short)
        raise UnusableInput(
            f"--composite: {found} of the {scope.height} townships in conflict (method {method.name}, "
            f"{scope['month'][0]}); each index must be known for two thirds of them, {needed}. Deliver records into "
            f"{' and '.join(f'{_KINDS[index]}/' for index in short)}, or run without --composite"
        )


def normalise(values: Floats, how: str) -> Floats:
    """Columns of `values` on a common scale, NaN staying NaN; a column without variation is the same for all.

    goalpost: the log scores as published, 0 to 100. min_max: 100 (x - min) / (max - min). z_score: (x - mean) / sd,
    with the sample's standard deviation. rank: 100 (places below) / (known - 1), ties sharing the lower place.
    """
    if how == "goalpost":
        return values.copy()
    result = np.full_like(values, np.nan)
    for number, column in enumerate(values.T):
        known = ~np.isnan(column)
        own = column[known]
        varies = own.size > 1 and np.ptp(own) > 0
        if how == "min_max":
            scaled = 100 * (own - own.min()) / np.ptp(own) if varies else np.full(own.size, 50.0)
        elif how == "z_score":
            scaled = (own - own.mean()) / own.std(ddof=1) if varies else np.zeros(own.size)
        elif how == "rank":
            below = np.searchsorted(np.sort(own), own).astype(np.float64)
            scaled = 100 * below / (own.size - 1) if varies else np.full(own.size, 50.0)
        else:
            raise ValueError(f"unknown normalisation {how!r}; choose one of: {', '.join(NORMALISATIONS)}")
        result[known, number] = scaled
    return result


def aggregate(values: Floats, weights: Floats, how: str) -> Floats:
    """Weighted means of the known columns: one row per township, one column per row of `weights`.

    arithmetic: sum(w x) / sum(w). geometric: exp(sum(w ln y) / sum(w)) with y = 1 + 0.99 x, moved back to 0 to 100.
    The weights of unknown columns are left out, so that the others keep their proportions.
    """
    known = ~np.isnan(values)
    whole = known.astype(np.float64) @ weights.T
    step = (100 - LOWEST.value) / 100
    if how == GEOMETRIC:
        logs = np.log(LOWEST.value + step * np.where(known, values, 0.0))
        means = np.exp((np.where(known, logs, 0.0) @ weights.T) / whole)
        return np.asarray((means - LOWEST.value) / step, dtype=np.float64)
    return np.asarray((np.where(known, values, 0.0) @ weights.T) / whole, dtype=np.float64)


def ranks(scores: Floats) -> NDArray[np.int64]:
    """1 for the highest score of each column; equal scores share the best rank."""
    falling = -np.round(scores, _TIES)
    ordered = np.sort(falling, axis=0)
    return np.stack(
        [np.searchsorted(o, f) + 1 for o, f in zip(ordered.T, falling.T, strict=True)], axis=1
    )  # fmt: skip


def _all_ranks(values: Floats) -> Iterator[NDArray[np.int64]]:
    """Ranks of the townships with all indices, for every combination: one array per rule, columns by weights.

    z-scores are averaged only: they go below zero, and moved onto 1 to 100 they are the min-max values again.
    """
    known_count = (~np.isnan(values)).sum(axis=1)
    complete, enough = known_count == len(IndexName), known_count >= KNOWN_AT_LEAST.value
    for kept in (complete, enough):
        rows = values[kept]
        weights = np.vstack([*weightings(values[complete]).values(), drawn_weights()])
        for how in NORMALISATIONS:
            scaled = normalise(rows, how)
            for mean in (ARITHMETIC,) if how == "z_score" else (GEOMETRIC, ARITHMETIC):
                yield ranks(aggregate(scaled, weights, mean))[complete[kept]]


def composite(index: pl.DataFrame, method: Method) -> pl.DataFrame:
    """published.composite of one method: the townships in conflict at the last month of published.township_index.

    Score and rank stand where all three indices are known: goalpost scores, equal weights, geometric mean. The rank
    interval is over weights (equal, entropy, first component, drawn), normalisation, aggregation and what is done with
    townships that lack an index (left out, or scored on two of three, which moves the others down).
    Raises UnusableInput where an index is known for fewer than COVERAGE_FLOOR of the townships.
    """
    scope = in_scope(index, method)
    require_coverage(scope, method)
    values = scope.select(_SCORES).cast(pl.Float64).fill_null(float("nan")).to_numpy()
    complete = (~np.isnan(values)).sum(axis=1) == len(IndexName)
    equal = equal_weights()[None, :]
    columns: dict[str, Floats] = {}
    for name, how in (("composite_geometric_score", GEOMETRIC), ("composite_arithmetic_score", ARITHMETIC)):
        columns[name] = np.full(scope.height, np.nan)
        columns[name][complete] = np.round(aggregate(values[complete], equal, how)[:, 0], SCORE_DECIMALS)
    for name in ("composite_rank", "composite_rank_low", "composite_rank_high"):
        columns[name] = np.full(scope.height, np.nan)
    if complete.any():
        columns["composite_rank"][complete] = ranks(columns["composite_geometric_score"][complete][:, None])[:, 0]
        found = np.concatenate(list(_all_ranks(values)), axis=1)
        ends = [(1 - INTERVAL.value) / 2, (1 + INTERVAL.value) / 2]
        low, high = np.quantile(found, ends, axis=1, method="inverted_cdf")
        columns["composite_rank_low"][complete], columns["composite_rank_high"][complete] = low, high
    made = [pl.Series(name, column).fill_nan(None) for name, column in columns.items()]
    known = pl.sum_horizontal(pl.col(_SCORES).is_not_null()).alias("indices_known_count")
    return conform(scope.with_columns(*made, known), "published.composite")


def composite_weights(index: pl.DataFrame, method: Method) -> pl.DataFrame:
    """published.composite_weights of one method, from the townships for which all indices are known."""
    scope = in_scope(index, method)
    require_coverage(scope, method)
    month: date = scope["month"][0]
    return weights_table(scope.select(_SCORES).drop_nulls().cast(pl.Float64).to_numpy(), method.name, month)


@makes(
    "published.composite",
    reads=("published.township_index",),
    checked_against=("published.township_index",),
)
def composite_table(run: RunContext, index: pl.DataFrame) -> pl.DataFrame:
    return run.each(lambda method: composite(index, method)) if run.composite else empty("published.composite")


@makes("published.composite_weights", reads=("published.township_index",))
def composite_weights_table(run: RunContext, index: pl.DataFrame) -> pl.DataFrame:
    if not run.composite:
        return empty("published.composite_weights")
    return run.each(lambda method: composite_weights(index, method))
