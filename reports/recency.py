"""How fresh the last months are, in words: which are provisional, and whether the last one is over.

Not here: which months count as provisional (pipeline.sources, pipeline.records.provisional).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl

from reports.release import Release
from reports.slices import published
from reports.windows import apart
from reports.wording import day, month_name

PROVISIONAL = "provisional: the last weeks are under-reported"


def recency(tables: Mapping[str, pl.DataFrame], release: Release) -> dict[str, Any]:
    """How many of the last months are provisional, in words too, and whether the last month is cut.

    `apart` says that a window is not fully covered, so that its figure stands apart from the line.
    """
    own = published(tables, "national_summary").filter(pl.col("method") == release.method)
    last = own.row(-1, named=True)
    names = [month_name(month) for month in own.filter("provisional")["month"]]
    span = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}" if names else ""
    return {
        "provisional": len(names),
        "words": f"{span} {'is' if len(names) == 1 else 'are'} {PROVISIONAL}." if names else "",
        "latest": PROVISIONAL if last["provisional"] else "",
        "part": (last["period_end"] + timedelta(days=1)).month == last["period_end"].month,
        "apart": bool(apart(tables, release, "in_conflict_count")),
        "until": day(last["period_end"]),
    }
