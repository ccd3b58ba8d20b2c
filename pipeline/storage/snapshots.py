"""Analysts' databases that may be needed again: of held releases, and of the release that was `latest` before.

With the one before, a withdrawal puts the analysts back to where they were, with all layers. Older ones are not kept:
each is as large as a release.
"""

import os
import shutil
from pathlib import Path

from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.storage.latest import MANIFEST
from pipeline.storage.warehouse import put_snapshot, read_snapshot, wal_of

DATABASE = "township_index.duckdb"
_PART = ".township_index.duckdb.part"


def part_of(home: Home) -> Path:
    """Where the next analysts' database is written before it is moved into place."""
    return home.warehouse / _PART


def path_of(home: Home, release: str) -> Path:
    return home.snapshots / f"{release}.duckdb"


def release_of(database: Path) -> str:
    """The release that an analysts' database was made with; empty where there is none or it does not say."""
    try:
        rows = read_snapshot(database, "main.release")["release_id"].to_list()
    except (UnusableInput, OSError):
        return ""
    return str(rows[0]) if rows else ""


def keep(home: Home, part: Path, release: str) -> None:
    """Keep a finished database for the day on which its held release is published."""
    home.snapshots.mkdir(parents=True, exist_ok=True)
    part.replace(path_of(home, release))


def to_analysts(home: Home, part: Path, release: str) -> bool:
    """Let analysts read a finished database, and keep the one before; whether a client had left a log there."""
    before = release_of(home.analysts_database)
    if before and before != release:
        home.snapshots.mkdir(parents=True, exist_ok=True)
        _same_file(home.analysts_database, path_of(home, before))
    left = put_snapshot(part, home.analysts_database)
    if before == release:
        return left
    for other in home.snapshots.glob("*.duckdb"):
        if other.stem != before and not (home.held / other.stem / MANIFEST).is_file():
            other.unlink()
    return left


def fall_back(home: Home, withdrawn: str, newest: str) -> str:
    """Take the analysts' database of a withdrawn release away, and put that of the `newest` good one in its place.

    What was taken away lies with what the release held. Returns what analysts read now, in a few words, or nothing
    where they read another release all along.
    """
    database = home.analysts_database
    if release_of(database) != withdrawn:
        return ""
    home.withdrawn.mkdir(parents=True, exist_ok=True)
    _same_file(database, home.withdrawn / f"{withdrawn}.duckdb")
    if not newest:
        wal_of(database).unlink(missing_ok=True)
        database.unlink()
        return f"{database.name} is gone with it: there is no good release"
    part, whole = part_of(home), path_of(home, newest)
    if release_of(whole) == newest:
        _same_file(whole, part)
        put_snapshot(part, database)
        return f"{database.name} is that of {newest} again"
    shutil.copyfile(home.releases / newest / DATABASE, part)
    put_snapshot(part, database)
    return (
        f"{database.name} holds the published tables of {newest} alone; the next run that moves latest writes the "
        "other layers"
    )


def _same_file(source: Path, target: Path) -> None:
    """Let `target` be the same file, in one rename; a copy where the disk knows no second name for a file."""
    scratch = target.with_name(f".{target.name}.link")
    scratch.unlink(missing_ok=True)
    try:
        os.link(source, scratch)
    except OSError:
        shutil.copyfile(source, scratch)
    scratch.replace(target)
    scratch.unlink(missing_ok=True)  # where both are one file already, the rename does nothing
