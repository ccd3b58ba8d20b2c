"""The page of downloads: every file of a release with what it is, its size, its rows and how to read it.

Written when the other files stand, so that sizes are those on the disk. What is written after it (the database, the
manifest, the checks, the data package) is listed without a size. Not here: the files themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.declare.tables import Layer, layer
from reports.files.api import NATION, REGIONS, SCHEMAS, TOWNSHIPS
from reports.files.citation import CFF
from reports.files.metadata import DUCKDB, FILES
from reports.files.series import region_files
from reports.files.zips import PARQUET, SITE
from reports.release import published
from reports.site.evidence import went_in
from reports.site.front import NAMES
from reports.site.inputs import Context, Inputs
from reports.text.catalogue import Both, same, say
from reports.text.values import number_both

# (path, what it is) of files that are neither a table nor data of another form; the last ones are written at the end.
_READING = (
    ("report/brief.pdf", "The brief in English"),
    ("report/brief_my.pdf", "The brief in Burmese"),
    (SITE, "The report as one file, to carry and open without a network"),
)
_ABOUT = (
    ("datapackage.json", "Schema, units, licences, sources and hashes (Data Package v2)"),
    ("dataset.jsonld", "The release as a schema.org Dataset, for search engines"),
    (CFF, "How to cite the release, for programs (CFF)"),
    ("changes.csv", "Every class, count and share of control that differs from the release before"),
    ("manifest.json", "Release, inputs and outputs with their checksums (SHA-256)"),
    ("checks.json", "Every check with its outcome"),
)
_REGION_BRIEFS = (
    ("regions/", "Its brief on one A4 page, in English"),
    ("my/regions/", "Its brief on one A4 page, in Burmese"),
)
_ONLY_INTERNAL = {"INTERNAL.txt": "What an internal release may be used for"}
# In parts, for programs: a file a township stands beside these, listed in the last one.
_PROGRAMS = (
    (NATION, "The country by month, for programs (JSON)"),
    (REGIONS, "States and regions by month, for programs (JSON)"),
    (TOWNSHIPS, "The list of townships with a file of months for each (JSON)"),
    *((path, "What a file of this kind holds (JSON Schema)") for path in SCHEMAS.values()),
)
_LATE = {DUCKDB[0], PARQUET, SITE, "datapackage.json", "manifest.json", "checks.json"}
# (name of the tool, code); paths from the folder that holds published/latest, so that the code keeps working
RECIPES: tuple[tuple[str, str], ...] = (
    ("Excel", "Open latest/township_index.xlsx. A CSV file: Data > From Text/CSV, encoding UTF-8, adm3_pcode as text."),
    ("R", 'x <- read.csv("latest/tables/township_index.csv", na.strings = "", encoding = "UTF-8")\n'
          'x <- arrow::read_parquet("latest/tables/township_index.parquet")\n'
          'shapes <- sf::st_read("latest/geo/township_index.gpkg")'),
    ("Python: pandas", 'import pandas as pd\n'
                       'x = pd.read_parquet("latest/tables/township_index.parquet")\n'
                       'now = x[(x["method"] == "METHOD") & (x["month"] == x["month"].max())]'),
    ("Python: polars", 'import polars as pl\n'
                       'x = pl.read_parquet("latest/tables/township_index.parquet")\n'
                       'now = x.filter(pl.col("method") == "METHOD", pl.col("month") == pl.col("month").max())'),
    ("Python: geopandas", 'import geopandas as gpd\nshapes = gpd.read_parquet("latest/geo/township_index.parquet")'),
    ("DuckDB", "ATTACH 'latest/township_index.duckdb' AS release (READ_ONLY);\n"
               "FROM release.latest;  -- 330 townships, newest month; also series, regions, nation\n"
               "USE release; FROM township('Loikaw');  -- or compare('Loikaw', 'Demoso')\n"
               "SELECT * FROM release.published.township_index WHERE method = 'METHOD' ORDER BY month, adm3_pcode;"),
    ("QGIS", "Layer > Add Layer > Add Vector Layer, and choose latest/geo/township_index.gpkg."),
)  # fmt: skip


@dataclass(frozen=True)
class File:
    """A file as the page lists it; `size` and `rows` say so where they are not known or do not apply."""

    path: str
    about: Both | str
    kind: str
    size: Both
    rows: Both


def _size(folder: Path, path: str) -> Both:
    """Kilobytes of a thousand bytes, rounded up; none of a file written later (an old one may stand)."""
    file = folder / path
    if path in _LATE or not file.is_file():
        return say("written last")
    count = file.stat().st_size
    return same(f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{-(-count // 1000):,} kB")


def files(tables: Mapping[str, pl.DataFrame], folder: Path) -> dict[str, list[File]]:
    """All files by the heading that they stand under."""

    def file(path: str, about: Both | str, rows: Both | None = None) -> File:
        return File(path, about, path.rsplit(".", 1)[-1], _size(folder, path), rows or say("does not apply"))

    of_tables = []
    for table in layer(Layer.PUBLISHED):
        rows = number_both(published(tables, table.name).height)
        about = f"One row per {table.grain}."
        of_tables += [file(f"tables/{table.name}.{kind}", about, rows) for kind in ("csv", "parquet")]
    maps = sorted(path.relative_to(folder).as_posix() for path in (folder / "report" / "maps").glob("*.svg"))
    other = sorted(path.name for path in folder.iterdir() if path.is_file())
    told = {path for path, *_ in (*FILES, DUCKDB, *_ABOUT, *_READING)} | {PARQUET, *NAMES.values()}
    reading = dict(_READING)
    briefs = sorted({*reading, *(path.relative_to(folder).as_posix() for path in (folder / "report").glob("*.pdf"))})
    return {
        "All in one": [
            *(file(path, say(title)) for path, _, title, _, _ in (DUCKDB, *FILES)),
            file(PARQUET, say("All tables as Parquet in one file")),
        ],
        "To read and print": [
            *(file(path, say(reading.get(path, "A brief"))) for path in briefs),
            *(file(path, say("A map to place in a document")) for path in maps),
        ],
        "About the release": [
            *(file(path, say(words)) for path, words in _ABOUT),
            *(file(name, say(_ONLY_INTERNAL.get(name, "not described here"))) for name in other if name not in told),
        ],
        "Tables": of_tables,
        "States and regions": [
            file(path, say("Its townships by month: clashes, signal, what is shown"))
            for path in region_files(tables).values()
        ]
        + [
            file(path.relative_to(folder).as_posix(), say(words))
            for where, words in _REGION_BRIEFS
            for path in sorted((folder / "report").glob(f"{where}*.pdf"))
        ],
        "For programs": [file(path, say(words)) for path, words in _PROGRAMS],
    }


def page(inputs: Inputs) -> list[Context]:
    """downloads.html; the files that it lists by size must have been written before."""
    release = inputs.release
    return [{
        "groups": files(inputs.tables, inputs.folder), "deliveries": went_in(inputs.tables),
        "recipes": [(tool, code.replace("METHOD", release.method)) for tool, code in RECIPES],
        "licences": list(dict.fromkeys(licence for _, licence, _ in release.generated_from)),
    }]  # fmt: skip
