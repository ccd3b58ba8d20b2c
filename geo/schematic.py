"""Schematic townships where no boundary file is given: from village points of MIMU's gazetteer.

Good for maps and for placing points roughly; not a boundary, and labelled so. The gazetteer is the SQLite file of the
mm-geo-coder package, whose Python is never imported: it calls the network. The geometry is in partition.

Points with a township number become a partition of the country: Voronoi cells, dissolved by township.
"""

import hashlib
import importlib.util
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from geo import townships
from geo.boundaries import Boundaries, areas_km2, boundary_frame
from pipeline.declare.errors import UnusableInput

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


SOURCE = "schematic (mm-geo-coder village points, MIMU)"
CODE_VERSION = 1  # raise it when the shapes change: it is part of the cache key
DATABASE = Path("database") / "mimu_geo_data_public.db"
# A point further from its township's label than this many radii of a disc of its area is misplaced.
FARTHEST_RADII = 2.5
REMEDY = "Install it with `pip install mm-geo-coder`, or give a boundary file."


def schematic(cache: Path | None = None) -> Boundaries:
    """The 330 townships as a partition: valid, without holes or overlaps, national area within 5 %.

    `cache` is a file that is read when it was made from the same gazetteer, reference and code, and otherwise
    written (to a temporary name, then renamed). A damaged cache is made again. Raises UnusableInput where the
    gazetteer is missing or cannot carry 330 townships.
    """
    database = gazetteer()
    key = _cache_key(database) if cache else ""
    frame = _read_cache(cache, key) if cache else None
    if frame is None:
        codes = list(townships.codes())
        shapes = build(village_points(database))
        frame = boundary_frame(codes, shapes, areas_km2(shapes))
        if cache:
            _write_cache(frame, cache, key)
    names = townships.reference().select("adm3_pcode", "adm3_name", "adm3_name_my")
    mirror = names.join(frame.select("adm3_pcode", geometry_wkb="geometry"), on="adm3_pcode", validate="1:1")
    note = "Schematic shapes from village points, not boundaries: borders and coasts are approximate."
    return Boundaries(frame, mirror, SOURCE, (note,), mirror["adm3_pcode"])


def gazetteer() -> Path:
    """The gazetteer's file, found without importing its package."""
    spec = importlib.util.find_spec("mm_geo_coder")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / DATABASE).is_file():
            return Path(folder) / DATABASE
    raise UnusableInput(f"mm-geo-coder: no {DATABASE} found, so townships cannot be drawn. {REMEDY}")


def village_points(database: Path) -> pl.DataFrame:
    """`code` (as in the gazetteer), `lon`, `lat`: villages and wards within the country's box."""
    query = (
        "SELECT township_pcode, longitude, latitude FROM {table} "
        "WHERE longitude BETWEEN 92 AND 102 AND latitude BETWEEN 9 AND 29"
    )
    try:
        connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            rows = [row for table in ("villages", "wards") for row in connection.execute(query.format(table=table))]
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise UnusableInput(f"{database}: not the expected gazetteer ({error}). {REMEDY}") from error
    return pl.DataFrame(rows, schema={"code": pl.String, "lon": pl.Float64, "lat": pl.Float64}, orient="row")


def build(points: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.object_]]:
    """330 polygons in code order, EPSG:4326, from points with `code`, `lon`, `lat`."""
    reference = townships.reference()
    labels = to_plane(reference["label_lon"].to_numpy(), reference["label_lat"].to_numpy())
    area = reference["area_km2"].to_numpy()
    xy, owner = _sites(points.sort("code", "lon", "lat"), labels, np.sqrt(area / np.pi))
    shapes = to_degrees(partition(xy, owner, labels, area))
    empty = np.flatnonzero(shapely.is_empty(shapes))
    holes = sum(shapely.get_num_interior_rings(part) for part in shapely.get_parts(shapes))
    if empty.size or holes or not shapely.is_valid(shapes).all():
        lost = [townships.codes()[index] for index in empty[:3]]
        raise UnusableInput(
            f"mm-geo-coder: {points.height} village points do not give 330 whole townships "
            f"({empty.size} without a shape {lost}, {holes} holes). {REMEDY}"
        )
    return shapes


def _sites(
    points: pl.DataFrame, labels: np.ndarray[Any, Any], radii: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Plane coordinates and township numbers of the points that lie where their code says.

    Points of the Wa and Kokang areas carry sub-township codes: of several successors the one whose label is
    relatively nearest takes the point.
    """
    numbers = townships.reference().select("adm3_pcode").with_row_index("township")
    known = townships.apply(points.with_row_index("row"), "code").join(numbers, on="adm3_pcode", validate="m:1")
    xy = to_plane(known["lon"].to_numpy(), known["lat"].to_numpy())
    township = known["township"].to_numpy().astype(np.int64)
    away = np.hypot(*(xy - labels[township]).T) / radii[township]
    placed = (
        pl.DataFrame({"row": known["row"], "township": township, "x": xy[:, 0], "y": xy[:, 1], "away": away})
        .filter(pl.col("away") < FARTHEST_RADII)
        .sort("row", "away", "township")
        .unique("row", keep="first", maintain_order=True)
    )
    return placed.select("x", "y").to_numpy(), placed["township"].to_numpy()


def _cache_key(database: Path) -> str:
    digest = hashlib.sha256(f"{CODE_VERSION}\n".encode())
    with database.open("rb") as stream:
        digest.update(hashlib.file_digest(stream, "sha256").digest())
    digest.update(townships.reference().write_csv().encode())
    digest.update(townships.crosswalk().write_csv().encode())
    return digest.hexdigest()


def _read_cache(cache: Path, key: str) -> pl.DataFrame | None:
    """The cached frame if it is whole and made from the same inputs; None asks for a new one."""
    try:
        metadata = pl.read_parquet_metadata(cache)
        if metadata.get("township_index_key") != key:
            return None
        frame = pl.read_parquet(cache, glob=False, hive_partitioning=False)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return frame if metadata.get("township_index_content") == _content(frame) else None


def _content(frame: pl.DataFrame) -> str:
    """A hash of what the frame holds, against a cache that can be read and is still wrong."""
    digest = hashlib.sha256(frame.select("adm3_pcode", "area_km2").write_csv().encode())
    for shape in frame["geometry"]:
        digest.update(shape)
    return digest.hexdigest()


def _write_cache(frame: pl.DataFrame, cache: Path, key: str) -> None:
    """Whole or not at all; one temporary name, so that killed runs leave one file at most."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    temporary = cache.with_name(f".{cache.name}.part")
    metadata = {"township_index_key": key, "township_index_content": _content(frame)}
    frame.write_parquet(temporary, metadata=metadata)
    temporary.replace(cache)
