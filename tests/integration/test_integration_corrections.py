"""A blocked first run, what set-aside says of it, and the same records published under corrections.toml."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from integration_homes import Command, analysts_query, release_query, write_input

from assets.context import IndexRun
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import HOME_VARIABLE, Home
from pipeline.ingest import inbox

pytestmark = pytest.mark.integration
CLASHES = """event_id,event_date,event_type,adm3_pcode,fatalities
E1,2021-03-01,clash,MMR001001,900
E2,2021-03-02,clash,MMR001002,1
E3,2021-03-03,clash,MMR001003,1
E4,2021-03-04,clash,=MMR999,1
E5,2021-05-05,clash,MMR001001,1
"""
# Cocokyun has a few hundred inhabitants by the reference.
DISPLACED = "reference_date,adm3_pcode,idps_new_persons\n2021-03-01,MMR013032,90000\n"
MENDED = """
[[correction]]
id = "one-zero-too-many"
kind = "clashes"
format = "canonical_clashes"
match = {event_id = "E1"}
column = "fatalities"
was = "900"
becomes = "9"
reason = "The informant of Waingmaw says nine."
date = 2024-01-02
expires = 2025-06-30

[[correction]]
id = "rumour"
kind = "clashes"
format = "canonical_clashes"
action = "set_aside"
match = {event_id = "E2"}
reason = "A rumour."
date = 2024-01-02
expires = 2025-06-30

[[correction]]
id = "camp-on-the-island"
kind = "displacement"
action = "acknowledge"
adm3_pcode = "MMR013032"
reference_date = 2021-03-01
reason = "A camp for three townships."
date = 2024-01-02
expires = 2025-06-30
"""


def delivered(folder: Path) -> Path:
    home = folder / "home"
    write_input(folder / "in", "clashes", "events.csv", CLASHES)
    write_input(folder / "in", "displacement", "camps.csv", DISPLACED, 'coverage = "one township"\n')
    inbox.deliver(Home(home), inbox.find_files(folder / "in"), datetime(2024, 1, 1, tzinfo=UTC))
    return home


def test_faults_values_more_displaced_than_inhabitants_are_blocked_unless_acknowledged(
    command: Command, tmp_path: Path
) -> None:
    home = delivered(tmp_path)
    blocked = command("run", "--home", home, "--period-end", "2021-03-31")
    assert blocked.code == 1, blocked.err
    assert blocked.err.startswith("township-index: nothing was published: ")
    assert "Traceback" not in blocked.err
    assert "he last release is as it was" in blocked.err
    assert "National table" not in blocked.out
    assert "records.displacement: idps_within_population: 1 failed" in blocked.err
    aside = command("set-aside", "--home", home, "--csv", "-")
    assert aside.code == 0
    assert aside.err.startswith("note: nothing was published in ")
    assert ",unknown_pcode,adm3_pcode,'=MMR999," in aside.out

    (home / "corrections.toml").write_text(MENDED.replace("reason", "raeson", 1), encoding="utf-8")
    command("run", "--home", home).refused("corrections.toml, entry 1", "one-zero-too-many", "'raeson'")
    (home / "corrections.toml").write_text(MENDED, encoding="utf-8")
    outcome = command("run", "--home", home, "--period-end", "2021-03-31")
    outcome.published()
    said = [line.strip() for line in outcome.out.splitlines() if line.strip().startswith("correction ")]
    assert said == [
        "correction camp-on-the-island: 1 row, accepted above the population: MMR013032, 2021-03-01 "
        "(A camp for three townships.)",
        "correction one-zero-too-many: 1 row, fatalities '900' -> '9' (The informant of Waingmaw says nine.)",
        "correction rumour: 1 row, set aside (A rumour.)",
    ]
    assert "records dated after the period's end (2021-03-31), in no index: 1 clashes" in outcome.out
    assert "clashes_recent" not in outcome.out, "an edition of the past is not old"

    deaths = analysts_query(home, "SELECT event_id, fatalities_persons FROM records.clashes ORDER BY event_id")
    assert deaths.rows() == [("E1", 9), ("E3", 1), ("E5", 1)]
    assert analysts_query(home, "SELECT fatalities FROM raw.canonical_clashes WHERE event_id = 'E1'").rows() == [
        ("900",)
    ]
    rows = analysts_query(home, "SELECT correction_id, row_number, was, becomes FROM records.corrections ORDER BY 1")
    assert rows.rows() == [
        ("camp-on-the-island", 2, None, None),
        ("one-zero-too-many", 2, "900", "9"),
        ("rumour", 3, None, None),
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
    assert "2024-01-02" in (release / "manifest.json").read_text(encoding="utf-8"), "known since the corrections"


def test_what_was_known_earlier_is_made_again_without_later_corrections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = delivered(tmp_path)
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    (home / "corrections.toml").write_text(MENDED, encoding="utf-8")
    now, then = IndexRun(), IndexRun(as_of="2024-01-01")
    assert (now.knowledge_date, len(now.corrections)) == (date(2024, 1, 2), 3)
    assert (then.knowledge_date, then.corrections) == (date(2024, 1, 1), ())


def test_an_entry_for_what_was_never_delivered_concerns_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = delivered(tmp_path)
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    theirs = MENDED.replace('"canonical_clashes"', '"canonical_clashes"\nsource = "Others"')
    (home / "corrections.toml").write_text(theirs, encoding="utf-8")
    assert [entry.id for entry in IndexRun().corrections] == ["camp-on-the-island"]
    future = theirs.replace("date = 2024-01-02", "date = 2999-01-02").replace("2025-06-30", "2999-06-30")
    (home / "corrections.toml").write_text(future, encoding="utf-8")
    with pytest.raises(UnusableInput, match="lies in the future"):
        _ = IndexRun().corrections
