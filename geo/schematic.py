"""Schematic townships where no boundary file is given: from village points of MIMU's gazetteer.

Good for maps and for placing points roughly; not a boundary, and labelled so. The gazetteer is the SQLite
file of the mm-geo-coder package, whose Python is never imported: it calls the network. The geometry is in
partition.
"""

import hashlib
import importlib.util
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from geo import crosswalk, townships
from geo.boundaries import Boundaries, areas_km2, boundary_frame
from geo.partition import partition, to_degrees, to_plane
from pipeline.errors import UnusableInput

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
    known = crosswalk.apply(points.with_row_index("row"), "code").join(numbers, on="adm3_pcode", validate="m:1")
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
    digest.update(crosswalk.crosswalk().write_csv().encode())
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
