"""`corrections.toml` -> entries, each checked as a whole: a misspelt key must not leave an error unmended.

Two files are read: `data/reference/corrections.toml` of the repository and `HOME/corrections.toml`, where one lies.
"""

import re
import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipeline.declare.codes import CorrectionAction as Action
from pipeline.declare.codes import Kind
from pipeline.declare.corrections import Correction
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import REFERENCE, Home
from pipeline.sources import BY_NAME, of_kind

FILE_NAME = "corrections.toml"
LONGEST_DAYS = 731  # two years: by then the source was asked, or the team no longer knows why
# Columns of every raw mirror that tell rows apart beside what the format holds.
BOOKKEEPING = ("delivery_id", "row_number")
_KINDS = tuple(kind for kind in Kind if kind != Kind.BOUNDARIES)
# The id stands in releases, so it can hold no sentence.
_DELIVERY = re.compile(r"^[0-9a-f]{16}$")
_ID = re.compile(r"^[a-z0-9][a-z0-9_-]{1,59}$")
_ALWAYS = {"id", "kind", "action", "reason", "date", "until", "expires"}
_KEYS = {
    Action.REPLACE: {*_ALWAYS, "format", "source", "match", "column", "was", "becomes", "rows"},
    Action.SET_ASIDE: {*_ALWAYS, "format", "source", "match", "column", "was", "rows"},
    Action.ACKNOWLEDGE: {*_ALWAYS, "adm3_pcode", "reference_date", "delivery"},
}


def read_all(home: Home, reference: Path = REFERENCE) -> tuple[Correction, ...]:
    """Every entry of both files, by id. Raises UnusableInput naming file, entry, key and remedy."""
    entries = [*read(reference / FILE_NAME, shared=True), *read(home.root / FILE_NAME, shared=False)]
    seen: dict[str, Correction] = {}
    for entry in entries:
        if entry.id in seen:
            raise UnusableInput(
                f"{entry.where}: the id {entry.id!r} stands in {seen[entry.id].where} too; give each entry its own"
            )
        seen[entry.id] = entry
    return tuple(seen[name] for name in sorted(seen))


def read(path: Path, shared: bool) -> list[Correction]:
    """The entries of one file; none where it does not exist."""
    if not path.exists():
        return []
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnusableInput(f"{path}: not valid TOML: {error}; mend it or remove it") from error
    unknown = sorted(set(stated) - {"correction"})
    entries = stated.get("correction", [])
    if unknown or not isinstance(entries, list):
        raise UnusableInput(f"{path}: {unknown or ['correction']} is not read; each entry begins with [[correction]]")
    return [_entry(one, f"{path}, entry {number}", shared) for number, one in enumerate(entries, 1)]


def _entry(stated: Any, where: str, shared: bool) -> Correction:
    if not isinstance(stated, dict):
        raise UnusableInput(f"{where}: an entry is a table that begins with [[correction]]")
    name = stated.get("id")
    if not isinstance(name, str) or not _ID.match(name):
        raise UnusableInput(f"{where}: id {name!r} must be 2 to 60 of a-z, 0-9, - and _, such as ucdp-48528-best")
    where = f"{where} ({name})"
    action = _one_of(stated, "action", tuple(Action), where, default=Action.REPLACE)
    unknown = sorted(set(stated) - _KEYS[Action(action)])
    if unknown:
        raise UnusableInput(
            f"{where}: the key {unknown[0]!r} is not read with action {action!r}; "
            f"use {', '.join(sorted(_KEYS[Action(action)]))}"
        )
    kind = Kind(_one_of(stated, "kind", _KINDS, where))
    days = {key: _day(stated, key, where) for key in ("date", "expires")}
    until = _day(stated, "until", where) if "until" in stated else None
    if not days["date"] <= days["expires"] <= days["date"] + timedelta(days=LONGEST_DAYS):
        raise UnusableInput(
            f"{where}: expires {days['expires']} must lie within two years after date {days['date']}; mend one of them"
        )
    if until is not None and until < days["date"]:
        raise UnusableInput(f"{where}: until {until} lies before date {days['date']}; mend one of them")
    common: dict[str, Any] = {
        "id": name, "kind": kind, "action": Action(action), "reason": _text(stated, "reason", where), "until": until,
        "shared": shared, "where": where, **days,
    }  # fmt: skip
    if action == Action.ACKNOWLEDGE:
        return _acknowledgement(stated, common)
    return _of_rows(stated, common)


