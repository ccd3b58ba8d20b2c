"""Why a run of Dagster failed, in the words that the command prints, from the events of the run."""

import builtins
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.declare.errors import AccountingError, BlockedRelease, PassingCause, UnusableInput
from pipeline.storage import disk

_KNOWN: dict[str, type[Exception]] = {
    one.__name__: one for one in (UnusableInput, PassingCause, AccountingError, BlockedRelease)
}
PUBLISHED, BLOCKED, UNUSABLE = 0, 1, 2


def failure_of(events: Iterable[Any], root: Path) -> tuple[Exception, str]:
    """(the first failure of a run as the user's error, its trace); blocking checks by name, with their rules.

    The trace is empty where the error says all that a user needs.
    """
    seen = list(events)
    blocked = [check for check in _checks(seen) if not check.passed and check.severity.value == "ERROR"]
    if blocked:
        rules = [rule for check in blocked for rule in failed_rules(check)]
        return BlockedRelease("; ".join(c.description for c in blocked) + ". The last release is as it was", rules), ""
    for where, error in _failures(seen):
        cause = error.cause or error
        name, text = cause.cls_name, cause.message.strip()
        text = text.removeprefix(f"pipeline.declare.errors.{name}: ")
        if name in _KNOWN:
            return _KNOWN[name](text), ""
        if name == "Failure":  # what a download says for the user
            return UnusableInput(text.partition(": ")[2] or text), ""
        full = disk.told(text, root)
        if full:
            return UnusableInput(full), ""
        if name == "IOException" or _is_os_error(name):
            return UnusableInput(f"{text}; the last release is as it was"), ""
        return BlockedRelease(f"{where} failed: {text}"), error.to_string()
    return BlockedRelease("the run failed before any step; see the UI (make dev)"), ""


def said(error: Exception, root: Path) -> tuple[int, str] | None:
    """(exit code, sentence) of an error that a user can cause; None for a fault of the program, which has a trace."""
    if isinstance(error, UnusableInput):
        return UNUSABLE, str(error)
    if isinstance(error, BlockedRelease | AccountingError):
        return BLOCKED, f"nothing was published: {error}"
    full = disk.told(_cause(error), root)
    if full:
        return UNUSABLE, full
    if not isinstance(error, OSError):
        return None
    where = f"{error.filename}: " if error.filename else ""
    return UNUSABLE, f"{where}{error.strerror or error}; the last release is as it was"


def _cause(error: Exception) -> str:
    """The message, with the path as other programs quote it."""
    named = f' "{error.filename}"' if isinstance(error, OSError) and error.filename else ""
    return f"{error}{named}"


def _checks(events: list[Any]) -> Iterator[Any]:
    return (e.asset_check_evaluation_data for e in events if e.event_type_value == "ASSET_CHECK_EVALUATION")


def failed_rules(check: Any) -> Iterator[dict[str, Any]]:
    """The failed rules of a check, from the table that it shows (check_metadata.py); a check without one has none."""
    shown = check.metadata.get("rules")
    path = list(check.asset_key.path)
    table = "run" if path == ["release", "published"] else ".".join(path)
    for row in (record.data for record in shown.records) if shown is not None else ():
        if row["outcome"] == "failed":
            yield {
                "table": table,
                "rule": row["rule"].replace(" ", "_"),
                "severity": row["severity"],
                "passed": False,
                "failed_count": row["rows_failing"],
                "note": row["why"],
                "examples": [one for one in row["examples"].split(", ") if one],
                "remedy": row["remedy"],
            }


def _failures(events: list[Any]) -> Iterator[tuple[str, Any]]:
    """Where each failure of a run came, with its error: those of steps, then that of the run before any step."""
    yield from ((f"step {e.step_key}", e.step_failure_data.error) for e in events if e.is_step_failure)
    yield from (
        ("the start of the run", e.job_failure_data.error)
        for e in events
        if e.event_type_value == "PIPELINE_FAILURE" and e.job_failure_data.error is not None
    )


def _is_os_error(name: str) -> bool:
    """Whether a class of that name is Python's own for a file or device that cannot be used."""
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, OSError)
