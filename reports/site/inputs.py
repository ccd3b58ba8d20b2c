"""What every page is made from: the published tables of a release, and what its run says of them.

How fresh the last months are, in words: which are provisional, and whether the last one is over.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.codes import STALE
from reports.months import apart, is_part
from reports.publication_lag import Coming, coming_words
from reports.release import Release, published
from reports.text.catalogue import Both, day_both, joined, month_both, say

_OBSERVED = re.compile(r"The max is ([\d,]+)")
_MONTH_DAYS = 365.25 / 12
PROVISIONAL = "provisional: the last weeks are under-reported"
Context = dict[str, Any]  # what a template is handed


@dataclass(frozen=True)
class Inputs:
    """What a page may look at.

    `folder` is that of the release. `checks` are the rows of checks.json: table, rule, severity, passed, checked_count,
    failed_count, note. `changes` are the values that differ from the release before (files/release_changes.py); None
    where none is compared. `coming` are the months after the leading one, which `tables` do not hold.
    """

    tables: Mapping[str, pl.DataFrame]
    release: Release
    folder: Path
    checks: Sequence[Mapping[str, Any]] = ()
    changes: pl.DataFrame | None = None
    coming: Sequence[Coming] = ()

    @cached_property
    def recent(self) -> dict[str, Any]:
        found = recency(self.tables, self.release)
        said = [words for words in (found["words"], coming_words(self.coming)) if words]
        return {**found, "words": joined(" ", said) if said else None, "age": age_both(self.checks)}


def recency(tables: Mapping[str, pl.DataFrame], release: Release) -> dict[str, Any]:
    """How many of the last months are provisional, in words too, and whether the last month is cut.

    `apart` says that a window is not fully covered, so that its figure stands apart from the line.
    """
    own = published(tables, "national_summary").filter(pl.col("method") == release.method)
    last = own.row(-1, named=True)
    names = [month_both(month) for month in own.filter("provisional")["month"]]
    words = None
    if len(names) == 1:
        words = say("{month} is provisional: the last weeks are under-reported.", month=names[0])
    elif names:
        words = say("{first} to {last} are provisional: the last weeks are under-reported.", first=names[0],
                    last=names[-1])  # fmt: skip
    return {
        "provisional": len(names),
        "words": words,
        "latest": say(PROVISIONAL) if last["provisional"] else None,
        "part": is_part(last["period_end"]),
        "apart": bool(apart(tables, release, "in_conflict_count")),
        "until": day_both(last["period_end"]),
    }


def age_both(checks: Sequence[Mapping[str, Any]]) -> Both | None:
    """How old the newest clash is, as the failed check found it; None where the check has passed or did not run."""
    failed = next((one for one in checks if one["rule"] == STALE and not one["passed"]), None)
    if failed is None:
        return None
    found = _OBSERVED.search(failed["note"])
    if found is None:
        return say("The newest clash in these records is old. The months since then are not calm: they are not known.")
    return say("The newest clash in these records is {age} old. The months since then are not calm: they are not "
               "known.", age=_age(int(found[1].replace(",", ""))))  # fmt: skip


def _age(days: int) -> Both:
    months = round(days / _MONTH_DAYS)
    if months < 24:
        return say("about {n} months", n=months)
    years, rest = divmod(months, 12)
    return say("about {n} years and {m} months", n=years, m=rest) if rest else say("about {n} years", n=years)
