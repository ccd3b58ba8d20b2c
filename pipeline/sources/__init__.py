"""Every source, once: a folder each, one line here. The lists of formats, downloads and keys follow from it.

A folder holds `source.py` (what is declared; data only), how its rows are read where they are not in this project's
own columns, `fetch.py` where it can be downloaded, and a README of numbered steps and traps. Which function reads which
format is said in parsers.py, which function downloads in pipeline/fetch.py: neither is imported here.
"""

from pipeline.declare.codes import EventClass, Kind
from pipeline.declare.formats import FileFormat
from pipeline.declare.sources import Download, Source, family
from pipeline.sources.acled.source import ACLED
from pipeline.sources.boundaries.source import COD_AB, MIMU, SCHEMATIC
from pipeline.sources.clash_counts.source import CLASH_COUNTS
from pipeline.sources.hpc.source import HPC
from pipeline.sources.idmc.source import IDMC
from pipeline.sources.lights.source import NIGHT_LIGHTS
from pipeline.sources.own_sheets.source import OWN_CLASHES, OWN_REPORTS
from pipeline.sources.reference.source import ALIASES, TOWNSHIP_LIST
from pipeline.sources.survey.source import SURVEY
from pipeline.sources.tallies.source import TALLIES
from pipeline.sources.ucdp.source import UCDP

# In the order in which pages list them.
SOURCES: tuple[Source, ...] = (
    UCDP, HPC, MIMU, COD_AB, ACLED, IDMC, SURVEY, NIGHT_LIGHTS, CLASH_COUNTS, OWN_CLASHES, TALLIES, OWN_REPORTS,
    TOWNSHIP_LIST, ALIASES, SCHEMATIC,
)  # fmt: skip
BY_KEY: dict[str, Source] = {source.key: source for source in SOURCES}
FORMATS: tuple[FileFormat, ...] = tuple(known for source in SOURCES for known in source.formats)
BY_NAME: dict[str, FileFormat] = {known.name: known for known in FORMATS}
# What `township-index fetch` is told -> the download, in the order of the day in which the schedules ask them.
DOWNLOADS: dict[str, Download] = {
    one.name: one
    for one in sorted(
        (source.download for source in SOURCES if source.download is not None), key=lambda one: one.daily_at
    )
}
_SOURCE_OF: dict[str, Source] = {known.name: source for source in SOURCES for known in source.formats}


def of_kind(kind: Kind) -> tuple[FileFormat, ...]:
    """The formats in which records of a kind come."""
    return tuple(known for known in FORMATS if known.kind == kind)


def of_clashes() -> tuple[Source, ...]:
    """The sources that deliver clashes, in the order of SOURCES."""
    return tuple(one for one in SOURCES if any(known.kind == Kind.CLASHES for known in one.formats))


def source_of_format(format_name: str) -> Source:
    """The source of a file format, or of the key of a source of shapes. Raises KeyError where none is declared."""
    found = _SOURCE_OF.get(format_name) or BY_KEY.get(format_name)
    if found is None:
        raise KeyError(f"no source is declared for the format {format_name!r}")
    return found


def unrecorded_classes(source_key: str) -> tuple[EventClass, ...]:
    """The classes of event that a source's coding never holds; none for a source that is not declared."""
    found = BY_KEY.get(family(source_key))
    return () if found is None else tuple(one for one in EventClass if one not in found.event_classes)


def own_key(source_key: str, stated: str) -> str:
    """The key of a delivery's source: where a source is split by team, the stated name tells the teams apart.

    A key that is split already stays; a landing of before the split gets the key it would get today.
    """
    found = BY_KEY.get(source_key)
    return source_key if found is None else found.key_of_team(stated)
