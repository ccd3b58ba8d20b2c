"""A release on disk: built beside, made whole, then moved into place; the last one stays until then.

The edition before this one, in period and then in knowledge: which it is, and its tables where they can be compared.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.codes import Profile
from pipeline.declare.settings import RELEASE_NAME, REPOSITORY, Home
from pipeline.storage import latest
from pipeline.storage.latest import MANIFEST, WITHDRAWN, read_manifest, standing

_BUILDING, _OLD = ".building-", ".old-"
GONE = ".gone-"  # a release that was pruned, on its way out
# Synced to disk before a release counts; the hundreds of pages can be made again from them.
_DATA_ENDINGS = {".csv", ".parquet", ".duckdb", ".xlsx", ".json", ".geojson", ".gpkg", ".zip"}
_SOURCE_FOLDERS = ("pipeline", "geo", "expectations", "assets", "reports", "data/reference/labels")
_SOURCE_ENDINGS = {".py", ".html", ".css", ".js", ".j2", ".typ", ".csv", ".po"}


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


def building_folder(home: Home, release: str, within: Path | None = None) -> Path:
    """An empty folder to build a release in; on the same file system as its final place, among the releases or
    `within` another folder of the home."""
    parent = within or home.releases
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / f"{_BUILDING}{release}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def sweep_litter(home: Home) -> None:
    """Remove half-built releases of killed runs, and finish a replacement that was cut in two; of both profiles."""
    homes = (Home(home.root), Home(home.root, Profile.INTERNAL))
    for releases in [folder for one in homes for folder in (one.releases, one.held, one.withdrawn)]:
        for old in releases.glob(f"{_OLD}*"):
            final = releases / old.name.removeprefix(_OLD)
            if not final.exists():
                old.rename(final)
        for pattern in (f"{_BUILDING}*", f"{_OLD}*", f"{GONE}*", f"{latest.LITTER}*"):
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
    """Whether a release of that id stands already as its own manifest says, with the same files.

    Or with other changes, because the release before it was pruned: then the one that was compared with it is kept.

    Databases are compared with the manifest alone: their bytes depend on how they were written, their tables do not.
    """
    return _same(home, home.releases / release, building)


def _same(home: Home, final: Path, building: Path) -> bool:
    def compared(files: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {name: found for name, found in files.items() if not name.endswith(".duckdb")}

    if not (final / MANIFEST).exists():
        return False
    held = hashes(final)
    try:
        whole = not _altered(final, held)
    except (ValueError, KeyError, TypeError):
        return False  # a damaged manifest: the release is replaced
    return whole and (compared(held) == compared(hashes(building)) or _former_is_gone(home, final))


def _former_is_gone(home: Home, final: Path) -> bool:
    """Whether the release that this one was compared with was pruned since: built again it could say no changes."""
    former = read_manifest(final).get("previous_release")
    return isinstance(former, str) and not (home.releases / former).is_dir()


def altered(folder: Path) -> list[str]:
    """The files of a release that are not as its manifest says: changed, missing or added."""
    return _altered(folder, hashes(folder))


def _altered(folder: Path, found: dict[str, dict[str, Any]]) -> list[str]:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    stated = {name: one["sha256"] for name, one in manifest["outputs"].items()}
    held = {name: one["sha256"] for name, one in found.items()}
    return sorted(name for name in stated.keys() | held.keys() if stated.get(name) != held.get(name))


def damaged(folder: Path) -> list[str]:
    """The files that the manifest of a release states and that are gone or changed; what was added harms nobody.

    Raises OSError, ValueError, KeyError or TypeError where the manifest cannot be read.
    """
    stated = read_manifest(folder)["outputs"]
    return [name for name in altered(folder) if name in stated]


def put_in_place(home: Home, building: Path, release: str, newest: bool = True) -> Path:
    """Move a finished release to its name, and `latest` to it where it is the newest; each step is one rename.

    A release of the same id that holds the same stays as it is; a damaged one is replaced.
    """
    final = settle(home, building, home.releases / release)
    if newest:
        latest.point(home, release)
    return final


def settle(home: Home, building: Path, final: Path) -> Path:
    """Move a finished folder to its name; one that stands there and holds the same stays, any other is replaced."""
    if _same(home, final, building):
        shutil.rmtree(building)
    elif final.exists():
        old = final.with_name(f"{_OLD}{final.name}")
        shutil.rmtree(old, ignore_errors=True)  # of a replacement that was killed when it was all but done
        final.rename(old)
        move(building, final)
        shutil.rmtree(old, ignore_errors=True)
    else:
        move(building, final)
    return final


def move(folder: Path, target: Path) -> None:
    """Move a folder to a name that is free, in one rename; onto another disk by way of a whole copy beside it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = target.with_name(f"{_BUILDING}{target.name}")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(folder, part)
        part.rename(target)
        shutil.rmtree(folder)


