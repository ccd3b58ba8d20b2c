"""Key figures of the country as tiles: the figure, how sure it is, how it moved, and its months as a small line.

The first page of the report: what it is handed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from pipeline.declare.codes import NATIONAL, Basis, IndexName, Measure
from pipeline.sources import SOURCES
from reports.draw.charts import draw_trend
from reports.draw.maps import shared_defs
from reports.draw.shapes import make_shapes
from reports.figures import FIGURES, GROUPS, in_groups
from reports.files.metadata import dataset, in_page
from reports.months import MONTHLY, Comparing, apart, beside, clashes_by_month, national_rows
from reports.release import Release, latest, published
from reports.site import control, evidence, signals
from reports.site.changes import changed, moved
from reports.site.inputs import Context, Inputs
from reports.site.map import all_looks, live_map
from reports.site.render import drawn
from reports.text.catalogue import Both, day_both, month_both, same, say
from reports.text.values import ends_both, number_both, persons_both, share_both
from reports.text.wording import known, number, percent

Frames = Mapping[str, pl.DataFrame]
# The tile of an index that is folded into one line where it has no record.
_TILES = {IndexName.HUMANITARIAN.value: "displaced", IndexName.SERVICES.value: "services-severe"}


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
    """Townships in conflict, class high, clashes, displaced people, services and heavy fighting, in this order."""
    now, before, year = beside(national_rows(tables, release))
    comparing = Comparing(tables, release)
    own = published(tables, "national_summary").filter(pl.col("method") == release.method)
    monthly = clashes_by_month(tables, release)
    of_all = say("of {total} townships ({share})", total=number(now["townships_count"]),
                 share=share_both(now["in_conflict_share"]))  # fmt: skip

    grows = say("counted from one day on: it cannot fall") if own["period_start"].n_unique() < 2 else None
    window = say("from {start} to {end}", start=day_both(now["period_start"]), end=day_both(now["period_end"]))

    def moves(column: str) -> tuple[tuple[Both, Both], ...]:
        found = [row for row in (before, year) if row]
        return tuple((month_both(row["month"]), comparing.change(FIGURES[column], now, row).both) for row in found)

    def tile(
        key: str, column: str, *notes: Both | None, line: Sequence[float | None], line_words: Both
    ) -> Tile:  # fmt: skip
        figure = FIGURES[column]
        drawn = draw_trend(line, line_words, apart(tables, release, MONTHLY if key == "clashes" else column))
        words = line_words if any(value is not None for value in line) else same("")
        told = tuple(note for note in notes if note)
        return Tile(key, say(figure.words), figure.shown(now), told, moves(column), drawn, words, "national_summary")

    by_month = say("by month, {first} to {last}", first=month_both(own["month"][0]), last=month_both(now["month"]))
    shown = [
        tile("in-conflict", "in_conflict_count", of_all,
             say("a floor: what no source reports is not in it"), grows, line=own["in_conflict_count"].to_list(),
             line_words=by_month),
        tile("security-high", "security_high_count", _interval(now, "security_high", "another record of the same "
             "kind would likely give {low} to {high}"), _people_lost(_by_fighting(tables, release, now)), grows,
             line=own["security_high_count"].to_list(),
             line_words=by_month),
        tile("clashes", "clashes_count", window, line=[monthly.get(month) for month in own["month"]],
             line_words=say("clashes of each month, {first} to {last}", first=month_both(own["month"][0]),
                            last=month_both(now["month"]))),
        tile("displaced", "idps_persons",
             say("{some} of {total} townships reporting", some=number_both(now["idps_reporting_count"]),
                 total=number(now["townships_count"])), line=own["idps_persons"].to_list(), line_words=by_month),
        tile("services-severe", "services_severe_count",
             say("{certain} of them certain, {likely} likely by the items known",
                 certain=number_both(now["services_severe_certain_count"]),
                 likely=number_both(now["services_severe_likely_count"]))
             if known(now, "services_severe_count") else None,
             say("{some} of {total} townships in conflict with insufficient data",
                 some=number_both(now["services_insufficient_count"]), total=number(now["in_conflict_count"])),
             _interval(now, "services_severe", "{low} to {high} if every unknown answer were the best or the worst"),
             line=[known(row, "services_severe_count") for row in own.to_dicts()], line_words=by_month),
    ]  # fmt: skip
    return [*shown, _lost(tables, release, now, moves("control_lost_townships_share"), own, by_month)]


def _interval(row: Mapping[str, Any], name: str, words: str) -> Both | None:
    """The phrase with the ends of the interval; None where an end is not known."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    value = row.get(f"{name}_expected", 0)
    if low is None or high is None or value is None:
        return None
    return say(words, value=number(value), low=number(low), high=number(high))


