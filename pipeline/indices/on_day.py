"""The classes of the three indices on one day that need not be the end of the period, and the country's counts of them.

Made by the functions of the indices themselves, from the records up to and including the day. Not here: what the counts
are compared with (comparison.py).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.codes import SecurityClass
from pipeline.indices.humanitarian import humanitarian
from pipeline.indices.scenario_figures import Records
from pipeline.indices.scores import SHARE_DECIMALS
from pipeline.indices.security import by_month, classes, in_period
from pipeline.indices.services import services
from pipeline.indices.summaries import CLASS_COUNTS
from pipeline.methods import Method


@dataclass(frozen=True)
class State:
    """The country on a day: its counts by their names in national_summary, its townships, the leading clash source."""

    day: date
    national: dict[str, Any]
    townships: pl.DataFrame
    source_key: str


def on_day(day: date, records: Records, method: Method) -> State:
    """The state at the end of `day`, which the records must reach.

    Raises UnusableInput for a day before the method's window starts.
    """
    lead, places = records.sources[0], records.townships
    events = in_period(records.clashes, places, method, day)
    monthly = by_month(events, method, lead.source_key)
    security = classes(monthly, places, method, day, lead.source_key, lead.absence, lead.uncovered)
    people = humanitarian(records.displacement, security, records.deliveries, places, method, day)
    offices = services(records.services, security, records.deliveries, places, method, day)
    last = pl.col("month") == day.replace(day=1)
    frame = security.filter(last).select("adm3_pcode", "in_conflict", "clashes_count", "security_class")
    for other, columns in (
        (people, ["humanitarian_class", "idps_basis"]),
        (offices, ["services_class", "services_class_best", "services_class_worst"]),
    ):
        frame = frame.join(
            other.filter(last).select("adm3_pcode", *columns), on="adm3_pcode", how="left", validate="1:1"
        )
    frame = frame.join(places.select("adm3_pcode", "state_region"), on="adm3_pcode", how="left", validate="1:1")
    return State(day, _national(frame), frame, lead.source_key)


def _national(frame: pl.DataFrame) -> dict[str, Any]:
    """As national_summary counts: null where the state of every township is unknown, else floors."""
    inside = pl.col("in_conflict").fill_null(False)
    covered = pl.col("in_conflict").is_not_null().any()
    high = pl.col("security_class") == SecurityClass.HIGH.value
    return frame.select(
        pl.len().alias("townships_count"),
        inside.sum().alias("in_conflict_count"),
        pl.when(covered).then((inside.sum() / pl.len()).round(SHARE_DECIMALS)).alias("in_conflict_share"),
        pl.when(covered)
        .then((high.fill_null(False).sum() / pl.len()).round(SHARE_DECIMALS))
        .alias("control_lost_townships_share"),
        pl.when(pl.col("clashes_count").count() > 0).then(pl.col("clashes_count").sum()).alias("clashes_count"),
        *((inside & (pl.col(column) == code.value)).sum().alias(name) for name, (column, code) in CLASS_COUNTS.items()),
    ).row(0, named=True)
