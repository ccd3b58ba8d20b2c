"""Which release `latest` names, and which each month: the order of editions, when they move, how they are written.

An edition is newer than another by its period, then by what was known; never by when it was built.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import PERIOD_NAME, RELEASE_NAME, Home
from pipeline.storage import pointers

MANIFEST = "manifest.json"
WITHDRAWN = "withdrawn"  # key of a manifest: the release is no longer good, since when and why
LITTER = ".latest-"


@dataclass(frozen=True, order=True)
class Standing:
    """A release in the home, in the order of editions: by period, by knowledge, and of equals the one built last."""

    period_end: date
    known: date
    created_at: str
    release_id: str

    @property
    def edition(self) -> tuple[date, date]:
        return self.period_end, self.known

    def __str__(self) -> str:
        return f"{self.release_id} (period to {self.period_end}, known by {self.known})"


class NoLongerGood(ValueError):
    """The release was withdrawn: it is no edition, whatever it held."""


@dataclass(frozen=True)
class Candidate:
    """A release about to be published: its last day, the knowledge in it, and whether either was asked for."""

    period_end: date
    known: date
    as_of_asked: bool = False
    period_asked: bool = False


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a release. Raises OSError or ValueError where it cannot be read."""
    found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{MANIFEST} is none")
    return found


def standing_of(folder: Path) -> Standing:
    """Raises OSError, ValueError, KeyError or TypeError where the manifest does not say; NoLongerGood if withdrawn."""
    manifest = read_manifest(folder)
    if WITHDRAWN in manifest:
        raise NoLongerGood(f"{folder.name} was withdrawn")
    return stated(manifest, folder.name)


def stated(manifest: Mapping[str, Any], release: str) -> Standing:
    """The standing that a manifest states. Raises ValueError, KeyError or TypeError where it does not say."""
    period_end = date.fromisoformat(manifest["period_end"])
    known = date.fromisoformat(manifest["as_of"]) if manifest.get("as_of") else date.min
    return Standing(period_end, known, str(manifest.get("created_at", "")), release)


def standing(home: Home) -> tuple[list[Standing], list[str]]:
    """The releases of the home's profile, the newest edition last, and the names of those that cannot be read.

    Those that were withdrawn are neither.
    """
    found, unreadable = [], []
    for folder in folders(home):
        try:
            found.append(standing_of(folder))
        except NoLongerGood:
            continue
        except (OSError, ValueError, KeyError, TypeError):
            unreadable.append(folder.name)
    return sorted(found), unreadable


def folders(home: Home) -> list[Path]:
    """Every folder among the releases that bears the name of one, whatever it holds."""
    if not home.releases.is_dir():
        return []
    named = (p for p in home.releases.iterdir() if p.name != home.latest_link.name and RELEASE_NAME.fullmatch(p.name))
    return sorted(p for p in named if p.is_dir() and not pointers.is_one(p))


def pointed(home: Home) -> Standing | None:
    """The release that `latest` names; None where it names none that can be read."""
    try:
        return standing_of(home.latest.resolve())
    except (OSError, ValueError, KeyError, TypeError):
        return None


def stays(home: Home, new: Candidate, withdrawn: Iterable[str]) -> str:
    """Why `latest` stays where it is although `new` is published; empty where it moves to it.

    It moves forward only: never to a period that ends earlier, nor to an edition that was asked for as of a day before
    what `latest` knows. A release that rests on a delivery withdrawn since holds nothing back, unless another day was
    asked for: its figures are known to be wrong. `withdrawn` are the ids of such deliveries.
    """
    now = pointed(home)
    if now is None:
        return ""
    if not (new.as_of_asked or new.period_asked) and _uses(home, set(withdrawn)):
        return ""
    if new.period_end < now.period_end:
        return f"latest stays at {now}: this release ends on {new.period_end}, before it"
    if new.as_of_asked and new.known < now.known:
        return f"latest stays at {now}: this release holds what was known by {new.known}, before it"
    return ""


def _uses(home: Home, withdrawn: set[str]) -> bool:
    inputs = read_manifest(home.latest.resolve()).get("inputs", [])
    return any(isinstance(one, dict) and one.get("delivery_id") in withdrawn for one in inputs)


def prepare(home: Home) -> str:
    """Look, before the work begins, how `latest` can be written; a note where it will be a file, else empty.

    Raises UnusableInput where something else stands in its place.
    """
    home.releases.mkdir(parents=True, exist_ok=True)
    for path in (home.latest_link, home.latest_file):
        if path.is_dir() and not pointers.is_one(path):
            raise UnusableInput(
                f"{path} is a folder, as a copied home may hold, and stands where the pointer to the newest release "
                "belongs; move it away (the releases lie beside it) and run again"
            )
    probe, scratch = (home.releases / f"{LITTER}{name}{os.getpid()}" for name in ("probe-", ""))
    try:
        pointers.link(probe, "probe", scratch)
    except OSError as error:
        if error.errno in pointers.NO_ROOM:
            raise
        return f"{home.releases}: this disk knows no links; {home.latest_file.name} will name the newest release"
    finally:
        probe.unlink(missing_ok=True)
    return ""


def point(home: Home, release: str) -> None:
    """Let `latest` name a release, in one rename: a link, or where the disk knows none a file with the name.

    Beside the file a page in a folder `latest` leads on whoever opens that address.
    """
    scratch = home.releases / f"{LITTER}{os.getpid()}"
    try:
        pointers.link(home.latest_link, release, scratch)
    except OSError as error:
        if error.errno in pointers.NO_ROOM:
            raise
        scratch.unlink(missing_ok=True)
        scratch.write_text(release + "\n", encoding="utf-8")
        scratch.replace(home.latest_file)
        # The link goes before the file where both stand, so an old one must not.
        pointers.page(home.latest_link, release, scratch)
        return
    home.latest_file.unlink(missing_ok=True)


def unpoint(home: Home) -> None:
    """Let `latest` name no release: there is none that is good."""
    pointers.remove(home.latest_link)
    home.latest_file.unlink(missing_ok=True)


def by_month(found: Sequence[Standing], named: Standing | None) -> dict[str, str]:
    """Month of the last day, e.g. 2023-12 -> the release that its address leads to.

    The newest edition of the month; in the month of `latest` what that names, so that both never differ.
    """
    months = {f"{one.period_end:%Y-%m}": one.release_id for one in sorted(found)}
    if named is not None:
        months[f"{named.period_end:%Y-%m}"] = named.release_id
    return months


def point_months(home: Home, months: Mapping[str, str]) -> None:
    """Let `2023-12` and its like name their releases, and take away the names of months that have none.

    What somebody else put there stays as it is.
    """
    scratch = home.releases / f"{LITTER}{os.getpid()}"
    for path in [p for p in home.releases.iterdir() if PERIOD_NAME.fullmatch(p.name) and p.name not in months]:
        pointers.remove(path)
    for month, release in months.items():
        path = home.releases / month
        if path.exists() and not pointers.is_one(path):
            continue
        try:
            pointers.link(path, release, scratch)
        except OSError as error:
            if error.errno in pointers.NO_ROOM:
                raise
            pointers.page(path, release, scratch)
