"""Files whose right sums are known: parts, totals, versions, numbers used again, days with an offset, in any shape."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from records_frames import gazetteer, middle

from pipeline.records.triage import Triage
from tests.fuzz import sums
from tests.fuzz.planted import SORTS, Plant, drawn

OF_EACH = 3


def test_sums_are_the_planted_ones_or_the_file_is_refused(tmp_path: Path) -> None:
    cases = drawn(OF_EACH)
    found = sums.add_up(cases, tmp_path, gazetteer(), middle)
    assert not found.faults, found.faults[0]
    assert found.right.total() + found.refused.total() + found.accounted.total() == len(cases)
    # That the run is worth something: what the sidecar says is enough for most files to be used.
    assert set(found.right) == set(SORTS)
    assert found.right.total() > len(cases) / 2
    said = Counter(case.sort for case in cases if case.said)
    assert found.refused.total() <= len(cases) - said.total()


@pytest.mark.parametrize("plant", [Plant("sites", "comma", True, 5), Plant("numbers", "comma", True, 5)])
def test_a_wrong_sum_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    make = sums.make_records

    def loses_a_row(*given: object) -> Triage:
        made = make(*given)  # type: ignore[arg-type]
        return Triage(made.kept.filter(pl.int_range(pl.len()) > 0), made.set_aside)

    monkeypatch.setattr(sums, "make_records", loses_a_row)
    assert sums.add_up([plant], tmp_path, gazetteer(), middle).faults
