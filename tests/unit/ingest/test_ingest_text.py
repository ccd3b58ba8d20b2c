"""Delimited text: what is refused whole, what is set aside by line, and that no line vanishes."""

import io
import pickle
import zipfile
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.codes import Kind, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.ingest import delimited as text_reader
from pipeline.ingest.sidecar import Sidecar
from pipeline.ingest.table import Mirror, read_table

HEADER = "event_id,event_date,event_type,adm3_pcode"
ROW = "e1,2022-03-04,clash,MMR001001"
SOUND = f"{HEADER}\n{ROW}\n"


def read(folder: Path, content: str | bytes, name: str = "events.csv", **sidecar: object) -> Mirror:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, Kind.CLASHES, Sidecar(**sidecar))  # type: ignore[arg-type]


def refused(folder: Path, content: str | bytes, *words: str, name: str = "events.csv", **sidecar: object) -> str:
    """The message of a refusal: it names the file and every word."""
    with pytest.raises(UnusableInput) as caught:
        read(folder, content, name, **sidecar)
    message = str(caught.value)
    for word in (name, *words):
        assert word in message
    assert len(message) < 1500
    return message


def many(count: int, *broken: str) -> str:
    """`count` sound rows below the header, then broken ones."""
    return "\n".join([HEADER, *(f"e{i},2022-03-04,clash,MMR001001" for i in range(count)), *broken]) + "\n"


def test_a_sound_file_is_mirrored_as_text(tmp_path: Path) -> None:
    mirror = read(tmp_path, SOUND)
    assert mirror.format == "canonical_clashes"
    assert mirror.frame.select("row_number", "event_id", "event_date", "problem").rows() == [
        (2, "e1", "2022-03-04", None)
    ]
    assert set(mirror.frame.schema.values()) == {pl.Int64, pl.String}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<!DOCTYPE html><html><body>403</body></html>", ("HTML", "line 1", "download")),
        ("\n  <HTML>\n<p>error</p>", ("HTML",)),
        ("<?xml version='1.0'?><Error/>", ("XML",)),
        ('{"error": "forbidden"}', ("JSON", "line 1")),
        ('[{"event_id": 1}]', ("JSON",)),
        ("", ("empty",)),
        (" \n\n", ("blanks",)),
        (HEADER, ("a header and no rows",)),
        (HEADER + "\n\n\n", ("a header and no rows",)),
    ],
)
def test_pages_and_empty_files_are_refused(tmp_path: Path, content: str, words: tuple[str, ...]) -> None:
    refused(tmp_path, content, *words)


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("events.csv", SOUND)
    return buffer.getvalue()


def _parquet() -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame({"event_id": ["e1"]}).write_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (_archive, "a zip archive"),
        (_parquet, "a Parquet file"),
        (lambda: pickle.dumps(["x"], protocol=5), "a Python pickle"),
        (lambda: pickle.dumps(["x"], protocol=4), "a Python pickle"),
        (lambda: b"SQLite format 3\x00" + b"\x00" * 90, "an SQLite database"),
        (lambda: b"\x1f\x8b\x08" + b"\x00" * 20, "a gzip archive"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
        (lambda: pickle.dumps(["x"], protocol=2), "0x80 at offset 0"),
        (lambda: pickle.dumps(["x"], protocol=0), "fits no clashes format"),
    ],
)
def test_other_file_types_under_a_csv_name_are_refused(tmp_path: Path, make, what: str) -> None:  # type: ignore[no-untyped-def]
    refused(tmp_path, make(), what)


def test_a_duckdb_file_is_refused(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "x.duckdb")).close()
    refused(tmp_path, (tmp_path / "x.duckdb").read_bytes(), "DuckDB")
    refused(tmp_path, (tmp_path / "x.duckdb").read_bytes(), "ending", name="x.db")


@pytest.mark.parametrize("name", ["events.geojson", "events.zip", "events.xls", "events", "events.pkl"])
def test_an_ending_that_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    refused(tmp_path, SOUND, "ending", ".csv", name=name)


def test_a_header_named_twice_is_refused(tmp_path: Path) -> None:
    twice = SOUND.replace(HEADER, "event_id,event_date,Event_ID ,adm3_pcode")
    refused(tmp_path, twice, "line 1", "'event_id'", "columns 1, 3", "keep one")


