"""`township-index set-aside`: what is shown, filtered and exported, also where nothing was published yet."""

import json
from dataclasses import asdict
from pathlib import Path

import polars as pl
import pytest

from pipeline import set_aside
from pipeline.declare.codes import REASON_REMEDY, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import empty
from pipeline.declare.settings import Home
from pipeline.storage.warehouse import Warehouse
from tests.unit.notifications.homes import delivery


def rows(*changes: dict[str, object]) -> pl.DataFrame:
    base = {"delivery_id": "d1", "file_name": "a.csv", "kind": "clashes", "row_number": 2, "reason": "no_place",
            "column_name": None, "found": None}  # fmt: skip
    return pl.DataFrame(
        [base | {"row_number": n} | c for n, c in enumerate(changes, 2)], schema=empty(set_aside.TABLE).schema
    )


def counted(*found: tuple[str, str, int]) -> pl.DataFrame:
    """Of (delivery, reason, rows): counts as `rows_of` gives them."""
    frame = pl.DataFrame(list(found), schema=empty(set_aside.COUNTED).schema, orient="row")
    return frame.with_columns((pl.col("delivery_id") + ".csv").alias("file_name"), pl.lit("clashes").alias("kind"))


def written(home: Home, frame: pl.DataFrame) -> None:
    warehouse = Warehouse(home.work_database)
    warehouse.prepare()
    warehouse.write(set_aside.TABLE, frame)


def test_counts_come_first_then_lines_with_remedy_and_delivery() -> None:
    shown = list(
        set_aside.lines(
            rows({}, {}, {"reason": "deleted", "column_name": "id", "found": "x\x1b[2J"}), counted(), limit=1
        )
    )
    assert shown == [
        "3 rows were set aside",
        "          2  no_place",
        "          1  deleted",
        f"no_place: 2 rows. {REASON_REMEDY[Reason.NO_PLACE]}",
        "  a.csv, line 2 (delivery d1): blank",
        "  … and 1 more (--limit)",
        f"deleted: 1 rows. {REASON_REMEDY[Reason.DELETED]}",
        "  a.csv, line 4 (delivery d1), id: x?[2J",
    ]
    assert list(set_aside.lines(rows(), counted(), limit=1)) == ["no row was set aside that fits"]


def test_counted_rows_are_named_by_delivery_and_count_in_the_sums() -> None:
    again = counted(("d1", "superseded", 1200), ("d2", "superseded", 30), ("d2", "deleted", 4))
    shown = list(set_aside.lines(rows({"reason": "superseded"}), again, limit=1))
    assert shown[:3] == ["1,235 rows were set aside", "      1,231  superseded", "          4  deleted"]
    assert [line for line in shown if "delivery d" in line] == [
        "  a.csv, line 2 (delivery d1): blank",
        "  d1.csv (delivery d1): 1,200 rows superseded, word for word in the deliveries before and after it",
        "  d2.csv (delivery d2): 30 rows superseded, word for word in the deliveries before and after it",
        "  d2.csv (delivery d2): 4 rows deleted, word for word in the deliveries before and after it",
    ]
    assert [line.split(": ")[0] for line in shown if "rows. " in line] == ["superseded", "deleted"]
    own = set_aside.chosen(again, set_aside.Wanted(delivery_id="d2", reason="deleted"))
    assert own["rows_count"].to_list() == [4]
    assert set_aside.chosen(again, set_aside.Wanted(file_name="d3.csv")).is_empty()


def test_counted_rows_of_a_home_get_the_name_of_their_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path)
    written(home, rows({"found": "x"}))
    again = counted(("d1", "superseded", 7)).drop("file_name", "kind")
    Warehouse(home.work_database).write(set_aside.COUNTED, again)
    folder = home.deliveries / "clashes"
    folder.mkdir(parents=True)
    (folder / "d1.json").write_text(json.dumps(asdict(delivery("d1", "acled", "2030-04-01T00:00:00+00:00"))))
    set_aside.show(home, set_aside.Wanted(kind="clashes"), "", 9)
    assert "  d1.csv (delivery d1): 7 rows superseded, word for word" in capsys.readouterr().out
    set_aside.show(home, set_aside.Wanted(), str(tmp_path / "out.csv"), 9)
    assert "  not in the file: d1.csv (delivery d1): 7 rows" in capsys.readouterr().out
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 2
    set_aside.show(home, set_aside.Wanted(), "-", 9)
    told = capsys.readouterr()
    assert "note: d1.csv (delivery d1): 7 rows superseded" in told.err
    assert "7 rows" not in told.out


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        ({}, {2, 3, 4}),
        ({"reason": "deleted"}, {3}),
        ({"kind": "control"}, {4}),
        ({"delivery_id": "d2"}, {4}),
        ({"file_name": "b.csv"}, {3}),
        ({"file_name": "b.csv", "kind": "control"}, set()),
    ],
)
def test_filters(wanted: dict[str, str], lines: set[int]) -> None:
    frame = rows({}, {"reason": "deleted", "file_name": "b.csv"}, {"kind": "control", "delivery_id": "d2"})
    assert set(set_aside.chosen(frame, set_aside.Wanted(**wanted))["row_number"]) == lines


@pytest.mark.parametrize(
    ("wanted", "words"), [({"reason": "rumour"}, "unknown_term"), ({"kind": "rumour"}, "services")]
)
def test_a_filter_that_cannot_fit_lists_those_that_can(tmp_path: Path, wanted: dict[str, str], words: str) -> None:
    with pytest.raises(UnusableInput, match=f"'rumour' is none of: .*{words}"):
        set_aside.show(Home(tmp_path), set_aside.Wanted(**wanted), "", 1)


def test_an_exported_cell_that_a_spreadsheet_would_run_is_inert(tmp_path: Path) -> None:
    home, cells = Home(tmp_path), ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]
    written(home, rows(*({"found": cell} for cell in cells), {"found": "harmless"}))
    set_aside.show(home, set_aside.Wanted(), str(tmp_path / "out.csv"), 0)
    read = pl.read_csv(tmp_path / "out.csv", infer_schema=False)
    assert read["found"].to_list() == [*("'" + cell for cell in cells), "harmless"]
    assert read["remedy"].to_list() == [REASON_REMEDY[Reason.NO_PLACE]] * 7
    assert read["row_number"].to_list() == [str(number) for number in range(2, 9)]


def test_after_a_first_run_that_was_blocked_the_working_database_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path)
    with pytest.raises(UnusableInput, match="run first"):
        set_aside.show(home, set_aside.Wanted(), "", 1)
    written(home, rows({"found": "first"}))
    set_aside.show(home, set_aside.Wanted(), "-", 1)
    told = capsys.readouterr()
    assert "nothing was published" in told.err
    assert told.out.splitlines()[1].startswith("d1,a.csv,clashes,2,no_place,,first,")
    # Once there is a release, its rows are shown.
    Warehouse(home.work_database).snapshot(home.analysts_database)
    written(home, rows({"found": "of a blocked run"}))
    set_aside.show(home, set_aside.Wanted(), "-", 1)
    told = capsys.readouterr()
    assert told.err == ""
    assert "blocked" not in told.out
