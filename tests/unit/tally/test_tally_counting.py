"""Events are counted by the records' own kernel, every row once: in a cell or under a reason."""

import io
import sys
from datetime import date

import polars as pl
import pytest
from event_rows import CANONICAL, squares

from pipeline.declare.errors import UnusableInput
from pipeline.ingest.sidecar import Sidecar
from pipeline.tally import dataflow, event_files
from pipeline.tally.counting import Kernel, added, came, counted, set_aside, tally
from pipeline.tally.outcome import _said

KERNEL = Kernel("canonical_clashes", _said("canonical_clashes", Sidecar()), squares)


def rows() -> pl.DataFrame:
    return pl.read_csv(io.StringIO(CANONICAL), infer_schema=False)


def test_each_row_is_in_a_cell_or_under_a_reason():
    counts = added(counted(rows(), KERNEL))
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
    parts = [counted(rows().filter(number % 3 == part), KERNEL) for part in range(3)]
    assert added(pl.concat(parts)).equals(added(counted(rows(), KERNEL)))
    nothing = counted(rows().clear(), KERNEL)
    assert (came(nothing), tally(nothing).height) == (0, 0)


def test_known_and_unknown_deaths_of_a_cell_add_up_to_what_is_known():
    two = rows().filter(pl.col("event_id").is_in(["e2", "e4"])).with_columns(event_date=pl.lit("2022-03-04"))
    (cell,) = tally(added(counted(two, KERNEL))).to_dicts()
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


def test_large_files_are_read_several_times_on_one_machine_and_once_on_a_cluster():
    files = event_files.EventFiles(None, "canonical_clashes", (), (), 5 * dataflow.PASS_BYTES.value, True)
    passes, parts = dataflow._extent(files, "native")
    assert passes == 5
    assert dataflow._extent(files, "ray") == (1, pytest.approx(5 * parts, abs=5))
    small = event_files.EventFiles(None, "canonical_clashes", (), (), 10, False)
    assert dataflow._extent(small, "native") == (1, 1)
