"""Rows that pass every rule, and rows that do not with the first rule they break.

The set-aside frame has the columns of records.set_aside: which row, why, which column, what was found, and which
other columns of the row are at fault.
"""

from dataclasses import dataclass

import polars as pl

from pipeline.codes import Reason

SET_ASIDE = ("delivery_id", "file_name", "kind", "row_number", "reason", "column_name", "found")
FOUND_CHARACTERS = 80


@dataclass(frozen=True)
class Rule:
    """`broken` is true for a row to set aside; `column` names the cell to blame, if one is to blame.

    `known` are the terms that the column may hold: shown behind what was found, so that the sender can choose.
    """

    broken: pl.Expr
    reason: Reason
    column: str | None = None
    found: pl.Expr | None = None
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Triage:
    kept: pl.DataFrame
    set_aside: pl.DataFrame


def triage(frame: pl.DataFrame, rules: list[Rule]) -> Triage:
    """Split a frame by its rules; the first broken rule names the reason. A null condition does not break.

    `frame` carries delivery_id, file_name, kind and row_number.
    """
    verdict = pl.lit(None, dtype=pl.Int64)
    for position in range(len(rules) - 1, -1, -1):
        verdict = pl.when(rules[position].broken.fill_null(False)).then(pl.lit(position)).otherwise(verdict)
    judged = frame.with_columns(verdict.alias("_rule"))
    kept = judged.filter(pl.col("_rule").is_null()).drop("_rule")
    parts = []
    for position, rule in enumerate(rules):
        broken = judged.filter(pl.col("_rule") == position)
        if broken.is_empty():
            continue
        found = rule.found
        if found is None:
            found = pl.col(rule.column).cast(pl.String) if rule.column else pl.lit(None, dtype=pl.String)
        parts.append(set_aside_rows(broken, rule.reason, rule.column, found, rule.known, _also(rules, position)))
    return Triage(kept, pl.concat(parts) if parts else no_rows())


def _also(rules: list[Rule], position: int) -> pl.Expr:
    """The other cells of a row that break a rule, each with its first reason: a row is mended in one go.

    Only rules of the same step are known: a row that cannot be read is not placed, so its place is not judged.
    """
    seen = {rules[position].column}
    columns: dict[str, pl.Expr] = {}
    for rule in rules[position + 1 :]:
        if rule.column is not None and rule.column not in seen:
            before = columns.get(rule.column, pl.lit(None, pl.String))
            reason = pl.when(rule.broken.fill_null(False)).then(pl.lit(f"{rule.column}: {rule.reason}"))
            columns[rule.column] = pl.coalesce(before, reason)
    if not columns:
        return pl.lit("")
    return (
        pl.concat_list(*columns.values())
        .list.drop_nulls()
        .list.join(", ")
        .str.replace(r"^(.+)$", "; also ${1}")
        .fill_null("")
    )


def set_aside_rows(
    frame: pl.DataFrame,
    reason: Reason,
    column: str | None,
    found: pl.Expr,
    known: tuple[str, ...] = (),
    also: pl.Expr | None = None,
) -> pl.DataFrame:
    """Rows of a frame as set-aside rows, all for one reason; `known` and `also` are added to what was found.

    `known` are the terms that the column may hold, `also` the other faults of the row ("" for none).
    """
    shown = found.str.slice(0, FOUND_CHARACTERS)
    stated = pl.when(shown.str.strip_chars() != "").then(shown).otherwise(pl.lit("blank"))
    if known:
        shown = stated = pl.concat_str(stated, pl.lit(f" (known: {', '.join(known)})"))
    if also is not None:
        shown = pl.when(also == "").then(shown).otherwise(stated + also)
    return frame.select(
        "delivery_id",
        "file_name",
        "kind",
        "row_number",
        pl.lit(str(reason)).alias("reason"),
        pl.lit(column, dtype=pl.String).alias("column_name"),
        shown.alias("found"),
    )


def no_rows() -> pl.DataFrame:
    return pl.DataFrame(schema={c: pl.Int64 if c == "row_number" else pl.String for c in SET_ASIDE})


def unreadable(frame: pl.DataFrame) -> Triage:
    """Lines that the reader could not take as a row: set aside with the reader's own reason."""
    broken = frame.filter(pl.col("problem").is_not_null())
    rows = broken.select(
        "delivery_id",
        "file_name",
        "kind",
        "row_number",
        pl.col("problem").alias("reason"),
        pl.lit(None, dtype=pl.String).alias("column_name"),
        pl.col("problem_found").alias("found"),
    )
    return Triage(frame.filter(pl.col("problem").is_null()).drop("problem", "problem_found"), rows)
