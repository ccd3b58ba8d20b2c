"""Zips: the same bytes whenever, wherever and in whatever order the files were written."""

import os
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

from reports.files.zips import PARQUET, SITE, write_zip, write_zips

DAY = date(2023, 12, 31)


def made(folder: Path, names: list[str]) -> list[Path]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"what {name} holds " * 50)
    return [folder / name for name in names]


def test_a_zip_has_the_same_bytes_twice(tmp_path: Path) -> None:
    names = ["report/index.html", "report/my/index.html", "report/maps/a.svg"]
    first, second = (made(tmp_path / part, order) for part, order in (("a", names), ("b", names[::-1])))
    for path in second:
        path.chmod(0o600)
        os.utime(path, (0, 0))
    write_zip(tmp_path / "a.zip", tmp_path / "a", first, DAY)
    write_zip(tmp_path / "b.zip", tmp_path / "b", second, DAY)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert packed.testzip() is None
        assert packed.namelist() == sorted(names)
        assert {entry.date_time for entry in packed.infolist()} == {(2023, 12, 31, 0, 0, 0)}
    write_zip(tmp_path / "c.zip", tmp_path / "a", first, date(2024, 1, 1))
    assert (tmp_path / "c.zip").read_bytes() != (tmp_path / "a.zip").read_bytes()


def test_each_holds_its_part_of_the_release_and_its_warnings(release, tmp_path: Path) -> None:
    about = ["CITATION.cff", "INTERNAL.txt"]
    made(tmp_path, [*about, "report/index.html", "tables/a.parquet", "tables/a.csv", "x.duckdb"])
    write_zips(replace(release, internal=True), tmp_path)
    held = {}
    for name in (SITE, PARQUET):
        with zipfile.ZipFile(tmp_path / name) as packed:
            held[name] = packed.namelist()
            assert packed.comment.startswith(b"INTERNAL: ")
    assert held == {SITE: [*about, "report/index.html"], PARQUET: [*about, "tables/a.parquet"]}


def test_the_release_has_both_with_what_is_in_them(built: Path) -> None:
    with zipfile.ZipFile(built / SITE) as packed:
        pages = {p.relative_to(built).as_posix() for p in (built / "report").rglob("*") if p.is_file()}
        assert set(packed.namelist()) == {*pages, "CITATION.cff"}
    with zipfile.ZipFile(built / PARQUET) as packed:
        tables = {f"tables/{p.name}" for p in (built / "tables").glob("*.parquet")}
        assert set(packed.namelist()) == {*tables, "CITATION.cff"}
        assert packed.read("tables/townships.parquet") == (built / "tables/townships.parquet").read_bytes()
