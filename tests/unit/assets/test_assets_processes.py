"""Processes that are ended take with them whatever they started, willing or not; and no run can be sent elsewhere."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dagster import Field

from assets import processes
from assets.context import IndexRun
from pipeline.declare.settings import REPOSITORY

# Ignores SIGTERM, as its child does, and says the id of both.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    print(os.getpid(), child, flush=True)
time.sleep(60)
"""
# Starts another by our own function, says its id, and waits.
PARENT = """
import sys, time
from assets.processes import start
print(start([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone(process: int, seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while alive(process) and time.monotonic() < until:
        time.sleep(0.02)
    return not alive(process)


def test_who_does_not_end_when_asked_is_killed_with_its_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE_SECONDS", 1.0)
    stubborn = subprocess.Popen(
        [sys.executable, "-S", "-c", STUBBORN], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert stubborn.stdout is not None
    both = [int(one) for one in stubborn.stdout.readline().split()]
    # As a script in the background has it, whose processes Dagster makes ignore the signal.
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        willing = processes.start([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    finally:
        signal.signal(signal.SIGTERM, before)
    processes.end([willing, stubborn])
    assert (willing.returncode, stubborn.returncode) == (-signal.SIGTERM, -signal.SIGKILL)
    assert all(gone(one) for one in both)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is gone")
def test_a_killed_parent_leaves_no_process_behind() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait()
    assert gone(child)


def test_one_that_ends_by_itself_ends_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The code server stands in for itself by making the file that the others wait for."""
    sleeps = (sys.executable, "-S", "-c", "import time; time.sleep(60)")

    def commands(host: str, port: int, socket: Path, workspace: Path) -> dict[str, tuple[str, ...]]:
        assert "pipeline.definitions" in workspace.read_text(encoding="utf-8")
        ready = (sys.executable, "-S", "-c", f"open({str(socket)!r}, 'w').close(); import time; time.sleep(60)")
        return {
            "code server": ready,
            "webserver": (sys.executable, "-S", "-c", "raise SystemExit(3)"),
            "daemon": sleeps,
        }

    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    monkeypatch.setattr(processes, "_commands", commands)
    try:
        assert processes.serve("127.0.0.1", 0) == 1
        assert "the webserver ended by itself (exit code 3); the others were ended too" in capsys.readouterr().err
        monkeypatch.setattr(processes, "LOOK_SECONDS", 0.05)
        started: list[str] = []
        start = processes.start

        def counted(command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
            started.append(command[-1])
            if command is sleeps:
                signal.raise_signal(signal.SIGTERM)
            return start(command)

        monkeypatch.setattr(processes, "start", counted)
        assert processes.serve("127.0.0.1", 0) == 0, "a signal asked for the end"
        assert len(started) == 3
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def test_no_job_can_be_given_a_home() -> None:
    """Whoever opens the UI fills in what a job's configuration offers: a home is not among it, nor a path to one."""
    from pipeline.definitions import defs

    assert "home" not in IndexRun.model_fields
    assert {"period_end", "make_latest"} <= _names(defs.resolve_job_def("township_index").run_config_schema.config_type)
    for job in defs.resolve_all_job_defs():
        offered = _names(job.run_config_schema.config_type)
        assert not {name for name in offered if "home" in name}, job.name


def _names(of: object) -> set[str]:
    """Every name that a configuration offers, at any depth."""
    found: set[str] = set()
    fields = getattr(of, "fields", None) or {}
    for name, field in fields.items():
        assert isinstance(field, Field) or hasattr(field, "config_type")
        found |= {name, *_names(field.config_type)}
    return found
