"""Validation in a process of its own, started early: it imports Great Expectations while the run gets ready.

That import takes most of a run's time and the second core has nothing else to do. Not here: what is
validated (`validate`); the worker gives the same results as a call in this process.
"""

import gc
import multiprocessing
import multiprocessing.connection
import os
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache

import polars as pl

from expectations.facts import Facts
from expectations.results import RuleResult


class Validator:
    """A worker process that validates frames. It ends with `close`, or with the process that started it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_prepare)
        self._ready: Future[None] = self._pool.submit(_warm)

    def validate(self, suite: str, frame: pl.DataFrame, facts: Facts) -> list[RuleResult]:
        """As `expectations.validate`; waits for the worker to be ready first."""
        return self._pool.submit(_validate, suite, frame, facts).result()

    def close(self, wait: bool) -> None:
        self._pool.shutdown(wait=wait, cancel_futures=True)


@cache
def shared() -> Validator:
    """The one validator of this process, started by the first call and again by the first after `finish`."""
    return Validator()


def finish(wait: bool = True) -> None:
    """End the shared validator; without `wait` it winds down while the caller goes on."""
    if shared.cache_info().currsize:
        shared().close(wait)
    if wait:
        shared.cache_clear()


def _prepare() -> None:
    """In the worker: no cyclic garbage collection during the import, and no life without the parent."""
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
