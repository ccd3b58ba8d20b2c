"""Excel and Parquet: judged before anything is taken out, then read as text at their own row numbers."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import REPOSITORY
from pipeline.ingest import table
from pipeline.ingest.sidecar import Sidecar
from pipeline.ingest.table import read_table

HEADER = ["reference_date", "adm3_pcode", "idps_new_persons"]
HPC = ["State/Region", "Township Pcode", "Township\n", "\ufeffIDPs ", "IDP Returnees/ Resettled/ Locally Integrated"]
REAL = REPOSITORY.parent / "shared" / "realdata"


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path


def displaced(path: Path, **sidecar: object) -> table.Mirror:
    return read_table(path, Kind.DISPLACEMENT, Sidecar(**sidecar))  # type: ignore[arg-type]


def refused(path: Path, *words: str, **sidecar: object) -> None:
    with pytest.raises(UnusableInput) as caught:
        displaced(path, **sidecar)
    for word in (path.name, *words):
        assert word in str(caught.value)


def test_title_rows_blank_rows_dates_and_numbers(tmp_path: Path) -> None:
    rows = [["Displacement, 2023"], [], ["", "", "as reported"], HEADER, [datetime(2023, 1, 2), "MMR001001", 1234],
            [], ["2023-01-02", "MMR001002", "1,234"], [datetime(2023, 1, 2), "MMR001003", 0.5]]  # fmt: skip
    mirror = displaced(workbook(tmp_path / "a.xlsx", {"x": rows}))
    assert mirror.frame.select("row_number", *HEADER).rows() == [
        (5, "2023-01-02 00:00:00", "MMR001001", "1234"),
        (7, "2023-01-02", "MMR001002", "1,234"),
        (8, "2023-01-02 00:00:00", "MMR001003", "0.5"),
    ]


def test_an_official_baseline_with_merged_headings(tmp_path: Path) -> None:
    rows = [
        ["Baseline"],
        ["", "", "", "figures"],
        HPC,
        ["Kachin", "MMR001001", "Myitkyina", 12, None],
        ["Total", "", "", 12],
    ]
    mirror = displaced(workbook(tmp_path / "hpc.xlsx", {"notes": [["read me"]], "2022": rows, "2023 proj": rows[:3]}))
    assert mirror.format == "hpc_baseline"
    assert mirror.frame["idps"].to_list() == ["12", "12"]
    assert "read the sheet '2022', not 'notes', '2023 proj'" in mirror.notes[0]


def _monthly(path: Path) -> Path:
    return workbook(path, {
        "about": [["read me"]],
        "Sep": [HEADER, ["2023-09-30", "MMR001001", 1], [], ["2023-09-30", "MMR001002", 2]],
        "Oct": [["title"], ["adm3_pcode", "note", *HEADER[::2]], ["MMR001001", "x", "2023-10-31", 3]],
    })  # fmt: skip


def test_several_sheets_with_records_are_asked_about(tmp_path: Path) -> None:
    refused(_monthly(tmp_path / "a.xlsx"), "'Sep', 'Oct'", 'sheets = "all"', 'sheet = "Sep"')


def test_all_sheets_are_one_delivery_by_the_names_of_their_columns(tmp_path: Path) -> None:
    mirror = displaced(_monthly(tmp_path / "a.xlsx"), sheets="all")
    assert mirror.frame.select("row_number", *HEADER, "extra").rows() == [
        (2, "2023-09-30", "MMR001001", "1", None),
        (4, "2023-09-30", "MMR001002", "2", None),
        (10_000_003, "2023-10-31", "MMR001001", "3", '{"note": "x"}'),
    ] or mirror.frame["extra"].to_list() == ["{}", "{}", '{"note": "x"}']
    said = " ".join(mirror.notes)
    for words in ("'Sep', 2 rows", "row 10,000,000 + n is its row n", "'Sep' has no column note", "not read: 'about'"):
        assert words in said


def test_sheets_of_several_formats_are_no_delivery(tmp_path: Path) -> None:
    rows = [HPC, ["Kachin", "MMR001001", "Myitkyina", 12, 0]]
    path = workbook(tmp_path / "a.xlsx", {"x": [HEADER, ["2023-01-01", "MMR001001", 1]], "y": rows})
    refused(path, "'x' (canonical_displacement), 'y' (hpc_baseline)", "one by one", sheets="all")


def test_the_declared_sheet_is_read_and_an_absent_one_refused(tmp_path: Path) -> None:
    sheets = {name: [HEADER, ["2023-01-01", "MMR001001", n]] for n, name in enumerate(("a", "b"))}
    path = workbook(tmp_path / "a.xlsx", sheets)
    assert displaced(path, sheet="b").frame["idps_new_persons"].to_list() == ["1"]
    refused(path, "no sheet 'c'", "'a', 'b'", sheet="c")


def test_cells_beside_the_table_are_kept(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"x": [HEADER, ["2023-01-01", "MMR001001", 1, None, "doubtful"]]})
    assert displaced(path).frame.item(0, "extra") == '{"column 5": "doubtful"}'


def test_faults_of_the_header_name_its_own_row(tmp_path: Path) -> None:
    twice = workbook(tmp_path / "twice.xlsx", {"x": [["Title"], [*HEADER, "Note", "note "], ["2023-01-01", "M", 1]]})
    assert "'Note' stands 2 times" in displaced(twice).notes[1]
    used = workbook(tmp_path / "used.xlsx", {"x": [["Title"], [*HEADER, HEADER[1]], ["2023-01-01", "M", 1]]})
    refused(used, "line 2", "'adm3_pcode' stands 2 times")
    refused(workbook(tmp_path / "none.xlsx", {"x": [["reference_day", *HEADER[1:]], ["a", "b", 1]]}), "reference_date",
            "found 'reference_day'")  # fmt: skip
    refused(workbook(tmp_path / "only.xlsx", {"x": [HEADER]}), "a header and no rows")
    refused(workbook(tmp_path / "blank.xlsx", {"x": []}), "no sheet has a header")


def test_a_mapping_works_in_a_workbook_and_an_absent_header_is_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"x": [["Day", "adm3_pcode", "New IDPs"], ["2023-01-01", "MMR001001", 3]]})
    columns = {"reference_date": "Day", "idps_new_persons": "new idps"}
    assert displaced(path, columns=columns).frame["idps_new_persons"].to_list() == ["3"]
    refused(path, "'Pcodes'", columns=columns | {"adm3_name": "Pcodes"})


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    for name, content in (("page.xlsx", b"<html>"), ("empty.xlsx", b""), ("cut.xlsx", b"PK\x03\x04rest")):
        (tmp_path / name).write_bytes(content)
        refused(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    refused(tmp_path / "other.xlsx", "cannot be read")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # nothing may be taken out
    refused(tmp_path / "bomb.xlsx", "zip bomb", "20,000,000")


def test_a_member_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "liar.xlsx", {"x": [HEADER, ["2023-01-01", "MMR001001", 1]]})
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("xl/worksheets/sheet1.xml")
    size, content = member.file_size.to_bytes(4, "little"), path.read_bytes()
    assert size in content
    path.write_bytes(content.replace(size, (10).to_bytes(4, "little")))
    refused(path, "save it again")


@pytest.mark.parametrize("member", ["../../etc/cron.d/x", "/etc/passwd", "\\\\server\\x", "xl/../../x"])
def test_a_path_that_leaves_the_archive_is_refused(tmp_path: Path, member: str) -> None:
    path = workbook(tmp_path / "a.xlsx", {"x": [HEADER, ["2023-01-01", "MMR001001", 1]]})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, "x")
    refused(path, "refused", "the archive holds the path")


def test_entities_of_an_xml_bomb_are_never_expanded(tmp_path: Path) -> None:
    path = workbook(tmp_path / "plain.xlsx", {"x": [HEADER, ["2023-01-01", "MMR001001", "BOMB"]]})
    entities = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / "bomb.xlsx", "w") as bomb:
        for member in source.infolist():
            content = source.read(member).decode()
            if member.filename == "xl/sharedStrings.xml":
                content = content.replace("<sst", entities + "]><sst", 1).replace("BOMB", "&j;")
            bomb.writestr(member, content)
    try:
        cell = displaced(tmp_path / "bomb.xlsx").frame.item(0, "idps_new_persons")
    except UnusableInput as error:
        assert "bomb.xlsx" in str(error)
    else:
        assert len(cell or "") < 100


def test_parquet_is_read_as_text_whatever_its_types(tmp_path: Path) -> None:
    frame = pl.DataFrame({
        "reference_date": [datetime(2023, 1, 2, tzinfo=UTC), None], "adm3_pcode": ["MMR001001", "MMR001002"],
        "idps_new_persons": [12.0, float("nan")], "idps_stock_persons": [7, None], "shape": [b"x", b"y"],
    })  # fmt: skip
    frame.write_parquet(tmp_path / "week[1]=*.parquet")  # a pattern to a glob, a name to us
    mirror = displaced(tmp_path / "week[1]=*.parquet")
    assert mirror.frame.select("row_number", "idps_new_persons", "idps_stock_persons").rows() == [
        (1, "12.0", "7"),
        (2, "NaN", None),
    ]
    assert "not kept: shape" in mirror.notes[0]


def test_parquet_that_is_none_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.parquet").write_text("a,b\n1,2\n")
    refused(tmp_path / "a.parquet", "not a Parquet file")
    frame = pl.DataFrame({name: ["2023-01-01"] * 50 for name in HEADER})
    frame.write_parquet(tmp_path / "b.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "b.parquet").read_bytes()[:-30])
    refused(tmp_path / "cut.parquet", "cannot be read")
    monkeypatch.setattr(table, "CELLS_LIMIT", 100)
    refused(tmp_path / "b.parquet", "150 cells", "split")
    frame.clear().write_parquet(tmp_path / "none.parquet")
    refused(tmp_path / "none.parquet", "a header and no rows")


def test_the_official_baseline_where_it_is_at_hand() -> None:
    path = REAL / "displacement" / "hpc2023_baseline.xlsx"
    if not path.exists():
        pytest.skip("needs displacement/hpc2023_baseline.xlsx beside the repository (its terms keep it out of it)")
    mirror = displaced(path)
    figures = mirror.frame.filter(pl.col("adm3_pcode").str.starts_with("MMR"))["idps"].cast(pl.Float64)
    assert (figures.sum(), (figures > 0).sum()) == (1_303_073, 125)


def test_the_official_events_where_they_are_at_hand() -> None:
    path = REAL / "clashes" / "ucdp_ged_myanmar.csv"
    if not path.exists():
        pytest.skip("needs clashes/ucdp_ged_myanmar.csv beside the repository (its terms keep it out of it)")
    mirror = read_table(path, Kind.CLASHES, Sidecar())
    assert (mirror.format, mirror.frame.height) == ("ucdp_ged", 7_374)
    assert mirror.frame["problem"].null_count() == 7_374


@pytest.mark.parametrize("cut", [200, 700])
def test_a_workbook_with_its_middle_missing_is_refused(tmp_path: Path, cut: int) -> None:
    path = workbook(tmp_path / "a.xlsx", {"x": [HEADER, ["2023-01-01", "MMR001001", 1]]})
    content = path.read_bytes()
    path.write_bytes(content[:100] + content[100 + cut :])  # an offset that zipfile seeks to is below zero now
    refused(path, "save it again")


@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_damaged_xml_in_a_sound_archive_is_refused_in_one_line_without_paths(tmp_path: Path, member: str) -> None:
    path = workbook(tmp_path / "plain.xlsx", {"x": [HEADER, ["2023-01-01", "MMR001001", 1]]})
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / "cut.xlsx", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: len(content) // 2] if name == member else content)
    with pytest.raises(UnusableInput) as caught:
        displaced(tmp_path / "cut.xlsx")
    assert len(str(caught.value).splitlines()) == 1
    assert str(tmp_path) not in str(caught.value)
    assert "cut.xlsx" in str(caught.value)
