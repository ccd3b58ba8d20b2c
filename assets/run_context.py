"""The context that tables are made with, from the home alone: nothing is handed on from asset to asset."""

from datetime import date
from typing import Any

import polars as pl

from assets.context import IndexRun
from assets.editions import editions_frame, known_editions
from pipeline.declare.codes import Absence, Kind
from pipeline.declare.frames import empty
from pipeline.declare.settings import REFERENCE
from pipeline.declare.sources import family
from pipeline.indices.run_context import ClashSource, Made, RunContext
from pipeline.records.triage import ROW
from pipeline.records.versions import candidate_days, newest_revision, provisional_after
from pipeline.sources import BY_KEY
from pipeline.storage import deliveries as landed
from pipeline.storage.lead_source import uncovered


def run_context(run: IndexRun) -> RunContext:
    """What a run was asked for and what was known; records.clash_days must have been made before.

    Raises UnusableInput where no clash was placed, or the period asked for is not covered.
    """
    return RunContext(
        methods=run.methods,
        last_day=run.last_day,
        profile=run.chosen_profile,
        sources=_sources(run),
        settled_until=_settled_until(run),
        reported_until=_reported_until(run),
        deliveries=landed.as_frame(run.known),
        editions=editions_frame(known_editions(run)),
        corrections=run.corrections,
        published_figures=pl.read_csv(REFERENCE / "published_figures.csv", try_parse_dates=True, glob=False),
        actor_dialogue=pl.read_csv(REFERENCE / "actor_dialogue_2021.csv", glob=False),
    )


def read_for(run: IndexRun, made: Made) -> list[pl.DataFrame]:
    """The tables that a function reads, in their order; those that it compares sources by are empty without a second.

    records.clash_days must have been made before.
    """
    several = len(run.lead.source_keys) > 1
    return [
        run.warehouse.read(name) if several or name not in made.between_sources else empty(name) for name in made.reads
    ]


def _sources(run: IndexRun) -> tuple[ClashSource, ...]:
    """The clash sources in force, the leading one first, with the months of their events wherever these are located."""
    columns = ("source_key", "event_date")
    events = pl.concat(
        run.warehouse.read(table).select(columns) for table in ("records.clash_days", "records.unallocated_events")
    )
    return tuple(_source(run, key, events.filter(pl.col("source_key") == key)) for key in run.lead.source_keys)


def _source(run: IndexRun, key: str, events: pl.DataFrame) -> ClashSource:
    own = [delivery for delivery in run.known if (delivery.kind, delivery.source_key) == (Kind.CLASHES, key)]
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


def _reported_until(run: IndexRun) -> date | None:
    """The newest day that a delivery of the leading source stands for: as its sidecar states, else its receipt."""
    days = [
        min(date.fromisoformat(one.reference_date), one.received_day) if one.reference_date else one.received_day
        for one in run.clash_deliveries
    ]
    return max(days, default=None)


def _settled_until(run: IndexRun) -> date | None:
    """The last day whose figures are settled; later months are provisional. None where none is."""
    key, warehouse = run.clash_source, run.warehouse
    if not key:
        return None
    source = BY_KEY[family(key)]
    mine = pl.col("source_key") == key
    days: list[Any] = [
        warehouse.read(table).filter(mine)["event_date"].max()
        for table in ("records.clash_days", "records.unallocated_events")
    ]
    revised = warehouse.batches("records.clashes", (), ("source_key", "updated_at"))
    own = [one for one in run.known if (one.kind, one.source_key) == (Kind.CLASHES, key)]
    covered = [date.fromisoformat(one.covered_until) for one in own if one.covered_until]
    candidates = None
    if source.final_status:
        events = warehouse.read("records.clashes", ["source_key", *ROW, "event_date"]).filter(mine)
        mirror = warehouse.read(f"raw.{source.key}", [*ROW, "code_status"])
        candidates = candidate_days(events, mirror, source.final_status)
    return provisional_after(
        source,
        [*days, newest_revision(frame.filter(mine) for frame in revised), *covered],
        max(one.received_day for one in own),
        candidates,
    )
