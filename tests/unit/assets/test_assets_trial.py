"""Files whose rows contradict each other are refused before anything is kept, beside what is in force."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assets.trial import refuse_contradictions
from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.ingest import inbox
from pipeline.storage import deliveries

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
CAMPS = "reference_date,adm3_pcode,idps_stock_persons,site\n2023-01-01,MMR001001,5,x\n2023-01-01,MMR001001,7,y\n"


def file(folder: Path, name: str, text: str, sidecar: str = "", kind: Kind = Kind.DISPLACEMENT) -> tuple[Kind, Path]:
    path = folder / "in" / kind / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.with_name(name + ".toml").write_text(sidecar)
    return kind, path


def month(folder: Path, day: str, persons: int, sidecar: str = "") -> tuple[Kind, Path]:
    text = f"reference_date,adm3_pcode,idps_new_persons\n{day},MMR001001,{persons}\n"
    return file(folder, f"{day}.csv", text, sidecar)


def test_a_refused_file_leaves_nothing_behind_and_the_remedy_holds(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with pytest.raises(UnusableInput, match=r'^camps\.csv: rows 2 and 3 .* rows = "parts" into camps\.csv\.toml'):
        refuse_contradictions(home, inbox.judge([file(tmp_path, "camps.csv", CAMPS)], NOW))
    assert not home.root.exists()
    refuse_contradictions(home, inbox.judge([file(tmp_path, "camps.csv", CAMPS, 'rows = "parts"')], NOW))
    assert not home.root.exists()


def test_a_total_that_falls_from_what_is_in_force_is_refused_and_an_old_fault_is_left_to_the_run(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "home")
    deliveries.keep(home, inbox.judge([month(tmp_path, "2023-08-31", 400)], NOW))
    later = NOW + timedelta(days=1)
    with pytest.raises(UnusableInput, match=r"falls from 400 .* to 90"):
        refuse_contradictions(home, inbox.judge([month(tmp_path, "2023-09-30", 90)], later))
    both = [month(tmp_path, day, n, 'new_is = "period"') for day, n in (("2023-08-31", 400), ("2023-09-30", 90))]
    refuse_contradictions(home, inbox.judge(both, later))
    deliveries.keep(home, inbox.judge([file(tmp_path, "camps.csv", CAMPS)], later))
    refuse_contradictions(home, inbox.judge([month(tmp_path, "2023-10-31", 500)], later))


@pytest.mark.parametrize(
    ("kind", "text", "sidecar", "words"),
    [
        (Kind.CONTROL, "reference_date,adm3_pcode,controller\n2022-03-04,MMR001001,state\n", 'rows = "parts"',
         "means nothing for control"),
        (Kind.CLASHES, "event_id,event_date,event_type,adm3_pcode\n1,2022-03-04,clash,MMR001001\n", 'rows = "parts"',
         "means nothing for clashes"),
        (Kind.DISPLACEMENT, CAMPS, 'new_is = "period"', "this file has none"),
        (Kind.POPULATION, "reference_date,adm3_pcode,population_persons\n2022-03-04,MMR001001,5\n",
         'new_is = "total"', "this file has none"),
    ],
)  # fmt: skip
def test_a_meaning_that_rows_cannot_have_is_refused(
    tmp_path: Path, kind: Kind, text: str, sidecar: str, words: str
) -> None:
    with pytest.raises(UnusableInput, match=rf"^a\.csv: .*{words}"):
        inbox.judge([file(tmp_path, "a.csv", text, sidecar, kind)], NOW)


def test_what_is_stated_is_kept_with_the_delivery_and_names_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    plain = inbox.judge([file(tmp_path, "camps.csv", CAMPS)], NOW)[0].delivery
    said = inbox.judge([file(tmp_path, "camps.csv", CAMPS, 'rows = "parts"')], NOW)
    deliveries.keep(home, said)
    (held,) = deliveries.in_force(home)
    assert (held.rows, held.new_is) == ("parts", None)
    assert held.delivery_id != plain.delivery_id


_STOCK = "reference_date,adm3_pcode,idps_stock_persons\n2023-01-01,MMR001001,{}\n2023-01-01,MMR001002,4\n"


def test_two_files_that_came_together_with_two_figures_are_refused(tmp_path: Path) -> None:
    """Their names would decide which is newer; one after the other the later statement holds."""
    home = Home(tmp_path / "home")
    one, other = (file(tmp_path, name, _STOCK.format(n), 'source = "x"') for name, n in (("a.csv", 50), ("b.csv", 70)))
    with pytest.raises(UnusableInput, match=r"^b\.csv: a\.csv row 2 and b\.csv row 2 give MMR001001 on 2023-01-01"):
        refuse_contradictions(home, inbox.judge([one, other], NOW))
    deliveries.keep(home, inbox.judge([one], NOW))
    refuse_contradictions(home, inbox.judge([other], NOW + timedelta(days=1)))


@pytest.mark.parametrize(
    ("text", "sidecar"),
    [
        (_STOCK.format(50), 'source = "x"\ncoverage = "Kachin"'),  # the same figures again
        (_STOCK.format(70), 'source = "y"'),  # another team
        (_STOCK.format(70).replace("2023-01-01", "2023-02-01"), 'source = "x"'),  # another day
        (_STOCK.format(70).replace("stock", "new"), 'source = "x"'),  # another figure
    ],
)
def test_two_files_that_agree_are_both_taken(tmp_path: Path, text: str, sidecar: str) -> None:
    files = [file(tmp_path, "a.csv", _STOCK.format(50), 'source = "x"'), file(tmp_path, "b.csv", text, sidecar)]
    refuse_contradictions(Home(tmp_path / "home"), inbox.judge(files, NOW))
