"""The log files of a home: one JSON object a line, in files that are bounded in size and number.

A line holds `time` (UTC, to the millisecond), `level`, `run` (its id), `step` (empty outside of one) and `message`;
where a failure is told, `error` too. Every run writes here, of the command line and of Dagster alike. Two processes
may write at once: each line is written in one call, and at worst a file is put aside a little early.
"""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pipeline.declare import retention
from pipeline.declare.settings import Home

NAME = "township_index.jsonl"


def path_of(home: Home) -> Path:
    """The file that is written to; older ones bear a number behind its name, 1 the newest."""
    return home.logs / NAME


def rotated(home: Home) -> list[Path]:
    """The log files that were put aside."""
    return sorted(home.logs.glob(f"{NAME}.*")) if home.logs.is_dir() else []


class JsonLines(logging.Formatter):
    """A record as one line of JSON, with the run that it belongs to and the step that is being made."""

    def __init__(self, run_id: str, step: Callable[[], str]) -> None:
        super().__init__()
        self._run_id, self._step = run_id, step

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "run": self._run_id,
            "step": getattr(record, "step", "") or self._step(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def note(to: logging.Handler, level: int, text: str, step: str = "") -> None:
    """Write a line into the log alone, not to the screen; `step` where it is of one that is over."""
    record = logging.LogRecord("township_index", level, "", 0, text, None, None)
    record.step = step
    to.handle(record)


class _Quiet(RotatingFileHandler):
    """A full disk must not fill the screen with tracebacks of the log: the run itself says that the disk is full."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the library's name)
        pass


def handler(home: Home, run_id: str, step: Callable[[], str] = lambda: "") -> logging.Handler:
    """A handler that writes to the home's log; `step` says which step is being made. Raises OSError where it cannot."""
    home.logs.mkdir(parents=True, exist_ok=True)
    made = _Quiet(
        path_of(home),
        maxBytes=int(retention.LOG_BYTES.value),
        backupCount=int(retention.LOG_FILES.value),
        encoding="utf-8",
        errors="backslashreplace",
    )
    made.setFormatter(JsonLines(run_id, step))
    return made
