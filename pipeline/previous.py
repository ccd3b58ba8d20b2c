"""The edition before this one, in period and then in knowledge: which it is, and its tables where they can be compared.

Whatever is wrong with it, the run goes on: what could not be compared is said, never guessed. Not here: the
comparison (reports/since.py).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.latest import MANIFEST, read_manifest, standing
from pipeline.settings import RELEASE_NAME, Home

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
        if manifest["synthetic"] is not synthetic:
            return Previous(found, f"Release {found} is of the other kind, invented or real; nothing is compared.")
        if manifest.get("profile", "public") != ("internal" if internal else "public"):
            return Previous(found, f"Release {found} is of another profile; nothing is compared.")
        tables = {name: _table(releases / found, manifest, name) for name in names}
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


def _table(folder: Path, manifest: dict[str, Any], name: str) -> pl.DataFrame:
    """A table of the release, only if it is as its manifest says."""
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
