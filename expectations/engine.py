"""Runs the sections of a suite through Great Expectations.

The only module that imports great_expectations, and only inside functions: the import takes about ten seconds. An
expectation costs milliseconds whatever the rows, so validation is done in two passes: a first in which the row rules
of one severity stand together, and, where something fails, a second in which each rule that some row breaks stands
alone, for its count and observed value, and the others of its severity stand together again.

A rule made ready for a frame: the column it adds, how many rows it applies to, which part of it is broken. Great
Expectations' answer to one rule -> a rule result with a note a data team can act on.
"""

import functools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl
from polars import selectors

from expectations.bounds import between, found_of, limit_of
from expectations.rule import EXAMPLES_AT_MOST, BandRule, Facts, RowRule, Rule, RuleResult, Section, ShapeRule, key_text
from pipeline.declare.codes import Severity

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
    nobody = pl.Series(rule.name, [], pl.String).extend_constant(None, frame.height)
    if not broken:
        return Prepared(rule, frame.height, nobody)
    labels = [f"{PREFIX}{i}" for i in range(len(broken))]
    conditions = (expr.alias(label) for label, expr in zip(labels, broken.values(), strict=True))
    # The count stretches what is the same for every row.
    masks = frame.select(pl.int_range(pl.len()), *conditions).select(labels)
    wrong, skipped = masks.select(
        pl.any_horizontal(pl.all().fill_null(False)).alias("wrong"),
        pl.all_horizontal(pl.all().is_null()).alias("skipped"),
    ).get_columns()
    column = nobody
    if wrong.any():
        column = frame.with_columns(pl.when(wrong).then(key_text(frame, rule.shown)).alias(rule.name))[rule.name]
    culprits = {name: int(masks[label].sum()) for name, label in zip(broken, labels, strict=True) if name}
    return Prepared(rule, frame.height - int(skipped.sum()), column, {name: n for name, n in culprits.items() if n})


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


Answer = Mapping[str, Any]


def verdict(table: str, prepared: Prepared, answer: Answer | None) -> RuleResult:
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
        return _rows_worded(table, rule, prepared, found)
    if isinstance(rule, BandRule):
        return _band_worded(table, rule, prepared, found)
    return _shape(table, rule, prepared, found)


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


def _rows_worded(table: str, rule: RowRule, prepared: Prepared, found: Answer) -> RuleResult:
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


def _band_worded(table: str, rule: BandRule, prepared: Prepared, found: Answer) -> RuleResult:
    observed = float(found["observed_value"])
    note = f"{rule.why} The {rule.statistic} is {observed:,.10g}; expected {between(rule)}."
    return RuleResult(table, rule.name, rule.severity, False, prepared.checked_count, 1, note)


def _shape(table: str, rule: ShapeRule, prepared: Prepared, found: Answer) -> RuleResult:
    failed, checked = 1, prepared.checked_count
    if rule.expects == "columns":
        observed = [name for name in found["observed_value"] if not name.startswith(PREFIX)]
        missing = [name for name in rule.columns if name not in observed]
        extra = [name for name in observed if name not in rule.columns]
        checked, failed = len(rule.columns), max(len(missing) + len(extra), 1)
        what = f"Missing: {', '.join(missing) or 'none'}; not declared: {', '.join(extra) or 'none'}"
        what += "." if missing or extra else "; the order differs."
    else:
        limit = "exactly" if rule.expects == "rows_exactly" else "at least"
        what = f"There are {int(found['observed_value'])} rows; expected {limit} {rule.rows}."
    return RuleResult(table, rule.name, rule.severity, False, checked, failed, f"{rule.why} {what}")


