"""Checks of one home: rights, lock, landings, litter, databases, release, boundaries, reference, corrections, inbox."""

import os
import tempfile
from datetime import UTC, datetime, timedelta

from pipeline import deliveries, intake, latest, publishing, saved_methods, settings
from pipeline.codes import Kind, Profile
from pipeline.doctor.findings import NOTE, OK, PROBLEM, Said, nearest
from pipeline.errors import UnusableInput
from pipeline.locking import holder, is_held
from pipeline.methods import METHODS
from pipeline.readers.corrections import read_all
from pipeline.settings import REFERENCE, Home

EXPIRY_NOTICE = timedelta(days=60)
LITTER = ("deliveries/*/.*.part", "warehouse/.*.part*", "published/.building-*", "published/.old-*",
          "internal/.building-*", "internal/.old-*")  # fmt: skip


def writable(place: Home) -> Said:
    above = nearest(place.root)
    if above != place.root:
        can = above.is_dir() and os.access(above, os.W_OK | os.X_OK)
        yield (
            (OK, f"{place.root} is not there yet and can be made")
            if can
            else (
                PROBLEM,
                f"{place.root} cannot be made below {above}; mend its rights or choose another --home",
            )
        )
        return
    for folder in (place.root, place.deliveries, place.warehouse, place.published, place.internal):
        if folder.exists():
            try:
                with tempfile.TemporaryFile(dir=folder):
                    pass
            except OSError as error:
                yield (
                    PROBLEM,
                    f"{folder} cannot be written ({error.strerror}); mend its rights or choose another --home",
                )
                return
    yield OK, str(place.root)


def lock(place: Home) -> Said:
    if is_held(place):
        yield NOTE, f"process {holder(place)} is running in this home; wait for it, or end it if it hangs"
    else:
        yield OK, "no run holds this home"


def landings(place: Home) -> Said:
    faults = deliveries.damaged(place)
    for fault in faults:
        yield PROBLEM, f"{fault}; remove its .json and .parquet and deliver the file again"
    if not faults:
        yield OK, f"{len(deliveries.in_force(place))} in force"


def litter(place: Home) -> Said:
    left = [path for pattern in LITTER for path in place.root.glob(pattern)]
    left += [p for p in place.deliveries.glob("*/*.parquet") if not p.with_suffix(".json").exists()]
    if left:
        yield NOTE, f"{len(left)} left by a killed run, such as {left[0].name}; the next run clears them"
    aside = sorted(place.warehouse.glob("*.damaged*"))
    if aside:
        yield NOTE, f"{aside[0].name} was moved aside by an earlier run; remove it when you have looked at it"
    if not left and not aside:
        yield OK, "none"


def databases(place: Home) -> Said:
    from pipeline.warehouse import look_at, wal_of

    for path, remedy in (
        (place.work_database, "remove it: the next run rebuilds it from the deliveries"),
        (Home(place.root, Profile.INTERNAL).work_database, "remove it: the next internal run rebuilds it"),
        (place.analysts_database, "remove it and run again"),
    ):
        if not path.exists():
            continue
        fault, wal = look_at(path), wal_of(path)
        if wal.exists() and path == place.analysts_database:
            yield (
                PROBLEM if fault else NOTE,
                f"{wal.name} was left by a client that had {path.name} open for writing{f' ({fault})' if fault else ''}"
                "; remove it when no client is at work: it holds what the client wrote and nothing of ours. "
                "The next run that replaces the database clears it",
            )
        else:
            yield (PROBLEM, f"{path.name} {fault}; {remedy}") if fault else (OK, path.name)


def release(place: Home) -> Said:
    yield from _release(Home(place.root))
    team = Home(place.root, Profile.INTERNAL)
    if team.releases.is_dir():
        yield from ((state, f"internal: {text}") for state, text in _release(team))


