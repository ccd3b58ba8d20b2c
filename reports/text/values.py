"""Figures in words in both languages, and the look of a cell that holds none.

The English is that of wording.py; missing and withheld are said, never left blank.

Figures in both languages: numbers, shares, people and changes as a reader of either page sees them. Settings of a
scenario as a reader says them: "threshold=20000" is a cut of 20,000 displaced people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.declare.codes import ChangeClass, IndexName, NoClass, Signal
from pipeline.declare.scenarios import CHOICES, Decision
from reports.draw.symbology import ARROWS, NO_SIGNAL, RANKED, WORST
from reports.text.catalogue import Both, catalogue, joined, label_both, same, say
from reports.text.wording import (
    NOT_KNOWN,
    chance,
    choice_words,
    known,
    number,
    percent,
    percent_interval,
    persons,
    probability,
    rate,
    settings,
    share,
    share_range,
)

# The four looks that are no figure above zero; legend.html.j2 shows them in words, style.css draws them.
ZERO, NO_DATA, THIN, WITHHELD = "zero", "nodata", "thin", "withheld"
HEAVIEST = "worst"  # the look of the heaviest class of an index
FEWER_THAN_TEN = "fewer than 10"


@dataclass(frozen=True)
class Value:
    """What a table shows: words, their look, and what they sort by where they do not begin with the figure."""

    words: Both
    look: str = ""
    order: str = ""


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


def from_to(low: Both | str, high: Both | str) -> Both:
    """The ends of a range."""
    return say("{low} to {high}", low=low, high=high)


def share_range_both(low: float | None, high: float | None) -> Both:
    """Two shares of one in whole per cent; one figure where both read the same."""
    words = share_range(low, high)
    if low is None or high is None or " to " not in words:
        return share_both(low if low is not None and high is not None else None)
    first, _, last = words.partition(" to ")
    return from_to(_told(first), _told(last))


def percent_range_both(low: float | None, high: float | None) -> Both:
    """Two shares of one in per cent with one decimal, without the sign; one figure where both read the same."""
    if low is None or high is None:
        return say(NOT_KNOWN)
    return percent_both(low) if percent(low) == percent(high) else from_to(percent_both(low), percent_both(high))


def percent_interval_both(value: float | None, low: float | None, high: float | None) -> Both:
    """A share of one in per cent with its interval and the sign."""
    words = percent_interval(value, low, high)
    if words == NOT_KNOWN:
        return say(NOT_KNOWN)
    figure, _, ends = words.removesuffix(")").partition(" (")
    first, _, last = ends.partition(" to ")
    return say("{value} ({low} to {high}) %", value=figure, low=first, high=last)


def _told(words: str) -> Both:
    return say(words) if words in catalogue() else same(words)


def chance_both(value: float | None) -> Both:
    words = chance(value)
    return say(words) if words in {NOT_KNOWN, "over 99 %", "under 1 %"} else same(words)


def probability_both(value: float | None) -> Both:
    """A p-value; none is ever shown as zero."""
    return _told(probability(value))


def rate_both(value: float | None) -> Both:
    return say("under 0.1") if rate(value) == "under 0.1" else _known(rate, value)


def persons_both(value: int | None, suppressed: bool | None = False) -> Both:
    words = persons(value, suppressed)
    return say(words) if words in {"not reported", "fewer than 10"} else same(words)


def number_cell(value: float | None, wording: Callable[[float | None], Both] = number_both) -> Value:
    """A count or rate; zero and not reported look different."""
    if value is None:
        return Value(wording(None), NO_DATA)
    words = wording(value)
    return Value(words, "" if value else ZERO, "" if words.en[:1].isdigit() else f"{value:.4g}")


def chance_cell(value: float | None) -> Value:
    words = chance_both(value)
    if value is None:
        return Value(words, NO_DATA)
    return Value(words, "", "" if words.en[:1].isdigit() else f"{100 * value:.4g}")


def expected_both(value: float | None, low: float | None, high: float | None) -> Both:
    """The clashes to expect with their 90 % interval."""
    if value is None or low is None or high is None:
        return say(NOT_KNOWN)
    return say("{count} (90 % interval {low} to {high})", count=rate_both(value), low=number(low), high=number(high))


def expected_cell(value: float | None, low: float | None, high: float | None) -> Value:
    """The same, in a table whose head says which interval it is."""
    if value is None or low is None or high is None:
        return Value(say(NOT_KNOWN), NO_DATA)
    words = say("{count} ({low} to {high})", count=rate_both(value), low=number(low), high=number(high))
    return Value(words, "", "" if words.en[:1].isdigit() else f"{value:.4g}")


def signal_both(signal: str | None) -> Both:
    """The signal of a township's month in words."""
    return label_both(NO_SIGNAL if signal == Signal.NONE else signal or Signal.UNKNOWN.value)


def signal_cell(signal: str | None) -> Value:
    """A signal stands out, none is quiet and what cannot be told looks like no data."""
    unknown = signal in (None, Signal.UNKNOWN)
    return Value(signal_both(signal), NO_DATA if unknown else ZERO if signal == Signal.NONE else "")


def ends_both(value: float | None, low: float | None, high: float | None) -> Both:
    """A best estimate with its low and high one."""
    if value is None or low is None or high is None:
        return number_both(value)
    return say("{count} (low {low}, high {high})", count=number(value), low=number(low), high=number(high))


