"""Killed at any step of a publication or a withdrawal, `latest` is whole, and whoever comes next completes it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_homes import NEW, OLD

from pipeline.declare.settings import REPOSITORY

HELD = "2024-01-31-cccccccc"
EVERY = 11  # steps; with 1 all of them, as `python tests/unit/assets/killed_steps.py FOLDER 1` tries in two minutes
BEFORE = {OLD: "published", NEW: "published", HELD: "held"}
# Task -> what readers, analysts and the list meet when it is done.
AFTER = {
    "publish": (HELD, {**BEFORE, HELD: "published"}),
    "withdraw": (OLD, {**BEFORE, NEW: "withdrawn"}),
    "withdraw a held one": (NEW, {**BEFORE, HELD: "withdrawn"}),
}


@pytest.mark.slow
def test_killed_at_any_step_it_is_undone_or_completed(tmp_path: Path) -> None:
    here = Path(__file__).parent
    ran = subprocess.run(
        [sys.executable, here / "killed_steps.py", tmp_path, str(EVERY)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY, here)))},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    for task, (newest, states) in AFTER.items():
        kills = [one for one in lines if one["task"] == task and "cut" in one]
        (end,) = [one for one in lines if one["task"] == task and "ended" in one]
        assert end["ended"] == 0
        assert end["steps"] >= 11, "the steps were not seen"
        for one in kills:
            check(one, newest, states)


def check(one: dict[str, object], newest: str, states: dict[str, str]) -> None:
    cut, then = one["cut"], one["then"]
    assert isinstance(cut, dict)
    assert isinstance(then, dict)
    assert cut["whole"] is then["whole"] is True, one
    assert cut["latest"] in {NEW, newest}, one
    assert cut["analysts"] in {NEW, newest}, one
    undone = (then["latest"], then["analysts"], then["states"]) == (NEW, NEW, BEFORE)
    done = (then["latest"], then["analysts"], then["states"]) == (newest, newest, states)
    assert done or undone, one
    assert done or cut["states"] == BEFORE, "what was begun is never undone"
    assert one["litter"] == [], one
