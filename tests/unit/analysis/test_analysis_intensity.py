"""Current intensity and its scorecard: the fit against scipy's likelihood, worked cases, what must never happen."""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import nbinom
from shared_examples import examples

from pipeline.analysis import negative_binomial as nb
from pipeline.analysis.intensity import (
    Near,
    Panel,
    current_intensity,
    memory,
    neighbours_between,
    outcomes,
    panel,
    rank,
    rank_interval,
    statements,
)
from pipeline.analysis.scorecard import (
    Said,
    area_under_curve,
    baselines,
    gamma_poisson,
    intensity_tables,
    scorecard,
    scores,
    top_share,
)
from pipeline.declare.codes import Absence, Metric, Predictor, Profile
from pipeline.declare.intensity import HORIZONS
from pipeline.declare.methods import ISP_2023
from pipeline.indices.run_context import ClashSource, RunContext
from pipeline.indices.uncertainty import fit_prior

TOWNSHIPS, MONTHS = 40, 40
CODES = [f"MMR001{n:03d}" for n in range(1, TOWNSHIPS + 1)]


def invented(seed: int = 5) -> np.ndarray:
    """A war that lies in the first townships and moves on slowly: months x townships."""
    rng = np.random.default_rng(seed)
    level = np.exp(-np.arange(TOWNSHIPS) / 6) * 3
    drift = np.cumsum(rng.normal(0, 0.25, (MONTHS, TOWNSHIPS)), axis=0)
    return rng.poisson(level * np.exp(drift)).astype(float)


def ring(codes=CODES) -> pl.DataFrame:
    pairs = [(codes[n], codes[(n + step) % len(codes)]) for n in range(len(codes)) for step in (1, -1)]
    return pl.DataFrame(pairs, schema=["adm3_pcode", "neighbour_pcode"], orient="row")


def of(counts: np.ndarray, known: np.ndarray | None = None, last_day: float = 1.0) -> Panel:
    months = pl.date_range(date(2019, 1, 1), date(2030, 1, 1), "1mo", eager=True).head(len(counts)).alias("month")
    days = np.ones(len(counts))
    days[-1] = last_day
    return Panel(
        pl.Series("adm3_pcode", CODES), months, counts, days, np.ones(TOWNSHIPS, bool) if known is None else known
    )


@cache
def near() -> Near:
    return Near.of(ring(), pl.Series("adm3_pcode", CODES))


COUNTS = invented()


def rows(seed=3, size=1.5, count=600):
    rng = np.random.default_rng(seed)
    features = np.vstack([np.ones(count), rng.normal(0, 1, (2, count))])
    mean = np.exp(np.array([0.2, 0.7, 0.3]) @ features)
    return features, nbinom.rvs(size, size / (size + mean), random_state=rng).astype(float)


def test_fit_is_the_likelihood_optimum_of_scipy():
    features, outcome = rows()

    def loss(values):
        mean, size = np.exp(values[:3] @ features), np.exp(values[3])
        return -nbinom.logpmf(outcome, size, size / (size + mean)).sum()

    best = minimize(loss, [0.0, 0, 0, 0], method="BFGS", options={"gtol": 1e-7})
    found = nb.fit(features, outcome)
    assert [*found.coefficients, np.log(found.size)] == pytest.approx(best.x, abs=2e-4)
    assert found.mean(features) == pytest.approx(nb.fit(features, outcome, found).mean(features), rel=1e-4)
    assert -nb.log_probability(outcome, found.mean(features), found.size).sum() == pytest.approx(best.fun, abs=1e-5)


def test_sizes_are_the_likelihood_optimum_of_scipy():
    rng = np.random.default_rng(8)
    mean = np.exp(rng.normal(0.5, 1.2, 900))
    size = 0.6 * mean**0.6
    outcome = nbinom.rvs(size, size / (size + mean), random_state=rng).astype(float)

    def loss(values):
        sizes = np.exp(values[0] + values[1] * np.log(mean))
        return -nbinom.logpmf(outcome, sizes, sizes / (sizes + mean)).sum()

    best = minimize(loss, [0.0, 0.5], method="BFGS", options={"gtol": 1e-7})
    for start in (nb.Sizes(1.0, 0.0), nb.Sizes(5.0, 1.0)):
        found = nb.fit_sizes(mean, outcome, start)
        assert (np.log(found.level), found.slope) == pytest.approx(tuple(best.x), abs=2e-3)


