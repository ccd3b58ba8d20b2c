"""One small page a township: its classes and figures under every method, and its clashes by month.

Not here: maps and comparisons between townships, which stand on the report page.
"""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from reports.charts import Series, draw_series
from reports.pages import Pages, drawn
from reports.recency import recency
from reports.release import Release
from reports.slices import latest_of_all_methods, months, published
from reports.wording import day, label, number, persons, share, share_range, yes_no

Row = Mapping[str, Any]


def _of(column: str, wording: Callable[[Any], str]) -> Callable[[Row], str]:
    return lambda row: wording(row[column])


def _day_or_missing(value: date | None) -> str:
    return day(value) if value else label(None)


_FIGURES: tuple[tuple[str, Callable[[Row], str]], ...] = (
    ("Window", lambda row: f"{day(row['period_start'])} to {day(row['period_end'])}"),
    ("In conflict", _of("in_conflict", yes_no)),
    ("Security Index", _of("security_class", label)),
    ("Security score, 0 to 100", _of("security_score", number)),
    ("Clashes in the window (at least)", _of("clashes_count", number)),
    ("Clashes in the month (at least)", _of("clashes_month_count", number)),
    ("Deaths in these events (best estimate)", _of("fatalities_persons", number)),
    ("Probability that the clash rate is at or above the cut for high", _of("security_high_probability", share)),
    ("Humanitarian Crisis Index", _of("humanitarian_class", label)),
    ("Displaced people", lambda row: persons(row["idps_persons"], row["idps_suppressed"])),
    ("Displaced people: which", _of("idps_basis", label)),
    ("Displaced people: day of the report", _of("idps_reference_date", _day_or_missing)),
    ("Public Service Provision Index", _of("services_class", label)),
    ("Service items known, of 5", _of("services_known_count", number)),
    ("Services lost, if unknown items are best to worst",
     lambda row: share_range(row["services_lost_min"], row["services_lost_max"])),
    ("Control, as recorded", _of("control_class", label)),
    ("Clashes located at township level or better", _of("precise_share", share)),
    ("Evidence grade, A strong to D weak", _of("evidence_grade", label)),
    ("Age of the newest record, days", _of("data_age_days", number)),
)  # fmt: skip


def write_township_pages(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write report/townships/<pcode>.html for every township of the list."""
    pages = Pages(release, folder / "report" / "townships", root="../")
    steps, recent = months(tables, release.method), recency(tables, release)
    index = published(tables, "township_index").filter(pl.col("method") == release.method)
    counts = {
        (code, month): n for code, month, n in index.select("adm3_pcode", "month", "clashes_month_count").iter_rows()
    }
    rows: dict[str, dict[str, Row]] = {}
    for row in latest_of_all_methods(tables, "township_index").to_dicts():
        rows.setdefault(row["adm3_pcode"], {})[row["method"]] = row
    for place in published(tables, "townships").drop("geometry").to_dicts():
        code = place["adm3_pcode"]
        own = rows.get(code, {})
        line = Series("clashes", tuple(counts.get((code, step)) for step in steps))
        pages.write(
            "township.html.j2", f"{code}.html",
            place={**place, "area": number(place["area_km2"]), "population": number(place["population_persons"])},
            methods=list(own), figures=[(words, [said(row) for row in own.values()]) for words, said in _FIGURES],
            chart=drawn(
                draw_series("clashes", "Clashes by month", steps, [line], recent["provisional"], recent["part"])
            ),
            recency=recent,
        )  # fmt: skip
