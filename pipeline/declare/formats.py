"""The file formats: which header means which format, and the columns a mirror of it has.

A format is recognised by its header, never guessed. Column names are compared after folding case,
white space and byte order marks, because real headers carry newlines and trailing blanks.
"""

import re
from dataclasses import dataclass

from pipeline.declare import survey
from pipeline.declare.codes import SERVICE_ITEMS, Kind
from pipeline.declare.errors import UnusableInput

# The orders of day, month and year that a sidecar may declare; undeclared, only ISO dates are read. Zeros may be
# missing before a day or month, and a time of day may follow: both are what spreadsheets make of dates.
DATE_FORMATS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y",
    "%d/%m/%y", "%m/%d/%y", "%m-%d-%Y", "%d-%m-%y", "%d.%m.%y", "%d %B %y", "%B %d, %Y", "%Y.%m.%d", "%Y%m%d",
)  # fmt: skip
PLACE_COLUMNS = ("adm3_pcode", "adm3_name", "adm2_name", "adm1_name", "longitude", "latitude")
# A sheet has at most 1,048,576 rows: row 10,000,014 is row 14 of the second sheet that was read with others.
SHEET_STEP = 10_000_000
# Columns that formats learnt after deliveries had been landed and named by their content.
LEARNT_LATER = ("adm2_name",)
PLACE_GROUPS = (("adm3_pcode",), ("adm3_name", "adm1_name"), ("longitude", "latitude"))

# Figures of a township: one that is merged over several rows says nothing of any of them.
FIGURES = frozenset({
    "idps_new_persons", "idps_stock_persons", "returnees_persons", "population_persons", "fatalities", "figure", "idps",
    "returnees", "stateless", "rest", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high",
    "low",
})  # fmt: skip


def fold(name: str) -> str:
    """A header cell as it is compared: no BOM, no line breaks, single blanks, lower case."""
    return re.sub(r"\s+", " ", name.replace("\ufeff", "").replace("\u200b", "")).strip().casefold()


@dataclass(frozen=True)
class FileFormat:
    """`columns` maps our name of a column to the spellings it is known under; the first is the documented one.

    At least one of `place_groups` must be present whole, unless there are none. `versioned` names the columns that
    several columns of a file may mean: an export of all versions of a form has one for each.
    """

    name: str
    kind: Kind
    columns: dict[str, tuple[str, ...]]
    required: tuple[str, ...]
    place_groups: tuple[tuple[str, ...], ...] = ()
    any_of: tuple[str, ...] = ()
    versioned: tuple[str, ...] = ()

    def match(self, header: list[str]) -> dict[int, str]:
        """Position in the file -> our column name, for every header cell the format knows."""
        spelling = {fold(s): ours for ours, known in self.columns.items() for s in known}
        return {i: spelling[fold(cell)] for i, cell in enumerate(header) if fold(cell) in spelling}

    def missing(self, present: set[str]) -> list[str]:
        """Required columns, or groups of them, that are not there; empty when the header fits."""
        lacking = [name for name in self.required if name not in present]
        if self.any_of and not present & set(self.any_of):
            lacking.append(" or ".join(self.any_of))
        if self.place_groups and not any(set(group) <= present for group in self.place_groups):
            lacking.append("a place: " + "; or ".join(" with ".join(group) for group in self.place_groups))
        return lacking


def _same(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


_UCDP = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id",
    "conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id",
    "side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources",
    "source_article", "source_office", "source_date", "source_headline", "source_original", "where_prec",
    "where_coordinates", "where_description", "adm_1", "adm_2", "latitude", "longitude", "geom_wkt",
    "priogrid_gid", "country", "country_id", "region", "event_clarity", "date_prec", "date_start",
    "date_end", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low",
    "gwnoa", "gwnob",
)  # fmt: skip

_ACLED = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1",
    "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "civilian_targeting", "iso",
    "region", "country", "admin1", "admin2", "admin3", "location", "latitude", "longitude", "geo_precision", "source",
    "source_scale", "notes", "fatalities", "tags", "timestamp",
)  # fmt: skip

_IDMC = (
    "id", "country", "iso3", "latitude", "longitude", "role", "displacement_type", "qualifier", "figure",
    "displacement_date", "displacement_start_date", "displacement_end_date", "year", "event_name", "category", "type",
    "subtype", "locations_name", "locations_accuracy", "sources", "created_at",
)  # fmt: skip

_CANONICAL = "canonical_"

