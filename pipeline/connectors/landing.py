"""From rows or a downloaded file to the inbox: named by what was asked, whole or not at all, with its sidecar.

Also what came before from a source, so that nothing is fetched or laid down twice.
"""

import csv
import errno
import hashlib
import json
import os
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.codes import Kind
from pipeline.deliveries import in_force
from pipeline.disk import write_atomically
from pipeline.settings import Home, sidecar_path
from pipeline.sources import Source


@dataclass(frozen=True)
class Arrival:
    """What came of one query: a file in the inbox, or `path` None where it was there before. Pages 0: one file."""

    name: str
    path: Path | None
    rows: int | None
    pages: int = 0
    notes: tuple[str, ...] = ()


def write_rows(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Rows of JSON as CSV, every cell as the source wrote it; how many."""
    names, count = list(columns), 0
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([cell(row.get(name)) for name in names])
            count += 1
    return count


def cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    # A byte of zero would have the whole row set aside for what is a slip of the server.
    return str(value).replace("\x00", "")


def columns_of(known: Iterable[str], row: Mapping[str, Any]) -> list[str]:
    """The columns that a reader knows, then whatever else the source sent: nothing is lost."""
    names = list(known)
    return [*names, *sorted(set(row) - set(names))]


def land(place: Home, kind: Kind, name: str, made: Path, facts: Mapping[str, str | date | None]) -> Path | None:
    """Move a finished file and its sidecar into the inbox; None where the same content was delivered before."""
    sha256 = _digest(made)
    target = place.inbox / kind / name
    held = target.exists() and _digest(target) == sha256
    if held or any(d.kind == kind and d.sha256 == sha256 for d in in_force(place)):
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{key} = {_toml(value)}" for key, value in facts.items() if value is not None]
    # The sidecar first: a file must never be read without what its source says of it.
    write_atomically(sidecar_path(target), lambda to: to.write_text("\n".join(lines) + "\n", encoding="utf-8"))
    try:
        os.replace(made, target)  # noqa: PTH105 (the rename is the point)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        write_atomically(target, lambda to: shutil.copyfile(made, to))
    return target


def revised_until(place: Home, source: Source, query: str) -> str | None:
    """The newest revision among what the same query brought before, delivered or still in the inbox.

    Revision times of one source compare as text: ISO times, or seconds since 1970 of ten digits.
    """
    found = [
        d.revised_until
        for d in in_force(place)
        if d.source == source.title and d.query == query and d.revised_until is not None
    ]
    for path in place.inbox.glob("*/*.toml"):
        try:
            stated = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            continue
        if path.with_suffix("").exists() and (stated.get("source"), stated.get("query")) == (source.title, query):
            found.append(str(stated.get("revised_until") or ""))
    return max((text for text in found if text), default=None)


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _toml(value: str | date) -> str:
    if isinstance(value, date):
        return value.isoformat()
    # A JSON string of printable characters is a TOML string.
    return json.dumps("".join(c for c in value if c.isprintable()), ensure_ascii=False)
