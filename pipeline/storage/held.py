"""Releases that wait for a person: whole and audited, outside of `published/` until `publish` moves them there.

Beside the folder of a held release lies a note: what its run was asked for, which decides whether `latest` moves, and
whether its publication has begun, so that one that was killed is completed.
"""

import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import RELEASE_NAME, Home
from pipeline.storage import release_folder, snapshots
from pipeline.storage.latest import MANIFEST, Candidate, Standing, standing_of


@dataclass(frozen=True)
class Held:
    """A held release and what its run was asked for. `beside`: it was made to lie beside `latest`, never to move it.

    `begun`: its publication was begun; `moves_latest`: and lets `latest` name it.
    """

    release_id: str
    as_of_asked: bool = False
    period_asked: bool = False
    make_latest: bool = False
    beside: bool = False
    begun: bool = False
    moves_latest: bool = False

    def candidate(self, standing: Standing) -> Candidate:
        return Candidate(standing.period_end, standing.known, self.as_of_asked, self.period_asked)


def folder_of(home: Home, release: str) -> Path:
    return home.held / release


def _note(home: Home, release: str) -> Path:
    return home.held / f"{release}.json"


def keep(home: Home, building: Path, held: Held) -> Path:
    """Keep a finished folder as a held release; the rename of the folder is what makes it one."""
    write(home, held)
    return release_folder.settle(home, building, folder_of(home, held.release_id))


def write(home: Home, held: Held) -> None:
    """Write the note of a held release in one rename."""
    note = _note(home, held.release_id)
    part = note.with_name(f".{note.name}.part")
    part.write_text(json.dumps(asdict(held), sort_keys=True) + "\n", encoding="utf-8")
    part.replace(note)


def begin(home: Home, held: Held, moves_latest: bool) -> Held:
    """Note that the publication begins; from here on whoever takes the home's lock next completes it."""
    begun = replace(held, begun=True, moves_latest=moves_latest)
    write(home, begun)
    return begun


def read(home: Home, release: str) -> Held:
    """The note of a held release. Raises UnusableInput where it cannot be read."""
    path = _note(home, release)
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Held(**found)
    except (OSError, ValueError, TypeError) as error:
        raise UnusableInput(
            f"{path}: the note of a held release cannot be read ({error}); hold the release again with the same run "
            "and --hold, or withdraw it"
        ) from error


def begun(home: Home) -> list[Held]:
    """The held releases whose publication was begun and not completed."""
    names = [p.stem for p in sorted(home.held.glob("*.json")) if RELEASE_NAME.fullmatch(p.stem)]
    return [found for name in names if (found := _readable(home, name)) is not None and found.begun]


def _readable(home: Home, release: str) -> Held | None:
    try:
        return read(home, release)
    except UnusableInput:
        return None


def releases(home: Home) -> tuple[list[Standing], list[str]]:
    """The held releases, the newest edition last, and the names of those that cannot be read."""
    found, unreadable = [], []
    for folder in sorted(p for p in home.held.glob("*") if p.is_dir() and RELEASE_NAME.fullmatch(p.name)):
        try:
            found.append(standing_of(folder))
        except (OSError, ValueError, KeyError, TypeError):
            unreadable.append(folder.name)
    return sorted(found), unreadable


def is_one(home: Home, release: str) -> bool:
    return RELEASE_NAME.fullmatch(release) is not None and (folder_of(home, release) / MANIFEST).is_file()


def forget(home: Home, release: str) -> None:
    """Remove what is left of a held release: it is published, or was withdrawn."""
    shutil.rmtree(folder_of(home, release), ignore_errors=True)
    snapshots.path_of(home, release).unlink(missing_ok=True)
    _note(home, release).unlink(missing_ok=True)


def sweep(home: Home) -> None:
    """Remove notes and databases of held releases that never came to be, as a kill leaves them."""
    for note in home.held.glob("*.json"):
        found = _readable(home, note.stem)
        if not folder_of(home, note.stem).is_dir() and not (found and found.begun):
            forget(home, note.stem)
    for part in home.held.glob(".*.part"):
        part.unlink()
