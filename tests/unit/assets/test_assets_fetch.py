"""Fetching as assets: outside the main job, each with a job and a schedule that is off."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dagster import (
    AssetKey,
    DagsterEventType,
    DagsterInstance,
    DagsterRunStatus,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    Failure,
    JobDefinition,
    RunRequest,
    SkipReason,
    build_asset_context,
    build_run_status_sensor_context,
    build_sensor_context,
    job,
    op,
)

from assets import fetch, indices, jobs, published, raw, records, release, retention
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import HOME_VARIABLE
from pipeline.definitions import defs
from pipeline.fetching.http import Unreachable

NAMES = ["ucdp", "acled", "cod_ab", "mimu", "idmc"]


def test_the_main_job_has_every_other_asset_and_every_check() -> None:
    job = defs.resolve_job_def("township_index")
    everything = defs.resolve_asset_graph()
    fetched = {key for key in everything.get_all_asset_keys() if key.path[0] == "fetch"}
    assert fetched == {AssetKey(["fetch", name]) for name in NAMES}
    observed = {key for key in everything.get_all_asset_keys() if key.path[0] == "source"}  # how old each source is
    assert set(job.asset_layer.executable_asset_keys) == everything.get_all_asset_keys() - fetched - observed
    others = [
        *raw.ASSETS, *records.ASSETS, *indices.ASSETS, *published.ASSETS, *release.ASSETS, *retention.ASSETS,
    ]  # fmt: skip
    steps = {node.name for node in job.graph.nodes}
    assert len(steps) == len(others)
    made = {check for one in others for check in one.check_keys}
    assert set(job.asset_layer.asset_graph.asset_check_keys) == made
    assert len(made) > 30


@pytest.mark.parametrize("name", NAMES)
def test_each_source_has_an_asset_a_job_and_a_schedule_that_is_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    job = defs.resolve_job_def(f"fetch_{name}")
    assert set(job.asset_layer.executable_asset_keys) == {AssetKey(["fetch", name])}
    graph = defs.resolve_asset_graph()
    node = graph.get(AssetKey(["fetch", name]))
    # Of a source that declares a cadence, how old its newest file is.
    aged = {key for key in graph.get_all_asset_keys() if key.path[0] == "source" and key.path[1].startswith(name)}
    assert (node.group_name, node.parent_keys, node.child_keys) == (
        "fetch",
        set(),
        {AssetKey(["records", "deliveries"]), *aged},
    )
    assert node.tags["township_index/source"] == name.replace("_", "-")
    assert node.kinds >= {"python"}
    assert len(node.description or "") > 20
    policy = defs.resolve_assets_def(AssetKey(["fetch", name])).op.retry_policy
    assert policy is not None
    assert policy.max_retries == 2
    schedule = defs.resolve_schedule_def(f"fetch_{name}_daily")
    assert schedule.default_status == DefaultScheduleStatus.STOPPED
    assert schedule.execution_timezone == "Asia/Yangon"
    minute, hour = (int(part) for part in str(schedule.cron_schedule).split()[:2])
    assert datetime(2026, 1, 1, hour, minute, tzinfo=UTC).time() < datetime(2026, 1, 1, 5, 30, tzinfo=UTC).time()


@pytest.mark.parametrize(
    ("error", "attempts"), [(Unreachable("busy"), True), (UnusableInput("no key"), False)], ids=["passing", "lasting"]
)
def test_only_what_may_pass_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: UnusableInput, attempts: bool
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("pipeline.fetch.fetch", fails)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    mimu = next(one for one in fetch.ASSETS if one.key.path[-1] == "mimu")
    with pytest.raises(Unreachable if attempts else Failure) as caught:
        mimu(build_asset_context(), fetch.Asked())
    assert attempts or not caught.value.allow_retries  # type: ignore[attr-defined]


@pytest.fixture
def downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[DagsterInstance, Path]]:
    """The inbox of a home into which a job for downloads has just written, or not."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    (tmp_path / "inbox" / "clashes").mkdir(parents=True)
    with DagsterInstance.ephemeral() as instance:
        yield instance, tmp_path / "inbox" / "clashes" / "a.csv"


def after(instance: DagsterInstance) -> RunRequest | SkipReason:
    @op
    def nothing() -> None:
        pass

    @job
    def fetch_ucdp() -> None:
        nothing()

    ran = fetch_ucdp.execute_in_process(instance=instance)
    (ended,) = [event for event in ran.all_events if event.event_type == DagsterEventType.RUN_SUCCESS]
    context = build_run_status_sensor_context(fetch.after_fetch.name, ended, instance, ran.dagster_run)
    answer = fetch.after_fetch(context)
    assert isinstance(answer, RunRequest | SkipReason)
    return answer


def test_a_run_follows_a_download_that_brought_files(downloaded: tuple[DagsterInstance, Path]) -> None:
    instance, file = downloaded
    assert "fetch_ucdp brought nothing new" in str(after(instance))
    file.write_text("event_id\n")
    request = after(instance)
    assert isinstance(request, RunRequest)
    # The inbox sensor asks for the same files under the same key, so that one run takes them.
    looked = build_sensor_context(instance=instance)
    jobs.inbox(looked)
    same = jobs.inbox(build_sensor_context(instance=instance, cursor=looked.cursor))
    assert isinstance(same, RunRequest)
    assert same.run_key == request.run_key
    tags = {jobs.RUN_KEY_TAG: str(request.run_key)}
    instance.create_run_for_job(_empty(), tags=tags, status=DagsterRunStatus.SUCCESS)
    assert "took these files" in str(after(instance))
    assert "took these files" in str(jobs.inbox(build_sensor_context(instance=instance, cursor=looked.cursor)))


def _empty() -> JobDefinition:
    @job
    def empty() -> None:
        pass

    return empty


def test_it_watches_every_download_and_starts_the_main_job() -> None:
    assert [target.job_name for target in fetch.after_fetch.targets] == [jobs.JOB_NAME]
    assert {one.name for one in fetch.JOBS} == {f"fetch_{name}" for name in NAMES}
    assert fetch.after_fetch.default_status == DefaultSensorStatus.STOPPED
