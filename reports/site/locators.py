"""report/locators/: where a township lies in its state or region, one drawing for all townships of a sheet.

Each page of a township shows the drawing as a picture with its own P-code behind #, which makes that township dark.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from reports.draw.maps import draw_locators
from reports.draw.shapes import Located, locators
from reports.release import Release, published, region_slug

FOLDER = "locators"
Sheets = dict[str, dict[str, Located]]


def sheets(tables: Mapping[str, pl.DataFrame]) -> Sheets:
    """Name of the drawing -> its townships that show it; a state with an island far off has a second one."""
    found: Sheets = {}
    names: dict[str, str] = {}
    for code, one in sorted(locators(published(tables, "townships")).items()):
        if one.land not in names:
            known = sum(name.partition("_")[0] == region_slug(one.state) for name in names.values())
            names[one.land] = region_slug(one.state) + (f"_{known + 1}" if known else "")
        found.setdefault(names[one.land], {})[code] = one
    return found


def addresses(tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """P-code -> the address of its drawing in report/."""
    return {code: f"{FOLDER}/{name}.svg#{code}" for name, own in sheets(tables).items() for code in own}


def write_locators(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write the drawings."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, own in sheets(tables).items():
        (folder / FOLDER / f"{name}.svg").write_text(draw_locators(own, release.watermark), encoding="utf-8")
