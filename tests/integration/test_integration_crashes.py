"""Killed, damaged, crowded: the former release stays, the next run completes, nothing is left behind."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from integration_homes import (
    TIMEOUT,
    Command,
    Outcome,
    Small,
    alive,
    analysts_query,
    descendants,
    fingerprint,
    release_query,
    wait_until,
)

pytestmark = pytest.mark.integration
# One clash more than in the home: other content, so the runs below make another release.
ONE_MORE = "SYN99999,2021-04-20,,clash,MMR001001,,township,day\n"
CLASHES = "clashes/synthetic_clashes.csv"
LITTER = (".building-*", ".old-*", ".latest-*", ".*.part", "*.part", "*.wal", "*.tmp")
COUNTED = "SELECT clashes_count FROM published.national_summary WHERE method = 'isp-2023' ORDER BY month DESC LIMIT 1"


def one_more(small: Small) -> int:
    """Adds the clash to the input; how many rows the file held before."""
    path = small.data / CLASHES
    text = path.read_text(encoding="utf-8")
    path.write_text(text + ONE_MORE, encoding="utf-8")
    return len(text.splitlines()) - 1


def litter(home: Path) -> list[str]:
    return sorted(path.relative_to(home).as_posix() for pattern in LITTER for path in home.rglob(pattern))


def kill_when(pid: int, reached: Callable[[], bool], meanwhile: Callable[[int], object] | None = None) -> None:
    """kill -9 a run, and it alone, once `reached`, and see that no process of it lives on."""
    try:
        wait_until(lambda: reached() or not alive(pid), TIMEOUT, "the moment to kill", pause=0.002)
        assert alive(pid), "the run had ended before"
        below = descendants(pid)
        assert below, "the second process had not started"
        if meanwhile is not None:
            meanwhile(pid)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(alive(one) for one in below), 20, f"the end of {len(below)} child processes", 0.1)
    finally:
        if alive(pid):
            os.killpg(pid, signal.SIGKILL)


def test_killed_at_any_moment_the_release_stands_and_the_next_run_completes(
    own_small_home: Small, command: Command
) -> None:
    home, count = own_small_home.home, release_query(own_small_home.home, COUNTED).item()
    rows = one_more(own_small_home)
    arguments = ("run", "--data", own_small_home.data, "--home", home)
    published, analysts = home / "published", home / "warehouse" / "township_index.duckdb"
    before, snapshot = fingerprint(published), analysts.read_bytes()
    former = published.joinpath("latest").readlink()
    landed = len(list((home / "deliveries" / "clashes").glob("*.json")))

    def unharmed() -> None:
        now = {path: value for path, value in fingerprint(published).items() if not path.startswith(".building-")}
        assert now == before
        assert analysts.read_bytes() == snapshot

    def killed_when(reached: Callable[[], bool], meanwhile: Callable[[int], object] | None = None) -> None:
        run = command.begin(*arguments)
        kill_when(run.pid, reached, meanwhile)
        assert command.server.end(run).code == -signal.SIGKILL
        unharmed()

    # After the landing of the changed file, as a user has it: a process that starts another.
    process = command.start(*arguments)
    kill_when(process.pid, lambda: len(list((home / "deliveries" / "clashes").glob("*.json"))) > landed)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    unharmed()

    # During the records; meanwhile a second run waits a second and says who holds the home.
    written = (home / "warehouse" / "checks" / "records.clashes.json").stat().st_mtime_ns
    second: list[Outcome] = []

    def crowd(pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)  # so that it cannot come to its end while the other waits
        second.append(command("run", "--home", home, env={"TOWNSHIP_INDEX_LOCK_WAIT_SECONDS": "1"}))
        second[0].refused(str(home), "another run holds this home", f"process {pid}")

    killed_when(lambda: (home / "warehouse" / "checks" / "records.clashes.json").stat().st_mtime_ns > written, crowd)
    assert second

    # While the release is built.
    killed_when(lambda: any(published.glob(".building-*/report")))
    assert litter(home) != [], "the test killed too late to see anything"

    # A working database that is damaged as well: moved aside, built again from the deliveries.
    (home / "warehouse" / "work.duckdb").write_bytes(b"not a database " * 1000)
    (home / "warehouse" / "work.duckdb.wal").unlink(missing_ok=True)
    outcome = command(*arguments)
    outcome.published()
    assert "work.duckdb.damaged" in outcome.out + outcome.err
    assert (home / "warehouse" / "work.duckdb.damaged").exists()
    assert litter(home) == []
    latest = published.joinpath("latest").readlink()
    assert latest != former
    whole = [p.name for p in published.iterdir() if p.is_dir() and not p.is_symlink()]
    assert sorted(whole) == sorted([str(former), str(latest)])
    assert fingerprint(published / former) == {
        p.removeprefix(f"{former}/"): v for p, v in before.items() if p.startswith(f"{former}/")
    }
    assert release_query(home, COUNTED).item() == count + 1
    # The overlapping older export is superseded row by row, never counted twice.
    superseded = analysts_query(
        home, "SELECT count(*) FROM records.set_aside WHERE reason IN ('superseded', 'duplicate_row')"
    ).item()
    assert rows * 0.9 < superseded <= rows + 1


def test_a_full_disk_ends_in_one_sentence(own_small_home: Small, command: Command, tmp_path: Path) -> None:
    """On a file system of its own that has room for a few megabytes more than the home."""
    disk = tmp_path / "disk"
    disk.mkdir()
    one_more(own_small_home)
    used = sum(path.stat().st_size for path in own_small_home.home.rglob("*") if path.is_file()) // 2**20
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={used + 8}m", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        home = disk / "home"
        shutil.copytree(own_small_home.home, home, symlinks=True)
        before = fingerprint(home / "published")
        outcome = command("run", "--data", own_small_home.data, "--home", home)
        assert outcome.code == 2, outcome.err[-3000:]
        assert "Traceback" not in outcome.err
        (line,) = [one for one in outcome.err.splitlines() if one.startswith("township-index: ")]
        assert str(home) in line or "No space left" in line, line
        assert "the last release is as it was" in line
        now = fingerprint(home / "published")
        assert {path: now.get(path) for path in before} == before
        assert analysts_query(home, "SELECT count(*) FROM published.townships").item() == 330
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
