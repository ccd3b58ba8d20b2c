"""The daily schedule as Dagster keeps it: whether it is on, when it runs next, whether its daemon is alive."""

from datetime import UTC, datetime

from dagster import DagsterInstance

from assets.instance import quiet
from pipeline import status
from pipeline.declare import settings
from pipeline.declare.settings import Home
from pipeline.status import Schedule


def schedule_of(instance: DagsterInstance | None, now: datetime) -> Schedule:
    """How the schedule stands. What somebody switched in the UI goes before what the environment says."""
    is_on = settings.schedules_enabled()
    seen = None
    if instance is not None:
        from dagster._core.definitions.run_request import InstigatorType
        from dagster._core.scheduler.instigation import InstigatorStatus

        for state in instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE):
            if state.name == settings.DAILY:
                is_on = state.status != InstigatorStatus.STOPPED
        beat = instance.get_daemon_heartbeats().get("SCHEDULER")
        seen = datetime.fromtimestamp(beat.timestamp, UTC) if beat is not None else None
    return Schedule(is_on, settings.next_daily(now) if is_on else None, seen)


def show_status(place: Home, as_json: bool) -> int:
    """The command `status`: print how the home stands, with the schedule as its instance of Dagster keeps it."""
    now = datetime.now(UTC)
    status.require_home(place)
    if not place.dagster.is_dir():
        return status.show(place, schedule_of(None, now), now, as_json)
    quiet(place)
    with DagsterInstance.get() as instance:
        return status.show(place, schedule_of(instance, now), now, as_json)
