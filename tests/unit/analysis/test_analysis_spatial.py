"""Spatial statistics: a lattice by hand, plain formulas, esda's published example, order of rows, unknown counts."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.analysis.spatial import FALSE_DISCOVERY_RATE, SPATIAL_SEED, Draws, Spatial, neighbour_tails, spatial
from pipeline.declare.errors import AccountingError

SIDE = 12
CODES = [f"MMR{row + 1:03d}{column + 1:03d}" for row in range(SIDE) for column in range(SIDE)]
MONTHS = (date(2021, 2, 1), date(2021, 3, 1))
FEW = {"global_permutations": 99, "local_permutations": 9_999}


def lattice(names: list[str] = CODES) -> pl.DataFrame:
    """Rook neighbours on a grid of twelve by twelve, both ways."""
    pairs = []
    for i, name in enumerate(names):
        row, column = divmod(i, SIDE)
        for r, c in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
            if 0 <= r < SIDE and 0 <= c < SIDE:
                pairs.append((name, names[r * SIDE + c], "border"))
    return pl.DataFrame(pairs, schema=["adm3_pcode", "neighbour_pcode", "neighbour_basis"], orient="row")


def index(*months: list[int | None], names: list[str] = CODES, method: str = "isp-2023") -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame({"adm3_pcode": names, "clashes_count": counts}, schema_overrides={"clashes_count": pl.Int64})
        .with_columns(pl.lit(method).alias("method"), pl.lit(month).alias("month"))
        for month, counts in zip(MONTHS, months, strict=False)
    )  # fmt: skip


CORNER = [20 if i % SIDE < 3 and i // SIDE < 3 else 0 for i in range(SIDE * SIDE)]  # nine heavy places in a corner
CHESS = [20 * ((i + i // SIDE) % 2) for i in range(SIDE * SIDE)]


def by_formula(y: np.ndarray, near: list[list[int]]) -> tuple[float, np.ndarray, np.ndarray]:
    """Global I, local I and z of Gi* by their textbook formulas in plain loops."""
    n, mean = len(y), sum(y) / len(y)
    z = [v - mean for v in y]
    square = sum(v * v for v in z)
    lag = [sum(z[j] for j in near[i]) / len(near[i]) for i in range(n)]
    global_i = sum(z[i] * lag[i] for i in range(n)) / square
    local_i = [(n - 1) * z[i] * lag[i] / square for i in range(n)]
    s = (square / n) ** 0.5
    gi = []
    for i in range(n):
        k = len(near[i]) + 1
        total = y[i] + sum(y[j] for j in near[i])
        gi.append((total - k * mean) / (s * ((n * k - k * k) / (n - 1)) ** 0.5))
    return global_i, np.array(local_i), np.array(gi)


def near_of(neighbours: pl.DataFrame) -> list[list[int]]:
    near: list[list[int]] = [[] for _ in CODES]
    for one, other, _ in neighbours.rows():
        near[CODES.index(one)].append(CODES.index(other))
    return near


def test_a_corner_of_heavy_fighting() -> None:
    """A block of three by three in a corner, worked by hand."""
    made = spatial(index(CORNER), lattice(), **FEW)
    (whole,) = made.autocorrelation.rows(named=True)
    assert whole["townships_count"] == 144
    assert whole["morans_i_expected"] == pytest.approx(-1 / 143, abs=1e-6)
    # 9 of 144 are heavy: with y = 1 and 0, z = 15/16 and -1/16, and sum z^2 = (9 x 225 + 135) / 256 = 8.4375. The mean
    # of the neighbours' z is 15/16 for the inner 2 x 2 of the block; on its rim two places at the edge have one quiet
    # neighbour of three, two have one of four, and its outer corner two of four ...
    high, low = 15 / 16, -1 / 16
    heavy = 4 * high + 2 * (2 * high + low) / 3 + 2 * (3 * high + low) / 4 + (2 * high + 2 * low) / 4
    # ... and of the quiet two have one heavy neighbour of three, four one of four, and 129 none.
    quiet = 2 * (high + 2 * low) / 3 + 4 * (high + 3 * low) / 4 + 129 * low
    assert whole["morans_i"] == pytest.approx((high * heavy + low * quiet) / 8.4375, abs=1e-6)
    assert whole["morans_i_p_value"] == pytest.approx(1 / 100)
    assert (whole["permutations_count"], whole["local_permutations_count"]) == (99, 9_999)
    spots = made.hot_spots
    hot = set(spots.filter(pl.col("hot_spot_class") == "hot")["adm3_pcode"])
    # A heavy place has 8 heavy ones among 143 others. By chance 4 of 4 neighbours are: 70 / 16,701,685; 3 of 3:
    # 56 / 477,191 = .0001; 3 of 4: 56 x 135 / 16,701,685 = .0005, doubled .0009 and within .05 x 5 / 144 = .0017.
    # 2 of 2 in the corner (28 / 10,153, doubled .0055) and 2 of 4 are not rare enough.
    assert hot == {"MMR002002", "MMR001002", "MMR002001", "MMR002003", "MMR003002"}
    assert set(spots.filter(pl.col("adm3_pcode").is_in(hot))["local_cluster"]) == {"high_high"}
    assert whole["hot_spots_count"] == len(hot)
    assert "cold" not in set(spots["hot_spot_class"]), "most places are quiet: a quiet neighbourhood is no rarity"


def test_unlike_neighbours_are_no_hot_spots() -> None:
    made = spatial(index(CHESS), lattice(), **FEW)
    assert made.autocorrelation["morans_i"][0] == pytest.approx(-1.0)
    assert made.autocorrelation["morans_i_p_value"][0] == 1.0, "one-sided: unlike neighbours are not what is asked"
    assert not {"high_high", "low_low"} & set(made.hot_spots["local_cluster"])
    inner = made.hot_spots.filter(pl.col("adm3_pcode") == "MMR003003").row(0, named=True)
    assert inner["local_morans_i"] < 0


def test_a_heavy_place_amid_unusual_quiet_is_high_low_and_not_hot() -> None:
    counts = [3] * 144
    for name in ("MMR002003", "MMR004003", "MMR003002", "MMR003004"):
        counts[CODES.index(name)] = 0
    counts[CODES.index("MMR003003")] = 5_000
    row = spatial(index(counts), lattice(), **FEW).hot_spots.filter(pl.col("adm3_pcode") == "MMR003003")
    assert row["getis_ord_z"][0] > 0
    assert row["local_cluster"][0] == "high_low"
    assert row["hot_spot_class"][0] == "none"


@examples(8)
@given(st.lists(st.integers(0, 40), min_size=144, max_size=144).filter(lambda c: len(set(c)) > 1))
def test_statistics_are_the_textbooks(counts) -> None:
    made = spatial(index(counts), lattice(), global_permutations=19, local_permutations=39)
    whole, local, getis = by_formula(np.log1p(np.array(counts, dtype=float)), near_of(lattice()))
    assert made.autocorrelation["morans_i"][0] == pytest.approx(whole, abs=1e-6)
    assert made.hot_spots["local_morans_i"].to_numpy() == pytest.approx(local, abs=1e-6)
    assert made.hot_spots["getis_ord_z"].to_numpy() == pytest.approx(getis, abs=1e-6)
    assert made.hot_spots["local_morans_p_value"].equals(made.hot_spots["getis_ord_p_value"])
    assert made.hot_spots["getis_ord_p_value"].min() >= 2 / 40 - 1e-6


def test_esdas_published_example() -> None:
    """G_Local's docstring: six points, neighbours within 15, values 2, 3, 3.2, 5, 8, 7; z of Gi* as printed there."""
    near = [[1, 3], [0, 2, 3], [1, 3, 4], [0, 1, 2, 4, 5], [2, 3, 5], [3, 4]]
    points = [(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)]
    within = [
        [j for j, q in enumerate(points) if j != i and np.hypot(p[0] - q[0], p[1] - q[1]) <= 15]
        for i, p in enumerate(points)
    ]
    assert within != near, "the neighbours come from the points"
    printed = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
    y = np.array([2, 3, 3.2, 5, 8, 7])
    assert by_formula(y, within)[2] == pytest.approx(printed, abs=1e-6)


