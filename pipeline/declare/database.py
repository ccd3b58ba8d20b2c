"""What schema main of a database file holds: tables about the release, types, views and macros.

What people type first: the newest month, the months, the regions and the country, of the leading method alone, so that
no two methods are added up by mistake. Not here: their SQL, which pipeline/storage/database.py makes from this.
"""

from dataclasses import dataclass

from pipeline.declare.columns import COLUMNS, PCODE_PATTERN, Column
from pipeline.declare.indices import BY_CUT
from pipeline.declare.tables.indices import NATIONAL_SUMMARY, REGION_SUMMARY

MAIN = "main"


@dataclass(frozen=True)
class About:
    """A table about the release or the tables; every column outside `nullable` must be filled."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    nullable: frozenset[str] = frozenset()


@dataclass(frozen=True)
class View:
    """A view of the published tables; `columns` in their order."""

    name: str
    comment: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Macro:
    """What can be called with arguments; `arguments` stand in its head."""

    name: str
    arguments: tuple[str, ...]
    comment: str
    returns_table: bool = True


def _text(name: str, meaning: str, missing: str = "") -> Column:
    return Column(name, "VARCHAR", meaning, missing=missing)


RELEASE = About(
    "release",
    "One row: the release that this file belongs to. Quote `citation`, and keep to `licence`.",
    (
        _text("release_id", "Id of the release, the name of its folder"),
        Column("period_end", "DATE", "Last day of the release's period"),
        Column("as_of", "DATE", "Day of knowledge: what was received later is left out", missing="all was used"),
        _text("method", "The leading method, which the views of this schema show"),
        _text("profile", "public, or internal: exact figures of displaced people, not to be passed on"),
        Column("synthetic", "BOOLEAN", "Whether every figure is invented to show how the release works"),
        Column("schematic_shapes", "BOOLEAN", "Whether the outlines of townships are approximate, not to be measured"),
        _text("licence", "Licence of the whole, from those of all sources"),
        _text("citation", "How to cite the release"),
        _text("notice", "What must be said beside every figure; blank where nothing must"),
        _text("boundaries", "What the boundaries and names do not imply"),
        _text("code_version", "Version of the code that made the release"),
    ),
    ("release_id",),
    frozenset({"as_of"}),
)
SOURCES = About(
    "sources",
    "One row per source: what the figures are made from, and the publications that tables quote.",
    (
        _text("source", "Title of the source"),
        _text("licence", "Its licence or terms, which hold for what is made from it"),
        _text("citation", "How to cite it, and what to know of its figures"),
        _text("url", "Its address", missing="none is known"),
        _text("used_for", "records: the figures rest on it; quoted: a table repeats figures that it published"),
    ),
    ("source", "licence", "citation"),
    frozenset({"url"}),
)
METHODS_TABLE = About(
    "methods",
    "One row per method, choice and source: every number of the methods with its reason.",
    (
        _text("method", "Name of the method"),
        _text("choice", "Name of the number"),
        _text("source_family", "The family of sources that it holds for; all: every one"),
        Column("value", "DOUBLE", "The number; its unit stands in its name or reason"),
        _text("why", "Why this number"),
    ),
    ("method", "choice", "source_family"),
)
DICTIONARY = About(
    "dictionary",
    "One row per column of a published table and of what stands in schema main.",
    (
        _text("schema_name", "Schema of the table or view"),
        _text("table_name", "Table or view"),
        Column("position", "BIGINT", "Place of the column in its table, the first is 1", "place", low=1),
        _text("column_name", "Column"),
        _text("type", "Its type; in a view one of the types of schema main where the values have an order"),
        _text("unit", "Its unit", missing="it has none"),
        _text("meaning", "What it holds"),
        _text("zero_means", "What a zero says", missing="nothing that the meaning does not say"),
        _text(
            "missing_means", "What an empty cell says", missing="the column is always filled, or nothing more is said"
        ),
        _text("allowed", "Its values in their order, its bounds or its pattern", missing="anything of its type"),
        _text("adds_up_by", "sum or mean: how rows may be combined", missing="rows must not be combined"),
    ),
    ("schema_name", "table_name", "column_name"),
    frozenset({"unit", "zero_means", "missing_means", "allowed", "adds_up_by"}),
)
TOWNSHIP_NAMES = About(
    "township_names",
    "One row per spelling and township, for the macro township: P-codes and names of MIMU's list 9.3, and other "
    "spellings learnt from several sources, GeoNames (CC BY 4.0) among them. A name that several townships bear has "
    "several rows.",
    (
        _text("spelling", "A township's P-code, its name in English or Burmese, or another spelling"),
        _text("spelling_key", "The spelling in lower case without blanks and signs, as names are compared"),
        Column("adm3_pcode", "VARCHAR", "The township", pattern=PCODE_PATTERN),
        _text("spelling_kind", "pcode, name, or other_spelling; one that is a listed name elsewhere is left out"),
    ),
    ("spelling", "adm3_pcode"),
)
ABOUT: tuple[About, ...] = (RELEASE, SOURCES, METHODS_TABLE, DICTIONARY, TOWNSHIP_NAMES)

# Columns that a view adds to those of the published tables.
VIOLENCE = Column(
    "violence_month_count", "BIGINT", "Events of violence against civilians placed in the township in the month",
    "events", zero="the source covers the township and reports none", low=0, adds="sum",
    missing="the source records no such events, or the month is not known",
)  # fmt: skip
DEATHS = Column(
    "fatalities_month_persons", "BIGINT", "Deaths in the clashes of the month (best estimate of the source)", "persons",
    zero="no clash, or clashes without a death", low=0, adds="sum",
    missing="the source gives no deaths for any of them, or the month is not known",
)  # fmt: skip
# The columns of the indices that are made by one cut.
_OF_CUTS = "".join(f"{spec.shown}, {spec.column}, {spec.name}_score, {spec.quantity}, " for spec in BY_CUT)
_SERIES = f"""adm3_pcode, adm3_name, adm3_name_my, adm2_pcode, adm2_name, adm1_pcode, adm1_name, state_region, area_km2,
    population_persons, month, period_end, provisional, in_publication_lag, clashes_month_count, clashes_3m_count,
    clashes_12m_count, violence_month_count, fatalities_month_persons, signal, expected_clashes_next_3m,
    interval_low, interval_high, in_conflict, clashes_count, clashes_possible_count, fatalities_persons,
    fatalities_low_persons, fatalities_high_persons, security_shown, security_class, security_step, security_score,
    security_high_probability, security_rank, security_rank_low, security_rank_high,
    idps_persons, idps_suppressed, idps_basis, idps_reference_date, idps_population_share, humanitarian_shown,
    humanitarian_class, humanitarian_score, displacement_class, displacement_change, services_shown, services_class,
    services_certainty, services_lost_score, services_known_count, {_OF_CUTS} control_class, evidence_grade,
    evidence_security, evidence_humanitarian, evidence_services, evidence_control, data_age_days"""
_ADDED = {column.name: column for column in (VIOLENCE, DEATHS)}


def _columns(words: str) -> tuple[Column, ...]:
    """Each once: an index that is made by one cut may be made from a figure that stands there already."""
    return tuple(_ADDED.get(name) or COLUMNS[name] for name in dict.fromkeys(words.replace(",", " ").split()))


_LEADING = "Of the leading method (release.method)."
SERIES = View(
    "series",
    f"One row per township and month: 330 townships, every month. {_LEADING} A month without a clash is 0 where the "
    "source covers the township; what is not known is NULL, never 0.",
    _columns(_SERIES),
)
LATEST = View(
    "latest",
    f"One row per township: the 330 townships in the newest month that is old enough to lead (not in_publication_lag). "
    f"{_LEADING} The columns of series.",
    SERIES.columns,
)
_PEOPLE = COLUMNS["population_persons"]


def _summary(words: tuple[str, ...], *people: Column) -> tuple[Column, ...]:
    """The columns of a summary without the method, with the people behind the number of townships."""
    kept = [COLUMNS[name] for name in words if name != "method"]
    place = next(at for at, column in enumerate(kept, start=1) if column.name == "townships_count")
    return (*kept[:place], *people, *kept[place:])


REGIONS = View(
    "regions",
    f"One row per state or region and month: 15 of them, every month. {_LEADING}",
    _summary(REGION_SUMMARY.columns, _PEOPLE),
)
NATION = View("nation", f"One row per month: the country. {_LEADING}", _summary(NATIONAL_SUMMARY.columns, _PEOPLE))
VIEWS: tuple[View, ...] = (SERIES, LATEST, REGIONS, NATION)

MACROS: tuple[Macro, ...] = (
    Macro("spelling_key", ("q",), "A name as names are compared: lower case, no blanks, signs or word for township",
          returns_table=False),
    Macro("township", ("q",),
          "The months of a township by P-code, English or Burmese name, or another spelling; of several that bear the "
          "name all. An attached file is to be chosen first: USE it."),
    Macro("compare", ("a", "b"),
          "Two townships side by side, one row per month: the figures of each end in _a and _b. Clashes per 100,000 "
          "people are of twelve months. An attached file is to be chosen first: USE it."),
)  # fmt: skip
# What compare shows of each of the two.
COMPARED = (
    "adm3_name", "clashes_month_count", "clashes_3m_count", "clashes_12m_count", "signal", "security_shown",
    "idps_persons", "humanitarian_shown", "services_shown", "control_class", "evidence_grade",
)  # fmt: skip

# Types whose values say which, not how much: their order says nothing.
UNORDERED = ("control_class", "displacement_change", "idps_basis")


def ordered(column: Column) -> tuple[str, ...]:
    """The values of a coded column from the least on: first what says that something is not known, the worst last.

    So `>= 'low'::security_shown` asks for what is known to be low or worse. Declarations list the worst first.
    """
    return tuple(reversed(column.values))


def types() -> dict[str, tuple[str, ...]]:
    """Name of each type of the views -> its values in their order.

    Columns of the same values share the type of the first: the evidence of each index that of evidence_grade.
    """
    found: dict[tuple[str, ...], str] = {}
    for column in (column for view in VIEWS for column in view.columns if column.values):
        found.setdefault(ordered(column), column.name)
    return {name: values for values, name in found.items()}


def type_of(column: Column) -> str:
    """The type of a view's column: one of `types` where its values have an order."""
    return next((name for name, values in types().items() if values == ordered(column)), column.type)


NAMES = frozenset((*(about.name for about in ABOUT), *(view.name for view in VIEWS)))
