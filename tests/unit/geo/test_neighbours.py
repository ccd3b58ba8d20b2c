"""Neighbours from polygons: borders with slivers, corners, islands; the real layer."""

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from geo.boundaries import EQUAL_AREA
from geo.neighbours import _nearest, neighbours
from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import NEIGHBOUR_TOLERANCE_M
from pipeline.declare.settings import REPOSITORY

A, B, C, D, E = (f"MMR00100{number}" for number in range(1, 6))
REAL_LAYER = REPOSITORY.parent / "shared" / "realdata" / "boundaries" / "mmr_polbnda_adm3_mimu_250k.shp"


def layer(boxes: dict[str, tuple[float, float, float, float]]) -> pl.DataFrame:
    """Boxes in metres around 96 E 20 N, the centre of the projection, as WKB in degrees."""
    from pyproj import Transformer

    back = Transformer.from_crs(EQUAL_AREA, "EPSG:4326", always_xy=True)
    shapes = shapely.transform([shapely.box(*b) for b in boxes.values()], back.transform, interleaved=False)
    return pl.DataFrame(
        {"adm3_pcode": list(boxes), "geometry": shapely.to_wkb(shapes).tolist()},
        schema={"adm3_pcode": pl.String, "geometry": pl.Binary},
    )


def pairs(frame: pl.DataFrame) -> set[tuple[str, str, str]]:
    """Each pair once."""
    return {row for row in frame.rows() if row[0] < row[1]}


def sound(frame: pl.DataFrame) -> None:
    """Symmetric with its basis, without repetition, nobody its own neighbour, sorted."""
    rows = frame.rows()
    assert {(b, a, basis) for a, b, basis in rows} == set(rows)
    assert all(a != b for a, b, _ in rows)
    assert rows == sorted(set(rows))


def test_an_edge_and_a_corner_make_neighbours_and_a_gap_does_not() -> None:
    km = 1_000.0
    frame = neighbours(
        layer({A: (0, 0, km, km), B: (km, 0, 2 * km, km), C: (2 * km, km, 3 * km, 2 * km), D: (km, km, km + 9, 2 * km)})
    )
    sound(frame)
    assert pairs(frame) == {(A, B, "border"), (B, C, "border"), (A, D, "border"), (B, D, "border")}


@pytest.mark.parametrize(("gap", "touch"), [(-5.0, True), (0.0, True), (9.0, True), (11.0, False)])
def test_a_sliver_or_an_overlap_within_the_tolerance_is_a_border(gap: float, touch: bool) -> None:
    two = layer({A: (0, 0, 1_000, 1_000), B: (1_000 + gap, 0, 2_000, 1_000), C: (-1_000, 0, 0, 1_000)})
    frame = neighbours(two)
    sound(frame)
    assert pairs(frame) == {(A, B, "border" if touch else "nearest"), (A, C, "border")}
    assert NEIGHBOUR_TOLERANCE_M.value == 10


def test_an_island_has_the_nearest_by_its_edge_both_ways() -> None:
    # C's middle is nearer to E than B's, but B's edge is.
    frame = neighbours(
        layer({A: (0, 0, 9_000, 1_000), B: (9_000, 0, 90_000, 1_000), C: (0, 1_000, 9_000, 2_000),
               E: (92_000, 0, 92_500, 500)})
    )  # fmt: skip
    sound(frame)
    assert pairs(frame) == {(A, B, "border"), (A, C, "border"), (B, C, "border"), (B, E, "nearest")}


def test_two_islands_that_are_each_others_nearest_stand_once() -> None:
    frame = neighbours(layer({A: (0, 0, 9, 9), B: (9, 0, 99, 9), D: (50_000, 0, 50_009, 9), E: (50_100, 0, 50_109, 9)}))
    sound(frame)
    assert pairs(frame) == {(A, B, "border"), (D, E, "nearest")}


def test_of_equally_near_ones_the_first() -> None:
    plane = np.array([shapely.box(x, 0, x + 10, 10) for x in (100, -100, 0, 300)])
    plane[0] = shapely.box(110, 0, 120, 10)
    assert _nearest(plane, np.array([2])).tolist() == [[2, 1]]
    plane[0] = shapely.box(100, 0, 110, 10)
    assert _nearest(plane, np.array([2])).tolist() == [[2, 0]]


def test_a_layer_that_is_not_whole_is_refused() -> None:
    two = layer({A: (0, 0, 9, 9), B: (9, 0, 99, 9)})
    with pytest.raises(UnusableInput, match=r"1 townships have no shape \(MMR001002\)"):
        neighbours(two.with_columns(pl.when(pl.col("adm3_pcode") == A).then("geometry")))
    with pytest.raises(UnusableInput, match="one shape, found MMR001001"):
        neighbours(pl.concat([two, two.head(1)]))
    with pytest.raises(UnusableInput, match="fewer than two"):
        neighbours(two.head(1))


@examples(10)
@given(st.lists(st.tuples(*[st.integers(0, 60)] * 2, *[st.integers(1, 15)] * 2), min_size=2, max_size=7), st.randoms())
def test_any_boxes_give_sound_neighbours_whatever_their_order(boxes, random) -> None:
    named = {f"MMR00{n}001": (x * 900.0, y * 900.0, (x + w) * 900.0, (y + h) * 900.0)
             for n, (x, y, w, h) in enumerate(boxes, 1)}  # fmt: skip
    frame = neighbours(layer(named))
    sound(frame)
    assert set(frame["adm3_pcode"]) == set(named)
    shuffled = layer(dict(random.sample(list(named.items()), len(named))))
    assert neighbours(shuffled).equals(frame)
    touching = {(a, b) for a in named for b in named if a < b and shapely.intersects(shapely.box(*named[a]),
                shapely.box(*named[b]))}  # fmt: skip
    assert {(a, b) for a, b, basis in pairs(frame) if basis == "border"} == touching


def islands(frame: pl.DataFrame) -> dict[str, str]:
    """Townships whose only neighbour is their nearest, with it."""
    alone = frame.filter((pl.col("neighbour_basis") == "nearest").all().over("adm3_pcode"))
    return dict(alone.select("adm3_pcode", "neighbour_pcode").iter_rows())


def test_the_real_layer() -> None:
    """Chaungzon, Munaung and Cocokyun lie on islands; the country hangs together otherwise."""
    from geo.boundaries import read

    if not REAL_LAYER.exists():
        pytest.skip(f"{REAL_LAYER}: the real records are not on this machine")
    shapes = read(REAL_LAYER).frame
    frame = neighbours(shapes)
    sound(frame)
    assert islands(frame) == {"MMR011003": "MMR011008", "MMR012012": "MMR012013", "MMR013032": "MMR017004"}
    assert frame.height == 2 * (857 + 3)
    assert frame.group_by("adm3_pcode").len()["len"].max() == 11
    for same in (0.001, 25.0):
        assert neighbours(shapes, same).equals(frame), "any tolerance between gives the same pairs"
    assert neighbours(shapes, 0.0).height < frame.height, "slivers lie between polygons drawn side by side"
    assert neighbours(shapes, 50.0).height > frame.height
