"""What a full or failing disk is called by whoever writes to it, told in one line with the path and the remedy.

Python, Polars, DuckDB and the SQLite of Dagster's records each say it in their own words. Not here: what a user's file
lacks (UnusableInput says that where it is found).
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

# the words in a message -> what to do
_CAUSES = {
    "No space left on device": "make room on the disk",
    "database or disk is full": "make room on the disk",
    "Disk quota exceeded": "make room in your quota",
    "File too large": "raise the limit on the size of a file (ulimit -f), or use a disk that holds large files",
    "Read-only file system": "use a disk that can be written",
    "Input/output error": "look at the disk, which fails to read or write",
    "Stale file handle": "look at the network disk, which went away",
}
_QUOTED = re.compile(r'"(/[^"]+)"')


def told(text: str, place: Path) -> str | None:
    """The cause in one line where a message is of a disk that cannot take what is written; else None.

    `place` is named where the message names no file.
    """
    cause = next((words for words in _CAUSES if words in text), None)
    if cause is None:
        return None
    # DuckDB goes on for lines about a database that it takes no more orders for; the cause stands somewhere in them.
    named = _QUOTED.search(text)
    return f"{named[1] if named else place}: {cause}; {_CAUSES[cause]}, then run again; the last release is as it was"


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write to a temporary name beside it, sync, rename: a reader sees the whole file or none."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(part)
        with part.open("rb+") as handle:
            os.fsync(handle.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
