"""What every asset does with its frame: audit it, store it, report its counts.

A failed critical rule blocks what lies downstream; a failed warning is shown. The outcome of every rule is
kept beside the warehouse until the release collects it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    asset,
)

from assets import worker
from assets.check_metadata import check_metadata
from assets.context import LOG, IndexRun
from assets.table_metadata import KINDS, column_lineage, definition_metadata
from expectations.rule import Facts, RuleResult
from geo.townships import codes
from pipeline.analysis.run_metrics import PLOTTED, run_metrics
from pipeline.declare.codes import Severity
from pipeline.declare.frames import conform, empty
from pipeline.declare.settings import Home
from pipeline.declare.tables import row_key
from pipeline.notifications.findings import rule_line
from pipeline.storage.disk import write_atomically

OWNERS = ["team:township-index"]
EXAMPLES = 3


@dataclass(frozen=True)
class Audit:
    """The outcome of one table's suite, as plain dictionaries."""

    results: list[dict[str, Any]]
    blocked: bool = field(init=False)

    def __post_init__(self) -> None:
        critical = [r for r in self.results if not r["passed"] and r["severity"] == Severity.CRITICAL]
        object.__setattr__(self, "blocked", bool(critical))

    @property
    def failed(self) -> list[dict[str, Any]]:
        return [r for r in self.results if not r["passed"]]


def key(full_name: str) -> AssetKey:
    return AssetKey(full_name.split("."))


def table_asset(
    full_name: str, *, group: str, deps: Iterable[str], description: str
) -> Callable[[Callable[..., Any]], AssetsDefinition]:
    """Decorator of an asset that makes one declared table, with its schema, owner, kinds and suite."""
    return asset(
        key=key(full_name),
        deps=[key(name) for name in deps],
        group_name=group,
        kinds=set(KINDS),
        owners=OWNERS,
        check_specs=[check_spec(full_name)],
        metadata=definition_metadata(full_name),
        description=description,
    )


def table_spec(
    full_name: str,
    *,
    group: str,
    deps: Iterable[str],
    description: str,
    skippable: bool = False,
    kinds: Iterable[str] = KINDS,
) -> AssetSpec:
    """The same for one of several tables that one step makes; `skippable` where it can leave some out."""
    return AssetSpec(
        key(full_name),
        skippable=skippable,
        deps=[key(name) for name in deps],
        group_name=group,
        kinds=set(kinds),
        owners=OWNERS,
        metadata=definition_metadata(full_name),
        description=description,
    )


def check_spec(full_name: str) -> AssetCheckSpec:
    return AssetCheckSpec(
        "suite", asset=key(full_name), blocking=True, description=f"Every rule of the suite {full_name}."
    )


def store(
    run: IndexRun,
    full_name: str,
    frame: pl.DataFrame,
    facts: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    told: str = "",
) -> MaterializeResult:
    """Conform, write and audit one table; the result carries row count, rule counts and failures.

    `facts` are the fields of `expectations.Facts` that the table's suite needs; `told` is what to say for the user
    where the audit blocks the run.
    """
    return begin_store(run, full_name, frame, facts, metadata, told)()


def begin_store(
    run: IndexRun,
    full_name: str,
    frame: pl.DataFrame,
    facts: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    told: str = "",
) -> Callable[[], MaterializeResult]:
    """As `store`, but the audit goes on beside; the returned function waits for it and gives the result."""
    conformed = conform(frame, full_name)
    run.warehouse.write(full_name, conformed)
    audit = begin_audit(run, full_name, conformed, facts)
    plotted = run_metrics(full_name, conformed, run.method, run.knowledge_date) if full_name in PLOTTED else {}
    return lambda: _result(full_name, conformed.height, audit(), {**plotted, **(metadata or {})}, told)


def begin_store_batches(
    run: IndexRun,
    full_name: str,
    batches: Iterable[pl.DataFrame],
    facts: Callable[[], Mapping[str, Any]],
    metadata: Callable[[], Mapping[str, Any]] = dict,
) -> Callable[[], MaterializeResult]:
    """As `begin_store`, of a table that memory does not hold.

    `facts` and `metadata` are asked when all batches were taken and written.
    """
    run.warehouse.write(full_name, empty(full_name))
    count = run.warehouse.append(full_name, batches)
    if not count:
        return begin_store(run, full_name, empty(full_name), facts(), metadata())
    key = row_key(full_name)
    export = run.place.warehouse / f".{full_name}.part.parquet"
    run.warehouse.export(full_name, export, key)
    audit = _begin(
        run, full_name, worker.shared().begin(worker.validate_export, full_name, export, key, _facts(facts()))
    )
    return lambda: _result(full_name, count, audit(), metadata(), "")


def each_selected(
    context: AssetExecutionContext, layer: str, names: Iterable[str], begin: Callable[[str], Callable[[], Any]]
) -> Iterator[Any]:
    """Begin every table of a layer that the run selected, in order; then give the results in that order."""
    chosen = [name for name in names if key(f"{layer}.{name}") in context.selected_asset_keys]
    for result in [begin(name) for name in chosen]:
        yield result()


def _result(
    full_name: str, rows_count: int, audit: Audit, metadata: Mapping[str, Any] | None, told: str
) -> MaterializeResult:
    failed = audit.failed
    LOG.info("%s %s rows%s", full_name, f"{rows_count:,}", "".join(f"\n  {rule_line(r)}" for r in failed))
    return MaterializeResult(
        asset_key=key(full_name),
        metadata={"dagster/row_count": rows_count, **column_lineage(full_name), **(metadata or {})},
        check_results=[check_result(full_name, audit, told)],
    )


def audited(run: IndexRun, full_name: str, frame: pl.DataFrame, facts: Mapping[str, Any] | None = None) -> Audit:
    """Run a suite and keep its outcome for checks.json."""
    return begin_audit(run, full_name, frame, facts)()


def begin_audit(
    run: IndexRun, full_name: str, frame: pl.DataFrame, facts: Mapping[str, Any] | None = None
) -> Callable[[], Audit]:
    """As `audited`; the returned function waits for the outcome."""
    return _begin(run, full_name, worker.shared().begin(worker.validate, full_name, frame, _facts(facts)))


def _facts(facts: Mapping[str, Any] | None) -> Facts:
    return Facts(codes=codes(), **(facts or {}))


def _begin(run: IndexRun, full_name: str, answer: Callable[[], list[RuleResult]]) -> Callable[[], Audit]:
    folder = checks_folder(run.place)

    def outcome() -> Audit:
        audit = Audit([result.as_dict() for result in answer()])
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(audit.results, ensure_ascii=False)
        write_atomically(folder / f"{full_name}.json", lambda part: part.write_text(text, encoding="utf-8"))
        return audit

    return outcome


def checks_folder(place: Home) -> Any:
    return place.checks


def check_result(full_name: str, audit: Audit, told: str = "") -> AssetCheckResult:
    worst = AssetCheckSeverity.ERROR if audit.blocked or not audit.failed else AssetCheckSeverity.WARN
    blocked = bool(audit.blocked and told)
    # What blocked is named alone; warnings stand in the metadata and on the quality page.
    named = [r for r in audit.failed if not audit.blocked or r["severity"] == Severity.CRITICAL]
    return AssetCheckResult(
        passed=not audit.failed,
        check_name="suite",
        asset_key=key(full_name),
        severity=worst,
        description="; ".join(
            [*(f"{r['table']}: {r['rule']}: {r['failed_count']} failed" for r in named), *([told] if blocked else [])]
        )
        or None,
        metadata=check_metadata(audit.results),
    )
