"""What is going on now, in words and tables: clashes of the month and of three months, signals, what to expect.

The first of the overview and of the national brief.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from pipeline.declare.codes import Signal
from reports.figures import FIGURES
from reports.months import Comparing, beside, is_part, national_rows
from reports.release import Release, is_lethal_only, mapped_townships, published
from reports.site.blocks import Board, Cell, Column, Grid, places
from reports.site.township_rows import spans
from reports.text.catalogue import Both, day_both, month_both, say
from reports.text.signals import meaning_both
from reports.text.values import expected_cell, number_both, number_cell, rate_both, share_both, signal_both
from reports.text.wording import number

Frames = Mapping[str, pl.DataFrame]
LISTED = 10
# Signals that say that it got worse.
WORSE = (Signal.ALERT, Signal.RISE, Signal.ONSET)
_KINDS = tuple(kind for kind in Signal if kind not in (Signal.NONE, Signal.UNKNOWN))


def leading(tables: Frames, release: Release) -> list[Both]:
    """Sentences on the clashes of now: the month and how many live there, then three and twelve months.

    The longer ones stand beside a year before.
    """
    by_month, comparing = national_rows(tables, release), Comparing(tables, release)
    now, _, year = beside(by_month)
    if now["clashes_month_count"] is None:
        return [say("How many clashes there were in {month} is not reported.", month=month_both(now["month"]))]
    longer = [
        say(words, count=number_both(now[column]), before=_before(comparing, column, now, year))
        for column, words in (
            ("clashes_3m_count", "In the last three months: {count} clashes ({before})."),
            ("clashes_12m_count", "In the last twelve months: {count} clashes ({before})."),
        )
    ]
    part = [say("The last month is not over: it runs to {day}.", day=day_both(now["period_end"]))]
    return [scale_both(tables, release), *(part if is_part(now["period_end"]) else []), *longer]


def people_near(tables: Frames, release: Release) -> tuple[int | None, int | None]:
    """People who live in townships with a clash in the last month, and in all; None where no figure is known."""
    own = mapped_townships(tables, release)
    all_people, near = (
        frame["population_persons"].drop_nulls() for frame in (own, own.filter(pl.col("clashes_month_count") > 0))
    )
    return (int(near.sum()) if near.len() else None, int(all_people.sum()) if all_people.len() else None)


def scale_both(tables: Frames, release: Release) -> Both:
    """The month in one sentence: clashes, townships, how many people live there, and the month before."""
    by_month = national_rows(tables, release)
    now, before, _ = beside(by_month)
    if now["clashes_month_count"] is None:
        return say("How many clashes there were in {month} is not reported.", month=month_both(now["month"]))
    own = published(tables, "township_index").filter(
        pl.col("method") == release.method, pl.col("month") == now["month"], pl.col("clashes_month_count") > 0
    )  # fmt: skip
    told: dict[str, Any] = {
        "month": month_both(now["month"]), "some": number(own.height), "total": number(now["townships_count"]),
        "clashes": say("{count} clashes in which people died" if is_lethal_only(tables, release.method) else
                       "{count} clashes", count=number(now["clashes_month_count"])),
    }  # fmt: skip
    if before is None or before["clashes_month_count"] is None or is_part(now["period_end"]):
        compared = say("no comparison with the month before")
    else:
        compared = say("{count} in the month before", count=number(before["clashes_month_count"]))
    return say("In {month} at least {clashes} were recorded in {some} of {total} townships, where {people} live; "
               "{before}.", **told, people=_one_in(*people_near(tables, release)), before=compared)  # fmt: skip


def _one_in(near: int | None, everyone: int | None) -> Both:
    """A part of the country's people as a person says it."""
    if not near or not everyone:
        return say("a part of the people that is not known")
    if near > everyone / 2:
        return say("most people of the country ({share})", share=share_both(near / everyone))
    return say("about one in {n} people of the country", n=number(round(everyone / near)))


