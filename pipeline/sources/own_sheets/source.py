"""Files in this project's own columns: clashes, displacement, services, control, population, signs of services."""

from pipeline.declare.codes import (
    CONTROL_SHARES,
    SERVICE_ITEMS,
    SIGN_ITEMS,
    Absence,
    Controller,
    DatePrecision,
    GeoPrecision,
    Kind,
    SignDirection,
)
from pipeline.declare.formats import PLACE_COLUMNS, PLACE_GROUPS, FileFormat, as_named
from pipeline.declare.sources import Source
from pipeline.declare.terms import ANSWER_TERMS, EVENT_TERMS

OWN_CLASHES = Source(
    key="canonical_clashes",
    title="Clash records in this project's own columns",
    provider="the team that delivered them",
    licence="not stated",
    citation="Records delivered by the operating team.",
    cadence="as delivered",
    absence_means=Absence.ZERO,
    absence_why="A list of events is read as the list of all events found; a sidecar can say otherwise.",
    rows_may_be_passed_on=False,
    provisional_days=30,
    provisional_why=(
        "A month: reports from places without a network reach a team after weeks. This project's choice, to be "
        "checked against the table revisions."
    ),
    split_by_team=True,
    formats=(
        FileFormat(
            "canonical_clashes",
            Kind.CLASHES,
            as_named(
                "event_id", "event_date", "event_date_end", "event_type", *PLACE_COLUMNS, "actor1", "actor2",
                "fatalities", "geo_precision", "date_precision", "source", "source_url", "updated_at", "deleted",
            ),
            required=("event_id", "event_date", "event_type"),
            place_groups=PLACE_GROUPS,
            key=("event_id",),
            terms={
                "event_type": tuple(EVENT_TERMS),
                "geo_precision": tuple(map(str, GeoPrecision)),
                "date_precision": tuple(map(str, DatePrecision)),
                "deleted": ("true", "false"),
            },
        ),
    ),
)  # fmt: skip

OWN_REPORTS = Source(
    key="canonical",
    title="Records in this project's own columns",
    provider="the team that delivered them",
    licence="not stated",
    citation="Records delivered by the operating team.",
    cadence="as delivered",
    absence_means=Absence.UNKNOWN,
    absence_why="A team's own file covers what it covers; only its sidecar can say that silence means zero.",
    rows_may_be_passed_on=False,
    formats=(
        FileFormat(
            "canonical_displacement",
            Kind.DISPLACEMENT,
            as_named(
                "reference_date", *PLACE_COLUMNS, "idps_new_persons", "idps_stock_persons", "returnees_persons",
                "source", "updated_at",
            ),
            required=("reference_date",),
            place_groups=PLACE_GROUPS,
            any_of=("idps_new_persons", "idps_stock_persons"),
        ),
        FileFormat(
            "canonical_services",
            Kind.SERVICES,
            as_named("survey_date", *PLACE_COLUMNS, *SERVICE_ITEMS, "source", "informant_kind", "updated_at"),
            required=("survey_date",),
            place_groups=PLACE_GROUPS,
            any_of=SERVICE_ITEMS,
            terms=ANSWER_TERMS,
        ),
        FileFormat(
            "canonical_control",
            Kind.CONTROL,
            as_named(
                "reference_date", *PLACE_COLUMNS, "controller", *CONTROL_SHARES, "confidence", "source", "updated_at",
            ),
            required=("reference_date",),
            place_groups=PLACE_GROUPS,
            any_of=("controller", *CONTROL_SHARES),
            terms={"controller": tuple(map(str, Controller)), "confidence": ("high", "medium", "low")},
        ),
        FileFormat(
            "canonical_towns",
            Kind.CONTROL,
            as_named("event_date", "holder", *PLACE_COLUMNS, "town_name", "confidence", "source", "updated_at"),
            required=("event_date", "holder"),
            place_groups=PLACE_GROUPS,
            terms={"confidence": ("high", "medium", "low")},
        ),
        FileFormat(
            "canonical_population",
            Kind.POPULATION,
            as_named("reference_date", *PLACE_COLUMNS, "population_persons", "source", "updated_at"),
            required=("reference_date", "population_persons"),
            place_groups=PLACE_GROUPS,
        ),
        FileFormat(
            "canonical_signs",
            Kind.SIGNS,
            as_named("item", "from", "until", "sign", *PLACE_COLUMNS, "source", "updated_at"),
            required=("item", "from", "sign"),
            place_groups=PLACE_GROUPS,
            terms={"item": SIGN_ITEMS, "sign": tuple(map(str, SignDirection))},
        ),
    ),
)  # fmt: skip
