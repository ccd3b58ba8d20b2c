"""One broken fact per family of suites: exit 1, the rule is named, the former release stays byte for byte."""

import json
from pathlib import Path

import pytest
from integration_homes import Command, fingerprint, once, write_input

pytestmark = pytest.mark.integration
PROGRAM = Path(__file__).with_name("integration_broken_facts.py")
# family -> (table, rule) that must be named
NAMED = {
    "raw": ("raw.canonical_clashes", "rows_as_delivered"),
    "records": ("records.townships", ""),
    "indices": ("indices.security", "security_class"),
    "published": ("published.national_summary", ""),
    "territory": ("published.territorial_control", ""),
    "displacement": ("records.displacement", "idps_within_population"),
    "run": ("run", "clashes_delivered"),
}


@pytest.fixture(scope="module")
def outcomes(session_root: Path, sample_home: Path, command: Command) -> dict[str, dict[str, object]]:
    import shutil

    def make(folder: Path) -> None:
        folder.mkdir()
        shutil.copytree(sample_home, folder / "home", symlinks=True)
        # Coco Kyun (Cocokyun) has a few hundred inhabitants by the reference.
        text = "reference_date,adm3_pcode,idps_new_persons\n2023-06-30,MMR013032,900000\n"
        note = 'source = "above the population"\nsynthetic = true\ncoverage = "one township"\n'
        write_input(folder / "data", "displacement", "above.csv", text, note)
        before = fingerprint(folder / "home" / "published")
        outcome = command.python(PROGRAM, folder / "home", folder / "data")
        assert outcome.code == 0, outcome.err
        (folder / "outcomes.jsonl").write_text(outcome.out, encoding="utf-8")
        assert fingerprint(folder / "home" / "published") == before

    made = once(session_root, "blocked", make)
    lines = (made / "outcomes.jsonl").read_text(encoding="utf-8").splitlines()
    return {one["name"]: one for one in map(json.loads, lines)}


@pytest.mark.parametrize("family", NAMED)
def test_a_broken_fact_blocks_the_release(outcomes: dict[str, dict[str, object]], family: str) -> None:
    one = outcomes[family]
    table, rule = NAMED[family]
    message = str(one["err"])
    assert one["code"] == 1, message
    assert "Traceback" not in message
    assert "nothing was published" in message
    assert f"{table}: {rule}" in message, message
    assert "The last release is as it was" in message, message
    assert one["changed"] == []
    assert "National table" not in str(one["out"])
