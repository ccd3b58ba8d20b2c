"""Keeps data/reference/labels/my.po in step with the English sentences of the reports (`make translations`).

A sentence is in use where it is said (`say("…")` in Python, `t("…")` in a template), where it stands as a whole in a
table of words, or where it names a value of data/reference. A new one gets an entry without Burmese; one that changed
keeps its Burmese, marked fuzzy, with the English before as `#| msgid`; one that is used no longer is taken out. Pages
are not rendered with an entry that is empty or fuzzy: translate it, then take the fuzzy mark away. With --check
nothing is written, and what is wrong is said.
"""

from __future__ import annotations

import argparse
import ast
import csv
import re
import sys
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes
from jinja2.ext import extract_from_ast

from pipeline.declare.settings import REFERENCE, REPOSITORY
from reports.site.evidence import figure_words
from reports.text.catalogue import PATH

# Names of tables' values become words of the reports, so declarations are read beside the reports themselves.
_FOLDERS = ("reports", "pipeline/declare")
_ALIKE = 0.6  # part of the letters that a sentence keeps where it is still the same sentence in other words
# Lines of the header that say when, by whom and with what, which no reader of the file needs.
_NOT_OURS = tuple(f'"{key}' for key in ("POT-", "PO-Rev", "Generated-", "Last-T", "Language-T", "Project-", "Report-"))
_NAMED = re.compile(r"\{(\w+)\}")
_HEADER = (
    "# Burmese of the reports: msgid is the English sentence, msgstr its Burmese. `make translations` updates it.\n#"
)


def sources() -> list[Path]:
    return sorted(
        path for folder in _FOLDERS for path in (REPOSITORY / folder).rglob("*") if path.suffix in {".py", ".j2"}
    )


def said(path: Path) -> set[str]:
    """The sentences that a file says where it stands: of a template as Babel extracts them, of Python from its syntax.

    Babel reads Python by its tokens, and up to Python 3.11 a call within an f-string is none.
    """
    if path.suffix == ".j2":
        found = extract_from_ast(_template(path.read_text(encoding="utf-8")), ("t",))
        return {words for _, _, words in found if isinstance(words, str) and words}
    return {one.value for one in _arguments(path) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def _arguments(path: Path) -> list[ast.expr]:
    """What stands first in each say(…) of a file."""
    return [
        one.args[0]
        for one in _nodes(path.read_text(encoding="utf-8"))
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "say" and one.args
    ]


@cache
def _nodes(text: str) -> tuple[ast.Call | ast.Constant, ...]:
    """The calls and constants of a Python text."""
    return tuple(one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Call | ast.Constant))


@cache
def _template(text: str) -> nodes.Template:
    return Environment(autoescape=True).parse(text)


