"""Releases that were withdrawn: when and why, and where what they held lies since.

The manifest of a withdrawn release says so, and its folder keeps nothing that could be read as good; what it held lies
in a folder of its own, outside of what a host shows. A note says that a withdrawal has begun: it is the first thing
written and the last removed, so that one that was killed is completed.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.declare.settings import RELEASE_NAME, Home
from pipeline.storage import held, latest, release_folder
from pipeline.storage.latest import MANIFEST, WITHDRAWN, read_manifest

LONGEST = 1000  # letters of a reason: a page and a feed show it whole


@dataclass(frozen=True)
class Withdrawal:
    """`at` is a time with its zone, to the second; `was_held`: the release was never published."""

    release_id: str
    at: str
    why: str
    was_held: bool = False

    @property
    def entry(self) -> dict[str, str]:
        """What a manifest says of it."""
        return {"at": self.at, "why": self.why}

    def __str__(self) -> str:
        return f"withdrawn on {self.at[:10]}: {self.why}"


def of_manifest(manifest: Mapping[str, Any], release: str) -> Withdrawal | None:
    found = manifest.get(WITHDRAWN)
    if not isinstance(found, Mapping):
        return None
    return Withdrawal(release, str(found.get("at", "")), str(found.get("why", "")))


def of(home: Home, release: str) -> Withdrawal | None:
    """How a release was withdrawn, a held one too; None where it was not."""
    if not RELEASE_NAME.fullmatch(release):
        return None
    for folder in (home.releases / release, home.withdrawn / release):
        try:
            found = of_manifest(read_manifest(folder), release)
        except (OSError, ValueError):
            continue
        # A release that was made anew after somebody removed the page of its withdrawal is good again.
        return found
    return None


def published(home: Home) -> list[dict[str, Any]]:
    """The manifests of withdrawn releases that were published, the newest edition last, each with its release's id."""
    found = []
    for folder in latest.folders(home):
        try:
            manifest = read_manifest(folder)
            if WITHDRAWN in manifest:
                found.append((latest.stated(manifest, folder.name), {**manifest, "release_id": folder.name}))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return [manifest for _, manifest in sorted(found, key=lambda one: one[0])]


def held_back(home: Home) -> list[dict[str, Any]]:
    """The manifests of releases that were withdrawn while they were held, each with its release's id."""
    found = []
    for folder in sorted(p for p in home.withdrawn.glob("*") if p.is_dir() and RELEASE_NAME.fullmatch(p.name)):
        if not (home.releases / folder.name).exists():
            try:
                found.append({**read_manifest(folder), "release_id": folder.name})
            except (OSError, ValueError):
                continue
    return found


def _note(home: Home, release: str) -> Path:
    return home.withdrawn / f"{release}.json"


def begun(home: Home) -> list[Withdrawal]:
    """The withdrawals that were begun and not completed."""
    found = []
    for path in sorted(home.withdrawn.glob("*.json")):
        try:
            found.append(Withdrawal(**json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError):
            continue
    return found


def begin(home: Home, withdrawal: Withdrawal) -> None:
    """Note that a withdrawal begins; what an earlier one of the same release left makes room."""
    home.withdrawn.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(home.withdrawn / withdrawal.release_id, ignore_errors=True)
    note = _note(home, withdrawal.release_id)
    part = note.with_name(f".{note.name}.part")
    part.write_text(json.dumps(asdict(withdrawal), ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(note)


def mark(home: Home, withdrawal: Withdrawal) -> None:
    """Write the entry into the manifest, in one rename: from here on the release is no longer good."""
    folder = _origin(home, withdrawal)
    if not (folder / MANIFEST).is_file():
        return  # moved away already, with the entry
    manifest = read_manifest(folder)
    if WITHDRAWN in manifest:
        return
    text = json.dumps({**manifest, WITHDRAWN: withdrawal.entry}, ensure_ascii=False, indent=1, sort_keys=True)
    part = folder / f".{MANIFEST}.part"
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(folder / MANIFEST)


def take_away(home: Home, withdrawal: Withdrawal) -> Path:
    """Move what the release held out of reach, once; returns where it lies."""
    kept = home.withdrawn / withdrawal.release_id
    if not kept.is_dir():
        release_folder.move(_origin(home, withdrawal), kept)
    return kept


def finished(home: Home, withdrawal: Withdrawal) -> None:
    """Remove the note, and what was held under that name: nothing is left to do."""
    held.forget(home, withdrawal.release_id)
    _note(home, withdrawal.release_id).unlink(missing_ok=True)


def sweep(home: Home) -> None:
    """Remove what a kill left half written."""
    for part in home.withdrawn.glob(".*"):
        if part.is_file():
            part.unlink()


def _origin(home: Home, withdrawal: Withdrawal) -> Path:
    return (home.held if withdrawal.was_held else home.releases) / withdrawal.release_id
