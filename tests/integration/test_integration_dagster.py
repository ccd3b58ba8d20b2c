"""Dagster's face: definitions, schedule, sensor, what the instance of a home knows."""

import json
import os
import shutil
from pathlib import Path

import pytest
from dagster import (
    AssetKey,
    DagsterEventType,
    DagsterInstance,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    Definitions,
    RunRequest,
    SkipReason,
    build_sensor_context,
)
from integration_homes import Command, release_query, write_input

from pipeline.declare.settings import HOME_VARIABLE, REPOSITORY
from pipeline.declare.tables import TABLES

pytestmark = pytest.mark.integration

# In three forks, each of which loads the definitions anew.
SWITCHED_ON = """
import os, sys
for name in [one for one in sys.modules if one.partition(".")[0] in ("assets", "pipeline")]:
    del sys.modules[name]
for value in ("", "1", "0"):
    if os.fork():
        os.wait()
        continue
    if value:
        os.environ["TOWNSHIP_INDEX_SCHEDULE"] = value
    from pipeline.definitions import defs
    schedule, sensor = defs.resolve_schedule_def("daily"), defs.resolve_sensor_def("inbox")
    print(schedule.default_status.value, sensor.default_status.value, schedule.execution_timezone,
          schedule.cron_schedule, flush=True)
    os._exit(0)
"""


def test_definitions_validate() -> None:
    """What `dagster definitions validate` asks of them once they are loaded."""
    from pipeline.definitions import defs

    Definitions.validate_loadable(defs)


def test_dg_lists_the_definitions(command: Command, tmp_path: Path) -> None:
    """dg reads [tool.dg] of pyproject.toml; `dg check defs` loads the same in the same way."""
    env = {"DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "yes"}
    outcome = command("list", "defs", "--json", "--target-path", REPOSITORY, env=env, program="dg")
    assert outcome.code == 0, outcome.err
    listed = json.loads(outcome.out)
    assert {"township_index", "edition", "fetch_ucdp"} <= {one["name"] for one in listed["jobs"]}
    assert {"inbox", "after_fetch"} <= {one["name"] for one in listed["sensors"]}
    assert len(listed["assets"]) >= len(TABLES) + 8


def test_every_asset_is_described() -> None:
    from pipeline.definitions import defs

    graph = defs.resolve_asset_graph()
    assert len(graph.get_all_asset_keys()) >= len(TABLES) + 8
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        name = key.to_user_string()
        if node.group_name in {"fetch", "source"}:
            continue  # tests/unit/assets/test_assets_fetch.py, test_assets_notifications.py
        assert node.group_name in {"raw", "records", "indices", "published", "release"}, name
        assert node.kinds >= {"python"}, name
        assert node.owners == ["team:township-index"], name
        assert len(node.description or "") > 20, name
        assert graph.get_check_keys_for_assets({key}), f"{name} has no suite"
        table = ".".join(key.path)
        if key.path[0] == "release":
            continue
        schema = node.metadata["dagster/column_schema"]
        if table in TABLES:
            assert [c.name for c in schema.columns] == list(TABLES[table].columns)
            assert all(c.description for c in schema.columns), name
    assert {".".join(k.path) for k in graph.get_all_asset_keys()} >= set(TABLES)


def test_schedule_and_sensor_are_off_until_asked_for(command: Command, tmp_path: Path) -> None:
    program = tmp_path / "switched_on.py"
    program.write_text(SWITCHED_ON)
    said = command(program=str(program))
    off, on, no = (line.split() for line in said.out.splitlines())
    assert off == ["STOPPED", "STOPPED", "Asia/Yangon", "30", "5", "*", "*", "*"], said.err
    assert on[:2] == ["RUNNING", "RUNNING"], said.err
    assert no[:2] == ["STOPPED", "STOPPED"], said.err
    assert {DefaultScheduleStatus.STOPPED.value, DefaultSensorStatus.STOPPED.value} == {"STOPPED"}


def test_inbox_sensor_goes_by_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assets.jobs import inbox

    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))

    def tick(cursor: str | None) -> tuple[object, str | None]:
        with DagsterInstance.ephemeral() as instance:
            context = build_sensor_context(instance=instance, cursor=cursor)
            return inbox(context), context.cursor

    answer, cursor = tick(None)
    assert isinstance(answer, SkipReason)
    file = write_input(tmp_path / "inbox", "clashes", "new.csv", "event_id\n")
    answer, cursor = tick(cursor)
    assert isinstance(answer, SkipReason), "seen for the first time: it may still be growing"
    with file.open("a") as stream:
        stream.write("E1\n")
    answer, cursor = tick(cursor)
    assert isinstance(answer, SkipReason), "it grew since the last tick"
    first, cursor = tick(cursor)
    assert isinstance(first, RunRequest)
    again, cursor = tick(cursor)
    assert isinstance(again, RunRequest)
    assert again.run_key == first.run_key, "the same content asks for the same run"
    os.utime(file, (1, 1))
    answer, cursor = tick(cursor)
    assert isinstance(answer, SkipReason), "touched: looked at once more"
    touched, cursor = tick(cursor)
    assert isinstance(touched, RunRequest)
    assert touched.run_key == first.run_key, "a new time is no new content"
    file.write_text("event_id\nE2\n")
    _, cursor = tick(cursor)
    other, cursor = tick(cursor)
    assert isinstance(other, RunRequest)
    assert other.run_key != first.run_key


