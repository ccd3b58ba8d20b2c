"""A program, not a test: makes tables of a home again, each alone, as "Materialize" on one asset in the UI does.

Usage: integration_alone.py HOME TABLE... Each gets a run and a resource of its own. Prints one JSON line a table: its
name and whether it holds the same rows as before.
"""

import json
import os
import sys
from pathlib import Path

import polars as pl
from dagster import AssetKey, AssetSelection, DagsterInstance, RunConfig

from assets import worker
from assets.context import IndexRun
from pipeline.declare.settings import HOME_VARIABLE, Home
from pipeline.definitions import defs
from pipeline.storage.warehouse import Warehouse


def read(home: Path, table: str) -> pl.DataFrame:
    warehouse = Warehouse(Home(home).work_database)
    warehouse.open()
    try:
        return warehouse.read(table)
    finally:
        warehouse.close()


def main() -> None:
    home, job = Path(sys.argv[1]), defs.resolve_implicit_global_asset_job_def()
    os.environ[HOME_VARIABLE] = str(home)  # as `dev` sets it
    graph, looked_at = defs.resolve_asset_graph(), set()
    for table in sys.argv[2:]:
        if table in looked_at:
            continue
        # With those that Dagster makes in the same step and cannot divide.
        together = AssetSelection.assets(AssetKey(table.split("."))).required_multi_asset_neighbors().resolve(graph)
        before = {name: read(home, name) for name in sorted(".".join(key.path) for key in together)}
        looked_at |= before.keys()
        with DagsterInstance.ephemeral() as instance:
            done = job.execute_in_process(
                run_config=RunConfig(resources={"run": IndexRun()}),
                asset_selection=sorted(together),
                instance=instance,
                raise_on_error=False,
            )
        for name, frame in before.items():
            same = done.success and read(home, name).equals(frame, null_equal=True)
            print(json.dumps({"table": name, "same": same, "rows": frame.height}), flush=True)
    worker.finish(at_once=True)


if __name__ == "__main__":
    main()
