"""published.sensitivity: which choice moves the indices most, read off the scenarios of the last month.

published.robustness: in how many of the scenarios a township keeps its class, and which single changes move it.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.analysis.scenario_grid import RECORDS, records_of
from pipeline.analysis.scenarios import Outcome, outcomes, sentence
from pipeline.analysis.scenarios import scenarios as scenario_rows
from pipeline.declare.codes import IndexName, SecurityClass
from pipeline.declare.indices import BY_INDEX
from pipeline.indices.frames import GRAIN, SHARE_DECIMALS, conform
from pipeline.indices.run_context import RunContext, makes

SENSITIVITY = "published.sensitivity"


def sensitivity(scenarios: pl.DataFrame) -> pl.DataFrame:
    """One row per method, index and choice, from published.scenarios; also for a choice without an alternative.

    Raises ValueError where a scenario is neither the method itself nor one single change of it.
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
    changes = levels.select(pl.sum_horizontal((pl.col(c) != own[c]).cast(pl.Int64) for c in levels.columns)).to_series()
    wrong = group.filter(changes != (~group["is_baseline"]).cast(pl.Int64))["scenario"]
    if not wrong.is_empty():
        raise ValueError(f"{wrong.len()} scenarios are no single change of the method, for example {wrong[0]!r}")
    base = group.row(by_predicate=pl.col("is_baseline"), named=True)
    rows = []
    for choice in levels.columns:
        alone = levels[choice] != own[choice]
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
            }
        )
    return pl.DataFrame(rows, schema_overrides=_TYPES, infer_schema_length=None)


_TYPES = {
    "townships_moved_by": pl.String,
    **dict.fromkeys(("control_share_low", "control_share_high"), pl.Float64),
}


ROBUSTNESS = "published.robustness"
_OUTSIDE, _UNKNOWN = SecurityClass.NOT_IN_CONFLICT.value, SecurityClass.INSUFFICIENT_DATA.value  # of every index


def robustness(found: Sequence[Outcome]) -> pl.DataFrame:
    """One row per method, month and township, of the scenarios whose source covers the month.

    Insufficient data is a class of its own. A kept share is blank where no scenario has a figure to class.
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
    told = could_change(outcome)
    return pl.DataFrame(
        {
            "method": outcome.method,
            "month": np.repeat(np.array(outcome.months, dtype="datetime64[D]"), size),
            "adm3_pcode": outcome.places * len(outcome.months),
            f"{index}_scenarios_count": np.repeat(count, size),
            f"{index}_kept_share": pl.Series(np.where(told, share, np.nan).reshape(-1)).fill_nan(None),
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


def could_change(outcome: Outcome) -> NDArray[np.bool_]:
    """Where a choice could give another class (month x township): some scenario has a figure to class.

    Nought stays nought whatever the choice, and so does what nobody reports: such a township keeps its class for want
    of anything to test.
    """
    names = list(BY_INDEX[outcome.grid.index].classes)
    untold = [names.index(code) for code in names if str(code) in (_OUTSIDE, _UNKNOWN)]
    return np.asarray((~np.isin(outcome.codes, untold) & outcome.applies[:, :, None]).any(axis=0), dtype=np.bool_)


def changed_by(outcome: Outcome) -> pl.Series:
    """The single changes that give another class, "choice=alternative; ...", by month and township; null for none.

    Townships share few patterns of changes, so each pattern is written once.
    """
    singles = outcome.grid.single_changes
    changed = (outcome.codes[1:] != outcome.codes[0]) & outcome.applies[1:, :, None]
    patterns, which = np.unique(changed.reshape(len(singles), -1), axis=1, return_inverse=True)
    texts = [
        "; ".join(text for text, moved in zip(singles, pattern, strict=True) if moved) or None for pattern in patterns.T
    ]
    return pl.Series(texts, dtype=pl.String).gather(which.reshape(-1))


@makes(
    "published.sensitivity",
    reads=("published.scenarios",),
    checked_against=("published.scenarios",),
)
def sensitivity_table(run: RunContext, scenarios: pl.DataFrame) -> pl.DataFrame:
    return sensitivity(scenarios)


_INDICES = tuple(f"indices.{index}" for index in IndexName)


@makes(
    "published.scenarios",
    "published.robustness",
    reads=(*RECORDS, *_INDICES),
    checked_against={
        "published.scenarios": ("published.township_index", "published.territorial_control"),
        "published.robustness": ("published.scenarios",),
    },
    sentence=sentence,
)
def scenario_tables(run: RunContext, *tables: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    records, indices = tables[: len(RECORDS)], tables[len(RECORDS) :]
    found = outcomes(records_of(run, *records), run.methods, dict(zip(IndexName, indices, strict=True)))
    return scenario_rows(found), robustness(found)


MADE = (scenario_tables, sensitivity_table)
