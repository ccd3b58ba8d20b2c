"""The brief's counts of events: a chart and tables by month, totals by township, clashes by township and month.

Not here: what is counted (pipeline.briefs.counts), how the bars are drawn (neutral_chart.py).
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipeline.briefs.counts import totals
from pipeline.briefs.material import Material
from pipeline.briefs.spans import SHORTEST_CUT_DAYS, Span
from pipeline.codes import EventClass
from reports.bilingual import Both
from reports.neutral_blocks import Cell, Cells, Column, Figure, Grid, Part, Picture, Place, Section, count
from reports.neutral_chart import Bar, bars
from reports.neutral_words import words

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
            Column(words("c_days"), 1.6), Column(words("c_part"), 1.1),
            *(Column(words(f"c_{_NAMES[one]}"), 1, True) for one in CLASSES),
        ),
        tuple(
            (
                Cell(span_words(span)), Cell(words("in_period" if span.in_period else "before_period")),
                *(_partly(*of_class[n], span.start in gaps) for of_class in counts),
            )
            for n, span in enumerate(spans)
        ),
    )  # fmt: skip
    by_township, township_figures = _by_township(material, places)
    figures = [
        Figure("events", "", f"{one}_count", span.start, span.end, value, "events", _why(value, span.start in gaps))
        for one, of_class in zip(CLASSES, counts, strict=True)
        for span, (value, _, _) in zip(spans, of_class, strict=True)
    ]
    section = Section("events", words("h_events"), tuple(sentences), (chart,), (table, by_township))
    return Part(section, (*figures, *township_figures))


def _partly(value: int | None, known: int, of: int, is_gap: bool) -> Cell:
    """A sum; where some of the townships are not known, of how many it is."""
    if value is None:
        return _count(value, is_gap)
    return count(value) if known == of else Cell(words("value_partly", number=value, number_known=known, number_all=of))


def _count(value: int | None, is_gap: bool) -> Cell:
    return Cell(words("not_covered"), "none") if value is None and is_gap else count(value)


def _why(value: int | None, is_gap: bool = False) -> str:
    return "" if value is not None else "not_covered" if is_gap else "not_known"


def _by_township(material: Material, places: Sequence[Place]) -> tuple[Grid, list[Figure]]:
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
    rows: list[tuple[Cell | Cells | Place, ...]] = []
    figures = []
    for place in places:
        cells = []
        for inside, _, start, end in parts:
            for one in CLASSES:
                value = found.get((place.pcode, inside, str(one)))
                cells.append(count(value))
                figures.append(Figure("events", place.pcode, f"{one}_count", start, end, value, "events", _why(value)))
        rows.append((place, *cells))
    grid = Grid(
        words("cap_totals", date_start=before[0].start, date_end=before[-1].end),
        (
            Column(words("c_township"), 1.7),
            *(Column(words(f"c_{_NAMES[one]}_{name}"), 1, True) for _, name, _, _ in parts for one in CLASSES),
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
                    Column(words("c_days"), 2.2),
                    *(Column(words("township_number", number=first + n + 1), 1, True) for n in range(len(group))),
                ),
                tuple(
                    (
                        Cell(span_words(span)),
                        *(_count(found.get((place.pcode, span.start)), span.start in gaps) for place in group),
                    )
                    for span in material.spans
                ),
            )
        )
        figures += [
            Figure("months", place.pcode, "clash_count", span.start, span.end,
                   found.get((place.pcode, span.start)), "events",
                   _why(found.get((place.pcode, span.start)), span.start in gaps))
            for place in group
            for span in material.spans
        ]  # fmt: skip
    return Part(Section("months", words("h_months"), grids=tuple(grids)), tuple(figures))
