"""Months beside each other: which are set side by side, whether a figure of two may be, and how it moved.

A part of a month is no whole one, other townships that report are no rise, and reports carried on are no calm.

Which months of a series stand apart from its line: those of which not every day can have been counted.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar

import polars as pl

from pipeline.declare.codes import Kind
from reports.figures import FIGURES, Compared, Figure, Unit
from reports.release import Release, published
from reports.text.catalogue import say
from reports.text.values import Change, change

Row = Mapping[str, Any]
R = TypeVar("R", bound=Row)
MONTHLY = "clashes_month_count"
NONE, PART, OTHERS, NO_NEWER = (
    "no comparison", "no comparison: part of a month", "no comparison: other townships report", "no newer report",
)  # fmt: skip


def is_part(period_end: date) -> bool:
    """Whether a month that ends on that day is not over."""
    return (period_end + timedelta(days=1)).month == period_end.month


def slides_into_part(now: Row, then: Row) -> bool:
    """Whether the window of `now` has lost a whole month since `then` and gained a part of one."""
    starts = now["period_start"], then["period_start"]
    return None not in starts and starts[0] != starts[1] and is_part(now["period_end"])


def earlier(month: date, back: int) -> date:
    """The first day of the month `back` months before."""
    count = month.year * 12 + month.month - 1 - back
    return date(count // 12, count % 12 + 1, 1)


def beside(rows: Mapping[date, R]) -> tuple[R, R | None, R | None]:
    """The newest month's row, and what it is set beside: the month before, and twelve months before, where they are.

    Raises ValueError where there is no row at all.
    """
    last = max(rows)
    return rows[last], rows.get(earlier(last, 1)), rows.get(earlier(last, 12))


def national_rows(tables: Mapping[str, pl.DataFrame], release: Release) -> dict[date, dict[str, Any]]:
    """Month -> the country's row of the release's method, oldest first. Raises ValueError where there is none."""
    own = published(tables, "national_summary").filter(pl.col("method") == release.method)
    if own.is_empty():
        raise ValueError(f"national_summary holds no row of method {release.method!r}; the release has nothing to show")
    return {row["month"]: row for row in own.to_dicts()}


def clashes_by_month(tables: Mapping[str, pl.DataFrame], release: Release, *by: str) -> dict[Any, int | None]:
    """Month, or the columns `by` and the month -> clashes placed in a township; None where none is known."""
    summed = (
        published(tables, "township_index").filter(pl.col("method") == release.method).group_by(*by, "month")
        .agg(pl.when(pl.col(MONTHLY).count() > 0).then(pl.col(MONTHLY).sum()))
    )  # fmt: skip
    return {key[0] if len(key) == 1 else tuple(key): count for *key, count in summed.iter_rows()}


def mean_by_month(tables: Mapping[str, pl.DataFrame], release: Release) -> dict[tuple[str, date], float | None]:
    """State or region and month -> clashes of the month a township, of those whose count is known."""
    own = published(tables, "township_index").filter(pl.col("method") == release.method)
    rows = own.group_by("state_region", "month").agg(pl.col(MONTHLY).mean()).iter_rows()
    return {(state, month): mean for state, month, mean in rows}


class Comparing:
    """The displacement reports in force by month and state or region, and the rule."""

    def __init__(self, tables: Mapping[str, pl.DataFrame], release: Release) -> None:
        windows = published(tables, "national_summary").filter(pl.col("method") == release.method)["period_start"]
        self._one_start = windows.n_unique() < 2
        index = published(tables, "township_index").filter(pl.col("method") == release.method)
        reports = index.filter(pl.col("idps_persons").is_not_null() | pl.col("idps_suppressed").fill_null(False))
        self._reports: dict[tuple[str | None, date], dict[str, tuple[Any, ...]]] = {}
        wanted = ("month", "state_region", "adm3_pcode", "idps_reference_date", "idps_persons")
        for month, state, code, *report in reports.select(wanted).iter_rows():
            for scope in (None, state):
                self._reports.setdefault((scope, month), {})[code] = tuple(report)

    def change(self, figure: Figure, now: Row, then: Row | None, scope: str | None = None) -> Change:
        """How a national figure moved, or why that cannot be said; `scope` is a state or region, None the country."""
        refused = self.refusal(figure, now, then, scope)
        if then is None or refused:
            return Change("", say(refused or NONE))
        found = change(figure.value(now), figure.value(then), points=figure.unit == Unit.SHARE)
        return replace(found, only_rises=figure.is_total and self._one_start)

    def refusal(self, figure: Figure, now: Row, then: Row | None, scope: str | None = None) -> str | None:
        """The phrase that stands for the change of a figure; None where the difference may be shown."""
        if then is None:
            return NONE
        if figure.compared == Compared.MONTH:
            return PART if is_part(now["period_end"]) else None
        if figure.compared in (Compared.WINDOW, Compared.DISPLACED) and slides_into_part(now, then):
            return PART
        if figure.compared == Compared.WINDOW:
            return None
        if figure.compared == Compared.ALWAYS:
            return None
        of_now, of_then = (self._reports.get((scope, row["month"]), {}) for row in (now, then))
        if of_now and of_now == of_then:
            return NO_NEWER
        if figure.compared in (Compared.REPORTS, Compared.DISPLACED):
            return None
        if any(0 < (row[figure.column] or 0) < 10 for row in (now, then)):
            return NONE  # a difference from a withheld figure would give it away
        return OTHERS if of_now.keys() != of_then.keys() else None


def apart(tables: Mapping[str, pl.DataFrame], release: Release, column: str) -> frozenset[int]:
    """Places, among the months of the release's method, whose figure of `column` no line may lead to.

    A month counted by itself stands apart where it is cut. A window does where all windows move on and this one is
    cut, or begins before the month of the first record: windows that all begin on one day only grow, so that a later
    one holds the earlier. What is not counted from clashes has no window.
    """
    if FIGURES[column].compared not in (Compared.WINDOW, Compared.MONTH):
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
