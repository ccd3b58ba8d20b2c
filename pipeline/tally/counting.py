"""Rows of events -> how many of them stand in each township, day, class and precision, and why the others do not.

What is done to the rows is what a run does to them (records/clashes.py); here the records are only counted. Pure: the
engine hands the rows over part by part, all rows of an event in one part.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipeline.declare.frames import raw_columns
from pipeline.records.clashes import current_clashes
from pipeline.records.parsing import with_delivery
from pipeline.records.placing import Gazetteer
from pipeline.records.triage import accounts
from pipeline.sources.parsers import EVENTS

DELIVERY = "tally"
CELL = ("event_date", "adm3_pcode", "event_type", "geo_precision")
FIGURES = ("rows_count", "events_count", "fatalities", "known_count")
COUNTED, CAME = "", "rows"  # in `reason`: a cell of the tally; how many rows came
_TYPES: dict[str, type[pl.DataType]] = {
    "reason": pl.String,
    "event_date": pl.Date,
    **dict.fromkeys(CELL[1:], pl.String),
    **dict.fromkeys(FIGURES, pl.Int64),
}


@dataclass(frozen=True)
class Kernel:
    """What a worker needs to count rows; sent with each task. `said` is the one row of what is said of the files.

    `places` makes the gazetteer where the work is done.
    """

    format_name: str
    said: pl.DataFrame
    places: Callable[[], Gazetteer]


def counted(rows: pl.DataFrame, kernel: Kernel) -> pl.DataFrame:
    """reason, the columns of CELL and FIGURES: a row for each cell, for each reason to set aside, for all that came.

    `rows` hold text under our names of the format's columns; all versions of an event are among them. `rows_count` are
    rows of the files, `events_count` events; `fatalities` is the sum of the `known_count` figures that are known.
    Raises AccountingError where a row is lost.
    """
    raw = _mirror(rows, kernel.format_name)
    made = current_clashes([EVENTS[kernel.format_name](with_delivery(raw, kernel.said))], kernel.places())
    accounts(raw, made.records.rename({"event_date": "day"}), made.set_aside, "tally")
    deaths = pl.col("fatalities_persons")
    cells = (
        made.records.rename({"event_class": "event_type"})
        .group_by(CELL)
        .agg(
            pl.len().cast(pl.Int64).alias("rows_count"),
            pl.col("events_count").sum(),
            deaths.sum().alias("fatalities"),
            deaths.count().cast(pl.Int64).alias("known_count"),
        )
        .with_columns(reason=pl.lit(COUNTED))
    )
    aside = made.set_aside.group_by("reason").agg(pl.len().cast(pl.Int64).alias("rows_count"))
    came = pl.DataFrame({"reason": [CAME], "rows_count": [raw.height]})
    return pl.concat([pl.DataFrame(schema=_TYPES), cells, aside, came], how="diagonal").select(list(_TYPES))


def added(parts: pl.DataFrame) -> pl.DataFrame:
    """The parts of several calls of `counted` as one, in the order of reason and cell."""
    return parts.group_by("reason", *CELL).agg(pl.col(FIGURES).sum()).sort("reason", *CELL)


def tally(counts: pl.DataFrame) -> pl.DataFrame:
    """The rows of the format `tallies`: deaths are null where none of the cell's events has a known figure."""
    return counts.filter(pl.col("reason") == COUNTED).select(
        *CELL, "events_count", pl.when(pl.col("known_count") > 0).then("fatalities").alias("fatalities")
    )


def set_aside(counts: pl.DataFrame) -> dict[str, int]:
    """Rows set aside by reason, the most first."""
    rows = counts.filter(~pl.col("reason").is_in([COUNTED, CAME])).sort(
        "rows_count", "reason", descending=[True, False]
    )
    return dict(rows.select("reason", "rows_count").rows())


def came(counts: pl.DataFrame) -> int:
    """How many rows came in."""
    return int(counts.filter(pl.col("reason") == CAME)["rows_count"].sum())


def _mirror(rows: pl.DataFrame, format_name: str) -> pl.DataFrame:
    """The rows as the raw table of the format has them, under line numbers of their own."""
    absent = [name for name in raw_columns(format_name) if name not in rows.columns]
    return rows.with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in absent),
    ).with_columns(
        pl.lit(DELIVERY).alias("delivery_id"), pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number")
    ).select(list(raw_columns(format_name)))  # fmt: skip
