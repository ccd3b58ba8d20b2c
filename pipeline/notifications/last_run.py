"""How the last run ended, in `HOME/notifications/last_run.json`, and what it has to say.

A run that failed leaves its findings; a published one leaves the name of its release and of the one before, whose files
are read when somebody is to be told.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.codes import Profile
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import MYANMAR, RELEASE_NAME, Home
from pipeline.notifications import findings
from pipeline.notifications.findings import Finding, Published
from pipeline.storage import deliveries, held, latest, runs, space
from pipeline.storage.disk import write_atomically
from pipeline.storage.freshness import source_ages


@dataclass(frozen=True)
class LastRun:
    """`release` is empty where the run failed; `failure` is empty where it published.

    `before` is the release to which the newest one is compared, `standing` the last one that `latest` moved to, and
    `went_well_at` when a run last published: what fails on since then is the same failure.
    """

    ended_at: str
    release: str = ""
    moved_latest: bool = False
    held: bool = False
    before: str = ""
    standing: str = ""
    went_well_at: str = ""
    failure: tuple[Finding, ...] = ()


def _path(place: Home) -> Path:
    internal = "_internal" if place.profile == Profile.INTERNAL else ""
    return place.notifications / f"last_run{internal}.json"


def read(place: Home) -> LastRun | None:
    """None where no run of this version ended in the home, or its note is damaged: the next run writes it anew."""
    try:
        stated = json.loads(_path(place).read_text(encoding="utf-8"))
        failure = tuple(findings.finding(one) for one in stated.pop("failure"))
        return LastRun(**stated, failure=failure)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write(place: Home, run: LastRun) -> None:
    text = {**asdict(run), "failure": [one.as_dict() for one in run.failure]}
    place.notifications.mkdir(parents=True, exist_ok=True)
    write_atomically(
        _path(place), lambda part: part.write_text(json.dumps(text, ensure_ascii=False, indent=1) + "\n", "utf-8")
    )


def published(place: Home, before: LastRun | None, release: str, now: datetime) -> LastRun:
    """The note of a run that published `release`, after the note of the run before it."""
    at = now.isoformat(timespec="seconds")
    if not (place.releases / release).is_dir() and held.is_one(place, release):
        return LastRun(at, release, held=True, standing=before.standing if before else "", went_well_at=at)
    moved = place.latest.resolve().name == release
    standing = before.standing if before else _last_but(place, release)
    compared = (before.before if before else "") if standing == release else standing
    if not moved:
        return LastRun(at, release, moved, standing=standing, went_well_at=at)
    return LastRun(at, release, moved, before=compared, standing=release, went_well_at=at)


def _last_but(place: Home, release: str) -> str:
    """The release that was made last before this one; empty where there is none."""
    found, _ = latest.standing(place)
    others = [one for one in found if one.release_id != release]
    return max(others, key=lambda one: one.created_at).release_id if others else ""


def failed(before: LastRun | None, failure: tuple[Finding, ...], now: datetime) -> LastRun:
    """The note of a run that failed: what was published before it stands."""
    return LastRun(
        now.isoformat(timespec="seconds"),
        before=before.before if before else "",
        standing=before.standing if before else "",
        went_well_at=before.went_well_at if before else "",
        failure=failure,
    )


def withdrawn(place: Home, noted: LastRun, release: str) -> LastRun:
    """The note once a release was withdrawn: the next one is compared with what `latest` names now."""
    named = latest.pointed(place)
    kept = replace(noted, release="", moved_latest=False, held=False) if noted.release == release else noted
    return replace(kept, standing=named.release_id if named else "") if kept.standing == release else kept


def of_home(place: Home) -> LastRun | None:
    """The last run as it was noted; of a home of an older version the release that `latest` names."""
    noted = read(place)
    if noted is not None:
        return noted
    named = latest.pointed(place)
    if named is None:
        return None
    before = _last_but(place, named.release_id)
    return LastRun(
        named.created_at, named.release_id, True, before=before, standing=named.release_id,
        went_well_at=named.created_at,
    )  # fmt: skip


def files_of(place: Home) -> dict[str, str]:
    """Delivery id -> kind and name of its file."""
    return {one.delivery_id: f"{one.kind}/{one.file_name}" for one in deliveries.history(place).deliveries}


def about(place: Home, ended_at: str) -> tuple[str, ...]:
    """What stands above the findings of a run: when it ended, in Myanmar's time, and where."""
    when = datetime.fromisoformat(ended_at).astimezone(MYANMAR)
    return (f"Run of {when:%Y-%m-%d %H:%M} (Myanmar), home {place.root}.",)


