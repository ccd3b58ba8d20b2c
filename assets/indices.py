"""Index assets: every method of the run, every month, all 330 townships in one pass."""

from dagster import AssetsDefinition, MaterializeResult

from assets.audit import store, table_asset
from assets.context import IndexRun
from assets.run_context import read_for, run_context
from pipeline.analysis.tables import INDICES
from pipeline.indices.run_context import Made


def _asset(made: Made) -> AssetsDefinition:
    (table,) = made.tables

    @table_asset(
        table,
        group="indices",
        deps=(*made.reads, "records.accounts"),
        description=made.make.__doc__ or "",
    )
    def index(run: IndexRun) -> MaterializeResult:
        frame = made.frames(run_context(run), *read_for(run, made))[table]
        facts = {
            "as_of": run.knowledge_date,
            "cumulative_methods": run.cumulative_methods,
            "related": {other: run.warehouse.read(other) for other in made.checked_against.get(table, ())},
        }
        return store(run, table, frame, facts)

    return index


ASSETS = [_asset(made) for made in INDICES]
