"""What the release holds on each township in its latest month: the tables joined once for all 330 pages.

What stands where on a township's page: three cards, sections of figures under every method, the evidence.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from pipeline.declare.codes import UNREACHED, Controller, IndexName
from reports.draw.charts import draw_bars, draw_scores, gap_pattern
from reports.draw.maps import draw_locator
from reports.draw.shapes import locators
from reports.months import apart
from reports.release import (
    Release,
    declared,
    latest,
    latest_of_all_methods,
    months,
    published,
    region_slug,
    unit,
)
from reports.site.blocks import chip, class_chip, element, figure
from reports.site.inputs import Context, Inputs
from reports.site.render import drawn
from reports.site.township_rows import (
    EVENTS,
    SAVED_MONTHS,
    History,
    Shown,
    bounds,
    counted,
    displaced,
    earlier_class,
    event_keys,
    exact,
    grade,
    histories,
    items,
    kept,
    kinds,
    likely,
    lost,
    month_change,
    month_rows,
    moved_by,
    nearest,
    per_people,
    rank,
    rates,
    score,
    spot,
    window,
    year_change,
)
from reports.text.catalogue import Both, day_both, label_both, month_both, say
from reports.text.wording import number, yes_no

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
_BESIDE = ("township_rates", "township_changes", "hot_spots", "robustness")
_GRAIN = ["method", "month", "adm3_pcode"]
# What a month before is compared by.
_EARLIER = (
    "clashes_month_count", "security_class", "humanitarian_class", "services_class", "services_known_count",
    "idps_suppressed", "evidence_grade", "security_shown", "humanitarian_shown", "services_shown",
)  # fmt: skip
BEFORE = {"month": 1, "year": 12}  # months back


@dataclass(frozen=True)
class Neighbour:
    """A neighbour by name in both scripts, with its index row under the leading method."""

    code: str
    name: str
    name_my: str
    state: str
    basis: str
    row: Row


def latest_rows(tables: Frames, release: Release) -> dict[str, dict[str, Row]]:
    """P-code -> method -> the index row of the latest month with what the other tables hold beside it.

    The leading method comes first. Columns of an earlier month carry its name: `month_security_class` is that of the
    month before, `year_security_class` that of twelve months before.
    """
    frame = latest_of_all_methods(tables, "township_index")
    for name in _BESIDE:
        other = published(tables, name)
        own = [column for column in other.columns if column in _GRAIN or column not in frame.columns]
        frame = frame.join(other.select(own), on=_GRAIN, how="left", validate="1:1")
    index = published(tables, "township_index")
    for name, back in BEFORE.items():
        earlier = index.select(
            "method", "adm3_pcode", pl.col("month").dt.offset_by(f"{back}mo"),
            *(pl.col(column).alias(f"{name}_{column}") for column in _EARLIER),
        )  # fmt: skip
        frame = frame.join(earlier, on=_GRAIN, how="left", validate="1:1")
    rows: dict[str, dict[str, Row]] = {}
    for row in frame.sort(pl.col("method") != release.method, *_GRAIN).to_dicts():
        rows.setdefault(row["adm3_pcode"], {})[row["method"]] = row
    return rows


def nothing_known() -> Row:
    """The row of a township that the index does not hold: every figure is missing, and says so."""
    names = [column for name in ("township_index", *_BESIDE) for column in declared(name).columns]
    return dict.fromkeys([*names, *(f"{name}_{column}" for name in BEFORE for column in _EARLIER)])


def explanations(tables: Frames, release: Release) -> dict[str, dict[str, Row]]:
    """P-code -> index -> its row of the explanations, with the titles of the sources that its value rests on."""
    titles = dict(published(tables, "deliveries").select("delivery_id", "source").iter_rows())
    frame = latest(tables, "explanations", release.method)
    found: dict[str, dict[str, Row]] = {}
    for row in frame.to_dicts():
        ids = (row["delivery_ids"] or "").replace(",", " ").replace(";", " ").split()
        sources = tuple(dict.fromkeys(titles[one] for one in ids if one in titles))
        found.setdefault(row["adm3_pcode"], {})[row["index_name"]] = {**row, "sources": sources}
    return found


def neighbours(tables: Frames, release: Release) -> dict[str, list[Neighbour]]:
    """P-code -> its neighbours in the order of their names."""
    places = {row["adm3_pcode"]: row for row in published(tables, "townships").drop("geometry").to_dicts()}
    index = latest(tables, "township_index", release.method)
    rows_of = {row["adm3_pcode"]: row for row in index.to_dicts()}
    found: dict[str, list[Neighbour]] = {}
    for code, other, basis in published(tables, "neighbours").iter_rows():
        if other in places:
            place = places[other]
            found.setdefault(code, []).append(
                Neighbour(other, place["adm3_name"], place["adm3_name_my"], place["state_region"], basis,
                          rows_of.get(other) or nothing_known())
            )  # fmt: skip
    return {code: sorted(rows, key=lambda row: (row.name, row.code)) for code, rows in found.items()}


def beside_in_state(tables: Frames) -> dict[str, tuple[Row | None, Row | None]]:
    """P-code -> the townships before and after it in its state or region, in the order of their P-codes."""
    found: dict[str, tuple[Row | None, Row | None]] = {}
    places = published(tables, "townships").select("adm3_pcode", "adm3_name", "adm3_name_my", "state_region")
    for part in places.partition_by("state_region"):
        rows = part.sort("adm3_pcode").to_dicts()
        for before, row, after in zip([None, *rows[:-1]], rows, [*rows[1:], None], strict=True):
            found[row["adm3_pcode"]] = (before, after)
    return found


Line = tuple[str, Callable[[Row], Shown], bool]  # words of the catalogue, the figure, whether a column of numbers
INDEX_LABELS = {index: label_both(index) for index in IndexName}


@dataclass(frozen=True)
class Card:
    """One index at a glance, under the leading method."""

    key: str
    title: Both
    chip: Shown
    score: Shown
    facts: tuple[tuple[Both, Shown], ...]
    spark: Shown


def _of(column: str, wording: Callable[[Any], str]) -> Callable[[Row], Shown]:
    return lambda row: figure(wording(row[column]))


def _class(index: str) -> Callable[[Row], Shown]:
    return lambda row: class_chip(row, index)


def _in_conflict(row: Row) -> Shown:
    """Yes or no; where no clash is known and nothing reports quiet it is neither."""
    return chip(row["security_shown"]) if row["security_shown"] in UNREACHED else figure(yes_no(row["in_conflict"]))


def _chip(column: str) -> Callable[[Row], Shown]:
    return lambda row: chip(row[column])


def _score(index: IndexName) -> Line:
    return ("Score, 0 to 100", lambda row: score(row[f"{index}_score"]), True)


def _earlier(index: IndexName) -> Line:
    return ("Class one month before; 12 months before", earlier_class(index), False)


def _scenarios(index: IndexName) -> tuple[Line, Line]:
    return (("The class in other scenarios", kept(index), False),
            ("Single choices that give another class", moved_by(index), False))  # fmt: skip


def surveys(row: Row) -> Shown:
    """How many surveys the services could rest on; none in words, since the services are then unknown and not zero."""
    return _records(row["services_records_count"])


def control_records(row: Row) -> Shown:
    """How many control records the controller could rest on; the newest may leave it open who that is."""
    count = row["control_records_count"]
    if count and row["control_class"] == Controller.UNKNOWN:
        return say("{n}; the newest names no controller", n=number(count))
    return _records(count)


def _records(count: int | None) -> Shown:
    return chip(None) if count is None else say("none in force") if count == 0 else number(count)


# Anchor, heading, tables with the numbers, lines
SECTIONS: tuple[tuple[str, str, tuple[str, ...], tuple[Line, ...]], ...] = (
    ("security", "Conflict and Security Index",
     ("township_index", "township_changes", "township_rates", "hot_spots", "robustness", "explanations"), (
        ("Window", window, False),
        ("In conflict", _in_conflict, False),
        ("Class", _class("security"), False),
        _score(IndexName.SECURITY),
        ("Probability of class high", lambda row: likely(row["security_high_probability"]), True),
        *_scenarios(IndexName.SECURITY),
        ("Clashes in the window (at least)", _of("clashes_count", number), True),
        ("Rank by clashes, 1 the most, with 95 % interval", rank, True),
        ("Deaths in these events (best estimate)", _of("fatalities_persons", number), True),
        ("Clashes per 1,000 km²", rates("clashes_per_1000_km2"), True),
        ("Clashes per 100,000 people", rates("clashes_per_100000_persons"), True),
        ("Hot or cold spot", spot, False),
        ("Clashes of the month, beside the month before", month_change, False),
        ("Clashes of the month, beside 12 months before", year_change, False),
        _earlier(IndexName.SECURITY),
    )),
    ("humanitarian", "Humanitarian Crisis Index", ("township_index", "township_rates", "robustness", "explanations"), (
        ("Class", _class("humanitarian"), False),
        _score(IndexName.HUMANITARIAN),
        *_scenarios(IndexName.HUMANITARIAN),
        ("Displaced people", displaced, True),
        ("Displaced people: which", lambda row: _basis(row["idps_basis"]), False),
        ("Displaced people: day of the report", lambda row: _day(row["idps_reference_date"]), False),
        ("Displaced per 100,000 people", per_people, True),
        _earlier(IndexName.HUMANITARIAN),
    )),
    ("services", "Public Service Provision Index", ("township_index", "robustness", "explanations"), (
        ("Class", _class("services"), False),
        _score(IndexName.SERVICES),
        *_scenarios(IndexName.SERVICES),
        ("Service items known", items, True),
        ("Services lost, if unknown items are best to worst", lost, True),
        ("Class, if unknown items are best to worst", bounds, False),
        _earlier(IndexName.SERVICES),
    )),
    ("control", "Control, on three bases", ("township_index", "territorial_control"), (
        ("By the Security Index (clashes)", _chip("control_by_security"), False),
        ("By administration (police and GAD both closed)", _chip("control_by_administration"), False),
        ("By observed control records", _chip("control_by_observation"), False),
        ("Control, as recorded", _chip("control_class"), False),
    )),
    ("evidence", "Evidence", ("township_index", "township_month_events", "deliveries"), (
        ("Evidence grade, A strong to D weak", grade, False),
        ("Age of the newest record, days", _of("data_age_days", number), True),
        ("Kinds of record in force", kinds, True),
        ("Clashes located exactly", exact, True),
        ("Clash records counted in the window", _of("clashes_count", number), True),
        ("Displacement report in force", lambda row: _in_force(row["idps_basis"] or row["idps_suppressed"]), False),
        ("Service surveys in force", surveys, True),
        ("Service items known", items, True),
        ("Control records in force", control_records, True),
    )),
)  # fmt: skip


def _day(value: Any) -> Shown:
    return day_both(value) if value else chip(None)


def _basis(code: str | None) -> Shown:
    return chip(None) if code is None else label_both(code)


def _in_force(found: object) -> Shown:
    return say("yes") if found else say("none in force")


def sections(rows: Mapping[str, Row]) -> list[dict[str, Any]]:
    """The sections with a cell for every method, in the order of the rows."""
    return [
        {
            "key": key,
            "heading": say(heading),
            "files": files,
            "lines": [
                _line(say(words), [wording(row) for row in rows.values()], numeric) for words, wording, numeric in lines
            ],
        }
        for key, heading, files, lines in SECTIONS
    ]


def _line(words: Both, cells: list[Shown], numeric: bool) -> Markup:
    """A row of the table; where all methods say the same it is said once, across their columns."""
    look = "n" if numeric else ""
    if len(cells) > 1 and all(cell == cells[0] for cell in cells):
        return element("th", words) + element("td", cells[0], look, f'colspan="{len(cells)}"')
    return element("th", words) + Markup().join(element("td", cell, look) for cell in cells)


def cards(
    row: Row, said: Mapping[str, Row], history: History, provisional: int, mark: str, cut: Collection[int] = ()
) -> list[Card]:
    """Three cards: class, score, what else could be, and the score over all months.

    `cut` are the months whose window is not fully covered: of the three scores security alone counts in a window.
    """
    found = []
    for index in IndexName:
        facts: list[tuple[Both, Shown]] = []
        if index == IndexName.SECURITY:
            facts.append((say("Clashes in the window (at least)"), figure(number(row["clashes_count"]))))
            facts.append((say("Probability of class high"), likely(row["security_high_probability"])))
        if index == IndexName.HUMANITARIAN:
            facts.append((say("Displaced people"), displaced(row)))
            facts.append((say("Displaced people: day of the report"), _day(row["idps_reference_date"])))
        if index == IndexName.SERVICES:
            facts.append((say("Service items known"), items(row)))
            facts.append((say("Services lost, if unknown items are best to worst"), lost(row)))
        facts.append((say("Other scenarios"), kept(index)(row)))
        facts.append((say("Nearest other class"), nearest(said.get(index))))
        values = history.values(f"{index}_score")
        words = say("{name}: score by month; {n} of {total} months without a figure", name=INDEX_LABELS[index],
                    n=sum(value is None for value in values), total=len(values))  # fmt: skip
        found.append(
            Card(index, INDEX_LABELS[index], class_chip(row, index), score(row[f"{index}_score"]), tuple(facts),
                 draw_scores(values, words, provisional, mark, cut if index == IndexName.SECURITY else ()))
        )  # fmt: skip
    return found


def page(inputs: Inputs) -> Iterator[Context]:
    """townships/<pcode>.html of every township of the list."""
    tables, release, recent = inputs.tables, inputs.release, inputs.recent
    steps, mark = months(tables, release.method), release.data_mark
    rows, said = latest_rows(tables, release), explanations(tables, release)
    beside, around = beside_in_state(tables), neighbours(tables, release)
    past, cut = histories(tables, release), apart(tables, release, "in_conflict_count")
    townships = published(tables, "townships")
    located = locators(townships)
    common = {
        "recency": recent, "gap": drawn(gap_pattern()), "indices": list(INDEX_LABELS.values()),
        "month": month_both(steps[-1]), "first": month_both(steps[0]), "until": day_both(release.period_end),
        "mark": mark, "saved": SAVED_MONTHS, "el": element,
    }  # fmt: skip
    for place in townships.drop("geometry").to_dicts():
        code = place["adm3_pcode"]
        history = past.get(code, History())
        own = rows.get(code) or {release.method: nothing_known()}
        lead = next(iter(own.values()))
        name = say("{name} in {state}", name=place["adm3_name"], state=place["state_region"])
        yield {
            "place": {**place, "area": number(place["area_km2"]), "population": number(place["population_persons"]),
                      "region": region_slug(place["state_region"]), "unit": unit(place["state_region"]).both,
                      "both": Both(place["adm3_name"], place["adm3_name_my"] or place["adm3_name"])},
            "methods": list(own), "lead": lead,
            "cards": cards(lead, said.get(code, {}), history, recent["provisional"], mark,
                           {at - len(steps) + len(history.rows) for at in cut}),
            "sections": sections(own),
            "sentences": [(index, label, said[code][index]) for index, label in INDEX_LABELS.items()
                          if index in said.get(code, {})],
            "counted": counted(history), "neighbours": [_neighbour(one, place) for one in around.get(code, [])],
            "before": beside[code][0], "after": beside[code][1],
            "locator": draw_locator(located[code], name, release.watermark),
            "bars": draw_bars(steps[-len(history.rows):] if history.rows else steps,
                              [history.values(column) or [None] * len(steps) for column in EVENTS.values()],
                              say("Events in the township by month and class; the table below holds the numbers"),
                              recent["provisional"], recent["part"], mark),
            "keys": event_keys(history), "month_rows": drawn(month_rows(history.rows)),
            "file_name": _file_name(release, code), **common,
        }  # fmt: skip


def _file_name(release: Release, code: str) -> str:
    """What a reader saves: an invented or internal file must say so when it is forwarded."""
    marks = [word.split()[0] for word in release.data_mark.split(" · ") if word]
    return "-".join([*marks, code, release.release_id]) + ".csv"


def _neighbour(one: Neighbour, place: Row) -> dict[str, Any]:
    return {
        "code": one.code, "name": one.name, "name_my": one.name_my, "nearest": one.basis == "nearest",
        "state": "" if one.state == place["state_region"] else one.state,
        "classes": [class_chip(one.row, index) for index in IndexName],
    }  # fmt: skip
