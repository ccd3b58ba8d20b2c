"""A rule made ready for a frame: the column it adds, how many rows it applies to, which part of it is broken.

All in Polars. Not here: the validation itself (engine.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from expectations.facts import Facts
from expectations.rules import BandRule, RowRule, Rule, key_text

PREFIX = "rule:"
NOT_CHECKED = "Not checked: there is nothing to check it with."


@dataclass(frozen=True)
class Prepared:
    """`settled` or `raised` say why nothing is left to validate; else `column`, where the rule adds one."""

    rule: Rule
    checked_count: int = 0
    column: pl.Series | None = None
    culprits: Mapping[str, int] = field(default_factory=dict)
    settled: str | None = None
    raised: str | None = None

    @property
    def is_open(self) -> bool:
        return self.settled is None and self.raised is None


def prepare(rule: Rule, frame: pl.DataFrame, facts: Facts) -> Prepared:
    """Never raises: a rule that cannot be computed on this frame says so in `raised`."""
    try:
        if isinstance(rule, RowRule):
            return _rows(rule, frame, facts)
        if isinstance(rule, BandRule):
            return _band(rule, frame, facts)
    except Exception as error:  # the frame under test may lack a column or hold another type
        return Prepared(rule, raised=first_line(error))
    return Prepared(rule, frame.height)


def _rows(rule: RowRule, frame: pl.DataFrame, facts: Facts) -> Prepared:
    """The added column holds the keys of the broken rows and is null where the rule holds."""
    broken = rule.broken(facts)
    if broken is None:
        return Prepared(rule, settled=NOT_CHECKED)
    labels = [f"{PREFIX}{i}" for i in range(len(broken))]
    masks = frame.with_columns(expr.alias(label) for label, expr in zip(labels, broken.values(), strict=True)).select(
        labels
    )
    nothing = pl.lit(None, dtype=pl.String)
    if not labels:
        return Prepared(rule, frame.height, frame.with_columns(nothing.alias(rule.name))[rule.name])
    wrong = masks.select(pl.any_horizontal(pl.all().fill_null(False))).to_series()
    skipped = masks.select(pl.all_horizontal(pl.all().is_null())).to_series().sum()
    text = pl.when(wrong).then(key_text(frame, rule.shown)) if wrong.any() else nothing
    column = frame.with_columns(text.alias(rule.name))[rule.name]
    culprits = {name: int(masks[label].sum()) for name, label in zip(broken, labels, strict=True) if name}
    return Prepared(rule, frame.height - int(skipped), column, {name: n for name, n in culprits.items() if n})


def _band(rule: BandRule, frame: pl.DataFrame, facts: Facts) -> Prepared:
    measure = rule.measure(facts)
    if measure is None:
        return Prepared(rule, settled=NOT_CHECKED)
    column = frame.with_columns(measure.cast(pl.Float64).alias(rule.name))[rule.name]
    filled = column.len() - column.null_count()
    if filled == 0:  # a sum or mean over nothing is no finding
        return Prepared(rule, settled=NOT_CHECKED)
    return Prepared(rule, filled, column)


def first_line(error: BaseException) -> str:
    """Type and first line of an error: enough to act on, short enough for a report."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
