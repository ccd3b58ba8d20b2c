"""OCHA's humanitarian programme cycle baseline as it is declared: provider, licence, the headings of its sheet."""

from pipeline.declare.choice import Choice
from pipeline.declare.codes import Absence, Kind
from pipeline.declare.formats import FileFormat
from pipeline.declare.sources import Source

HPC = Source(
    key="hpc_baseline",
    title="Humanitarian programme cycle baseline",
    provider="OCHA Myanmar",
    licence="CC BY-IGO",
    citation="OCHA Myanmar, humanitarian programme cycle baseline figures by township.",
    cadence="yearly",
    silent_after_days=Choice(
        400,
        "A year and a month: the baseline comes with the plan of the year, some weeks earlier or later.",
    ),
    absence_means=Absence.UNKNOWN,
    absence_why="A blank cell is a township that was not reported on, not one without displaced people.",
    rows_may_be_passed_on=True,
    url="https://data.humdata.org/",
    formats=(
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
            undated=True,
        ),
    ),
)
