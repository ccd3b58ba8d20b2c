"""`township-index doctor`: every check has a home where it is content and one where it is not."""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline import doctor
from pipeline import doctor as checks
from pipeline.declare import retention, settings
from pipeline.declare.choice import Choice
from pipeline.declare.settings import Home
from pipeline.ingest import inbox
from pipeline.storage import deliveries, release_folder, runs, space
from pipeline.storage.runs import Run
from pipeline.storage.warehouse import Warehouse

ROWS = "event_id,event_date,event_type,adm3_pcode\nE1,2023-11-10,clash,MMR001001\n"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with one delivery, a working database and a release."""
    tmp_path = tmp_path_factory.mktemp("sound")
    (tmp_path / "in" / "clashes").mkdir(parents=True)
    (tmp_path / "in" / "clashes" / "a.csv").write_text(ROWS)
    place = Home(tmp_path / "home")
    inbox.deliver(place, inbox.find_files(tmp_path / "in"), datetime(2024, 1, 1, tzinfo=UTC))
    Warehouse(place.work_database).prepare()
    folder = release_folder.building_folder(place, "r")
    (folder / "a.csv").write_text("x")
    release_folder.finish(folder, {"outputs": release_folder.hashes(folder)})
    release_folder.put_in_place(place, folder, "r")
    return place


@pytest.fixture(scope="module", autouse=True)
def packages_looked_at_once(sound: Home) -> Iterator[None]:
    """They are those of this Python, whatever the home; test_packages_and_machine looks at others."""
    found = list(doctor.packages(sound))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(doctor.CHECKS, "packages", lambda _: iter(found))
        yield


@pytest.fixture
def home(sound: Home, tmp_path: Path) -> Home:
    """A copy of it that a test may damage."""
    return Home(shutil.copytree(sound.root, tmp_path / "home", symlinks=True))


def states(place: Home) -> dict[str, tuple[str, str]]:
    """Name -> the worst that a check says."""
    found: dict[str, tuple[str, str]] = {}
    for name, state, text in doctor.examine(place):
        if name not in found or ("ok", "note", "problem").index(state) > ("ok", "note", "problem").index(
            found[name][0]
        ):
            found[name] = (state, text)
    return found


def test_a_sound_home_has_no_problem_and_is_told_so_quickly(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    before = {p: p.stat().st_mtime_ns for p in home.root.rglob("*") if p.is_file()}
    started = time.monotonic()
    found = states(home)
    assert time.monotonic() - started < 5
    assert list(found) == list(doctor.CHECKS)
    assert [name for name, (state, _) in found.items() if state == "problem"] == []
    assert found["deliveries"] == ("ok", "1 in force")
    assert found["release"] == ("ok", "r, whole")
    assert {p: p.stat().st_mtime_ns for p in home.root.rglob("*") if p.is_file()} == before
    assert doctor.report(home) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("no problems, ")


def test_an_empty_home_is_no_problem(tmp_path: Path) -> None:
    found = states(Home(tmp_path / "none"))
    assert [name for name, (state, _) in found.items() if state == "problem"] == []
    assert not (tmp_path / "none").exists()


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def cut_landing(home: Home) -> None:
    path = only(home.deliveries, "clashes/*.parquet")
    path.write_bytes(path.read_bytes()[:50])


def lose_landing(home: Home) -> None:
    only(home.deliveries, "clashes/*.parquet").unlink()


def damage_sidecar(home: Home) -> None:
    only(home.deliveries, "clashes/*.json").write_text("{}")


def damage_database(home: Home) -> None:
    home.work_database.write_bytes(b"no database")


def foreign_database(home: Home) -> None:
    home.work_database.unlink()
    import duckdb

    con = duckdb.connect(str(home.work_database))
    con.execute("CREATE TABLE theirs (x INTEGER)")
    con.close()


def change_release(home: Home) -> None:
    (home.latest / "a.csv").write_text("y")


def lose_manifest(home: Home) -> None:
    (home.latest / "manifest.json").unlink()


def dangle_latest(home: Home) -> None:
    shutil.rmtree(home.latest.resolve())


def break_corrections(home: Home) -> None:
    (home.root / "corrections.toml").write_text("[[correction]]\nid = 'x1'\n")


def refuse_inbox(home: Home) -> None:
    for name, text in (("a.csv", "<html>"), ("b.csv", ROWS), ("c.csv", "")):
        (home.inbox / "clashes").mkdir(parents=True, exist_ok=True)
        (home.inbox / "clashes" / name).write_text(text)


def misspell_inbox(home: Home) -> None:
    (home.inbox / "clash").mkdir(parents=True)
    (home.inbox / "clash" / "a.csv").write_text(ROWS)


def open_keys(home: Home) -> None:
    (home.root / ".env").write_text("ACLED_PASSWORD=hunter2\n")
    (home.root / ".env").chmod(0o644)


def open_notify(home: Home) -> None:
    home.notify_file.write_text('[[targets]]\nurl = "slack://hunter2/hunter2/hunter2"\n')
    home.notify_file.chmod(0o644)


def break_notify(home: Home) -> None:
    home.notify_file.write_text('[[target]]\nurl = "slack://hunter2/hunter2/hunter2"\n')


def wrong_clock(home: Home) -> None:
    (home.root / "x" / "clashes").mkdir(parents=True)
    (home.root / "x" / "clashes" / "b.csv").write_text(ROWS.replace("E1", "E2"))
    deliveries.keep(home, inbox.judge(inbox.find_files(home.root / "x"), datetime(2999, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("spoil", "name", "words"),
    [
        (cut_landing, "deliveries", "cannot be read"),
        (lose_landing, "deliveries", "deliver the file again"),
        (damage_sidecar, "deliveries", "sidecar is damaged"),
        (damage_database, "databases", "cannot be opened"),
        (foreign_database, "databases", "main.theirs"),
        (change_release, "release", "such as a.csv; run again"),
        (lose_manifest, "release", "no whole release"),
        (dangle_latest, "release", "no whole release"),
        (break_corrections, "corrections", "reason is missing|kind is None"),
        (refuse_inbox, "inbox", "a.csv"),
        (misspell_inbox, "inbox", "rename it to clashes"),
        (open_keys, "keys", "chmod 600"),
        (open_notify, "notify", "chmod 600"),
        (break_notify, "notify", "each target begins with [[targets]]"),
        (wrong_clock, "clock", "set the clock"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_wrong_is_a_problem_with_a_remedy(  # type: ignore[no-untyped-def]
    home: Home, capsys: pytest.CaptureFixture[str], spoil, name: str, words: str
) -> None:
    spoil(home)
    assert doctor.report(home) >= 1
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"problem  {name}: ")]
    assert any(word in line for word in words.split("|") for line in said), said


def test_every_refused_file_of_the_inbox_is_named(home: Home) -> None:
    refuse_inbox(home)
    said = [text for _, text in checks.inbox_files(home)]
    assert len(said) == 2
    assert "a.csv" in said[0]
    assert "c.csv" in said[1]


def test_a_run_that_holds_the_home_and_litter_are_notes(home: Home) -> None:
    (home.deliveries / "clashes" / ".x.parquet.9.part").write_text("x")
    (home.published / ".building-r2").mkdir()
    with FileLock(home.lock):
        home.lock.with_suffix(".holder.json").write_text('{"pid": 4711}')
        found = states(home)
    assert found["lock"] == ("note", "process 4711 is running in this home; wait for it, or end it if it hangs")
    assert found["litter"][0] == "note"
    assert found["litter"][1].startswith("2 left")


def test_a_key_is_named_and_never_shown(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UCDP_ACCESS_TOKEN", "hunter3")
    open_keys(home)
    open_notify(home)
    doctor.report(home)
    said = capsys.readouterr().out
    assert "hunter" not in said
    assert "UCDP_ACCESS_TOKEN set" in said
    assert "ACLED_PASSWORD set" in said
    assert "IDMC_CLIENT_ID not set" in said


def test_packages_and_machine(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("polars==0.0.1 \\\n    --hash=sha256:x\nno-such-package==1.0 \\\n")
    monkeypatch.setattr(doctor, "REPOSITORY", tmp_path)
    found = list(doctor.packages(home))
    assert [state for state, _ in found] == ["problem", "note"]
    assert "no-such-package" in found[0][1]
    assert "locked: 0.0.1" in found[1][1]
    monkeypatch.setattr(retention, "FREE_BYTES_LEAST", Choice(10**18, "more than any disk here has"))
    monkeypatch.setattr(doctor, "MEMORY_LEAST_BYTES", 10**18)
    assert next(doctor.space(home))[0] == "problem"
    assert next(doctor.memory(home))[0] in {"problem", "note"}
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert next(doctor.browser(home))[0] == "note"
    monkeypatch.setenv(settings.SCHEDULE_VARIABLE, "1")
    assert next(doctor.schedule(home)) == ("ok", "on")


def test_a_disk_that_fills_is_foreseen(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """10 GB free and 1 GB of these to spare: 9 GB last so many days at the pace of the last runs."""
    monkeypatch.setattr(space, "free_at", lambda _: 10_000_000_000)
    now = datetime.now(UTC)
    for growth, state in ((100_000_000, "ok"), (500_000_000, "note"), (2_000_000_000, "problem")):
        runs.path_of(home).unlink(missing_ok=True)
        for day in range(5):
            at = (now - timedelta(days=5 - day)).isoformat()
            used = {"published": 5_000_000_000 + day * growth}
            free = 20_000_000_000 - day * growth
            one = Run("r", at, at, "hand", "public", "1", "published", home_bytes=used, disk_free_bytes=free)
            runs.end(home, one)
        (said,) = doctor.space(home)
        assert said[0] == state
        assert f"it is full in {9_000_000_000 / growth:,.0f} days" in said[1]
        assert ("township-index prune" in said[1]) is (state != "ok")


def test_a_damaged_reference_is_a_problem(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checks, "REFERENCE", tmp_path)
    state, text = states(home)["reference"]
    assert state == "problem"
    assert "git checkout" in text
