"""What a release says about itself, and the one call that writes its reports.

Not here: how any of the files looks; each has a module of its own.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Release:
    """Facts on the release that no table holds; there is no clock behind any of them.

    `generated_from` holds (source title, licence, citation) of every source in force. `as_of` is the
    day of knowledge: deliveries received later were left out; None means that all were used.
    `schematic` says that township boundaries are approximations that must not be measured.
    """

    release_id: str
    synthetic: bool
    schematic: bool
    method: str
    period_end: date
    as_of: date | None
    generated_from: tuple[tuple[str, str, str], ...]
    code_version: str
    notes: tuple[str, ...] = ()

    @property
    def banners(self) -> tuple[str, ...]:
        """Sentences that must stand on top of everything made from this release."""
        lines = []
        if self.synthetic:
            lines.append("SYNTHETIC DATA: every figure is invented to show how the release works.")
        if self.schematic:
            lines.append("SCHEMATIC SHAPES: township outlines are approximate and must not be measured.")
        return tuple(lines)

    @property
    def watermark(self) -> str:
        """The words printed across every map; empty where both data and shapes are real."""
        words = (["SYNTHETIC DATA"] if self.synthetic else []) + (["SCHEMATIC SHAPES"] if self.schematic else [])
        return " · ".join(words)

    @property
    def citation(self) -> str:
        invented = " [SYNTHETIC DATA]" if self.synthetic else ""
        return (
            f"Township conflict index for Myanmar{invented}, release {self.release_id}, "
            f"data to {self.period_end.isoformat()}, method {self.method}."
        )


def build_all(
    tables: Mapping[str, pl.DataFrame],
    release: Release,
    folder: Path,
    checks: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Write tables, workbook, geodata, pages and the data package of a release into `folder`.

    The geodata are written in a thread beside the rest: most of that time passes outside Python. The data
    package comes last because it holds the hash of each file before it.
    """
    from reports.datapackage import write_datapackage
    from reports.geofiles import write_geo
    from reports.hxl import write_hxl
    from reports.site import write_site
    from reports.tables import write_tables
    from reports.township_pages import write_township_pages
    from reports.workbook import write_workbook

    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=1) as beside:
        geodata = beside.submit(write_geo, tables, release, folder)
        write_site(tables, release, folder, checks)
        write_township_pages(tables, release, folder)
        write_tables(tables, folder)
        write_hxl(tables, release, folder / "township_index_hxl.csv")
        write_workbook(tables, release, folder / "township_index.xlsx")
        geodata.result()
    write_datapackage(tables, release, folder)
