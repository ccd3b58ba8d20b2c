"""Townships that moved between the classes of an index since an earlier month, and cells that moved since a release.

A township whose data came or went has not become better or worse: such moves have words of their own.

What changed, in words: rises, falls, onsets, lulls and alerts of the last months, and how editions moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.declare.codes import NATIONAL, ChangeClass, IndexName
from reports.draw.charts import Series, draw_both
from reports.draw.symbology import QUIET, severity
from reports.months import MONTHLY, apart, clashes_by_month, earlier, is_part, national_rows, slides_into_part
from reports.publication_lag import arrived
from reports.release import Release, months, published
from reports.site.blocks import Board, Cell, Grid, Words, places
from reports.site.inputs import Context, Inputs
from reports.text.catalogue import Both, day_both, joined, label_both, month_both, same, say
from reports.text.values import rate_both, share_both
from reports.text.wording import NOT_REPORTED, number, signed

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


@dataclass(frozen=True)
class Move:
    code: str
    name: str
    name_my: str | None
    state_region: str
    index: IndexName
    before: str | None
    now: str | None

    @property
    def kind(self) -> Both:
        now, before = severity(self.index, self.now), severity(self.index, self.before)
        if self.index != IndexName.SECURITY:
            # Their classes exist only in conflict: a first clash gives one, without any newer report.
            if self.before == QUIET:
                return say("◆ in conflict now, not before")
            if self.now == QUIET:
                return say("◇ no longer in conflict")
        if now is None:
            return say("◇ not known now")
        if before is None:
            return say("◆ known now, not before")
        return say("▲ more severe") if now > before else say("▼ less severe")


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
        Move(row["adm3_pcode"], row["adm3_name"], row["adm3_name_my"], row["state_region"], name,
             row[f"{name}_class_before"], row[f"{name}_class"])
        for name in IndexName for row in rows if row[f"{name}_class"] != row[f"{name}_class_before"]
    ]  # fmt: skip


def moved(tables: Frames, release: Release, back: int) -> dict[str, Any]:
    """The moves since `back` months before the last: the month, the moves, and how many of each kind an index has."""
    steps = months(tables, release.method)
    wanted = earlier(steps[-1], back)
    since = wanted if wanted in steps else None
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
    rows = national_rows(tables, release)
    return slides_into_part(rows[max(rows)], rows[since])


def _grid(found: list[Move], since: date) -> Grid:
    """One row for each pair of classes of an index."""
    pairs = Counter((one.index, one.before, one.now) for one in found)
    rows: list[tuple[Cell, ...]] = []
    for index, before, now in pairs:
        own = [one for one in found if (one.index, one.before, one.now) == (index, before, now)]
        rows.append((label_both(index), label_both(before), label_both(now), own[0].kind, number(len(own)),
                     places([(one.code, one.name, one.name_my) for one in own], _NAMED)))  # fmt: skip
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


_MOST_NAMED = 12  # townships named in a cell
_EDITIONS = 6
_KINDS: tuple[tuple[str, pl.Expr], ...] = (
    ("Rise beyond chance", pl.col("change_class") == str(ChangeClass.RISE)),
    ("Fall beyond chance", pl.col("change_class") == str(ChangeClass.FALL)),
    ("Onset: clashes after a quiet spell", pl.col("is_onset")),
    ("Lull: none after a time with clashes", pl.col("is_lull")),
    ("Alert: above the twelve months before", pl.col("is_alert")),
)


@dataclass(frozen=True)
class _Month:
    month: date
    both: Both
    rows: pl.DataFrame


def changed(tables: Frames, release: Release) -> Board:
    """The section "What changed": the last settled month beside the last one, and how past months were revised."""
    months = _months(tables, release)
    edition_words, edition_grid = _editions(tables, release)
    if not months:
        return Board(
            (say("No month can be compared with the one before."), edition_words), edition_grid, ("revisions",)
        )
    header: list[tuple[Words, bool]] = [("Townships with", False)]
    for one in months:
        header += [(say("Number, {month}", month=one.both), True), (say("Which, {month}", month=one.both), False)]
    rows = tuple(
        (words, *(cell for one in months for cell in _cells(one.rows.filter(kind.fill_null(False)))))
        for words, kind in _KINDS
    )
    sentences = tuple(_month_words(one, _by_chance(tables, release, one.month)) for one in months)
    caption = "Each month beside the month before, by days; the largest changes first"
    return Board(
        (*sentences, edition_words),
        (Grid(caption, tuple(header), rows), *edition_grid),
        ("township_changes", "revisions"),
    )


def _months(tables: Frames, release: Release) -> list[_Month]:
    """The last month that is settled and whole, and the last month; one where they are the same, none without rows."""
    names = published(tables, "townships").select("adm3_pcode", "adm3_name", "adm3_name_my")
    frame = published(tables, "township_changes").filter(pl.col("method") == release.method)
    frame = frame.join(names, on="adm3_pcode", how="inner", validate="m:1")
    ends = frame.group_by("month").agg(pl.col("period_end").max(), pl.col("provisional").any()).sort("month").to_dicts()
    if not ends:
        return []
    settled = [row for row in ends if not row["provisional"] and not is_part(row["period_end"])]
    chosen = [*settled[-1:], *([] if settled and settled[-1] is ends[-1] else ends[-1:])]
    return [
        _Month(
            row["month"],
            _named(row["month"], part=is_part(row["period_end"]), provisional=row["provisional"]),
            frame.filter(pl.col("month") == row["month"]),
        )
        for row in chosen
    ]


def _named(month: date, part: bool, provisional: bool) -> Both:
    """The month with what must be known of it."""
    words = {
        (True, True): "{month} (part of the month) (provisional)", (True, False): "{month} (part of the month)",
        (False, True): "{month} (provisional)",
    }.get((part, provisional))  # fmt: skip
    return say(words, month=month_both(month)) if words else month_both(month)


def _cells(rows: pl.DataFrame) -> tuple[Cell, Cell]:
    moved = (pl.col("clashes_month_count") - pl.col("clashes_previous_month_count")).abs()
    ordered = rows.sort(moved, "adm3_pcode", descending=[True, False], nulls_last=True)
    return number(rows.height), places(
        list(ordered.select("adm3_pcode", "adm3_name", "adm3_name_my").iter_rows()), _MOST_NAMED
    )


def _month_words(one: _Month, by_chance: float | None) -> Both:
    classes = one.rows["change_class"]
    compared = classes.len() - int((classes == str(ChangeClass.NO_COMPARISON)).sum())
    if not compared:
        return say("{month}: no township can be compared with the month before.", month=one.both)
    rises, falls = (number(int((classes == str(kind)).sum())) for kind in (ChangeClass.RISE, ChangeClass.FALL))
    said = [
        say("{month}: {rises} townships rose and {falls} fell by more than chance explains; {compared} can be compared "
            "with the month before.", month=one.both, rises=rises, falls=falls, compared=number(compared))
    ]  # fmt: skip
    if by_chance is not None:
        said.append(say("Chance alone would give {count} such rises and falls.", count=rate_both(by_chance)))
    alerts = one.rows["is_alert"]
    if alerts.null_count() == alerts.len():
        said.append(say("Whether any township stands above its own twelve months before is not known."))
    else:
        said.append(
            say("{count} townships stand above their own twelve months before.", count=number(int(alerts.sum())))
        )
    return joined(" ", said)


def _by_chance(tables: Frames, release: Release, month: date) -> float | None:
    """Rises and falls that would be found in the month if no rate had changed."""
    own = published(tables, "change_summary").filter(
        pl.col("method") == release.method, pl.col("scope") == NATIONAL, pl.col("month") == month
    )
    return own["changes_by_chance_expected"].item() if own.height == 1 else None


def _editions(tables: Frames, release: Release) -> tuple[Both, tuple[Grid, ...]]:
    """How past months moved between editions of the leading source: a sentence, and the newest editions."""
    frame = published(tables, "revisions").filter(pl.col("method") == release.method)
    found = frame["edition_date"].unique().sort(descending=True).to_list()
    if len(found) < 2:
        return say("There is one edition of the leading clash source so far: its revisions are not known."), ()
    first = frame.sort("edition_date").group_by("month", maintain_order=True).first()
    early = first.filter(pl.col("edition_date") < found[0])["clashes_known_share"].drop_nulls()
    words = say("How much of a month its first edition counted is not known.")
    if early.len():
        middle, least = (share_both(value) for value in (early.median(), early.min()))  # type: ignore[arg-type]
        words = say(
            "The first edition of a month counts {share} of what the newest edition counts (median of {count} months; "
            "the least {least}).", share=middle, count=number(early.len()), least=least,
        )  # fmt: skip
    rows = []
    for edition in found[:_EDITIONS]:
        own = frame.filter(pl.col("edition_date") == edition)
        rows.append((day_both(edition), number(own.height), _sum(own["clashes_month_change"]), *_newest(own)))
    header = (
        ("Edition", False), ("Months in it", True), ("Clashes added or taken out", True),
        ("Newest month also in the edition before", False), ("Class high there", True),
        ("Townships with another security class there", True),
    )  # fmt: skip
    newest = Grid("The newest editions, each beside the one before", header, tuple(rows))
    return words, (newest, *_arrived(tables, release))


def _arrived(tables: Frames, release: Release) -> tuple[Grid, ...]:
    """How much of a month is known so many days after its end: what a publication lag is chosen by."""
    found = arrived(tables, release)
    spec = release.spec(release.method)
    if not found or spec is None:
        return ()
    header = (("Days after a month's end", True), ("Months", True), ("Share of its clashes known by then", True))
    rows = tuple((number(days), number(months), share_both(share)) for days, months, share in found)
    lag = number(int(spec.publication_lag_days.value))
    title = say("How late reports come, by the editions delivered; a month leads after {days} days", days=lag)
    return (Grid(title, header, rows),)


def _newest(own: pl.DataFrame) -> tuple[Both | str, str, str]:
    """The newest month of an edition that the edition before holds too, and what moved there."""
    common = own.filter(pl.col("security_high_change").is_not_null()).sort("month").tail(1).to_dicts()
    if not common:
        return "none", "no comparison", "no comparison"
    row = common[0]
    return month_both(row["month"]), signed(row["security_high_change"]), number(row["townships_reclassified_count"])


def _sum(values: pl.Series) -> str:
    known = values.drop_nulls()
    return signed(int(known.sum())) if known.len() else "no comparison"


def series(tables: Frames, release: Release) -> tuple[list[date], list[tuple[str, str, str, list[Series]]]]:
    """Months and charts: (key, title, file with the numbers, lines)."""
    steps = months(tables, release.method)
    summary = published(tables, "national_summary").filter(pl.col("method") == release.method)
    clashes = clashes_by_month(tables, release)

    def line(name: str, column: str, times: int = 1) -> Series:
        return Series(name, tuple((summary[column] * times).to_list()))

    return steps, [
        ("townships", "Townships in conflict, and of class high on security", "national_summary",
         [line("in conflict", "in_conflict_count"), line("security high", "security_high_count")]),
        ("clashes", "Clashes placed in a township, by month", "township_index",
         [Series("clashes", tuple(clashes.get(step) for step in steps))]),
        ("lost", "Townships with heavy fighting since 2021 (ISP's measure of control lost), per cent of all",
         "national_summary",
         [line("townships", "control_lost_townships_share", 100), line("area", "control_lost_area_share", 100),
          line("population", "control_lost_population_share", 100)]),
        ("displaced", "Displaced people reported (at least)", "national_summary", [line("people", "idps_persons")]),
    ]  # fmt: skip


# Whose window says which months stand apart, by the key of a chart.
_COLUMNS = {"townships": "in_conflict_count", "clashes": MONTHLY, "lost": "control_lost_townships_share",
            "displaced": "idps_persons"}  # fmt: skip


def page(inputs: Inputs) -> list[Context]:
    """changes.html."""
    tables, release, recent = inputs.tables, inputs.release, inputs.recent
    steps, charts = series(tables, release)
    return [{
        "changed": changed(tables, release), "recency": recent, "mark": release.data_mark,
        "moved_month": moved(tables, release, 1), "moved_year": moved(tables, release, 12),
        "since_release": since_release(inputs.changes),
        "charts": [{"title": title, "file": file,
                    "drawings": draw_both(title, steps, lines, recent["provisional"] if key != "displaced" else 0,
                                          apart(tables, release, _COLUMNS[key]), release.data_mark)}
                   for key, title, file, lines in charts],
    }]  # fmt: skip
