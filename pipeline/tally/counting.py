"""Rows of events -> how many of them stand in each township, day, class and precision, and why the others do not.

What is done to the rows is what a run does to them (records/clashes.py); here the records are only counted. Pure: the
engine hands the rows over part by part, all rows of an event in one part.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import polars as pl

from geo.townships import codes
from pipeline.declare.choice import Choice
from pipeline.declare.codes import EventClass, GeoPrecision, Reason
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
SUMMED_ROWS = Choice(1 << 20, "Rows of parts that are added at one time at the least: some 50 MB.")


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


@cache
def _compact() -> dict[str, pl.DataType | type[pl.DataType]]:
    """_TYPES in a third of the memory: words as numbers, while the parts are added."""
    words = {
        "reason": [COUNTED, CAME, *map(str, Reason)],
        "adm3_pcode": codes(),
        "event_type": map(str, EventClass),
        "geo_precision": map(str, GeoPrecision),
    }
    return _TYPES | {name: pl.Enum(list(said)) for name, said in words.items()}


class Sum:
    """The sum of the parts: what has come since the last time is added once it is as much as the sum itself.

    So memory follows the cells and not the parts, and adding costs each row a few times at most.
    """

    def __init__(self) -> None:
        self._waiting: list[pl.DataFrame] = []
        self._summed = 0

    def add(self, part: pl.DataFrame) -> None:
        """Take what `counted` gave of one part."""
        self._waiting.append(part.cast(pl.Schema(_compact())))
        waiting = sum(frame.height for frame in self._waiting)
        if waiting >= max(2 * self._summed, SUMMED_ROWS.value):
            self._add()

    def whole(self) -> pl.DataFrame:
        """The parts as one, in the order of reason and cell, with the columns and types of a part."""
        self._add()
        (summed,) = self._waiting
        return summed.cast(pl.Schema(_TYPES)).sort("reason", *CELL)

    def _add(self) -> None:
        parts = pl.concat(self._waiting or [pl.DataFrame(schema=_compact())])
        self._waiting = [parts.group_by("reason", *CELL).agg(pl.col(FIGURES).sum())]
        self._summed = self._waiting[0].height


def added(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The parts of several calls of `counted` as one, in the order of reason and cell."""
    whole = Sum()
    for part in parts:
        whole.add(part)
    return whole.whole()


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
