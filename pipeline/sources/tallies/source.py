"""Tallies as they are declared: events counted by township, day, class and precision, as `tally` leaves them."""

from pipeline.declare.codes import Absence, GeoPrecision, Kind
from pipeline.declare.formats import FileFormat, as_named
from pipeline.declare.sources import Source
from pipeline.declare.terms import EVENT_TERMS

TALLIES = Source(
    key="tallies",
    title="Events counted by township and day",
    provider="the team that counted them",
    licence="not stated",
    citation="Events counted by township, day, class and precision from a list of events.",
    cadence="as delivered",
    absence_means=Absence.ZERO,
    absence_why=(
        "A tally is made from a list of events that is read as the list of all events found; a sidecar can say "
        "otherwise."
    ),
    rows_may_be_passed_on=False,
    provisional_days=30,
    provisional_why="As for the lists of events that a team delivers itself, from which tallies are made.",
    caveat="Each row counts several events, so actors and single events are not known.",
    split_by_team=True,
    formats=(
        FileFormat(
            "tallies",
            Kind.CLASHES,
            as_named(
                "event_date", "adm3_pcode", "event_type", "geo_precision", "events_count", "fatalities", "source",
            ),
            required=("event_date", "adm3_pcode", "event_type", "events_count"),
            key=("event_date", "adm3_pcode", "event_type", "geo_precision"),
            terms={"event_type": tuple(EVENT_TERMS), "geo_precision": tuple(map(str, GeoPrecision))},
        ),
    ),
)  # fmt: skip