def test_runs_of_the_command_stand_in_the_homes_instance(sample_home: Path, tmp_path: Path) -> None:
    # A copy: an open instance writes beside its databases, and other workers look at the home meanwhile.
    with DagsterInstance.from_config(str(shutil.copytree(sample_home / "dagster", tmp_path / "dagster"))) as instance:
        (run,) = instance.get_runs()
        assert run.is_success
        assert run.job_name == "township_index"
        for name in ("clashes", "townships"):
            event = instance.get_latest_materialization_event(AssetKey(["records", name]))
            assert event is not None
            assert event.asset_materialization is not None
            assert event.asset_materialization.metadata["dagster/row_count"].value > 300
        rows = {}
        checks = {}
        for record in instance.all_logs(run.run_id):
            if record.is_dagster_event and record.dagster_event_type == DagsterEventType.ASSET_MATERIALIZATION:
                materialized = record.asset_materialization
                assert materialized is not None
                if "dagster/row_count" in materialized.metadata:
                    rows[".".join(materialized.asset_key.path)] = materialized.metadata["dagster/row_count"].value
            if record.is_dagster_event and record.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
                check = record.get_dagster_event().asset_check_evaluation_data
                checks[".".join(check.asset_key.path)] = (check.passed, check.severity.value)
    assert set(TABLES) <= set(rows)
    assert rows["published.township_index"] == 2 * 34 * 330
    assert rows["published.townships"] == 330
    for table in ("published.national_summary", "published.deliveries"):
        assert rows[table] == release_query(sample_home, f"SELECT count(*) FROM {table}").item()
    assert set(rows) | {"release.published", "release.retention"} == set(checks)
    failed = {name: severity for name, (passed, severity) in checks.items() if not passed}
    assert failed
    assert set(failed.values()) == {"WARN"}, "a published run has warnings at most"


def test_the_ui_shows_rules_as_tables_plots_and_what_changed(sample_home: Path, tmp_path: Path) -> None:
    """What a data team sees of the sample's run: tables of rules, numbers with names that stay, the release's notes."""
    with DagsterInstance.from_config(str(shutil.copytree(sample_home / "dagster", tmp_path / "dagster"))) as instance:
        (run,) = instance.get_runs()
        shown: dict[str, dict[str, object]] = {}
        checks: dict[str, dict[str, object]] = {}
        for record in instance.all_logs(run.run_id):
            if record.is_dagster_event and record.asset_materialization is not None:
                shown[".".join(record.asset_materialization.asset_key.path)] = record.asset_materialization.metadata
            if record.is_dagster_event and record.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
                check = record.get_dagster_event().asset_check_evaluation_data
                if check.check_name == "suite":
                    checks[".".join(check.asset_key.path)] = check.metadata
    rules = [record.data for found in checks.values() for record in found["rules"].value.records]
    held = json.loads((sample_home / "published/latest/checks.json").read_text(encoding="utf-8"))
    assert len(rules) == len(held) == sum(found["rules_count"].value for found in checks.values())
    assert all(row["remedy"] for row in rules if row["outcome"] == "failed")
    assert all(row["limit"] and row["found"] for row in rules if row["outcome"] != "nothing to check")
    first = checks["release.published"]["rules"].value.records[0].data
    assert (first["rule"], first["limit"], first["outcome"]) == ("clashes recent", "max at most 120", "failed")
    national = shown["published.national_summary"]
    row = release_query(sample_home, "SELECT * FROM published.national_summary WHERE method = 'isp-2023' "
                        "ORDER BY month DESC LIMIT 1").to_dicts()[0]  # fmt: skip
    assert national["townships_in_conflict"].value == row["in_conflict_count"]
    assert national["clashes_month"].value == row["clashes_month_count"]
    assert shown["records.set_aside"]["set_aside_clashes_rows"].value > 0
    assert shown["published.deliveries"]["age_clashes_days"].value > 0
    lineage = shown["published.township_index"]["dagster/column_lineage"].value.deps_by_column
    assert {".".join(dep.asset_key.path) for dep in lineage["security_class"]} == {"indices.security"}
    release = shown["release.published"]
    assert "| Clashes of the month, at least |" in release["what_changed"].value
    assert release["bytes"].value > 1_000_000
    assert (release["rules_count"].value, release["rules_failed_count"].value) == (
        len(held), sum(not one["passed"] for one in held)
    )  # fmt: skip
