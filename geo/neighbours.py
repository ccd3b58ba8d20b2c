"""Which townships are neighbours, from their polygons.

The middle of each township, from its polygon.
"""

from typing import Any

import numpy as np
import polars as pl
import shapely

from geo.boundaries import to_metres
from pipeline.declare.codes import NeighbourBasis
from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import NEIGHBOUR_TOLERANCE_M

Pairs = np.ndarray[Any, np.dtype[np.int64]]


def neighbours(polygons: pl.DataFrame, tolerance_m: float = NEIGHBOUR_TOLERANCE_M.value) -> pl.DataFrame:
    """Columns of published.neighbours: every pair both ways, sorted; nobody is its own neighbour.

    `polygons` holds `adm3_pcode` and `geometry` (WKB, EPSG:4326), in any order. Two townships share a border where
    their polygons come within `tolerance_m` metres of each other anywhere, a single corner included (queen contiguity):
    borders drawn twice leave slivers between them. A township without any border, an island, is joined to the nearest
    polygon, the first by code of several equally near, with the basis `nearest` both ways.
    Raises UnusableInput for fewer than two polygons, a repeated code, or a shape that is missing or empty.
    """
    ordered = polygons.select("adm3_pcode", "geometry").sort("adm3_pcode")
    codes = ordered["adm3_pcode"]
    shapes = shapely.from_wkb(ordered["geometry"].to_numpy())
    _check(codes, shapes)
    plane = to_metres(shapes)
    bordering = _bordering(plane, tolerance_m)
    alone = np.setdiff1d(np.arange(len(codes)), bordering)
    joined = _nearest(plane, alone)
    basis = [str(NeighbourBasis.BORDER)] * len(bordering) + [str(NeighbourBasis.NEAREST)] * len(joined)
    pairs = np.vstack([bordering, joined])
    one_way = pl.DataFrame(
        {
            "adm3_pcode": codes.gather(pairs[:, 0]),
            "neighbour_pcode": codes.gather(pairs[:, 1]),
            "neighbour_basis": pl.Series(basis, dtype=pl.String),
        }
    )
    other_way = one_way.select(
        pl.col("neighbour_pcode").alias("adm3_pcode"), pl.col("adm3_pcode").alias("neighbour_pcode"), "neighbour_basis"
    )
    # Two islands may each be the other's nearest: the pair stands once.
    both = pl.concat([one_way, other_way]).unique(["adm3_pcode", "neighbour_pcode"])
    return both.sort("adm3_pcode", "neighbour_pcode")


def _check(codes: pl.Series, shapes: np.ndarray[Any, Any]) -> None:
    """Raise UnusableInput where neighbours cannot be told."""
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if missing.any():
        named = ", ".join(codes.filter(pl.Series(missing)).head(3))
        raise UnusableInput(f"boundaries: {missing.sum()} townships have no shape ({named}); deliver a whole layer")
    if codes.n_unique() < max(len(codes), 2):
        repeated = ", ".join(codes.filter(codes.is_duplicated()).unique().sort().head(3)) or "fewer than two townships"
        raise UnusableInput(f"boundaries: each township must have one shape, found {repeated}; deliver a whole layer")


def _bordering(plane: np.ndarray[Any, Any], tolerance_m: float) -> Pairs:
    """Positions of each pair within the tolerance, once, the lower first."""
    found = shapely.STRtree(plane).query(plane, predicate="dwithin", distance=tolerance_m).T
    return np.asarray(found[found[:, 0] < found[:, 1]], dtype=np.int64).reshape(-1, 2)


def _nearest(plane: np.ndarray[Any, Any], alone: Pairs) -> Pairs:
    """(island, its nearest other polygon) by position; distances are from edge to edge."""
    tree, found = shapely.STRtree(plane), []
    for island in alone:
        others = tree.query_nearest(plane[island], exclusive=True, all_matches=True)
        found.append((island, others.min()))
    return np.asarray(found, dtype=np.int64).reshape(-1, 2)


def centres(polygons: pl.DataFrame) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of the centroid by P-code; `polygons` holds adm3_pcode and geometry (WKB, EPSG:4326)."""
    points = shapely.get_coordinates(shapely.centroid(shapely.from_wkb(polygons["geometry"].to_numpy())))
    return {code: (float(x), float(y)) for code, (x, y) in zip(polygons["adm3_pcode"], points, strict=True)}
