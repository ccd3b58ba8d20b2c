"""One file from a server, in parts where the connection breaks: what came is kept and the rest is asked for.

Only the validator of the first answer (a strong ETag, else Last-Modified) proves that the rest belongs to the same
file; without one, or when the file has changed, it starts over.
"""

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.connectors.addresses import shown
from pipeline.connectors.http import Session
from pipeline.connectors.manners import NOT_MODIFIED, OK, PARTIAL, Passing, with_query
from pipeline.disk import write_atomically
from pipeline.errors import UnusableInput

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

    A part left by a crash in the same folder is continued. Raises UnusableInput and its kinds (manners.py).
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
