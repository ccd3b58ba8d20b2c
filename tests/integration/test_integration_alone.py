"""Every table made again alone, as in the UI, holds what the whole run put into it: assets hand nothing on."""

import json
from pathlib import Path

import pytest
from integration_homes import Command

from pipeline.declare.tables import Layer, layer

pytestmark = pytest.mark.integration

PROGRAM = Path(__file__).with_name("integration_alone.py")
# Made in one step with others of their layer, which Dagster cannot divide.
TOGETHER = {
    "unallocated_events", "earlier_editions", "set_aside", "accounts", "corrections", "clashes", "control",
    "control_areas", "town_control",
}  # fmt: skip


def test_every_table_made_alone_is_the_same(own_sample_home: Path, command: Command) -> None:
    tables = [
        table.full_name
        for name in (Layer.RECORDS, Layer.INDICES, Layer.PUBLISHED)
        for table in layer(name)
        if not (name == Layer.RECORDS and table.name in TOGETHER)
    ]
    outcome = command.python(PROGRAM, own_sample_home, *tables)
    found = [json.loads(line) for line in outcome.out.splitlines() if line.startswith('{"table"')]
    assert [one["table"] for one in found] == tables, outcome.err[-3000:]
    assert [one["table"] for one in found if not one["same"]] == []
    assert sum(one["rows"] for one in found) > 0
