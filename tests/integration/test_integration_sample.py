"""The main job on the embedded sample: figures, layout, agreement of all formats, hashes, marks."""

import hashlib
import json
import zipfile
from pathlib import Path

import duckdb
import polars as pl
import pytest
from integration_homes import LAST_MONTH, alive, opened, shared_analysts_query, shared_release_query
from polars import selectors as cs

from expectations import suite_names
from pipeline.declare.database import ABOUT
from pipeline.declare.tables import TABLES, Layer, layer

pytestmark = pytest.mark.integration
# What ISP-Myanmar published in December 2023, which the sample is calibrated to give back.
MARGINS = {
    "townships_count": 330,
    "in_conflict_count": 221,
    "security_high_count": 141,
    "security_low_count": 80,
    "humanitarian_high_count": 45,
    "humanitarian_low_count": 92,
    "humanitarian_no_new_count": 84,
    "humanitarian_insufficient_count": 0,
    "services_severe_count": 57,
    "services_lower_count": 164,
    "services_insufficient_count": 0,
    "clashes_count": 12_238,
}
PUBLISHED = [table.name for table in layer(Layer.PUBLISHED)]


@pytest.fixture(scope="module")
def release(sample_home: Path) -> Path:
    return (sample_home / "published" / "latest").resolve()


def test_last_lines_are_the_national_table(sample_home: Path) -> None:
    said = (sample_home / "said.txt").read_text(encoding="utf-8")
    lines = said.rstrip().splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("National table"))
    assert "isp-2023, 2021-02-01 to 2023-11-26" in lines[head]
    table = {line[:42].strip(): line[42:].split() for line in lines[head + 2 :]}
    assert table["In conflict"] == ["221", "221"]
    assert table["Security high"] == ["141", "141"]
    assert table["Security low"] == ["80", "80"]
    assert table["Displacement high"] == ["45", "45"]
    assert table["Displacement low"] == ["92", "92"]
    assert table["No new displacement reported"] == ["84", "84"]
    assert table["Services severe"] == ["57", "57"]
    assert table["Services lower"] == ["164", "164"]
    assert table["Clashes (at least)"] == ["12,238", "12,238"]
    assert "SYNTHETIC" in lines[head - 1]
    files = next(line for line in lines if line.startswith("Files")).split(maxsplit=1)[1]
    assert Path(files) == (sample_home / "published" / "latest").resolve()
    assert [line for line in lines if "Traceback" in line or "Error" in line] == []


def test_published_margins(sample_home: Path) -> None:
    row = shared_release_query(
        sample_home,
        f"FROM published.national_summary WHERE method = 'isp-2023' AND month = DATE '{LAST_MONTH}'",
    ).row(0, named=True)
    assert {name: row[name] for name in MARGINS} == MARGINS
    assert str(row["period_start"]) == "2021-02-01"
    assert str(row["period_end"]) == "2023-11-26"
    assert row["in_conflict_share"] == pytest.approx(221 / 330, abs=1e-6)
    assert row["control_lost_townships_share"] == pytest.approx(141 / 330, abs=1e-6)


def test_the_rows_give_the_margins_too(sample_home: Path) -> None:
    """Counted again from the township rows, in SQL, so that a wrong summary cannot vouch for itself."""
    (counted,) = shared_release_query(
        sample_home,
        f"""SELECT count(*), count(*) FILTER (in_conflict), count(*) FILTER (security_class = 'high'),
          count(*) FILTER (security_class = 'low'), count(*) FILTER (humanitarian_class = 'high'),
          count(*) FILTER (humanitarian_class = 'low'), count(*) FILTER (humanitarian_class = 'no_new_idps'),
          count(*) FILTER (services_class = 'severe'), count(*) FILTER (services_class = 'lower'),
          sum(clashes_count)::BIGINT, count(*) FILTER (NOT in_conflict AND security_class = 'not_in_conflict'
            AND humanitarian_class = 'not_in_conflict' AND services_class = 'not_in_conflict')
        FROM published.township_index WHERE method = 'isp-2023' AND month = DATE '{LAST_MONTH}'""",
    ).rows()
    assert counted == (330, 221, 141, 80, 45, 92, 84, 57, 164, 12_238, 109)


