"""Runs that end are told of: those of the command, and those of Dagster by the real sensors; never twice."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    AssetCheckResult,
    AssetCheckSpec,
    AssetMaterialization,
    DagsterEventType,
    DagsterInstance,
    Failure,
    MaterializeResult,
    OpExecutionContext,
    asset,
    build_run_status_sensor_context,
    build_sensor_context,
    job,
    materialize,
    op,
)
from typer.testing import CliRunner

from assets import failures, freshness, jobs, notifications, run_end
from assets.audit import Audit, check_result
from pipeline.cli import app
from pipeline.declare.errors import BlockedRelease, PassingCause, UnusableInput
from pipeline.declare.settings import HOME_VARIABLE, NOTIFY_VARIABLE, Home
from pipeline.notifications import last_run, notify
from pipeline.sources import BY_KEY
from pipeline.storage import last_fetch, latest, runs
from pipeline.storage.runs import Begun
from tests.unit.notifications.homes import delivery, put_release, rule
from tests.unit.notifications.receivers import Received, webhook

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
BLOCKING = [
    rule("kept", severity="critical", examples=["d1 line 12 MMR002001", "d1 line 13"]),
    rule("beside"),
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.delenv(NOTIFY_VARIABLE, raising=False)
    return Home(tmp_path)


@pytest.fixture
def hook(place: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    with webhook() as got:
        monkeypatch.setenv(NOTIFY_VARIABLE, f"json://127.0.0.1:{got.port}/x")
        yield got


@pytest.fixture(scope="module")
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as found:
        yield found


def ended(
    instance: DagsterInstance, error: Exception | None, release: Path | None = None, name: str = jobs.JOB_NAME
) -> Any:
    """A small run under the name of a job that ends with an error, or with a release."""

    @op
    def step(context: OpExecutionContext) -> None:
        if release is not None:
            context.log_event(AssetMaterialization(notifications.RELEASE, metadata={"path": str(release)}))
        if error is not None:
            raise error

    @job(name=name)
    def small() -> None:
        step()

    return small.execute_in_process(QUIET, instance=instance, raise_on_error=False)


def tick(instance: DagsterInstance, outcome: Any) -> None:
    """The real sensor on a run that ended, as the daemon calls it."""
    kind = DagsterEventType.RUN_SUCCESS if outcome.success else DagsterEventType.RUN_FAILURE
    (record,) = instance.all_logs(outcome.run_id, of_type=kind)
    run = instance.get_run_by_id(outcome.run_id)
    assert run is not None
    own = notifications.success if outcome.success else notifications.failure
    context = build_run_status_sensor_context(own.name, record.get_dagster_event(), instance, run)
    own(context if outcome.success else context.for_run_failure())


def test_a_run_of_the_ui_that_fails_is_told_in_the_commands_words_and_once(
    place: Home, hook: Received, instance: DagsterInstance
):
    said = "clashes/a.csv, row 7: event_date is no day; mend it and deliver the file again"
    for _ in range(2):
        tick(instance, ended(instance, UnusableInput(said)))
    with suppress(UnusableInput), run_end.at_the_end(place):
        raise UnusableInput(said)
    assert hook.subjects == [f"Township index: the run failed: {said}"]
    assert said in hook.posts[0]["message"]


def test_a_run_of_the_ui_that_publishes_is_told_and_not_again_by_the_command(
    place: Home, hook: Received, instance: DagsterInstance
):
    folder = put_release(place, "first", [rule("a")], ["MMR002001"])
    tick(instance, ended(instance, None, folder))
    with run_end.at_the_end(place) as ending:
        ending.release = folder
    assert hook.subjects == [
        "Township index: release first was published",
        "Township index: Loikaw (MMR002001)",
        "Township index: run: a warns",
    ]


def test_a_download_that_fails_is_told_once_until_one_went_well_and_is_no_last_run(
    place: Home, hook: Received, instance: DagsterInstance
):
    def fails() -> None:
        tick(instance, ended(instance, Failure("no key is set"), name="fetch_acled"))

    fails()
    fails()
    assert hook.subjects == ["Township index: fetch_acled failed: no key is set"]
    with pytest.raises(UnusableInput), run_end.downloading(place, "acled"):
        raise UnusableInput("no key is set")
    assert len(hook.posts) == 1, "by hand it is the same failure"
    last_fetch.note(place, "acled")
    fails()
    assert len(hook.posts) == 2
    assert last_run.read(place) is None


def test_a_download_by_hand_that_fails_is_told_and_one_that_was_asked_for_wrongly_is_not(place: Home, hook: Received):
    said = CliRunner().invoke(app, ["fetch", "acled", "--home", str(place.root)])
    assert said.exit_code == 2
    (post,) = hook.posts
    assert post["title"].startswith("Township index: fetch_acled failed: ")
    assert said.stderr.removeprefix("township-index: ").strip() in post["message"]
    assert "1 message sent" in said.stdout
    CliRunner().invoke(app, ["fetch", "acled", "--version", "1"])
    assert len(hook.posts) == 1


def begun(place: Home, run_id: str) -> None:
    runs.begin(place, Begun(run_id, "2030-04-01T05:30:00+00:00", "schedule daily", "public", "1"))


KILLED = (
    "Township index: the run failed: the process ended before the run did, as by a kill, a power cut or for want of"
)


def test_a_run_that_was_killed_is_told_once_by_whoever_finds_it(place: Home, hook: Received, instance: DagsterInstance):
    outcome = ended(instance, ZeroDivisionError())
    begun(place, outcome.run_id)
    tick(instance, outcome)
    assert hook.subjects == [f"{KILLED} memory"], "Dagster's own failure of that run is not told beside"
    assert "It began at 2030-04-01 12:00 (Myanmar) by schedule daily, profile public." in hook.posts[0]["message"]
    notifications.waiting(build_sensor_context())
    notify.send_due(place)
    folder = put_release(place, "first")
    with run_end.at_the_end(place) as ending:
        begun(place, "the next")
        ending.release = folder
    assert hook.subjects[1:] == [f"{KILLED} memory", "Township index: release first was published"]
    assert run_end.killed(place) == []


def test_status_tells_of_a_run_that_was_killed_once_and_lets_others_try_again(place: Home, hook: Received):
    put_release(place, "first")
    begun(place, "a")
    hook.refuses = True
    status = ["status", "--json", "--home", str(place.root)]
    first, second = (CliRunner().invoke(app, status) for _ in range(2))
    assert "tried again at the next occasion" in first.stderr
    assert (second.stderr, hook.posts) == ("", [])
    assert json.loads(first.stdout)["last_run"]["outcome"] == "killed"
    hook.refuses = False
    begun(place, "b")
    CliRunner().invoke(app, status)
    assert [post["title"][:32] for post in hook.posts] == ["Township index: 2 runs failed: t"]


def test_where_nobody_is_to_be_told_of_a_killed_run_nothing_is_read_or_written(place: Home):
    begun(place, "a")
    before = sorted(place.root.rglob("*"))
    assert run_end.killed(place) == []
    assert sorted(place.root.rglob("*")) == before


def test_the_command_tells_as_it_ends_and_what_it_raised_goes_on(place: Home, hook: Received):
    said: list[str] = []
    with pytest.raises(BlockedRelease), run_end.at_the_end(place, said.append) as ending:
        ending.began = True
        raise BlockedRelease("run: kept: 2 failed", BLOCKING)
    assert hook.subjects == ["Township index: run: kept failed"]
    assert "nothing was published: run: kept: 2 failed" in hook.posts[0]["message"]
    assert said == [f"  notify: TOWNSHIP_INDEX_NOTIFY target 1 (json://127.0.0.1:{hook.port}): 1 message sent"]


def test_a_release_is_told_when_it_is_held_published_and_withdrawn(place: Home, hook: Received):
    put_release(place, "first", points=False)
    place.held.mkdir(parents=True)
    waiting = (place.releases / "first").rename(place.held / "first")
    with run_end.at_the_end(place) as ending:
        ending.release = waiting
    waiting.rename(place.releases / "first")
    latest.point(place, "first")
    run_end.succeeded(place, "first")
    for _ in range(2):
        run_end.withdrawn(place, "first", "figures of 2029", ("latest names no release",))
    assert hook.subjects == [
        "Township index: release first is held",
        "Township index: release first was published",
        "Township index: release first was withdrawn: figures of 2029",
    ]
    assert "latest names no release" in hook.posts[-1]["message"]


def test_what_cannot_be_sent_is_a_line_and_fails_no_run(place: Home, hook: Received, monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []
    folder = put_release(place, "first")
    place.notify_file.write_text("[[targets]]\nkinds = 1\n")
    with run_end.at_the_end(place, said.append) as ending:
        ending.release = folder
    assert said == [f"  notify: nothing was sent: {place.notify_file}, line 1: target 1 has no url; add a line such as "
                    'url = "mailto://user:password@example.org"']  # fmt: skip
    place.notify_file.unlink()
    hook.refuses = True
    with run_end.at_the_end(place, said.append) as ending:
        ending.release = folder
    assert "tried again at the next occasion" in said[-1]
    hook.refuses = False
    assert "1 message sent" in str(notifications.waiting(build_sensor_context()))
    assert hook.subjects == ["Township index: release first was published"]
    assert "nothing is due" in str(notifications.waiting(build_sensor_context()))


def test_where_nobody_is_to_be_told_a_refused_run_leaves_the_home_as_it_was(place: Home):
    with suppress(UnusableInput), run_end.at_the_end(place):
        raise UnusableInput("refused before it began")
    assert list(place.root.iterdir()) == []
    assert "nobody is to be told" in str(notifications.waiting(build_sensor_context()))
    with suppress(UnusableInput), run_end.at_the_end(place) as ending:
        ending.began = True
        raise UnusableInput("no room")
    noted = last_run.read(place)
    assert noted is not None
    assert [one.title for one in noted.failure] == ["the run failed: no room"]


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (UnusableInput("row 7"), UnusableInput, "row 7"),
        (PassingCause("in use"), PassingCause, "in use"),
        (BlockedRelease("a: b"), BlockedRelease, "nothing was published: a: b"),
        (Failure("no key is set"), UnusableInput, "no key is set"),
        (OSError(28, "No space left on device", "/h/x"), UnusableInput, "make room on the disk"),
        (ZeroDivisionError("by zero"), BlockedRelease, "step step failed: ZeroDivisionError: by zero"),
    ],
)
def test_a_failure_is_worded_from_the_events_of_its_run(
    error: Exception, kind: type[Exception], said: str, instance: DagsterInstance, tmp_path: Path
):
    found, trace = failures.failure_of(ended(instance, error).all_events, tmp_path)
    assert type(found) is kind
    worded = failures.said(found, tmp_path)
    assert worded is not None
    assert said in worded[1]
    assert bool(trace) == isinstance(error, ZeroDivisionError)


def test_a_fault_of_the_program_has_no_words_for_the_user(tmp_path: Path):
    assert failures.said(ZeroDivisionError(), tmp_path) is None
    assert failures.said(FileNotFoundError(2, "No such file", "a.csv"), tmp_path) == (
        2, "a.csv: No such file; the last release is as it was",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("results", "passed", "severity"),
    [
        ([rule("a", passed=True)], True, "ERROR"),
        ([rule("a", passed=True), rule("b")], False, "WARN"),
        (BLOCKING, False, "ERROR"),
    ],
)
def test_a_check_is_green_only_where_every_rule_holds(results: list[Any], passed: bool, severity: str):
    found = check_result("records.clashes", Audit(results))
    assert (found.passed, found.severity.value) == (passed, severity)


def test_the_rules_of_a_blocked_run_come_with_its_failure(instance: DagsterInstance, tmp_path: Path):
    @asset(
        key=["records", "clashes"], check_specs=[AssetCheckSpec("suite", asset=["records", "clashes"], blocking=True)]
    )
    def clashes() -> MaterializeResult:
        suite: AssetCheckResult = check_result("records.clashes", Audit(BLOCKING))
        return MaterializeResult(check_results=[suite])

    outcome = materialize([clashes], instance=instance, run_config=QUIET, raise_on_error=False)
    found, _ = failures.failure_of(outcome.all_events, tmp_path)
    assert isinstance(found, BlockedRelease)
    named = {one["rule"]: one for one in found.rules}
    assert set(named) == {"kept", "beside"}
    assert [named["kept"][key] for key in ("table", "severity", "failed_count", "examples", "note")] == [
        "records.clashes", "critical", 2, ["d1 line 12 MMR002001", "d1 line 13"], "Why kept is a rule.",
    ]  # fmt: skip
    assert named["kept"]["remedy"]
    assert str(found) == "run: kept: 2 failed. The last release is as it was"


def test_a_source_is_reported_fresh_when_a_file_came_and_not_again(instance: DagsterInstance):
    now = datetime(2030, 4, 1, 6, 0, tzinfo=UTC)
    came = delivery("d1", "ucdp_ged", (now - timedelta(minutes=1)).isoformat())
    old = delivery("d2", "acled", (now - timedelta(days=2)).isoformat())
    own = delivery("d3", "canonical_clashes:a-team", now.isoformat())
    (event,) = freshness.newly_received([came, old, own], instance, now)
    assert event.asset_key.path == ["source", "ucdp_ged"]
    assert event.metadata["file"].value == "clashes/d1.csv"
    instance.report_runless_asset_event(event)
    assert list(freshness.newly_received([came, old, own], instance, now)) == []
    newer = delivery("d4", "ucdp_ged", now.isoformat())
    assert len(list(freshness.newly_received([came, newer], instance, now))) == 1


def test_the_policy_of_a_source_is_its_declared_number_of_days():
    days = {one.key.path[-1]: one.freshness_policy.fail_window.to_timedelta().days for one in freshness.ASSETS}
    declared = {s.key: int(s.silent_after_days.value) for s in BY_KEY.values() if s.silent_after_days}
    assert days == declared
    assert os.environ.get("TOWNSHIP_INDEX_SCHEDULE") or freshness.RELEASE_POLICY.fail_window.to_timedelta().days == 35
