"""Tables are read in blocks of columns: the same rows and the same identity whatever the size of a block."""

import hashlib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.codes import Kind, Reason
from pipeline.ingest import cells, table
from pipeline.ingest import delimited as text_reader
from pipeline.ingest.sidecar import Sidecar
from pipeline.ingest.table import read_table
from pipeline.storage.content_hash import content_hash

HEADER = "event_id,event_date,event_type,adm3_pcode,remark"


def content(count: int) -> str:
    rows = [f'e{n},2022-03-04,clash,MMR001001,"seen, {n % 3}"' for n in range(count)]
    rows[11], rows[33] = "short", 'e33,2022-03-04,clash,MMR001001,"a\x00b\n\nc"'
    return "\n".join([HEADER, *rows, '"last\n",2022-03-04,clash,MMR001001,'])


@pytest.mark.parametrize("block", [1, 7, 40, 100_000])
def test_the_size_of_a_block_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    path = tmp_path / "e.csv"
    path.write_text(content(100))
    whole = read_table(path, Kind.CLASHES, Sidecar())
    monkeypatch.setattr(cells, "BLOCK_ROWS", block)
    monkeypatch.setattr(table, "BLOCK_ROWS", block)
    monkeypatch.setattr(text_reader, "CHUNK_BYTES", max(block, 16))
    again = read_table(path, Kind.CLASHES, Sidecar())
    assert again.frame.equals(whole.frame)
    assert again.notes == whole.notes
    broken = whole.frame.filter(pl.col("problem").is_not_null()).select("row_number", "problem")
    assert broken.rows() == [(13, Reason.RAGGED_ROW), (35, Reason.NUL_BYTES)]
    assert whole.frame["row_number"].tail(2).to_list() == [103, 104]
    assert whole.frame.item(-1, "event_id") == "last\n"


def test_characters_cut_by_a_chunk_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_reader, "CHUNK_BYTES", 5)
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / "e.csv").write_bytes(f"{HEADER}\ne1,2022-03-04,clash,MMR001001,မြစ်ကြီးနား\n".encode(encoding))
        assert "မြစ်ကြီးနား" in read_table(tmp_path / "e.csv", Kind.CLASHES, Sidecar()).frame.item(0, "extra")


def by_definition(frame: pl.DataFrame, context: str) -> str:
    """The delivery id as it is defined, in plain Python: ids of old landings must never change."""
    columns = sorted(set(frame.columns) - {"row_number"})
    lines = sorted("\x1f".join("\x00" if v is None else v for v in row) for row in frame.select(columns).rows())
    digest = hashlib.sha256(f"{context}|{columns}".encode())
    for start in range(0, len(lines), 50_000):
        digest.update("\x1e".join(lines[start : start + 50_000]).encode())
    return digest.hexdigest()[:16]


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*[st.none() | st.text(alphabet="aé\x00\x1e က", max_size=3)] * 2), max_size=6))
def test_the_identity_of_rows_is_as_defined(rows: list[tuple[str | None, str | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"b": pl.String, "a": pl.String}, orient="row")
    assert content_hash(frame, "c") == by_definition(frame, "c")


def test_the_identity_of_many_rows_is_as_defined() -> None:
    frame = pl.DataFrame({"a": [f"{n * 7919 % 120_001}" for n in range(120_001)]})
    assert content_hash(frame, "c") == by_definition(frame, "c")
    assert content_hash(frame, "c") == content_hash(frame.reverse(), "c")


def test_an_identity_given_before_holds(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("event_id,event_date,event_type,adm3_pcode\ne1,2022-03-04,clash,MMR001001\n")
    frame = read_table(tmp_path / "e.csv", Kind.CLASHES, Sidecar()).frame
    assert content_hash(frame, "clashes") == "a70128bafb53f686"
