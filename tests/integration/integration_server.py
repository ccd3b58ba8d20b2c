"""A program, not a test: runs the command again and again, each time in a fork that has the libraries already.

A run imports for ten seconds, half of it in its second process. Here they are imported once; each request forks a
child that runs `pipeline.cli.main` as the command does, with a second process forked before the child starts a
thread. Each line read is a request {argv, env, cwd, out, err, recorded, few_pages}; each line written is the exit
code. The end of the input ends it. Not here: what needs another hash seed or fewer threads, which only a new process
can have: with arguments it is the command itself, once, `recorded`.
"""

import atexit
import gc
import importlib
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from expectations import engine

REAL_CONTEXT = multiprocessing.get_context


class Forked:
    """What `assets.worker` asks of a context and a process, met by a process that was forked already."""

    def __init__(self) -> None:
        from assets import worker

        self._ours, self._theirs = REAL_CONTEXT("fork").Pipe()
        parent, self.pid = os.getpid(), os.fork()
        if not self.pid:
            self._ours.close()
            worker._serve(self._theirs, parent)
        self._ended = False

    def Pipe(self) -> tuple[Any, Any]:
        return self._ours, self._theirs

    def Process(self, **_: object) -> "Forked":
        return self

    def start(self) -> None:
        """It runs since it was forked."""

    def kill(self) -> None:
        if not self._ended:
            os.kill(self.pid, 9)

    def join(self) -> None:
        if not self._ended:
            os.waitpid(self.pid, 0)
        self._ended = True


def contexts(ready: Forked) -> Callable[[str | None], Any]:
    """`multiprocessing.get_context` that gives the forked process once, and then what it always gave."""
    left = [ready]
    return lambda method=None: left.pop() if method == "spawn" and left else REAL_CONTEXT(method)


def as_recorded() -> None:
    """One code version and one time of receipt, so that a release can be compared with a recorded one."""
    from pipeline import cli
    from pipeline.storage import release_folder

    class Then(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).astimezone(tz)

    release_folder.code_version = lambda: "recorded"
    cli.datetime = Then  # type: ignore[misc]


def few_pages() -> None:
    """Of pages that there are many of, only the first: most tests look at tables, and pages are a third of a run."""
    from reports.site import pages

    def first(page: pages.Page) -> pages.Page:
        return replace(page, contexts=lambda inputs: islice(page.contexts(inputs), 1)) if "{" in page.address else page

    pages.PAGES = tuple(map(first, pages.PAGES))


def run(request: dict[str, Any]) -> None:
    """In the child: the command with the arguments, environment, folder and streams of the request; never returns."""
    os.setsid()
    for number, path in ((1, request["out"]), (2, request["err"])):
        stream = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(stream, number)
        os.close(stream)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    if request["few_pages"]:
        few_pages()
    multiprocessing.get_context = contexts(Forked())  # type: ignore[assignment]
    if request["recorded"]:
        as_recorded()
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w", 1), open(2, "w", 1)  # noqa: SIM115
    sys.argv = ["township-index", *request["argv"]]
    from pipeline import cli

    try:
        cli.main()
    except SystemExit as done:
        print(f"left with {done.code}", file=sys.stderr)
    finally:
        atexit._run_exitfuncs()  # the command's own exit code is told by one of them
        os._exit(70)


# What a run or another command imports sooner or later, in either of its processes.
IMPORTED = (
    "assets.launch", "assets.neutral_brief", "assets.trial", "assets.worker", "pipeline.calibration.report",
    "pipeline.definitions", "pipeline.doctor", "pipeline.fetch", "pipeline.set_aside", "reports.build",
    "pipeline.analysis.spatial",
)  # fmt: skip


def main() -> None:
    gc.disable()
    for name in IMPORTED:
        importlib.import_module(name)
    engine.load()
    gc.freeze()
    print("ready", flush=True)
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            run(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        from pipeline import cli

        as_recorded()
        cli.main()
