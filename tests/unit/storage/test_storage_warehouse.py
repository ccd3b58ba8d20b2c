"""The working database and its snapshot: typed, keyed, commented; replaced whole while analysts read."""

import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.declare.codes import CONTROL_SHARES
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import conform, empty, table_columns
from pipeline.declare.tables import TABLES, Layer
from pipeline.sources import BY_NAME
from pipeline.storage import batches
from pipeline.storage.warehouse import Warehouse, ddl, put_snapshot, read_snapshot, wal_of

CONTROL = "records.control"
ASIDE = "records.set_aside"


def control(count: int = 1) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "adm3_pcode": [f"MMR00100{n + 1}" for n in range(count)], "reference_date": date(2023, 1, 1),
            "controller": "state", **dict.fromkeys(CONTROL_SHARES), "confidence": None,
            "conflicting_records_count": 0, "placed_by": "pcode",
            "point_distance_km": None, "geo_precision": "township", "updated_at": None, "delivery_id": "d",
            "source": "a 'team'", "row_number": list(range(count)), "helper": "not declared",
        }
    )  # fmt: skip


def aside(kind: str, *rows: int) -> pl.DataFrame:
    return pl.DataFrame({"delivery_id": kind, "file_name": "f", "kind": kind, "row_number": list(rows),
                         "reason": "no_place", "column_name": None, "found": None})  # fmt: skip


