"""Where records of runs are kept: one file of the home says it, and it never holds a password."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance, job, op
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, SensorInstigatorData
from postgres_server import BINARIES, Server, serving

from assets import instance as kept
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import POSTGRES_VARIABLE, REPOSITORY, Home

SHIPPED = (REPOSITORY / "dagster.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    if not BINARIES:
        if "CI" in os.environ:
            pytest.fail("Postgres is missing; .ci/run installs it")
        pytest.skip("Postgres is not on this machine (Debian: apt-get install postgresql)")
    with serving() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv(POSTGRES_VARIABLE, raising=False)
    return Home(tmp_path)


def config(home: Home) -> str:
    return (home.dagster / "dagster.yaml").read_text(encoding="utf-8")


def opened(home: Home) -> DagsterInstance:
    return DagsterInstance.from_config(str(home.dagster))


def run(instance: DagsterInstance) -> str:
    @op
    def step() -> None:
        pass

    @job
    def small() -> None:
        step()

    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    return small.execute_in_process(quiet, instance=instance).run_id


def switch_on(instance: DagsterInstance, name: str) -> None:
    """As the UI does it, from the definitions of this repository."""
    from dagster._core.definitions.run_request import InstigatorType
    from dagster._core.remote_origin import (
        GrpcServerCodeLocationOrigin,
        RemoteInstigatorOrigin,
        RemoteRepositoryOrigin,
    )

    place = GrpcServerCodeLocationOrigin(host="localhost", port=1, location_name="pipeline.definitions")
    origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(place, "__repository__"), name)
    seen = SensorInstigatorData(cursor=f"cursor of {name}")
    instance.add_instigator_state(InstigatorState(origin, InstigatorType.SENSOR, InstigatorStatus.RUNNING, seen))


def states(instance: DagsterInstance) -> dict[str, tuple[str, str]]:
    return {
        one.instigator_name: (one.status.value, one.instigator_data.cursor) for one in instance.all_instigator_state()
    }


def test_a_home_moves_to_postgres_and_back(home: Home, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept.settle(home) == ""
    assert config(home) == SHIPPED, "without the variable records are files of the home"
    assert kept.settle(home) == ""
    with opened(home) as instance:
        assert "Sqlite" in type(instance.event_log_storage).__name__
        before = run(instance)
        switch_on(instance, "inbox")
    monkeypatch.setenv(POSTGRES_VARIABLE, postgres.url)
    note = kept.settle(home)
    assert "1 settings of schedules and sensors were taken along" in note
    assert "a%b" not in config(home)
    assert "a%25b" not in config(home)
    assert kept.settle(home) == "", "told once"
    with opened(home) as instance:
        assert type(instance.event_log_storage).__name__ == "PostgresEventLogStorage"
        assert states(instance) == {"inbox": ("RUNNING", "cursor of inbox")}
        assert instance.get_run_by_id(before) is None, "runs of before stay behind"
        after = run(instance)
        switch_on(instance, "other")
    with opened(home) as instance:  # as another process finds it
        found = instance.get_run_by_id(after)
        assert found is not None
        assert found.is_success
        assert len(instance.all_logs(after)) > 5
        assert set(states(instance)) == {"inbox", "other"}
    monkeypatch.delenv(POSTGRES_VARIABLE)
    assert "stay in" in kept.settle(home)
    assert config(home) == SHIPPED
    with opened(home) as instance:
        assert [one.run_id for one in instance.get_runs()] == [before]
    monkeypatch.setenv(POSTGRES_VARIABLE, postgres.url)
    assert kept.settle(home).count("; 0 settings") == 1, "what Postgres knows already is not overwritten"


def test_what_the_owner_wrote_stays(home: Home, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    home.dagster.mkdir()
    own = "telemetry:\n  enabled: false\nrun_monitoring:\n  enabled: true\n"
    (home.dagster / "dagster.yaml").write_text(own, encoding="utf-8")
    kept.settle(home)
    assert config(home) == own
    monkeypatch.setenv(POSTGRES_VARIABLE, postgres.url)
    kept.settle(home)
    assert config(home).startswith(own)
    assert config(home).endswith(kept.POSTGRES)
    monkeypatch.delenv(POSTGRES_VARIABLE)
    kept.settle(home)
    assert config(home) == own
    other = own + "storage:\n  sqlite:\n    base_dir: /elsewhere\n"
    (home.dagster / "dagster.yaml").write_text(other, encoding="utf-8")
    monkeypatch.setenv(POSTGRES_VARIABLE, postgres.url)
    with pytest.raises(UnusableInput, match="names a storage of its own"):
        kept.settle(home)
    assert config(home) == other


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres://index:geheim@127.0.0.1:1/x", r"begins with postgresql://"),
        ("postgresql://index:geheim@127.0.0.1:1/x", r"cannot be used .*refused"),
        ("postgresql://index:geheim@127.0.0.1:port/x", r"cannot be used .*port"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(
    home: Home, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    monkeypatch.setenv(POSTGRES_VARIABLE, url)
    with pytest.raises(UnusableInput, match=said) as told:
        kept.settle(home)
    assert "geheim" not in str(told.value)
    assert "\n" not in str(told.value)
    assert not home.dagster.exists(), "nothing is written before"


def test_a_wrong_password_is_told_without_it(home: Home, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(POSTGRES_VARIABLE, postgres.url.replace("a%25b", "geheim"))
    with pytest.raises(UnusableInput, match="password authentication failed") as told:
        kept.settle(home)
    assert "geheim" not in str(told.value)
    assert POSTGRES_VARIABLE in kept.told(home, "server closed the connection")


def test_a_missing_driver_has_a_remedy(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(POSTGRES_VARIABLE, "postgresql://index@127.0.0.1:1/x")
    monkeypatch.setitem(sys.modules, "dagster_postgres", None)
    with pytest.raises(UnusableInput, match=r"driver is not installed .*make install"):
        kept.settle(home)


def test_a_record_that_cannot_be_written_is_told_by_where_it_lies(home: Home) -> None:
    assert kept.told(home, "disk I/O error").startswith(f"{home.dagster}: the record of the run cannot be written")
