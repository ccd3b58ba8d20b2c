import geopandas as gpd
import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from geo import boundaries, locate
from geo.locate import GridLookup

COUNTRY = shapely.box(95, 16, 96, 17), shapely.box(96, 16, 97, 17), shapely.box(95, 17, 97, 18)


def locator(polygons=COUNTRY, codes=None) -> locate.Locator:
    names = codes or [f"MMR{number:06d}" for number in range(1, len(polygons) + 1)]
    return locate.Locator(names, [shapely.to_wkb(polygon) for polygon in polygons])


def located(lon: float, lat: float) -> tuple[str | None, str, float | None]:
    return locator().locate(np.array([lon]), np.array([lat])).row(0)


def brute_force(polygons, lon, lat):
    covered = np.array([shapely.covers(polygon, shapely.points(lon, lat)) for polygon in polygons])
    return np.where(covered.any(axis=0), covered.argmax(axis=0), -1)


def both_ways(place: locate.Locator, lon, lat):
    tree = place._covering(lon, lat)
    grid = GridLookup(place._polygons).covering(lon, lat)
    assert (tree == grid).all()
    return tree


def test_inside_and_on_a_shared_edge_or_corner():
    assert located(95.5, 16.5) == ("MMR000001", "inside", 0.0)
    assert located(96.0, 16.5) == ("MMR000001", "inside", 0.0)
    assert located(96.5, 17.0) == ("MMR000002", "inside", 0.0)
    assert located(96.0, 17.0) == ("MMR000001", "inside", 0.0)


def test_within_five_km_the_nearest_with_its_distance():
    code, how, distance = located(97.03, 16.5)
    assert (code, how) == ("MMR000002", "nearest")
    assert distance == pytest.approx(0.03 * 111.32 * np.cos(np.radians(16.5)), rel=0.002)
    assert located(97.06, 16.5) == (None, "outside", None)
    assert located(96.0, 15.97)[0] == "MMR000001"  # as near to both
    assert located(97.03, 17.0)[0] == "MMR000002"


@pytest.mark.parametrize(
    ("lon", "lat", "how"),
    [
        (float("nan"), 20, "invalid"),
        (96, float("inf"), "invalid"),
        (0, 0, "invalid"),
        (96, 91, "invalid"),
        (181, 20, "invalid"),
        (16.5, 95.5, "swapped"),
        (0, 16.5, "outside"),
        (100.5, 13.7, "outside"),
    ],
)
def test_impossible_points_are_named_and_placed_nowhere(lon, lat, how):
    assert located(lon, lat) == (None, how, None)


def test_no_points_and_wrong_arguments():
    assert locator().locate(np.array([]), np.array([])).schema == pl.Schema(
        {"adm3_pcode": pl.String, "how": pl.String, "distance_km": pl.Float64}
    )
    with pytest.raises(ValueError, match="one length"):
        locator().locate(np.array([1.0]), np.array([]))
    with pytest.raises(ValueError, match="different"):
        locator(codes=["MMR000001"] * 3)


def test_both_lookups_agree_beyond_the_threshold():
    random = np.random.default_rng(1)
    lon, lat = random.uniform(94.9, 97.1, 60_000), random.uniform(15.9, 18.1, 60_000)
    place = locator()
    many = place.locate(lon, lat)
    assert place._grid is not None
    few = pl.concat([locator().locate(part, lat[at : at + 9000]) for at, part in _parts(lon, 9000)])
    assert many.equals(few)


def _parts(values, size):
    return [(at, values[at : at + size]) for at in range(0, len(values), size)]


@st.composite
def worlds(draw):
    """Overlapping and touching polygons on a coarse raster, some in several parts or with a hole."""
    corner = st.integers(0, 6)
    polygons = []
    for _ in range(draw(st.integers(1, 5))):
        points = draw(st.lists(st.tuples(corner, corner), min_size=3, max_size=6, unique=True))
        hull = shapely.convex_hull(shapely.multipoints(points))
        shape = hull if hull.geom_type == "Polygon" else shapely.box(points[0][0], 0, points[0][0] + 1, 1)
        if draw(st.booleans()):
            shape = shapely.union(shape, shapely.box(7, 7, 8, 8))
        if draw(st.booleans()):
            cut = shapely.difference(shape, shapely.box(2.5, 2.5, 3.5, 3.5))
            shape = shape if cut.is_empty else cut
        polygons.append(shapely.transform(shape, lambda xy: xy * 0.37 + [94.1, 15.3]))
    return polygons


@examples(60)
@given(worlds(), st.integers(0, 2**32 - 1))
def test_answers_equal_brute_force_whatever_the_order(polygons, seed):
    random = np.random.default_rng(seed)
    vertices = shapely.get_coordinates(polygons)
    middles = (vertices[1:] + vertices[:-1]) / 2
    points = np.vstack([vertices, middles, random.uniform([94, 15.2], [97.2, 18.4], (40, 2))])
    lon, lat = np.ascontiguousarray(points.T)
    place = locator(polygons)
    assert (both_ways(place, lon, lat) == brute_force(polygons, lon, lat)).all()
    answers = place.locate(lon, lat)
    codes = [f"MMR{number:06d}" for number in range(1, len(polygons) + 1)]
    shuffle, mix = random.permutation(len(polygons)), random.permutation(len(lon))
    other = locator([polygons[i] for i in shuffle], [codes[i] for i in shuffle])
    assert other.locate(lon[mix], lat[mix]).equals(answers[mix])


@pytest.mark.slow
def test_real_polygons_vertices_and_joins_agree(delivered):
    layer = boundaries.read(delivered("realdata/boundaries/mmr_polbnda_adm3_mimu_250k.shp"))
    place = locate.Locator.of(layer.frame)
    vertices = shapely.get_coordinates(place._polygons)[::12]
    both_ways(place, *np.ascontiguousarray(vertices.T))
    random = np.random.default_rng(0)
    lon, lat = random.uniform(92, 101.5, 60_000), random.uniform(9.5, 28.7, 60_000)
    found = place.locate_indices(lon, lat)
    shapes = gpd.GeoDataFrame(geometry=place._polygons, crs=4326)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    joined = gpd.sjoin(points, shapes, how="left", predicate="intersects")["index_right"].fillna(-1)
    expected = joined.groupby(level=0).min().to_numpy()
    assert (np.where(found[1] == 0, found[0], -1) == expected).all()
