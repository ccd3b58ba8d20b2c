"""The period's last day where the leading source cannot say it: the refusal names the source and the way out."""

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from assets.context import IndexRun
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import empty
from pipeline.storage.lead_source import Lead, Standing

OLD, ACLED = Standing("canonical_clashes:old", "Old team", 1), Standing("acled", "ACLED", 20)


def run_of(lead: Lead, days: list[date]) -> IndexRun:
    """A run whose warehouse holds clashes of the first source on these days."""
    key = lead.source_key
    schema = {"source_key": pl.String, "event_date": pl.Date}
    rows = pl.DataFrame({"source_key": [key] * len(days), "event_date": days}, schema=schema)
    tables = {"records.clash_days": rows.with_columns(event_class=pl.lit("clash"))}
    run = IndexRun()
    run._lead = lead
    run._warehouse = SimpleNamespace(read=lambda name: tables[name] if name in tables else empty(name))
    return run


def test_a_leading_source_from_before_the_coup_is_named_with_the_others() -> None:
    with pytest.raises(UnusableInput, match=r"Old team .* is of 2020-03-01, before .* ACLED .*primary = true"):
        _ = run_of(Lead(OLD, (ACLED,), True), [date(2020, 3, 1)]).last_day
    assert run_of(Lead(OLD, (ACLED,)), [date(2020, 3, 1), date(2021, 2, 1)]).last_day == date(2021, 2, 1)


def test_a_leading_source_without_a_placed_clash_is_named_with_the_others() -> None:
    with pytest.raises(UnusableInput, match=r"no clash was placed .*Old team .* leads; .* ACLED"):
        _ = run_of(Lead(OLD, (ACLED,)), []).last_day
    with pytest.raises(UnusableInput) as alone:
        _ = run_of(Lead(OLD), []).last_day
    assert "leads" not in str(alone.value)
