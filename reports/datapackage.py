"""datapackage.json: every data file of the release with schema, units, licences, sources, size and hash.

Data Package v2 (datapackage.org). The schema of a table comes from columns.py and tables.py alone. Not
here: the database file, the manifest and the checks, which are not made from published tables.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.columns import Column
from pipeline.tables import Layer, Table, layer
from reports.release import Release
from reports.slices import published

_PROFILES = "https://datapackage.org/profiles/2.0"
_TYPES = {"VARCHAR": "string", "BIGINT": "integer", "DOUBLE": "number", "DATE": "date", "BOOLEAN": "boolean"}
_LICENCES = {
    "CC BY 4.0": ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "CC BY-IGO": ("CC-BY-3.0-IGO", "https://creativecommons.org/licenses/by/3.0/igo/"),
}
# (path in the release, name, title, format, media type) of the files that are not one published table each
_FILES: tuple[tuple[str, str, str, str, str], ...] = (
    ("township_index.xlsx", "workbook", "Workbook: tables, notes and dictionary", "xlsx",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("township_index_hxl.csv", "township_index_hxl", "Latest month with HXL tags in the second row", "csv", "text/csv"),
    ("geo/township_index.parquet", "township_index_geoparquet", "Township polygons with the latest month", "parquet",
     "application/vnd.apache.parquet"),
    ("geo/township_index.geojson", "township_index_geojson", "Township polygons with the latest month", "geojson",
     "application/geo+json"),
    ("geo/township_index.gpkg", "township_index_geopackage", "Township polygons with the latest month", "gpkg",
     "application/geopackage+sqlite3"),
)  # fmt: skip
_CSV_NOTE = (
    "An empty cell is a missing value, never a zero. Text that a spreadsheet would run as a formula starts with "
    "an apostrophe; the Parquet file holds it without."
)


def _field(column: Column, required: bool) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if required else {}
    if column.values:
        constraints["enum"] = list(column.values)
    if column.pattern:
        constraints["pattern"] = column.pattern
    for rule, bound in (("minimum", column.low), ("maximum", column.high)):
        if bound is not None:
            constraints[rule] = int(bound) if float(bound).is_integer() else bound
    field: dict[str, Any] = {"name": column.name, "type": _TYPES[column.type], "description": column.comment}
    if column.type == "DATE":
        field["format"] = "default"
    if column.unit:
        field["unit"] = column.unit
    if constraints:
        field["constraints"] = constraints
    return field


def _schema(table: Table) -> dict[str, Any]:
    """Table schema of the CSV: the geometry is left out there."""
    schema: dict[str, Any] = {
        "$schema": f"{_PROFILES}/tableschema.json",
        "fields": [_field(c, c.name not in table.nullable) for c in table.specs if c.type != "BLOB"],
        "primaryKey": list(table.key),
        "missingValues": [""],
    }
    keys = []
    if table.township_reference and table.name != "townships":
        keys.append({"fields": ["adm3_pcode"], "reference": {"resource": "townships", "fields": ["adm3_pcode"]}})
    if table.name == "neighbours":
        keys.append({"fields": ["neighbour_pcode"], "reference": {"resource": "townships", "fields": ["adm3_pcode"]}})
    if table.name == "set_aside_summary":
        keys.append({"fields": ["delivery_id"], "reference": {"resource": "deliveries", "fields": ["delivery_id"]}})
    if keys:
        schema["foreignKeys"] = keys
    return schema


def _file(folder: Path, path: str) -> dict[str, Any]:
    """Size and hash; FileNotFoundError where the file was not written before."""
    content = (folder / path).read_bytes()
    return {"path": path, "bytes": len(content), "hash": "sha256:" + hashlib.sha256(content).hexdigest()}


def _licence(words: str) -> dict[str, str]:
    for known, (name, path) in _LICENCES.items():
        if words.startswith(known):
            return {"name": name, "path": path, "title": words}
    slug = re.sub(r"[^a-zA-Z0-9]+", "-", words).strip("-").lower()
    return {"name": slug or "not-stated", "title": words}


def _licences(release: Release) -> list[dict[str, str]]:
    """One entry a licence name; the terms of every source behind the release hold together."""
    found = {entry["name"]: entry for _, licence, _ in release.generated_from for entry in (_licence(licence),)}
    return [found[name] for name in sorted(found)]


def _table_resources(table: Table, rows: int, folder: Path) -> list[dict[str, Any]]:
    left_out = " The geometry stands in the Parquet file and in geo/." if "geometry" in table.columns else ""
    base = {
        "$schema": f"{_PROFILES}/dataresource.json",
        "title": f"{table.name}: one row per {table.grain}",
        "rows": rows,
    }
    return [
        {**base, "name": table.name, "type": "table", **_file(folder, f"tables/{table.name}.csv"), "format": "csv",
         "mediatype": "text/csv", "encoding": "utf-8", "description": f"{table.comment} {_CSV_NOTE}{left_out}",
         "schema": _schema(table)},
        {**base, "name": f"{table.name}_parquet", **_file(folder, f"tables/{table.name}.parquet"), "format": "parquet",
         "mediatype": "application/vnd.apache.parquet",
         "description": f"{table.comment} The same rows as the CSV file."},
    ]  # fmt: skip


def datapackage(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> dict[str, Any]:
    """The descriptor of the files that stand in `folder`; they must have been written before."""
    resources: list[dict[str, Any]] = []
    for table in layer(Layer.PUBLISHED):
        resources += _table_resources(table, published(tables, table.name).height, folder)
    for path, name, title, kind, media in _FILES:
        resources.append({"$schema": f"{_PROFILES}/dataresource.json", "name": name, "title": title,
                          **_file(folder, path), "format": kind, "mediatype": media})  # fmt: skip
    package: dict[str, Any] = {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": "township-conflict-index-myanmar",
        "title": "Township conflict index for Myanmar" + ("" if not release.synthetic else " (SYNTHETIC DATA)")
        + (" (INTERNAL)" if release.internal else ""),
        "description": " ".join((*release.banners, release.citation, "Counts are floors.", *release.notes)),
        "version": release.release_id,
        "keywords": ["conflict", "displacement", "Myanmar", "public services", "townships"],
        "sources": [{"title": title, "citation": citation, "licence": licence}
                    for title, licence, citation in release.generated_from],
        "resources": resources,
        "profile_of_release": "internal" if release.internal else "public",
        "synthetic": release.synthetic,
        "schematic_shapes": release.schematic,
        "method": release.method,
        "temporal": {"end": release.period_end.isoformat()},
    }  # fmt: skip
    if release.as_of is not None:
        package["as_of"] = release.as_of.isoformat()
    licences = _licences(release)
    if licences:
        package["licenses"] = licences
    return package


def write_datapackage(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write datapackage.json beside the files it describes."""
    text = json.dumps(datapackage(tables, release, folder), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "datapackage.json").write_bytes((text + "\n").encode("utf-8"))
