"""What the alias sources ask of places: the township at a point, under an old polygon, of a code or a listed name.

Not here: the sources themselves (alias_sources.py).
"""

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import shapely

from geo import boundaries, names, townships
from geo.locate import Locator
from geo.townships import name_key


@cache
def key_of(spelling: str) -> str | None:
    """The key a spelling is compared by."""
    found: str | None = pl.select(name_key(pl.lit(spelling))).item()
    return found


class Places:
    """The 330 with their polygons from MIMU's file."""

    def __init__(self, boundary_file: Path) -> None:
        frame = boundaries.read(boundary_file).frame
        self._locator = Locator.of(frame)
        self._codes = frame["adm3_pcode"].to_list()
        self._shapes = shapely.make_valid(shapely.from_wkb(frame["geometry"].to_list()))
        self._tree = shapely.STRtree(self._shapes)
        listed = townships.reference()
        self.rows = {row["adm3_pcode"]: row for row in listed.iter_rows(named=True)}
        self.state_of = {code: row["state_region"] for code, row in self.rows.items()}
        self._successors: dict[str, list[str]] = {code: [code] for code in self.rows}
        for old, new in townships.crosswalk().select("from_pcode", "to_adm3_pcode").rows():
            self._successors.setdefault(old, []).append(new)

    def at(self, lon: float | None, lat: float | None) -> str | None:
        """The township whose polygon holds the point; not the nearest one."""
        if lon is None or lat is None:
            return None
        found = self._locator.locate(np.array([float(lon)]), np.array([float(lat)]))
        return found["adm3_pcode"][0] if found["how"][0] == "inside" else None

    def most_of(self, shape: shapely.Geometry) -> tuple[str | None, float]:
        """The township that holds most of a polygon, and the share of its area (in square degrees)."""
        shares = {int(i): self._shapes[i].intersection(shape).area / shape.area for i in self._tree.query(shape)}
        if not shares:
            return None, 0.0
        best = max(shares, key=lambda i: (shares[i], -i))
        return self._codes[best], shares[best]

    def only_successor(self, code: str | None) -> str | None:
        """The township a current or old code leads to; None where it was split or is unknown."""
        found = self._successors.get((code or "").strip(), [])
        return found[0] if len(found) == 1 else None

    def listed(self, spelling: str, state: str) -> str | None:
        """The one township of the state that bears exactly this listed name."""
        return _listed(spelling, state)

    def is_listed_name(self, spelling: str, pcode: str) -> bool:
        row = self.rows[pcode]
        return key_of(spelling) in {key_of(row["adm3_name"]), key_of(row["adm3_name_my"])}

    def region(self, state: str | None) -> str | None:
        """One of the 15 for any spelling of a state."""
        return _region(state)


@cache
def _listed(spelling: str, state: str) -> str | None:
    frame = pl.DataFrame({"adm1_name": [state], "adm3_name": [spelling]}, schema_overrides={"adm3_name": pl.String})
    found: str | None = names.resolve(frame, names.listed_names())["adm3_pcode"][0]
    return found


@cache
def _region(state: str | None) -> str | None:
    if state is None:
        return None
    from geo import townships
    from geo.townships import state_key

    key = pl.select(state_key(pl.lit(state))).item()
    codes = townships.members().filter(pl.col("_state") == key)["adm3_pcode"]
    regions = townships.reference().filter(pl.col("adm3_pcode").is_in(codes.implode()))["state_region"].unique().sort()
    # Naypyitaw's townships stood under Mandalay once; a point there given with Mandalay is not evidence enough.
    return next((r for r in regions if r != "Nay Pyi Taw" or len(regions) == 1), None)