def test_a_renamed_required_column_is_refused_and_the_nearest_is_named(tmp_path: Path) -> None:
    message = refused(tmp_path, SOUND.replace("event_date", "event_dte"), "line 1", "canonical_clashes")
    assert "'event_date' (found 'event_dte': rename it)" in message
    refused(tmp_path, "a,b,c\n1,2,3\n", "the nearest format is")
    refused(tmp_path, SOUND.replace("adm3_pcode", "place"), "a place")


def test_known_columns_work_in_any_order_and_extra_ones_are_kept_and_told(tmp_path: Path) -> None:
    cells = 'MMR001001,"a ""note"", so",clash,,2022-03-04,e1'
    mirror = read(
        tmp_path, f"adm3_pcode,Note,Event Type,x,event_date,event_id\n{cells}\n".replace("Event Type", "EVENT_TYPE")
    )
    assert mirror.frame.select("event_id", "event_date", "event_type", "adm3_pcode").rows() == [
        ("e1", "2022-03-04", "clash", "MMR001001")
    ]
    assert mirror.frame.item(0, "extra") == '{"Note": "a \\"note\\", so"}'
    assert "Note, x" in mirror.notes[0]


def test_cells_under_a_nameless_column_are_kept_and_trailing_separators_are_no_column(tmp_path: Path) -> None:
    assert read(tmp_path, f"{HEADER},\n{ROW},\n").notes == ()
    mirror = read(tmp_path, f"{HEADER},\n{ROW},seen\n")
    assert mirror.frame.item(0, "extra") == '{"column 5": "seen"}'
    assert "column 5" in mirror.notes[0]


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_separators(tmp_path: Path, separator: str) -> None:
    assert read(tmp_path, SOUND.replace(",", separator)).frame.item(0, "adm3_pcode") == "MMR001001"


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, ends: str) -> None:
    assert read(tmp_path, many(3).replace("\n", ends)).frame["row_number"].to_list() == [2, 3, 4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_say_what_they_are(tmp_path: Path, encoding: str) -> None:
    mirror = read(tmp_path, (f"{HEADER},adm3_name\n{ROW},မြစ်ကြီးနား\n").encode(encoding))
    assert mirror.frame.select("event_id", "adm3_name").rows() == [("e1", "မြစ်ကြီးနား")]


def test_utf_16_without_its_mark_is_refused_by_name(tmp_path: Path) -> None:
    refused(tmp_path, SOUND.encode("utf-16-le"), "UTF-16", "save it as UTF-8")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_undecodable_bytes_are_refused_with_line_and_offset(tmp_path: Path, mark: bytes) -> None:
    content = mark + f"{HEADER},source\n{ROW},café\n".encode("latin-1")
    refused(tmp_path, content, "line 2", "0xe9", f"offset {content.index(0xE9)}", "UTF-8")


def test_ragged_rows_are_set_aside_with_their_line(tmp_path: Path) -> None:
    mirror = read(tmp_path, many(60, "short,2022-03-04", "long,2022-03-04,clash,MMR001001,x"))
    broken = mirror.frame.filter(pl.col("problem").is_not_null())
    assert broken.select("row_number", "problem", "problem_found").rows() == [
        (62, Reason.RAGGED_ROW, "2 cells, header has 4"),
        (63, Reason.RAGGED_ROW, "5 cells, header has 4"),
    ]
    assert mirror.frame.height == 62


def test_nul_bytes_are_set_aside_with_their_line(tmp_path: Path) -> None:
    mirror = read(tmp_path, many(30, "e\x00x,2022-03-04,clash,MMR001001"))
    assert mirror.frame.filter(pl.col("problem") == Reason.NUL_BYTES)["row_number"].to_list() == [32]


def test_a_cell_over_one_megabyte_is_set_aside_and_one_below_is_not(tmp_path: Path) -> None:
    mirror = read(tmp_path, many(30, f"{'x' * 999_000},2022-03-04,clash,M", f"{'y' * 1_000_001},2022-03-04,clash,M"))
    assert mirror.frame.filter(pl.col("problem") == Reason.OVERSIZED_CELL)["row_number"].to_list() == [33]


def test_more_than_five_per_cent_unreadable_is_refused(tmp_path: Path) -> None:
    assert read(tmp_path, many(19, "x")).frame.height == 20
    refused(tmp_path, many(18, "x,y"), "1 of 19", "5%", "first: line 20", "mend")
    refused(tmp_path, many(0, "x,y", "z,\x00"), "2 of 2", "line 2")


def test_an_unclosed_quote_is_refused_with_the_line_where_it_opens(tmp_path: Path) -> None:
    refused(tmp_path, many(3, '"open,2022-03-04,clash,MMR001001', ROW), "line 5", "never closed")
    refused(tmp_path, many(3, 'a"b",2022-03-04,clash,"x"y'), "line 5", "quote")


def test_cells_of_several_lines_and_blank_lines_keep_the_numbering(tmp_path: Path) -> None:
    content = f'{HEADER},source\n{ROW},"two\nlines\n\nand more"\n\n   \n{ROW},x\n{ROW},"a\r\nb"\n{ROW},y'
    mirror = read(tmp_path, content)
    assert mirror.frame["row_number"].to_list() == [2, 8, 9, 11]
    assert mirror.frame["source"].to_list() == ["two\nlines\n\nand more", "x", "a\r\nb", "y"]


def test_a_row_of_blank_cells_is_a_row(tmp_path: Path) -> None:
    assert read(tmp_path, f"{SOUND},,,\n").frame.height == 2


def test_a_file_over_the_size_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_reader, "SIZE_LIMIT_BYTES", 10)
    refused(tmp_path, SOUND, "over the limit of 10", "split")