def _by_fighting(tables: Frames, release: Release, now: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Measure -> the country's row of control by the Security Index: its townships are those of class high."""
    rows = published(tables, "territorial_control").filter(
        pl.col("method") == release.method, pl.col("month") == now["month"], pl.col("scope") == NATIONAL,
        pl.col("basis") == str(Basis.SECURITY_INDEX),
    )  # fmt: skip
    return {row["measure"]: row for row in rows.to_dicts()}


def _people_lost(found: Mapping[str, Mapping[str, Any]]) -> Both:
    """How many people live in the townships of class high."""
    return say("{n} people live in them.", n=number_both(found.get(str(Measure.POPULATION), {}).get("lost_value")))


def _lost(
    tables: Frames, release: Release, now: Mapping[str, Any], moves: tuple[tuple[Both, Both], ...],
    own: pl.DataFrame, by_month: Both,
) -> Tile:  # fmt: skip
    """Townships with heavy fighting, with the interval of the share and the other two measures."""
    found = _by_fighting(tables, release, now)
    first = found.get(str(Measure.TOWNSHIPS), {})
    ends = [first.get(name) for name in ("lost_expected_share", "lost_interval_low", "lost_interval_high")]
    column = "control_lost_townships_share"
    notes = [
        say("This is not who controls them."),
        say("of all townships; {area} of the area, {people} of the people",
            area=share_both(now["control_lost_area_share"]), people=share_both(now["control_lost_population_share"])),
        _people_lost(found),
    ]  # fmt: skip
    if all(end is not None for end in ends):
        low, high = (percent(end) for end in ends[1:])
        notes.append(say("another record of the same kind would likely give {low} to {high}",
                         low=low, high=f"{high} %"))  # fmt: skip
    return Tile(
        "lost", say("Townships with heavy fighting since 2021 (ISP's measure of control lost)"),
        share_both(now[column]), tuple(notes), moves,
        draw_trend(own[column].to_list(), by_month, apart(tables, release, column)), by_month, "territorial_control",
    )  # fmt: skip


def headline_both(tables: Frames, release: Release) -> list[Both]:
    """What leads the page: the clashes of now, and who controls what where that was observed."""
    return [*signals.leading(tables, release), *control.observed_words(tables, release)]


def since_words(tables: Frames, release: Release) -> list[Both]:
    """What the window holds: floors and the exact days, what is certain beside what is possible or unseen."""
    row = latest(tables, "national_summary", release.method).row(0, named=True)
    first_day, when = day_both(row["period_start"]), day_both(row["period_end"])
    total = number(row["townships_count"])
    if row["in_conflict_count"] is None:
        conflict = [say("How many townships were in conflict as of {day} is not reported.", day=when)]
    else:
        recent = latest(tables, "township_index", release.method).filter(
            pl.col("in_conflict").fill_null(False), pl.col("clashes_12m_count") > 0
        )  # fmt: skip
        conflict = [
            say("{some} of {total} townships ({share}) have had at least one deadly clash from {first} to {last}; "
                "{recent} of them in the last twelve months.",
                some=number(row["in_conflict_count"]), total=total, share=share_both(row["in_conflict_share"]),
                first=first_day, last=when, recent=number(recent.height)),
            *_unseen(row),
        ]  # fmt: skip
    return [*conflict, *_clashes_words(row), _displaced_words(tables, release, row)]


def _unseen(row: Mapping[str, Any]) -> list[Both]:
    """Chao's bound: how many townships had clashes that nobody recorded."""
    ends = [row[f"in_conflict_estimate{end}"] for end in ("", "_low", "_high")]
    if None in ends or round(ends[0]) <= row["in_conflict_count"]:
        return []
    return [
        say("At least {unseen} more townships had clashes that nobody recorded: by the pattern of the counts {all} or "
            "more had one (95 % interval {low} to {high}; Chao's lower bound).",
            unseen=number(round(ends[0]) - row["in_conflict_count"]), all=number(round(ends[0])),
            low=number(round(ends[1])), high=number(round(ends[2])))
    ]  # fmt: skip


def _clashes_words(row: Mapping[str, Any]) -> list[Both]:
    """Certain beside possible clashes, and the deaths from the lowest to the highest estimate."""
    first_day, when = day_both(row["period_start"]), day_both(row["period_end"])
    if row["clashes_count"] is None:
        return [say("The number of clashes from {start} to {end} is not reported.", start=first_day, end=when)]
    said = [
        say("{clashes} clashes of this time are placed in one township; {more} are placed in none, {possible} of which "
            "have a few townships where they may have been. {high} townships had heavy fighting (class high).",
            clashes=number(row["clashes_count"]), more=number_both(row["clashes_unallocated_count"]),
            possible=number_both(row["clashes_possible_count"]), high=number_both(row["security_high_count"]))
    ]  # fmt: skip
    if row["fatalities_persons"] is not None:
        deaths = [row[f"fatalities{end}_persons"] for end in ("", "_low", "_high")]
        said.append(say("Deaths in these clashes, best estimate of the source: {deaths}.", deaths=ends_both(*deaths)))
    return said


def _displaced_words(tables: Frames, release: Release, row: Mapping[str, Any]) -> Both:
    if row["idps_persons"] is None:
        return say("No displacement figure was reported.")
    idps = say(
        "{people} displaced people are reported, from {some} of {total} townships; the others are not reported.",
        people=persons_both(row["idps_persons"]), some=number_both(row["idps_reporting_count"]),
        total=number(row["townships_count"]),
    )  # fmt: skip
    return _joined(" ", [idps, *_basis(tables, release)])


def _joined(between: str, parts: Sequence[Both]) -> Both:
    return Both(between.join(part.en for part in parts), between.join(part.my for part in parts))


def _basis(tables: Frames, release: Release) -> list[Both]:
    """Which displacement the figures are: new since the coup and stock mean different things."""
    index = latest(tables, "township_index", release.method)
    found = index["idps_basis"].drop_nulls().value_counts().sort("idps_basis")
    days = index["idps_reference_date"].drop_nulls().unique().sort()
    kinds = {
        "new": "{count} townships report newly displaced since the coup",
        "stock": "{count} townships report all displaced at the date of the report, old and new",
    }
    parts = [say(kinds[basis], count=number(count)) for basis, count in found.iter_rows()]
    if not parts or not days.len():
        return []
    ends = list(dict.fromkeys((days[0], days[-1])))
    dates = say("{first} to {last}", first=day_both(ends[0]), last=day_both(ends[-1]))
    told = say("The reports are of {days}; later returns and flights are not in them.",
               days=dates if len(ends) > 1 else day_both(ends[0]))  # fmt: skip
    said = _joined("; ", parts)
    return [Both(f"{said.en}.", f"{said.my}။"), told]


def national(tables: Frames, release: Release) -> dict[str, Any]:
    """The national table: the default method with its change since the month before and since twelve months before."""
    frame = published(tables, "national_summary")
    now, *then = beside(national_rows(tables, release))
    before, year = then
    others = {
        name: rows[-1]
        for name in frame["method"].unique().sort().to_list()
        if name != release.method
        and (rows := frame.filter(pl.col("method") == name, pl.col("month") == now["month"]).to_dicts())
    }
    comparing = Comparing(tables, release)
    groups = [
        {
            "heading": heading,
            "rows": [
                {
                    "words": figure.line_words,
                    "now": figure.shown(now),
                    "changes": [comparing.change(figure, now, row).both for row in then],
                    "others": [figure.shown(row) for row in others.values()],
                }
                for figure in lines
            ],
        }
        for heading, lines in in_groups(*GROUPS["Townships by grade of the evidence"])
    ]
    return {
        "groups": groups,
        "month": month_both(now["month"]),
        "first": day_both(now["period_start"]),
        "last": day_both(now["period_end"]),
        "before": month_both(before["month"]) if before else say("no earlier month"),
        "year": month_both(year["month"]) if year else say("no month a year earlier"),
        "others": [{"name": name, "title": _title(release, name)} for name in others],
    }


def _title(release: Release, name: str) -> str:
    method = release.spec(name)
    return method.title if method else name


def page(inputs: Inputs) -> list[Context]:
    """index.html: headline, key figures, the map of all townships, and what the figures rest on."""
    tables, release = inputs.tables, inputs.release
    shapes = make_shapes(published(tables, "townships"))
    urls, folded = {source.title: source.url for source in SOURCES}, evidence.without_records(tables, release)
    return [{
        "headline": headline_both(tables, release), "now": signals.board(tables, release),
        "since": since_words(tables, release), "national": national(tables, release),
        "clash_source": evidence.leading_words(tables, release), "method": release.spec(release.method),
        "control": control.control(tables, release), "unknown_bases": control.unknown_bases(tables, release),
        "defs": drawn(shared_defs(shapes)), "map": live_map(tables, release, shapes, all_looks(tables, release)),
        "recency": inputs.recent, "this_month": signals.this_month(tables, release), "folded": list(folded.values()),
        "tiles": [tile for tile in tiles(tables, release) if tile.key not in {_TILES[index] for index in folded}],
        "mark": release.data_mark, "changed": changed(tables, release),
        "moved": moved(tables, release, 1), "jsonld": drawn(in_page(dataset(tables, release, "../"))),
        "sources": [{"title": title, "licence": licence, "citation": citation, "url": urls.get(title, "")}
                    for title, licence, citation in release.generated_from],
    }]  # fmt: skip
