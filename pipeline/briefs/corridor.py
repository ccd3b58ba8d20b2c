"""The chain of neighbouring townships between two ends with the least sum of distances between centres.

A calculation on the map: it knows no road, river or front. Not here: where centres and neighbours come from (geo/).
"""

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from math import asin, cos, radians, sin, sqrt

from pipeline.errors import UnusableInput

EARTH_KM = 6371.0088  # mean radius (IUGG)
Point = tuple[float, float]  # longitude, latitude in degrees


def distance_km(one: Point, other: Point) -> float:
    """Great-circle distance (haversine), in whole metres so that equal chains compare as equal on every machine."""
    (x1, y1), (x2, y2) = ((radians(x), radians(y)) for x, y in (one, other))
    half = sin((y2 - y1) / 2) ** 2 + cos(y1) * cos(y2) * sin((x2 - x1) / 2) ** 2
    return round(2 * EARTH_KM * asin(min(1.0, sqrt(half))), 3)


def chain(
    first: str, last: str, neighbours: Iterable[tuple[str, str]], centres: Mapping[str, Point]
) -> tuple[tuple[str, ...], float]:
    """The chain from `first` to `last` and its length in km (Dijkstra); of equal ones the first by P-codes.

    `neighbours` holds each pair both ways. Raises UnusableInput where no chain joins the two.
    """
    beside: dict[str, set[str]] = {}
    for one, other in neighbours:
        beside.setdefault(one, set()).add(other)
    waiting: list[tuple[int, tuple[str, ...]]] = [(0, (first,))]
    settled: set[str] = set()
    while waiting:
        metres, path = heappop(waiting)
        here = path[-1]
        if here == last:
            return path, metres / 1000
        if here in settled:
            continue
        settled.add(here)
        for other in beside.get(here, ()):
            if other not in settled:
                step = round(distance_km(centres[here], centres[other]) * 1000)
                heappush(waiting, (metres + step, (*path, other)))
    raise UnusableInput(f"--corridor: no chain of neighbouring townships joins {first} and {last} in this release")
