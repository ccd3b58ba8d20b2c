"""`township-index doctor`: is this machine and this home fit for a run, and what to do where it is not.

Checks of the machine: Python, packages, disk, memory, keys, schedule, browser, clock. Checks of one home: rights,
lock, landings, litter, databases, release, boundaries, reference, corrections, inbox.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from pipeline.declare import retention, settings
from pipeline.declare.codes import Kind, Profile
from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import METHODS
from pipeline.declare.settings import REFERENCE, REPOSITORY, Home
from pipeline.fetching.keys import NAMES
from pipeline.ingest import inbox
from pipeline.ingest.corrections import read_all
from pipeline.storage import deliveries, held, latest, release_folder, runs, saved_methods, withdrawals
from pipeline.storage import space as disk_space
from pipeline.storage.lock import holder, is_held
from pipeline.storage.targets import is_set, read_targets

OK, NOTE, PROBLEM = "ok", "note", "problem"
Said = Iterator[tuple[str, str]]  # state, and how it stands with what to do about it
Check = Callable[[Home], Said]


def nearest(path: Path) -> Path:
    """The path itself, else the nearest folder above it that exists."""
    return next(p for p in (path, *path.parents) if p.exists())


EXPIRY_NOTICE = timedelta(days=60)
LITTER = ("deliveries/*/.*.part", "warehouse/.*.part*", "published/.building-*", "published/.old-*",
          "internal/.building-*", "internal/.old-*", "held*/.building-*", "held*/.old-*", "published/.gone-*",
          "internal/.gone-*")  # fmt: skip


def writable(place: Home) -> Said:
    above = nearest(place.root)
    if above != place.root:
        can = above.is_dir() and os.access(above, os.W_OK | os.X_OK)
        yield (
            (OK, f"{place.root} is not there yet and can be made")
            if can
            else (
                PROBLEM,
                f"{place.root} cannot be made below {above}; mend its rights or choose another --home",
            )
        )
        return
    for folder in (place.root, place.deliveries, place.warehouse, place.published, place.internal):
        if folder.exists():
            try:
                with tempfile.TemporaryFile(dir=folder):
                    pass
            except OSError as error:
                yield (
                    PROBLEM,
                    f"{folder} cannot be written ({error.strerror}); mend its rights or choose another --home",
                )
                return
    yield OK, str(place.root)


def lock(place: Home) -> Said:
    if is_held(place):
        yield NOTE, f"process {holder(place)} is running in this home; wait for it, or end it if it hangs"
    else:
        yield OK, "no run holds this home"


def landings(place: Home) -> Said:
    faults = deliveries.damaged(place)
    for fault in faults:
        yield PROBLEM, f"{fault}; remove its .json and .parquet and deliver the file again"
    if not faults:
        yield OK, f"{len(deliveries.in_force(place))} in force"


def litter(place: Home) -> Said:
    left = [path for pattern in LITTER for path in place.root.glob(pattern)]
    left += [p for p in place.deliveries.glob("*/*.parquet") if not p.with_suffix(".json").exists()]
    if left:
        yield NOTE, f"{len(left)} left by a killed run, such as {left[0].name}; the next run clears them"
    cut = [one.release_id for one in withdrawals.begun(place)] + [one.release_id for one in held.begun(place)]
    if cut:
        yield PROBLEM, f"{cut[0]}: its withdrawal or publication was cut off; the next run completes it"
    aside = sorted(place.warehouse.glob("*.damaged*"))
    if aside:
        yield NOTE, f"{aside[0].name} was moved aside by an earlier run; remove it when you have looked at it"
    if not left and not aside and not cut:
        yield OK, "none"


def databases(place: Home) -> Said:
    from pipeline.storage.warehouse import look_at, wal_of

    for path, remedy in (
        (place.work_database, "remove it: the next run rebuilds it from the deliveries"),
        (Home(place.root, Profile.INTERNAL).work_database, "remove it: the next internal run rebuilds it"),
        (place.analysts_database, "remove it and run again"),
    ):
        if not path.exists():
            continue
        fault, wal = look_at(path), wal_of(path)
        if wal.exists() and path == place.analysts_database:
            yield (
                PROBLEM if fault else NOTE,
                f"{wal.name} was left by a client that had {path.name} open for writing{f' ({fault})' if fault else ''}"
                "; remove it when no client is at work: it holds what the client wrote and nothing of ours. "
                "The next run that replaces the database clears it",
            )
        else:
            yield (PROBLEM, f"{path.name} {fault}; {remedy}") if fault else (OK, path.name)


def release(place: Home) -> Said:
    yield from _release(Home(place.root))
    team = Home(place.root, Profile.INTERNAL)
    if team.releases.is_dir():
        yield from ((state, f"internal: {text}") for state, text in _release(team))


def _release(place: Home) -> Said:
    found, unreadable = latest.standing(place)
    newest = found[-1] if found else None
    move = "run again"
    if newest:
        day = f"--period-end {newest.period_end} --as-of {newest.known} --profile {place.profile}"
        move = f"to move latest to it: township-index run {day} --make-latest"
    if not any(path.is_symlink() or path.exists() for path in (place.latest_link, place.latest_file)):
        if newest or unreadable:
            named = newest or unreadable[0]
            yield PROBLEM, f"releases lie in {place.releases}, such as {named}, and latest names none; {move}"
        elif withdrawals.published(place):
            yield NOTE, "every release was withdrawn (township-index releases list); run again on mended records"
        else:
            yield NOTE, "nothing was published yet; run first"
        return
    folder = place.latest.resolve()
    try:
        wrong = release_folder.altered(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield PROBLEM, f"latest points to {folder.name}, which is no whole release ({error}); {move}"
        return
    if wrong:
        yield PROBLEM, f"{folder.name}: {len(wrong)} files not as in its manifest, such as {wrong[0]}; run again"
    else:
        yield OK, f"{folder.name}, whole"
    now = latest.pointed(place)
    if now and newest and now.edition < newest.edition:
        yield NOTE, f"latest stands at {now}, and a newer edition lies beside it: {newest}; {move}"


def boundaries(place: Home) -> Said:
    chosen = [d for d in deliveries.in_force(place) if d.kind == Kind.BOUNDARIES]
    if chosen:
        yield OK, f"{chosen[-1].file_name} of {chosen[-1].received_day}"
    else:
        yield NOTE, "schematic shapes: good for a map, too rough near borders; put a boundary file into boundaries/"


def reference(_: Home) -> Said:
    import polars as pl

    from geo.townships import crosswalk, reference

    listed = reference().height
    old_codes = crosswalk().height
    tables = {
        "published_figures.csv": {"figure", "value", "unit", "reference_date", "source"},
        "actor_dialogue_2021.csv": {"counterpart", "actor", "bloc", "conflict_status", "dialogue_status"},
        "township_aliases.csv": set(),
    }
    for name, columns in tables.items():
        path = REFERENCE / name
        if name == "township_aliases.csv" and not path.exists():
            continue
        try:
            frame = pl.read_csv(path, infer_schema=False, comment_prefix="#", glob=False)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise UnusableInput(f"{path}: {error}; restore it with `git checkout -- data/reference`") from error
        if frame.is_empty() or not columns <= set(frame.columns):
            raise UnusableInput(f"{path}: rows or columns are gone; restore it with `git checkout -- data/reference`")
    yield OK, f"{listed} townships, {old_codes} old codes, {len(tables)} tables looked for"


def corrections(place: Home) -> Said:
    entries = read_all(place)
    today = datetime.now(settings.MYANMAR).date()
    for entry in (e for e in entries if e.until is None):
        if entry.expires < today:
            yield PROBLEM, f"{entry.where} expired on {entry.expires}; renew or remove it before the next delivery"
        elif entry.expires < today + EXPIRY_NOTICE:
            yield NOTE, f"{entry.where} expires on {entry.expires}; look whether the source still has the error"
    yield OK, f"{len(entries)} entries can be read"


def methods(place: Home) -> Said:
    for path in sorted(place.methods.glob("*.toml")):
        if path.stem in METHODS:
            yield NOTE, f"{path.name} bears the name of a method that ships and is never used; rename or remove it"
            continue
        try:
            saved_methods.read(place, path.stem)
        except UnusableInput as error:
            yield PROBLEM, str(error)
    yield OK, f"{len(saved_methods.names(place))} saved methods"


def inbox_files(place: Home) -> Said:
    if not place.inbox.is_dir() or not inbox.holds_files(place.inbox):
        yield OK, f"nothing in {place.inbox}"
        return
    refused = 0
    files = inbox.find_files(place.inbox)
    for one in files:
        try:
            inbox.judge([one], datetime.now(UTC))
        except UnusableInput as error:
            refused += 1
            yield PROBLEM, f"would be refused: {error}"
    if not refused:
        yield OK, f"{len(files)} files, all can be delivered"


DISK_COMFORTABLE_BYTES = 5_000_000_000  # a year of daily runs, pruned by policy
MEMORY_LEAST_BYTES = 1_500_000_000  # a run with real boundaries peaks at about one gigabyte in two processes
BROWSERS = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome", "chrome-headless-shell")


def python(_: Home) -> Said:
    here = sys.version.split()[0]
    if sys.version_info < (3, 11):  # noqa: UP036 (whoever starts it with another Python must be told)
        yield PROBLEM, f"{here}; install Python 3.11 or newer and run `make install`"
    else:
        yield OK, here


def packages(_: Home) -> Said:
    locked = re.findall(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", (REPOSITORY / "requirements.lock").read_text("utf-8"), re.M)
    missing, other = [], []
    for name, wanted in locked:
        try:
            if (here := _version(name)) != wanted:
                other.append(f"{name} {here} (locked: {wanted})")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        yield PROBLEM, f"{len(missing)} missing: {', '.join(missing[:5])}; run `make install`"
    if other:
        yield NOTE, f"{len(other)} in other versions: {', '.join(other[:5])}; `make install` brings the locked ones"
    if not missing and not other:
        yield OK, f"{len(locked)} as in requirements.lock"


def _version(name: str) -> str:
    """The version of an installed package by the head of its metadata, for most of it is a text that takes longer.

    Raises PackageNotFoundError.
    """
    package = distribution(name)
    head = (package.read_text("METADATA") or "").partition("\n\n")[0]
    stated = re.search(r"^Version:\s*(\S+)\s*$", head, re.M)
    return stated[1] if stated else package.version


def space(place: Home) -> Said:
    free = disk_space.free_at(place.root)
    found = disk_space.outlook(runs.measured(runs.read(place)), free, datetime.now(UTC))
    text = disk_space.told_outlook(found)
    left = float("inf") if found.days_left is None else found.days_left
    if free < retention.FREE_BYTES_LEAST.value or left < retention.DAYS_LEFT_PROBLEM.value:
        yield PROBLEM, f"{text} at {place.root}; make room: township-index prune says what may go"
    elif free < DISK_COMFORTABLE_BYTES or left < retention.DAYS_LEFT_NOTE.value:
        yield NOTE, f"{text}; township-index prune says what may go"
    else:
        yield OK, text


def memory(_: Home) -> Said:
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text("ascii"), re.M)
    except OSError:
        found = None
    if found is None:
        yield NOTE, "cannot be told on this system; a run needs about 1.5 GB"
        return
    free = int(found[1]) * 1024
    text = f"{free / 1e9:,.1f} GB available"
    yield (
        (OK, text) if free >= MEMORY_LEAST_BYTES else (PROBLEM, f"{text}; a run needs about 1.5 GB: end other programs")
    )


def keys(place: Home) -> Said:
    """Names only: a value must never be shown, nor how long it is."""
    from dotenv import dotenv_values

    files = dict.fromkeys(p for p in (Path.cwd() / ".env", REPOSITORY / ".env", place.root / ".env") if p.is_file())
    stated = {name for path in files for name, value in dotenv_values(path).items() if value}
    for path in files:
        if path.stat().st_mode & 0o077:
            yield PROBLEM, f"{path} can be read by others; run `chmod 600 {path}`"
    states = [f"{name} {'set' if os.environ.get(name) or name in stated else 'not set'}" for name in NAMES]
    yield OK, ", ".join(states)


def notifications(place: Home) -> Said:
    """By scheme and host: an address holds a password."""
    if not is_set(place, os.environ):
        yield NOTE, f"nobody is told how a run ends; name targets in {place.notify_file}"
        return
    targets = read_targets(place, os.environ)
    if place.notify_file.exists() and place.notify_file.stat().st_mode & 0o077:
        yield PROBLEM, f"{place.notify_file} can be read by others; run `chmod 600 {place.notify_file}`"
    yield OK, ", ".join(map(str, targets)) or "no targets"


def schedule(_: Home) -> Said:
    state = (
        "on" if settings.schedules_enabled() else f"off; {settings.SCHEDULE_VARIABLE}=1 switches it on for `make dev`"
    )
    yield OK, state


def browser(_: Home) -> Said:
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    yield (OK, found) if found else (NOTE, "no chromium found: only pictures of pages need it")


def clock(place: Home) -> Said:
    now = datetime.now(UTC)
    newest = max((d.received for d in deliveries.in_force(place)), default=now)
    shown = f"{now.astimezone():%Y-%m-%d %H:%M %Z} here, {now.astimezone(settings.MYANMAR):%Y-%m-%d %H:%M} in Myanmar"
    if newest > now + timedelta(minutes=5):
        yield PROBLEM, f"{shown}, but a file was received at {newest:%Y-%m-%d %H:%M} UTC; set the clock"
    else:
        yield OK, shown


CHECKS: dict[str, Check] = {
    "python": python, "packages": packages, "disk": space, "memory": memory,
    "home": writable, "lock": lock, "deliveries": landings, "litter": litter,
    "databases": databases, "release": release, "boundaries": boundaries,
    "reference": reference, "corrections": corrections, "methods": methods, "inbox": inbox_files,
    "keys": keys, "notify": notifications, "schedule": schedule, "browser": browser, "clock": clock,
}  # fmt: skip


def examine(place: Home) -> Iterator[tuple[str, str, str]]:
    """(name, state, text) of every check in order. A check that cannot be made is a problem, never a traceback."""
    for name, check in CHECKS.items():
        try:
            found = list(check(place))
        except (UnusableInput, OSError, ValueError) as error:
            found = [(PROBLEM, str(error))]
        yield from ((name, state, text) for state, text in found)


def report(place: Home) -> int:
    """Print a line per finding and their number; returns how many problems there are."""
    states = []
    for name, state, text in examine(place):
        print(f"{state:8} {name}: {text}")
        states.append(state)
    problems, notes = states.count(PROBLEM), states.count(NOTE)
    print(f"{problems or 'no'} problem{'s' * (problems != 1)}, {notes} note{'s' * (notes != 1)}")
    return problems
