"""The table of runs: what is written comes back, a cut line is passed over, a run that was killed is told."""

import json
from dataclasses import replace
from pathlib import Path

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


def test_one_that_was_killed_after_its_last_line_was_not_killed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    runs.begin(home, replace(BEGUN, run_id="r1"))
    note = (home.logs / runs.BEGUN).read_text()
    runs.end(home, DONE)
    (home.logs / runs.BEGUN).write_text(note)
    runs.settle(home)
    assert runs.read(home) == [DONE]
    assert runs.unfinished(home) is None
