"""Two teams' files in one home: one is counted, nothing is summed, nothing is replaced, and the reader is told."""

import csv
import json
from pathlib import Path

from integration_homes import Command, Small, analysts_query, release_query

SAMPLE_KEY = "canonical_clashes:synthetic-sample-clashes-invented"
CANARY = "Canary Brigade"


def second_team(folder: Path) -> int:
    """Every twentieth clash under the same ids, on another day of its month, by another team."""
    with (folder / "clashes" / "synthetic_clashes.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["event_type"] == "clash" and row["adm3_pcode"]][::20]
    lines = ["event_id,event_date,event_type,adm3_pcode,actor1"]
    lines += [f"{r['event_id']},{r['event_date'][:8]}15,clash,{r['adm3_pcode']},{CANARY}" for r in rows]
    path = folder / "clashes" / "second.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.with_name("second.csv.toml").write_text(
        'source = "ဒုတိယအဖွဲ့"\nsynthetic = true\nabsence_means = "zero"\n', encoding="utf-8"
    )
    return len(rows)


def test_two_teams_with_the_same_ids(own_small_home: Small, small_home: Small, command: Command) -> None:
    home, data, alone = own_small_home.home, own_small_home.data, small_home.home
    count = second_team(data)
    outcome = command("run", "--data", data, "--home", home, shown="index.html quality.html")
    outcome.published()
    (line,) = [line for line in outcome.out.splitlines() if "Primary clash source" in line]
    assert f"({SAMPLE_KEY})" in line
    assert "Compared, not added: ဒုတိယအဖွဲ့ (canonical_clashes:" in line

    figures = "select month, method, clashes_count, clash_source from published.national_summary order by all"
    assert release_query(home, figures).equals(release_query(alone, figures)), "the second team was added"
    assert release_query(home, "select distinct clash_source from published.national_summary").item() == SAMPLE_KEY
    superseded = "select count(*) from records.set_aside where reason in ('superseded', 'duplicate_row')"
    assert analysts_query(home, superseded).item() == analysts_query(alone, superseded).item()
    own = f"select count(*) from records.clashes where actor1 = '{CANARY}'"
    assert analysts_query(home, own).item() == count

    (pair,) = release_query(home, "select * from published.source_concordance").to_dicts()
    assert pair["matched_count"] <= min(pair["events_a_count"], pair["events_b_count"])
    assert pair["comparable"]
    cells = release_query(home, "select sum(events_a_count), sum(events_b_count) from published.source_matches").row(0)
    assert [int(cell) for cell in cells] == [pair["events_a_count"], pair["events_b_count"]]
    assert analysts_query(home, "select count(*) from indices.event_matches").item() >= pair["matched_count"] > 0

    latest = home / "published" / "latest"
    manifest = json.loads((latest / "manifest.json").read_text(encoding="utf-8"))
    assert "run: primary_source_named" in manifest["checks"]["warnings"]
    assert "run: leading_source_plausible" not in manifest["checks"]["warnings"]
    assert "both have a clash or both have none" in (latest / "report/quality.html").read_text(encoding="utf-8")
    assert "compared with it and never added: ဒုတိယအဖွဲ့" in (latest / "report/index.html").read_text(encoding="utf-8")
    told = [p for p in latest.rglob("*") if p.is_file() and CANARY.encode() in p.read_bytes()]
    assert told == [], "an actor of an event stands in a release"
    assert analysts_query(alone, "select count(*) from published.source_concordance").item() == 0
