"""Invented boundaries for the unit tests, and the way to real ones where they are at hand."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shared_folders import once, session_folder

from geo import boundaries, schematic, townships
from geo.boundaries import EQUAL_AREA
from pipeline.declare.settings import REPOSITORY

SHARED = REPOSITORY.parent / "shared"


@pytest.fixture(scope="session")
def delivered() -> Callable[[str], Path]:
    """A file of the shared deliveries by its relative path; the test is skipped where it is absent."""

    def path_of(relative: str) -> Path:
        path = SHARED / relative
        if not path.exists():
            pytest.skip(f"needs {relative} beside the repository (its terms keep it out of the repository)")
        return path

    return path_of


@pytest.fixture(scope="session")
def squares() -> gpd.GeoDataFrame:
    """330 invented squares of the right place, area and code, as MIMU lays its attributes out."""
    reference = townships.reference()
    side = np.sqrt(reference["area_km2"].to_numpy()) * 1000
    there = Transformer.from_crs("EPSG:4326", EQUAL_AREA, always_xy=True)
    x, y = there.transform(reference["label_lon"].to_numpy(), reference["label_lat"].to_numpy())
    x, y = x - side / 2, y - side / 2
    boxes = shapely.transform(
        shapely.box(x, y, x + side, y + side),
        lambda a, b: there.transform(a, b, direction="INVERSE"),
        interleaved=False,
    )
    return gpd.GeoDataFrame(
        {
            "TS_PCODE": reference["adm3_pcode"].to_list(),
            "TS": reference["adm3_name"].to_list(),
            "TS_MMR4": reference["adm3_name_my"].to_list(),
        },
        geometry=boxes,
        crs="EPSG:4326",
    )


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> boundaries.Boundaries:
    """Drawn once for all workers, for it takes seconds."""
    folder = once(session_folder(tmp_path_factory, "drawn"), "made", lambda made: schematic.schematic(made / "drawn"))
    return schematic.schematic(folder / "drawn")
