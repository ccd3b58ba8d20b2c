"""A second run of a home: it waits for the first, disturbs no reader, and what came since changes no other figure.

What came is another team's file, which is compared and never added, a longer export of the first team's, and a method
that was calibrated and saved in the home, which heads the run beside the shipped ones. Two runs before it are killed,
and the working database is damaged. One run for all of it; each test looks at what it left.
"""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock
from integration_homes import (
    TIMEOUT,
    Command,
    Outcome,
    Small,
    alive,
    analysts_query,
    descendants,
    fingerprint,
    query,
    release_query,
    rows_of,
    wait_until,
)

from pipeline.declare.settings import Home
from pipeline.storage import release_folder, saved_methods

pytestmark = pytest.mark.integration

SAMPLE_KEY = "canonical_clashes:synthetic-sample-clashes-invented"
CANARY = "Canary Brigade"
CLASHES = "clashes/synthetic_clashes.csv"
# One line more in the first team's export, which no index counts.
ONE_MORE = "SYN99999,2021-04-20,,parade,MMR001001,,township,day\n"
LITTER = (".building-*", ".old-*", ".latest-*", ".*.part", "*.part", "*.wal", "*.tmp")
# Invented margins, far from those of the sample.
FIGURES = (
    "figure,value,unit,reference_date,source\n"
    "security_high,60,townships,2021-06-30,An office\n"
    "humanitarian_high,20,townships,2021-06-30,An office\n"
    "services_severe,30,townships,2021-06-30,An office\n"
)
READER = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
con.execute("SET enable_progress_bar = false")
rows = con.execute("SELECT * FROM published.township_index ORDER BY ALL")
count = len(rows.fetchmany(5))
print("reading", flush=True)
sys.stdin.readline()
while chunk := rows.fetchmany(5000):
    count += len(chunk)
print(count, con.execute("SELECT count(*) FROM published.national_summary").fetchall()[0][0], flush=True)
"""


@dataclass(frozen=True)
class Second:
    """The home after its second run, with the release of the first; what was said, and what came of each reader.

    `count` are the other team's clashes, `lines` the first team's, and `files` those of the first release as it was.
    """

    home: Path
    before: Path
    count: int
    lines: int
    files: dict[str, str]
    calibrated: Outcome
    waited: bool
    outcome: Outcome
    read: list[tuple[int, str, str]]
    snapshot: int

    @property
    def after(self) -> Path:
        return (self.home / "published" / "latest").resolve()


def second_team(folder: Path) -> int:
    """Every twentieth clash under the same ids, on another day of its month, by another team."""
    with (folder / CLASHES).open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["event_type"] == "clash" and row["adm3_pcode"]][::20]
    lines = ["event_id,event_date,event_type,adm3_pcode,actor1"]
    lines += [f"{r['event_id']},{r['event_date'][:8]}15,clash,{r['adm3_pcode']},{CANARY}" for r in rows]
    path = folder / "clashes" / "second.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.with_name("second.csv.toml").write_text(
        'source = "ဒုတိယအဖွဲ့"\nsynthetic = true\nabsence_means = "zero"\n', encoding="utf-8"
    )
    return len(rows)


def reader(command: Command, path: Path) -> "subprocess.Popen[str]":
    one = subprocess.Popen(
        [sys.executable, "-c", READER, str(path)],
        env=command.environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert one.stdout is not None
    assert one.stdout.readline() == "reading\n"
    return one


def kill_when(pid: int, reached: Callable[[], bool], meanwhile: Callable[[int], object] | None = None) -> None:
    """kill -9 a run, and it alone, once `reached`, and see that no process of it lives on."""
    try:
        wait_until(lambda: reached() or not alive(pid), TIMEOUT, "the moment to kill", pause=0.002)
        assert alive(pid), "the run had ended before"
        below = descendants(pid)
        assert below, "the second process had not started"
        if meanwhile is not None:
            meanwhile(pid)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(alive(one) for one in below), 20, f"the end of {len(below)} child processes", 0.1)
    finally:
        if alive(pid):
            os.killpg(pid, signal.SIGKILL)


def kill_twice(command: Command, home: Path, *arguments: object) -> None:
    """Kill runs at two moments: each leaves the release and the analysts' database as they were."""
    published, analysts = home / "published", home / "warehouse" / "township_index.duckdb"
    before, snapshot = fingerprint(published), analysts.read_bytes()
    landed = len(list((home / "deliveries" / "clashes").glob("*.json")))

    def unharmed() -> None:
        now = {path: value for path, value in fingerprint(published).items() if not path.startswith(".building-")}
        assert now == before
        assert analysts.read_bytes() == snapshot

    # After the landing of the changed files, as a user has it: a process that starts another.
    process = command.start(*arguments)
    kill_when(process.pid, lambda: len(list((home / "deliveries" / "clashes").glob("*.json"))) > landed + 1)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    unharmed()

    # While the release is built; meanwhile another run waits a second and says who holds the home.
    others: list[Outcome] = []

    def crowd(pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)  # so that it cannot come to its end while the other waits
        others.append(command("run", "--home", home, env={"TOWNSHIP_INDEX_LOCK_WAIT_SECONDS": "1"}))
        others[0].refused(str(home), "another run holds this home", f"process {pid}")

    run = command.begin(*arguments)
    kill_when(run.pid, lambda: any(published.glob(".building-*/report")), crowd)
    assert command.server.end(run).code == -signal.SIGKILL
    assert others
    unharmed()
    assert litter(home) != [], "the test killed too late to see anything"


