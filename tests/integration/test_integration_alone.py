"""Every table made again alone, as in the UI, holds what the whole run put into it: assets hand nothing on."""

import json
from pathlib import Path

import pytest
from integration_homes import Command, Small

from pipeline.analysis.tables import PUBLISHED
from pipeline.declare.tables import Layer, layer

pytestmark = pytest.mark.integration

# What is made in batches where memory does not hold the events, with what the same steps make.
IN_BATCHES = (
    "clashes", "clash_days", "unallocated_events", "repeated_rows", "earlier_editions", "accounts", "set_aside",
    "corrections",
)  # fmt: skip
PROGRAM = Path(__file__).with_name("integration_alone.py")


def test_every_table_made_alone_is_the_same(own_small_home: Small, command: Command) -> None:
    """By Dagster all records, whose assets differ, and one of each of the two ways that make an index or a published
    table: all indices are made by one function, and so are all published ones, in either process. And what comes in
    batches where there are many events, so too.
    """
    tables = [table.full_name for name in (Layer.RECORDS, Layer.INDICES, Layer.PUBLISHED) for table in layer(name)]
    slow = next(made for made in PUBLISHED if made.second_process).tables[0]
    by_dagster = {table.full_name for table in layer(Layer.RECORDS)} | {"indices.security", "published.scenarios", slow}
    given = [f"+{name}" if name in by_dagster else name for name in tables]
    in_batches = ["raw.canonical_clashes", *(f"records.{name}" for name in IN_BATCHES)]
    outcome = command(own_small_home.home, *given, *(f"*{name}" for name in in_batches), program=str(PROGRAM))
    found = [json.loads(line) for line in outcome.out.splitlines() if line.startswith('{"table"')]
    assert sorted(one["table"] for one in found) == sorted([*tables, *in_batches]), outcome.err[-3000:]
    assert [one["table"] for one in found if not one["same"]] == []
    assert sum(one["rows"] for one in found) > 0
