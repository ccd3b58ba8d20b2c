"""The kinds of rule a suite is written in, and the section of a suite that shares one frame.

A row rule says in Polars which rows break it; the rows' keys become a column that Great Expectations
expects to be null. A band and a shape are native expectations on the frame itself. Not here: any
particular rule, nor the running of them (engine.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from expectations.facts import Facts
from pipeline.codes import Severity
from pipeline.columns import PCODE_PATTERN

# Columns whose values may stand in an example, and so in a release: keys, dates and classes.
SHOWABLE = (
    "delivery_id",
    "row_number",
    "method",
    "month",
    "state_region",
    "scope",
    "basis",
    "measure",
    "adm3_pcode",
    "reference_date",
    "survey_date",
    "event_class",
    "source_key",
    "source_a",
    "source_b",
    "geo_precision",
    "reason",
    "kind",
    "figure",
    "index_name",
    "choice",
    "clashes_count",
    "index_name",
    "scenario",
    "choice",
    "weighting",
    "neighbour_pcode",
    "basis_a",
    "basis_b",
    "state_a",
    "state_b",
)

# A rule's exprs by the name of what is wrong; None where the facts to check it are not at hand.
Broken = Callable[[Facts], Mapping[str, pl.Expr] | None]
Prepare = Callable[[pl.DataFrame, Facts], pl.DataFrame | None]


@dataclass(frozen=True)
class RowRule:
    """No row may be broken. `broken` gives boolean exprs by culprit; null: does not apply to the row."""

    name: str
    why: str
    broken: Broken
    severity: Severity = Severity.CRITICAL
    shown: tuple[str, ...] = SHOWABLE


@dataclass(frozen=True)
class BandRule:
    """A statistic over the column `measure` makes must lie between `low` and `high`; nulls are left out."""

    name: str
    why: str
    statistic: Literal["sum", "mean", "max"]
    measure: Callable[[Facts], pl.Expr | None]
    low: float | None = None
    high: float | None = None
    severity: Severity = Severity.WARNING


@dataclass(frozen=True)
class ShapeRule:
    """The frame as a whole: `columns` in this order, `unique` over columns, `rows` at least or exactly."""

    name: str
    why: str
    expects: Literal["columns", "unique", "rows_at_least", "rows_exactly"]
    columns: tuple[str, ...] = ()
    rows: int = 0
    severity: Severity = Severity.CRITICAL


Rule = RowRule | BandRule | ShapeRule


@dataclass(frozen=True)
class Section:
    """Rules that look at one frame: the table's own rows, or what `prepare` makes of them.

    `prepare` may return None where the related tables it needs are not at hand: its rules are then unchecked.
    """

    rules: tuple[Rule, ...]
    prepare: Prepare | None = None


def row_rule(
    name: str, why: str, broken: Callable[[Facts], pl.Expr | None], severity: Severity = Severity.CRITICAL
) -> RowRule:
    """A row rule with a single expression."""

    def by_culprit(facts: Facts) -> Mapping[str, pl.Expr] | None:
        expr = broken(facts)
        return None if expr is None else {"": expr}

    return RowRule(name, why, by_culprit, severity)


def warn_if(name: str, why: str, broken: Callable[[Facts], pl.Expr | None]) -> RowRule:
    """A row rule that never blocks a release."""
    return row_rule(name, why, broken, Severity.WARNING)


def related(facts: Facts, *names: str) -> tuple[pl.DataFrame, ...] | None:
    """The related frames of these tables; None unless all are there."""
    if any(name not in facts.related for name in names):
        return None
    return tuple(facts.related[name] for name in names)


def key_text(frame: pl.DataFrame, shown: tuple[str, ...]) -> pl.Expr:
    """The showable columns of a row as one text; what is no P-code is withheld: it may be any text."""
    parts = []
    for name in shown:
        if name not in frame.columns or name not in SHOWABLE:
            continue
        if name == "clashes_count" and "adm3_pcode" in frame.columns:
            continue  # no key of a township's row
        text = pl.col(name).cast(pl.String)
        if name == "adm3_pcode":
            text = pl.when(text.str.contains(PCODE_PATTERN)).then(text).otherwise(pl.lit("(not a P-code)"))
        elif name == "row_number":
            text = pl.lit("line ") + text
        parts.append(text.fill_null("(blank)"))
    return pl.concat_str(parts, separator=" ") if parts else pl.lit("(no key to show)")


def future(column: str) -> Callable[[Facts], pl.Expr | None]:
    """Rows dated after the day the run knows of, or before 1989, when the oldest source starts."""

    def broken(facts: Facts) -> pl.Expr | None:
        if facts.as_of is None:
            return None
        return ~pl.col(column).is_between(date(1989, 1, 1), facts.as_of)

    return broken
