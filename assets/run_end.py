"""A run that ends notes how it ended in its home, and tells who is to be told.

Nothing here can fail a run: what cannot be sent is a line. Whoever comes second, the command or a sensor, finds in the
ledger what was sent. What looks into tables is imported where somebody is told: the command starts without.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assets import failures
from pipeline.declare.settings import MYANMAR, Home
from pipeline.storage import last_fetch, runs
from pipeline.storage.targets import is_set, read_targets

if TYPE_CHECKING:
    from pipeline.notifications.findings import Finding
    from pipeline.notifications.last_run import LastRun


@dataclass
class Ending:
    """Filled in by a run of the command as it goes."""

    began: bool = False  # files were taken and the job is started: a refused run leaves nothing behind
    release: Path | None = None


@contextmanager
def at_the_end(place: Home, say: Callable[[str], None] = print) -> Iterator[Ending]:
    """Tell at the end of what runs inside how it went. What it raises goes on as it was."""
    ending = Ending()
    try:
        yield ending
    except Exception as error:
        guarded(partial(failed, place, "the run", error, ending.began), say)
        raise
    if ending.release is not None:
        guarded(partial(succeeded, place, ending.release.name), say)


def guarded(tell: Callable[[], list[str]], say: Callable[[str], None]) -> None:
    try:
        said = tell()
    except Exception as error:
        said = [f"notify: nothing was sent: {error}"]
    for line in said:
        say(f"  {line}")


def failed(place: Home, name: str, error: Exception, began: bool = True) -> list[str]:
    """Note that a run ended with an error and tell of it; the lines to say.

    One that was refused before the job was started leaves the home as it was, where nobody is to be told.
    """
    if not began and not is_set(place, os.environ):
        return []
    from pipeline.notifications import last_run

    now, before = datetime.now(UTC), last_run.read(place)
    found = _findings(place, name, error, before.went_well_at if before else "", now)
    run = last_run.failed(before, found, now)
    last_run.write(place, run)
    return _tell(place, run, now)


@contextmanager
def downloading(place: Home, source: str, say: Callable[[str], None] = print) -> Iterator[None]:
    """Tell of a download by hand that fails inside. What it raises goes on as it was."""
    try:
        yield
    except Exception as error:
        guarded(partial(download_failed, place, last_fetch.job_of(source), error), say)
        raise


def download_failed(place: Home, job: str, error: Exception) -> list[str]:
    """Tell of a download that failed, by hand or by its schedule. It is no run: none is noted."""
    if not is_set(place, os.environ):
        return []
    from pipeline.notifications import delivery

    now = datetime.now(UTC)
    found = _findings(place, job, error, last_fetch.went_well_at(place, job), now)
    return delivery.deliver(place, read_targets(place, os.environ), found, now.astimezone(MYANMAR).date())


def killed(place: Home) -> list[str]:
    """Tell of runs that were killed, where somebody is to be told who was not yet; the lines to say."""
    if not is_set(place, os.environ):
        return []
    left = runs.killed_lately(place)
    if not left:
        return []
    from pipeline.notifications import delivery, last_run, ledger

    found, targets = last_run.of_killed(place), read_targets(place, os.environ)
    accounts = ledger.read(place)
    if all(accounts.get(t.identity, ledger.Account()).knows(one.key) for t in targets for one in found):
        return []  # what waits is tried again by others: a monitor asks every minute
    return delivery.deliver(place, targets, found, datetime.now(MYANMAR).date())


def _findings(place: Home, name: str, error: Exception, since: str, now: datetime) -> "tuple[Finding, ...]":
    from pipeline.notifications import findings, last_run

    worded = failures.said(error, place.root)
    text = worded[1] if worded else f"{type(error).__name__}: {error}; this is a fault of the program, see its output"
    rules = getattr(error, "rules", ())
    return findings.of_failure(
        name, text, rules, last_run.files_of(place), last_run.about(place, now.isoformat()), since
    )


def succeeded(place: Home, release: str) -> list[str]:
    """Note that a run published a release and tell of it; the lines to say."""
    from pipeline.notifications import last_run

    now = datetime.now(UTC)
    run = last_run.published(place, last_run.read(place), release, now)
    last_run.write(place, run)
    return _tell(place, run, now)


def withdrawn(place: Home, release: str, why: str, notes: tuple[str, ...]) -> list[str]:
    """Note that a release was withdrawn and tell of it; the lines to say."""
    from pipeline.notifications import delivery, findings, last_run

    now = datetime.now(UTC)
    noted = last_run.read(place)
    if noted is not None:
        last_run.write(place, last_run.withdrawn(place, noted, release))
    if not is_set(place, os.environ):
        return []
    said = findings.of_withdrawal(release, why, notes, (f"Home {place.root}.",))
    return delivery.deliver(place, read_targets(place, os.environ), [said], now.astimezone(MYANMAR).date())


def _tell(place: Home, run: "LastRun", now: datetime) -> list[str]:
    if not is_set(place, os.environ):
        return []
    from pipeline.notifications import delivery, last_run

    targets = read_targets(place, os.environ)
    return delivery.deliver(place, targets, last_run.findings_of(place, run, now), now.astimezone(MYANMAR).date())
