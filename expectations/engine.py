"""Runs the sections of a suite through Great Expectations.

The only module that imports great_expectations, and only inside functions: the import takes about ten
seconds. An expectation costs milliseconds whatever the rows, so validation is done in two passes: a first
in which the row rules of one severity stand together, and, where something fails, a second in which each
rule stands alone, for its count and observed value.
"""

import functools
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import polars as pl
from polars import selectors

from expectations.facts import Facts
from expectations.prepared import NOT_CHECKED, PREFIX, Prepared, prepare
from expectations.results import EXAMPLES_AT_MOST, RuleResult
from expectations.rules import BandRule, RowRule, Rule, Section, ShapeRule
from expectations.verdicts import Answer, exception_of, raised_verdict, verdict
from pipeline.codes import Severity


def run_section(table: str, section: Section, frame: pl.DataFrame, facts: Facts) -> list[RuleResult]:
    """One result per rule, in the order of the rules. A rule that raised counts as failed and critical."""
    try:
        seen = section.prepare(frame, facts) if section.prepare else frame
    except Exception as error:  # the frame under test may lack a column or hold another type
        return [raised_verdict(table, rule, error) for rule in section.rules]
    if seen is None:
        return [verdict(table, Prepared(rule, settled=NOT_CHECKED), None, None) for rule in section.rules]
    prepared = [prepare(rule, seen, facts) for rule in section.rules]
    if seen.height == 0 and not any(_counts_rows_or_columns(rule) for rule in section.rules):
        prepared = [replace(p, settled=NOT_CHECKED) if p.is_open else p for p in prepared]
    answers = _validate(seen, [p for p in prepared if p.is_open])
    return [verdict(table, p, answers.get(p.rule.name), seen) for p in prepared]


def _counts_rows_or_columns(rule: Rule) -> bool:
    """Such a rule can fail on a frame without rows; every other holds there."""
    return isinstance(rule, ShapeRule) and rule.expects != "unique"


def load() -> None:
    """Import Great Expectations and make its context ready, so that the first suite need not wait."""
    _batch_definition()


@functools.cache
def _batch_definition() -> Any:
    """One ephemeral context for the process: no files, no network, no progress bars."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read once, at the import
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    bars: Any = {"globally": False, "metric_calculations": False}
    context.variables.progress_bars = bars
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def _validate(frame: pl.DataFrame, prepared: list[Prepared]) -> dict[str, Answer]:
    """Rule name -> answer in plain types. Answers come back in any order, so each carries its rule's name."""
    if not prepared:
        return {}
    gathered, members = _gather(prepared)
    answers = _ask(frame, gathered, {"result_format": "BOOLEAN_ONLY"})
    again: list[Prepared] = []
    for asked in gathered:
        name = asked.rule.name
        if name in members and answers[name]["success"]:
            answers |= {member.rule.name: answers[name] for member in members[name]}
        elif name in members:
            again += members[name]
        elif not answers[name]["success"] and exception_of(answers[name]) is None:
            again.append(asked)
    if again:
        answers |= _ask(frame, again, {"result_format": "SUMMARY", "partial_unexpected_count": EXAMPLES_AT_MOST})
    return answers


def _gather(prepared: list[Prepared]) -> tuple[list[Prepared], dict[str, list[Prepared]]]:
    """All row rules of one severity as a single expectation: the first rule each row breaks, or null."""
    asked = [p for p in prepared if not isinstance(p.rule, RowRule)]
    members: dict[str, list[Prepared]] = {}
    for severity in Severity:
        group = [p for p in prepared if isinstance(p.rule, RowRule) and p.rule.severity == severity]
        if not group:
            continue
        name = f"all {severity} row rules"
        columns = pl.DataFrame([p.column.alias(p.rule.name) for p in group if p.column is not None])
        first = columns.select(
            pl.coalesce(pl.when(pl.col(c).is_not_null()).then(pl.lit(c)) for c in columns.columns).alias(name)
        ).to_series()
        why = "Each row rule of the table: " + ", ".join(columns.columns)
        rule = RowRule(name, why, lambda _: None, severity)
        asked.append(Prepared(rule, columns.height, first))
        members[name] = group
    return asked, members


def _ask(frame: pl.DataFrame, asked: list[Prepared], result_format: dict[str, Any]) -> dict[str, Answer]:
    """One suite on one batch: the columns native expectations look at, and those the rules add."""
    definition = _batch_definition()
    import great_expectations as gx

    added = [p.column.alias(PREFIX + p.rule.name) for p in asked if p.column is not None]
    used = frame.select(_columns_needed(asked, frame))
    both = pl.concat([used, pl.DataFrame(added)], how="horizontal") if added else used
    batch = definition.get_batch(batch_parameters={"dataframe": _for_pandas(both).to_pandas()})
    names = [series.name for series in added]
    suite = gx.ExpectationSuite(name="rules", expectations=[_expectation(p.rule, names) for p in asked])
    found = batch.validate(suite, result_format=result_format)
    return {result.expectation_config.meta["rule"]: result.to_json_dict() for result in found.results}


def _columns_needed(prepared: Iterable[Prepared], frame: pl.DataFrame) -> list[pl.Expr]:
    """The columns native expectations look at. Where only a column's name and place count, its cells stand
    as filled or not: text is slow to hand over, and none of it can then reach an answer.
    """
    shapes = [p.rule for p in prepared if isinstance(p.rule, ShapeRule)]
    looked_at = {c for rule in shapes if rule.expects == "unique" for c in rule.columns}
    whole = any(_counts_rows_or_columns(rule) for rule in shapes)
    return [pl.col(c) if c in looked_at else pl.col(c).is_not_null() for c in frame.columns if whole or c in looked_at]


def _for_pandas(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates as timestamps (as Python objects they are slow); of shapes only their length."""
    return frame.with_columns(selectors.date().cast(pl.Datetime("ms")), selectors.binary().bin.size())


def _expectation(rule: Rule, added: list[str]) -> Any:
    import great_expectations.expectations

    gxe: Any = great_expectations.expectations
    about: dict[str, Any] = {"severity": str(rule.severity), "notes": rule.why, "meta": {"rule": rule.name}}
    column = PREFIX + rule.name
    if isinstance(rule, RowRule):
        return gxe.ExpectColumnValuesToBeNull(column=column, **about)
    if isinstance(rule, BandRule):
        kinds = {
            "sum": gxe.ExpectColumnSumToBeBetween,
            "mean": gxe.ExpectColumnMeanToBeBetween,
            "max": gxe.ExpectColumnMaxToBeBetween,
        }
        return kinds[rule.statistic](column=column, min_value=rule.low, max_value=rule.high, **about)
    if rule.expects == "columns":
        return gxe.ExpectTableColumnsToMatchOrderedList(column_list=[*rule.columns, *added], **about)
    if rule.expects == "unique":
        if len(rule.columns) == 1:
            return gxe.ExpectColumnValuesToBeUnique(column=rule.columns[0], **about)
        return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(rule.columns), **about)
    if rule.expects == "rows_exactly":
        return gxe.ExpectTableRowCountToEqual(value=rule.rows, **about)
    return gxe.ExpectTableRowCountToBeBetween(min_value=rule.rows, **about)
