"""The job, its daily schedule and the inbox sensor; both off until the environment switches them on."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dagster import (
    AssetSelection,
    DagsterEventType,
    DagsterInstance,
    DagsterRunStatus,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    RunRequest,
    RunsFilter,
    ScheduleDefinition,
    SensorEvaluationContext,
    SkipReason,
    config_mapping,
    define_asset_job,
    in_process_executor,
    sensor,
)

from assets.launch_form import FIELDS
from pipeline.declare import settings
from pipeline.declare.errors import AccountingError, BlockedRelease, UnusableInput
from pipeline.declare.settings import Home
from pipeline.ingest.archive import is_litter
from pipeline.storage.lock import is_held

JOB_NAME = "township_index"
FETCH_GROUP = "fetch"
RUN_KEY_TAG = "dagster/run_key"
# What the next attempt at the same files would meet again; a subclass of them, such as PassingCause, is not meant.
LASTING = {error.__name__ for error in (UnusableInput, AccountingError, BlockedRelease)}
WAITS = (0, 5, 15, 45, 120)  # minutes from the end of a failed run to the next attempt
SILENT = timedelta(minutes=10)  # after which a run that says nothing while nobody holds the home was killed

# Fetching asks other people's servers: a run works on what was delivered.
MAIN = AssetSelection.all() - AssetSelection.groups(FETCH_GROUP)

job = define_asset_job(
    JOB_NAME,
    selection=MAIN,
    executor_def=in_process_executor,
    description="The main job: ingest, place, validate, compute, publish, report.",
)


@config_mapping(config_schema={name: FIELDS[name] for name in ("period_end", "as_of", "method")})
def of_edition(asked: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a run that makes an edition: what was asked for, and never to move `latest`."""
    return {"resources": {"run": {"config": {**asked, "beside": True}}}}


edition = define_asset_job(
    "edition",
    selection=MAIN,
    executor_def=in_process_executor,
    config=of_edition,
    description="Makes the edition of an older period, or of what was known by a day, beside latest: neither that nor "
    "the analysts' database moves.",
)

daily = ScheduleDefinition(
    name=settings.DAILY,
    job=job,
    cron_schedule=f"{settings.DAILY_AT.minute} {settings.DAILY_AT.hour} * * *",
    execution_timezone="Asia/Yangon",
    default_status=DefaultScheduleStatus.RUNNING if settings.schedules_enabled() else DefaultScheduleStatus.STOPPED,
    description="Every morning at 05:30 in Yangon, on whatever was delivered until then.",
)


@sensor(
    name="inbox",
    job=job,
    minimum_interval_seconds=60,
    default_status=DefaultSensorStatus.RUNNING if settings.schedules_enabled() else DefaultSensorStatus.STOPPED,
    description="Runs the job when a file in the inbox is new and no longer growing; a run that failed for a passing "
    "cause is tried again.",
)
def inbox(context: SensorEvaluationContext) -> Any:
    """One run per content of the inbox: the run key is a hash of names and bytes, so a tick can be repeated.

    A file whose size or time changed since the last tick is still being written: wait for the next one. A run that
    failed for a passing cause is tried again under a key with its number; what was refused waits for other content.
    """
    place = settings.home()
    files = waiting(place)
    if not files:
        return SkipReason(f"nothing in {place.inbox}")
    state = repr([(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in files])
    seen = hashlib.sha256(state.encode()).hexdigest()
    if seen != context.cursor:
        context.update_cursor(seen)
        return SkipReason("files came or are still growing; looking again at the next tick")
    return asked_for(context.instance, place, files)


def waiting(place: Home) -> list[Path]:
    """The files of the inbox."""
    return sorted(p for p in place.inbox.glob("*/**/*") if p.is_file() and not is_litter(p.name))


def asked_for(instance: DagsterInstance, place: Home, files: Sequence[Path]) -> RunRequest | SkipReason:
    """The next attempt at these files of the inbox, whichever sensor asked before, or why there is none now."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(path.relative_to(place.inbox).as_posix().encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    content = whole.hexdigest()
    keys = [content, *(f"{content}-{attempt}" for attempt in range(2, len(WAITS) + 2))]
    # Dagster gives a run the key that it was asked for with.
    records = instance.get_run_records(RunsFilter(tags={RUN_KEY_TAG: keys}), ascending=True)
    if not records:
        return RunRequest(run_key=content)
    last, now = records[-1], datetime.now(UTC)
    run, ended = last.dagster_run, last.update_timestamp.astimezone(UTC)
    if run.status == DagsterRunStatus.SUCCESS:
        return SkipReason(f"run {run.run_id} took these files; nothing came since")
    if run.status == DagsterRunStatus.CANCELED:
        return SkipReason(f"run {run.run_id} was ended by hand; start another, or wait for the schedule")
    if run.status != DagsterRunStatus.FAILURE:
        if now - ended < SILENT or is_held(place):
            return SkipReason(f"run {run.run_id} is at work on these files")
        # A killed process says nothing: its run stands as begun for ever, and nobody holds the home.
    elif refusal := _refusal(instance, run.run_id):
        return SkipReason(f"run {run.run_id} refused what it was given, and nothing was changed since: {refusal}")
    if len(records) > len(WAITS):
        return SkipReason(f"{len(records)} runs failed on these files, the last {run.run_id}; the schedule goes on")
    wait = timedelta(minutes=WAITS[len(records) - 1])
    if now - ended < wait:
        return SkipReason(f"run {run.run_id} failed for a passing cause; tried again from {ended + wait:%H:%M} UTC")
    return RunRequest(run_key=keys[len(records)])


def _refusal(instance: DagsterInstance, run_id: str) -> str:
    """What a run said of its input or its checks, in one line; empty where it failed for a cause that may pass."""
    for record in instance.all_logs(run_id, of_type={DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE}):
        event = record.get_dagster_event()
        error = event.step_failure_data.error if event.is_step_failure else event.job_failure_data.error
        while error is not None:
            if error.cls_name in LASTING:
                return str(error.message).strip().splitlines()[0]
            error = error.cause
    return ""
