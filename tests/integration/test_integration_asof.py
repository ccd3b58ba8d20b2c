"""--as-of picks what was known then: any earlier edition can be made again, byte for byte, whatever came later."""

import hashlib
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from integration_homes import Command, fingerprint, release_query, rows_of, write_input

from assets.context import IndexRun
from assets.release import _parts
from pipeline import doctor
from pipeline.declare.codes import Kind
from pipeline.declare.settings import HOME_VARIABLE, Home
from pipeline.ingest import inbox
from pipeline.storage import deliveries, release_folder
from pipeline.storage.history import Delivery

pytestmark = pytest.mark.integration
HEAD = "event_id,event_date,event_type,adm3_pcode,updated_at,deleted\n"
EARLY = HEAD + "E1,2021-03-01,clash,MMR001001,2021-03-02,\nE2,2021-03-05,clash,MMR001001,2021-03-06,\n"
# E2 is moved to another township, E3 is new and later.
LATE = HEAD + "E2,2021-03-05,clash,MMR001002,2021-06-01,\nE3,2021-05-20,clash,MMR001003,2021-06-01,\n"
STRAY = "reference_date,adm3_pcode,idps_new_persons\n2021-03-01,MMR001001,50\n"
GONE = HEAD + "E1,,,,2021-07-01,yes\n"


def arrive(root: Path, home: Path, name: str, text: str, now: datetime, sidecar: str = "") -> Delivery:
    folder = root / f"{name}-{now:%m%d}"
    write_input(folder, "clashes", f"{name}.csv", text, sidecar)
    return inbox.deliver(Home(home), inbox.find_files(folder), now=now)[0].delivery


def counts(home: Path) -> dict[str, int]:
    rows = release_query(
        home,
        "SELECT adm3_pcode, clashes_count FROM published.township_index WHERE method = 'isp-2023' "
        "AND clashes_count > 0 AND month = (SELECT max(month) FROM published.township_index)",
    )
    return dict(rows.rows())


