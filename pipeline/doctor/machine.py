"""Checks of the machine and its settings: Python, packages, disk, memory, keys, schedule, browser, clock."""

import os
import re
import shutil
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline import deliveries, settings
from pipeline.doctor.findings import NOTE, OK, PROBLEM, Said, nearest
from pipeline.settings import REPOSITORY, Home

DISK_LEAST_BYTES, DISK_COMFORTABLE_BYTES = 1_000_000_000, 5_000_000_000  # a release and its copy take some 200 MB
MEMORY_LEAST_BYTES = 1_500_000_000  # a run with real boundaries peaks at about one gigabyte in two processes
KEYS = ("UCDP_ACCESS_TOKEN", "ACLED_USERNAME", "ACLED_PASSWORD", "IDMC_CLIENT_ID")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome-headless-shell")


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
            if version(name) != wanted:
                other.append(f"{name} {version(name)} (locked: {wanted})")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        yield PROBLEM, f"{len(missing)} missing: {', '.join(missing[:5])}; run `make install`"
    if other:
        yield NOTE, f"{len(other)} in other versions: {', '.join(other[:5])}; `make install` brings the locked ones"
    if not missing and not other:
        yield OK, f"{len(locked)} as in requirements.lock"


def space(place: Home) -> Said:
    free = shutil.disk_usage(nearest(place.root)).free
    text = f"{free / 1e9:,.1f} GB free"
    if free < DISK_LEAST_BYTES:
        yield PROBLEM, f"{text} at {place.root}; make room (old releases below published/ can go)"
    else:
        yield (OK, text) if free >= DISK_COMFORTABLE_BYTES else (NOTE, f"{text}; room for few releases more")


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
    states = [f"{name} {'set' if os.environ.get(name) or name in stated else 'not set'}" for name in KEYS]
    yield OK, ", ".join(states)


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
