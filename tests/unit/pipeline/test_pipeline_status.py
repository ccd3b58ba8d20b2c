"""`township-index status`: a healthy home, and one for each thing that needs a person."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from filelock import FileLock

from pipeline import status
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import REPOSITORY, Home
from pipeline.ingest import inbox
from pipeline.status import Schedule
from pipeline.storage import deliveries, release_folder, runs, space
from pipeline.storage.runs import Begun, Failed, Outcome, Run

NOW = datetime(2024, 1, 11, tzinfo=UTC)
OFF, ALIVE = Schedule(False), Schedule(True, NOW + timedelta(hours=5), NOW - timedelta(seconds=20))
WARNING = Failed("run", "boundaries_real", "warning", 1, "schematic")
RUN = Run("r", "2024-01-10T00:00:00+00:00", "2024-01-10T00:02:00+00:00", "hand", "public", "1", Outcome.PUBLISHED, "x",
          home_bytes={"published": 10}, disk_free_bytes=10**12, failed_rules=(WARNING,), seconds=120.0, rows_in=1,
          rows_set_aside=1)  # fmt: skip
CHANGES = """table,method,month,adm3_pcode,scope,basis,measure,controller,column,before,after,kind
township_index,isp-2023,2023-12-01,MMR002001,,,,,security_class,low,high,changed
township_index,isp-2023,2023-11-01,MMR002001,,,,,security_class,low,high,changed
township_index,rolling-12m,2023-11-01,MMR002002,,,,,security_class,low,high,changed
deliveries,,,,,,,,rows_count,1,2,changed
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with a delivery, a release of yesterday, and the two runs before it."""
    monkeypatch.setattr(space, "free_at", lambda _: 10**12)
    place = Home(tmp_path / "home")
    rows = "event_id,event_date,event_type,adm3_pcode\nE1,2023-11-10,clash,MMR001001\n"
    (tmp_path / "in" / "clashes").mkdir(parents=True)
    (tmp_path / "in" / "clashes" / "a.csv").write_text(rows)
    inbox.deliver(place, inbox.find_files(tmp_path / "in"), datetime(2024, 1, 1, tzinfo=UTC))
    folder = release_folder.building_folder(place, "2023-12-31-aaaaaaaa")
    (folder / "tables").mkdir()
    (one,) = deliveries.in_force(place)
    aside = {"delivery_id": [one.delivery_id], "reason": ["unknown_pcode"], "rows_count": [2]}
    pl.DataFrame(aside).write_parquet(folder / "tables" / "set_aside_summary.parquet")
    told = {"delivery_id": [one.delivery_id], "kind": ["clashes"], "file_name": ["a.csv"]}
    pl.DataFrame(told).write_parquet(folder / "tables" / "deliveries.parquet")
    (folder / "changes.csv").write_text(CHANGES)
    manifest = {
        "period_end": "2023-12-31", "as_of": "2024-01-10", "created_at": "2024-01-10T00:02:00+00:00",
        "previous_release": "2023-12-30-bbbbbbbb", "method": "isp-2023", "changes_note": "Compared.",
    }  # fmt: skip
    release_folder.finish(folder, {**manifest, "outputs": release_folder.hashes(folder)})
    release_folder.put_in_place(place, folder, "2023-12-31-aaaaaaaa")
    runs.end(place, replace(RUN, ended_at="2024-01-09T00:02:00+00:00"))
    runs.end(place, RUN)
    return place


def test_a_healthy_home_is_told_in_full(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert status.show(home, OFF, NOW, as_json=False) == status.HEALTHY
    said = capsys.readouterr().out
    assert said.splitlines()[-1] == "healthy"
    assert not any(line.startswith("!") for line in said.splitlines())
    for words in (
        "2023-12-31-aaaaaaaa, data to 2023-12-31, 1.0 days old",
        "changed since 2023-12-30-bbbbbbbb: 4 figures; townships with another 1 security_class",
        "published at 2024-01-10T00:02:00+00:00 by hand: 120.0 s, 1 rows in, 1 set aside",
        "warning: run: boundaries_real: schematic",
        "2 unknown_pcode. Neither one of the 330 township codes",
        "last received 10 days ago",
        "off; TOWNSHIP_INDEX_SCHEDULE=1",
        "1,000.00 GB free; it did not fill up in the last 30 days",
    ):
        assert words in said, said


def hold(home: Home) -> None:
    shutil.copytree(home.latest.resolve(), home.root / "held" / "2024-01-05-cccccccc")


def kill(home: Home) -> None:
    runs.begin(home, Begun("k", "2024-01-10T12:00:00+00:00", "hand", "public", "1"))


def run_with(**changed: Any) -> Callable[[Home], None]:
    return lambda home: runs.end(home, replace(RUN, **changed))


def always_old(home: Home) -> None:
    """As it was in the run before: known, and still nothing of the last months is."""
    old = replace(WARNING, rule="clashes_recent", note="the newest clash is old")
    for _ in range(2):
        runs.end(home, replace(RUN, failed_rules=(WARNING, old)))


def lose_latest(home: Home) -> None:
    home.latest_link.unlink()


def damage_manifest(home: Home) -> None:
    (home.published / "2023-01-31-dddddddd").mkdir()
    (home.published / "2023-01-31-dddddddd" / "manifest.json").write_text("{")


def fill_disk(home: Home) -> None:
    runs.path_of(home).unlink()
    for day, used in ((2, 0), (1, 100 * 10**9)):
        at = (NOW - timedelta(days=day)).isoformat()
        runs.end(home, replace(RUN, ended_at=at, home_bytes={"published": used}, disk_free_bytes=10**12 - used))


BLOCKING = Failed("records.clashes", "keys_unique", "critical", 3, "twice")


@pytest.mark.parametrize(
    ("change", "schedule", "at", "about", "words"),
    [
        (lose_latest, OFF, NOW, "release", "latest names no release"),
        (lambda _: None, OFF, NOW + timedelta(days=40), "release", "is 41 days old, more than 35; run"),
        (lambda _: None, ALIVE, NOW + timedelta(days=2), "release", "is 3 days old, more than 2; run"),
        (run_with(outcome=Outcome.REFUSED, message="a.csv: line 2"), OFF, NOW, "last_run", "refused: a.csv: line 2"),
        (run_with(outcome=Outcome.FAILED, message="KeyError"), OFF, NOW, "last_run", "failed: KeyError"),
        (kill, OFF, NOW, "last_run", "killed: the process ended before the run did"),
        (run_with(outcome=Outcome.BLOCKED, failed_rules=(WARNING, BLOCKING)), OFF, NOW, "failed_rules",
         "records.clashes: keys_unique (critical): twice"),
        (run_with(failed_rules=(WARNING, replace(WARNING, rule="lead"))), OFF, NOW, "failed_rules",
         "run: lead (warning, new in the last run)"),
        (always_old, OFF, NOW, "failed_rules", "run: clashes_recent (warning): the newest clash is old"),
        (lambda _: None, replace(ALIVE, daemon_seen_at=None), NOW, "schedule", "its daemon was never seen"),
        (lambda _: None, ALIVE, NOW + timedelta(hours=1), "schedule", "was last seen at 2024-01-10T23:59:40+00:00"),
        (fill_disk, OFF, NOW, "disk", "at 100.00 GB a day it is full in 10 days"),
        (hold, OFF, NOW, "releases", "2024-01-05-cccccccc is held and waits"),
        (damage_manifest, OFF, NOW, "releases", "2023-01-31-dddddddd has no manifest"),
    ],
)  # fmt: skip
def test_what_needs_a_person_is_said_and_marked(
    home: Home, change: Callable[[Home], None], schedule: Schedule, at: datetime, about: str, words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    change(home)
    assert status.show(home, schedule, at, as_json=False) == status.ATTENTION
    said = capsys.readouterr().out.splitlines()
    (told,) = [line for line in said if line.startswith(f"! {about.replace('_', ' ')}: ") and words in line]
    assert any(line.startswith(f"! {about.replace('_', ' '):13} ") for line in said), said
    assert told in said[said.index(next(line for line in said if line.startswith("needs attention"))) :]


def test_a_source_is_silent_by_its_own_cadence(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """UCDP is silent after 45 days; a team's own file comes when it comes."""
    facts = status.facts(home, NOW, OFF)
    (own,) = facts["sources"]
    assert (own["age_days"], own["silent_after_days"], own["is_silent"]) == (10, None, False)
    path = next(home.deliveries.glob("clashes/*.json"))
    stated = json.loads(path.read_text())
    path.write_text(json.dumps({**stated, "source_key": "ucdp_ged", "source": "UCDP GED"}))
    assert status.facts(home, NOW, OFF)["healthy"]
    late = status.facts(home, NOW + timedelta(days=36), ALIVE)
    assert [one for one in late["attention"] if one["about"] == "sources"] == [
        {"about": "sources", "text": "UCDP GED sent nothing for 46 days (cadence: yearly, with monthly candidate "
         "events); fetch it, or ask who sends it"}
    ]  # fmt: skip
    status.show(home, OFF, NOW + timedelta(days=36), as_json=False)
    assert any(line.startswith("! source ") for line in capsys.readouterr().out.splitlines())


