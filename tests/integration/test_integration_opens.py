"""The release opens in other people's programs, with types, dates and missing values as documented.

A test is left out only where the program is not on the machine. The script of examples/ runs in R in
test_integration_analysts.py; what R's readers need of any CSV file is checked here as rules.
"""

import csv
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import geopandas
import pandas as pd
import polars as pl
import pytest

from pipeline.declare.columns import COLUMNS
from pipeline.declare.database import ABOUT
from pipeline.declare.settings import REPOSITORY
from pipeline.declare.tables import TABLES, Layer, layer

pytestmark = pytest.mark.integration

EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")


@pytest.fixture(scope="module")
def release(sample_home: Path) -> Path:
    return sample_home / "published" / "latest"


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on this machine")
    return found


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_spreadsheet_program_reads_the_workbook(release: Path, tmp_path: Path) -> None:
    arguments = [f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", EVERY_SHEET]
    subprocess.run(
        [program("soffice"), *arguments, "--outdir", str(tmp_path), str(release / "township_index.xlsx")],
        check=True, capture_output=True, timeout=280,
    )  # fmt: skip
    sheets = {path.stem.removeprefix("township_index-"): path for path in tmp_path.glob("*.csv")}
    assert list(cells(sheets["Contents"])[0]) == ["sheet", "holds", "extent"]
    assert "SYNTHETIC DATA" in sheets["Cover"].read_text(encoding="utf-8")
    shown = cells(sheets["township_index"])
    table = pl.read_parquet(release / "tables/township_index.parquet").filter(pl.col("month") == pl.col("month").max())
    assert len(shown) == table.height == 660
    wanted = {(row["method"], row["adm3_pcode"]): row for row in table.iter_rows(named=True)}
    for row in shown:
        ours = wanted[row["method"], row["adm3_pcode"]]
        assert row["month"] == f"{ours['month']}"
        assert row["clashes_count"].replace(",", "") == f"{ours['clashes_count']}"
        assert row["in_conflict"] == str(ours["in_conflict"]).upper()
        assert row["idps_persons"].replace(",", "") == (
            "" if ours["idps_persons"] is None else f"{ours['idps_persons']}"
        )
        assert row["security_class"] == ours["security_class"]


@pytest.mark.parametrize("name", ["township_index.gpkg", "township_index.geojson"])
def test_a_gis_reads_the_layer(release: Path, name: str) -> None:
    said = subprocess.run(
        [program("ogrinfo"), "-so", "-al", str(release / "geo" / name)], check=True, capture_output=True, text=True
    ).stdout
    for words in (
        "Layer name: township_index", "Feature Count: 330", "Geometry: Multi Polygon", "4326", "SYNTHETIC DATA",
        "adm3_pcode: String", "in_conflict: Integer(Boolean)", "security_score: Real", "month: Date",
        "synthetic: Integer(Boolean)", "release_id: String",
    ):  # fmt: skip
        assert words in said, words
    assert re.search(r"clashes_count: Integer(64)?\b", said)


def test_geopandas_and_duckdb_read_the_geoparquet(release: Path) -> None:
    path = release / "geo" / "township_index.parquet"
    frame = geopandas.read_parquet(path)
    assert (frame.shape[0], frame.crs.to_epsg(), bool(frame.geometry.is_valid.all())) == (330, 4326, True)
    found = duckdb.sql(f"SELECT count(*), min(adm3_pcode), bool_and(synthetic) FROM '{path}'").fetchall()
    assert found == [(330, "MMR001001", True)]


@pytest.mark.parametrize("table", layer(Layer.PUBLISHED), ids=lambda table: table.name)
def test_duckdb_reads_every_table_with_its_types(release: Path, table) -> None:
    path = release / "tables" / table.name
    parquet = dict(
        duckdb.sql(f"DESCRIBE SELECT * FROM '{path}.parquet'").pl().select("column_name", "column_type").rows()
    )
    assert parquet == {spec.name: spec.type for spec in table.specs}
    csv_types = {spec.name: spec.type for spec in table.specs if spec.type != "BLOB"}
    count = duckdb.sql(f"SELECT count(*) FROM read_csv('{path}.csv', header=true, columns={csv_types})").fetchall()
    assert count == duckdb.sql(f"SELECT count(*) FROM '{path}.parquet'").fetchall()
    guessed = dict(
        duckdb.sql(f"DESCRIBE SELECT * FROM read_csv('{path}.csv')").pl().select("column_name", "column_type").rows()
    )
    assert all(guessed[name] == "VARCHAR" for name in csv_types if name.endswith("_pcode") and count != [(0,)])


def test_the_published_database_opens_with_types_and_comments(release: Path) -> None:
    con = duckdb.connect(str(release / "township_index.duckdb"), read_only=True)
    try:
        found = con.sql(
            "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = 'township_index'"
        )
        held = {name: (kind, comment) for name, kind, comment in found.fetchall()}
    finally:
        con.close()
    specs = TABLES["published.township_index"].specs
    assert held == {spec.name: (spec.type, spec.comment) for spec in specs}


def test_pandas_reads_a_csv_as_documented(release: Path) -> None:
    path = release / "tables" / "township_index.csv"
    frame = pd.read_csv(
        path, parse_dates=["month", "period_start", "period_end"], keep_default_na=False, na_values=[""]
    )
    ours = pl.read_parquet(path.with_suffix(".parquet"))
    assert str(frame["month"].dtype).startswith("datetime64")
    assert frame["adm3_pcode"].map(type).eq(str).all()
    assert frame["in_conflict"].dtype == bool
    assert frame["idps_persons"].isna().sum() == ours["idps_persons"].null_count() > 0
    assert frame["clashes_count"].sum() == ours["clashes_count"].sum()


def test_every_csv_keeps_the_rules_that_r_and_others_need(release: Path) -> None:
    """Syntactic names; an empty cell and nothing else for missing; ISO dates; true and false; no thousands marks."""
    paths = [*sorted((release / "tables").glob("*.csv")), release / "changes.csv", release / "township_index_hxl.csv"]
    assert len(paths) == len(layer(Layer.PUBLISHED)) + 2
    for path in paths:
        frame = pl.read_csv(path, infer_schema=False)
        faults = broken_rules((frame[1:] if "hxl" in path.name else frame).to_dict())
        assert faults == [], (path.name, faults[:3])
        assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert b"\r" not in path.read_bytes()


def broken_rules(columns: Mapping[str, Iterable[str | None]]) -> list[str]:
    found = [name for name in columns if not re.fullmatch(r"[a-z][a-z0-9_]*", name)]
    for name, cells_of in columns.items():
        values = {cell for cell in cells_of if cell}
        kind = COLUMNS[name].type if name in COLUMNS else "VARCHAR"
        if values & {"NA", "NULL", "None", "nan", "NaN", "null"}:
            found.append(f"{name}: a word for missing")
        if kind == "DATE":
            found += [f"{name}: {value}" for value in values if not ISO_DAY.fullmatch(value)]
        elif kind == "BOOLEAN":
            found += [f"{name}: {value}" for value in values - {"true", "false"}]
        elif kind in {"BIGINT", "DOUBLE"}:
            found += [f"{name}: {value}" for value in values if THOUSANDS.fullmatch(value)]
    return found


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("Name of it", "x"),
        ("adm3_name", "NA"),
        ("month", "01/03/2021"),
        ("in_conflict", "TRUE"),
        ("clashes_count", "1,234"),
    ],
)
def test_a_broken_rule_is_seen(name: str, cell: str) -> None:
    assert len(broken_rules({name: [cell]})) == 1


