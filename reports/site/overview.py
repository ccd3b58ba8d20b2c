"""Key figures of the country as tiles: the figure, how sure it is, how it moved, and its months as a small line.

How fresh the last months are, in words: which are provisional, and whether the last one is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl
from markupsafe import Markup

from pipeline.declare.codes import Basis, Measure
from reports.draw.charts import draw_trend
from reports.figures import comparable_rows
from reports.months import MONTHLY, Comparing, apart
from reports.release import Release, published
from reports.text.catalogue import Both, day_both, month_both, same, say
from reports.text.values import change_both, count_both, number_both, persons_both, share_both
from reports.text.wording import day, known, month_name, number, percent_interval

Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Tile:
    """`figure` and its `note` (denominator, interval); `moves` are (since when, change); `file` holds the numbers."""

    key: str
    name: Both
    figure: Both
    notes: tuple[Both, ...]
    moves: tuple[tuple[Both, Both], ...]
    line: Markup
    line_words: Both
    file: str


def tiles(tables: Frames, release: Release) -> list[Tile]:
    """Townships in conflict, class high, clashes, displaced people, services and control lost, in this order."""
    now, before, year = comparable_rows(tables, release)
    comparing = Comparing(tables, release)
    own = published(tables, "national_summary").filter(pl.col("method") == release.method)
    monthly = dict(
        published(tables, "township_index").filter(pl.col("method") == release.method).group_by("month")
        .agg(pl.when(pl.col("clashes_month_count").count() > 0).then(pl.col("clashes_month_count").sum())).iter_rows()
    )  # fmt: skip
    of_all = say("of {total} townships ({share})", total=number(now["townships_count"]),
                 share=share_both(now["in_conflict_share"]))  # fmt: skip
    days = {"first": day_both(now["period_start"]), "last": day_both(now["period_end"])}

    def moves(column: str) -> tuple[tuple[Both, Both], ...]:
        return tuple((month_both(row["month"]), _move(comparing, column, now, row)) for row in (before, year) if row)

    def tile(
        key: str, name: Both, column: str, figure: Both, *notes: Both | None,
        line: Sequence[float | None], line_words: Both,
    ) -> Tile:  # fmt: skip
        drawn = draw_trend(line, line_words, apart(tables, release, MONTHLY if key == "clashes" else column))
        words = line_words if any(value is not None for value in line) else same("")
        told = tuple(note for note in notes if note)
        return Tile(key, name, figure, told, moves(column), drawn, words, "national_summary")

    by_month = say("by month, {first} to {last}", first=month_both(own["month"][0]), last=month_both(now["month"]))
    shown = [
        tile("in-conflict", say("Townships in conflict"), "in_conflict_count", number_both(now["in_conflict_count"]),
             of_all, say("a floor: what no source reports is not in it"), line=own["in_conflict_count"].to_list(),
             line_words=by_month),
        tile("security-high", say("Townships of class high on security"), "security_high_count",
             number_both(now["security_high_count"]), _interval(now, "security_high", "expected {value}, 95 % interval "
             "{low} to {high} (chance in the counts only)"), line=own["security_high_count"].to_list(),
             line_words=by_month),
        tile("clashes", say("Clashes placed in a township"), "clashes_count", number_both(now["clashes_count"]),
             say("at least, from {first} to {last}", **days), line=[monthly.get(month) for month in own["month"]],
             line_words=say("clashes of each month, {first} to {last}", first=month_both(own["month"][0]),
                            last=month_both(now["month"]))),
        tile("displaced", say("Displaced people reported"), "idps_persons", persons_both(now["idps_persons"]),
             say("{some} of {total} townships reporting", some=number_both(now["idps_reporting_count"]),
                 total=number(now["townships_count"])), line=own["idps_persons"].to_list(), line_words=by_month),
        tile("services-severe", say("Townships with severe loss of services"), "services_severe_count",
             count_both(now, "services_severe_count"),
             say("{some} of {total} townships in conflict with insufficient data",
                 some=number_both(now["services_insufficient_count"]), total=number(now["in_conflict_count"])),
             _interval(now, "services_severe", "{low} to {high} if every unknown answer were the best or the worst"),
             line=[known(row, "services_severe_count") for row in own.to_dicts()], line_words=by_month),
    ]  # fmt: skip
    return [*shown, _lost(tables, release, now, moves("control_lost_townships_share"), own, by_month)]


def _move(comparing: Comparing, column: str, now: Mapping[str, Any], before: Mapping[str, Any]) -> Both:
    refused = comparing.refusal(column, now, before)
    if refused:
        return say(refused)
    if column.endswith("_share"):
        return change_both(_points(now[column]), _points(before[column]), points=True)
    return change_both(known(now, column), known(before, column))


def _interval(row: Mapping[str, Any], name: str, words: str) -> Both | None:
    """The phrase with the ends of the interval; None where an end is not known."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    value = row.get(f"{name}_expected", 0)
    if low is None or high is None or value is None:
        return None
    return say(words, value=number(value), low=number(low), high=number(high))


def _lost(
    tables: Frames, release: Release, now: Mapping[str, Any], moves: tuple[tuple[Both, Both], ...],
    own: pl.DataFrame, by_month: Both,
) -> Tile:  # fmt: skip
    """Control lost by the Security Index in townships, with the interval of the share and the other two measures."""
    rows = published(tables, "territorial_control").filter(
        pl.col("method") == release.method, pl.col("month") == now["month"], pl.col("scope") == "national",
        pl.col("basis") == str(Basis.SECURITY_INDEX),
    )  # fmt: skip
    found = {row["measure"]: row for row in rows.to_dicts()}
    first = found.get(str(Measure.TOWNSHIPS), {})
    ends = [first.get(name) for name in ("lost_expected_share", "lost_interval_low", "lost_interval_high")]
    column = "control_lost_townships_share"
    notes = [
        say("of all townships; {area} of the area, {people} of the people",
            area=share_both(now["control_lost_area_share"]), people=share_both(now["control_lost_population_share"]))
    ]  # fmt: skip
    if all(end is not None for end in ends):
        notes.append(say("expected {interval} %, 95 % interval", interval=percent_interval(*ends)))
    return Tile(
        "lost", say("Control lost by the state, by the Security Index"), share_both(now[column]), tuple(notes), moves,
        draw_trend(own[column].to_list(), by_month, apart(tables, release, column)), by_month, "territorial_control",
    )  # fmt: skip


def _points(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 1)


PROVISIONAL = "provisional: the last weeks are under-reported"


def recency(tables: Mapping[str, pl.DataFrame], release: Release) -> dict[str, Any]:
    """How many of the last months are provisional, in words too, and whether the last month is cut.

    `apart` says that a window is not fully covered, so that its figure stands apart from the line.
    """
    own = published(tables, "national_summary").filter(pl.col("method") == release.method)
    last = own.row(-1, named=True)
    names = [month_name(month) for month in own.filter("provisional")["month"]]
    span = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}" if names else ""
    return {
        "provisional": len(names),
        "words": f"{span} {'is' if len(names) == 1 else 'are'} {PROVISIONAL}." if names else "",
        "latest": PROVISIONAL if last["provisional"] else "",
        "part": (last["period_end"] + timedelta(days=1)).month == last["period_end"].month,
        "apart": bool(apart(tables, release, "in_conflict_count")),
        "until": day(last["period_end"]),
    }
