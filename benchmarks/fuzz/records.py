"""Which records function reads which format: the one table that a new format's function is added to.

A format without one goes through the reader only.
"""

from collections.abc import Callable

import polars as pl

from pipeline.codes import Kind
from pipeline.deliveries import as_frame
from pipeline.frames import empty
from pipeline.records import reports
from pipeline.records.clashes import current_clashes
from pipeline.records.events import canonical_events, ucdp_events
from pipeline.records.inputs import with_delivery
from pipeline.records.places import Gazetteer
from pipeline.records.triage import Triage

Make = Callable[[pl.DataFrame, Gazetteer], Triage]
# The records table of each kind and the column that says which day a record stands for.
TABLE_OF: dict[Kind, tuple[str, str]] = {
    Kind.CLASHES: ("records.clashes", "event_date"),
    Kind.DISPLACEMENT: ("records.displacement", "reference_date"),
    Kind.SERVICES: ("records.services", "survey_date"),
    Kind.CONTROL: ("records.control", "reference_date"),
    Kind.POPULATION: ("records.population", "reference_date"),
}


def _events(read: Callable[[pl.DataFrame], Triage]) -> Make:
    def make(raw: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
        result = current_clashes([read(raw)], gazetteer)
        return Triage(result.records, result.set_aside)

    return make


def _none(format_name: str) -> pl.DataFrame:
    return with_delivery(empty(f"raw.{format_name}"), as_frame([]))


MAKE: dict[str, Make] = {
    "ucdp_ged": _events(ucdp_events),
    "canonical_clashes": _events(canonical_events),
    "canonical_displacement": lambda raw, places: reports.displacement(raw, _none("hpc_baseline"), places),
    "hpc_baseline": lambda raw, places: reports.displacement(_none("canonical_displacement"), raw, places),
    "canonical_services": reports.services,
    "canonical_control": reports.control,
    "canonical_population": reports.population,
}
