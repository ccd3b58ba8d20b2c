"""Fetching as assets: one per live source, each with a job and a daily schedule that is off until it is switched on.

None of them is part of the main job. A run follows a download that brought files, at once by a sensor of its own; the
inbox sensor would find them too, a minute later, and tries again what failed for a passing cause.
"""

import logging
from datetime import time, timedelta
from typing import Any

from dagster import (
    AssetsDefinition,
    AssetSelection,
    Backoff,
    Config,
    DagsterRunStatus,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    Failure,
    Jitter,
    MaterializeResult,
    MetadataValue,
    RetryPolicy,
    RunStatusSensorContext,
    ScheduleDefinition,
    SkipReason,
    asset,
    define_asset_job,
    in_process_executor,
    run_status_sensor,
)
from pydantic import Field

from assets import jobs
from assets.jobs import FETCH_GROUP
from pipeline.declare import settings
from pipeline.declare.errors import UnusableInput
from pipeline.declare.sources import Download
from pipeline.sources import DOWNLOADS
from pipeline.storage.last_fetch import job_of

OWNERS = ["team:township-index"]
RETRY = RetryPolicy(
    max_retries=2, delay=timedelta(minutes=5).total_seconds(), backoff=Backoff.EXPONENTIAL, jitter=Jitter.PLUS_MINUS
)
LOG = logging.getLogger("township_index")


class Asked(Config):
    """What to ask for, as text; empty stands for each default of `township-index fetch`."""

    start: str = Field("", description="First day of events, as YYYY-MM-DD. Blank: the source's default.")
    end: str = Field("", description="Last day of events, as YYYY-MM-DD. Blank: the newest.")
    since: str = Field("", description="Only what changed since this day, as YYYY-MM-DD. Blank: since the last fetch.")
    version: str = Field("", description="UCDP's versions, as 26.1,26.0.8. Blank: the newest.")


def _asset(download: Download) -> AssetsDefinition:
    source = download.name

    @asset(
        key=[FETCH_GROUP, source.replace("-", "_")],
        group_name=FETCH_GROUP,
        description=download.about,
        kinds={"python"},
        owners=OWNERS,
        tags={"township_index/source": source},
        retry_policy=RETRY,
    )
    def fetched(config: Asked) -> MaterializeResult:
        from pipeline import fetch
        from pipeline.fetching.http import Unreachable

        try:
            place = settings.home()
            asked = fetch.asked_for(source, config.start, config.end, config.since, config.version)
            arrivals = fetch.fetch(source, asked, place, quiet=True)
        except Unreachable:
            raise
        except UnusableInput as error:
            # A missing key or a refusal is the same at the next attempt.
            raise Failure(str(error), allow_retries=False) from None
        fetch.tell(source, asked, place, arrivals, LOG.info)
        return MaterializeResult(
            metadata={
                "files": MetadataValue.json([one.path.name for one in arrivals if one.path]),
                "rows": sum(one.rows or 0 for one in arrivals if one.path),
            }
        )

    return fetched


ASSETS = [_asset(download) for download in DOWNLOADS.values()]
JOBS = [
    define_asset_job(
        job_of(download.name),
        selection=AssetSelection.assets(one.key),
        executor_def=in_process_executor,
        tags={"township_index/source": download.name},
        description=download.about,
    )
    for one, download in zip(ASSETS, DOWNLOADS.values(), strict=True)
]
SCHEDULES = [
    ScheduleDefinition(
        name=f"{job.name}_daily",
        job=job,
        cron_schedule="{0.minute} {0.hour} * * *".format(time.fromisoformat(download.daily_at)),
        execution_timezone="Asia/Yangon",
        # Off whatever the environment says: it needs keys, and asks other people's servers.
        default_status=DefaultScheduleStatus.STOPPED,
        description=f"Every morning: {job.description}",
    )
    for job, download in zip(JOBS, DOWNLOADS.values(), strict=True)
]


@run_status_sensor(
    run_status=DagsterRunStatus.SUCCESS,
    name="after_fetch",
    monitored_jobs=JOBS,
    request_job=jobs.job,
    minimum_interval_seconds=30,
    default_status=DefaultSensorStatus.RUNNING if settings.schedules_enabled() else DefaultSensorStatus.STOPPED,
    description="Runs the job after a download that brought files; after one that brought none it does not.",
)
def after_fetch(context: RunStatusSensorContext) -> Any:
    """A run on what a download left in the inbox.

    Its files are whole when its run ends, so nothing is waited for. The key is that of the inbox sensor: files that
    either has asked a run for are no reason for the other to ask for one more.
    """
    place = settings.home()
    files = jobs.waiting(place)
    if not files:
        return SkipReason(f"{context.dagster_run.job_name} brought nothing new")
    return jobs.asked_for(context.instance, place, files)
