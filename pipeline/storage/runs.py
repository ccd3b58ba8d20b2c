"""The table of runs: what each run took, what it made, how it ended; one JSON object a line in HOME/logs/runs.jsonl.

Lines, because each is appended in one write when a run ends: no run needs a lock or a database for it, a line that a
kill cut is passed over, and DuckDB (`read_json`), Polars and a text editor read it as it lies. It stands outside of the
releases, whose bytes do not depend on when and how fast they were made. A year of daily runs takes a megabyte.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipeline.declare.settings import Home
from pipeline.storage.disk import write_atomically
from pipeline.storage.lock import UNKNOWN, holder, is_held
from pipeline.storage.space import Measured

NAME = "runs.jsonl"
BEGUN = "run_begun.json"


class Outcome(StrEnum):
    """How a run ended."""

    PUBLISHED = "published"
    HELD = "held"  # it waits for somebody to publish it
    BLOCKED = "blocked"  # a check or an account failed
    REFUSED = "refused"  # unusable input, or a cause that may pass
    FAILED = "failed"  # a fault of the code
    PARTIAL = "partial"  # some steps were run by hand, and nothing was to be published
    KILLED = "killed"  # it never said how it ended


@dataclass(frozen=True)
class Failed:
    """A rule that failed in a run."""

    table: str
    rule: str
    severity: str
    failed_count: int
    note: str = ""

    @property
    def key(self) -> str:
        return f"{self.table}: {self.rule}"


@dataclass(frozen=True)
class Run:
    """One run. Times are UTC in ISO 8601, sizes bytes, durations seconds; None is what could not be known.

    `started_by` is `command`, `ui`, or `schedule` or `sensor` with its name. CPU seconds and peak memory are those of
    the run's processes together; the peaks need not have been at the same moment, so it never used more. `rows_in` are
    the rows of all deliveries in force, of which `rows_set_aside` were not used. `home_bytes` are by first folder.
    """

    run_id: str
    started_at: str
    ended_at: str
    started_by: str
    profile: str
    code_version: str
    outcome: str
    message: str = ""
    release_id: str | None = None
    moved_latest: bool | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    peak_memory_bytes: int | None = None
    rows_in: int | None = None
    rows_set_aside: int | None = None
    release_bytes: int | None = None
    home_bytes: Mapping[str, int] = field(default_factory=dict)
    disk_free_bytes: int | None = None
    failed_rules: tuple[Failed, ...] = ()

    @property
    def used(self) -> int:
        return sum(self.home_bytes.values())

    @property
    def succeeded(self) -> bool:
        return self.outcome in (Outcome.PUBLISHED, Outcome.HELD)


@dataclass(frozen=True)
class Begun:
    """A run that began; `pid` is its process."""

    run_id: str
    started_at: str
    started_by: str
    profile: str
    code_version: str
    pid: int = 0


def path_of(home: Home) -> Path:
    return home.logs / NAME


def begin(home: Home, begun: Begun) -> None:
    """Note that a run begins. One before that never said how it ended gets its line: it was killed.

    Call it under the home's lock: whoever holds it knows that no other run is at work.
    """
    home.logs.mkdir(parents=True, exist_ok=True)
    settle(home)
    text = json.dumps(asdict(begun), sort_keys=True) + "\n"
    write_atomically(home.logs / BEGUN, lambda part: part.write_text(text, encoding="utf-8"))


def settle(home: Home) -> None:
    """Give a run that was killed its line in the table, and clear what it left half written. Under the home's lock."""
    for part in (*home.logs.glob(".*.part"), *home.root.glob(f".{home.health.name}.*.part")):
        part.unlink(missing_ok=True)
    left = unfinished(home)
    if left is None:
        return
    if left.run_id not in {run.run_id for run in read(home)[-1:]}:  # else it was killed after its last line
        _append(home, killed(left))
    (home.logs / BEGUN).unlink(missing_ok=True)


def unfinished(home: Home) -> Begun | None:
    """The run that began and has not said how it ended: one at work, or one that was killed."""
    try:
        found = json.loads((home.logs / BEGUN).read_text(encoding="utf-8"))
        return Begun(**found)
    except (OSError, ValueError, TypeError):
        return None


def unsaid(home: Home) -> Run | None:
    """The run that was killed and has no line yet; None where there is none, or a run is at work.

    Whoever works in a home holds its lock, which the system takes from a process that ends however it ends. So a run
    is gone where nobody holds the lock, or another process than its own says that it does.
    """
    left = unfinished(home)
    if left is None or (is_held(home) and holder(home) in (str(left.pid), UNKNOWN)):
        return None
    # It may have ended while this looked.
    ended = unfinished(home) != left or left.run_id in {run.run_id for run in read(home)[-1:]}
    return None if ended else killed(left)


def killed_lately(home: Home) -> list[Run]:
    """The runs that were killed since the last but one that ended otherwise: what the last run has to say of them."""
    table = read(home)
    ended = [place for place, run in enumerate(table) if run.outcome != Outcome.KILLED]
    since = ended[-2] + 1 if len(ended) > 1 else 0
    left = unsaid(home)
    return [run for run in table[since:] if run.outcome == Outcome.KILLED] + ([left] if left else [])


def was_killed(home: Home, run_id: str) -> bool:
    """Whether a run was killed, whenever that was."""
    known = [*read(home), *filter(None, [unsaid(home)])]
    return any(run.run_id == run_id and run.outcome == Outcome.KILLED for run in known)


def killed(left: Begun) -> Run:
    """The line of a run that never said how it ended."""
    return Run(
        left.run_id, left.started_at, "", left.started_by, left.profile, left.code_version, Outcome.KILLED,
        "the process ended before the run did, as by a kill, a power cut or for want of memory",
    )  # fmt: skip


def end(home: Home, run: Run) -> None:
    """Write the line of a run, and take back the note that it began."""
    home.logs.mkdir(parents=True, exist_ok=True)
    _append(home, run)
    (home.logs / BEGUN).unlink(missing_ok=True)


def _append(home: Home, run: Run) -> None:
    line = (json.dumps(asdict(run), ensure_ascii=False) + "\n").encode()
    handle = os.open(path_of(home), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":  # a kill cut the line before
            line = b"\n" + line
        os.write(handle, line)
        os.fsync(handle)
    finally:
        os.close(handle)


def read(home: Home) -> list[Run]:
    """Every run in the order in which they ended; a line that is none is passed over."""
    try:
        lines = path_of(home).read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return []
    return [run for line in lines if (run := _parsed(line)) is not None]


def _parsed(line: str) -> Run | None:
    """A run of a line; what a later version of the code added is left out."""
    known = {one.name for one in fields(Run)}
    try:
        stated: dict[str, Any] = {name: value for name, value in json.loads(line).items() if name in known}
        return Run(**{**stated, "failed_rules": tuple(Failed(**one) for one in stated.get("failed_rules", ()))})
    except (ValueError, TypeError, AttributeError):
        return None


def measured(found: list[Run]) -> list[Measured]:
    """The size of the home and the room on its disk after each run that measured them."""
    return [
        Measured(when, run.used, run.disk_free_bytes)
        for run in found
        if run.home_bytes and run.disk_free_bytes is not None and (when := moment(run.ended_at)) is not None
    ]


def moment(text: str) -> datetime | None:
    """A time that a run or a manifest states; None where it states none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
