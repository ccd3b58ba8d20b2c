"""Shapes of the townships as they are declared: MIMU's layer, OCHA's COD-AB, and this project's schematic shapes."""

from pipeline.declare.codes import Absence
from pipeline.declare.sources import Download, Source

MIMU = Source(
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
    download=Download(
        name="mimu",
        about="MIMU's township boundaries from its map server.",
        hosts=("geonode.themimu.info/geoserver/",),
        daily_at="04:21",
    ),
)

COD_AB = Source(
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
    download=Download(
        name="cod-ab",
        about="OCHA's administrative boundaries of Myanmar (COD-AB) from HDX.",
        hosts=(
            # HDX sends downloads on to its store at Amazon, where other people's files lie beside it: the path too.
            "data.humdata.org/",
            "s3.us-east-1.amazonaws.com/hdx-production-filestore/",
            "hdx-production-filestore.s3.amazonaws.com/",
            "hdx-production-filestore.s3.us-east-1.amazonaws.com/",
        ),
        daily_at="04:14",
    ),
)

SCHEMATIC = Source(
    key="schematic",
    title="Schematic township shapes",
    provider="this project, from village points of the mm-geo-coder package (MIMU gazetteer)",
    licence="MIT (package); MIMU attribution",
    citation="Cells around the village points of MIMU's gazetteer as packaged in mm-geo-coder.",
    cadence="with the package",
    absence_means=Absence.UNKNOWN,
    absence_why="Schematic shapes always cover the 330 townships.",
    rows_may_be_passed_on=True,
)