def test_states_that_were_published(sample_home: Path) -> None:
    rows = shared_release_query(
        sample_home,
        "SELECT state_region, in_conflict_count, townships_count FROM published.region_summary "
        f"WHERE method = 'isp-2023' AND month = DATE '{LAST_MONTH}'",
    )
    states = {name: (inside, of) for name, inside, of in rows.rows()}
    assert len(states) == 15
    assert states["Sagaing"] == (34, 37)
    assert states["Mandalay"] == (25, 28)
    assert states["Chin"] == (9, 9)
    assert states["Tanintharyi"] == (10, 10)
    assert states["Kayah"] == (7, 7)
    assert (sum(i for i, _ in states.values()), sum(n for _, n in states.values())) == (221, 330)
    pekon = shared_release_query(
        sample_home,
        "SELECT in_conflict, adm3_name FROM published.township_index WHERE adm3_pcode = 'MMR014010' "
        f"AND method = 'isp-2023' AND month = DATE '{LAST_MONTH}'",
    )
    assert pekon.rows() == [(True, "Pekon")]


def test_layout_of_the_release(sample_home: Path, release: Path) -> None:
    files = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    named = {
        "township_index.duckdb", "township_index.xlsx", "township_index_hxl.csv", "geo/township_index.parquet",
        "geo/township_index.geojson", "geo/township_index.gpkg", "report/index.html", "report/methods.html",
        "report/quality.html", "report/dictionary.html", "changes.csv", "datapackage.json", "manifest.json",
        "checks.json", "index.html", "index_my.html", "CITATION.cff", "site.zip", "data-parquet.zip", "api/nation.json",
        "api/regions.json", "api/townships.json", "api/townships/MMR001001.json", "report/pictures/nation.png",
    }  # fmt: skip
    named |= {f"tables/{name}.{ending}" for name in PUBLISHED for ending in ("csv", "parquet")}
    # CONTRACT.md lists the workbook and the HXL file in the line of tables/; either place is one of the release.
    loose = {path.removeprefix("tables/") for path in files} | files
    assert sorted(named - loose) == []
    pages = {path for path in files if path.startswith("report/townships/")}
    codes = shared_release_query(sample_home, "SELECT adm3_pcode FROM published.townships")["adm3_pcode"].to_list()
    assert pages == {f"report/townships/{code}.html" for code in codes}
    latest = sample_home / "published" / "latest"
    assert latest.is_symlink()
    assert str(latest.readlink()) == release.name, "a relative link, so that the home can be moved"
    assert json.loads((release / "manifest.json").read_text())["release_id"] == release.name
    beside = ["latest", "2023-11", "index.html", "index_my.html", "releases.json", "feed.xml"]
    assert sorted(path.name for path in (sample_home / "published").iterdir()) == sorted([*beside, release.name])


@pytest.mark.parametrize("name", ["release", "analysts"])
def test_comments_and_keys(sample_home: Path, release: Path, name: str) -> None:
    database = release / "township_index.duckdb"
    if name == "analysts":
        database = sample_home / "warehouse" / "township_index.duckdb"
    raw = "schema_name <> 'raw'"  # mirrors of a file: their columns are the source's

    def query(statement: str) -> pl.DataFrame:
        return opened(database).sql(statement).pl()

    tables = query("SELECT schema_name || '.' || table_name AS name, comment FROM duckdb_tables()")
    assert tables.filter(pl.col("comment").is_null() | (pl.col("comment") == ""))["name"].to_list() == []
    bare = query(
        "SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE NOT internal "
        "AND (comment IS NULL OR comment = '')",
    )
    assert bare.rows() == []
    keys = query(
        "SELECT schema_name || '.' || table_name, constraint_column_names FROM duckdb_constraints() "
        f"WHERE constraint_type = 'PRIMARY KEY' AND {raw}",
    )
    found = {table: tuple(columns) for table, columns in keys.rows()}
    expected = {t.full_name: t.key for t in TABLES.values() if name == "analysts" or t.layer == Layer.PUBLISHED}
    expected |= {f"main.{about.name}": about.key for about in ABOUT}
    assert found == expected
    schemas = set(query("SELECT DISTINCT schema_name FROM duckdb_tables()")["schema_name"].to_list())
    assert schemas == (
        {"main", "published"} if name == "release" else {"main", "raw", "records", "indices", "published"}
    )


