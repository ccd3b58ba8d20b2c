"""api/: the country, the states and regions and each township as JSON by month, with a JSON Schema beside them.

For programs that want one figure and no table reader: names and types are those of the published tables, the months
those of the method that heads the release. A missing value is null and never zero. Names of files and fields stay from
release to release; fields may be added. Not here: other methods, probabilities and ranks, which stand in tables/.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.columns import COLUMNS, Column
from pipeline.declare.sources import BOUNDARY_DISCLAIMER
from reports.release import Release, declared, licence, published, region_slug
from reports.text.wording import visible

API = "api"
NATION, REGIONS, TOWNSHIPS = f"{API}/nation.json", f"{API}/regions.json", f"{API}/townships.json"
# Schema of each kind of file, beside it.
SCHEMAS: Mapping[str, str] = {
    "nation": f"{API}/nation.schema.json",
    "regions": f"{API}/regions.schema.json",
    "townships": f"{API}/townships.schema.json",
    "township": f"{API}/township.schema.json",
}
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
# Columns of a month. Of a township the clashes, the signal, the class shown, displaced people, and the evidence: a file
# of about 6 kB; the other indices stand in tables/.
_TOWNSHIP = (
    "month", "clashes_month_count", "signal", "security_shown", "idps_persons", "idps_suppressed",
    "idps_reference_date", "evidence_grade",
)  # fmt: skip
_SUMMARY = (
    "month", "period_end", "clashes_month_count", "clashes_3m_count", "clashes_12m_count", "in_conflict_count",
    "security_high_count", "security_low_count", "signal_alert_count", "signal_rise_count", "signal_onset_count",
    "signal_fall_count", "signal_lull_count", "signal_none_count", "signal_unknown_count", "idps_persons",
    "idps_reporting_count", "evidence_a_count", "evidence_b_count", "evidence_c_count", "evidence_d_count",
    "provisional", "in_publication_lag",
)  # fmt: skip
_PLACE = ("adm3_pcode", "adm3_name", "adm3_name_my", "state_region")
_TYPES = {"VARCHAR": "string", "BIGINT": "integer", "DOUBLE": "number", "DATE": "string", "BOOLEAN": "boolean"}
_TEXT = {"type": "string"}
# What every file says of itself: it is read without the rest of its release.
_HEAD: Mapping[str, dict[str, Any]] = {
    "release_id": _TEXT,
    "synthetic": {"type": "boolean", "description": "Whether every figure is invented to show how the release works."},
    "notice": {"type": "string", "description": "Warnings that must be shown with the figures; may be empty."},
    "method": _TEXT,
    "period_end": {"type": "string", "format": "date", "description": "Last day of the data."},
    "as_of": {"type": ["string", "null"], "format": "date", "description": "Day up to which knowledge was used."},
    "licence": _TEXT,
    "citation": _TEXT,
    "boundaries": _TEXT,
}


def head(release: Release) -> dict[str, Any]:
    """The members that every file begins with."""
    return {
        "release_id": release.release_id,
        "synthetic": release.synthetic,
        "notice": " ".join(release.banners),
        "method": release.method,
        "period_end": release.period_end.isoformat(),
        "as_of": None if release.as_of is None else release.as_of.isoformat(),
        "licence": visible(licence(release)["title"]),
        "citation": release.citation,
        "boundaries": BOUNDARY_DISCLAIMER,
    }


def _own(tables: Mapping[str, pl.DataFrame], name: str, release: Release, columns: Sequence[str]) -> pl.DataFrame:
    """The rows of the leading method, in the order of the table's key."""
    return published(tables, name).filter(pl.col("method") == release.method).select(columns)


def _by(frame: pl.DataFrame, column: str) -> dict[str, list[dict[str, Any]]]:
    """Value of a column -> its rows without it, in their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault(row.pop(column), []).append(row)
    return found


def nation(tables: Mapping[str, pl.DataFrame], release: Release) -> dict[str, Any]:
    own = published(tables, "national_summary").filter(pl.col("method") == release.method)
    first = own.row(0, named=True)
    return {
        **head(release),
        "townships_count": first["townships_count"],
        "clash_source": first["clash_source"],
        "months": own.select(_SUMMARY).to_dicts(),
    }


def regions(tables: Mapping[str, pl.DataFrame], release: Release) -> dict[str, Any]:
    found = _by(_own(tables, "region_summary", release, ("state_region", "townships_count", *_SUMMARY)), "state_region")
    return {
        **head(release),
        "regions": [
            {
                "state_region": name,
                "slug": region_slug(name),
                "townships_count": rows[0]["townships_count"],
                "months": [{column: row[column] for column in _SUMMARY} for row in rows],
            }
            for name, rows in sorted(found.items())
        ],
    }


def _places(tables: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    rows = published(tables, "townships").select(_PLACE).to_dicts()
    return [{name: visible(value) if value else value for name, value in row.items()} for row in rows]


def townships(tables: Mapping[str, pl.DataFrame], release: Release) -> dict[str, Any]:
    """The list of townships with the file of each, from this one's folder."""
    return {
        **head(release),
        "townships": [{**place, "file": f"townships/{place['adm3_pcode']}.json"} for place in _places(tables)],
    }


