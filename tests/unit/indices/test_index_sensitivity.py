"""Sensitivity: the Sobol indices against known ones, and the table against scenarios worked by hand."""

from datetime import date
from itertools import product
from math import pi

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.analysis.sensitivity import sensitivity, sobol
from pipeline.declare.frames import empty
from pipeline.declare.methods import SOBOL_POINTS

ERROR = 0.02


def exact(table: np.ndarray) -> np.ndarray:
    """First-order and total indices by decomposing the variance of all combinations, without any sampling."""
    axes = range(table.ndim)
    first = [table.mean(axis=tuple(a for a in axes if a != axis)).var() for axis in axes]
    total = [table.var(axis=axis).mean() for axis in axes]
    return np.array([first, total]) / table.var()


def test_sobol_of_a_sum_worked_by_hand():
    """Y = 3a + b with a in {0, 1} and b in {0, 1, 2}: variances 9/4 and 2/3, no interaction."""
    table = np.add.outer(3.0 * np.arange(2), np.arange(3.0))
    expected = np.array([2.25, 2 / 3]) / (2.25 + 2 / 3)
    assert sobol(table, table.shape) == pytest.approx(np.array([expected, expected]), abs=ERROR)


def test_sobol_of_a_pure_interaction():
    """Y = 1 where both agree: neither explains anything alone, each has a part in all of it."""
    table = np.eye(2)
    assert sobol(table, table.shape) == pytest.approx(np.array([[0, 0], [1, 1]]), abs=ERROR)


def test_sobol_of_the_ishigami_function():
    """sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1 on 64 levels each: its indices are known (Ishigami and Homma 1990)."""
    x = pi * (2 * (np.arange(64) + 0.5) / 64 - 1)
    first, second, third = np.meshgrid(x, x, x, indexing="ij")
    table = np.sin(first) + 7 * np.sin(second) ** 2 + 0.1 * third**4 * np.sin(first)
    known = np.array([[0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]])
    assert exact(table) == pytest.approx(known, abs=2e-3)
    assert sobol(table, table.shape) == pytest.approx(known, abs=ERROR)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1_000), shape=st.sampled_from([(2, 3), (3, 3, 2), (2, 2, 2, 3, 1), (3, 3, 3, 2, 2, 2, 1)]))
def test_sobol_is_the_exact_decomposition_within_its_error(seed, shape):
    table = np.random.default_rng(seed).normal(size=shape)
    found = sobol(table, shape)
    assert found == pytest.approx(exact(table), abs=0.03)
    assert (found[1] >= found[0] - ERROR).all()
    assert found[:, np.array(shape) == 1].tolist() == [[0.0] * shape.count(1)] * 2


def rows(outputs, **columns):
    """Scenarios of two choices with 2 and 3 alternatives; the first is the method; outputs (moved, share, shift)."""
    texts = [f"events={a}; threshold={b}" for a, b in product(("clash", "all"), ("own", "lower", "higher"))]
    data = [
        {
            "method": "isp-2023", "index_name": "security", "scenario": text, "month": date(2023, 11, 1),
            "is_baseline": number == 0, "worst_class_count": 1, "townships_moved_count": moved,
            "scenario_control_share": share, "rank_shift_mean": shift,
        }
        for number, (text, (moved, share, shift)) in enumerate(zip(texts, outputs, strict=True))
    ]  # fmt: skip
    return pl.DataFrame(data, schema=empty("published.scenarios").schema).with_columns(**columns)


OUTPUTS = [(0, 0.4, 0.0), (5, 0.5, 0.0), (7, 0.3, 0.0), (3, 0.45, 1.0), (9, 0.55, 1.0), (6, 0.35, 1.0)]


def test_table_by_hand():
    frame = sensitivity(rows(OUTPUTS))
    events, threshold = frame.sort("choice").to_dicts()
    assert (events["choice"], events["alternatives_count"], events["scenarios_count"]) == ("events", 1, 6)
    assert (events["townships_moved_count"], events["townships_moved_by"]) == (3, "all")
    assert (events["control_share_low"], events["control_share_high"]) == (0.4, 0.45)
    assert (threshold["townships_moved_count"], threshold["townships_moved_by"]) == (7, "higher")
    assert (threshold["control_share_low"], threshold["control_share_high"]) == (0.3, 0.5)
    # Share = 0.4 + 0.05 events + 0.1 step: variances 0.000625 and 0.02 / 3, nothing together.
    whole = 0.000625 + 0.02 / 3
    assert events["control_sobol_first"] == pytest.approx(0.000625 / whole, abs=ERROR)
    assert threshold["control_sobol_total"] == pytest.approx(0.02 / 3 / whole, abs=ERROR)
    assert (events["rank_sobol_total"], threshold["rank_sobol_total"]) == (pytest.approx(1, abs=ERROR), 0.0)


def test_outputs_that_do_not_vary_or_are_unknown_have_no_sobol_index():
    nothing = [(0, None, None)] * 6
    for row in sensitivity(rows(nothing)).to_dicts():
        assert {v for k, v in row.items() if "_sobol_" in k or k.startswith("control_share")} == {None}
        assert (row["townships_moved_count"], row["townships_moved_by"]) == (0, None)


def test_a_level_under_which_the_output_is_nowhere_known_is_left_out():
    """As a basis on which nobody reported: the shift of ranks varies with the other choice alone."""
    outputs = [(0, 0.4, 0.0), (0, 0.4, 0.5), (0, 0.4, None), (1, 0.4, 1.0), (1, 0.4, 1.5), (1, 0.4, None)]
    events, threshold = sensitivity(rows(outputs)).sort("choice").to_dicts()
    # Shift = events + 0.5 step: variances 0.25 and 0.0625.
    assert events["rank_sobol_first"] == pytest.approx(0.8, abs=ERROR)
    assert threshold["rank_sobol_first"] == pytest.approx(0.2, abs=ERROR)
    some = [(*out[:2], None if number == 4 else out[2]) for number, out in enumerate(outputs)]
    assert sensitivity(rows(some))["rank_sobol_first"].null_count() == 2


def test_a_missing_combination_raises_and_the_order_of_rows_changes_nothing():
    with pytest.raises(ValueError, match="5 scenarios, but 6 combinations of events, threshold"):
        sensitivity(rows(OUTPUTS).head(5))
    assert sensitivity(rows(OUTPUTS).reverse()).equals(sensitivity(rows(OUTPUTS)))


def test_points_are_a_power_of_two():
    assert int(SOBOL_POINTS.value).bit_count() == 1