def test_a_key_and_a_required_column_are_enforced(release: Path, tmp_path: Path) -> None:
    own = tmp_path / "copy.duckdb"
    own.write_bytes((release / "township_index.duckdb").read_bytes())
    con = duckdb.connect(str(own))
    with pytest.raises(duckdb.ConstraintException, match=r"[Dd]uplicate key"):
        con.execute("INSERT INTO published.townships SELECT * FROM published.townships LIMIT 1")
    with pytest.raises(duckdb.ConstraintException, match="NOT NULL"):
        con.execute("UPDATE published.township_index SET security_class = NULL")
    con.close()


def shown(frame: pl.DataFrame) -> pl.DataFrame:
    """Cells as a CSV shows them; numbers by value, so that 1.0 and 1 are one figure."""
    worded = frame.with_columns((~cs.float()).as_expr().cast(pl.String).fill_null(""))
    return worded.sort(worded.columns)


@pytest.mark.parametrize("name", PUBLISHED)
def test_csv_parquet_and_database_hold_the_same_rows(sample_home: Path, release: Path, name: str) -> None:
    database = shared_release_query(sample_home, f"FROM published.{name}")
    parquet = pl.read_parquet(release / "tables" / f"{name}.parquet")
    assert parquet.columns == list(TABLES[f"published.{name}"].columns)
    assert parquet.schema == database.schema
    key = list(TABLES[f"published.{name}"].key)
    assert parquet.sort(key).equals(database.sort(key))
    text = pl.read_csv(release / "tables" / f"{name}.csv", infer_schema=False)
    assert text.height == parquet.height
    # One source has no pair, and nothing was corrected.
    empty = ("source_concordance", "source_matches", "corrections", "reliability", "detection")
    assert (text.height == 0) == (name in empty)
    assert [c for c in parquet.columns if c not in text.columns] == (["geometry"] if name == "townships" else [])
    numbers = [c for c in text.columns if parquet.schema[c].is_float()]
    typed = text.with_columns(pl.col(numbers).cast(pl.Float64))
    strings = [c for c in text.columns if parquet.schema[c] == pl.String]
    # Text that a spreadsheet would run begins with an apostrophe in CSV.
    typed = typed.with_columns(pl.col(strings).str.replace(r"^'([=+\-@])", "$1")) if strings else typed
    assert shown(typed).equals(shown(parquet.select(text.columns)), null_equal=True)


