"""published.scenarios: what each scenario gives nationally in the last month, beside the method itself.

Not here: townships one by one (robustness.py), which choice matters most (sensitivity.py).
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.codes import HumanitarianClass, IndexName, SecurityClass, ServicesClass
from pipeline.frames import empty
from pipeline.indices.frames import conform
from pipeline.indices.scenario_classes import CLASSES, Outcome

SCENARIOS = "published.scenarios"
RANK_DECIMALS = 4
WORST = {
    IndexName.SECURITY: SecurityClass.HIGH,
    IndexName.HUMANITARIAN: HumanitarianClass.HIGH,
    IndexName.SERVICES: ServicesClass.SEVERE,
}


def scenarios(found: Sequence[Outcome]) -> pl.DataFrame:
    """One row per method, index and scenario whose source covers the last month.

    `rank_shift_mean` is the mean over townships of |rank in the method - rank in the scenario| (OECD/JRC handbook 2008,
    step 7), ranks by the index's own quantity, ties at their average rank, among the townships known in both.
    """
    frames = [_rows(outcome) for outcome in found]
    return conform(pl.concat([empty(SCENARIOS), *frames]), SCENARIOS)


def _rows(outcome: Outcome) -> pl.DataFrame:
    codes, worst = outcome.codes[:, -1], list(CLASSES[outcome.grid.index]).index(WORST[outcome.grid.index])
    month: date = outcome.months[-1]
    frame = pl.DataFrame(
        {
            "method": outcome.method,
            "index_name": outcome.grid.index.value,
            "scenario": [scenario.text for scenario in outcome.grid.scenarios],
            "month": month,
            "is_baseline": [n == 0 for n in range(len(codes))],
            "worst_class_count": (codes == worst).sum(axis=1),
            "townships_moved_count": (codes != codes[0]).sum(axis=1),
            "scenario_control_share": outcome.control_share,
            "rank_shift_mean": rank_shifts(outcome.quantity),
        }
    ).with_columns(pl.col("scenario_control_share", "rank_shift_mean").fill_nan(None))
    kept = frame.filter(pl.Series(outcome.applies[:, -1]))
    return kept.select(empty(SCENARIOS).columns).cast(dict(empty(SCENARIOS).schema))  # type: ignore[arg-type]


def rank_shifts(quantity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean absolute shift of ranks of every row against the first; NaN where fewer than two are known in both."""
    shifts, seen = np.full(len(quantity), np.nan), dict[bytes, float]()
    for number, values in enumerate(quantity):
        known = values.tobytes()  # many scenarios rank by the same figures
        if known not in seen:
            seen[known] = _rank_shift(quantity[0], values)
        shifts[number] = seen[known]
    return shifts


def _rank_shift(own: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    both = ~(np.isnan(own) | np.isnan(other))
    if both.sum() < 2:
        return float("nan")
    first, second = (pl.Series(values[both]).rank("average").to_numpy() for values in (own, other))
    return float(np.abs(first - second).mean().round(RANK_DECIMALS))