def constants(path: Path) -> tuple[set[str], list[re.Pattern[str]]]:
    """Every text that stands as a whole in a file, and patterns of those that are put together when they are said."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".j2":
        return {one.value for one in _template(text).find_all(nodes.Const) if isinstance(one.value, str)}, []
    whole = {one.value for one in _nodes(text) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return whole, [_pattern(one) for one in _arguments(path) if isinstance(one, ast.JoinedStr)]


def _pattern(joined: ast.JoinedStr) -> re.Pattern[str]:
    parts = (re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in joined.values)
    return re.compile("".join(parts))


def named() -> dict[str, set[str]]:
    """Sentences that stand in reference files: states and regions, names and units of published figures,
    districts and self-administered units."""
    found: dict[str, set[str]] = {}
    columns_of = {
        "state_regions.csv": ("state_region",), "published_figures.csv": ("figure", "unit"),
        "townships.csv": ("adm2_name", "self_administered_unit"),  # those that are called after no township
    }  # fmt: skip
    for name, columns in columns_of.items():
        with (REFERENCE / name).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                for column in columns:
                    words = figure_words(row[column]) if column == "figure" else row[column]
                    found.setdefault(words, set()).add(f"data/reference/{name}")
    return found


def uses(known: set[str]) -> dict[str, set[str]]:
    """Sentence -> files that use it: of all that are said, and of the `known` ones that stand somewhere."""
    found = {words: files for words, files in named().items() if words in known}
    for path in sources():
        name = path.relative_to(REPOSITORY).as_posix()
        whole, patterns = constants(path)
        loose = {words for words in known if any(pattern.fullmatch(words) for pattern in patterns)}
        for words in said(path) | (whole & known) | loose:
            found.setdefault(words, set()).add(name)
    return found


def updated(catalogue: Catalog) -> Catalog:
    """The catalogue with the sentences in use, each with the files that use it."""
    before = {str(one.id): one for one in _own(catalogue)}
    found = uses(set(before))
    lost = {words: before[words] for words in before.keys() - found.keys()}
    fresh = {words: files for words, files in found.items() if words not in before}
    for words, message in lost.items():
        for place in {place for place, _ in message.locations}:
            near = _nearest(words, _unknown(REPOSITORY / place, found), _ALIKE)
            if near:
                fresh.setdefault(near, set()).add(place)
    new = Catalog(locale="my", header_comment=_HEADER, creation_date=catalogue.creation_date, fuzzy=False)
    for message in catalogue:
        if message.id and message.context:
            new.add(message.id, message.string, context=message.context, flags=message.flags)
    for words, files in sorted(found.items()):
        if words in before:
            _add(new, words, files, before[words])
    for words, files in sorted(fresh.items()):
        old = _nearest(words, set(lost), _ALIKE)
        _add(new, words, files, lost[old] if old else None, previous=old)
    return new


def _own(catalogue: Catalog) -> Iterator[Message]:
    return (one for one in catalogue if one.id and not one.context)


def _add(new: Catalog, words: str, files: set[str], old: Message | None, previous: str = "") -> None:
    flags = (set(old.flags) if old else set()) | ({"fuzzy"} if previous else set())
    new.add(
        words, old.string if old else "", locations=[(name, 0) for name in sorted(files)], flags=flags,
        previous_id=(previous,) if previous else (old.previous_id if old and "fuzzy" in flags else ()),
    )  # fmt: skip


def _unknown(path: Path, found: Mapping[str, set[str]]) -> set[str]:
    """Sentences of a file that no entry holds: where one of a table of words has changed, it is among these."""
    whole = constants(path)[0] if path.suffix in {".py", ".j2"} and path.is_file() else set()
    return {words for words in whole if " " in words.strip() and words not in found}


def _nearest(words: str, among: set[str], least: float) -> str:
    """The most similar of these sentences, "" where none is similar enough."""
    rated = sorted(
        ((SequenceMatcher(None, words, other, autojunk=False).ratio(), other) for other in among), reverse=True
    )
    return rated[0][1] if rated and rated[0][0] >= least else ""


def faults(catalogue: Catalog) -> list[str]:
    """What keeps an entry from being shown: no Burmese, a fuzzy mark, other {values} than in English."""
    found = []
    for one in catalogue:
        english, burmese = str(one.id), str(one.string)
        if not english:
            continue
        if not burmese.strip():
            found.append(f"{english!r} has no Burmese")
        elif one.fuzzy:
            found.append(f"{english!r} is fuzzy: its English changed; correct the Burmese and take the mark away")
        elif sorted(_NAMED.findall(english)) != sorted(_NAMED.findall(burmese)):
            found.append(f"{english!r} has other {{values}} in Burmese")
    return found


def text(catalogue: Catalog) -> bytes:
    """The file's bytes: by first file of use, no line numbers, no days, so that a change is seen alone."""
    from io import BytesIO

    out = BytesIO()
    write_po(
        out, catalogue, width=0, include_lineno=False, sort_by_file=True, ignore_obsolete=True, include_previous=True
    )
    lines = out.getvalue().decode().split("\n")
    dropped = (
        '"POT-Creation-Date',
        '"PO-Revision-Date',
        '"Generated-By',
        '"Last-Translator',
        '"Project-Id',
        '"Report-Msgid',
    )
    return "\n".join(line for line in lines if not line.startswith(dropped)).encode()


def read() -> Catalog:
    with PATH.open("rb") as stream:
        return read_po(stream, locale="my")


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.translations", description="update data/reference/labels/my.po"
    )
    parser.add_argument("--check", action="store_true", help="write nothing, say what is wrong")
    check = parser.parse_args(given).check
    new = updated(read())
    wrong = faults(new)
    if text(new) != PATH.read_bytes():
        if check:
            wrong.insert(0, f"{PATH.name} does not hold the sentences in use; run `make translations`")
        else:
            PATH.write_bytes(text(new))
    print("\n".join([*wrong, f"{len(list(_own(new)))} phrases, {len(wrong)} to be looked at"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
