"""The few numbers of a run that are plotted from run to run: one name each, whatever the release.

A number that is not known is left out, never zero: a plot then has a gap.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl

from pipeline.declare.codes import Kind

PLOTTED = ("records.set_aside", "published.national_summary", "published.deliveries")
Metrics = dict[str, int | float]
# Columns of national_summary in the leading month of the method that heads the report.
_NATIONAL: Mapping[str, str] = MappingProxyType({
    "townships_in_conflict": "in_conflict_count",
    "townships_high": "security_high_count",
    "townships_alert": "signal_alert_count",
    "townships_rise": "signal_rise_count",
    "townships_onset": "signal_onset_count",
    "townships_fall": "signal_fall_count",
    "townships_lull": "signal_lull_count",
    "townships_signal_unknown": "signal_unknown_count",
    "clashes_month": "clashes_month_count",
    "clashes_3_months": "clashes_3m_count",
    "clashes_12_months": "clashes_12m_count",
    "clashes_unallocated": "clashes_unallocated_count",
    "idps_persons": "idps_persons",
    "townships_reporting_idps": "idps_reporting_count",
})  # fmt: skip


def run_metrics(full_name: str, frame: pl.DataFrame, method: str, as_of: date) -> Metrics:
    """The plotted numbers of one table; empty for a table of which none is plotted.

    `method` heads the report, `as_of` is the day up to which the run knows.
    """
    if full_name == "published.national_summary":
        return _national(frame.filter(pl.col("method") == method))
    if full_name == "published.deliveries":
        return _ages(frame, as_of)
    if full_name == "records.set_aside":
        kinds = dict(frame.group_by("kind").len().iter_rows())
        return {f"set_aside_{kind}_rows": int(kinds.get(str(kind), 0)) for kind in Kind}
    return {}


def _national(rows: pl.DataFrame) -> Metrics:
    if rows.is_empty():
        return {}
    old = rows.filter(~pl.col("in_publication_lag"))
    newest = (rows if old.is_empty() else old).sort("month").row(-1, named=True)
    return _known({name: newest[column] for name, column in _NATIONAL.items()})


def _ages(deliveries: pl.DataFrame, as_of: date) -> Metrics:
    """Deliveries in force, and by kind the days from the newest record to the day the run knows of."""
    newest = deliveries.group_by("kind").agg(pl.col("last_date").max()).sort("kind")
    ages = {f"age_{kind}_days": None if day is None else (as_of - day).days for kind, day in newest.iter_rows()}
    return {"deliveries": deliveries.height, **_known(ages)}


def _known(values: Mapping[str, Any]) -> Metrics:
    return {name: value for name, value in values.items() if value is not None}
