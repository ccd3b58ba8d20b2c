"""Labels in English and Burmese: the catalogue, and one value that holds both.

The catalogue is data/reference/labels/my.po: the English sentence as msgid, its Burmese as msgstr; a phrase may hold
{values}. Pages are rendered once and hold both languages as pairs, of which `in_language` keeps one: a second
rendering would take twice the time. Figures keep western digits in both languages. Not here: what a page says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.declare.settings import REFERENCE
from reports.text.po import Entry, entries
from reports.text.wording import LABELS, NOT_REPORTED, day, month_name, visible

if TYPE_CHECKING:
    from markupsafe import Markup

PATH = REFERENCE / "labels" / "my.po"
LANGUAGES = ("en", "my")
# Control characters that no page may hold: start of a pair, between its languages, its end.
_START, _BETWEEN, _END = "\x02", "\x03", "\x04"
_SIGNS = re.compile(f"[{_START}{_BETWEEN}{_END}]")
# Of a pair what the other language says, and the sign that is left then.
_OTHERS = {
    "en": (re.compile(f"{_BETWEEN}[^{_END}]*{_END}"), _START),
    "my": (re.compile(f"{_START}[^{_BETWEEN}]*{_BETWEEN}"), _END),
}


class Both(NamedTuple):
    """The same words in both languages. In a page that is being made it stands as a pair, in text or attribute.

    JSON would take it for a list: `in_words` comes first.
    """

    en: str
    my: str

    def __html__(self) -> Markup:
        return _pair(self.en, self.my)

    def __str__(self) -> str:
        return self.en

    def spoken(self, language: str) -> str:
        """The words in "en" or "my"."""
        return self.my if language == "my" else self.en


@lru_cache(maxsize=20_000)  # the same words stand on each of 330 pages
def _pair(english: str, burmese: str) -> Markup:
    from markupsafe import Markup, escape

    english, burmese = _plain(escape(english)), _plain(escape(burmese))
    if english == burmese:
        return Markup(english)  # noqa: S704 - escaped above
    return Markup(f"{_START}{english}{_BETWEEN}{burmese}{_END}")  # noqa: S704 - escaped above


def in_each(english: Markup, burmese: Markup) -> Markup:
    """Elements of which a page keeps those of its language; neither may hold a pair itself."""
    from markupsafe import Markup

    return Markup(f"{_START}{_plain(english)}{_BETWEEN}{_plain(burmese)}{_END}")  # noqa: S704 - both are escaped


def only_burmese(words: Both, tag: str = "p", look: str = "note") -> Markup:
    """An element that stands on the Burmese page alone, such as what its reader must know of its language."""
    from markupsafe import Markup

    return in_each(Markup(), Markup('<{0} class="{1}">{2}</{0}>').format(tag, look, words.my))


def name_both(english: str, burmese: str | None) -> Both:
    """A name of a place in the script of the page; the Latin one where no Burmese is known."""
    return Both(visible(english), visible(burmese or english))


def other_script(english: str, burmese: str | None) -> Both:
    """A name in the script that is not the page's."""
    return Both(visible(burmese) if burmese else say(NOT_REPORTED).en, visible(english))


@lru_cache(maxsize=20_000)
def both_scripts(english: str, burmese: str | None) -> Markup:
    """A name in the script of the page with the other one behind it, as a heading and a list show it."""
    from markupsafe import Markup, escape

    if not burmese:
        return escape(visible(english))
    pair = Markup('{} <span lang="{}">{}</span>')
    latin, own = visible(english), visible(burmese)
    return in_each(pair.format(latin, "my", own), pair.format(own, "en", latin))


def _plain(text: str) -> str:
    """The text without the signs of a pair, which only a damaged or hostile record can bring."""
    return text if text.isprintable() else _SIGNS.sub("", text)


def in_language(page: str, language: str) -> str:
    """The page with one language of every pair: "en" or "my"."""
    others, sign = _OTHERS[language]
    return others.sub("", page).replace(sign, "")


