"""Fetching as assets: outside the main job, each with a job and a schedule that is off, and no cost to a run."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dagster import AssetKey, DefaultScheduleStatus, Failure, build_asset_context

from assets import fetch, indices, published, raw, records, release
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
    assert set(job.asset_layer.executable_asset_keys) == everything.get_all_asset_keys() - fetched
    others = [*raw.ASSETS, *records.ASSETS, *indices.ASSETS, *published.ASSETS, *release.ASSETS]
    steps = {node.name for node in job.graph.nodes}
    assert len(steps) == len(others)
    made = {check for one in others for check in one.check_keys}
    assert set(job.asset_layer.asset_graph.asset_check_keys) == made
    assert len(made) > 30


@pytest.mark.parametrize("name", NAMES)
def test_each_source_has_an_asset_a_job_and_a_schedule_that_is_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    job = defs.resolve_job_def(f"fetch_{name}")
    assert set(job.asset_layer.executable_asset_keys) == {AssetKey(["fetch", name])}
    node = defs.resolve_asset_graph().get(AssetKey(["fetch", name]))
    assert (node.group_name, node.parent_keys, node.child_keys) == (
        "fetch",
        set(),
        {AssetKey(["records", "deliveries"])},
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


def test_a_run_imports_no_http_library() -> None:
    code = (
        "import sys, pipeline.cli, pipeline.definitions, pipeline.ingest.inbox, assets.launch\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('httpx', 'tenacity', 'dotenv')"
        " or m.startswith('pipeline.fetching')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