def manifest(home: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((home / "published" / "latest" / "manifest.json").read_text())
    return found


def edition(home: Path) -> dict[str, object]:
    """Every byte of the release's files for machines, and every row of both databases, as hashes."""
    release = (home / "published" / "latest").resolve()
    files = fingerprint(release)
    found: dict[str, object] = {n: h for n, h in files.items() if not n.endswith(".duckdb") and n != "manifest.json"}
    for database in (release / "township_index.duckdb", home / "warehouse" / "township_index.duckdb"):
        con = duckdb.connect(str(database), read_only=True)
        names = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        for (name,) in names:
            rows = con.sql(f"SELECT hash(held) AS row FROM {name} AS held").pl()["row"]
            found[f"{database.parent.name}: {name}"] = hashlib.sha256(rows.to_numpy().tobytes()).hexdigest()
        con.close()
    return found


def test_earlier_editions_are_made_again_byte_for_byte(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    # One minute to midnight in Myanmar, which is 6 h 30 min ahead.
    early = arrive(tmp_path, home, "early", EARLY, datetime(2021, 4, 10, 17, 29, tzinfo=UTC))
    command("run", "--home", home, "--as-of", "2021-04-09").refused("--as-of 2021-04-09", "2021-04-10")
    assert not (home / "published").exists() or not any((home / "published").iterdir())
    command("run", "--home", home).published()
    first, named = edition(home), manifest(home)
    assert (named["as_of"], named["period_end"]) == ("2021-04-10", "2021-03-05")
    assert [one["name"] for one in named["inputs"]] == ["early.csv"]  # type: ignore[attr-defined]
    assert counts(home) == {"MMR001001": 2}

    # Received and withdrawn in May: the deliveries of April are in force again, and more is known.
    stray = write_input(tmp_path / "stray", "displacement", "stray.csv", STRAY, 'coverage = "one township"\n')
    may = [datetime(2021, 5, day, tzinfo=UTC) for day in (1, 2)]
    came = inbox.deliver(Home(home), [(Kind.DISPLACEMENT, stray)], now=may[0])[0].delivery
    deliveries.withdraw(Home(home), came.delivery_id, may[1])
    # Already the 11th in Myanmar.
    late = arrive(tmp_path, home, "late", LATE, datetime(2021, 6, 10, 17, 31, tzinfo=UTC))
    # Held first: nothing that a reader meets has changed until it is published.
    seen = fingerprint(home / "published"), (home / "warehouse" / "township_index.duckdb").read_bytes()
    waiting = command("run", "--home", home, "--hold")
    waiting.published()
    (name,) = [path.name for path in (home / "held").iterdir() if path.is_dir()]
    assert f"\nheld: {name} is whole and audited, and nothing was published." in waiting.out
    assert (fingerprint(home / "published"), (home / "warehouse" / "township_index.duckdb").read_bytes()) == seen
    assert edition(home) == first
    compared = command("releases", "diff", "latest", name, "--home", home)
    assert "added: clashes/late.csv" in compared.out
    command("publish", name, "--home", home).published()
    second, later = edition(home), manifest(home)
    assert later["release_id"] == name
    assert (later["as_of"], later["period_end"]) == ("2021-06-11", "2021-05-20")
    assert counts(home) == {"MMR001001": 1, "MMR001002": 1, "MMR001003": 1}
    moved = release_query(
        home,
        "SELECT edition_date::VARCHAR, month::VARCHAR, clashes_month_count::INT, townships_reclassified_count::INT "
        "FROM published.revisions WHERE method = 'isp-2023' ORDER BY ALL",
    ).rows()
    # On the 10th of April March was over: one of its clashes has changed its township since, none its month.
    assert moved == [
        ("2021-04-10", "2021-02-01", 0, None), ("2021-04-10", "2021-03-01", 2, None),
        ("2021-06-11", "2021-02-01", 0, 0), ("2021-06-11", "2021-03-01", 2, 1), ("2021-06-11", "2021-04-01", 0, None),
    ]  # fmt: skip
    assert later["release_id"] != named["release_id"]
    # What the later release says otherwise, and which one it was compared with.
    assert (named["previous_release"], later["previous_release"]) == (None, named["release_id"])
    changed = {
        (row["month"], row["adm3_pcode"]): (row["before"], row["after"], row["kind"])
        for row in rows_of(home / "published" / "latest" / "changes.csv")
        if (row["table"], row["method"], row["column"]) == ("township_index", "isp-2023", "clashes_count")
    }
    # March ran to the 5th in the first release and to its end in the second.
    assert changed["2021-03-01", "MMR001001"] == ("2", "1", "other_days")
    assert changed["2021-03-01", "MMR001002"][1:] == ("1", "other_days")
    assert ("2021-03-01", "MMR001003") not in changed
    assert len(rows_of(home / "published" / str(named["release_id"]) / "changes.csv")) == 0

    # Deletions, a withdrawal, a corrected sidecar, the same content once more; then the databases are lost.
    arrive(tmp_path, home, "gone", GONE, datetime(2021, 7, 20, tzinfo=UTC))
    deliveries.withdraw(Home(home), late.delivery_id, datetime(2021, 8, 1, tzinfo=UTC))
    arrive(tmp_path, home, "early", EARLY, datetime(2021, 8, 2, tzinfo=UTC), 'source = "Our monitors"\n')
    deliveries.withdraw(Home(home), deliveries.in_force(Home(home))[-1].delivery_id, datetime(2021, 8, 3, tzinfo=UTC))
    again = arrive(tmp_path, home, "early", EARLY, datetime(2021, 8, 4, tzinfo=UTC))
    assert again.delivery_id == early.delivery_id
    landed = fingerprint(home / "deliveries")
    shutil.rmtree(home / "warehouse")
    # As one asks for it in the UI, an earlier edition stands beside: nothing goes back, and nothing of it is new.
    place, unmoved = home / "published", manifest(home)
    release, made_before = place / str(named["release_id"]), set(place.iterdir())
    inode, files = (release / "township_index.duckdb").stat().st_ino, fingerprint(release)
    config = tmp_path / "run.yaml"
    config.write_text("resources: {run: {config: {as_of: '2021-04-10'}}}\n")
    of_home = {HOME_VARIABLE: str(home), "DAGSTER_HOME": str(home / "dagster")}
    job = ("job", "execute", "-m", "pipeline.definitions", "-j", "township_index", "-c", config)
    said = command(*job, env=of_home, program="dagster")
    assert said.code == 0, said.err[-3000:]
    assert f"latest stays at {later['release_id']}" in said.err
    assert "run again with --make-latest (UI: make_latest: true)" in said.err
    assert (manifest(home), set(place.iterdir())) == (unmoved, made_before)
    assert not (home / "warehouse" / "township_index.duckdb").exists()
    assert fingerprint(release) == files
    assert (release / "township_index.duckdb").stat().st_ino == inode, "what holds the same is not written again"
    assert next(text for state, text in doctor.release(Home(home))).startswith(str(later["release_id"]))

    made = command("run", "--home", home, "--as-of", "2021-07-19")
    made.published()
    assert "latest stays" not in made.out
    assert edition(home) == second
    assert manifest(home)["as_of"] == "2021-06-11"
    # A day between the two knew of the delivery that came in May and was withdrawn at once: another day's knowledge,
    # and so another release, of the same inputs.
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    runs = [IndexRun(as_of=day) for day in ("2021-04-10", "2021-05-15")]
    assert [(run.knowledge_date.isoformat(), [one.file_name for one in run.known]) for run in runs] == [
        ("2021-04-10", ["early.csv"]), ("2021-05-02", ["early.csv"]),
    ]  # fmt: skip
    ids = [release_folder.release_id(date(2021, 3, 5), _parts(run, str(named["code_version"]))) for run in runs]
    assert ids[0] == named["release_id"] != ids[1], "another day's release does not take its place"
    assert fingerprint(home / "deliveries") == landed
    deliveries.withdraw(Home(home), again.delivery_id, datetime(2021, 8, 5, tzinfo=UTC))
    folders = (path for path in (home / "published").iterdir() if path.is_dir() and not path.is_symlink())
    assert sorted(path.name for path in folders) == sorted(str(one["release_id"]) for one in (named, later))
