"""A program, not a test: runs the command again and again, each time in a fork that has the libraries already.

A run imports for ten seconds, half of it in its second process. Here they are imported once, and where workers of the
tests are forked (tests/shared_workers.py) once for all of them, with one of these processes for each. Each request
forks a child that runs `main` of one of PROGRAMS as the command does, or a program's file, with a second process forked
before the child starts a thread. Each line read is a request: {argv, env, cwd, out, err, cache, recorded, shown,
program} forks one and is answered with its process id, {end} waits for that process and is answered with its exit code,
so that several can run at once. The end of the input ends it.
"""

import atexit
import gc
import importlib
import json
import logging
import multiprocessing
import os
import runpy
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import dagster
from filelock import FileLock

from expectations import engine
from geo import schematic
from pipeline.declare import settings

TESTS = Path(__file__).parents[1]
REAL_CONTEXT = multiprocessing.get_context


LEFT_OUT = (
    "write_brief", "write_datapackage", "write_geo", "write_names", "write_pictures", "write_region_briefs",
    "write_series", "write_zips",
)  # fmt: skip


def start_worker() -> None:
    """Fork the second process, which a run would spawn; to be called before any thread starts."""
    from assets import worker

    multiprocessing.get_context = lambda method=None: REAL_CONTEXT("fork" if method == "spawn" else method)
    worker.shared()
    multiprocessing.get_context = REAL_CONTEXT


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


def first_pages() -> None:
    """Of pages, maps, pictures and briefs that there are many of, only the first."""
    from reports.national_brief import region as briefs
    from reports.site import map as maps
    from reports.site import pages, pictures

    every, all_briefs, all_maps = pictures._regions, briefs._briefs, maps._alone
    pictures._regions = lambda *given: dict(islice(every(*given).items(), 1))
    briefs._briefs = lambda *given: islice(all_briefs(*given), 1)
    maps._alone = lambda *given: all_maps(*given)[:1]

    def first(page: pages.Page) -> pages.Page:
        return replace(page, contexts=lambda inputs: islice(page.contexts(inputs), 1)) if "{" in page.address else page

    _report()["PAGES"] = tuple(map(first, pages.PAGES))


def nothing(*_given: Any) -> None: ...


def pages_alone(*kept: str) -> None:
    """Of a release the tables and the first pages: no file of a map, no brief, no zip, and no workbook.

    These are more than half of a small run. `kept` are calls of LEFT_OUT that are made nevertheless.
    """

    def folder_alone(_tables: Any, _release: Any, folder: Path) -> None:
        folder.mkdir(parents=True)

    first_pages()
    report = _report()
    report |= dict.fromkeys(set(LEFT_OUT).difference(kept), nothing)
    vars(importlib.import_module("assets.release"))["write_workbook"] = nothing
    report["write_maps"] = folder_alone


def tables_only(addresses: str = "") -> None:
    """Of a release the tables and what is told of it, and the pages of these addresses, with a blank between them.

    In its databases no table has a comment, of which there are a thousand.
    """
    pages_alone()
    warehouse = importlib.import_module("pipeline.storage.warehouse")
    declared = warehouse.ddl
    warehouse.ddl = lambda *given: declared(*given)[:1]  # type: ignore[attr-defined]
    report = _report()
    report["PAGES"] = tuple(page for page in report["PAGES"] if page.address in addresses.split())
    if not report["PAGES"]:
        report["write_pages"] = nothing


def _report() -> dict[str, Any]:
    """What the calls that write a release know by name."""
    return vars(importlib.import_module("reports.build"))


def keep_what_every_release_shares(folder: str) -> None:
    """The cut fonts and the drawn shapes are made once for all homes; whoever comes meanwhile waits for the shapes."""
    settings.Home.cache = property(lambda _home: Path(folder))  # type: ignore[assignment]
    draw = schematic.schematic

    def drawn(cache: Path | None = None) -> Any:
        with FileLock(f"{folder}.lock"):
            return draw(cache)

    schematic.schematic = drawn


