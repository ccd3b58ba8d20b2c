"""Each source family: provider, licence, citation, cadence, staleness, redistribution, absence.

A delivery's sidecar may state its own source, licence, reference date and meaning of absence; what it does not state
is taken from here.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from pipeline.declare.codes import Absence, EventClass


@dataclass(frozen=True)
class Source:
    key: str
    title: str
    provider: str
    licence: str
    citation: str
    cadence: str
    absence_means: Absence
    absence_why: str
    rows_may_be_passed_on: bool
    url: str = ""
    # Days before the day up to which a clash source is known in which its months are still under-reported.
    provisional_days: int = 0
    provisional_why: str = ""
    # `code_status` of a row that is final: only rows of another status (candidates) make a month provisional.
    final_status: str = ""
    # Classes of event that its coding can hold at all: of another class its silence says nothing.
    event_classes: tuple[EventClass, ...] = tuple(EventClass)
    lethal_only: bool = False  # holds only events with deaths: counts far below those of sources with all clashes
    caveat: str = ""  # what a reader must know of its figures; stands behind the citation

    @property
    def statement(self) -> str:
        return f"{self.citation} {self.caveat}".strip()


_ALL = (
    Source(
        key="ucdp_ged",
        title="UCDP Georeferenced Event Dataset",
        provider="Uppsala Conflict Data Program",
        licence="CC BY 4.0",
        citation=(
            "Sundberg, R. and Melander, E. (2013). Introducing the UCDP Georeferenced Event Dataset. "
            "Journal of Peace Research 50(4)."
        ),
        cadence="yearly, with monthly candidate events",
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
    ),
    Source(
        key="hpc_baseline",
        title="Humanitarian programme cycle baseline",
        provider="OCHA Myanmar",
        licence="CC BY-IGO",
        citation="OCHA Myanmar, humanitarian programme cycle baseline figures by township.",
        cadence="yearly",
        absence_means=Absence.UNKNOWN,
        absence_why="A blank cell is a township that was not reported on, not one without displaced people.",
        rows_may_be_passed_on=True,
        url="https://data.humdata.org/",
    ),
    Source(
        key="mimu",
        title="Township boundaries, 1:250,000",
        provider="Myanmar Information Management Unit (MIMU)",
        licence="CC BY-IGO (as COD-AB); attribution",
        citation="Myanmar Information Management Unit (MIMU), township boundaries and P-codes 9.3.",
        cadence="when townships change",
        absence_means=Absence.UNKNOWN,
        absence_why="A boundary file without one of the 330 townships is incomplete and is refused.",
        rows_may_be_passed_on=True,
        url="https://themimu.info/",
    ),
    Source(
        key="cod_ab",
        title="Common operational dataset, administrative boundaries",
        provider="OCHA and MIMU",
        licence="CC BY-IGO",
        citation="OCHA and MIMU, Myanmar subnational administrative boundaries (COD-AB).",
        cadence="when townships change",
        absence_means=Absence.UNKNOWN,
        absence_why="A boundary file without one of the 330 townships is incomplete and is refused.",
        rows_may_be_passed_on=True,
        url="https://data.humdata.org/dataset/cod-ab-mmr",
    ),
    Source(
        key="acled",
        title="Armed Conflict Location and Event Data",
        provider="ACLED",
        licence="ACLED terms of use: aggregated use with attribution, event rows may not be passed on",
        citation="Armed Conflict Location and Event Data (ACLED); acleddata.com.",
        cadence="weekly, with later revisions and deletions",
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
    ),
    Source(
        key="idmc_idu",
        title="Internal displacement updates",
        provider="Internal Displacement Monitoring Centre (IDMC)",
        licence="IDMC terms of use, attribution",
        citation="Internal Displacement Monitoring Centre (IDMC), internal displacement updates.",
        cadence="daily",
        absence_means=Absence.UNKNOWN,
        absence_why="Updates record displacement that was reported; a place without one was not counted.",
        rows_may_be_passed_on=True,
        url="https://www.internal-displacement.org/",
        caveat=(
            "Movements are counted, not people: who fled twice counts twice and who went home is not taken off, so "
            "the sum since the coup is an upper reading of people newly displaced."
        ),
    ),
    Source(
        key="survey_services",
        title="Public-service survey of the operating team",
        provider="the team that asked",
        licence="not stated",
        citation="Answers to the public-service form, collected by the operating team.",
        cadence="as collected",
        absence_means=Absence.UNKNOWN,
        absence_why="A township where nobody was asked is unknown.",
        rows_may_be_passed_on=False,
    ),
    Source(
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
    ),
    Source(
        key="canonical",
        title="Records in this project's own columns",
        provider="the team that delivered them",
        licence="not stated",
        citation="Records delivered by the operating team.",
        cadence="as delivered",
        absence_means=Absence.UNKNOWN,
        absence_why="A team's own file covers what it covers; only its sidecar can say that silence means zero.",
        rows_may_be_passed_on=False,
    ),
    Source(
        key="reference",
        title="Township list and population",
        provider="MIMU; OCHA; UNFPA; Department of Population",
        licence="CC BY-IGO",
        citation="MIMU P-code list 9.3 (January 2021); UNFPA population projection 2022 via OCHA.",
        cadence="when townships change",
        absence_means=Absence.UNKNOWN,
        absence_why="The list holds every recognised township.",
        rows_may_be_passed_on=True,
        url="https://themimu.info/place-codes",
    ),
    Source(
        key="aliases",
        title="Other spellings of the townships",
        provider="this project, from the sources that data/reference/NOTES.md names",
        licence="CC BY 4.0 (spellings and counts; GeoNames, UCDP), MIMU and OCHA attribution",
        citation="Contains names from GeoNames (geonames.org, CC BY 4.0), UCDP GED, MIMU and OCHA.",
        cadence="when spellings are learnt and read through",
        absence_means=Absence.UNKNOWN,
        absence_why="A spelling that is not listed is not known; its record is set aside, never guessed.",
        rows_may_be_passed_on=True,
        url="https://www.geonames.org/",
    ),
    Source(
        key="schematic",
        title="Schematic township shapes",
        provider="this project, from village points of the mm-geo-coder package (MIMU gazetteer)",
        licence="MIT (package); MIMU attribution",
        citation="Cells around the village points of MIMU's gazetteer as packaged in mm-geo-coder.",
        cadence="with the package",
        absence_means=Absence.UNKNOWN,
        absence_why="Schematic shapes always cover the 330 townships.",
        rows_may_be_passed_on=True,
    ),
)

SOURCES: dict[str, Source] = {source.key: source for source in _ALL}


@dataclass(frozen=True)
class Cited:
    """A publication that a reference table quotes: no delivery, so it has no cadence and no meaning of absence."""

    title: str
    provider: str
    licence: str
    citation: str
    tables: tuple[str, ...]  # published tables that hold what is quoted
    url: str = ""


_QUOTED = "not stated; single figures quoted with attribution"

CITED: tuple[Cited, ...] = (
    Cited("ISP-Myanmar, OnPoint 19", "Institute for Strategy and Policy - Myanmar", _QUOTED,
          "Institute for Strategy and Policy - Myanmar (ISP-Myanmar), OnPoint No. 19, December 2023: figures of the "
          "three township indices.", ("comparison",), "https://ispmyanmar.com/"),
    Cited("ISP-Myanmar, Mapping No. 26", "Institute for Strategy and Policy - Myanmar", _QUOTED,
          "Institute for Strategy and Policy - Myanmar (ISP-Myanmar), Mapping No. 26, data to 26 November 2023.",
          ("comparison",), "https://ispmyanmar.com/mp-26/"),
    Cited("Conflict and dialogue mapping, late 2021", "a Track Two paper on Myanmar of 2021",
          "not stated; facts in short words, with attribution",
          "Table 1, Conflict and Dialogue Mapping, of a Track Two paper on Myanmar of 2021, in short words; the paper "
          "names no day.", ("actor_dialogue",)),
    Cited("SAC-M, Effective Control in Myanmar", "Special Advisory Council for Myanmar (SAC-M)", _QUOTED,
          "Special Advisory Council for Myanmar (SAC-M), Effective Control in Myanmar, 2022 and the update of 2024.",
          ("comparison",)),
    Cited("BNI, Myanmar Peace Monitor", "Burma News International (BNI)", _QUOTED,
          "Burma News International (BNI), Myanmar Peace Monitor, townships with fighting, December 2023.",
          ("comparison",)),
)  # fmt: skip

BOUNDARY_DISCLAIMER = (
    "The boundaries and names shown and the designations used on this map do not imply official endorsement "
    "or acceptance by anyone."
)


def source_of_format(format_name: str) -> Source:
    """The source family of a file format; canonical formats share one, and a list of deletions is its source's."""
    format_name = format_name.removesuffix("_deleted")
    if format_name in SOURCES:
        return SOURCES[format_name]
    if format_name.startswith("canonical_"):
        return SOURCES["canonical"]
    raise KeyError(f"no source is declared for the format {format_name!r}")


