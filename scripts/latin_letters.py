"""How much English is left on the Burmese pages of a release: `python -m scripts.latin_letters RELEASE [--show PAGE]`.

Letters that a reader sees are counted, those of folds too; scripts, titles of drawings and what is hidden are not.
What stays Latin in any language is taken out first: names of places, sources and methods, P-codes, names of files,
tables and columns, abbreviations, grades and units. --show lists the words that are left on one page.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from pipeline.declare.methods import METHODS
from pipeline.declare.settings import REFERENCE
from pipeline.sources import SOURCES

_UNSEEN = frozenset({"head", "script", "style", "noscript", "title", "desc", "template", "code", "pre"})
_BURMESE = re.compile(r"[\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f]")
_LATIN = re.compile(r"[A-Za-z]")
_KINDS = "csv|xlsx|json|jsonld|geojson|gpkg|parquet|pdf|svg|png|html|duckdb|xml|toml|md|cff|zip|bib|ris|qml|txt|xls|shp"
# Addresses, files, P-codes, columns, identifiers, abbreviations, grades and units.
_CODES = re.compile(
    rf"https?://\S+|[\w.*/-]+\.(?:{_KINDS})\b|\b\w*\d\w*(?:[._:-]\w+)*|\b\w*_\w+\b|\b[A-Z][A-Za-z]*[A-Z]\w*\b"
    r"|\b[A-D]\b|\b(?:km²?|kB|p)\b"
)
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")


class _Seen(HTMLParser):
    """The text that a reader sees. Of our own pages: what is left out has an end tag, as td and li have not."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._unseen, self._depth = "", 0  # the element that is left out, and how many of its name are open in it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._unseen:
            self._depth += tag == self._unseen
            return
        given = dict(attrs)
        if tag in _UNSEEN or given.get("translate") == "no" or (given.get("aria-hidden") == "true" and tag == "svg"):
            self._unseen, self._depth = tag, 1
        else:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._unseen == tag:
            self._depth -= 1
            if not self._depth:
                self._unseen = ""
        self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)


def names(release: Path | None = None) -> re.Pattern[str]:
    """Names of places, of methods and of sources: those that can be read and those of the release; longest first."""
    with (REFERENCE / "townships.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = ("adm3_name", "adm2_name", "adm1_name", "state_region", "self_administered_unit")
    found = {row[column] for row in rows for column in columns} | set(METHODS) | {"English", "Myanmar"}
    found |= {words for one in SOURCES for words in (one.title, one.provider, one.licence)}
    if release is not None:
        package = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
        found |= {words for one in (*package["sources"], *package["licenses"]) for words in one.values()}
    ordered = sorted((name for name in found if name), key=lambda name: (-len(name), name))
    return re.compile(r"(?<![A-Za-z])(?:" + "|".join(map(re.escape, ordered)) + r")(?![A-Za-z])")


@dataclass(frozen=True)
class Letters:
    """Letters of one page that are no name, code or unit, and the English words among them."""

    latin: int
    burmese: int
    words: Counter[str]

    @property
    def share(self) -> float:
        """Latin letters of all letters, 0 to 1."""
        return self.latin / max(self.latin + self.burmese, 1)


def letters(page: str, named: re.Pattern[str]) -> Letters:
    """What is left of a page of ours, given as HTML, without the names."""
    seen = _Seen()
    seen.feed(page)
    text = re.sub(r"\s+", " ", "".join(seen.pieces))
    left = _CODES.sub(" ", named.sub(" ", text))
    return Letters(len(_LATIN.findall(left)), len(_BURMESE.findall(left)), Counter(_WORD.findall(left)))


def kinds(report: Path) -> dict[str, Path]:
    """Kind of page -> a page of it in Burmese: every page of the report, and the heaviest of those that are alike."""
    burmese = report / "my"
    found = {path.stem: path for path in sorted(burmese.glob("*.html"))}
    for folder in sorted(path for path in burmese.iterdir() if path.is_dir()):
        pages = sorted(folder.glob("*.html"))
        if pages:
            found[f"{folder.name}/"] = max(pages, key=lambda path: (path.stat().st_size, path.name))
    return found


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.latin_letters", description=__doc__)
    parser.add_argument("release", type=Path, help="folder of a release, such as HOME/published/latest")
    parser.add_argument("--show", metavar="PAGE", help="a kind of page: list what is left on it")
    asked = parser.parse_args(given)
    release = asked.release.resolve()
    named = names(release)
    for kind, path in kinds(release / "report").items():
        found = letters(path.read_text(encoding="utf-8"), named)
        if asked.show is None:
            print(f"{kind:<16}{100 * found.share:6.1f} %  {found.latin:>7,} Latin letters of "
                  f"{found.latin + found.burmese:>8,}")  # fmt: skip
        elif asked.show == kind:
            print(", ".join(f"{word} {count}" for word, count in found.words.most_common(400)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
