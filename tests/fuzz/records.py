"""The records of each format by itself, as the parsers of the sources give them."""

from collections.abc import Callable

import polars as pl

from pipeline.declare.codes import Kind
from pipeline.declare.frames import empty
from pipeline.records.clashes import current_clashes
from pipeline.records.parsing import with_delivery
from pipeline.records.placing import Gazetteer
from pipeline.records.triage import Triage
from pipeline.sources import BY_NAME
from pipeline.sources.parsers import EVENTS, control, reports
from pipeline.storage.deliveries import as_frame

Make = Callable[[pl.DataFrame, Gazetteer], Triage]
# The records table of each kind and the column that says which day a record stands for.
TABLE_OF: dict[Kind, tuple[str, str]] = {
    Kind.CLASHES: ("records.clashes", "event_date"),
    Kind.DISPLACEMENT: ("records.displacement", "reference_date"),
    Kind.SERVICES: ("records.services", "survey_date"),
    Kind.CONTROL: ("records.control", "reference_date"),
    Kind.POPULATION: ("records.population", "reference_date"),
    Kind.SIGNS: ("records.signs", "from_date"),
    Kind.CLASH_COUNTS: ("records.clash_counts", "period_start"),
}


def table_of(format_name: str) -> tuple[str, str]:
    """The table of a format's records, and its column of the day."""
    if format_name == "canonical_towns":
        return "records.town_control", "event_date"
    return TABLE_OF[BY_NAME[format_name].kind]


def _made(format_name: str) -> Make:
    """The records of one format, the other formats of its kind empty."""
    kind = BY_NAME[format_name].kind

    def make(raw: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
        if format_name in EVENTS:
            result = current_clashes([EVENTS[format_name](raw)], gazetteer)
            return Triage(result.records, result.set_aside)
        if format_name == "canonical_towns":
            held = control(lambda name: raw if name == format_name else _none(name), gazetteer)
            return Triage(held.towns, held.set_aside)
        return reports(kind, lambda name: raw if name == format_name else _none(name), gazetteer)

    return make


def _none(format_name: str) -> pl.DataFrame:
    return with_delivery(empty(f"raw.{format_name}"), as_frame([]))


MAKE: dict[str, Make] = {name: _made(name) for name in BY_NAME}
