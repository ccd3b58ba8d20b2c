"""`township-index calibrate` on an invented home: what it finds, says, writes and saves, and every refusal."""

import csv
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from pipeline import cli
from pipeline.declare.frames import empty
from pipeline.declare.settings import Home
from pipeline.declare.tables import TABLES
from pipeline.storage import saved_methods
from pipeline.storage.warehouse import Warehouse

HEAD = "figure,value,unit,reference_date,source\n"
END = "2021-03-31"
BLANK = {"VARCHAR": "", "BIGINT": 0, "DOUBLE": 0.0, "BOOLEAN": False, "DATE": date(2021, 2, 1)}
# ten townships: clashes, displaced people as shown; the last month's, the month before has other figures
CLASHES = (0, 1, 1, 2, 3, 4, 5, 7, 7, 20)
PEOPLE = (None, None, None, 0, 20, 100, 100, 3_000, 20_000, 50_000)


def township_index(clashes: tuple[int, ...], month: date, **given: Any) -> pl.DataFrame:
    """Rows of one month as a release has them; declared columns that do not matter are blank."""
    table = TABLES["published.township_index"]
    rows = []
    for number, (count, people) in enumerate(zip(clashes, PEOPLE, strict=True)):
        own = {
            "method": "isp-2023", "month": month, "adm3_pcode": f"MMR{number:06d}", "in_conflict": count > 0,
            "clashes_count": count, "idps_persons": people, "idps_suppressed": False, "services_known_count": 0,
            "period_start": date(2021, 2, 1), "period_end": date.fromisoformat(END), "idps_basis": None, **given,
        }  # fmt: skip
        rows.append({s.name: own.get(s.name, None if s.name in table.nullable else BLANK[s.type]) for s in table.specs})
    return pl.DataFrame(rows, schema=empty(table.full_name).schema)


def release(root: Path, index: pl.DataFrame) -> Home:
    """A home that has published: its analysts' database and the manifest of its last release."""
    place = Home(root)
    warehouse = Warehouse(place.work_database)
    warehouse.prepare()
    warehouse.write("published.township_index", index)
    warehouse.snapshot(place.analysts_database)
    manifest = {
        "release_id": "2021-03-31-0", "clash_source": "canonical_clashes", "period_end": END, "synthetic": False,
        "inputs": [{"delivery_id": "d2"}, {"delivery_id": "d1"}],
    }  # fmt: skip
    place.latest.mkdir(parents=True)
    (place.latest / "manifest.json").write_text(json.dumps(manifest))
    return place


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    months = [township_index((1,) * 10, date(2021, 2, 1)), township_index(CLASHES, date(2021, 3, 1))]
    return release(tmp_path_factory.mktemp("made"), pl.concat(months))


@pytest.fixture
def place(made: Home, tmp_path: Path) -> Home:
    shutil.copytree(made.root, tmp_path / "home")
    return Home(tmp_path / "home")


def ask(place: Home, figures: str, *options: str, head: str = HEAD) -> Any:
    path = place.root.parent / "figures.csv"
    path.write_text(head + figures)
    return CliRunner().invoke(cli.app, ["calibrate", "--to", str(path), "--home", str(place.root), *options])


def figure(name: str, value: object, day: str = END, unit: str = "townships") -> str:
    return f"{name},{value},{unit},{day},An office 1\n"


HIGH_AND_LOW = figure("security_high", 4) + figure("security_low", 5)


def refused(outcome: Any, *words: str) -> None:
    assert outcome.exit_code == 2, outcome.output
    assert "Traceback" not in outcome.output
    assert [word for word in words if word not in outcome.stderr] == [], outcome.stderr


def test_the_best_cut_of_the_last_month_is_said_with_what_it_does_not_prove(place: Home) -> None:
    outcome = ask(place, HIGH_AND_LOW + figure("townships_total", 330))
    assert outcome.exit_code == 0, outcome.output
    said = " ".join(outcome.stdout.split())
    # of 20, 7, 7, 5, 4, 3, 2, 1, 1 four are at least 5 and five are below
    assert "cut found 5 (the method has 10 now); loss 0.0 townships in all" in said
    assert "equally good 5 nearly as good 5" in said
    assert "Not used townships_total" in said
    assert "not unique" in said
    assert "closeness to them proves nothing" in said
    assert "this source (Clash records in this project's own columns) and this period only" in said
    assert "warning" not in said
    assert not place.methods.exists()


def test_a_share_and_the_other_two_indices(place: Home) -> None:
    figures = figure("effective_control_lost_share", 40, unit="percent of territory") + figure("humanitarian_high", 2)
    outcome = ask(place, figures + figure("services_severe", 1))
    assert outcome.exit_code == 0
    said = " ".join(outcome.stdout.split())
    assert "effective_control_lost_share 4.0 4 (a share, in townships)" in said
    # shown 50,000 and 20,000 are high at every cut that parts them from 3,000; the method's own is one of them
    assert "cut found 10,000 (the method has it now)" in said
    assert "equally good 3,005 to 19,995" in said
    assert "share of services lost from which a township is severe no records in this release" in said
    assert "2 of them have no displacement figure" in said
    assert "warning: 2 of 9 townships in conflict have no record for idps_high" in said


