"""What of a home may go by policy: old releases, what withdrawn ones held, databases that nobody goes back to, replaced
caches, old working files, old logs, litter of killed runs.

Deliveries are never touched, nor what somebody else put into the home. A folder is renamed before it is deleted, so
that a kill leaves a whole release or litter, never half a release; litter goes at the next time.
"""

import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from pipeline.declare import retention, settings
from pipeline.declare.codes import Profile
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.storage import held, latest, logs, pins, withdrawals
from pipeline.storage.latest import MANIFEST, Standing, read_manifest
from pipeline.storage.release_folder import GONE
from pipeline.storage.space import size_of, told

_KEYED = re.compile(r"(.+)-[0-9a-f]{8,}(\.\w+)")


class Why(StrEnum):
    """Why a release stays."""

    PINNED = "pinned"
    ADDRESSED = "named by latest or a month"
    UNDATED = "of no known day"
    MONTH = "the last made in a month"
    RECENT = "of the last days"


class Sort(StrEnum):
    """Kinds of what may go, in the order in which they are told."""

    RELEASES = "releases"
    WITHDRAWN = "withdrawn releases"
    DATABASES = "analysts' databases"
    RUNS = "run records"
    CACHES = "caches"
    WORKING = "working files"
    LOGS = "logs"
    LITTER = "litter of killed runs"


@dataclass(frozen=True)
class Policy:
    """Releases made in the last `days` stay; together with those of the months they take at most `most_bytes`.

    What a withdrawn release held stays as many days after the withdrawal, and counts towards `most_bytes`.
    """

    days: int
    most_bytes: float | None = None

    def __str__(self) -> str:
        most = "" if self.most_bytes is None else f"; daily ones as long as all take less than {told(self.most_bytes)}"
        return f"all of the last {self.days} days, then the newest of each month; pinned ones for ever{most}"


@dataclass(frozen=True)
class Dated:
    """A release, the day it was made (None where its manifest does not say), and its size on the disk in bytes."""

    standing: Standing
    made: date | None
    size: int = 0

    @property
    def name(self) -> str:
        return self.standing.release_id


@dataclass(frozen=True)
class Former:
    """What a withdrawn release held and may go, the day since which it is withdrawn, and the size in bytes."""

    name: str
    since: date
    paths: tuple[Path, ...]
    size: int = 0


@dataclass(frozen=True)
class Item:
    """A file or folder that may go, and what that frees in bytes."""

    sort: Sort
    path: Path
    size: int


def policy(keep: int | None = None, stated: str = "") -> Policy:
    """The policy for a number of days that was asked for, else that of the environment, else the declared one.

    Who names the days gets them whatever they take. Raises UnusableInput for what is no number of days from 1 on.
    """
    if keep is None and not stated.strip():
        return Policy(int(retention.RELEASE_DAYS.value), retention.RELEASES_BYTES.value)
    said_by = "--keep" if keep is not None else retention.KEEP_VARIABLE
    text = str(keep) if keep is not None else stated.strip()
    if not re.fullmatch(r"\d{1,5}", text) or int(text) < 1:
        raise UnusableInput(f"{said_by} {text!r} is no number of days; give a whole number from 1 to 99999")
    return Policy(int(text))


def kept(
    found: Sequence[Dated], addressed: Collection[str], pinned: Collection[str], today: date, policy: Policy
) -> dict[str, Why]:
    """Name -> why it stays, of every release that does.

    Pinned ones; those that an address leads to (`addressed`); of a month in which releases were made and that no
    address leads to the last one made; those made in the last days of the policy, today's among them; and those of
    which nobody can say when they were made. Where all of them take more than the policy allows, releases of the last
    days go that are nothing else: first those that were replaced on the same day, then the oldest, but never the last
    ones made on each of the last RELEASE_DAYS_LEAST days.
    """
    why: dict[str, Why] = {}
    for one in found:
        if one.name in pinned:
            why[one.name] = Why.PINNED
        elif one.name in addressed:
            why[one.name] = Why.ADDRESSED
        elif one.made is None:
            why[one.name] = Why.UNDATED
    dated = sorted((one for one in found if one.made is not None), key=_when)
    for _, group in groupby(dated, key=lambda one: _day(one).replace(day=1)):
        made = list(group)
        if not any(one.name in addressed for one in made):
            why.setdefault(made[-1].name, Why.MONTH)
    recent = [one for one in dated if one.name not in why and (today - _day(one)).days < policy.days]
    why.update({one.name: Why.RECENT for one in recent})
    if policy.most_bytes is not None:
        total = sum(one.size for one in found if one.name in why)
        for one in _giving_way(dated, recent, today):
            if total <= policy.most_bytes:
                break
            total -= one.size
            del why[one.name]
    return why


