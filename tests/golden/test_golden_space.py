"""Rates, neighbours and spatial statistics of the golden townships, worked by hand.

No boundary file is delivered there: the neighbours are those of the schematic shapes. Counts of isp-2023 in November
2023: Demoso 12, Tonzang 10, Paletwa 4, Hlaingtharya (East) and Myitkyina 2 each, Waingmaw 1, the other 324 none.
"""

import math
from pathlib import Path
from typing import Any

import pytest
from test_golden_townships import (
    DEMOSO,
    EAST,
    MAWLAMYINE,
    MYITKYINA,
    PALETWA,
    TONZANG,
    WAINGMAW,
    WEST,
    golden_home,
    release_query,
)

__all__ = ["golden_home"]

pytestmark = pytest.mark.integration
NEWEST = "method = 'isp-2023' AND month = DATE '2023-11-01'"

# Clashes per 1,000 km2 raw and smoothed, per 100,000 people raw and smoothed; deaths and displaced per 100,000.
# By area: m = 31 / 668,562.4 = 4.636815e-5; sum of n2/e = 144/1,209.4 + 100/3,473.5 + 16/8,078.9 + 4/42.4 + 4/6,226.7
# + 1/5,011.3 = .2450187; s2 = (.2450187 - m2 x 668,562.4) / 668,562.4 = 3.643360e-7; noise m x 330 / 668,562.4 =
# 2.288715e-8; A = 3.414488e-7. Demoso: C = A / (A + m / 1,209.4) = .899050; 1,000 (m + C (12/1,209.4 - m)) = 8.925299.
# By people: m = 31 / 55,964,142 = 5.539261e-7; A = 8.501936e-11 - .326630e-11 = 8.175306e-11; Demoso: C = .921918.
RATES: dict[str, tuple[float | None, ...]] = {
    # 12 on 1,209.4 km2 and 80,000 delivered people; 18 deaths; 25,000 displaced.
    DEMOSO: (9.922276, 8.925299, 15.0, 13.833097, 22.5, 31_250.0),
    # 10 on 3,473.5 km2 and 35,660 people; no death figure, no displacement in force.
    TONZANG: (2.878941, 2.772366, 28.042625, 23.573964, None, None),
    # 4 on 8,078.9 km2 and 108,376 people; 3 deaths; 4,320 displaced as shown.
    PALETWA: (0.495117, 0.487699, 3.690854, 3.476941, 2.768141, 3_986.122389),
    # 2 on 42.4 km2: C = .237937, so three quarters of the way to the national rate. 60 displaced as shown, not 59.
    EAST: (47.169811, 11.258791, 0.323480, 0.320574, 0.485220, 9.704404),
    # 2 on 6,226.7 km2 and 387,555 people; 6 deaths; nobody displaced.
    MYITKYINA: (0.321197, 0.315332, 0.516056, 0.508140, 1.548167, 0.0),
    # 1 on 5,011.3 km2 and 153,377 people; 1 death; the seven displaced people are withheld and so is their rate.
    WAINGMAW: (0.199549, 0.195508, 0.651988, 0.626748, 0.651988, None),
    # No clash on 151.8 km2: C = .527820, (1 - C) m = .021894 per 1,000 km2.
    MAWLAMYINE: (0.0, 0.021894, 0.0, 0.001313, 0.0, None),
}


@pytest.mark.parametrize("code", RATES)
def test_rates(golden_home: Path, code: str) -> None:
    row = release_query(
        golden_home,
        "SELECT * EXCLUDE (method, month, adm3_pcode) FROM published.township_rates "
        f"WHERE adm3_pcode = '{code}' AND {NEWEST}",
    ).row(0)
    assert row == tuple(v if v is None else pytest.approx(v, abs=2e-6) for v in RATES[code])


def test_neighbours(golden_home: Path) -> None:
    """As the schematic map shows them; Munaung and Cocokyun are islands and have their nearest."""
    rows = release_query(golden_home, "FROM published.neighbours").rows()
    near: dict[str, set[str]] = {}
    for code, other, _ in rows:
        near.setdefault(code, set()).add(other)
    assert near[WEST] == {"MMR013006", "MMR013027", EAST}
    assert near[WAINGMAW] == {MYITKYINA, "MMR001003", "MMR001005", "MMR001012"}
    assert near[TONZANG] == {"MMR004004", "MMR005027", "MMR005030"}
    nearest = {code for code, _, basis in rows if basis == "nearest"}
    assert nearest >= {"MMR012012", "MMR013032"}
    assert len(near) == 330


