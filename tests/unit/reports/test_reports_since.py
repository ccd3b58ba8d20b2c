"""changes.csv: what differs between two releases, each kind of it, and nothing where nothing does."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from reports.files.dictionary import dictionary_rows
from reports.files.release_changes import CHANGE_COLUMNS, CHANGE_KEY, COMPARED, release_changes, write_changes

FIRST = (pl.col("adm3_pcode") == "MMR001001") & (pl.col("method") == "isp-2023") & (pl.col("month") == date(2021, 3, 1))


@pytest.fixture
def before(tables) -> dict[str, pl.DataFrame]:
    return {name: tables[name] for name in COMPARED}


def turned(tables, name: str, column: str, value: object) -> dict[str, pl.DataFrame]:
    changed = pl.when(FIRST).then(pl.lit(value)).otherwise(column).alias(column)
    return {**tables, name: tables[name].with_columns(changed)}


def test_the_same_release_changes_nothing(before, tables) -> None:
    found = release_changes(before, tables)
    assert found.is_empty()
    assert found.columns == [column.name for column in CHANGE_COLUMNS]


@pytest.mark.parametrize(
    ("column", "old", "new", "kind"),
    [
        ("clashes_count", 3, 5, "revised"),
        ("clashes_count", 0, 5, "revised"),
        ("clashes_count", None, 0, "added"),
        ("clashes_count", 0, None, "removed"),
        ("security_class", "high", "low", "reclassified"),
        ("in_conflict", True, False, "reclassified"),
        ("idps_persons", None, 40, "added"),
    ],
)
def test_one_value_is_one_row(tables, column: str, old: object, new: object, kind: str) -> None:
    shown = {**tables, "township_index": tables["township_index"].with_columns(idps_suppressed=pl.lit(False))}
    found = release_changes(turned(shown, "township_index", column, old), turned(shown, "township_index", column, new))
    said = [None if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in (old, new)]
    assert found.select("table", "method", "month", "adm3_pcode", "column", "before", "after", "kind").rows() == [
        ("township_index", "isp-2023", date(2021, 3, 1), "MMR001001", column, *said, kind)
    ]


def test_a_suppressed_figure_is_neither_shown_nor_missing(tables) -> None:
    plain = {**tables, "township_index": tables["township_index"].with_columns(idps_suppressed=pl.lit(False))}
    hidden = turned(turned(plain, "township_index", "idps_persons", 7), "township_index", "idps_suppressed", True)
    known = turned(plain, "township_index", "idps_persons", 40)
    assert release_changes(known, hidden).select("before", "after", "kind").rows() == [("40", "suppressed", "revised")]


def test_a_new_month_is_one_row_a_table_and_method(before, tables) -> None:
    last = tables["township_index"]["month"].max()
    short = {name: frame.filter(pl.col("month") < last) for name, frame in before.items()}
    found = release_changes(short, tables)
    assert found.height == 4 * 2 + 1, "towns are the same for each method"
    assert set(found["column"]) == {"rows"}
    assert set(found["kind"]) == {"added"}
    towns = found.filter(pl.col("table") == "township_index")
    assert set(towns.select("before", "after").rows()) == {("0", "330")}
    assert set(release_changes(tables, short)["kind"]) == {"removed"}


def test_a_month_that_ran_on_is_not_revised(before, tables) -> None:
    """The earlier release knew 26 days of the month, this one all of them."""
    march = pl.col("month") == date(2021, 3, 1)
    short = {
        name: frame.with_columns(period_end=pl.when(march).then(date(2021, 3, 26)).otherwise("period_end"))
        for name, frame in turned(before, "township_index", "clashes_count", 3).items()
    }
    now = turned(tables, "township_index", "clashes_count", 5)
    now = {**now, "township_index": now["township_index"].with_columns(
        clashes_month_count=pl.when((pl.col("month") == date(2021, 4, 1)) & (pl.col("adm3_pcode") == "MMR001001"))
        .then(77).otherwise("clashes_month_count"))}  # fmt: skip
    found = release_changes(short, now).drop_nulls("before").select("month", "kind").unique().sort("month").rows()
    assert found == [(date(2021, 3, 1), "other_days"), (date(2021, 4, 1), "revised")]


def test_a_table_without_methods_is_compared_once(tables) -> None:
    rows = {"controller": ["state", "resistance"], "towns_count": [2, 1]}
    towns = pl.DataFrame(rows).select(
        pl.all(), month=date(2021, 3, 1), scope=pl.lit("national"), period_end=date(2021, 3, 31),
        newest_event_date=date(2021, 3, 2),
    )  # fmt: skip
    later = towns.with_columns(towns_count=pl.Series([2, 3]))
    found = release_changes({"town_control": towns}, {**tables, "town_control": later})
    assert found.select("table", "method", "controller", "column", "before", "after", "kind").rows() == [
        ("town_control", None, "resistance", "towns_count", "1", "3", "revised")
    ]


def test_a_column_that_the_earlier_release_had_not_is_no_change(before, tables) -> None:
    older = {**before, "township_index": before["township_index"].drop("evidence_grade")}
    assert release_changes(older, tables).is_empty()


def test_rows_are_told_apart_whatever_changed(before, tables) -> None:
    moved = {name: frame.with_columns(pl.col(COMPARED[name][0]).shift(1)) for name, frame in before.items()}
    found = release_changes(moved, tables)
    assert found.height > 10
    assert not found.select(CHANGE_KEY).is_duplicated().any()
    assert found.equals(release_changes({name: frame.reverse() for name, frame in moved.items()}, tables))


def test_without_an_earlier_release_the_header_stands_alone(tmp_path: Path) -> None:
    write_changes(None, tmp_path / "changes.csv")
    assert (tmp_path / "changes.csv").read_text() == ",".join(c.name for c in CHANGE_COLUMNS) + "\n"


def test_the_dictionary_explains_every_column() -> None:
    words = {row[0]: row for row in dictionary_rows()}
    for column in CHANGE_COLUMNS:
        row = words.get(f"changes.{column.name}") or words[column.name]
        assert "changes.csv" in row[-1]
        assert len(row[3]) > 10
