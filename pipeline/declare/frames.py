"""The shape of a table's frame: declared columns, declared types, in their order."""

from functools import cache

import polars as pl

from pipeline.declare.columns import COLUMNS
from pipeline.declare.database import MAIN, NAMES
from pipeline.declare.formats import AREA_FORMAT, BOUNDARY_FORMAT, SHAPE_FORMATS
from pipeline.declare.tables import TABLES, Layer
from pipeline.sources import BY_NAME

_POLARS_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "VARCHAR": pl.String,
    "BIGINT": pl.Int64,
    "DOUBLE": pl.Float64,
    "DATE": pl.Date,
    "BOOLEAN": pl.Boolean,
    "BLOB": pl.Binary,
}


# A spreadsheet runs a cell that starts like this as a formula. Full-width forms are folded to ASCII by some.
_FORMULA_START = r"^[=+\-@\t\r\n＝＋－＠]"


def inert(frame: pl.DataFrame) -> pl.DataFrame:
    """Text that a spreadsheet would run gets an apostrophe in front; numbers stay numbers."""
    text = pl.col(pl.String)
    return frame.with_columns(
        pl.when(text.str.contains(_FORMULA_START)).then(pl.lit("'") + text).otherwise(text).name.keep()
    )


def without(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """As `frame.drop`, which plans a query: that costs a small frame ten times as much as this."""
    kept = frame.clone()
    for name in names:
        kept.drop_in_place(name)
    return kept


_BOOKKEEPING = {
    "delivery_id": COLUMNS["delivery_id"].comment,
    "row_number": COLUMNS["row_number"].comment,
    "problem": "Why the row as such cannot be read, such as too many cells. Missing: it can be read.",
    "problem_found": "What was found there. Missing: the row can be read.",
    "extra": "Columns of the file that the format does not know, as JSON. Missing: there are none.",
    "attributes": COLUMNS["attributes"].comment,
}


def raw_columns(format_name: str) -> dict[str, str]:
    """Columns of the raw mirror of a format, with their DuckDB types: bookkeeping first, then as delivered."""
    if format_name == BOUNDARY_FORMAT:
        own = {"adm3_pcode": "VARCHAR", "attributes": "VARCHAR", "geometry": "BLOB", "area_km2": "DOUBLE"}
    elif format_name == AREA_FORMAT:
        own = {"holder": "VARCHAR", "geometry": "BLOB"}
    else:
        known = dict.fromkeys(BY_NAME[format_name].columns, "VARCHAR")
        own = {"problem": "VARCHAR", "problem_found": "VARCHAR", **known, "extra": "VARCHAR"}
    return {"delivery_id": "VARCHAR", "row_number": "BIGINT", **own}


def raw_comments(format_name: str) -> dict[str, str]:
    """Column -> comment of the raw mirror of a format: the headings under which the file has it."""
    if format_name == BOUNDARY_FORMAT:
        own = {
            "adm3_pcode": "P-code of the feature, read from the attribute of the file that holds the 330.",
            "geometry": "Shape of the feature as well-known binary, EPSG:4326, longitude first.",
            "area_km2": "Area of the shape as delivered, equal-area projection. Unit: km2.",
        }
    elif format_name == AREA_FORMAT:
        own = {
            "holder": "Holder of the area as the map names it.",
            "geometry": "The area as well-known binary, EPSG:4326, longitude first. Missing: its holder has no side in "
            "the sidecar, so the shape was not read.",
        }
    else:
        own = {
            ours: f"{_headings(known)}; text as delivered, an empty cell is missing."
            for ours, known in BY_NAME[format_name].columns.items()
        }
    return {name: own.get(name) or _BOOKKEEPING[name] for name in raw_columns(format_name)}


def _headings(known: tuple[str, ...]) -> str:
    first, *others = (f"'{heading}'" for heading in known)
    return f"Column {first} of the file" + (f", also read as {', '.join(others)}" if others else "")


def table_columns(full_name: str) -> dict[str, str]:
    """Column name -> DuckDB type of a declared table or raw mirror, in order."""
    schema, name = full_name.split(".")
    if schema == Layer.RAW:
        return raw_columns(name)
    return {column.name: column.type for column in TABLES[full_name].specs}


def is_declared(schema: str, name: str) -> bool:
    if schema == MAIN:
        return name in NAMES
    if schema == Layer.RAW:
        return name in SHAPE_FORMATS or name in BY_NAME
    return f"{schema}.{name}" in TABLES


def empty(full_name: str) -> pl.DataFrame:
    """A frame of the table's columns and types, without rows."""
    return _empty(full_name).clone()


@cache
def _empty(full_name: str) -> pl.DataFrame:
    return pl.DataFrame(schema={name: _POLARS_TYPES[kind] for name, kind in table_columns(full_name).items()})


@cache
def _casts(full_name: str) -> tuple[pl.Expr, ...]:
    return tuple(pl.col(name).cast(_POLARS_TYPES[kind]) for name, kind in table_columns(full_name).items())


def is_outdated(key: list[str]) -> pl.Expr:
    """Whether another delivery states a later `updated_at` for the same `key`; never for one that states none.

    A source's own times of revision order its statements whatever the order of arrival: an older export that
    comes late says nothing new. Statements without a time rank by receipt, which is the caller's to apply. Times
    of different sources are different clocks, so `key` holds the source. The parts of one delivery go together.
    """
    stated = pl.col("updated_at").max().over([*key, "delivery_id"])
    return (stated < pl.col("updated_at").max().over(key)).fill_null(False)


def conform(frame: pl.DataFrame, full_name: str) -> pl.DataFrame:
    """The frame in the table's column order and types. Raises ValueError for a missing column or a lossy cast."""
    types = frame.schema
    if types == _empty(full_name).schema:
        return frame.clone()
    declared = table_columns(full_name)
    missing = [name for name in declared if name not in types]
    if missing:
        raise ValueError(f"{full_name}: the frame lacks the columns {', '.join(missing)}")
    fractions = [
        name for name, kind in declared.items()
        if kind == "BIGINT" and types[name].is_float() and (frame[name] != frame[name].round()).any()
    ]  # fmt: skip
    if fractions:  # a cast would cut them off without a word
        raise ValueError(f"{full_name}: fractions in the whole-number columns {', '.join(fractions)}")
    try:
        return frame.select(_casts(full_name))
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{full_name}: {error}") from error
