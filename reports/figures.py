"""Figures in both languages: numbers, shares, people and changes as a reader of either page sees them.

Not here: the words of one language (wording.py), the catalogue (bilingual.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.bilingual import Both, catalogue, label_both, same, say
from reports.spoken import number_both
from reports.wording import known, number


def told(text: str | Both) -> str | Both:
    """Words of a section in both languages where the catalogue has them; what it has not stays as it is."""
    if isinstance(text, Both):
        return text
    known = catalogue().get(text)
    return text if known is None else Both(text, known)


def count_both(row: Mapping[str, Any], column: str) -> Both:
    """A count of a summary; "insufficient data" where no township in conflict has the records for a class."""
    if row[column] is not None and known(row, column) is None:
        return label_both("insufficient_data")
    return number_both(row[column])


def change_both(now: float | None, before: float | None, points: bool = False) -> Both:
    """Arrow, signed number and word in both languages; a missing side is no comparison, never no change."""
    if now is None or before is None:
        return say("no comparison")
    moved = round(now - before, 6)
    if moved == 0:
        return say("■ 0 no change")
    unit = say("percentage points") if points else same("")
    words = "▲ +{number} {unit} up" if moved > 0 else "▼ \u2212{number} {unit} down"
    said = say(words, number=number(abs(moved)), unit=unit)
    return Both(" ".join(said.en.split()), " ".join(said.my.split()))
