"""The report pages: one offline page a reader can be sent, with method, dictionary and quality beside it.

Gathers the sections; they are worded in views.py and evidence.py, drawn in maps.py and charts.py, and
rendered by pages.py. Pages of single townships: township_pages.py; of states and regions, and the list of townships:
list_pages.py.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.sources import SOURCES
from pipeline.tables import Layer, layer
from reports import agreement, clusters, territory, views
from reports.bases import disagreement
from reports.changes import changed
from reports.charts import draw_series
from reports.combined import combined
from reports.dependence import depends, hangs
from reports.dictionary import choice_rows, dictionary_rows, table_rows, window_words
from reports.evidence import comparison_with_notes, went_in
from reports.jsonld import dataset, in_page
from reports.live_map import MAP_SCRIPTS, live_map
from reports.map_data import all_looks, shown_themes
from reports.maps import HOT_SPOTS, Theme, draw_map, shared_defs
from reports.methods_page import method_context
from reports.moves import moved, since_release
from reports.pages import TEMPLATES, Pages, drawn
from reports.recency import recency
from reports.release import Release
from reports.shapes import Shapes, make_shapes
from reports.slices import published
from reports.sureness import how_sure
from reports.tiles import tiles
from reports.windows import MONTHLY, apart
from reports.wording import day


def _maps(
    tables: Mapping[str, pl.DataFrame],
    release: Release,
    rows: list[dict[str, str]],
    shapes: Shapes,
    themes: Sequence[Theme],
    folder: Path,
) -> dict[str, Any] | None:
    """Each map of the last month as a file of its own; the map of hot spots for the page, where there is one."""
    spots = clusters.spots(tables, release)
    classes = {
        code: {**row, "hot_spot": spots.get(code, clusters.UNKNOWN)} for code, row in views.map_rows(rows).items()
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
        {"key": "clusters", "title": "Where it clusters", "board": clusters.clusters(tables, release)},
        {"key": "bases", "title": "Where the bases of control disagree", "board": disagreement(tables, release)},
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
    `release_changes` are the values that differ from the release before (reports/since.py); None where none is
    compared.
    """
    target = folder / "report"
    rows = views.townships(tables, release)
    deliveries = went_in(tables)
    shapes, looked = make_shapes(published(tables, "townships")), all_looks(tables, release)
    defs = drawn(shared_defs(shapes))
    hot_spots = _maps(tables, release, rows, shapes, shown_themes(looked), target / "maps")
    live = live_map(tables, release, shapes, looked)
    steps, charts = views.series(tables, release)
    recent = recency(tables, release)
    changes = changed(tables, release)
    mark = release.data_mark
    urls = {source.title: source.url for source in SOURCES.values()}
    script = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in MAP_SCRIPTS)
    Pages(release, target, live=True).write(
        "index.html.j2", "index.html", script=script,
        headline=views.headline_both(tables, release), national=views.national(tables, release),
        clash_source=agreement.leading_words(tables, release),
        method=release.spec(release.method), control=territory.control(tables, release), defs=defs, map=live,
        unknown_bases=territory.unknown_bases(tables, release),
        recency=recent, comparison=comparison_with_notes(tables), tiles=tiles(tables, release), mark=mark,
        changed=changes, moved=moved(tables, release, 1), jsonld=drawn(in_page(dataset(tables, release, "../"))),
        dialogue=published(tables, "actor_dialogue").to_dicts(),
        sources=[{"title": title, "licence": licence, "citation": citation, "url": urls.get(title, "")}
                 for title, licence, citation in release.generated_from],
    )  # fmt: skip
    Pages(release, target, with_maps=True).write(
        "uncertainty.html.j2", "uncertainty.html", defs=defs, sections=_sections(tables, release),
        hot_spots=hot_spots,
        composite=combined(tables, release),
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
        clash_source=agreement.leading_words(tables, release), pairs=agreement.concordance(tables),
    )  # fmt: skip
