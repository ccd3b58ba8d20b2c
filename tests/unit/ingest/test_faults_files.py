"""What a user expects of bad files, one test for each promise: refused, or set aside with the line, or no change.

The name of each test begins with the promise it keeps; the cases in detail stand in the tests of each reader.
"""

import io
import json
import tempfile
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.codes import Kind, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.ingest import delimited as text_reader
from pipeline.ingest import inbox
from pipeline.ingest.sidecar import Sidecar
from pipeline.ingest.table import read_table
from pipeline.storage import deliveries

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
COLUMNS = ["event_id", "event_date", "event_type", "adm3_pcode"]
ROWS = [[f"e{n}", "2022-03-04", "clash", "MMR001001"] for n in range(40)]


def csv_of(rows: list[list[str]] = ROWS, header: list[str] = COLUMNS) -> str:
    return "\n".join(",".join(row) for row in [header, *rows]) + "\n"


def put(folder: Path, name: str, content: str | bytes) -> tuple[Kind, Path]:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return Kind.CLASHES, folder / name


def frame(folder: Path, content: str | bytes, name: str = "e.csv") -> pl.DataFrame:
    return inbox.judge([put(folder, name, content)], NOW)[0].frame


def refused(folder: Path, content: str | bytes, *words: str, name: str = "e.csv") -> None:
    home = Home(folder / "home")
    with pytest.raises(UnusableInput) as caught:
        inbox.deliver(home, [put(folder, name, content)], NOW)
    message = str(caught.value)
    assert [word for word in (name, *words) if word not in message] == [], message
    assert "\n" not in message, "one line"
    assert not home.root.exists(), "a refused file leaves nothing behind"


