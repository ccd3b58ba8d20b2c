"""What the report page shows, in words: each section as plain rows for the templates.

Every value is worded here, so a template never meets a null. Not here: HTML, colours, escaping.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import polars as pl

from reports.charts import Series
from reports.looks import looks
from reports.release import Release
from reports.slices import latest, latest_townships, months, published
from reports.wording import change, day, known, label, month_name, number, persons, share

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
    """Two sentences with floors and the exact window, as the published figures are worded."""
    row = latest(tables, "national_summary", release.method).row(0, named=True)
    when = day(row["period_end"])
    first = (
        f"At least {number(row['in_conflict_count'])} of {number(row['townships_count'])} townships "
        f"({share(row['in_conflict_share'])}) were in conflict as of {when}."
    )
    if row["in_conflict_count"] is None:
        first = f"How many townships were in conflict as of {when} is not reported."
    clashes = (
        f"At least {number(row['clashes_count'])} clashes were placed in a township "
        f"from {day(row['period_start'])} to {when}; "
        f"{number(row['security_high_count'])} townships are in the class high of the Security Index."
    )
    if row["clashes_count"] is None:
        clashes = f"The number of clashes from {day(row['period_start'])} to {when} is not reported."
    idps = "No displacement figure was reported."
    if row["idps_persons"] is not None:
        idps = (
            f"{persons(row['idps_persons'])} displaced people are reported, from "
            f"{number(row['idps_reporting_count'])} of {number(row['townships_count'])} townships; "
            f"the others are not reported. {_basis(tables, release)}"
        )
    return [first, clashes, idps]


def _basis(tables: Frames, release: Release) -> str:
    """Which displacement the figures are: new since the coup and stock mean different things."""
    index = latest(tables, "township_index", release.method)
    found = index["idps_basis"].drop_nulls().value_counts().sort("idps_basis")
    days = index["idps_reference_date"].drop_nulls().unique().sort()
    kinds = {"new": "newly displaced since the coup", "stock": "all displaced at the date of the report, old and new"}
    parts = [f"{count} townships report {kinds.get(basis, basis)}" for basis, count in found.iter_rows()]
    if not parts or not days.len():
        return ""
    dates = " to ".join(dict.fromkeys(day(d) for d in (days[0], days[-1])))
    return "; ".join(parts) + f". The reports are of {dates}; later returns and flights are not in them."


def national(tables: Frames, release: Release) -> dict[str, Any]:
    """The national table: the default method with its change since the month before, other methods beside."""
    frame = published(tables, "national_summary")
    own = frame.filter(pl.col("method") == release.method).to_dicts()
    now, before = own[-1], own[-2] if len(own) > 1 else None
    others = {
        name: rows[-1]
        for name in frame["method"].unique().sort().to_list()
        if name != release.method
        and (rows := frame.filter(pl.col("method") == name, pl.col("month") == now["month"]).to_dicts())
    }
    groups = [
        {
            "heading": heading,
            "rows": [
                {
                    "words": words,
                    "now": wording(known(now, column)),
                    "change": _moved(column, now, before),
                    "others": [wording(known(row, column)) for row in others.values()],
                }
                for words, column, wording in lines
            ],
        }
        for heading, lines in _NATIONAL
    ]
    return {
        "groups": groups,
        "month": month_name(now["month"]),
        "period": f"{day(now['period_start'])} to {day(now['period_end'])}",
        "before": month_name(before["month"]) if before else "no earlier month",
        "others": [{"name": name, "title": _title(release, name)} for name in others],
    }


def _moved(column: str, now: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    if before is None:
        return "no comparison"
    if column.endswith("_share"):
        pair = [None if row[column] is None else round(row[column] * 100, 1) for row in (now, before)]
        return change(pair[0], pair[1], "percentage points ")
    if column == "idps_persons" and any(0 < (row[column] or 0) < 10 for row in (now, before)):
        return "no comparison"
    return change(known(now, column), known(before, column))


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
