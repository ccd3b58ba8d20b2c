"""What a rule allows and what was found, in words: the bound and the value of every rule, also where it holds.

A failed rule says both in its note; a rule that holds says them here, so that a reader sees how near it came.
"""

import polars as pl

from expectations.rule import BandRule, RowRule, Rule, RuleResult, ShapeRule

NOTHING = "nothing to check"


def limit_of(rule: Rule) -> str:
    """The bound of a rule."""
    if isinstance(rule, RowRule):
        return "no row breaks it"
    if isinstance(rule, BandRule):
        return f"{rule.statistic} {between(rule)}"
    return _shape(rule)


def between(rule: BandRule) -> str:
    """The ends of a band."""
    limits = [f"at least {rule.low:,.10g}"] if rule.low is not None else []
    limits += [f"at most {rule.high:,.10g}"] if rule.high is not None else []
    return " and ".join(limits)


def _shape(rule: ShapeRule) -> str:
    if rule.expects == "columns":
        return f"the {len(rule.columns)} declared columns in their order"
    return f"{'exactly' if rule.expects == 'rows_exactly' else 'at least'} {rule.rows:,} rows"


def found_of(rule: Rule, result: RuleResult, column: pl.Series | None, rows_count: int) -> str:
    """What the rule found: rows that break it of those it applies to, the statistic of a band, or the rows.

    `column` holds what a band looks at; `rows_count` is the height of the frame.
    """
    if not result.checked_count:
        return NOTHING
    if isinstance(rule, RowRule):
        return f"{result.failed_count:,} of {result.checked_count:,} rows"
    if isinstance(rule, BandRule):
        value = None if column is None else _statistic(rule, column)
        return NOTHING if value is None else f"{rule.statistic} {value:,.10g}"
    if rule.expects == "columns":
        return "as declared" if result.passed else f"{result.failed_count:,} columns differ"
    return f"{rows_count:,} rows"


def _statistic(rule: BandRule, column: pl.Series) -> float | None:
    value = {"sum": column.sum, "mean": column.mean, "max": column.max}[rule.statistic]()
    return float(value) if isinstance(value, int | float) else None
