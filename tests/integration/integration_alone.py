"""A program, not a test: makes tables of a home again, each alone, as "Materialize" on one asset in the UI does.

Usage: integration_alone.py HOME TABLE... Each gets a run and a resource of its own. Prints one JSON line a table: its
name and whether it holds the same rows as before.
"""

import json
import os
import sys
from pathlib import Path

import polars as pl
from dagster import AssetKey, DagsterInstance, RunConfig

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
    for table in sys.argv[2:]:
        before = read(home, table)
        with DagsterInstance.ephemeral() as instance:
            done = job.execute_in_process(
                run_config=RunConfig(resources={"run": IndexRun()}),
                asset_selection=[AssetKey(table.split("."))],
                instance=instance,
                raise_on_error=False,
            )
        same = done.success and read(home, table).equals(before, null_equal=True)
        print(json.dumps({"table": table, "same": same, "rows": before.height}), flush=True)
    worker.finish(at_once=True)


if __name__ == "__main__":
    main()
