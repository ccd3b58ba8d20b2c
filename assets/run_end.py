"""A run that ends notes how it ended in its home, and tells who is to be told.

Nothing here can fail a run: what cannot be sent is a line. Whoever comes second, the command or a sensor, finds in the
ledger what was sent.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from assets import failures
from pipeline.declare.settings import MYANMAR, Home
from pipeline.notifications import delivery, findings, last_run
from pipeline.notifications.targets import is_set, read_targets


@dataclass
class Ending:
    """Filled in by a run of the command as it goes."""

    began: bool = False  # the home was written to
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

    One that was refused before it began leaves the home as it was, where nobody is to be told.
    """
    if not began and not is_set(place, os.environ):
        return []
    now, before = datetime.now(UTC), last_run.read(place)
    worded = failures.said(error, place.root)
    text = worded[1] if worded else f"{type(error).__name__}: {error}; this is a fault of the program, see its output"
    found = findings.of_failure(
        name,
        text,
        getattr(error, "rules", ()),
        last_run.files_of(place),
        last_run.about(place, now.isoformat()),
        before.went_well_at if before else "",
    )
    run = last_run.failed(before, found, now)
    last_run.write(place, run)
    return _tell(place, run, now)


def succeeded(place: Home, release: str) -> list[str]:
    """Note that a run published a release and tell of it; the lines to say."""
    now = datetime.now(UTC)
    run = last_run.published(place, last_run.read(place), release, now)
    last_run.write(place, run)
    return _tell(place, run, now)


def _tell(place: Home, run: last_run.LastRun, now: datetime) -> list[str]:
    if not is_set(place, os.environ):
        return []
    targets = read_targets(place, os.environ)
    return delivery.deliver(place, targets, last_run.findings_of(place, run, now), now.astimezone(MYANMAR).date())
