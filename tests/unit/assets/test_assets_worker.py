"""The second process: answers in order, errors as they were, no waiting for each other, an end in any case."""

import importlib
import multiprocessing
import os
import signal
import sys
import time

import pytest

from assets.worker import Worker
from pipeline.declare.errors import PassingCause, UnusableInput


def length(text: str) -> str:
    return text * 2


def fail() -> None:
    raise ValueError("as it was")


@pytest.fixture(scope="module", autouse=True)
def cold():
    """A second process that imports nothing beforehand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assets.worker._warm", length_of_nothing)
        yield


@pytest.fixture(scope="module")
def worker(cold):
    """One that answers all calls of this file; each test has its answers before it ends."""
    made = Worker()
    yield made
    made.close(at_once=True)


@pytest.fixture
def ending(cold):
    """One of its own for a test that ends it."""
    made = Worker()
    yield made
    made.close(at_once=True)


def length_of_nothing() -> None:
    return None


def test_answers_belong_to_their_calls_whatever_the_order_of_asking(worker):
    first, second = worker.begin(length, "a"), worker.begin(length, "b")
    assert (second(), first()) == ("bb", "aa")


def test_large_calls_and_answers_do_not_wait_for_each_other(worker):
    text = "x" * 2_000_000
    answers = [worker.begin(length, text) for _ in range(6)]
    assert {len(answer()) for answer in answers} == {4_000_000}


def test_a_call_does_not_wait_for_the_call_before(worker):
    worker.begin(length, "started")()
    begun = time.monotonic()
    busy = worker.begin(time.sleep, 2)
    answers = [worker.begin(length, "x" * 2_000_000) for _ in range(3)]
    assert time.monotonic() - begun < 1.5
    busy()
    assert {len(answer()) for answer in answers} == {4_000_000}


def test_an_error_in_the_second_process_is_raised_here(worker):
    with pytest.raises(ValueError, match="as it was"):
        worker.begin(fail)()
    assert worker.begin(length, "c")() == "cc"


def refuse() -> None:
    raise PassingCause("full") from ValueError("below")


def test_an_error_of_ours_arrives_as_itself_without_the_text_of_the_other_process(worker):
    with pytest.raises(PassingCause, match=r"^full$") as raised:
        worker.begin(refuse)()
    assert raised.value.__cause__ is None


def test_an_end_waits_for_the_calls_before_it_unless_it_is_at_once(ending, tmp_path):
    ending.begin(time.sleep, 0.3)
    ending.begin((tmp_path / "done").touch)
    ending.close()
    assert (tmp_path / "done").exists()
    assert not ending._process.is_alive()
    begun = time.monotonic()
    other = Worker()
    other.begin(time.sleep, 60)
    other.close(at_once=True)
    assert time.monotonic() - begun < 20


def test_a_killed_worker_is_reported_and_not_waited_for(ending):
    answer = ending.begin(time.sleep, 60)
    os.kill(ending._process.pid, signal.SIGKILL)
    with pytest.raises(UnusableInput, match="ended before it answered"):
        answer()
    with pytest.raises(UnusableInput, match="ended before it answered"):
        ending.begin(length, "d")


# What a run imports, and what it never does: libraries for downloads, and the engine of a tally.
IMPORTED = ("pipeline.cli", "pipeline.definitions", "pipeline.ingest.inbox", "assets.launch", "pipeline.tally.outcome")
FOREIGN = {"httpx", "tenacity", "dotenv", "daft", "ray"}


def begin_as_a_run_of_the_ui() -> None:
    from assets import worker

    worker._warm = length_of_nothing
    worker.shared().begin(length_of_nothing)()  # it answered once and waits for the next call
    for name in IMPORTED:
        importlib.import_module(name)
    found = [m for m in sys.modules if m.split(".")[0] in FOREIGN or m.startswith("pipeline.fetching")]
    if found:
        raise SystemExit(f"a run imported {', '.join(found)}")


def test_a_run_that_dagster_started_ends_with_its_second_process_and_imports_no_http_library(capfd):
    run = multiprocessing.get_context("spawn").Process(target=begin_as_a_run_of_the_ui)
    run.start()
    run.join(60)
    ended = not run.is_alive()
    run.kill()
    assert ended, "it waits for a process that waits for calls"
    assert run.exitcode == 0, capfd.readouterr().err
