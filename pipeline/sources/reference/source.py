"""The lists that this repository ships in data/reference: the townships with their population, and other spellings."""

from pipeline.declare.codes import Absence
from pipeline.declare.sources import Source

TOWNSHIP_LIST = Source(
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
)

ALIASES = Source(
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
)
