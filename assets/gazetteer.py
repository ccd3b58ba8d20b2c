"""What `geo` knows, for one home and one boundary file: township shapes and the gazetteer that places records."""

import io
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare import settings
from pipeline.declare.codes import Kind
from pipeline.declare.settings import Home
from pipeline.records.placing import Gazetteer
from pipeline.storage import deliveries


@lru_cache(maxsize=2)
def gazetteer(root: Path, boundary_delivery_id: str) -> Gazetteer:
    """What `geo` knows, for one home and one boundary file (or schematic shapes where the id is empty)."""
    return gazetteer_on(lambda: shapes(settings.home(root), boundary_delivery_id), exact=bool(boundary_delivery_id))


def gazetteer_on(layer: Callable[[], Any], exact: bool = False) -> Gazetteer:
    """What `geo` knows, with points placed on a layer that is read once the first point is.

    Only where the layer is `exact`, delivered and not schematic, can a point deny a name or a code.
    """
    from geo import areas, names, townships
    from geo.locate import Locator
    from geo.townships import name_key

    locator: list[Locator] = []

    def the_locator() -> Locator:
        if not locator:
            locator.append(Locator.of(layer()))
        return locator[0]

    def locate(frame: pl.DataFrame) -> pl.DataFrame:
        if frame.is_empty():
            return frame.with_columns(
                pl.lit(None, pl.String).alias("adm3_pcode"), pl.lit(None, pl.String).alias("how"),
                pl.lit(None, pl.Float64).alias("distance_km"),
            )  # fmt: skip
        lon, lat = (frame[axis].fill_null(float("nan")).to_numpy() for axis in ("longitude", "latitude"))
        return frame.hstack(the_locator().locate(lon, lat))

    def beyond_km(frame: pl.DataFrame) -> pl.Series:
        # Schematic shapes are rough by tens of kilometres: they contradict nobody.
        if frame.is_empty() or not exact:
            return pl.repeat(None, frame.height, dtype=pl.Float64, eager=True)
        lon, lat = (frame[axis].fill_null(float("nan")).to_numpy() for axis in ("longitude", "latitude"))
        return pl.Series(the_locator().beyond(frame["adm3_pcode"], lon, lat)).fill_nan(None)

    def measured(areas: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        from geo import held_areas

        return held_areas.measured(areas, layer())

    return Gazetteer(
        resolve_codes=townships.apply,
        resolve_names=names.resolve,
        nearest_name=names.nearest,
        bearers=names.bearers(),
        spellings=names.spellings(),
        name_key=name_key,
        locate=locate,
        township_named_in=names.township_named_in,
        township_of_district=names.township_of_district,
        lone_districts=townships.lone_districts(),
        retired_code=names.retired,
        level_of_name=areas.level_of_name,
        level_of_code=areas.level_of_code,
        townships_of=areas.townships_of,
        beyond_km=beyond_km,
        measured=measured,
    )


@lru_cache(maxsize=2)
def _shapes(root: Path, boundary_delivery_id: str) -> Any:
    place = settings.home(root)
    if not boundary_delivery_id:
        from geo.schematic import schematic

        return schematic(schematic_cache(place)).frame
    # Of all landings, for an earlier edition may stand on boundaries that were withdrawn or replaced since.
    landed = deliveries.history(place).deliveries
    delivery = next(d for d in landed if (d.kind, d.delivery_id) == (Kind.BOUNDARIES, boundary_delivery_id))
    return deliveries.read_delivery(place, delivery).select("adm3_pcode", "geometry", "area_km2")


def schematic_cache(place: Home) -> Path:
    return place.cache / "schematic_townships.parquet"


def shapes(place: Home, boundary_delivery_id: str) -> Any:
    """adm3_pcode, geometry (WKB), area_km2 of the 330: as delivered, or schematic."""
    return _shapes(place.root, boundary_delivery_id)


def carried(place: Home) -> Callable[[], Gazetteer]:
    """What makes the gazetteer of a home anywhere, on another machine too: it brings the shapes in force with it."""
    held = next((d for d in reversed(deliveries.in_force(place)) if d.kind == Kind.BOUNDARIES), None)
    layer = io.BytesIO()
    pl.DataFrame(shapes(place, held.delivery_id if held else "")).write_ipc(layer)
    return partial(_unpacked, layer.getvalue(), held is not None)


@lru_cache(maxsize=1)
def _unpacked(layer: bytes, exact: bool) -> Gazetteer:
    return gazetteer_on(lambda: pl.read_ipc(io.BytesIO(layer)), exact)