def test_a_mapping_of_the_sidecar_is_applied_however_the_header_is_spelled(tmp_path: Path) -> None:
    content = SOUND.replace("event_id", "No. ").replace("event_date", "Day")
    mirror = read(tmp_path, content, columns={"event_id": "no.", "event_date": "Day"})
    assert mirror.frame.select("event_id", "event_date").rows() == [("e1", "2022-03-04")]
    refused(tmp_path, content, "'Date'", "events.csv.toml", columns={"event_date": "Date", "event_id": "No."})
    refused(tmp_path, SOUND.replace("adm3_pcode", "adm3_pcode,n"), "'number'", "event_id",
            columns={"number": "n"})  # fmt: skip
    refused(tmp_path, SOUND.replace("clash,", "clash,x,").replace("event_type", "event_type,n"), "event_date",
            columns={"event_date": "n"})  # fmt: skip


def test_a_mapping_is_refused_even_where_the_file_has_our_own_name(tmp_path: Path) -> None:
    """The sender means another column than the one that happens to bear our name."""
    message = refused(tmp_path, SOUND, "events.csv.toml", "'Day'", columns={"event_date": "Day"})
    assert "it holds 'event_id', 'event_date'" in message
    two = {"event_date": "Day", "updated_at": "day"}
    refused(tmp_path, SOUND.replace("event_date", "Day"), "to two columns", columns=two)


def test_an_unknown_header_is_shown_with_the_way_to_map_it(tmp_path: Path) -> None:
    cells = [f"Column {n}" for n in range(30)]
    message = refused(tmp_path, ",".join(cells) + "\n" + ",".join("x" * 30) + "\n", "[columns]", "and 18 more")
    assert "'column 11'" in message
    assert "'column 12'" not in message


def test_blank_lines_above_the_header_are_passed_over(tmp_path: Path) -> None:
    mirror = read(tmp_path, "\n \n" + SOUND)
    assert mirror.frame.select("row_number", "event_id").rows() == [(4, "e1")]
    refused(tmp_path, "\n\n" + SOUND.replace("event_date", "x"), "line 3")


def test_two_spellings_of_one_column_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "hpc.csv"
    header = "Township Pcode,Township,IDPs,IDP Returnees/ Resettled/ Locally Integrated,Population"
    path.write_text(f"{header}\nMMR001001,Myitkyina,5,,7\n")
    assert read_table(path, Kind.DISPLACEMENT, Sidecar()).format == "hpc_baseline"
    path.write_text(f"{header},Population (2022 proj)\nMMR001001,Myitkyina,5,,7,8\n")
    with pytest.raises(UnusableInput, match="both mean population_persons; keep one"):
        read_table(path, Kind.DISPLACEMENT, Sidecar())


@examples(80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='a1,;\t"\n\r\x00\ufeffက <{', max_size=60))
def test_every_line_below_the_header_is_read_or_refused(tmp_path: Path, tail: str) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes((many(40) + tail).encode())
    try:
        mirror = read_table(path, Kind.CLASHES, Sidecar())
    except UnusableInput as error:
        assert "any.csv" in str(error)
        return
    import csv

    with path.open(encoding="utf-8", newline="") as handle:
        lines = [row for row in csv.reader(handle) if row and not (len(row) == 1 and not row[0].strip())]
    assert mirror.frame.height == len(lines) - 1
    assert mirror.frame["row_number"].is_unique().all()
