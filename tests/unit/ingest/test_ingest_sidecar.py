"""The sidecar: what it may state, and that a wrong statement is refused by its name."""

from datetime import date
from pathlib import Path

import pytest

from pipeline.declare.codes import Absence
from pipeline.declare.errors import UnusableInput
from pipeline.ingest.sidecar import Sidecar, read_sidecar


def read(folder: Path, text: str) -> Sidecar:
    (folder / "a.csv.toml").write_text(text, encoding="utf-8")
    return read_sidecar(folder / "a.csv")


def test_without_one_nothing_is_stated(tmp_path: Path) -> None:
    assert read_sidecar(tmp_path / "a.csv") == Sidecar()


def test_all_that_can_be_stated(tmp_path: Path) -> None:
    stated = read(
        tmp_path,
        '\ufeffsource = "Team"\nlicence = "CC0"\nreference_date = 2022-09-09\nabsence_means = "zero"\n'
        "synthetic = true\n"
        'date_format = "%d/%m/%Y"\ncoverage = "Kachin"\naccess_date = 2024-01-01\nodd = 1\n'
        '[columns]\nevent_id = "No"\n',
    )
    assert (stated.source, stated.reference_date, stated.absence_means) == ("Team", date(2022, 9, 9), Absence.ZERO)
    assert (stated.synthetic, stated.date_format, stated.columns) == (True, "%d/%m/%Y", {"event_id": "No"})
    assert stated.notes == ("a.csv.toml: unknown keys ignored: odd",)
    assert read(tmp_path, 'reference_date = "2022-09-09"').reference_date == date(2022, 9, 9)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("source = ", "not valid TOML"),
        ("source = 5", "source must be text"),
        ("source = 2024-01-01", "source must be text"),
        ("licence = ['a']", "licence must be text"),
        ('absence_means = "nothing"', "absence_means"),
        ('reference_date = "9 September"', "reference_date"),
        ('reference_date = "2022-02-31"', "reference_date"),
        ("reference_date = 2022-09-09T10:00:00", "reference_date"),
        ("reference_date = 20220909", "reference_date"),
        ('date_format = "dd/mm/yyyy"', "%d/%m/%Y"),
        ('columns = "x"', "[columns]"),
        ("[columns]\nevent_id = 1", "[columns]"),
        ('synthetic = "yes"', "synthetic"),
        ("primary = 1", "primary must be true or false"),
        ('rows = "sites"', "rows is 'sites'; write \"parts\""),
        ("rows = true", "rows must be text"),
        ('new_is = "monthly"', 'write "total" or "period"'),
    ],
)
def test_a_wrong_statement_is_refused(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(UnusableInput, match=r"^a\.csv\.toml: ") as caught:
        read(tmp_path, text)
    assert word in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv.toml").write_bytes(b'source = "caf\xe9"')
    with pytest.raises(UnusableInput, match="not valid TOML"):
        read_sidecar(tmp_path / "a.csv")


def test_what_changes_how_rows_are_read_changes_the_meaning() -> None:
    plain = Sidecar()
    assert Sidecar(licence="CC0").meaning() == plain.meaning()
    for other in (
        Sidecar(source="x"),
        Sidecar(date_format="%d/%m/%Y"),
        Sidecar(columns={"a": "b"}),
        Sidecar(synthetic=True),
        Sidecar(primary=True),
        Sidecar(rows="parts"),
        Sidecar(new_is="period"),
        Sidecar(new_is="total"),
    ):
        assert other.meaning() != plain.meaning()
