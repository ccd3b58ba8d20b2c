"""One broken fact per family of suites: the rule is named, the former release stays byte for byte."""

import json
from pathlib import Path

import pytest
from integration_homes import Command, Small, fingerprint

pytestmark = pytest.mark.integration
PROGRAM = Path(__file__).with_name("integration_broken_facts.py")
# name of the run -> the rules that must be named
NAMED = {
    "raw": ["raw.canonical_clashes: rows_as_delivered"],
    "records": ["records.townships: ", "townships_complete"],
    "indices": ["indices.security: values_in_set"],
    "published": ["published.national_summary: ", "classes_add_up", "published.territorial_control: shares_sum_to_one"],
    "run": ["run: clashes_delivered"],
}


def test_a_broken_fact_in_any_family_blocks_the_release(own_small_home: Small, command: Command) -> None:
    """A raw file short of a row, a 331st township, a class outside its set, sums that do not add up, a release without
    clashes: one run each. What the command says where a run is blocked stands in test_integration_asof.py,
    where more displaced people than inhabitants are delivered.
    """
    home = own_small_home.home
    before = fingerprint(home / "published")
    outcome = command(home, program=str(PROGRAM))
    lines = [json.loads(line) for line in outcome.out.splitlines() if line.startswith('{"name"')]
    runs = {one["name"]: one for one in lines}
    assert runs.keys() == NAMED.keys(), outcome.err[-3000:]
    for name, named in NAMED.items():
        said = runs[name]["said"]
        assert not runs[name]["success"], name
        assert [rule for rule in named if rule not in said] == [], said
        assert "he last release is as it was" in said, said
    assert fingerprint(home / "published") == before, "the former release changed"
