"""What must hold of every file: refused by one clear line, or read with every row as it was written.

What is wrong is returned as sentences and never raised, so that a run can go on. Not here: its records (settle).
"""

import re
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.declare.codes import Reason
from pipeline.declare.errors import UnusableInput
from pipeline.ingest import inbox
from pipeline.sources import BY_NAME
from pipeline.storage.deliveries import Judged
from tests.fuzz.cases import Case, build
from tests.fuzz.files import Written, same
from tests.fuzz.invented import PointOf

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
SLOW_SECONDS = 5.0  # of processor time, for one file of at most some MB
MESSAGE_CHARACTERS = 2500
# What the project promises, stated again here so that a slip in the readers shows.
CELL_LIMIT_CHARACTERS, UNREADABLE_LIMIT_SHARE = 1_000_000, 0.05
_FOLDERS = re.compile(r"(?<![\w.<])/(?:work|tmp|usr|home|root|opt|var|etc)/[\w/.-]*")
_DAMAGED_CELL = {"#DIV/0!", "#REF!", "#N/A", "#VALUE!"}


@dataclass
class Examined:
    """One file judged: refused with a message, or read; `faults` is empty where all is as it must be."""

    case: Case
    written: Written | None = None
    judged: Judged | None = None
    message: str = ""
    faults: list[str] = field(default_factory=list)
    rows_lost: int = 0


@dataclass
class Tally:
    """Figures of a run."""

    files: int = 0
    refused: int = 0
    read: int = 0
    rows: int = 0
    used: int = 0
    lost: int = 0
    crashes: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, one: Examined) -> None:
        self.files += 1
        self.read += one.judged is not None
        self.refused += bool(one.message)
        self.lost += one.rows_lost
        self.crashes += any(fault.startswith("crash: ") for fault in one.faults)


def crash(error: BaseException) -> str:
    """An exception that no user may see, with the last place in our code."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "/site-packages/" not in f.filename]
    where = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"crash: {type(error).__name__}{where}: {str(error)[:300]}"


def examine(case: Case, folder: Path, point_of: PointOf) -> Examined:
    """Write the case's file into a folder of its own and judge it."""
    found = Examined(case)
    found.written = build(case, folder, point_of)
    started = time.process_time()
    try:
        found.judged = inbox.judge([(found.written.kind, found.written.path)], NOW)[0]
    except UnusableInput as error:
        found.message = str(error)
        found.faults = _message_faults(found.message, found.written, folder)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of Polars or calamine is no Exception
        found.faults = [crash(error)]
    else:
        found.faults, found.rows_lost = _mirror_faults(found.judged, found.written)
    if time.process_time() - started > SLOW_SECONDS:
        found.faults.append(f"slow: {time.process_time() - started:.1f} s of processor time")
    return found


def _message_faults(message: str, written: Written, folder: Path) -> list[str]:
    faults = []
    if len(message.splitlines()) != 1:
        faults.append(f"message: {len(message.splitlines())} lines: {message!r}")
    if written.path.name not in message:
        faults.append(f"message: does not name the file: {message!r}")
    if "Traceback" in message or _FOLDERS.search(message.replace(str(folder), "")):
        faults.append(f"message: shows what is inside: {message!r}")
    if len(message) > MESSAGE_CHARACTERS:
        faults.append(f"message: {len(message)} characters: {message[:200]!r}")
    return faults


def _mirror_faults(judged: Judged, written: Written) -> tuple[list[str], int]:
    """What of the written rows is not in the mirror as it was written, and how many rows are missing."""
    frame, faults = judged.frame, []
    if written.hopeless:
        faults.append(f"read: should have been refused ({written.hopeless})")
    if judged.delivery.rows_count != frame.height or not frame["row_number"].is_unique().all():
        faults.append("mirror: its row numbers or its count are not those of its rows")
    if written.open_from == 1:
        return faults, 0
    positions, twice = positions_of(written, judged.delivery.format)
    if twice:
        faults.append(f"read: the header names {twice!r} twice")
    numbers: list[int] = frame["row_number"].to_list()
    if not written.numbered:  # in their order; the doubtful ones are rows where that makes the count right
        sure = [line for line in written.lines if line not in written.optional]
        expected = list(written.lines) if len(written.lines) == len(numbers) else sure
        if len(expected) != len(numbers):
            return [*faults, f"rows: {len(sure)} written, {len(numbers)} read"], abs(len(sure) - len(numbers))
        numbers = expected
    mirrored = dict(zip(numbers, frame.to_dicts(), strict=True))
    limit = written.open_from or 10**9
    due = {line for line in written.lines if line < limit and line not in written.optional}
    lost, invented = due - mirrored.keys(), {n for n in mirrored if n < limit} - written.lines.keys() - written.optional
    if lost:
        faults.append(f"rows: {len(lost)} of {len(due)} not in the mirror, first line {min(lost)}")
    if invented:
        faults.append(f"rows: {len(invented)} in the mirror that no line holds, first {min(invented)}")
    broken = 0
    for line in sorted(due & mirrored.keys()):
        row, wrong = mirrored[line], _row_fault(written.lines[line], mirrored[line], positions, written)
        broken += row["problem"] is not None
        if wrong:
            faults.append(f"line {line}: {wrong}")
            break
    if written.exact and broken > UNREADABLE_LIMIT_SHARE * max(1, frame.height):
        faults.append(f"read: {broken} of {frame.height} lines are no rows, over the limit")
    return faults, len(lost)


def _row_fault(given: list[str], row: dict[str, object], positions: dict[int, str], written: Written) -> str:
    """Why a mirrored row is not the row that was written; empty where it is."""
    problem = row["problem"]
    uneven = len(given) != len(written.header)
    ragged = written.exact and uneven
    nul = any("\x00" in cell for cell in given)
    long = any(len(cell) > CELL_LIMIT_CHARACTERS for cell in given)
    if problem is not None:
        due = {Reason.RAGGED_ROW: uneven, Reason.NUL_BYTES: nul, Reason.OVERSIZED_CELL: long}
        due[Reason.FORMULA_ERROR] = bool(_DAMAGED_CELL & set(given))
        return "" if due.get(Reason(str(problem))) else f"set aside as {problem}, which it is not: {str(given)[:200]}"
    if written.exact and (ragged or nul or long):
        return f"read as a row: {'ragged' if ragged else 'NUL' if nul else 'a cell over the limit'}"
    for at, ours in positions.items():
        cell, found = given[at] if at < len(given) else "", row[ours]
        if not same(cell, found if found is None else str(found), written.exact):
            return f"{ours} was {cell[:80]!r}, the mirror has {str(found)[:80]!r}"
    return ""


def positions_of(written: Written, format_name: str) -> tuple[dict[int, str], str]:
    """Position in the file -> our column, worked out anew from the declaration; and one of ours that stands twice."""

    def folded(cell: str) -> str:
        return " ".join(cell.replace("\ufeff", "").replace("\u200b", "").split()).casefold()

    mapped = {folded(theirs): ours for ours, theirs in written.mapping.items()}
    spelled = {folded(s): ours for ours, known in BY_NAME[format_name].columns.items() for s in known}
    cells = [folded(mapped.get(folded(cell), cell)) for cell in written.header]
    twice = next((cell for cell in cells if cell in spelled and cells.count(cell) > 1), "")
    return {at: spelled[cell] for at, cell in enumerate(cells) if cell in spelled}, twice
