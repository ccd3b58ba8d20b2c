"""One file from a server, in parts where the connection breaks: what came is kept and the rest is asked for.

Only the validator of the first answer (a strong ETag, else Last-Modified) proves that the rest belongs to the same
file; without one, or when the file has changed, it starts over.

From rows or a downloaded file to the inbox: named by what was asked, whole or not at all, with its sidecar. Pages of
a query that were fetched already: kept until the query is done, so that a crash does not ask them again.
"""

import csv
import errno
import gzip
import hashlib
import json
import os
import re
import shutil
import time
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import tomli_w

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home, sidecar_path
from pipeline.declare.sources import Source
from pipeline.fetching.http import NOT_MODIFIED, OK, PARTIAL, Passing, Session, Unreachable, shown, with_query
from pipeline.storage.deliveries import in_force
from pipeline.storage.disk import write_atomically

if TYPE_CHECKING:
    import httpx

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Download:
    """The whole file, uncompressed, and the source's own time of its last change (ISO, UTC) where it says one."""

    path: Path
    changed: str | None


def download(
    session: Session,
    url: str,
    folder: Path,
    *,
    params: Mapping[str, str] | None = None,
    changed_since: str | None = None,
) -> Download | None:
    """The file in `folder`, or None where the source says that it has not changed since.

    A part left by a crash in the same folder is continued. Raises UnusableInput and its kinds (http.py).
    """
    folder.mkdir(parents=True, exist_ok=True)
    part, note = folder / "file.part", folder / "file.json"

    def once() -> Download | None:
        validator = _validator(note) if part.exists() else ""
        headers = {"Accept-Encoding": "identity"}
        if changed_since and not part.exists():
            moment = datetime.fromisoformat(changed_since).astimezone(UTC)
            headers["If-Modified-Since"] = format_datetime(moment, usegmt=True)
        if validator:
            headers |= {"Range": f"bytes={part.stat().st_size}-", "If-Range": validator}
        return session.exchange(
            "GET", with_query(url, params), headers, lambda where, answer: _take(session, where, answer, part, note)
        )

    return session.attempts(once)


def _take(session: Session, url: str, answer: "httpx.Response", part: Path, note: Path) -> Download | None:
    if answer.status_code == NOT_MODIFIED:
        return None
    held = part.stat().st_size if part.exists() else 0
    if answer.status_code == PARTIAL:
        span = _RANGE.fullmatch(answer.headers.get("content-range", ""))
        if span is None or int(span[1]) != held:
            part.unlink(missing_ok=True)
            raise Passing(f"{shown(url)} continues the file at the wrong place; try again later", 0.0)
    elif answer.status_code != OK:
        # 416: what is held is as long as the file or longer, so it is not a part of this file.
        part.unlink(missing_ok=True)
        raise Passing(f"{shown(url)} has no rest of the file; try again later", 0.0)
    else:
        held = 0
        kind = answer.headers.get("content-type", "")
        session.refuse_page(url, kind, b"")
        facts = {"etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", ""),
                 "encoding": answer.headers.get("content-encoding", "")}  # fmt: skip
        write_atomically(note, lambda to: to.write_text(json.dumps(facts), encoding="utf-8"))
    length = answer.headers.get("content-length", "")
    if length.isdigit() and held + int(length) > session.limits.size_bytes:
        raise session.too_large(url)
    with part.open("ab" if held else "wb") as handle:
        # Raw bytes: a range counts what travels, not what is unpacked.
        for chunk in answer.iter_raw():
            held += len(chunk)
            if held > session.limits.size_bytes:
                handle.close()
                part.unlink()
                raise session.too_large(url)
            handle.write(chunk)
    return _whole(session, url, part, note)


def _whole(session: Session, url: str, part: Path, note: Path) -> Download:
    facts = json.loads(note.read_text(encoding="utf-8"))
    if facts["encoding"] == "gzip":
        _unpack(session, url, part)
    elif facts["encoding"]:
        raise UnusableInput(f"{shown(url)}: packed as {facts['encoding'][:20]!r}, which is not read")
    with part.open("rb") as handle:
        start = handle.read(200)
    if not start:
        part.unlink()
        raise UnusableInput(f"{shown(url)}: an empty file came; try again later")
    session.refuse_page(url, "", start)
    whole = part.with_suffix(".whole")
    part.replace(whole)
    return Download(whole, _changed(facts["modified"]))


def _unpack(session: Session, url: str, part: Path) -> None:
    """S3 stores some files packed and sends them so whatever is asked for."""
    unpacked, size = part.with_suffix(".unpacked"), 0
    try:
        with gzip.open(part, "rb") as packed, unpacked.open("wb") as handle:
            while chunk := packed.read(_CHUNK):
                size += len(chunk)
                if size > session.limits.size_bytes:
                    raise session.too_large(url)
                handle.write(chunk)
        unpacked.replace(part)
    except (gzip.BadGzipFile, EOFError):
        part.unlink()
        raise UnusableInput(f"{shown(url)}: a damaged packed file came; try again later") from None
    finally:
        unpacked.unlink(missing_ok=True)


def _validator(note: Path) -> str:
    try:
        facts = json.loads(note.read_text(encoding="utf-8"))
        etag, modified = str(facts["etag"]), str(facts["modified"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    # A weak ETag (W/"…") promises the same meaning, not the same bytes.
    return etag if etag.startswith('"') else modified


def _changed(modified: str) -> str | None:
    try:
        return parsedate_to_datetime(modified).astimezone(UTC).isoformat(timespec="seconds")
    except (TypeError, ValueError):
        return None


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
    stated = tomli_w.dumps({key: _printable(value) for key, value in facts.items() if value is not None})
    # The sidecar first: a file must never be read without what its source says of it.
    write_atomically(sidecar_path(target), lambda to: to.write_text(stated, encoding="utf-8"))
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


def _printable(value: str | date) -> str | date:
    return value if isinstance(value, date) else "".join(c for c in value if c.isprintable())


FRESH_SECONDS = 6 * 3600


def sweep(place: Home) -> None:
    """Remove what fetches that never ended left behind too long ago to be of use."""
    for folder in (place.cache / "fetch").glob("*/"):
        if time.time() - folder.stat().st_mtime > FRESH_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


class Pages:
    """The kept pages of one query, numbered from 1. The folder also holds parts of files and rows being written.

    As a context it is cleared at the end, unless the source was out of reach or this process broke off: then what
    came is good and the next attempt goes on with it. An answer that was refused must be asked for again.
    """

    def __init__(self, place: Home, query: str) -> None:
        # The query must hold no key, though only its hash is written.
        self.folder = place.cache / "fetch" / hashlib.sha256(query.encode()).hexdigest()[:16]
        sweep(place)
        self.folder.mkdir(parents=True, exist_ok=True)

    def get(self, number: int, ask: Callable[[], Any]) -> Any:
        """The page as it was kept, else as `ask` brings it."""
        path = self.folder / f"page-{number:05}.json"
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            answer = ask()
        text = json.dumps(answer, ensure_ascii=False)
        write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        refused = isinstance(error, UnusableInput) and not isinstance(error, Unreachable)
        if error is None or refused or not any(self.folder.iterdir()):
            shutil.rmtree(self.folder, ignore_errors=True)


class Unrepeated:
    """Notices a page that came before: a server that ignores the page number would be asked for ever."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def repeats(self, rows: list[Any]) -> bool:
        digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False