def test_a_coefficient_below_zero_is_zero_and_nothing_to_fit_is_said():
    features, outcome = rows()
    turned = np.vstack([features[:2], -features[2]])
    found = nb.fit(turned, outcome)
    assert found.coefficients[2] == 0
    assert found.coefficients[:2] == pytest.approx(nb.fit(features[:2], outcome).coefficients, abs=1e-4)
    # Where nothing ever happened at a higher value, the constant and the coefficient run away together.
    apart = np.vstack([features[:2], np.where(outcome > 0, -5.0, -1.0)])
    for start in (None, nb.fit(features, outcome)):
        found = nb.fit(apart, outcome, start)
        assert found.coefficients[2] == 0
        assert found.coefficients[:2] == pytest.approx(nb.fit(features[:2], outcome).coefficients, abs=1e-4)
    with pytest.raises(ValueError, match="all zero"):
        nb.fit(features, np.zeros(features.shape[1]))


@given(st.floats(0.01, 60), st.floats(0.05, 40), st.integers(0, 90))
@examples(30)
def test_probabilities_and_quantiles_are_those_of_scipy(mean, size, count):
    told, p = nbinom(size, size / (size + mean)), (np.array([mean]), np.array([size]))
    assert nb.at_most(np.array([count]), *p)[0] == pytest.approx(told.cdf(count), abs=1e-9)
    assert nb.log_probability(np.array([count]), *p)[0] == pytest.approx(told.logpmf(count), abs=1e-7)
    low, high = (end[0] for end in nb.interval(*p, 0.9))
    tail = 0.95 if low else 0.9
    assert told.cdf(low) >= 0.05 - 1e-9 and told.cdf(low - 1) < 0.05 + 1e-9
    assert told.cdf(high) >= tail - 1e-9 and told.cdf(high - 1) < tail + 1e-9
    assert nb.inside(np.array([float(count)]), *p, 0.9)[0] == (low <= count <= high)


@given(st.floats(0.01, 30), st.floats(1.01, 3), st.floats(0.1, 5), st.floats(0, 1))
@examples(30)
def test_a_higher_mean_makes_every_higher_count_likelier(mean, more, level, slope):
    sizes, means = nb.Sizes(level, slope), np.array([mean, mean * more])
    size = sizes.at(means)
    for most in (0, 1, 3, 10):
        below = nb.at_most(np.full(2, most), means, size)
        assert below[1] <= below[0] + 1e-9
    for end in nb.interval(means, size, 0.9):
        assert end[1] >= end[0]


def test_memory_by_hand_and_a_cut_month_is_no_quiet_one():
    # Half-life one month: (2 + 1/2 x 4) / (1 + 1/2) = 8/3. A half month of 1 clash after 2: (1 + 1) / (0.5 + 0.5) = 2.
    assert memory(np.array([[4.0], [2.0]]), np.ones(2), 1)[:, 0].tolist() == pytest.approx([4, 8 / 3])
    assert memory(np.array([[2.0], [1.0]]), np.array([1, 0.5]), 1)[1, 0] == pytest.approx(2)


def test_outcomes_are_the_months_after_and_a_cut_month_is_none():
    counts = np.zeros((5, TOWNSHIPS))
    counts[:, 0] = [1, 2, 4, 8, 16]
    assert outcomes(of(counts), 2)[:3, 0].tolist() == [6, 12, 24]
    assert np.isnan(outcomes(of(counts), 2)[3:]).all()
    assert np.isnan(outcomes(of(counts, last_day=0.5), 2)[2:]).all()


def test_a_statement_knows_nothing_of_what_came_after_it():
    later = COUNTS.copy()
    later[31:] = 0
    for horizon in HORIZONS:
        one, two = (statements(of(counts), near(), horizon, range(28, 31)) for counts in (COUNTS, later))
        assert (one.mean[28:31] == two.mean[28:31]).all()


