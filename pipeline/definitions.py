"""Composition root: the one module that may import everything; nobody imports it but Dagster and the command line."""

from dagster import Definitions, in_process_executor

from assets import (
    fetch,
    freshness,
    indices,
    jobs,
    neutral_brief,
    notifications,
    published,
    raw,
    records,
    release,
    retention,
)
from assets.launch_form import index_run

defs = Definitions(
    assets=[
        *raw.ASSETS,
        *records.ASSETS,
        *indices.ASSETS,
        *published.ASSETS,
        *release.ASSETS,
        *retention.ASSETS,
        *fetch.ASSETS,
        *freshness.ASSETS,
    ],
    jobs=[jobs.job, jobs.edition, *fetch.JOBS, *neutral_brief.JOBS],
    schedules=[jobs.daily, *fetch.SCHEDULES],
    sensors=[jobs.inbox, fetch.after_fetch, *notifications.SENSORS],
    resources={"run": index_run},
    # DuckDB admits one writing process, and one process starts in a tenth of the time.
    executor=in_process_executor,
)
