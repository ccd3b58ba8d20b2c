"""A program, not a test: makes tables of a home again, each alone; forked by integration_server.py.

Usage: integration_alone.py HOME [+|*]TABLE... One with a plus is made as "Materialize" in the UI does, in a Dagster run
that makes nothing of what it is made of. So is one with a star, at last, as if memory held only a few hundred rows. The
others are made by the function that their asset calls, of the tables that it names. Prints one JSON line a table: its
name and whether it holds the same rows as before.
"""

import json
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from dagster import AssetKey, AssetSelection, DagsterInstance, RunConfig

from assets import worker
from assets.context import IndexRun
from assets.run_context import run_context
from pipeline.analysis.tables import made_by
from pipeline.declare.frames import conform
from pipeline.declare.settings import HOME_VARIABLE, Home
from pipeline.definitions import defs
from pipeline.storage import batches, release_folder
from pipeline.storage.warehouse import Warehouse

SILENT = {"console": {"config": {"log_level": "CRITICAL"}}}


def read(home: Path, tables: Iterable[str]) -> dict[str, pl.DataFrame]:
    warehouse = Warehouse(Home(home).work_database)
    warehouse.open()
    try:
        return {table: warehouse.read(table) for table in tables}
    finally:
        warehouse.close()


def told(table: str, same: bool, frame: pl.DataFrame) -> None:
    print(json.dumps({"table": table, "same": same, "rows": frame.height}), flush=True)


def _sorted(frame: pl.DataFrame, order: list[str]) -> pl.DataFrame:
    return frame.sort(order) if order else frame


def apart(tables: list[str], graph: Any) -> list[set[AssetKey]]:
    """The tables in as few runs as hold none of which another is made; each with what its step makes besides."""
    runs: list[set[AssetKey]] = []
    for table in tables:
        one = AssetSelection.assets(AssetKey(table.split(".")))
        # With those that Dagster makes in the same step and cannot divide.
        together = one.required_multi_asset_neighbors().resolve(graph)
        if any(together <= run for run in runs):
            continue
        near = one.upstream() | one.downstream()
        related = near.required_multi_asset_neighbors().resolve(graph)
        free = next((run for run in runs if run.isdisjoint(related)), None)
        if free is None:
            runs.append(set(together))
        else:
            free |= together
    return runs


def materialize(home: Path, tables: list[str], ordered: bool = True) -> None:
    job, graph = defs.resolve_implicit_global_asset_job_def(), defs.resolve_asset_graph()
    with DagsterInstance.ephemeral() as instance:
        for keys in apart(tables, graph):
            before = read(home, sorted(".".join(key.path) for key in keys))
            done = job.execute_in_process(
                run_config=RunConfig(resources={"run": IndexRun()}, loggers=SILENT),
                asset_selection=sorted(keys),
                instance=instance,
                raise_on_error=False,
            )
            after = read(home, before)
            for name, frame in before.items():
                order = [] if ordered else frame.columns
                same = _sorted(after[name], order).equals(_sorted(frame, order), null_equal=True)
                told(name, done.success and same, frame)


def make(tables: list[str]) -> None:
    run = IndexRun()
    run.warehouse.open()
    try:
        context, kept = run_context(run), run.warehouse.read
        for table in tables:
            made, before = made_by(table), kept(table)
            frames = made.frames(context, *(kept(name) for name in made.reads))
            run.warehouse.write(table, conform(frames[table], table))
            told(table, kept(table).equals(before, null_equal=True), before)
    finally:
        run.warehouse.close()


def main() -> None:
    home, named = Path(sys.argv[1]), sys.argv[2:]
    os.environ[HOME_VARIABLE] = str(home)  # as `dev` sets it
    release_folder.code_version = cache(release_folder.code_version)  # which each run would read from the disk
    materialize(home, [name[1:] for name in named if name.startswith("+")])
    make([name for name in named if not name.startswith(("+", "*"))])
    batches.LARGE_ROWS, batches.BATCH_ROWS = 100, 40
    materialize(home, [name[1:] for name in named if name.startswith("*")], ordered=False)
    worker.finish(at_once=True)


if __name__ == "__main__":
    main()
