"""The sample's release, byte for byte, as it was recorded: a step that moves or renames code changes no file of it.

Renew the list on purpose, and read the difference before it is committed:
RENEW=1 .venv/bin/python -m pytest tests/integration/test_integration_recorded.py
"""

import hashlib
import json
import os
import platform
import shutil
from pathlib import Path

import duckdb
import pytest
from integration_homes import Command
from numpy._core._multiarray_umath import __cpu_features__

pytestmark = pytest.mark.integration

RECORDED = Path(__file__).parent / "recorded_release.txt"
# Everything as a run does it, but the code version, which changes with every line of code.
LAUNCHER = """
import sys
from pipeline.storage import release_folder
release_folder.code_version = lambda: "recorded"
from pipeline.cli import main
sys.argv = ["township-index", *sys.argv[1:]]
sys.exit(main())
"""
RECEIVED, KNOWN_ON = "2026-01-02T03:04:05+00:00", "2026-01-31"
# The manifest holds the time of the run; a database's bytes depend on how it was written, its tables do not.
UNCOMPARED = {"manifest.json"}


def received_on_one_day(home: Path, source: Path) -> None:
    """The deliveries of the sample, with a fixed time of receipt."""
    shutil.copytree(source / "deliveries", home / "deliveries")
    for path in (home / "deliveries").rglob("*.json"):
        receipt = json.loads(path.read_text(encoding="utf-8"))
        if "received_at" in receipt:
            receipt["received_at"] = RECEIVED
            path.write_text(json.dumps(receipt, ensure_ascii=False), encoding="utf-8")


def processor() -> str:
    """The kind of processor, as far as it decides how sums of floats are grouped."""
    features = sorted(name for name, there in __cpu_features__.items() if there)
    return f"# {platform.machine()} {hashlib.sha256(' '.join(features).encode()).hexdigest()[:16]}"


def contents(release: Path) -> dict[str, str]:
    """A hash of every file; of a database, of what it says of its tables, which have files of their own."""
    found = {}
    for path in sorted(p for p in release.rglob("*") if p.is_file() and p.name not in UNCOMPARED):
        data = path.read_bytes() if path.suffix != ".duckdb" else described(path)
        found[path.relative_to(release).as_posix()] = hashlib.sha256(data).hexdigest()[:16]
    return found


def described(database: Path) -> bytes:
    con = duckdb.connect(str(database), read_only=True)
    columns = con.execute(
        "SELECT schema_name, table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() "
        "WHERE NOT internal ORDER BY ALL"
    ).fetchall()
    tables = con.execute(
        "SELECT schema_name, table_name, comment, estimated_size FROM duckdb_tables() ORDER BY ALL"
    ).fetchall()
    con.close()
    return repr((columns, tables)).encode()


def built(command: Command, home: Path, deliveries: Path, **env: str) -> dict[str, str]:
    received_on_one_day(home, deliveries)
    command.python("-c", LAUNCHER, "run", "--home", home, "--as-of", KNOWN_ON, env=env).published()
    return contents((home / "published" / "latest").resolve())


def test_the_release_is_the_recorded_one_twice(sample_home: Path, command: Command, tmp_path: Path) -> None:
    one = built(command, tmp_path / "one", sample_home, PYTHONHASHSEED="1", TZ="UTC")
    two = built(command, tmp_path / "two", sample_home, PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C")
    assert {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)} == set()
    if os.environ.get("RENEW"):
        lines = [f"{digest} {name}" for name, digest in one.items()]
        RECORDED.write_text("\n".join([processor(), *lines]) + "\n", encoding="utf-8")
    recorded_on, *lines = RECORDED.read_text(encoding="utf-8").splitlines()
    if recorded_on != processor():
        pytest.skip("recorded on another kind of processor, where sums may differ in the last digit")
    recorded = {name: digest for digest, name in (line.split(" ", 1) for line in lines)}
    differ = sorted(name for name in one.keys() | recorded.keys() if one.get(name) != recorded.get(name))
    assert differ == [], "not as recorded; where that is meant, renew the list (see the top of this file)"
