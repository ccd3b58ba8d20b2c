"""Older boundary layers beside good records: refused by the command with the reason, and nothing is written."""

import shutil
from pathlib import Path

import pytest
from integration_homes import Command, write_input

from pipeline.declare.settings import REPOSITORY

pytestmark = pytest.mark.integration
OLD = REPOSITORY.parent / "shared" / "olddata"
EVENTS = "event_id,event_date,event_type,adm3_pcode\nE1,2021-03-01,clash,MMR001001\n"


@pytest.mark.parametrize("name", ["admin3_old.shp", "townships.topojson"])
def test_an_older_layer_is_refused(command: Command, tmp_path: Path, name: str) -> None:
    if not (OLD / name).exists():
        pytest.skip(f"needs olddata/{name} beside the repository (its terms keep it out of the repository)")
    write_input(tmp_path / "data", "clashes", "good.csv", EVENTS)
    folder = tmp_path / "data" / "boundaries"
    folder.mkdir()
    for part in OLD.glob(f"{Path(name).stem}.*"):
        shutil.copy(part, folder)
    command("run", "--data", tmp_path / "data", "--home", tmp_path / "home").refused(name, "349 polygons", "330")
    assert not (tmp_path / "home").exists()