def test_p_values_agree_with_esda_where_nothing_ties() -> None:
    """esda's own draws and its p-value of the smaller tail, which is half of ours."""
    from esda.moran import Moran_Local
    from libpysal.weights import W

    values = np.random.default_rng(5).normal(size=144).cumsum()
    near = near_of(lattice())
    theirs = Moran_Local(values, W(dict(enumerate(near))), permutations=9_999, seed=1, n_jobs=1)
    below, above = neighbour_tails(values, Draws.of(near, 9_999, 2))
    assert (np.minimum(below, above) + 1) / 10_000 == pytest.approx(theirs.p_sim, abs=0.04)


def test_global_statistic_and_its_p_value_are_esdas() -> None:
    """The same generator draws the same orders, so that not even the pseudo p-value differs; nothing ties here."""
    from esda.moran import Moran
    from libpysal.weights import W

    counts = np.random.default_rng(4).permutation(144) + np.arange(144) // 2
    made = spatial(index(counts.tolist()), lattice(), **FEW).autocorrelation.row(0, named=True)
    state = np.random.get_state()
    np.random.seed(int(SPATIAL_SEED.value))
    theirs = Moran(np.log1p(counts), W(dict(enumerate(near_of(lattice())))), permutations=99)
    np.random.set_state(state)
    assert made["morans_i"] == pytest.approx(theirs.I, abs=1e-6)
    assert 0.01 < made["morans_i_p_value"] < 0.5
    assert made["morans_i_p_value"] == pytest.approx((1 + (theirs.sim >= theirs.I).sum()) / 100)


