"""Events are counted by the records' own kernel, every row once: in a cell or under a reason."""

import io
import sys
from datetime import date
from functools import cache

import polars as pl
import pytest
from event_rows import CANONICAL, squares

from pipeline.declare.choice import Choice
from pipeline.declare.errors import UnusableInput
from pipeline.ingest.sidecar import Sidecar
from pipeline.tally import buckets, counting, dataflow, event_files
from pipeline.tally.buckets import Buckets
from pipeline.tally.counting import Kernel, added, came, counted, set_aside, tally
from pipeline.tally.outcome import _said


@cache
def kernel() -> Kernel:
    return Kernel("canonical_clashes", _said("canonical_clashes", Sidecar()), squares)


def rows() -> pl.DataFrame:
    return pl.read_csv(io.StringIO(CANONICAL), infer_schema=False)


def test_each_row_is_in_a_cell_or_under_a_reason():
    counts = added([counted(rows(), kernel())])
    assert tally(counts).rows() == [
        (date(2022, 3, 4), "MMR001001", "clash", "exact", 1, None),
        (date(2022, 3, 4), "MMR001001", "clash", "township", 1, None),
        (date(2022, 3, 5), "MMR001002", "clash", "exact", 1, 3),
        (date(2022, 3, 9), "MMR001001", "clash", "exact", 1, 7),
        (date(2022, 4, 30), "MMR001002", "other", "exact", 1, 0),
    ]  # fmt: skip
    assert set_aside(counts) == {
        "unknown_term": 1, "unknown_name": 1, "superseded": 1, "precision_district": 1, "invalid_date": 1,
        "duplicate_row": 1,
    }  # fmt: skip
    assert came(counts) == 11 == tally(counts)["events_count"].sum() + sum(set_aside(counts).values())


def test_parts_add_up_where_all_versions_of_an_event_are_in_one():
    number = pl.col("event_id").str.strip_chars().str.slice(1).cast(pl.Int64)
    parts = [counted(rows().filter(number % 3 == part), kernel()) for part in range(3)]
    assert added(parts).equals(added([counted(rows(), kernel())]))
    nothing = counted(rows().clear(), kernel())
    assert (came(nothing), tally(nothing).height) == (0, 0)


def test_known_and_unknown_deaths_of_a_cell_add_up_to_what_is_known():
    two = rows().filter(pl.col("event_id").is_in(["e2", "e4"])).with_columns(event_date=pl.lit("2022-03-04"))
    (cell,) = tally(added([counted(two, kernel())])).to_dicts()
    assert (cell["events_count"], cell["fatalities"]) == (2, 7)


def test_without_the_extra_one_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "daft", None)
    with pytest.raises(UnusableInput, match=r"extra `scale` is not installed here: run `make scale`"):
        dataflow.engine("native", "")


@pytest.mark.parametrize(
    ("engine", "address", "told"), [("spark", "", "--engine spark: use one of"), ("native", "x", "--address is")]
)
def test_an_engine_that_is_none_is_refused(engine, address, told):
    with pytest.raises(UnusableInput, match=told):
        dataflow.engine(engine, address)


def test_what_is_stated_of_the_files_is_a_sidecar_by_itself(tmp_path):
    path = tmp_path / "said.toml"
    path.write_text('source = "A team"\n[columns]\nevent_id = "no"\n', encoding="utf-8")
    assert event_files.stated(path).columns == {"event_id": "no"}
    assert event_files.stated(None) == Sidecar()
    path.write_text('id_scope = "file"\n', encoding="utf-8")
    with pytest.raises(UnusableInput, match=r"said.toml: id_scope"):
        event_files.stated(path)
    with pytest.raises(UnusableInput, match=r"--columns .*none.toml: no such file"):
        event_files.stated(tmp_path / "none.toml")


def test_parts_follow_the_bytes_of_the_files():
    def parts(size: int, is_text: bool) -> int:
        return dataflow._parts(event_files.EventFiles(None, "canonical_clashes", (), (), size, is_text))

    size = int(dataflow.PART_BYTES.value)
    assert (parts(10, True), parts(5 * size, True), parts(5 * size, False)) == (1, 5, 5 * dataflow.PARQUET_RATIO.value)


def test_sums_are_those_of_all_parts_whenever_they_are_added(monkeypatch):
    number = pl.col("event_id").str.strip_chars().str.slice(1).cast(pl.Int64)
    parts = [counted(rows().filter(number == event), kernel()) for event in (1, 2, 5)]
    late = added(parts)
    monkeypatch.setattr(counting, "SUMMED_ROWS", Choice(1, "for this test"))
    assert added(parts).equals(late)
    assert added([]).is_empty()


def test_rows_come_back_from_the_disk_bucket_by_bucket(tmp_path, monkeypatch):
    monkeypatch.setattr(buckets, "HELD_BYTES", Choice(60, "for this test: every second frame is written"))
    laid = pl.DataFrame({"text": [None, *map(str, range(19))], "_bucket": [number % 4 for number in range(20)]})
    with Buckets(tmp_path) as held:
        for part in laid.iter_slices(3):
            held.add(part)
        held.write()
        assert not list(tmp_path.iterdir()), "the file has no name, so that nothing of it can be left"
        single = list(held.parts(1))
        assert [part["text"].to_list() for part in single] == [
            laid.filter(_bucket=bucket)["text"].to_list() for bucket in range(4)
        ]
        together = list(held.parts(sum(held.bytes_count.values())))
        assert [part.height for part in together] == [20]
        assert [part.height for part in held.parts(2 * max(held.bytes_count.values()))] == [10, 10]
