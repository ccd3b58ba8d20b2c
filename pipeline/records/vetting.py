"""Which rows of UCDP are vetted, for which days the vetted release stands, and which candidates end with it.

UCDP codes events month by month as candidates; the yearly release, vetted, holds most of them, not all, under the
same ids. So for its days the yearly release stands alone: a candidate of those days that it does not hold ends, and
no candidate row replaces a vetted one, whatever the names of the files and the order in which they came.

What a release is is taken from what its delivery states (`release` in the sidecar, or the query of a fetch), else
from its rows. Vetted by its rows is a delivery up to the year before the first row whose `code_status` is not Clear
(four in ten candidates have another): where it holds a dozen such rows, or half a year of them, or one that another
delivery holds as not Clear; a list without any status must run over more than a year. No year is vetted before the
spring after it. It stands from the month of its first event to that of its last; where that is half a year or more,
for whole years, as UCDP releases them, if a first or last event lies in the first or last quarter.

The versions of UCDP's releases: 26.1 is yearly, 26.0.8 holds candidates of a month, 26.01.26.06 of several.
"""

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from pipeline.declare.codes import Reason
from pipeline.records.triage import Triage, no_rows, set_aside_rows
from pipeline.sources import BY_KEY

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


VETTING = {key: source.final_status.casefold() for key, source in BY_KEY.items() if source.final_status}
ROWS_AT_LEAST, MONTHS_AT_LEAST, MONTHS_WITHOUT_STATUS = 12, 6, 13
SPRING_AFTER = timedelta(days=90)
MONTHLY, CANDIDATES, VETTED = 0, 1, 2


@dataclass(frozen=True)
class Standing:
    """A release that stands for its days above those of a lower rank: vetted, else candidates of several months."""

    delivery_id: str
    file_name: str
    rank: int
    first: date
    last: date


@dataclass(frozen=True)
class Release:
    """What one delivery is: the last year of which its rows are vetted, the day it ends, and for what it stands."""

    delivery_id: str
    vetted_until: int | None
    last: date
    standing: Standing | None = None
    monthly: bool = False
    rows: int = 0
    few: bool = False  # too few rows to be sure by themselves that it is vetted


def with_vetting(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Standing]]:
    """Add `_release_rank`, `_vetted`, `_final`, `_release_end`; and the releases that stand for their days.

    `_release_rank` is null where the source does not vet. `_release_end` is the last day of a row's release, by which
    releases have their order. `_final`: the row's status is the source's final one.
    """
    own = frame.filter(pl.col("source_key").is_in(list(VETTING)) & ~pl.col("_deleted"))
    if own.is_empty():
        return frame.with_columns(
            pl.lit(None, pl.Int64).alias("_release_rank"),
            pl.lit(False).alias("_vetted"),
            pl.lit(False).alias("_final"),
            pl.lit(None, pl.Date).alias("_release_end"),
        ), []
    final = pl.col("source_status").str.to_lowercase() == pl.col("source_key").replace_strict(VETTING, default="")
    found = _releases(own.with_columns(final.fill_null(False).alias("_final")))
    said = pl.DataFrame(
        [(r.delivery_id, r.vetted_until, r.last, r.monthly) for r in found],
        schema={"delivery_id": pl.String, "_until": pl.Int32, "_last": pl.Date, "_monthly": pl.Boolean},
        orient="row",
    )
    judged = frame.join(said, on="delivery_id", how="left", maintain_order="left", validate="m:1")
    vetted = (pl.col("event_date").dt.year() <= pl.col("_until")).fill_null(False)
    rank = pl.when(vetted).then(VETTED).when("_monthly").then(MONTHLY).otherwise(CANDIDATES)
    judged = judged.with_columns(
        pl.when(pl.col("_last").is_not_null()).then(rank).cast(pl.Int64).alias("_release_rank"),
        vetted.alias("_vetted"),
        (pl.col("_last").is_not_null() & final).fill_null(False).alias("_final"),
        pl.when(vetted).then(pl.date(pl.col("_until"), 12, 31)).otherwise("_last").alias("_release_end"),
    )
    return judged.drop("_until", "_last", "_monthly"), [r.standing for r in found if r.standing]


def confirmed(frame: pl.DataFrame, standing: list[Standing]) -> Triage:
    """The rows of `with_vetting` but those that ended: of a standing release's days, and held by none of its rank.

    An event is of those days where it begins and ends in them.
    """
    if not standing:
        return Triage(frame, no_rows())
    own = frame.filter(pl.col("_release_rank").is_not_null()).with_columns(
        pl.col("_release_rank").max().over("event_id").alias("_held")
    )
    ended = pl.any_horizontal(
        (pl.col("_held") < one.rank)
        & (pl.col("event_date") >= one.first)
        & (pl.coalesce("event_date_end", "event_date") <= one.last)
        for one in standing
    )
    row = ["delivery_id", "row_number"]
    gone = own.filter(ended).select(row)
    if gone.is_empty():
        return Triage(frame, no_rows())
    aside = frame.join(gone, on=row, how="semi", maintain_order="left")
    kept = frame.join(gone, on=row, how="anti", maintain_order="left")
    return Triage(kept, set_aside_rows(aside, Reason.NOT_CONFIRMED, "id", pl.col("event_id")))