def test_a_run_that_made_the_same_release_again_keeps_it_fresh(home: Home) -> None:
    """Nothing new for a week: the schedule ran this morning and the release keeps the day on which it was made."""
    at = NOW + timedelta(days=7)
    seen = replace(ALIVE, daemon_seen_at=at)
    assert not status.facts(home, at, seen)["healthy"]
    runs.end(home, replace(RUN, ended_at=(at - timedelta(hours=2)).isoformat()))
    assert status.facts(home, at, seen)["healthy"]


def test_a_run_at_work_is_no_killed_one(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    kill(home)
    with FileLock(home.lock):
        assert status.show(home, OFF, NOW, as_json=False) == status.HEALTHY
    assert "at work" in capsys.readouterr().out


def test_the_facts_are_documented_and_are_those_of_the_command(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.pins.write_text('["2023-12-31-aaaaaaaa"]')
    status.show(home, OFF, NOW, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(json.dumps(status.facts(home, NOW, OFF)))
    assert found["releases"]["pinned"] == ["2023-12-31-aaaaaaaa"]
    page = (REPOSITORY / "docs" / "health.md").read_text(encoding="utf-8")
    for part, value in found.items():
        rows = value if isinstance(value, list) else [value]
        for key in [part, *(key for row in rows if isinstance(row, dict) for key in row)]:
            assert f"`{key}`" in page, f"{part}: {key} is not documented"


def test_what_is_no_home_cannot_be_told_of(tmp_path: Path) -> None:
    for place in (Home(tmp_path / "none"), Home(tmp_path)):
        with pytest.raises(UnusableInput, match="home"):
            status.facts(place, NOW, OFF)
