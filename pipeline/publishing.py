"""A release on disk: built beside, made whole, then moved into place; the last one stays until then.

Not here: what stands in the files (reports, warehouse).
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline import latest
from pipeline.codes import Profile
from pipeline.latest import MANIFEST
from pipeline.settings import REPOSITORY, Home

_BUILDING, _OLD = ".building-", ".old-"
# Synced to disk before a release counts; the hundreds of pages can be made again from them.
_DATA_ENDINGS = {".csv", ".parquet", ".duckdb", ".xlsx", ".json", ".geojson", ".gpkg"}
_SOURCE_FOLDERS = ("pipeline", "geo", "expectations", "assets", "reports", "data/reference/labels")
_SOURCE_ENDINGS = {".py", ".html", ".css", ".js", ".j2", ".typ", ".csv"}


def code_version() -> str:
    """Package version and a short hash over our sources: the same code has the same version, anywhere."""
    digest = hashlib.sha256()
    for folder in _SOURCE_FOLDERS:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.suffix in _SOURCE_ENDINGS and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(REPOSITORY)).encode())
                digest.update(path.read_bytes())
    try:
        released = version("township-conflict-index")
    except PackageNotFoundError:
        released = "0"
    return f"{released}+src.{digest.hexdigest()[:8]}"


def release_id(period_end: date, parts: Iterable[str], profile: Profile = Profile.PUBLIC) -> str:
    """The same inputs, settings and code give the same id: the period's last day and a hash of the rest.

    An internal release says so at the end of its id, whose hash is that of the public release of the same inputs.
    """
    ending = "" if profile == Profile.PUBLIC else f"-{profile}"
    return f"{period_end.isoformat()}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:8]}{ending}"


def building_folder(home: Home, release: str) -> Path:
    """An empty folder to build a release in; on the same file system as its final place."""
    home.releases.mkdir(parents=True, exist_ok=True)
    folder = home.releases / f"{_BUILDING}{release}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def sweep_litter(home: Home) -> None:
    """Remove half-built releases of killed runs, and finish a replacement that was cut in two; of both profiles."""
    for releases in (home.published, home.internal):
        for old in releases.glob(f"{_OLD}*"):
            final = releases / old.name.removeprefix(_OLD)
            if not final.exists():
                old.rename(final)
        for pattern in (f"{_BUILDING}*", f"{_OLD}*", f"{latest.LITTER}*"):
            for litter in releases.glob(pattern):
                if litter.is_symlink() or litter.is_file():
                    litter.unlink()
                else:
                    shutil.rmtree(litter, ignore_errors=True)


def hashes(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every file below a folder, by relative path, but the manifest."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST):
        data = path.read_bytes()
        found[path.relative_to(folder).as_posix()] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return found


def finish(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest last: a folder without one is no release."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    for path in (p for p in folder.rglob("*") if p.is_file() and p.suffix in _DATA_ENDINGS):
        with path.open("rb+") as handle:
            os.fsync(handle.fileno())


def unchanged(home: Home, building: Path, release: str) -> bool:
    """Whether a release of that id stands already with the same files and as its own manifest says.

    Databases are compared with the manifest alone: their bytes depend on how they were written, their tables do not.
    """

    def compared(files: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {name: found for name, found in files.items() if not name.endswith(".duckdb")}

    final = home.releases / release
    if not (final / MANIFEST).exists():
        return False
    held = hashes(final)
    try:
        whole = not _altered(final, held)
    except (ValueError, KeyError, TypeError):
        return False  # a damaged manifest: the release is replaced
    return whole and compared(held) == compared(hashes(building))


def altered(folder: Path) -> list[str]:
    """The files of a release that are not as its manifest says: changed, missing or added."""
    return _altered(folder, hashes(folder))


def _altered(folder: Path, found: dict[str, dict[str, Any]]) -> list[str]:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    stated = {name: one["sha256"] for name, one in manifest["outputs"].items()}
    held = {name: one["sha256"] for name, one in found.items()}
    return sorted(name for name in stated.keys() | held.keys() if stated.get(name) != held.get(name))


def put_in_place(home: Home, building: Path, release: str, newest: bool = True) -> Path:
    """Move a finished release to its name, and `latest` to it where it is the newest; each step is one rename.

    A release of the same id that holds the same stays as it is; a damaged one is replaced.
    """
    final = home.releases / release
    if unchanged(home, building, release):
        shutil.rmtree(building)
    elif final.exists():
        old = home.releases / f"{_OLD}{release}"
        shutil.rmtree(old, ignore_errors=True)  # of a replacement that was killed when it was all but done
        final.rename(old)
        building.rename(final)
        shutil.rmtree(old, ignore_errors=True)
    else:
        building.rename(final)
    if newest:
        latest.point(home, release)
    return final
