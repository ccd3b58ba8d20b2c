"""Dagster's records of runs: what came of a run is read from them, and old ones go so that the others stay whole."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    DagsterInstance,
    Definitions,
    ExecuteInProcessResult,
    MaterializeResult,
    MetadataValue,
    asset,
    define_asset_job,
    in_process_executor,
)

from assets import retention, run_records, runs
from assets.check_metadata import check_metadata
from assets.context import LOG
from assets.gazetteer import schematic_cache
from assets.schedule import schedule_of
from pipeline.declare.codes import Profile
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import HOME_VARIABLE, MYANMAR, Home, next_daily
from pipeline.storage import latest, logs, release_folder, space
from pipeline.storage import runs as table
from pipeline.storage.retention import policy
from pipeline.storage.runs import Outcome
from pipeline.storage.warehouse import Warehouse

NOW = datetime.now(UTC)
RELEASE = AssetKey(["release", "published"])
FAILED = {"table": "records.clashes", "rule": "keys_unique", "severity": "critical", "failed_count": 2, "note": "twice",
          "passed": False, "checked_count": 9, "examples": [], "limit": "none twice", "found": "2"}  # fmt: skip


@asset(
    key=RELEASE,
    check_specs=[AssetCheckSpec("suite", asset=RELEASE, blocking=True)],
    config_schema={"end": str, "folder": str},
)
def release(context: AssetExecutionContext) -> Any:
    end, folder = context.op_execution_context.op_config["end"], context.op_execution_context.op_config["folder"]
    LOG.info("making %s", end)
    if end == "refused":
        raise UnusableInput("a.csv: line 3: no day\nmore")
    if end == "fault":
        raise KeyError("column")
    blocked = end == "blocked"
    check = AssetCheckResult(
        passed=end != "warned" and not blocked,
        check_name="suite",
        severity=AssetCheckSeverity.ERROR if blocked else AssetCheckSeverity.WARN,
        description="records.clashes: keys_unique: 2 failed",
        metadata=check_metadata([FAILED] if end in {"warned", "blocked"} else []),
    )
    metadata = {"path": MetadataValue.path(folder), "moved_latest": True}
    yield MaterializeResult(metadata=metadata, check_results=[check])


JOB = Definitions(
    assets=[release], jobs=[define_asset_job("township_index", executor_def=in_process_executor)]
).resolve_job_def("township_index")


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DagsterInstance]:
    root = tmp_path_factory.mktemp("home") / "dagster"
    root.mkdir()
    with DagsterInstance.local_temp(str(root)) as made:
        yield made


@pytest.fixture(scope="module")
def instance(on_disk: DagsterInstance) -> Iterator[DagsterInstance]:
    """Records of runs in memory: a run that notes its events in a database of its own takes three times as long."""
    with DagsterInstance.ephemeral() as made:
        made._schedule_storage = on_disk.schedule_storage
        yield made


def run(
    instance: DagsterInstance, end: str, folder: Path, tags: dict[str, str] | None = None
) -> ExecuteInProcessResult:
    ops = {"release__published": {"config": {"end": end, "folder": str(folder)}}}
    config = {"ops": ops, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    return JOB.execute_in_process(instance=instance, run_config=config, raise_on_error=False, tags=tags or {})


@pytest.mark.parametrize(
    ("end", "outcome", "message"),
    [
        ("warned", Outcome.PUBLISHED, "2023-12-31-aaaaaaaa"),
        ("blocked", Outcome.BLOCKED, "records.clashes: keys_unique: 2 failed. The last release is as it was"),
        ("refused", Outcome.REFUSED, "a.csv: line 3: no day"),
        ("fault", Outcome.FAILED, "step release__published failed: KeyError: 'column'"),
        ("held", Outcome.HELD, "2023-12-31-aaaaaaaa"),
    ],
)
def test_what_came_of_a_run_is_read_from_its_events(
    instance: DagsterInstance, tmp_path: Path, end: str, outcome: Outcome, message: str
) -> None:
    place, folder = Home(tmp_path), tmp_path / ("held" if end == "held" else "published") / "2023-12-31-aaaaaaaa"
    place.published.mkdir()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.csv").write_text("x")
    done = run(instance, end, folder, {"dagster/schedule_name": "daily"})
    recording = runs.begin(place, done.run_id, done.dagster_run.tags, instance)
    LOG.info("one line")
    runs.end(recording, Warehouse(place.work_database))
    (line,) = table.read(place)
    assert (line.outcome, line.message, line.run_id) == (outcome, message, done.run_id)
    assert line.started_by == "schedule daily"
    assert [one.rule for one in line.failed_rules] == (["keys_unique"] if end in {"warned", "blocked"} else [])
    assert (line.release_id, bool(line.release_bytes)) == (
        (folder.name, True) if outcome in (Outcome.PUBLISHED, Outcome.HELD) else (None, False)
    )
    assert line.cpu_seconds is not None
    assert line.peak_memory_bytes is not None
    assert line.peak_memory_bytes > 10**7
    assert line.home_bytes["published"] == space.size_of([place.published])
    assert table.unfinished(place) is None
    said = [json.loads(text) for text in logs.path_of(place).read_text().splitlines()]
    assert [one["message"] for one in said[1:]] == ["one line", f"{outcome}: {message}"]
    assert {one["run"] for one in said} == {done.run_id}
    assert said[-1]["step"] == ("release__published" if end in {"refused", "fault", "blocked"} else "")
    health = json.loads(place.health.read_text())
    assert health["last_run"]["outcome"] == outcome
    assert not health["healthy"], "latest names no release"


def test_a_run_that_never_began_has_its_line_too(instance: DagsterInstance, tmp_path: Path) -> None:
    place = Home(tmp_path)
    (place.published).mkdir()
    recording = runs.begin(place, "r", {"dagster/sensor_name": "inbox"}, instance)
    runs.end(recording, Warehouse(place.work_database), OSError(28, "No space left on device"))
    (line,) = table.read(place)
    assert (line.outcome, line.started_by) == (Outcome.REFUSED, "sensor inbox")
    assert "make room on the disk" in line.message


def test_what_cannot_be_noted_changes_nothing(
    instance: DagsterInstance, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = Home(tmp_path)
    place.logs.write_text("in the way")
    recording = runs.begin(place, "r", {}, instance)
    runs.end(recording, Warehouse(place.work_database))
    assert "what came of the run could not be noted" in caplog.text
    assert LOG.handlers == []


def publish(place: Home, day: str, size: int = 1000) -> None:
    name = f"{day}-aaaaaaaa" + ("-internal" if place.profile == Profile.INTERNAL else "")
    folder = release_folder.building_folder(place, name)
    (folder / "a.csv").write_text("x" * size)
    stated = {
        "release_id": name, "period_end": day, "as_of": day, "created_at": f"{day}T01:00:00+00:00", "notice": "",
    }  # fmt: skip
    release_folder.finish(folder, {**stated, "outputs": release_folder.hashes(folder)})
    release_folder.put_in_place(place, folder, name)


def standing(place: Home) -> set[str]:
    return {one.release_id for one in latest.standing(place)[0]}


@pytest.fixture
def year(tmp_path: Path) -> Home:
    place = Home(tmp_path)
    for day in ("2026-01-10", "2026-01-20", "2026-02-10", "2026-11-28", "2026-11-30"):
        publish(place, day)
        publish(Home(tmp_path, Profile.INTERNAL), day)
    return place


AT = datetime(2026, 11, 30, 6, tzinfo=UTC)


def check_list(place: Home) -> None:
    """The list, the feed and the addresses of months name releases that stand, and all of them."""
    listed = json.loads((place.published / "releases.json").read_text())
    assert {one["release_id"] for one in listed["releases"]} == standing(place)
    for month, name in listed["periods"].items():
        assert (place.published / month).resolve().name == name
    feed = (place.published / "feed.xml").read_text()
    assert all(name in feed for name in standing(place))
    assert "2026-01-10" not in feed


def test_what_is_pruned_leaves_the_list_and_the_rest_is_true(year: Home) -> None:
    wanted = retention.plan(year, policy(), AT, None)
    assert "\n".join(retention.lines(wanted, done=False)).count("2026-01-10-aaaaaaaa") == 2, "of both profiles"
    assert wanted.frees > 4096
    assert len(standing(year)) == 5, "a plan changes nothing"
    retention.carry_out(year, wanted, None)
    team = Home(year.root, Profile.INTERNAL)
    for place in (year, team):
        kept = {"2026-01-20", "2026-02-10", "2026-11-28", "2026-11-30"}
        assert {name[:10] for name in standing(place)} == kept
        assert place.latest.resolve().name.startswith("2026-11-30")
    check_list(year)
    assert not (team.releases / "releases.json").exists()
    again = retention.plan(year, policy(), AT, None)
    assert (again.frees, sum(map(len, again.releases.values()))) == (0, 0)


@pytest.mark.parametrize("when", ["after the list", "after the first rename"])
def test_a_kill_leaves_whole_releases_and_the_next_prune_goes_on(
    year: Home, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def killed(path: Path) -> None:
        if when == "after the first rename":
            path.rename(path.with_name(f".gone-{path.name}"))
        raise KeyboardInterrupt

    monkeypatch.setattr(retention.retention, "remove", killed)
    with pytest.raises(KeyboardInterrupt):
        retention.carry_out(year, retention.plan(year, policy(), AT, None), None)
    monkeypatch.undo()
    assert all((year.releases / name / "a.csv").exists() for name in standing(year))
    retention.carry_out(year, retention.plan(year, policy(), AT, None), None)
    check_list(year)
    assert list(year.releases.glob(".*")) == []


def test_the_command_tells_first_and_deletes_when_it_is_asked_to(
    year: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    retention.prune(year, None, apply=False)
    said = capsys.readouterr().out
    assert "nothing was removed: add --apply" in said
    assert "deliveries stay, always" in said
    assert "2026-01-10-aaaaaaaa" in said
    assert "2026-01-10-aaaaaaaa" in standing(year)
    (year.releases / "pins.json").write_text('["2026-01-10-aaaaaaaa"]')
    retention.prune(year, 1, apply=True)
    assert " freed; " in capsys.readouterr().out
    assert "2026-01-10-aaaaaaaa" in standing(year), "it is pinned"
    (year.releases / "pins.json").unlink()
    retention.prune(year, 1, apply=True)
    assert "2026-01-10-aaaaaaaa" not in standing(year)
    with pytest.raises(UnusableInput, match="is not there"):
        retention.prune(Home(year.root / "none"), None, apply=False)


def test_a_scheduled_run_ends_with_prune_and_one_by_hand_does_not(
    year: Home, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the last step of the real job is run: all before it are as the home has them."""
    from pipeline.definitions import defs

    monkeypatch.setenv(HOME_VARIABLE, str(year.root))
    schematic_cache(year).parent.mkdir(parents=True)
    schematic_cache(year).touch()  # nothing is drawn for it
    job = defs.resolve_job_def("township_index")
    for tags, gone in (({}, False), ({"dagster/schedule_name": "daily"}, True)):
        done = job.execute_in_process(
            instance=instance, asset_selection=[retention.RETENTION], tags=tags,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )  # fmt: skip
        assert done.success
        assert ("2026-01-10-aaaaaaaa" not in standing(year)) is gone
        assert {"2026-01-20-aaaaaaaa", "2026-02-10-aaaaaaaa", "2026-11-30-aaaaaaaa"} <= standing(year)
        (check,) = done.get_asset_check_evaluations()
        assert check.check_name == "room"
    check_list(year)
    assert [(one.outcome, one.started_by) for one in table.read(year)] == [
        (Outcome.PARTIAL, "hand"), (Outcome.PARTIAL, "schedule daily"),
    ]  # fmt: skip
    said = logs.path_of(year).read_text()
    assert '"step": "release__retention", "message": "policy: all of the last 30 days' in said


