"""A disk that takes no more is told in one line, and a command that is ended takes its second process with it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import polars as pl
import pytest
import typer

from pipeline import cli
from pipeline.declare.settings import REPOSITORY
from pipeline.storage import disk

PLACE = Path("/home/team/data")
FULL = "No space left on device"


@pytest.mark.parametrize(
    ("text", "named", "remedy"),
    [
        (f"parquet: File out of specification: underlying IO error: {FULL} (os error 28)", "/home/team/data", "room"),
        (f'IO Error: Could not write file "/h/w.duckdb": {FULL}', "/h/w.duckdb", "make room on the disk"),
        ('FATAL Error: database has been invalidated\nOriginal error: "/h/w": File too large', "/h/w", "ulimit -f"),
        ("(sqlite3.OperationalError) database or disk is full", "/home/team/data", "make room"),
    ],
)
def test_each_program_s_words_become_one_line(text: str, named: str, remedy: str) -> None:
    said = disk.told(text, PLACE)
    assert said is not None
    assert said.startswith(f"{named}: ")
    assert remedy in said
    assert "\n" not in said
    assert said.endswith("the last release is as it was")


def test_other_errors_are_none_of_its_business() -> None:
    assert disk.told("unable to parse 'x' as a number", PLACE) is None


@pytest.mark.parametrize(
    "error", [pl.exceptions.ComputeError(f"parquet: {FULL}"), OSError(28, FULL, "/h/x"), duckdb.IOException(FULL)]
)
def test_a_command_on_a_full_disk_ends_in_one_line(
    error: Exception, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    @cli.user_errors
    def command(home: Path | None = None) -> None:
        raise error

    with pytest.raises(typer.Exit) as ended:
        command(home=tmp_path)
    assert ended.value.exit_code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert FULL in line
    assert "make room" in line


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    @cli.user_errors
    def command() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        command()


def test_a_screen_that_knows_no_burmese_ends_no_command(tmp_path: Path) -> None:
    home = tmp_path / "\u1000\u1001 home"
    ended = subprocess.run(
        [sys.executable, "-c", "from pipeline.cli import main; main()", "run", "--home", str(home)],
        cwd=REPOSITORY, env={"PYTHONIOENCODING": "ascii"}, check=False, capture_output=True,
    )  # fmt: skip
    assert ended.returncode == 2, ended.stderr
    assert b"holds no records" in ended.stderr
    assert b"Traceback" not in ended.stderr


ENDED = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell has it for a command in the background
from assets import launch
launch.end_on_sigterm()
from dagster._utils.interrupts import setup_interrupt_handlers
from assets import worker
print(worker.shared()._process.pid, flush=True)
setup_interrupt_handlers()
time.sleep(120)
"""


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_a_run_that_is_ended_takes_its_second_process_with_it(how: str) -> None:
    command = [sys.executable, "-c", ENDED]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        second = int(run.stdout.readline())
        time.sleep(1)
        run.send_signal(getattr(signal, how))
        assert run.wait(10) in {143, -9}
        end = time.monotonic() + 15
        while alive(second) and time.monotonic() < end:
            time.sleep(0.1)
        assert not alive(second)
        assert run.stderr is not None
        told = {"SIGTERM": "township-index: ended by SIGTERM; what was published stands\n", "SIGKILL": ""}
        assert run.stderr.read() == told[how], "no library warns of what was left behind"


def alive(process: int) -> bool:
    """Whether it runs; one that has ended and that nobody collected yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