OLDER_DUCKDB = "1.4.4"
LOOKED_AT_BY_AN_OLDER_ONE = """
import sys
import duckdb
print(duckdb.__version__)
QUERIES = sys.argv[1]
for path in sys.argv[2:]:
    con = duckdb.connect(path, read_only=True)
    tables = con.execute("SELECT schema_name, table_name, comment FROM duckdb_tables()").fetchall()
    columns = con.execute("SELECT count(*) FROM duckdb_columns() WHERE NOT internal AND comment IS NULL").fetchone()[0]
    rows = sum(con.execute(f'SELECT count(*) FROM "{s}"."{t}"').fetchone()[0] for s, t, _ in tables)
    views = [con.execute(f"SELECT count(*) FROM {view}").fetchone()[0] for view in ("latest", "regions", "nation")]
    loikaw = con.execute("SELECT DISTINCT adm3_pcode FROM township('လွိုင်ကော်')").fetchall()[0][0]
    both = con.execute("SELECT count(*) FROM compare('Loikaw', 'MMR001001')").fetchone()[0]
    known = con.execute("SELECT count(*) FROM latest WHERE security_shown >= 'low'::security_shown").fetchone()[0]
    print(len(tables), sum(not comment for _, _, comment in tables), columns, rows > 100_000)
    print(views[0], views[1] == 15 * views[2], loikaw, both == views[2], known)
    for question in open(QUERIES, encoding="utf-8").read().split(";"):
        if "SELECT" in question and not con.execute(question).fetchall():
            print("no answer:", question)
"""


def test_an_older_duckdb_reads_both_databases(release: Path, sample_home: Path, tmp_path: Path) -> None:
    """In a folder of its own, so that it is in nobody's way."""
    pip = [sys.executable, "-m", "pip", "install", "--no-compile", "--disable-pip-version-check"]
    for program in ([Path(sys.executable).with_name("uv"), "pip", "install", "--python", sys.executable], pip):
        installed = subprocess.run(
            [*program, "--quiet", "--no-deps", "--only-binary", ":all:", "--target", str(tmp_path / "older"),
             f"duckdb=={OLDER_DUCKDB}"],
            check=False, capture_output=True, text=True, timeout=280,
        )  # fmt: skip
        if installed.returncode == 0:
            break
    else:
        pytest.skip(f"DuckDB {OLDER_DUCKDB} cannot be installed here: {installed.stderr.strip()[-300:]}")
    both = (release / "township_index.duckdb", sample_home / "warehouse" / "township_index.duckdb")
    looked = subprocess.run(
        [sys.executable, "-c", LOOKED_AT_BY_AN_OLDER_ONE, str(REPOSITORY / "examples/queries.sql"), *map(str, both)],
        env={"PYTHONPATH": str(tmp_path / "older")}, check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    version, *found = looked.stdout.splitlines()
    assert version == OLDER_DUCKDB
    published = len(layer(Layer.PUBLISHED)) + len(ABOUT)
    assert found[0] == f"{published} 0 0 True"
    assert int(found[2].split()[0]) > published
    assert found[2].split()[1:] == ["0", "0", "True"]
    assert found[1] == found[3] == "330 True MMR002001 True 221"
    assert len(found) == 4, found[4:]
