"""Whether a figure of two months may be set side by side: one rule for tiles, tables, regions and the brief.

A part of a month is no whole one, other townships that report are no rise, and reports carried on are no calm.

Which months of a series stand apart from its line: those of which not every day can have been counted.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from pipeline.declare.codes import Kind
from reports.release import Release, published

Row = Mapping[str, Any]
NONE, PART, OTHERS, NO_NEWER = (
    "no comparison", "no comparison: part of a month", "no comparison: other townships report", "no newer report",
)  # fmt: skip
# What a window that loses a whole month and gains a part of one leaves as it is.
_NO_CLASHES = ("idps_", "evidence_")


def is_part(period_end: date) -> bool:
    """Whether a month that ends on that day is not over."""
    return (period_end + timedelta(days=1)).month == period_end.month


def slides_into_part(now: Row, then: Row) -> bool:
    """Whether the window of `now` has lost a whole month since `then` and gained a part of one."""
    starts = now["period_start"], then["period_start"]
    return None not in starts and starts[0] != starts[1] and is_part(now["period_end"])


def counts_clashes(column: str) -> bool:
    """Whether a figure is counted from the clashes of a window, so that days outside of it are missing in it."""
    return not column.startswith(_NO_CLASHES)


class Comparing:
    """The displacement reports in force by month and state or region, and the rule."""

    def __init__(self, tables: Mapping[str, pl.DataFrame], release: Release) -> None:
        index = published(tables, "township_index").filter(pl.col("method") == release.method)
        reports = index.filter(pl.col("idps_persons").is_not_null() | pl.col("idps_suppressed").fill_null(False))
        self._reports: dict[tuple[str | None, date], dict[str, tuple[Any, ...]]] = {}
        wanted = ("month", "state_region", "adm3_pcode", "idps_reference_date", "idps_persons")
        for month, state, code, *report in reports.select(wanted).iter_rows():
            for scope in (None, state):
                self._reports.setdefault((scope, month), {})[code] = tuple(report)

    def refusal(self, column: str, now: Row, then: Row | None, scope: str | None = None) -> str | None:
        """The phrase that stands for the change of a summary's column; None where the difference may be shown.

        `scope` is a state or region, None the country.
        """
        if then is None:
            return NONE
        if column == "clashes_month_count" and is_part(now["period_end"]):
            return PART
        if counts_clashes(column):
            return PART if slides_into_part(now, then) else None
        if column not in ("idps_persons", "idps_reporting_count"):
            return None
        of_now, of_then = (self._reports.get((scope, row["month"]), {}) for row in (now, then))
        if of_now and of_now == of_then:
            return NO_NEWER
        if column == "idps_reporting_count":
            return None
        if any(0 < (row[column] or 0) < 10 for row in (now, then)):
            return NONE  # a difference from a withheld figure would give it away
        return OTHERS if of_now.keys() != of_then.keys() else None


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
