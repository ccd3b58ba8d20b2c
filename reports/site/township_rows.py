"""How one township's figures read, in both languages: scenarios, the nearest other class, changes, ranks.

Each takes a row of township.py.

What every month says of a township: the rows of its folded table, its series.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import polars as pl
from markupsafe import Markup, escape

from pipeline.declare.codes import EventClass, IndexName, ServicesClass
from reports.draw.symbology import CHIPS
from reports.months import is_part
from reports.release import Release, published
from reports.site.blocks import chip, figure
from reports.site.spatial import UNKNOWN
from reports.text.catalogue import Both, day_both, label_both, same, say
from reports.text.values import FEWER_THAN_TEN, change, changed_by_words
from reports.text.wording import NOT_KNOWN, NOT_REPORTED, chance, number, persons, probability, rate, share, share_range

Row = Mapping[str, Any]
Shown = Both | Markup | str
_MORE = {
    "clashes": ("With {n} more clashes: {name}", "With {n} fewer clashes: {name}"),
    "displaced": ("With about {n} more displaced people: {name}", "With about {n} fewer displaced people: {name}"),
    "service items": ("With {n} more service items lost: {name}", "With {n} fewer service items lost: {name}"),
}
_ONE = {
    "clashes": ("With 1 more clash: {name}", "With 1 clash fewer: {name}"),
    "displaced": ("With 1 displaced person: {name}", "With 1 displaced person fewer: {name}"),
    "service items": ("With 1 more service item lost: {name}", "With 1 service item lost fewer: {name}"),
}
_ANY = ("With a figure {n} higher: {name}", "With a figure {n} lower: {name}")  # of an index by one cut


def spans(parts: list[Both], between: str = "; ") -> Both:
    """Several phrases as one."""
    return Both(between.join(part.en for part in parts), between.join(part.my for part in parts))


def kept(index: IndexName) -> Callable[[Row], Shown]:
    """In how many of the scenarios the class stays as it is."""

    def words(row: Row) -> Shown:
        part, total = row[f"{index}_kept_share"], row[f"{index}_scenarios_count"]
        if part is None or not total:
            return figure(NOT_KNOWN)
        return say("kept in {n} of {total} scenarios", n=round(part * total), total=total)

    return words


def moved_by(index: IndexName) -> Callable[[Row], Shown]:
    """The single choices that give the township another class."""

    def words(row: Row) -> Shown:
        if row[f"{index}_kept_share"] is None:
            return figure(NOT_KNOWN)
        changes = changed_by_words(row[f"{index}_changed_by"])
        return spans(changes) if changes else say("no scenario")

    return words


def nearest(row: Row | None, falls: bool = True) -> Shown:
    """The class that takes the least to reach, and what it takes; from the explanations' numbers.

    `falls` says whether a count of clashes can become fewer: one since a fixed day cannot.
    """
    if row is None:
        return figure(NOT_KNOWN)
    gap, name, unit = row["distance"], row["nearest_class"], row["distance_unit"] or ""
    if name is None and gap is not None and unit == "known service items":
        return say("Needs {n} more known service items to have a class", n=number(gap))
    if name is None:
        return say("No other class can be told")
    if gap is None:
        return say("The figure is withheld; the nearest other class: {name}", name=label_both(name))
    unit = "displaced" if unit.startswith("displaced") else unit
    if unit == "clashes" and gap < 0 and not falls:
        return say("The count cannot fall; what may differ is where clashes were placed")
    phrases = (_ONE if abs(gap) == 1 else _MORE).get(unit, _ANY)
    return say(phrases[gap < 0], n=f"{abs(gap):,.10g}", name=label_both(name))


def score(value: float | None) -> Shown:
    """Points of 0 to 100 without decimals; one above zero never reads as zero."""
    if value is None:
        return say("no score")
    return say("under 1") if 0 < value < 0.5 else f"{value:.0f}"


def moved(now: float | None, before: float | None) -> Both:
    """How a figure moved, with both figures behind it."""
    found = change(now, before)
    if not found.way:
        return found.both
    words = "{change} (as before: {now})" if found.way == "same" else "{change} (from {before} to {now})"
    return say(words, change=found.both, before=number(before), now=number(now))


def likely(value: float | None) -> Shown:
    """A probability of class high."""
    return figure(chance(value))


def _is_cut(row: Row) -> bool:
    return row["period_end"] is not None and is_part(row["period_end"])


def _unfinished(row: Row) -> list[Both]:
    """What a change of this month must be read with."""
    return [say("the month is not over")] * _is_cut(row) + [say("provisional")] * bool(row["provisional"])


def _beside(row: Row, before: int | None) -> Both:
    """The month's clashes beside those of a whole month; so far fewer in a part of one is no fall."""
    now = row["clashes_month_count"]
    if _is_cut(row) and now is not None and before is not None and now <= before:
        return same(f"{number(before)} → {number(now)}")
    return moved(now, before)


