"""A disk that is full: one sentence, and the former release stays. Kills stand in test_integration_second_run.py."""

import shutil
import subprocess
from pathlib import Path

import pytest
from integration_homes import Command, Small, analysts_query, fingerprint

pytestmark = pytest.mark.integration
# One clash more than in the home: other content, so the run makes another release.
ONE_MORE = "SYN99999,2021-04-20,,clash,MMR001001,,township,day\n"


def test_a_full_disk_ends_in_one_sentence(own_small_home: Small, command: Command, tmp_path: Path) -> None:
    """On a file system of its own that has room for a few megabytes more than the home."""
    disk = tmp_path / "disk"
    disk.mkdir()
    clashes = own_small_home.data / "clashes" / "synthetic_clashes.csv"
    clashes.write_text(clashes.read_text(encoding="utf-8") + ONE_MORE, encoding="utf-8")
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
