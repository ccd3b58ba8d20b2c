"""Workers of the tests: what they report is counted as in one process, and one that dies does not pass for success."""

import os
import subprocess
import sys
from pathlib import Path

FIRST = """
import os, warnings

import pytest


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    yield tmp_path_factory.getbasetemp()
    (tmp_path_factory.getbasetemp() / f"{os.getpid()}.left").touch()


def test_waits_for_the_other_worker(folder):
    while not (folder / "begun").exists(): ...
def test_warns(): warnings.warn("careful")
def test_says_and_fails():
    print("said before")
    assert [1, 2] == [1, 3]
@pytest.mark.skip(reason="for the test")
def test_is_skipped(): ...
"""
SECOND = """
import os
from test_first import folder


def test_waits_until_the_other_worker_has_left(folder):
    (folder / "begun").touch()
    while not list(folder.glob("*.left")): ...
"""
DEADLY = """
import os

def test_passes(): ...
def test_dies(): os.kill(os.getpid(), 9)
def test_is_not_reached(): ...
"""
SILENT = """
import os

def test_ends_all_as_if_it_were_well(): os._exit(0)
def test_is_not_reached(): ...
"""
THREAD = """
import threading, time

threading.Thread(target=time.sleep, args=(0.5,)).start()


def test_passes(): ...
"""


def told(folder: Path, *options: str, **modules: str) -> tuple[int, str]:
    """Exit code and output of pytest on these modules."""
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    command = (
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "shared_workers", *options,
        "--basetemp", str(folder / "tmp"), *(f"{name}.py" for name in modules),
    )  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def test_two_workers_report_what_one_process_would(tmp_path: Path) -> None:
    code, said = told(tmp_path, "--workers", "2", test_first=FIRST, test_second=SECOND)
    assert code == 1
    assert "1 failed, 3 passed, 1 skipped, 1 warning" in said
    for words in ("assert [1, 2] == [1, 3]", "At index 1 diff", "said before", "UserWarning: careful"):
        assert words in said


def test_a_worker_that_dies_fails_the_test_it_was_at(tmp_path: Path) -> None:
    code, said = told(tmp_path, "--workers", "1", test_deadly=DEADLY)
    assert code == 1
    assert "FAILED test_deadly.py::test_dies - worker 1 ended with -9" in said
    assert "1 failed, 1 passed" in said
    assert "2 of 3 tests were not run to their end" in said


def test_a_worker_that_ends_as_if_all_were_well_is_no_success(tmp_path: Path) -> None:
    code, said = told(tmp_path, "--workers", "1", test_silent=SILENT)
    assert code == 1
    assert "2 of 2 tests were not run to their end" in said


def test_what_starts_a_thread_too_early_is_refused(tmp_path: Path) -> None:
    code, said = told(tmp_path, "--workers", "2", test_thread=THREAD)
    assert code == 4
    assert "threads that ran before a test did" in said
    assert told(tmp_path, test_thread=THREAD)[0] == 0
