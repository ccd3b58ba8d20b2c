"""HXL tag rows: taken out below a known header, naming the columns where no format knows the header."""

import json
from pathlib import Path

import pytest
import xlsxwriter

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.ingest import hxl
from pipeline.ingest.sidecar import Sidecar
from pipeline.ingest.table import Mirror, read_table
from pipeline.sources import of_kind

KNOWN = ["reference_date", "adm3_pcode", "idps_stock_persons"]
FOREIGN = ["Day of report", "Code", "People", "Remarks"]
TAGS = ["#date", "#adm3 +v_pcode+code", "#affected+ind+idps", ""]
ROWS = [["2023-01-01", "MMR001001", "12"], ["2023-01-01", "MMR001002", "13"]]


def read(folder: Path, rows: list[list[str]], kind: Kind = Kind.DISPLACEMENT, ending: str = "csv") -> Mirror:
    path = folder / f"idps.{ending}"
    if ending == "csv":
        path.write_text("\n".join(",".join(row) for row in rows) + "\n")
    else:
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet("x")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        book.close()
    return read_table(path, kind, Sidecar())


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_tag_row_below_a_known_header_is_taken_out_and_told(tmp_path: Path, ending: str) -> None:
    mirror = read(tmp_path, [KNOWN, TAGS[:3], *ROWS], ending=ending)
    assert mirror.frame.select("row_number", *KNOWN).rows() == [(3, *ROWS[0]), (4, *ROWS[1])]
    assert "HXL tag row in line 2" in mirror.notes[0]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_tags_name_the_columns_of_an_unknown_header(tmp_path: Path, ending: str) -> None:
    title = [["Invented baseline"], []] if ending == "xlsx" else []
    rows = [*ROWS[:1], [*ROWS[1]]]
    mirror = read(tmp_path, [*title, FOREIGN, TAGS, *([*row, "seen"] for row in rows)], ending=ending)
    assert mirror.frame.select("row_number", *KNOWN).rows() == [(3 + len(title), *ROWS[0]), (4 + len(title), *ROWS[1])]
    assert mirror.frame["extra"].to_list() == ['{"Remarks": "seen"}'] * 2
    assert "name the columns" in mirror.notes[0]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_tags_in_the_place_of_a_header_name_the_columns(tmp_path: Path, ending: str) -> None:
    mirror = read(tmp_path, [TAGS[:3], *ROWS], ending=ending)
    assert mirror.frame.select("row_number", *KNOWN).rows() == [(2, *ROWS[0]), (3, *ROWS[1])]


def test_events_by_their_tags(tmp_path: Path) -> None:
    tags = ["#event+id", "#date+start", "#date+end", "#event+type", "#geo+lat", "#geo+lon", "#affected+ind+killed"]
    row = ["e1", "2022-03-04", "2022-03-05", "clash", "20.1", "96.2", "3"]
    mirror = read(tmp_path, [["a", "b", "c", "d", "e", "f", "g"], tags, row], Kind.CLASHES)
    names = ["event_id", "event_date", "event_date_end", "event_type", "latitude", "longitude", "fatalities"]
    assert mirror.frame.select(names).row(0) == tuple(row)


@pytest.mark.parametrize(
    ("tag", "kind", "ours"),
    [
        ("#adm3+code", Kind.CLASHES, "adm3_pcode"),
        ("#Adm3 +Code +v_pcode", Kind.CLASHES, "adm3_pcode"),
        ("#affected+new+idps+ind", Kind.DISPLACEMENT, "idps_new_persons"),
        ("#affected+idps+f", Kind.DISPLACEMENT, None),  # women: another figure
        ("#affected+idps+children", Kind.DISPLACEMENT, None),
        ("#affected", Kind.DISPLACEMENT, None),
        ("#date", Kind.SERVICES, "survey_date"),
        ("#date+start", Kind.DISPLACEMENT, None),
        ("adm3+code", Kind.CLASHES, None),
    ],
)
def test_what_a_tag_means(tag: str, kind: Kind, ours: str | None) -> None:
    assert hxl.meaning(tag, kind) == ours


def test_every_declared_meaning_is_a_column_of_some_format() -> None:
    columns = {name for kind in Kind for known in of_kind(kind) for name in known.columns}
    assert set(hxl.MEANINGS.values()) <= columns
    for tag in hxl.MEANINGS:
        _, *attributes = tag.split("+")
        assert attributes == sorted(attributes), tag


@pytest.mark.parametrize(
    "cells",
    [["#REF!", "#N/A", "#DIV/0!"], ["#1", "", ""], ["#adm3+code", "x", "y"], ["", ""], ["Nr. #adm3", "#"]],
)
def test_what_is_no_tag_row(cells: list[str]) -> None:
    assert not hxl.is_tag_row(list(cells))
    assert hxl.is_tag_row(["#adm3+code", "", "#geo +lat", "x"])


def test_tags_that_name_too_little_are_refused_with_the_header(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="'day of report', 'code', 'people'"):
        read(tmp_path, [FOREIGN, ["#date", "#adm3+code", "#meta", ""], [*ROWS[0], ""]])
    with pytest.raises(UnusableInput, match="stands 2 times"):
        read(tmp_path, [["a", "b", "c", "d"], ["#date", "#adm3+code", "#affected+idps", "#affected+idps+ind"],
                        [*ROWS[0], "4"]])  # fmt: skip


def test_a_header_with_tags_and_nothing_below_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="a header and no rows"):
        read(tmp_path, [KNOWN, TAGS[:3]])


def test_records_of_json_may_begin_with_their_tags(tmp_path: Path) -> None:
    rows = [dict(zip(KNOWN, row, strict=True)) for row in (TAGS[:3], *ROWS)]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    mirror = read_table(tmp_path / "a.json", Kind.DISPLACEMENT, Sidecar())
    assert mirror.frame["row_number"].to_list() == [2, 3]