@given(st.integers(0, TOWNSHIPS - 1))
@examples(12)
def test_one_more_clash_in_the_last_month_never_lowers_its_township(township):
    more = COUNTS.copy()
    more[-1, township] += 1
    last = range(MONTHS - 1, MONTHS)
    before, after = (statements(of(counts), near(), 3, last) for counts in (COUNTS, more))
    assert after.mean[-1, township] >= before.mean[-1, township]
    assert (after.mean[-1] >= before.mean[-1] - 1e-12).all()  # nor any other: neighbours rise with it
    ends = [nb.interval(one.mean[-1], one.sizes(one.mean)[-1], 0.9) for one in (before, after)]
    assert all((new >= old).all() for old, new in zip(*ends, strict=True))


def test_renaming_townships_renames_their_rows():
    order = np.random.default_rng(1).permutation(TOWNSHIPS)
    renamed = Near.of(ring([CODES[place] for place in np.argsort(order)]), pl.Series("adm3_pcode", CODES))
    last = range(MONTHS - 2, MONTHS)
    one, two = statements(of(COUNTS), near(), 3, last), statements(of(COUNTS[:, order]), renamed, 3, last)
    assert two.mean[-2:] == pytest.approx(one.mean[-2:, order], rel=1e-6)


@given(st.sets(st.integers(0, TOWNSHIPS - 1), min_size=1, max_size=TOWNSHIPS - 1))
@examples(25)
def test_what_is_unknown_of_neighbours_never_narrows_an_interval(unknown):
    known = np.ones(TOWNSHIPS, bool)
    known[list(unknown)] = False
    values = memory(COUNTS, np.ones(MONTHS), 4)[-1:]
    true = neighbours_between(values, np.ones(TOWNSHIPS, bool), near())[0]
    silent = np.where(known, values, 0.0)  # of an unknown township nothing is reported
    middle, low, high = neighbours_between(silent, known, near())
    assert ((low <= middle) & (middle <= high)).all()
    # As long as the highest is a known one, what is true lies between the ends.
    reachable = values.max() == values[:, known].max()
    assert (low <= true + 1e-12).all() and (not reachable or (true <= high + 1e-12).all())
    assert all((one == true).all() for one in neighbours_between(values, np.ones(TOWNSHIPS, bool), near()))


def test_ranks_and_their_interval_against_draws():
    mean, size = np.array([9.0, 4, 4, 1, 0.2, 0.05]), np.array([3.0, 2, 2, 1, 0.5, 0.4])
    assert rank(mean).tolist() == [1, 2, 2, 4, 5, 6]
    many_mean, many_size = np.tile(mean, 12), np.tile(size, 12)
    drawn = np.random.default_rng(2).gamma(many_size, many_mean / many_size, (6_000, 72))
    above = (-drawn).argsort(axis=1).argsort(axis=1) + 1
    low, high = rank_interval(many_mean, many_size)
    assert np.abs(low - np.quantile(above, 0.05, axis=0)).max() <= 3
    assert np.abs(high - np.quantile(above, 0.95, axis=0)).max() <= 3


def test_metrics_by_hand():
    scores_, came = np.array([0.9, 0.5, 0.5, 0.1]), np.array([3.0, 1, 0, 0])
    # Pairs with and without: 0.9 over both, 0.5 over 0.1, and a tie: 3.5 of 4.
    assert area_under_curve(scores_, came > 0) == 3.5 / 4
    assert area_under_curve(scores_, came > 9) is None
    # The first has 3 of 4; the second place is shared by two that hold 1 between them.
    assert top_share(scores_, came, top=2) == (3 + 1 / 2) / 4
    assert top_share(scores_, np.zeros(4)) is None
    mean, size = np.array([2.0, 1, 1, 0.5]), np.full(4, 2.0)
    found = scores(Said(mean, size), came)
    assert found[Metric.LOG_SCORE] == pytest.approx(-nbinom.logpmf(came, size, size / (size + mean)).mean())


def test_the_log_score_by_hand():
    # Size 1 is geometric: P(Y = n) = p (1 - p)^n with p = 1 / (1 + mean). Mean 1: 1/2 for none, 1/4 for one.
    found = scores(Said(np.ones(2), np.ones(2)), np.array([0.0, 1.0]))
    assert found[Metric.LOG_SCORE] == pytest.approx((np.log(2) + np.log(4)) / 2)