def _when(one: Dated) -> tuple[date, str, str]:
    return _day(one), one.standing.created_at, one.name


def _day(one: Dated) -> date:
    return one.made or date.min


def _giving_way(dated: Sequence[Dated], recent: Sequence[Dated], today: date) -> Iterator[Dated]:
    """The releases of the last days in the order in which they go where room is short."""
    last_of_day = {_day(one): one.name for one in dated}
    yield from (one for one in recent if last_of_day[_day(one)] != one.name)
    least = retention.RELEASE_DAYS_LEAST.value
    yield from (one for one in recent if last_of_day[_day(one)] == one.name and (today - _day(one)).days >= least)


def dated(home: Home) -> list[Dated]:
    """The releases of the home's profile with day and size, the newest edition last; those that cannot be read not."""
    return [Dated(one, made_on(one), size_of([home.releases / one.release_id])) for one in latest.standing(home)[0]]


def made_on(one: Standing) -> date | None:
    """The day in Myanmar on which a release was made; a manifest that does not say names the day of its knowledge."""
    return _day_of(one.created_at) or (one.known if one.known > date.min else None)


def _day_of(at: str) -> date | None:
    """The day in Myanmar of a stated time; None where it is none."""
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (found.astimezone(settings.MYANMAR) if found.tzinfo else found).date()


def addressed(home: Home, found: Iterable[Dated]) -> frozenset[str]:
    """The releases that `latest` and the addresses of months lead to."""
    months = latest.by_month([one.standing for one in found], latest.pointed(home))
    named = {home.latest.resolve().name} if home.latest.exists() else set()
    return frozenset({*months.values(), *named})


def profiles(home: Home) -> tuple[Home, Home]:
    """The home in both profiles: what is pruned is pruned of both, each by itself."""
    return Home(home.root), Home(home.root, Profile.INTERNAL)


@dataclass(frozen=True)
class Standings:
    """Of one profile: why each release stays, those that may go, the oldest edition first, and what of withdrawn ones
    may go."""

    why: Mapping[str, Why]
    going: tuple[Dated, ...]
    withdrawn: tuple[Item, ...] = ()


def standings(home: Home, today: date, policy: Policy) -> Standings:
    """What stays and what may go of the releases of a profile, withdrawn ones too. Changes nothing."""
    found, pinned = dated(home), pins.pinned(home)
    named = addressed(home, found)
    before = former(home, pinned)
    if policy.most_bytes is None:
        gone = former_going(before, today, policy)
    else:
        by_days = kept(found, named, pinned, today, replace(policy, most_bytes=None))
        room = policy.most_bytes - sum(one.size for one in found if one.name in by_days)
        gone = former_going(before, today, replace(policy, most_bytes=room))
        policy = replace(policy, most_bytes=policy.most_bytes - sum(one.size for one in before if one not in gone))
    why = kept(found, named, pinned, today, policy)
    items = (Item(Sort.WITHDRAWN, path, size_of([path])) for one in gone for path in one.paths)
    return Standings(why, tuple(one for one in found if one.name not in why), tuple(items))


def former(home: Home, pinned: Collection[str]) -> list[Former]:
    """What withdrawn releases of the profile held, the oldest withdrawal first; each page that says why is no part.

    Of a release that was withdrawn while it was held nothing else says so: its manifest stays. What is pinned, what is
    being withdrawn and what cannot be read is left out.
    """
    busy = {*pinned, *(path.stem for path in home.withdrawn.glob("*.json"))}
    names = {path.name if path.is_dir() else path.stem for path in home.withdrawn.glob("*")}
    found = []
    for name in sorted(name for name in names - busy if settings.RELEASE_NAME.fullmatch(name)):
        since = _withdrawn_on(home, name)
        paths = tuple(_held_by(home, name))
        if since is not None and paths:
            found.append(Former(name, since, paths, size_of(paths)))
    return sorted(found, key=lambda one: (one.since, one.name))


def _withdrawn_on(home: Home, name: str) -> date | None:
    """The day in Myanmar on which a release was withdrawn; None where nothing says so."""
    for folder in (home.withdrawn / name, home.releases / name):
        try:
            found = withdrawals.of_manifest(read_manifest(folder), name)
        except (OSError, ValueError):
            continue
        if found is not None:
            return _day_of(found.at)
    return None


