"""The optional composite of the three published scores, with how far its ranks depend on how it is made.

Secondary: ISP-Myanmar merges nothing, and the profile of the three indices is the result. Made only when asked for
(`--composite`). Not here: the weights (composite_weights.py) and the scores (security, humanitarian, services).
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.codes import IndexName
from pipeline.errors import UnusableInput
from pipeline.indices.composite_weights import Floats, drawn_weights, equal_weights, weightings, weights_table
from pipeline.indices.frames import conform
from pipeline.indices.scores import SCORE_DECIMALS
from pipeline.methods import Choice, Method

COVERAGE_FLOOR = Choice(
    2 / 3,
    "Two thirds, as much as the Global Innovation Index asks of each country's data: below it a rank says more about "
    "who reports than about the townships.",
)
KNOWN_AT_LEAST = Choice(2, "Two of three: of a township with one index known there is nothing to put together.")
LOWEST = Choice(
    1,
    "Scores are moved from 0 to 100 onto 1 to 100 before they are multiplied: a single zero would otherwise wipe out "
    "the other two. COINr asks for the same.",
)
INTERVAL = Choice(0.95, "The usual 95 %: the 2.5th and the 97.5th percentile of the ranks.")

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
