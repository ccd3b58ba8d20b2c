"""What the XML of a workbook's sheet tells beside its values: cells merged over rows, rows that are hidden.

Read by patterns, never by an XML parser: no entity is expanded. Not here: the values (excel).
"""

import html
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*\bref=["']\$?([A-Z]+)\$?([0-9]+):\$?[A-Z]+\$?([0-9]+)["']""")
_HIDDEN = re.compile(rb"""<(?:\w+:)?row\b(?=[^>]*\bhidden=["'](?:1|true)["'])[^>]*\br=["']([0-9]+)["']""")
_FILLED = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br=["']([A-Z]+)[0-9]+["'][^>]*(?<!/)>\s*<(?:\w+:)?(?:v|is|f)\b""")


@dataclass(frozen=True)
class SheetXml:
    """`merged`: (first row, last row, column) of cells merged over several rows, columns counted from the first one
    that holds a value, as the library does; `hidden`: numbers of hidden rows; `filtered`: whether a filter may have
    hidden them.
    """

    merged: tuple[tuple[int, int, int], ...] = ()
    hidden: frozenset[int] = frozenset()
    filtered: bool = False


def sheet_xml(path: Path, sheet: str) -> SheetXml:
    """The same of one sheet of a workbook that was judged before."""
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        content = archive.read(member) if member else b""
    ranges = [(first, last, column) for column, first, last in _MERGED.findall(content) if first != last]
    hidden = frozenset(int(row) for row in _HIDDEN.findall(content)) if b"hidden=" in content else frozenset()
    if not ranges and not hidden:
        return SheetXml()
    start = min(map(column_number, set(_FILLED.findall(content))), default=1) if ranges else 1
    merged = tuple((int(first), int(last), column_number(column) - start) for first, last, column in ranges)
    filtered = b"autoFilter" in content or b"tablePart" in content
    return SheetXml(tuple(one for one in merged if one[2] >= 0), hidden, filtered)


def column_number(letters: bytes) -> int:
    """A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The part of the archive that holds a sheet: the workbook names the relation, the relations name the part."""
    parts = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= parts:
        return None
    named = {
        html.unescape(stated.get("name", "")): next((v for k, v in stated.items() if k.endswith(":id")), "")
        for stated in map(_attributes, _SHEET.findall(_text(archive, "xl/workbook.xml")))
    }
    targets = {
        stated.get("Id", ""): stated.get("Target", "")
        for stated in map(_attributes, _RELATION.findall(_text(archive, "xl/_rels/workbook.xml.rels")))
    }
    target = targets.get(named.get(sheet, ""), "")
    member = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl", target))
    return member if member in parts else None


def _attributes(text: str) -> dict[str, str]:
    return {name: first or second for name, first, second in _ATTRIBUTE.findall(text)}


def _text(archive: zipfile.ZipFile, member: str) -> str:
    return archive.read(member).decode("utf-8-sig", "replace")
