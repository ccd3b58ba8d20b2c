"""The numbers of a neutral brief: each section beside them, and data.csv."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.declare.frames import inert
from pipeline.neutral_brief.request import Material
from reports.site.blocks import Board


@dataclass(frozen=True)
class Number:
    """A number of the brief as data.csv has it; `state` says why `value` is blank."""

    section: str
    adm3_pcode: str
    item: str
    period_start: date | None
    period_end: date | None
    value: float | None
    unit: str
    state: str = ""


@dataclass(frozen=True)
class Part:
    """A section and its numbers."""

    section: Board
    numbers: tuple[Number, ...] = ()


def as_csv(material: Material, parts: Sequence[Part]) -> str:
    """Every number of the brief, one a row, in the order of the sections; text that a spreadsheet would run is inert.

    `state` says why a value is blank: not_reported, not_known, not_covered, fewer_than_10.
    """
    names = dict(material.places.select("adm3_pcode", "adm3_name").iter_rows())
    found: list[Number] = [number for part in parts for number in part.numbers]
    facts = material.facts
    frame = pl.DataFrame(
        {
            "section": [one.section for one in found],
            "adm3_pcode": [one.adm3_pcode or None for one in found],
            "adm3_name": [names.get(one.adm3_pcode) for one in found],
            "item": [one.item for one in found],
            "period_start": [one.period_start for one in found],
            "period_end": [one.period_end for one in found],
            "value": ["" if one.value is None else f"{one.value:.10g}" for one in found],
            "unit": [one.unit for one in found],
            "state": [one.state for one in found],
        },
        schema_overrides={"period_start": pl.Date, "period_end": pl.Date},
    ).with_columns(release_id=pl.lit(facts.release_id), synthetic=pl.lit(facts.synthetic))
    return inert(frame).write_csv(line_terminator="\n")