# One connection for the run, or one a call: that in a folder whose name is hard to quote.
@pytest.fixture(params=["one for the run", "what [now]? #%41 'it' *"])
def warehouse(tmp_path: Path, request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    folder = "warehouse" if request.param.startswith("one") else request.param
    made = Warehouse(tmp_path / folder / "work.duckdb")
    if request.param == "one for the run":
        assert made.open() is None
    else:
        assert made.prepare() is None
    yield made
    made.close()


# What a snapshot holds does not depend on who holds the connection, nor on the name of the folder.
HELD = pytest.mark.parametrize("warehouse", ["one for the run"], indirect=True)


def test_conform_orders_types_and_drops_helpers() -> None:
    made = conform(control().with_columns(pl.col("row_number").cast(pl.Float64)), CONTROL)
    assert made.columns == list(table_columns(CONTROL))
    assert made.schema["row_number"] == pl.Int64
    assert made.schema["confidence"] == pl.String


@pytest.mark.parametrize(
    ("otherwise", "words"),
    [
        ({"row_number": 1.5}, "fractions in the whole-number columns row_number"),
        ({"row_number": float("nan")}, "row_number|records.control"),
        ({"row_number": "x"}, "records.control"),
        ({"reference_date": "yesterday"}, "records.control"),
    ],
)
def test_conform_refuses_what_would_be_lost(otherwise: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        conform(control().with_columns(**{name: pl.lit(value) for name, value in otherwise.items()}), CONTROL)
    with pytest.raises(ValueError, match="lacks the columns"):
        conform(control().drop("source", "controller"), CONTROL)


def test_a_table_is_written_read_and_replaced(warehouse: Warehouse) -> None:
    assert warehouse.read(CONTROL).equals(empty(CONTROL))
    assert warehouse.write(CONTROL, control(3)) == 3
    assert warehouse.read(CONTROL).height == 3
    some = ["controller", "adm3_pcode"]
    assert warehouse.read(CONTROL, some).equals(conform(control(3), CONTROL).select(some))
    assert warehouse.read(ASIDE, ["kind"]).equals(empty(ASIDE).select("kind")), "also before it was written"
    warehouse.write(CONTROL, control(1))
    assert warehouse.read(CONTROL).equals(conform(control(1), CONTROL))


def test_only_the_rows_of_one_kind_are_replaced_and_the_value_is_bound(warehouse: Warehouse) -> None:
    warehouse.write(ASIDE, aside("clashes", 1, 2), only=("kind", "clashes"))
    warehouse.write(ASIDE, aside("control", 1), only=("kind", "control"))
    warehouse.write(ASIDE, aside("clashes", 3), only=("kind", "clashes"))
    assert sorted(warehouse.read(ASIDE).select("kind", "row_number").rows()) == [("clashes", 3), ("control", 1)]
    warehouse.write(ASIDE, aside("x"), only=("kind", "' OR 1=1 --"))
    assert warehouse.read(ASIDE).height == 2


def test_a_failed_write_changes_nothing_and_the_next_one_works(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.write(ASIDE, aside("clashes", 1), only=("kind", "clashes"))
    with pytest.raises(duckdb.Error):
        warehouse.write(ASIDE, aside("clashes", 2), only=("no_such_column", "clashes"))
    assert warehouse.read(ASIDE)["row_number"].to_list() == [1]
    warehouse.write(ASIDE, aside("clashes", 3), only=("kind", "clashes"))
    assert warehouse.read(ASIDE)["row_number"].to_list() == [3]


def test_a_table_of_an_earlier_version_of_the_code_is_made_anew(warehouse: Warehouse) -> None:
    with warehouse._connect() as con:
        con.execute("CREATE SCHEMA records")
        con.execute("CREATE TABLE records.set_aside (delivery_id VARCHAR, kind VARCHAR)")
        con.execute("CREATE TABLE records.no_longer_declared (x INTEGER)")
        con.execute("CREATE SCHEMA raw")
        con.execute("CREATE TABLE raw.no_format (x INTEGER)")
    warehouse.write(ASIDE, aside("clashes", 1), only=("kind", "clashes"))
    target = warehouse.path.with_name(".snapshot.part")
    warehouse.snapshot(target)
    with duckdb.connect(str(target), read_only=True) as con:
        assert con.sql("SELECT table_name FROM information_schema.tables").fetchall() == [("set_aside",)]


@HELD
def test_the_snapshot_has_small_blocks_and_one_made_of_it_too(warehouse: Warehouse) -> None:
    """Many small tables and keys: with DuckDB's own block size a release is a quarter larger."""
    warehouse.write(CONTROL, control(2))
    first, second = (warehouse.path.with_name(f".{name}.part") for name in ("first", "second"))
    warehouse.snapshot(first)
    warehouse.snapshot(second, (), like=first)
    for target in (first, second):
        with duckdb.connect(str(target), read_only=True) as con:
            assert con.sql("SELECT DISTINCT block_size FROM pragma_database_size()").fetchall() == [(65_536,)]


@HELD
def test_the_snapshot_has_keys_not_null_and_a_comment_on_everything(warehouse: Warehouse) -> None:
    warehouse.write(CONTROL, control(2).reverse())
    target = warehouse.path.with_name("it's.part")
    warehouse.snapshot(target)
    with duckdb.connect(str(target), read_only=True) as con:
        assert con.sql("SELECT adm3_pcode FROM records.control").fetchall() == [("MMR001001",), ("MMR001002",)]
        table = con.sql("SELECT comment FROM duckdb_tables() WHERE table_name = 'control'").fetchall()
        assert table == [(TABLES[CONTROL].comment,)]
        columns = con.sql(
            "SELECT column_name, comment, is_nullable FROM duckdb_columns() WHERE table_name = 'control'"
        ).fetchall()
        assert {name for name, comment, _ in columns if comment} == set(table_columns(CONTROL))
        assert {name for name, _, nullable in columns if nullable} == set(TABLES[CONTROL].nullable)
        keys = con.sql(
            "SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
        ).fetchall()
        assert keys == [(list(TABLES[CONTROL].key),)]
        with pytest.raises(duckdb.Error):
            con.execute("DELETE FROM records.control")


def test_the_snapshot_refuses_a_key_twice_and_a_blank_required_cell(warehouse: Warehouse) -> None:
    for frame in (pl.concat([control(), control()]), control().with_columns(controller=pl.lit(None, pl.String))):
        warehouse.write(CONTROL, frame)
        with pytest.raises(duckdb.ConstraintException):
            warehouse.snapshot(warehouse.path.with_name(".bad.part"))
    warehouse.write(CONTROL, control())
    warehouse.snapshot(warehouse.path.with_name(".good.part"))  # the failed ones left nothing attached


@HELD
def test_a_snapshot_of_a_large_table_is_that_of_a_small_one(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = random.Random(1).sample(range(9000), 9000)  # noqa: S311 - no secret
    warehouse.write(ASIDE, aside("clashes", *numbers))
    written = []
    for name, least in (("small", 10_000), ("large", 9000)):
        monkeypatch.setattr(batches, "LARGE_ROWS", least)
        monkeypatch.setattr(batches, "BATCH_ROWS", 2048)
        target = warehouse.path.with_name(f"{name}.duckdb")
        warehouse.snapshot(target, (Layer.RECORDS,))
        with duckdb.connect(str(target), read_only=True) as con:
            written.append(con.sql(f"SELECT * FROM {ASIDE}").pl())
            keys = con.sql("SELECT count(*) FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'")
            assert keys.fetchall() == [(1,)]
    assert written[0].height == 9000
    assert written[1].equals(written[0])
    assert written[1]["row_number"].is_sorted()


@HELD
def test_a_snapshot_of_one_layer_holds_no_other(warehouse: Warehouse) -> None:
    warehouse.write(CONTROL, control())
    warehouse.write("published.set_aside_summary", pl.DataFrame({"delivery_id": "d", "reason": "r", "rows_count": 1}))
    target = warehouse.path.with_name("release.duckdb")
    warehouse.snapshot(target, (Layer.PUBLISHED,))
    with duckdb.connect(str(target), read_only=True) as con:
        assert con.sql("SELECT DISTINCT table_schema FROM information_schema.tables").fetchall() == [("published",)]


def test_a_snapshot_like_another_holds_the_layers_of_both_and_leaves_it_as_it_was(warehouse: Warehouse) -> None:
    warehouse.write(CONTROL, control())
    warehouse.write("published.set_aside_summary", pl.DataFrame({"delivery_id": "d", "reason": "r", "rows_count": 1}))
    release, analysts, whole = (warehouse.path.with_name(f"{name}.duckdb") for name in ("release", "analysts", "whole"))
    warehouse.snapshot(release, (Layer.PUBLISHED,))
    before = release.read_bytes()
    warehouse.snapshot(analysts, tuple(one for one in Layer if one != Layer.PUBLISHED), like=release)
    warehouse.snapshot(whole)
    for table in (CONTROL, "published.set_aside_summary"):
        assert read_snapshot(analysts, table).equals(read_snapshot(whole, table)) and read_snapshot(whole, table).height
    assert release.read_bytes() == before


@HELD
def test_an_analyst_keeps_reading_while_a_new_snapshot_moves_into_place(warehouse: Warehouse) -> None:
    place = warehouse.path.with_name("township_index.duckdb")
    part = place.with_name(".township_index.duckdb.part")
    for count in (1, 3):
        warehouse.write(CONTROL, control(count))
        warehouse.snapshot(part)
        if count == 3:
            reader = duckdb.connect(str(place), read_only=True)
            assert reader.sql("SELECT count(*) FROM records.control").fetchall() == [(1,)]
        part.replace(place)
    assert reader.sql("SELECT count(*) FROM records.control").fetchall() == [(1,)]
    reader.close()
    with duckdb.connect(str(place), read_only=True) as con:
        assert con.sql("SELECT count(*) FROM records.control").fetchall() == [(3,)]


@pytest.mark.parametrize("content", [b"garbage" * 100, b"SQLite format 3\x00" + b"\x00" * 4000, b"x"])
def test_a_corrupt_or_foreign_file_is_moved_aside_with_a_message(tmp_path: Path, content: bytes) -> None:
    warehouse = Warehouse(tmp_path / "work.duckdb")
    for _ in range(2):  # and the second time litter does not grow
        warehouse.path.write_bytes(content)
        message = warehouse.prepare()
        assert message is not None
        assert "work.duckdb.damaged" in message
        assert warehouse.prepare() is None
    warehouse.write(CONTROL, control())
    assert (tmp_path / "work.duckdb.damaged").read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 2


def test_a_corrupt_log_beside_the_file_goes_with_it(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "work.duckdb")
    warehouse.write(CONTROL, control())
    (tmp_path / "work.duckdb.wal").write_bytes(b"not a log" * 50)
    if warehouse.prepare() is not None:
        assert (tmp_path / "work.duckdb.damaged.wal").exists()
    warehouse.write(CONTROL, control(2))
    assert warehouse.read(CONTROL).height == 2


def test_a_place_that_cannot_hold_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "work.duckdb").mkdir()
    with pytest.raises(UnusableInput, match=r"work\.duckdb: the working database cannot be made here"):
        Warehouse(tmp_path / "work.duckdb").prepare()


LEFT_BY_A_CLIENT = """
import os, sys, duckdb
con = duckdb.connect(sys.argv[1])
con.execute("PRAGMA disable_checkpoint_on_shutdown")
con.execute("DELETE FROM records.control")
os._exit(9)
"""


@pytest.fixture
def snapshot_with_log(warehouse: Warehouse) -> Path:
    """A snapshot in which a client deleted rows, and died: its log lies beside."""
    target = warehouse.path.with_name("township_index.duckdb")
    warehouse.write(CONTROL, control(2))
    warehouse.snapshot(target)
    subprocess.run([sys.executable, "-c", LEFT_BY_A_CLIENT, str(target)], check=False)
    assert wal_of(target).exists()
    return target


@pytest.mark.parametrize("warehouse", ["one for the run", "one a call"], indirect=True)  # clients write into no other
def test_a_log_that_a_client_left_is_not_read_and_goes_with_the_next_snapshot(
    warehouse: Warehouse, snapshot_with_log: Path
) -> None:
    target = snapshot_with_log
    assert read_snapshot(target, CONTROL).height == 2, "our rows, without what the client wrote"
    part = target.with_name(".township_index.duckdb.part")
    warehouse.write(CONTROL, control(3))
    warehouse.snapshot(part)
    part.replace(target)  # as the code did once: the log belongs to the database before
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(target), read_only=True)
    assert read_snapshot(target, CONTROL).height == 3
    warehouse.snapshot(part)
    assert put_snapshot(part, target) is True
    with duckdb.connect(str(target), read_only=True) as con:
        assert con.sql("SELECT count(*) FROM records.control").fetchall() == [(3,)]
    warehouse.snapshot(part)
    assert put_snapshot(part, target) is False


def test_a_snapshot_is_read_while_a_client_holds_it(warehouse: Warehouse) -> None:
    target = warehouse.path.with_name("township_index.duckdb")
    warehouse.write(CONTROL, control(2))
    warehouse.snapshot(target)
    code = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.readline()"
    command = [sys.executable, "-c", code, str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "held\n"
        assert read_snapshot(target, CONTROL).height == 2
        client.communicate("\n")


@HELD
def test_the_log_of_a_snapshot_cut_short_is_in_nobodys_way(warehouse: Warehouse) -> None:
    part = warehouse.path.with_name(".township_index.duckdb.part")
    wal_of(part).write_bytes(b"not a log" * 50)
    warehouse.write(CONTROL, control(2))
    warehouse.snapshot(part)
    assert read_snapshot(part, CONTROL).height == 2


@HELD
def test_what_a_failed_write_says_is_the_first_cause(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def execute(self, statement: str, *_: object) -> None:
            if statement.startswith("INSERT"):
                raise duckdb.IOException('Could not write file "/x/work.duckdb": No space left on device')
            if statement == "ROLLBACK":
                raise duckdb.FatalException("database has been invalidated because of a previous fatal error")

        def register(self, *_: object) -> None: ...

        unregister = register

    monkeypatch.setattr(warehouse, "_held", Full())
    monkeypatch.setattr(Warehouse, "_columns", lambda *_: [])
    with pytest.raises(duckdb.IOException, match="No space left"):
        warehouse.write(CONTROL, control())
    monkeypatch.undo()


def test_partial_snapshots_of_a_killed_run_are_swept(tmp_path: Path) -> None:
    (tmp_path / ".township_index.duckdb.part").write_bytes(b"half")
    (tmp_path / ".township_index.duckdb.part.wal").write_bytes(b"half")
    Warehouse(tmp_path / "work.duckdb").prepare()
    assert [p.name for p in tmp_path.iterdir()] == ["work.duckdb"]


def test_every_declared_table_can_be_made() -> None:
    names = [*TABLES, "raw.ucdp_ged", "raw.boundaries"]
    with duckdb.connect() as con:
        for schema in {name.split(".", maxsplit=1)[0] for name in names}:
            con.execute(f'CREATE SCHEMA "{schema}"')
        for name in names:
            for statement in ddl(name, "memory"):
                con.execute(statement)
            assert list(empty(name).columns) == list(table_columns(name))
        made = con.sql("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
    assert sorted(made) == sorted((name,) for name in names)


def test_a_raw_column_says_which_heading_it_mirrors() -> None:
    comments = [line for line in ddl("raw.hpc_baseline", "x") if line.startswith("COMMENT ON COLUMN")]
    assert len(comments) == len(table_columns("raw.hpc_baseline"))
    (state,) = (line for line in comments if '"adm1_name"' in line)
    assert "Column ''state/region'' of the file, also read as ''state''; text as delivered" in state
    assert all(len(line.split(" IS ")[1]) > 20 for known in BY_NAME for line in ddl(f"raw.{known}", "x")[1:])
