"""What a check may say of what it looked at."""

from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.settings import Home

OK, NOTE, PROBLEM = "ok", "note", "problem"
Said = Iterator[tuple[str, str]]  # state, and how it stands with what to do about it
Check = Callable[[Home], Said]


def nearest(path: Path) -> Path:
    """The path itself, else the nearest folder above it that exists."""
    return next(p for p in (path, *path.parents) if p.exists())
