"""Composition root: the one module that may import everything; nobody imports it but Dagster and the command line."""

from dagster import Definitions, in_process_executor

from assets import indices, jobs, published, raw, records, release
from assets.resources import IndexRun

defs = Definitions(
    assets=[*raw.ASSETS, *records.ASSETS, *indices.ASSETS, *published.ASSETS, *release.ASSETS],
    jobs=[jobs.job],
    schedules=[jobs.daily],
    sensors=[jobs.inbox],
    resources={"run": IndexRun()},
    # DuckDB admits one writing process, and one process starts in a tenth of the time.
    executor=in_process_executor,
)
