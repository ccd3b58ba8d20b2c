"""The states and regions in words: the table of all 15 with the national row, and the facts of one of them.

Every word is given in both languages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from markupsafe import Markup

from pipeline.declare.codes import Basis, ShareMeasure
from reports.draw.charts import draw_few_bars
from reports.figures import FIGURES, GROUPS, Figure, in_groups
from reports.figures import Unit as Kind
from reports.months import MONTHLY, Comparing, apart, beside, clashes_by_month
from reports.release import Release, Unit, latest, months, published, unit
from reports.site.inputs import Context, Inputs
from reports.site.region_now import RegionsNow
from reports.site.render import drawn
from reports.text.catalogue import Both, day_both, label_both, month_both, say
from reports.text.values import (
    NO_DATA,
    Value,
    number_both,
    number_cell,
    percent_both,
    persons_cell,
    share_both,
)
from reports.text.wording import NOT_KNOWN, known

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]

# Counts of the table of all units; each adds up to its national figure.
ADDITIVE = tuple(FIGURES[column] for column in (
    "townships_count", *GROUPS["Now: clashes"], "signal_alert_count", "in_conflict_count",
    *GROUPS["Security Index"], "humanitarian_high_count", "humanitarian_low_count", "humanitarian_no_new_count",
    "humanitarian_insufficient_count", *GROUPS["Public Service Provision Index"], "clashes_count", "idps_persons",
    "idps_reporting_count",
))  # fmt: skip
LOST = Figure("control_lost_townships_share", "Heavy fighting in the window (ISP's measure of control lost), % of "
              "townships", unit=Kind.SHARE, adds_up=False)  # fmt: skip
# What was observed leads; what counts clashes comes last.
_MEASURES = (ShareMeasure.EXACT_AREA, ShareMeasure.TOWNSHIPS, ShareMeasure.AREA, ShareMeasure.POPULATION)
_BASES = (Basis.OBSERVED, Basis.ADMINISTRATION, Basis.SECURITY_INDEX)
QUARTER = 3  # months
_MULTIPLE = 64.0  # units of height of the bars of a unit
# "n of n": figures that mean little without their denominator
_OF_ALL = {"in_conflict_count", "idps_reporting_count"}


@dataclass(frozen=True)
class Overview:
    header: tuple[Both, ...]
    rows: tuple[tuple[Unit, tuple[Value, ...]], ...]
    total: tuple[Value, ...]
    off: tuple[str, ...]  # columns that do not add up to the national figure


def overview(tables: Frames, release: Release) -> Overview:
    """All units with their subtotals and the national row; columns that do not add up are named, never hidden."""
    found = {row["state_region"]: row for row in latest(tables, "region_summary", release.method).to_dicts()}
    national = latest(tables, "national_summary", release.method).row(0, named=True)
    return Overview(
        header=(*(say(one.head) for one in (*ADDITIVE, LOST)),),
        rows=tuple((unit(name), _cells(found[name])) for name in sorted(found)),
        total=_cells(national),
        off=tuple(one.head for one in ADDITIVE if _total(found, one.column) != national[one.column]),
    )


def _total(found: Mapping[str, Row], column: str) -> int | None:
    values = [row[column] for row in found.values() if row[column] is not None]
    return sum(values) if values else None


def _cells(row: Row) -> tuple[Value, ...]:
    share = row[LOST.column]
    return (
        *(figure(row, one.column) for one in ADDITIVE),
        Value(percent_both(share), NO_DATA if share is None else ""),
    )


def figure(row: Row, column: str) -> Value:
    """A count of a summary; a class of an index without any records is not zero but not reported."""
    value = known(row, column)
    return persons_cell(value, False) if column == "idps_persons" else number_cell(value)


@dataclass(frozen=True)
class Line:
    words: Both
    now: Value
    month: Both
    year: Both


@dataclass(frozen=True)
class Facts:
    """One unit: now, headline, summary with changes, shares of control, towns, and the months of its clashes."""

    now: tuple[Both, ...]
    towns: list[tuple[Both, tuple[Value, ...]]]
    headline: tuple[Both, ...]
    groups: tuple[tuple[Both, tuple[Line, ...]], ...]
    before: tuple[Both, Both]  # the month before and twelve months before, by name
    control: tuple[tuple[Both, ...], ...]
    unknown_bases: tuple[Both, ...]
    clashes: tuple[int | None, ...]


class Regions:
    """The facts of every unit; the tables are sorted and cut once for all of them."""

    def __init__(self, tables: Frames, release: Release) -> None:
        self._steps = months(tables, release.method)
        self._comparing = Comparing(tables, release)
        self._monthly = clashes_by_month(tables, release, "state_region")
        held = latest(tables, "township_index", release.method).filter(pl.col("idps_suppressed").fill_null(False))
        index = latest(tables, "township_index", release.method)
        self._year = dict(index.filter(pl.col("clashes_12m_count") > 0)["state_region"].value_counts().iter_rows())
        self.beside = RegionsNow(tables, release)
        self._withheld = dict(held["state_region"].value_counts().iter_rows())
        summary = published(tables, "region_summary").filter(pl.col("method") == release.method)
        self._rows: dict[str, dict[date, dict[str, Any]]] = {}
        for row in summary.to_dicts():
            name, month = row["state_region"], row["month"]
            self._rows.setdefault(name, {})[month] = {**row, MONTHLY: self._monthly.get((name, month))}
        control = latest(tables, "territorial_control", release.method).to_dicts()
        self._control = {(row["scope"], row["basis"], row["measure"]): row for row in control}

    @property
    def steps(self) -> list[date]:
        return self._steps

    @property
    def comparing(self) -> Comparing:
        return self._comparing

    def rows(self, name: str) -> tuple[Row, Row | None, Row | None]:
        """The last month of a unit, the month before and the same month a year before."""
        now, before, year = beside(self._rows[name])
        return now, before, year

    def facts(self, name: str) -> Facts:
        """The facts of a unit. Raises KeyError for one without a row in the last month."""
        if self._steps[-1] not in self._rows.get(name, {}):
            raise KeyError(f"region_summary holds no row of {name!r} in {self._steps[-1]}")
        now, before, year = beside(self._rows[name])
        control, unknown = self._lost(name)
        steps = self._steps[-1 - QUARTER :][:1] if len(self._steps) > QUARTER else []
        quarter = self._rows[name].get(steps[0]) if steps else None
        return Facts(
            now=self._with_control(name, self.beside.sentences(unit(name).both, now, quarter)),
            towns=self.beside.towns(name),
            headline=self._headline(name, now),
            groups=tuple(
                (heading, tuple(self._line(one, now, before, year) for one in lines))
                for heading, lines in in_groups("in_conflict_share", "clashes_unallocated_count")
            ),
            before=(_named(before), _named(year)),
            control=control, unknown_bases=unknown,
            clashes=tuple(self._monthly.get((name, step)) for step in self._steps),
        )  # fmt: skip

    def _headline(self, name: str, row: Row) -> tuple[Both, ...]:
        """Floors, the exact window and how many report, as the national headline words them."""
        where, when, start = unit(name).both, day_both(row["period_end"]), day_both(row["period_start"])
        total = row["townships_count"]
        first = say(
            "How many townships of {region} were in conflict as of {day} is not reported.", region=where, day=when
        )
        if row["in_conflict_share"] is not None:
            first = say("{count} of {total} townships of {region} ({share}) have had a recorded clash from {start} to "
                        "{day}; {year} in the last twelve months.", count=row["in_conflict_count"], total=total,
                        region=where, share=share_both(row["in_conflict_share"]), start=start, day=when,
                        year=number_both(self._year.get(name, 0)))  # fmt: skip
        clashes = say("The number of clashes from {start} to {day} is not reported.", start=start, day=when)
        if row["clashes_count"] is not None:
            clashes = say("At least {count} clashes were placed in its townships in that time, and {possible} more may "
                          "have happened there; deaths, best estimate: {best} ({low} to {top}). {high} townships are "
                          "in the class high of the Security Index: heavy fighting, not who controls them.",
                          count=number_both(row["clashes_count"]), possible=number_both(row["clashes_possible_count"]),
                          best=number_both(row["fatalities_persons"]), low=number_both(row["fatalities_low_persons"]),
                          top=number_both(row["fatalities_high_persons"]),
                          high=row["security_high_count"])  # fmt: skip
        idps = say("No displacement figure was reported; that is not a zero.")
        if row["idps_persons"] is not None:
            idps = say("At least {people} displaced people are reported, from {reporting} of {total} townships.",
                       people=number_both(row["idps_persons"]), reporting=row["idps_reporting_count"],
                       total=total)  # fmt: skip
        held = self._withheld.get(name, 0)
        withheld = [say("Townships whose figure is fewer than 10 people, withheld and in no sum: {count}.",
                        count=held)] if held else []  # fmt: skip
        return (first, clashes, idps, *withheld)

    def _line(self, one: Figure, now: Row, before: Row | None, year: Row | None) -> Line:
        column, cell = one.column, figure(now, one.column)
        if column in _OF_ALL and now[column] is not None:
            cell = Value(
                say("{count} of {total}", count=cell.words, total=now["townships_count"]), cell.look, cell.order
            )
        month, twelve = (self._comparing.change(one, now, then, now["state_region"]).both for then in (before, year))
        return Line(one.line_words, cell, month, twelve)

    def _with_control(self, name: str, said: tuple[Both, ...]) -> tuple[Both, ...]:
        """Control as observed stands behind the first sentence, where there are records of it."""
        row = self._control.get((name, str(Basis.OBSERVED), str(ShareMeasure.EXACT_AREA)), {})
        if row.get("lost_share") is None:
            return said
        observed = say("By control records in force the state's side holds {held} of the area and others {lost}; "
                       "{contested} is contested, {unknown} not known.",
                       **{part: share_both(row[f"{part}_share"])
                          for part in ("held", "lost", "contested", "unknown")})  # fmt: skip
        return (said[0], observed, *said[1:])

    def _lost(self, name: str) -> tuple[tuple[tuple[Both, ...], ...], tuple[Both, ...]]:
        """The share of control lost on three bases; a basis without any record is a sentence, not a row of blanks."""
        rows, unknown = [], []
        for basis in map(str, _BASES):
            found = [(m, self._control.get((name, basis, m), {})) for m in map(str, _MEASURES)]
            any_known = [(m, row) for m, row in found if row.get("lost_share") is not None]
            if not any_known:
                unknown.append(say("{basis}: no record in force, so no share is known.", basis=label_both(basis)))
            for measure, row in any_known:
                rows.append((
                    label_both(basis), label_both(measure), percent_both(row["lost_share"]),
                    _between(row["lost_interval_low"], row["lost_interval_high"]),
                    _between(row["lost_low"], row["lost_high"]),
                    *(percent_both(row[f"{state}_share"]) for state in ("contested", "held", "unknown")),
                ))  # fmt: skip
        return tuple(rows), tuple(unknown)


def _between(low: float | None, high: float | None) -> Both:
    if low is None or high is None:
        return say(NOT_KNOWN)
    if f"{low:.3f}" == f"{high:.3f}":
        return percent_both(low)
    return say("{low} to {high}", low=f"{100 * low:.1f}", high=f"{100 * high:.1f}")


def _named(row: Row | None) -> Both:
    return say("no earlier month") if row is None else month_both(row["month"])


@dataclass(frozen=True)
class Multiple:
    """The months of one unit on the scale of all."""

    unit: Unit
    bars: Markup
    now: Both  # clashes of three months


def multiples(tables: Frames, release: Release, hollow: int) -> tuple[list[Multiple], int]:
    """The units by their clashes of three months, the most first, and the most clashes of one month in any of them."""
    steps, monthly = months(tables, release.method), clashes_by_month(tables, release, "state_region")
    rows = latest(tables, "region_summary", release.method).select("state_region", "clashes_3m_count").rows()
    series = {name: [monthly.get((name, step)) for step in steps] for name, _ in rows}
    top = max((value for values in series.values() for value in values if value is not None), default=0)
    ordered = sorted(rows, key=lambda row: (-(row[1] or 0), row[0]))
    return [
        Multiple(unit(name), drawn(draw_few_bars(series[name], hollow, top, _MULTIPLE)), number_both(count))
        for name, count in ordered
    ], top  # fmt: skip


def page(inputs: Inputs) -> list[Context]:
    """regions.html: all units beside each other."""
    together, recent, steps = overview(inputs.tables, inputs.release), inputs.recent, months(
        inputs.tables, inputs.release.method
    )  # fmt: skip
    hollow = max(recent["provisional"], int(len(steps) - 1 in apart(inputs.tables, inputs.release, MONTHLY)))
    small, top = multiples(inputs.tables, inputs.release, hollow)
    return [{
        "small": small, "top": number_both(top), "first": month_both(steps[0]), "mark": inputs.release.data_mark,
        "overview": together, "recency": inputs.recent,
        "month": month_both(months(inputs.tables, inputs.release.method)[-1]),
    }]  # fmt: skip
