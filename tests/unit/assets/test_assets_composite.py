"""The composite is made only where it is asked for, and a release with it is another release."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from assets import published
from assets.context import IndexRun
from assets.release import _parts, require_composite_as_asked
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import empty


def run_of(folder: Path, composite: bool, services: float | None = 70.0) -> IndexRun:
    """A run whose township_index holds two townships in conflict, by both methods."""
    rows = [
        {"method": method, "month": date(2023, 11, 1), "adm3_pcode": code, "in_conflict": True,
         "services_known_count": 5, "security_score": 40.0, "humanitarian_score": 10.0, "services_score": services}
        for method in ("isp-2023", "rolling-12m")
        for code in ("MMR001001", "MMR001002")
    ]  # fmt: skip
    schema = {name: kind for name, kind in empty("published.township_index").schema.items() if name in rows[0]}
    index = pl.DataFrame(rows, schema=schema)
    run = IndexRun(home=str(folder), composite=composite)
    run._warehouse = SimpleNamespace(read=lambda name: {"published.township_index": index}[name])
    run._known, run._corrections = [], []
    return run


@pytest.mark.parametrize(("table", "rows"), [("composite", 4), ("composite_weights", 18)])
def test_empty_unless_asked_for(tmp_path: Path, table: str, rows: int) -> None:
    make = published._MADE[table][0]
    assert make(run_of(tmp_path, False)).equals(empty(f"published.{table}"))
    assert make(run_of(tmp_path, False, services=None)).height == 0, "off, the floor is nobody's business"
    made = make(run_of(tmp_path, True))
    assert (made.height, made.schema) == (rows, empty(f"published.{table}").schema)
    with pytest.raises(UnusableInput, match="services index is known for 0 of the 2"):
        make(run_of(tmp_path, True, services=None))


def test_off_by_default_and_part_of_the_release_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IndexRun, "knowledge_date", date(2023, 12, 1))
    without, with_it = (_parts(run_of(tmp_path, on), "1+src.0") for on in (False, True))
    assert IndexRun().composite is False
    assert without != with_it
    assert without == with_it[:-1]


def test_a_composite_of_another_run_does_not_go_out_unlabelled(tmp_path: Path) -> None:
    make = published._MADE["composite"][0]
    for asked_for in (False, True):
        made = make(run_of(tmp_path, asked_for))
        require_composite_as_asked(made, asked_for)
        with pytest.raises(UnusableInput, match="of an earlier run; make the tables"):
            require_composite_as_asked(made, not asked_for)
