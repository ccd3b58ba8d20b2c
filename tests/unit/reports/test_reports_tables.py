"""CSV, Parquet and HXL: types survive, formulas do not, the geometry stands where it should."""

import csv
from dataclasses import replace
from pathlib import Path

import hxl
import polars as pl
import pytest

from pipeline.declare.columns import COLUMNS
from pipeline.declare.tables import Layer, layer
from reports.files.hxl import HXL_COLUMNS
from reports.files.series import region_files, series, write_regions
from reports.files.tables import inert, write_csv
from reports.release import Release, facts, latest_townships, published

READ_AS = {"VARCHAR": pl.String, "BIGINT": pl.Int64, "DOUBLE": pl.Float64, "DATE": pl.Date, "BOOLEAN": pl.Boolean}


@pytest.mark.parametrize("table", layer(Layer.PUBLISHED), ids=lambda table: table.name)
def test_csv_round_trip_keeps_types_and_values(table, built: Path, tables) -> None:
    types = {c.name: READ_AS[c.type] for c in table.specs if c.type != "BLOB"}
    back = pl.read_csv(built / f"tables/{table.name}.csv", schema=types)
    assert back.equals(published(tables, table.name).drop("geometry", strict=False))


@pytest.mark.parametrize("table", layer(Layer.PUBLISHED), ids=lambda table: table.name)
def test_parquet_holds_the_declared_columns_raw(table, built: Path, tables) -> None:
    assert pl.read_parquet(built / f"tables/{table.name}.parquet").equals(published(tables, table.name))


def test_every_parquet_file_names_its_release(
    built: Path, built_hostile: Path, release: Release, hostile: Release
) -> None:
    for folder, own in ((built, release), (built_hostile, hostile)):
        for path in sorted((folder / "tables").glob("*.parquet")):
            held = {name: text for name, text in pl.read_parquet_metadata(path).items() if name != "ARROW:schema"}
            assert held == facts(own), path.name


def test_a_region_file_holds_its_townships_by_month(built: Path, built_hostile: Path, tables, release: Release) -> None:
    whole = series(tables, release)
    for name, path in region_files(tables).items():
        back = pl.read_csv(built / path, infer_schema=False)
        own = whole.filter(pl.col("state_region") == name)
        assert back["adm3_pcode"].to_list() == own["adm3_pcode"].to_list()
        assert back["clashes_month_count"].cast(pl.Int64).equals(own["clashes_month_count"], null_equal=True)
        assert set(back["synthetic"]) == {"false"}
        assert set(pl.read_csv(built_hostile / path, infer_schema=False)["synthetic"]) == {"true"}


def test_each_row_of_an_internal_region_file_says_so(tables, release: Release, tmp_path: Path) -> None:
    write_regions(series(tables, release), tables, replace(release, internal=True), tmp_path)
    assert set(pl.read_csv(tmp_path / "regions/mon.csv")["notice"].str.head(8)) == {"INTERNAL"}


def test_formulas_get_an_apostrophe_and_numbers_none(tmp_path: Path) -> None:
    frame = pl.DataFrame({"text": ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝x", "fine", "a=b"], "number": [-1.5] * 9})
    starts = inert(frame)["text"].str.head(1).to_list()
    assert starts == ["'"] * 7 + ["f", "a"]
    write_csv(frame, tmp_path / "x.csv")
    rows = list(csv.reader((tmp_path / "x.csv").read_text().splitlines()[1:2]))
    assert rows == [["'=1+1", "-1.5"]]


def test_missing_is_an_empty_cell_and_zero_is_zero(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [None, 0], "flag": [None, False], "share": [None, 0.1]})
    write_csv(frame, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes() == b"n,flag,share\n,,\n0,false,0.1\n"


def test_no_hostile_text_starts_a_cell(built_hostile: Path) -> None:
    texts = {name for name, column in COLUMNS.items() if column.type == "VARCHAR"}
    for path in [*sorted((built_hostile / "tables").glob("*.csv")), built_hostile / "township_index_hxl.csv"]:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                bad = [
                    v
                    for k, v in row.items()
                    if k in texts | {"admin3_name"} and v.startswith(("=", "+", "-", "@", "\t"))
                ]
                assert not bad, path.name


def test_hxl_has_header_tags_and_330_rows(built: Path, tables, release: Release) -> None:
    with (built / "township_index_hxl.csv").open(encoding="utf-8", newline="") as file:
        header, tags, *rows = csv.reader(file)
    assert header == [name for name, _, _ in HXL_COLUMNS]
    assert all(tag.startswith("#") for tag in tags)
    assert len(tags) == len(header) == len(set(tags))
    assert len(rows) == 330
    assert rows[0][0] == "MMR"
    assert [row[5] for row in rows] == latest_townships(tables, release)["adm3_pcode"].to_list()


def test_a_missing_column_is_named(tables) -> None:
    broken = {**tables, "township_index": tables["township_index"].drop("security_class")}
    with pytest.raises(ValueError, match=r"'township_index' lacks 1 declared column\(s\): security_class"):
        published(broken, "township_index")


def test_a_missing_table_is_named(tables) -> None:
    with pytest.raises(ValueError, match="'deliveries' was not handed"):
        published({k: v for k, v in tables.items() if k != "deliveries"}, "deliveries")


def test_a_township_without_index_row_stays(tables, release: Release) -> None:
    short = tables["township_index"].filter(pl.col("adm3_pcode") != "MMR001001")
    rows = latest_townships({**tables, "township_index": short}, release)
    assert rows.height == 330
    assert rows.row(0, named=True)["security_class"] is None


def hxl_faults(path: Path) -> list[str]:
    """Errors of HXL's own default schema; a suggestion (an outlier) is none."""
    found: list[str] = []

    def heard(error: hxl.validation.HXLValidationException) -> None:
        if error.rule.severity == "error":
            found.append(f"{error.column and error.column.display_tag}: {error.value}")

    hxl.schema(None, heard).validate(hxl.data(str(path), hxl.InputOptions(allow_local=True)))
    return found


def test_hxl_is_valid_and_its_tags_are_read(built: Path, tmp_path: Path) -> None:
    path = built / "township_index_hxl.csv"
    data = hxl.data(str(path), hxl.InputOptions(allow_local=True))
    assert [column.display_tag for column in data.columns] == [tag for _, _, tag in HXL_COLUMNS]
    assert hxl_faults(path) == []
    spoilt = path.read_text(encoding="utf-8").replace("#meta+idps+basis", "#affected+idps+basis", 1)
    (tmp_path / "spoilt.csv").write_text(spoilt, encoding="utf-8")
    assert len(hxl_faults(tmp_path / "spoilt.csv")) > 100


def test_hxl_rows_name_their_release_and_that_they_are_invented(built_hostile: Path, invented: Release) -> None:
    with (built_hostile / "township_index_hxl.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[1:]
    assert {(row["release_id"], row["synthetic"]) for row in rows} == {(invented.release_id, "true")}
