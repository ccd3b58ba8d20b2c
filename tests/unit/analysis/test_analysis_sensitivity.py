"""Sensitivity: the table against scenarios worked by hand."""

from datetime import date

import polars as pl
import pytest

from pipeline.analysis.sensitivity import sensitivity
from pipeline.declare.frames import empty

# The method itself, and each of two choices with 1 and 2 alternatives changed alone.
TEXTS = (
    "events=clash; threshold=own", "events=all; threshold=own", "events=clash; threshold=lower",
    "events=clash; threshold=higher",
)  # fmt: skip


def rows(outputs: list[tuple[int, float | None]], texts: tuple[str, ...] = TEXTS) -> pl.DataFrame:
    """Scenarios with these townships moved and shares lost; the first is the method."""
    data = [
        {
            "method": "isp-2023", "index_name": "security", "scenario": text, "month": date(2023, 11, 1),
            "is_baseline": number == 0, "worst_class_count": 1, "townships_moved_count": moved,
            "scenario_control_share": share, "rank_shift_mean": 0.0,
        }
        for number, (text, (moved, share)) in enumerate(zip(texts, outputs, strict=True))
    ]  # fmt: skip
    return pl.DataFrame(data, schema=empty("published.scenarios").schema)


OUTPUTS: list[tuple[int, float | None]] = [(0, 0.4), (3, 0.45), (5, 0.5), (7, 0.3)]


def test_table_by_hand():
    events, threshold = sensitivity(rows(OUTPUTS)).sort("choice").to_dicts()
    assert (events["choice"], events["alternatives_count"], events["scenarios_count"]) == ("events", 1, 4)
    assert (events["townships_moved_count"], events["townships_moved_by"]) == (3, "all")
    assert (events["control_share_low"], events["control_share_high"]) == (0.4, 0.45)
    assert (threshold["alternatives_count"], threshold["scenarios_count"]) == (2, 4)
    assert (threshold["townships_moved_count"], threshold["townships_moved_by"]) == (7, "higher")
    assert (threshold["control_share_low"], threshold["control_share_high"]) == (0.3, 0.5)
    assert sensitivity(rows(OUTPUTS).reverse()).equals(sensitivity(rows(OUTPUTS)))


def test_what_is_unknown_has_no_range_and_what_moves_nothing_no_alternative():
    for row in sensitivity(rows([(0, None)] * 4)).to_dicts():
        assert (row["control_share_low"], row["control_share_high"]) == (None, None)
        assert (row["townships_moved_count"], row["townships_moved_by"]) == (0, None)


def test_a_choice_without_an_alternative_stands_in_the_table():
    only = sensitivity(rows(OUTPUTS[:1], TEXTS[:1])).to_dicts()
    assert [(row["choice"], row["alternatives_count"], row["scenarios_count"]) for row in only] == [
        ("events", 0, 1), ("threshold", 0, 1),
    ]  # fmt: skip
    assert {row["control_share_low"] for row in only} == {0.4}


@pytest.mark.parametrize("other", ["events=all; threshold=lower", TEXTS[0]])
def test_a_scenario_that_is_no_single_change_raises(other):
    with pytest.raises(ValueError, match="1 scenarios are no single change of the method, for example 'events="):
        sensitivity(rows(OUTPUTS, (*TEXTS[:3], other)))
