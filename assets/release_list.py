"""The releases of a home for whoever looks after it: a list with states and sizes, and what differs between two."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import RELEASE_NAME, Home
from pipeline.storage import held, latest, pins, release_folder, withdrawals
from pipeline.storage.latest import MANIFEST, Standing
from reports.release_diff import TABLES, Side
from reports.release_diff import diff as compared
from reports.release_diff import lines as told

LATEST, PUBLISHED, HELD, WITHDRAWN, UNREADABLE = "latest", "published", "held", "withdrawn", "unreadable"


@dataclass(frozen=True)
class Listed:
    """A release: `state` is one of the five words above, `bytes` what its folder takes, kept figures included."""

    release_id: str
    state: str
    pinned: bool
    period_end: str | None
    as_of: str | None
    created_at: str | None
    bytes: int
    withdrawn_at: str | None
    why: str | None
    folder: str


def listed(place: Home) -> list[Listed]:
    """Every release, the newest edition first and those that cannot be read last. Changes nothing."""
    pinned, named = {*pins.pinned(place)}, latest.pointed(place)
    found: list[tuple[Standing | None, Listed]] = []

    def add(standing: Standing | None, state: str, folder: Path, gone: withdrawals.Withdrawal | None = None) -> None:
        size = _size(folder) + (_size(place.withdrawn / folder.name) if gone and folder.parent == place.releases else 0)
        found.append((standing, Listed(
            folder.name, state, folder.name in pinned,
            str(standing.period_end) if standing else None, str(standing.known) if standing else None,
            standing.created_at if standing else None, size,
            gone.at if gone else None, gone.why if gone else None, str(folder),
        )))  # fmt: skip

    good, unreadable = latest.standing(place)
    for one in good:
        newest = named is not None and one.release_id == named.release_id
        add(one, LATEST if newest else PUBLISHED, place.releases / one.release_id)
    waiting, damaged = held.releases(place)
    for one in waiting:
        add(one, HELD, held.folder_of(place, one.release_id))
    for manifests, root in (
        (withdrawals.published(place), place.releases),
        (withdrawals.held_back(place), place.withdrawn),
    ):
        for manifest in manifests:
            name = manifest["release_id"]
            add(latest.stated(manifest, name), WITHDRAWN, root / name, withdrawals.of_manifest(manifest, name))
    for name in unreadable:
        add(None, UNREADABLE, place.releases / name)
    for name in damaged:
        add(None, UNREADABLE, held.folder_of(place, name))
    readable = sorted(((s, one) for s, one in found if s), key=lambda pair: pair[0], reverse=True)
    return [one for _, one in readable] + [one for standing, one in found if standing is None]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def show(place: Home, as_json: bool = False) -> None:
    """Print the list."""
    rows = listed(place)
    if as_json:
        print(json.dumps([asdict(one) for one in rows], ensure_ascii=False, indent=1))
        return
    if not rows:
        print(f"no release in {place.releases} yet; run first")
        return
    wide = max(len(one.release_id) for one in rows)
    print(f"{'release':{wide}}  {'data to':10}  {'known by':10}  {'made (UTC)':16}  {'MB':>6}  state")
    for one in rows:
        state = one.state + (f" on {one.withdrawn_at[:10]}" if one.withdrawn_at else "")
        state += (", pinned" if one.pinned else "") + (f": {one.why}" if one.why else "")
        made = (one.created_at or "")[:16].replace("T", " ")
        days = f"{one.period_end or '?':10}  {one.as_of or '?':10}"
        print(f"{one.release_id:{wide}}  {days}  {made:16}  {one.bytes / 1e6:6.1f}  {state}")


def diff(place: Home, before: str, after: str, as_json: bool = False) -> None:
    """Print what differs between two releases."""
    sides = [_side(place, name) for name in (before, after)]
    try:
        found = compared(*sides)
    except KeyError as error:
        raise UnusableInput(f"{before} and {after} cannot be compared: one of them lacks {error}") from error
    print(json.dumps(found, ensure_ascii=False, indent=1) if as_json else "\n".join(told(found)))


def _side(place: Home, name: str) -> Side:
    """A release that is published, held or was withdrawn, with its tables as its manifest says."""
    folder = _folder(place, name)
    try:
        manifest = latest.read_manifest(folder)
        checks: list[dict[str, Any]] = json.loads((folder / "checks.json").read_text(encoding="utf-8"))
        there = [table for table in TABLES if f"tables/{table}.parquet" in manifest["outputs"]]
        tables = {table: release_folder.read_table(folder, manifest, table) for table in there}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableInput(
            f"{folder}: cannot be read ({error}); `township-index doctor` says what is wrong with a release"
        ) from error
    return Side({**manifest, "release_id": folder.name}, checks, tables)


def _folder(place: Home, name: str) -> Path:
    if name == latest_name(place) or name == LATEST:
        return place.latest.resolve()
    if RELEASE_NAME.fullmatch(name):
        # What a withdrawn release held lies apart; its folder among the releases holds a page alone.
        for parent in (place.withdrawn, place.releases, place.held):
            if (parent / name / MANIFEST).is_file():
                return parent / name
    known = ", ".join(one.release_id for one in listed(place)) or "none; run first"
    raise UnusableInput(f"{place.releases}: no release is called {name!r}; there are: {known}")


def latest_name(place: Home) -> str:
    """The release that `latest` names; empty without one."""
    named = latest.pointed(place)
    return named.release_id if named else ""
