"""A program, not a test: runs of a home with one fact broken each, forked by integration_server.py.

Usage: integration_broken_facts.py HOME. For each name of BROKEN the tables that are broken are made again with all
that is made of them, as "Materialize" in the UI does. Prints one JSON line a run: its name, whether it went well, and
what is said of it.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
from dagster import AssetKey, AssetSelection, DagsterInstance, RunConfig

import assets.records
import assets.release
from assets import failures, worker
from assets.context import IndexRun
from pipeline.declare.settings import HOME_VARIABLE
from pipeline.definitions import defs
from pipeline.indices import control, security, summaries
from pipeline.storage import deliveries

Maker = Callable[..., pl.DataFrame]
SILENT = {"console": {"config": {"log_level": "CRITICAL"}}}


def after(maker: Maker, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Maker:
    """The real maker, and then one fact broken in what it made."""

    def broken(*args: Any, **kwargs: Any) -> pl.DataFrame:
        return change(maker(*args, **kwargs))

    return broken


def first_row(expr: pl.Expr, column: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(expr).otherwise(pl.col(column)).alias(column)
    )


def one_more(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame, frame.tail(1).with_columns(pl.lit("MMR099001").alias("adm3_pcode"))])


def lose_a_row(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.head(frame.height - 1)


def too_much(frame: pl.DataFrame) -> pl.DataFrame:
    """A quarter is contested beside shares that sum to one already."""
    security = pl.col("basis") == "security_index"
    return frame.with_columns(pl.when(security).then(0.25).otherwise("contested_share").alias("contested_share"))


def no_clashes(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("kind") != "clashes")


# name -> the tables that are broken, and what is broken in that run: module, function, change
BROKEN: dict[str, tuple[tuple[str, ...], list[tuple[Any, str, Callable[[pl.DataFrame], pl.DataFrame]]]]] = {
    "raw": (("raw.canonical_clashes",), [(deliveries, "read_delivery", lose_a_row)]),
    "records": (("records.townships",), [(assets.records, "conform_townships", one_more)]),
    "indices": (
        ("indices.security",),
        [(security, "security", first_row(pl.lit("severe"), "security_class"))],
    ),
    "published": (
        ("published.national_summary", "published.territorial_control"),
        [
            (
                summaries,
                "national_summary",
                first_row(pl.col("security_high_count") + 1, "security_high_count"),
            ),
            (control, "territorial_control", too_much),
        ],
    ),
    "run": (("release.published",), [(assets.release, "as_frame", no_clashes)]),
}


def main() -> None:
    home = Path(sys.argv[1])
    shutil.copytree(home / "warehouse", home / "sound")
    os.environ[HOME_VARIABLE] = str(home)  # as `dev` sets it
    job, graph = defs.resolve_implicit_global_asset_job_def(), defs.resolve_asset_graph()
    for name, (tables, broken) in BROKEN.items():
        selected = AssetSelection.assets(*(AssetKey(table.split(".")) for table in tables)).downstream()
        for module, attribute, change in broken:
            patch.object(module, attribute, after(getattr(module, attribute), change)).start()
        with DagsterInstance.ephemeral() as instance:
            done = job.execute_in_process(
                run_config=RunConfig(resources={"run": IndexRun()}, loggers=SILENT),
                asset_selection=sorted(selected.required_multi_asset_neighbors().resolve(graph)),
                instance=instance,
                raise_on_error=False,
            )
        patch.stopall()
        shutil.rmtree(home / "warehouse")  # it holds what was broken
        shutil.copytree(home / "sound", home / "warehouse")
        said = "" if done.success else str(failures.failure_of(done.all_events, home)[0])
        print(json.dumps({"name": name, "success": done.success, "said": said}), flush=True)
    worker.finish(at_once=True)


if __name__ == "__main__":
    main()
