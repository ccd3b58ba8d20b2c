"""The table of runs: what is written comes back, a cut line is passed over, a run that was killed is told."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.settings import Home
from pipeline.storage import runs
from pipeline.storage.runs import Begun, Failed, Outcome, Run

AT = "2026-11-30T05:30:00+00:00"
DONE = Run(
    "r1", AT, "2026-11-30T05:31:00+00:00", "schedule daily", "public", "0.4.0", Outcome.PUBLISHED, "2026-11-30-a",
    release_id="2026-11-30-aaaaaaaa", moved_latest=True, seconds=60.0, cpu_seconds=80.5, peak_memory_bytes=10**9,
    rows_in=100, rows_set_aside=3, release_bytes=10**8, home_bytes={"published": 10**8, "logs": 5},
    disk_free_bytes=10**10, failed_rules=(Failed("run", "clashes_recent", "warning", 1, "note"),),
)  # fmt: skip
BEGUN = Begun("r2", AT, "hand", "public", "0.4.0", 7)


def test_a_run_comes_back_as_it_was_written(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert runs.read(home) == []
    failed = replace(DONE, run_id="r2", outcome=Outcome.REFUSED, message="x.csv: line 3\u2028", home_bytes={})
    runs.end(home, DONE)
    runs.end(home, failed)
    assert runs.read(home) == [DONE, failed]
    assert DONE.used == 10**8 + 5
    assert [one.used for one in runs.measured(runs.read(home))] == [DONE.used], "one was not measured"


@examples(5)  # each writes through to the disk
@given(st.text(max_size=40), st.integers(0, 200))
def test_a_line_that_a_kill_cut_is_passed_over(tmp_path_factory, message: str, cut: int) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    said = replace(DONE, message=message)
    runs.end(home, said)
    path = runs.path_of(home)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:cut])
    runs.end(home, DONE)
    assert runs.read(home) == [said, DONE]


def test_what_a_later_version_added_is_left_out_and_what_is_no_run_too(tmp_path: Path) -> None:
    home = Home(tmp_path)
    runs.end(home, DONE)
    line = json.loads(runs.path_of(home).read_text())
    with runs.path_of(home).open("a") as table:
        table.write(json.dumps({**line, "later": 1}) + '\n[1]\n{"run_id": "x"}\n\n')
    assert runs.read(home) == [DONE, DONE]


def test_a_run_that_was_killed_gets_its_line_from_the_next(tmp_path: Path) -> None:
    home = Home(tmp_path)
    runs.begin(home, BEGUN)
    assert runs.unfinished(home) == BEGUN
    assert runs.read(home) == [], "it may be at work"
    parts = home.logs / ".run_begun.json.7.part", home.root / ".health.json.7.part"
    for part in parts:
        part.write_text("{")
    runs.begin(home, replace(BEGUN, run_id="r3"))
    assert not any(part.exists() for part in parts)
    (left,) = runs.read(home)
    assert (left.run_id, left.outcome, left.started_at) == ("r2", Outcome.KILLED, AT)
    runs.end(home, replace(DONE, run_id="r3"))
    assert runs.unfinished(home) is None
    runs.settle(home)
    assert [run.run_id for run in runs.read(home)] == ["r2", "r3"]


def test_a_run_is_gone_where_nobody_or_somebody_else_holds_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    runs.begin(home, BEGUN)
    said = runs.unsaid(home)
    assert said is not None
    assert (said.run_id, said.outcome) == ("r2", Outcome.KILLED)
    with FileLock(home.lock):
        for pid, gone in ((BEGUN.pid, False), (8, True)):
            home.lock.with_suffix(".holder.json").write_text(json.dumps({"pid": pid}))
            assert (runs.unsaid(home) is not None) == gone, "another process works in the home: the run does not"
    runs.end(home, replace(DONE, run_id="r2"))
    assert runs.unsaid(home) is None
    assert runs.killed_lately(home) == []


def test_a_process_that_was_killed_leaves_the_lock_and_its_run_is_found(tmp_path: Path) -> None:
    home = Home(tmp_path)
    code = (
        "import os, signal, sys; from pathlib import Path; from pipeline.declare.settings import Home\n"
        "from pipeline.storage import lock, runs; home = Home(Path(sys.argv[1])); held = lock.acquire(home)\n"
        "runs.begin(home, runs.Begun('r9', '2026-11-30T05:30:00+00:00', 'hand', 'public', '1', os.getpid()))\n"
        "assert runs.unsaid(home) is None, 'it is at work'; os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path], check=False).returncode == -9
    assert [run.run_id for run in runs.killed_lately(home)] == ["r9"]


def test_killed_runs_are_said_until_two_runs_have_ended_after_them(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for name in ("k1", "k2"):
        runs.begin(home, replace(BEGUN, run_id=name))
    assert [run.run_id for run in runs.killed_lately(home)] == ["k1", "k2"]
    assert runs.was_killed(home, "k1")
    assert runs.was_killed(home, "k2"), "nobody has written its line yet"
    runs.begin(home, replace(BEGUN, run_id="r3"))
    runs.end(home, replace(DONE, run_id="r3"))
    assert [run.run_id for run in runs.killed_lately(home)] == ["k1", "k2"], "the run after them says so"
    runs.begin(home, replace(BEGUN, run_id="k4"))
    assert [run.run_id for run in runs.killed_lately(home)] == ["k1", "k2", "k4"]
    for name, left in (("r5", ["k4"]), ("r6", [])):
        runs.begin(home, replace(BEGUN, run_id=name))
        runs.end(home, replace(DONE, run_id=name))
        assert [run.run_id for run in runs.killed_lately(home)] == left
    assert [runs.was_killed(home, name) for name in ("k1", "k4", "r3", "r9")] == [True, True, False, False]


def test_one_that_was_killed_after_its_last_line_was_not_killed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    runs.begin(home, replace(BEGUN, run_id="r1"))
    note = (home.logs / runs.BEGUN).read_text()
    runs.end(home, DONE)
    (home.logs / runs.BEGUN).write_text(note)
    runs.settle(home)
    assert runs.read(home) == [DONE]
    assert runs.unfinished(home) is None
