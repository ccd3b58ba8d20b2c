"""What contradicts the codes of a layer: its own names, states and parents, its label points, its areas."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import polars as pl
import pytest
import shapely

from geo import boundaries, layer_rows, townships
from geo.agreement import check_attributes, check_exchanged, check_places, misfit
from geo.neighbours import neighbours
from pipeline.declare.errors import UnusableInput

LAYER = "realdata/boundaries/mmr_polbnda_adm3_mimu_250k.shp"
PATH = Path("layer.geojson")


@cache
def here() -> dict[str, int]:
    return {code: n for n, code in enumerate(townships.codes())}


def labels() -> np.ndarray:
    listed = townships.reference()
    return boundaries.to_metres(shapely.points(listed["label_lon"].to_numpy(), listed["label_lat"].to_numpy()))


def attributes() -> pl.DataFrame:
    """A layer's columns as MIMU names them, from the list."""
    return townships.reference().select(
        ST="adm1_name", ST_PCODE="adm1_pcode", DT="adm2_name", DT_PCODE="adm2_pcode", TS="adm3_name",
        TS_PCODE="adm3_pcode", TS_MMR4="adm3_name_my",
    )  # fmt: skip


def with_cells(*cells: tuple[str, str, str]) -> pl.DataFrame:
    """The attributes with other values: column, code of the row, value."""
    frame = attributes()
    for column, code, value in cells:
        there = pl.col("TS_PCODE") == code
        frame = frame.with_columns(pl.when(there).then(pl.lit(value)).otherwise(column).alias(column))
    return frame


@pytest.mark.parametrize(
    ("column", "code", "value"),
    [
        ("TS", "MMR001001", "Waingmaw"),  # a neighbour of the same state
        ("TS_MMR4", "MMR001001", "ဝိုင်းမော်"),
        ("TS", "MMR001001", "Loikaw"),  # known in another state only
        ("ST", "MMR007014", "Yangon"),  # of the two Htantabins
        ("ST_PCODE", "MMR007014", "MMR013"),
        ("DT", "MMR007014", "Yangon (North)"),
        ("DT_PCODE", "MMR007014", "MMR013D001"),
    ],
)
def test_what_contradicts_a_code_is_refused_by_name(column: str, code: str, value: str) -> None:
    with pytest.raises(UnusableInput, match=f"contradict its codes for 1 townships: {code}.*{column} says"):
        check_attributes(PATH, with_cells((column, code, value)), townships.reference()["adm3_pcode"])


def test_old_and_unknown_spellings_are_no_contradiction() -> None:
    told = with_cells(
        ("TS", "MMR001001", "Myitkyinar"),  # a spelling nobody knows
        ("TS", "MMR008001", "Prome"),
        ("ST", "MMR018001", "Mandalay"),  # Naypyitaw's townships stood under Mandalay
        ("ST_PCODE", "MMR018002", "MMR010"),
        ("ST", "MMR003001", "Karen State"),
        ("ST", "MMR012001", "Arakan"),
        ("ST", "MMR006001", "Tenasserim Division"),
        ("DT", "MMR004007", "Mindat"),  # districts change within their state
        ("ST", "MMR002001", "Somewhere"),
    )
    check_attributes(PATH, told, townships.reference()["adm3_pcode"])


def pairs_of(frame: pl.DataFrame) -> list[tuple[int, int]]:
    """Every pair of neighbours, by their places in the list."""
    return [(here()[one], here()[other]) for one, other, _ in neighbours(frame).iter_rows() if one < other]


