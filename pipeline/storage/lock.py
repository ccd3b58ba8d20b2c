"""One run at a time in a home; a second one waits, then says which process holds it."""

import json
import os
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.declare.errors import PassingCause, UnusableInput
from pipeline.declare.settings import Home

WAIT_VARIABLE = "TOWNSHIP_INDEX_LOCK_WAIT_SECONDS"
WAIT_SECONDS = 60.0
UNKNOWN = "unknown"


def acquire(place: Home) -> FileLock:
    """The home's lock; a process that holds it already gets it again. Release it once per call."""
    place.root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place.lock, is_singleton=True, thread_local=False)
    try:
        lock.acquire(timeout=_wait_seconds())
    except Timeout as error:
        raise PassingCause(
            f"{place.root}: another run holds this home (process {holder(place)}); wait for it or end it"
        ) from error
    except NotImplementedError as error:
        raise UnusableInput(
            f"{place.lock}: this disk cannot lock a file, so two runs could mix; keep the home on a disk that can"
        ) from error
    _note(place).write_text(json.dumps({"pid": os.getpid()}))
    return lock


def is_held(place: Home) -> bool:
    """Whether a process, this one among them, works in the home now."""
    if not place.lock.exists():
        return False
    try:
        with FileLock(place.lock, timeout=0):
            return False
    except Timeout:
        return True


def _wait_seconds() -> float:
    stated = os.environ.get(WAIT_VARIABLE, str(WAIT_SECONDS))
    try:
        return float(stated)
    except ValueError as error:
        raise UnusableInput(f"{WAIT_VARIABLE}={stated!r} is not a number of seconds") from error


def _note(place: Home) -> Path:
    return place.lock.with_suffix(".holder.json")


def holder(place: Home) -> str:
    """The process that wrote the note beside the lock; the note may be absent or just being written."""
    try:
        return str(json.loads(_note(place).read_text())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return UNKNOWN
