"""Which delivery is in force: sheets, two sidecars of a file, numbers that start again, downloads that lack events."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from records_frames import gazetteer

from pipeline.declare.codes import Kind, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.ingest import inbox
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.events import canonical_events
from pipeline.records.parsing import with_delivery
from pipeline.storage import deliveries
from pipeline.storage.deliveries import Landing

NOW = datetime(2024, 6, 1, 6, tzinfo=UTC)
SCOPE = 'id_scope = "file"\n'
Event = tuple[object, ...]


def event(number: object, day: str, place: str = "MMR001001", updated: str = "") -> Event:
    return (number, day, "clash", place, updated)


def month(number: int, count: int = 3) -> list[Event]:
    """Events numbered from 1 on, each month in townships of its own."""
    return [event(n, f"2023-{number:02}-{n:02}", f"MMR0010{number:02}") for n in range(1, count + 1)]


HEAD = ("event_id", "event_date", "event_type", "adm3_pcode", "updated_at")


def csv(folder: Path, name: str, rows: list[Event], sidecar: str = "") -> tuple[Kind, Path]:
    path = folder / name
    path.write_text("\n".join(",".join(map(str, row)) for row in (HEAD, *rows)) + "\n")
    path.with_name(f"{name}.toml").write_text(sidecar)
    return Kind.CLASHES, path


def workbook(folder: Path, name: str, sheets: dict[str, list[Event]], sidecar: str = "") -> tuple[Kind, Path]:
    path = folder / name
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": datetime(2024, 1, 1)})
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for n, row in enumerate((HEAD, *rows)):
                sheet.write_row(n, 0, [str(cell) for cell in row])
    path.with_name(f"{name}.toml").write_text(sidecar)
    return Kind.CLASHES, path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def deliver(home: Home, *files: tuple[Kind, Path], days: int = 0) -> list[Landing]:
    return inbox.deliver(home, list(files), NOW + timedelta(days=days))


def in_force(home: Home, as_of: date | None = None) -> list[str]:
    return sorted(f"{d.file_name} {d.sheet or ''}".strip() for d in deliveries.in_force(home, as_of))


def records(home: Home) -> Clashes:
    """The clash records of a home, made as a run makes them."""
    known = deliveries.in_force(home)
    told = deliveries.as_frame(known)
    rows = [deliveries.read_delivery(home, d).with_columns(pl.lit(d.delivery_id).alias("delivery_id")) for d in known]
    return current_clashes([canonical_events(with_delivery(frame, told)) for frame in rows], gazetteer())


SHEETS = {"Sep": [event(n, f"2023-09-{n:02}") for n in (1, 2)], "Oct": [event(n, f"2023-10-{n:02}") for n in (3, 4)]}


def test_each_sheet_of_a_workbook_is_a_delivery_and_a_changed_sidecar_replaces_its_own(
    home: Home, tmp_path: Path
) -> None:
    files = [workbook(tmp_path, f"{name}.xlsx", SHEETS, f'sheet = "{name}"') for name in ("Oct", "Sep")]
    assert not any(landing.replaces for landing in deliver(home, *files))
    assert in_force(home) == ["Oct.xlsx Oct", "Sep.xlsx Sep"]
    changed = deliver(home, workbook(tmp_path, "Sep.xlsx", SHEETS, 'sheet = "Sep"\ncoverage = "Kachin"'), days=1)
    assert in_force(home) == ["Oct.xlsx Oct", "Sep.xlsx Sep"]
    (line,) = deliveries.told_of_replacing(changed[0])
    assert line.startswith("clashes/Sep.xlsx")
    assert "is no longer in force: the same file with another sidecar (Sep.xlsx" in line
    assert in_force(home, NOW.date()) == ["Oct.xlsx Oct", "Sep.xlsx Sep"], "the day before knows the earlier one"


def test_every_sheet_as_one_delivery_replaces_its_sheets_and_says_so(home: Home, tmp_path: Path) -> None:
    deliver(home, *(workbook(tmp_path, f"{name}.xlsx", SHEETS, f'sheet = "{name}"') for name in ("Oct", "Sep")))
    (landing,) = deliver(home, workbook(tmp_path, "all.xlsx", SHEETS, 'sheets = "all"'), days=1)
    assert len(landing.replaces) == 2
    assert in_force(home) == ["all.xlsx"]


@pytest.mark.parametrize("second", ['sheet = "Sep"\nsource = "Others"', 'sheets = "all"'])
def test_one_file_with_two_sidecars_at_once_is_refused(home: Home, tmp_path: Path, second: str) -> None:
    files = [workbook(tmp_path, "a.xlsx", SHEETS, 'sheet = "Sep"'), workbook(tmp_path, "b.xlsx", SHEETS, second)]
    with pytest.raises(UnusableInput, match=r"b\.xlsx is the same (sheet|file) as a\.xlsx with another sidecar"):
        deliveries.refuse_two_sayings(inbox.judge(files, NOW))
    deliveries.refuse_two_sayings(inbox.judge([files[0], files[0]], NOW))
    landings = deliver(home, *files)
    assert [len(landing.replaces) for landing in landings] == [0, 1], "where it is not refused, it is said"
    assert len(in_force(home)) == 1


def test_a_landing_of_before_sheets_were_told_learns_its_sheet(home: Home, tmp_path: Path) -> None:
    files = [workbook(tmp_path, f"{name}.xlsx", SHEETS, f'sheet = "{name}"') for name in ("Oct", "Sep")]
    deliver(home, *files)
    for path in home.deliveries.glob("clashes/*.json"):
        stated = json.loads(path.read_text())
        for key in ("sheet", "id_scope", "release"):
            del stated[key]
        path.write_text(json.dumps(stated))
    assert in_force(home) == ["Sep.xlsx"], "as older code left it"
    deliver(home, *files, days=1)
    assert in_force(home) == ["Oct.xlsx Oct", "Sep.xlsx Sep"]


def test_numbers_that_start_again_in_each_file_are_refused_with_two_of_their_rows(home: Home, tmp_path: Path) -> None:
    files = [csv(tmp_path, f"2023-{n:02}.csv", month(n)) for n in (1, 2)]
    with pytest.raises(UnusableInput) as refused:
        deliver(home, *files)
    assert "3 of the 3 event numbers that it shares with 2023-01.csv" in str(refused.value)
    assert "'1' is 2023-02-01 at MMR001002 in row 2 and 2023-01-01 at MMR001001 in row 2 of" in str(refused.value)
    assert 'id_scope = "file" into 2023-02.csv.toml' in str(refused.value)
    assert in_force(home) == []
    deliver(home, files[0])
    with pytest.raises(UnusableInput, match="3 of the 3"):
        deliver(home, files[1], days=1)
    deliver(home, csv(tmp_path, "2023-02.csv", month(2), SCOPE), days=1)
    assert records(home).records.height == 6


def test_numbers_unique_in_their_file_count_each_and_its_next_version_replaces_it_whole(
    home: Home, tmp_path: Path
) -> None:
    files = [csv(tmp_path, f"2023-{n:02}.csv", month(n), SCOPE) for n in (1, 2, 3)]
    deliver(home, *files)
    assert records(home).records["event_id"].to_list()[:2] == ["2023-01.csv#1", "2023-01.csv#2"]
    (landing,) = deliver(home, csv(tmp_path, "2023-02.csv", month(2)[1:], SCOPE), days=1)
    assert records(home).records.height == 8
    assert "a newer version of the file" in deliveries.told_of_replacing(landing)[0]
    with pytest.raises(UnusableInput, match=r"2023-02\.csv: it bears the name .* only 0 of its 3 days and places"):
        deliver(home, csv(tmp_path, "2023-02.csv", month(4), SCOPE), days=2)


def test_numbers_that_start_again_in_each_sheet(home: Home, tmp_path: Path) -> None:
    sheets = {"Jan": month(1), "Feb": month(2)}
    with pytest.raises(UnusableInput, match=r"in row 2 of sheet 2 and .* Where the numbers start again in each sheet"):
        deliver(home, workbook(tmp_path, "w.xlsx", sheets, 'sheets = "all"'))
    deliver(home, workbook(tmp_path, "w.xlsx", sheets, 'sheets = "all"\n' + SCOPE))
    assert records(home).records["event_id"].to_list()[2:4] == ["w.xlsx#3", "w.xlsx/2#1"]


def test_a_single_number_that_stands_for_two_events_is_set_aside_and_a_told_revision_is_a_version(
    home: Home, tmp_path: Path
) -> None:
    first = [event(n, f"2023-01-{n:02}", "MMR001001", "2024-01-01") for n in range(1, 7)]
    moved = event(2, "2023-03-09", "MMR001005", "2024-02-01")
    again = event(1, "2023-03-08", "MMR001004")
    deliver(home, csv(tmp_path, "a.csv", first), csv(tmp_path, "b.csv", [again, moved, *first[2:]]))
    made = records(home)
    assert made.records.select("event_id", "adm3_pcode").rows()[0] == ("2", "MMR001005")
    aside = made.set_aside.filter(pl.col("reason") == Reason.REUSED_NUMBER)
    assert aside.select("file_name", "found").sort("file_name").rows() == [("a.csv", "1"), ("b.csv", "1")]


def test_a_corrected_day_or_place_alone_is_a_version(home: Home, tmp_path: Path) -> None:
    later = [event(1, "2023-01-09"), event(2, "2023-01-02", "MMR001005"), event(3, "2023-01-03")]
    first = [event(n, f"2023-01-{n:02}") for n in (1, 2, 3)]
    deliver(home, csv(tmp_path, "a.csv", first))
    deliver(home, csv(tmp_path, "b.csv", later), days=1)
    assert records(home).records.height == 3


def test_within_one_file_numbers_used_twice_are_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=r"3 of the 3 event numbers that stand in it more than once"):
        deliver(home, csv(tmp_path, "both.csv", month(1) + month(2)))


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [("e.csv", 'id_scope = "month"', 'write "file"'), ("e.csv", 'release = "2024"', "none of UCDP's"),
     ("e.csv", 'release = "24.1"', "means nothing for canonical_clashes")],
)  # fmt: skip
def test_what_means_nothing_is_refused(home: Home, tmp_path: Path, name: str, line: str, words: str) -> None:
    with pytest.raises(UnusableInput, match=words):
        deliver(home, csv(tmp_path, name, month(1), line))


def test_a_later_full_download_that_lacks_events_says_so_and_ends_none(home: Home, tmp_path: Path) -> None:
    full = [event(n, f"2023-01-{n:02}") for n in range(1, 9)]
    deliver(home, csv(tmp_path, "a.csv", full))
    deliver(home, csv(tmp_path, "b.csv", [*full[:3], *full[5:], event(9, "2023-01-09")]), days=1)
    made = records(home)
    assert made.records.height == 9
    assert made.missing.select("event_id", "earlier_file", "file_name").rows() == [
        ("4", "a.csv", "b.csv"), ("5", "a.csv", "b.csv"),
    ]  # fmt: skip
    (said,) = made.sentences
    assert "b.csv lacks 2 events of its days that a.csv had (2023-01-04 to 2023-01-05; 4 of 2023-01-04" in said
    deliver(home, csv(tmp_path, "c.csv", [full[3]]), days=2)
    assert records(home).missing["event_id"].to_list() == ["5"], "a short list is no full download, and 4 came again"


def test_an_older_export_or_a_deletion_is_no_lack(home: Home, tmp_path: Path) -> None:
    new = [event(n, f"2023-01-{n:02}", updated=f"2024-02-{n:02}") for n in range(1, 9)]
    old = [event(n, f"2023-01-{n:02}", updated="2024-01-01") for n in (1, 2, 3, 5, 6, 8)]
    deliver(home, csv(tmp_path, "new.csv", new))
    deliver(home, csv(tmp_path, "late.csv", old), days=1)
    assert records(home).missing.is_empty()
