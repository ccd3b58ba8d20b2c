"""Counts of clashes by township and window as they are declared: made by others, and only compared with."""

from pipeline.declare.codes import Absence, Kind
from pipeline.declare.formats import PLACE_COLUMNS, PLACE_GROUPS, FileFormat, as_named
from pipeline.declare.sources import Source

CLASH_COUNTS = Source(
    key="clash_counts",
    title="Clashes counted by township",
    provider="the team that counted them, from a list of events that was not delivered",
    licence="not stated",
    citation="Clashes by township and window, counted by others from a list of events.",
    cadence="as delivered",
    absence_means=Absence.UNKNOWN,
    absence_why="A list of counts leaves townships out for many reasons; a township without a row is not at nought.",
    rows_may_be_passed_on=False,
    caveat="The leading source is compared with these counts; they are in no index and never lead.",
    split_by_team=True,
    formats=(
        FileFormat(
            "canonical_clash_counts",
            Kind.CLASH_COUNTS,
            as_named("from", "until", *PLACE_COLUMNS, "clashes_count", "source", "updated_at"),
            required=("from", "until", "clashes_count"),
            place_groups=PLACE_GROUPS,
        ),
        FileFormat(
            "clash_counts_by_type",
            Kind.CLASH_COUNTS,
            as_named("until", *PLACE_COLUMNS)
            | {
                "from": ("from", "window"),
                "battles": ("battles",),
                "explosions_remote_violence": ("explosions_remote_violence", "explosions/remote violence"),
            }
            | as_named("source", "updated_at"),
            required=("from", "battles"),
            place_groups=PLACE_GROUPS,
        ),
    ),
)
