"""Notes a run while it lasts and what came of it: log lines, a line in the table of runs, the health file.

It is the same for a run of the command line and one of Dagster: the resource `run` begins and ends it, under the home's
lock. What came of the run is read from Dagster's events, so that nothing is handed on from step to step.
"""

import json
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dagster import (
    AssetExecutionContext,
    DagsterEvent,
    DagsterEventType,
    DagsterInstance,
    DagsterInvariantViolationError,
)

from assets import failures, worker
from assets.schedule import schedule_of
from pipeline import status
from pipeline.declare.errors import AccountingError, BlockedRelease, PassingCause, UnusableInput
from pipeline.declare.settings import Home
from pipeline.storage import disk, logs, release_folder, runs, space
from pipeline.storage.runs import Begun, Failed, Outcome, Run
from pipeline.storage.warehouse import Warehouse

LOG = logging.getLogger("township_index")
RELEASE, ACCOUNTS = "release.published", "records.accounts"
# Tag that Dagster gives a run -> what started it.
STARTED_BY = {"dagster/schedule_name": "schedule", "dagster/sensor_name": "sensor"}
_READ = {DagsterEventType.STEP_FAILURE, DagsterEventType.ASSET_MATERIALIZATION, DagsterEventType.ASSET_CHECK_EVALUATION}
_OUTCOMES: Mapping[str, Outcome] = {
    UnusableInput.__name__: Outcome.REFUSED,
    PassingCause.__name__: Outcome.REFUSED,
    BlockedRelease.__name__: Outcome.BLOCKED,
    AccountingError.__name__: Outcome.BLOCKED,
}


@dataclass
class Recording:
    """A run that is being noted; `level` is that of our logger before."""

    place: Home
    begun: Begun
    instance: DagsterInstance | None
    handler: logging.Handler | None = None
    level: int = logging.NOTSET
    started: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Ended:
    """What Dagster's events say of a run."""

    outcome: Outcome
    message: str = ""
    step: str = ""
    release: Path | None = None
    moved_latest: bool | None = None
    accounted: bool = False
    failed: tuple[Failed, ...] = ()


def started_by(tags: Mapping[str, str]) -> str:
    """`schedule` or `sensor` with its name, else `hand`: the command line or somebody at the UI."""
    return next((f"{word} {tags[tag]}" for tag, word in STARTED_BY.items() if tag in tags), "hand")


def current_step() -> str:
    """The step that is being made, empty outside of one."""
    try:
        return AssetExecutionContext.get().op_execution_context.op.name
    except DagsterInvariantViolationError:
        return ""


def begin(place: Home, run_id: str, tags: Mapping[str, str], instance: DagsterInstance | None) -> Recording:
    """Note that a run begins, and write what it says into the home's log. Call it under the home's lock."""
    code = release_folder.code_version()
    begun = Begun(run_id, _now(), started_by(tags), str(place.profile), code, os.getpid())
    recording = Recording(place, begun, instance, level=LOG.level)
    with suppress(OSError):  # a disk that takes no note of a run takes no run: the run itself says so
        runs.begin(place, begun)
        recording.handler = logs.handler(place, run_id, current_step)
        LOG.addHandler(recording.handler)
        if not LOG.isEnabledFor(logging.INFO):
            LOG.setLevel(logging.INFO)
        logs.note(recording.handler, logging.INFO, f"begun by {begun.started_by}, code {code}")
    return recording


def end(recording: Recording, warehouse: Warehouse, error: Exception | None = None) -> None:
    """Write the run's line in the table and the health file, and close the log.

    `error` is what kept the run from its first step. What came of the run never depends on whether it could be noted:
    a failure here is told and nothing more.
    """
    try:
        ended = _of_error(error, recording.place) if error else _of_events(recording)
        line = _line(recording, ended, warehouse)
        runs.end(recording.place, line)
        if recording.handler is not None:
            level = logging.INFO if line.succeeded else logging.ERROR
            logs.note(recording.handler, level, " ".join(f"{line.outcome}: {line.message}".split()), ended.step)
        write_health(recording.place, recording.instance)
    except Exception as fault:
        LOG.warning("what came of the run could not be noted: %s", str(fault).splitlines()[0] if str(fault) else fault)
    finally:
        if recording.handler is not None:
            LOG.removeHandler(recording.handler)
            LOG.setLevel(recording.level)
            recording.handler.close()


