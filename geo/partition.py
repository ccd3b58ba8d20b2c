"""Points with a township number become a partition of the country: Voronoi cells, dissolved by township.

Plane geometry in km. Not here: where the points come from (schematic). One Voronoi diagram holds everything:
the points, and beyond them sites of the outside, so that no clipping can make gaps or overlaps.
"""

from typing import Any

import numpy as np
import polars as pl
import shapely

LATITUDE_OF_TRUE_SCALE = 20.0
KM_PER_DEGREE = np.array([111.32 * np.cos(np.radians(LATITUDE_OF_TRUE_SCALE)), 110.7])
GRID_KM = 4.0  # spacing of the sites along coasts and borders
MARGIN_KM = 60.0  # frame around all points, and how far from any point a township can reach
AREA_KEPT_SHARE = 0.98  # of each township's known area; the rest of its outer cells is the outside
THIN_EDGE_KM, THIN_INNER_KM = 0.5, 3.0  # one point per cell: near other townships, and deep inside one's own
NEIGHBOURS = 8
OUTSIDE = -1

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Polygons = np.ndarray[Any, np.dtype[np.object_]]


def to_plane(lon: Floats, lat: Floats) -> Floats:
    """Degrees to km, n x 2; true at 20 degrees north, 7 % off at the ends, which a schematic map can bear."""
    return np.asarray(np.column_stack([lon, lat]) * KM_PER_DEGREE)


def to_degrees(shapes: Polygons) -> Polygons:
    """Back to longitude and latitude."""
    degrees: Polygons = shapely.transform(shapes, lambda xy: xy / KM_PER_DEGREE)
    return degrees


def partition(xy: Floats, owner: Ints, labels: Floats, area_km2: Floats) -> Polygons:
    """One (multi)polygon per township, in its number's order; empty where it lost every cell.

    `xy`, `owner`: points in km and their township; `labels`: one point inside each township, always a site;
    `area_km2`: the known areas, which bound how far a township reaches where nobody else is near.
    """
    from scipy.spatial import Voronoi

    sites, owners = _clean(xy, owner, labels)
    outer, outer_owners = _outer_sites(sites, owners, area_km2)
    sites, owners = np.vstack([sites, outer]), np.concatenate([owners, outer_owners])
    diagram = Voronoi(sites - sites.mean(axis=0), qhull_options="Qbb Qc Qz")
    ridges = diagram.ridge_points
    owners = _join_strays(ridges, owners, len(labels))
    between = owners[ridges[:, 0]] != owners[ridges[:, 1]]
    ends = np.asarray(diagram.ridge_vertices)[between]
    lines = shapely.linestrings(diagram.vertices[ends[(ends >= 0).all(axis=1)]] + sites.mean(axis=0))
    faces = shapely.get_parts(shapely.polygonize(lines))
    return _gather(faces, sites, owners, len(labels))


def _clean(xy: Floats, owner: Ints, labels: Floats) -> tuple[Floats, Ints]:
    """Sites to use: labels, and the thinned points that have at least one neighbour of their own township.

    A point among eight strangers carries a wrong code or a wrong coordinate. Deep inside a township fewer
    points do: only borders are drawn. Points closer than 10 m are one site, or the diagram would lose one.
    """
    from scipy.spatial import cKDTree

    given = np.column_stack([np.arange(len(labels)), labels])
    rows = np.vstack([given, _thin(np.column_stack([owner, xy]), THIN_EDGE_KM)])
    whole = pl.DataFrame(np.round(rows[:, 1:], 2), schema=["x", "y"], orient="row").with_row_index("at")
    rows = rows[whole.unique(["x", "y"], keep="first", maintain_order=True)["at"].to_numpy()]
    owners, points = rows[:, 0].astype(np.int64), rows[:, 1:]
    _, near = cKDTree(points).query(points, k=NEIGHBOURS + 1)
    kin = (owners[near[:, 1:]] == owners[:, None]).sum(axis=1)
    label = np.arange(len(points)) < len(labels)
    edge = ~label & (kin > 0) & (kin < NEIGHBOURS)
    inner = _thin(np.column_stack([owners, points])[~label & (kin == NEIGHBOURS)], THIN_INNER_KM)
    return (
        np.vstack([points[label], points[edge], inner[:, 1:]]),
        np.concatenate([owners[label], owners[edge], inner[:, 0].astype(np.int64)]),
    )


def _thin(rows: Floats, cell_km: float) -> Floats:
    """Of rows (owner, x, y), the first per owner and cell, in the order given."""
    cells = np.column_stack([rows[:, :1], np.floor(rows[:, 1:] / cell_km)]).astype(np.int64)
    frame = pl.DataFrame(cells, schema=["owner", "column", "row"], orient="row").with_row_index("at")
    kept = frame.unique(["owner", "column", "row"], keep="first", maintain_order=True)["at"].to_numpy()
    return np.asarray(rows[kept])


