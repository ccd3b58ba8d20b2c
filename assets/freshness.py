"""How fresh sources and release are, for Dagster's own policies; the numbers are those of pipeline.storage.freshness.

A raw table is made again by every run, so its time says nothing of its source. Each source that has a cadence is an
asset of its own, `source/<key>`, that no run makes: the step that lands files reports it when a new one was received.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from dagster import AssetKey, AssetMaterialization, AssetSpec, DagsterInstance, FreshnessPolicy

from assets.jobs import FETCH_GROUP
from pipeline.declare import settings
from pipeline.declare.settings import MYANMAR
from pipeline.declare.sources import Source, family
from pipeline.sources import SOURCES
from pipeline.storage.freshness import SourceAge, release_days, source_ages
from pipeline.storage.history import Delivery

SOURCE_GROUP = "source"
# The event carries the time at which it is reported: a receipt of before would look as new as the run.
REPORTED_WITHIN = timedelta(days=1)


def source_asset(source_key: str) -> AssetKey:
    return AssetKey([SOURCE_GROUP, family(source_key)])


def _policy(days: float) -> FreshnessPolicy:
    return FreshnessPolicy.time_window(fail_window=timedelta(days=days))


def _spec(source: Source, days: float, why: str) -> AssetSpec:
    download = source.download
    return AssetSpec(
        source_asset(source.key),
        group_name=SOURCE_GROUP,
        deps=[AssetKey([FETCH_GROUP, download.name.replace("-", "_")])] if download else [],
        freshness_policy=_policy(days),
        description=f"{source.title}: the newest file received. Silent after {days:.0f} days. {why}",
    )


ASSETS = [
    _spec(source, source.silent_after_days.value, source.silent_after_days.why)
    for source in SOURCES
    if source.silent_after_days
]
RELEASE_POLICY = _policy(release_days(settings.schedules_enabled()))


def newly_received(
    known: Sequence[Delivery], instance: DagsterInstance, now: datetime | None = None
) -> Iterator[AssetMaterialization]:
    """An event for each source with a cadence whose newest file the instance does not know yet.

    A file received more than a day ago is left out: the source then stands as unknown until the next one, never as
    fresh.
    """
    at = now or datetime.now(UTC)
    for age in source_ages(known, at.astimezone(MYANMAR).date()):
        if age.silent_after_days is None or at - age.newest.received > REPORTED_WITHIN:
            continue
        if _told(instance, age) != age.newest.received_at:
            yield AssetMaterialization(
                source_asset(age.source_key),
                metadata={
                    "received_at": age.newest.received_at,
                    "delivery_id": age.newest.delivery_id,
                    "file": f"{age.newest.kind}/{age.newest.file_name}",
                },
            )


def _told(instance: DagsterInstance, age: SourceAge) -> str:
    """When the newest file that the instance knows of was received; empty where it knows none."""
    event = instance.get_latest_materialization_event(source_asset(age.source_key))
    made = event.asset_materialization if event else None
    return str(made.metadata["received_at"].value) if made and "received_at" in made.metadata else ""
