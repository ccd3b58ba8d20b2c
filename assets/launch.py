"""Starts the graph for the command line where it can be started, in this process, and says why it did not publish."""

import gc
import logging
import multiprocessing
import os
import shlex
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

from assets import failures
from assets.instance import quiet, told
from pipeline.declare import settings
from pipeline.declare.codes import Profile
from pipeline.declare.errors import BlockedRelease, UnusableInput
from pipeline.declare.methods import COUP
from pipeline.declare.settings import Home
from pipeline.storage.lock import acquire


@contextmanager
def locked(place: Home) -> Iterator[None]:
    """The home's lock around landing and run."""
    lock = acquire(place)
    try:
        yield
    finally:
        lock.release()


def check_day(text: str, option: str) -> None:
    """Raise UnusableInput for a day that is none, lies ahead, or ends the period before the window begins."""
    if text:
        try:
            datetime.strptime(text, "%Y-%m-%d")
        except ValueError as error:
            raise UnusableInput(f"{option} {text!r} is not a day of the calendar; write YYYY-MM-DD") from error
        if date.fromisoformat(text) > datetime.now(settings.MYANMAR).date():
            raise UnusableInput(f"{option} {text} lies in the future; give a day up to today")
        if option == "--period-end" and date.fromisoformat(text) < COUP:
            raise UnusableInput(f"{option} {text} lies before {COUP}, where the window starts; give a later day")


def require_clashes(place: Home, as_of: str) -> None:
    """Raise UnusableInput where no clash records were in force on the day asked for, withdrawn ones included."""
    from pipeline.declare.codes import Kind
    from pipeline.storage.deliveries import history

    past = history(place)
    day = date.fromisoformat(as_of) if as_of else None
    if any(delivery.kind == Kind.CLASHES for delivery in past.in_force(day)):
        return
    received = [delivery.received_day for delivery in past.deliveries if delivery.kind == Kind.CLASHES]
    if not received:
        raise UnusableInput(f"{place.root}: no clash records were ever delivered; put a file into clashes/")
    if day and day < min(received):
        raise UnusableInput(
            f"--as-of {as_of}: no clash records were known by then; the first in {place.root} came on "
            f"{min(received)}, so give that day or a later one"
        )
    raise UnusableInput(
        f"{place.root}: every delivery of clash records was withdrawn{f' by {as_of}' if as_of else ''}; deliver one "
        "again, or give --as-of a day before the withdrawal"
    )


def end_on_sigterm() -> None:
    """End this process and its second one at once when SIGTERM comes; what was published stands, as after a kill.

    Dagster puts handlers of its own in place, which wait for the end of a step, and ignores the signal where SIGINT is
    ignored, as in a process that a script started in the background. Python tells the pipe whichever handler there is.
    """
    asked, tell = os.pipe()
    os.set_blocking(tell, False)
    for number in (signal.SIGTERM, signal.SIGINT):
        if number == signal.SIGTERM or signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=_end_at_sigterm, args=(asked,), daemon=True).start()


def _end_at_sigterm(asked: int) -> None:
    while signal.SIGTERM not in os.read(asked, 64):
        pass
    for child in multiprocessing.active_children():
        child.kill()
    os.write(sys.stderr.fileno(), b"township-index: ended by SIGTERM; what was published stands\n")
    os._exit(128 + signal.SIGTERM)


