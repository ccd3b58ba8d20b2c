"""What a brief is made from: the counts and published rows that may be shown, and nothing else.

Not here: how it is read (pipeline/briefing.py) and worded (reports/neutral_*.py).
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.briefs.asked import Asked
from pipeline.briefs.spans import Span
from pipeline.codes import EventClass


@dataclass(frozen=True)
class Facts:
    """What the release says of itself."""

    release_id: str
    synthetic: bool
    schematic: bool
    method: str
    period_end: date
    as_of: date | None
    code_version: str


@dataclass(frozen=True)
class Cuts:
    """The numbers of the method that the codes of a brief are explained with."""

    clashes: int
    services_share: float
    window_start: date | None  # None where the window rolls
    window_months: int | None


@dataclass(frozen=True)
class Material:
    """`places` holds all townships with their polygons; `state` one row of published.township_index for each township.

    `state_day` is the last day the rows of `state` stand for: never later than the period. `events` is as
    counts.event_counts makes it. `sources` has one row per delivery in force, with its checksum. `dialogue` is
    published.actor_dialogue.
    """

    asked: Asked
    facts: Facts
    cuts: Cuts
    spans: tuple[Span, ...]
    events: pl.DataFrame
    clash_source: str
    silence_is_zero: bool
    lethal_only: bool  # the source holds events with deaths alone
    recorded: tuple[EventClass, ...]  # classes that the source has an event of somewhere; others are not known
    provisional_from: date | None  # first day of the period's provisional months, which the source still adds to
    places: pl.DataFrame
    neighbours: tuple[str, ...]
    state: pl.DataFrame
    state_day: date
    sources: pl.DataFrame
    dialogue: pl.DataFrame
