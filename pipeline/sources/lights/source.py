"""Light at night by township as it is declared: lit pixels or radiance of a year or a month."""

from pipeline.declare.codes import Absence, Kind
from pipeline.declare.formats import PLACE_COLUMNS, PLACE_GROUPS, FileFormat, as_named
from pipeline.declare.sources import Source

_FIGURES = ("lit_pixels", "ntl_sum")

NIGHT_LIGHTS = Source(
    key="night_lights",
    title="Light at night by township",
    provider="the team that added the pixels up, from NASA's Black Marble or another product",
    licence="not stated",
    citation="Light at night, added up by township by the operating team.",
    cadence="yearly or monthly",
    absence_means=Absence.UNKNOWN,
    absence_why="A township without a figure was not seen, under cloud for instance; it is not dark.",
    rows_may_be_passed_on=False,
    caveat="Light is not service: generators, solar lamps, fires and gas flares shine too.",
    formats=tuple(
        FileFormat(
            f"lights_by_{period}",
            Kind.SIGNS,
            as_named(period, *PLACE_COLUMNS, *_FIGURES, "source", "updated_at"),
            required=(period,),
            place_groups=PLACE_GROUPS,
            any_of=_FIGURES,
        )
        for period in ("year", "month")
    ),
)
