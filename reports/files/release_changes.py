"""changes.csv: what this release says otherwise than the release before it, value by value.

For whoever has worked with the earlier one: a class that moved, a count that was revised, a month that is new.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from pipeline.declare.codes import NATIONAL
from pipeline.declare.columns import COLUMNS, Column
from pipeline.declare.tables import Layer, layer
from reports import figures
from reports.files.tables import write_csv
from reports.release import declared, published

CHANGES = "changes.csv"
ROWS = "rows"  # stands for the column where a whole month is new or gone
SUPPRESSED = "suppressed"
_NATIONAL = tuple(one.column for one in figures.NATIONAL if one.since_release)
# Compared: classes and counts. Scores, ranks and probabilities move a little with every record.
COMPARED: Mapping[str, tuple[str, ...]] = {
    one.name: (*(_NATIONAL if one.name == "national_summary" else ()), *one.compared)
    for one in layer(Layer.PUBLISHED)
    if one.compared
}
_GRAIN = ("adm3_pcode", "scope", "basis", "measure", "controller")
CHANGE_KINDS = ("revised", "reclassified", "other_days", "added", "removed")

# The file is made from two releases, so it is no published table; its columns are declared here.
CHANGE_COLUMNS: tuple[Column, ...] = (
    Column("table", "VARCHAR", "Published table that the value stands in", values=tuple(COMPARED)),
    replace(COLUMNS["method"], missing="the table is the same for every method"),
    COLUMNS["month"],
    Column("adm3_pcode", "VARCHAR", "Township P-code of MIMU's list 9.3", pattern=COLUMNS["adm3_pcode"].pattern,
           missing="the row is not of one township"),
    Column("scope", "VARCHAR", "national, or one of the 15 states and regions", missing="the row is of one township, "
           "or of a whole month"),
    Column("basis", "VARCHAR", "Which evidence a share of control rests on", missing="the value is no share of control",
           values=COLUMNS["basis"].values),
    Column("measure", "VARCHAR", "What a share of control adds up", missing="the value is no share of control",
           values=COLUMNS["measure"].values),
    Column("controller", "VARCHAR", "Side that a number of towns is of", missing="the value is no number of towns",
           values=COLUMNS["controller"].values),
    Column("column", "VARCHAR", f"Column that holds another value; {ROWS} where a whole month, or a whole row, is new "
           "or gone, with the number of rows before and after"),
    Column("before", "VARCHAR", "Value in the release before, as its CSV writes it; suppressed where it was withheld",
           missing="the release before had no value"),
    Column("after", "VARCHAR", "Value in this release, as its CSV writes it; suppressed where it is withheld",
           missing="this release has no value"),
    Column("kind", "VARCHAR", "revised: another number; reclassified: another class; other_days: another number or "
           "class of a month that runs to another day in the two releases, so that nothing need have been revised; "
           "added or removed: a value, a row or a month that only one of the two releases has", values=CHANGE_KINDS),
)  # fmt: skip
CHANGE_NULLABLE = frozenset({"method", *_GRAIN, "before", "after"})
CHANGE_KEY = ("table", "method", "month", *_GRAIN, "column")
_SCHEMA = {c.name: pl.Date() if c.type == "DATE" else pl.String() for c in CHANGE_COLUMNS}


def no_changes() -> pl.DataFrame:
    """The header alone: there is no earlier release to compare with, or it says the same."""
    return pl.DataFrame(schema=_SCHEMA)


def release_changes(before: Mapping[str, pl.DataFrame], now: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row a value that differs between the tables of two releases, in the order of CHANGE_KEY.

    A month that only one of them holds is one row a table and method, not one a township. Columns that the earlier
    release did not have yet are left out: they did not change, they are new. Missing is not zero: a value that was
    missing before is `added`, one that is missing now `removed`. A month that was cut in one of them is not the same
    period: what differs there is `other_days`, no revision.
    """
    parts = [
        _compared(name, before[name], published(now, name))
        for name in COMPARED
        if name in before and {*declared(name).key} <= {*before[name].columns}
    ]
    return pl.concat([no_changes(), *parts]).sort(CHANGE_KEY, nulls_last=False)


