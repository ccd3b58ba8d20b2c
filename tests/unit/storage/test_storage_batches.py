"""Sorted rows in batches: all of them, in their order, those of one key in one batch."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declare.frames import empty
from pipeline.storage import batches
from pipeline.storage.warehouse import Warehouse

KEY = ("source_key", "event_id")


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 5)), max_size=30), st.integers(1, 7))
def test_no_key_is_divided_and_no_row_lost(rows, size):
    whole = pl.DataFrame(sorted(rows, key=str), schema={"source_key": pl.String, "event_id": pl.Int64}, orient="row")
    found = list(batches.together(whole.iter_slices(size), KEY))
    assert pl.concat([whole.head(0), *found]).equals(whole)
    seen: set[object] = set()
    for frame in found:
        keys = set(frame.rows())
        assert frame.height and not keys & seen
        seen |= keys


def test_a_table_comes_back_in_batches_as_it_was_appended(tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "BATCH_ROWS", 2048)
    table, rows = "records.set_aside", 5000
    warehouse = Warehouse(tmp_path / "work.duckdb")
    warehouse.open()
    frame = empty(table).clear(rows).with_columns(
        delivery_id=pl.int_range(rows).mod(3).cast(pl.String),
        row_number=pl.int_range(rows, 0, -1),
        kind=pl.lit("clashes"),
    )  # fmt: skip
    warehouse.write(table, empty(table))
    assert warehouse.append(table, frame.iter_slices(1000)) == rows
    order = ("delivery_id", "row_number")
    found = list(warehouse.batches(table, order))
    assert max(part.height for part in found) < rows
    assert pl.concat(found).equals(frame.sort(order))
    assert pl.concat(warehouse.batches(table, order, order)).columns == list(order)
    path = tmp_path / "export.parquet"
    warehouse.export(table, path, order)
    assert pl.concat(batches.of_file(path, order)).equals(frame.sort(order))
    assert warehouse.rows_between(table, "1", range(10, 20))["row_number"].sort().to_list() == [10, 13, 16, 19]
    warehouse.close()


def test_keys_that_stand_in_several_rows_are_named_once(tmp_path):
    warehouse = Warehouse(tmp_path / "work.duckdb")
    rows = [("d", "1"), ("d", "1"), ("d", "2"), ("e", "1"), ("e", " "), ("e", " ")]
    frame = empty("raw.canonical_clashes").clear(len(rows)).with_columns(
        pl.Series("delivery_id", [d for d, _ in rows]), pl.Series("event_id", [e for _, e in rows])
    )  # fmt: skip
    warehouse.write("raw.canonical_clashes", frame)
    assert warehouse.repeated_keys("raw.canonical_clashes", ("delivery_id", "event_id")).rows() == [("d", "1")]