FORMATS: tuple[FileFormat, ...] = (
    FileFormat(
        "ucdp_ged",
        Kind.CLASHES,
        _same(*_UCDP),
        required=(
            "id", "type_of_violence", "where_prec", "where_coordinates", "adm_1", "latitude", "longitude",
            "date_prec", "date_start", "date_end", "best",
        ),
    ),
    FileFormat(
        "acled",
        Kind.CLASHES,
        _same(*_ACLED),
        required=("event_id_cnty", "event_date", "event_type", "admin1", "admin3", "latitude", "longitude",
                  "geo_precision"),
    ),
    # What ACLED's list of deleted events holds: ids and when each was taken out.
    FileFormat(
        "acled_deleted",
        Kind.CLASHES,
        _same("event_id_cnty", "deleted_timestamp"),
        required=("event_id_cnty", "deleted_timestamp"),
    ),
    FileFormat(
        "idmc_idu",
        Kind.DISPLACEMENT,
        _same(*_IDMC),
        required=("id", "latitude", "longitude", "role", "displacement_type", "figure", "displacement_end_date"),
    ),
    # The export of data/reference/public_service_survey.xlsx from KoboToolbox or ODK: names or labels of the
    # questions, with or without their group; the server's own columns begin with an underscore or with "meta".
    # ODK writes the id of a submission twice, so the second has a column of its own.
    FileFormat(
        "survey_services",
        Kind.SERVICES,
        {
            **{question.name: survey.spellings(question) for question in survey.QUESTIONS},
            "uuid": ("_uuid", "KEY", "__id"),
            "instance_id": ("meta/instanceID", "meta-instanceID", "instanceID"),
            "submission_time": ("_submission_time", "SubmissionDate", "__system/submissionDate"),
            "validation_status": ("_validation_status", "ReviewState"),
        },
        required=("survey_date", "adm3_pcode", "uuid", "submission_time"),
        any_of=SERVICE_ITEMS,
        versioned=tuple(question.name for question in survey.QUESTIONS),
    ),
    FileFormat(
        "hpc_baseline",
        Kind.DISPLACEMENT,
        {
            "adm1_name": ("state/region", "state"),
            "adm1_pcode": ("state/region pcode", "adm1_pcode"),
            "adm2_name": ("district",),
            "adm3_name": ("township",),
            "adm3_pcode": ("township pcode",),
            "population_persons": ("population (2022 proj)", "population"),
            "idps": ("idps",),
            "returnees": ("idp returnees/ resettled/ locally integrated",),
            "stateless": ("non-displaced stateless people in rakhine",),
            "rest": ("rest of the population",),
        },
        required=("adm3_pcode", "adm3_name", "idps", "returnees"),
    ),
    FileFormat(
        _CANONICAL + "clashes",
        Kind.CLASHES,
        _same("event_id", "event_date", "event_date_end", "event_type", *PLACE_COLUMNS, "actor1", "actor2",
              "fatalities", "geo_precision", "date_precision", "source", "source_url", "updated_at", "deleted"),
        required=("event_id", "event_date", "event_type"),
        place_groups=PLACE_GROUPS,
    ),
    FileFormat(
        _CANONICAL + "displacement",
        Kind.DISPLACEMENT,
        _same("reference_date", *PLACE_COLUMNS, "idps_new_persons", "idps_stock_persons", "returnees_persons", "source",
              "updated_at"),
        required=("reference_date",),
        place_groups=PLACE_GROUPS,
        any_of=("idps_new_persons", "idps_stock_persons"),
    ),
    FileFormat(
        _CANONICAL + "services",
        Kind.SERVICES,
        _same("survey_date", *PLACE_COLUMNS, *SERVICE_ITEMS, "source", "informant_kind", "updated_at"),
        required=("survey_date",),
        place_groups=PLACE_GROUPS,
        any_of=SERVICE_ITEMS,
    ),
    FileFormat(
        _CANONICAL + "control",
        Kind.CONTROL,
        _same("reference_date", *PLACE_COLUMNS, "controller", "confidence", "source", "updated_at"),
        required=("reference_date", "controller"),
        place_groups=PLACE_GROUPS,
    ),
    FileFormat(
        _CANONICAL + "population",
        Kind.POPULATION,
        _same("reference_date", *PLACE_COLUMNS, "population_persons", "source", "updated_at"),
        required=("reference_date", "population_persons"),
        place_groups=PLACE_GROUPS,
    ),
)  # fmt: skip

BY_NAME: dict[str, FileFormat] = {known.name: known for known in FORMATS}
BOUNDARY_FORMAT = "boundaries"


def of_kind(kind: Kind) -> tuple[FileFormat, ...]:
    return tuple(known for known in FORMATS if known.kind == kind)


def recognise(header: list[str], kind: Kind) -> FileFormat | None:
    """The one format of this kind whose required columns are all there; None when no format fits.

    Where several fit, the one that knows most of the header's columns is taken.
    """
    fits = [f for f in of_kind(kind) if not f.missing(set(f.match(header).values()))]
    return max(fits, key=lambda f: len(f.match(header)), default=None)


def renamed(header: list[str], columns: dict[str, str]) -> list[str]:
    """The header with the sidecar's mapping (our name -> theirs) applied, compared like any header cell."""
    by_header = {fold(theirs): ours for ours, theirs in columns.items()}
    return [by_header.get(fold(cell), cell) for cell in header]


def doubled(header: list[str]) -> dict[str, list[int]]:
    """The names that stand in a header more than once, as they are compared, with their positions."""
    at: dict[str, list[int]] = {}
    for position, cell in enumerate(header):
        if fold(cell):
            at.setdefault(fold(cell), []).append(position)
    return {name: positions for name, positions in at.items() if len(positions) > 1}


def check_header(header: list[str], formats: tuple[FileFormat, ...], where: str) -> None:
    """Refuse a header that names a column of these formats twice: which of the two is meant cannot be known.

    Of a column that no format uses nothing is taken, so it may stand as often as it likes.
    """
    for name, positions in sorted(doubled(header).items()):
        meant = {ours for known in formats for ours in known.match([name]).values() if ours not in known.versioned}
        if meant:
            numbers = ", ".join(str(position + 1) for position in positions)
            raise UnusableInput(
                f"{where}: the column {name!r} stands {len(positions)} times (columns {numbers}); keep one of them"
            )


def check_match(known: FileFormat, header: list[str], where: str) -> None:
    """Refuse a header in which two spellings mean the same column: one of them would vanish."""
    positions = known.match(header)
    for ours in known.columns:
        same = [i for i, name in positions.items() if name == ours]
        if len(same) > 1 and ours not in known.versioned:
            both = " and ".join(repr(header[i].strip()) for i in same)
            raise UnusableInput(f"{where}: {both} both mean {ours}; keep one of them")
