"""Great Expectations' answer to one rule -> a rule result with a note a data team can act on.

Not here: asking (engine.py).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from expectations.prepared import PREFIX, Prepared, first_line
from expectations.results import EXAMPLES_AT_MOST, RuleResult
from expectations.rules import BandRule, RowRule, Rule, ShapeRule, key_text
from pipeline.codes import Severity

Answer = Mapping[str, Any]


def verdict(table: str, prepared: Prepared, answer: Answer | None, frame: pl.DataFrame | None) -> RuleResult:
    """`answer` is None where nothing was asked. A rule that raised counts as failed and critical."""
    rule = prepared.rule
    if prepared.settled is not None:
        return RuleResult(table, rule.name, rule.severity, True, 0, 0, f"{rule.why} {prepared.settled}")
    raised = prepared.raised if answer is None else exception_of(answer)
    if answer is None and raised is None:
        raised = "no answer"
    if raised is not None:
        return _raised(table, rule, raised, prepared.checked_count)
    if answer is not None and answer["success"]:
        return RuleResult(table, rule.name, rule.severity, True, prepared.checked_count, 0, rule.why)
    found = dict(answer["result"]) if answer is not None else {}
    if isinstance(rule, RowRule):
        return _rows(table, rule, prepared, found)
    if isinstance(rule, BandRule):
        return _band(table, rule, prepared, found)
    return _shape(table, rule, prepared, found, frame)


def raised_verdict(table: str, rule: Rule, error: BaseException) -> RuleResult:
    """The result of a rule whose frame could not even be made."""
    return _raised(table, rule, first_line(error), 0)


def exception_of(answer: Answer) -> str | None:
    """The first line of what an expectation raised; the record of it is nested where a metric raised."""
    info = answer["exception_info"]
    records = [info] if "raised_exception" in info else list(info.values())
    messages = sorted(str(r["exception_message"]) for r in records if r["raised_exception"])
    if not messages:
        return None
    return (messages[0].strip().splitlines() or ["unknown error"])[0]


def _raised(table: str, rule: Rule, message: str, checked_count: int) -> RuleResult:
    note = f"{rule.why} Could not be checked: {message}"
    return RuleResult(table, rule.name, Severity.CRITICAL, False, checked_count, checked_count, note)


def _rows(table: str, rule: RowRule, prepared: Prepared, found: Answer) -> RuleResult:
    failed = int(found["unexpected_count"])
    keys = prepared.column.drop_nulls().unique().sort().head(EXAMPLES_AT_MOST) if prepared.column is not None else ()
    parts = ", ".join(f"{name} ({count})" for name, count in sorted(prepared.culprits.items()))
    note = f"{rule.why} Broken in {failed} of {prepared.checked_count}{': ' + parts if parts else ''}."
    return RuleResult(
        table,
        rule.name,
        rule.severity,
        False,
        prepared.checked_count,
        failed,
        note,
        tuple(str(k) for k in keys),
    )


def _band(table: str, rule: BandRule, prepared: Prepared, found: Answer) -> RuleResult:
    observed = float(found["observed_value"])
    limits = [f"at least {rule.low:,.10g}"] if rule.low is not None else []
    limits += [f"at most {rule.high:,.10g}"] if rule.high is not None else []
    note = f"{rule.why} The {rule.statistic} is {observed:,.10g}; expected {' and '.join(limits)}."
    return RuleResult(table, rule.name, rule.severity, False, prepared.checked_count, 1, note)


def _shape(table: str, rule: ShapeRule, prepared: Prepared, found: Answer, frame: pl.DataFrame | None) -> RuleResult:
    failed, checked = 1, prepared.checked_count
    examples: tuple[str, ...] = ()
    if rule.expects == "columns":
        observed = [name for name in found["observed_value"] if not name.startswith(PREFIX)]
        missing = [name for name in rule.columns if name not in observed]
        extra = [name for name in observed if name not in rule.columns]
        checked, failed = len(rule.columns), max(len(missing) + len(extra), 1)
        what = f"Missing: {', '.join(missing) or 'none'}; not declared: {', '.join(extra) or 'none'}"
        what += "." if missing or extra else "; the order differs."
    elif rule.expects == "unique":
        failed = int(found["unexpected_count"])
        what = f"{failed} rows share their key ({', '.join(rule.columns)})."
        examples = _shared_keys(rule, frame) if frame is not None else ()
    else:
        limit = "exactly" if rule.expects == "rows_exactly" else "at least"
        what = f"There are {int(found['observed_value'])} rows; expected {limit} {rule.rows}."
    return RuleResult(table, rule.name, rule.severity, False, checked, failed, f"{rule.why} {what}", examples)


def _shared_keys(rule: ShapeRule, frame: pl.DataFrame) -> tuple[str, ...]:
    shared = frame.filter(pl.struct(rule.columns).is_duplicated())
    text = shared.select(key_text(frame, rule.columns).alias("key")).to_series()
    return tuple(text.unique().sort().head(EXAMPLES_AT_MOST).to_list())