def keep_event_databases_open() -> None:
    """Dagster opens a database anew for each event, which is a fifth of a small run; here once, and never flushed.

    It also asks for each event which tables and columns there are: all, in a database that it made itself.
    """
    module = importlib.import_module("dagster._core.storage.event_log.sqlite.sqlite_event_log")
    kept: dict[tuple[int, str], Any] = {}

    @contextmanager
    def connect(storage: Any, shard: str) -> Iterator[Any]:
        with storage._db_lock:
            if (id(storage), shard) not in kept:
                engine = module.create_engine(
                    storage.conn_string_for_shard(shard), poolclass=module.NullPool,
                    connect_args={"timeout": module.SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
                )  # fmt: skip
                storage._initdb(engine)
                kept[id(storage), shard] = engine.connect()
                kept[id(storage), shard].exec_driver_sql("PRAGMA synchronous = OFF")
                kept[id(storage), shard].commit()
            with kept[id(storage), shard].begin():
                yield kept[id(storage), shard]

    storage = module.SqliteEventLogStorage
    storage._connect = connect
    storage.has_table = storage._has_asset_key_col_on_connection = lambda *_given: True


def read_migrations_once() -> None:
    """As the unit tests do; it is a tenth of a small run."""
    from alembic.script import ScriptDirectory

    sys.path.append(str(TESTS))  # where what all tests share lies
    shared = importlib.import_module("shared_migrations")
    ScriptDirectory.from_config = shared.read_once()  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder, dagster.DagsterInstance.local_temp(folder) as instance:
        instance.get_runs_count()


# Other words are the addresses of the pages that are written beside the tables.
SHOWN = {
    "tables": tables_only, "pages": pages_alone, "pages and geodata": partial(pages_alone, "write_geo"),
    "first pages": first_pages, "everything": nothing,
}  # fmt: skip


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
    SHOWN.get(request["shown"], partial(tables_only, request["shown"]))()
    keep_event_databases_open()
    keep_what_every_release_shares(request["cache"])
    start_worker()
    if request["recorded"]:
        as_recorded()
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w", 1), open(2, "w", 1)  # noqa: SIM115
    sys.argv = [request["program"], *request["argv"]]
    try:
        if request["program"] in PROGRAMS:
            importlib.import_module(PROGRAMS[request["program"]]).main()
        else:
            runpy.run_path(request["program"], run_name="__main__")
    except SystemExit as done:
        if request["program"] != "township-index":
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(done.code if isinstance(done.code, int) else 0)
        print(f"left with {done.code}", file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # as the interpreter does at the end of a process of its own
    finally:
        atexit._run_exitfuncs()  # the command's own exit code is told by one of them
        os._exit(70)


PROGRAMS = {"township-index": "pipeline.cli", "dagster": "dagster._cli", "dg": "dagster_dg_cli.cli"}
# What a run or another command imports sooner or later, in either of its processes.
IMPORTED = (
    "assets.launch", "assets.neutral_brief", "assets.trial", "assets.worker", "pipeline.calibration.report",
    "pipeline.definitions", "pipeline.doctor", "pipeline.fetch", "pipeline.set_aside", "reports.build",
    "pipeline.analysis.spatial",
)  # fmt: skip


def get_ready() -> None:
    gc.disable()
    for name in IMPORTED:
        importlib.import_module(name)
    engine.load()
    _report()["get_ready"]()
    read_migrations_once()
    gc.freeze()


def serve(requests: TextIO, answers: TextIO) -> None:
    print("ready", file=answers, flush=True)
    while line := requests.readline():
        request = json.loads(line)
        if "end" in request:
            _, status = os.waitpid(request["end"], 0)
            print(os.waitstatus_to_exitcode(status), file=answers, flush=True)
            continue
        child = os.fork()
        if not child:
            run(request)
        print(child, file=answers, flush=True)


def for_workers(number: int) -> tuple[int, list[socket.socket]]:
    """Fork what serves this many workers of the tests, before a thread is started.

    Its process id, and what each worker asks through; it ends when all of these are closed.
    """
    pairs = [socket.socketpair() for _ in range(number)]
    if pid := os.fork():
        for _, end in pairs:
            end.close()
        return pid, [end for end, _ in pairs]
    try:
        for end, _ in pairs:
            end.close()
        leave_pytest()
        get_ready()
        for _, end in pairs:
            if not os.fork():
                for _, other in pairs:
                    if other is not end:
                        other.close()
                with suppress(ConnectionError):  # a worker that asked for nothing left the first answer unread
                    serve(end.makefile("r"), end.makefile("w"))
                os._exit(0)
            end.close()
        for _ in pairs:
            os.wait()
        os._exit(0)
    finally:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        os._exit(1)


def leave_pytest() -> None:
    """Undo what a process of pytest has and one of a user has not: a warning that nobody handles reaches the screen."""
    logging.getLogger().handlers.clear()
    sys.unraisablehook, threading.excepthook = sys.__unraisablehook__, threading.__excepthook__
    sys.meta_path[:] = [finder for finder in sys.meta_path if "pytest" not in type(finder).__module__]
    sys.path[:] = [path for path in sys.path if not path.startswith(str(TESTS))]


if __name__ == "__main__":
    get_ready()
    serve(sys.stdin, sys.stdout)
