"""Rates: by hand, against esda's smoother, unknown and missing values, and how far smoothing may go."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.analysis.rates import township_rates
from pipeline.declare.frames import empty

METHOD, END = "isp-2023", "2021-03-01"


def made(counts, areas, people=None, deaths=None, idps=None) -> pl.DataFrame:
    """Rates of one month, in the order given."""
    size = len(counts)
    codes = [f"MMR001{number:03d}" for number in range(size)]
    blank = [None] * size
    rows = {
        "adm3_pcode": codes,
        "clashes_count": counts,
        "fatalities_persons": deaths or blank,
        "idps_persons": idps or blank,
    }
    types = empty("published.township_index").schema
    index = pl.DataFrame(rows, schema={name: types[name] for name in rows}).with_columns(
        pl.lit(METHOD).alias("method"), pl.lit(END).str.to_date().alias("month")
    )
    townships = pl.DataFrame(
        {"adm3_pcode": codes, "area_km2": areas, "population_persons": people or blank},
        schema={"adm3_pcode": pl.String, "area_km2": pl.Float64, "population_persons": pl.Int64},
    )
    return township_rates(index.sample(fraction=1, shuffle=True, seed=1), townships)


def test_by_hand() -> None:
    """Counts 8 and 2 on 100 km2 each, none on 200: m = 10/400 = 1/40."""
    frame = made([8, 2, 0], [100.0, 100.0, 200.0], [1_000, 40_000, 50_000], [4, None, 0], [120, None, 0])
    assert frame["clashes_per_1000_km2"].to_list() == [80.0, 20.0, 0.0]
    # s2 = (100 (.08-.025)^2 + 100 (.02-.025)^2 + 200 (.025)^2) / 400 = (.3025 + .0025 + .125) / 400 = .001075;
    # mean area 400/3: noise .025 x 3 / 400 = .0001875; A = .0008875.
    # C = .0008875 / (.0008875 + .025/100) = .780220 twice, and with 200 km2 .876543.
    expected = [1000 * (0.025 + 0.7802198 * 0.055), 1000 * (0.025 - 0.7802198 * 0.005), 1000 * 0.025 * (1 - 0.8765432)]
    assert frame["clashes_per_1000_km2_smoothed"].to_list() == pytest.approx(expected, abs=1e-4)
    assert frame["clashes_per_100000_persons"].to_list() == [800.0, 5.0, 0.0]
    assert frame["fatalities_per_100000_persons"].to_list() == [400.0, None, 0.0]
    assert frame["idps_per_100000_persons"].to_list() == [12_000.0, None, 0.0]


def test_rates_that_spread_no_wider_than_noise_all_become_the_mean() -> None:
    frame = made([1, 0, 1, 0], [100.0] * 4)
    assert frame["clashes_per_1000_km2_smoothed"].to_list() == [5.0] * 4
    assert frame["clashes_per_1000_km2"].to_list() == [10.0, 0.0, 10.0, 0.0]


def test_without_any_clash_every_rate_is_zero() -> None:
    frame = made([0, 0], [1.0, 2.0], [10, 20])
    for name in ("clashes_per_1000_km2", "clashes_per_1000_km2_smoothed", "clashes_per_100000_persons_smoothed"):
        assert frame[name].to_list() == [0.0, 0.0]


def test_unknown_is_no_rate_and_weighs_in_no_other() -> None:
    frame = made([8, 2, 0, None], [100.0, 100.0, 200.0, 5_000.0], [1_000, None, 0, 500])
    whole = made([8, 2, 0], [100.0, 100.0, 200.0])
    assert frame["clashes_per_1000_km2_smoothed"].to_list()[:3] == whole["clashes_per_1000_km2_smoothed"].to_list()
    assert frame.row(3)[3:] == (None,) * 6
    assert frame["clashes_per_100000_persons"].to_list() == [800.0, None, None, None], "nobody lives there: no rate"
    assert frame["clashes_per_100000_persons_smoothed"].to_list() == [800.0, None, None, None]


def test_no_count_known_at_all() -> None:
    frame = made([None, None], [1.0, 2.0], [1, 2])
    assert frame.row(0)[3:] == frame.row(1)[3:] == (None,) * 6


COUNTS = st.lists(st.tuples(st.integers(0, 60), st.floats(0.6, 12_340)), min_size=2, max_size=12)


@examples(10)
@given(COUNTS)
def test_smoothed_lies_between_the_raw_rate_and_that_of_all_and_is_esdas(rows) -> None:
    from esda.smoothing import Empirical_Bayes

    counts, areas = map(list, zip(*rows, strict=True))
    frame = made(counts, areas)
    raw, smoothed = (1000 * np.array(counts) / np.array(areas), frame["clashes_per_1000_km2_smoothed"].to_numpy())
    mean = 1000 * sum(counts) / sum(areas)
    slack = 2e-6
    assert np.all(smoothed >= np.minimum(raw, mean) - slack)
    assert np.all(smoothed <= np.maximum(raw, mean) + slack)
    e, b = np.array(counts, dtype=float), np.array(areas)
    m = e.sum() / b.sum()
    beyond_noise = (b * (e / b - m) ** 2).sum() / b.sum() - m / b.mean()
    if beyond_noise > 1e-12:  # esda goes on below zero, where the estimator has no meaning
        assert smoothed == pytest.approx(1000 * Empirical_Bayes(e, b).r.ravel(), rel=1e-6, abs=2e-6)
    elif beyond_noise < -1e-12 and sum(counts):
        assert smoothed == pytest.approx(np.full(len(rows), mean), rel=1e-9, abs=2e-6)


@examples(8)
@given(COUNTS, st.integers(2, 9))
def test_units_only_scale(rows, factor) -> None:
    """Areas in another unit give the same rates in that unit, raw and smoothed."""
    counts, areas = map(list, zip(*rows, strict=True))
    once, larger = made(counts, areas), made(counts, [a * factor for a in areas])
    for name in ("clashes_per_1000_km2", "clashes_per_1000_km2_smoothed"):
        assert (larger[name] * factor).to_numpy() == pytest.approx(once[name].to_numpy(), rel=1e-6, abs=1e-5)
