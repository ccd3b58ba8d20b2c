"""The side that a holder stands for, as the sidecar of its file says: who holds an area, a town or a share.

A holder is compared whatever its capitals and blanks. A line of [holders] that ends or begins with `*` means every
holder that begins or ends so; the longest of the lines that fit holds.
"""

import json
from fnmatch import fnmatchcase

import polars as pl

from pipeline.declare.codes import Reason, Side
from pipeline.declare.formats import fold
from pipeline.records import parsing
from pipeline.records.triage import Rule

OWN_WORDS = {side.value: side.value for side in Side}  # a file may use our own words without saying so


def side_of(holder: str, holders: dict[str, str]) -> str | None:
    """The side of a holder, by its line of [holders] or as one of our own words; None where it has none."""
    return stated_side(holder, holders) or OWN_WORDS.get(fold(holder))


def stated_side(holder: str, holders: dict[str, str]) -> str | None:
    """The side of a holder by its line of [holders] alone. `holders` are folded names and patterns."""
    name = fold(holder)
    if name in holders:
        return holders[name]
    lines = [line for line in holders if "*" in line and fnmatchcase(name, line.replace("[", "[[]"))]
    return holders[max(lines, key=lambda line: (len(line), line))] if lines else None


def with_sides(rows: pl.DataFrame, holder: str = "holder") -> pl.DataFrame:
    """The rows with `side`: that of the column `holder`, by the `holders` (JSON or null) of each row's delivery."""
    named = rows.select(parsing.text(holder).alias("_named"), "holders").unique(maintain_order=True)
    sides = [
        side_of(name, json.loads(stated) if stated else {}) if name else None for name, stated in named.iter_rows()
    ]
    known = named.with_columns(pl.Series("side", sides, dtype=pl.String))
    return (
        rows.with_columns(parsing.text(holder).alias("_named"))
        .join(known, on=["_named", "holders"], how="left", validate="m:1", nulls_equal=True, maintain_order="left")
        .drop("_named")
    )


def side_rules(holder: str = "holder") -> list[Rule]:
    """A row whose holder is not stated, has no side, or is to be ignored."""
    return [
        Rule(~parsing.is_stated(holder), Reason.MISSING_VALUE, holder),
        Rule(pl.col("side").is_null(), Reason.UNKNOWN_HOLDER, holder, pl.concat_str(holder, pl.lit(" ([holders])"))),
        Rule(pl.col("side") == Side.IGNORE.value, Reason.IGNORED_HOLDER, holder),
    ]