def persons_cell(value: int | None, suppressed: bool | None, basis: Both | None = None) -> Value:
    """Displaced people, withheld from one to nine; the kind of figure behind the number."""
    words = persons_both(value, suppressed)
    if suppressed or (value is not None and 0 < value < 10):
        return Value(words, WITHHELD, "5")
    if value is None:
        return Value(words, NO_DATA)
    if basis is not None:
        words = Both(f"{words.en} {basis.en}", f"{words.my} {basis.my}")
    return Value(words, "" if value else ZERO)


def class_cell(shown: str | None) -> Value:
    """What is shown of an index in words: a class, or why there is none, as on the maps: unknown is not quiet."""
    if shown in RANKED:
        return Value(label_both(shown), HEAVIEST if shown in WORST else "")
    found = shown or str(NoClass.NO_DATA)
    return Value(label_both(found), _CLASSLESS.get(found, THIN))


_CLASSLESS = {
    str(NoClass.REPORTED_QUIET): ZERO,
    str(NoClass.NO_DATA): NO_DATA,
    str(NoClass.SILENT): NO_DATA,
    str(NoClass.WITHHELD): WITHHELD,
}


def look_words(look: str) -> Both:
    """The look of a township on a map in words."""
    return label_both(look)


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


@dataclass(frozen=True)
class Change:
    """How a figure moved: `way` is up, down or same, "" where nothing can be compared; `words` without the arrow.

    A figure that `only_rises` has no arrow: beside a total since a fixed day one says nothing of the month.
    """

    way: str
    words: Both
    only_rises: bool = False

    @property
    def both(self) -> Both:
        """Arrow, signed number and word, so that neither colour nor sign alone carries it."""
        arrow = "" if self.only_rises else _ARROW_OF.get(self.way, "")
        return Both(f"{arrow}{self.words.en}", f"{arrow}{self.words.my}")


_ARROW_OF = {
    way: f"{ARROWS[kind]} "
    for way, kind in (("up", ChangeClass.RISE), ("down", ChangeClass.FALL), ("same", ChangeClass.LIMITED_CHANGE))
}
_CHANGES = {
    ("up", False): "+{number} up", ("up", True): "+{number} percentage points up",
    ("down", False): "\u2212{number} down", ("down", True): "\u2212{number} percentage points down",
}  # fmt: skip


def change(now: float | None, before: float | None, points: bool = False) -> Change:
    """The difference of two figures, in percentage points where they are per cent.

    A missing side is no comparison, never no change, and none known before is no rise from zero.
    """
    if now is None or before is None:
        return Change("", say("no comparison"))
    by = round(now - before, 6)
    if by == 0:
        return Change("same", say("0 no change"))
    way = "up" if by > 0 else "down"
    return Change(way, say(_CHANGES[way, points], number=number(abs(by))))


# (choice, alternative): the phrase. Alternatives that are numbers have one phrase a choice, see _NUMBERS.
_WORDS: dict[tuple[str, str], str] = {
    ("events", "clash"): "clashes alone counted",
    ("events", "clash and violence against civilians"): "violence against civilians counted too",
    ("window", "since the coup"): "all months since the coup counted",
    ("window", "12 months"): "the last 12 months counted",
    ("threshold", "own"): "the cut of the source itself",
    ("threshold", "one step lower"): "a cut one step lower",
    ("threshold", "one step higher"): "a cut one step higher",
    ("basis", "new then stock"): "new displacement, else all displaced people",
    ("basis", "stock"): "all displaced people, old and new",
    ("basis", "new"): "new displacement alone",
}
_NUMBERS: dict[str, str] = {
    "threshold": "a cut of {value} displaced people",
    "staleness_days": "records at most {value} days old",
    "severe_cut": "a cut of {value} of the services lost",
    "known_items": "at least {value} service items known",
}
_SOURCE = "another clash source: {value}"


def setting_words(setting: str) -> Both:
    """One "choice=alternative" in both languages; one that is not declared reads as it stands."""
    choice, _, level = setting.partition("=")
    if (choice, level) in _WORDS:
        return say(_WORDS[choice, level])
    if choice == "source":
        return say(_SOURCE, value=level)
    if choice in _NUMBERS and _is_number(level):
        amount = float(level)
        return say(_NUMBERS[choice], value=share(amount) if choice == "severe_cut" else number(amount))
    return Both(settings(setting), settings(setting))


def choice_both(name: str) -> Both:
    """A choice of the method by name."""
    return say(choice_words(name))


def settings_both(text: str | None, choice: str = "") -> Both:
    """Settings of a scenario as a reader says them, or an alternative of one `choice`; "none" where there is none."""
    found = changed_by_words(f"{choice}={text}" if text and choice and "=" not in text else text)
    return joined("; ", found) if found else say("none")


def changed_by_words(text: str | None) -> list[Both]:
    """The single changes that give another class; empty where none does."""
    return [setting_words(one) for one in (text or "").split("; ") if one]


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def undeclared() -> list[str]:
    """Alternatives of the declared choices that have no phrase here; a test holds this empty."""

    def known(decision: Decision, level: str) -> bool:
        return (decision.name, level) in _WORDS or (decision.name in _NUMBERS and _is_number(level))

    return [
        f"{decision.name}={level.name}"
        for index in IndexName
        for decision in CHOICES[index]
        for level in decision.levels
        if not known(decision, level.name)
    ]