def workbook(rows: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("x")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


def archive(members: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("ending", ["csv", "json", "xlsx", "parquet", "zip"])
@pytest.mark.parametrize("page", ["<!DOCTYPE html><p>404", '{"error": "rate limit"}', ""])
def test_faults_files_error_page_or_empty_under_any_name(tmp_path: Path, ending: str, page: str) -> None:
    refused(tmp_path, page, name=f"e.{ending}")


@pytest.mark.parametrize(("name", "content"), [
    ("e.csv", csv_of([])), ("e.xlsx", workbook([COLUMNS])), ("e.json", "[]"), ("e.zip", archive({"e.csv": csv_of([])})),
])  # fmt: skip
def test_faults_files_header_only(tmp_path: Path, name: str, content: str | bytes) -> None:
    refused(tmp_path, content, name=name)


def test_faults_files_headers_by_name(tmp_path: Path) -> None:
    turned = frame(tmp_path, csv_of([row[::-1] for row in ROWS], COLUMNS[::-1]))
    assert turned.equals(frame(tmp_path, csv_of()))
    renamed = [c.replace("event_date", "event_dte") for c in COLUMNS]
    refused(tmp_path, csv_of(header=renamed), "'event_date' (found 'event_dte'", "line 1", "[columns]")
    refused(tmp_path, csv_of(header=[*COLUMNS[:3], "event_id"]), "'event_id' stands 2 times")
    extra = inbox.judge([put(tmp_path, "e.csv", csv_of([[*r, "x"] for r in ROWS], [*COLUMNS, "remark"]))], NOW)[0]
    assert "columns not used: remark" in extra.delivery.notes[0]


def test_faults_files_ragged_nul_and_large_cells(tmp_path: Path) -> None:
    bad = ["short,x", "e\x00,2022-03-04,clash,MMR001001", f"{'x' * 1_000_001},2022-03-04,clash,MMR001001"]
    sound = csv_of([[f"s{n}", *ROWS[0][1:]] for n in range(100)])
    found = frame(tmp_path, sound + "\n".join(bad) + "\n").filter(pl.col("problem").is_not_null())
    assert found.select("row_number", "problem").rows() == [
        (102, Reason.RAGGED_ROW), (103, Reason.NUL_BYTES), (104, Reason.OVERSIZED_CELL)
    ]  # fmt: skip
    refused(tmp_path, csv_of() + "\n".join(bad) + "\n", "3 of 43 rows", "5%", "first: line 42")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-bom"])
def test_faults_files_encodings_that_are_read(tmp_path: Path, encoding: str) -> None:
    content = csv_of([[*r, "ကချင်"] for r in ROWS], [*COLUMNS, "adm1_name"])
    bom = b"\xfe\xff" + content.encode("utf-16-be") if encoding == "utf-16-be-bom" else content.encode(encoding)
    assert set(frame(tmp_path, bom)["adm1_name"]) == {"ကချင်"}


def test_faults_files_encodings_that_are_refused(tmp_path: Path) -> None:
    content = csv_of([*ROWS, ["é", "2022-03-04", "clash", "MMR001001"]])
    refused(tmp_path, content.encode("latin-1"), "line 42", "0xe9", f"offset {content.index('é')}", "UTF-8")
    refused(tmp_path, content.encode("utf-16-le"), "UTF-16")


def test_faults_files_nothing_is_guessed(tmp_path: Path) -> None:
    """Every line is counted, and no type is guessed: 03/04/2024, 007 and 1e5 stay what they are."""
    content = csv_of([["007", "03/04/2024", "1e5", "MMR001001"], *ROWS])
    read = frame(tmp_path, content)
    assert read.height == content.count("\n") - 1
    assert read.select("event_id", "event_date", "event_type").row(0) == ("007", "03/04/2024", "1e5")


def test_faults_files_zawgyi(tmp_path: Path) -> None:
    names = ["ျမစ္ႀကီးနား", "ရန္ကုန္", "ေတာင္ႀကီး"]
    content = csv_of([[*ROWS[n], name] for n, name in enumerate(names)], [*COLUMNS, "adm3_name"])
    one = inbox.judge([put(tmp_path, "e.csv", content)], NOW)[0]
    assert "Zawgyi" in one.delivery.notes[0]
    assert one.frame["adm3_name"].to_list() == names


def test_faults_files_excel_cells(tmp_path: Path) -> None:
    rows = [
        ["Title"],
        ["", "", "merged"],
        [*COLUMNS, "fatalities"],
        ["e1", datetime(2022, 3, 4), "clash", 1001, "1,234"],
    ]
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"default_date_format": "dd/mm/yyyy"}) as made:
        sheet = made.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        sheet.write_formula(4, 4, "=1/0", value="#DIV/0!")
        sheet.write_row(4, 0, ["e2", 44624, "clash", "MMR001001"])
    read = frame(tmp_path, book.getvalue(), "e.xlsx")
    assert read.select("row_number", *COLUMNS, "fatalities").rows() == [
        (4, "e1", "2022-03-04 00:00:00", "clash", "1001", "1,234"), (5, "e2", "44624", "clash", "MMR001001", "#DIV/0!"),
    ]  # fmt: skip
    refused(tmp_path, b"\xd0\xcf\x11\xe0old", ".xlsx", name="e.xls")


