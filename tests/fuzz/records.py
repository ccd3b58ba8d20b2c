"""Which records function reads which format: the one table that a new format's function is added to.

A format without one goes through the reader only.
"""

from collections.abc import Callable

import polars as pl

from pipeline.declare.codes import Kind
from pipeline.declare.frames import empty
from pipeline.records import observations
from pipeline.records.clashes import current_clashes
from pipeline.records.events import canonical_events, ucdp_events
from pipeline.records.parsing import with_delivery
from pipeline.records.placing import Gazetteer
from pipeline.records.triage import Triage
from pipeline.sources.acled.events import acled_deletions, acled_events
from pipeline.storage.deliveries import as_frame

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


def _reports(make: Callable[..., Triage], *formats: str) -> dict[str, Make]:
    """One entry per format of a reports function, the other formats empty; in the order of its arguments."""

    def of(name: str) -> Make:
        return lambda raw, places: make(*(raw if other == name else _none(other) for other in formats), places)

    return {name: of(name) for name in formats}


def _none(format_name: str) -> pl.DataFrame:
    return with_delivery(empty(f"raw.{format_name}"), as_frame([]))


MAKE: dict[str, Make] = {
    "ucdp_ged": _events(ucdp_events),
    "canonical_clashes": _events(canonical_events),
    "acled": _events(acled_events),
    "acled_deleted": _events(acled_deletions),
    **_reports(observations.displacement, "canonical_displacement", "hpc_baseline", "idmc_idu"),
    **_reports(observations.services, "canonical_services", "survey_services"),
    **_reports(observations.control, "canonical_control"),
    **_reports(observations.population, "canonical_population"),
}