def _before(comparing: Comparing, column: str, now: Mapping[str, Any], year: Mapping[str, Any] | None) -> Both:
    """The same figure a year before with the change since, or why there is none."""
    found = comparing.change(FIGURES[column], now, year)
    if not found.way or year is None:
        return found.words
    return say("{change} from {before} a year before", change=found.both, before=number(year[column]))


class Short(NamedTuple):
    """A figure of the month at a glance, and what it is to be read with."""

    words: Both
    figure: Both
    note: Both


def this_month(tables: Frames, release: Release) -> list[Short]:
    """The month in six figures: what it counts, beside what comes before it, and how many people it is about."""
    comparing = Comparing(tables, release)
    now, before, year = beside(national_rows(tables, release))
    own = mapped_townships(tables, release)
    some = own.filter(pl.col("clashes_month_count") > 0).height if now["clashes_month_count"] is not None else None
    near, everyone = people_near(tables, release)
    days = published(tables, "township_index").filter(
        pl.col("method") == release.method, pl.col("month") == now["month"]
    )["idps_reference_date"].drop_nulls()  # fmt: skip
    reporting = say("{some} of {total} townships reporting", some=number_both(now["idps_reporting_count"]),
                    total=number(now["townships_count"]))  # fmt: skip
    newest = [say("newest report: {day}", day=day_both(days.max()))] if days.len() else []  # type: ignore[arg-type]

    def counted(column: str, then: Mapping[str, Any] | None) -> Short:
        figure, month = FIGURES[column], month_both(then["month"]) if then else say("no earlier month")
        change = comparing.change(figure, now, then)
        return Short(say(figure.words), figure.shown(now),
                     say("since {month}: {change}", month=month, change=change.both))  # fmt: skip

    return [
        counted("clashes_month_count", before), counted("clashes_3m_count", year),
        Short(say("Townships with a clash in the month"), number_both(some),
              say("of {total} townships", total=number(now["townships_count"]))),
        Short(say("People who live in these townships"), number_both(near),
              say("of {total} in all townships", total=number_both(everyone))),
        Short(say(FIGURES["signal_alert_count"].words), number_both(_told(now, Signal.ALERT)),
              say("{chance} by chance alone", chance=rate_both(now["alerts_false_expected"]))),
        Short(say(FIGURES["idps_persons"].words), FIGURES["idps_persons"].shown(now),
              spans([reporting, *newest])),
    ]  # fmt: skip


def _told(row: Mapping[str, Any], kind: Signal) -> int | None:
    found: int | None = row[f"signal_{kind}_count"]
    return found


def signal_words(tables: Frames, release: Release) -> list[Both]:
    """How many townships stand out, and how many alerts chance alone would give."""
    now, *_ = beside(national_rows(tables, release))
    found = [_told(now, kind) for kind in _KINDS]
    if None in found:
        return [say("The signals of the month are not known.")]
    said = [
        say("{some} of {total} townships stand out from their own past in {month}; for {unknown} it cannot be told.",
            some=number(sum(one or 0 for one in found)), total=number(now["townships_count"]),
            month=month_both(now["month"]), unknown=number_both(_told(now, Signal.UNKNOWN)))
    ]  # fmt: skip
    if now["alerts_false_expected"] is not None:
        said.append(
            say("{alerts} are alerts; {chance} would come by chance alone if no township's rate had changed.",
                alerts=number_both(_told(now, Signal.ALERT)), chance=rate_both(now["alerts_false_expected"]))
        )  # fmt: skip
    return said


def kinds(tables: Frames, release: Release) -> Grid:
    """Townships by signal, this month beside the month before and a year before."""
    rows = beside(national_rows(tables, release))
    found = [row for row in rows if row]
    return Grid(
        say("Townships by signal of the month"),
        (Column(say("Signal")),
         *(Column(month_both(row["month"]), True) for row in found)),
        tuple(
            (say("{name}: {meaning}", name=signal_both(kind), meaning=meaning_both(kind)),
             *(number_both(_told(row, kind)) for row in found))
            for kind in Signal
        ),
    )  # fmt: skip