@pytest.mark.parametrize("name", ["e.zip", "e.xlsx"])
def test_faults_files_zip_bomb(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = archive({"xl/worksheets/sheet1.xml": b"0" * 5_000_000, "e.csv": csv_of()})
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # nothing may be taken out
    refused(tmp_path, bomb, "zip bomb", name=name)


@pytest.mark.parametrize("name", ["e.zip", "e.xlsx"])
def test_faults_files_path_traversal(tmp_path: Path, name: str) -> None:
    content = archive({"../../outside.csv": csv_of()})
    refused(tmp_path, content, "'../../outside.csv'", "refused", name=name)


def test_faults_files_link_in_an_archive(tmp_path: Path) -> None:
    member = zipfile.ZipInfo("e.csv")
    member.create_system, member.external_attr = 3, 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(member, "/etc/passwd")
    refused(tmp_path, buffer.getvalue(), "link", name="e.zip")


def test_faults_files_xml_bomb(tmp_path: Path) -> None:
    plain = workbook([COLUMNS, ["BOMB", *ROWS[0][1:]]])
    entities = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    members = {}
    with zipfile.ZipFile(io.BytesIO(plain)) as source:
        for name in source.namelist():
            text = source.read(name).decode()
            if name == "xl/sharedStrings.xml":
                text = text.replace("<sst", f'<!DOCTYPE x [<!ENTITY a "ha">{entities}]><sst', 1).replace("BOMB", "&i;")
            members[name] = text
    try:
        cell = frame(tmp_path, archive(members), "e.xlsx").item(0, "event_id")
    except UnusableInput:
        return
    assert len(cell or "") < 100, "the entity was expanded"


@pytest.mark.parametrize("name", ["e.csv", "e.json", "e.zip"])
def test_faults_files_over_the_size_limit(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_reader, "SIZE_LIMIT_BYTES", 100)
    content = {"e.csv": csv_of(), "e.json": json.dumps(ROWS), "e.zip": archive({"e.csv": csv_of()})}[name]
    refused(tmp_path, content, "over the limit", name=name)


def test_faults_files_the_same_twice_or_under_another_name(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    records = json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in ROWS])
    given = [("e.csv", csv_of()), ("e.csv", csv_of()), ("other.csv", csv_of()), ("turned.csv", csv_of(ROWS[::-1])),
             ("e.json", records), ("e.zip", archive({"e.csv": csv_of()}))]  # fmt: skip
    landings = [
        inbox.deliver(home, [put(tmp_path, name, content)], NOW + timedelta(days=n))[0]
        for n, (name, content) in enumerate(given)
    ]
    assert [landing.is_new for landing in landings] == [True] + [False] * 5
    assert len(deliveries.in_force(home)) == 1


def test_faults_files_still_growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster import DagsterInstance, RunRequest, SkipReason, build_sensor_context

    from assets.jobs import inbox
    from pipeline.declare.settings import HOME_VARIABLE

    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    (tmp_path / "inbox" / "clashes").mkdir(parents=True)
    answers, cursor = [], None
    for more in ("event_id\n", "e1\n", ""):
        with (tmp_path / "inbox" / "clashes" / "e.csv").open("a") as stream:
            stream.write(more)
        with DagsterInstance.ephemeral() as instance:
            context = build_sensor_context(instance=instance, cursor=cursor)
            answers.append(type(inbox(context)))
            cursor = context.cursor
    assert answers == [SkipReason, SkipReason, RunRequest]


SOUND = {
    "e.csv": csv_of(ROWS[:5]).encode(),
    "e.json": json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in ROWS[:5]]).encode(),
    "e.xlsx": workbook([COLUMNS, *ROWS[:5]]),
    "e.zip": archive({"e.csv": csv_of(ROWS[:5]), "e.csv.toml": 'source = "x"'}),
}


@pytest.mark.parametrize("name", list(SOUND))
@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_faults_files_damaged_bytes_are_read_or_refused(tmp_path: Path, name: str, data: st.DataObject) -> None:
    """Bytes changed or cut anywhere: a mirror or one sentence that names the file, never another exception."""
    content = bytearray(SOUND[name])
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(content)))
    unpacking = tmp_path / "unpacking"
    unpacking.mkdir(exist_ok=True)
    tempfile.tempdir = str(unpacking)
    try:
        judged = inbox.judge([put(tmp_path, name, bytes(content if cut % 2 else content[:cut]))], NOW)
        assert judged[0].frame.height >= 1
    except UnusableInput as error:
        assert name in str(error)
        assert "\n" not in str(error)
    finally:
        tempfile.tempdir = None
    assert list(unpacking.iterdir()) == []


@pytest.mark.parametrize("far", ["A1073741823", "A2000000", "XFD1048576", "ZZZZ9"])
def test_faults_files_a_workbook_with_a_cell_far_out_is_refused_before_memory_is_asked_for(
    tmp_path: Path, far: str
) -> None:
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["reference_date", "adm3_pcode", "idps_new_persons"])
        sheet.write_row(1, 0, ["2023-01-01", "MMR001001", "5"])
        sheet.write(2, 0, "stray")
    assert read_table(path, Kind.DISPLACEMENT, Sidecar()).frame.height == 2
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content.replace(b'r="A3"', f'r="{far}"'.encode()))
    with pytest.raises(UnusableInput, match=r"sheet1\.xml reaches to row .* which is too far; delete the stray cells"):
        read_table(path, Kind.DISPLACEMENT, Sidecar())
