"""The sample's release, byte for byte, as it was recorded, and the same whatever the order of its rows, zone or seed.

A step that moves or renames code changes no file of it. Renew the list on purpose, and read the difference before it
is committed: RENEW=1 .venv/bin/python -m pytest tests/integration/test_integration_recorded.py
"""

import hashlib
import os
import platform
import random
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from integration_homes import Command
from numpy._core._multiarray_umath import __cpu_features__

from pipeline.declare.settings import SAMPLE

pytestmark = pytest.mark.integration

RECORDED = Path(__file__).parent / "recorded_release.txt"
# The manifest holds the time of the run; a database's bytes depend on how it was written, its tables do not.
UNCOMPARED = {"manifest.json"}
MANY = re.compile(r"report/(my/)?(townships|regions|pictures|maps)/")
# What holds the other files, or lists them with their sizes.
LISTING = {"site.zip", "datapackage.json", "report/downloads.html", "report/my/downloads.html"}

# One run that differs from the shared home's in all of them at once: whichever mattered, a file would differ. Its pages
# are made of the published tables, which are compared whole, so that one page of each kind stands for the others.
OTHERWISE = {
    "TZ": "America/New_York", "PYTHONHASHSEED": "4242", "POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "1",
    "LC_ALL": "C",
}  # fmt: skip


def processor() -> str:
    """The kind of processor, as far as it decides how sums of floats are grouped."""
    features = sorted(name for name, there in __cpu_features__.items() if there)
    return f"# {platform.machine()} {hashlib.sha256(' '.join(features).encode()).hexdigest()[:16]}"


def kind(name: str) -> tuple[str, str]:
    return Path(name).parent.as_posix(), Path(name).suffix


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


def shuffled(folder: Path, seed: int) -> Path:
    """The sample's files with their rows in another order."""
    shutil.copytree(SAMPLE, folder)
    for path in sorted(folder.glob("*/*.csv")):
        head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(seed).shuffle(rows)  # noqa: S311 (an order of rows, not a secret)
        path.write_text("".join([head, *rows]), encoding="utf-8")
    return folder


def test_the_release_is_the_recorded_one_whatever_the_order_zone_seed_and_threads(
    sample_home: Path, tmp_path: Path
) -> None:
    data = shuffled(tmp_path / "data", seed=16)
    original = (SAMPLE / "clashes" / "synthetic_clashes.csv").read_bytes()
    assert (data / "clashes" / "synthetic_clashes.csv").read_bytes() != original
    otherwise = Command(tmp_path)  # a process of its own, which takes its seed and threads as it starts
    run = ("run", "--data", data, "--home", tmp_path / "home")
    otherwise.server.end(otherwise.begin(*run, env=OTHERWISE, recorded=True, shown="first pages")).published()
    otherwise.server.close()
    latest = [(home / "published" / "latest").resolve() for home in (sample_home, tmp_path / "home")]
    one, two = map(contents, latest)
    assert latest[0].name == latest[1].name, "the same content has the same release id"
    # Of pages, maps, pictures and briefs that there are many of, the second run writes the first of each kind.
    assert {kind(name) for name in two} == {kind(name) for name in one}
    assert [name for name in one.keys() - two.keys() if not MANY.match(name)] == []
    assert two.keys() < one.keys()
    differ = {name for name in two if one.get(name) != two[name]}
    # The examples of checks.json name the lines of rows, which stand elsewhere in the shuffled files.
    assert differ <= {"checks.json", *LISTING}, sorted(differ)
    if os.environ.get("RENEW"):
        lines = [f"{digest} {name}" for name, digest in one.items()]
        RECORDED.write_text("\n".join([processor(), *lines]) + "\n", encoding="utf-8")
    recorded_on, *lines = RECORDED.read_text(encoding="utf-8").splitlines()
    if recorded_on != processor():
        pytest.skip("recorded on another kind of processor, where sums may differ in the last digit")
    recorded = {name: digest for digest, name in (line.split(" ", 1) for line in lines)}
    differ = sorted(name for name in one.keys() | recorded.keys() if one.get(name) != recorded.get(name))
    assert differ == [], "not as recorded; where that is meant, renew the list (see the top of this file)"
