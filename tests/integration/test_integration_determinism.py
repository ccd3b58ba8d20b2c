"""A second run of the same records waits for the first, changes no table and disturbs no reader."""

import subprocess
import sys
import time
from pathlib import Path

import duckdb
import polars as pl
import pytest
from filelock import FileLock
from integration_homes import Command, Small, alive

pytestmark = pytest.mark.integration

READER = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
con.execute("SET enable_progress_bar = false")
rows = con.execute("SELECT * FROM published.township_index ORDER BY ALL")
count = len(rows.fetchmany(5))
print("reading", flush=True)
sys.stdin.readline()
while chunk := rows.fetchmany(5000):
    count += len(chunk)
print(count, con.execute("SELECT count(*) FROM published.national_summary").fetchall()[0][0], flush=True)
"""


def tables(home: Path) -> dict[str, bytes]:
    """Every published table as bytes; without the day of receipt, which midnight may divide."""
    folder = home / "published" / "latest" / "tables"
    dated = {"deliveries": "received_at", "revisions": "edition_date"}
    found = {p.name: p.read_bytes() for p in sorted(folder.glob("*")) if p.stem not in dated}
    undated = {name: pl.read_parquet(folder / f"{name}.parquet").drop(day) for name, day in dated.items()}
    return {**found, **{name: frame.write_csv().encode() for name, frame in undated.items()}}


def test_a_second_run_waits_and_readers_read_on(own_small_home: Small, command: Command) -> None:
    """A reader in another process holds a query open on both databases while the run publishes the same again."""
    home = own_small_home.home
    databases = (
        home / "warehouse" / "township_index.duckdb",
        (home / "published" / "latest").resolve() / "township_index.duckdb",
    )
    before, release = tables(home), (home / "published" / "latest").readlink()
    inodes = [path.stat().st_ino for path in databases]
    readers = [reader(command, path) for path in databases]
    for one in readers:
        assert one.stdout is not None
        assert one.stdout.readline() == "reading\n"
    lock = FileLock(home / "run.lock")
    with lock:
        run = command.begin("run", "--data", own_small_home.data, "--home", home)
        time.sleep(3)
        # Another holds the home: the run waits and has written nothing.
        assert alive(run.pid)
        assert "delivered before" not in run.out.read_text(encoding="utf-8")
        assert tables(home) == before
    outcome = command.server.end(run)
    outcome.published()
    files = [path for path in own_small_home.data.glob("*/*") if path.suffix != ".toml"]
    assert outcome.out.count("no change: delivered before") == len(files) > 4
    for one in readers:
        out, err = one.communicate("go\n", timeout=60)
        assert (one.returncode, err) == (0, "")
        assert out == f"{2 * 5 * 330} 10\n", "an open reader keeps what it opened, whole"
    assert tables(home) == before, "the same inputs and code give the same tables"
    assert (home / "published" / "latest").readlink() == release
    assert [path.name for path in (home / "published").iterdir() if path.name.startswith(".")] == []
    assert databases[0].stat().st_ino != inodes[0], "a new reader opens the new snapshot"
    assert databases[1].stat().st_ino == inodes[1], "a release that holds the same is not written again"
    for path in databases:
        con = duckdb.connect(str(path), read_only=True)
        assert con.execute("SELECT count(*) FROM published.townships").fetchall() == [(330,)]
        con.close()


def reader(command: Command, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", READER, str(path)],
        env=command.environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
