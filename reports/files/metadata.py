"""datapackage.json and dataset.jsonld: every data file of the release with schema, units, licences, sources and hash.

Data Package v2 (datapackage.org) and schema.org Dataset. The schema of a table comes from its declaration alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.columns import COLUMNS, Column
from pipeline.declare.database import SERIES
from pipeline.declare.sources import CITED
from pipeline.declare.tables import Layer, Table, layer
from pipeline.sources import SOURCES
from reports.files.api import NATION, REGIONS, SCHEMAS, TOWNSHIPS
from reports.files.citation import CFF
from reports.files.hxl import HXL_COLUMNS
from reports.files.release_changes import CHANGE_COLUMNS, CHANGE_NULLABLE, CHANGES
from reports.files.series import region_files
from reports.files.workbook import sheet_frame
from reports.files.zips import PARQUET, SITE
from reports.release import MARK_COLUMNS, Release, declared, licence, mapped_townships, published
from reports.text.wording import day, visible

_PROFILES = "https://datapackage.org/profiles/2.0"
_TYPES = {"VARCHAR": "string", "BIGINT": "integer", "DOUBLE": "number", "DATE": "date", "BOOLEAN": "boolean"}
# (path in the release, name, title, format, media type) of the files that are not one published table each
# Those without a schema are files to open as a whole; the last are listed only where another step wrote them.
FILES: tuple[tuple[str, str, str, str, str], ...] = (
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
_IF_WRITTEN: tuple[tuple[str, str, str, str, str], ...] = (
    ("report/brief.pdf", "brief", "National brief in English", "pdf", "application/pdf"),
    ("report/brief_my.pdf", "brief_my", "National brief in Burmese", "pdf", "application/pdf"),
    ("report/index.html", "report", "The report; its first page", "html", "text/html"),
    ("dataset.jsonld", "dataset_jsonld", "schema.org description of the data set", "jsonld", "application/ld+json"),
    ("index.html", "first_page", "First page of the release in English", "html", "text/html"),
    ("index_my.html", "first_page_my", "First page of the release in Burmese", "html", "text/html"),
    (CFF, "citation", "How to cite the release (Citation File Format)", "cff", "application/yaml"),
    (SITE, "site", "The report as one file", "zip", "application/zip"),
    (PARQUET, "data_parquet", "All tables as Parquet in one file", "zip", "application/zip"),
    (NATION, "api_nation", "The country by month", "json", "application/json"),
    (REGIONS, "api_regions", "States and regions by month", "json", "application/json"),
    (TOWNSHIPS, "api_townships", "The list of townships with the file of each, which manifest.json lists", "json",
     "application/json"),
    *((path, f"api_{kind}_schema", f"JSON Schema of api/, {kind}", "json", "application/schema+json")
      for kind, path in SCHEMAS.items()),
)  # fmt: skip
_DATABASE = {
    "$schema": f"{_PROFILES}/dataresource.json",
    "name": "database",
    "path": "township_index.duckdb",
    "title": "DuckDB database: schema published, every table and column with a comment",
    "description": "The same tables as in tables/. No size and no hash stand here: the same tables do not give the "
    "same bytes twice in a database file; those of this very file stand in manifest.json.",
    "format": "duckdb",
    "mediatype": "application/vnd.duckdb",
}
_UNDECLARED = {
    "location_code": Column("location_code", "VARCHAR", "ISO 3166 code of the country", values=("MMR",)),
    "notice": Column("notice", "VARCHAR", "Of an internal release: that it must not be passed on"),
    **{column.name: column for column in MARK_COLUMNS},
}
_SHAPE = {"name": "geometry", "type": "any", "description": "Polygon of the township as WKB; WGS 84, longitude first."}
# Of a Parquet file: readers through pandas see a missing number as a float that is none.
_NULL_SEEN = ["", "nan"]
_CSV_NOTE = (
    "An empty cell is a missing value, never a zero. Text that a spreadsheet would run as a formula starts with "
    "an apostrophe; the Parquet file holds it without."
)


def _region_briefs(folder: Path) -> list[tuple[str, str, str, str, str]]:
    """The page of each state and region that was written, in both languages."""
    found = []
    for where, language, ending in (("report/regions", "English", ""), ("report/my/regions", "Burmese", "_my")):
        for path in sorted((folder / where).glob("*.pdf")):
            title = f"Brief of a state or region in {language}: {path.stem}"
            found.append((f"{where}/{path.name}", f"brief_{path.stem}{ending}", title, "pdf", "application/pdf"))
    return found


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


def _fields(columns: Iterable[Column], nullable: Container[str] | None) -> list[dict[str, Any]]:
    """Fields in their order; every one outside `nullable` is required, none where that is None."""
    return [_SHAPE if c.type == "BLOB" else _field(c, nullable is not None and c.name not in nullable) for c in columns]


def _schema(table: Table) -> dict[str, Any]:
    """Table schema of the CSV: the geometry is left out there."""
    schema: dict[str, Any] = {
        "$schema": f"{_PROFILES}/tableschema.json",
        "fields": _fields([c for c in table.specs if c.type != "BLOB"], table.nullable),
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


def _quoted(name: str) -> list[dict[str, str]]:
    """The publications that a table quotes."""
    return [_source(one.title, one.licence, one.citation, one.url) for one in CITED if name in one.tables]


def _source(title: str, licence: str, citation: str, path: str) -> dict[str, str]:
    stated = {"title": title, "path": path, "citation": citation, "licence": licence}
    return {name: words for name, words in stated.items() if words}


def _sources(release: Release) -> list[dict[str, str]]:
    """What the figures are made from, then what the reference tables quote; each with its own licence."""
    urls = {source.title: source.url for source in SOURCES}
    made_from = [_source(title, licence, citation, urls.get(title, ""))
                 for title, licence, citation in release.generated_from]  # fmt: skip
    return [*made_from, *(_source(one.title, one.licence, one.citation, one.url) for one in CITED)]


def _table_resources(table: Table, rows: int, folder: Path) -> list[dict[str, Any]]:
    left_out = " The geometry stands in the Parquet file and in geo/." if "geometry" in table.columns else ""
    base = {
        "$schema": f"{_PROFILES}/dataresource.json",
        "title": f"{table.name}: one row per {table.grain}",
        "rows": rows,
    }
    if quoted := _quoted(table.name):
        base["sources"] = quoted
    parquet = _file(folder, f"tables/{table.name}.parquet")
    return [
        {**base, "name": table.name, "type": "table", **_file(folder, f"tables/{table.name}.csv"), "format": "csv",
         "mediatype": "text/csv", "encoding": "utf-8", "description": f"{table.comment} {_CSV_NOTE}{left_out}",
         "schema": _schema(table)},
        {**base, "name": f"{table.name}_parquet", "type": "table", **_unsized(parquet), "format": "parquet",
         "mediatype": "application/vnd.apache.parquet",
         "description": f"{table.comment} The same rows as the CSV file.",
         "schema": {**_schema(table), "fields": _fields(table.specs, table.nullable), "missingValues": _NULL_SEEN}},
    ]  # fmt: skip


def _unsized(file: dict[str, Any]) -> dict[str, Any]:
    """Without `bytes`: Frictionless counts none in a Parquet file and calls each a fault; manifest.json has them."""
    return {name: value for name, value in file.items() if name != "bytes"}


def _region(name: str, folder: Path, path: str, internal: bool) -> dict[str, Any]:
    """The townships of a state or region by month."""
    marks = (_UNDECLARED["notice"],) if internal else ()
    return {
        "$schema": f"{_PROFILES}/dataresource.json", "name": f"months_{Path(path).stem.replace('-', '_')}",
        "title": f"Townships of {name} by month, leading method", **_file(folder, path), "format": "csv",
        "mediatype": "text/csv", "encoding": "utf-8", "type": "table", "description": _CSV_NOTE,
        "schema": {"$schema": f"{_PROFILES}/tableschema.json", "missingValues": [""],
                   "fields": _fields((*SERIES.columns, *MARK_COLUMNS, *marks), None)},
    }  # fmt: skip


def _changes(folder: Path) -> dict[str, Any]:
    return {
        "$schema": f"{_PROFILES}/dataresource.json", "name": "changes", "type": "table",
        "title": "changes: one row per value that differs from the release before",
        "description": "Classes, counts and shares of control of township_index, national_summary and "
        "territorial_control; the header alone where no release before could be compared (manifest.json says why). "
        + _CSV_NOTE,
        **_file(folder, CHANGES), "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
        "schema": {"$schema": f"{_PROFILES}/tableschema.json", "fields": _fields(CHANGE_COLUMNS, CHANGE_NULLABLE),
                   "missingValues": [""]},
    }  # fmt: skip


def _own_schema(name: str, tables: Mapping[str, pl.DataFrame], release: Release) -> dict[str, Any]:
    """Schema, and dialect where the first row is not all, of the tables that are no published one."""
    if name == "workbook":
        dialect = {"sheetName": "township_index", "excel": {"sheet": "township_index"}}
        table = declared("township_index")
        columns = [COLUMNS[c] for c in sheet_frame(tables, table.name, release.method).columns]
        names = {*table.nullable, *(c.name for c in columns if c.name not in table.columns)}
        schema = {**_schema(table), "fields": _fields(columns, names)}
        return {"type": "table", "dialect": dialect, "schema": schema}
    if name == "township_index_hxl":
        own = [replace(COLUMNS[ours], name=column) if ours in COLUMNS else _UNDECLARED[column]
               for column, ours, _ in HXL_COLUMNS]  # fmt: skip
        rows = {"headerRows": [1], "commentRows": [2]}
        return {"type": "table", "dialect": rows, "schema": {"fields": _fields(own, None), "missingValues": [""]}}
    if name == "township_index_geoparquet":
        held = mapped_townships(tables, release).drop("geometry").columns
        box = {"name": "bbox", "type": "object", "description": "Bounding box of the township."}
        fields = [*_fields([COLUMNS[c] for c in held], None), *_fields(MARK_COLUMNS, None), _SHAPE, box]
        return {"type": "table", "schema": {"fields": fields, "missingValues": _NULL_SEEN}}
    return {}


def datapackage(
    tables: Mapping[str, pl.DataFrame], release: Release, folder: Path, database: bool = False
) -> dict[str, Any]:
    """The descriptor of the files that stand in `folder`; they must have been written before, the database aside."""
    resources: list[dict[str, Any]] = []
    for table in layer(Layer.PUBLISHED):
        resources += _table_resources(table, published(tables, table.name).height, folder)
    resources.append(_changes(folder))
    for name, path in region_files(tables).items():
        resources.append(_region(name, folder, path, release.internal))
    written = [one for one in _IF_WRITTEN if (folder / one[0]).is_file()]
    for path, name, title, kind, media in (*FILES, *written, *_region_briefs(folder)):
        file = _file(folder, path)
        resources.append({"$schema": f"{_PROFILES}/dataresource.json", "name": name, "title": title,
                          **(_unsized(file) if kind == "parquet" else file), "format": kind, "mediatype": media,
                          **_own_schema(name, tables, release)})  # fmt: skip
    if database:
        resources.append(_DATABASE)
    package: dict[str, Any] = {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": "township-conflict-index-myanmar",
        "title": "Township conflict index for Myanmar" + ("" if not release.synthetic else " (SYNTHETIC DATA)")
        + (" (INTERNAL)" if release.internal else ""),
        "description": " ".join((*release.banners, release.citation, "Counts are floors.")),
        "version": release.release_id,
        "keywords": ["conflict", "displacement", "Myanmar", "public services", "townships"],
        "sources": _sources(release),
        "resources": resources,
        "licenses": [licence(release)],
        "profile_of_release": "internal" if release.internal else "public",
        "synthetic": release.synthetic,
        "schematic_shapes": release.schematic,
        "method": release.method,
        "temporal": {"end": release.period_end.isoformat()},
    }  # fmt: skip
    if release.as_of is not None:
        package["as_of"] = release.as_of.isoformat()
    return package


def write_datapackage(
    tables: Mapping[str, pl.DataFrame], release: Release, folder: Path, database: bool = False
) -> None:
    """Write datapackage.json beside the files it describes."""
    text = json.dumps(datapackage(tables, release, folder, database), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "datapackage.json").write_bytes((text + "\n").encode("utf-8"))


DUCKDB: tuple[str, str, str, str, str] = (
    "township_index.duckdb", "database", "All published tables with a comment on every column", "duckdb",

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
    urls = {source.title: source.url for source in SOURCES}
    licences = list(dict.fromkeys(licence for _, licence, _ in release.generated_from))
    described = (
        *release.banners,
        "Clashes, displacement, public services and control for the 330 townships of Myanmar, by month: three indices "
        "with their classes, how sure each figure is, how old its evidence is, and what changed.",
        "Counts are floors: what no source reports is not in them, and a missing report is never a zero.",
        f"Data to {day(release.period_end)}, method {release.method}.",
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
