"""Dagster's own records of runs: which may go, and how they are deleted so that its database stays sound.

A record is deleted through Dagster's storages, whatever they are; what SQLite keeps of one run in files of its own goes
with it. The order is such that a kill leaves a run without events, which goes at the next time, never events that no
run owns.
"""

import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from dagster import DagsterInstance, DagsterRunStatus, RunRecord

from pipeline.declare import retention
from pipeline.declare.settings import Home
from pipeline.storage.space import size_of

INDEX = "index"  # the one database of all runs, beside those of one run each
STARTED_BY = ("dagster/schedule_name", "dagster/sensor_name")
# Where less of the index is free than that, a rewrite gains nothing.
FREE_SHARE_LEAST = 0.25


def old(instance: DagsterInstance, now: datetime) -> list[RunRecord]:
    """The records of runs that ended more than RUN_DAYS days ago, the oldest first.

    Of every job, schedule and sensor the last run and the last that succeeded stay: the UI shows the state of assets
    by them, and the inbox sensor knows by them which files were taken.
    """
    before = now - timedelta(days=retention.RUN_DAYS.value)
    records = instance.get_run_records()  # the newest first
    staying: set[str] = set()
    seen: set[tuple[Any, ...]] = set()
    for record in records:
        run = record.dagster_run
        by = (run.job_name, *(run.tags.get(tag, "") for tag in STARTED_BY))
        for which in (by, (*by, DagsterRunStatus.SUCCESS)):
            if which not in seen and (len(which) == len(by) or run.status == DagsterRunStatus.SUCCESS):
                seen.add(which)
                staying.add(run.run_id)
    return [
        one
        for one in reversed(records)
        if one.update_timestamp.astimezone(UTC) < before and one.dagster_run.run_id not in staying
    ]


def frees(instance: DagsterInstance, place: Home, records: Sequence[RunRecord]) -> int:
    """What deleting these records frees, in bytes: about, for the database of all runs is one file.

    What another database than SQLite frees is not known here.
    """
    own = size_of(path for one in records for path in _own_files(instance, place, one.dagster_run.run_id))
    path_of = _shards(instance)
    if path_of is None or not records:
        return own
    shared = size_of([path_of(INDEX)])
    return own + shared * len(records) // max(instance.get_runs_count(), 1)


def forget(instance: DagsterInstance, place: Home, run_id: str) -> None:
    """Delete what Dagster holds of one run: events, checks, output of its steps, and the run itself last."""
    events = instance.event_log_storage
    events.delete_events(run_id)
    _forget_checks(events, run_id)
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    instance.run_storage.delete_run(run_id)
    for path in _own_files(instance, place, run_id):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _forget_checks(events: Any, run_id: str) -> None:
    """The outcomes of a run's checks: Dagster deletes a run's events but has nothing that deletes these."""
    from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable

    with events.index_connection() as connection:
        connection.execute(AssetCheckExecutionsTable.delete().where(AssetCheckExecutionsTable.c.run_id == run_id))


def _shards(instance: DagsterInstance) -> Callable[[str], Path] | None:
    """Run -> its SQLite database; None where the events are kept otherwise."""
    path_for_shard = getattr(instance.event_log_storage, "path_for_shard", None)
    return None if path_for_shard is None else lambda run_id: Path(path_for_shard(run_id))


def _own_files(instance: DagsterInstance, place: Home, run_id: str) -> Iterator[Path]:
    """The files and folders of one run that there are."""
    path_of = _shards(instance)
    if path_of is not None:
        shard = path_of(run_id)
        yield from (p for p in (shard, *(shard.with_name(shard.name + end) for end in ("-wal", "-shm"))) if p.exists())
    output = place.dagster / "storage" / run_id
    if output.is_dir():
        yield output


def orphans(instance: DagsterInstance, place: Home, now: datetime) -> list[str]:
    """Runs of which only files are left, as a kill during a deletion leaves them; none that may just be beginning."""
    known: Collection[str] = {record.dagster_run.run_id for record in instance.get_run_records()}
    before = (now - timedelta(days=retention.LITTER_DAYS.value)).timestamp()
    path_of = _shards(instance)
    files = list(path_of(INDEX).parent.glob("*.db")) if path_of is not None else []
    files += (place.dagster / "storage").glob("*")
    return sorted({p.stem for p in files if _is_run(p.stem) and p.stem not in known and p.stat().st_mtime < before})


def _is_run(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


def shrink(instance: DagsterInstance) -> str:
    """Give room that deleted records left in the SQLite database of all runs back to the disk.

    Returns a note where a client at work keeps it from that; the room is used by the next records then.
    """
    path_of = _shards(instance)
    if path_of is None or not path_of(INDEX).exists():
        return ""
    try:
        with closing(sqlite3.connect(path_of(INDEX), timeout=5, isolation_level=None)) as connection:
            (free,), (pages,) = (
                connection.execute(f"PRAGMA {name}").fetchone() for name in ("freelist_count", "page_count")
            )
            if free < pages * FREE_SHARE_LEAST:
                return ""
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        return f"{path_of(INDEX).name} was not made smaller ({error}); its free room is used by the next runs"
    return ""
