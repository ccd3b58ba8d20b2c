"""Which rows of the published tables a report shows: one method, the latest month, the months of a series.

Every report takes its tables through `published`, so a missing table or column is named once and clearly.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from pipeline.tables import TABLES, Layer, Table, layer
from reports.release import Release

_TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "BIGINT": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "DATE": pl.Date(),
    "BOOLEAN": pl.Boolean(),
    "BLOB": pl.Binary(),
}


def declared(name: str) -> Table:
    """The declaration of a published table."""
    return TABLES[f"{Layer.PUBLISHED}.{name}"]


def published_names() -> tuple[str, ...]:
    return tuple(table.name for table in layer(Layer.PUBLISHED))


def published(tables: Mapping[str, pl.DataFrame], name: str, by_key: bool = True) -> pl.DataFrame:
    """A published table with its declared columns and types, sorted by its key or left in its own order.

    Raises ValueError naming the table and the columns that are missing.
    """
    table = declared(name)
    if name not in tables:
        raise ValueError(f"published table {name!r} was not handed to the reports; they need it to be built")
    frame = tables[name]
    missing = [column for column in table.columns if column not in frame.columns]
    if missing:
        raise ValueError(
            f"published table {name!r} lacks {len(missing)} declared column(s): {', '.join(missing[:5])}; "
            "build it with the columns that pipeline/tables.py declares"
        )
    typed = frame.select(pl.col(spec.name).cast(_TYPES[spec.type]) for spec in table.specs)
    return typed.sort(table.key) if by_key else typed


def months(tables: Mapping[str, pl.DataFrame], method: str) -> list[date]:
    """Months of a method in order; ValueError where there is none, since nothing could be shown."""
    found = published(tables, "national_summary").filter(pl.col("method") == method)["month"].to_list()
    if not found:
        raise ValueError(f"national_summary holds no row of method {method!r}; the release has nothing to show")
    return list(found)


def latest(tables: Mapping[str, pl.DataFrame], name: str, method: str) -> pl.DataFrame:
    """The rows of one method in the last month that the national summary has for it."""
    month = months(tables, method)[-1]
    return published(tables, name).filter(pl.col("method") == method, pl.col("month") == month)


def latest_of_all_methods(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """The rows of the last month of the table, every method."""
    frame = published(tables, name)
    return frame.filter(pl.col("month") == pl.col("month").max())


def latest_townships(tables: Mapping[str, pl.DataFrame], release: Release) -> pl.DataFrame:
    """All townships, each with its index row of the latest month: places first, then figures.

    A left join from the list of townships: one without an index row stays visible with nulls.
    """
    index = latest(tables, "township_index", release.method)
    places = published(tables, "townships")
    repeated = [column for column in index.columns if column in places.columns and column != "adm3_pcode"]
    return places.join(index.drop(repeated), on="adm3_pcode", how="left", validate="1:1").sort("adm3_pcode")


# Columns of the tables beside the index that are of use on a map, by table.
_MAPPED = {
    "township_rates": ("clashes_per_1000_km2", "clashes_per_100000_persons_smoothed"),
    "township_changes": ("clashes_previous_month_count", "change_class", "is_alert"),
    "hot_spots": ("hot_spot_class", "getis_ord_z"),
    "robustness": ("security_kept_share", "humanitarian_kept_share", "services_kept_share"),
}


def mapped_townships(tables: Mapping[str, pl.DataFrame], release: Release) -> pl.DataFrame:
    """`latest_townships` with the columns of other tables that a map is made from."""
    frame = latest_townships(tables, release)
    for name, columns in _MAPPED.items():
        other = latest(tables, name, release.method).select("adm3_pcode", *columns)
        frame = frame.join(other, on="adm3_pcode", how="left", validate="1:1")
    return frame.sort("adm3_pcode")
