"""The structure suite of any declared table: built from tables.py and columns.py, nothing written twice.

Rules over many columns are gathered into one that names the columns at fault: an expectation costs
milliseconds, and a table has up to thirty columns. Not here: what the values must mean together.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from expectations.rule import TOWNSHIPS_COUNT, Facts, RowRule, Rule, Section, ShapeRule, row_rule
from pipeline.declare.columns import Column
from pipeline.declare.tables import Layer, Table

TEXT_TYPES = (pl.String, pl.Categorical, pl.Enum)
PLACE = "adm3_pcode"


def structure(table: Table, frame: pl.DataFrame) -> Section:
    """What the declarations say of this table. A missing column is reported once, by columns_as_declared."""
    present = [c for c in table.specs if c.name in frame.columns]
    fitting = [c for c in present if _fits(c, frame.schema[c.name])]
    rules: list[Rule] = [
        ShapeRule(
            "columns_as_declared",
            "Readers rely on the declared columns in their order.",
            "columns",
            table.columns,
        ),
        _named(
            "types_as_declared",
            "A column keeps its declared type.",
            {c.name: pl.lit(True) for c in present if c not in fitting},
        ),
        row_rule(
            "key_unique", f"One row per {table.grain}.", lambda _: pl.struct(table.key).is_duplicated()
        ),  # the native expectation for a compound key takes five times as long
        _named(
            "required_filled",
            "Outside the columns that may be blank every cell is filled.",
            {c.name: pl.col(c.name).is_null() for c in present if c.name not in table.nullable},
        ),
        *_over_columns(fitting),
        *_township_rules(table),
    ]
    return Section(tuple(rules))


def _over_columns(columns: Iterable[Column]) -> list[Rule]:
    """Value sets, bounds, patterns and first-of-month, each only where a column declares such a thing."""
    sets, bounds, patterns, months = {}, {}, {}, {}
    for column in columns:
        here = pl.col(column.name)
        if column.values:
            sets[column.name] = ~here.cast(pl.String).is_in(list(column.values))
        if column.type in ("DOUBLE", "BIGINT"):
            bounds[column.name] = _out_of_bounds(column)
        if column.pattern:
            patterns[column.name] = ~here.cast(pl.String).str.contains(column.pattern)
        if column.name == "month":
            months[column.name] = here.dt.day() != 1
    gathered = (
        ("values_in_set", "A coded column holds only the words of its code list.", sets),
        ("within_bounds", "A number lies within its declared bounds and is finite.", bounds),
        ("patterns_match", "A code has the form of its code list.", patterns),
        ("month_is_first_day", "A month is written as its first day.", months),
    )
    return [_named(name, why, broken) for name, why, broken in gathered if broken]


def _out_of_bounds(column: Column) -> pl.Expr:
    here = pl.col(column.name)
    broken = ~here.is_finite() if column.type == "DOUBLE" else here.is_null() & False
    if column.low is not None:
        broken = broken | (here < column.low)
    if column.high is not None:
        broken = broken | (here > column.high)
    return broken


def _township_rules(table: Table) -> list[Rule]:
    rules: list[Rule] = []
    if table.township_reference:
        rules.append(
            row_rule(
                "township_known",
                "A township code stands in the list of 330.",
                lambda facts: ~pl.col(PLACE).is_in(list(facts.codes)) if facts.codes else None,
            )
        )
    if table.key == (PLACE,):
        rules.append(
            ShapeRule("townships_complete", "All 330 townships, each once.", "rows_exactly", rows=TOWNSHIPS_COUNT)
        )
    elif table.key == ("method", "month", PLACE):
        rules.append(_every_month_complete())
        rules.append(ShapeRule("not_empty", "An index without rows is no index.", "rows_at_least", rows=1))
    elif table.full_name in (
        "published.national_summary",
        "published.region_summary",
        "published.territorial_control",
    ):
        rules.append(ShapeRule("not_empty", "A summary without rows is no summary.", "rows_at_least", rows=1))
    return rules


def _every_month_complete() -> RowRule:
    """Counts distinct codes and rows of each method and month; with township_known that makes all 330."""
    month = ["method", "month"]

    def broken(facts: Facts) -> Mapping[str, pl.Expr]:
        return {
            "": (pl.len().over(month) != TOWNSHIPS_COUNT) | (pl.col(PLACE).n_unique().over(month) != TOWNSHIPS_COUNT)
        }

    return RowRule(
        "townships_complete",
        "Every method and month has all 330 townships, each once.",
        broken,
        shown=("method", "month"),
    )


def _named(name: str, why: str, broken: Mapping[str, pl.Expr]) -> RowRule:
    return RowRule(name, why, lambda _: broken)


def _fits(column: Column, dtype: pl.DataType) -> bool:
    families: dict[str, bool] = {
        "VARCHAR": isinstance(dtype, TEXT_TYPES),
        "BIGINT": dtype.is_integer(),
        "DOUBLE": dtype.is_float(),
        "DATE": dtype == pl.Date,
        "BOOLEAN": dtype == pl.Boolean,
        "BLOB": dtype == pl.Binary,
    }
    return families.get(column.type, False)


SENSITIVE = frozenset(
    [
        "latitude",
        "longitude",
        "lat",
        "lon",
        "x",
        "y",
        "geom_wkt",
        "site",
        "site_name",
        "camp",
        "camp_name",
        "village",
        "actor1",
        "actor2",
        "actor",
        "side_a",
        "side_b",
        "assoc_actor_1",
        "assoc_actor_2",
        "notes",
        "event_id",
        "source_original",
        "source_headline",
        "source_article",
        "source_url",
        "where_coordinates",
        "where_description",
        "location",
        "informant_kind",
        "found",
        "extra",
        "attributes",
    ]
)


def nothing_sensitive(table: Table, frame: pl.DataFrame) -> RowRule | None:
    """Guards the declarations themselves: no release table may carry what could point at people or sites.

    The dialogue table is about organisations and public positions, and therefore exempt.
    """
    if table.layer != Layer.PUBLISHED or table.name == "actor_dialogue":
        return None
    named = {c: pl.lit(True) for c in frame.columns if c.casefold() in SENSITIVE}
    return _named("nothing_sensitive", "A release names no site, actor, event, coordinate or free text.", named)