def _held_by(home: Home, name: str) -> Iterator[Path]:
    folder, database = home.withdrawn / name, home.withdrawn / f"{name}.duckdb"
    if folder.is_dir() and (home.releases / name).is_dir():
        yield folder
    elif folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if path.name != MANIFEST)
    if database.is_file():
        yield database


def former_going(found: Sequence[Former], today: date, policy: Policy) -> list[Former]:
    """Those that were withdrawn before the days of the policy; where room is short the oldest too, but never one that
    was withdrawn in the last RELEASE_DAYS_LEAST days."""
    going = [one for one in found if (today - one.since).days >= policy.days]
    left = [one for one in found if one not in going]
    total = sum(one.size for one in left)
    for one in left:
        if policy.most_bytes is None or total <= policy.most_bytes:
            break
        if (today - one.since).days >= retention.RELEASE_DAYS_LEAST.value:
            total -= one.size
            going.append(one)
    return going


def old_files(home: Home, now: datetime) -> list[Item]:
    """Everything but releases and run records that may go: replaced caches, old working files, old logs, litter."""
    found = [(Sort.DATABASES, path) for path in _databases(home, now)]
    found += [(Sort.CACHES, path) for path in _replaced(home.cache, now)]
    found += [(Sort.WORKING, path) for path in _working(home, now)]
    found += [(Sort.LOGS, path) for path in logs.rotated(home) if _older(path, now, retention.LOG_DAYS.value)]
    found += [(Sort.LITTER, path) for path in _litter(home, now)]
    return [Item(sort, path, size_of([path])) for sort, path in found]


def _databases(home: Home, now: datetime) -> Iterator[Path]:
    """Kept analysts' databases of no held release to which no withdrawal leads back.

    A withdrawal of what `latest` names leads to the newest edition beside it. Those of the last week stay, as do those
    of pinned releases.
    """
    public = Home(home.root)
    pointed = latest.pointed(public)
    named = pointed.release_id if pointed else ""
    beside = [one.release_id for one in latest.standing(public)[0] if one.release_id != named]
    begun = [note.release_id for one in profiles(home) for note in held.begun(one)]  # on its way out of `held`
    needed = {named, *beside[-1:], *pins.pinned(public), *begun}
    for path in sorted(home.snapshots.glob("*.duckdb")):
        waits = any(held.folder_of(one, path.stem).is_dir() for one in profiles(home))
        if path.stem not in needed and not waits and _older(path, now, retention.RELEASE_DAYS_LEAST.value):
            yield path


def _replaced(cache: Path, now: datetime) -> Iterator[Path]:
    """Files of the cache, named by what they were made from, that a newer one of the same kind replaced."""
    groups: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(cache.glob("*")) if cache.is_dir() else ():
        keyed = _KEYED.fullmatch(path.name)
        if keyed and path.is_file():
            groups.setdefault((keyed[1], keyed[2]), []).append(path)
    for paths in groups.values():
        *replaced, _ = sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name))
        yield from (path for path in replaced if _older(path, now, retention.CACHE_DAYS.value))


def _working(home: Home, now: datetime) -> Iterator[Path]:
    team = Home(home.root, Profile.INTERNAL)
    candidates = [*home.warehouse.glob("*.damaged*"), *home.warehouse.glob(f"{team.work_database.name}*")]
    yield from (path for path in sorted(candidates) if _older(path, now, retention.WORKING_DAYS.value))


def _litter(home: Home, now: datetime) -> Iterator[Path]:
    """Half-built and half-deleted releases, and what DuckDB spilled in a run that was killed."""
    for one in profiles(home):
        for folder in (one.releases, one.held, one.withdrawn):
            yield from sorted(path for start in (".building-", GONE) for path in folder.glob(f"{start}*"))
    spilled = sorted(home.warehouse.glob("*.duckdb.tmp"))
    yield from (path for path in spilled if _older(path, now, retention.LITTER_DAYS.value))


def _older(path: Path, now: datetime, days: float) -> bool:
    return datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo) < now - timedelta(days=days)


def remove(path: Path) -> None:
    """Delete a file at once, a folder by way of another name: whoever looks sees all of it or nothing."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    if not path.name.startswith(GONE):
        gone = path.with_name(f"{GONE}{path.name}")
        if gone.exists():  # of a time before, cut in two by a kill
            shutil.rmtree(gone)
        path = path.rename(gone)
    shutil.rmtree(path)


def by_sort(items: Iterable[Item]) -> Mapping[Sort, list[Item]]:
    """The items of each kind that has some, in the order of the kinds."""
    listed = list(items)
    return {sort: own for sort in Sort if (own := [one for one in listed if one.sort == sort])}
