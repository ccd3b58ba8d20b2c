"""Clashes counted by day: records of one source, day, class, township, precision and delivery as one row.

What the indices count. A country of 330 townships has as many rows a day at most as it has townships, classes and
precisions, however many events there are.
"""

from collections.abc import Iterable

import polars as pl

from pipeline.declare.frames import conform, empty
from pipeline.declare.tables import TABLES

TABLE = "records.clash_days"
_KEY = TABLES[TABLE].key
_DEATHS = ("fatalities_persons", "fatalities_low_persons", "fatalities_high_persons")


def clash_days(clashes: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Columns of records.clash_days, sorted by its key, from parts of records.clashes or of records.clash_days.

    Deaths add the figures that are given: null where no record has one.
    """
    counted = empty(TABLE)
    for part in clashes:
        counted = _counted(pl.concat([counted, _counted(part)]))
    return counted.sort(_KEY)


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    deaths = (pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in _DEATHS)
    return conform(rows.group_by(_KEY).agg(pl.col("events_count").sum(), *deaths), TABLE)
