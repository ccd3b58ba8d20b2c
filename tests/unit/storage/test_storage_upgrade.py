"""A home as 0.1.0 and 0.4.0 left it is read as it is: ids, receipts, withdrawals, releases; nothing is counted twice.

What these versions wrote was taken from runs of their code on the file below (the commits before 0.2.0, and the last of
0.4.0), and is written down here field by field.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from assets import instance
from pipeline import doctor
from pipeline.declare.settings import POSTGRES_VARIABLE, REPOSITORY, Home
from pipeline.ingest import inbox
from pipeline.storage import deliveries, latest
from pipeline.storage.lock import acquire, is_held

FILE = """event_id,event_date,event_type,adm3_pcode,fatalities
E1,2021-03-05,clash,MMR001001,1
E2,2021-04-06,clash,MMR001002,
E3,2021-06-10,clash,MMR002001,2
"""
SIDECAR = 'source = "SYNTHETIC team (invented)"\nlicence = "CC0-1.0"\nsynthetic = true\n'
COLUMNS = (
    "event_id", "event_date", "event_date_end", "event_type", "adm3_pcode", "adm3_name", "adm2_name", "adm1_name",
    "longitude", "latitude", "actor1", "actor2", "fatalities", "geo_precision", "date_precision", "source",
    "source_url", "updated_at", "deleted", "extra",
)  # fmt: skip
RECEIVED = "2023-11-22T02:00:00.821724+00:00"
LATER = datetime(2024, 1, 2, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Version:
    """What differs between the two: the id that the same rows got, and what the manifest says besides."""

    name: str
    delivery_id: str
    manifest: tuple[tuple[str, object], ...] = ()


VERSIONS = (
    Version("0.1.0", "7f72c176088ea498"),
    Version(
        "0.4.0",
        "35fc97a011046636",
        (("previous_release", None), ("profile", "public"), ("methods", ["isp-2023", "rolling-12m"])),
    ),
)


def left_by(version: Version, root: Path) -> Home:
    home, folder = Home(root), root / "deliveries" / "clashes"
    folder.mkdir(parents=True)
    said = {
        "absence_means": "zero", "coverage": None, "covered_until": None, "date_format": None,
        "delivery_id": version.delivery_id, "file_name": "team.csv", "format": "canonical_clashes", "kind": "clashes",
        "licence": "CC0-1.0", "notes": [], "primary": False, "query": None, "received_at": RECEIVED,
        "reference_date": None, "revised_until": None, "rows_count": 3,
        "sha256": "6401c6d2eaa48e62fb3b031cb71f5967be0727af92acaa067fd9dedd5ca41cfe",
        "source": "SYNTHETIC team (invented)", "source_key": "canonical_clashes:synthetic-team-invented",
        "synthetic": True,
    }  # fmt: skip
    gone = {**said, "delivery_id": "0123456789abcdef", "file_name": "wrong.csv", "sha256": "0" * 64}
    heading, *lines = (line.split(",") for line in FILE.split())
    given = [dict(zip(heading, line, strict=True)) for line in lines]
    rows = pl.DataFrame(
        [
            {"row_number": number, "problem": None, "problem_found": None, **{c: row.get(c) or None for c in COLUMNS}}
            for number, row in enumerate(given, start=2)
        ],
        schema={"row_number": pl.Int64, **dict.fromkeys(("problem", "problem_found", *COLUMNS), pl.String)},
    )
    for one in (said, gone):
        rows.write_parquet(folder / f"{one['delivery_id']}.parquet", compression="zstd")
        text = json.dumps(one, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / f"{one['delivery_id']}.json").write_text(text, encoding="utf-8")
    (folder / "0123456789abcdef.1.withdrawn").write_text("2023-11-23T02:00:00.000000+00:00", encoding="utf-8")
    release = home.published / "2021-06-10-7a46f8a0"
    release.mkdir(parents=True)
    manifest = {
        "release_id": release.name, "as_of": "2023-11-22", "period_end": "2021-06-10", "method": "isp-2023",
        "created_at": "2023-11-22T02:10:00+00:00", "code_version": f"{version.name}+src.5f850c03", "outputs": {},
        **dict(version.manifest),
    }  # fmt: skip
    (release / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    home.latest_link.symlink_to(release.name)
    home.dagster.mkdir()
    (home.dagster / "dagster.yaml").write_text((REPOSITORY / "dagster.yaml").read_text(encoding="utf-8"))
    (root / "run.holder.json").write_text('{"pid": 4711}', encoding="utf-8")
    home.lock.touch()
    return home


@pytest.fixture(params=VERSIONS, ids=lambda version: version.name)
def version(request: pytest.FixtureRequest) -> Version:
    found: Version = request.param
    return found


@pytest.fixture
def home(version: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv(POSTGRES_VARIABLE, raising=False)
    return left_by(version, tmp_path / "home")


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_was_delivered_then_is_in_force_now(home: Home, version: Version) -> None:
    past = deliveries.history(home)
    assert past.withdrawn() == {"0123456789abcdef"}
    (held,) = past.in_force()
    assert (held.delivery_id, held.received_day, held.rows_count) == (version.delivery_id, date(2023, 11, 22), 3)
    assert [one.delivery_id for one in past.in_force(date(2023, 11, 22))] != [], "as was known on that day"
    assert deliveries.damaged(home) == []
    rows = deliveries.read_delivery(home, held)
    assert rows["event_id"].to_list() == ["E1", "E2", "E3"]
    assert rows["fatalities"].to_list() == ["1", None, "2"]


def test_the_same_file_sent_again_is_not_counted_twice(home: Home, version: Version, tmp_path: Path) -> None:
    """0.1.0 gave the same rows another id: the landing of then is replaced, and stays for earlier editions."""
    before = content(home.deliveries)
    folder = tmp_path / "in" / "clashes"
    folder.mkdir(parents=True)
    (folder / "team.csv").write_text(FILE, encoding="utf-8")
    (folder / "team.csv.toml").write_text(SIDECAR, encoding="utf-8")
    (landing,) = inbox.deliver(home, inbox.find_files(tmp_path / "in"), LATER)
    same = version.delivery_id == landing.delivery.delivery_id
    assert landing.is_new is not same
    assert [one.delivery_id for one in landing.replaces] == ([] if same else [version.delivery_id])
    assert [one.delivery_id for one in deliveries.in_force(home)] == [landing.delivery.delivery_id]
    assert [one.delivery_id for one in deliveries.in_force(home, date(2023, 12, 1))] == [version.delivery_id]
    now = content(home.deliveries)
    assert {name: now[name] for name in before} == before, "what lay there is untouched"


def test_its_release_stands_and_latest_names_it(home: Home) -> None:
    before = content(home.published)
    assert latest.prepare(home) == ""
    (one,), unreadable = latest.standing(home)
    assert (one.release_id, one.period_end, one.known) == ("2021-06-10-7a46f8a0", date(2021, 6, 10), date(2023, 11, 22))
    assert unreadable == []
    assert latest.pointed(home) == one
    assert home.latest.resolve().name == one.release_id
    states = [state for state, _ in doctor.release(home)]
    assert "problem" not in states
    assert content(home.published) == before


def test_its_lock_and_its_records_of_runs_go_on(home: Home) -> None:
    assert not is_held(home), "the note of a process that has ended holds nothing"
    acquire(home).release()
    written = (home.dagster / "dagster.yaml").read_bytes()
    assert instance.settle(home) == ""
    assert (home.dagster / "dagster.yaml").read_bytes() == written
