"""The parts of pages and of the neutral brief as plain data: sections, tables, pictures, and what stands in a cell.

One macro of the templates (board.html.j2) renders every section of the site. Not here: what a section says.

A class as a small symbol and a word (a chip): told apart without colour, in grey print and by a screen reader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from pipeline.declare.codes import Controller
from reports.draw.symbology import CHIPS, WEAK, WITHHELD
from reports.text.catalogue import Both, catalogue, label_both, name_both, say
from reports.text.values import FEWER_THAN_TEN, Value
from reports.text.wording import NOT_REPORTED, visible


@dataclass(frozen=True)
class Places:
    """Townships as (P-code, name), each to be linked to its page, and how many more there are."""

    townships: tuple[tuple[str, Both], ...]
    more: int = 0


@dataclass(frozen=True)
class Place:
    """A township in both scripts with its P-code: the header of its row."""

    name: str
    name_my: str
    pcode: str


@dataclass(frozen=True)
class Lines:
    """Several lines in one cell, such as a title and its citation."""

    lines: tuple[Value, ...]


Words = str | Both  # text is looked up in the catalogue
Cell = Words | Value | Lines | Place | Places


class Column(NamedTuple):
    """Head of a column; numbers stand right. `wide` is its part of the width in a PDF."""

    words: Words
    is_number: bool = False
    wide: float = 1.0


@dataclass(frozen=True)
class Grid:
    """A table: its header as columns, or as (words, whether numbers); the first cell of a row is its header."""

    caption: Words
    header: tuple[Column | tuple[Words, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        odd = [row for row in self.rows if len(row) != len(self.header)]
        if odd:
            raise ValueError(
                f"{len(odd)} row(s) of the table {str(self.caption)!r} do not have {len(self.header)} cells"
            )

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(Column(*one) for one in self.header)


@dataclass(frozen=True)
class Panel:
    """One drawing. It holds digits and watermarks alone: words stand beside it, where each language is set properly."""

    svg: str
    title: Both | None = None


@dataclass(frozen=True)
class Key:
    """A line of a legend: a swatch and what it means."""

    svg: str
    words: Both


@dataclass(frozen=True)
class Picture:
    """Drawings under one caption, with words for those who do not see them; `wide` is their part of a page's width."""

    key: str
    panels: tuple[Panel, ...]
    keys: tuple[Key, ...]
    alt: Both
    caption: Both
    notes: tuple[Both, ...] = ()
    listed_as: Both | None = None  # what the townships of `listed` are, which the drawing shows without a name
    listed: tuple[Place, ...] = ()
    wide: float = 1.0


@dataclass(frozen=True)
class Board:
    """A section: sentences, tables, the files that hold the numbers, and pictures.

    `key` is its anchor where it stands for itself; `alone` begins a new page of a PDF, with nothing after it.
    """

    sentences: tuple[Both, ...] = ()
    grids: tuple[Grid, ...] = ()
    files: tuple[str, ...] = ()  # names of the tables that hold the numbers
    key: str = ""
    heading: Both | None = None
    pictures: tuple[Picture, ...] = ()
    alone: bool = False


def places(rows: Sequence[tuple[str, str, str | None]], shown: int) -> Cell:
    """The first `shown` townships of (P-code, name, Burmese name), and how many more; "none" where there is none."""
    named = tuple((code, name_both(name, burmese)) for code, name, burmese in rows[:shown])
    return Places(named, max(len(rows) - shown, 0)) if rows else "none"


@cache
def chip(code: str | None) -> Markup:
    """The look and the word of a coded value; None is not reported, a code of no known look is shown as it stands."""
    if code is None:
        return _drawn("missing", say(NOT_REPORTED))
    return _drawn(CHIPS.get(code, CHIPS[Controller.UNKNOWN]), label_both(visible(code)))


def class_chip(row: Mapping[str, Any], index: str) -> Markup:
    """What is shown of an index, as on the maps: its class, or why there is none."""
    return chip(row[f"{index}_shown"])


@cache
def weak() -> Markup:
    """Too little is known for a class, or for calling a township quiet."""
    return chip(WEAK)


@cache
def withheld() -> Markup:
    """One to nine people: neither zero nor unknown."""
    return _drawn(CHIPS[WITHHELD], say(FEWER_THAN_TEN))


def _drawn(look: str, words: Both) -> Markup:
    return Markup('<span class="chip chip-{}">{}</span>').format(look, words)


@lru_cache(maxsize=20_000)  # the same labels stand on each of 330 pages
def element(tag: str, words: Both | Markup | str, look: str = "", rest: str = "") -> Markup:
    """One element that holds words.

    `tag`, `look` and `rest` (a further attribute, written out) are our own; `words` are escaped.
    """
    look = f' class="{look}"' if look else ""
    start = f"{tag}{look} {rest}" if rest else f"{tag}{look}"
    return Markup(f"<{start}>{escape(words)}</{tag}>")  # noqa: S704 - see above


def figure(text: str) -> Both | Markup | str:
    """A figure in words as wording.py gives it, in both languages; what is missing or withheld gets its look."""
    if text == NOT_REPORTED:
        return chip(None)
    if text == FEWER_THAN_TEN:
        return withheld()
    return say(text) if text in catalogue() else text
