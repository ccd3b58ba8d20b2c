"""One small page a township: its classes and figures under every method, and its clashes by month.

Not here: how the tables beside the index are worded (portraits.py); maps and comparisons between townships, which
stand on the report page.
"""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.codes import IndexName
from reports import portraits
from reports.charts import Series, draw_series
from reports.pages import Pages, drawn
from reports.recency import recency
from reports.release import Release
from reports.slices import months, published
from reports.wording import chance, day, label, number, persons, rate, share, share_range, yes_no

Row = Mapping[str, Any]


def _of(column: str, wording: Callable[[Any], str]) -> Callable[[Row], str]:
    return lambda row: wording(row[column])


def _day_or_missing(value: date | None) -> str:
    return day(value) if value else label(None)


_GROUPS: tuple[tuple[str, tuple[tuple[str, Callable[[Row], str]], ...]], ...] = (
    ("Conflict and Security Index", (
        ("Window", lambda row: f"{day(row['period_start'])} to {day(row['period_end'])}"),
        ("In conflict", _of("in_conflict", yes_no)),
        ("Class", _of("security_class", label)),
        ("Probability that the clash rate is at or above the cut for high", _of("security_high_probability", chance)),
        ("The class is kept", portraits.kept_words(IndexName.SECURITY)),
        ("Security score, 0 to 100", _of("security_score", number)),
        ("Clashes in the window (at least)", _of("clashes_count", number)),
        ("Rank by clashes, 1 the most, with 95 % interval", portraits.rank_words),
        ("Clashes in the month (at least)", _of("clashes_month_count", number)),
        ("The month beside the one before", portraits.change_words),
        ("Deaths in these events (best estimate)", _of("fatalities_persons", number)),
        ("Clashes per 1,000 km²: raw; smoothed", portraits.pair_of_rates("clashes_per_1000_km2")),
        ("Clashes per 100,000 people: raw; smoothed", portraits.pair_of_rates("clashes_per_100000_persons")),
        ("Hot or cold spot", portraits.spot_words),
    )),
    ("Humanitarian Crisis Index", (
        ("Class", _of("humanitarian_class", label)),
        ("The class is kept", portraits.kept_words(IndexName.HUMANITARIAN)),
        ("Displaced people", lambda row: persons(row["idps_persons"], row["idps_suppressed"])),
        ("Displaced people: which", _of("idps_basis", label)),
        ("Displaced people: day of the report", _of("idps_reference_date", _day_or_missing)),
        ("Displaced per 100,000 people", _of("idps_per_100000_persons", rate)),
    )),
    ("Public Service Provision Index", (
        ("Class", _of("services_class", label)),
        ("The class is kept", portraits.kept_words(IndexName.SERVICES)),
        ("Class, if unknown items are best to worst", portraits.services_bounds),
        ("Service items known, of 5", _of("services_known_count", number)),
        ("Services lost, if unknown items are best to worst",
         lambda row: share_range(row["services_lost_min"], row["services_lost_max"])),
    )),
    ("Control, on three bases", (
        ("Control, as recorded", _of("control_class", label)),
        ("By the Security Index (clashes)", portraits.control_state("security")),
        ("By administration (police and GAD both closed)", portraits.control_state("administration")),
        ("By observed control records", portraits.control_state("observation")),
    )),
    ("Evidence", (
        ("Clashes located exactly", _of("exact_share", share)),
        ("Kinds of record in force, of clashes, displacement, services and control", _of("reporting_share", share)),
        ("Evidence grade, A strong to D weak", portraits.grade_words),
        ("Age of the newest record, days", _of("data_age_days", number)),
    )),
)  # fmt: skip


def write_township_pages(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write report/townships/<pcode>.html for every township of the list."""
    pages = Pages(release, folder / "report" / "townships", root="../")
    steps, recent = months(tables, release.method), recency(tables, release)
    index = published(tables, "township_index").filter(pl.col("method") == release.method)
    counts = {
        (code, month): n for code, month, n in index.select("adm3_pcode", "month", "clashes_month_count").iter_rows()
    }
    rows, said, beside = (
        portraits.latest_rows(tables), portraits.explanations(tables, release), portraits.neighbours(tables),
    )  # fmt: skip
    for place in published(tables, "townships").drop("geometry").to_dicts():
        code = place["adm3_pcode"]
        own = rows.get(code, {})
        line = Series("clashes", tuple(counts.get((code, step)) for step in steps))
        pages.write(
            "township.html.j2", f"{code}.html",
            place={**place, "area": number(place["area_km2"]), "population": number(place["population_persons"])},
            methods=list(own),
            groups=[(heading, [(words, [wording(row) for row in own.values()]) for words, wording in lines])
                    for heading, lines in _GROUPS],
            explanations=said.get(code, []), neighbours=beside.get(code, []),
            chart=drawn(
                draw_series("clashes", "Clashes by month", steps, [line], recent["provisional"], recent["part"])
            ),
            recency=recent,
        )  # fmt: skip