def _outer_sites(sites: Floats, owners: Ints, area_km2: Floats) -> tuple[Floats, Ints]:
    """Sites along coasts and borders: a belt of grid cells inside, a belt outside, and a far frame.

    Grid cells belong to the nearest site's township, nearest cells first, until its known area is used up;
    what is left and connected to the frame is the outside. So valleys without villages stay inside.
    """
    from scipy import ndimage
    from scipy.spatial import cKDTree

    low, high = sites.min(axis=0) - MARGIN_KM, sites.max(axis=0) + MARGIN_KM
    height = GRID_KM * np.sqrt(0.75)  # rows of a honeycomb
    columns, rows = int((high[0] - low[0]) / GRID_KM), int((high[1] - low[1]) / height)
    j, i = np.meshgrid(np.arange(columns), np.arange(rows))
    grid = np.column_stack([(low[0] + (j + 0.5 * (i % 2)) * GRID_KM).ravel(), (low[1] + i * height).ravel()])
    distance, nearest = cKDTree(sites).query(grid, distance_upper_bound=MARGIN_KM)
    reached = np.isfinite(distance)
    owner = np.where(reached, owners[np.minimum(nearest, len(owners) - 1)], OUTSIDE)
    true_width = np.cos(np.radians(grid[:, 1] / KM_PER_DEGREE[1])) / np.cos(np.radians(LATITUDE_OF_TRUE_SCALE))
    order = np.lexsort((distance, owner))
    used = np.cumsum(np.where(reached, GRID_KM * height * true_width, 0.0)[order])
    starts = np.searchsorted(owner[order], np.arange(len(area_km2)))
    before = np.where(starts > 0, used[starts - 1], 0.0)
    fits = np.zeros(len(grid), dtype=bool)
    fits[order] = (owner[order] >= 0) & (used - before[owner[order]] <= AREA_KEPT_SHARE * area_km2[owner[order]])
    inside = (fits | (distance < 0.75 * GRID_KM)).reshape(rows, columns)
    blocks, _ = ndimage.label(~inside)
    outside = blocks == blocks[0, 0]
    belt = np.ones((3, 3), dtype=bool)
    inner = ~outside & ndimage.binary_dilation(outside, belt)
    frame = np.zeros_like(outside)
    frame[[0, -1]] = frame[:, [0, -1]] = True
    outer = frame | (outside & ndimage.binary_dilation(~outside, belt))
    inner_cells, outer_cells = np.flatnonzero(inner), np.flatnonzero(outer)
    return (
        grid[np.concatenate([inner_cells, outer_cells])],
        np.concatenate([owner[inner_cells], np.full(outer_cells.size, OUTSIDE)]),
    )


def _join_strays(ridges: Ints, owners: Ints, count: int) -> Ints:
    """Every patch of a township but its main one goes to the neighbour it shares most ridges with.

    The main patch holds the label (the first `count` sites). A patch with no neighbour but the outside is an
    island and stays. Patches of the outside away from the frame (lakes) are joined likewise.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    for _ in range(10):
        same = owners[ridges[:, 0]] == owners[ridges[:, 1]]
        joined = coo_array((np.ones(same.sum(), dtype=bool), tuple(ridges[same].T)), shape=(len(owners),) * 2)
        number, patch = connected_components(joined, directed=False)
        main = np.zeros(number, dtype=bool)
        main[patch[:count]] = True
        main[patch[-1]] = True  # the last site is a corner of the frame
        border = np.vstack([ridges[~same], ridges[~same][:, ::-1]])
        border = border[~main[patch[border[:, 0]]] & (owners[border[:, 1]] != OUTSIDE)]
        if not border.size:
            break
        shared = pl.DataFrame({"patch": patch[border[:, 0]], "owner": owners[border[:, 1]]})
        ranked = shared.group_by("patch", "owner").len().sort("len", "owner", descending=[True, False])
        chosen = ranked.unique("patch", keep="first", maintain_order=True)
        new_owner = np.full(number, OUTSIDE - 1)
        new_owner[chosen["patch"].to_numpy()] = chosen["owner"].to_numpy()
        owners = np.where(new_owner[patch] > OUTSIDE - 1, new_owner[patch], owners)
    return owners


def _gather(faces: Polygons, sites: Floats, owners: Ints, count: int) -> Polygons:
    """Faces by township; which site a face holds tells whose it is."""
    from scipy.spatial import cKDTree

    _, nearest = cKDTree(sites).query(shapely.get_coordinates(shapely.point_on_surface(faces)))
    whose = owners[nearest]
    shapes = [faces[whose == number] for number in range(count)]
    gathered: Polygons = np.array([parts[0] if len(parts) == 1 else shapely.multipolygons(parts) for parts in shapes])
    return gathered
