"""What a workbook's cells may hold: errors, formulas, merged areas, dates as serials, text numbers, lost zeros.

Also a sheet laid out like those of displacement trackers, which names neither our columns nor its day.
"""

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from pipeline.declare.codes import Kind, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.ingest.sidecar import Sidecar
from pipeline.ingest.table import Mirror, read_table

HEADER = ["reference_date", "adm3_pcode", "adm3_name", "adm1_name", "idps_new_persons"]
ROW = ["2023-01-02", "MMR001001", "Myitkyina", "Kachin", 5]
Fill = Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], None]


def displaced(path: Path, fill: Fill, **sidecar: object) -> Mirror:
    """The mirror of a workbook with our header and one sound row, on which `fill` writes further cells."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("x")
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, ROW)
    fill(book, sheet)
    book.close()
    return read_table(path, Kind.DISPLACEMENT, Sidecar(**sidecar))  # type: ignore[arg-type]


@pytest.mark.parametrize("error", ["#DIV/0!", "#REF!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#VALUE!"])
def test_an_error_cell_arrives_as_its_text_and_not_as_blank(tmp_path: Path, error: str) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        sheet.write_row(2, 0, ROW)
        sheet.write_formula(2, 4, "=1/0", value=error)

    mirror = displaced(tmp_path / "a.xlsx", fill)
    assert mirror.frame["idps_new_persons"].to_list() == ["5", error]
    assert mirror.frame["adm3_name"].to_list() == ["Myitkyina"] * 2


def test_an_error_cell_is_found_where_the_table_stands_aside(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("x")
    sheet.write_row(4, 3, HEADER)
    sheet.write_row(6, 3, ROW[:4])
    sheet.write_formula(6, 7, "=NA()", value="#N/A")
    book.close()
    frame = read_table(tmp_path / "a.xlsx", Kind.DISPLACEMENT, Sidecar()).frame
    assert frame.select("row_number", "idps_new_persons").rows() == [(7, "#N/A")]


def test_a_formula_is_its_last_value(tmp_path: Path) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        sheet.write_formula(1, 4, "=SUM(A9:A10)", value=1234)
        sheet.write_formula(1, 2, '="Wai"&"ngmaw"', value="Waingmaw")

    row = displaced(tmp_path / "a.xlsx", fill).frame.select("adm3_name", "idps_new_persons").row(0)
    assert row == ("Waingmaw", "1234")


def test_a_merged_area_holds_for_each_of_its_rows_and_for_no_other(tmp_path: Path) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        for row, name in enumerate(("Waingmaw", "Injangyang", "Tanai"), start=2):
            sheet.write_row(row, 0, ["2023-01-02", f"MMR00100{row}", name, None, row])
        sheet.merge_range(1, 3, 3, 3, "Kachin")

    mirror = displaced(tmp_path / "a.xlsx", fill)
    assert mirror.frame["adm1_name"].to_list() == ["Kachin", "Kachin", "Kachin", None]
    assert "merged over rows hold for each row: adm1_name" in mirror.notes[0]


def test_merged_cells_are_found_in_a_sheet_that_begins_further_right(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("R&D <1>").write(0, 0, "about")
        sheet = book.add_worksheet('it\'s "data"')
        sheet.merge_range("C2:F2", "Invented report")
        sheet.write_row("C3", HEADER)
        for row in range(3, 6):
            sheet.write_row(row, 2, ["2023-01-02", f"MMR00100{row}", "x", None, row])
        sheet.merge_range("F4:F5", "Kachin")
        sheet.merge_range("H4:H9", "remark")
    mirror = read_table(path, Kind.DISPLACEMENT, Sidecar())
    assert mirror.frame.select("row_number", "adm1_name").rows() == [(4, "Kachin"), (5, "Kachin"), (6, None)]


def test_a_blank_row_inside_a_merged_area_is_no_record(tmp_path: Path) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        sheet.write_row(3, 0, ["2023-01-02", "MMR001002", "Waingmaw", None, 6])
        sheet.merge_range(1, 3, 3, 3, "Kachin")

    frame = displaced(tmp_path / "a.xlsx", fill).frame
    assert frame.select("row_number", "adm1_name").rows() == [(2, "Kachin"), (4, "Kachin")]


def test_a_figure_that_is_merged_over_rows_is_refused(tmp_path: Path) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        sheet.write_row(2, 0, ["2023-01-02", "MMR001002", "Waingmaw", "Kachin"])
        sheet.merge_range(1, 4, 2, 4, 600)

    with pytest.raises(UnusableInput, match=r"row 2: one figure \(600\) in 'idps_new_persons' .* rows 2 to 3"):
        displaced(tmp_path / "a.xlsx", fill)


@pytest.mark.parametrize(("filtered", "said"), [(True, "2 rows hidden by a filter"), (False, "2 hidden rows")])
def test_hidden_rows_are_read_and_told(tmp_path: Path, filtered: bool, said: str) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        for row in range(2, 5):
            sheet.write_row(row, 0, ["2023-01-02", f"MMR00100{row}", "x", "Kachin", row])
        if filtered:
            sheet.autofilter(0, 0, 4, 4)
        for row in (2, 4, 9):
            sheet.set_row(row, options={"hidden": True})

    mirror = displaced(tmp_path / "a.xlsx", fill)
    assert mirror.frame.height == 4
    assert f"{said} of the sheet" in mirror.notes[0]


def test_names_of_columns_merged_over_two_rows_of_headings_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("x")
        for column, name in enumerate(HEADER[:4]):
            sheet.merge_range(0, column, 1, column, name)
        sheet.merge_range(0, 4, 0, 5, "People")
        sheet.write_row(1, 4, ["idps_new_persons", "households"])
        sheet.write_row(2, 0, [*ROW, 2])
    frame = read_table(path, Kind.DISPLACEMENT, Sidecar()).frame
    assert frame.select("row_number", "adm3_pcode", "idps_new_persons").rows() == [(3, "MMR001001", "5")]


def test_a_date_cell_is_iso_and_a_bare_serial_stays_a_number(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        shown = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(2, 0, ROW)
        sheet.write_datetime(1, 0, datetime(2023, 1, 2), shown)
        sheet.write_number(2, 0, 44928)  # the same day, but nothing says that it is one

    days = displaced(tmp_path / "a.xlsx", fill).frame["reference_date"].to_list()
    assert days == ["2023-01-02 00:00:00", "44928"]


def test_text_numbers_and_lost_leading_zeros_are_mirrored_and_never_guessed(tmp_path: Path) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
        sheet.write_string(1, 4, "1,234")
        sheet.write_row(2, 0, ["2023-01-02", 1001, "", "", 7])

    mirror = displaced(tmp_path / "a.xlsx", fill)
    assert mirror.frame.select("adm3_pcode", "idps_new_persons").rows() == [("MMR001001", "1,234"), ("1001", "7")]


def test_three_header_rows_with_merged_headings(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("x")
    sheet.merge_range(0, 0, 0, 4, "Invented displacement report")
    sheet.merge_range(1, 1, 1, 3, "Place")
    sheet.write_row(2, 0, [f" {cell}\n" for cell in HEADER])
    sheet.write_row(3, 0, ROW)
    book.close()
    frame = read_table(tmp_path / "a.xlsx", Kind.DISPLACEMENT, Sidecar()).frame
    assert frame.select("row_number", *HEADER).rows() == [(4, *ROW[:4], "5")]


def test_a_hidden_sheet_is_read_only_where_it_is_named(tmp_path: Path) -> None:
    def two(path: Path, shown: list[object]) -> Path:
        book = xlsxwriter.Workbook(str(path))
        book.add_worksheet("front").write_row(0, 0, shown)
        for name, hide in (("old", "hide"), ("older", "very_hidden")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADER)
            sheet.write_row(1, 0, [*ROW[:4], 77])
            getattr(sheet, hide)()
        book.get_worksheet_by_name("front").write_row(1, 0, ROW)
        book.close()
        return path

    path = two(tmp_path / "a.xlsx", HEADER)
    mirror = read_table(path, Kind.DISPLACEMENT, Sidecar())
    assert mirror.frame["idps_new_persons"].to_list() == ["5"]
    assert "not 'old', 'older'" in mirror.notes[0]
    assert read_table(path, Kind.DISPLACEMENT, Sidecar(sheet="old")).frame["idps_new_persons"].to_list() == ["77"]
    with pytest.raises(UnusableInput, match=r"Hidden sheets are not read \('old', 'older'\)"):
        read_table(two(tmp_path / "b.xlsx", ["a", "b", "c"]), Kind.DISPLACEMENT, Sidecar())


@pytest.mark.parametrize("ending", ["xls", "xlsb", "ods"])
def test_other_workbooks_are_refused_by_name(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"old.{ending}"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    with pytest.raises(UnusableInput, match=rf"old\.{ending}.*\.{ending} is not read; save it as \.xlsx or \.csv"):
        read_table(path, Kind.DISPLACEMENT, Sidecar())


TRACKER = {
    "adm3_pcode": "Admin 3 Pcode", "adm3_name": "Admin 3 Name", "adm1_name": "Admin 1 Name",
    "idps_stock_persons": "IDPs (Individuals)",
}  # fmt: skip


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    """Title rows, two header rows, four townships and a total, with the day in the title only."""
    book = xlsxwriter.Workbook(str(tmp_path / "tracker.xlsx"))
    sheet = book.add_worksheet("Round 7")
    sheet.write(0, 0, "Invented tracking matrix, round 7")
    sheet.write(1, 0, "As of 30 June 2023")
    sheet.merge_range(3, 0, 3, 2, "Location")
    sheet.merge_range(3, 3, 3, 4, "Displaced")
    sheet.write_row(4, 0, ["Admin 3 Pcode", "Admin 3 Name", "Admin 1 Name", "IDPs (Households)", "IDPs (Individuals)"])
    sheet.write_row(5, 0, ["MMR001001", "Myitkyina", "Kachin", 30, 120])
    sheet.write_row(6, 0, ["MMR001002", "Waingmaw", "Kachin", 40, "1,160"])
    sheet.write_row(8, 0, ["Grand total", "", "", 70, 1280])
    book.close()
    return tmp_path / "tracker.xlsx"


def test_a_tracker_sheet_by_a_mapping_and_a_stated_day(tracker: Path) -> None:
    mirror = read_table(tracker, Kind.DISPLACEMENT, Sidecar(columns=TRACKER, reference_date=date(2023, 6, 30)))
    assert mirror.format == "canonical_displacement"
    columns = ["row_number", "reference_date", "adm3_pcode", "idps_stock_persons"]
    assert mirror.frame.select(columns).rows() == [
        (6, "2023-06-30", "MMR001001", "120"),
        (7, "2023-06-30", "MMR001002", "1,160"),
        (9, "2023-06-30", "Grand total", "1280"),
    ]
    assert "reference_date is 2023-06-30 in every row, as the sidecar states" in mirror.notes[-1]
    assert "IDPs (Households)" in mirror.notes[0]


def test_without_mapping_or_day_the_refusal_names_what_was_found_and_the_way_out(tracker: Path) -> None:
    with pytest.raises(UnusableInput) as caught:
        read_table(tracker, Kind.DISPLACEMENT, Sidecar())
    for word in ("tracker.xlsx", "'admin 3 pcode'", "'idps (individuals)'", "[columns]"):
        assert word in str(caught.value)
    with pytest.raises(UnusableInput, match="also needs 'reference_date'"):
        read_table(tracker, Kind.DISPLACEMENT, Sidecar(columns=TRACKER))
    for ours, said in (("adm3_pcode", "does not have; it holds 'admin 3 pcode'"), ("idps_stock_persons", "not among")):
        wrong = TRACKER | {ours: "Nowhere"}
        with pytest.raises(UnusableInput, match=rf"\[columns\] names 'Nowhere', which .*{said}"):
            read_table(tracker, Kind.DISPLACEMENT, Sidecar(columns=wrong, reference_date=date(2023, 6, 30)))


def test_a_stated_day_fills_nothing_where_the_file_has_its_own(tmp_path: Path) -> None:
    mirror = displaced(tmp_path / "a.xlsx", lambda *_: None, reference_date=date(2020, 1, 1))
    assert mirror.frame["reference_date"].to_list() == ["2023-01-02"]
    assert mirror.notes == ()


@pytest.mark.parametrize(
    ("kind", "day", "rest"),
    [
        (Kind.SERVICES, "survey_date", "electricity"),
        (Kind.CONTROL, "reference_date", "controller"),
        (Kind.POPULATION, "reference_date", "population_persons"),
    ],
)
def test_a_stated_day_stands_for_the_missing_column_of_every_report(
    tmp_path: Path, kind: Kind, day: str, rest: str
) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"MMR001{n:03},x\n" for n in range(1, 31))
    path.write_text(f"adm3_pcode,{rest}\n{rows}MMR001001\n")
    mirror = read_table(path, kind, Sidecar(reference_date=date(2023, 6, 30)))
    assert set(mirror.frame.filter(pl.col("problem").is_null())[day]) == {"2023-06-30"}
    broken = mirror.frame.filter(pl.col("problem") == Reason.RAGGED_ROW)
    assert broken[day].to_list() == [None]
    with pytest.raises(UnusableInput, match=f"also needs '{day}'"):
        read_table(path, kind, Sidecar())


def test_a_stated_day_never_dates_events(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("event_id,event_type,adm3_pcode\ne1,clash,MMR001001\n")
    with pytest.raises(UnusableInput, match="event_date"):
        read_table(tmp_path / "a.csv", Kind.CLASHES, Sidecar(reference_date=date(2023, 6, 30)))


def _by_a_program(path: Path, cell: str, value: str | None) -> Path:
    """A workbook as a program writes it: no spreadsheet has computed its formulas."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["reference_date", "adm3_pcode", "idps_new_persons"])
    sheet.append(["2023-01-01", "MMR001001", cell])
    book.save(path)
    if value is not None:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                computed = content.replace(b"<v></v>", value.encode()).replace(b"<v />", value.encode())
                archive.writestr(name, computed.replace(b"<v/>", value.encode()))
    return path


def test_a_formula_that_nobody_computed_is_refused_and_not_read_as_blank(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=r"formula in cell C2 has no value; open the workbook"):
        read_table(_by_a_program(tmp_path / "a.xlsx", "=100+20", None), Kind.DISPLACEMENT, Sidecar())
    computed = _by_a_program(tmp_path / "b.xlsx", "=100+20", "<v>120</v>")
    assert read_table(computed, Kind.DISPLACEMENT, Sidecar()).frame["idps_new_persons"].to_list() == ["120"]
    plain = _by_a_program(tmp_path / "c.xlsx", "120", None)
    assert read_table(plain, Kind.DISPLACEMENT, Sidecar()).frame["idps_new_persons"].to_list() == ["120"]