def _release(place: Home) -> Said:
    found, unreadable = latest.standing(place)
    newest = found[-1] if found else None
    move = "run again"
    if newest:
        day = f"--period-end {newest.period_end} --as-of {newest.known} --profile {place.profile}"
        move = f"to move latest to it: township-index run {day} --make-latest"
    if not any(path.is_symlink() or path.exists() for path in (place.latest_link, place.latest_file)):
        if newest or unreadable:
            named = newest or unreadable[0]
            yield PROBLEM, f"releases lie in {place.releases}, such as {named}, and latest names none; {move}"
        else:
            yield NOTE, "nothing was published yet; run first"
        return
    folder = place.latest.resolve()
    try:
        wrong = publishing.altered(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield PROBLEM, f"latest points to {folder.name}, which is no whole release ({error}); {move}"
        return
    if wrong:
        yield PROBLEM, f"{folder.name}: {len(wrong)} files not as in its manifest, such as {wrong[0]}; run again"
    else:
        yield OK, f"{folder.name}, whole"
    now = latest.pointed(place)
    if now and newest and now.edition < newest.edition:
        yield NOTE, f"latest stands at {now}, and a newer edition lies beside it: {newest}; {move}"


def boundaries(place: Home) -> Said:
    chosen = [d for d in deliveries.in_force(place) if d.kind == Kind.BOUNDARIES]
    if chosen:
        yield OK, f"{chosen[-1].file_name} of {chosen[-1].received_day}"
    else:
        yield NOTE, "schematic shapes: good for a map, too rough near borders; put a boundary file into boundaries/"


def reference(_: Home) -> Said:
    import polars as pl

    from geo.crosswalk import crosswalk
    from geo.townships import reference

    listed = reference().height
    old_codes = crosswalk().height
    tables = {
        "published_figures.csv": {"figure", "value", "unit", "reference_date", "source"},
        "actor_dialogue_2021.csv": {"counterpart", "actor", "bloc", "conflict_status", "dialogue_status"},
        "township_aliases.csv": set(),
    }
    for name, columns in tables.items():
        path = REFERENCE / name
        if name == "township_aliases.csv" and not path.exists():
            continue
        try:
            frame = pl.read_csv(path, infer_schema=False, comment_prefix="#", glob=False)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise UnusableInput(f"{path}: {error}; restore it with `git checkout -- data/reference`") from error
        if frame.is_empty() or not columns <= set(frame.columns):
            raise UnusableInput(f"{path}: rows or columns are gone; restore it with `git checkout -- data/reference`")
    yield OK, f"{listed} townships, {old_codes} old codes, {len(tables)} tables looked for"


def corrections(place: Home) -> Said:
    entries = read_all(place)
    today = datetime.now(settings.MYANMAR).date()
    for entry in (e for e in entries if e.until is None):
        if entry.expires < today:
            yield PROBLEM, f"{entry.where} expired on {entry.expires}; renew or remove it before the next delivery"
        elif entry.expires < today + EXPIRY_NOTICE:
            yield NOTE, f"{entry.where} expires on {entry.expires}; look whether the source still has the error"
    yield OK, f"{len(entries)} entries can be read"


def methods(place: Home) -> Said:
    for path in sorted(place.methods.glob("*.toml")):
        if path.stem in METHODS:
            yield NOTE, f"{path.name} bears the name of a method that ships and is never used; rename or remove it"
            continue
        try:
            saved_methods.read(place, path.stem)
        except UnusableInput as error:
            yield PROBLEM, str(error)
    yield OK, f"{len(saved_methods.names(place))} saved methods"


def inbox(place: Home) -> Said:
    if not place.inbox.is_dir() or not intake.holds_files(place.inbox):
        yield OK, f"nothing in {place.inbox}"
        return
    refused = 0
    files = intake.find_files(place.inbox)
    for one in files:
        try:
            intake.judge([one], datetime.now(UTC))
        except UnusableInput as error:
            refused += 1
            yield PROBLEM, f"would be refused: {error}"
    if not refused:
        yield OK, f"{len(files)} files, all can be delivered"
