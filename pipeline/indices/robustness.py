"""published.robustness: in how many of the scenarios a township keeps its class, and which single choice changes it.

How far a class rests on choices, not how sure the records are (uncertainty.py). Not here: the classes themselves.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.indices.frames import GRAIN, conform
from pipeline.indices.scenario_classes import Outcome
from pipeline.indices.scores import SHARE_DECIMALS

ROBUSTNESS = "published.robustness"


def robustness(found: Sequence[Outcome]) -> pl.DataFrame:
    """One row per method, month and township, of the scenarios whose source covers the month.

    Insufficient data is a class of its own. An index without any data changes class only with the conflict itself.
    """
    frames = []
    for _, group in groupby(found, key=lambda outcome: outcome.method):
        first, *others = (_rows(outcome) for outcome in group)
        for other in others:
            first = first.join(other, on=GRAIN, how="inner", validate="1:1")
        frames.append(first)
    return conform(pl.concat(frames), ROBUSTNESS)


def _rows(outcome: Outcome) -> pl.DataFrame:
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