def test_baselines_are_what_they_say():
    counts = COUNTS[:, :]
    found = baselines(of(counts), 30, 6, 10)
    year = counts[19:31].sum(axis=0)
    shape, rate = fit_prior(year)
    assert found[Predictor.ROLLING].mean == pytest.approx((shape + year) / (rate + 1) * 6 / 12)
    assert found[Predictor.CUMULATIVE].mean == pytest.approx(gamma_poisson(counts[10:31].sum(axis=0), 21, 6).mean)
    assert found[Predictor.PERSISTENCE].mean == pytest.approx(gamma_poisson(counts[25:31].sum(axis=0), 6, 6).mean)
    assert set(found[Predictor.NATIONAL_MEAN].mean) == {year.mean() * 6 / 12}


def test_the_scorecard_holds_every_statement_that_is_over():
    found = of(COUNTS)
    said = [statements(found, near(), horizon, range(26, MONTHS)) for horizon in HORIZONS]
    table = scorecard(found, said, 26)
    origins = {horizon: MONTHS - 26 - horizon for horizon in HORIZONS}
    assert table.height == sum(origins.values()) * len(Predictor) * len(Metric)
    assert set(table["townships_count"]) == {TOWNSHIPS}
    means = table.filter(horizon_months=3, metric="log_score").group_by("predictor").agg(pl.col("value").mean())
    by = dict(means.iter_rows())
    assert by["current_intensity"] < by["national_mean"]
    some = replace(found, known=np.arange(TOWNSHIPS) > 0)
    assert set(scorecard(some, [statements(some, near(), 3, range(26, MONTHS))], 26)["townships_count"]) == {
        TOWNSHIPS - 1
    }
    assert scorecard(found, [], 26).is_empty()


def run_context(last_day: date, absence: Absence = Absence.ZERO, uncovered: frozenset[str] = frozenset()) -> RunContext:
    nothing = pl.DataFrame()
    source = ClashSource("canonical_clashes", absence, date(2019, 1, 1), last_day.replace(day=1), uncovered)
    return RunContext((ISP_2023,), last_day, Profile.PUBLIC, (source,), None, nothing, nothing, (), nothing, nothing)


@pytest.fixture(scope="module")
def events(hand):
    months = of(COUNTS).months
    found = [(CODES[p], months[m]) for m in range(MONTHS) for p in range(TOWNSHIPS) for _ in range(int(COUNTS[m, p]))]
    return hand.clashes(*found)


def test_tables_of_a_run(hand, events):
    """From the coup on every month and township has a row; blank where silence means unknown, there or everywhere."""
    towns = hand.townships(tuple(CODES))
    last_day = date(2022, 4, 30)
    assert (panel(run_context(last_day), events, towns).counts == COUNTS).all()
    table, cards = intensity_tables.make(run_context(last_day), events, towns, ring())
    assert table.height == TOWNSHIPS * 15 and table["expected_clashes_next_3m"].null_count() == 0
    assert set(cards["horizon_months"]) == {3, 6}
    blind, none = intensity_tables.make(run_context(last_day, Absence.UNKNOWN), events, towns, ring())
    assert blind.height == table.height and blind["rank"].null_count() == blind.height and none.is_empty()
    part, _ = intensity_tables.make(run_context(last_day, uncovered=frozenset({CODES[3]})), events, towns, ring())
    assert set(part.filter(pl.col("rank").is_null())["adm3_pcode"]) == {CODES[3]}
    assert part["rank_high"].max() <= TOWNSHIPS - 1
    assert current_intensity(run_context(date(2021, 1, 31)), towns, None).is_empty()


def test_a_source_that_began_after_the_coup_says_nothing_before_it_has_learnt(hand, events):
    run = run_context(date(2022, 4, 30))
    late = replace(run, sources=(replace(run.sources[0], first_month=date(2021, 5, 1)),))
    table, _ = intensity_tables.make(late, events, hand.townships(tuple(CODES)), ring())
    assert table.height == TOWNSHIPS * 15
    # May to October 2021 are six statements of three months, the last over in January 2022.
    assert table.filter(pl.col("rank").is_not_null())["month"].min() == date(2022, 2, 1)


def test_nothing_is_said_where_hardly_a_clash_was_recorded():
    few = np.zeros((MONTHS, TOWNSHIPS))
    few[20, 0] = 2
    assert statements(of(few), near(), 3, range(30, MONTHS)).fits == {}
