"""The report pages: one offline page a reader can be sent, with method, dictionary and quality beside it.

Rendering only: what is shown is worded in views.py. Nothing is loaded from anywhere, and each page
carries a content policy that allows its own style and script by hash and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.methods import METHODS
from pipeline.sources import BOUNDARY_DISCLAIMER, SOURCES
from pipeline.tables import Layer, layer
from reports import views
from reports.charts import draw_series
from reports.dictionary import choice_rows, dictionary_rows, table_rows, window_words
from reports.evidence import comparison, went_in
from reports.maps import THEMES, draw_map, map_css, shared_defs
from reports.release import Release
from reports.shapes import make_shapes
from reports.slices import published
from reports.wording import NOT_REPORTED, day, label, visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def _shown(value: Any) -> Any:
    """Last step before escaping: missing is said, characters that redirect text are dropped."""
    if value is None:
        return NOT_REPORTED
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value)
    return value


def is_web_address(text: object) -> bool:
    """Only http and https become links; javascript:, data: and file: stay text."""
    return isinstance(text, str) and text.startswith(("https://", "http://")) and not set(text) & set(" \"'<>\\")


def environment() -> Environment:
    """Autoescape always on, an unknown name in a template is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_shown,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    env.tests["web_address"] = is_web_address
    env.filters["day"] = day
    env.filters["label"] = label
    return env


def _drawn(text: str) -> Markup:
    """Our own drawing, style or script: maps.py and charts.py have escaped every word of the data in it."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - the one place where text is not escaped again, see above


def content_policy(style: str, script: str) -> str:
    """Everything forbidden but this very style sheet and this very script."""

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    run = digest(script) if script else "'none'"
    return f"default-src 'none'; style-src {digest(style)}; script-src {run}; base-uri 'none'; form-action 'none'"


def _render(env: Environment, name: str, path: Path, release: Release, script: str = "", **context: Any) -> None:
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8") + map_css()
    text = env.get_template(name).render(
        release=release, style=_drawn(style), script=_drawn(script), policy=content_policy(style, script),
        disclaimer=BOUNDARY_DISCLAIMER, **context,
    )  # fmt: skip
    path.write_bytes(text.encode("utf-8"))


def _maps(
    tables: Mapping[str, pl.DataFrame], release: Release, rows: list[dict[str, str]], folder: Path
) -> tuple[str, list[Any]]:
    """Shared paths and the maps for the page; each map also as a file of its own."""
    shapes = make_shapes(published(tables, "townships"))
    classes = views.map_rows(rows)
    when = f"as of {day(release.period_end)}"
    folder.mkdir(parents=True, exist_ok=True)
    maps = []
    for theme in THEMES:
        if theme.key == "control" and all(row["control_class"] == "unknown" for row in classes.values()):
            continue
        alone = draw_map(shapes, classes, theme, when, release.watermark, alone=True)
        (folder / f"{theme.key}.svg").write_bytes(alone.encode("utf-8"))
        drawn = draw_map(shapes, classes, theme, when, release.watermark)
        maps.append({"key": theme.key, "title": theme.title, "svg": _drawn(drawn)})
    return _drawn(shared_defs(shapes)), maps


def write_site(
    tables: Mapping[str, pl.DataFrame],
    release: Release,
    folder: Path,
    checks: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Write report/index.html, methods.html, dictionary.html, quality.html and report/maps/*.svg.

    `checks` are the rows of checks.json: table, rule, severity, passed, checked_count, failed_count, note.
    """
    target = folder / "report"
    target.mkdir(parents=True, exist_ok=True)
    env = environment()
    rows = views.townships(tables, release)
    defs, maps = _maps(tables, release, rows, target / "maps")
    steps, charts = views.series(tables, release)
    urls = {source.title: source.url for source in SOURCES.values()}
    _render(
        env, "index.html.j2", target / "index.html", release,
        script=(TEMPLATES / "table.js").read_text(encoding="utf-8"),
        headline=views.headline(tables, release), national=views.national(tables, release),
        method=METHODS.get(release.method), control=views.control(tables, release), defs=defs, maps=maps,
        charts=[{"title": title, "file": file, "svg": _drawn(draw_series(key, title, steps, lines))}
                for key, title, file, lines in charts],
        regions=views.regions(tables, release), comparison=comparison(tables), townships=rows,
        states=sorted({row["state_region"] for row in rows}), deliveries=went_in(tables),
        dialogue=published(tables, "actor_dialogue").to_dicts(),
        sources=[{"title": title, "licence": licence, "citation": citation, "url": urls.get(title, "")}
                 for title, licence, citation in release.generated_from],
    )  # fmt: skip
    _render(
        env, "methods.html.j2", target / "methods.html", release,
        methods=[{"method": m, "window": window_words(m), "choices": choice_rows(m)} for m in METHODS.values()],
    )  # fmt: skip
    columns = {table.name: table.columns for table in layer(Layer.PUBLISHED)}
    _render(env, "dictionary.html.j2", target / "dictionary.html", release,
            tables=table_rows(), columns=columns, words=dictionary_rows())  # fmt: skip
    _render(env, "quality.html.j2", target / "quality.html", release,
            checks=list(checks or ()), deliveries=went_in(tables))  # fmt: skip