def _frame(tables: Frames, release: Release) -> pl.DataFrame:
    """The townships of the last month with what they may expect."""
    frame = mapped_townships(tables, release).drop("geometry")
    month = national_rows(tables, release)
    beside_it = (
        published(tables, "current_intensity").filter(pl.col("month") == max(month))
        .select("adm3_pcode", "interval_low", "interval_high", "rank", "rank_low", "rank_high")
    )  # fmt: skip
    return frame.join(beside_it, on="adm3_pcode", how="left", validate="1:1")


def _place(row: Mapping[str, Any]) -> Cell:
    return places([(row["adm3_pcode"], row["adm3_name"], row["adm3_name_my"])], 1)


def _counts(row: Mapping[str, Any]) -> list[Cell]:
    return [number_cell(row[column]) for column in ("clashes_month_count", "clashes_3m_count", "clashes_12m_count")]


_COUNTED = ("Clashes of the month", "of 3 months", "of 12 months")
_EXPECTED = "Expected in the next 3 months (90 % interval)"


def standing(frame: pl.DataFrame) -> pl.DataFrame:
    """The townships that stand out: those with an alert first, then those with a rise or an onset.

    Within both by the clashes of the month, then by the people who live there. `frame` holds a row a township.
    """
    first = pl.col("signal") != Signal.ALERT
    return frame.filter(pl.col("signal").is_in([str(kind) for kind in WORSE])).sort(
        first, pl.col("clashes_month_count").cast(pl.Int64), "population_persons", "adm3_pcode",
        descending=[False, True, True, False], nulls_last=True,
    )  # fmt: skip


def standing_out(tables: Frames, release: Release) -> Grid | None:
    """The townships of the page of the month as a table."""
    frame = standing(_frame(tables, release))
    if frame.is_empty():
        return None
    listed = frame.head(LISTED)
    return Grid(
        say("The townships that stand out most: {shown} of {all}", shown=number(listed.height),
            all=number(frame.height)),
        (Column(say("Township")), Column(say("State or region")), Column(say("Signal")),
         *(Column(say(words), True) for words in _COUNTED), Column(say(_EXPECTED), True)),
        tuple(
            (_place(row), _state(row), signal_both(row["signal"]), *_counts(row), _expected(row))
            for row in listed.to_dicts()
        ),
    )  # fmt: skip


def to_expect(tables: Frames, release: Release) -> Grid | None:
    """The townships with the most clashes to expect, with the interval of their rank."""
    frame = _frame(tables, release).filter(pl.col("rank").is_not_null()).sort("rank", "adm3_pcode").head(LISTED)
    if frame.is_empty():
        return None
    return Grid(
        say("The {count} townships with the most clashes to expect", count=number(frame.height)),
        (Column(say("Township")), Column(say("State or region")), *(Column(say(words), True) for words in _COUNTED),
         Column(say(_EXPECTED), True), Column(say("Chance of four or more"), True),
         Column(say("Rank (90 % interval)"), True)),
        tuple(
            (_place(row), _state(row), *_counts(row), _expected(row), share_both(row["four_or_more_probability"]),
             say("{count} ({low} to {high})", count=row["rank"], low=row["rank_low"], high=row["rank_high"]))
            for row in frame.to_dicts()
        ),
    )  # fmt: skip


def _state(row: Mapping[str, Any]) -> str:
    return str(row["state_region"])


def _expected(row: Mapping[str, Any]) -> Cell:
    return expected_cell(row["expected_clashes_next_3m"], row["interval_low"], row["interval_high"])


def board(tables: Frames, release: Release) -> Board:
    """The section "Now"."""
    grids: Sequence[Grid | None] = (
        kinds(tables, release), standing_out(tables, release), to_expect(tables, release),
    )  # fmt: skip
    return Board(
        tuple(signal_words(tables, release)),
        tuple(grid for grid in grids if grid),
        ("national_summary", "township_index", "current_intensity"),
    )