def _compared(name: str, before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    key = list(declared(name).key)
    columns = [c for c in COMPARED[name] if c in before.columns and c in now.columns]
    old, new = _as_text(before, key, columns), _as_text(now, key, columns)
    months = [column for column in key if column in ("method", "month")]
    both = old.select(months).unique().join(new.select(months).unique(), on=months, how="inner")
    whole = _rows(old.join(both, on=months, how="anti"), new.join(both, on=months, how="anti"), months)
    old, new = (frame.join(both, on=months, how="semi") for frame in (old, new))
    single = _rows(old.join(new, on=key, how="anti"), new.join(old, on=key, how="anti"), key)
    long_old, long_new = (
        frame.unpivot(columns, index=key, variable_name="column", value_name=side)
        for frame, side in ((old, "before"), (new, "after"))
    )
    values = long_old.join(long_new, on=[*key, "column"], how="inner", validate="1:1").filter(
        pl.col("before").ne_missing(pl.col("after"))
    )
    framed = pl.concat([whole, single, values.select(sorted(values.columns))], how="diagonal_relaxed")
    for absent in _SCHEMA.keys() - {*framed.columns}:
        framed = framed.with_columns(pl.lit(None, pl.String).alias(absent))
    if name == "national_summary":
        framed = framed.with_columns(pl.lit(NATIONAL).alias("scope"))
    return framed.with_columns(pl.lit(name).alias("table"), kind=_kind()).join(
        _cut_otherwise(before, now, months), on=months, how="left", validate="m:1"
    ).with_columns(
        kind=pl.when("other_days", pl.col("kind").is_in(("revised", "reclassified"))).then(pl.lit("other_days"))
        .otherwise("kind")
    ).select(pl.col(column).cast(kind) for column, kind in _SCHEMA.items())  # fmt: skip


def _cut_otherwise(before: pl.DataFrame, now: pl.DataFrame, months: list[str]) -> pl.DataFrame:
    """Months (of methods) whose last day is another one in the two releases, marked by `other_days`."""
    keys, ends = [pl.col(c).cast(pl.Date if c == "month" else pl.String) for c in months], []
    for frame in (before, now):
        end = pl.col("period_end").max() if "period_end" in frame.columns else pl.lit(None, pl.Date)
        ends.append(frame.group_by(keys).agg(end.cast(pl.Date).alias("end")))
    return (
        ends[0].join(ends[1], on=months, how="inner", validate="1:1", suffix="_now")
        .filter(pl.col("end") != pl.col("end_now")).select(*months, other_days=pl.lit(True))
    )  # fmt: skip


def _as_text(frame: pl.DataFrame, key: list[str], columns: list[str]) -> pl.DataFrame:
    """Each value as the CSV writes it, so that a number is the same in both releases if its digits are."""
    withheld = pl.col("idps_suppressed").fill_null(False) if "idps_suppressed" in frame.columns else pl.lit(False)
    return frame.select(
        *(pl.col(c).cast(pl.Date if c == "month" else pl.String) for c in key),
        *(
            pl.when(withheld).then(pl.lit(SUPPRESSED)).otherwise(pl.col(c).cast(pl.String)).alias(c)
            if c == "idps_persons"
            else pl.col(c).cast(pl.String)
            for c in columns
        ),
    )


def _rows(gone: pl.DataFrame, fresh: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Rows that only one release has, counted by `by`; the other release has none, and says so."""
    sides = []
    for frame, here, there in ((gone, "before", "after"), (fresh, "after", "before")):
        counted = frame.group_by(by).agg(pl.len().cast(pl.String).alias(here))
        sides.append(counted.with_columns(pl.lit("0").alias(there), pl.lit(ROWS).alias("column")))
    return pl.concat([side.select(sorted(side.columns)) for side in sides])


def _kind() -> pl.Expr:
    classes = [c.name for c in COLUMNS.values() if c.values or c.type == "BOOLEAN"] + ["clash_source"]
    column, before, after = pl.col("column"), pl.col("before"), pl.col("after")
    return (
        pl.when(pl.when(column == ROWS).then(before == "0").otherwise(before.is_null()))
        .then(pl.lit("added"))
        .when(pl.when(column == ROWS).then(after == "0").otherwise(after.is_null()))
        .then(pl.lit("removed"))
        .when(column.is_in(classes))
        .then(pl.lit("reclassified"))
        .otherwise(pl.lit("revised"))
    )


def write_changes(changes: pl.DataFrame | None, path: Path) -> None:
    """Write the file; its header alone where nothing can be compared, so that its name is always there."""
    write_csv(no_changes() if changes is None else changes, path)
