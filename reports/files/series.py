"""The townships by month as the view `series` of the databases shows them, for the workbook, CSV and GeoPackage.

Of the leading method; a month without a clash is 0 where the source covers the township, and what is not known is
missing, never 0. One CSV file a state or region holds its townships.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from pipeline.declare.codes import EventClass
from pipeline.declare.database import DEATHS, SERIES, VIOLENCE
from reports.files.tables import write_csv
from reports.release import Release, marked, months, published, region_slug

Frames = Mapping[str, pl.DataFrame]
_KEY = ["adm3_pcode", "month"]


def series(tables: Frames, release: Release) -> pl.DataFrame:
    """One row per township and month, sorted by both; the columns of the view `series`."""
    places = published(tables, "townships").drop("geometry")
    spine = places.join(pl.DataFrame({"month": months(tables, release.method)}), how="cross")
    index = published(tables, "township_index").filter(pl.col("method") == release.method)
    index = index.drop(column for column in places.columns if column in index.columns and column not in _KEY)
    events = published(tables, "township_month_events")
    recorded = EventClass.VIOLENCE_AGAINST_CIVILIANS.value in events["event_class"].unique()
    frame = spine.join(index, on=_KEY, how="left", validate="1:1", maintain_order="left")
    for other in (
        published(tables, "current_intensity"),
        _of_class(events, EventClass.CLASH).select(*_KEY, _deaths="fatalities_persons"),
        _of_class(events, EventClass.VIOLENCE_AGAINST_CIVILIANS).select(*_KEY, _violence="events_count"),
    ):
        frame = frame.join(other, on=_KEY, how="left", validate="1:1", maintain_order="left")
    known = pl.col("clashes_month_count").is_not_null() & recorded
    return (
        frame.with_columns(
            pl.when(pl.col("clashes_month_count") == 0).then(0).otherwise("_deaths").alias(DEATHS.name),
            pl.when(known).then(pl.col("_violence").fill_null(0)).alias(VIOLENCE.name),
        )
        .select(column.name for column in SERIES.columns)
        .sort(_KEY)
    )


def _of_class(events: pl.DataFrame, kind: EventClass) -> pl.DataFrame:
    return events.filter(pl.col("event_class") == kind.value)


def newest(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of the leading month of a series: the view `latest`."""
    old = frame.filter(~pl.col("in_publication_lag"))
    return frame.filter(pl.col("month") == pl.lit((old if old.height else frame)["month"].max()))


def region_files(tables: Frames) -> dict[str, str]:
    """State or region -> path of its file in the release."""
    names = published(tables, "townships")["state_region"].unique().sort()
    return {name: f"regions/{region_slug(name)}.csv" for name in names}


def write_regions(frame: pl.DataFrame, tables: Frames, release: Release, folder: Path) -> None:
    """Write regions/<state or region>.csv: its townships by month, with release and whether it is invented.

    Of an internal release each row says that it must not be passed on.
    """
    (folder / "regions").mkdir(exist_ok=True)
    rows = marked(frame, release)
    if release.internal:
        rows = rows.with_columns(notice=pl.lit(release.confidential))
    for name, path in region_files(tables).items():
        write_csv(rows.filter(pl.col("state_region") == name), folder / path)
