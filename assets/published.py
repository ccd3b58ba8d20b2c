"""Published assets: the tables that users rely on, made from records and indices."""

from collections.abc import Callable, Iterable
from typing import Any

import polars as pl
from dagster import AssetExecutionContext, MaterializeResult, multi_asset

from assets import worker
from assets.audit import begin_store, check_spec, key, table_spec
from assets.context import LOG, IndexRun
from assets.run_context import read_for, run_context
from assets.runs import RELEASE
from pipeline.analysis.tables import PUBLISHED
from pipeline.declare.codes import Profile
from pipeline.declare.tables import TABLES, Layer, layer
from pipeline.indices.run_context import Made, RunContext

NAMES = tuple(table.name for table in layer(Layer.PUBLISHED))


class _Making:
    """Makes the tables that one run selected, in their order; what the second process makes is waited for last."""

    def __init__(self, run: IndexRun, context: RunContext, selected: frozenset[str]) -> None:
        self._run, self._context, self._selected = run, context, selected
        self._late: dict[str, Callable[[], None]] = {}
        self._audits: dict[str, Callable[[], MaterializeResult]] = {}

    def make(self, made: Made) -> None:
        for table in made.reads:
            self._settle(table)
        read = read_for(self._run, made)
        if made.sentence is not None:
            LOG.info("%s", made.sentence(self._context, *read))
        if made.second_process:
            answer = worker.shared().begin(worker.make_table, made.tables[0], self._context, read)
            self._late |= dict.fromkeys(made.tables, lambda: self._keep(made, answer()))
        else:
            self._keep(made, made.frames(self._context, *read))

    def results(self, tables: Iterable[str]) -> list[MaterializeResult]:
        """Of every table that was made, in the order given."""
        for table in list(self._late):
            self._settle(table)
        return [self._audits[table]() for table in tables if table in self._audits]

    def _settle(self, table: str) -> None:
        if table in self._late:
            self._late[table]()

    def _read(self, table: str) -> pl.DataFrame:
        self._settle(table)
        return self._run.warehouse.read(table)

    def _keep(self, made: Made, frames: dict[str, pl.DataFrame]) -> None:
        for table in made.tables:
            self._late.pop(table, None)
        for table, frame in frames.items():
            if table in self._selected:
                related = {other: self._read(other) for other in made.checked_against.get(table, ())}
                self._audits[table] = begin_store(self._run, table, frame, self._facts(related))

    def _facts(self, related: dict[str, pl.DataFrame]) -> dict[str, Any]:
        return {
            "as_of": self._run.knowledge_date,
            "cumulative_methods": self._run.cumulative_methods,
            "related": related,
            "published_figures": frozenset(self._context.published_figures["figure"].to_list()),
            "schematic": self._run.boundary_delivery is None,
            "internal": self._context.profile == Profile.INTERNAL,
        }


# One step for all of them, in their order: the audits run while the next table is made.
@multi_asset(
    specs=[
        table_spec(
            table,
            group="published",
            deps=dict.fromkeys((*made.reads, *made.checked_against.get(table, ()))),
            description=TABLES[table].comment,
            skippable=True,
        )
        for made in PUBLISHED
        for table in made.tables
    ],
    check_specs=[check_spec(table) for made in PUBLISHED for table in made.tables],
    can_subset=True,
)
def published(context: AssetExecutionContext, run: IndexRun) -> Any:
    order = [table for made in PUBLISHED for table in made.tables]
    selected = frozenset(table for table in order if key(table) in context.selected_asset_keys)
    if key(RELEASE) in context.job_def.asset_layer.executable_asset_keys:
        worker.shared().begin(worker.get_ready_for_reports)
    making = _Making(run, run_context(run), selected)
    for made in PUBLISHED:
        if selected.intersection(made.tables):
            making.make(made)
    yield from making.results(order)


ASSETS = [published]


def tables(run: IndexRun) -> dict[str, pl.DataFrame]:
    """Every published table by its bare name."""
    return {name: run.warehouse.read(f"published.{name}") for name in NAMES}
