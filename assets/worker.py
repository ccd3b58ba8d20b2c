"""A second process for what needs the heavy libraries: validation, township shapes, reports.

Great Expectations takes most of a run's time to import, and pandas and the renderers take most of the rest.
Started early, the worker imports them on the second core while the run itself gets ready. Not here: what is
validated (expectations) or rendered (reports); the same calls in this process give the same results.
"""

import gc
import multiprocessing
import multiprocessing.connection
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from expectations.facts import Facts
from expectations.results import RuleResult
from reports.release import Release


class Worker:
    """The second process. It ends with `close`, or with the process that started it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_prepare)
        self._ready: Future[None] = self._pool.submit(_warm)

    def validate(self, suite: str, frame: pl.DataFrame, facts: Facts) -> list[RuleResult]:
        """As `expectations.validate`; waits for the worker to be ready first."""
        return self._pool.submit(_validate, suite, frame, facts).result()

    def draw_shapes(self, cache_file: Path) -> None:
        """Have schematic townships drawn into their cache, without waiting for them."""
        self._pool.submit(_draw_shapes, cache_file)

    def build_reports(
        self, tables: Mapping[str, pl.DataFrame], release: Release, folder: Path, checks: Sequence[Mapping[str, Any]]
    ) -> "Future[None]":
        """As `reports.release.build_all`, while the caller goes on; `result()` raises what it raised."""
        return self._pool.submit(_build_reports, dict(tables), release, folder, list(checks))

    def close(self) -> None:
        """End the process at once: tearing its libraries down would take a second."""
        leaving = self._pool.submit(os._exit, 0)
        with suppress(BrokenProcessPool):
            leaving.result()
        self._pool.shutdown()


@cache
def shared() -> Worker:
    """The one worker of this process, started by the first call and again by the first after `finish`."""
    return Worker()


def finish() -> None:
    """End the shared worker if there is one."""
    if shared.cache_info().currsize:
        shared().close()
        shared.cache_clear()
        gc.collect()  # the pool's queues hold each other; their semaphores are given back when they go


def _prepare() -> None:
    """No cyclic garbage collection during the imports, and no life without the parent."""
    gc.disable()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    # A killed parent closes no queue that the worker could notice, so its sentinel is watched.
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


def _warm() -> None:
    from expectations.engine import load

    load()
    gc.freeze()
    gc.enable()


def _validate(suite: str, frame: pl.DataFrame, facts: Facts) -> list[RuleResult]:
    from expectations import validate

    return validate(suite, frame, facts=facts)


def _draw_shapes(cache_file: Path) -> None:
    from geo.schematic import schematic

    schematic(cache_file)


def _build_reports(
    tables: dict[str, pl.DataFrame], release: Release, folder: Path, checks: list[Mapping[str, Any]]
) -> None:
    from reports.release import build_all

    build_all(tables, release, folder, checks)
