"""How large a home is, what deleting something frees, and when its disk will be full."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.declare import retention
from pipeline.declare.settings import Home

BLOCK = 512  # bytes: st_blocks counts such blocks, whatever those of the disk are
REST = "other"
DAY_SECONDS = 86_400.0


@dataclass(frozen=True)
class Measured:
    """The size of a home and the room on its disk at a time, in bytes."""

    at: datetime
    used: int
    free: int


@dataclass(frozen=True)
class Outlook:
    """Free bytes, growth in bytes a day, and the days until less than the least is free; None where nobody can say.

    `days_left` is None too where the disk does not fill up.
    """

    free: int
    growth: float | None
    days_left: float | None


def size_of(paths: Iterable[Path]) -> int:
    """What deleting these files and folders frees, in bytes of the disk.

    A file that has another name elsewhere frees nothing; one with several names here is counted once.
    """
    total, shared = 0, dict[tuple[int, int], tuple[int, int]]()
    for facts, is_folder in _found(paths):
        size = facts.st_blocks * BLOCK
        if facts.st_nlink > 1 and not is_folder:
            names, _ = shared.get((facts.st_dev, facts.st_ino), (facts.st_nlink, size))
            shared[facts.st_dev, facts.st_ino] = (names - 1, size)
        else:
            total += size
    return total + sum(size for names, size in shared.values() if names <= 0)


def used_by(home: Home) -> dict[str, int]:
    """Bytes on the disk by first folder of the home, `other` for what lies beside; a file is counted once."""
    used: dict[str, int] = {}
    seen: set[tuple[int, int]] = set()
    for entry in sorted(os.scandir(home.root), key=lambda one: one.name) if home.root.is_dir() else ():
        name = entry.name if entry.is_dir(follow_symlinks=False) else REST
        for facts, is_folder in _found([Path(entry.path)]):
            inode = (facts.st_dev, facts.st_ino)
            if is_folder or facts.st_nlink == 1 or inode not in seen:
                used[name] = used.get(name, 0) + facts.st_blocks * BLOCK
            if facts.st_nlink > 1:
                seen.add(inode)
    return used


def _found(paths: Iterable[Path]) -> Iterator[tuple[os.stat_result, bool]]:
    """What the disk says of files and folders and all below them, and whether each is a folder; links not followed."""
    for path in paths:
        try:
            facts = os.lstat(path)
        except FileNotFoundError:
            continue
        is_folder = path.is_dir() and not path.is_symlink()
        yield facts, is_folder
        if is_folder:
            yield from _below(str(path))


def _below(folder: str) -> Iterator[tuple[os.stat_result, bool]]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return  # it went while it was looked at
    for entry in entries:
        try:
            facts = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        yield facts, is_folder
        if is_folder:
            yield from _below(entry.path)


def free_at(path: Path) -> int:
    """Bytes that can still be written on the disk of a path, or of the nearest folder above it that exists."""
    return shutil.disk_usage(next(p for p in (path, *path.parents) if p.exists())).free


def outlook(measured: Sequence[Measured], free: int, now: datetime) -> Outlook:
    """When the disk is full, from the sizes of past runs and the room there is now.

    The pace is that of the last PACE_DAYS days: what the home grew by, or what the disk lost where others fill it too,
    whichever is more, between the first and the last measurement. It takes two of them, a day apart or more.
    """
    since = now - timedelta(days=retention.PACE_DAYS.value)
    recent = sorted((one for one in measured if one.at >= since), key=lambda one: one.at)
    if len(recent) < 2 or recent[-1].at - recent[0].at < timedelta(days=1):
        return Outlook(free, None, None)
    first, last = recent[0], recent[-1]
    days = (last.at - first.at).total_seconds() / DAY_SECONDS
    growth = max(last.used - first.used, first.free - last.free) / days
    room = max(free - retention.FREE_BYTES_LEAST.value, 0.0)
    return Outlook(free, growth, room / growth if growth > 0 else None)


def is_short(found: Outlook) -> bool:
    """Whether somebody must act: less than the least is free, or within DAYS_LEFT_NOTE days it will be."""
    soon = found.days_left is not None and found.days_left < retention.DAYS_LEFT_NOTE.value
    return found.free < retention.FREE_BYTES_LEAST.value or soon


def short_since(measured: Sequence[Measured], free: int, now: datetime) -> str | None:
    """Since when the disk is short: the time of the last measurement at which it was not, empty where there was none.

    None where it is not short now.
    """
    if not is_short(outlook(measured, free, now)):
        return None
    for count in range(len(measured), 0, -1):
        last = measured[count - 1]
        if not is_short(outlook(measured[:count], last.free, last.at)):
            return last.at.isoformat(timespec="seconds")
    return ""


def told(size: float) -> str:
    """A size as it is said: in MB, from a thousand of them on in GB."""
    return f"{size / 1e9:,.2f} GB" if abs(size) >= 1e9 else f"{size / 1e6:,.1f} MB"


def told_outlook(found: Outlook) -> str:
    """The outlook in one line."""
    text = f"{told(found.free)} free"
    if found.growth is None:
        return f"{text}; how fast it fills is known after runs on two days"
    if found.days_left is None:
        return f"{text}; it did not fill up in the last {retention.PACE_DAYS.value:.0f} days"
    return f"{text}; at {told(found.growth)} a day it is full in {found.days_left:,.0f} days"


def day_full(found: Outlook, now: datetime | None = None) -> str:
    """The day on which the disk is full, empty where nobody can say."""
    if found.days_left is None or found.days_left > 36_500:
        return ""
    return ((now or datetime.now(UTC)) + timedelta(days=found.days_left)).date().isoformat()
