"""One broken fact per family of suites: exit 1, the rule is named, the former release stays byte for byte."""

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
    clashes: one run of the real command each. More displaced people than inhabitants are delivered in
    test_integration_corrections.py.
    """
    home = own_small_home.home
    before = fingerprint(home / "published")
    for name, named in NAMED.items():
        one = command(name, "run", "--home", home, program=str(PROGRAM))
        assert one.code == 1, (name, one.err)
        assert "Traceback" not in one.err
        assert one.err.startswith("township-index: nothing was published: ")
        assert [rule for rule in named if rule not in one.err] == [], one.err
        assert "he last release is as it was" in one.err, one.err
        assert fingerprint(home / "published") == before, f"{name}: the former release changed"
        assert "National table" not in one.out
