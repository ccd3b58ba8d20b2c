"""Schema main of a database: views, types, macros and tables about the release; the same rows as the files."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from geo.lookup import spellings
from geo.townships import name_key
from pipeline.declare.columns import COLUMNS
from pipeline.declare.database import ABOUT, MACROS, SERIES, VIEWS, ordered, type_of, types
from pipeline.declare.errors import UnusableInput
from pipeline.declare.tables import Layer
from pipeline.storage.warehouse import Warehouse, look_at, read_snapshot
from reports.files.database import about_tables
from reports.files.series import newest, series
from reports.release import Release

USED = (
    "townships", "township_index", "national_summary", "region_summary", "current_intensity", "township_month_events",
)  # fmt: skip


def made(folder: Path, tables: dict[str, pl.DataFrame], release: Release) -> Path:
    warehouse = Warehouse(folder / "work.duckdb")
    warehouse.open()
    for name in USED:
        warehouse.write(f"published.{name}", tables[name])
    target = folder / "out.duckdb"
    warehouse.snapshot(target, (Layer.PUBLISHED,), about=about_tables(release))
    warehouse.write("published.set_aside_summary", pl.DataFrame({"delivery_id": "d", "reason": "r", "rows_count": 1}))
    warehouse.close()
    return target


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, tables, release: Release) -> Path:
    return made(tmp_path_factory.mktemp("database"), tables, release)


@pytest.fixture(scope="module")
def con(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(str(database), read_only=True)
    yield connection
    connection.close()


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Values with an order as text, whole numbers of one width."""
    return frame.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))


def test_the_views_hold_the_leading_method_by_township_month_and_region(con, tables, release: Release) -> None:
    ours = series(tables, release)
    assert plain(con.sql("FROM series").pl()).equals(ours)
    assert plain(con.sql("FROM latest").pl()).equals(newest(ours))
    assert (ours.height, newest(ours).height) == (330 * 4, 330)
    for view, table, key in (("regions", "region_summary", ["state_region", "month"]),
                             ("nation", "national_summary", ["month"])):  # fmt: skip
        found = con.sql(f"FROM {view}").pl()
        own = tables[table].filter(pl.col("method") == release.method).drop("method").sort(key)
        assert found.drop("population_persons").equals(own)
    people = tables["townships"]["population_persons"].sum()
    assert con.sql("SELECT DISTINCT population_persons FROM nation").fetchall() == [(people,)]


def test_what_is_not_known_is_null_and_none_is_zero(tables, release: Release, tmp_path: Path) -> None:
    """A month without a row of the index, one of an unknown count, one of zero, and a source without violence."""
    codes = tables["townships"]["adm3_pcode"].head(3).to_list()
    month = tables["national_summary"]["month"].min()
    here = (pl.col("month") == month) & (pl.col("method") == release.method)
    code = pl.col("adm3_pcode")
    index = tables["township_index"].filter(~(here & (code == codes[0]))).with_columns(
        clashes_month_count=pl.when(here & (code == codes[1])).then(None).when(here & (code == codes[2])).then(0)
        .otherwise("clashes_month_count")
    )  # fmt: skip
    columns = ["clashes_month_count", "violence_month_count", "fatalities_month_persons"]
    events = tables["township_month_events"].filter(~code.is_in(codes))
    violence = events.head(1).with_columns(
        month=pl.lit(month),
        adm3_pcode=pl.lit(codes[2]),
        event_class=pl.lit("violence_against_civilians"),
        events_count=pl.lit(7, pl.Int64),
    )
    for recorded, wanted in ((events, None), (pl.concat([events, violence]), 7)):
        changed = {**tables, "township_index": index, "township_month_events": recorded}
        frame = series(changed, release).filter(pl.col("month") == month, code.is_in(codes))
        assert frame.select(columns).rows() == [(None, None, None), (None, None, None), (0, wanted, 0)]
    found = plain(read_snapshot(made(tmp_path, changed, release), "main.series"))
    assert found.filter(pl.col("month") == month, code.is_in(codes)).equals(frame)


def test_types_sort_what_is_not_known_below_the_scale_and_the_worst_last(con) -> None:
    assert ordered(COLUMNS["security_class"]) == ("insufficient_data", "not_in_conflict", "low", "high")
    assert ordered(COLUMNS["signal"]) == ("unknown", "none", "lull", "fall", "onset", "rise", "alert")
    assert ordered(COLUMNS["services_shown"])[-2:] == ("lower", "severe")
    held = {name: con.sql(f"SELECT enum_range(NULL::{name})").fetchall()[0][0] for name in types()}
    assert held == {name: list(values) for name, values in types().items()}
    severe = con.sql(
        "SELECT DISTINCT security_shown FROM latest WHERE security_shown >= 'low'::security_shown ORDER BY 1"
    ).fetchall()
    assert severe == [("low",), ("high",)]
    with pytest.raises(duckdb.ConversionException, match="Could not convert"):
        con.sql("SELECT 'severe'::security_class").fetchall()


@pytest.mark.parametrize(
    ("typed", "code"),
    [("MMR002001", "MMR002001"), (" mmr002001 ", "MMR002001"), ("LOIKAW", "MMR002001"),
     ("Loikaw township", "MMR002001"), ("လွိုင်ကော်", "MMR002001"), ("Myitkyina", "MMR001001")],
)  # fmt: skip
def test_a_township_is_found_as_people_write_it(con, typed: str, code: str) -> None:
    found = con.execute("SELECT DISTINCT adm3_pcode, count(*) FROM township(?) GROUP BY ALL", [typed]).fetchall()
    assert found == [(code, 4)]


