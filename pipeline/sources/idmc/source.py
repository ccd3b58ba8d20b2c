"""IDMC's internal displacement updates as they are declared: provider, terms, columns, the key of the download."""

from pipeline.declare.choice import Choice
from pipeline.declare.codes import Absence, Kind
from pipeline.declare.formats import FileFormat, as_named
from pipeline.declare.sources import Download, Source

CLIENT_ID = "IDMC_CLIENT_ID"
_COLUMNS = (
    "id", "country", "iso3", "latitude", "longitude", "role", "displacement_type", "qualifier", "figure",
    "displacement_date", "displacement_start_date", "displacement_end_date", "year", "event_name", "category", "type",
    "subtype", "locations_name", "locations_accuracy", "sources", "created_at",
)  # fmt: skip

IDMC = Source(
    key="idmc_idu",
    title="Internal displacement updates",
    provider="Internal Displacement Monitoring Centre (IDMC)",
    licence="IDMC terms of use, attribution",
    citation="Internal Displacement Monitoring Centre (IDMC), internal displacement updates.",
    cadence="daily",
    silent_after_days=Choice(
        14,
        "Two weeks: the list is renewed daily, but rows of Myanmar come a few times a month.",
    ),
    absence_means=Absence.UNKNOWN,
    absence_why="Updates record displacement that was reported; a place without one was not counted.",
    rows_may_be_passed_on=True,
    url="https://www.internal-displacement.org/",
    caveat=(
        "Movements are counted, not people: who fled twice counts twice and who went home is not taken off, so "
        "the sum since the coup is an upper reading of people newly displaced."
    ),
    formats=(
        FileFormat(
            "idmc_idu",
            Kind.DISPLACEMENT,
            as_named(*_COLUMNS),
            required=("id", "latitude", "longitude", "role", "displacement_type", "figure", "displacement_end_date"),
            flows=True,
        ),
    ),
    download=Download(
        name="idmc",
        about="IDMC's internal displacement updates, the rows of Myanmar.",
        hosts=(
            "helix-tools-api.idmcdb.org/external-api/",
            "helix-copilot-prod-helix-media-external.s3.amazonaws.com/",
            "helix-copilot-prod-helix-media-external.s3.eu-west-1.amazonaws.com/",
        ),
        daily_at="04:28",
        options=("--from", "--to", "--since"),
        keys=(CLIENT_ID,),
    ),
)
