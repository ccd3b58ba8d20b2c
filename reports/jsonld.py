"""The release as schema.org Dataset: in the head of index.html and as dataset.jsonld beside the data package.

Search engines of data read this; names, units and files come from the declarations. No place of an event stands in
it, only the country. Not here: the schema of each table (datapackage.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.columns import Column
from pipeline.sources import SOURCES
from pipeline.tables import Layer, layer
from reports.datapackage import FILES
from reports.release import Release
from reports.slices import declared, published
from reports.wording import day, visible

DUCKDB = ("township_index.duckdb", "database", "All published tables with a comment on every column", "duckdb",
          "application/vnd.duckdb")  # fmt: skip
_CREATOR = "The Township Conflict Index contributors"
_LICENCES = {
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC BY-IGO": "https://creativecommons.org/licenses/by/3.0/igo/",
    "CC0": "https://creativecommons.org/publicdomain/zero/1.0/",
}


def _licence(words: str) -> dict[str, str]:
    """A licence by its name, with the address of its text where it is one that has one."""
    found = next((address for known, address in _LICENCES.items() if words.startswith(known)), None)
    return {"@type": "CreativeWork", "name": words} | ({"url": found} if found else {})


def _variable(column: Column) -> dict[str, Any]:
    told: dict[str, Any] = {"@type": "PropertyValue", "name": column.name, "description": column.comment}
    if column.unit:
        told["unitText"] = column.unit
    for name, bound in (("minValue", column.low), ("maxValue", column.high)):
        if bound is not None:
            told[name] = bound
    return told


def _download(path: str, name: str, media: str, root: str) -> dict[str, str]:
    return {"@type": "DataDownload", "name": name, "contentUrl": root + path, "encodingFormat": media}


def distribution(root: str) -> list[dict[str, str]]:
    """Every data file of the release, addressed from a page that lies `root` away from the release."""
    files = []
    for table in layer(Layer.PUBLISHED):
        files.append(_download(f"tables/{table.name}.csv", table.name, "text/csv", root))
        files.append(_download(f"tables/{table.name}.parquet", table.name, "application/vnd.apache.parquet", root))
    return [*files, *(_download(path, title, media, root) for path, _, title, _, media in (*FILES, DUCKDB))]


def dataset(tables: Mapping[str, pl.DataFrame], release: Release, root: str = "") -> dict[str, Any]:
    """The Dataset as a dictionary; what is not known (a day of knowledge) is left out, never guessed."""
    first = published(tables, "national_summary").filter(pl.col("method") == release.method)["period_start"].min()
    name = "Township conflict index for Myanmar"
    urls = {source.title: source.url for source in SOURCES.values()}
    licences = list(dict.fromkeys(licence for _, licence, _ in release.generated_from))
    described = (
        *release.banners,
        "Clashes, displacement, public services and control for the 330 townships of Myanmar, by month: three indices "
        "with their classes, how sure each figure is, how old its evidence is, and what changed.",
        "Counts are floors: what no source reports is not in them, and a missing report is never a zero.",
        f"Data to {day(release.period_end)}, method {release.method}.",
        *release.notes,
    )
    told: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": f"SYNTHETIC DATA: {name}" if release.synthetic else name,
        "alternateName": "မြန်မာနိုင်ငံ မြို့နယ်အလိုက် ပဋိပက္ခအညွှန်းကိန်း",
        "description": " ".join(described)[:5000],
        "identifier": release.release_id,
        "version": release.release_id,
        "creator": {"@type": "Organization", "name": _CREATOR},
        "license": [_licence(words) for words in licences] or [_licence("not stated")],
        "isAccessibleForFree": True,
        "inLanguage": ["en", "my"],
        "keywords": ["Myanmar", "conflict", "displacement", "public services", "townships", "territorial control"],
        "temporalCoverage": f"{(first or release.period_end).isoformat()}/{release.period_end.isoformat()}",  # type: ignore[union-attr]
        "spatialCoverage": {"@type": "Place", "name": "Myanmar"},
        "variableMeasured": [_variable(column) for column in declared("township_index").specs],
        "measurementTechnique": f"method {release.method}",
        "citation": release.citation,
        "isBasedOn": [
            {"@type": "CreativeWork", "name": title, "license": _licence(licence), "citation": citation}
            | ({"url": urls[title]} if urls.get(title) else {})
            for title, licence, citation in release.generated_from
        ],
        "distribution": distribution(root),
    }  # fmt: skip
    if release.as_of is not None:
        told["dateModified"] = release.as_of.isoformat()
    return told


def in_page(told: Mapping[str, Any]) -> str:
    """The JSON for a script element: no "<", ">" or "&" of the data can end it or open another."""
    text = visible(json.dumps(told, ensure_ascii=False, sort_keys=True))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def write_jsonld(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write dataset.jsonld at the root of the release."""
    text = json.dumps(dataset(tables, release), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "dataset.jsonld").write_text(visible(text) + "\n", encoding="utf-8", newline="\n")
