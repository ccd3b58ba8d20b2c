"""The kinds of rule a suite is written in, and the section of a suite that shares one frame.

A row rule says in Polars which rows break it; the rows' keys become a column that Great Expectations expects to be
null. A band and a shape are native expectations on the frame itself.

The outcome of one rule on one table, in plain Python types that any metadata store takes. What a suite must know
beside the frame it looks at: the run's date, deliveries, codes and related tables.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl

from pipeline.declare.codes import Severity
from pipeline.declare.columns import PCODE_PATTERN

EXAMPLES_AT_MOST = 3


@dataclass(frozen=True)
class RuleResult:
    """`checked_count` is how many rows (or groups of rows) the rule applies to; 0: it had nothing to check.

    `note` says why the rule exists and, where it failed, what was found. `examples` are keys (township,
    month, delivery and line), never a cell's text, a coordinate or an actor. `limit` says what the rule allows and
    `found` what there was, in words, where it holds too.
    """

    table: str
    rule: str
    severity: str
    passed: bool
    checked_count: int
    failed_count: int
    note: str
    examples: tuple[str, ...] = ()
    limit: str = ""
    found: str = ""

    @property
    def blocks(self) -> bool:
        """A failed critical rule keeps the release from being published; a failed warning does not."""
        return not self.passed and self.severity == Severity.CRITICAL

    def as_dict(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "rule": self.rule,
            "severity": str(self.severity),
            "passed": bool(self.passed),
            "checked_count": int(self.checked_count),
            "failed_count": int(self.failed_count),
            "note": self.note,
            "examples": [str(example) for example in self.examples],
            "limit": self.limit,
            "found": self.found,
        }


TOWNSHIPS_COUNT = 330
REGIONS_COUNT = 15


@dataclass(frozen=True)
class Facts:
    """`related` maps a table's full name to its frame, for rules that compare two tables."""

    codes: tuple[str, ...] = ()  # the 330 township codes
    as_of: date | None = None  # the day up to which the run knows; dates after it lie in the future
    rows_count: Mapping[str, int] = field(default_factory=dict)  # delivery -> rows its sidecar states
    rejected_rows: Mapping[str, int] = field(default_factory=dict)  # delivery -> rows not in the raw table
    repeated_rows: Mapping[str, int] = field(default_factory=dict)  # delivery -> rows that are counted, not kept
    formats: Mapping[str, str] = field(default_factory=dict)  # delivery -> format, as "ucdp_ged"
    declared_coverage: frozenset[str] = frozenset()  # deliveries whose sidecar says they cover a part only
    acknowledged: frozenset[tuple[str, date]] = frozenset()  # (adm3_pcode, reference_date) above population, known
    accepted_losses: frozenset[str] = frozenset()  # deliveries whose faulty rows corrections.toml acknowledges
    population: pl.DataFrame | None = None  # adm3_pcode, population_persons
    related: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    cumulative_methods: frozenset[str] = frozenset()  # methods whose window only grows
    published_figures: frozenset[str] = frozenset()  # names of the figures that comparison must hold
    schematic: bool = False  # township shapes come from village points, not from a boundary file
    window_start: date | None = None  # the day the default method's window starts
    first_clash: date | None = None  # first day the leading clash source holds
    last_clash: date | None = None  # last day the leading clash source holds
    unnamed_rivals_count: int = 0  # sources of the leading one's family beside it, where none is marked primary
    leading_ratio: float | None = None  # the leading source's clashes over another's, common months; the least
    internal: bool = False  # a release of the internal profile: exact figures of displaced people are meant to be there
    wanted_until: date | None = None  # the period's end that was asked for; None where the source's last day decides


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
    "neighbour_pcode",
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
    """The frame as a whole: `columns` in this order, `rows` at least or exactly."""

    name: str
    why: str
    expects: Literal["columns", "rows_at_least", "rows_exactly"]
    columns: tuple[str, ...] = ()
    rows: int = 0
    severity: Severity = Severity.CRITICAL


Rule = RowRule | BandRule | ShapeRule


@dataclass(frozen=True)
class Section:
    """Rules that look at one frame: the table's own rows, or what `prepare` makes of them.

    `prepare` may return None where the related tables it needs are not at hand: its rules are then unchecked. Of a
    table that is checked in batches it is given the columns `looks_at` alone, words for what they hold.
    """

    rules: tuple[Rule, ...]
    prepare: Prepare | None = None
    looks_at: tuple[str, ...] = ()


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
