"""Every table made again alone, as in the UI, holds what the whole run put into it: assets hand nothing on."""

import json
from pathlib import Path

import pytest
from integration_homes import Command

from pipeline.declare.tables import Layer, layer

pytestmark = pytest.mark.integration

PROGRAM = Path(__file__).with_name("integration_alone.py")


def test_every_table_made_alone_is_the_same(own_sample_home: Path, command: Command) -> None:
    tables = [table.full_name for name in (Layer.RECORDS, Layer.INDICES, Layer.PUBLISHED) for table in layer(name)]
    outcome = command.python(PROGRAM, own_sample_home, *tables)
    found = [json.loads(line) for line in outcome.out.splitlines() if line.startswith('{"table"')]
    assert sorted(one["table"] for one in found) == sorted(tables), outcome.err[-3000:]
    assert [one["table"] for one in found if not one["same"]] == []
    assert sum(one["rows"] for one in found) > 0
