"""Which releases stand: publish what was held, withdraw what proved wrong, complete either where it was killed.

Each step is one rename or can be done again, and a note says what was begun before the first and goes after the last.
So whoever takes the home's lock next, a run or a command, completes what a kill cut in two. All of it is done under
that lock. Not here: what a run publishes by itself (release.py).
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from unicodedata import category

from assets.hosting import publish_list
from pipeline.declare.codes import Profile
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import RELEASE_NAME, Home
from pipeline.storage import deliveries, held, latest, pins, release_folder, snapshots, withdrawals
from pipeline.storage.held import Held
from pipeline.storage.latest import MANIFEST, Standing
from pipeline.storage.withdrawals import LONGEST, Withdrawal
from reports.text.wording import visible


@dataclass(frozen=True)
class Done:
    """What became of a release: its folder, and what was left as it was or changed beside it, in sentences."""

    folder: Path
    notes: tuple[str, ...] = ()


def publish(place: Home, release: str, make_latest: bool = False) -> Done:
    """Publish a held release as its run would have. Raises UnusableInput, with the remedy, for any other."""
    completed = resume(place)
    if release in completed.published:
        return Done(place.releases / release)
    standing = _held(place, release)
    note = held.read(place, release)
    left = "" if make_latest or note.make_latest else _why_latest_stays(place, note, standing)
    linkless = latest.prepare(place)
    _finish_publishing(place, held.begin(place, note, moves_latest=not left))
    return Done(place.releases / release, tuple(said for said in (left, linkless) if said))


def _why_latest_stays(place: Home, note: Held, standing: Standing) -> str:
    """Why `latest` is left where it is, by the rules of a run, and how to move it; empty where it moves."""
    why = latest.stays(place, note.candidate(standing), deliveries.history(place).withdrawn())
    if note.beside and latest.pointed(place):
        why = f"latest stays at {latest.pointed(place)}: this release was made by the job for editions, beside it"
    if not why:
        return ""
    day = f"--period-end {standing.period_end} --as-of {standing.known} --profile {place.profile}"
    return f"{why}; to move latest to this release: township-index run {day} --make-latest"


def _held(place: Home, release: str) -> Standing:
    """The held release of that name, whole. Raises UnusableInput for any other, with what to do."""
    gone = withdrawals.of(place, release)
    if gone:
        raise UnusableInput(
            f"release {release} was {gone}; it cannot be published. Mend its records or withdraw the faulty delivery, "
            "then run again: that makes another release"
        )
    if not held.is_one(place, release):
        if RELEASE_NAME.fullmatch(release) and (place.releases / release / MANIFEST).is_file():
            raise UnusableInput(
                f"release {release} is published already; `township-index releases list` says which release latest "
                "names, and a run with --make-latest moves it"
            )
        found = [one.release_id for one in held.releases(place)[0]]
        known = f"held: {', '.join(found)}" if found else "none is held; `township-index run --hold` makes one"
        raise UnusableInput(f"no release is held in {place.held} under the name {release!r}; {known}")
    folder = held.folder_of(place, release)
    try:
        wrong = release_folder.altered(folder)
        standing = latest.standing_of(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableInput(
            f"{folder / MANIFEST} cannot be read ({error}); hold the release again with the same run and --hold"
        ) from error
    if wrong:
        raise UnusableInput(
            f"{folder}: {len(wrong)} files are not as its manifest says, such as {wrong[0]}; what was audited is not "
            "what lies there. Hold the release again with the same run and --hold"
        )
    return standing


def _finish_publishing(place: Home, note: Held) -> None:
    """Everything from the first rename on; each step may have been done before."""
    release = note.release_id
    waiting = held.folder_of(place, release)
    if not waiting.is_dir() and not (place.releases / release).is_dir():
        held.forget(place, release)  # somebody removed it meanwhile
        return
    if waiting.is_dir():
        release_folder.put_in_place(place, waiting, release, note.moves_latest)
    elif note.moves_latest:
        latest.point(place, release)
    publish_list(place)
    database = snapshots.path_of(place, release)
    if note.moves_latest and place.profile == Profile.PUBLIC and database.is_file():
        snapshots.to_analysts(place, database, release)
    held.forget(place, release)


def withdraw(place: Home, release: str, why: str, now: datetime) -> Done:
    """Withdraw a release for a reason. Raises UnusableInput for one that is none or was withdrawn before."""
    reason = _reason(why)
    completed = resume(place)
    if release in completed.withdrawn:
        return Done(place.withdrawn / release, completed.notes)
    gone = withdrawals.of(place, release)
    if gone:
        raise UnusableInput(f"release {release} was {gone}; nothing is left to withdraw")
    folder, was_held = _standing_folder(place, release)
    try:
        manifest = latest.read_manifest(folder)
        latest.stated(manifest, release)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableInput(
            f"{folder / MANIFEST} cannot be read ({error}), so nothing can be said of it; move the folder out of "
            f"{folder.parent} and run again"
        ) from error
    withdrawal = Withdrawal(release, now.isoformat(timespec="seconds"), reason, was_held)
    withdrawals.begin(place, withdrawal)
    return Done(place.withdrawn / release, tuple(_finish_withdrawal(place, withdrawal)))


def _reason(why: str) -> str:
    # What is no character, or half of one, can stand in no XML, and the feed is XML.
    typed = "".join(sign for sign in visible(why) if category(sign) not in {"Cn", "Cs"})
    reason = " ".join(typed.split())
    if not reason:
        raise UnusableInput("--why is empty; say in a sentence what is wrong: readers of the release see it")
    if len(reason) > LONGEST:
        raise UnusableInput(f"--why has {len(reason):,} letters; {LONGEST:,} are shown at most. Say it shorter")
    return reason


def _standing_folder(place: Home, release: str) -> tuple[Path, bool]:
    """The folder of a release that stands, and whether it is held."""
    if RELEASE_NAME.fullmatch(release):
        if release in {folder.name for folder in latest.folders(place)}:
            return place.releases / release, False
        if held.is_one(place, release):
            return held.folder_of(place, release), True
    known = [one.release_id for one in (*latest.standing(place)[0], *held.releases(place)[0])]
    names = f"there are: {', '.join(known)}" if known else "there is none; run first"
    raise UnusableInput(f"{place.releases}: no release is called {release!r}; {names}")


def _finish_withdrawal(place: Home, withdrawal: Withdrawal) -> list[str]:
    """Everything after the note; each step may have been done before. Returns what else changed, in sentences."""
    release, notes = withdrawal.release_id, []
    newest = _newest_good(place, release)
    # First, so that `latest` never names a release that is marked.
    if not withdrawal.was_held and place.latest.resolve().name == release:
        if newest:
            latest.point(place, newest)
        else:
            latest.unpoint(place)
        notes.append(f"latest names {newest or 'no release: none is left that is good'}")
    withdrawals.mark(place, withdrawal)
    kept = withdrawals.take_away(place, withdrawal)
    if not withdrawal.was_held:
        _leave_page(place, release, kept)
        if place.profile == Profile.PUBLIC and (said := snapshots.fall_back(place, release, newest)):
            notes.append(said)
        publish_list(place)
    withdrawals.finished(place, withdrawal)
    return notes


def _newest_good(place: Home, but: str) -> str:
    """The newest edition `but` one whose files are as its manifest says; empty where there is none."""
    for one in reversed(latest.standing(place)[0]):
        if one.release_id == but:
            continue
        try:
            if not release_folder.damaged(place.releases / one.release_id):
                return one.release_id
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return ""


def _leave_page(place: Home, release: str, kept: Path) -> None:
    """Put the page of the withdrawal where the release lay, unless it lies there."""
    from reports.site.withdrawn import FONTS, write_withdrawn

    final = place.releases / release
    if final.exists():
        return
    building = release_folder.building_folder(place, release)
    fonts = (kept / FONTS).read_bytes() if (kept / FONTS).is_file() else b""
    write_withdrawn({**latest.read_manifest(kept), "release_id": release}, building, fonts)
    (building / MANIFEST).write_bytes((kept / MANIFEST).read_bytes())
    building.rename(final)


@dataclass(frozen=True)
class Completed:
    """The releases whose publication or withdrawal was begun by a process that was killed, and what else changed."""

    published: tuple[str, ...]
    withdrawn: tuple[str, ...]
    notes: tuple[str, ...]


def resume(place: Home) -> Completed:
    """Complete, under the home's lock, what a killed process had begun, of both profiles; clear what it left."""
    published, withdrawn, notes = [], [], []
    for one in (Home(place.root), Home(place.root, Profile.INTERNAL)):
        release_folder.sweep_litter(one)
        for withdrawal in withdrawals.begun(one):
            notes += _finish_withdrawal(one, withdrawal)
            withdrawn.append(withdrawal.release_id)
        for note in held.begun(one):
            _finish_publishing(one, note)
            published.append(note.release_id)
        held.sweep(one)
        withdrawals.sweep(one)
    return Completed(tuple(published), tuple(withdrawn), tuple(notes))


def pin(place: Home, release: str) -> bool:
    """Pin a release that stands or is held; whether it was not pinned before."""
    gone = withdrawals.of(place, release)
    if gone:
        raise UnusableInput(f"release {release} was {gone}; only a release that stands can be pinned")
    _standing_folder(place, release)
    place.releases.mkdir(parents=True, exist_ok=True)
    return pins.pin(place, release)


def unpin(place: Home, release: str) -> None:
    """Take a pin away. Raises UnusableInput where there is none."""
    if not pins.unpin(place, release):
        known = ", ".join(pins.pinned(place)) or "none"
        raise UnusableInput(f"release {release!r} is not pinned; pinned are: {known}")
