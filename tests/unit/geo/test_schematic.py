import subprocess
import sys

import numpy as np
import polars as pl
import pytest
import shapely
from pyproj import Transformer

from geo import boundaries, schematic, townships
from geo.neighbours import neighbours
from geo.schematic import partition
from pipeline.declare.errors import UnusableInput

NATIONAL_KM2 = 676_577


def shapes(found: boundaries.Boundaries) -> np.ndarray:
    return shapely.from_wkb(found.frame["geometry"].to_numpy())


def test_330_whole_townships_that_partition_the_country(drawn):
    assert drawn.frame["adm3_pcode"].to_list() == list(townships.codes())
    polygons = shapes(drawn)
    assert shapely.is_valid(polygons).all() and not shapely.is_empty(polygons).any()
    assert shapely.get_num_interior_rings(shapely.get_parts(polygons)).sum() == 0
    assert shapely.coverage_is_valid(polygons)  # no overlaps, shared edges identical
    assert abs(drawn.frame["area_km2"].sum() / NATIONAL_KM2 - 1) < 0.05
    assert drawn.frame["area_km2"].min() > 0.3
    assert drawn.source == "schematic (mm-geo-coder village points, MIMU)"


def test_every_label_lies_in_its_township(drawn):
    reference = townships.reference()
    inside = shapely.intersects_xy(shapes(drawn), *reference.select("label_lon", "label_lat").to_numpy().T)
    assert inside.all()


def test_overlap_with_the_real_townships(drawn, delivered):
    real = boundaries.read(delivered("realdata/boundaries/mmr_polbnda_adm3_mimu_250k.shp"))
    flat = Transformer.from_crs("EPSG:4326", boundaries.EQUAL_AREA, always_xy=True).transform
    ours, theirs = (shapely.transform(shapes(each), flat, interleaved=False) for each in (drawn, real))
    shared = shapely.area(shapely.intersection(ours, theirs))
    overlap = shared / (shapely.area(ours) + shapely.area(theirs) - shared)
    assert np.median(overlap) >= 0.75
    assert np.quantile(overlap, 0.1) > 0.5
    assert overlap.min() > 0.1


def test_the_same_points_in_another_order_give_the_same_country(drawn):
    points = schematic.village_points(schematic.gazetteer())
    again = schematic.build(points.sample(fraction=1, shuffle=True, seed=1))
    assert shapely.equals_exact(again, shapes(drawn)).all()


def test_the_package_is_never_imported():
    code = (
        "import sys; from geo import schematic; schematic.village_points(schematic.gazetteer());"
        "sys.exit('mm_geo_coder' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_cache_is_used_and_rebuilt_when_damaged(drawn, tmp_path, monkeypatch):
    # To draw the country again takes seconds; that it is the same is tested above.
    monkeypatch.setattr(schematic, "build", lambda points: shapes(drawn))
    cache = tmp_path / "deep" / "schematic.parquet"
    first = schematic.schematic(cache)
    assert first.frame.equals(drawn.frame)
    whole = cache.read_bytes()
    assert [path.name for path in cache.parent.iterdir()] == ["schematic.parquet"]
    with monkeypatch.context() as context:
        context.setattr(schematic, "build", lambda points: pytest.fail("built again"))
        assert schematic.schematic(cache).frame.equals(drawn.frame)
    cache.write_bytes(whole[: len(whole) // 2])
    assert schematic.schematic(cache).frame.equals(drawn.frame)
    assert cache.read_bytes() == whole
    key = schematic._cache_key(schematic.gazetteer())
    for at in range(100, len(whole), len(whole) // 20):  # a flipped bit anywhere
        cache.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        found = schematic._read_cache(cache, key)
        assert found is None or found.equals(drawn.frame)
    cache.write_bytes(whole)
    assert schematic._read_cache(cache, key) is not None
    monkeypatch.setattr(schematic, "CODE_VERSION", -1)
    assert schematic._read_cache(cache, schematic._cache_key(schematic.gazetteer())) is None


def test_a_gazetteer_that_is_missing_foreign_or_empty_is_refused(tmp_path, monkeypatch):
    foreign = tmp_path / "foreign.db"
    foreign.write_bytes(b"SQLite? no")
    with pytest.raises(UnusableInput, match="not the expected gazetteer"):
        schematic.village_points(foreign)
    monkeypatch.setattr(schematic.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UnusableInput, match="pip install"):
        schematic.gazetteer()


def test_misplaced_points_are_dropped_and_strays_joined():
    labels = np.array([[0.0, 0.0], [40.0, 0.0]])
    grid = np.stack(np.meshgrid(np.arange(-20, 60, 4.0), np.arange(-20, 21, 4.0)), axis=-1).reshape(-1, 2) + 0.3
    owner = (grid[:, 0] > 20).astype(np.int64)
    stray = np.vstack([grid, [[-10.1, 5.2]]])
    clean = partition(grid, owner, labels, np.array([1600.0, 1600.0]))
    dirty = partition(stray, np.append(owner, 1), labels, np.array([1600.0, 1600.0]))
    assert (shapely.get_num_geometries(clean) == 1).all() and (shapely.get_num_geometries(dirty) == 1).all()
    assert shapely.coverage_is_valid(dirty)
    assert shapely.area(shapely.intersection(clean, dirty)).sum() > 0.97 * shapely.area(clean).sum()


def test_points_far_from_their_label_are_no_sites():
    first = townships.reference().row(0, named=True)
    points = pl.DataFrame(
        {
            "code": [first["adm3_pcode"]] * 2,
            "lon": [first["label_lon"], 96.0],
            "lat": [first["label_lat"], 12.0],
        }
    )
    labels = schematic.to_plane(
        townships.reference()["label_lon"].to_numpy(), townships.reference()["label_lat"].to_numpy()
    )
    xy, owner = schematic._sites(points, labels, np.full(330, 30.0))
    assert owner.tolist() == [0] and np.allclose(xy[0], labels[0])


def test_neighbours_of_schematic_townships(drawn: boundaries.Boundaries) -> None:
    """Chaungzon is drawn onto the mainland; the other two islands stay islands."""
    found = neighbours(drawn.frame)
    alone = found.filter((pl.col("neighbour_basis") == "nearest").all().over("adm3_pcode"))
    assert found["adm3_pcode"].n_unique() == 330
    assert set(alone["adm3_pcode"]) == {"MMR012012", "MMR013032"}
    assert 5.0 < found.height / 330 < 6.0, "between five and six neighbours each, as in any such map"
