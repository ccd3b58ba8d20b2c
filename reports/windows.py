"""Which months of a series stand apart from its line: those of which not every day can have been counted.

A line between a whole window and a part of one shows a fall or a rise that nobody knows of. Each row decides by its
own window and by the first record of the leading clash source, never by a date that stands in code. Not here: changes
between two months (comparing.py), how lines are drawn (charts.py, sparklines.py).
"""

from collections.abc import Mapping

import polars as pl

from pipeline.codes import Kind
from reports.comparing import counts_clashes
from reports.release import Release
from reports.slices import published

MONTHLY = "clashes_month_count"


def apart(tables: Mapping[str, pl.DataFrame], release: Release, column: str) -> frozenset[int]:
    """Places, among the months of the release's method, whose figure of `column` no line may lead to.

    A month counted by itself stands apart where it is cut. A window does where all windows move on and this one is
    cut, or begins before the month of the first record: windows that all begin on one day only grow, so that a later
    one holds the earlier. What is not counted from clashes has no window.
    """
    if not counts_clashes(column):
        return frozenset()
    own = published(tables, "national_summary").filter(pl.col("method") == release.method)
    part = pl.col("period_end") < pl.col("period_end").dt.month_end()
    if column != MONTHLY:
        if own["period_start"].n_unique() < 2:
            return frozenset()
        part |= pl.col("period_start").dt.month_start() < pl.lit(_first_month(tables, own), pl.Date)
    return frozenset(own.select(part.fill_null(False).arg_true()).to_series().to_list())


def _first_month(tables: Mapping[str, pl.DataFrame], own: pl.DataFrame) -> object:
    """The month of the first record of the source whose clashes are counted; None where no delivery tells."""
    told = published(tables, "deliveries").filter(
        pl.col("kind") == Kind.CLASHES.value, pl.col("source_key") == own["clash_source"].drop_nulls().first()
    )
    return told["first_date"].dt.month_start().min()
