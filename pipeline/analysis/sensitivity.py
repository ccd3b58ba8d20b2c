"""published.sensitivity: which choice moves the indices most, read off the scenarios of the last month.

Sobol indices share out the variance over all scenarios, every alternative equally likely: the first-order index is
what a choice explains alone, the total index what it has any part in.

published.robustness: in how many of the scenarios a township keeps its class, and which single choice changes it.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.analysis.scenarios import Outcome
from pipeline.declare.methods import SOBOL_POINTS, SOBOL_SEED
from pipeline.indices.frames import GRAIN, SHARE_DECIMALS, conform
from pipeline.indices.run_context import RunContext, makes

SENSITIVITY = "published.sensitivity"
SOBOL_DECIMALS = 4
_OUTPUTS = {"control": "scenario_control_share", "rank": "rank_shift_mean", "moved": "townships_moved_count"}


def sensitivity(scenarios: pl.DataFrame) -> pl.DataFrame:
    """One row per method, index and choice, from published.scenarios; also for a choice without an alternative.

    Raises ValueError where the scenarios of an index are not every combination of their choices.
    """
    groups = scenarios.sort("method", "index_name", "scenario").group_by("method", "index_name", maintain_order=True)
    frames = [_rows(group) for _, group in groups]
    return conform(pl.concat(frames), SENSITIVITY)


def settings(scenarios: pl.DataFrame) -> pl.DataFrame:
    """The settings of each scenario as columns, one per choice in the order of the choices."""
    names = [part.partition("=")[0] for part in scenarios["scenario"][0].split("; ")]
    parts = [dict(part.split("=", 1) for part in text.split("; ")) for text in scenarios["scenario"]]
    return pl.DataFrame({name: [one[name] for one in parts] for name in names})


def _rows(group: pl.DataFrame) -> pl.DataFrame:
    levels = settings(group)
    own = levels.filter(group["is_baseline"]).row(0, named=True)
    changed = levels.select(pl.sum_horizontal((pl.col(c) != own[c]).cast(pl.Int64) for c in levels.columns)).to_series()
    sobol = {output: _sobol(levels, group[column]) for output, column in _OUTPUTS.items()}
    base = group.row(by_predicate=pl.col("is_baseline"), named=True)
    rows = []
    for number, choice in enumerate(levels.columns):
        alone = (changed == 1) & (levels[choice] != own[choice])
        singles = group.filter(alone).with_columns(levels.filter(alone)[choice].alias("level"))
        most = singles.sort("townships_moved_count", "level", descending=[True, False]).head(1)
        moved = most["townships_moved_count"].item() if most.height else 0
        shares = [base["scenario_control_share"], *singles["scenario_control_share"]]
        known = [share for share in shares if share is not None]
        rows.append(
            {
                "method": base["method"],
                "index_name": base["index_name"],
                "choice": choice,
                "month": base["month"],
                "alternatives_count": singles.height,
                "scenarios_count": group.height,
                "townships_moved_count": moved,
                "townships_moved_by": most["level"].item() if moved else None,
                "control_share_low": min(known, default=None),
                "control_share_high": max(known, default=None),
                **{
                    f"{output}_sobol_{order}": None if found is None else float(found[position, number])
                    for output, found in sobol.items()
                    for position, order in enumerate(("first", "total"))
                },
            }
        )
    return pl.DataFrame(rows, schema_overrides=_TYPES, infer_schema_length=None)


_TYPES = {
    "townships_moved_by": pl.String,
    **dict.fromkeys(("control_share_low", "control_share_high"), pl.Float64),
    **{f"{output}_sobol_{order}": pl.Float64 for output in _OUTPUTS for order in ("first", "total")},
}


def _sobol(levels: pl.DataFrame, output: pl.Series) -> NDArray[np.float64] | None:
    """First-order and total indices of one output (2 x choice); None where it is undefined or does not vary.

    A level under which the output is nowhere known (a basis that nobody reported on) is left out: what remains is
    still every combination of the other levels.
    """
    names = levels.columns
    known = output.is_not_null()
    for name in names:
        some = levels.filter(known)[name].unique()
        kept = levels[name].is_in(some.implode())
        levels, output, known = levels.filter(kept), output.filter(kept), known.filter(kept)
    if output.is_empty() or not known.all() or output.n_unique() < 2:
        return None
    return sobol(*factorial(levels, output))


def factorial(levels: pl.DataFrame, output: pl.Series) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """The output as an array with one axis per choice, and its shape. ValueError where a combination is missing."""
    ranked = [levels[name].rank("dense").to_numpy().astype(np.int64) - 1 for name in levels.columns]
    shape = tuple(int(places.max()) + 1 for places in ranked)
    table = np.full(shape, np.nan)
    table[tuple(ranked)] = output.to_numpy()
    if len(output) != table.size or np.isnan(table).any():
        raise ValueError(f"{len(output)} scenarios, but {table.size} combinations of {', '.join(levels.columns)}")
    return table, shape


class _Levels:
    """The levels of a choice, equally likely: what scipy draws a choice from."""

    def __init__(self, count: int) -> None:
        self._count = count

    def ppf(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.minimum(np.floor(np.asarray(share) * self._count), self._count - 1)


def sobol(table: NDArray[np.float64], shape: Sequence[int]) -> NDArray[np.float64]:
    """First-order and total Sobol indices (Saltelli and others 2010) of outputs computed beforehand, 2 x axis.

    scipy draws the combinations, the outputs are looked up. An axis of one level has exactly 0.
    """
    from scipy.stats import sobol_indices

    def looked_up(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(table[tuple(drawn.astype(np.int64))], dtype=np.float64)

    found = sobol_indices(
        func=looked_up,
        n=int(SOBOL_POINTS.value),
        dists=[_Levels(count) for count in shape],
        rng=np.random.default_rng(int(SOBOL_SEED.value)),
    )
    indices = np.array([found.first_order, found.total_order]).round(SOBOL_DECIMALS)
    varied = np.array(shape) > 1
    return np.asarray(np.where(varied, indices, 0.0) + 0.0, dtype=np.float64)


ROBUSTNESS = "published.robustness"


def robustness(found: Sequence[Outcome]) -> pl.DataFrame:
    """One row per method, month and township, of the scenarios whose source covers the month.

    Insufficient data is a class of its own. An index without any data changes class only with the conflict itself.
    """
    frames = []
    for _, group in groupby(found, key=lambda outcome: outcome.method):
        first, *others = (_kept_rows(outcome) for outcome in group)
        for other in others:
            first = first.join(other, on=GRAIN, how="inner", validate="1:1")
        frames.append(first)
    return conform(pl.concat(frames), ROBUSTNESS)


def _kept_rows(outcome: Outcome) -> pl.DataFrame:
    index, size = outcome.grid.index.value, len(outcome.places)
    count, share = kept(outcome.codes, outcome.applies)
    return pl.DataFrame(
        {
            "method": outcome.method,
            "month": np.repeat(np.array(outcome.months, dtype="datetime64[D]"), size),
            "adm3_pcode": outcome.places * len(outcome.months),
            f"{index}_scenarios_count": np.repeat(count, size),
            f"{index}_kept_share": share.reshape(-1),
            f"{index}_changed_by": changed_by(outcome),
        }
    )


def kept(codes: NDArray[np.uint8], applies: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Scenarios of each month, and the share of them in which each township keeps the class of the first one.

    `codes` is scenario x month x township, `applies` scenario x month; the share is month x township.
    """
    count = applies.sum(axis=0).astype(np.int64)
    same = ((codes == codes[0]) & applies[:, :, None]).sum(axis=0)
    return count, (same / count[:, None]).round(SHARE_DECIMALS)


def changed_by(outcome: Outcome) -> pl.Series:
    """The single changes that give another class, "choice=alternative; ...", by month and township; null for none.

    Townships share few patterns of changes, so each pattern is written once.
    """
    singles = outcome.grid.single_changes
    places = [position for position, _ in singles]
    changed = (outcome.codes[places] != outcome.codes[0]) & outcome.applies[places][:, :, None]
    patterns, which = np.unique(changed.reshape(len(singles), -1), axis=1, return_inverse=True)
    texts = [
        "; ".join(text for (_, text), moved in zip(singles, pattern, strict=True) if moved) or None
        for pattern in patterns.T
    ]
    return pl.Series(texts, dtype=pl.String).gather(which.reshape(-1))


@makes(
    "published.sensitivity",
    reads=("published.scenarios",),
    checked_against=("published.scenarios",),
    second_process=True,
)
def sensitivity_table(run: RunContext, scenarios: pl.DataFrame) -> pl.DataFrame:
    return sensitivity(scenarios)
