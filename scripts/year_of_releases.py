"""A year of daily runs in one home, without the runs: what `prune` keeps, and how much of the disk that takes.

    python -m scripts.year_of_releases --template HOME --out DIR [--days 365] [--release-mb 0] [--to 2026-12-31]

Every day a release as large as the template's newest one comes into the home, under the name and with the manifest of
that day, and the record of a scheduled run, written through Dagster's own interface; then the policy is carried out as
the schedule does. A release is its small files and one that takes the room of all others (allocated, not written), and
so is the record of a run: some of the events of the template's last run in a file as large as that run's. A year needs
minutes then, and no more room than what is kept.
"""

import argparse
import json
import os
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from dagster import DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._core.events.log import EventLogEntry

from assets import retention
from assets.instance import quiet
from pipeline.declare import settings
from pipeline.declare.settings import Home
from pipeline.storage import latest, space
from pipeline.storage.retention import policy

SMALL = ("manifest.json", "api/nation.json", "changes.csv")
HELD = "site.zip"  # the name of the file that takes the room of the others


def release_of(place: Home, template: Path, day: date, size: int) -> str:
    """Put the release of a day in place, with data to that day."""
    name = f"{day}-{day.toordinal():08x}"
    folder = place.published / name
    for small in SMALL:
        (folder / small).parent.mkdir(parents=True, exist_ok=True)
        if (template / small).exists():
            shutil.copyfile(template / small, folder / small)
    manifest = json.loads((template / "manifest.json").read_text(encoding="utf-8"))
    at = datetime.combine(day, settings.DAILY_AT, settings.MYANMAR).astimezone(UTC)
    manifest |= {
        "release_id": name, "period_end": f"{day}", "as_of": f"{day}", "created_at": at.isoformat(timespec="seconds"),
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with (folder / HELD).open("wb") as held:
        os.posix_fallocate(held.fileno(), 0, max(size - space.size_of([folder]), 1))
    latest.point(place, name)
    return name


def run_of(instance: DagsterInstance, like: DagsterRun, events: Sequence[EventLogEntry], day: date) -> str:
    """Record a scheduled run of a day, with events of another; returns its id."""
    run_id, start = str(uuid4()), datetime.combine(day, settings.DAILY_AT, settings.MYANMAR)
    tags = {**like.tags, "dagster/schedule_name": "daily"}
    run = DagsterRun(job_name=like.job_name, run_id=run_id, tags=tags, status=DagsterRunStatus.NOT_STARTED)
    instance.run_storage.add_historical_run(run, start.astimezone(UTC))
    for entry in events:
        instance.handle_new_event(
            EventLogEntry(
                error_info=entry.error_info, level=entry.level, user_message=entry.user_message, run_id=run_id,
                timestamp=start.timestamp(), step_key=entry.step_key, job_name=entry.job_name,
                dagster_event=entry.dagster_event,
            )
        )  # fmt: skip
    return run_id


def few(events: Sequence[EventLogEntry]) -> list[EventLogEntry]:
    """The events that say how the run stands, and three that say what it made."""
    told = [(one, one.dagster_event.event_type_value) for one in events if one.dagster_event]
    made = [one for one, kind in told if kind == "ASSET_MATERIALIZATION"][:3]
    return [one for one, kind in told if kind.startswith("PIPELINE_") or one in made]


def sizes(place: Home) -> str:
    used = space.used_by(place)
    parts = ", ".join(f"{name} {space.told(size)}" for name, size in sorted(used.items(), key=lambda one: -one[1]))
    return f"{space.told(sum(used.values()))} ({parts})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--template", type=Path, required=True, help="a home after at least one run; only read")
    parser.add_argument("--out", type=Path, required=True, help="the home that is filled; must not be there")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--release-mb", type=float, default=0.0, help="size of a release; default: the template's")
    parser.add_argument("--without-runs", action="store_true", help="no run records: three times as fast")
    parser.add_argument("--to", type=date.fromisoformat, default=date(2026, 12, 31))
    asked = parser.parse_args()
    source = Home(asked.template.resolve())
    template = source.latest.resolve()
    asked.out.mkdir(parents=True)
    place = Home(asked.out.resolve())
    for folder in (source.warehouse, source.deliveries, source.dagster):
        shutil.copytree(folder, place.root / folder.name, symlinks=True)
    size = int(asked.release_mb * 1e6) or space.size_of([template])
    quiet(place)
    chosen, most, spent = policy(), 0, 0.0
    with DagsterInstance.get() as instance:
        like = instance.get_run_records(limit=1)[0].dagster_run
        events = few(instance.all_logs(like.run_id))
        path_of = instance.event_log_storage.path_for_shard  # type: ignore[attr-defined]
        shard, index = (space.size_of([Path(path_of(name))]) for name in (like.run_id, "index"))
        for number in range(asked.days):
            day = asked.to - timedelta(days=asked.days - 1 - number)
            release_of(place, template, day, size)
            if not asked.without_runs:
                with Path(path_of(run_of(instance, like, events, day))).open("rb+") as record:
                    os.posix_fallocate(record.fileno(), 0, shard)
            now = datetime.combine(day, settings.DAILY_AT, settings.MYANMAR) + timedelta(minutes=5)
            most = max(most, sum(space.used_by(place).values()))
            began = time.process_time()
            wanted = retention.plan(place, chosen, now.astimezone(UTC), instance)
            retention.carry_out(place, wanted, instance)
            spent += time.process_time() - began
            if number % 30 == 29 or number == asked.days - 1:
                standing = len(latest.standing(place)[0])
                print(f"day {number + 1}: {standing} releases, {sizes(place)}", flush=True)
        print("\n".join(retention.lines(wanted, done=True)))
    listed = json.loads((place.published / "releases.json").read_text(encoding="utf-8"))
    held = {one.name for one in place.published.iterdir() if one.is_dir() and not one.is_symlink()}
    named = {one["release_id"] for one in listed["releases"]}
    print(f"a release takes {space.told(size)}; {asked.days} of them without prune {space.told(size * asked.days)}")
    print(f"most on any day, before that day's prune: {space.told(most)}")
    print(f"the list names what stands: {named == held}; addresses: {len(listed['periods'])}, all standing: "
          f"{set(listed['periods'].values()) <= held}")  # fmt: skip
    print(f"the index of all runs takes at most {space.told(index)} a run more, of some 30 runs: not in these figures")
    print(f"prune takes {spent / asked.days:.2f} CPU s a day")


if __name__ == "__main__":
    main()