def litter(home: Path) -> list[str]:
    return sorted(path.relative_to(home).as_posix() for pattern in LITTER for path in home.rglob(pattern))


@pytest.fixture(scope="module")
def second(small_home: Small, command: Command, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Second]:
    """Readers in other processes hold a query open on both databases while the run publishes."""
    folder = tmp_path_factory.mktemp("second")
    home, data = folder / "home", folder / "in"
    shutil.copytree(small_home.home, home, symlinks=True)
    shutil.copytree(small_home.data, data)
    count = second_team(data)
    lines = len(rows_of(data / CLASHES))
    (data / CLASHES).write_text((data / CLASHES).read_text(encoding="utf-8") + ONE_MORE, encoding="utf-8")
    (folder / "figures.csv").write_text(FIGURES)
    untouched = fingerprint(home)
    command("run", "--home", home, "--method", "own").refused("unknown method 'own'", "isp-2023, rolling-12m")
    assert fingerprint(home) == untouched
    calibrated = command("calibrate", "--to", folder / "figures.csv", "--home", home, "--save", "own")
    before, analysts = (home / "published" / "latest").resolve(), home / "warehouse" / "township_index.duckdb"
    files, arguments = fingerprint(before), ("run", "--data", data, "--home", home, "--method", "own")
    kill_twice(command, home, *arguments)
    # Damaged as well: the working database is moved aside and built again from the deliveries.
    (home / "warehouse" / "work.duckdb").write_bytes(b"not a database " * 1000)
    (home / "warehouse" / "work.duckdb.wal").unlink(missing_ok=True)
    databases, snapshot = (analysts, before / "township_index.duckdb"), analysts.stat().st_ino
    readers = [reader(command, path) for path in databases]
    published = fingerprint(home / "published")
    with FileLock(home / "run.lock"):
        run = command.begin(*arguments, shown="index.html methods.html quality.html")
        time.sleep(3)
        # Another holds the home: the run waits and has written nothing.
        waited = alive(run.pid) and "delivered before" not in run.out.read_text(encoding="utf-8")
        waited = waited and fingerprint(home / "published") == published
    outcome = command.server.end(run)
    outcome.published()
    read = []
    for one in readers:
        out, err = one.communicate("go\n", timeout=60)
        read.append((one.returncode, out, err))
    yield Second(home, before, count, lines, files, calibrated, waited, outcome, read, snapshot)
    shutil.rmtree(folder, ignore_errors=True)


def test_it_waits_for_the_run_before_and_lands_only_what_is_new(second: Second) -> None:
    assert second.waited
    assert second.outcome.out.count("no change: delivered before") > 4


def test_of_killed_runs_and_a_damaged_database_nothing_is_left(second: Second) -> None:
    assert "work.duckdb.damaged" in second.outcome.out
    assert (second.home / "warehouse" / "work.duckdb.damaged").exists()
    assert litter(second.home) == []
    whole = [p for p in (second.home / "published").iterdir() if p.is_dir() and not p.is_symlink()]
    assert sorted(whole) == sorted([second.before, second.after])
    assert fingerprint(second.before) == second.files
    # The overlapping older export is superseded row by row, never counted twice.
    statement = "SELECT clashes_count FROM published.national_summary WHERE method = 'isp-2023' ORDER BY month"
    then = query(second.before / "township_index.duckdb", statement)
    assert release_query(second.home, statement).equals(then)
    superseded = "SELECT count(*) FROM records.set_aside WHERE reason IN ('superseded', 'duplicate_row')"
    assert second.lines * 0.9 < analysts_query(second.home, superseded).item() <= second.lines + 1


def test_open_readers_keep_what_they_opened_and_new_ones_open_the_new(second: Second) -> None:
    months = len(rows_of(second.before / "tables" / "national_summary.csv")) // 2
    assert second.read == [(0, f"{2 * months * 330} {2 * months}\n", "")] * 2
    assert (second.home / "warehouse" / "township_index.duckdb").stat().st_ino != second.snapshot
    for path in (second.home / "warehouse", second.before, second.after):
        con = duckdb.connect(str(path / "township_index.duckdb"), read_only=True)
        assert con.execute("SELECT count(*) FROM published.townships").fetchall() == [(330,)]
        con.close()


