"""The middle of each township, from its polygon.

Not here: neighbours (neighbours.py), chains of them (pipeline.briefs.corridor).
"""

import polars as pl
import shapely


def centres(polygons: pl.DataFrame) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of the centroid by P-code; `polygons` holds adm3_pcode and geometry (WKB, EPSG:4326)."""
    points = shapely.get_coordinates(shapely.centroid(shapely.from_wkb(polygons["geometry"].to_numpy())))
    return {code: (float(x), float(y)) for code, (x, y) in zip(polygons["adm3_pcode"], points, strict=True)}