def in_words(value: Any, language: str) -> Any:
    """The same data with every value of both languages in one of them, "en" or "my"."""
    if isinstance(value, Both):
        return value.spoken(language)
    if isinstance(value, Mapping):
        return {key: in_words(one, language) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [in_words(one, language) for one in value]
    return value


Word = str | int | Both | None


@cache
def _read() -> tuple[Entry, ...]:
    return tuple(entries(PATH))


@cache
def catalogue() -> Mapping[str, str]:
    """English -> Burmese of every phrase that is translated. Raises ValueError where the file is no PO file."""
    return MappingProxyType({one.english: one.burmese for one in _read() if one.burmese and not one.context})


@cache
def in_context(context: str) -> Mapping[str, Both]:
    """Key -> phrase of the entries "context: key", for phrases that are called by a key and not by their English."""
    start = f"{context}: "
    return MappingProxyType(
        {
            one.context.removeprefix(start): Both(one.english, one.burmese)
            for one in _read()
            if one.context.startswith(start)
        }
    )


def say(english: str, **values: Word) -> Both:
    """A phrase of the catalogue with its {values} filled in.

    A value of both languages goes in by language; a missing one is said. Raises KeyError for a phrase that the
    catalogue does not hold: a label must never be left without its Burmese in silence.
    """
    both = _phrase(english)
    if not values:
        return both
    spoken = {language: {name: _word(value, language) for name, value in values.items()} for language in ("en", "my")}
    return Both(english.format(**spoken["en"]), both.my.format(**spoken["my"]))


@cache
def _phrase(english: str) -> Both:
    if english not in catalogue():
        raise KeyError(
            f"{english!r} has no Burmese in data/reference/labels/my.po; write it there (`make translations` adds the "
            "entry of a sentence in say(…) or t(…); that of a title, a label or a word of a table is added by hand)"
        )
    return Both(english, catalogue()[english])


def _word(value: Word, language: str) -> str:
    if value is None:
        return say("not reported").spoken(language)
    return value.spoken(language) if isinstance(value, Both) else str(value)


@lru_cache(maxsize=2_000)
def label_both(code: str | None) -> Both:
    """A coded value (a class, a state of control) in both languages; an unknown code stands as it is."""
    if code is None:
        return say(NOT_REPORTED)
    return say(LABELS[code]) if code in LABELS else Both(code, code)


_MONTHS = (
    "ဇန်နဝါရီ", "ဖေဖော်ဝါရီ", "မတ်", "ဧပြီ", "မေ", "ဇွန်", "ဇူလိုင်", "ဩဂုတ်", "စက်တင်ဘာ", "အောက်တိုဘာ", "နိုဝင်ဘာ", "ဒီဇင်ဘာ",
)  # fmt: skip


@lru_cache(maxsize=2_000)
def day_both(value: date | None) -> Both:
    if value is None:
        return say(NOT_REPORTED)
    return Both(day(value), f"{value.year} ခုနှစ် {_MONTHS[value.month - 1]}လ {value.day} ရက်")


@lru_cache(maxsize=2_000)
def month_both(value: date | None) -> Both:
    if value is None:
        return say(NOT_REPORTED)
    return Both(month_name(value), f"{value.year} ခုနှစ် {_MONTHS[value.month - 1]}လ")


@lru_cache(maxsize=2_000)
def month_short_both(value: date) -> Both:
    """A month as a chart's axis names it."""
    return Both(f"{value:%b %Y}", f"{value.year} {_MONTHS[value.month - 1]}")


def joined(between: str, parts: Iterable[Both]) -> Both:
    """Phrases with the same sign between them in both languages."""
    found = list(parts)
    return Both(between.join(part.en for part in found), between.join(part.my for part in found))


def same(text: str) -> Both:
    """A figure, a code or a name that is the same in both languages."""
    return Both(text, text)
