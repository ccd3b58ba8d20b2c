"""UCDP GED as it is declared: provider, licence, what its silence means, the columns of its files, its downloads."""

from pipeline.declare.choice import ONE_CLASH, Choice
from pipeline.declare.codes import Absence, EventClass, Kind
from pipeline.declare.formats import DEGREES, FileFormat, as_named
from pipeline.declare.sources import Download, Source

TOKEN = "UCDP_ACCESS_TOKEN"  # noqa: S105 (a name)
_COLUMNS = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id",
    "conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id",
    "side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources",
    "source_article", "source_office", "source_date", "source_headline", "source_original", "where_prec",
    "where_coordinates", "where_description", "adm_1", "adm_2", "latitude", "longitude", "geom_wkt",
    "priogrid_gid", "country", "country_id", "region", "event_clarity", "date_prec", "date_start",
    "date_end", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low",
    "gwnoa", "gwnob",
)  # fmt: skip
_DAY = r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}([ T].*)?"

UCDP = Source(
    key="ucdp_ged",
    title="UCDP Georeferenced Event Dataset",
    provider="Uppsala Conflict Data Program",
    licence="CC BY 4.0",
    citation=(
        "Sundberg, R. and Melander, E. (2013). Introducing the UCDP Georeferenced Event Dataset. "
        "Journal of Peace Research 50(4)."
    ),
    cadence="yearly, with monthly candidate events",
    silent_after_days=Choice(
        45,
        "A month and two weeks: candidate events of each month come out within the next (Hegre and others 2020).",
    ),
    absence_means=Absence.ZERO,
    absence_why="The programme codes all lethal events it finds countrywide, so none coded means none found.",
    rows_may_be_passed_on=True,
    url="https://ucdp.uu.se/downloads/",
    provisional_days=365,
    provisional_why=(
        "One yearly cycle: candidate events have not been vetted; most, not all, enter the yearly release, which "
        "also adds others (Hegre and others 2020, Introducing the UCDP Candidate Events Dataset, Research and "
        "Politics 7(3)). The yearly release itself, all of status Clear, is final."
    ),
    final_status="Clear",
    event_classes=(EventClass.CLASH, EventClass.VIOLENCE_AGAINST_CIVILIANS),
    lethal_only=True,
    formats=(
        FileFormat(
            "ucdp_ged",
            Kind.CLASHES,
            as_named(*_COLUMNS),
            required=(
                "id", "type_of_violence", "where_prec", "where_coordinates", "adm_1", "latitude", "longitude",
                "date_prec", "date_start", "date_end", "best",
            ),
            key=("id",),
            located=True,
            cells={
                "id": r"[0-9]+(\.0*)?", "year": r"[12][0-9]{3}(\.0*)?", "type_of_violence": r"[123](\.0*)?",
                "where_prec": r"[1-7](\.0*)?", "latitude": DEGREES, "longitude": DEGREES,
                "country_id": r"[0-9]+(\.0*)?", "date_prec": r"[1-5](\.0*)?", "date_start": _DAY, "date_end": _DAY,
                "best": r"[0-9]+(\.0*)?",
            },
        ),
    ),
    security_steps={
        "since the coup": Choice(1, ONE_CLASH),
        "12 months": Choice(1, ONE_CLASH + " A cut of one leaves no township in class low."),
    },
    download=Download(
        name="ucdp",
        about="UCDP GED: the newest yearly release and the candidate months after it.",
        hosts=("ucdp.uu.se/downloads/", "ucdpapi.pcr.uu.se/api/"),
        daily_at="04:00",
        options=("--from", "--to", "--version"),
        keys=(TOKEN,),
    ),
)  # fmt: skip
