"""The command in forks of one process, at a stated time and with tables alone: for simulations of many runs.

`python -m scripts.light_runs` serves: a line read is a request, the lines written are the process id of the fork and
its exit code. `Commands` starts it and asks. What a run leaves out and how it is forked: the server of the integration
tests. Not here: what is simulated (thirty_days.py, kills.py).
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import IO, Any, Self

from pipeline.declare.settings import REPOSITORY
from tests.integration import integration_server as server

REAL = datetime
OURS = ("pipeline", "geo", "expectations", "assets", "reports")
TIMEOUT = 900


class _AnyTime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, REAL)


class Then(datetime, metaclass=_AnyTime):
    """The clock of a simulated run: it goes on from the stated time."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        found = REAL.now(UTC) + cls.ahead
        return cls.fromisoformat(found.astimezone(tz).isoformat())


def set_clock(now: datetime) -> None:
    """Let every module of ours that is imported read this time; files and Dagster's records keep the real one."""
    Then.ahead = now - REAL.now(UTC)
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in OURS and getattr(module, "datetime", None) is REAL:
            module.datetime = Then  # type: ignore[attr-defined]


def set_free(size: int) -> None:
    """Let the disk of every home have so many free bytes."""
    from pipeline.storage import space

    space.free_at = lambda _path: size


def tables_alone() -> None:
    """Of a release the tables, the databases and what is told of it, without the drawings of regions."""
    server.tables_only()
    vars(importlib.import_module("reports.build"))["write_locators"] = lambda *_given: None


def serve() -> None:
    gc.disable()
    for name in server.IMPORTED:
        importlib.import_module(name)
    for package in OURS:
        for found in pkgutil.walk_packages([package], f"{package}."):
            importlib.import_module(found.name)
    server.SHOWN["tables"] = tables_alone
    server.engine.load()
    gc.freeze()
    print("ready", flush=True)
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            request = json.loads(line)
            if request["now"]:
                set_clock(datetime.fromisoformat(request["now"]))
            if request["free"]:
                set_free(request["free"])
            server.run(request)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


@dataclass(frozen=True)
class Outcome:
    """How a command ended; `code` is minus the signal that ended it, `kill_missed` that it ended before the kill."""

    code: int
    out: str
    err: str
    seconds: float
    kill_missed: bool = False


class Commands:
    """Asks a server for one command after the other; its files lie in `folder`."""

    def __init__(self, folder: Path, shown: str = "tables") -> None:
        self.folder, self.shown = folder, shown
        folder.mkdir(parents=True, exist_ok=True)
        self._server = subprocess.Popen(
            [sys.executable, "-m", "scripts.light_runs"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY,
        )  # fmt: skip
        self._ask, self._answer = _open(self._server.stdin), _open(self._server.stdout)
        self._said()

    def _said(self) -> str:
        return self._answer.readline().strip()

    def __call__(
        self,
        *argv: object,
        env: Mapping[str, str] | None = None,
        now: datetime | None = None,
        free: int = 0,
        kill: tuple[signal.Signals, Callable[[], bool]] | None = None,
    ) -> Outcome:
        """Run a command; `kill` is a signal, and what is asked until it is time to send it."""
        out, err = self.folder / "out", self.folder / "err"
        own = {name: value for name, value in os.environ.items() if not name.startswith(("TOWNSHIP_", "DAGSTER_"))}
        request: dict[str, Any] = {
            "argv": [*map(str, argv)], "env": {**own, "PYTHONUNBUFFERED": "1", **(env or {})},
            "cwd": str(self.folder), "out": str(out), "err": str(err), "cache": str(self.folder / "cache"),
            "recorded": False, "program": "township-index", "shown": self.shown, "free": free,
            "now": now.isoformat() if now else "",
        }  # fmt: skip
        began = time.monotonic()
        self._ask.write(json.dumps(request) + "\n")
        self._ask.flush()
        pid = int(self._said())
        missed = bool(kill) and not _killed(pid, *kill) if kill else False
        code = int(self._said())
        return Outcome(code, out.read_text("utf-8"), err.read_text("utf-8"), time.monotonic() - began, missed)

    def close(self) -> None:
        self._ask.close()
        self._server.wait(TIMEOUT)


def _open(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise RuntimeError("the server was started without pipes")
    return pipe


def _killed(pid: int, number: signal.Signals, reached: Callable[[], bool]) -> bool:
    """Send a signal to a process once it is time; False where it ended before. Its server has not collected it yet
    when this looks, or the number would be free for another."""
    while not reached():
        if _ended(pid):
            return False
        time.sleep(0.002)
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


if __name__ == "__main__":
    serve()
