"""The optional composite: normalisation, weights and means by plain arithmetic, ranks, scope and coverage floor."""

import math
import re
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.analysis import changes
from pipeline.analysis import composite as composite_module
from pipeline.analysis import composite as composite_weights_module
from pipeline.analysis.composite import (
    aggregate,
    composite,
    composite_weights,
    drawn_weights,
    entropy_weights,
    in_scope,
    normalise,
    pca_weights,
    ranks,
    weightings,
)
from pipeline.declare.choice import Choice
from pipeline.declare.codes import IndexName, Weighting
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import empty
from pipeline.declare.methods import ISP_2023, ROLLING_12M
from pipeline.declare.tables import FORMULAS

LIST = tuple(f"MMR{1 + n // 22:03d}{n % 22 + 1:03d}" for n in range(330))
EQUAL = np.full((1, 3), 1 / 3)
NAN = float("nan")
Scores = list[tuple[float | None, float | None, float | None]]


def index(scores: Scores, places: tuple[str, ...] = LIST, **given_: object) -> pl.DataFrame:
    """township_index of October and November with these scores in November, all townships in conflict."""
    rows = [
        {"method": method, "month": month, "adm3_pcode": place, "in_conflict": True, "services_known_count": 5,
         "security_score": a if month.month == 11 else 1.0, "humanitarian_score": b, "services_score": c, **given_}
        for method in ("isp-2023", "rolling-12m")
        for month in (date(2023, 10, 1), date(2023, 11, 1))
        for place, (a, b, c) in zip(places, scores, strict=False)
    ]  # fmt: skip
    schema = {name: kind for name, kind in empty("published.township_index").schema.items() if name in rows[0]}
    return pl.DataFrame(rows, schema=schema)


def made(scores: Scores, places: tuple[str, ...] = LIST) -> list[dict[str, object]]:
    return composite(index(scores, places), ISP_2023).to_dicts()


def column(values: np.ndarray) -> np.ndarray:
    return np.array([[v, 0.0, 0.0] for v in values])


def test_normalisations_by_hand():
    values = column(np.array([2.0, 4.0, 4.0, 10.0]))
    assert normalise(values, "goalpost")[:, 0].tolist() == [2, 4, 4, 10]
    assert normalise(values, "min_max")[:, 0].tolist() == [0, 25, 25, 100]  # 100 (4 - 2) / 8
    # Mean 5, sum of squares 9 + 1 + 1 + 25 = 36, over 4 - 1: a standard deviation of the root of 12.
    expected = [v / math.sqrt(12) for v in (-3, -1, -1, 5)]
    assert normalise(values, "z_score")[:, 0].tolist() == pytest.approx(expected)
    assert normalise(values, "rank")[:, 0].tolist() == pytest.approx([0, 100 / 3, 100 / 3, 100])
    for how, same in (("min_max", 50.0), ("z_score", 0.0), ("rank", 50.0)):
        assert normalise(values, how)[:, 1].tolist() == [same] * 4
    with pytest.raises(ValueError, match="min_max"):
        normalise(values, "borda")


def test_an_unknown_value_stays_unknown_and_moves_no_one():
    values = column(np.array([2.0, NAN, 4.0, 10.0]))
    for how in ("min_max", "z_score", "rank"):
        found = normalise(values, how)[:, 0]
        assert np.isnan(found[1])
        assert found[[0, 2, 3]].tolist() == normalise(values[[0, 2, 3]], how)[:, 0].tolist()


def test_weighted_means_by_hand():
    values, weights = np.array([[20.0, 50.0, 80.0]]), np.array([[0.5, 0.3, 0.2]])
    assert aggregate(values, weights, "arithmetic")[0, 0] == pytest.approx(10 + 15 + 16)
    moved = 20.8**0.5 * 50.5**0.3 * 80.2**0.2  # 1 + 0.99 x
    assert aggregate(values, weights, "geometric")[0, 0] == pytest.approx((moved - 1) / 0.99)
    # Without the last: weights 5/8 and 3/8.
    lacking = np.array([[20.0, 50.0, NAN]])
    assert aggregate(lacking, weights, "arithmetic")[0, 0] == pytest.approx(20 * 5 / 8 + 50 * 3 / 8)
    assert aggregate(lacking, weights, "geometric")[0, 0] == pytest.approx((20.8**0.625 * 50.5**0.375 - 1) / 0.99)
    # One zero does not wipe out the rest: the cube root of 1 x 100 x 100, moved back.
    zero = aggregate(np.array([[0.0, 100.0, 100.0]]), EQUAL, "geometric")[0, 0]
    assert zero == pytest.approx((10_000 ** (1 / 3) - 1) / 0.99)


