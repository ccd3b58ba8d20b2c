"""What a table declares: layer, grain, ordered columns, key, caveats, sheet; and what a formula in words consists of.

Columns are declared in columns.py and only named here. Raw tables mirror what a file format holds and
are declared with the format (formats.py); their columns are text as delivered.
"""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.declare.columns import COLUMNS, Column


class Layer(StrEnum):
    RAW = "raw"
    RECORDS = "records"
    INDICES = "indices"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Sheet:
    """A table in the workbook: its place there, None where it is too long for one, and what it shows."""

    place: int | None
    title: str
    latest: bool = False  # the latest month alone


@dataclass(frozen=True)
class Table:
    """`key` is the grain; every column outside `nullable` must be filled."""

    layer: Layer
    name: str
    grain: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    nullable: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    sheet: Sheet | None = None
    compared: tuple[str, ...] = ()  # columns by which a release is compared with the one before
    mapped: tuple[str, ...] = ()  # columns that a map of townships is made from
    township_reference: bool = False  # every adm3_pcode must stand in the list of 330

    @property
    def full_name(self) -> str:
        return f"{self.layer}.{self.name}"

    @property
    def specs(self) -> tuple[Column, ...]:
        return tuple(COLUMNS[name] for name in self.columns)

    @property
    def comment(self) -> str:
        return " ".join([f"One row per {self.grain}.", *self.caveats])


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def table(layer: Layer, name: str, grain: str, columns: str, key: str, nullable: str = "", **more: object) -> Table:
    ordered = _words(columns)
    declared = Table(layer, name, grain, ordered, _words(key), frozenset(_words(nullable)), **more)  # type: ignore[arg-type]
    unknown = [c for c in (*ordered, *declared.key, *declared.nullable) if c not in COLUMNS or c not in ordered]
    if unknown:
        raise ValueError(f"table {layer}.{name} names columns that are not declared: {', '.join(unknown)}")
    return declared


@dataclass(frozen=True)
class Formula:
    """How some published columns are computed, why so, what it cannot say, and where it comes from."""

    title: str
    columns: tuple[str, ...]  # "table.column" of the published layer
    formula: str
    why: str
    limits: str = ""
    reference: str = ""


TOWNSHIP = "adm3_pcode"
CUMULATIVE = "Counts are floors: what no source reports is not in them."
NOT_CONTROL = "No fighting is not the same as control; the share by the Security Index counts townships of class high."
TOWNSHIP_COLUMNS = """adm3_pcode, adm3_name, adm3_name_my, adm2_pcode, adm2_name, adm1_pcode, adm1_name, state_region,
    self_administered_unit, area_km2, population_persons, population_reference_date, boundary_source, geometry"""
TOWNSHIP_NULLABLE = "self_administered_unit, population_persons, population_reference_date"