def test_the_shipped_methods_rows_are_as_they_were(second: Second) -> None:
    """Also those of clashes: the other team's are compared and not added. What is known of the evidence alone grows."""
    shipped = "SELECT * FROM published.{} WHERE method <> 'own' ORDER BY ALL"
    for table in ("township_index", "national_summary", "territorial_control"):
        then = query(second.before / "township_index.duckdb", shipped.format(table))
        now = release_query(second.home, shipped.format(table))
        differ = {name for name in now.columns if not now[name].equals(then[name])}
        assert {name for name in differ if not name.startswith("evidence_")} == set(), table
    name = "tables/comparison.csv"
    assert (second.after / name).read_bytes() == (second.before / name).read_bytes()


def test_two_teams_with_the_same_ids(second: Second, small_home: Small) -> None:
    """One is counted, nothing is summed, nothing is replaced, and the reader is told."""
    home, alone = second.home, small_home.home
    (line,) = [line for line in second.outcome.out.splitlines() if "Primary clash source" in line]
    assert f"({SAMPLE_KEY})" in line
    assert "Compared, not added: ဒုတိယအဖွဲ့ (canonical_clashes:" in line
    assert release_query(home, "select distinct clash_source from published.national_summary").item() == SAMPLE_KEY
    of_theirs = "select count(*) from records.set_aside where file_name = 'second.csv'"
    assert analysts_query(home, of_theirs).item() == 0
    own = f"select count(*) from records.clashes where actor1 = '{CANARY}'"
    assert analysts_query(home, own).item() == second.count

    (pair,) = release_query(home, "select * from published.source_concordance").to_dicts()
    assert pair["matched_count"] <= min(pair["events_a_count"], pair["events_b_count"])
    assert pair["comparable"]
    cells = release_query(home, "select sum(events_a_count), sum(events_b_count) from published.source_matches").row(0)
    assert [int(cell) for cell in cells] == [pair["events_a_count"], pair["events_b_count"]]
    assert analysts_query(home, "select count(*) from indices.event_matches").item() >= pair["matched_count"] > 0

    manifest = json.loads((second.after / "manifest.json").read_text(encoding="utf-8"))
    assert "run: primary_source_named" in manifest["checks"]["warnings"]
    assert "run: leading_source_plausible" not in manifest["checks"]["warnings"]
    report = second.after / "report"
    assert "both have a clash or both have none" in (report / "quality.html").read_text(encoding="utf-8")
    assert "compared with it and never added: ဒုတိယအဖွဲ့" in (report / "index.html").read_text(encoding="utf-8")
    told = [p for p in second.after.rglob("*") if p.is_file() and CANARY.encode() in p.read_bytes()]
    assert told == [], "an actor of an event stands in a release"
    assert analysts_query(alone, "select count(*) from published.source_concordance").item() == 0


def test_a_saved_method_heads_the_run(second: Second) -> None:
    second.calibrated.published()
    assert "SYNTHETIC DATA" in second.calibrated.out
    reached = {
        figure: int(count)
        for figure, count in re.findall(
            r"^  (security_high|humanitarian_high|services_severe) .* (\d+)$", second.calibrated.out, re.M
        )
    }
    assert "National table, own," in second.outcome.out
    manifest = json.loads((second.after / "manifest.json").read_text())
    assert second.after.name != second.before.name
    assert (manifest["method"], manifest["methods"]) == ("own", ["isp-2023", "rolling-12m", "own"])
    assert manifest["saved_method"]["base"] == "isp-2023"
    assert manifest["saved_method"]["release_id"] == second.before.name
    assert manifest["saved_method"]["synthetic"] is True
    # What the saved method holds is part of the release's id.
    saved = saved_methods.identity(saved_methods.read(Home(second.home), "own"))
    parts = [*sorted(one["delivery_id"] for one in manifest["inputs"]), manifest["as_of"], manifest["code_version"],
             "own", *saved]  # fmt: skip
    assert second.after.name == release_folder.release_id(date.fromisoformat(manifest["period_end"]), parts)
    # The run gives the margins that the search promised.
    own = [row for row in rows_of(second.after / "tables" / "national_summary.csv") if row["method"] == "own"][-1]
    columns = {"security_high": "security_high_count", "humanitarian_high": "humanitarian_high_count",
               "services_severe": "services_severe_count"}  # fmt: skip
    assert {figure: int(own[column]) for figure, column in columns.items()} == reached
    page = (second.after / "report" / "methods.html").read_text()
    assert "Where the cuts of own come from" in page
    assert manifest["saved_method"]["figures_sha256"] in page
    assert "and mean nothing elsewhere" in page