def apart(pairs: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """The pairs in groups within which no township is one of two pairs or the neighbour of another pair's."""
    beside: dict[int, set[int]] = {}
    for one, other in pairs:
        beside.setdefault(one, {one}).add(other)
        beside.setdefault(other, {other}).add(one)
    groups: list[tuple[list[tuple[int, int]], set[int]]] = []
    for one, other in pairs:
        near = beside[one] | beside[other]
        group, taken = next(((g, t) for g, t in groups if t.isdisjoint((one, other))), (None, None))
        if group is None or taken is None:
            group, taken = [], set[int]()
            groups.append((group, taken))
        group.append((one, other))
        taken |= near
    return [group for group, _ in groups]


def unseen(shapes: np.ndarray, pairs: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The pairs whose exchange would go unseen; those far from each other are exchanged at once and all named."""
    monkeypatch.setattr(layer_rows, "NAMED_AT_MOST", len(pairs))
    plane, known = boundaries.to_metres(shapes), townships.reference()["area_km2"].to_numpy()
    fits = misfit(labels(), plane, np.sqrt(known / np.pi), shapely.area(plane) / 1e6, known)
    check_exchanged(PATH, fits)
    found = []
    for group in apart(pairs):
        exchanged = fits.copy()
        for one, other in group:
            exchanged[:, [one, other]] = fits[:, [other, one]]
        with pytest.raises(UnusableInput) as refused:
            check_exchanged(PATH, exchanged)
        rings = set(re.findall(r"(MMR\d{6}) \([^,;]*?\) and (MMR\d{6}) \(", str(refused.value)))
        for one, other in group:
            codes = (townships.codes()[one], townships.codes()[other])
            if codes not in rings and codes[::-1] not in rings:
                found.append((one, other))
    return found


def test_every_pair_of_neighbours_exchanged_is_refused_in_schematic_shapes(
    drawn: boundaries.Boundaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawn too roughly for some areas, but every township holds its label."""
    pairs = pairs_of(drawn.frame)
    assert len(pairs) > 800
    assert unseen(shapely.from_wkb(drawn.frame["geometry"].to_numpy()), pairs, monkeypatch) == []


def test_every_pair_of_neighbours_exchanged_is_refused_in_the_real_layer(
    delivered: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = boundaries.read(delivered(LAYER)).frame
    pairs = pairs_of(real)
    assert len(pairs) == 860
    for coarse in (0, 0.01):  # as it is, and with 7 % of its vertices
        shapes = shapely.simplify(shapely.from_wkb(real["geometry"].to_numpy()), coarse)
        check_places(PATH, boundaries.to_metres(shapes), labels())
        assert unseen(shapes, pairs, monkeypatch) == [], coarse


def test_the_real_layer_of_another_datum_in_three_dimensions_and_coarser_is_read(
    delivered: Callable[[str], Path], tmp_path: Path
) -> None:
    real = gpd.read_file(delivered(LAYER), encoding="utf-8")
    real.geometry = real.geometry.simplify(0.01)  # 7 % of the vertices
    for name, layer in {
        "indian.gpkg": real.to_crs("EPSG:4240"),
        "z.gpkg": real.set_geometry(shapely.force_3d(real.geometry.to_numpy(), 12.0), crs=real.crs),
        "cod.gpkg": real.rename(columns={"TS_PCODE": "adm3_pcode", "TS": "adm3_name", "ST": "adm1_name"}),
        "metres_off.gpkg": real.set_geometry(real.translate(0.003, 0.002), crs=real.crs),
    }.items():
        layer.to_file(tmp_path / name)
        assert boundaries.read(tmp_path / name).frame.height == 330


def test_labels_far_from_their_shapes_are_refused_and_near_ones_told(squares: gpd.GeoDataFrame) -> None:
    plane = boundaries.to_metres(squares.geometry.to_numpy())
    assert check_places(PATH, plane, labels()) == ()
    with pytest.raises(UnusableInput, match=r"330 townships do not lie .* km.* wrong zone"):
        check_places(PATH, shapely.affinity.translate(shapely.GeometryCollection(list(plane)), 640_000).geoms, labels())
    small = here()["MMR013034"]  # 0.6 km2: half a kilometre is beside it, two are not its own
    moved = plane.copy()
    moved[small] = shapely.affinity.translate(plane[small], 700)
    assert "1 townships' labels lie beside" in check_places(PATH, moved, labels())[0]
    moved[small] = shapely.affinity.translate(plane[small], 2_000)
    with pytest.raises(UnusableInput, match=r"MMR013034 1\.6 km"):
        check_places(PATH, moved, labels())


def test_codes_exchanged_in_a_ring_of_three_are_refused(squares: gpd.GeoDataFrame) -> None:
    plane = boundaries.to_metres(squares.geometry.to_numpy())
    ring = [here()[code] for code in ("MMR013033", "MMR013034", "MMR013036")]  # within a kilometre or two of each other
    exchanged = plane.copy()
    exchanged[ring] = plane[[*ring[1:], ring[0]]]
    with pytest.raises(UnusableInput, match=r"exchanged: .* and .* and "):
        check_places(PATH, exchanged, labels())


def test_a_small_town_drawn_coarsely_is_told_and_a_large_one_refused(squares: gpd.GeoDataFrame) -> None:
    plane = boundaries.to_metres(squares.geometry.to_numpy())
    coarse = plane.copy()
    small, large = here()["MMR013034"], here()["MMR001001"]
    coarse[small] = shapely.affinity.scale(plane[small], 0.5, 0.5)
    assert "1 small townships" in check_places(PATH, coarse, labels())[0]
    coarse[large] = shapely.affinity.scale(plane[large], 0.5, 0.5)
    with pytest.raises(UnusableInput, match="1 townships are far from their known area: MMR001001"):
        check_places(PATH, coarse, labels())
