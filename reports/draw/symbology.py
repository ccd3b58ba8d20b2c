"""How a township is shown on a map: its class, or one of the four looks that are no class.

Zero (not in conflict), no data (no record in force), insufficient evidence (records, but too few for a class; or no
clash known and the evidence of grade D) and a withheld figure are four different things and get four different looks,
on every map, table and page, in the brief too.

A class as a small look and a word: told apart without colour, in grey print and by a screen reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from pipeline.declare.codes import Controller, HumanitarianClass, SecurityClass, ServicesClass
from reports.text.catalogue import Both, catalogue, label_both, say
from reports.text.wording import NOT_REPORTED, UNSETTLED_FROM, UNSETTLED_TO, visible

if TYPE_CHECKING:
    from markupsafe import Markup

WEAK, WITHHELD = "weak_evidence", "withheld"
WEAKEST_GRADE = "D"
# Frozen classes of the probability that security is high; the outer breaks are those of "unsettled" everywhere.
CHANCE_MIDDLE = 0.5
CHANCES = ("chance_over_95", "chance_50_95", "chance_5_50", "chance_under_5")


def looks(row: Mapping[str, Any]) -> dict[str, str]:
    """The look of one township in one month by the column of each map, from its row of township_index.

    A township without a row, or without a class, is insufficient data: never "not in conflict".
    """
    weak = _is_weak(row)
    return {
        "security_look": WEAK if weak else row.get("security_class") or SecurityClass.INSUFFICIENT_DATA,
        "humanitarian_look": WEAK if weak else _humanitarian(row),
        "services_look": WEAK if weak else _services(row),
        "control_look": row.get("control_class") or Controller.UNKNOWN,
        "chance_look": WEAK if weak else _chance(row),
    }


def look_words(look: str) -> Both:
    """The look in words; nothing known and too little known are two things."""
    return say("no data") if look == SecurityClass.INSUFFICIENT_DATA else label_both(look)


def shown_looks(fills: Sequence[tuple[str, str]], counts: Mapping[str, int]) -> list[str]:
    """The entries of a legend: every class; weak evidence and withheld only where there are any."""
    return [look for look, _ in fills if counts.get(look) or look not in {WEAK, WITHHELD}]


def _is_weak(row: Mapping[str, Any]) -> bool:
    """No clash is known there, and of so weak an evidence (grade D) that this is no finding of quiet.

    A class that rests on clashes stays whatever the grade: the clashes are known, and they are floors.
    """
    return row.get("security_class") == SecurityClass.NOT_IN_CONFLICT and row.get("evidence_grade") == WEAKEST_GRADE


def _humanitarian(row: Mapping[str, Any]) -> str:
    """The class; where the figure behind it is withheld (1 to 9 people), that is what is shown."""
    found: str = row.get("humanitarian_class") or HumanitarianClass.INSUFFICIENT_DATA
    counted = {HumanitarianClass.HIGH, HumanitarianClass.LOW, HumanitarianClass.NO_NEW_IDPS}
    return WITHHELD if row.get("idps_suppressed") and found in counted else found


def _services(row: Mapping[str, Any]) -> str:
    """The class; answers on some items that are too few for one are evidence, but not enough of it."""
    found: str = row.get("services_class") or ServicesClass.INSUFFICIENT_DATA
    return WEAK if found == ServicesClass.INSUFFICIENT_DATA and row.get("services_known_count") else found


def _chance(row: Mapping[str, Any]) -> str:
    value = row.get("security_high_probability")
    if value is None:
        return SecurityClass.INSUFFICIENT_DATA
    over, upper, lower, under = CHANCES
    if value > UNSETTLED_TO:
        return over
    if value < UNSETTLED_FROM:
        return under
    return upper if value >= CHANCE_MIDDLE else lower


FEWER_THAN_TEN = "fewer than 10"
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
    return _drawn("suppressed", say(FEWER_THAN_TEN))


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
    if text == FEWER_THAN_TEN:
        return withheld()
    return say(text) if text in catalogue() else text
