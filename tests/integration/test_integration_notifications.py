"""The command and those who are told: what the sample's run has to say, and a run that was refused."""

from pathlib import Path

import pytest
from integration_homes import Command, query, write_input

from pipeline.declare.settings import NOTIFY_VARIABLE, Home
from tests.unit.notifications.receivers import webhook

pytestmark = pytest.mark.integration


def test_a_dry_run_says_what_the_samples_run_left(command: Command, sample_home: Path) -> None:
    outcome = command("notify", "--dry-run", "--home", sample_home)
    outcome.published()
    release = sample_home / "published" / "latest"
    alerts = query(
        release / "township_index.duckdb",
        "SELECT signal_alert_count FROM nation ORDER BY month DESC LIMIT 1",
    ).item()
    assert f"Subject: Township index, SYNTHETIC: release {release.resolve().name} was published" in outcome.out
    assert f"Subject: Township index, SYNTHETIC: {alerts} townships have a new alert: " in outcome.out
    assert f"{alerts} new of {alerts} alerts; about " in outcome.out
    assert "run: clashes_recent warns" in outcome.out
    assert not (Home(sample_home).notifications / "ledger.json").exists()


def test_a_refused_run_tells_what_it_says_and_ends_as_without(command: Command, tmp_path: Path) -> None:
    write_input(tmp_path / "in", "clashes", "a.csv", "event_id,event_date,event_type\nE1,2023-01-01,clash\n")
    given = ("run", "--data", tmp_path / "in", "--home", tmp_path / "home")
    without = command(*given)
    without.refused("a.csv")
    assert not (tmp_path / "home").exists()
    with webhook() as hook:
        env = {NOTIFY_VARIABLE: f"json://127.0.0.1:{hook.port}/x"}
        told = [command(*given, env=env) for _ in range(2)]
    assert {(one.code, one.err) for one in told} == {(without.code, without.err)}
    (post,) = hook.posts
    said = without.err.removeprefix("township-index: ").strip()
    assert post["title"].startswith("Township index: the run failed: ")
    assert said in post["message"]
    assert "1 message sent" in told[0].out
