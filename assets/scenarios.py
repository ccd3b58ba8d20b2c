"""The tables of scenarios: reads what the indices were made from and computes all scenarios once."""

from datetime import date

import polars as pl

from assets.context import LOG, IndexRun
from pipeline.analysis.scenario_grid import ClashSource, Records
from pipeline.analysis.scenarios import Outcome, outcomes, scenarios
from pipeline.analysis.sensitivity import robustness, sensitivity
from pipeline.declare.codes import Absence, IndexName
from pipeline.declare.scenarios import SOURCE
from pipeline.records.parsing import trusted_silence
from pipeline.storage import deliveries as landed
from pipeline.storage.lead_source import uncovered


def make_scenarios(run: IndexRun) -> pl.DataFrame:
    """published.scenarios; the run's log says how many there are and which choice had no alternative."""
    records = records_of(run)
    indices = {index: run.warehouse.read(f"indices.{index}") for index in IndexName}
    found = outcomes(records, run.methods, indices)
    run.keep_outcomes(found)
    LOG.info("Scenarios: %s", _sentence(found, records))
    return scenarios(found)


def make_robustness(run: IndexRun) -> pl.DataFrame:
    """published.robustness, from the scenarios of this run; computed again where that table was not selected."""
    found = run.kept_outcomes()
    if found is None:
        indices = {index: run.warehouse.read(f"indices.{index}") for index in IndexName}
        found = outcomes(records_of(run), run.methods, indices)
    return robustness(found)


def make_sensitivity(run: IndexRun) -> pl.DataFrame:
    return sensitivity(run.warehouse.read("published.scenarios"))


def records_of(run: IndexRun) -> Records:
    """What the indices of this run are made from, to compute them again."""
    read = run.warehouse.read
    return Records(
        clashes=read("records.clashes"),
        displacement=read("records.displacement"),
        services=read("records.services"),
        deliveries=trusted_silence(landed.as_frame(run.known), read("records.set_aside")),
        townships=read("records.townships"),
        period_end=run.last_day,
        sources=_sources(run),
    )


def _sources(run: IndexRun) -> tuple[ClashSource, ...]:
    """The clash sources in force, the leading one first, with the months of their events wherever these are located."""
    columns = ("source_key", "event_date")
    events = pl.concat(
        run.warehouse.read(table).select(columns) for table in ("records.clashes", "records.unallocated_events")
    )
    return tuple(_source(run, key, events.filter(pl.col("source_key") == key)) for key in run.lead.source_keys)


def _source(run: IndexRun, key: str, events: pl.DataFrame) -> ClashSource:
    own = [delivery for delivery in run.known if delivery.source_key == key]
    silent = {delivery.absence_means for delivery in own}
    days = [day for day in events["event_date"] if isinstance(day, date)]
    first = min(days, default=None)
    stated = [date.fromisoformat(delivery.covered_until) for delivery in own if delivery.covered_until]
    last = max([*days, *stated], default=None)
    return ClashSource(
        key,
        Absence.ZERO if silent == {Absence.ZERO} else Absence.UNKNOWN,
        first and first.replace(day=1),
        last and last.replace(day=1),
        uncovered(own),
    )


def _sentence(found: list[Outcome], records: Records) -> str:
    """How many scenarios each index has, and why a choice has no alternative; the same for every method."""
    counts = {outcome.grid.index: len(outcome.grid.scenarios) for outcome in found}
    said = ", ".join(f"{index} {count}" for index, count in counts.items())
    without = sorted({choice for outcome in found for choice in outcome.grid.without_alternative})
    why = {SOURCE: _why_no_source(records), "precision": "a source locates none of its events exactly"}
    return f"{said} per method" + "".join(
        f"; no alternative for {c}: {why.get(c, 'none is declared')}" for c in without
    )


def _why_no_source(records: Records) -> str:
    others = records.sources[1:]
    if not others:
        return "one source of clashes was delivered"
    starts = (f"{one.source_key} starts in {one.first_month:%B %Y}" for one in others if one.first_month)
    return f"no other source of clashes goes back to the coup ({', '.join(starts) or 'none has an event'})"