def of_killed(place: Home) -> tuple[Finding, ...]:
    """What is to be said of runs that were killed, in either profile, since the last but one that ended otherwise."""
    return findings.of_killed(runs.killed_lately(place), (f"Home {place.root}.",))


def of_disk(place: Home, now: datetime) -> tuple[Finding, ...]:
    """What is to be said of the room on the disk of a home."""
    measured, free = runs.measured(runs.read(place)), space.free_at(place.root)
    told = space.told_outlook(space.outlook(measured, free, now))
    return findings.of_disk(space.short_since(measured, free, now), told, (f"Home {place.root}.",))


def findings_of(place: Home, run: LastRun | None, now: datetime) -> tuple[Finding, ...]:
    """Everything that runs that were killed, the last run, the age of the sources and the disk have to say, whoever was
    told before; `run` is None where none ended.

    Raises UnusableInput where the release that it published is gone or damaged.
    """
    return (*of_killed(place), *(_of_ended(place, run, now) if run else ()), *of_disk(place, now))


def _of_ended(place: Home, run: LastRun, now: datetime) -> tuple[Finding, ...]:
    head = about(place, run.ended_at)
    ages = source_ages(deliveries.in_force(place), now.astimezone(MYANMAR).date())
    silent = findings.of_sources(ages, head)
    if not run.release:
        return (*run.failure, *silent)
    made = read_release(place, run.release, run.moved_latest, run.held)
    marks = ", ".join((*(("SYNTHETIC",) if "SYNTHETIC" in made.notice else ()), *(("internal",) * made.internal)))
    head = (*head, *((made.notice,) if made.notice else ()))
    found = [findings.of_publication(made, head)]
    if run.moved_latest:
        before = _release_before(place, run.before)
        found += findings.of_alerts(made, before, head)
        found += findings.of_warnings(made, before, files_of(place), head)
    return tuple(replace(one, marks=marks) for one in (*found, *silent))


def _release_before(place: Home, name: str) -> Published | None:
    """None where there was none, or it is no longer there or damaged."""
    try:
        return read_release(place, name, True) if name else None
    except UnusableInput:
        return None


def read_release(place: Home, name: str, moved_latest: bool, is_held: bool = False) -> Published:
    """What a release in the home says of itself. Raises UnusableInput where its manifest or checks cannot be read."""
    folder = held.folder_of(place, name) if is_held else place.releases / name
    try:
        if not RELEASE_NAME.fullmatch(name):
            raise ValueError("this is no name of a release")
        manifest = latest.read_manifest(folder)
        rules = json.loads((folder / "checks.json").read_text(encoding="utf-8"))
        return Published(
            release_id=name,
            period_end=manifest["period_end"],
            as_of=manifest["as_of"],
            notice=str(manifest.get("notice", "")),
            internal=manifest.get("profile") == Profile.INTERNAL,
            moved_latest=moved_latest,
            held=is_held,
            rules=tuple(rules),
            **_alerts(folder, manifest["method"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableInput(f"{folder}: this release is gone or damaged ({error}); run again") from error


def _alerts(folder: Path, method: str) -> Mapping[str, Any]:
    """Month, alerts and how many of them come by chance, from the tables; none where an older version made them."""
    none = {"month": None, "alerts": None, "alerts_by_chance": None}
    tables = folder / "tables"
    try:
        names = ("method", "month", "adm3_pcode", "adm3_name", "signal")
        index = _columns(tables / "township_index.parquet", *names, may_lack=("in_publication_lag",))
        summary = _columns(tables / "national_summary.parquet", "method", "month", "alerts_false_expected")
    except (OSError, pl.exceptions.PolarsError):
        return none
    found = findings.alerts_of(index, method)
    if found is None:
        return none
    month, alerts = found
    chance = summary.filter((pl.col("method") == method) & (pl.col("month") == month))["alerts_false_expected"]
    return {"month": month, "alerts": alerts, "alerts_by_chance": chance.first()}


def _columns(path: Path, *names: str, may_lack: tuple[str, ...] = ()) -> pl.DataFrame:
    """Columns of a table; a release of an older version may lack some."""
    held = [name for name in may_lack if name in pl.read_parquet_schema(path)]
    return pl.read_parquet(path, columns=[*names, *held], glob=False, hive_partitioning=False)
