"""All pages of the report: the overview, the lists, one page a state or region, one a township.

Each page can be sent and opened without a network. Gathers what the other modules of this folder word and draw, and
hands it to a template.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.codes import IndexName
from pipeline.declare.tables import Layer, layer
from pipeline.sources import SOURCES
from reports.draw.charts import Series, draw_bars, draw_few_bars, draw_series, gap_pattern
from reports.draw.live_map import MAP_SCRIPTS, live_map
from reports.draw.maps import draw_locator, draw_map, locators, shared_defs
from reports.draw.region_maps import draw_region, region_shapes, shared_paths, theme_words
from reports.draw.shapes import Shapes, make_shapes
from reports.draw.symbology import HOT_SPOTS, INDEX_THEMES, THEMES, Theme, shown_looks
from reports.files.dictionary import choice_rows, dictionary_rows, table_rows, window_words
from reports.files.metadata import dataset, in_page
from reports.months import MONTHLY, apart
from reports.release import Release, Unit, months, published, region_slug, unit, units
from reports.site import control, evidence, spatial, township
from reports.site.blocks import class_chip, element
from reports.site.changes import changed, moved, series, since_release
from reports.site.evidence import comparison_with_notes, went_in
from reports.site.map import all_looks, map_rows, shown_themes
from reports.site.methods import method_context
from reports.site.overview import headline_both, national, recency, tiles
from reports.site.regions import Regions, overview
from reports.site.render import TEMPLATES, Pages, drawn
from reports.site.township import INDEX_LABELS, cards, counted, sections
from reports.site.township_rows import EVENTS, SAVED_MONTHS, History, event_keys, histories, month_rows
from reports.site.townships import SAVED, TownshipRow, lead, township_rows
from reports.site.uncertainty import depends, hangs, how_sure
from reports.text.catalogue import Both, day_both, month_both, say
from reports.text.values import look_words
from reports.text.wording import day, number


def _maps(
    tables: Mapping[str, pl.DataFrame],
    release: Release,
    shapes: Shapes,
    themes: Sequence[Theme],
    folder: Path,
) -> dict[str, Any] | None:
    """Each map of the last month as a file of its own; the map of hot spots for the page, where there is one."""
    spots = spatial.spots(tables, release)
    classes = {
        code: {**row, "hot_spot": spots.get(code, spatial.UNKNOWN)} for code, row in map_rows(tables, release).items()
    }
    when = f"as of {day(release.period_end)}"
    folder.mkdir(parents=True, exist_ok=True)
    for theme in themes:
        alone = draw_map(shapes, classes, theme, when, release.watermark, alone=True)
        (folder / f"{theme.key}.svg").write_bytes(alone.encode("utf-8"))
    if all(row[HOT_SPOTS.column] == "unknown" for row in classes.values()):
        return None
    alone = draw_map(shapes, classes, HOT_SPOTS, when, release.watermark, alone=True)
    (folder / f"{HOT_SPOTS.key}.svg").write_bytes(alone.encode("utf-8"))
    inline = draw_map(shapes, classes, HOT_SPOTS, when, release.watermark)
    return {"key": HOT_SPOTS.key, "title": HOT_SPOTS.title, "svg": drawn(inline)}


def _sections(tables: Mapping[str, pl.DataFrame], release: Release) -> list[dict[str, Any]]:
    """How far the figures carry, in the order of the page: anchor, heading and board of each section."""
    return [
        {"key": "sure", "title": "How sure", "board": how_sure(tables, release)},
        {"key": "depends", "title": "What it depends on", "board": depends(tables, release)},
        {"key": "hangs", "title": "Which townships hang on a choice", "board": hangs(tables, release)},
        {"key": "clusters", "title": "Where it clusters", "board": spatial.clusters(tables, release)},
        {"key": "bases", "title": "Where the bases of control disagree", "board": control.differences(tables, release)},
    ]


def write_site(
    tables: Mapping[str, pl.DataFrame],
    release: Release,
    folder: Path,
    checks: Sequence[Mapping[str, Any]] | None = None,
    release_changes: pl.DataFrame | None = None,
) -> None:
    """Write report/index.html, methods.html, dictionary.html, quality.html and report/maps/*.svg.

    `checks` are the rows of checks.json: table, rule, severity, passed, checked_count, failed_count, note.
    `release_changes` are the values that differ from the release before (files/release_changes.py); None where
    none is compared.
    """
    target = folder / "report"
    deliveries = went_in(tables)
    shapes, looked = make_shapes(published(tables, "townships")), all_looks(tables, release)
    defs = drawn(shared_defs(shapes))
    hot_spots = _maps(tables, release, shapes, shown_themes(looked), target / "maps")
    live = live_map(tables, release, shapes, looked)
    steps, charts = series(tables, release)
    recent = recency(tables, release)
    changes = changed(tables, release)
    mark = release.data_mark
    urls = {source.title: source.url for source in SOURCES}
    script = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in MAP_SCRIPTS)
    Pages(release, target, live=True).write(
        "index.html.j2", "index.html", script=script,
        headline=headline_both(tables, release), national=national(tables, release),
        clash_source=evidence.leading_words(tables, release),
        method=release.spec(release.method), control=control.control(tables, release), defs=defs, map=live,
        unknown_bases=control.unknown_bases(tables, release),
        recency=recent, comparison=comparison_with_notes(tables), tiles=tiles(tables, release), mark=mark,
        changed=changes, moved=moved(tables, release, 1), jsonld=drawn(in_page(dataset(tables, release, "../"))),
        dialogue=published(tables, "actor_dialogue").to_dicts(),
        sources=[{"title": title, "licence": licence, "citation": citation, "url": urls.get(title, "")}
                 for title, licence, citation in release.generated_from],
    )  # fmt: skip
    Pages(release, target, with_maps=True).write(
        "uncertainty.html.j2", "uncertainty.html", defs=defs, sections=_sections(tables, release),
        hot_spots=hot_spots,
    )  # fmt: skip
    pages = Pages(release, target)
    columns = {"townships": "in_conflict_count", "clashes": MONTHLY, "lost": "control_lost_townships_share",
               "displaced": "idps_persons"}  # fmt: skip
    pages.write(
        "changes.html.j2", "changes.html", changed=changes, recency=recent, mark=mark,
        moved_month=moved(tables, release, 1), moved_year=moved(tables, release, 12),
        since_release=since_release(release_changes),
        charts=[{"title": title, "file": file,
                 "svg": drawn(draw_series(title, steps, lines, recent["provisional"] if key != "displaced" else 0,
                                          apart(tables, release, columns[key]), mark))}
                for key, title, file, lines in charts],
    )  # fmt: skip
    pages.write(
        "methods.html.j2", "methods.html", **method_context(tables, release),
        methods=[{"method": m, "window": window_words(m), "choices": choice_rows(m), "saved": m.saved}
                 for m in release.methods],
    )  # fmt: skip
    holds = {table.name: table.columns for table in layer(Layer.PUBLISHED)}
    pages.write("dictionary.html.j2", "dictionary.html", tables=table_rows(), columns=holds, words=dictionary_rows())
    pages.write(
        "quality.html.j2", "quality.html", checks=list(checks or ()), deliveries=deliveries,
        clash_source=evidence.leading_words(tables, release), pairs=evidence.concordance(tables),
    )  # fmt: skip


Frames = Mapping[str, pl.DataFrame]


def write_lists(tables: Frames, release: Release, folder: Path) -> None:
    """Write the list of townships, the overview of states and regions, and one page for each of these."""
    script = (TEMPLATES / "table.js").read_text(encoding="utf-8")
    rows, recent = township_rows(tables, release), recency(tables, release)
    there = [one for name, one in units().items() if any(row.unit.name == name for row in rows)]
    pages, together = Pages(release, folder / "report"), overview(tables, release)
    marks = ((release.internal, "INTERNAL_"), (release.synthetic, "SYNTHETIC_"))
    pages.write(
        "townships.html.j2", "townships.html", script=script, rows=rows, units=there, saved=SAVED, recency=recent,
        month=month_both(months(tables, release.method)[-1]),
        lead=lead(rows), classes={index: theme.coded for index, theme in INDEX_THEMES.items()},
        shown=say("Shown: {shown} of {all}", shown="{shown}", all=len(rows)),
        file_name="".join(mark for holds, mark in marks if holds) + f"township_index_{release.release_id}",
    )  # fmt: skip
    pages.write(
        "regions.html.j2", "regions.html", script=script, overview=together, recency=recent,
        month=month_both(months(tables, release.method)[-1]),
    )  # fmt: skip
    _write_regions(tables, release, folder, rows, there, script)


def _write_regions(
    tables: Frames, release: Release, folder: Path, rows: Sequence[TownshipRow], there: Sequence[Unit], script: str
) -> None:
    pages = Pages(release, folder / "report", "regions", with_maps=True)
    recent, regions = recency(tables, release), Regions(tables, release)
    shapes, cut = region_shapes(published(tables, "townships")), apart(tables, release, MONTHLY)
    hollow = max(recent["provisional"], int(len(regions.steps) - 1 in cut))
    for place, one in enumerate(there):
        own = {row.code: row for row in rows if row.unit is one}
        facts = regions.facts(one.name)
        maps = [
            {
                "svg": drawn(draw_region(shapes[one.name], own, theme, one.both, release.watermark)),
                "theme": theme,
                "title": theme_words(theme),
                "key": _key(own.values(), theme),
            }
            for theme in THEMES
            if theme.key != "chance"  # stands as a column of the table below
            and (theme.key != "control" or any(row.classes["control_look"] != "unknown" for row in own.values()))
        ]
        pages.write(
            "region.html.j2", f"{one.slug}.html", script=script, unit=one, facts=facts, maps=maps,
            paths=drawn(shared_paths(shapes[one.name])), month=month_both(regions.steps[-1]),
            rows=[(row, drawn(draw_few_bars(row.monthly, hollow))) for row in _ordered(own.values())],
            chart=drawn(draw_series(say("Clashes placed in a township of {region}, by month", region=one.both),
                                    regions.steps, [Series("clashes", facts.clashes)], recent["provisional"],
                                    cut, release.data_mark)),
            recency=recent, until=day_both(release.period_end), previous=there[place - 1] if place else None,
            following=there[place + 1] if place + 1 < len(there) else None,
        )  # fmt: skip


def _ordered(rows: Iterable[TownshipRow]) -> list[TownshipRow]:
    """By name, as readers look townships up."""
    return sorted(rows, key=lambda row: (row.name, row.code))


def _key(rows: Iterable[TownshipRow], theme: Theme) -> Sequence[tuple[str, Both, int]]:
    """The legend: (look, words, townships) of each class; weak evidence and withheld only where there are any."""
    counts = Counter(row.classes[theme.column] for row in rows)
    return [(look, look_words(look), counts[look]) for look in shown_looks(theme.fills, counts)]


Row = Mapping[str, Any]


def _file_name(release: Release, code: str) -> str:
    """What a reader saves: an invented or internal file must say so when it is forwarded."""
    marks = [word.split()[0] for word in release.data_mark.split(" · ") if word]
    return "-".join([*marks, code, release.release_id]) + ".csv"


def write_township_pages(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write report/townships/<pcode>.html for every township of the list."""
    pages = Pages(release, folder / "report", "townships", look="township.css")
    script = (TEMPLATES / "township.js").read_text(encoding="utf-8")
    steps, recent, mark = months(tables, release.method), recency(tables, release), release.data_mark
    rows, said = township.latest_rows(tables, release), township.explanations(tables, release)
    beside, around = township.beside_in_state(tables), township.neighbours(tables, release)
    past, cut = histories(tables, release), apart(tables, release, "in_conflict_count")
    townships = published(tables, "townships")
    drawings = locators(townships)
    common = {
        "recency": recent, "gap": drawn(gap_pattern()), "indices": list(INDEX_LABELS.values()),
        "month": month_both(steps[-1]), "first": month_both(steps[0]), "until": day_both(release.period_end),
        "mark": mark, "saved": SAVED_MONTHS, "el": element,
    }  # fmt: skip
    for place in townships.drop("geometry").to_dicts():
        code = place["adm3_pcode"]
        history = past.get(code, History())
        own = rows.get(code) or {release.method: township.nothing_known()}
        lead = next(iter(own.values()))
        name = say("{name} in {state}", name=place["adm3_name"], state=place["state_region"])
        pages.write(
            "township.html.j2", f"{code}.html", script=script,
            place={**place, "area": number(place["area_km2"]), "population": number(place["population_persons"]),
                   "region": region_slug(place["state_region"]), "unit": _unit_both(place["state_region"]),
                   "both": Both(place["adm3_name"], place["adm3_name_my"] or place["adm3_name"])},
            methods=list(own), lead=lead,
            cards=cards(lead, said.get(code, {}), history, recent["provisional"], mark,
                        {at - len(steps) + len(history.rows) for at in cut}),
            sections=sections(own),
            sentences=[(index, label, said[code][index]) for index, label in INDEX_LABELS.items()
                       if index in said.get(code, {})],
            counted=counted(history), neighbours=[_neighbour(one, place) for one in around.get(code, [])],
            before=beside[code][0], after=beside[code][1],
            locator=draw_locator(drawings[code], name, release.watermark),
            bars=draw_bars(steps[-len(history.rows):] if history.rows else steps,
                           [history.values(column) or [None] * len(steps) for column in EVENTS.values()],
                           say("Events in the township by month and class; the table below holds the numbers"),
                           recent["provisional"], recent["part"], mark),
            keys=event_keys(history), month_rows=drawn(month_rows(history.rows)), file_name=_file_name(release, code),
            **common,
        )  # fmt: skip


def _unit_both(name: str) -> Both:
    """A state or region in both scripts."""
    return Both(name, unit(name).name_my)


def _neighbour(one: township.Neighbour, place: Row) -> dict[str, Any]:
    return {
        "code": one.code, "name": one.name, "name_my": one.name_my, "nearest": one.basis == "nearest",
        "state": "" if one.state == place["state_region"] else one.state,
        "classes": [(one, len(list(run))) for one, run in groupby(class_chip(one.row, index) for index in IndexName)],
    }  # fmt: skip
