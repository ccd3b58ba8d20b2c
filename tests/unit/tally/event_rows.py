"""Invented events of few townships, and the shapes that their points are placed on."""

from functools import lru_cache

import numpy as np
import polars as pl
import shapely

from assets.gazetteer import gazetteer_on
from geo.townships import codes
from pipeline.records.placing import Gazetteer

WIDTH, HEIGHT, WEST, SOUTH, COLUMNS = 0.4, 0.7, 93.0, 10.0, 15
HEADER = (
    "event_id,event_date,event_type,adm3_pcode,adm3_name,adm1_name,longitude,latitude,geo_precision,fatalities,"
    "updated_at\n"
)
ROWS = """\
e1,2022-03-04,clash,MMR001001,,,,,exact,2,2022-04-01
e2,2022-03-04,Battles,MMR001001,,,,,exact,,2022-04-01
e3,2022-03-04,clash,,Myitkyina,Kachin,,,township,,2022-04-01
e4,2022-03-09,Explosions/Remote violence,,,,93.2,10.35,exact,7,2022-04-01
e5,2022-04-30,protests,,,,93.7,10.35,exact,0,2022-04-01
e6,2022-04-30,clash,MMR001002,,,,,district,1,2022-04-01
e7,2022-04-30,clash,,Nowhere at all,Kachin,,,exact,1,2022-04-01
e8,2022-02-31,clash,MMR001002,,,,,exact,1,2022-04-01
e1,2022-03-05,clash,MMR001002,,,,,exact,3,2022-05-01
 e2 ,2022-03-04,Battles,MMR001001,,,,,exact,,2022-04-01
e5,2022-04-30,meteors,,,,93.7,10.35,exact,0,2022-06-01
"""
CANONICAL = HEADER + ROWS


@lru_cache
def squares() -> Gazetteer:
    """The real names and codes on 330 equal rectangles that touch."""
    west, south = (np.arange(330) % COLUMNS) * WIDTH + WEST, (np.arange(330) // COLUMNS) * HEIGHT + SOUTH
    boxes = shapely.to_wkb(shapely.box(west, south, west + WIDTH, south + HEIGHT))
    layer = pl.DataFrame({"adm3_pcode": codes(), "geometry": list(boxes), "area_km2": [1.0] * 330})
    return gazetteer_on(lambda: layer, exact=True)
