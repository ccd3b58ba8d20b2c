"""What a run that is started from the command line does to the process around it."""

import subprocess
import sys
from pathlib import Path

import pytest

# As Dagster does while a step runs.
A_RUN = """
import os, sys
from contextlib import suppress
from assets.launch import _given_back

with _given_back(), suppress(OSError):
    for number in (1, 2):
        os.dup2(os.open({target!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    print("sent away")
    print("sent away", file=sys.stderr)
print("told")
print("told", file=sys.stderr)
"""


@pytest.mark.parametrize("full", [True, False])
def test_the_streams_of_the_process_come_back_from_a_full_disk_too(full: bool, tmp_path: Path) -> None:
    target = "/dev/full" if full else str(tmp_path / "log")
    outcome = subprocess.run(
        [sys.executable, "-c", A_RUN.format(target=target)], check=True, capture_output=True, text=True
    )
    assert (outcome.stdout, outcome.stderr) == ("told\n", "told\n")
    assert full or Path(target).read_text(encoding="utf-8") == "sent away\nsent away\n"
