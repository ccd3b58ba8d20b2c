"""The job for editions makes an older period beside `latest`, whatever it is asked; the environment can hold runs."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInvalidConfigError, validate_run_config
from small_homes import DECEMBER, NEW, two
from small_homes import release as built

from assets import launch
from assets.context import IndexRun
from assets.release import _held, why_latest_stays
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import HOLD_VARIABLE, HOME_VARIABLE
from pipeline.definitions import defs
from pipeline.storage import held, snapshots


def test_it_takes_a_day_and_never_moves_latest() -> None:
    job = defs.resolve_job_def("edition")
    assert set(job.asset_layer.executable_asset_keys) == set(
        defs.resolve_job_def("township_index").asset_layer.executable_asset_keys
    )
    mapped: Any = job.config_mapping
    config = mapped.resolve_from_unvalidated_config({"period_end": "2023-06-30"})
    run = IndexRun(**config["resources"]["run"]["config"])
    assert (run.period_end, run.as_of, run.beside, run.make_latest) == ("2023-06-30", "", True, False)
    assert "left as before" in why_latest_stays(run)
    for more in ({"make_latest": True}, {"beside": False}, {"home": "/elsewhere"}):
        with pytest.raises(DagsterInvalidConfigError):
            validate_run_config(job, {"period_end": "2023-06-30", **more})


def test_beside_is_stronger_than_make_latest() -> None:
    assert why_latest_stays(IndexRun(period_end="2023-06-30", beside=True, make_latest=True))
    assert why_latest_stays(IndexRun(period_end="2023-06-30", make_latest=True)) == ""


def test_an_edition_without_a_day_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    with pytest.raises(UnusableInput, match="give period_end or as_of"):
        IndexRun(beside=True).setup_for_execution(None)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_the_environment_can_hold_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not IndexRun().holds
    assert IndexRun(hold=True).holds
    monkeypatch.setenv(HOLD_VARIABLE, "1")
    assert IndexRun().holds
    monkeypatch.setenv(HOLD_VARIABLE, "0")
    assert not IndexRun().holds


def test_a_finished_release_is_held_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    home = two(tmp_path)
    run = IndexRun(period_end="2023-12-31", hold=True)
    # Published with the same files: nothing is held.
    snapshots.part_of(home).write_bytes(b"x")
    made = _held(run, built(home, NEW, DECEMBER, within=home.held), NEW)
    assert "published already" in str(made.metadata["note"])
    assert not snapshots.part_of(home).exists()
    assert list(home.held.iterdir()) == []
    assert "Nothing is held" in launch._told_of_hold(home, home.releases / NEW)
    for _ in range(2):  # made again, it stays as it is
        snapshots.part_of(home).write_bytes(b"x")
        _held(run, built(home, "2023-12-31-cccccccc", DECEMBER, within=home.held), "2023-12-31-cccccccc")
        ((one,), unreadable) = held.releases(home)
        assert (one.release_id, one.period_end, unreadable) == ("2023-12-31-cccccccc", date(2023, 12, 31), [])
        assert held.read(home, one.release_id) == held.Held(one.release_id, period_asked=True)
    told = launch._told_of_hold(home, home.held / one.release_id)
    assert f"township-index publish {one.release_id} --home {tmp_path}" in told
    assert told.splitlines()[1].startswith(f"held: {one.release_id}")