def month_change(row: Row) -> Shown:
    """The month beside the one before, with what the test says of it: rise, fall, onset, lull, alert."""
    counts = _beside(row, row["month_clashes_month_count"])
    marks = [
        say(words) for flag, words in (("is_onset", "onset"), ("is_lull", "lull"), ("is_alert", "alert")) if row[flag]
    ]
    test = [] if row["change_class"] in (None, "no_comparison") else [label_both(row["change_class"])]
    return spans([counts, *test, *marks, *_unfinished(row)])


def earlier_class(index: IndexName) -> Callable[[Row], Shown]:
    """The classes of the month before and of twelve months before, in this order; too little known is said so."""

    def words(row: Row, before: str) -> Both:
        return label_both(row.get(f"{before}_{index}_shown"))

    return lambda row: spans([words(row, before) for before in ("month", "year")])


def between(low: Shown, high: Shown) -> Shown:
    """Two ends as one figure; the same twice is said once."""
    return low if low == high else say("{low} to {high}", low=_plain(low), high=_plain(high))


def _plain(cell: Shown) -> Both | str:
    return cell if isinstance(cell, Both) else str(cell)


def rank(row: Row) -> Shown:
    """The rank by clashes with its 95 % interval."""
    low, high = row["security_rank_low"], row["security_rank_high"]
    if row["security_rank"] is None or low is None or high is None:
        return figure(NOT_KNOWN)
    return say("{rank} (between {low} and {high})", rank=row["security_rank"], low=low, high=high)


def rates(column: str) -> Callable[[Row], Shown]:
    """Raw and smoothed."""

    def words(row: Row) -> Shown:
        raw, smoothed = (figure(rate(row[name])) for name in (column, f"{column}_smoothed"))
        if row[column] is None:
            return raw
        return say("{raw}; smoothed {smoothed}", raw=_plain(raw), smoothed=_plain(smoothed))

    return words


def spot(row: Row) -> Shown:
    """Hot, cold or neither, with the p-value: it need not be of class high itself."""
    if row["getis_ord_z"] is None:
        return chip(UNKNOWN)
    return say("{name} (p {p})", name=label_both(row["hot_spot_class"]), p=probability(row["getis_ord_p_value"]))


def displaced(row: Row) -> Shown:
    return figure(persons(row["idps_persons"], row["idps_suppressed"]))


def lost(row: Row) -> Shown:
    """The share of services lost if every unknown item were in place, and if it were lost."""
    return _range(share_range(row["services_lost_min"], row["services_lost_max"]))


def _range(text: str) -> Shown:
    low, found, high = text.partition(" to ")
    return say("{low} to {high}", low=_plain(figure(low)), high=_plain(figure(high))) if found else figure(text)


def bounds(row: Row) -> Shown:
    """The class if every unknown answer were the best, and if it were the worst."""
    if row["services_class"] == ServicesClass.NOT_IN_CONFLICT:
        return chip(row["services_shown"])
    best, worst = row["services_class_best"], row["services_class_worst"]
    if best is None or worst is None:
        return figure(NOT_KNOWN)
    if best == worst:
        return chip(best)
    return say("{low} to {high}", low=label_both(best), high=label_both(worst))


def window(row: Row) -> Shown:
    if row["period_start"] is None or row["period_end"] is None:
        return chip(None)
    return say("{low} to {high}", low=day_both(row["period_start"]), high=day_both(row["period_end"]))


def grade(row: Row) -> Shown:
    """The grade with the points behind it."""
    if row["evidence_grade"] is None:
        return chip(None)
    if row["evidence_points_count"] is None:
        return str(row["evidence_grade"])
    return say("{grade}, {points} of 6 points", grade=row["evidence_grade"], points=row["evidence_points_count"])


def exact(row: Row) -> Shown:
    """A township without a counted clash has no share, which is no missing report."""
    if row["exact_share"] is None and row["clashes_count"] == 0:
        return say("no clash counted")
    return figure(share(row["exact_share"]))


def items(row: Row) -> Shown:
    known = row["services_known_count"]
    return chip(None) if known is None else say("{n} of {total}", n=known, total=5)


Frames = Mapping[str, pl.DataFrame]

EVENTS = {str(kind): f"{kind}_events_count" for kind in EventClass}
DEATHS = "events_fatalities_persons"
_OWN = (
    "adm3_pcode", "month", "clashes_month_count", "idps_persons", "idps_suppressed", "idps_reference_date",
    "security_shown", *(f"{index}_score" for index in IndexName), "provisional", "evidence_grade",
)  # fmt: skip


@dataclass(frozen=True)
class History:
    """One township by month under the leading method, oldest first."""

    rows: tuple[Row, ...] = ()
    columns: Mapping[str, list[Any]] = field(default_factory=dict)

    def values(self, column: str) -> list[Any]:
        return self.columns.get(column, [])