def test_old_run_records_go_and_the_last_of_each_kind_stay(on_disk: DagsterInstance, tmp_path: Path) -> None:
    """Four runs; a month later only the last, and the last that succeeded, of each way to start one are there."""
    instance, place = on_disk, Home(Path(on_disk.root_directory).parent)
    hand = [run(instance, end, tmp_path).run_id for end in ("published", "published", "fault")]
    daily = run(instance, "published", tmp_path, {"dagster/schedule_name": "daily"}).run_id
    later = NOW + timedelta(days=31)
    assert run_records.old(instance, NOW) == [], "none is older than a month"
    old = [one.dagster_run.run_id for one in run_records.old(instance, later)]
    assert old == [hand[0]]
    shard = Path(instance.event_log_storage.path_for_shard(hand[0]))  # type: ignore[attr-defined]
    assert shard.exists()
    assert run_records.frees(instance, place, run_records.old(instance, later)) > shard.stat().st_size * len(old)
    for run_id in old:
        run_records.forget(instance, place, run_id)
    assert run_records.shrink(instance) == ""
    assert {one.dagster_run.run_id for one in instance.get_run_records()} == {hand[1], hand[2], daily}
    assert not list(shard.parent.glob(f"{hand[0]}*"))
    assert not (place.dagster / "storage" / hand[0]).exists()
    assert instance.all_logs(hand[1]), "the others keep their events"
    found = instance.get_latest_materialization_event(RELEASE)
    assert found is not None
    assert found.run_id == daily, "and the assets their state"
    assert run_records.old(instance, later) == []
    done = run(instance, "published", tmp_path)
    assert done.success, "the database takes new runs"
    check_litter(instance, place, done.run_id)