def unrecorded_classes(source_key: str) -> tuple[EventClass, ...]:
    """The classes of event that a source's coding never holds; none for a source that is not declared."""
    found = SOURCES.get(family(source_key))
    return () if found is None else tuple(one for one in EventClass if one not in found.event_classes)


# Families whose deliveries come from many teams: each team that states its name is a source of its own.
SPLIT_FAMILIES = frozenset({"canonical_clashes"})
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
_SLUG_LENGTH = 40


def family(source_key: str) -> str:
    """The family of a source, which thresholds, licences and `lethal_only` are stated for: the part before ":"."""
    return source_key.partition(":")[0]


def own_key(source_key: str, stated: str) -> str:
    """The key of a delivery's source: in a split family the stated name tells the teams apart.

    Two teams number their events alike, so with one key they would be added up and replace each other's events.
    A delivery that states no name carries its family's title and keeps the family's key; so does a key that is
    split already, and a landing of before the split gets the key it would get today.
    """
    if source_key not in SPLIT_FAMILIES or stated.strip() in ("", SOURCES[source_key].title):
        return source_key
    return f"{source_key}:{_slug(stated)}"


def _slug(name: str) -> str:
    """An ASCII name that is stable and, but for case and separators, different for different names.

    What a slug cannot hold (Burmese, accents, signs, a long name) stands in eight digits of its hash.
    """
    plain = " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", name)).casefold().split())
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    short = words[:_SLUG_LENGTH].strip("-")
    if short == words and not re.search(r"[^a-z0-9 _.,;:/()'\"-]", plain) and words:
        return words
    digest = hashlib.sha256(plain.encode()).hexdigest()[:8]
    return f"{short}-{digest}" if short else digest


# Licences by how much they ask of whoever passes the content on, the least first: (how the text begins, rank).
# Attribution (CC BY) asks less than its IGO port, which adds terms on disputes; share-alike, non-commercial and
# terms of use ask more. What is not stated, or begins like none of these, may forbid anything.
_STRICTNESS: tuple[tuple[str, int], ...] = (
    ("CC0", 0), ("MIT", 1), ("CC BY 4.0", 2), ("CC BY-IGO", 3), ("CC BY 3.0 IGO", 3), ("CC BY-SA", 4), ("CC BY-NC", 5),
    ("ACLED terms of use", 6), ("IDMC terms of use", 6),
)  # fmt: skip
UNKNOWN_STRICTNESS = 7


def strictness(licence: str) -> int:
    """How much a licence asks, for the strictest of a release's sources; UNKNOWN_STRICTNESS where it is not known."""
    return next((rank for start, rank in _STRICTNESS if licence.startswith(start)), UNKNOWN_STRICTNESS)
