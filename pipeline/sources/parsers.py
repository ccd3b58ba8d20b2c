"""Which function reads which format: the one table that a new format's function is added to.

Rows in this project's own columns of reports are read where the records are made (records/observations.py).
"""

from collections.abc import Callable

import polars as pl

from pipeline.declare.codes import Kind
from pipeline.declare.formats import AREA_FORMAT
from pipeline.records import clash_counts, observations, signs
from pipeline.records.clashes import narrowed
from pipeline.records.control import Control
from pipeline.records.control import control as control_records
from pipeline.records.events import canonical_events
from pipeline.records.placing import Gazetteer
from pipeline.records.triage import Triage
from pipeline.sources import of_kind
from pipeline.sources.acled.events import acled_deletions, acled_events
from pipeline.sources.clash_counts.by_type import counts_by_type
from pipeline.sources.hpc.stock import stock
from pipeline.sources.idmc.flows import flows
from pipeline.sources.lights.radiance import lights_by_month, lights_by_year
from pipeline.sources.survey.submissions import submissions
from pipeline.sources.tallies.events import tally_events
from pipeline.sources.ucdp.events import ucdp_events

Rows = Callable[[str], pl.DataFrame]  # format -> its raw rows with what their deliveries say
# Format of clashes -> rows in the shared event columns, not yet placed.
EVENTS: dict[str, Callable[[pl.DataFrame], Triage]] = {
    "canonical_clashes": canonical_events,
    "ucdp_ged": ucdp_events,
    "acled": acled_events,
    "acled_deleted": acled_deletions,
    "tallies": tally_events,
}
# Format of township reports -> rows in this project's own columns of their kind, not yet placed.
REPORTS: dict[str, Callable[[pl.DataFrame], Triage]] = {
    "hpc_baseline": stock,
    "survey_services": submissions,
    "lights_by_year": lights_by_year,
    "lights_by_month": lights_by_month,
    "clash_counts_by_type": counts_by_type,
}
# Format of movements -> records in townships.
FLOWS: dict[str, Callable[[pl.DataFrame, Gazetteer], Triage]] = {"idmc_idu": flows}


def events(rows: Rows, without: str = "") -> list[Triage]:
    """The event rows of every clash source but one, one by one: only the shared columns of each stay in memory."""
    return [narrowed(read(rows(name))) for name, read in EVENTS.items() if name != without]


def reports(kind: Kind, rows: Rows, gazetteer: Gazetteer) -> Triage:
    """The records of a kind of township report from all its formats: columns of `records.<kind>`.

    Another format than our own is read only where it has rows: to read none costs as much as to read a thousand.
    """
    if kind == Kind.CONTROL:
        made = control(rows, gazetteer)
        return Triage(made.records, made.set_aside)
    own, names = rows(f"canonical_{kind}"), [known.name for known in of_kind(kind)]
    filled = {name: raw for name in names if name in REPORTS or name in FLOWS if (raw := rows(name)).height}
    others = [REPORTS[name](raw) for name, raw in filled.items() if name in REPORTS]
    moved = [FLOWS[name](raw, gazetteer) for name, raw in filled.items() if name in FLOWS]
    if kind == Kind.DISPLACEMENT:
        return observations.displacement(own, others, moved, gazetteer)
    if kind == Kind.SERVICES:
        return observations.services(own, others, gazetteer)
    if kind == Kind.SIGNS:
        return signs.signs(own, others, gazetteer)
    if kind == Kind.CLASH_COUNTS:
        return clash_counts.clash_counts(own, others, gazetteer)
    return observations.population(own, gazetteer)


def control(rows: Rows, gazetteer: Gazetteer) -> Control:
    """The records of control from all its formats: of townships, of areas drawn on a map, of towns."""
    return control_records(rows("canonical_control"), rows(AREA_FORMAT), rows("canonical_towns"), gazetteer)
