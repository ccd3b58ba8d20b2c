"""A backup holds all that a home cannot make again, is whole or none, and is refused where it was damaged."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.declare.errors import PassingCause, UnusableInput
from pipeline.declare.settings import POSTGRES_VARIABLE, Home
from pipeline.storage import lock
from scripts import backup

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv(POSTGRES_VARIABLE, raising=False)
    place = Home(tmp_path / "home")
    for path, text in {
        "deliveries/clashes/ab.parquet": "rows", "corrections.toml": "# none", ".env": "KEY=x",
        "published/2023-11-30-ab/manifest.json": "{}", "warehouse/work.duckdb": "tables",
        "warehouse/cache/shapes": "made again", "published/.building-x/half": "half", "warehouse/a.part": "half",
        "inbox/clashes/sent.db": "no database of Dagster",
    }.items():  # fmt: skip
        (place.root / path).parent.mkdir(parents=True, exist_ok=True)
        (place.root / path).write_text(text, encoding="utf-8")
    place.latest_link.symlink_to("2023-11-30-ab")
    (place.root / ".env").chmod(0o600)
    place.dagster.mkdir()
    return place


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir() or p.is_symlink()}


def test_a_restored_home_holds_what_cannot_be_made_again(home: Home, tmp_path: Path) -> None:
    """While a writer has Dagster's database open, with what it wrote still in its log."""
    writer = sqlite3.connect(home.dagster / "runs.db")
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE runs (id TEXT)")
    writer.execute("INSERT INTO runs VALUES ('r1')")
    writer.commit()
    assert (home.dagster / "runs.db-wal").stat().st_size > 0
    made = backup.make(home, tmp_path / "backups", NOW)
    writer.close()
    assert made == tmp_path / "backups" / "2026-01-02T030405Z"
    assert made.stat().st_mode & 0o077 == 0, "it holds keys"
    restored = Home(tmp_path / "restored")
    backup.restore(made, restored)
    left = {"warehouse/cache/shapes", "published/.building-x/half", "warehouse/a.part"}
    passing = {"run.lock", "run.holder.json", "dagster/runs.db-wal", "dagster/runs.db-shm"}
    assert files(restored.root) == files(home.root) - left - passing
    assert (restored.latest / "manifest.json").read_text() == "{}"
    assert (restored.root / ".env").stat().st_mode & 0o777 == 0o600
    rows = sqlite3.connect(restored.dagster / "runs.db")
    assert rows.execute("SELECT id FROM runs").fetchall() == [("r1",)]
    rows.close()
    with pytest.raises(UnusableInput, match="is not empty"):
        backup.restore(made, restored)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda made: (made / "home/corrections.toml").write_text("other"), "1 files are missing or changed, 0"),
        (lambda made: (made / "home/deliveries/clashes/ab.parquet").unlink(), "such as home/deliveries/clashes/ab"),
        (lambda made: (made / "home/deliveries/clashes/more").write_text("x"), "0 files are missing or changed, 1"),
        (lambda made: (made / backup.HASHES).unlink(), "is no backup"),
    ],
)
def test_a_damaged_backup_makes_no_home(home: Home, tmp_path: Path, harm: object, said: str) -> None:
    made = backup.make(home, tmp_path / "backups", NOW)
    assert callable(harm)
    harm(made)
    with pytest.raises(UnusableInput, match=said):
        backup.restore(made, Home(tmp_path / "restored"))
    assert not (tmp_path / "restored").exists()


def test_a_home_in_use_is_not_copied(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(lock.WAIT_VARIABLE, "0")

    def busy(place: Home) -> None:
        raise PassingCause(f"{place.root}: another run holds this home")

    monkeypatch.setattr(backup, "acquire", busy)
    with pytest.raises(PassingCause, match="another run holds"):
        backup.make(home, tmp_path / "backups", NOW)
    assert files(tmp_path / "backups") == set(), "nothing half is left"
    with pytest.raises(UnusableInput, match="lies in the home"):
        backup.make(home, home.root / "backups", NOW)
    with pytest.raises(UnusableInput, match="is no home"):
        backup.make(Home(tmp_path / "none"), tmp_path / "backups", NOW)


def test_a_database_is_not_left_out_in_silence(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(POSTGRES_VARIABLE, "postgresql+psycopg2://index:geheim@127.0.0.1:1/index")
    with pytest.raises(UnusableInput, match="pg_dump") as told:
        backup.make(home, tmp_path / "backups", NOW)
    assert "geheim" not in str(told.value)
    monkeypatch.delenv(POSTGRES_VARIABLE)
    made = backup.make(home, tmp_path / "backups", NOW)
    (made / backup.DUMP).write_bytes(b"x")
    with (made / backup.HASHES).open("a") as stream:
        stream.write(f"{backup._hash(made / backup.DUMP)}  {backup.DUMP}\n")
    with pytest.raises(UnusableInput, match="holds a database; set TOWNSHIP_INDEX_POSTGRES"):
        backup.restore(made, Home(tmp_path / "restored"))
