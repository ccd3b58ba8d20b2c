"""--as-of picks what was known then: any earlier edition can be made again, byte for byte, whatever came later."""

import csv
import hashlib
import io
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from integration_corrections import three
from integration_homes import Command, analysts_query, fingerprint, release_query, rows_of, write_input

from assets.context import IndexRun
from assets.release import _parts
from pipeline import doctor
from pipeline.declare.codes import Kind
from pipeline.declare.methods import ISP_2023
from pipeline.declare.settings import HOME_VARIABLE, Home
from pipeline.ingest import inbox
from pipeline.sources import BY_NAME
from pipeline.storage import deliveries, release_folder
from pipeline.storage.history import Delivery

pytestmark = pytest.mark.integration
ACTOR = "Invented Battalion"
HIGH = int(ISP_2023.thresholds("acled").security_high.value)
STRAY = "reference_date,adm3_pcode,idps_new_persons\n2021-03-01,MMR001001,50\n"
# Cocokyun has a few hundred inhabitants by the reference.
DISPLACED = "reference_date,adm3_pcode,idps_new_persons\n2021-03-01,MMR013032,90000\n2021-03-01,=MMR999,1\n"
MENDED = three("acled", "event_id_cnty", "MMR1", "MMR401", date(2021, 6, 12), date(2022, 6, 30))


