"""A brief as plain data: what page and PDF are both made from. Every word in it is a phrase of the vocabulary."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reports.neutral_brief.words import words
from reports.text.catalogue import Both


@dataclass(frozen=True)
class Cell:
    """Words in a table. `look` is "", "zero", "none" (no data), "small" (withheld) or "code"."""

    words: Both
    look: str = ""


@dataclass(frozen=True)
class Cells:
    """Several lines in one cell, such as a title and its citation."""

    lines: tuple[Cell, ...]


@dataclass(frozen=True)
class Place:
    """A township in both scripts with its P-code: the header of its row."""

    name: str
    name_my: str
    pcode: str


@dataclass(frozen=True)
class Column:
    """Head of a column; `wide` is its part of the width in the PDF, `is_number` sets it to the right."""

    words: Both
    wide: float = 1.0
    is_number: bool = False


@dataclass(frozen=True)
class Grid:
    """A table; the first cell of a row is its header."""

    caption: Both
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | Cells | Place, ...], ...]

    def __post_init__(self) -> None:
        odd = [row for row in self.rows if len(row) != len(self.columns)]
        if odd:
            raise ValueError(f"{len(odd)} row(s) of {self.caption.en!r} do not have {len(self.columns)} cells")


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
class Section:
    """`alone` begins a new page of the PDF, with nothing after it."""

    key: str
    heading: Both
    sentences: tuple[Both, ...] = ()
    pictures: tuple[Picture, ...] = ()
    grids: tuple[Grid, ...] = ()
    alone: bool = False


@dataclass(frozen=True)
class Figure:
    """A number of the brief as data.csv has it; `state` says why `value` is blank."""

    section: str
    adm3_pcode: str
    item: str
    period_start: date | None
    period_end: date | None
    value: float | None
    unit: str
    state: str = ""


@dataclass(frozen=True)
class Part:
    """A section and its numbers."""

    section: Section
    figures: tuple[Figure, ...] = field(default=())


def count(value: Any) -> Cell:
    """A number to the right; zero is written, and what is not known is said."""
    if value is None:
        return Cell(words("not_known"), "none")
    return Cell(words("value", number=value), "zero" if value == 0 else "")


def on_day(value: date | None) -> Cell:
    return Cell(words("not_reported"), "none") if value is None else Cell(words("value_date", date=value))
