"""What the catalogue of the UI says of a table, from the declarations: columns, key, caveats, formulas, lineage."""

from functools import cache
from typing import Any

from dagster import (
    AssetKey,
    MetadataValue,
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableSchema,
)

from pipeline.analysis.tables import INDICES, PUBLISHED
from pipeline.declare.frames import table_columns
from pipeline.declare.tables import FORMULAS, TABLES, Layer, Table

KINDS = ("python", "polars", "duckdb")


def definition_metadata(full_name: str) -> dict[str, Any]:
    """Column schema, grain, key, caveats and formulas of a table; of a raw one, which is text, its columns alone."""
    table = TABLES.get(full_name)
    if table is None:
        columns = [TableColumn(name, kind) for name, kind in table_columns(full_name).items()]
        return {"dagster/column_schema": TableSchema(columns), "dagster/table_name": full_name}
    formulas = _formulas(table)
    return {
        "dagster/column_schema": TableSchema(_columns(table)),
        "dagster/table_name": full_name,
        "grain": f"one row per {table.grain}",
        "key": ", ".join(table.key),
        **({"caveats": _listed(table.caveats)} if table.caveats else {}),
        **({"formulas": _listed(formulas)} if formulas else {}),
    }


def _columns(table: Table) -> list[TableColumn]:
    return [
        TableColumn(
            spec.name,
            spec.type,
            description=spec.comment,
            constraints=TableColumnConstraints(nullable=spec.name in table.nullable, unique=table.key == (spec.name,)),
        )
        for spec in table.specs
    ]


def _formulas(table: Table) -> list[str]:
    """The declared formulas of the table's columns, in words; they are declared of the published layer alone."""
    if table.layer != Layer.PUBLISHED:
        return []
    own = {f"{table.name}.{column}" for column in table.columns}
    return [
        f"**{one.title}**: {one.formula} {one.why}"
        for group in FORMULAS.values()
        for one in group
        if own.intersection(one.columns)
    ]


def _listed(lines: tuple[str, ...] | list[str]) -> MetadataValue:
    return MetadataValue.md("\n".join(f"- {line}" for line in lines))


@cache
def column_lineage(full_name: str) -> dict[str, Any]:
    """Which columns of the tables that are read a computed table's columns come from; empty for every other table.

    A column's name is declared once and means one thing, and a function is given the tables that it names and nothing
    else: the column of that name in a table that is read is where it comes from.
    """
    made = next((one for one in (*INDICES, *PUBLISHED) if full_name in one.tables), None)
    if made is None:
        return {}
    read = [TABLES[name] for name in made.reads if name in TABLES]
    found = {
        column: [TableColumnDep(AssetKey(one.full_name.split(".")), column) for one in read if column in one.columns]
        for column in TABLES[full_name].columns
    }
    deps = {column: own for column, own in found.items() if own}
    return {"dagster/column_lineage": TableColumnLineage(deps)} if deps else {}