# y = ln(1 + n): ln 13 + ln 11 + ln 5 + 2 ln 3 + ln 2 = 9.462654, mean .0286747; squares 17.813508, less 330 mean^2:
# 17.542169; s = sqrt(17.542169 / 330) = .2305604.
SPOTS: dict[str, tuple[float, float, float]] = {
    # Five quiet neighbours, k = 6: Gi* (2.564949 - 6 x .0286747) / (.2305604 x sqrt((330 x 6 - 36) / 329)) = 4.269627;
    # I = 329 x 2.536275 x -.0286747 / 17.542169. Its neighbours' sum of 0 is the least there is, and any draw has at
    # least as much: P(all five among the 324 quiet of 329 others) = .93 twice is 1. One heavy place is no hot spot.
    DEMOSO: (-1.363980, 4.269627, 1.0),
    # Four neighbours, among them Myitkyina: sum ln 2 + ln 3 = 1.791759, k = 5; own .664473, neighbours' mean .274653
    # less .028675. Another of the five heavier than itself among four of 329: 1 - C(324, 4) / C(329, 4) = .059685.
    WAINGMAW: (3.065395, 3.216959, 2 * 0.059685),
    # Three neighbours, among them Hlaingtharya (East): 1 - C(324, 3) / C(329, 3) = .045038.
    WEST: (-0.181519, 2.143539, 2 * 0.045038),
    # All quiet: -6 x .0286747 / (.2305604 x 2.430806); I = 329 x .0286747^2 / 17.542169; P = .91 twice is 1.
    MAWLAMYINE: (0.015421, -0.306984, 1.0),
}


@pytest.mark.parametrize("code", SPOTS)
def test_local_statistics(golden_home: Path, code: str) -> None:
    row = release_query(golden_home, f"FROM published.hot_spots WHERE adm3_pcode = '{code}' AND {NEWEST}").row(
        0, named=True
    )
    local, z, p = SPOTS[code]
    assert row["local_morans_i"] == pytest.approx(local, abs=2e-6)
    assert row["getis_ord_z"] == pytest.approx(z, abs=2e-6)
    # 29,999 draws: a tail of 6 % has a standard error of .0014, doubled .0027.
    assert row["getis_ord_p_value"] == pytest.approx(p, abs=0.012)
    assert row["local_morans_p_value"] == row["getis_ord_p_value"]
    assert (row["local_cluster"], row["hot_spot_class"]) == ("not_significant", "none")


def test_global_statistic(golden_home: Path) -> None:
    row: dict[str, Any] = release_query(golden_home, f"FROM published.spatial_autocorrelation WHERE {NEWEST}").row(
        0, named=True
    )
    counts = {DEMOSO: 12, TONZANG: 10, PALETWA: 4, EAST: 2, MYITKYINA: 2, WAINGMAW: 1}
    near: dict[str, list[str]] = {}
    for code, other in release_query(
        golden_home, "SELECT adm3_pcode, neighbour_pcode FROM published.neighbours"
    ).rows():
        near.setdefault(code, []).append(other)
    z = {code: math.log(1 + counts.get(code, 0)) - 0.0286747100 for code in near}
    products = [z[code] * sum(z[other] for other in others) / len(others) for code, others in near.items()]
    assert row["morans_i"] == pytest.approx(sum(products) / 17.542169407, abs=2e-6)
    assert row["morans_i_expected"] == pytest.approx(-1 / 329, abs=1e-6)
    assert 0.001 <= row["morans_i_p_value"] <= 1
    shown = {name: row[name] for name in ("townships_count", "permutations_count", "local_permutations_count")}
    assert shown == {"townships_count": 330, "permutations_count": 999, "local_permutations_count": 29_999}
    assert (row["hot_spots_count"], row["cold_spots_count"]) == (0, 0)
