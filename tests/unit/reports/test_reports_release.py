"""The release as a whole: complete, the same in any order of rows, marked where invented."""

import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from jinja2 import TemplateNotFound

from pipeline.declare.tables import Layer, layer
from reports.build import build_most, get_ready
from reports.files.geodata import write_geo
from reports.files.series import series
from reports.files.tables import write_tables
from reports.release import Release
from reports.site.pages import PAGES


def text_of(path: Path) -> str:
    """What a reader of the file can see."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return "".join(book.read(name).decode("utf-8") for name in book.namelist())
    return path.read_text(encoding="utf-8")


def marked_files(folder: Path) -> list[Path]:
    return sorted(
        p
        for p in folder.rglob("*")
        if (p.suffix in {".html", ".svg", ".xlsx"} and p.name != "icon.svg") or p.name == "datapackage.json"
    )


def test_row_order_changes_no_table(tables, release: Release, built: Path, write_some, tmp_path: Path) -> None:
    turned = {name: frame.reverse() if name != "comparison" else frame for name, frame in tables.items()}
    write_some(turned, release, tmp_path, {"index.html"})
    write_tables(turned, release, tmp_path)
    write_geo(turned, release, tmp_path, series(turned, release), None)
    for name in (
        "tables/township_index.csv",
        "tables/township_index.parquet",
        "geo/township_index.gpkg",
        "report/index.html",
    ):
        assert (built / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_invented_data_are_marked_everywhere(built_hostile: Path) -> None:
    for path in marked_files(built_hostile):
        assert "SYNTHETIC" in text_of(path), path.name
        assert "SCHEMATIC SHAPES" in text_of(path), path.name


def test_real_data_are_marked_nowhere(built: Path) -> None:
    for path in marked_files(built):
        assert "SYNTHETIC" not in text_of(path), path.name
        assert "SCHEMATIC SHAPES" not in text_of(path), path.name


def test_the_folder_holds_what_the_contract_names(built: Path) -> None:
    for table in layer(Layer.PUBLISHED):
        assert (built / f"tables/{table.name}.csv").is_file()
        assert (built / f"tables/{table.name}.parquet").is_file()
    for name in ("township_index.xlsx", "township_index_hxl.csv", "datapackage.json", "geo/township_index.gpkg"):
        assert (built / name).is_file()


def test_no_path_of_this_machine_in_any_file(built: Path) -> None:
    for path in built.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert str(built).encode() not in content, path.name
            assert str(Path.home()).encode() + b"/" not in content, path.name


def test_a_table_without_a_column_stops_the_build(tables, release: Release, tmp_path: Path) -> None:
    broken = {**tables, "townships": tables["townships"].drop("adm3_name_my")}
    with pytest.raises(ValueError, match="'townships' lacks 1 declared column"):
        build_most(broken, release, tmp_path)


def test_a_method_without_rows_is_named(tables, release: Release, tmp_path: Path) -> None:
    empty = {**tables, "national_summary": tables["national_summary"].filter(pl.lit(False))}
    with pytest.raises(ValueError, match="no row of method 'isp-2023'"):
        build_most(empty, release, tmp_path)


def test_what_a_report_needs_can_be_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run does not wait for it: what fails there is told nowhere else."""
    get_ready()
    monkeypatch.setattr("reports.build.PAGES", (replace(PAGES[0], template="gone.html.j2"),))
    with pytest.raises(TemplateNotFound):
        get_ready()
