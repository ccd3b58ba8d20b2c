"""JSON records: an array of flat objects, the envelope of an API around one, or one object a line.

Every value becomes the text that a CSV would hold. Not here: boundaries, whose .json is GeoJSON (geo.layers).
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.declare.codes import Reason
from pipeline.declare.errors import UnusableInput
from pipeline.ingest.cells import Grid, GridBuilder
from pipeline.ingest.delimited import check_text

# Parsed JSON takes some ten times its bytes in memory; CSV and Parquet of any size are read in blocks.
JSON_LIMIT_BYTES = 300_000_000
# Where an API puts its records: ACLED (data), UCDP (Result), KoboToolbox and others (results), OData (value).
ENVELOPES = ("data", "Result", "results", "value")
# How an API says that more pages follow, and how many records there are in all.
NEXT_PAGE = ("next", "NextPageUrl", "@odata.nextLink")
TOTALS = ("TotalCount", "total_count", "count", "@odata.count")
DEEPEST = 8  # groups in groups of a form
LINE_ENDINGS = {".ndjson", ".jsonl"}
SAID_CHARACTERS = 120
_SAYING = ("message", "error", "error_description", "errors", "detail", "title", "status", "code")
_SECRET = re.compile(
    r"(?i)((?:token|key|password|passwd|secret|bearer|authorization|signature)[\"']?\s*[:= ]\s*[\"']?)[^\s\"',;&]+"
    r"|[A-Za-z0-9_\-.+/=]{24,}|\S+@\S+"
)
_HALF_PAIR = re.compile(r"\\u[dD][89abcdefABCDEF]")


class Doubled(dict[str, Any]):
    """An object that gave names twice; which of two values is meant cannot be known, and it holds the last."""

    names: tuple[str, ...] = ()


def read_json(path: Path) -> Grid:
    """The grid of a JSON file; a record's row number is its position, from 1.

    Records with differing names have the union of them, a missing one is null. An object in a record, such as a group
    of a form, gives its values under "group/name". Lists are not kept, with a note. An item that is no object is set
    aside. Raises UnusableInput for an error answer, with what it says.
    """
    checked = check_text(path)
    size = path.stat().st_size
    if size > JSON_LIMIT_BYTES:
        raise UnusableInput(f"{path.name}: {size:,} bytes of JSON is over {JSON_LIMIT_BYTES:,}; save it as CSV")
    text = path.read_text(encoding=checked.encoding)
    nested, notes = _records(path, text)
    records = [_flat(record, path, position) for position, record in enumerate(nested, start=1)]
    objects = [record for record in records if isinstance(record, dict)]
    if not objects:
        raise UnusableInput(f"{path.name}: the list holds no records (objects with names); export it as records")
    twice: dict[str, str] = {}
    for position, record in enumerate(records, start=1):
        for name in record.names if isinstance(record, Doubled) else ():
            twice.setdefault(name, f"{path.name}, record {position}")
    header = list(dict.fromkeys(name for record in objects for name, value in record.items() if not _nested(value)))
    lists = list(dict.fromkeys(name for record in objects for name, value in record.items() if _nested(value)))
    if lists:
        notes = (*notes, f"{path.name}: nested values not kept: {', '.join(lists)}")
    if _HALF_PAIR.search(text):
        _refuse_half_characters(path, records)
    built = GridBuilder(header, has_nul="\\u0000" in text, header_line=0)
    for position, record in enumerate(records, start=1):
        if isinstance(record, dict):
            built.add(position, [_cell(record.get(name)) for name in header])
        else:
            built.problem(position, Reason.RAGGED_ROW, "not an object with names")
    grid = built.finished()
    grid.notes, grid.twice = notes, twice
    return grid


def _records(path: Path, text: str) -> tuple[list[Any], tuple[str, ...]]:
    if path.suffix.lower() in LINE_ENDINGS:
        return _lines(path, text), ()
    try:
        whole = _parse(text)
    except json.JSONDecodeError as error:
        # A second document behind the first: one record a line under the name .json.
        if error.msg == "Extra data" and text.startswith("{"):
            return _lines(path, text), ()
        raise UnusableInput(
            f"{path.name}, line {error.lineno}, offset {error.pos}: not valid JSON ({error.msg}); it may have been cut "
            "off: download it again"
        ) from error
    except RecursionError as error:
        raise UnusableInput(f"{path.name}: nested too deep; export flat records") from error
    if isinstance(whole, list):
        if not whole:
            raise UnusableInput(f"{path.name}: an empty list: no record; check the query and download it again")
        return whole, ()
    if not isinstance(whole, dict):
        raise UnusableInput(f"{path.name}: a single JSON value, no records; export an array of records")
    return _enveloped(path, whole)


def _enveloped(path: Path, whole: dict[str, Any]) -> tuple[list[Any], tuple[str, ...]]:
    lists = [name for name in ENVELOPES if isinstance(whole.get(name), list)]
    filled = [name for name in lists if whole[name]]
    if isinstance(whole, Doubled):
        raise UnusableInput(
            f"{path.name}: the name {whole.names[0]!r} stands twice around the records; download it again"
        )
    if len(filled) > 1:
        raise UnusableInput(f"{path.name}: lists of records under {' and '.join(map(repr, filled))}; keep one of them")
    if filled:
        records = whole[filled[0]]
        total = next((str(whole[n]) for n in TOTALS if isinstance(whole.get(n), str)), "")
        if total.isdigit() and int(total) > len(records):
            return records, (f"{path.name}: {len(records):,} of {int(total):,} records; the other pages are not in it",)
        if any(whole.get(name) for name in NEXT_PAGE):
            return records, (f"{path.name}: one page of several; the pages after it are not in it",)
        return records, ()
    said = _said(whole)
    if said:
        raise UnusableInput(f"{path.name}: an error answer, no records: {said}; settle that and download it again")
    if lists:
        raise UnusableInput(f"{path.name}: the list under {lists[0]!r} is empty: no record; check the query")
    names = ", ".join(map(repr, list(whole)[:12])) or "none"
    raise UnusableInput(
        f"{path.name}: no list of records under {', '.join(ENVELOPES)}; the object's names are {names}. Export an "
        "array of records"
    )


def _lines(path: Path, text: str) -> list[Any]:
    records = []
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            records.append(_parse(line))
        except (json.JSONDecodeError, RecursionError) as error:
            raise UnusableInput(
                f"{path.name}, line {number}: not valid JSON ({getattr(error, 'msg', 'nested too deep')}); one record "
                "a line is expected, and the file may have been cut off: download it again"
            ) from error
    return records


def _parse(text: str) -> Any:
    """Numbers stay the text they are: as floats, 1.10 would become 1.1 and a long id another one."""
    return json.loads(text, object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=str)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    doubled = Doubled(made)
    names = [name for name, _ in pairs]
    doubled.names = tuple(name for name in made if names.count(name) > 1)
    return doubled


def _flat(record: Any, path: Path, position: int) -> Any:
    """A record with the values of its objects under "outer/inner"; anything else as it is.

    Raises UnusableInput where that gives a name twice: which of two values is meant cannot be known.
    """
    if not isinstance(record, dict) or not any(isinstance(value, dict) for value in record.values()):
        return record
    made = Doubled()
    twice = list(record.names) if isinstance(record, Doubled) else []
    for name, value in _pairs(record, (), twice):
        if name in made:
            raise UnusableInput(f"{path.name}, record {position}: {name!r} stands in it twice; export the file again")
        made[name] = value
    made.names = tuple(twice)
    return made


def _pairs(record: dict[str, Any], outer: tuple[str, ...], twice: list[str]) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        path = (*outer, name)
        if isinstance(value, dict) and len(path) <= DEEPEST:
            if isinstance(value, Doubled):
                twice += ["/".join((*path, again)) for again in value.names]
            yield from _pairs(value, path, twice)
        else:
            yield "/".join(path), value


def _nested(value: Any) -> bool:
    return isinstance(value, dict | list)


def _cell(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None


def _said(answer: dict[str, Any]) -> str:
    """What an error answer says, without anything that may be a key, and short."""
    parts = []
    for name in _SAYING:
        value = answer.get(name)
        values = value if isinstance(value, list) else [value]
        parts += [_said(v) if isinstance(v, dict) else v for v in values if isinstance(v, str | dict)]
    return _SECRET.sub(lambda found: (found[1] or "") + "…", ", ".join(p for p in parts if p))[:SAID_CHARACTERS]


def _refuse_half_characters(path: Path, records: list[Any]) -> None:
    for position, record in enumerate(records, start=1):
        try:
            json.dumps(record, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise UnusableInput(
                f"{path.name}, record {position}: half of a character pair (\\ud…); export the file again"
            ) from error