def test_another_day_another_window_and_a_lethal_source_are_warned_of(place: Home) -> None:
    manifest = place.latest / "manifest.json"
    stated = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**stated, "clash_source": "ucdp_ged", "synthetic": True}))
    cut_off = "clashes_since_2021_02_01,9,clashes,2021-03-30,An office 2\n"
    said = ask(place, figure("security_high", 4, "2021-04-15") + cut_off).stdout
    assert "SYNTHETIC DATA" in said
    assert "warning: this source holds only events in which somebody died" in said
    # the publisher counted to the 30th, whatever day it printed
    assert (
        "count to 2021-03-30 and this release to 2021-03-31 (security_high); run with --period-end 2021-03-30" in said
    )
    assert "2021-04-15" not in said


def test_the_whole_search_goes_to_a_file(place: Home, tmp_path: Path) -> None:
    assert ask(place, HIGH_AND_LOW, "--csv", str(tmp_path / "all.csv")).exit_code == 0
    with (tmp_path / "all.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(float(row["cut_low"])) for row in rows] == list(range(1, 21))
    assert [row["cut_low"] for row in rows if row["chosen"] == "true"] == ["5.0"]
    assert rows[4]["loss_townships"] == "0.0"


def test_a_saved_method_holds_the_cuts_and_where_they_come_from(place: Home) -> None:
    figures = HIGH_AND_LOW + figure("humanitarian_high", 1)
    outcome = ask(place, figures, "--save", "own")
    assert outcome.exit_code == 0
    assert "run --method own" in outcome.stdout
    method = saved_methods.read(place, "own")
    assert method.saved is not None
    assert method.thresholds("canonical_clashes:a team").security_high.value == 5
    # only the township shown with 50,000 is high from 20,005 on; of these cuts 45,000, 40,000, 30,000, ... are round
    assert (method.idps_high.value, method.saved.cuts[1].equally_good) == (30_000, "20,005 to 49,995")
    assert (method.saved.release_id, method.saved.period_end) == ("2021-03-31-0", date(2021, 3, 31))
    assert method.saved.figures_file == "figures.csv"
    assert len(method.saved.inputs_sha256) == 64
    text = (place.methods / "own.toml").read_text()
    assert "closeness to published margins proves nothing" in text
    refused(ask(place, HIGH_AND_LOW, "--save", "own"), "--replace")
    assert ask(place, HIGH_AND_LOW, "--save", "own", "--replace").exit_code == 0
    assert "idps_high" not in (place.methods / "own.toml").read_text()


def test_names_and_bases_that_cannot_be_used(place: Home) -> None:
    refused(ask(place, HIGH_AND_LOW, "--save", "isp-2023"), "ships")
    refused(ask(place, HIGH_AND_LOW, "--save", "My method"), "a-z")
    refused(ask(place, HIGH_AND_LOW, "--method", "isp"), "unknown method 'isp'")
    assert ask(place, HIGH_AND_LOW, "--save", "own").exit_code == 0
    refused(ask(place, HIGH_AND_LOW, "--method", "own"), "is itself calibrated")
    refused(ask(place, HIGH_AND_LOW, "--method", "rolling-12m"), "no rows of method rolling-12m")


def test_figures_that_cannot_be_used(place: Home) -> None:
    refused(ask(place, figure("townships_total", 330)), "security_high, security_low, effective_control_lost_share")
    refused(ask(place, figure("humanitarian_high", 2)), "at least one of security_high")
    refused(ask(place, figure("security_high", "many")), "'many'", "line 2")
    refused(ask(place, figure("security_high", 400)), "from 0 to 330")
    refused(ask(place, "", head="figure,value\n"), "columns")
    refused(CliRunner().invoke(cli.app, ["calibrate", "--to", "/nowhere.csv", "--home", str(place.root)]), "nowhere")


def test_homes_that_cannot_be_used(place: Home, tmp_path: Path) -> None:
    refused(ask(Home(tmp_path / "empty"), HIGH_AND_LOW), "nothing was published in this home yet")
    manifest = place.latest / "manifest.json"
    stated = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**stated, "period_end": "2021-02-28"}))
    refused(ask(place, HIGH_AND_LOW), "2021-02-28", "run again")
    manifest.write_text("{}")
    refused(ask(place, HIGH_AND_LOW), "manifest.json", "run again")
    manifest.unlink()
    refused(ask(place, HIGH_AND_LOW), "manifest.json", "run again")


def test_a_release_without_a_clash_has_nothing_to_search(tmp_path: Path) -> None:
    place = release(tmp_path / "home", township_index((0,) * 10, date(2021, 3, 1), in_conflict=None))
    refused(ask(place, HIGH_AND_LOW + figure("humanitarian_high", 1)), "no records for any index")