def run_sections(table: str, sections: Sequence[Section], frame: pl.DataFrame, facts: Facts) -> list[RuleResult]:
    """One result per rule, in the order of the rules. A rule that raised counts as failed and critical.

    Great Expectations, for which a question takes longer than its answer, is asked once for all sections that fit:
    their added columns are made as long as the frame whose rows and columns are looked at, or else the longest.
    """
    looks = [_look(section, frame, facts) for section in sections]
    shaped = [look for look in looks if any(isinstance(p.rule, ShapeRule) for p in look.prepared)]
    longest = shaped[0] if shaped else max(looks, key=lambda look: look.height)
    together = [look for look in looks if look is longest or (look not in shaped and look.height <= longest.height)]
    answers = _validate(longest.frame, (p for look in together for p in _as_long(look, longest.height)))
    results: list[RuleResult] = []
    for look in looks:
        results += _worded(table, look, answers if look in together else _validate(look.frame, look.prepared))
    return results


@dataclass(frozen=True, eq=False)
class Look:
    """What a section looks at, and its rules made ready for that."""

    frame: pl.DataFrame
    prepared: list[Prepared]

    @property
    def height(self) -> int:
        return self.frame.height


def _look(section: Section, frame: pl.DataFrame, facts: Facts) -> Look:
    try:
        seen = section.prepare(frame, facts) if section.prepare else frame
    except Exception as error:  # the frame under test may lack a column or hold another type
        return Look(pl.DataFrame(), [Prepared(rule, raised=first_line(error)) for rule in section.rules])
    if seen is None:
        return Look(pl.DataFrame(), [Prepared(rule, settled=NOT_CHECKED) for rule in section.rules])
    prepared = [prepare(rule, seen, facts) for rule in section.rules]
    if seen.height == 0 and not any(isinstance(rule, ShapeRule) for rule in section.rules):  # it can fail without rows
        prepared = [replace(p, settled=NOT_CHECKED) if p.is_open else p for p in prepared]
    return Look(seen, prepared)


def _as_long(look: Look, height: int) -> Iterator[Prepared]:
    """The rules with columns of this height: a blank breaks no row rule and is in no sum, mean or most."""
    blank = height - look.height
    for p in look.prepared:
        yield p if p.column is None or not blank else replace(p, column=p.column.extend_constant(None, blank))


def run_in_batches(
    table: str, sections: Sequence[Section], batches: Iterable[pl.DataFrame], facts: Facts
) -> list[RuleResult]:
    """As `run_sections`, of a table that memory does not hold: its rows come in batches.

    Rows that share the table's key, or what else a rule compares rows by, must come in one batch. What a rule adds is
    kept of each batch, next to nothing where it holds; Great Expectations is asked once, over all of them.
    """
    own = [rule for section in sections if section.prepare is None for rule in section.rules]
    seen: list[list[Prepared]] = [[] for _ in own]
    filled: list[pl.DataFrame] = []
    narrow: dict[str, list[pl.Series]] = {name: [] for section in sections for name in section.looks_at}
    for batch in batches:
        for n, rule in enumerate(own):
            seen[n].append(_light(prepare(rule, batch, facts)))
        filled.append(batch.select(pl.all().is_not_null()))
        for name, parts in narrow.items():
            parts.append(batch[name].cast(pl.Categorical))
    whole = pl.concat(filled)
    held = pl.DataFrame([pl.concat(parts).alias(name) for name, parts in narrow.items()])
    prepared = [_together(parts) for parts in seen]
    answers = _worded(table, Look(whole, prepared), _validate(whole, prepared))
    results = []
    for section in sections:
        if section.prepare is None:
            results += [next(answers) for _ in section.rules]
        else:
            results += run_sections(table, [section], held, facts)
    return results


def _light(prepared: Prepared) -> Prepared:
    """Of a rule that no row of a batch breaks only how many rows there are."""
    if isinstance(prepared.rule, RowRule) and prepared.column is not None and not prepared.column.count():
        return replace(prepared, column=prepared.column.cast(pl.Null))
    return prepared