def each_township(tables: Mapping[str, pl.DataFrame], release: Release) -> Iterable[tuple[str, dict[str, Any]]]:
    """(path in the release, content) of every township; one without an index row has no months."""
    months = _by(_own(tables, "township_index", release, ("adm3_pcode", *_TOWNSHIP)), "adm3_pcode")
    said = head(release)
    for place in _places(tables):
        code = place["adm3_pcode"]
        yield f"{API}/townships/{code}.json", {**said, **place, "months": months.get(code, [])}


def _property(column: Column, nullable: bool) -> dict[str, Any]:
    """A column as JSON Schema: type, words, bounds, and the words that a code may be."""
    kind = _TYPES[column.type]
    found: dict[str, Any] = {"type": [kind, "null"] if nullable else kind, "description": column.comment}
    if column.type == "DATE":
        found["format"] = "date"
    if column.values:
        found["enum"] = [*column.values, *([None] if nullable else [])]
    if column.pattern:
        found["pattern"] = column.pattern
    for rule, bound in (("minimum", column.low), ("maximum", column.high)):
        if bound is not None:
            found[rule] = int(bound) if float(bound).is_integer() else bound
    return found


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object with these members and no other, each of them required."""
    return {
        "type": "object", "properties": dict(properties), "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


def _columns(table: str, names: Iterable[str]) -> dict[str, Any]:
    nullable = declared(table).nullable
    return {name: _property(COLUMNS[name], name in nullable) for name in names}


def _array(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(items)}


def schemas(release: Release) -> dict[str, dict[str, Any]]:
    """Path in the release -> JSON Schema (draft 2020-12) of the files of that kind, from the declared columns."""
    place = _columns("townships", _PLACE)
    region = {
        **_columns("region_summary", ("state_region",)),
        "slug": {
            "type": "string",
            "description": "Name of the page report/regions/<slug>.html.",
            "pattern": "^[a-z-]+$",
        },
        **_columns("region_summary", ("townships_count",)),
        "months": _array(_columns("region_summary", _SUMMARY)),
    }
    national = _columns("national_summary", ("townships_count", "clash_source", *_SUMMARY))
    own = {
        "nation": {
            **{name: national[name] for name in ("townships_count", "clash_source")},
            "months": _array({name: national[name] for name in _SUMMARY}),
        },
        "regions": {"regions": _array(region)},
        "townships": {
            "townships": _array({**place, "file": {"type": "string", "description": "File of the township."}})
        },
        "township": {**place, "months": _array(_columns("township_index", _TOWNSHIP))},
    }
    titles = {
        "nation": "The country by month", "regions": "States and regions by month",
        "townships": "The list of townships", "township": "One township by month",
    }  # fmt: skip
    return {
        SCHEMAS[kind]: {
            "$schema": _DRAFT, "title": titles[kind], "description": " ".join((*release.banners, "Missing is null.")),
            **_object({**_HEAD, **members}),
        }
        for kind, members in own.items()
    }  # fmt: skip


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in a JSON file")


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, default=_day, allow_nan=False, separators=(",", ":"))


def as_lines(content: Mapping[str, Any]) -> str:
    """JSON with a line for each member and for each row of a list, so that a change is a line of a difference."""
    members = []
    for name, value in content.items():
        rows = ",\n".join(map(_text, value)) if isinstance(value, list) and value else ""
        members.append(f'"{name}":' + (f"[\n{rows}\n]" if rows else _text(value)))
    return "{\n" + ",\n".join(members) + "\n}\n"


def write_api(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write api/ of the release in `folder`."""
    (folder / API / "townships").mkdir(parents=True, exist_ok=True)
    for path, content in (
        (NATION, nation(tables, release)),
        (REGIONS, regions(tables, release)),
        (TOWNSHIPS, townships(tables, release)),
        *each_township(tables, release),
    ):
        (folder / path).write_bytes(as_lines(content).encode("utf-8"))
    for path, schema in schemas(release).items():
        text = json.dumps(schema, ensure_ascii=False, indent=1)
        (folder / path).write_bytes((text + "\n").encode("utf-8"))
