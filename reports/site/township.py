"""What the release holds on each township in its latest month: the tables joined once for all 330 pages.

What stands where on a township's page: three cards, sections of figures under every method, the evidence.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any

import polars as pl

from pipeline.declare.codes import UNREACHED, IndexName
from pipeline.declare.indices import BY_CUT
from reports.draw.charts import draw_bars, draw_scores, gap_pattern
from reports.months import apart, clashes_by_month, mean_by_month
from reports.publication_lag import township_words
from reports.release import (
    Release,
    declared,
    latest,
    latest_of_all_methods,
    leading_source,
    months,
    published,
    region_slug,
    unit,
)
from reports.site.blocks import class_chip, figure
from reports.site.inputs import Context, Inputs
from reports.site.locators import addresses
from reports.site.render import drawn
from reports.site.township_now import now, past_alerts, recent
from reports.site.township_records import (
    controlled,
    deaths,
    displacement_class,
    grouped,
    population_share,
    possible,
    series,
    services_class,
    signs,
    step_breaks,
)
from reports.site.township_rows import (
    EVENTS,
    SAVED_MONTHS,
    History,
    Shown,
    bounds,
    counted,
    displaced,
    event_keys,
    histories,
    items,
    likely,
    lost,
    month_rows,
    nearest,
    score,
)
from reports.site.township_sections import FIGURE, SECTIONS, day_of, sections
from reports.text.catalogue import Both, catalogue, day_both, label_both, month_both, name_both, say
from reports.text.glossary import Rules, class_rules
from reports.text.shown import shown_meaning
from reports.text.wording import number

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
_GRAIN = ["method", "month", "adm3_pcode"]
# The tables that a section's figures stand in, with a row for each method, month and township.
_BESIDE = tuple(
    name
    for name in dict.fromkeys(chain.from_iterable(files for _, _, files, _ in SECTIONS))
    if set(declared(name).key) == set(_GRAIN) and name != "township_index"
)
_OF_ALL_METHODS = "current_intensity"
_SEVERAL = ("service_signs", "displacement_series")  # with several rows a township
# What a month before is compared by.
_EARLIER = (
    "clashes_month_count", "clashes_3m_count", "clashes_12m_count", *(f"{index}_shown" for index in IndexName),
)  # fmt: skip
BEFORE = {"month": 1, "quarter": 3, "year": 12}  # months back


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
    ahead = latest_of_all_methods(tables, _OF_ALL_METHODS)
    frame = frame.join(ahead, on=_GRAIN[1:], how="left", validate="m:1")
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
    names = [column for name in ("township_index", *_BESIDE, _OF_ALL_METHODS) for column in declared(name).columns]
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


def district_names(townships: pl.DataFrame) -> dict[str, Both]:
    """P-code of a township -> the name of its district, in Burmese that of the township it is called after."""
    rows = townships.select("adm3_pcode", "adm2_pcode", "adm2_name", "adm3_name", "adm3_name_my").to_dicts()
    burmese = {(row["adm2_pcode"], row["adm3_name"]): row["adm3_name_my"] for row in rows}
    found = {}
    for row in rows:
        name = row["adm2_name"]
        known = burmese.get((row["adm2_pcode"], name))
        found[row["adm3_pcode"]] = say(name) if known is None and name in catalogue() else name_both(name, known)
    return found


def beside_in_state(tables: Frames) -> dict[str, tuple[Row | None, Row | None]]:
    """P-code -> the townships before and after it in its state or region, in the order of their P-codes."""
    found: dict[str, tuple[Row | None, Row | None]] = {}
    places = published(tables, "townships").select("adm3_pcode", "adm3_name", "adm3_name_my", "state_region")
    for part in places.partition_by("state_region"):
        rows = part.sort("adm3_pcode").to_dicts()
        for before, row, after in zip([None, *rows[:-1]], rows, [*rows[1:], None], strict=True):
            found[row["adm3_pcode"]] = (before, after)
    return found


INDEX_LABELS = {index: label_both(index) for index in IndexName}


Facts = tuple[tuple[Both, Shown], ...]


@dataclass(frozen=True)
class Card:
    """One index at a glance, under the leading method."""

    key: str
    title: Both
    chip: Shown
    score: Shown
    scored: bool
    meaning: Both | None  # of a word that stands for a class
    facts: Facts
    spark: Shown


def cards(
    row: Row,
    said: Mapping[str, Row],
    history: History,
    provisional: int,
    mark: str,
    cut: Collection[int] = (),
    falls: bool = True,
    rules: Rules = MappingProxyType({}),
) -> list[Card]:
    """A card for each index: class, score, what else could be, and the score over all months.

    `cut` are the months whose window is not fully covered: of the three scores security alone counts in a window.
    `falls` is as in `nearest`. A class comes with its rule.
    """  # fmt: skip
    found = []
    for index in IndexName:
        values = history.values(f"{index}_score")
        words = say("{name}: score by month; {n} of {total} months without a figure", name=INDEX_LABELS[index],
                    n=sum(value is None for value in values), total=len(values))  # fmt: skip
        shown = services_class(row) if index == IndexName.SERVICES else class_chip(row, index)
        found.append(
            Card(index, INDEX_LABELS[index], shown, score(row[f"{index}_score"]),
                 row[f"{index}_score"] is not None,
                 shown_meaning(row[f"{index}_shown"]) or rules.get((index, row[f"{index}_shown"])),
                 (*_FACTS[index](row), *_doubts(index, row, said.get(index), falls)),
                 draw_scores(values, words, provisional, mark, cut if index == IndexName.SECURITY else ()))
        )  # fmt: skip
    return found


def _security(row: Row) -> Facts:
    sure = row["security_shown"] not in UNREACHED
    return (
        (say("Clashes: in the month; in 3 months; in 12 months"), recent(row)),
        (say("Clashes in the window, certain"), figure(number(row["clashes_count"]))),
        (say("Clashes that may have happened here besides"), possible(row)),
        (say("Deaths in these events, best estimate (lowest to highest)"), deaths(row)),
        *([(say("Chance that a second record would also say high"), likely(row["security_high_probability"]))]
          if sure else []),
    )  # fmt: skip


def _humanitarian(row: Row) -> Facts:
    return (
        (say("Displaced people"), displaced(row)),
        (say("Displaced people: day of the report"), day_of(row["idps_reference_date"])),
        (say("Displaced people as a share of the population"), population_share(row)),
        (say("Class by number and share, in and out of conflict"), displacement_class(row)),
    )


def _services(row: Row) -> Facts:
    return (
        (say("Class, if unknown items are best to worst"), bounds(row)),
        (say("Service items known"), items(row)),
        (say("Services lost, if unknown items are best to worst"), lost(row)),
    )


def _behind(quantity: str) -> Callable[[Row], Facts]:
    """Of an index that is made by one cut: the figure that is cut."""
    return lambda row: ((say(FIGURE), figure(number(row[quantity]))),)


_FACTS: Mapping[IndexName, Callable[[Row], Facts]] = {
    IndexName.SECURITY: _security, IndexName.HUMANITARIAN: _humanitarian, IndexName.SERVICES: _services,
    **{spec.name: _behind(spec.quantity) for spec in BY_CUT},
}  # fmt: skip


def _doubts(index: IndexName, row: Row, said: Row | None, falls: bool) -> Facts:
    """The nearest other class; where there is none, no scenario can change it."""
    if row[f"{index}_kept_share"] is None:
        return ((say("Other scenarios"), say("nothing to test: no class")),)
    return ((say("Nearest other class"), nearest(said, falls)),)


def page(inputs: Inputs) -> Iterator[Context]:
    """townships/<pcode>.html of every township of the list."""
    tables, release, recent = inputs.tables, inputs.release, inputs.recent
    steps, mark = months(tables, release.method), release.data_mark
    rows, said = latest_rows(tables, release), explanations(tables, release)
    beside, around = beside_in_state(tables), neighbours(tables, release)
    past, cut = histories(tables, release), apart(tables, release, "in_conflict_count")
    alerts, signed, stock = past_alerts(tables, release), *(grouped(tables, name) for name in _SEVERAL)
    source = leading_source(tables, release.method)
    breaks = {method.name: step_breaks(release, method.name, source) for method in release.methods}
    spec = release.spec(release.method)
    rules = class_rules(spec, source)
    falls = spec is None or spec.window_months is not None
    townships = published(tables, "townships")
    monthly, means = clashes_by_month(tables, release, "adm3_pcode"), mean_by_month(tables, release)
    located, districts = addresses(tables), district_names(townships)
    common = {
        "recency": recent, "gap": drawn(gap_pattern()), "indices": list(INDEX_LABELS.values()),
        "month": month_both(steps[-1]), "first": month_both(steps[0]), "until": day_both(release.period_end),
        "mark": mark, "saved": SAVED_MONTHS,
    }  # fmt: skip
    for place in townships.drop("geometry").to_dicts():
        code = place["adm3_pcode"]
        history = past.get(code, History())
        own = {name: {**row, "step_breaks": breaks.get(name, ())}
               for name, row in (rows.get(code) or {release.method: nothing_known()}).items()}  # fmt: skip
        lead = next(iter(own.values()))
        name = say("{name} in {state}", name=name_both(place["adm3_name"], place["adm3_name_my"]),
                   state=unit(place["state_region"]).both)  # fmt: skip
        own_sections = sections(own)
        yield {
            "place": {**place, "area": number(place["area_km2"]), "population": number(place["population_persons"]),
                      "region": region_slug(place["state_region"]), "unit": unit(place["state_region"]).both,
                      "both": name_both(place["adm3_name"], place["adm3_name_my"]), "district": districts[code]},
            "methods": list(own), "lead": lead,
            "cards": cards(lead, said.get(code, {}), history, recent["provisional"], mark,
                           {at - len(steps) + len(history.rows) for at in cut}, falls, rules),
            "now": now(lead, alerts.get(code, []), history,
                       [monthly.get((code, row["month"])) for row in history.rows]),
            "controlled": controlled(lead),
            "series": series(stock.get(code, [])), "signs": signs(signed.get(code, [])),
            "sections": own_sections,
            "sentences": [(index, said[code][index]) for index in INDEX_LABELS
                          if index in said.get(code, {}) and lead[f"{index}_kept_share"] is not None],
            "counted": counted(history), "neighbours": [_neighbour(one, place) for one in around.get(code, [])],
            "before": beside[code][0], "after": beside[code][1],
            "locator": located[code], "where": name,
            "read": sorted({file for section in own_sections for file in section["files"]} | {"neighbours"}),
            "bars": draw_bars(steps[-len(history.rows):] if history.rows else steps,
                              [history.values(column) or [None] * len(steps) for column in EVENTS.values()],
                              say("Events in the township by month and class; the table below holds the numbers"),
                              recent["provisional"], recent["part"], mark,
                              mean=[means.get((place["state_region"], row["month"])) for row in history.rows]),
            "coming": township_words(inputs.coming, code),
            "keys": event_keys(history), "month_rows": drawn(month_rows(history.rows)),
            "mean_words": say("clashes, average of the townships of {region}", region=unit(place["state_region"]).both),
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
