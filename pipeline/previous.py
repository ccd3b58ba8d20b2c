"""The release that was before this one: which it is, and its tables where they can be compared.

Whatever is wrong with it, the run goes on: what could not be compared is said, never guessed. Not here: the
comparison (reports/since.py).
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.publishing import MANIFEST
from pipeline.settings import Home

NO_EARLIER = "There is no earlier release in this home; nothing is compared."
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Previous:
    """`release_id` is None where there was none; `tables` is None, and `note` says why, where none is compared."""

    release_id: str | None
    note: str
    tables: dict[str, pl.DataFrame] | None = field(default=None, repr=False)


def previous_release(home: Home, release: str, synthetic: bool, internal: bool, names: Iterable[str]) -> Previous:
    """The release that `latest` points to; for one that is made again, that which its own manifest names.

    So the same release holds the same bytes however often it is made. Releases of another profile are never
    compared: the exact figures of an internal one would stand in the changes of a public one. Neither are invented
    and real ones, which a home never mixes.
    """
    releases = home.latest.parent
    try:
        found = _name(releases, home.latest, release)
    except (OSError, ValueError, KeyError) as error:
        return Previous(None, f"The release before could not be told ({_first(error)}); nothing is compared.")
    if found is None:
        return Previous(None, NO_EARLIER)
    try:
        manifest = _manifest(releases / found)
        if manifest["synthetic"] is not synthetic:
            return Previous(found, f"Release {found} is of the other kind, invented or real; nothing is compared.")
        if manifest.get("profile", "public") != ("internal" if internal else "public"):
            return Previous(found, f"Release {found} is of another profile; nothing is compared.")
        tables = {name: _table(releases / found, manifest, name) for name in names}
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        return Previous(found, f"Release {found} cannot be read ({_first(error)}); nothing is compared.")
    return Previous(found, f"Compared with release {found}.", tables)


def _name(releases: Path, latest: Path, release: str) -> str | None:
    """The name of the release before; KeyError or ValueError where a manifest does not say."""
    if (releases / release / MANIFEST).is_file():
        try:
            manifest = _manifest(releases / release)
        except ValueError:
            manifest = None  # the damaged release is about to be replaced: it has no say
        if manifest is not None:
            return None if manifest["previous_release"] is None else _safe(manifest["previous_release"])
    if not latest.is_symlink():
        return None
    pointed = _safe(latest.readlink().name)
    return None if pointed == release else pointed


def _safe(name: object) -> str:
    if not isinstance(name, str) or not _SAFE.fullmatch(name):
        raise ValueError("a name that no release has")
    return name


def _manifest(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{MANIFEST} is none")
    return found


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
