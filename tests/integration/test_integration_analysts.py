"""What analysts open says one thing: map, CSV, GeoPackage, workbook and database; and the examples run on it."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections import Counter
from pathlib import Path

import duckdb
import fastexcel
import polars as pl
import pyarrow.parquet as pq
import pytest
from integration_homes import Command, query

from pipeline.declare.codes import IndexName, NoClass
from pipeline.declare.settings import REPOSITORY
from reports.draw.symbology import INDEX_THEMES
from reports.files.month_sheets import BY_MONTH, THIS_MONTH

pytestmark = pytest.mark.integration
EXAMPLES = REPOSITORY / "examples"
CALM = {"not_in_conflict", str(NoClass.REPORTED_QUIET), str(NoClass.SILENT)}


@pytest.fixture(scope="module")
def release(sample_home: Path) -> Path:
    return (sample_home / "published" / "latest").resolve()


@pytest.fixture(scope="module", params=["release", "analysts"])
def database(request: pytest.FixtureRequest, release: Path, sample_home: Path) -> Path:
    folder = release if request.param == "release" else sample_home / "warehouse"
    return folder / "township_index.duckdb"


def counted(path: Path, column: str) -> Counter[str]:
    """Townships by class of the newest month in a file of any format; the leading method where it holds several."""
    if path.suffix == ".gpkg":
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as con:
            return Counter(dict(con.execute(f"SELECT {column}, count(*) FROM township_index GROUP BY 1").fetchall()))
    if path.suffix == ".xlsx":
        return Counter(fastexcel.read_excel(path).load_sheet(THIS_MONTH).to_polars()[column].to_list())
    if path.suffix == ".duckdb":
        return Counter(query(path, f"SELECT {column}::VARCHAR AS c FROM latest")["c"].to_list())
    frame = pl.concat(pl.read_csv(one, infer_schema=False) for one in path.parent.glob(path.name))
    if "method" in frame.columns:
        frame = frame.filter(pl.col("method") == "isp-2023")
    return Counter(frame.filter(pl.col("month") == pl.col("month").max())[column].to_list())


def legend(drawing: Path, index: IndexName) -> Counter[str]:
    """Townships by class in the legend of a map: the numbers in brackets, in the order of its theme."""
    from reports.text.values import look_words

    text = drawing.read_text(encoding="utf-8")
    said = re.findall(r"<desc[^>]*>(.*?)</desc>", text, re.S)[0]
    found = {code: re.search(rf"{re.escape(look_words(code).en)} (\d+)", said) for code, _ in INDEX_THEMES[index].fills}
    return Counter({code: int(number[1]) for code, number in found.items() if number and int(number[1])})


@pytest.mark.parametrize("index", IndexName)
def test_counts_by_shown_class_are_the_same_everywhere(release: Path, sample_home: Path, index: IndexName) -> None:
    column = f"{index}_shown"
    wanted = counted(release / "township_index.duckdb", column)
    assert wanted.total() == 330
    for path in ("tables/township_index.csv", "regions/*.csv", "geo/township_index.gpkg", "township_index.xlsx"):
        assert counted(release / path, column) == wanted, path
    assert counted(sample_home / "warehouse" / "township_index.duckdb", column) == wanted
    assert legend(release / "report" / "maps" / f"{index}.svg", index) == wanted


def test_no_township_with_displaced_people_is_shown_calm(database: Path) -> None:
    hosts = query(
        database, "SELECT security_shown, humanitarian_shown, services_shown FROM series "
        "WHERE idps_persons > 0 OR idps_suppressed",
    )  # fmt: skip
    assert hosts.height > 1000
    for column in hosts:
        assert set(column.cast(pl.String)) & CALM == set(), column.name


def test_the_twelve_queries_answer(database: Path) -> None:
    questions = [part for part in (EXAMPLES / "queries.sql").read_text(encoding="utf-8").split(";") if "SELECT" in part]
    assert re.findall(r"^-- (\d+)\.", ";".join(questions), re.M) == [str(n) for n in range(1, 13)]
    con = duckdb.connect(str(database), read_only=True)
    try:
        for question in questions:
            assert con.sql(question).fetchall(), question
    finally:
        con.close()


def test_the_cells_of_the_notebook_run(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As plain Python, one after the other; no cell holds what a run of it left."""
    book = json.loads((EXAMPLES / "first_look.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    monkeypatch.setenv("TOWNSHIP_INDEX_RELEASE", str(release))
    names: dict[str, object] = {}
    for number, cell in enumerate(code, start=1):
        exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)  # noqa: S102 (our own file)
    assert names["classes"]["townships"].sum() == 330
    assert names["loikaw"]["adm3_name"].unique().to_list() == ["Loikaw"]
    assert names["kachin"].height == names["loikaw"].height
    names["con"].close()


def test_the_r_script_runs(release: Path) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not on this machine")
    said = subprocess.run(
        ["Rscript", str(EXAMPLES / "first_look.R"), str(release)],
        check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"},
    ).stdout  # fmt: skip
    assert "Townships of Kachin: 18 in November 2023" in said
    assert "SYNTHETIC DATA" in said


def test_every_parquet_file_says_which_release_it_is_of(release: Path) -> None:
    (wanted,) = query(release / "township_index.duckdb", "FROM release").to_dicts()
    paths = [*(release / "tables").glob("*.parquet"), release / "geo" / "township_index.parquet"]
    assert len(paths) > 30
    for path in paths:
        held = {name.decode(): text.decode() for name, text in pq.read_metadata(path).metadata.items()}
        for name in ("release_id", "period_end", "as_of", "licence", "citation", "code_version", "method"):
            assert held[name] == str(wanted[name]), (path.name, name)
        assert held["synthetic"] == "true"


def test_the_workbook_shows_months_beside_each_other(release: Path) -> None:
    sheet = fastexcel.read_excel(release / "township_index.xlsx").load_sheet(BY_MONTH).to_polars()
    series = query(release / "township_index.duckdb", "FROM series").sort("adm3_pcode", "month")
    months = series["month"].unique().sort().dt.strftime("%Y-%m").to_list()
    assert sheet.columns == ["adm3_pcode", "adm3_name", "adm3_name_my", "state_region", *months]
    for code in ("MMR001001", "MMR002001"):
        own = series.filter(pl.col("adm3_pcode") == code)["clashes_month_count"].to_list()
        assert list(sheet.filter(pl.col("adm3_pcode") == code).select(months).row(0)) == own


def test_a_region_file_holds_its_townships_by_month(release: Path) -> None:
    paths = sorted((release / "regions").glob("*.csv"))
    frames = {path.stem: pl.read_csv(path, infer_schema=False) for path in paths}
    assert len(frames) == 15
    assert frames["kachin"]["state_region"].unique().to_list() == ["Kachin"]
    assert frames["kachin"]["synthetic"].unique().to_list() == ["true"]
    whole = query(release / "township_index.duckdb", "SELECT count(*) AS n FROM series").item()
    assert sum(frame.height for frame in frames.values()) == whole


@pytest.mark.parametrize("name", ["LOIKAW", "လွိုင်ကော်", "MMR002001"])
def test_a_township_is_shown_in_the_terminal(sample_home: Path, command: Command, name: str) -> None:
    outcome = command("show", name, "--home", sample_home, "--months", "3")
    assert (outcome.code, outcome.err) == (0, "")
    assert "Loikaw" in outcome.out and "SYNTHETIC DATA" in outcome.out
    assert len(re.findall(r"^  20\d\d-\d\d ", outcome.out, re.M)) == 3


def test_a_wrong_name_ends_in_one_sentence(sample_home: Path, command: Command) -> None:
    command("show", "Loikw", "--home", sample_home).refused("'Loikw' is neither", "the nearest: Loikaw")
    command("show", "Minhla", "--home", sample_home).refused("2 townships are named 'Minhla'", "MMR")
