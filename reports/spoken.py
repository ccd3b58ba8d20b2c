"""Figures in words in both languages, and the look of a cell that holds none.

The English is that of wording.py; missing and withheld are said, never left blank. Not here: sentences, HTML.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reports.bilingual import Both, label_both, same, say
from reports.wording import NOT_KNOWN, chance, change, number, percent, persons, rate, share

# The four looks that are no figure above zero; legend.html.j2 shows them in words, style.css draws them.
ZERO, NO_DATA, THIN, WITHHELD = "zero", "nodata", "thin", "withheld"
WORST = "worst"  # the strongest class of an index
# Classes of all indices from the strongest on, as columns of classes sort; insufficient_data is missing, not a rank.
CLASSES = ("high", "severe", "low", "lower", "no_new_idps", "not_in_conflict")


@dataclass(frozen=True)
class Cell:
    """A table's cell: words, its look, and what it sorts by where the words do not begin with the figure."""

    words: Both
    look: str = ""
    order: str = ""


# A figure and a word behind it: "1,230 stock", "▲ 3 → 7 rise".
_FIGURE_AND_WORD = re.compile(r"^(.*\d) (\D+)$")


def vocabulary(cells: Iterable[Cell]) -> dict[str, str]:
    """English -> Burmese of all words in the cells: a long table holds each once, and table.js puts them in."""
    found = {}
    for words in {cell.words for cell in cells if cell.words.en != cell.words.my}:
        parts = _FIGURE_AND_WORD.match(words.en)
        if parts and words.my.startswith(f"{parts[1]} "):
            found[parts[2]] = words.my.removeprefix(f"{parts[1]} ")
        else:
            found[words.en] = words.my
    return dict(sorted(found.items()))


def _known(wording: Callable[[float | None], str], value: float | None) -> Both:
    """A figure that reads the same in both languages, or the phrase that stands for none."""
    words = wording(value)
    return say(words) if value is None else same(words)


def number_both(value: float | None) -> Both:
    return _known(number, value)


def percent_both(value: float | None) -> Both:
    return say("under 0.1") if percent(value) == "under 0.1" else _known(percent, value)


def share_both(value: float | None) -> Both:
    words = share(value)
    return say(words) if words in {"under 1 %", "over 99 %"} else _known(share, value)


def chance_both(value: float | None) -> Both:
    words = chance(value)
    return say(words) if words in {NOT_KNOWN, "over 99 %", "under 1 %"} else same(words)


def rate_both(value: float | None) -> Both:
    return say("under 0.1") if rate(value) == "under 0.1" else _known(rate, value)


def persons_both(value: int | None, suppressed: bool | None = False) -> Both:
    words = persons(value, suppressed)
    return say(words) if words in {"not reported", "fewer than 10"} else same(words)


def moved_both(now: float | None, before: float | None) -> Both:
    """Arrow, signed number and word."""
    words = change(now, before)
    for word in ("no change", "up", "down"):
        if words.endswith(word):
            figure, said = words.removesuffix(word), say(word)
            return Both(f"{figure}{said.en}", f"{figure}{said.my}")
    return say(words)


def number_cell(value: float | None, wording: Callable[[float | None], Both] = number_both) -> Cell:
    """A count or rate; zero and not reported look different."""
    if value is None:
        return Cell(wording(None), NO_DATA)
    words = wording(value)
    return Cell(words, "" if value else ZERO, "" if words.en[:1].isdigit() else f"{value:.4g}")


def chance_cell(value: float | None) -> Cell:
    words = chance_both(value)
    if value is None:
        return Cell(words, NO_DATA)
    return Cell(words, "", "" if words.en[:1].isdigit() else f"{100 * value:.4g}")


def persons_cell(value: int | None, suppressed: bool | None, basis: Both | None = None) -> Cell:
    """Displaced people, withheld from one to nine; the kind of figure behind the number."""
    words = persons_both(value, suppressed)
    if suppressed or (value is not None and 0 < value < 10):
        return Cell(words, WITHHELD, "5")
    if value is None:
        return Cell(words, NO_DATA)
    if basis is not None:
        words = Both(f"{words.en} {basis.en}", f"{words.my} {basis.my}")
    return Cell(words, "" if value else ZERO)


def class_cell(code: str | None, *, thin: bool = False) -> Cell:
    """A class in words. `thin`: there are records, but too few for a class; without any there are no data.

    "Not in conflict" on evidence of grade D is thin too, and says so as the maps do: unknown is not quiet.
    """
    if thin:
        return Cell(say("insufficient evidence"), THIN)
    if code not in CLASSES:
        return Cell(say("no data"), NO_DATA)
    look = WORST if code in CLASSES[:2] else ZERO if code == "not_in_conflict" else ""
    return Cell(label_both(code), look)
