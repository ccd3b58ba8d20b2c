"""The brief's counts of events: a chart and tables by month, totals by township, clashes by township and month.

Bars of events by month, one drawing a class and one scale for all, as SVGs for page and PDF alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.declare.codes import EventClass
from pipeline.neutral_brief.counts import totals
from pipeline.neutral_brief.request import SHORTEST_CUT_DAYS, Material, Span
from reports.draw.charts import Labelled, draw_panel
from reports.draw.maps import swatch
from reports.draw.svg import Look, by_attributes
from reports.draw.symbology import HATCH
from reports.neutral_brief.data import Number, Part
from reports.neutral_brief.words import count, words
from reports.site.blocks import Board, Cell, Column, Grid, Key, Panel, Picture, Place
from reports.text.catalogue import Both
from reports.text.values import NO_DATA, Value

_INSIDE, _BEFORE = "#17324d", "#a9bfd0"


@dataclass(frozen=True)
class Bar:
    span: Span
    value: int | None


def bars(rows: Sequence[tuple[Both, Sequence[Bar]]], mark: Sequence[Both]) -> tuple[tuple[Panel, ...], tuple[Key, ...]]:
    """A panel for each class, as tall as its own largest bar on the common scale, and the key."""
    top = max((bar.value or 0 for _, own in rows for bar in own), default=0) or 1
    panels = [
        Panel(
            draw_panel([_labelled(own, n) for n in range(len(own))], top, f"gap{rank}", "chart-alt",
                       [one.en for one in mark], _look(f"gap{rank}")),
            name,
        )
        for rank, (name, own) in enumerate(rows)
    ]  # fmt: skip
    keys = [Key(swatch(_BEFORE, ""), words("key_before")), Key(swatch(_INSIDE, ""), words("key_period"))]
    if any(bar.value is None for _, own in rows for bar in own):
        keys.append(Key(swatch(HATCH, "gap-key"), words("key_gap")))
    return tuple(panels), tuple(keys)


def _look(gap: str) -> Look:
    """The looks of the parts of a panel."""
    return {
        "bar0": by_attributes(fill=_BEFORE), "bar1": by_attributes(fill=_INSIDE),
        "gap": by_attributes(fill=f"url(#{gap})"), "grid": by_attributes(stroke="#333"),
        "provisional": by_attributes(stroke="#333", stroke_dasharray="5 4", fill="none"),
    }.__getitem__  # fmt: skip


def _labelled(own: Sequence[Bar], n: int) -> Labelled:
    """The number of the month under each bar (both months of a joined row), and each year where it begins."""
    bar = own[n]
    first, last, year = bar.span.start.month, bar.span.end.month, bar.span.end.year
    months = (
        words("value", number=first) if first == last else words("axis_months", number_first=first, number_last=last)
    )
    begins = n == 0 or year != own[n - 1].span.end.year
    return Labelled(
        bar.value, words("value", number=bar.value).en if bar.value is not None else "", months.en,
        words("axis_year", year=year).en if begins else "", int(bar.span.in_period),
    )  # fmt: skip


CLASSES = (EventClass.CLASH, EventClass.VIOLENCE_AGAINST_CIVILIANS, EventClass.OTHER)
_NAMES = {EventClass.CLASH: "clash", EventClass.VIOLENCE_AGAINST_CIVILIANS: "civilians", EventClass.OTHER: "other"}
_AT_ONCE = 8  # townships beside each other in the table of months: more do not fit the width of a page


def span_words(span: Span) -> Both:
    """The month, or its days where it is cut."""
    if span.is_month:
        return words("value_month", month=span.start)
    return words("value_dates", date_start=span.start, date_end=span.end)


def _uncovered(material: Material) -> set[date]:
    """First days of the spans that the records do not cover: a gap of the records, not of the fighting."""
    return set(material.events.filter(~pl.col("covered"))["period_start"].to_list())


def events(material: Material, places: Sequence[Place], mark: tuple[Both, ...]) -> Part:
    asked, spans = material.asked, material.spans
    summed = totals(material.events, ["event_class", "period_start"])
    found = {
        (row["event_class"], row["period_start"]): (row["events_count"], row["known_count"], row["rows_count"])
        for row in summed.to_dicts()
    }
    none = (None, 0, len(asked.codes))
    counts = [[found.get((str(one), span.start), none) for span in spans] for one in CLASSES]
    gaps = _uncovered(material)
    cut = any(not span.is_month for span in spans)
    sentences = [words("events_source", source=material.clash_source), words("events_floor")]
    sentences.append(words("events_zero" if material.silence_is_zero else "events_silence"))
    sentences += [
        words(f"events_no_{_NAMES[one]}")
        for one in CLASSES
        if material.silence_is_zero and one not in material.recorded
    ]
    if material.lethal_only:
        sentences.append(words("events_lethal"))
    if material.provisional_from:
        sentences.append(words("events_provisional", date=material.provisional_from))
    if cut:
        sentences.append(words("events_cut", number=SHORTEST_CUT_DAYS))
    if gaps:
        sentences.append(words("events_gaps", number=len(gaps)))
    rows = [
        (words(f"c_{_NAMES[one]}"), [Bar(span, value[0]) for span, value in zip(spans, of_class, strict=True)])
        for one, of_class in zip(CLASSES, counts, strict=True)
    ]
    panels, keys = bars(rows, mark)
    chart = Picture(
        key="chart",
        panels=panels,
        keys=keys,
        alt=words("alt_chart", date_start=spans[0].start, date_end=spans[-1].end),
        caption=words("cap_chart", number=len(asked.codes)),
    )
    table = Grid(
        words("cap_events", number=len(asked.codes)),
        (
            Column(words("c_days"), wide=1.6), Column(words("c_part"), wide=1.1),
            *(Column(words(f"c_{_NAMES[one]}"), True, 1) for one in CLASSES),
        ),
        tuple(
            (
                Value(span_words(span)), Value(words("in_period" if span.in_period else "before_period")),
                *(_partly(*of_class[n], span.start in gaps) for of_class in counts),
            )
            for n, span in enumerate(spans)
        ),
    )  # fmt: skip
    by_township, township_figures = _by_township(material, places)
    figures = [
        Number("events", "", f"{one}_count", span.start, span.end, value, "events", _why(value, span.start in gaps))
        for one, of_class in zip(CLASSES, counts, strict=True)
        for span, (value, _, _) in zip(spans, of_class, strict=True)
    ]
    section = Board(tuple(sentences), (table, by_township), key="events", heading=words("h_events"), pictures=(chart,))
    return Part(section, (*figures, *township_figures))


def _partly(value: int | None, known: int, of: int, is_gap: bool) -> Value:
    """A sum; where some of the townships are not known, of how many it is."""
    if value is None:
        return _count(value, is_gap)
    return (
        count(value) if known == of else Value(words("value_partly", number=value, number_known=known, number_all=of))
    )


def _count(value: int | None, is_gap: bool) -> Value:
    return Value(words("not_covered"), NO_DATA) if value is None and is_gap else count(value)


def _why(value: int | None, is_gap: bool = False) -> str:
    return "" if value is not None else "not_covered" if is_gap else "not_known"


def _by_township(material: Material, places: Sequence[Place]) -> tuple[Grid, list[Number]]:
    """Totals of the period, and of the days before it, by township; a total with a gap in it is not known."""
    summed = totals(material.events, ["adm3_pcode", "in_period", "event_class"]).with_columns(
        events_count=pl.when(pl.col("known_count") == pl.col("rows_count")).then("events_count")
        if material.silence_is_zero
        else pl.col("events_count")
    )
    found = {
        (row["adm3_pcode"], row["in_period"], row["event_class"]): row["events_count"] for row in summed.to_dicts()
    }
    asked, before = material.asked, [span for span in material.spans if not span.in_period]
    parts = ((True, "period", asked.start, asked.end), (False, "before", before[0].start, before[-1].end))
    rows: list[tuple[Cell, ...]] = []
    figures = []
    for place in places:
        cells = []
        for inside, _, start, end in parts:
            for one in CLASSES:
                value = found.get((place.pcode, inside, str(one)))
                cells.append(count(value))
                figures.append(Number("events", place.pcode, f"{one}_count", start, end, value, "events", _why(value)))
        rows.append((place, *cells))
    grid = Grid(
        words("cap_totals", date_start=before[0].start, date_end=before[-1].end),
        (
            Column(words("c_township"), wide=1.7),
            *(Column(words(f"c_{_NAMES[one]}_{name}"), True, 1) for _, name, _, _ in parts for one in CLASSES),
        ),
        tuple(rows),
    )
    return grid, figures


def by_month(material: Material, places: Sequence[Place]) -> Part:
    """Clashes of every township and span, some townships beside each other in each table."""
    clashes = material.events.filter(pl.col("event_class") == str(EventClass.CLASH))
    found = {(row["adm3_pcode"], row["period_start"]): row["events_count"] for row in clashes.to_dicts()}
    gaps, grids, figures = _uncovered(material), [], []
    for first in range(0, len(places), _AT_ONCE):
        group = places[first : first + _AT_ONCE]
        grids.append(
            Grid(
                words("cap_months"),
                (
                    Column(words("c_days"), wide=2.2),
                    *(Column(words("township_number", number=first + n + 1), True, 1) for n in range(len(group))),
                ),
                tuple(
                    (
                        Value(span_words(span)),
                        *(_count(found.get((place.pcode, span.start)), span.start in gaps) for place in group),
                    )
                    for span in material.spans
                ),
            )
        )
        figures += [
            Number("months", place.pcode, "clash_count", span.start, span.end,
                   found.get((place.pcode, span.start)), "events",
                   _why(found.get((place.pcode, span.start)), span.start in gaps))
            for place in group
            for span in material.spans
        ]  # fmt: skip
    return Part(Board((), tuple(grids), key="months", heading=words("h_months")), tuple(figures))
