"""The last lines of a run: the national table beside the published figures, and where the files are."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.codes import NATIONAL, Profile
from reports.figures import FIGURES, Figure, Unit
from reports.release import leading_month
from reports.text.wording import percent_interval, unsettled_count

# National figures of the table -> the published figure that each stands beside.
_ROWS: Mapping[str, str] = {
    "townships_count": "townships_total",
    "in_conflict_count": "townships_in_conflict",
    "security_high_count": "security_high",
    "security_low_count": "security_low",
    "humanitarian_high_count": "humanitarian_high",
    "humanitarian_low_count": "humanitarian_low",
    "humanitarian_no_new_count": "humanitarian_no_new_idps",
    "humanitarian_insufficient_count": "",
    "services_severe_count": "services_severe",
    "services_lower_count": "services_lower",
    "services_insufficient_count": "",
    "clashes_count": "clashes_since_2021_02_01",
    "clashes_unallocated_count": "",
    "idps_persons": "",
    "control_lost_townships_share": "effective_control_lost_share",
    "control_lost_area_share": "",
    "control_lost_population_share": "",
}
_INTERVAL = ("lost_expected_share", "lost_interval_low", "lost_interval_high")
_MEASURES = {
    "control_lost_townships_share": "townships",
    "control_lost_area_share": "area",
    "control_lost_population_share": "population",
}


def closing(release: Path, analysts_database: Path | None) -> str:
    """The closing text of a published release. `release` is its folder; the database, where it holds the same."""
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    summary = _table(release / "tables", "national_summary")
    row = summary.filter(pl.col("method") == manifest["method"]).sort("month").row(-1, named=True)
    lead = leading_month({"national_summary": summary}, manifest["method"])
    figures = _table(release / "tables", "comparison")
    published = dict(figures.select("figure", "published_value").iter_rows())
    folder = release.resolve()
    intervals = _intervals(release / "tables", manifest["method"])
    lines = []
    internal = manifest["profile"] == Profile.INTERNAL
    for column, theirs in _ROWS.items():
        figure = FIGURES[column]
        precision = (", exact" if internal else ", rounded") if figure.unit == Unit.PERSONS else ""
        lines.append(_line(figure.head + precision, _shown(figure, row), published.get(theirs)))
        measure = _MEASURES.get(column)
        if measure in intervals:
            lines.append(f"{'  expected, with its 95 % interval':42}{intervals[measure]:>14}")
    lines.append(f"{'Townships with P(high) of 5 to 95 %':42}{_unsettled(release / 'tables', manifest['method']):>14}")
    return "\n".join(
        [
            "",
            f"Files     {folder}",
            f"Report    {folder / 'report' / 'index.html'}",
            # Not of an internal release: the analysts' database stays that of the last public one.
            *([] if internal or analysts_database is None else [f"Analysts  {analysts_database}"]),
            f"Checks    {manifest['checks']['passed']} of {manifest['checks']['rules']} rules hold"
            + (
                f", {len(manifest['checks']['warnings'])} warnings (report/quality.html)"
                if manifest["checks"]["warnings"]
                else ""
            ),
            *(
                [f"Note      {row['month']:%B %Y} is provisional: the last weeks are under-reported"]
                if row["provisional"]
                else []
            ),
            *(
                [f"Note      {row['month']:%B %Y} is still coming in; the pages lead with {lead:%B %Y}"]
                if row["in_publication_lag"]
                else []
            ),
            "",
            *([f"*** {manifest['notice']} ***"] if manifest["notice"] else []),
            f"National table, {manifest['method']}, {row['period_start']} to {row['period_end']}"
            f"  (published: ISP-Myanmar, December 2023)",
            f"{'':42}{'this release':>14}{'published':>12}",
            *lines,
        ]
    )


def _table(tables: Path, name: str) -> pl.DataFrame:
    # The home's path may hold what Polars would take for a pattern or a partition.
    return pl.read_parquet(tables / f"{name}.parquet", glob=False, hive_partitioning=False)


def _intervals(tables: Path, method: str) -> dict[str, str]:
    """The share lost by the Security Index with its 95 % interval, by measure, in the last month."""
    frame = _table(tables, "territorial_control")
    rows = frame.filter(
        pl.col("method") == method, pl.col("scope") == NATIONAL, pl.col("basis") == "security_index"
    ).filter(pl.col("month") == pl.col("month").max())
    return {row["measure"]: percent_interval(*(row[name] for name in _INTERVAL)) for row in rows.to_dicts()}


def _unsettled(tables: Path, method: str) -> str:
    """How many townships' class of the Security Index chance leaves open."""
    frame = _table(tables, "township_index").filter(pl.col("method") == method)
    chances = frame.filter(pl.col("month") == pl.col("month").max())["security_high_probability"].drop_nulls()
    return f"{unsettled_count(chances.to_list()):,}" if chances.len() else "not known"


def _line(label: str, value: str, published: float | None) -> str:
    return f"{label:42}{value:>14}{'' if published is None else f'{published:,.0f}':>12}"


def _shown(figure: Figure, row: Mapping[str, Any]) -> str:
    value = figure.value(row)
    if value is None:
        return "not known"
    return f"{value:.1f}" if figure.unit == Unit.SHARE else f"{value:,}"
