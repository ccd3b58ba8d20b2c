"""The words of a neutral brief: each one a phrase of the catalogue, called by a key, with typed values.

A brief lies on a table between parties, so no sentence is made up: `words` renders the reviewed phrases of the context
"neutral brief" alone, and a {placeholder} takes only a value of the kind that its name begins with (number, date,
township ...).

Class names of the index are not used. "high", "low" and "severe" are adjectives, and "lost", "state" and "resistance"
speak from one side. A brief shows the figure instead ("12 clashes"), and beside it a code that the annex defines by
its cut ("C2: 10 or more clashes"); control is told by what each basis records ("police station and administration
office closed"). Parties are named in the dialogue table alone, in words shortened from its source.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from string import Formatter

from reports.text.catalogue import Both, day_both, in_context, month_both, same
from reports.text.values import NO_DATA, ZERO, Value
from reports.text.wording import number, visible

CONTEXT = "neutral brief"  # of its phrases in the catalogue, each with its key behind it
Given = str | int | float | date | Both


def vocabulary() -> Mapping[str, Both]:
    """Key -> phrase in both languages."""
    return in_context(CONTEXT)


def placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


def words(key: str, **values: Given) -> Both:
    """The phrase of that key with its placeholders filled.

    Raises KeyError for a key the vocabulary lacks, ValueError for a value that is missing, too many or of another
    kind than its placeholder.
    """
    phrase = vocabulary()[key]
    if placeholders(phrase.en) != values.keys():
        raise ValueError(f"phrase {key!r} takes {sorted(placeholders(phrase.en))}, not {sorted(values)}")
    filled = {name: _filled(key, name, value) for name, value in values.items()}
    return Both(
        phrase.en.format(**{name: value.en for name, value in filled.items()}),
        phrase.my.format(**{name: value.my for name, value in filled.items()}),
    )


def _filled(key: str, name: str, value: Given) -> Both:
    kind = name.partition("_")[0]
    if kind not in _KINDS:
        raise ValueError(f"phrase {key!r}: the vocabulary knows no values of kind {kind!r}")
    shown = _KINDS[kind](value)
    if shown is None:
        raise ValueError(f"phrase {key!r}: {value!r} is no {kind}")
    return shown


def _number(value: Given) -> Both | None:
    return same(number(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _share_words(value: Given) -> Both | None:
    """A share of one with two decimals; never more certain than the five items it is made of."""
    if isinstance(value, float | int) and 0 <= value <= 1:
        return same(f"{value:.2f}".removesuffix("0"))
    return None


def _date(value: Given) -> Both | None:
    return day_both(value) if isinstance(value, date) else None


def _month(value: Given) -> Both | None:
    return month_both(value) if isinstance(value, date) else None


def _year(value: Given) -> Both | None:
    """A year has no comma."""
    return same(str(value)) if isinstance(value, int) and 1900 < value < 2200 else None


def _both(value: Given) -> Both | None:
    return value if isinstance(value, Both) else None


def _matching(pattern: str) -> Callable[[Given], Both | None]:
    """Text that fits a pattern as a whole: a code or an id, nothing that could carry a word of its own."""
    fits = re.compile(pattern).fullmatch
    return lambda value: same(value) if isinstance(value, str) and fits(value) else None


def _source_text(value: Given) -> Both | None:
    """Title, licence or citation as the source states it, or a cell of the dialogue table."""
    return same(visible(value)) if isinstance(value, str) else None


_KINDS: Mapping[str, Callable[[Given], Both | None]] = {
    "number": _number,
    "share": _share_words,
    "year": _year,
    "date": _date,
    "month": _month,
    "township": _both,
    "label": _both,
    "pcode": _matching(r"MMR\d{6}"),
    "release": _matching(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,79}"),
    "grade": _matching("[A-D]"),
    "checksum": _matching("[0-9a-f]{16,64}"),
    "source": _source_text,
    "licence": _source_text,
    "citation": _source_text,
    "dialogue": _source_text,
}


@cache
def _by_english(prefix: str) -> Mapping[str, str]:
    return {phrase.en: key for key, phrase in vocabulary().items() if key.startswith(prefix)}


def region(name: str) -> Both:
    """A state or region. Raises KeyError for one that the vocabulary lacks."""
    return words(_by_english("region_")[name])


def of_dialogue(text: str | None) -> Both:
    """A cell of the dialogue table: translated where the vocabulary holds it, else as the source has it."""
    if not text:
        return words("not_reported")
    key = _by_english("dialogue_").get(text)
    return words(key) if key else words("value_dialogue", dialogue=text)


def count(value: float | None) -> Value:
    """A number to the right; zero is written, and what is not known is said."""
    if value is None:
        return Value(words("not_known"), NO_DATA)
    return Value(words("value", number=value), ZERO if value == 0 else "")


def on_day(value: date | None) -> Value:
    return Value(words("not_reported"), NO_DATA) if value is None else Value(words("value_date", date=value))
