"""The tables about the release in schema main of the databases: release, sources, methods, dictionary.

All words come from the declarations and from what the release says of itself; this file only arranges them.
"""

from collections.abc import Iterator

import polars as pl

from pipeline.declare.codes import Profile
from pipeline.declare.columns import Column
from pipeline.declare.database import (
    ABOUT,
    DICTIONARY,
    MAIN,
    METHODS_TABLE,
    RELEASE,
    SOURCES,
    VIEWS,
    About,
    ordered,
    type_of,
)
from pipeline.declare.sources import BOUNDARY_DISCLAIMER, CITED
from pipeline.declare.tables import Layer, layer
from pipeline.sources import SOURCES as KNOWN
from reports.files.dictionary import allowed, method_rows
from reports.release import Release, licence
from reports.text.wording import visible

_TYPES = {"VARCHAR": pl.String, "BIGINT": pl.Int64, "DOUBLE": pl.Float64, "DATE": pl.Date, "BOOLEAN": pl.Boolean}


def about_tables(release: Release) -> dict[str, pl.DataFrame]:
    """Name -> rows of the tables that the release itself tells; township_names is made where names are known."""
    return {
        table.name: _frame(table, rows)
        for table, rows in (
            (RELEASE, _release(release)),
            (SOURCES, _sources(release)),
            (METHODS_TABLE, _methods(release)),
            (DICTIONARY, _dictionary()),
        )
    }


def _frame(table: About, rows: Iterator[tuple[object, ...]]) -> pl.DataFrame:
    schema = {column.name: _TYPES[column.type] for column in table.columns}
    return pl.DataFrame(list(rows), schema=schema, orient="row").sort(table.key)


def _release(release: Release) -> Iterator[tuple[object, ...]]:
    profile = Profile.INTERNAL if release.internal else Profile.PUBLIC
    yield (
        release.release_id, release.period_end, release.as_of, release.method, str(profile), release.synthetic,
        release.schematic, visible(licence(release)["title"]), release.citation, " ".join(release.banners),
        BOUNDARY_DISCLAIMER, release.code_version,
    )  # fmt: skip


def _sources(release: Release) -> Iterator[tuple[object, ...]]:
    urls = {source.title: source.url for source in KNOWN}
    for title, terms, citation in dict.fromkeys(release.generated_from):
        yield visible(title), visible(terms), visible(citation), urls.get(title) or None, "records"
    for one in CITED:
        yield one.title, one.licence, one.citation, one.url or None, "quoted"


def _methods(release: Release) -> Iterator[tuple[object, ...]]:
    for method, choice, family, value, why in method_rows(release.methods):
        yield method, choice, family, float(value), why


def _dictionary() -> Iterator[tuple[object, ...]]:
    for table in layer(Layer.PUBLISHED):
        yield from _columns(Layer.PUBLISHED, table.name, table.specs, False)
    for about in ABOUT:
        yield from _columns(MAIN, about.name, about.columns, False)
    for view in VIEWS:
        yield from _columns(MAIN, view.name, view.columns, True)


def _columns(schema: str, name: str, columns: tuple[Column, ...], typed: bool) -> Iterator[tuple[object, ...]]:
    for place, column in enumerate(columns, start=1):
        values = ", ".join(ordered(column)) or allowed(column)
        yield (
            str(schema), name, place, column.name, type_of(column) if typed else column.type, column.unit or None,
            column.meaning, column.zero or None, column.missing or None, values or None, column.adds or None,
        )  # fmt: skip