def test_manifest_and_datapackage_hashes(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    files = {p.relative_to(release).as_posix(): p for p in release.rglob("*") if p.is_file()}
    assert set(manifest["outputs"]) == set(files) - {"manifest.json"}
    for name, stated in manifest["outputs"].items():
        data = files[name].read_bytes()
        assert (stated["bytes"], stated["sha256"]) == (len(data), hashlib.sha256(data).hexdigest()), name
        if name.startswith("tables/") and name.endswith(".parquet"):
            assert stated["rows"] == pl.read_parquet(files[name]).height
    assert {one["kind"] for one in manifest["inputs"]} == {"clashes", "displacement", "services", "control", "signs"}
    for one in manifest["inputs"]:
        source = Path(__file__).parents[2] / "data" / "sample" / one["kind"] / one["name"]
        assert one["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
        assert one["rows"] == source.read_text(encoding="utf-8").count("\n") - 1
    described = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
    resources = {one["path"]: one for one in described["resources"]}
    assert {f"tables/{name}.csv" for name in PUBLISHED} <= set(resources)
    assert "hash" not in resources.pop("township_index.duckdb"), "its bytes differ between builds of the same tables"
    for path, one in resources.items():
        data = files[path].read_bytes()
        assert one["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}", path
        if not path.endswith(".parquet"):  # Frictionless counts none for Parquet and would call it an error
            assert one["bytes"] == len(data)
        assert all(field["description"] for field in one.get("schema", {}).get("fields", []))
    assert described["synthetic"] is True


def test_checks_json_lists_every_suite(sample_home: Path, release: Path) -> None:
    checks = json.loads((release / "checks.json").read_text(encoding="utf-8"))
    assert {one["table"] for one in checks} == set(suite_names())
    assert {"table", "rule", "severity", "passed", "checked_count", "failed_count", "note"} <= set(checks[0])
    assert [c for c in checks if c["severity"] == "critical" and not c["passed"]] == []
    held = sum(c["passed"] for c in checks)
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["checks"]["rules"] == len(checks)
    assert manifest["checks"]["passed"] == held
    assert f"{held} of {len(checks)} rules hold" in (sample_home / "said.txt").read_text(encoding="utf-8")
    index = [c for c in checks if c["table"] == "published.township_index"]
    assert max(c["checked_count"] for c in index) == 2 * 34 * 330, "the suite saw every row, not a part"


def test_synthetic_stands_everywhere(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["synthetic"] is True
    assert "SYNTHETIC" in manifest["notice"]
    pages = list(release.rglob("*.html"))
    drawings = [path for path in release.rglob("*.svg") if path.name != "icon.svg"]  # which shows no figure
    assert len(pages) > 330
    assert len(drawings) >= 4
    bare = [path.name for path in (*pages, *drawings) if "SYNTHETIC" not in path.read_text(encoding="utf-8")]
    assert bare == []
    shapes = [path.name for path in drawings if "SCHEMATIC" not in path.read_text(encoding="utf-8")]
    assert shapes == [], "this home has no boundary file"
    with zipfile.ZipFile(next(release.rglob("township_index.xlsx"))) as book:
        strings = book.read("xl/sharedStrings.xml").decode("utf-8")
        cover = book.read("xl/worksheets/sheet1.xml").decode("utf-8")
    entries = strings.split("<si>")[1:]
    at = [i for i, entry in enumerate(entries) if "SYNTHETIC" in entry]
    assert any(f't="s"><v>{i}</v>' in cover for i in at), "the first sheet says it"


def test_set_aside_rows_are_the_ones_put_in(sample_home: Path) -> None:
    """The README of the sample lists what was put in to be set aside."""
    rows = shared_analysts_query(
        sample_home, "SELECT reason, count(*) FROM records.set_aside WHERE kind = 'clashes' GROUP BY reason"
    )
    assert dict(rows.rows()) == {
        "precision_district": 24,
        "precision_region": 12,
        "precision_country": 4,
        "unknown_pcode": 2,
        "unknown_term": 1,
        "invalid_date": 1,
        "duplicate_row": 1,
    }
    summary = shared_release_query(
        sample_home,
        "SELECT reason, sum(s.rows_count)::BIGINT FROM published.set_aside_summary s "
        "JOIN published.deliveries d USING (delivery_id) WHERE kind = 'clashes' GROUP BY reason",
    )
    assert dict(summary.rows()) == dict(rows.rows())
    moved = shared_analysts_query(
        sample_home, "SELECT adm3_pcode, count(*) FROM records.clashes WHERE placed_by = 'crosswalk' GROUP BY ALL"
    )
    assert moved.rows() == [("MMR013046", 3)]


def test_released_files_tell_no_event(sample_home: Path, release: Path) -> None:
    """An event's id of the input stands in no byte of the text files and tables, nor in the database."""
    for path in (p for p in release.rglob("*") if p.suffix in {".csv", ".json", ".html", ".geojson", ".parquet"}):
        assert b"SYN00001" not in path.read_bytes(), path.name
    columns = shared_release_query(sample_home, "SELECT DISTINCT column_name FROM duckdb_columns() WHERE NOT internal")
    assert not {"event_id", "longitude", "latitude", "actor1", "actor2", "found"} & set(columns.to_series().to_list())


def test_nothing_runs_on_after_the_job(sample_home: Path) -> None:
    """The validator's process ends with the run: the note of the lock's holder names a process that is gone."""
    assert not alive(json.loads((sample_home / "run.holder.json").read_text())["pid"])