def month_frame(tables: Frames, release: Release) -> pl.DataFrame:
    """One row per township and month of the leading method, with the events of each class beside it.

    Deaths are those of all classes, as far as the source gives them; a month without an event has none. A class that
    the source has no event of in any township is one that it does not record: not known, never zero.
    """
    index = published(tables, "township_index").filter(pl.col("method") == release.method).select(_OWN)
    events = published(tables, "township_month_events")
    wide = events.group_by("month", "adm3_pcode").agg(
        *(pl.col("events_count").filter(pl.col("event_class") == kind).sum().alias(name)
          for kind, name in EVENTS.items()),
        pl.when(pl.col("fatalities_persons").count() > 0).then(pl.col("fatalities_persons").sum()).alias(DEATHS),
        pl.lit(True).alias("has_events"),
    )  # fmt: skip
    recorded = {*events["event_class"].unique().to_list(), str(EventClass.CLASH)}
    unknown = [name for kind, name in EVENTS.items() if kind not in recorded]
    covered = pl.col("clashes_month_count").is_not_null()
    none = covered & pl.col("has_events").is_null()
    return (
        index.join(wide, on=["month", "adm3_pcode"], how="left", validate="1:1")
        .with_columns(pl.when(covered).then(pl.col(name).fill_null(0)).alias(name) for name in EVENTS.values())
        .with_columns(pl.when(none).then(0).when(covered).then(pl.col(DEATHS)).alias(DEATHS))
        .with_columns(pl.lit(None, pl.Int64).alias(name) for name in unknown)
        .drop("has_events", "clashes_month_count")
        .sort("adm3_pcode", "month")
    )


def histories(tables: Frames, release: Release) -> dict[str, History]:
    """P-code -> its history."""
    parts = month_frame(tables, release).partition_by("adm3_pcode", as_dict=True)
    return {str(key[0]): History(tuple(part.to_dicts()), part.to_dict(as_series=False)) for key, part in parts.items()}


_KEYS = ("clashes", "violence against civilians", "other events")


def event_keys(history: History) -> list[tuple[Both, bool]]:
    """The key of the bars, a kind of event each, and whether it is drawn: one without any figure is not reported."""
    found = []
    for words, column in zip(_KEYS, EVENTS.values(), strict=True):
        known = any(value is not None for value in history.values(column))
        found.append((say(words) if known else say("{kind}: not reported", kind=say(words)), known))
    return found


# The columns of the folded table as the file that a reader saves names them, in their order.
SAVED_MONTHS = ("month", *EVENTS.values(), DEATHS, "idps_persons", "security_shown")


def month_rows(rows: tuple[Row, ...]) -> str:
    """The rows of the folded table, newest first, as HTML: numbers and words of our own, nothing of a source's.

    Built here and not in the template since 330 pages hold more than ten thousand of them, and without the end tags
    that HTML does not ask for. What lasts for months stands once, over their rows: it is most of what a page of Burmese
    weighs, and a change of class is seen. township.js saves the table as a file: a cell of class gap is empty there,
    and a class stands in the class of its cell.
    """
    missing = _cell("gap", say(NOT_REPORTED))
    withheld = _cell("chip-suppressed", say(FEWER_THAN_TEN))
    mark = f'<abbr title="{escape(say("provisional"))}">*</abbr>'
    lines = []
    for row in reversed(rows):
        cells = [missing if row[name] is None else f"<td>{row[name]:,}" for name in (*EVENTS.values(), DEATHS)]
        people = persons(row["idps_persons"], row["idps_suppressed"])
        cells.append(missing if people == NOT_REPORTED else withheld if people == FEWER_THAN_TEN else f"<td>{people}")
        code = row["security_shown"]
        look = "" if code is None else " ".join(dict.fromkeys((f"chip-{code}", f"chip-{CHIPS[code]}")))
        cells.append(_cell(look, label_both(code)) if look else missing)
        lines.append([f"<tr><th>{row['month']:%Y-%m}{mark if row['provisional'] else ''}", *cells])
    return "\n".join(map("".join, zip(*map(_spanned, zip(*lines, strict=True)), strict=True)))


def _spanned(column: Sequence[str]) -> list[str]:
    """The cells of a column, a class or a gap that lasts for months as one cell over their rows."""
    found: list[str] = []
    for cell, run in groupby(column):
        same = len(list(run))
        if same > 1 and cell.startswith("<td class="):
            found += [cell.replace(">", f" rowspan={same}>", 1), *[""] * (same - 1)]
        else:
            found += [cell] * same
    return found


def _cell(look: str, words: Both) -> str:
    return f'<td class="{escape(look)}">{escape(words)}'


def counted(history: History) -> list[tuple[Both, Shown]]:
    """The records behind the page over all months, as far as the published tables tell."""
    kinds_of_event = [(say(f"Events, all months: {kind.replace('_', ' ')}"), history.values(name))
                      for kind, name in EVENTS.items()]  # fmt: skip
    lines: list[tuple[Both, Shown]] = [
        (words, figure(number(sum(v for v in values if v is not None) if any(v is not None for v in values) else None)))
        for words, values in kinds_of_event
    ]
    known = history.values(next(iter(EVENTS.values())))
    lines.append((say("Months with a count of events"), _of_total(sum(v is not None for v in known), len(known))))
    days = {value for value in history.values("idps_reference_date") if value is not None}
    lines.append((say("Displacement reports in force in any month"), number(len(days))))
    return lines


def _of_total(count: int, total: int) -> Both:
    return say("{n} of {total}", n=count, total=total)
