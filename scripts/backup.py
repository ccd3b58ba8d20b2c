"""A backup of a home that is whole in itself, and a home made from one again.

    python -m scripts.backup make HOME FOLDER       writes FOLDER/<time>/ and prints its path
    python -m scripts.backup restore BACKUP HOME    HOME must be empty or not there yet

The home's lock is held meanwhile, so no run writes into what is copied; Dagster's SQLite files, which its daemon writes
at any time, are copied by SQLite itself. Where TOWNSHIP_INDEX_POSTGRES is set the database goes along by pg_dump.
`files.sha256` lists what was copied, as sha256sum does; a restore reads it first and refuses what does not match.
Left out: what a run makes again (the cache) and what it left unfinished.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.declare import settings
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.storage.lock import acquire

HASHES, DUMP = "files.sha256", "database.dump"
LEFT_OUT = ("run.lock", "run.holder.json", "*.part", ".building-*", ".old-*", ".latest-*", "*.db-wal", "*.db-shm")


def make(place: Home, folder: Path, now: datetime) -> Path:
    """Copy a home below a folder and return where. Raises UnusableInput where there is none, or it is being used."""
    if not place.root.is_dir():
        raise UnusableInput(f"{place.root} is no home: there is nothing to back up")
    if folder.resolve().is_relative_to(place.root):
        raise UnusableInput(f"{folder} lies in the home {place.root}; give a folder outside, better on another disk")
    made = folder / f"{now:%Y-%m-%dT%H%M%SZ}"
    building = made.with_name(f".{made.name}.part")
    building.mkdir(parents=True, mode=0o700)
    try:
        lock = acquire(place)
        try:
            _copy(place.root, building / "home", place)
            _dump(building / DUMP)
        finally:
            lock.release()
        lines = [f"{_hash(path)}  {path.relative_to(building).as_posix()}\n" for path in _files(building)]
        (building / HASHES).write_text("".join(lines), encoding="utf-8")
        building.rename(made)  # what is not whole never has the name of a backup
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return made


def _copy(root: Path, to: Path, place: Home) -> None:
    """Copy files with their rights and times, links as links, SQLite files by SQLite."""
    left = shutil.ignore_patterns(*LEFT_OUT)

    def skipped(folder: str, names: list[str]) -> set[str]:
        return left(folder, names) | ({place.cache.name} if Path(folder) == place.warehouse else set())

    def copied(source: str, target: str) -> str:
        if not (source.endswith(".db") and Path(source).is_relative_to(place.dagster)):
            return str(shutil.copy2(source, target))
        with closing(sqlite3.connect(source)) as of, closing(sqlite3.connect(target)) as into:
            of.backup(into)
        return target

    shutil.copytree(root, to, symlinks=True, ignore=skipped, copy_function=copied)


def _dump(to: Path) -> None:
    if address := _address():
        _program(address, "pg_dump", "--format=custom", "--no-owner", f"--file={to}")


def restore(backup: Path, place: Home) -> None:
    """Make a home from a backup. Raises UnusableInput where a file is missing or changed, or the home holds any."""
    if place.root.exists() and any(place.root.iterdir()):
        raise UnusableInput(f"{place.root} is not empty; move it away first, nothing is written over")
    listed = dict(_listed(backup))
    wrong = [name for name, stated in listed.items() if not (backup / name).is_file() or _hash(backup / name) != stated]
    extra = [
        name for name in (p.relative_to(backup).as_posix() for p in _files(backup)) if name not in {*listed, HASHES}
    ]
    if wrong or extra:
        raise UnusableInput(
            f"{backup}: {len(wrong)} files are missing or changed, {len(extra)} are none of the backup's, such as "
            f"{(wrong + extra)[0]}; use another backup"
        )
    address, dump = _address(), backup / DUMP
    if dump.exists() and not address:
        raise UnusableInput(
            f"{backup} holds a database; set {settings.POSTGRES_VARIABLE} to an empty one, or remove {DUMP} and its "
            f"line in {HASHES} to go on with SQLite without the run records"
        )
    if dump.exists():
        _program(address, "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(dump))
    shutil.copytree(backup / "home", place.root, symlinks=True, dirs_exist_ok=True)


def _listed(backup: Path) -> Iterator[tuple[str, str]]:
    if not (backup / HASHES).is_file():
        raise UnusableInput(f"{backup} is no backup: it has no {HASHES}")
    for line in (backup / HASHES).read_text(encoding="utf-8").splitlines():
        stated, _, name = line.partition("  ")
        yield name, stated


def _address() -> str:
    """The address of the database for Postgres' own programs, which know no driver; empty without one."""
    return os.environ.get(settings.POSTGRES_VARIABLE, "").strip().replace("postgresql+psycopg2:", "postgresql:", 1)


def _program(address: str, name: str, *arguments: str) -> None:
    """Call a program of Postgres. The password goes by the environment: arguments are seen by every user."""
    found, parts = shutil.which(name), urlsplit(address)
    if found is None:
        raise UnusableInput(f"{name} is not on this machine; install Postgres' client programs (postgresql-client)")
    plain = parts._replace(netloc=f"{parts.username or ''}@{parts.netloc.rpartition('@')[2]}").geturl()
    done = subprocess.run(  # noqa: S603 (a program of Postgres, no shell)
        [found, f"--dbname={plain}", *arguments], check=False, capture_output=True, text=True,
        env={**os.environ, "PGPASSWORD": unquote(parts.password or "")},
    )  # fmt: skip
    if done.returncode:
        raise UnusableInput(f"{name}: {(done.stderr.strip().splitlines() or ['no reason given'])[0]}")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("make", "restore"))
    parser.add_argument("source", type=Path, help="of make: the home; of restore: the backup")
    parser.add_argument("target", type=Path, help="of make: the folder of backups; of restore: the home")
    asked = parser.parse_args()
    try:
        if asked.what == "make":
            print(make(settings.home(asked.source), asked.target, datetime.now(UTC)))
        else:
            restore(asked.source, settings.home(asked.target))
            print(f"{asked.target}: restored; look at it with township-index doctor --home {asked.target}")
    except (UnusableInput, OSError, sqlite3.Error) as error:
        print(f"backup: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