def test_entropy_weights_by_hand():
    values = np.array([[1.0, 1.0, 0.0], [1.0, 3.0, 4.0]])
    # Shares 1/2 1/2; 1/4 3/4; 0 1. Entropies over ln 2: 1; 0.811278; 0.
    low = 1 - (0.25 * math.log(4) + 0.75 * math.log(4 / 3)) / math.log(2)
    assert entropy_weights(values).tolist() == pytest.approx([0, low / (low + 1), 1 / (low + 1)])
    assert low == pytest.approx(0.188722, abs=1e-6)
    for nothing in (np.full((4, 3), 7.0), np.zeros((4, 3)), np.array([[1.0, 2.0, 3.0]])):
        assert entropy_weights(nothing).tolist() == pytest.approx([1 / 3] * 3)
        assert pca_weights(nothing).tolist() == pytest.approx([1 / 3] * 3)


def power_iteration(matrix: np.ndarray) -> np.ndarray:
    """The leading eigenvector by multiplying until it stands still: nothing of the code under test."""
    vector = np.array([1.0, 0.9, 0.8])
    for _ in range(5_000):
        vector = matrix @ vector
        vector /= math.sqrt(sum(v * v for v in vector))
    return vector


def test_pca_weights_against_an_independent_decomposition():
    drawn = np.random.default_rng(7).normal(size=(60, 3))
    values = drawn @ np.array([[4.0, 2.0, 1.0], [0.0, 3.0, 1.0], [0.0, 0.0, 2.0]]) * [1, 50, 0.1]
    assert pca_weights(values).tolist() == pytest.approx(power_iteration(np.corrcoef(values.T)) ** 2, rel=1e-9)
    # Two columns that rise together and one that does not vary: half each, and none.
    assert pca_weights(np.array([[1.0, 10.0, 5.0], [2.0, 20.0, 5.0], [4.0, 40.0, 5.0]])).tolist() == pytest.approx(
        [0.5, 0.5, 0.0]
    )


def test_drawn_weights_are_the_same_each_time_and_lie_on_the_simplex():
    drawn = drawn_weights()
    assert np.array_equal(drawn, drawn_weights())
    assert drawn.min() >= 0
    assert drawn.sum(axis=1) == pytest.approx(np.ones(len(drawn)))
    assert drawn.mean(axis=0) == pytest.approx([1 / 3] * 3, abs=0.03)


def test_ranks_share_the_best_place():
    assert ranks(np.array([[5.0], [9.0], [5.0], [5.0 + 1e-12], [1.0]]))[:, 0].tolist() == [2, 1, 2, 2, 5]


def test_scores_and_ranks_by_hand():
    rows = made([(90.0, 60.0, 30.0), (60.0, 60.0, 60.0), (10.0, 20.0, 0.0)])
    assert [row["composite_arithmetic_score"] for row in rows] == [60.0, 60.0, 10.0]
    # (90.1 x 60.4 x 30.7)^(1/3) = 55.0766, less 1, over 0.99; alike scores stay what they are.
    first = round(((90.1 * 60.4 * 30.7) ** (1 / 3) - 1) / 0.99, 4)
    third = round(((10.9 * 20.8 * 1) ** (1 / 3) - 1) / 0.99, 4)
    assert [row["composite_geometric_score"] for row in rows] == [first, 60.0, third]
    assert first == pytest.approx(54.6228, abs=1e-4)
    assert [row["composite_rank"] for row in rows] == [2, 1, 3]
    # The third is last whatever the weights; the first two change places with them.
    assert [(row["composite_rank_low"], row["composite_rank_high"]) for row in rows] == [(1, 2), (1, 2), (3, 3)]
    assert {row["month"] for row in rows} == {date(2023, 11, 1)}


def test_a_township_that_lacks_an_index_has_no_rank_but_may_push_others_down():
    rows = made([(50.0, 50.0, 50.0), (20.0, 20.0, 20.0), (10.0, 10.0, 10.0), (90.0, 90.0, None)])
    assert [row["indices_known_count"] for row in rows] == [3, 3, 3, 2]
    assert (rows[3]["composite_geometric_score"], rows[3]["composite_rank"], rows[3]["composite_rank_low"]) == (
        None,
    ) * 3
    # Left out it moves no one; scored on its two it stands before all of them.
    assert [row["composite_rank"] for row in rows[:3]] == [1, 2, 3]
    assert [(row["composite_rank_low"], row["composite_rank_high"]) for row in rows[:3]] == [(1, 2), (2, 3), (3, 4)]


def test_scope_is_the_townships_in_conflict_with_enough_service_items():
    quiet = index([(0.0, 50.0, 100.0)], in_conflict=False)
    unknown = index([(None, 50.0, 100.0)], places=LIST[1:], in_conflict=None)
    two_items = index([(5.0, 50.0, 100.0)], places=LIST[2:], services_known_count=2)
    scope = in_scope(pl.concat([quiet, unknown, two_items]), ISP_2023)
    assert scope.select("adm3_pcode", "security_score", "services_score").rows() == [(LIST[2], 5.0, None)]


