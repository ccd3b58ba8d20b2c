"""Each published table as CSV and Parquet.

CSV is for spreadsheets and any tool: UTF-8, ISO dates, true/false, an empty cell where a value is missing, no
geometry. Parquet keeps types, raw text and the geometry.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from pipeline.declare.frames import inert
from reports.release import Release, facts, published, published_names


def write_csv(frame: pl.DataFrame, path: Path, header: str = "") -> None:
    """One CSV file; `header` replaces the header row where a format asks for more than one."""
    body = inert(frame.drop("geometry", strict=False)).write_csv(
        line_terminator="\n", null_value="", date_format="%Y-%m-%d", include_header=not header
    )
    path.write_bytes((header + body).encode("utf-8"))


def write_tables(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write tables/<name>.csv and tables/<name>.parquet for every published table.

    What the release says of itself stands in the metadata of each Parquet file; a CSV file has no place for it.
    """
    said = facts(release)
    target = folder / "tables"
    target.mkdir(parents=True, exist_ok=True)
    for name in published_names():
        frame = published(tables, name)
        write_csv(frame, target / f"{name}.csv")
        # Without statistics: minimum and maximum would only repeat values, and readers differ on them for text.
        frame.write_parquet(target / f"{name}.parquet", compression="zstd", statistics=False, metadata=said)
