"""What goes by policy: `township-index prune`, and the step with which a scheduled run ends.

The policy stands in pipeline/declare/retention.py, what it says of a home's files in pipeline/storage/retention.py.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    DagsterInstance,
    MaterializeResult,
    asset,
)

from assets import run_records
from assets.audit import OWNERS
from assets.context import IndexRun
from assets.hosting import publish_list
from assets.instance import quiet
from assets.launch import locked
from assets.release import RELEASE
from pipeline.declare import retention as declared
from pipeline.declare import settings
from pipeline.declare.codes import Profile
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.storage import release_folder, retention, runs, space
from pipeline.storage.retention import Dated, Item, Policy, Sort, Why

LOG = logging.getLogger("township_index")
RETENTION = AssetKey(["release", "retention"])
SCHEDULED = "dagster/schedule_name"
NAMED = 3


@dataclass(frozen=True)
class Plan:
    """What may go: releases by profile, run records, other files; and why the other releases stay, by profile."""

    releases: Mapping[Profile, tuple[Dated, ...]]
    run_ids: tuple[str, ...]
    run_bytes: int
    items: tuple[Item, ...]
    staying: Mapping[Profile, Mapping[str, Why]]
    policy: Policy

    @property
    def frees(self) -> int:
        """About how many bytes go with all of it."""
        gone = sum(one.size for releases in self.releases.values() for one in releases)
        return gone + self.run_bytes + sum(one.size for one in self.items)


def plan(place: Home, policy: Policy, now: datetime, instance: DagsterInstance | None) -> Plan:
    """What of a home may go now. Changes nothing. Raises UnusableInput where pins cannot be read."""
    today = now.astimezone(settings.MYANMAR).date()
    found = {one.profile: retention.standings(one, today, policy) for one in retention.profiles(place)}
    records = run_records.old(instance, now) if instance else []
    left = run_records.orphans(instance, place, now) if instance else []
    return Plan(
        {profile: one.going for profile, one in found.items()},
        (*left, *(record.dagster_run.run_id for record in records)),
        run_records.frees(instance, place, records) if instance else 0,
        (*(item for one in found.values() for item in one.withdrawn), *retention.old_files(place, now)),
        {profile: one.why for profile, one in found.items()},
        policy,
    )


def carry_out(place: Home, wanted: Plan, instance: DagsterInstance | None) -> list[str]:
    """Delete what a plan names, under the home's lock; returns notes on what stayed nonetheless.

    The list of releases, the feed and the addresses of months are written first: nobody is led to what is gone, and a
    kill in between leaves releases that no list names, which go at the next time.
    """
    for one in retention.profiles(place):
        going = wanted.releases[one.profile]
        if going:
            publish_list(one, frozenset(gone.name for gone in going))
        for gone in going:
            retention.remove(one.releases / gone.name)
    for item in wanted.items:
        retention.remove(item.path)
    release_folder.sweep_litter(place)
    if instance is None or not wanted.run_ids:
        return []
    for run_id in wanted.run_ids:
        run_records.forget(instance, place, run_id)
    note = run_records.shrink(instance)
    return [note] if note else []


def lines(wanted: Plan, done: bool) -> Iterator[str]:
    """The plan as the command tells it: what goes by kind with its size, what stays and why, what to do next."""
    yield f"policy: {wanted.policy}"
    yield "removed" if done else "may go"
    releases = [(profile, one) for profile, going in wanted.releases.items() for one in going]
    rows = [(Sort.RELEASES, [one.name for _, one in releases], sum(one.size for _, one in releases))]
    rows += [(Sort.RUNS, list(wanted.run_ids), wanted.run_bytes)]
    for sort, items in retention.by_sort(wanted.items).items():
        rows.append((sort, [one.path.name for one in items], sum(one.size for one in items)))
    for sort, names, size in rows:
        shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")
        yield f"  {sort:24} {len(names):>6,} {space.told(size):>12}  {shown}".rstrip()
    for profile, why in wanted.staying.items():
        if why:
            counts = ", ".join(f"{n} {reason}" for reason in Why if (n := list(why.values()).count(reason)))
            yield f"{len(why)} {profile} release{'s' * (len(why) != 1)} stay{'s' * (len(why) == 1)}: {counts}"
    yield "deliveries stay, always"


def prune(place: Home, keep: int | None, apply: bool) -> None:
    """The command: tell what may go, and delete it where `apply` says so. Raises UnusableInput for what is no home."""
    policy = retention.policy(keep, os.environ.get(declared.KEEP_VARIABLE, ""))
    if not place.root.is_dir():
        raise UnusableInput(f"{place.root} is not there; name a home that a run has filled (--home)")
    now = datetime.now(UTC)
    if not apply:
        with _instance(place) as instance:
            wanted = plan(place, policy, now, instance)
        print("\n".join(lines(wanted, done=False)))
        print(f"{space.told(wanted.frees)} would be freed; nothing was removed: add --apply")
        return
    with locked(place), _instance(place) as instance:
        before = sum(space.used_by(place).values())
        wanted = plan(place, policy, now, instance)
        notes = carry_out(place, wanted, instance)
        freed = before - sum(space.used_by(place).values())
    print("\n".join(lines(wanted, done=True)))
    for note in notes:
        print(f"note: {note}")
    print(f"{space.told(freed)} freed; {space.told(space.free_at(place.root))} free")


@contextmanager
def _instance(place: Home) -> Iterator[DagsterInstance | None]:
    """Dagster's instance of a home; None where Dagster never ran in it."""
    if not place.dagster.is_dir():
        yield None
        return
    quiet(place)
    with DagsterInstance.get() as instance:
        yield instance


@asset(
    key=RETENTION,
    deps=[RELEASE],
    group_name="release",
    kinds={"python"},
    owners=OWNERS,
    check_specs=[
        AssetCheckSpec("room", asset=RETENTION, description="The disk is not full within the time it takes to act.")
    ],
    description="After a scheduled run: old releases, run records, caches and logs deleted by policy. Else nothing.",
)
def retained(context: AssetExecutionContext, run: IndexRun) -> Any:
    now, facts = datetime.now(UTC), {}
    if SCHEDULED in context.run.tags:
        facts = _scheduled(context, run.place, now)
    free = space.free_at(run.place.root)
    outlook = space.outlook(runs.measured(runs.read(run.place)), free, now)
    short = space.is_short(outlook)
    room = AssetCheckResult(
        passed=not short,
        check_name="room",
        asset_key=RETENTION,
        severity=AssetCheckSeverity.WARN,
        description=f"{space.told_outlook(outlook)}; township-index prune says what may go" if short else None,
        metadata={"free_bytes": free, **({"days_left": outlook.days_left} if outlook.days_left is not None else {})},
    )
    yield MaterializeResult(metadata={"outlook": space.told_outlook(outlook), **facts}, check_results=[room])


def _scheduled(context: AssetExecutionContext, place: Home, now: datetime) -> dict[str, Any]:
    """Prune, and say what went; a failure is told and does not make a failure of a run that has published."""
    try:
        policy = retention.policy(None, os.environ.get(declared.KEEP_VARIABLE, ""))
        before = space.free_at(place.root)
        wanted = plan(place, policy, now, context.instance)
        notes = carry_out(place, wanted, context.instance)
    except (OSError, UnusableInput) as error:
        LOG.warning("nothing more was pruned: %s", error)
        return {"note": f"nothing more was pruned: {error}"}
    told = list(lines(wanted, done=True)) + notes
    for line in told:
        LOG.info("%s", line)
    return {"pruned": "\n".join(told), "freed_bytes": space.free_at(place.root) - before}


ASSETS = [retained]