def _acknowledgement(stated: dict[str, Any], common: dict[str, Any]) -> Correction:
    where = common["where"]
    if "delivery" in stated:
        delivery = _text(stated, "delivery", where)
        if not _DELIVERY.match(delivery) or {"adm3_pcode", "reference_date"} & set(stated):
            raise UnusableInput(
                f"{where}: delivery {delivery!r} must be the 16 letters and digits that the run names, without "
                "adm3_pcode and reference_date; mend it"
            )
        return Correction(**common, delivery=delivery)
    if common["kind"] != Kind.DISPLACEMENT:
        raise UnusableInput(
            f"{where}: of {common['kind']} only a delivery that lost most of its rows can be acknowledged; name it "
            'with delivery = "…", or mend kind or action'
        )
    code = _text(stated, "adm3_pcode", where)
    return Correction(**common, adm3_pcode=code, reference_date=_day(stated, "reference_date", where))


def _of_rows(stated: dict[str, Any], common: dict[str, Any]) -> Correction:
    where, kind, action = common["where"], common["kind"], common["action"]
    formats = tuple(known.name for known in of_kind(kind))
    if "format" not in stated and "source" not in stated:
        raise UnusableInput(
            f"{where}: format or source is missing; name one, the format as one of {', '.join(formats)}"
        )
    named = _one_of(stated, "format", formats, where) if "format" in stated else ""
    match = stated.get("match")
    if not isinstance(match, dict) or not match or not all(isinstance(v, str) for v in match.values()):
        raise UnusableInput(f'{where}: match must name columns and their exact text, such as match = {{id = "48528"}}')
    replaces = action == Action.REPLACE
    column = _text(stated, "column", where) if replaces or "column" in stated else None
    was = _text(stated, "was", where, blank=True) if replaces or column or "was" in stated else None
    if was is not None and column is None:
        raise UnusableInput(f"{where}: was names the value of no column; add column or remove was")
    becomes = _text(stated, "becomes", where, blank=True) if replaces else None
    if replaces and was == becomes:
        raise UnusableInput(f"{where}: was and becomes are both {was!r}; mend one of them")
    _check_columns([*match, *([column] if column else [])], column, named, kind, where)
    rows = stated.get("rows", 1)
    if not isinstance(rows, int) or isinstance(rows, bool) or rows < 1:
        raise UnusableInput(f"{where}: rows {rows!r} must be a whole number of at least 1")
    source = _text(stated, "source", where) if "source" in stated else ""
    return Correction(
        **common, format=named, source=source, match=tuple(sorted(match.items())), column=column, was=was,
        becomes=becomes, rows=rows,
    )  # fmt: skip


def _check_columns(names: Sequence[str], column: str | None, named: str, kind: Kind, where: str) -> None:
    """The named format, or some format of the kind, must have every column; the mended one must be the source's."""
    candidates = [BY_NAME[named]] if named else list(of_kind(kind))
    if column in BOOKKEEPING:
        raise UnusableInput(f"{where}: column {column!r} is this project's own and cannot be corrected")
    if not any(set(names) <= {*known.columns, *BOOKKEEPING} for known in candidates):
        known = {name for one in candidates for name in one.columns}
        foreign = next((name for name in names if name not in known and name not in BOOKKEEPING), names[0])
        raise UnusableInput(
            f"{where}: {foreign!r} is no column of {named or f'one {kind} format'}; "
            f"use {', '.join([*sorted(known), *BOOKKEEPING])}"
        )


def _one_of(stated: dict[str, Any], key: str, allowed: Sequence[str], where: str, default: str | None = None) -> str:
    found = stated.get(key, default)
    if found not in allowed:
        raise UnusableInput(f"{where}: {key} is {found!r}; write one of {', '.join(allowed)}")
    return str(found)


def _text(stated: dict[str, Any], key: str, where: str, blank: bool = False) -> str:
    found = stated.get(key)
    if not isinstance(found, str) or not (blank or found.strip()):
        raise UnusableInput(f"{where}: {key} is {'missing' if found is None else repr(found)}; write it as text")
    return found


def _day(stated: dict[str, Any], key: str, where: str) -> date:
    found = stated.get(key)
    if type(found) is not date:  # a TOML date and time is a date too, by inheritance
        raise UnusableInput(
            f"{where}: {key} is {'missing' if found is None else repr(found)}; write a day such as "
            f"{key} = 2026-01-31, without quotes"
        )
    return found
