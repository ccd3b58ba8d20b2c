"""Workers of the tests, forked from the process that collected them: what is imported, is imported once.

`--workers 3` forks three. Each takes the next file of tests when it has done its own and sends its reports to the first
process, which prints and counts them as if the tests had run there. Without the option the tests run in one process.
"""

import atexit
import os
import pickle
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import pytest_sessionfinish as tear_down

# Called in each process once all are forked: in a worker with its number from 1, in the first process with 0.
AT_FORK: list[Callable[[int], None]] = []
# Threads that the import of Polars starts, and that a fork can be without.
NEEDLESS = {"jemalloc_bg_thd", "polars-ooc-clea"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--workers", type=int, default=0, help="processes to fork for the tests; 0: none")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.workers:
        config.pluginmanager.register(Workers(config.option.workers))


class Sender:
    """The plugin of a worker: what happens there is told to the first process."""

    def __init__(self, config: pytest.Config, first: Connection) -> None:
        self._config, self._first = config, first

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        self._first.send(("pytest_runtest_logstart", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._first.send(("pytest_runtest_logreport", {"report": told}))

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        self._first.send(("pytest_runtest_logfinish", {"nodeid": nodeid, "location": location}))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: Any
    ) -> None:
        said = warning_message
        try:
            pickle.dumps((said.message, said.category))
        except (pickle.PicklingError, AttributeError, TypeError):
            said = warnings.WarningMessage(str(said.message), UserWarning, said.filename, said.lineno)
        said.source = None
        told = {"warning_message": said, "when": when, "nodeid": nodeid, "location": location}
        self._first.send(("pytest_warning_recorded", told))


class Worker:
    """A forked worker as the first process sees it."""

    def __init__(
        self, session: pytest.Session, files: Sequence[list[pytest.Item]], queue: int, before: Sequence["Worker"]
    ) -> None:
        self.reports, first = Pipe(duplex=False)
        self._session, self._test = session, ("", "")
        self.number, self.pid = len(before) + 1, os.fork()
        if not self.pid:
            for worker in (*before, self):
                worker.reports.close()  # or this worker would wait for ever for a first process that died
            _work(self.number, session, _taken(files, queue), first)
        first.close()

    def hear(self) -> bool:
        """Hand one message on to the plugins of the first process; whether the worker is still there."""
        hook = self._session.config.hook
        try:
            name, told = self.reports.recv()
        except EOFError:
            if code := os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]):
                said = f"worker {self.number} ended with {code}; the tests that it had taken were not run"
                nodeid, location = self._test
                report = pytest.TestReport(nodeid, location, {}, "failed", said, "call")  # type: ignore[arg-type]
                hook.pytest_runtest_logreport(report=report)
            return False
        if name == "pytest_runtest_logstart":
            self._test = told["nodeid"], told["location"]
        if "report" in told:
            told["report"] = hook.pytest_report_from_serializable(config=self._session.config, data=told["report"])
        call = getattr(hook, name)
        if name == "pytest_warning_recorded":  # of which plugins that come later hear too
            call.call_historic(kwargs=told)
        else:
            call(**told)
        return True

    def stop(self) -> None:
        os.kill(self.pid, signal.SIGINT)
        os.waitpid(self.pid, 0)


class Workers:
    """The plugin of the first process: forks `number` workers once the tests are collected."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._session: pytest.Session | None = None
        self._finished = 0

    def pytest_runtest_logfinish(self) -> None:
        self._finished += 1

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """End at once: the interpreter would take six seconds to throw away all that was imported."""
        if self._session is None:
            return
        config.get_terminal_writer().flush()
        atexit._run_exitfuncs()
        os._exit(self._session.exitstatus)

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if session.testsfailed or session.config.option.collectonly:
            return None
        _refuse_threads()
        self._session = session  # from here on what ends the tests has been told when the plugins end
        session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all workers
        files = [list(items) for _, items in groupby(session.items, key=lambda item: item.path)]
        # Whoever reads takes the next number: they all fit into the pipe.
        queue, end = os.pipe()
        os.write(end, b"".join(number.to_bytes(2) for number in range(len(files))))
        os.close(end)
        working: list[Worker] = []
        for _ in range(self._number):
            working.append(Worker(session, files, queue, working))
        _forked(0)
        os.close(queue)
        try:
            while working:
                said = wait([worker.reports for worker in working])
                working = [worker for worker in working if worker.reports not in said or worker.hear()]
                if session.shouldfail:
                    raise session.Failed(session.shouldfail)
        finally:
            for worker in working:
                worker.stop()
        if missing := len(session.items) - self._finished:  # whatever code the worker ended with
            session.shouldfail = f"{missing} of {len(session.items)} tests were not run to their end"
            raise session.Failed(session.shouldfail)
        return True


def _work(number: int, session: pytest.Session, items: Iterator[pytest.Item], first: Connection) -> None:
    """In a worker: run the tests and never return."""
    code = 1
    try:
        plugins = session.config.pluginmanager
        plugins.unregister(name="terminalreporter")
        capture = plugins.get_plugin("capturemanager")
        capture.stop_global_capturing()  # into files that all workers would write
        capture.start_global_capturing()
        capture.suspend_global_capture(in_=True)
        plugins.register(Sender(session.config, first))
        _forked(number)
        item = next(items, None)
        while item is not None:
            following = next(items, None)
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            item = following
        code = 0
    except (KeyboardInterrupt, BrokenPipeError):  # stopped by hand, or the first process is no more
        tear_down(session)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)


def _taken(files: Sequence[list[pytest.Item]], queue: int) -> Iterator[pytest.Item]:
    while number := os.read(queue, 2):
        yield from files[int.from_bytes(number)]


def _forked(number: int) -> None:
    for call in AT_FORK:
        call(number)


def _refuse_threads() -> None:
    """A fork has no thread but its own: a library that waits for another would wait for ever."""
    others = [task for task in Path("/proc/self/task").glob("*") if task.name != str(os.getpid())]
    running = {task.joinpath("comm").read_text().strip() for task in others} - NEEDLESS
    if running:
        raise pytest.UsageError(
            f"{', '.join(sorted(running))}: threads that ran before a test did; a module of tests worked on a frame "
            "or a file while it was imported. Let a fixture or the test itself do it, or leave --workers out"
        )