def write_health(place: Home, instance: DagsterInstance | None) -> None:
    """Write HOME/health.json, the facts of `township-index status`, in one rename."""
    now = datetime.now(UTC)
    facts = status.facts(place, now, schedule_of(instance, now))
    text = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
    disk.write_atomically(place.health, lambda part: part.write_text(text, encoding="utf-8"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _line(recording: Recording, ended: Ended, warehouse: Warehouse) -> Run:
    """The run's line in the table."""
    place, begun = recording.place, recording.begun
    seconds, peak = _spent()
    rows_in, aside = _rows(warehouse) if ended.accounted else (None, None)
    return Run(
        run_id=begun.run_id,
        started_at=begun.started_at,
        ended_at=_now(),
        started_by=begun.started_by,
        profile=begun.profile,
        code_version=begun.code_version,
        outcome=ended.outcome,
        message=ended.message,
        release_id=ended.release.name if ended.release else None,
        moved_latest=ended.moved_latest,
        seconds=round(time.monotonic() - recording.started, 1),
        cpu_seconds=seconds,
        peak_memory_bytes=peak,
        rows_in=rows_in,
        rows_set_aside=aside,
        release_bytes=space.size_of([ended.release]) if ended.release else None,
        home_bytes=space.used_by(place),
        disk_free_bytes=space.free_at(place.root),
        failed_rules=ended.failed,
    )


def _spent() -> tuple[float | None, int | None]:
    """CPU seconds and peak memory of this process and its worker together; None where the worker cannot say."""
    found = [worker.spent()]
    try:
        if worker.is_started():
            found.append(worker.shared().begin(worker.spent)())
    except PassingCause:
        return None, None
    return round(sum(seconds for seconds, _ in found), 1), sum(peak for _, peak in found)


def _rows(warehouse: Warehouse) -> tuple[int, int]:
    """Rows of all deliveries in force, and how many were set aside."""
    accounts = warehouse.read(ACCOUNTS)
    return int(accounts["rows_count"].sum()), int(accounts["rows_set_aside_count"].sum())


def _of_events(recording: Recording) -> Ended:
    """What came of a run, by its events: published, blocked by a check, or failed in a step."""
    if recording.instance is None:
        return Ended(Outcome.PARTIAL)
    entries = recording.instance.all_logs(recording.begun.run_id, of_type=_READ)
    events = [event for entry in entries if (event := entry.get_dagster_event()) is not None]
    failed = tuple(_failed_rules(events))
    made = {
        ".".join(event.asset_key.path): event for event in events if event.is_step_materialization and event.asset_key
    }
    accounted = ACCOUNTS in made
    step = next((one.step_key or "" for one in events if one.is_step_failure), "")
    if step or any(_blocks(one) for one in events):
        error, trace = failures.failure_of(events, recording.place.root)
        outcome = Outcome.FAILED if trace else _OUTCOMES.get(type(error).__name__, Outcome.FAILED)
        return Ended(outcome, _first_line(error), step, accounted=accounted, failed=failed)
    if RELEASE not in made:
        return Ended(Outcome.PARTIAL, accounted=accounted, failed=failed)
    facts = made[RELEASE].step_materialization_data.materialization.metadata
    release = Path(str(facts["path"].value))
    outcome = Outcome.HELD if release.parent == recording.place.held else Outcome.PUBLISHED
    return Ended(outcome, release.name, "", release, bool(facts["moved_latest"].value), accounted, failed)


def _blocks(event: DagsterEvent) -> bool:
    if event.event_type != DagsterEventType.ASSET_CHECK_EVALUATION:
        return False
    check = event.asset_check_evaluation_data
    return not check.passed and check.severity.value == "ERROR"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _failed_rules(events: Sequence[DagsterEvent]) -> Iterator[Failed]:
    """Every rule that failed, warnings too, as the suites' checks tell them."""
    for event in events:
        if event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
            for one in failures.failed_rules(event.asset_check_evaluation_data):
                yield Failed(one["table"], one["rule"], one["severity"], one["failed_count"], one["note"])


def _of_error(error: Exception, place: Home) -> Ended:
    """What came of a run that failed before its first step."""
    full = disk.told(str(error), place.root)
    outcome = _OUTCOMES.get(type(error).__name__, Outcome.REFUSED if full else Outcome.FAILED)
    return Ended(outcome, full or _first_line(error))
