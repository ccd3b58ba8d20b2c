"""The two calls that write everything a release holds but its databases, workbook, checks and manifest.

Not here: how any of the files looks; each has a module of its own.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from reports.files.api import write_api
from reports.files.citation import write_cff
from reports.files.geodata import write_geo
from reports.files.hxl import write_hxl
from reports.files.metadata import write_datapackage, write_jsonld
from reports.files.release_changes import CHANGES, write_changes
from reports.files.series import series, write_regions
from reports.files.tables import write_tables
from reports.files.zips import write_zips
from reports.national_brief.page import write_brief
from reports.national_brief.region import write_region_briefs
from reports.publication_lag import coming, up_to_leading
from reports.release import Release
from reports.site.compare import write_series
from reports.site.finder import write_names
from reports.site.front import write_front
from reports.site.inputs import Inputs
from reports.site.locators import write_locators
from reports.site.map import write_maps
from reports.site.pages import PAGES, write_pages
from reports.site.pictures import write_pictures
from reports.site.render import shared_environment
from reports.text.catalogue import catalogue
from reports.text.fonts import font_css


def get_ready() -> None:
    """Do what the first report of a process costs beside its own figures: what drawing imports, phrases, templates.

    Three seconds that a run need not wait for: to be called while nothing else is asked of the process.
    """
    for library in ("fontTools.subset", "PIL.PngImagePlugin", "pyogrio.raw", "shapely", "typst", "xlsxwriter"):
        import_module(library)
    catalogue()
    for page in PAGES:
        shared_environment().get_template(page.template)


def build_most(
    tables: Mapping[str, pl.DataFrame],
    release: Release,
    folder: Path,
    checks: Sequence[Mapping[str, Any]] = (),
    cache: Path | None = None,
    changes: pl.DataFrame | None = None,
) -> None:
    """Write all but what lists or holds other files, and but the workbook, which another process can write meanwhile.

    The geodata and the pictures are written in one thread beside the rest, the briefs in another: most of that time
    passes outside Python. `cache` is a folder for what is the same in every release (the cut font). `changes` are the
    values that differ from the release before, None where none is compared. Pages, maps, pictures and briefs end with
    the leading month; the tables hold every month (publication_lag.py).
    """
    folder.mkdir(parents=True, exist_ok=True)
    if release.internal:
        (folder / "INTERNAL.txt").write_text(release.confidential + "\n", encoding="utf-8")
    led, until = up_to_leading(tables, release)
    months = series(tables, release)
    with ThreadPoolExecutor(max_workers=2) as beside:
        apart = [
            beside.submit(_write_drawn, tables, release, led, until, folder, months, cache),
            beside.submit(_write_briefs, led, until, folder),
        ]
        write_maps(led, until, folder / "report" / "maps")
        inputs = Inputs(led, until, folder, checks, changes, coming(tables, release))
        write_pages(inputs, [page for page in PAGES if not page.last])
        write_names(led, until, folder / "report")
        write_locators(led, until, folder / "report")
        write_series(led, until, folder / "report")
        (folder / "report" / "fonts.css").write_text(font_css(cache), encoding="utf-8")
        write_tables(tables, release, folder)
        write_regions(months, tables, release, folder)
        write_changes(changes, folder / CHANGES)
        write_hxl(tables, release, folder / "township_index_hxl.csv")
        for one in apart:
            one.result()


def build_last(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path, database: bool = False) -> None:
    """Write what lists or holds the other files, the data package last because it holds the hash of each before it.

    `database` says that township_index.duckdb stands beside and belongs to the release.
    """
    write_jsonld(tables, release, folder)
    write_api(tables, release, folder)
    write_cff(release, folder)
    write_front(release, folder)
    led, until = up_to_leading(tables, release)
    write_pages(Inputs(led, until, folder), [page for page in PAGES if page.last])
    write_zips(release, folder)
    write_datapackage(tables, release, folder, database)


def _write_drawn(
    tables: Mapping[str, pl.DataFrame],
    release: Release,
    led: Mapping[str, pl.DataFrame],
    until: Release,
    folder: Path,
    months: pl.DataFrame,
    cache: Path | None,
) -> None:
    """What one thread writes beside the rest."""
    write_geo(tables, release, folder, months, cache)
    write_pictures(led, until, folder / "report")


def _write_briefs(led: Mapping[str, pl.DataFrame], until: Release, folder: Path) -> None:
    """What another thread writes beside the rest."""
    write_brief(led, until, folder)
    write_region_briefs(led, until, folder)
