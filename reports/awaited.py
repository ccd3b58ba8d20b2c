"""Columns and tables that other parts of the same edition bring: the one place that asks whether they are there.

To be dropped once all of them are declared: `awaited(row, column)` becomes `row[column]`, and `awaited_table` the
table taken by `reports.slices.published`.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

AWAITED = frozenset({
    # township_index
    "security_rank", "security_rank_low", "security_rank_high", "services_class_best", "services_class_worst",
    "control_by_security", "control_by_administration", "control_by_observation", "exact_share", "reporting_share",
    "evidence_points_count",
    # territorial_control
    "lost_expected_share", "lost_interval_low", "lost_interval_high",
    # national_summary
    "security_high_expected", "security_high_low", "security_high_high", "services_severe_low", "services_severe_high",
    "evidence_a_count", "evidence_b_count", "evidence_c_count", "evidence_d_count",
})  # fmt: skip


def awaited(row: Mapping[str, Any], column: str) -> Any:
    """The value of a column that may not be declared yet; None then. KeyError for any other name."""
    if column not in AWAITED:
        raise KeyError(column)
    return row.get(column)


def awaited_table(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame | None:
    """A table that may not be declared yet: change_summary. KeyError for any other name."""
    if name != "change_summary":
        raise KeyError(name)
    return tables.get(name)