def execute(
    definitions: Callable[[], Any],
    place: Home,
    as_of: str,
    period_end: str,
    method: str,
    make_latest: bool = False,
    hold: bool = False,
    lag: str = "",
) -> Path:
    """Run the main job of `definitions`, which are loaded once the home and Dagster's silence are settled.

    Returns the folder of the release.
    """
    quiet(place)
    os.environ[settings.HOME_VARIABLE] = str(place.root)
    from dagster import DagsterInstance, RunConfig

    from assets.context import LOG, IndexRun

    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("  %(message)s"))
    LOG.addHandler(handler)
    resource = IndexRun(
        as_of=as_of, period_end=period_end, method=method,
        profile=str(place.profile), make_latest=make_latest, hold=hold, lag=lag,
    )  # fmt: skip
    job = definitions().resolve_job_def("township_index")
    gc.freeze()
    gc.enable()
    run_id = str(uuid4())
    try:
        with _given_back(), DagsterInstance.get() as instance, _held_open(instance.event_log_storage, run_id):
            outcome = job.execute_in_process(
                run_id=run_id,
                instance=instance,
                run_config=RunConfig(
                    resources={"run": resource}, loggers={"console": {"config": {"log_level": "CRITICAL"}}}
                ),
                raise_on_error=False,
            )
    except Exception as error:
        # Dagster keeps its records in a database; on a full disk they fail first or hide what failed.
        if type(error).__name__ not in {"OperationalError", "DatabaseError", "DagsterPostgresException"}:
            raise
        raise UnusableInput(told(place, str(getattr(error, "orig", error)).splitlines()[0])) from error
    if not outcome.success:
        failure, trace = failures.failure_of(outcome.all_events, place.root)
        if trace:
            print(trace, file=sys.stderr)
        raise failure
    from reports.run_summary import closing

    made = _published(outcome)
    moved = made.resolve() == place.latest.resolve()
    print(closing(made, place.analysts_database if moved else None))
    if resource.holds:
        print(_told_of_hold(place, made))
    return made


def _told_of_hold(place: Home, made: Path) -> str:
    """How to look at a held release, and the commands that publish it or drop it."""
    if made.parent == place.releases:
        return f"\nNothing is held: {made.name} is published already, with the same files"
    chosen = f"--home {shlex.quote(str(place.root))}" + (
        "" if place.profile == Profile.PUBLIC else " --profile internal"
    )
    return "\n".join(
        [
            "",
            f"held: {made.name} is whole and audited, and nothing was published.",
            f"  look at it    {made / 'report' / 'index.html'}",
            f"  compare it    township-index releases diff latest {made.name} {chosen}",
            f"  publish it    township-index publish {made.name} {chosen}",
            f'  drop it       township-index releases withdraw {made.name} --why "…" {chosen}',
        ]
    )


def _published(outcome: Any) -> Path:
    """The folder of the release that a run published."""
    for event in outcome.all_events:
        if event.is_step_materialization and event.asset_key and event.asset_key.path == ["release", "published"]:
            return Path(event.step_materialization_data.materialization.metadata["path"].value)
    raise BlockedRelease("the run ended without a release; see the UI (make dev)")


@contextmanager
def _given_back() -> Iterator[None]:
    """The process's own stdout and stderr, again after a run.

    Dagster points both at files of the home while a step runs. Where the disk is full it cannot empty them and leaves
    them there: the user would be told nothing. What they still hold then is lost, as the file is.
    """
    kept = [(stream, os.dup(number)) for number, stream in ((1, sys.stdout), (2, sys.stderr))]
    try:
        yield
    finally:
        for number, (stream, copy) in enumerate(kept, start=1):
            try:
                stream.flush()
            except OSError:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, number)
                os.close(nowhere)
                stream.flush()
            os.dup2(copy, number)
            os.close(copy)


@contextmanager
def _held_open(storage: Any, run_id: str) -> Iterator[None]:
    """Dagster's two event databases, held open by one more connection while a run writes to them.

    Dagster connects anew for every event, and whoever closes an SQLite database last writes its log back and deletes
    it: hundreds of times a run. Each time it makes a new engine too, which then has every statement to compile again:
    while a run lasts an engine is made once a database. A storage that keeps no such files is left alone.
    """
    dagster_events: Any = import_module("dagster._core.storage.event_log.sqlite.sqlite_event_log")
    path_of = getattr(storage, "path_for_shard", None)
    held = [sqlite3.connect(path_of(shard)) for shard in ("index", run_id)] if path_of else []
    create = dagster_events.create_engine
    engines: dict[tuple[str, str], Any] = {}

    def engine_of(url: str, **options: Any) -> Any:
        which = (url, repr(options))
        if which not in engines:
            engines[which] = create(url, **options)
        return engines[which]

    dagster_events.create_engine = engine_of
    try:
        for connection in held:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield
    finally:
        dagster_events.create_engine = create
        for connection in held:
            connection.close()