def _together(parts: Sequence[Prepared]) -> Prepared:
    """One rule over all batches; what was settled or raised for one of them is so for all."""
    first = next((p for p in parts if p.raised), parts[0])
    if not first.is_open:
        return first
    columns = [p.column for p in parts if p.column is not None]
    kind = next((c.dtype for c in columns if c.dtype != pl.Null), pl.Null)
    culprits: dict[str, int] = {}
    for part in parts:
        for name, count in part.culprits.items():
            culprits[name] = culprits.get(name, 0) + count
    column = pl.concat([c.cast(kind) for c in columns]) if columns else None
    return Prepared(first.rule, sum(p.checked_count for p in parts), column, culprits)


def _worded(table: str, look: Look, answers: Mapping[str, Answer]) -> Iterator[RuleResult]:
    for p in look.prepared:
        result = verdict(table, p, answers.get(p.rule.name))
        yield replace(result, limit=limit_of(p.rule), found=found_of(p.rule, result, p.column, look.height))


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


def _validate(frame: pl.DataFrame, prepared: Iterable[Prepared]) -> dict[str, Answer]:
    """Rule name -> answer in plain types. Answers come back in any order, so each carries its rule's name."""
    left = [p for p in prepared if p.is_open]
    if not left:
        return {}
    gathered, members = _gather(left)
    answers = _ask(frame, gathered, {"result_format": "BOOLEAN_ONLY"})
    again: list[Prepared] = []
    unbroken: list[Prepared] = []
    for asked in gathered:
        name = asked.rule.name
        if name in members and answers[name]["success"]:
            answers |= {member.rule.name: answers[name] for member in members[name]}
        elif name in members:
            for member in members[name]:
                broken = member.column is None or member.column.count() > 0
                (again if broken else unbroken).append(member)
        elif not answers[name]["success"] and exception_of(answers[name]) is None:
            again.append(asked)
    if again or unbroken:
        rest, members = _gather(unbroken)
        in_full = {"result_format": "SUMMARY", "partial_unexpected_count": EXAMPLES_AT_MOST}
        answers |= _ask(frame, [*again, *rest], in_full)
        answers |= {member.rule.name: answers[name] for name, group in members.items() for member in group}
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
    from great_expectations.validator.v1_validator import Validator

    added = [p.column.alias(PREFIX + p.rule.name) for p in asked if p.column is not None]
    used = frame.select(_columns_needed(asked))
    both = pl.concat([used, pl.DataFrame(added)], how="horizontal") if added else used
    batch = {"dataframe": _for_pandas(both).to_pandas()}
    names = [series.name for series in added]
    suite = gx.ExpectationSuite(name="rules", expectations=[_expectation(p.rule, names) for p in asked])
    with _configured_once():
        # As `Batch.validate`, which would make the batch twice.
        found = Validator(definition, result_format, batch).validate_expectation_suite(suite)
    return {result.expectation_config.meta["rule"]: result.to_json_dict() for result in found.results}


@contextmanager
def _configured_once() -> Iterator[None]:
    """An expectation is asked for its configuration some twenty times while it is validated, and would make it anew."""
    from great_expectations.expectations.expectation import Expectation

    made = Expectation.configuration
    known: dict[int, tuple[Any, Any]] = {}  # with the expectation itself, so that no other gets its number

    def configuration(self: Any) -> Any:
        if id(self) not in known:
            known[id(self)] = (self, made.fget(self))
        return known[id(self)][1]

    kind: Any = Expectation
    kind.configuration = property(configuration)
    try:
        yield
    finally:
        kind.configuration = made


def _columns_needed(prepared: Iterable[Prepared]) -> list[pl.Expr]:
    """The columns native expectations look at. Only a column's name and place count, so its cells stand as filled or
    not: text is slow to hand over, and none of it can then reach an answer.
    """
    whole = any(isinstance(p.rule, ShapeRule) for p in prepared)
    return [pl.all().is_not_null()] if whole else []


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
    if rule.expects == "rows_exactly":
        return gxe.ExpectTableRowCountToEqual(value=rule.rows, **about)
    return gxe.ExpectTableRowCountToBeBetween(min_value=rule.rows, **about)
