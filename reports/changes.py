"""What changed, in words: rises, falls, onsets, lulls and alerts of the last months, and how editions moved.

Not here: what counts as a change (pipeline.indices); the change of the national figures (views.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.codes import ChangeClass
from reports.bilingual import Both, month_both, say
from reports.boards import Board, Cell, Grid, Words, places
from reports.comparing import is_part
from reports.release import Release
from reports.slices import published
from reports.wording import day, month_name, number, rate, share, signed

Frames = Mapping[str, pl.DataFrame]
_NAMED = 12  # townships named in a cell
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

    @property
    def words(self) -> str:
        return self.both.en


def changed(tables: Frames, release: Release) -> Board:
    """The section "What changed": the last settled month beside the last one, and how past months were revised."""
    months = _months(tables, release)
    edition_words, edition_grid = _editions(tables, release)
    if not months:
        return Board(("No month can be compared with the one before.", edition_words), edition_grid, ("revisions",))
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
    names = published(tables, "townships").select("adm3_pcode", "adm3_name")
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
    return number(rows.height), places(list(ordered.select("adm3_pcode", "adm3_name").iter_rows()), _NAMED)


def _month_words(one: _Month, by_chance: float | None) -> str:
    classes = one.rows["change_class"]
    compared = classes.len() - int((classes == str(ChangeClass.NO_COMPARISON)).sum())
    if not compared:
        return f"{one.words}: no township can be compared with the month before."
    rises, falls = (int((classes == str(kind)).sum()) for kind in (ChangeClass.RISE, ChangeClass.FALL))
    alerts = one.rows["is_alert"]
    warned = (
        "whether any stands above its own twelve months before is not known"
        if alerts.null_count() == alerts.len()
        else f"{number(int(alerts.sum()))} stand above their own twelve months before"
    )
    expected = (
        "" if by_chance is None else f" If no rate had changed, {rate(by_chance)} would be expected to be found so."
    )
    return (
        f"{one.words}: of {number(compared)} townships that can be compared with the month before, {number(rises)} "
        f"rose and {number(falls)} fell beyond what chance would explain; {warned}.{expected}"
    )


def _by_chance(tables: Frames, release: Release, month: date) -> float | None:
    """Rises and falls that would be found in the month if no rate had changed."""
    own = published(tables, "change_summary").filter(
        pl.col("method") == release.method, pl.col("scope") == "national", pl.col("month") == month
    )
    return own["changes_by_chance_expected"].item() if own.height == 1 else None


def _editions(tables: Frames, release: Release) -> tuple[str, tuple[Grid, ...]]:
    """How past months moved between editions of the leading source: a sentence, and the newest editions."""
    frame = published(tables, "revisions").filter(pl.col("method") == release.method)
    found = frame["edition_date"].unique().sort(descending=True).to_list()
    if len(found) < 2:
        return "There is one edition of the leading clash source so far: nothing can be said of its revisions.", ()
    first = frame.sort("edition_date").group_by("month", maintain_order=True).first()
    early = first.filter(pl.col("edition_date") < found[0])["clashes_known_share"].drop_nulls()
    words = "How much of a month its first edition knew is not known."
    if early.len():
        words = (
            f"Months were first counted at {share(early.median())} of what the newest edition counts "  # type: ignore[arg-type]
            f"(median of {number(early.len())} months; the least {share(early.min())})."  # type: ignore[arg-type]
        )
    rows = []
    for edition in found[:_EDITIONS]:
        own = frame.filter(pl.col("edition_date") == edition)
        rows.append((day(edition), number(own.height), _sum(own["clashes_month_change"]), *_newest(own)))
    header = (
        ("Edition", False), ("Months in it", True), ("Clashes added or taken out", True),
        ("Newest month also in the edition before", False), ("Class high there", True),
        ("Townships with another security class there", True),
    )  # fmt: skip
    return words, (Grid("The newest editions, each beside the one before", header, tuple(rows)),)


def _newest(own: pl.DataFrame) -> tuple[str, str, str]:
    """The newest month of an edition that the edition before holds too, and what moved there."""
    common = own.filter(pl.col("security_high_change").is_not_null()).sort("month").tail(1).to_dicts()
    if not common:
        return "none", "no comparison", "no comparison"
    row = common[0]
    return month_name(row["month"]), signed(row["security_high_change"]), number(row["townships_reclassified_count"])


def _sum(values: pl.Series) -> str:
    known = values.drop_nulls()
    return signed(int(known.sum())) if known.len() else "no comparison"
