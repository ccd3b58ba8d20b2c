"""The inbox sensor tries a run that failed for a passing cause again, not for ever, and never what was refused."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from dagster import DagsterInstance, DagsterRunStatus, RunRequest, SkipReason, build_sensor_context, job, op

from assets import jobs
from pipeline.declare.errors import AccountingError, BlockedRelease, PassingCause, UnusableInput
from pipeline.declare.settings import HOME_VARIABLE, Home
from pipeline.storage.lock import acquire

Tick = Callable[[], RunRequest | SkipReason]


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as found:
        yield found


@pytest.fixture
def tick(instance: DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tick:
    """A tick of the real sensor on an inbox with a file that no longer grows."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    (tmp_path / "inbox" / "clashes").mkdir(parents=True)
    (tmp_path / "inbox" / "clashes" / "a.csv").write_text("event_id\n")
    cursor: list[str | None] = [None]

    def look() -> RunRequest | SkipReason:
        for _ in range(2):  # a file that is new, or changed, is looked at twice
            context = build_sensor_context(instance=instance, cursor=cursor[0])
            answer = jobs.inbox(context)
            cursor[0] = context.cursor
        assert isinstance(answer, RunRequest | SkipReason)
        return answer

    return look


def fail(instance: DagsterInstance, request: object, error: Exception | None) -> None:
    """A run under the key of the request, as the daemon starts it, that ends as the job would."""
    assert isinstance(request, RunRequest)

    @op
    def step() -> None:
        if error is not None:
            raise error

    @job
    def small() -> None:
        step()

    tags = {jobs.RUN_KEY_TAG: str(request.run_key)}
    config = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    small.execute_in_process(config, instance=instance, tags=tags, raise_on_error=False)


PASSING = (
    PassingCause("another run holds this home"), OSError(28, "No space left on device"), MemoryError(), KeyError("x"),
)  # fmt: skip


def test_a_run_that_failed_for_a_passing_cause_is_tried_again(
    instance: DagsterInstance, tick: Tick, tmp_path: Path
) -> None:
    for length, error in enumerate(PASSING, start=1):
        (tmp_path / "inbox" / "clashes" / "a.csv").write_text("event_id\n" + "E\n" * length)
        first = tick()
        fail(instance, first, error)
        again = tick()
        assert isinstance(again, RunRequest), error
        assert isinstance(first, RunRequest)
        assert again.run_key != first.run_key, "Dagster starts no second run under a key that it knows"
        fail(instance, again, None)
        assert "took these files" in str(tick())


def test_what_was_refused_waits_for_other_content(instance: DagsterInstance, tick: Tick, tmp_path: Path) -> None:
    refused = (UnusableInput("a.csv: line 2 is none"), BlockedRelease("x"), AccountingError("y"))
    request = tick()
    for length, error in enumerate(refused, start=1):
        fail(instance, request, error)
        for _ in range(3):
            answer = tick()
            assert isinstance(answer, SkipReason)
            assert str(error) in str(answer.skip_message)
        (tmp_path / "inbox" / "clashes" / "a.csv").write_text("event_id\n" + "E1\n" * length)
        request = tick()
        assert isinstance(request, RunRequest), error


def test_attempts_wait_longer_and_end(instance: DagsterInstance, tick: Tick, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(instance, tick(), OSError("busy"))
    fail(instance, tick(), OSError("busy"))
    answer = tick()
    assert isinstance(answer, SkipReason)
    assert "tried again from" in str(answer.skip_message)
    monkeypatch.setattr(jobs, "WAITS", (0, 0, 0))
    keys = set()
    for _ in range(2):
        request = tick()
        assert isinstance(request, RunRequest)
        keys.add(request.run_key)
        fail(instance, request, OSError("busy"))
    assert len(keys) == 2
    assert "4 runs failed" in str(tick())


def test_a_killed_run_is_tried_again_and_one_at_work_is_waited_for(
    instance: DagsterInstance, tick: Tick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tick()
    assert isinstance(first, RunRequest)
    instance.create_run_for_job(_job(), tags={jobs.RUN_KEY_TAG: str(first.run_key)}, status=DagsterRunStatus.STARTED)
    assert "is at work" in str(tick()), "just begun"
    monkeypatch.setattr(jobs, "SILENT", timedelta(0))
    lock = acquire(Home(tmp_path))
    assert "is at work" in str(tick()), "it holds the home"
    lock.release()
    again = tick()
    assert isinstance(again, RunRequest)
    assert again.run_key != first.run_key


def test_a_run_that_was_ended_by_hand_is_not_started_again(instance: DagsterInstance, tick: Tick) -> None:
    first = tick()
    assert isinstance(first, RunRequest)
    instance.create_run_for_job(_job(), tags={jobs.RUN_KEY_TAG: str(first.run_key)}, status=DagsterRunStatus.CANCELED)
    assert "ended by hand" in str(tick())


def _job():  # type: ignore[no-untyped-def]
    @job
    def empty() -> None:
        pass

    return empty
