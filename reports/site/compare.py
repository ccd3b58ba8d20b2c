"""The page that sets up to four townships or states and regions beside each other, and the file of months behind it.

The file holds what the published tables hold of the leading method: nothing that is withheld there can be had back. The
page is one for all: its address names what is compared (compare.html#MMR002001,kachin).
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.codes import UNREACHED
from reports.draw.charts import gap_pattern
from reports.months import MONTHLY, clashes_by_month, is_part
from reports.release import Release, latest, mapped_townships, months, unit
from reports.site import signals
from reports.site.finder import as_script
from reports.site.inputs import Context, Inputs
from reports.site.map import as_json, packed
from reports.site.render import drawn
from reports.text.catalogue import Both, day_both, label_both, month_both, name_both, say
from reports.text.values import signal_both
from reports.text.wording import persons, rate

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
NAME, MOST = "series.js", 4
_MISSING, _FEWER = "-", "f"
# The rows of the table, in the order of the figures of a place in the file.
ROWS = (
    "Clashes of the month", "Clashes of the last 3 months", "Clashes of the last 12 months", "Clashes since 2021",
    "Signal of the month", "Security Index", "Clashes to expect in the next 3 months (90 % interval)",
    "Displaced people", "Day of the report", "People", "Grade of evidence",
)  # fmt: skip
_PHRASES = (
    "not reported", "not known", "fewer than 10", "Remove {name}", "{name}: clashes by month; {n} in the last",
    "alert: {n} townships", "high: {n} of {total} townships", "{count} ({low} to {high})",
    "Only four can stand beside each other: remove one first.",
)  # fmt: skip


def _count(value: int | None) -> str:
    return _MISSING if value is None else str(value)


def _people(row: Row) -> str:
    if row["idps_persons"] is None and not row.get("idps_suppressed"):
        return _MISSING
    return _FEWER if persons(row["idps_persons"], row.get("idps_suppressed")) == persons(1) else _count(
        row["idps_persons"])  # fmt: skip


def _township(row: Row, ahead: Mapping[str, Sequence[Any]], monthly: Sequence[int | None]) -> list[Any]:
    """The figures of ROWS and the packed months."""
    expected = None if row["security_shown"] in UNREACHED else ahead.get(row["adm3_pcode"])
    return [
        *(_count(row[column]) for column in (MONTHLY, "clashes_3m_count", "clashes_12m_count", "clashes_count")),
        row["signal"], row["security_shown"], expected, _people(row),
        None if row["idps_reference_date"] is None else row["idps_reference_date"].isoformat(),
        _count(row["population_persons"]), row["evidence_grade"] or _MISSING, packed(map(_count, monthly)),
    ]  # fmt: skip


def series(tables: Frames, release: Release) -> dict[str, Any]:
    """Months, and for each township by P-code and each region by its file name the figures of ROWS and its months."""
    steps = months(tables, release.method)
    own = mapped_townships(tables, release).drop("geometry")
    by_place = clashes_by_month(tables, release, "adm3_pcode")
    by_region = clashes_by_month(tables, release, "state_region")
    ahead = {
        code: [rate(value), low, high]
        for code, value, low, high in latest(tables, "current_intensity", release.method)
        .select("adm3_pcode", "expected_clashes_next_3m", "interval_low", "interval_high").iter_rows()
        if None not in (value, low, high)
    }  # fmt: skip
    people = dict(own.group_by("state_region").agg(pl.col("population_persons").sum()).iter_rows())
    regions = latest(tables, "region_summary", release.method)
    expected = own.group_by("state_region").agg(pl.col("expected_clashes_next_3m").drop_nulls())
    together = {state: [rate(math.fsum(values))] for state, values in expected.iter_rows() if values}
    return {
        "months": [f"{step:%Y-%m}" for step in steps],
        "townships": {
            row["adm3_pcode"]: _township(row, ahead, [by_place.get((row["adm3_pcode"], step)) for step in steps])
            for row in own.to_dicts()
        },
        "regions": {
            unit(row["state_region"]).slug: _region(
                row, people[row["state_region"]], together.get(row["state_region"]),
                [by_region.get((row["state_region"], step)) for step in steps]
            )
            for row in regions.sort("state_region").to_dicts() if row["state_region"] in people
        },
    }  # fmt: skip


def _region(row: Row, people: int | None, ahead: list[str] | None, monthly: Sequence[int | None]) -> list[Any]:
    """As of a township; signals and classes are those of its townships, counted. A sum has no interval and no grade."""
    return [
        *(_count(value) for value in (monthly[-1], row["clashes_3m_count"], row["clashes_12m_count"],
                                      row["clashes_count"])),
        row["signal_alert_count"], [row["security_high_count"], row["townships_count"]], ahead, _people(row), None,
        _count(people), _MISSING, packed(map(_count, monthly)),
    ]  # fmt: skip


def write_series(tables: Frames, release: Release, folder: Path) -> None:
    """Write report/series.js."""
    mark = f"// {release.data_mark}\n" if release.data_mark else ""
    (folder / NAME).write_bytes(f"{mark}{as_script('TOWNSHIP_SERIES', series(tables, release))}".encode())


def _words(frame: pl.DataFrame) -> dict[str, Both]:
    """Code -> its words, of the signals and of what is shown of security."""
    shown = {code: label_both(code) for code in frame["security_shown"].drop_nulls().unique().sort()}
    return {**shown, **{f"signal_{code}": signal_both(code) for code in frame["signal"].drop_nulls().unique().sort()}}


def page(inputs: Inputs) -> list[Context]:
    """compare.html: a field, what was chosen, bars above each other on one scale, a table."""
    tables, release, recent = inputs.tables, inputs.release, inputs.recent
    steps = months(tables, release.method)
    own = mapped_townships(tables, release).drop("geometry")
    listed = signals.standing(own).head(2).to_dicts()
    days = sorted(set(own["idps_reference_date"].drop_nulls().to_list()))
    data = {
        "rows": [say(words) for words in ROWS], "phrases": {words: say(words) for words in _PHRASES},
        "labels": _words(own), "most": MOST, "mark": release.data_mark, "hollow": recent["provisional"],
        "part": is_part(release.period_end), "months": [month_both(step) for step in steps],
        "days": {day.isoformat(): day_both(day) for day in days},
    }  # fmt: skip
    return [{
        "data": as_json(data), "recency": recent, "month": month_both(steps[-1]), "gap": drawn(gap_pattern()),
        "listed": [(row["adm3_pcode"], name_both(row["adm3_name"], row["adm3_name_my"]))
                   for row in listed],
        "months_file": NAME, "first": month_both(steps[0]),
    }]  # fmt: skip
