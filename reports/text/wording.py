"""How values read in words: numbers, shares, changes, classes, and what is missing.

Missing is always said; it is never a zero and never a blank.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pipeline.declare.indices import INDICES
from reports.draw.symbology import UNSETTLED, WORDS

NOT_REPORTED = "not reported"
NOT_KNOWN = "not known"
UNSETTLED_FROM, UNSETTLED_TO = UNSETTLED

# Coded value -> its words in English.
LABELS: dict[str, str] = {
    **WORDS,
    "security_index": "By heavy fighting since 2021 (ISP's measure of control lost)",
    "administration": "By administration (police and GAD both closed)",
    "observed": "By observed control records",
    "townships": "townships",
    "area": "area",
    "exact_area": "exact share of area",
    "population": "population",
    **{str(spec.name): spec.title for spec in INDICES},
    "new": "newly displaced since 1 February 2021",
    "stock": "displaced at the reference date",
}

# Names of the choices that do not read as words by themselves.
_CHOICES = {
    "source": "source of clashes",
    "events": "events that count",
    "window": "time that counts",
    "threshold": "cut between classes",
    "basis": "kind of displacement figure",
    "staleness_days": "oldest report that counts, days",
    "severe_cut": "share of services lost that is severe",
    "known_items": "fewest services that must be known",
}
# Index -> the column of the summaries that counts its townships in conflict without enough records.
_INSUFFICIENT = {
    str(spec.name): name for spec in INDICES for name, code in spec.counted.items() if code == "insufficient_data"
}
# Direction overrides, zero-width and other invisible characters can make a text read as another one.
_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def visible(text: str) -> str:
    """The text without characters that only change how it is drawn (direction overrides, controls)."""
    return text if text.isprintable() else _UNSEEN.sub("", text)


def label(code: str | None) -> str:
    """A coded value in words; an unknown code is shown as it stands."""
    return NOT_REPORTED if code is None else LABELS.get(code, code)


def number(value: float | None) -> str:
    """Thousands separated by commas; fractions keep one digit."""
    if value is None:
        return NOT_REPORTED
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def persons(value: int | None, suppressed: bool | None = False) -> str:
    """People: figures of one to nine are withheld, since they can point at households."""
    if suppressed or (value is not None and 0 < value < 10):
        return "fewer than 10"
    return number(value)


def share(value: float | None) -> str:
    """A share of one in whole per cent, as the published figures are worded; never none or all where it is not."""
    if value is None:
        return NOT_REPORTED
    if 0 < value < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 <= value < 1 else f"{value * 100:.0f} %"


def share_range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return NOT_REPORTED
    ends = share(low), share(high)
    if ends[0] == ends[1]:
        return ends[0]
    return f"{ends[0].removesuffix(' %') if ends[0][0].isdigit() else ends[0]} to {ends[1]}"


def decimals(value: float | None, places: int = 2) -> str:
    """A statistic with a fixed number of decimals and a true minus sign."""
    if value is None:
        return NOT_KNOWN
    return f"{value:.{places}f}".replace("-", "\u2212")


def probability(value: float | None) -> str:
    """A p-value: three decimals, and never a zero that it is not."""
    if value is None:
        return NOT_KNOWN
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def chance(value: float | None) -> str:
    """A probability that the class is high: never "100 %" or "0 %", which no count makes certain.

    A table's six decimals can hold a 1 or a 0 all the same.
    """
    if value is None:
        return NOT_KNOWN
    return "over 99 %" if value > 0.99 else "under 1 %" if value < 0.01 else f"{100 * value:.0f} %"


def rate(value: float | None) -> str:
    """A rate with one decimal; one above zero never reads as zero."""
    if value is None:
        return NOT_KNOWN
    return "under 0.1" if 0 < value < 0.05 else f"{value:,.1f}"


def percent_interval(value: float | None, low: float | None, high: float | None) -> str:
    """Shares of one in per cent as "44.2 (41.0 to 47.1)"."""
    if value is None or low is None or high is None:
        return NOT_KNOWN
    return f"{100 * value:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def unsettled_count(chances: Sequence[float]) -> int:
    """How many probabilities of class high leave the class open."""
    return sum(UNSETTLED_FROM <= chance <= UNSETTLED_TO for chance in chances)


def percent(value: float | None) -> str:
    """A share of one in per cent with one decimal, without the sign; one above zero never reads as zero."""
    if value is None:
        return NOT_KNOWN
    return "under 0.1" if 0 < value < 0.0005 else f"{100 * value:.1f}"


def settings(text: str | None) -> str:
    """Settings of a scenario in words: "events=clash; threshold=5" as "events: clash; threshold: 5"."""
    if not text:
        return "none"
    parts = (part.partition("=") for part in text.split("; "))
    return "; ".join(
        f"{choice_words(name)}{': ' if value else ''}{value.replace('_', ' ')}" for name, _, value in parts
    )


def choice_words(name: str) -> str:
    """A choice of the method as a phrase with its unit."""
    return _CHOICES.get(name, name.replace("_", " "))


def signed(value: float, digits: str = ",.10g") -> str:
    """A difference with its sign; nothing has no sign."""
    return "0" if value == 0 else f"{value:+{digits}}".replace("-", "\u2212")


def day(value: date | None) -> str:
    return NOT_REPORTED if value is None else f"{value.day} {value:%B} {value.year}"


def month_name(value: date | None) -> str:
    return NOT_REPORTED if value is None else f"{value:%B} {value.year}"


def yes_no(value: bool | None) -> str:
    return NOT_REPORTED if value is None else ("yes" if value else "no")


def known(row: Mapping[str, Any], column: str) -> Any:
    """A summary's figure; None for the classes of an index that no township in conflict has the records for.

    Zero townships of class severe beside only townships of insufficient data would read as good news.
    """
    for index, insufficient in _INSUFFICIENT.items():
        counts_class = column.startswith(f"{index}_") and column != insufficient
        if counts_class and row["in_conflict_count"] and row[insufficient] == row["in_conflict_count"]:
            return None
    return row[column]