def test_order_of_rows_the_other_months_and_the_global_generator_change_nothing() -> None:
    both, links = index(CORNER, CHESS), lattice()
    state = np.random.get_state()[1].tolist()
    made = spatial(both, links, **FEW)
    again = spatial(
        both.sample(fraction=1, shuffle=True, seed=1), links.sample(fraction=1, shuffle=True, seed=2), **FEW
    )
    assert again.autocorrelation.equals(made.autocorrelation)
    assert again.hot_spots.equals(made.hot_spots)
    assert np.random.get_state()[1].tolist() == state, "numpy's shared generator is not touched"
    alone = spatial(both.filter(pl.col("month") == MONTHS[1]), links, **FEW)
    assert alone.hot_spots.equals(made.hot_spots.filter(pl.col("month") == MONTHS[1]))


def test_other_codes_for_the_same_places_permute_the_statistics() -> None:
    """p-values move within the noise of their draws; the statistics not at all."""
    names = list(np.random.default_rng(3).permutation(CODES))
    made, other = spatial(index(CORNER), lattice(), **FEW), spatial(index(CORNER, names=names), lattice(names), **FEW)
    assert other.autocorrelation["morans_i"].equals(made.autocorrelation["morans_i"])
    renamed = dict(zip(CODES, names, strict=True))
    moved = made.hot_spots.with_columns(pl.col("adm3_pcode").replace_strict(renamed)).sort("adm3_pcode")
    for name in ("local_morans_i", "getis_ord_z"):
        assert other.hot_spots[name].to_numpy() == pytest.approx(moved[name].to_numpy(), abs=1e-6)
    apart = (other.hot_spots["getis_ord_p_value"] - moved["getis_ord_p_value"]).abs().max()
    assert apart < 0.15


def silent(made: Spatial) -> bool:
    figures = ["local_morans_i", "local_morans_p_value", "getis_ord_z", "getis_ord_p_value"]
    return all(made.hot_spots[name].null_count() == made.hot_spots.height for name in figures)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("count", [0, 7])
def test_counts_that_do_not_vary_have_no_figures_and_are_not_unknown(count: int) -> None:
    made = spatial(index([count] * 144), lattice(), **FEW)
    whole = made.autocorrelation.row(0, named=True)
    assert (whole["morans_i"], whole["morans_i_p_value"], whole["townships_count"]) == (None, None, 144)
    assert silent(made)
    assert set(made.hot_spots["local_cluster"]) == {"not_significant"}
    assert set(made.hot_spots["hot_spot_class"]) == {"none"}


def test_unknown_counts_are_left_out_with_their_links() -> None:
    counts: list[int | None] = list(CORNER)
    # The place in the far corner loses both neighbours, and so has nothing to be compared with.
    for name in ("MMR011012", "MMR012011"):
        counts[CODES.index(name)] = None
    made = spatial(index(counts), lattice(), **FEW)
    unknown = made.hot_spots.filter(pl.col("hot_spot_class") == "insufficient_data")
    assert unknown["adm3_pcode"].to_list() == ["MMR011012", "MMR012011", "MMR012012"]
    assert unknown["getis_ord_z"].null_count() == unknown["local_morans_i"].null_count() == 3
    kept = [i for i, code in enumerate(CODES) if code not in unknown["adm3_pcode"].to_list()]
    whole_map = near_of(lattice())
    near = [[kept.index(j) for j in whole_map[i] if j in kept] for i in kept]
    whole, local, _ = by_formula(np.log1p(np.array([counts[i] for i in kept], dtype=float)), near)
    assert made.autocorrelation["townships_count"][0] == 141
    assert made.autocorrelation["morans_i"][0] == pytest.approx(whole, abs=1e-6)
    found = made.hot_spots.filter(pl.col("local_morans_i").is_not_null())
    assert found["local_morans_i"].to_numpy() == pytest.approx(local, abs=1e-6)


def test_too_few_known_counts_say_nothing() -> None:
    counts: list[int | None] = [None] * 115 + CORNER[115:]
    made = spatial(index(counts, CORNER), lattice(), **FEW)
    first = made.autocorrelation.row(0, named=True)
    assert (first["townships_count"], first["morans_i"]) == (0, None)
    assert set(made.hot_spots.filter(pl.col("month") == MONTHS[0])["hot_spot_class"]) == {"insufficient_data"}
    assert made.autocorrelation["townships_count"][1] == 144, "another month is not touched"


def test_neighbours_of_another_list_are_refused() -> None:
    stray = lattice().with_columns(pl.col("neighbour_pcode").str.replace("MMR012012", "MMR099001"))
    with pytest.raises(AccountingError, match="MMR099001"):
        spatial(index(CORNER), stray, **FEW)


def test_false_discovery_is_held() -> None:
    """Counts without pattern: hardly ever a spot, though one in twenty has a small p-value."""
    random = np.random.default_rng(8)
    frames = [index(random.poisson(3, 144).tolist(), method=f"m{number}") for number in range(40)]
    made = spatial(pl.concat(frames), lattice(), global_permutations=19, local_permutations=1_999)
    small = (made.hot_spots["getis_ord_p_value"] <= 0.05).mean()
    assert 0.02 < small < 0.08
    with_a_spot = (made.autocorrelation["hot_spots_count"] + made.autocorrelation["cold_spots_count"] > 0).mean()
    assert with_a_spot <= 0.15
    assert FALSE_DISCOVERY_RATE.value == 0.05
