"""Shapes in which spreadsheets leave text files: what stands above a header, between cells, or twice."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.ingest.sidecar import Sidecar
from pipeline.ingest.table import Mirror, read_table
from pipeline.sources import BY_NAME

HEADER = "event_id,event_date,event_type,adm3_pcode"
ROW = "e1,2022-03-04,clash,MMR001001"


def read(folder: Path, content: str, name: str = "events.csv", kind: Kind = Kind.CLASHES, **sidecar: object) -> Mirror:
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return read_table(path, kind, Sidecar(**sidecar))  # type: ignore[arg-type]


def refused(folder: Path, content: str, *words: str, **more: object) -> str:
    with pytest.raises(UnusableInput) as caught:
        read(folder, content, **more)  # type: ignore[arg-type]
    for word in words:
        assert word in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ",", "^"])
@pytest.mark.parametrize("line", ["sep={}", '"sep={}"', "SEP={}"])
def test_the_line_in_which_a_spreadsheet_states_its_delimiter_is_no_header(
    tmp_path: Path, delimiter: str, line: str
) -> None:
    content = f"\ufeff{line.format(delimiter)}\r\n{HEADER}\r\n{ROW}\r\n".replace(",", delimiter)
    mirror = read(tmp_path, content)
    assert mirror.frame.select("row_number", "event_id", "adm3_pcode").rows() == [(3, "e1", "MMR001001")]
    assert mirror.notes == ()


def test_titles_above_a_header_are_passed_over_with_a_note(tmp_path: Path) -> None:
    titles = 'Incidents, March;;;\nPrepared by "us";;;\n"two\nlines";;;\n\n'
    mirror = read(tmp_path, titles + f"{HEADER}\n{ROW}\n".replace(",", ";"))
    assert mirror.frame.select("row_number", "event_id").rows() == [(7, "e1")]
    assert "above the header in line 6" in mirror.notes[0]


def test_a_header_below_the_first_rows_is_not_looked_for(tmp_path: Path) -> None:
    titles = "".join(f"note {n}\n" for n in range(15))
    refused(tmp_path, f"{titles}{HEADER}\n{ROW}\n", "fits no clashes format")


def test_commas_in_quoted_names_do_not_decide_between_semicolons(tmp_path: Path) -> None:
    header = '"event_id";"event_date";"What? (a, b, c, d, e)";"adm3_pcode";"by whom (f, g, h)"'
    mirror = read(
        tmp_path,
        f'{header}\n"e1";"2022-03-04";"clash";"MMR001001";"x, y"\n',
        columns={"event_type": "What? (a, b, c, d, e)"},
    )
    assert mirror.frame.select("event_type", "extra").rows() == [("clash", '{"by whom (f, g, h)": "x, y"}')]


def test_a_header_that_no_format_knows_is_still_named_where_it_stands(tmp_path: Path) -> None:
    message = refused(tmp_path, "A title\nday;kind;township\n1;2;3\n", "line 2", "'day', 'kind', 'township'")
    assert "[columns] can map" in message


def _ged(**cells: str) -> str:
    row = dict.fromkeys(BY_NAME["ucdp_ged"].columns, "")
    row |= {
        "id": "7", "year": "2023", "type_of_violence": "1", "where_prec": "1", "latitude": "22.5", "longitude": "96.5",
        "country_id": "775", "date_prec": "1", "date_start": "2023-01-05 00:00:00.000", "best": "2",
        "date_end": "2023-01-05 00:00:00.000", "where_coordinates": "Mogoke town", **cells,
    }  # fmt: skip
    return ",".join(row.values())


def test_a_file_without_a_header_is_read_where_its_format_has_one_order(tmp_path: Path) -> None:
    mirror = read(tmp_path, "\n".join([_ged(id=str(n)) for n in range(30)]) + "\n")
    assert (mirror.format, mirror.frame.height) == ("ucdp_ged", 30)
    assert mirror.frame.select("row_number", "id", "date_start").row(0) == (1, "0", "2023-01-05 00:00:00.000")
    assert "no header" in mirror.notes[0]


@pytest.mark.parametrize("cells", [{"latitude": "Mogoke"}, {"type_of_violence": "4"}, {"gwnob": "1,2"}])
def test_a_file_without_a_header_that_may_be_in_another_order_is_refused_with_the_cure(
    tmp_path: Path, cells: dict[str, str]
) -> None:
    refused(
        tmp_path, f"{_ged()}\n{_ged(**cells)}\n", "put a line with the names of the columns", "above the first record"
    )


def test_records_without_a_header_are_not_told_to_map_columns(tmp_path: Path) -> None:
    message = refused(tmp_path, f"{ROW}\n{ROW}\n", "it holds values", "put a line with the names")
    assert "[columns]" not in message


def test_columns_that_are_not_used_may_stand_twice_and_are_named(tmp_path: Path) -> None:
    mirror = read(tmp_path, f"{HEADER},Male,male ,Note\n{ROW},1,2,x\n")
    assert mirror.frame.item(0, "extra") == '{"Male (column 5)": "1", "male (column 6)": "2", "Note": "x"}'
    assert "'Male' stands 2 times (columns 5, 6) and is not used" in mirror.notes[1]


def test_a_used_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, f"{HEADER},Event_Date\n{ROW},2022-03-05\n", "'event_date' stands 2 times (columns 2, 5)")
    refused(tmp_path, f"{HEADER},fatalities,Fatalities\n{ROW},1,2\n", "'fatalities' stands 2 times", "keep one")
    twice = f"{HEADER},dead,Dead\n{ROW},1,2\n"
    refused(tmp_path, twice, "[columns] maps fatalities to 'dead'", "columns 5, 6", columns={"fatalities": "dead"})


def test_names_given_twice_in_json_matter_where_they_are_used(tmp_path: Path) -> None:
    record = '"event_id": "e1", "event_date": "2022-03-04", "event_type": "clash", "adm3_pcode": "MMR001001"'
    mirror = read(tmp_path, f'[{{{record}, "note": "a", "note": "b"}}]', name="e.json")
    assert mirror.frame.item(0, "extra") == '{"note": "b"}'
    assert "record 1: the name 'note' stands twice" in " ".join(mirror.notes)
    refused(tmp_path, f'[{{{record}, "event_id": "e2"}}]', "record 1", "'event_id' stands twice", name="e.json")


def test_names_given_twice_in_parquet_matter_where_they_are_used(tmp_path: Path) -> None:
    names = [*HEADER.split(","), "note", "note"]
    cells = [*ROW.split(","), "a", "b"]
    parquet.write_table(pa.table([pa.array([cell]) for cell in cells], names=names), tmp_path / "e.parquet")
    mirror = read_table(tmp_path / "e.parquet", Kind.CLASHES, Sidecar())
    assert mirror.frame.item(0, "extra") == '{"note (column 5)": "a", "note (column 6)": "b"}'
    names[4:] = ["fatalities", "fatalities"]
    parquet.write_table(pa.table([pa.array([cell]) for cell in cells], names=names), tmp_path / "e.parquet")
    with pytest.raises(UnusableInput, match="'fatalities' stands 2 times"):
        read_table(tmp_path / "e.parquet", Kind.CLASHES, Sidecar())


WEEKLY = "WEEK,COUNTRY,ADMIN1,EVENT_TYPE,EVENTS,FATALITIES,ID,CENTROID_LATITUDE,CENTROID_LONGITUDE"
COUNTED = "2023-09-02,Myanmar,Kachin,Battles,{},2,7,25.8,97.4"
MAPPED = {"event_id": "ID", "event_date": "WEEK", "event_type": "EVENT_TYPE", "latitude": "CENTROID_LATITUDE",
          "longitude": "CENTROID_LONGITUDE"}  # fmt: skip


@pytest.mark.parametrize(
    "header",
    [
        WEEKLY,
        "Country,Admin1,Admin2,Month,Year,Events,Fatalities",
        "location_code,admin1_name,event_type,number of events,reference_period_start",
        "state,month,Battles,Protests,Riots",
    ],
)
def test_counts_of_events_are_refused_as_what_they_are(tmp_path: Path, header: str) -> None:
    row = ",".join("3" for _ in header.split(","))
    message = refused(tmp_path, f"{header}\n{row}\n", "a table of counts of events", "cannot be placed in townships")
    assert "[columns]" not in message


@pytest.mark.parametrize("count", ["1", "31"])
def test_a_mapping_does_not_turn_counts_into_events(tmp_path: Path, count: str) -> None:
    message = refused(
        tmp_path, f"{WEEKLY}\n{COUNTED.format(count)}\n", "'events' holds counts of events", columns=MAPPED
    )
    assert "no mapping changes that" in message
    own = f"{HEADER},No. of incidents\n{ROW},{count}\n"
    if count == "31":
        refused(tmp_path, own, "'no. of incidents' holds counts of events, such as 31 in one row")
    else:
        assert read(tmp_path, own).frame.height == 1


@pytest.mark.parametrize("column", ["incidents", "Event number", "event", "Battles"])
def test_a_column_of_text_or_numbers_of_events_is_no_count(tmp_path: Path, column: str) -> None:
    cell = "12" if column == "Event number" else "shots were heard"
    assert read(tmp_path, f"{HEADER},{column}\n{ROW},{cell}\n").frame.height == 1


def test_a_sheet_stated_for_a_file_without_sheets_is_told(tmp_path: Path) -> None:
    for key, value in (("sheet", "x"), ("sheets", "all")):
        notes = read(tmp_path, f"{HEADER}\n{ROW}\n", **{key: value}).notes
        assert f"{key} in the sidecar names sheets of a workbook" in notes[0]


@pytest.mark.parametrize("name", ["a[1]?*", "#1 50%", "မြစ်ကြီးနား ၂၀၂၃", "a  b", "x{y}!"])
def test_any_character_of_a_file_name_is_only_a_character(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    assert read(folder, f"{HEADER}\n{ROW}\n", name=f"{name}.csv").frame.height == 1
    frame = pl.DataFrame([ROW.split(",")], schema=HEADER.split(","), orient="row")
    frame.write_parquet(str(folder / "plain"))
    (folder / "plain").rename(folder / f"{name}.parquet")
    assert read_table(folder / f"{name}.parquet", Kind.CLASHES, Sidecar()).frame.height == 1
    import xlsxwriter

    with xlsxwriter.Workbook(str(folder / f"{name}.xlsx")) as book:
        sheet = book.add_worksheet("x")
        for n, row in enumerate((HEADER, ROW)):
            sheet.write_row(n, 0, row.split(","))
    assert read_table(folder / f"{name}.xlsx", Kind.CLASHES, Sidecar()).frame.height == 1
