"""`township-index status`: how a home stands and what in it needs a person; the same facts are HOME/health.json.

Facts are a dictionary of plain values, documented in docs/health.md; the text is made from them alone, so that a
monitor reads what the command says. Nothing here changes the home.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare import retention as declared
from pipeline.declare import settings
from pipeline.declare.codes import REASON_REMEDY, STALE, Reason, Severity
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.storage import deliveries, freshness, held, latest, pins, runs, space
from pipeline.storage.lock import holder, is_held
from pipeline.storage.runs import Outcome, Run

SCHEMA = 1  # of the facts: raised when a key goes or changes its meaning
HEALTHY, ATTENTION = 0, 1
# A daemon says that it is alive every half minute; after ten it is not.
SILENT_DAEMON = timedelta(minutes=10)
CLASSES = ("security_class", "humanitarian_class", "services_class", "control_class", "signal")
SHOWN = 12
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Schedule:
    """Whether the daily schedule is on, when it runs next, and when its daemon was last seen; None where unknown."""

    is_on: bool
    next_at: datetime | None = None
    daemon_seen_at: datetime | None = None


def facts(place: Home, now: datetime, schedule: Schedule) -> dict[str, Any]:
    """Everything that `status` tells, of the public releases. Raises UnusableInput for what is no home."""
    require_home(place)
    place = Home(place.root)
    table = runs.read(place)
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "written_at": now.isoformat(timespec="seconds"),
        "release": _release(place, now),
        "last_run": _last_run(place, table),
        "failed_rules": _failed_rules(table),
        "set_aside": _set_aside(place),
        "sources": _sources(place, now),
        "schedule": _schedule(schedule, now),
        "disk": _disk(place, table, now),
        "releases": _releases(place),
    }
    needs = [{"about": about, "text": text} for about, text in _attention(found, now)]
    return {**found, "healthy": not needs, "attention": needs}


def require_home(place: Home) -> None:
    """Raise UnusableInput where there is no home, or nothing was ever delivered or published in it."""
    if not place.root.is_dir():
        raise UnusableInput(f"{place.root} is no home; name one that a run has filled (--home)")
    if not place.deliveries.is_dir() and not place.published.is_dir():
        raise UnusableInput(f"{place.root}: nothing was delivered or published here; name another --home, or run first")


def _release(place: Home, now: datetime) -> dict[str, Any] | None:
    """The release that `latest` names, its age in days since it was made, and what it changed."""
    named = latest.pointed(place)
    if named is None:
        return None
    folder = place.latest.resolve()
    manifest = latest.read_manifest(folder)
    made = runs.moment(named.created_at)
    return {
        "release_id": named.release_id,
        "period_end": named.period_end.isoformat(),
        "as_of": str(manifest.get("as_of") or ""),
        "made_at": named.created_at,
        "age_days": None if made is None else round((now - made).total_seconds() / space.DAY_SECONDS, 2),
        "synthetic": bool(manifest.get("synthetic", False)),
        "previous_release": manifest.get("previous_release"),
        "changes_note": str(manifest.get("changes_note", "")),
        "changed": _changed(folder / "changes.csv", str(manifest.get("method", ""))),
    }


def _changed(path: Path, method: str) -> dict[str, Any]:
    """Changed cells by table, and townships whose class or signal is another one by the leading method."""
    try:
        rows = pl.read_csv(path, infer_schema=False, glob=False)
        own = rows.filter((pl.col("table") == "township_index") & (pl.col("method") == method))
        counts = rows.group_by("table").len().sort("table")
        return {
            "cells": rows.height,
            "by_table": dict(counts.iter_rows()),
            "townships_by_class": {
                name: own.filter(pl.col("column") == name)["adm3_pcode"].n_unique() for name in CLASSES
            },
        }
    except (OSError, pl.exceptions.PolarsError):
        return {"cells": None, "by_table": {}, "townships_by_class": {}}


def _last_run(place: Home, table: Sequence[Run]) -> dict[str, Any] | None:
    """The run that ended last, or one that was killed since; a run that is at work is no last run yet."""
    last = runs.unsaid(place) or (table[-1] if table else None)
    return asdict(last) if last else None


def _failed_rules(table: Sequence[Run]) -> list[dict[str, Any]]:
    """The rules that failed in the last run, critical ones first; `is_new`: it passed in the last run that published.

    Where no run published before, none is new.
    """
    last = table[-1] if table else None
    if last is None:
        return []
    before = next((run for run in reversed(table[:-1]) if run.succeeded), None)
    known = {one.key for one in before.failed_rules} if before else {one.key for one in last.failed_rules}
    ordered = sorted(last.failed_rules, key=lambda one: (one.severity != Severity.CRITICAL, one.key))
    return [{**asdict(one), "is_new": one.key not in known} for one in ordered]


def _set_aside(place: Home) -> list[dict[str, Any]]:
    """Rows that were not used in the last release, by delivery and reason, with the remedy."""
    tables = place.latest.resolve() / "tables"
    try:
        counts = pl.read_parquet(tables / "set_aside_summary.parquet")
        names = pl.read_parquet(tables / "deliveries.parquet").select("delivery_id", "kind", "file_name")
        rows = counts.join(names, on="delivery_id", how="left").sort("kind", "file_name", "delivery_id", "reason")
    except (OSError, pl.exceptions.PolarsError):
        return []
    known = tuple(Reason)
    return [
        {**row, "remedy": REASON_REMEDY[Reason(row["reason"])] if row["reason"] in known else ""}
        for row in rows.to_dicts()
    ]


def _sources(place: Home, now: datetime) -> list[dict[str, Any]]:
    """Every source with deliveries in force: when it last sent something, and whether it is silent by its cadence."""
    ages = freshness.source_ages(deliveries.in_force(place), now.astimezone(settings.MYANMAR).date())
    return [
        {
            "source_key": one.source_key,
            "title": one.title,
            "cadence": one.cadence,
            "received_on": one.newest.received_day.isoformat(),
            "age_days": one.days,
            "silent_after_days": one.silent_after_days,
            "is_silent": one.is_silent,
        }
        for one in ages
    ]


def _schedule(schedule: Schedule, now: datetime) -> dict[str, Any]:
    seen = schedule.daemon_seen_at
    return {
        "is_on": schedule.is_on,
        "next_at": schedule.next_at.isoformat(timespec="minutes") if schedule.next_at else None,
        "daemon_seen_at": seen.isoformat(timespec="seconds") if seen else None,
        "daemon_is_alive": seen is not None and now - seen < SILENT_DAEMON,
    }


def _disk(place: Home, table: Sequence[Run], now: datetime) -> dict[str, Any]:
    """Bytes used by first folder of the home, what is free, the pace and the days left."""
    used = space.used_by(place)
    found = space.outlook(runs.measured(list(table)), space.free_at(place.root), now)
    return {
        "home_bytes": sum(used.values()),
        "by_folder": used,
        "free_bytes": found.free,
        "bytes_a_day": None if found.growth is None else round(found.growth),
        "days_left": None if found.days_left is None else round(found.days_left, 1),
        "full_on": space.day_full(found, now) or None,
        "told": space.told_outlook(found),
    }


def _releases(place: Home) -> dict[str, Any]:
    """How many releases stand, which are pinned, which wait for a person, which cannot be read."""
    found, unreadable = latest.standing(place)
    waiting, _ = held.releases(place)
    return {
        "count": len(found),
        "pinned": pins.pinned(place),
        "held": sorted(one.release_id for one in waiting),
        "unreadable": unreadable,
    }


def _attention(found: Facts, now: datetime) -> Iterator[tuple[str, str]]:
    """(which part, what a person must know and do) of everything that is not as it should be."""
    yield from _attention_runs(found, now)
    for rule in found["failed_rules"]:
        # Old records need a person every day: a run that takes nothing new is no news.
        if rule["severity"] == Severity.CRITICAL or rule["is_new"] or rule["rule"] == STALE:
            new = ", new in the last run" if rule["is_new"] and rule["severity"] != Severity.CRITICAL else ""
            yield "failed_rules", f"{rule['table']}: {rule['rule']} ({rule['severity']}{new}): {rule['note']}"
    for source in found["sources"]:
        if source["is_silent"]:
            yield (
                "sources",
                f"{source['title']} sent nothing for {source['age_days']} days (cadence: {source['cadence']}); "
                "fetch it, or ask who sends it",
            )
    schedule = found["schedule"]
    if schedule["is_on"] and not schedule["daemon_is_alive"]:
        seen = f"was last seen at {schedule['daemon_seen_at']}" if schedule["daemon_seen_at"] else "was never seen"
        yield "schedule", f"the schedule is on and its daemon {seen}: nothing runs; start township-index dev"
    yield from _attention_disk(found["disk"])
    for name in found["releases"]["held"]:
        yield "releases", f"{name} is held and waits for somebody to publish or withdraw it"
    for name in found["releases"]["unreadable"]:
        yield "releases", f"{name} has no manifest that can be read; township-index doctor says more"


def _attention_runs(found: Facts, now: datetime) -> Iterator[tuple[str, str]]:
    release, last = found["release"], found["last_run"]
    if release is None:
        yield "release", "latest names no release that can be read; run, or ask township-index doctor"
    elif release["age_days"] is not None:
        most = freshness.release_days(found["schedule"]["is_on"])
        if release["age_days"] > most and not _went_well(last, now, most):
            yield "release", f"{release['release_id']} is {release['age_days']:.0f} days old, more than {most}; run"
    if last is not None and last["outcome"] not in (Outcome.PUBLISHED, Outcome.HELD, Outcome.PARTIAL):
        yield "last_run", f"{last['outcome']}: {last['message']}"


def _went_well(last: Facts | None, now: datetime, days: int) -> bool:
    """Whether a run published within so many days: with nothing new it makes the same release, which keeps its day."""
    ended = runs.moment(last["ended_at"]) if last and last["outcome"] == Outcome.PUBLISHED else None
    return ended is not None and now - ended <= timedelta(days=days)


def _attention_disk(disk: Facts) -> Iterator[tuple[str, str]]:
    left = disk["days_left"]
    if disk["free_bytes"] < declared.FREE_BYTES_LEAST.value:
        yield "disk", f"{space.told(disk['free_bytes'])} free; township-index prune says what may go"
    elif left is not None and left < declared.DAYS_LEFT_NOTE.value:
        yield "disk", f"{disk['told']}; township-index prune says what may go"


def lines(found: Facts, busy: str = "") -> Iterator[str]:
    """The facts as text: a line or block each, those that need a person marked with `!`, and what to do at the end."""
    marked = {one["about"] for one in found["attention"]}

    def line(about: str, text: str) -> str:
        return f"{'!' if about in marked else ' '} {about.replace('_', ' '):13} {text}"

    if busy:
        yield line("at work", busy)
    yield from (line("release", text) for text in _release_lines(found["release"]))
    yield line("last_run", _run_line(found["last_run"]))
    rules = found["failed_rules"]
    yield line("failed_rules", f"{len(rules)}" if rules else "none")
    yield from (f"    {one['severity']}: {one['table']}: {one['rule']}: {one['note']}" for one in rules[:SHOWN])
    yield from _more(rules)
    aside = found["set_aside"]
    yield line("set_aside", f"{sum(one['rows_count'] for one in aside):,} rows" if aside else "no row")
    for one in aside[:SHOWN]:
        file = f"{one['kind']}/{one['file_name']} ({one['delivery_id']})"
        yield f"    {file}: {one['rows_count']:,} {one['reason']}. {one['remedy']}"
    yield from _more(aside)
    for one in found["sources"]:
        limit = "" if one["silent_after_days"] is None else f", silent after {one['silent_after_days']} days"
        text = f"{one['title']}: last received {one['age_days']} days ago (cadence: {one['cadence']}{limit})"
        yield f"{'!' if one['is_silent'] else ' '} {'source':13} {text}"
    yield line("schedule", _schedule_line(found["schedule"]))
    disk = found["disk"]
    yield line("disk", f"{space.told(disk['home_bytes'])} used, {disk['told']}")
    listed = ((word, found["releases"][word]) for word in ("pinned", "held"))
    named = "".join(f"; {word}: {', '.join(names)}" for word, names in listed if names)
    yield line("releases", f"{found['releases']['count']} stand{named}")
    yield ""
    if found["healthy"]:
        yield "healthy"
    else:
        yield f"needs attention: {len(found['attention'])}"
        yield from (f"! {one['about'].replace('_', ' ')}: {one['text']}" for one in found["attention"])


def _more(listed: Sequence[Any]) -> Iterator[str]:
    if len(listed) > SHOWN:
        yield f"    … and {len(listed) - SHOWN:,} more (--json)"


def _release_lines(release: Facts | None) -> Iterator[str]:
    if release is None:
        yield "none"
        return
    age = "of unknown age" if release["age_days"] is None else f"{release['age_days']:.1f} days old"
    invented = ", SYNTHETIC" if release["synthetic"] else ""
    yield f"{release['release_id']}, data to {release['period_end']}, {age}{invented}"
    changed = release["changed"]
    if changed["cells"] and release["previous_release"]:
        classes = ", ".join(f"{count} {name}" for name, count in changed["townships_by_class"].items() if count)
        told = f"; townships with another {classes}" if classes else "; no class changed"
        yield f"changed since {release['previous_release']}: {changed['cells']:,} figures{told}"
    elif release["previous_release"]:
        yield f"changed since {release['previous_release']}: nothing. {release['changes_note']}".rstrip()
    else:
        yield release["changes_note"]


def _run_line(run: Facts | None) -> str:
    if run is None:
        return "none is noted; the next one is"
    spent = ", ".join(
        text
        for value, text in (
            (run["seconds"], f"{run['seconds']} s"),
            (run["cpu_seconds"], f"{run['cpu_seconds']} CPU s"),
            (run["peak_memory_bytes"], f"{space.told(run['peak_memory_bytes'] or 0)} of memory at most"),
            (run["rows_in"], f"{run['rows_in'] or 0:,} rows in, {run['rows_set_aside'] or 0:,} set aside"),
        )
        if value is not None
    )
    ended = run["ended_at"] or f"{run['started_at']} (begun)"
    return f"{run['outcome']} at {ended} by {run['started_by']}{': ' + spent if spent else ''}"


def _schedule_line(schedule: Facts) -> str:
    if not schedule["is_on"]:
        return f"off; {settings.SCHEDULE_VARIABLE}=1 switches it on for township-index dev"
    return f"on, next at {schedule['next_at']}"


def show(place: Home, schedule: Schedule, now: datetime, as_json: bool) -> int:
    """Print how the home stands; returns HEALTHY or ATTENTION. Raises UnusableInput for what is no home."""
    found = facts(place, now, schedule)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        busy = f"process {holder(place)} works in this home now" if is_held(place) else ""
        print("\n".join(lines(found, busy)))
    return HEALTHY if found["healthy"] else ATTENTION
