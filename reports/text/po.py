"""A PO file as the reports read it: entries of context, English and Burmese.

Read here in about 40 lines: the standard library reads compiled catalogues alone, which would be a file to make and
to keep beside this one, and importing Babel costs more time than all the pages' phrases. What writes and updates the
file is Babel (scripts/translations.py), and a test holds that both read the same. An entry that is marked fuzzy is
none: its English has changed since it was translated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_LINE = re.compile(r'(msgctxt|msgid|msgstr)? *("(?:[^"\\]|\\.)*")')


@dataclass
class Entry:
    """One phrase. `context` tells entries of the same English apart; "" is that of the pages."""

    line: int
    parts: dict[str, str] = field(default_factory=dict)
    fuzzy: bool = False

    @property
    def context(self) -> str:
        return self.parts.get("msgctxt", "")

    @property
    def english(self) -> str:
        return self.parts.get("msgid", "")

    @property
    def burmese(self) -> str:
        """The translation; "" where there is none, or none of this English."""
        return "" if self.fuzzy else self.parts.get("msgstr", "")


def entries(path: Path) -> Iterator[Entry]:
    """The entries in the order of the file, without its header.

    Raises ValueError, naming file and line, for a line that is no PO and for a phrase that stands twice.
    """
    seen: set[tuple[str, str]] = set()
    for entry in _blocks(path):
        if not entry.english:
            continue  # the header
        key = entry.context, entry.english
        if key in seen:
            raise ValueError(f"{path.name}, line {entry.line}: {entry.english!r} stands twice; keep one entry")
        seen.add(key)
        yield entry


def _blocks(path: Path) -> Iterator[Entry]:
    entry, name = Entry(1), ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#") or not line.strip():
            if "msgstr" in entry.parts:
                yield entry
                entry, name = Entry(number), ""
            entry.fuzzy |= line.startswith("#,") and "fuzzy" in line
            continue
        found = _LINE.fullmatch(line.strip())
        name = found[1] or name if found else ""
        if not found or not name or (found[1] and found[1] in entry.parts):
            raise ValueError(
                f"{path.name}, line {number}: {line[:60]!r} is no line of a PO file (msgid and msgstr in double "
                "quotes, an empty line between entries); correct it there"
            )
        entry.parts[name] = entry.parts.get(name, "") + json.loads(found[2])
    if "msgstr" in entry.parts:
        yield entry
