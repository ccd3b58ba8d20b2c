"""Checks of the UI: a table of rules in plain words, the failed ones first with their remedy, and plotted counts."""

import polars as pl

from assets.check_metadata import RULES_SCHEMA, check_metadata
from expectations.bounds import NOTHING, found_of, limit_of
from expectations.remedies import remedy_of
from expectations.rule import BandRule, RuleResult, ShapeRule, row_rule
from expectations.run import RUN


def result(rule: str, passed: bool, severity: str, checked: int = 10, failed: int = 0) -> dict:
    limit, found = "no row breaks it", f"{failed} of {checked} rows"
    return RuleResult("records.clashes", rule, severity, passed, checked, failed, "Why.", ("line 3",) * failed,
                      limit, found).as_dict()  # fmt: skip


def test_a_failed_rule_stands_first_with_its_remedy_and_one_that_holds_has_none():
    shown = check_metadata([
        result("key_unique", True, "critical"), result("day_known", True, "critical", 0),
        result("place_far", False, "warning", 10, 2), result("date_future", False, "critical", 10, 1),
    ])  # fmt: skip
    rows = [record.data for record in shown["rules"].records]
    assert [row["rule"] for row in rows] == ["date future", "place far", "key unique", "day known"]
    assert [row["outcome"] for row in rows] == ["failed", "failed", "holds", "nothing to check"]
    assert [bool(row["remedy"]) for row in rows] == [True, True, False, False]
    assert [c.name for c in shown["rules"].schema.columns] == list(rows[0]) == [c.name for c in RULES_SCHEMA.columns]
    counts = {name: value for name, value in shown.items() if isinstance(value, int)}
    assert counts == {"rules_count": 4, "rules_failed_count": 2, "rules_blocking_count": 1, "rows_failing_count": 3}


def test_a_limit_and_what_was_found_are_said_where_a_rule_holds_too():
    band = BandRule("age", "Why.", "max", lambda _: pl.col("age"), low=1, high=1200)
    one = RuleResult("run", "age", "warning", True, 2, 0, "Why.")
    assert limit_of(band) == "max at least 1 and at most 1,200"
    assert found_of(band, one, pl.Series([3.0, 1064.0]), 2) == "max 1,064"
    rows = row_rule("day", "Why.", lambda _: None)
    broken = RuleResult("run", "day", "critical", False, 2000, 3, "Why.")
    assert (limit_of(rows), found_of(rows, broken, None, 5)) == ("no row breaks it", "3 of 2,000 rows")
    assert found_of(rows, RuleResult("run", "day", "critical", True, 0, 0, "Why."), None, 5) == NOTHING
    shape = ShapeRule("all", "Why.", "rows_exactly", rows=330)
    assert (limit_of(shape), found_of(shape, one, None, 329)) == ("exactly 330 rows", "329 rows")


def test_every_rule_of_the_run_and_every_stage_has_a_remedy_of_its_own():
    texts = [remedy_of("run", rule.name, str(rule.severity)) for rule in RUN.rules]
    texts += [remedy_of("raw.ucdp_ged", "x", "critical"), remedy_of("records.clashes", "x", "critical")]
    texts += [remedy_of("published.townships", "x", severity) for severity in ("critical", "warning")]
    assert len(set(texts)) == len(RUN.rules) + 4
