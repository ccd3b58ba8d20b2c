"""Names of a release's files are promises: links such as published/latest/tables/... outlive the release.

A name may be added here; one that is taken away breaks somebody's query and belongs into the CHANGELOG.
"""

import re
from pathlib import Path

from pipeline.declare.tables import Layer, layer

# Beside these the run writes township_index.duckdb, checks.json and manifest.json (tests/integration).
ROOT = ("changes.csv", "datapackage.json", "township_index.xlsx", "township_index_hxl.csv")
GEO = ("township_index.geojson", "township_index.gpkg", "township_index.parquet")
REPORT = [
    "brief.pdf",
    "brief_my.pdf",
    "changes.html",
    "dictionary.html",
    "downloads.html",
    "index.html",
    "methods.html",
    "quality.html",
    "regions.html",
    "townships.html",
    "uncertainty.html",
]


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_the_names_stay(built: Path) -> None:
    assert set(ROOT) <= files(built)
    assert files(built / "geo") == set(GEO)
    names = [table.name for table in layer(Layer.PUBLISHED)]  # each promised in tests/promised_columns.txt
    assert files(built / "tables") == {f"{name}.{ending}" for name in names for ending in ("csv", "parquet")}
    assert set(REPORT) <= files(built / "report")
    assert all(re.fullmatch(r"MMR\d{6}\.html", name) for name in files(built / "report" / "townships"))
    assert (built / "report/townships/MMR001001.html").is_file()


def test_no_name_holds_its_release_or_a_date(built: Path, release) -> None:
    names = [path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()]
    assert [name for name in names if release.release_id in name or "2023" in name] == []