def test_coverage_floor_names_the_index_the_counts_and_the_remedy():
    two_of_three: Scores = [(1.0, 1.0, 1.0), (2.0, None, 2.0), (3.0, 3.0, 3.0)]
    assert composite(index(two_of_three), ISP_2023).height == 3
    short = index([*two_of_three, (4.0, None, None)])
    with pytest.raises(UnusableInput, match=r"humanitarian index is known for 2 of the 4 .*isp-2023.* 3\.") as told:
        composite(short, ISP_2023)
    assert "displacement/" in str(told.value)
    assert "services" not in str(told.value)
    none = index([(1.0, None, None)] * 3)
    with pytest.raises(UnusableInput, match=r"known for 0 and the services index is known for 0 of the 3"):
        composite_weights(none, ROLLING_12M)
    with pytest.raises(UnusableInput, match="no township is known to be in conflict"):
        composite(index([(0.0, 1.0, 1.0)], in_conflict=False), ISP_2023)


def test_the_words_state_the_numbers_used():
    """What the methods page says, NAME = number, against the choices themselves."""
    groups = ("Change from month to month", "Optional composite")
    words = " ".join(f"{f.formula} {f.why} {f.limits}" for group in groups for f in FORMULAS[group])
    stated = dict(re.findall(r"([A-Z]+(?:_[A-Z]+)*) = ([\d.]*\d)", words))
    modules = (changes, composite_module, composite_weights_module)
    choices = {name: found for module in modules for name, found in vars(module).items()}
    assert len(stated) == 9
    assert {name: float(number) for name, number in stated.items()} == {n: choices[n].value for n in stated}
    used = {name for name, choice in choices.items() if isinstance(choice, Choice)}
    assert {name for name in used if name not in words} == {"KNOWN_AT_LEAST", "INTERVAL"}  # said as words there
    assert all(len(choices[name].why) > 40 for name in used)


def test_weights_table_sums_to_one():
    table = composite_weights(index([(90.0, 60.0, 30.0), (60.0, 10.0, 60.0), (10.0, 20.0, 0.0)]), ISP_2023)
    assert table.height == len(Weighting) * len(IndexName)
    assert table.group_by("weighting").agg(pl.col("weight_share").sum())["weight_share"].to_list() == pytest.approx(
        [1, 1, 1], abs=2e-6
    )


score = st.integers(0, 100).map(float)
many = st.lists(st.tuples(score, score, score), min_size=4, max_size=12)


@given(many, st.integers(0, 11), st.integers(0, 2), st.integers(1, 40))
@settings(max_examples=12, deadline=None)
def test_raising_a_score_never_worsens_the_place(scores, who, which, by):
    who %= len(scores)
    raised = [list(row) for row in scores]
    raised[who][which] = min(100.0, raised[who][which] + by)
    before, after = made(scores)[who], made([tuple(row) for row in raised])[who]
    for name in ("composite_geometric_score", "composite_arithmetic_score"):
        assert after[name] >= before[name]
    assert after["composite_rank"] <= before["composite_rank"]


@given(many, st.sampled_from(["geometric", "arithmetic"]), st.integers(0, 2))
@settings(max_examples=30, deadline=None)
def test_means_lie_between_the_scores_and_geometric_is_the_lower(scores, how, which):
    values = np.array(scores)
    weights = drawn_weights()[:50]
    found = aggregate(values, weights, how)
    assert (found <= values.max(axis=1)[:, None] + 1e-9).all()
    assert (found >= values.min(axis=1)[:, None] - 1e-9).all()
    assert (aggregate(values, weights, "geometric") <= aggregate(values, weights, "arithmetic") + 1e-9).all()
    higher = values.copy()
    higher[:, which] += 1
    assert (aggregate(higher, weights, how) >= found - 1e-9).all()


@given(many)
@settings(max_examples=50, deadline=None)
def test_weights_are_shares_of_one_whatever_the_scores(scores):
    for weights in weightings(np.array(scores)).values():
        assert weights.min() >= 0
        assert weights.sum() == pytest.approx(1)


@given(many, st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_other_names_and_another_order_permute_the_ranks(scores, random):
    correlations = np.nan_to_num(np.corrcoef(np.array(scores).T + 0.0)) if np.ptp(scores, axis=0).all() else np.eye(3)
    low, high = np.linalg.eigvalsh(correlations)[1:]
    assume(high - low > 0.05)  # otherwise the first component is not one direction
    order = list(range(len(scores)))
    random.shuffle(order)
    plain, renamed = made(scores), made([scores[old] for old in order])
    shown = ("composite_geometric_score", "composite_rank", "composite_rank_low", "composite_rank_high")
    for new, old in enumerate(order):
        assert {name: renamed[new][name] for name in shown} == {name: plain[old][name] for name in shown}
