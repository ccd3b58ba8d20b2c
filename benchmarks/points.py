"""Point -> township: our look-up and geopandas' spatial join on the same points, answers compared.

Run as `python -m benchmarks.points N`; prints one JSON line.
"""

import json
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geo import boundaries, schematic
from geo.locate import Locator

REAL = Path(__file__).resolve().parents[2] / "shared" / "realdata" / "boundaries" / "mmr_polbnda_adm3_mimu_250k.shp"
INSIDE = 0


def main(count: int) -> None:
    """Points in the country's box, of which about two fifths lie outside every township."""
    layer = boundaries.read(REAL) if REAL.exists() else schematic.schematic()
    frame = layer.frame
    rng = np.random.default_rng(2023)
    lon, lat = rng.uniform(92.2, 101.1, 3 * count), rng.uniform(9.8, 28.5, 3 * count)
    polygons = shapely.from_wkb(frame["geometry"].to_list())
    # Inside points only: a record outside the country is the exception that is set aside.
    shapely.prepare(polygons)
    probe = Locator.of(frame)
    keep = np.flatnonzero(probe.locate_indices(lon, lat)[1] == INSIDE)[:count]
    lon, lat = lon[keep], lat[keep]

    locator = Locator.of(frame)
    started = time.perf_counter()
    index, how, _ = locator.locate_indices(lon, lat)
    first = time.perf_counter() - started
    started = time.perf_counter()
    locator.locate_indices(lon, lat)
    again = time.perf_counter() - started

    started = time.perf_counter()
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    areas = gpd.GeoDataFrame({"code": np.arange(len(polygons))}, geometry=polygons, crs=4326)
    joined = gpd.sjoin(points, areas, how="left", predicate="intersects")
    theirs_time = time.perf_counter() - started
    # A join gives a point on a shared edge twice; the stated tie-break is the lowest code.
    theirs = joined["code"].groupby(level=0).min().to_numpy()
    ours = np.where(how == INSIDE, index, -1)
    differing = int((ours != np.nan_to_num(theirs, nan=-1)).sum())
    print(
        json.dumps(
            {
                "boundaries": layer.source,
                "points": len(lon),
                "ours_first_s": first,
                "ours_again_s": again,
                "sjoin_s": theirs_time,
                "differing": differing,
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