def check_litter(instance: DagsterInstance, place: Home, gone: str) -> None:
    """Files of a run that is gone are litter."""
    instance.run_storage.delete_run(gone)  # as a kill right after it leaves it
    assert run_records.orphans(instance, place, NOW + timedelta(minutes=5)) == [], "it may just be beginning"
    assert run_records.orphans(instance, place, NOW + timedelta(days=2)) == [gone]
    run_records.forget(instance, place, gone)
    assert run_records.orphans(instance, place, NOW + timedelta(days=2)) == []


def test_the_next_daily_run_is_the_next_morning_in_myanmar(
    instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = datetime(2026, 11, 30, 4, 0, tzinfo=MYANMAR)
    assert next_daily(night) == datetime(2026, 11, 30, 5, 30, tzinfo=MYANMAR)
    assert next_daily(night.astimezone(UTC) + timedelta(minutes=90)) == datetime(2026, 12, 1, 5, 30, tzinfo=MYANMAR)
    monkeypatch.delenv("TOWNSHIP_INDEX_SCHEDULE", raising=False)
    off = schedule_of(instance, night)
    assert (off.is_on, off.next_at, off.daemon_seen_at) == (False, None, None)
    monkeypatch.setenv("TOWNSHIP_INDEX_SCHEDULE", "1")
    assert schedule_of(instance, night).next_at == next_daily(night)
