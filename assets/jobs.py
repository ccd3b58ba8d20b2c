"""The job, its daily schedule and the inbox sensor; both off until the environment switches them on."""

import hashlib
from typing import Any

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    RunRequest,
    ScheduleDefinition,
    SensorEvaluationContext,
    SkipReason,
    define_asset_job,
    in_process_executor,
    sensor,
)

from pipeline import settings
from pipeline.readers.archive import is_litter

JOB_NAME = "township_index"
FETCH_GROUP = "fetch"

job = define_asset_job(
    JOB_NAME,
    # Fetching asks other people's servers: a run works on what was delivered.
    selection=AssetSelection.all() - AssetSelection.groups(FETCH_GROUP),
    executor_def=in_process_executor,
    description="The main job: ingest, place, validate, compute, publish, report.",
)

daily = ScheduleDefinition(
    name="daily",
    job=job,
    cron_schedule="30 5 * * *",
    execution_timezone="Asia/Yangon",
    default_status=DefaultScheduleStatus.RUNNING if settings.schedules_enabled() else DefaultScheduleStatus.STOPPED,
    description="Every morning at 05:30 in Yangon, on whatever was delivered until then.",
)


@sensor(
    name="inbox",
    job=job,
    minimum_interval_seconds=60,
    default_status=DefaultSensorStatus.RUNNING if settings.schedules_enabled() else DefaultSensorStatus.STOPPED,
    description="Runs the job when a file in the inbox is new and no longer growing.",
)
def inbox(context: SensorEvaluationContext) -> Any:
    """One run per content of the inbox: the run key is a hash of names and bytes, so a tick can be repeated.

    A file whose size or time changed since the last tick is still being written: wait for the next one.
    """
    place = settings.home()
    files = sorted(p for p in place.inbox.glob("*/*") if p.is_file() and not is_litter(p.name))
    if not files:
        return SkipReason(f"nothing in {place.inbox}")
    state = repr([(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in files])
    seen = hashlib.sha256(state.encode()).hexdigest()
    if seen != context.cursor:
        context.update_cursor(seen)
        return SkipReason("files came or are still growing; looking again at the next tick")
    content = hashlib.sha256()
    for path in files:
        content.update(f"{path.parent.name}/{path.name}".encode())
        content.update(hashlib.sha256(path.read_bytes()).digest())
    return RunRequest(run_key=content.hexdigest())
