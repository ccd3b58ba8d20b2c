"""How a run ended is noted, and a release is read back: what it is compared with, and what it then has to say."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from homes import put_release, rule
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.declare.codes import Profile
from pipeline.declare.errors import UnusableInput
from pipeline.declare.notifications import NotificationKind as Kind
from pipeline.declare.settings import NOTIFY_VARIABLE, Home
from pipeline.notifications import findings, last_run
from pipeline.notifications.last_run import LastRun
from pipeline.storage import latest, runs, space
from pipeline.storage.runs import Run

NOW = datetime(2030, 4, 1, 0, 0, tzinfo=UTC)
FAILURE = findings.of_failure("the run", "no room", (), {}, (), "")


def publish(place: Home, name: str) -> LastRun:
    run = last_run.published(place, last_run.read(place), name, NOW)
    last_run.write(place, run)
    return run


def kinds(place: Home, run: LastRun) -> list[tuple[Kind, str]]:
    return [(one.kind, one.title) for one in last_run.findings_of(place, run, NOW)]


def test_a_release_is_compared_with_the_one_that_latest_named_before(tmp_path: Path):
    place = Home(tmp_path)
    put_release(place, "first", [rule("a")], ["MMR002001"])
    assert kinds(place, publish(place, "first")) == [
        (Kind.PUBLISHED, "release first was published"),
        (Kind.ALERT, "Loikaw (MMR002001)"),
        (Kind.CHECK_WARNS, "run: a warns"),
    ]
    put_release(place, "second", [rule("a"), rule("b")], ["MMR002001", "MMR002004"])
    run = publish(place, "second")
    assert kinds(place, run)[1:] == [(Kind.ALERT, "Shadaw (MMR002004)"), (Kind.CHECK_WARNS, "run: b warns")]
    again = publish(place, "second")
    assert last_run.findings_of(place, again, NOW) == last_run.findings_of(place, run, NOW), "made again: nothing new"
    put_release(place, "older", [rule("c")], ["MMR001001"], points=False)
    assert kinds(place, publish(place, "older")) == [(Kind.PUBLISHED, "release older was published")]
    put_release(place, "third", [rule("b"), rule("c")])
    assert kinds(place, publish(place, "third"))[1:] == [(Kind.CHECK_WARNS, "run: c warns")]


def test_a_failure_is_kept_and_what_was_published_before_stands(tmp_path: Path):
    place = Home(tmp_path)
    put_release(place, "first")
    publish(place, "first")
    run = last_run.failed(last_run.read(place), FAILURE, NOW)
    last_run.write(place, run)
    assert last_run.read(place) == run
    assert (run.standing, run.went_well_at) == ("first", NOW.isoformat(timespec="seconds"))
    assert kinds(place, run) == [(Kind.RUN_FAILED, "the run failed: no room")]
    put_release(place, "second", [rule("a")])
    assert kinds(place, publish(place, "second"))[1:] == [(Kind.CHECK_WARNS, "run: a warns")]


def test_a_home_of_before_is_read_from_its_releases(tmp_path: Path):
    place = Home(tmp_path)
    assert last_run.of_home(place) is None
    put_release(place, "old", [rule("a")], created_at="2030-03-01T00:00:00+00:00")
    put_release(place, "new", [rule("a"), rule("b")])
    run = last_run.of_home(place)
    assert run is not None
    assert (run.release, run.before) == ("new", "old")
    assert kinds(place, run)[1:] == [(Kind.CHECK_WARNS, "run: b warns")]


def test_a_release_that_is_gone_or_damaged_is_named(tmp_path: Path):
    place = Home(tmp_path)
    folder = put_release(place, "first", [rule("a")])
    (folder / "checks.json").write_text("[")
    with pytest.raises(UnusableInput, match="first: this release is gone or damaged"):
        last_run.read_release(place, "first", True)
    with pytest.raises(UnusableInput, match="no name of a release"):
        last_run.read_release(place, "../first", True)
    put_release(place, "second")
    assert kinds(place, LastRun(NOW.isoformat(), "second", True, before="first")) == [
        (Kind.PUBLISHED, "release second was published")
    ], "the one before is only for comparison"


def test_tables_of_an_older_version_say_nothing_of_alerts(tmp_path: Path):
    place = Home(tmp_path)
    folder = put_release(place, "first", alerts=["MMR002001"])
    (folder / "tables" / "national_summary.parquet").unlink()
    assert last_run.read_release(place, "first", True).alerts is None


def test_invented_and_internal_releases_say_so(tmp_path: Path):
    place = Home(tmp_path, Profile.INTERNAL)
    put_release(place, "first", notice="SYNTHETIC DATA: invented.")
    (one,) = last_run.findings_of(place, publish(place, "first"), NOW)
    assert one.marks == "SYNTHETIC, internal"
    assert "SYNTHETIC DATA: invented." in one.about
    assert last_run.read(Home(tmp_path)) is None, "each profile has its own last run"


def test_a_damaged_note_is_none(tmp_path: Path):
    place = Home(tmp_path)
    put_release(place, "first")
    publish(place, "first")
    (place.notifications / "last_run.json").write_text('{"ended_at": 1, "failure": [{}]}')
    assert last_run.read(place) is None


def test_the_command_shows_what_would_be_sent_and_notes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(NOTIFY_VARIABLE, raising=False)
    place = Home(tmp_path)
    put_release(place, "first", alerts=["MMR002001"])
    shown = CliRunner().invoke(app, ["notify", "--dry-run", "--home", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    assert "no target is set" in shown.output
    assert "Subject: Township index: release first was published" in shown.output
    monkeypatch.setenv(NOTIFY_VARIABLE, "json://u:sesame@127.0.0.1:9/x")
    shown = CliRunner().invoke(app, ["notify", "--dry-run", "--home", str(tmp_path)])
    assert "TOWNSHIP_INDEX_NOTIFY target 1 (json://127.0.0.1:9): 2 to send" in shown.output
    assert "sesame" not in shown.output
    assert not place.notifications.exists()


def test_the_command_ends_with_a_code_for_each_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(NOTIFY_VARIABLE, raising=False)

    def code(*words: str) -> tuple[int, str]:
        outcome = CliRunner().invoke(app, ["notify", *words, "--home", str(tmp_path)])
        return outcome.exit_code, outcome.output + outcome.stderr

    assert code("--test")[0] == 2
    assert "nobody is to be told: put a target into" in code("--test")[1]
    assert code("--test", "--dry-run")[0] == 2
    Home(tmp_path).notify_file.write_text('[[targets]]\nurl = "json://127.0.0.1:9/sesame"\n')
    Home(tmp_path).notify_file.chmod(0o644)
    failed, said = code("--test")
    assert failed == 1
    assert "target 1 (json://127.0.0.1:9): not sent: no connection" in said
    assert "chmod 600" in said
    assert "sesame" not in said
    Home(tmp_path).notify_file.write_text("[[targets]]\nkinds = 1\n")
    assert code()[0] == 2
    assert "line 1: target 1 has no url" in code("--dry-run")[1]


def test_a_held_release_asks_for_a_person_and_is_told_once_more_when_published(tmp_path: Path):
    place = Home(tmp_path)
    put_release(place, "first", [rule("a")])
    publish(place, "first")
    put_release(place, "second", [rule("a"), rule("b")], points=False)
    place.held.mkdir(parents=True)
    (place.releases / "second").rename(place.held / "second")
    run = publish(place, "second")
    (asked,) = last_run.findings_of(place, run, NOW)
    assert asked.title == "release second is held"
    assert "township-index publish second;" in asked.lines[0]
    (place.held / "second").rename(place.releases / "second")
    latest.point(place, "second")
    told = last_run.findings_of(place, publish(place, "second"), NOW)
    assert [one.title for one in told] == ["release second was published", "run: b warns"]
    assert told[0].key != asked.key


def test_after_a_withdrawal_the_next_release_is_compared_with_what_stands(tmp_path: Path):
    place = Home(tmp_path)
    for name, rules in (("first", [rule("a")]), ("second", [rule("b")])):
        put_release(place, name, rules)
        run = publish(place, name)
    latest.point(place, "first")
    noted = last_run.withdrawn(place, run, "second")
    assert (noted.release, noted.standing) == ("", "first")
    assert last_run.findings_of(place, noted, NOW) == ()
    assert last_run.withdrawn(place, run, "another") == run
    last_run.write(place, noted)
    put_release(place, "third", [rule("a"), rule("b")])
    assert kinds(place, publish(place, "third"))[1:] == [(Kind.CHECK_WARNS, "run: b warns")]
    gone = findings.of_withdrawal("second", "figures of 2029", ["latest names first"], ())
    assert (gone.kind, gone.title) == (Kind.WITHDRAWN, "release second was withdrawn: figures of 2029")


def test_a_disk_that_is_nearly_full_is_said_once_until_there_was_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = Home(tmp_path)
    assert last_run.findings_of(place, None, NOW) == ()
    monkeypatch.setattr(space, "free_at", lambda _: 10**8)
    (one,) = last_run.findings_of(place, None, NOW)
    assert one.kind == Kind.DISK_SHORT
    assert one.title.startswith("the disk is nearly full: 100.0 MB free")
    run = Run("r", "", "2030-03-31T00:00:00+00:00", "hand", "public", "1", "published", home_bytes={"logs": 1})
    runs.end(place, replace(run, disk_free_bytes=10**8))
    assert last_run.of_disk(place, NOW)[0].key == one.key, "short on"
    runs.end(place, replace(run, disk_free_bytes=10**12))
    assert last_run.of_disk(place, NOW)[0].key != one.key, "short again"