def as_csv(format_name: str, rows: list[dict[str, str]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(BY_NAME[format_name].columns), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def event(n: int, admin3: str, day: str, **more: str) -> dict[str, str]:
    return {
        "event_id_cnty": f"MMR{n}", "event_date": day, "time_precision": "1", "event_type": "Battles",
        "actor1": ACTOR, "actor2": ACTOR, "iso": "104", "country": "Myanmar", "admin1": "Kachin", "admin3": admin3,
        "location": "Invented place", "latitude": "25.369", "longitude": "97.254", "geo_precision": "1",
        "fatalities": "1", "notes": "An invented note", "timestamp": "1618000000",
    } | more  # fmt: skip


def deleted(*names: str, at: str) -> str:
    return as_csv("acled_deleted", [{"event_id_cnty": name, "deleted_timestamp": at} for name in names])


def export() -> str:
    """Myitkyina at the cut, Waingmaw one below it, one event each of another class, of a region and abroad."""
    rows = [event(n, "Myitkyina", f"{1 + n:02d} March 2021") for n in range(HIGH)]
    rows += [event(100 + n, "Waingmaw", "2021-04-05") for n in range(HIGH - 1)]
    rows += [event(200, "Waingmaw", "2021-04-05"), event(201, "Waingmaw", "2021-04-05", event_type="Protests")]
    rows += [event(300, "", "2021-03-08", geo_precision="3")]
    return as_csv("acled", [*rows, event(301, "", "2021-04-05", country="Thailand", iso="764")])


def later_export() -> str:
    """The second event in another township with more deaths, one that is new, a rumour, and one of later."""
    new = [(400, "2021-05-20"), (401, "2021-05-19"), (402, "2021-05-25")]
    rows = [event(1, "Waingmaw", "02 March 2021", fatalities="900", timestamp="1623000000")]
    return as_csv("acled", rows + [event(n, "Injangyang", day, timestamp="1623000000") for n, day in new])


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
    """One home through five months: an export of ACLED alone is published; more comes, is blocked, and is published
    under corrections; and after deletions, withdrawals and the loss of the databases both are known as they were.
    """
    home = tmp_path / "home"
    # One minute to midnight in Myanmar, which is 6 h 30 min ahead.
    april = datetime(2021, 4, 10, 17, 29, tzinfo=UTC)
    early = arrive(tmp_path, home, "early", export(), april)
    arrive(tmp_path, home, "deleted", deleted("MMR200", "MMR999", at="1618010000"), april)
    command("run", "--home", home, "--as-of", "2021-04-09").refused("--as-of 2021-04-09", "2021-04-10")
    assert not (home / "published").exists() or not any((home / "published").iterdir())
    command("run", "--home", home).published()
    first, named = edition(home), manifest(home)
    assert (named["as_of"], named["period_end"]) == ("2021-04-10", "2021-04-05")
    assert {one["name"] for one in named["inputs"]} == {"deleted.csv", "early.csv"}  # type: ignore[attr-defined]
    _says_what_acled_says(home)

    # Received and withdrawn in May: the deliveries of April are in force again, and more is known.
    stray = write_input(tmp_path / "stray", "displacement", "stray.csv", STRAY, 'coverage = "one township"\n')
    may = [datetime(2021, 5, day, tzinfo=UTC) for day in (1, 2)]
    came = inbox.deliver(Home(home), [(Kind.DISPLACEMENT, stray)], now=may[0])[0].delivery
    deliveries.withdraw(Home(home), came.delivery_id, may[1])
    # Already the 11th in Myanmar.
    june = datetime(2021, 6, 10, 17, 31, tzinfo=UTC)
    camps = write_input(tmp_path / "camps", "displacement", "camps.csv", DISPLACED, 'coverage = "one township"\n')
    inbox.deliver(Home(home), [(Kind.DISPLACEMENT, camps)], now=june)
    late = arrive(tmp_path, home, "late", later_export(), june)
    _is_blocked_until_it_is_acknowledged(command, home)
    assert edition(home) == first
    # Held first: nothing that a reader meets has changed until it is published.
    seen = fingerprint(home / "published"), (home / "warehouse" / "township_index.duckdb").read_bytes()
    waiting = command("run", "--home", home, "--period-end", "2021-05-20", "--hold")
    waiting.published()
    (name,) = [path.name for path in (home / "held").iterdir() if path.is_dir()]
    assert f"\nheld: {name} is whole and audited, and nothing was published." in waiting.out
    assert (fingerprint(home / "published"), (home / "warehouse" / "township_index.duckdb").read_bytes()) == seen
    compared = command("releases", "diff", "latest", name, "--home", home)
    assert "added: clashes/late.csv" in compared.out
    command("publish", name, "--home", home).published()
    later = manifest(home)
    assert later["release_id"] == name
    assert (later["as_of"], later["period_end"]) == ("2021-06-12", "2021-05-20"), "known since the corrections"
    assert counts(home) == {"MMR001001": HIGH - 1, "MMR001002": HIGH, "MMR001003": 1}
    _is_mended(home, waiting.out)
    aside = command("set-aside", "--home", home, "--csv", "-")
    aside.published()
    assert ",unknown_pcode,adm3_pcode,'=MMR999," in aside.out
    moved = release_query(
        home,
        "SELECT edition_date::VARCHAR, month::VARCHAR, clashes_month_count::INT, townships_reclassified_count::INT "
        "FROM published.revisions WHERE method = 'isp-2023' ORDER BY ALL",
    ).rows()
    # On the 10th of April March was over: one of its clashes has changed its township since, which classes both anew,
    # and none its month.
    assert moved == [
        ("2021-04-10", "2021-02-01", 0, None), ("2021-04-10", "2021-03-01", HIGH, None),
        ("2021-06-11", "2021-02-01", 0, 0), ("2021-06-11", "2021-03-01", HIGH, 2),
        ("2021-06-11", "2021-04-01", HIGH - 1, None),
    ]  # fmt: skip
    assert later["release_id"] != named["release_id"]
    # What the later release says otherwise, and which one it was compared with.
    assert (named["previous_release"], later["previous_release"]) == (None, named["release_id"])
    changed = {
        (row["month"], row["adm3_pcode"]): (row["before"], row["after"], row["kind"])
        for row in rows_of(home / "published" / "latest" / "changes.csv")
        if (row["table"], row["method"], row["column"]) == ("township_index", "isp-2023", "clashes_count")
    }
    # March is whole in both; April ran to the 5th in the first release and to its end in the second.
    assert changed["2021-03-01", "MMR001001"] == (str(HIGH), str(HIGH - 1), "revised")
    assert changed["2021-03-01", "MMR001002"] == ("0", "1", "revised")
    assert changed["2021-04-01", "MMR001001"] == (str(HIGH), str(HIGH - 1), "other_days")
    assert ("2021-03-01", "MMR001003") not in changed
    assert len(rows_of(home / "published" / str(named["release_id"]) / "changes.csv")) == 0

    # Deletions, a withdrawal, a corrected sidecar, the same content once more; then the databases are lost.
    arrive(tmp_path, home, "gone", deleted("MMR0", at="1626700000"), datetime(2021, 7, 20, tzinfo=UTC))
    deliveries.withdraw(Home(home), late.delivery_id, datetime(2021, 8, 1, tzinfo=UTC))
    arrive(tmp_path, home, "early", export(), datetime(2021, 8, 2, tzinfo=UTC), 'source = "Our monitors"\n')
    deliveries.withdraw(Home(home), deliveries.in_force(Home(home))[-1].delivery_id, datetime(2021, 8, 3, tzinfo=UTC))
    again = arrive(tmp_path, home, "early", export(), datetime(2021, 8, 4, tzinfo=UTC))
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

    # What a run as of another day would read, and which release it would make: as of July the second one; as of a day
    # between, which knew of the delivery that came in May and was withdrawn at once, another of the first one's inputs.
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    runs = [IndexRun(as_of=day) for day in ("2021-04-10", "2021-05-15", "2021-07-19")]
    old, whole = ["deleted.csv", "early.csv"], ["camps.csv", "deleted.csv", "early.csv", "late.csv"]
    assert [(run.knowledge_date.isoformat(), sorted(one.file_name for one in run.known)) for run in runs] == [
        ("2021-04-10", old), ("2021-05-02", old), ("2021-06-12", whole),
    ]  # fmt: skip
    assert [len(run.corrections) for run in runs] == [0, 0, 3]
    ends = [date(2021, 4, 5), date(2021, 4, 5), date(2021, 5, 20)]
    code = str(named["code_version"])
    ids = [release_folder.release_id(end, _parts(run, code)) for run, end in zip(runs, ends, strict=True)]
    assert (ids[0], ids[2]) == (named["release_id"], later["release_id"])
    assert ids[0] != ids[1], "another day's release does not take its place"
    assert fingerprint(home / "deliveries") == landed
    deliveries.withdraw(Home(home), again.delivery_id, datetime(2021, 8, 5, tzinfo=UTC))
    folders = (path for path in (home / "published").iterdir() if path.is_dir() and not path.is_symlink())
    assert sorted(path.name for path in folders) == sorted(str(one["release_id"]) for one in (named, later))


def _says_what_acled_says(home: Path) -> None:
    """A home that holds nothing but an export of ACLED is counted on the schematic shapes and ACLED's own cuts."""
    rows = release_query(
        home,
        "SELECT adm3_pcode, clashes_count, security_class FROM published.township_index WHERE method = 'isp-2023' "
        "AND clashes_count > 0 AND month = (SELECT max(month) FROM published.township_index) ORDER BY 1",
    )
    assert rows.rows() == [("MMR001001", HIGH, "high"), ("MMR001002", HIGH - 1, "low")]
    summary = release_query(
        home,
        "SELECT townships_count, clashes_unallocated_count FROM published.national_summary "
        "WHERE method = 'isp-2023' ORDER BY month DESC LIMIT 1",
    )
    assert summary.rows() == [(330, 1)]
    aside = analysts_query(home, "SELECT reason, count(*) FROM records.set_aside GROUP BY 1 ORDER BY 1").rows()
    assert aside == [("deleted", 3), ("outside_country", 1), ("precision_region", 1)]
    kept = analysts_query(home, "SELECT DISTINCT actor1, actor2, placed_by FROM records.clashes").rows()
    assert kept == [(ACTOR, ACTOR, "name")]
    release = (home / "published" / "latest").resolve()
    assert [path.name for path in release.rglob("*") if path.is_file() and ACTOR.encode() in path.read_bytes()] == []


def _is_blocked_until_it_is_acknowledged(command: Command, home: Path) -> None:
    """More displaced people than inhabitants; a file of corrections with a mistake in it helps nobody."""
    blocked = command("run", "--home", home, "--period-end", "2021-05-20")
    assert blocked.code == 1, blocked.err
    assert blocked.err.startswith("township-index: nothing was published: ")
    assert "Traceback" not in blocked.err
    assert "he last release is as it was" in blocked.err
    assert "National table" not in blocked.out
    assert "records.displacement: idps_within_population: 1 failed" in blocked.err
    (home / "corrections.toml").write_text(MENDED.replace("reason", "raeson", 1), encoding="utf-8")
    command("run", "--home", home).refused("corrections.toml, entry 1", "one-zero-too-many", "'raeson'")
    (home / "corrections.toml").write_text(MENDED, encoding="utf-8")


def _is_mended(home: Path, out: str) -> None:
    """What corrections changed is told on the screen, in the records and, without a word of theirs, in a release."""
    said = [line.strip() for line in out.splitlines() if line.strip().startswith("correction ")]
    assert said == [
        "correction camp-on-the-island: 1 row, accepted above the population: MMR013032, 2021-03-01 "
        "(A camp for three townships.)",
        "correction one-zero-too-many: 1 row, fatalities '900' -> '9' (The informant of Waingmaw says nine.)",
        "correction rumour: 1 row, set aside (A rumour.)",
    ]
    assert "records dated after the period's end (2021-05-20), in no index: 1 clashes" in out
    assert "clashes_recent" not in out, "an edition of the past is not old"
    deaths = analysts_query(
        home, "SELECT event_id, fatalities_persons FROM records.clashes WHERE event_id IN ('MMR1', 'MMR401', 'MMR402') "
        "ORDER BY event_id",
    )  # fmt: skip
    assert deaths.rows() == [("MMR1", 9), ("MMR402", 1)]
    raw = "SELECT fatalities FROM raw.acled WHERE event_id_cnty = 'MMR1' ORDER BY 1"
    assert analysts_query(home, raw).rows() == [("1",), ("900",)]
    rows = analysts_query(home, "SELECT correction_id, row_number, was, becomes FROM records.corrections ORDER BY 1")
    assert rows.rows() == [
        ("camp-on-the-island", 2, None, None),
        ("one-zero-too-many", 2, "900", "9"),
        ("rumour", 4, None, None),
    ]
    told = release_query(home, "SELECT correction_id, correction_action, rows_count, correction_reason "
                         "FROM published.corrections ORDER BY 1")  # fmt: skip
    assert told.rows() == [
        ("camp-on-the-island", "acknowledge", 1, None),
        ("one-zero-too-many", "replace", 1, None),
        ("rumour", "set_aside", 1, None),
    ]
    release = (home / "published" / "latest").resolve()
    words = [b"informant of Waingmaw", b"camp for three"]
    assert [p for p in release.rglob("*") if p.is_file() and any(word in p.read_bytes() for word in words)] == []
