"""Labels in English and Burmese: the catalogue, and one value that holds both so that a reader can switch.

The catalogue is data/reference/labels/*.csv (english, burmese), one file a part of the site; a phrase may hold
{values}. Figures keep western digits in both languages. Not here: what a page says, escaping of a page's data.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from pipeline.declare.settings import REFERENCE
from reports.text.wording import LABELS, NOT_REPORTED, day, month_name

if TYPE_CHECKING:
    from markupsafe import Markup

FOLDER = REFERENCE / "labels"


@dataclass(frozen=True)
class Both:
    """The same words in both languages; a template prints both and the page shows one of them."""

    en: str
    my: str

    def __html__(self) -> Markup:
        from markupsafe import Markup

        # Markup and no text: what formats these words into other markup would escape their tags.
        return Markup('<span class="en" lang="en">{}</span><span class="my" lang="my">{}</span>').format(
            self.en, self.my
        )

    def __str__(self) -> str:
        return self.en

    def spoken(self, language: str) -> str:
        """The words in "en" or "my"."""
        return self.my if language == "my" else self.en


Word = str | int | Both | None


@cache
def catalogue() -> Mapping[str, str]:
    """English -> Burmese of every part. Raises ValueError where a phrase stands twice with another translation."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                english, burmese = row["english"], row["burmese"]
                if found.setdefault(english, burmese) != burmese:
                    raise ValueError(f"{path.name}: {english!r} stands twice with another Burmese text; keep one")
    return MappingProxyType(found)


def say(english: str, **values: Word) -> Both:
    """A phrase of the catalogue with its {values} filled in.

    A value of both languages goes in by language; a missing one is said. Raises KeyError for a phrase that the
    catalogue does not hold: a label must never be left without its Burmese in silence.
    """
    if english not in catalogue():
        raise KeyError(f"{english!r} is in no file of data/reference/labels; add it with its Burmese")
    burmese = catalogue()[english]
    if not values:
        return Both(english, burmese)
    spoken = {language: {name: _word(value, language) for name, value in values.items()} for language in ("en", "my")}
    return Both(english.format(**spoken["en"]), burmese.format(**spoken["my"]))


def _word(value: Word, language: str) -> str:
    if value is None:
        return say("not reported").spoken(language)
    return value.spoken(language) if isinstance(value, Both) else str(value)


def label_both(code: str | None) -> Both:
    """A coded value (a class, a state of control) in both languages; an unknown code stands as it is."""
    if code is None:
        return say(NOT_REPORTED)
    return say(LABELS[code]) if code in LABELS else Both(code, code)


_MONTHS = (
    "ဇန်နဝါရီ", "ဖေဖော်ဝါရီ", "မတ်", "ဧပြီ", "မေ", "ဇွန်", "ဇူလိုင်", "ဩဂုတ်", "စက်တင်ဘာ", "အောက်တိုဘာ", "နိုဝင်ဘာ", "ဒီဇင်ဘာ",
)  # fmt: skip


def day_both(value: date | None) -> Both:
    if value is None:
        return say(NOT_REPORTED)
    return Both(day(value), f"{value.year} ခုနှစ် {_MONTHS[value.month - 1]}လ {value.day} ရက်")


def month_both(value: date | None) -> Both:
    if value is None:
        return say(NOT_REPORTED)
    return Both(month_name(value), f"{value.year} ခုနှစ် {_MONTHS[value.month - 1]}လ")


def month_short_both(value: date) -> Both:
    """A month as a chart's axis names it."""
    return Both(f"{value:%b %Y}", f"{value.year} {_MONTHS[value.month - 1]}")


def same(text: str) -> Both:
    """A figure, a code or a name that is the same in both languages."""
    return Both(text, text)
