"""Events of every class by month and township, as the leading clash source holds them.

Not here: windows, classes and scores of an index.
"""

from datetime import date

import polars as pl

from pipeline.codes import TOWNSHIP_OR_BETTER
from pipeline.indices.frames import conform


def township_month_events(clashes: pl.DataFrame, source_key: str, first_month: date, period_end: date) -> pl.DataFrame:
    """published.township_month_events: counts and deaths per month, township and class.

    Events from the first day of `first_month` to `period_end`, each in the month of its first day.
    Combinations without an event have no row. Deaths add the figures given, null where no event has one.
    """
    deaths = pl.col("fatalities_persons")
    frame = (
        clashes.filter(
            pl.col("source_key") == source_key,
            pl.col("event_date").is_between(pl.lit(first_month.replace(day=1)), pl.lit(period_end)),
        )
        .group_by(pl.col("event_date").dt.truncate("1mo").alias("month"), "adm3_pcode", "event_class")
        .agg(
            pl.len().alias("events_count"),
            pl.when(deaths.count() > 0).then(deaths.sum()).alias("fatalities_persons"),
            pl.col("geo_precision").is_in(list(TOWNSHIP_OR_BETTER)).sum().alias("precise_count"),
        )
    )
    return conform(frame, "published.township_month_events")
