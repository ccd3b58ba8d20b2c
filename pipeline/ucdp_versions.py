"""The versions of UCDP's releases: 26.1 is yearly, 26.0.8 holds candidates of a month, 26.01.26.06 of several.

Not here: how a release is fetched (connectors/ucdp.py) and which events it ends (records/vetting.py).
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date

_YEARLY = re.compile(r"(\d\d)\.1")
_MONTHLY = re.compile(r"(\d\d)\.0\.(\d{1,2})")
_SPAN = re.compile(r"(\d\d)\.(\d\d)\.(\d\d)\.(\d\d)")
# What a fetch states of itself, such as "GED 26.0.8, country 775, from_2021-02-01_to_2026-08-31".
_ASKED = re.compile(r"GED ([0-9.]+)(?:,.*from_(\d{4}-\d\d-\d\d)(?:_to_(\d{4}-\d\d-\d\d))?)?")
FIRST_DAY = date(1989, 1, 1)  # where UCDP's events begin
EXAMPLES = "26.1 (yearly), 26.0.8 (candidates of one month) or 26.01.26.06 (candidates of several months)"


@dataclass(frozen=True)
class Version:
    """The days that a release covers; `yearly`: vetted; `span`: candidates of several months in one file."""

    first: date
    last: date
    yearly: bool = False
    span: bool = False


def version(text: str) -> Version | None:
    """What a version says; None for what is no version of UCDP's."""
    if found := _YEARLY.fullmatch(text):
        return Version(FIRST_DAY, date(1999 + int(found[1]), 12, 31), yearly=True)
    if found := _MONTHLY.fullmatch(text):
        return _months(int(found[1]), int(found[2]), int(found[1]), int(found[2]))
    if found := _SPAN.fullmatch(text):
        return _months(int(found[1]), int(found[2]), int(found[3]), int(found[4]), span=True)
    return None


def stated(text: str | None) -> Version | None:
    """What a delivery states: a version, or the query of a fetch with the days that it asked for; None without."""
    asked = _ASKED.fullmatch(text or "")
    found = version(asked[1] if asked else text or "")
    if found is None or asked is None or asked[2] is None:
        return found
    last = min(found.last, date.fromisoformat(asked[3])) if asked[3] else found.last
    return Version(max(found.first, date.fromisoformat(asked[2])), last, found.yearly, found.span)


def _months(year: int, month: int, last_year: int, last_month: int, *, span: bool = False) -> Version | None:
    if not (1 <= month <= 12 and 1 <= last_month <= 12) or (year, month) > (last_year, last_month):
        return None
    end = calendar.monthrange(2000 + last_year, last_month)[1]
    return Version(date(2000 + year, month, 1), date(2000 + last_year, last_month, end), span=span)
