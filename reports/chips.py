"""A class as a small look and a word: told apart without colour, in grey print and by a screen reader.

Four looks are never mixed up: none reported, no data (hatched), not enough evidence (grey), withheld (dotted); which of
them a township has says looks.py. The looks themselves stand in style.css.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from reports.bilingual import Both, catalogue, label_both, say
from reports.looks import WEAK, looks
from reports.wording import NOT_REPORTED, visible

if TYPE_CHECKING:
    from markupsafe import Markup

WITHHELD = "fewer than 10"
_LOOKS = frozenset({
    "high", "low", "severe", "lower", "no_new_idps", "not_in_conflict", "insufficient_data", "lost", "contested",
    "held", "unknown", "state", "resistance", "other", "hot", "cold", "none",
})  # fmt: skip


@cache
def chip(code: str | None) -> Markup:
    """The look and the word of a coded value; None is not reported, a code of no known look is shown as it stands."""
    if code is None:
        return _drawn("missing", say(NOT_REPORTED))
    return _drawn(code if code in _LOOKS else "unknown", label_both(visible(code)))


def class_chip(row: Mapping[str, Any], index: str) -> Markup:
    """The class of an index; where that rests on too little, insufficient evidence as on the maps."""
    if looks(row)[f"{index}_look"] == WEAK:
        return weak()
    return chip(row[f"{index}_class"])


@cache
def weak() -> Markup:
    """Too little is known for a class, or for calling a township quiet."""
    return _drawn("weak", label_both(WEAK))


@cache
def withheld() -> Markup:
    """One to nine people: neither zero nor unknown."""
    return _drawn("suppressed", say(WITHHELD))


def _drawn(look: str, words: Both) -> Markup:
    """In one element, since a page holds many: language.js exchanges the word."""
    from markupsafe import Markup

    return Markup('<span class="chip chip-{}" data-my="{}">{}</span>').format(look, words.my, words.en)


@lru_cache(maxsize=20_000)  # the same labels stand on each of 330 pages
def element(tag: str, words: Both | Markup | str, look: str = "", rest: str = "") -> Markup:
    """One element that holds words in both languages without an element for each: half the size of a page of labels.

    `tag`, `look` and `rest` (a further attribute, written out) are our own; `words` are escaped.
    """
    from markupsafe import Markup, escape

    look = f' class="{look}"' if look else ""
    start = f"{tag}{look} {rest}" if rest else f"{tag}{look}"
    if isinstance(words, Both):
        return Markup(f'<{start} data-my="{escape(words.my)}">{escape(words.en)}</{tag}>')  # noqa: S704 - see above
    return Markup(f"<{start}>{escape(words)}</{tag}>")  # noqa: S704 - see above


def figure(text: str) -> Both | Markup | str:
    """A figure in words as wording.py gives it, in both languages; what is missing or withheld gets its look."""
    if text == NOT_REPORTED:
        return chip(None)
    if text == WITHHELD:
        return withheld()
    return say(text) if text in catalogue() else text
