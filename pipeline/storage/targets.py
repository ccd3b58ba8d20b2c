"""Who is sent what: `HOME/notify.toml` and TOWNSHIP_INDEX_NOTIFY -> targets.

An address holds a password or a token, so it is never shown: a target is called by its place in the file and by scheme
and host, the host only where it is none of a service's secrets.
"""

import difflib
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from pipeline.declare.errors import UnusableInput
from pipeline.declare.notifications import NotificationKind
from pipeline.declare.settings import NOTIFY_VARIABLE, Home

EVERY_KIND = tuple(NotificationKind)
# Where the part behind :// is the name of a server. Elsewhere (slack, discord, telegram) it is a token.
_HOST_IS_A_SERVER = {"mailto", "mailtos", "json", "jsons", "xml", "xmls", "form", "forms"}
_SECRET_PARTS = {"pass", "password", "token", "apikey", "key"}
_KEYS = ("url", "kinds")
_TABLE = re.compile(r"^\s*\[\[\s*targets\s*\]\]")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://.", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """An address with the kinds it wants. Neither `repr` nor `str` shows the address."""

    name: str
    url: str = field(repr=False)
    kinds: tuple[NotificationKind, ...] = EVERY_KIND

    def __str__(self) -> str:
        return f"{self.name} ({shown(self.url)})"

    @property
    def identity(self) -> str:
        """The same for the same address, whatever its password: a renewed one is no new target."""
        return hashlib.sha256(_without_secrets(self.url).encode()).hexdigest()[:16]


def shown(url: str) -> str:
    """Scheme, and host with port where the host is the name of a server."""
    scheme = url.partition("://")[0].lower()
    if scheme not in _HOST_IS_A_SERVER:
        return f"{scheme}://…"
    host = urlsplit(url).netloc.rpartition("@")[2]
    return f"{scheme}://{host}"


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    before, at, host = parts.netloc.rpartition("@")
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _SECRET_PARTS])
    return f"{parts.scheme.lower()}://{before.partition(':')[0]}{at}{host}{parts.path}?{query}"


def read_targets(place: Home, environment: Mapping[str, str]) -> tuple[Target, ...]:
    """The targets of the file, then those of the environment, each address once; none where nothing is set.

    Raises UnusableInput naming file, line and remedy.
    """
    found = [*_of_file(place.notify_file), *_of_environment(environment.get(NOTIFY_VARIABLE, ""))]
    once: dict[str, Target] = {}
    for one in found:
        once.setdefault(one.identity, one)
    return tuple(once.values())


def is_set(place: Home, environment: Mapping[str, str]) -> bool:
    """Whether anybody may be told: decided without reading, so that a run without targets loses no time."""
    return place.notify_file.exists() or bool(environment.get(NOTIFY_VARIABLE, "").strip())


def _of_environment(stated: str) -> list[Target]:
    found = []
    for number, url in enumerate(stated.split(), start=1):
        name = f"{NOTIFY_VARIABLE} target {number}"
        if not _SCHEME.match(url):
            raise UnusableInput(
                f"{name} is no address; give addresses such as mailto://… or json://…, set apart by blanks"
            )
        found.append(Target(name, url))
    return found


def _of_file(path: Path) -> list[Target]:
    if not path.exists():
        return []
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        stated = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        why = str(error).replace("at end of document", f"at line {len(text.splitlines())}, the end")
        raise UnusableInput(f"{path}: not valid TOML: {why}; mend it or remove it") from error
    for key in stated:
        if key != "targets":
            line = _line_of_key(text, key, 0)
            raise UnusableInput(f"{path}, line {line}: {key!r} is not read; each target begins with [[targets]]")
    entries = stated.get("targets", [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        line = _line_of_key(text, "targets", 0)
        raise UnusableInput(f"{path}, line {line}: targets is no list of tables; begin each target with [[targets]]")
    starts = _starts(text)
    return [_entry(one, n, path, text, starts[n - 1] if n <= len(starts) else 0) for n, one in enumerate(entries, 1)]


def _entry(stated: dict[str, Any], number: int, path: Path, text: str, start: int) -> Target:
    where = f"{path}, line {start + 1}: target {number}"
    for key in stated:
        if key not in _KEYS:
            raise UnusableInput(
                f"{path}, line {_line_of_key(text, key, start)}: target {number}: the key {key!r} is not read"
                f"{_nearest(key, _KEYS)}; a target has url and kinds"
            )
    url = stated.get("url")
    if url is None:
        raise UnusableInput(f'{where} has no url; add a line such as url = "mailto://user:password@example.org"')
    if not isinstance(url, str) or not _SCHEME.match(url.strip()):
        line = _line_of_key(text, "url", start)
        raise UnusableInput(f'{path}, line {line}: url of target {number} is no address; write it as "scheme://…"')
    return Target(f"target {number}", url.strip(), _kinds(stated, number, path, text, start))


def _kinds(stated: dict[str, Any], number: int, path: Path, text: str, start: int) -> tuple[NotificationKind, ...]:
    if "kinds" not in stated:
        return EVERY_KIND
    words, where = stated["kinds"], f"{path}, line {_line_of_key(text, 'kinds', start)}: kinds of target {number}"
    if not isinstance(words, list) or not words:
        raise UnusableInput(
            f"{where} is no list of words; choose from {', '.join(EVERY_KIND)}, or leave it out for all"
        )
    for word in words:
        if word not in EVERY_KIND:
            raise UnusableInput(
                f"{where}: {word!r} is no kind{_nearest(str(word), EVERY_KIND)}; choose from {', '.join(EVERY_KIND)}"
            )
    return tuple(kind for kind in EVERY_KIND if kind in words)


def _nearest(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {str(close[0])!r}?)" if close else ""


def _starts(text: str) -> list[int]:
    """The lines, counted from 0, at which the targets begin."""
    return [n for n, line in enumerate(text.splitlines()) if _TABLE.match(line)]


def _line_of_key(text: str, key: str, start: int) -> int:
    """The line, counted from 1, on which a key stands below the line `start` (counted from 0)."""
    named = re.compile(rf"""^\s*(\[+\s*)?["']?{re.escape(key)}["']?\s*(=|\]|\.)""")
    lines = text.splitlines()
    return next((n for n in range(start, len(lines)) if named.match(lines[n])), start) + 1
