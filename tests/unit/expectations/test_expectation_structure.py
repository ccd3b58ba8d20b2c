"""Structure rules, one broken frame of each kind, and the result when an expectation raises or warns."""

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import expectation_frames as ef
import polars as pl
import pytest

from expectations import Facts, RuleResult, engine, validate
from expectations.rule import BandRule, RowRule, Section
from pipeline.declare.codes import Severity

INDEX = "published.township_index"


def broken(suite: str, frame: pl.DataFrame) -> dict[str, RuleResult]:
    return {r.rule: r for r in validate(suite, frame, facts=ef.facts()) if not r.passed}


def at_first(column: str, value: object) -> pl.Expr:
    return pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)


@pytest.mark.parametrize(
    ("suite", "rule", "column", "value", "failed"),
    [
        ("published.actor_dialogue", "required_filled", "actor", None, 1),
        ("records.control", "values_in_set", "controller", "nobody", 1),
        ("records.clashes", "within_bounds", "distance_km", 5.1, 1),
        ("records.clashes", "within_bounds", "distance_km", float("nan"), 1),
        ("records.clashes", "within_bounds", "fatalities_persons", -1, 1),
        ("records.townships", "patterns_match", "adm2_pcode", "MMR1", 1),
        ("records.clashes", "month_is_first_day", "month", date(2023, 10, 2), 1),
        ("records.control", "township_known", "adm3_pcode", "MMR099001", 1),
        (INDEX, "townships_complete", "adm3_pcode", ef.CODES[1], 330),
        (INDEX, "key_unique", "adm3_pcode", ef.CODES[1], 2),
        ("records.townships", "key_unique", "adm3_pcode", ef.CODES[1], 2),
    ],
)
def test_structure_rule_breaks(suite: str, rule: str, column: str, value: object, failed: int) -> None:
    result = broken(suite, ef.good(suite).with_columns(at_first(column, value)))[rule]
    assert (result.severity, result.failed_count) == ("critical", failed)
    if rule in ("required_filled", "values_in_set", "within_bounds", "patterns_match"):
        assert f"{column} ({failed})" in result.note


def test_columns_are_named_and_ordered() -> None:
    good = ef.good("published.comparison")
    missing = broken("published.comparison", good.drop("note"))["columns_as_declared"]
    assert missing.failed_count == 1
    assert "Missing: note" in missing.note
    swapped = broken("published.comparison", good.select(reversed(good.columns)))
    assert list(swapped) == ["columns_as_declared"]
    extra = broken("published.comparison", good.with_columns(pl.lit("x").alias("latitude")))
    assert set(extra) == {"columns_as_declared", "nothing_sensitive"}
    assert "latitude" in extra["nothing_sensitive"].note
    assert extra["nothing_sensitive"].severity == "critical"


def test_types_and_row_counts() -> None:
    typed = broken(
        "published.deliveries",
        ef.good("published.deliveries").with_columns(pl.col("received_at").cast(pl.String)),
    )
    assert list(typed) == ["types_as_declared"]
    assert "received_at" in typed["types_as_declared"].note
    few = broken("records.townships", ef.townships("records.townships").head(300))
    assert "300 rows; expected exactly 330" in few["townships_complete"].note
    none = broken(INDEX, ef.township_index().clear())
    assert none["not_empty"].severity == "critical"
    assert "not_empty" in broken("published.national_summary", ef.good("published.national_summary").clear())


def test_rule_that_cannot_be_computed_is_failed_and_critical() -> None:
    results = validate("records.clashes", ef.good("records.clashes").drop("fatalities_persons"), facts=ef.facts())
    (result,) = [r for r in results if r.rule == "fatalities_plausible"]
    assert (result.passed, result.severity) == (False, "critical")
    assert "Could not be checked: ColumnNotFoundError" in result.note


A_DAY: Any = datetime(2023, 1, 1)


def test_raising_expectation_is_failed_and_critical_beside_others() -> None:
    rules = (
        BandRule("at_least_a_day", "Raises.", "sum", lambda _: pl.lit(1.0), low=A_DAY, severity=Severity.WARNING),
        RowRule("holds", "Holds.", lambda _: {"": pl.col("kind") == "none"}),
    )
    raised, holds = engine.run_section("t", Section(rules), ef.good("records.deliveries"), Facts())
    assert (raised.passed, raised.severity, raised.blocks) == (False, "critical", True)
    assert "Could not be checked: " in raised.note and "datetime" in raised.note
    assert "\n" not in raised.note
    assert holds.passed


def test_section_that_cannot_be_prepared_fails_each_rule() -> None:
    def prepare(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
        return frame.select("absent")

    rule = BandRule("sum", "Sum.", "sum", lambda _: pl.col("absent"), severity=Severity.WARNING)
    (result,) = engine.run_section("t", Section((rule,), prepare), ef.good("records.deliveries"), Facts())
    assert result.blocks


def test_warning_does_not_block() -> None:
    frame = ef.good("records.clashes").with_columns(pl.lit(9_999, dtype=pl.Int64).alias("fatalities_persons"))
    failed = broken("records.clashes", frame)
    assert list(failed) == ["fatalities_plausible"]
    assert failed["fatalities_plausible"].severity == "warning"
    assert not failed["fatalities_plausible"].blocks


def test_results_are_plain_ordered_and_independent_of_row_order() -> None:
    frame = ef.township_index().with_columns(pl.lit(7, dtype=pl.Int64).alias("idps_persons"))
    one = validate(INDEX, frame, facts=ef.facts())
    two = validate(INDEX, frame.sample(fraction=1, shuffle=True, seed=1), facts=ef.facts())
    assert one == two
    result = next(r for r in one if r.rule == "idps_rounded")
    assert result.examples == tuple(f"isp-2023 2023-10-01 Region 001 {code}" for code in ef.CODES[:3])
    assert json.loads(json.dumps([r.as_dict() for r in one]))[0]["table"] == INDEX


@pytest.mark.parametrize("persons", [7, 3_741])
def test_an_exact_figure_blocks_a_public_release_alone(persons: int) -> None:
    frame = ef.township_index().with_columns(pl.lit(persons, dtype=pl.Int64).alias("idps_persons"))
    public, internal = (
        next(r for r in validate(INDEX, frame, facts=facts) if r.rule == "idps_rounded")
        for facts in (ef.facts(), replace(ef.facts(), internal=True))
    )
    assert public.blocks
    assert (internal.passed, internal.checked_count) == (True, 0)


def test_examples_show_no_text_of_a_source() -> None:
    frame = ef.good("records.control").with_columns(pl.lit("Secret Village").alias("adm3_pcode"))
    for result in validate("records.control", frame, facts=ef.facts()):
        assert "Secret" not in json.dumps(result.as_dict())


def test_unknown_suite_is_named() -> None:
    with pytest.raises(ValueError, match=r"records\.clash'"):
        validate("records.clash", pl.DataFrame())
