"""A section of a page as plain data: sentences, tables, and the files that hold the numbers.

One macro of the templates (board.html.j2) renders every board. Not here: what a section says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.text.catalogue import Both


@dataclass(frozen=True)
class Places:
    """Townships as (P-code, name), each to be linked to its page, and how many more there are."""

    townships: tuple[tuple[str, str], ...]
    more: int = 0


Words = str | Both  # one language only where the words are computed and long
Cell = Words | Places


@dataclass(frozen=True)
class Grid:
    """A table: header as (words, whether a column of numbers); the first cell of a row is its header."""

    caption: Words
    header: tuple[tuple[Words, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        odd = [row for row in self.rows if len(row) != len(self.header)]
        if odd:
            raise ValueError(
                f"{len(odd)} row(s) of the table {str(self.caption)!r} do not have {len(self.header)} cells"
            )


@dataclass(frozen=True)
class Board:
    sentences: tuple[Words, ...]
    grids: tuple[Grid, ...] = ()
    files: tuple[str, ...] = ()  # names of the tables that hold the numbers


def places(rows: Sequence[tuple[str, str]], shown: int) -> Cell:
    """The first `shown` townships of (P-code, name), and how many more; "none" where there is none."""
    return Places(tuple(rows[:shown]), max(len(rows) - shown, 0)) if rows else "none"
