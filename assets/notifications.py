"""The sensors that tell of runs started by schedule, inbox sensor or UI, and of what happens while no run ends.

They are on wherever the daemon runs and do nothing where nobody is to be told. A run of the command tells itself
(run_end.py); whoever comes second finds in the ledger what was sent.
"""

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from dagster import (
    DagsterEventType,
    DagsterRun,
    DagsterRunStatus,
    DefaultSensorStatus,
    RunFailureSensorContext,
    RunStatusSensorContext,
    SensorEvaluationContext,
    SkipReason,
    run_failure_sensor,
    run_status_sensor,
    sensor,
)

from assets import failures
from assets.fetch import JOBS as FETCH_JOBS
from assets.jobs import job
from assets.run_end import download_failed, failed, guarded, killed, succeeded
from pipeline.declare import settings
from pipeline.declare.codes import Profile
from pipeline.declare.settings import MYANMAR, Home
from pipeline.notifications import delivery, findings, last_run
from pipeline.storage import deliveries, runs
from pipeline.storage.freshness import source_ages
from pipeline.storage.targets import is_set, read_targets

RELEASE = ["release", "published"]
FAILURE_EVENTS = {
    DagsterEventType.ASSET_CHECK_EVALUATION, DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE,
}  # fmt: skip
WAITING_SECONDS = 3600  # how often what could not be sent is tried again while no run ends


def _place(run: DagsterRun) -> Home:
    """The home of this process with the profile of a run."""
    resources: Any = run.run_config.get("resources", {}) if isinstance(run.run_config, dict) else {}
    stated = resources.get("run", {}).get("config", {}).get("profile", "")
    return settings.home(None, settings.profile(stated if stated in tuple(Profile) else ""))


def _events(context: RunStatusSensorContext, kinds: set[DagsterEventType]) -> list[Any]:
    return [
        record.get_dagster_event()
        for record in context.instance.all_logs(context.dagster_run.run_id, of_type=kinds)
        if record.is_dagster_event
    ]


@run_failure_sensor(
    name="notify_failure",
    monitored_jobs=[job, *FETCH_JOBS],
    minimum_interval_seconds=30,
    default_status=DefaultSensorStatus.RUNNING,
    description="Tells the targets of notify.toml of a run or a download that failed, in the words of the command.",
)
def failure(context: RunFailureSensorContext) -> None:
    run = context.dagster_run
    place = _place(run)
    error, _ = failures.failure_of(_events(context, FAILURE_EVENTS), place.root)
    if run.job_name != job.name:
        guarded(partial(download_failed, place, run.job_name, error), context.log.info)
    elif runs.was_killed(place, run.run_id):
        guarded(partial(killed, place), context.log.info)  # Dagster knows no more than that its process is gone
    else:
        guarded(partial(failed, place, "the run", error), context.log.info)


@run_status_sensor(
    run_status=DagsterRunStatus.SUCCESS,
    name="notify_success",
    monitored_jobs=[job],
    minimum_interval_seconds=30,
    default_status=DefaultSensorStatus.RUNNING,
    description="Tells the targets of notify.toml of a release, new alerts, new warnings and silent sources.",
)
def success(context: RunStatusSensorContext) -> None:
    for event in _events(context, {DagsterEventType.ASSET_MATERIALIZATION}):
        made = event.step_materialization_data.materialization
        if made.asset_key.path == RELEASE:
            place, release = _place(context.dagster_run), Path(made.metadata["path"].value).name
            guarded(partial(succeeded, place, release), context.log.info)


@sensor(
    name="notify_waiting",
    minimum_interval_seconds=WAITING_SECONDS,
    default_status=DefaultSensorStatus.RUNNING,
    description="Tries again what a target of notify.toml could not take, and tells of sources that fell silent, of "
    "runs that were killed and of a disk that is nearly full.",
)
def waiting(context: SensorEvaluationContext) -> SkipReason:
    place = settings.home(None, settings.profile())
    if not is_set(place, os.environ):
        return SkipReason(f"nobody is to be told: {place.notify_file} is not there")
    said: list[str] = []
    guarded(partial(_silent_and_waiting, place), lambda line: said.append(line.strip()))
    return SkipReason("; ".join(said) or "nothing is due")


def _silent_and_waiting(place: Home) -> list[str]:
    now = datetime.now(UTC)
    today = now.astimezone(MYANMAR).date()
    head = (f"Looked at on {today} (Myanmar), home {place.root}.",)
    silent = findings.of_sources(source_ages(deliveries.in_force(place), today), head)
    found = (*last_run.of_killed(place), *silent, *last_run.of_disk(place, now))
    return delivery.deliver(place, read_targets(place, os.environ), found, today)


SENSORS = [failure, success, waiting]
