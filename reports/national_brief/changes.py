"""The second page of the national brief in words: the change of the figures, moved townships, signals of a month.

The charts of the national brief: which figures run over the months, and what is said to who cannot see them.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from pipeline.declare.codes import Signal
from pipeline.declare.indices import INDICES
from reports.draw.charts import Series
from reports.draw.symbology import QUIET
from reports.figures import FIGURES
from reports.months import (
    MONTHLY,
    Comparing,
    apart,
    beside,
    clashes_by_month,
    earlier,
    is_part,
    national_rows,
    slides_into_part,
)
from reports.national_brief.drawings import chart
from reports.national_brief.now import figure, persons_figure, what
from reports.release import Release, months, published
from reports.site.changes import SLID
from reports.text.catalogue import Both, label_both, month_both, say
from reports.text.signals import meaning_both
from reports.text.values import Change, rate_both, signal_both
from reports.text.wording import number

Frames = Mapping[str, pl.DataFrame]
NAMED = 14  # townships at most named in a cell; the PDF names fewer where the page is full
_MOVES = 7
_LONGEST_NAME = 40
_FIGURES = (
    "clashes_month_count", "clashes_3m_count", "clashes_12m_count", "signal_alert_count", "in_conflict_count",
    "security_high_count", "clashes_count", "idps_persons",
    "idps_reporting_count", "humanitarian_high_count", "services_severe_count", "control_lost_townships_share",
)  # fmt: skip
_INDICES = tuple((spec.column, spec.title) for spec in INDICES)
_SIGNALS = tuple(kind for kind in Signal if kind not in (Signal.NONE, Signal.UNKNOWN))


def change_rows(tables: Frames, release: Release) -> tuple[list[Both], list[list[Any]]]:
    """Header and rows of the national figures: now, and the change since the month before and a year before."""
    by_month, comparing = national_rows(tables, release), Comparing(tables, release)
    now, *then = beside(by_month)
    header = [
        say("The country"), month_both(now["month"]),
        *(say("change since {month}", month=month_both(earlier(now["month"], back))) for back in (1, 12)),
    ]  # fmt: skip
    rows = []
    for column in _FIGURES:
        value = FIGURES[column].value(now)
        shown = persons_figure(value) if column == "idps_persons" else figure(value)
        rows.append([what(column), shown, *(moved(comparing.change(FIGURES[column], now, row)) for row in then)])
    return header, rows


def moved(change: Change) -> Both | dict[str, Any]:
    """A change as brief.typ draws it: the arrow apart from the words, since neither font has one.

    Words alone for a figure that can only rise.
    """
    if change.only_rises and change.way:
        return change.words
    return {"arrow": change.way, "words": change.words} if change.way else {"words": change.words, "missing": True}


def names(rows: pl.DataFrame) -> dict[str, Any]:
    """The first townships in both scripts, and for each number shown the words for the rest."""
    found = [
        {"en": english[:_LONGEST_NAME], "my": (burmese or "")[:_LONGEST_NAME]}
        for english, burmese in rows.select("adm3_name", "adm3_name_my").head(NAMED).iter_rows()
    ]
    rests = [
        say("and {count} more", count=number(rows.height - shown)) if rows.height > shown else ""
        for shown in range(len(found) + 1)
    ]
    return {"names": found, "rests": rests, "none": say("none") if not found else ""}


def moves(tables: Frames, release: Release) -> dict[str, Any]:
    """Townships whose class is another one than the month before: rows of (index, from and to, number, which)."""
    found = months(tables, release.method)
    last, before = found[-1], earlier(found[-1], 1)
    if before not in found:
        return {"rows": [], "words": [say("There is no month before: which townships moved cannot be told.")]}
    places = published(tables, "townships").select("adm3_pcode", "adm3_name", "adm3_name_my")
    frame = published(tables, "township_index").filter(pl.col("method") == release.method)
    columns = [column for column, _ in _INDICES]
    now, then = (frame.filter(pl.col("month") == month) for month in (last, before))
    both = (
        now.select("adm3_pcode", *columns)
        .join(then.select("adm3_pcode", *columns), on="adm3_pcode", suffix="_then", validate="1:1")
        .join(places, on="adm3_pcode", validate="1:1")
        .sort("adm3_pcode")
    )
    rows: list[list[Any]] = []
    others = 0
    entered = False
    for column, title in _INDICES:
        classes = set(both[column].to_list()) | set(both[f"{column}_then"].to_list())
        if not classes - {QUIET, "insufficient_data"}:
            continue  # an index without records moves only with the conflict, which the Security Index says already
        changed = both.filter(pl.col(column) != pl.col(f"{column}_then"))
        if column != "security_class":
            # Their classes exist only in conflict: a first clash gives one without any newer report.
            crossed = (pl.col(column) == QUIET) | (pl.col(f"{column}_then") == QUIET)
            entered = entered or changed.select(crossed.any()).item()
            changed = changed.filter(~crossed)
        kinds = changed.group_by(f"{column}_then", column).len().sort(["len", column], descending=[True, False])
        for old, new, count in kinds.iter_rows():
            if len(rows) == _MOVES:
                others += count
                continue
            own = changed.filter(pl.col(column) == new, pl.col(f"{column}_then") == old)
            step = say("{old}, now {new}", old=label_both(old), new=label_both(new))
            rows.append([say(title), step, number(count), names(own)])
    words: list[Any] = [_recorded_moves(both)]
    summary = national_rows(tables, release)
    if slides_into_part(summary[last], summary[before]):
        words.insert(0, say(SLID))
    if entered:
        words.append(say("Moves into or out of conflict stand under the Security Index alone."))
    if others:
        words.append(say("Other moves of class: {count}; all are in township_index.csv.", count=number(others)))
    if not rows:
        words = [say("No township is in another class than the month before.")]
    return {"rows": rows, "words": [one for one in words if one]}


def _recorded_moves(both: pl.DataFrame) -> Both | None:
    """How many townships moved over the cut for high, and what moved them."""
    is_high, was_high = pl.col("security_class") == "high", pl.col("security_class_then") == "high"
    over = both.filter(is_high != was_high)
    if not over.height:
        return None
    return say(
        "Moved into or out of class high on security: {count}, by clashes that were recorded or that left the window.",
        count=number(over.height),
    )  # fmt: skip


def signals(tables: Frames, release: Release) -> dict[str, Any]:
    """Townships by signal in the last whole and settled month, with the last month's number beside."""
    rows = list(national_rows(tables, release).values())
    settled = [row for row in rows if not row["provisional"] and not is_part(row["period_end"])]
    chosen = [*settled[-1:], *([] if settled and settled[-1] is rows[-1] else rows[-1:])]
    main = chosen[0]
    places = published(tables, "townships").select("adm3_pcode", "adm3_name_my")
    frame = (
        published(tables, "township_index")
        .filter(pl.col("method") == release.method, pl.col("month") == main["month"])
        .join(places, on="adm3_pcode", how="inner", validate="1:1")
        .sort("clashes_3m_count", "adm3_pcode", descending=[True, False], nulls_last=True)
    )
    header = [say("Signal"), *(_month(row) for row in chosen)]
    header.insert(2, say("which, {month}", month=_month(main)))
    body = []
    for kind in _SIGNALS:
        which: Any = names(frame.filter(pl.col("signal") == str(kind)))
        if main[f"signal_{kind}_count"] is None:
            which = {"words": say("not known"), "missing": True}
        words = say("{name}: {meaning}", name=signal_both(kind), meaning=meaning_both(kind))
        body.append([words, *_counted(chosen[:1], kind), which, *_counted(chosen[1:], kind)])
    return {"header": header, "rows": body, "words": [one for row in chosen if (one := _by_chance(row))]}


