"""ACLED as it is declared: provider, terms, the columns of its exports and of its list of deletions, its login."""

from pipeline.declare.choice import ONE_CLASH, THREE_CLASHES, Choice
from pipeline.declare.codes import Absence, Kind
from pipeline.declare.formats import DEGREES, FileFormat, as_named
from pipeline.declare.sources import Download, Source
from pipeline.declare.terms import ACLED_EVENTS

USERNAME, PASSWORD, REFRESH = "ACLED_USERNAME", "ACLED_PASSWORD", "ACLED_REFRESH_TOKEN"
_COLUMNS = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1",
    "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "civilian_targeting", "iso",
    "region", "country", "admin1", "admin2", "admin3", "location", "latitude", "longitude", "geo_precision", "source",
    "source_scale", "notes", "fatalities", "tags", "timestamp",
)  # fmt: skip

EVENTS = FileFormat(
    "acled",
    Kind.CLASHES,
    as_named(*_COLUMNS),
    required=("event_id_cnty", "event_date", "event_type", "admin1", "admin3", "latitude", "longitude",
              "geo_precision"),
    key=("event_id_cnty",),
    located=True,
    terms={"event_type": (*ACLED_EVENTS, "violence_against_civilians")},
    cells={
        "event_id_cnty": r"[A-Z]{3}[0-9]+", "year": r"[12][0-9]{3}", "time_precision": r"[123]", "iso": r"[0-9]+",
        "latitude": DEGREES, "longitude": DEGREES, "geo_precision": r"[123]", "fatalities": r"[0-9]+",
    },
)  # fmt: skip
# What ACLED's list of deleted events holds: ids and when each was taken out.
DELETIONS = FileFormat(
    "acled_deleted",
    Kind.CLASHES,
    as_named("event_id_cnty", "deleted_timestamp"),
    required=("event_id_cnty", "deleted_timestamp"),
    deletions=True,
)

ACLED = Source(
    key="acled",
    title="Armed Conflict Location and Event Data",
    provider="ACLED",
    licence="ACLED terms of use: aggregated use with attribution, event rows may not be passed on",
    citation="Armed Conflict Location and Event Data (ACLED); acleddata.com.",
    cadence="weekly, with later revisions and deletions",
    silent_after_days=Choice(
        14,
        "Two of its weekly updates: a single one may be late.",
    ),
    absence_means=Absence.ZERO,
    absence_why="The project codes all political violence it finds countrywide, so none coded means none found.",
    rows_may_be_passed_on=False,
    url="https://acleddata.com/",
    provisional_days=60,
    provisional_why=(
        "ACLED is a living data set: each week it adds the week before and also adds, changes and removes older "
        "events (acleddata.com, Keeping ACLED data updated). It states no time after which a week is settled; "
        "two months are this project's choice, to be checked against the table revisions."
    ),
    formats=(EVENTS, DELETIONS),
    security_steps={"since the coup": Choice(3, THREE_CLASHES), "12 months": Choice(1, ONE_CLASH)},
    download=Download(
        name="acled",
        about="ACLED: events of Myanmar that changed since the last fetch, and the list of deleted events.",
        hosts=("acleddata.com/oauth/", "acleddata.com/api/"),
        daily_at="04:07",
        options=("--from", "--to", "--since"),
        keys=(USERNAME, PASSWORD, REFRESH),
        note="ACLED's terms: name ACLED on every product, and pass no event rows on",
    ),
)