NO_EARLIER = "There is no earlier release in this home; nothing is compared."


@dataclass(frozen=True)
class Previous:
    """`release_id` is None where there was none; `tables` is None, and `note` says why, where none is compared."""

    release_id: str | None
    note: str
    tables: dict[str, pl.DataFrame] | None = field(default=None, repr=False)


def previous_release(
    home: Home, release: str, edition: tuple[date, date], synthetic: bool, internal: bool, names: Iterable[str]
) -> Previous:
    """The edition before `edition` (its period's last day and the day of its knowledge), whenever it was built.

    A rebuilt older edition is compared with the one before it and never with a later one. One of the same period and
    knowledge, as another version of the code makes it, is before. For a release that is made again it is the one that
    its own manifest names, so that the same release holds the same bytes however often it is made. Releases of another
    profile are never compared: the exact figures of an internal one would stand in the changes of a public one.
    Neither are invented and real ones, which a home never mixes.
    """
    releases = home.releases
    try:
        found, unreadable = _name(home, release, edition)
    except (OSError, ValueError, KeyError) as error:
        return Previous(None, f"The release before could not be told ({_first(error)}); nothing is compared.")
    if found is None:
        if unreadable:
            return Previous(unreadable[-1], f"Release {unreadable[-1]} cannot be read (manifest); nothing is compared.")
        return Previous(None, NO_EARLIER)
    try:
        manifest = read_manifest(releases / found)
        if WITHDRAWN in manifest:
            return Previous(found, f"Release {found} was withdrawn; nothing is compared.")
        if manifest["synthetic"] is not synthetic:
            return Previous(found, f"Release {found} is of the other kind, invented or real; nothing is compared.")
        if manifest.get("profile", "public") != ("internal" if internal else "public"):
            return Previous(found, f"Release {found} is of another profile; nothing is compared.")
        tables = {name: read_table(releases / found, manifest, name) for name in names}
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        return Previous(found, f"Release {found} cannot be read ({_first(error)}); nothing is compared.")
    passed = f" Passed over, for their manifests cannot be read: {', '.join(unreadable)}." if unreadable else ""
    return Previous(found, f"Compared with release {found}.{passed}", tables)


def _name(home: Home, release: str, edition: tuple[date, date]) -> tuple[str | None, list[str]]:
    """The name of the release before, and the releases that cannot be read.

    KeyError or ValueError where the release's own manifest does not say.
    """
    if (home.releases / release / MANIFEST).is_file():
        try:
            manifest = read_manifest(home.releases / release)
        except ValueError:
            manifest = None  # the damaged release is about to be replaced: it has no say
        if manifest is not None:
            return None if manifest["previous_release"] is None else _safe(manifest["previous_release"]), []
    found, unreadable = standing(home)
    before = [one.release_id for one in found if one.edition <= edition and one.release_id != release]
    return before[-1] if before else None, [name for name in unreadable if name != release]


def _safe(name: object) -> str:
    if not isinstance(name, str) or not RELEASE_NAME.fullmatch(name):
        raise ValueError("a name that no release has")
    return name


def read_table(folder: Path, manifest: dict[str, Any], name: str) -> pl.DataFrame:
    """A table of the release, only if it is as its manifest says: else ValueError, KeyError, OSError or PolarsError."""
    path = f"tables/{name}.parquet"
    content = (folder / path).read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest["outputs"][path]["sha256"]:
        raise ValueError(f"{path} is not as its manifest says")
    return pl.read_parquet(BytesIO(content))


def _first(error: BaseException) -> str:
    """The cause in a few words, without a path of this machine."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error).splitlines()[0][:120]