def _counted(rows: Sequence[Mapping[str, Any]], kind: Signal) -> list[Any]:
    return [figure(row[f"signal_{kind}_count"]) for row in rows]


def _month(row: Mapping[str, Any]) -> Both:
    marks = [
        *([say("part of the month")] if is_part(row["period_end"]) else []),
        *([say("provisional")] if row["provisional"] else []),
    ]
    plain = month_both(row["month"])
    if not marks:
        return plain
    return Both(
        *(f"{getattr(plain, tongue)} ({', '.join(getattr(m, tongue) for m in marks)})" for tongue in ("en", "my"))
    )


def _by_chance(row: Mapping[str, Any]) -> Both | None:
    """The alerts of a month beside those of chance alone."""
    alerts, chance = row["signal_alert_count"], row["alerts_false_expected"]
    if alerts is None or chance is None:
        return None
    return say(
        "{month}: {alerts} alerts; {chance} would come by chance alone if no township's rate had changed.",
        month=_month(row), alerts=number(alerts), chance=rate_both(chance),
    )  # fmt: skip


def charts(tables: Frames, release: Release, watermark: Both) -> list[dict[str, Any]]:
    """Month by month: townships in conflict and of class high, and the clashes of each month alone."""
    summary = published(tables, "national_summary").filter(pl.col("method") == release.method).sort("month")
    steps = list(summary["month"])
    clashes = clashes_by_month(tables, release)
    provisional = summary.filter("provisional").height
    counts = [
        Series(say("in conflict"), tuple(summary["in_conflict_count"].to_list())),
        Series(say("class high on security"), tuple(summary["security_high_count"].to_list())),
    ]
    monthly = [Series(say("clashes of the month"), tuple(clashes.get(step) for step in steps))]
    return [
        chart(title, _chart_alt(title, steps, lines, watermark), steps, lines, provisional,
              apart(tables, release, column))
        for title, lines, column in (
            (say("Townships, month by month"), counts, "in_conflict_count"),
            (say("Clashes placed in a township, month by month"), monthly, MONTHLY),
        )
    ]  # fmt: skip


def _chart_alt(title: Both, steps: Sequence[date], lines: Sequence[Series], watermark: Both) -> Both:
    said = [title]
    for line in lines:
        said.append(say(
            "{line}: {value} in {month}; {missing} months not reported.", line=line.name,
            value=None if line.values[-1] is None else number(line.values[-1]), month=month_both(steps[-1]),
            missing=number(sum(value is None for value in line.values)),
        ))  # fmt: skip
    return Both(". ".join([said[0].en, " ".join(w.en for w in said[1:])]) + f" {watermark.en}".rstrip(),
                "။ ".join([said[0].my, " ".join(w.my for w in said[1:])]) + f" {watermark.my}".rstrip())  # fmt: skip
