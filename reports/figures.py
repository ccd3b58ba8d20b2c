"""What the report page shows, in words: each section as plain rows for the templates.

Every value is worded here, so a template never meets a null. Not here: HTML, colours, escaping.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from reports.draw.charts import Series
from reports.draw.symbology import looks
from reports.months import NONE, Comparing
from reports.release import Release, latest, latest_townships, months, published
from reports.text.catalogue import Both, day_both, month_both, say
from reports.text.values import change_both, count_both, number_both, persons_both, share_both, told
from reports.text.wording import known, label, number, persons, share

Frames = Mapping[str, pl.DataFrame]

# (heading, [(words, column, wording)]); the share of control stands in its own section
_NATIONAL: tuple[tuple[str, tuple[tuple[str, str, Callable[[Any], str]], ...]], ...] = (
    ("Conflict", (
        ("Townships in conflict", "in_conflict_count", number),
        ("as a share of all townships", "in_conflict_share", share),
        ("Clashes placed in a township (at least)", "clashes_count", number),
        ("Clashes located only to a district, region or the country", "clashes_unallocated_count", number),
    )),
    ("Security Index", (
        ("High", "security_high_count", number),
        ("Low", "security_low_count", number),
    )),
    ("Humanitarian Crisis Index", (
        ("High displacement", "humanitarian_high_count", number),
        ("Lower displacement", "humanitarian_low_count", number),
        ("In conflict, no new displacement reported", "humanitarian_no_new_count", number),
        ("In conflict, insufficient data", "humanitarian_insufficient_count", number),
        ("Displaced people reported", "idps_persons", persons),
        ("Townships with a displacement figure", "idps_reporting_count", number),
    )),
    ("Public Service Provision Index", (
        ("Severe loss of services", "services_severe_count", number),
        ("Lower loss of services", "services_lower_count", number),
        ("In conflict, insufficient data", "services_insufficient_count", number),
    )),
)  # fmt: skip


def headline(tables: Frames, release: Release) -> list[str]:
    """The sentences of `headline_both` in English."""
    return [sentence.en for sentence in headline_both(tables, release)]


def headline_both(tables: Frames, release: Release) -> list[Both]:
    """Three sentences with floors and the exact window, as the published figures are worded."""
    row = latest(tables, "national_summary", release.method).row(0, named=True)
    first_day, when = day_both(row["period_start"]), day_both(row["period_end"])
    total = number(row["townships_count"])
    first = say("At least {some} of {total} townships ({share}) were in conflict as of {day}.",
                some=number(row["in_conflict_count"]), total=total, share=share_both(row["in_conflict_share"]),
                day=when)  # fmt: skip
    if row["in_conflict_count"] is None:
        first = say("How many townships were in conflict as of {day} is not reported.", day=when)
    clashes = say(
        "At least {clashes} clashes were placed in a township from {first} to {last}; {high} townships are in the "
        "class high of the Security Index.",
        clashes=number(row["clashes_count"]), first=first_day, last=when, high=number_both(row["security_high_count"]),
    )  # fmt: skip
    if row["clashes_count"] is None:
        clashes = say("The number of clashes from {first} to {last} is not reported.", first=first_day, last=when)
    idps = say("No displacement figure was reported.")
    if row["idps_persons"] is not None:
        idps = say(
            "{people} displaced people are reported, from {some} of {total} townships; the others are not reported.",
            people=persons_both(row["idps_persons"]), some=number_both(row["idps_reporting_count"]), total=total,
        )  # fmt: skip
        idps = _joined(" ", [idps, *_basis(tables, release)])
    return [first, clashes, idps]


def _joined(between: str, parts: Sequence[Both]) -> Both:
    return Both(between.join(part.en for part in parts), between.join(part.my for part in parts))


def _basis(tables: Frames, release: Release) -> list[Both]:
    """Which displacement the figures are: new since the coup and stock mean different things."""
    index = latest(tables, "township_index", release.method)
    found = index["idps_basis"].drop_nulls().value_counts().sort("idps_basis")
    days = index["idps_reference_date"].drop_nulls().unique().sort()
    kinds = {
        "new": "{count} townships report newly displaced since the coup",
        "stock": "{count} townships report all displaced at the date of the report, old and new",
    }
    parts = [say(kinds[basis], count=number(count)) for basis, count in found.iter_rows()]
    if not parts or not days.len():
        return []
    ends = list(dict.fromkeys((days[0], days[-1])))
    dates = say("{first} to {last}", first=day_both(ends[0]), last=day_both(ends[-1]))
    told = say("The reports are of {days}; later returns and flights are not in them.",
               days=dates if len(ends) > 1 else day_both(ends[0]))  # fmt: skip
    said = _joined("; ", parts)
    return [Both(f"{said.en}.", f"{said.my}။"), told]


def comparable_rows(
    tables: Frames, release: Release
) -> tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any] | None]:
    """The country in the last month, the month before and twelve months before; None where there is no such month."""
    own = published(tables, "national_summary").filter(pl.col("method") == release.method).to_dicts()
    if not own:
        raise ValueError(f"national_summary holds no row of method {release.method!r}; the release has nothing to show")
    now = own[-1]
    by_month = {row["month"]: row for row in own}
    before = [date(now["month"].year - (now["month"].month == 1), (now["month"].month - 2) % 12 + 1, 1),
              date(now["month"].year - 1, now["month"].month, 1)]  # fmt: skip
    return now, by_month.get(before[0]), by_month.get(before[1])


def national(tables: Frames, release: Release) -> dict[str, Any]:
    """The national table: the default method with its change since the month before and since twelve months before."""
    frame = published(tables, "national_summary")
    now, *then = comparable_rows(tables, release)
    before, year = then
    others = {
        name: rows[-1]
        for name in frame["method"].unique().sort().to_list()
        if name != release.method
        and (rows := frame.filter(pl.col("method") == name, pl.col("month") == now["month"]).to_dicts())
    }
    comparing = Comparing(tables, release)
    groups = [
        {
            "heading": say(heading),
            "rows": [
                {
                    "words": say(words),
                    "now": _worded(now, column, wording),
                    "changes": [_moved(column, now, row, comparing) for row in then],
                    "others": [_worded(row, column, wording) for row in others.values()],
                }
                for words, column, wording in lines
            ],
        }
        for heading, lines in _NATIONAL
    ]
    return {
        "groups": groups,
        "month": month_both(now["month"]),
        "first": day_both(now["period_start"]),
        "last": day_both(now["period_end"]),
        "before": month_both(before["month"]) if before else say("no earlier month"),
        "year": month_both(year["month"]) if year else say("no month a year earlier"),
        "others": [{"name": name, "title": _title(release, name)} for name in others],
    }


def _worded(row: Mapping[str, Any], column: str, wording: Callable[[Any], str]) -> Both | str:
    return count_both(row, column) if wording is number else told(wording(row[column]))


def _moved(column: str, now: Mapping[str, Any], before: Mapping[str, Any] | None, comparing: Comparing) -> Both:
    refused = comparing.refusal(column, now, before)
    if before is None or refused:
        return say(refused or NONE)
    if column.endswith("_share"):
        pair = [None if row[column] is None else round(row[column] * 100, 1) for row in (now, before)]
        return change_both(pair[0], pair[1], points=True)
    return change_both(known(now, column), known(before, column))


def _title(release: Release, name: str) -> str:
    method = release.spec(name)
    return method.title if method else name


def townships(tables: Frames, release: Release) -> list[dict[str, str]]:
    """One row a township, every value in words."""
    wanted = [
        "adm3_pcode", "adm3_name", "adm3_name_my", "state_region", "security_class", "humanitarian_class",
        "services_class", "control_class", "clashes_count", "idps_persons", "idps_suppressed", "idps_basis",
        "services_known_count",
        "evidence_grade", "data_age_days", "security_high_probability",
    ]  # fmt: skip
    return [
        {
            **row,
            "security": label(row["security_class"]),
            "humanitarian": label(row["humanitarian_class"]).replace("displacement reported", "displacement"),
            "services": label(row["services_class"]),
            "clashes": number(row["clashes_count"]),
            "idps": persons(row["idps_persons"], row["idps_suppressed"]),
            "basis": row["idps_basis"] or "",
            "known": number(row["services_known_count"]),
            "grade": row["evidence_grade"] or label(None),
            "age": number(row["data_age_days"]),
        }
        for row in latest_townships(tables, release).select(wanted).to_dicts()
    ]


def map_rows(rows: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    """Looks by P-code for the maps; a township without an index row counts as insufficient data."""
    return {row["adm3_pcode"]: {**row, **looks(row)} for row in rows}


def series(tables: Frames, release: Release) -> tuple[list[date], list[tuple[str, str, str, list[Series]]]]:
    """Months and charts: (key, title, file with the numbers, lines)."""
    steps = months(tables, release.method)
    summary = published(tables, "national_summary").filter(pl.col("method") == release.method)
    monthly = (
        published(tables, "township_index")
        .filter(pl.col("method") == release.method)
        .group_by("month")
        .agg(pl.when(pl.col("clashes_month_count").count() > 0).then(pl.col("clashes_month_count").sum()))
    )
    clashes = dict(monthly.iter_rows())

    def line(name: str, column: str, times: int = 1) -> Series:
        return Series(name, tuple((summary[column] * times).to_list()))

    return steps, [
        ("townships", "Townships in conflict, and of class high on security", "national_summary",
         [line("in conflict", "in_conflict_count"), line("security high", "security_high_count")]),
        ("clashes", "Clashes placed in a township, by month", "township_index",
         [Series("clashes", tuple(clashes.get(step) for step in steps))]),
        ("lost", "Control lost by the Security Index, per cent of all", "national_summary",
         [line("townships", "control_lost_townships_share", 100), line("area", "control_lost_area_share", 100),
          line("population", "control_lost_population_share", 100)]),
        ("displaced", "Displaced people reported (at least)", "national_summary", [line("people", "idps_persons")]),
    ]  # fmt: skip
