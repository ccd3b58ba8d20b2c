"""The guard of a commit: what it refuses, and that it refuses nothing that is here."""

import csv
import runpy
import subprocess
from pathlib import Path

import pytest

from pipeline.declare.settings import REPOSITORY
from pipeline.sources import FORMATS

GUARD = runpy.run_path(str(REPOSITORY / "scripts" / "guard_commit.py"))
REAL = [known for known in FORMATS if known.required and not known.name.startswith(GUARD["OWN"])]


def test_nothing_that_is_committed_is_refused():
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    assert GUARD["faults"]((REPOSITORY / name for name in listed.splitlines()), REPOSITORY) == []


@pytest.mark.parametrize("known", REAL, ids=lambda known: known.name)
def test_the_header_of_a_real_source_is_refused_in_the_folders_of_lists_too(tmp_path: Path, known):
    file = tmp_path / "data" / "sample" / "clashes" / "rows.csv"
    file.parent.mkdir(parents=True)
    with file.open("w", newline="") as handle:
        csv.writer(handle).writerow([spellings[0] for spellings in known.columns.values()])
    (said,) = GUARD["faults"]([file], tmp_path)
    assert said.startswith("data/sample/clashes/rows.csv: has the header of ")


@pytest.mark.parametrize("name", ["tests/rows.csv", "events.xlsx", "docs/layer.GPKG"])
def test_a_file_of_records_is_refused_elsewhere(tmp_path: Path, name: str):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("a,b\n")
    (said,) = GUARD["faults"]([tmp_path / name], tmp_path)
    assert "no record of a real source" in said


def test_a_large_file_is_refused_and_a_removed_one_is_not(tmp_path: Path):
    (tmp_path / "notes.txt").write_bytes(bytes(GUARD["LARGEST"] + 1))
    (said,) = GUARD["faults"]([tmp_path / "notes.txt", tmp_path / "gone.csv"], tmp_path)
    assert "800,001 bytes" in said


def test_invented_rows_under_the_header_of_a_source_are_told_by_their_sidecar(tmp_path: Path):
    file = tmp_path / "data" / "sample" / "signs" / "lights.csv"
    file.parent.mkdir(parents=True)
    file.write_text("year,adm3_pcode,lit_pixels\n2018,MMR001001,600\n")
    sidecar = file.with_name("lights.csv.toml")
    for said, refused in (("SYNTHETIC lights", False), ("A team", True)):
        sidecar.write_text(f'source = "{said}"\nsynthetic = true\n')
        assert bool(GUARD["faults"]([file], tmp_path)) == refused