def sentences(standing: list[Standing], set_aside: pl.DataFrame) -> list[str]:
    """What a run says of candidates that ended: how many, of which files, and which release stands instead."""
    ended = set_aside.filter(pl.col("reason") == str(Reason.NOT_CONFIRMED))
    if ended.is_empty():
        return []
    counts = ended.group_by("file_name").len().sort("file_name").rows()
    stands = "; ".join(
        f"{one.file_name} for {one.first} to {one.last}"
        for one in sorted(standing, key=lambda one: (one.first, one.last, one.file_name))
    )
    return [
        f"UCDP: {ended.height:,} candidate rows ended, for the release that stands for their days does not hold them "
        f"({', '.join(f'{name}: {count:,}' for name, count in counts)}). It stands: {stands}"
    ]


def _releases(own: pl.DataFrame) -> list[Release]:
    """What each delivery is, in order of its id; `own` holds the rows of sources that vet, with `_final`."""
    year, status = pl.col("event_date").dt.year(), pl.col("source_status").is_not_null()
    parts = own.group_by("delivery_id").agg(
        pl.col("file_name", "release", "received").first(),
        status.any().alias("told"),
        pl.len().alias("rows"),
        pl.col("event_date").min().alias("first"),
        pl.col("event_date").max().alias("last"),
        year.filter(~pl.col("_final")).min().alias("unclear_from"),
    )
    open_ids = own.filter(status & ~pl.col("_final")).select("source_key", "event_id").unique()
    found = [
        _stated(one) or _by_rows(one, own.filter(pl.col("delivery_id") == one["delivery_id"]), open_ids)
        for one in parts.sort("delivery_id").iter_rows(named=True)
    ]
    return [_candidates(one) if any(_outweighs(other, one) for other in found) else one for one in found]


def _outweighs(other: Release, one: Release) -> bool:
    """Whether a few Clear rows lie within the days of a vetted release with more: they are Clear by chance."""
    if not (one.standing and other.standing and one.few and other.standing.rank == VETTED):
        return False
    within = other.standing.first <= one.standing.first and one.standing.last <= other.standing.last
    return within and other.rows > one.rows


def _candidates(one: Release) -> Release:
    return replace(one, vetted_until=None, standing=None)


def _stated(one: dict[str, Any]) -> Release | None:
    said = stated(one["release"])
    if said is None:
        return None
    first = max(said.first, date(one["first"].year, 1, 1)) if said.yearly else said.first
    rank = VETTED if said.yearly else CANDIDATES
    standing = Standing(one["delivery_id"], one["file_name"], rank, first, said.last)
    until = said.last.year if said.yearly else None
    return Release(
        one["delivery_id"], until, said.last, standing if said.yearly or said.span else None,
        monthly=not (said.yearly or said.span), rows=one["rows"],
    )  # fmt: skip


def _by_rows(one: dict[str, Any], own: pl.DataFrame, open_ids: pl.DataFrame) -> Release:
    candidates = Release(one["delivery_id"], None, _month_end(one["last"]))
    until = (date.fromisoformat(one["received"][:10]) - SPRING_AFTER).year - 1
    if one["told"] and one["unclear_from"] is not None:
        until = min(until, one["unclear_from"] - 1)
    vetted = own.filter(pl.col("event_date").dt.year() <= until)
    if vetted.is_empty():
        return candidates
    first, last = one["first"], max(vetted["event_date"].to_list())
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    enough = months >= MONTHS_WITHOUT_STATUS
    if one["told"]:
        clears = vetted.join(open_ids, on=["source_key", "event_id"], how="semi").height > 0
        enough = clears or months >= MONTHS_AT_LEAST or vetted.height >= ROWS_AT_LEAST
    if not enough:
        return candidates
    whole = months >= MONTHS_AT_LEAST
    begins = date(first.year, 1, 1) if whole and first.month <= 3 else first.replace(day=1)
    ends = date(last.year, 12, 31) if whole and last.month >= 10 else _month_end(last)
    standing = Standing(one["delivery_id"], one["file_name"], VETTED, begins, ends)
    few = vetted.height < ROWS_AT_LEAST
    return Release(one["delivery_id"], last.year, candidates.last, standing, rows=vetted.height, few=few)


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
