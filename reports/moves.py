"""Townships that moved between the classes of an index since an earlier month, and cells that moved since a release.

A township whose data came or went has not become better or worse: such moves have words of their own.
Not here: rises and falls of clashes (changes.py), what makes a class (pipeline.indices).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.codes import IndexName
from reports.bilingual import Both, label_both, month_both, same, say
from reports.boards import Board, Cell, Grid, places
from reports.comparing import slides_into_part
from reports.release import Release
from reports.slices import months, published
from reports.wording import NOT_REPORTED, number

Frames = Mapping[str, pl.DataFrame]
_NAMED, _ROWS = 8, 50
SLID = (
    "The last month is not over, and a window of twelve months has lost a whole month for it: that a class is lighter "
    "can be due to this alone."
)
_OTHER_DAYS = (
    "{count} of these are of a month that runs to another day in the two releases: the period is another one, so "
    "nothing need have been revised."
)
_WHOLE_ROWS = "Months or rows that only one of the two releases holds, column “rows”: {count}."
_QUIET = "not_in_conflict"
# From the lightest to the heaviest class of each index; a class outside the order says that something is not known.
_ORDER = {
    IndexName.SECURITY: ("not_in_conflict", "low", "high"),
    IndexName.HUMANITARIAN: ("not_in_conflict", "no_new_idps", "low", "high"),
    IndexName.SERVICES: ("not_in_conflict", "lower", "severe"),
}


@dataclass(frozen=True)
class Move:
    code: str
    name: str
    name_my: str
    state_region: str
    index: IndexName
    before: str | None
    now: str | None

    @property
    def kind(self) -> Both:
        order = _ORDER[self.index]
        if self.index != IndexName.SECURITY:
            # Their classes exist only in conflict: a first clash gives one, without any newer report.
            if self.before == _QUIET:
                return say("◆ in conflict now, not before")
            if self.now == _QUIET:
                return say("◇ no longer in conflict")
        if self.now not in order:
            return say("◇ not known now")
        if self.before not in order:
            return say("◆ known now, not before")
        return say("▲ more severe") if order.index(self.now) > order.index(self.before) else say("▼ less severe")


def earlier(tables: Frames, release: Release, back: int) -> date | None:
    """The month `back` months before the last one; None where the release does not reach so far."""
    steps = months(tables, release.method)
    last = steps[-1]
    year, month = divmod(last.year * 12 + last.month - 1 - back, 12)
    wanted = date(year, month + 1, 1)
    return wanted if wanted in steps else None


def moves(tables: Frames, release: Release, since: date | None) -> list[Move]:
    """Every township and index whose class differs between `since` and the last month, by index and P-code."""
    if since is None:
        return []
    classes = [f"{name}_class" for name in IndexName]
    index = published(tables, "township_index").filter(pl.col("method") == release.method)
    last = months(tables, release.method)[-1]
    then = index.filter(pl.col("month") == since).select("adm3_pcode", pl.col(classes).name.suffix("_before"))
    rows = (
        index.filter(pl.col("month") == last).select("adm3_pcode", *classes)
        .join(then, on="adm3_pcode", how="inner", validate="1:1")
        .join(published(tables, "townships").select("adm3_pcode", "adm3_name", "adm3_name_my", "state_region"),
              on="adm3_pcode", how="inner", validate="1:1")
        .sort("adm3_pcode").to_dicts()
    )  # fmt: skip
    return [
        Move(row["adm3_pcode"], row["adm3_name"], row["adm3_name_my"] or NOT_REPORTED, row["state_region"], name,
             row[f"{name}_class_before"], row[f"{name}_class"])
        for name in IndexName for row in rows if row[f"{name}_class"] != row[f"{name}_class_before"]
    ]  # fmt: skip


def moved(tables: Frames, release: Release, back: int) -> dict[str, Any]:
    """The moves since `back` months before the last: the month, the moves, and how many of each kind an index has."""
    since = earlier(tables, release, back)
    found = moves(tables, release, since)
    return {
        "since": month_both(since) if since else None,
        "caution": say(SLID) if since and _window_slid(tables, release, since) else None,
        "moves": [
            {"code": one.code, "name": one.name, "name_my": one.name_my, "state_region": one.state_region,
             "index": label_both(one.index), "before": label_both(one.before), "now": label_both(one.now),
             "kind": one.kind}
            for one in found
        ],
        "grid": _grid(found, since) if since and found else None,
    }  # fmt: skip


def _window_slid(tables: Frames, release: Release, since: date) -> bool:
    """Whether the last month is a part of one while the window has lost a whole month since."""
    own = published(tables, "national_summary").filter(pl.col("method") == release.method)
    rows = {row["month"]: row for row in own.to_dicts()}
    return slides_into_part(rows[max(rows)], rows[since])


def _grid(found: list[Move], since: date) -> Grid:
    """One row for each pair of classes of an index."""
    pairs = Counter((one.index, one.before, one.now) for one in found)
    rows: list[tuple[Cell, ...]] = []
    for index, before, now in pairs:
        own = [one for one in found if (one.index, one.before, one.now) == (index, before, now)]
        rows.append((label_both(index), label_both(before), label_both(now), own[0].kind, number(len(own)),
                     places([(one.code, one.name) for one in own], _NAMED)))  # fmt: skip
    header = (
        (say("Index"), False), (say("Class then"), False), (say("Class now"), False), (say("Change"), False),
        (say("Townships"), True), (say("Which"), False),
    )  # fmt: skip
    return Grid(say("Townships of another class than in {month}", month=month_both(since)), header, tuple(rows))


def since_release(changes: pl.DataFrame | None) -> Board:
    """What an earlier release said otherwise: cells by table, column and kind, then the first of them.

    `changes` has the columns table, method, month, adm3_pcode, column, before, after and kind; None where there is
    no earlier release. Raises ValueError naming the columns that are missing.
    """
    if changes is None:
        return Board((say("There is no earlier release beside this one: nothing can be said of changes since it."),))
    wanted = ["table", "method", "month", "adm3_pcode", "column", "before", "after", "kind"]
    missing = [name for name in wanted if name not in changes.columns]
    if missing:
        raise ValueError(f"the changes since the last release lack the column(s) {', '.join(missing)}")
    if changes.is_empty():
        return Board((say("No cell that both releases hold has another value than in the release before."),))
    beside = [name for name in ("scope", "basis", "measure") if name in changes.columns]
    frame = changes.select(pl.col([*wanted, *beside]).cast(pl.String)).sort([*wanted, *beside])
    counted = frame.group_by("table", "column", "kind").len("cells").sort("table", "column", "kind")
    summary = Grid(
        say("Changes since the release before, by column"),
        ((say("Table"), False), (say("Column"), False), (say("Kind of change"), False), (say("Cells"), True)),
        tuple(
            (table, column or say("the whole row"), (kind or NOT_REPORTED).replace("_", " "), number(cells))
            for table, column, kind, cells in counted.iter_rows()
        ),
    )  # fmt: skip
    first = Grid(
        say("The first {shown} of {total} changes", shown=number(min(_ROWS, frame.height)), total=number(frame.height)),
        ((say("Table"), False), (say("Method"), False), (say("Month"), False), (say("Place"), False),
         (say("Column"), False), (say("Before"), False), (say("Now"), False)),
        tuple(
            (row["table"], row["method"] or say("none"), row["month"] or say("none"), _place(row),
             row["column"] or say("the whole row"), _value(row["before"]), _value(row["after"]))
            for row in frame.head(_ROWS).to_dicts()
        ),
    )  # fmt: skip
    rows, other_days = pl.col("column") == "rows", pl.col("kind") == "other_days"
    words = [say("{cells} cells have another value than in the release before.",
                 cells=number(frame.filter(~rows.fill_null(False)).height))]  # fmt: skip
    counts = ((frame.filter(other_days.fill_null(False)).height, _OTHER_DAYS),
              (frame.filter(rows.fill_null(False)).height, _WHOLE_ROWS))  # fmt: skip
    words += [say(phrase, count=number(count)) for count, phrase in counts if count]
    return Board(tuple(words), (summary, first))


def _place(row: Mapping[str, Any]) -> Both | str:
    """The township, or what else the row is of: the country or a state, on which basis, measured in what."""
    parts = [row[name] for name in ("adm3_pcode", "scope", "basis", "measure") if row.get(name)]
    return " · ".join(parts) if parts else say("none")


def _value(text: str | None) -> Both:
    if text == "suppressed":
        return say("fewer than 10")
    return say(NOT_REPORTED) if text is None or not text else same(text)
