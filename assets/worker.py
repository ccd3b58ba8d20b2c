"""A second process for what needs the heavy libraries: validation, township shapes, reports.

Great Expectations takes most of a run's time to import, and pandas and the renderers take most of the rest.
Started early, the worker imports them on the second core while the run itself gets ready. Not here: what is
validated (expectations) or rendered (reports); the same calls in this process give the same results.
"""

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import polars as pl

from expectations.rule import Facts, RuleResult
from pipeline.analysis.spatial import Spatial
from pipeline.declare.errors import PassingCause
from reports.release import Release

PARENT_LOOKED_FOR_SECONDS = 1.0


class Worker:
    """The second process and a pipe to it: calls are answered one by one, in their order.

    It ends with `close`, or when its end of the pipe closes because the process that started it is gone.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, os.getpid()), daemon=True)
        self._process.start()
        theirs.close()
        self._calls = 0
        self._answers: list[tuple[bool, Any]] = []
        self._heard: SimpleQueue[tuple[bool, Any] | None] = SimpleQueue()
        self._to_say: SimpleQueue[Any] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._say, daemon=True).start()
        self._call(_warm)

    def begin_validation(self, suite: str, frame: pl.DataFrame, facts: Facts) -> Callable[[], list[RuleResult]]:
        """As `expectations.validate`, while the caller goes on; the returned function waits for the results."""
        return self._call(_validate, suite, frame, facts)

    def draw_shapes(self, cache_file: Path) -> None:
        """Have schematic townships drawn into their cache, without waiting for them."""
        self._call(_draw_shapes, cache_file)

    def begin_space(self, index: pl.DataFrame, neighbours: pl.DataFrame) -> Callable[[], Spatial]:
        """As `analysis.spatial.spatial`, while the caller goes on; the returned function waits for the tables."""
        return self._call(_spatial, index, neighbours)

    def build_reports(
        self,
        tables: Mapping[str, pl.DataFrame],
        release: Release,
        folder: Path,
        checks: Sequence[Mapping[str, Any]],
        cache: Path,
        previous: Mapping[str, pl.DataFrame] | None = None,
    ) -> Callable[[], None]:
        """As `reports.build.build_all`, while the caller goes on; the returned function waits for the end.

        `previous` are the tables of the release before, where it can be compared.
        """
        return self._call(_build_reports, dict(tables), release, folder, list(checks), cache, previous)

    def _listen(self) -> None:
        # Answers are taken off the pipe as they come: were both sides to send, each would wait for the other.
        try:
            while True:
                self._heard.put(self._pipe.recv())
        except (EOFError, OSError):
            self._heard.put(None)

    def _say(self) -> None:
        # A pipe holds little more than one message: sent by the caller, a call would wait until the one before is done.
        try:
            while (message := self._to_say.get()) is not None:
                self._pipe.send_bytes(message)
        except OSError:
            return  # the other end is gone: whoever waits for an answer is told so

    def close(self, at_once: bool = False) -> None:
        """End the process: when it has answered all calls, or at once whatever it is at."""
        if at_once:
            self._process.kill()
        else:
            self._to_say.put(ForkingPickler.dumps(None))
        self._to_say.put(None)
        self._process.join()
        self._pipe.close()

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
        """Send a call; the returned function waits for its answer and raises what the call raised."""
        number, self._calls = self._calls, self._calls + 1
        self._to_say.put(ForkingPickler.dumps((function, arguments)))

        def answer() -> Any:
            while len(self._answers) <= number:
                heard = self._heard.get()
                if heard is None:
                    self._heard.put(None)
                    raise PassingCause(
                        "the second process ended before it answered, as where memory is short; close other programs "
                        "and run again; the last release is as it was"
                    )
                self._answers.append(heard)
            worked, value = self._answers[number]
            self._answers[number] = (worked, None)
            if not worked:
                raise value
            return value

        return answer


@cache
def shared() -> Worker:
    """The one worker of this process, started by the first call and again by the first after `finish`."""
    return Worker()


def finish(at_once: bool = False) -> None:
    """End the shared worker if there is one."""
    if shared.cache_info().currsize:
        shared().close(at_once)
        shared.cache_clear()


def _serve(pipe: Connection, parent: int) -> None:
    # No cyclic garbage collection during the imports: what they make stays.
    gc.disable()
    # A library's progress bar makes a semaphore; for a forking process it is unlinked at once, so that ending
    # here, or being killed, leaves none behind and no warning on the user's screen.
    multiprocessing.set_start_method("fork", force=True)
    # What ends the process that started this one ends this one, whatever it is at.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the process that started this one decides
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    while True:
        try:
            call = pipe.recv()
        except EOFError:
            call = None
        if call is None:
            os._exit(0)  # tearing the libraries down would take a second
        function, arguments = call
        try:
            pipe.send((True, function(*arguments)))
        except Exception as error:
            pipe.send((False, error))


def _end_with(parent: int) -> None:
    """A killed parent leaves its end of the pipe closed, which is noticed between two calls only."""
    while os.getppid() == parent:
        time.sleep(PARENT_LOOKED_FOR_SECONDS)
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


def _spatial(index: pl.DataFrame, neighbours: pl.DataFrame) -> Spatial:
    from pipeline.analysis.spatial import spatial

    return spatial(index, neighbours)


def _build_reports(
    tables: dict[str, pl.DataFrame],
    release: Release,
    folder: Path,
    checks: list[Mapping[str, Any]],
    cache: Path,
    previous: Mapping[str, pl.DataFrame] | None,
) -> None:
    from reports.build import build_all
    from reports.files.release_changes import release_changes

    changes = None if previous is None else release_changes(previous, tables)
    build_all(tables, release, folder, checks, cache, changes, database=True)