def test_names_are_compared_in_the_database_as_in_the_pipeline(con) -> None:
    """Every spelling, also as people change it: capitals, blanks, the word township."""
    odd = ["Loikaw Township", " HPA-AN tsp.", "မြစ်ကြီးနားမြို့နယ်", "၀ိုင်းမော်", "T/S", "", "123", "Kyauk\u200bme"]
    names = [*spellings().filter(pl.col("spelling_kind") != "pcode")["spelling"], *odd]
    ours = pl.DataFrame({"name": names}).select(name_key(pl.col("name")).fill_null(""))["name"].to_list()
    con.register("typed", pl.DataFrame({"place": range(len(names)), "name": names}).to_arrow())
    theirs = [key for (key,) in con.sql("SELECT spelling_key(name) FROM typed ORDER BY place").fetchall()]
    con.unregister("typed")
    assert theirs == ours
    listed = con.sql("SELECT spelling, spelling_key, adm3_pcode FROM township_names ORDER BY ALL").fetchall()
    assert listed == sorted(spellings().select("spelling", "spelling_key", "adm3_pcode").rows())


def test_a_name_of_two_townships_gives_both_and_one_of_none_nothing(con) -> None:
    assert con.sql("SELECT count(DISTINCT adm3_pcode) FROM township('Minhla')").fetchall() == [(2,)]
    assert con.sql("FROM township('Nowhere')").fetchall() == con.sql("FROM township(NULL)").fetchall() == []


def test_two_townships_stand_side_by_side(con, tables, release: Release) -> None:
    found = con.sql("FROM compare('Loikaw', 'MMR001001')").pl()
    ours = series(tables, release)
    for code, end in (("MMR002001", "a"), ("MMR001001", "b")):
        own = ours.filter(pl.col("adm3_pcode") == code)
        assert found["month"].equals(own["month"])
        assert found[f"clashes_month_count_{end}"].to_list() == own["clashes_month_count"].to_list()
        rate = (100_000 * own["clashes_12m_count"] / own["population_persons"]).round(2)
        assert found[f"clashes_12m_per_100000_{end}"].to_list() == pytest.approx(rate.to_list(), nan_ok=True)


def test_everything_has_a_comment_and_the_dictionary_names_every_column(con) -> None:
    bare = con.sql("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL")
    assert bare.fetchall() == []
    for what in ("tables", "views"):
        assert con.sql(f"SELECT count(*) FROM duckdb_{what}() WHERE NOT internal AND comment IS NULL").fetchall() == [
            (0,)
        ]
    macros = con.sql(
        "SELECT function_name FROM duckdb_functions() WHERE NOT internal AND comment IS NOT NULL"
    ).fetchall()
    assert {name for (name,) in macros} == {macro.name for macro in MACROS}
    held = con.sql("SELECT table_name, column_name, column_index FROM duckdb_columns() WHERE NOT internal").fetchall()
    told = con.sql("SELECT table_name, column_name, position FROM dictionary").fetchall()
    assert set(held) <= set(told)
    assert {name for name, _, _ in told} >= {one.name for one in (*ABOUT, *VIEWS)}
    kinds = dict(con.sql("SELECT column_name, type FROM dictionary WHERE table_name = 'series'").fetchall())
    assert kinds == {column.name: type_of(column) for column in SERIES.columns}


def test_the_release_says_who_it_is(con, release: Release, tables, invented: Release, tmp_path: Path) -> None:
    (row,) = con.sql("FROM release").pl().to_dicts()
    assert (row["release_id"], row["method"], row["synthetic"]) == (release.release_id, release.method, False)
    assert (row["citation"], row["licence"], row["code_version"]) == (release.citation, "CC BY 4.0", "0.1.0")
    assert con.sql("SELECT source, used_for FROM sources WHERE used_for = 'records'").fetchall() == [
        ("Events of a programme", "records")
    ]
    high = con.sql("SELECT value FROM methods WHERE method = 'isp-2023' AND choice = 'security_high' "
                   "AND source_family = 'default'").fetchall()  # fmt: skip
    assert len(high) == 1
    with pytest.raises(duckdb.Error):
        con.execute("CREATE TABLE x (i INTEGER)")
    source = [("A\u200b", "l", "c"), ("A", "l", "c")]  # told apart by nothing that can be seen
    other = about_tables(replace(invented, generated_from=tuple(source), as_of=None))
    assert other["release"]["as_of"].item() is None
    assert "SYNTHETIC DATA" in other["release"]["notice"].item()


def test_views_work_in_an_attached_file_and_macros_once_it_is_chosen(database: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{database}' AS here (READ_ONLY)")
        assert con.sql("SELECT count(*) FROM here.latest").fetchall() == [(330,)]
        con.execute("USE here")
        assert con.sql("SELECT count(*) FROM township('Loikaw')").fetchall() == [(4,)]


def test_the_same_release_gives_the_same_rows_twice(database: Path, tables, release: Release, tmp_path: Path) -> None:
    again = made(tmp_path, tables, release)
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{database}' AS first (READ_ONLY); ATTACH '{again}' AS second (READ_ONLY)")
        for name in (one.name for one in (*ABOUT, *VIEWS)):
            assert con.sql(f"FROM second.{name}").pl().equals(con.sql(f"FROM first.{name}").pl()), name
    assert look_at(database) == ""


def test_a_snapshot_of_an_earlier_version_is_named(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "work.duckdb")
    warehouse.write("published.set_aside_summary", pl.DataFrame({"delivery_id": "d", "reason": "r", "rows_count": 1}))
    warehouse.snapshot(tmp_path / "old.duckdb")
    with pytest.raises(
        UnusableInput, match=r"old\.duckdb: made by an earlier version of the code, without main\.series"
    ):
        read_snapshot(tmp_path / "old.duckdb", "main.series")
