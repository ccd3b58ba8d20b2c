"""A second process for what needs the heavy libraries: validation, township shapes, reports.

Great Expectations takes most of a run's time to import, and pandas and the renderers take most of the rest.
Started early, the worker imports them on the second core while the run itself gets ready. Not here: what is
validated (expectations) or rendered (reports).
"""

import atexit
import gc
import multiprocessing
import os
import resource as usage
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import resource_tracker
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import polars as pl

from expectations.rule import Facts, RuleResult
from pipeline.declare.errors import PassingCause
from pipeline.indices.run_context import RunContext
from pipeline.storage.batches import of_file
from reports.files.feed import Issue
from reports.release import Release

PARENT_LOOKED_FOR_SECONDS = 1.0
P = ParamSpec("P")
R = TypeVar("R")


class Worker:
    """The second process: calls are answered one by one, in their order.

    It ends with `close`, or because the process that started it is gone.
    """

    def __init__(self) -> None:
        _track_in_silence()
        self._pool = ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn"), initializer=_prepare, initargs=(os.getpid(),)
        )
        others = multiprocessing.active_children()
        self.begin(_warm)  # the first call starts the process
        (self._process,) = set(multiprocessing.active_children()).difference(others)

    def begin(self, function: Callable[P, R], /, *arguments: P.args, **named: P.kwargs) -> Callable[[], R]:
        """Begin a call and go on; the returned function waits for its answer and raises what the call raised.

        The arguments are copied when the process takes the call: what can change must not be changed after this.
        """
        with _as_raised():
            future = self._pool.submit(function, *arguments, **named)

        def answer() -> R:
            with _as_raised():
                return future.result()

        return answer

    def close(self, at_once: bool = False) -> None:
        """End the process: when it has answered all calls, or at once whatever it is at."""
        if at_once:
            self._process.kill()  # the executor can do that from Python 3.14
        self._pool.shutdown()


@contextmanager
def _as_raised() -> Iterator[None]:
    """Raise an error as the call raised it, and PassingCause where the process is gone."""
    try:
        yield
    except BrokenProcessPool:
        raise PassingCause(
            "the second process ended before it answered, as where memory is short; close other programs "
            "and run again; the last release is as it was"
        ) from None
    except Exception as error:
        raise error from None  # its cause would be the text of the other process's traceback


@cache
def shared() -> Worker:
    """The one worker of this process, started by the first call and again by the first after `finish`.

    A run of the UI is itself a process that multiprocessing started: at its end Python waits for the processes that it
    started, and this one would wait for calls. So it is ended before that.
    """
    made = Worker()
    Finalize(None, finish, kwargs={"at_once": True}, exitpriority=10)
    return made


def is_started() -> bool:
    """Whether this process has its worker."""
    return bool(shared.cache_info().currsize)


def finish(at_once: bool = False) -> None:
    """End the shared worker if there is one."""
    if is_started():
        shared().close(at_once)
        shared.cache_clear()


def _track_in_silence() -> None:
    """Start Python's tracker of semaphores, which removes those of a killed process, without its warning of them."""
    sys.warnoptions.append("ignore")
    resource_tracker.ensure_running()
    sys.warnoptions.remove("ignore")


def _prepare(parent: int) -> None:
    # No cyclic garbage collection during the imports: what they make stays.
    gc.disable()
    # A library's progress bar makes a semaphore; for a forking process it is unlinked at once, so that ending
    # here, or being killed, leaves none behind and no warning on the user's screen.
    multiprocessing.set_start_method("fork", force=True)
    # What ends the process that started this one ends this one, whatever it is at.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the process that started this one decides
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    # Registered before the libraries, so it runs after their clean-ups: tearing them down would take a second.
    atexit.register(os._exit, 0)


def _end_with(parent: int) -> None:
    """A process whose parent was killed waits for the next call for ever."""
    while os.getppid() == parent:
        time.sleep(PARENT_LOOKED_FOR_SECONDS)
    os._exit(1)


def _warm() -> None:
    from expectations.engine import load

    load()
    gc.freeze()
    gc.enable()


# What is asked of the second process; the same calls in this one give the same results.


def spent() -> tuple[float, int]:
    """CPU seconds of this process and of those that it started and that have ended; the most memory it had, in bytes.

    The kernel's own mark is read where there is one: what `getrusage` says a new process takes over from its parent.
    """
    used, scale = os.times(), 1 if sys.platform == "darwin" else 1024
    peak = usage.getrusage(usage.RUSAGE_SELF).ru_maxrss * scale
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        peak = int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024
    return used.user + used.system + used.children_user + used.children_system, peak


def validate(suite: str, frame: pl.DataFrame, facts: Facts) -> list[RuleResult]:
    """As `expectations.validate`."""
    from expectations import validate as validated

    return validated(suite, frame, facts=facts)


def validate_export(suite: str, export: Path, key: Sequence[str], facts: Facts) -> list[RuleResult]:
    """As `expectations.validate`, of a table in a Parquet file in the order of `key`; the file is removed."""
    from expectations import validate_in_batches as validated

    try:
        return validated(suite, of_file(export, key), facts=facts)
    finally:
        export.unlink()


def draw_shapes(cache_file: Path) -> None:
    """Draw schematic townships into their cache."""
    from geo.schematic import schematic

    schematic(cache_file)


def make_table(table: str, context: RunContext, read: Sequence[pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """As `Made.frames` of the function that makes `table`."""
    from pipeline.analysis.tables import made_by

    return made_by(table).frames(context, *read)


def get_ready_for_reports() -> None:
    """As `reports.build.get_ready`."""
    from reports.build import get_ready

    get_ready()


def build_most(
    tables: Mapping[str, pl.DataFrame],
    release: Release,
    folder: Path,
    checks: Sequence[Mapping[str, Any]],
    cache: Path,
    previous: Mapping[str, pl.DataFrame] | None,
) -> None:
    """As `reports.build.build_most`; `previous` are the tables of the release before, where it can be compared."""
    from reports.build import build_most as built
    from reports.files.release_changes import release_changes

    changes = None if previous is None else release_changes(previous, tables)
    built(tables, release, folder, checks, cache, changes)


def build_last(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """As `reports.build.build_last`, where the database stands beside."""
    from reports.build import build_last as built

    built(tables, release, folder, database=True)


def write_list(issues: Sequence[Issue], latest: str, periods: Mapping[str, str], base: str, folder: Path) -> None:
    """As `reports.site.front.write_list`."""
    from reports.site.front import write_list as written

    written(issues, latest, periods, base, folder)
