"""Months whose reports are still coming in: pages lead with the month before them and show them apart, so far.

The tables of a release hold every month, those of the publication lag marked (in_publication_lag). What pages, maps,
pictures and briefs are drawn from ends with the leading month, so that no figure, bar or arrow of theirs rests on a
month that is not complete enough; what such months hold so far is said by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from reports.months import MONTHLY, clashes_by_month, national_rows
from reports.release import Release, leading_month, published
from reports.text.catalogue import Both, joined, month_both, say
from reports.text.values import number_both

Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Coming:
    """A month of the publication lag: clashes recorded so far in the country, and by township; None if not known."""

    month: date
    clashes: int | None
    by_township: Mapping[str, int | None]


def up_to_leading(tables: Frames, release: Release) -> tuple[Frames, Release]:
    """The tables up to the leading month, and the release as one that ends with it; both as they are without a lag."""
    rows = national_rows(tables, release)
    lead = leading_month(tables, release.method)
    if lead == max(rows):
        return tables, release
    cut = {name: frame.filter(pl.col("month") <= lead) if "month" in frame.columns else frame
           for name, frame in tables.items()}  # fmt: skip
    return cut, replace(release, period_end=rows[lead]["period_end"])


def coming(tables: Frames, release: Release) -> list[Coming]:
    """The months after the leading one, oldest first."""
    lead = leading_month(tables, release.method)
    rows = national_rows(tables, release)
    found = clashes_by_month(tables, release, "adm3_pcode")
    by_township: dict[date, dict[str, int | None]] = {}
    for (code, month), count in found.items():
        by_township.setdefault(month, {})[code] = count
    return [Coming(month, row[MONTHLY], by_township.get(month, {})) for month, row in rows.items() if month > lead]


def coming_words(months: Sequence[Coming]) -> Both | None:
    """The months that do not lead yet with the clashes of the country so far; None without one."""
    return _words([(one.month, one.clashes) for one in months])


def township_words(months: Sequence[Coming], code: str) -> Both | None:
    """The same for a township."""
    return _words([(one.month, one.by_township.get(code)) for one in months])


def _words(counts: Sequence[tuple[date, int | None]]) -> Both | None:
    if not counts:
        return None
    listed = joined(", ", [
        say("{month} (not known)", month=month_both(month)) if count is None
        else say("{month} ({count} clashes so far)", month=month_both(month), count=number_both(count))
        for month, count in counts
    ])  # fmt: skip
    return say("Still coming in: {months}. Reports of these months come late, so they are compared with nothing and no "
               "page leads with them.", months=listed)  # fmt: skip


ARRIVED_DAYS = (7, 14, 28, 60, 90)


def arrived(tables: Frames, release: Release) -> list[tuple[int, int, float]]:
    """(days, months, share): of the clashes of so many months the share that was known so many days after their end.

    Of the months that an edition of the leading source was received for by then and a later one since: what the newest
    edition counts is taken for all. Fewer and larger months are told apart by none of it: the share is of all clashes
    of the months together. Nothing where one edition was delivered.
    """
    own = published(tables, "revisions").filter(pl.col("method") == release.method)
    newest = own.filter(pl.col("edition_date") == own["edition_date"].max()).select(
        "month", pl.col("edition_date").alias("_newest"), pl.col("clashes_month_count").alias("_final")
    )
    ends = pl.col("month").dt.month_end()
    beside = own.join(newest, on="month", how="inner", validate="m:1").drop_nulls(["clashes_month_count", "_final"])
    found = []
    for days in ARRIVED_DAYS:
        by_then = (
            beside.filter(pl.col("edition_date") <= ends + pl.duration(days=days),
                          pl.col("_newest") > ends + pl.duration(days=days))
            .sort("month", "edition_date").group_by("month", maintain_order=True).last()
        )  # fmt: skip
        final = int(by_then["_final"].sum())
        if final:
            known = by_then.select(pl.min_horizontal("clashes_month_count", "_final").sum()).item()
            found.append((days, by_then.height, known / final))
    return found
