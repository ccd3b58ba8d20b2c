"""From which day on the figures of the leading clash source are provisional: the last weeks are under-reported.

Not here: how long each source takes to settle, and why (pipeline.sources).
"""

from datetime import date, timedelta

import polars as pl

from pipeline.records import values
from pipeline.sources import Source


def provisional_after(
    clashes: pl.DataFrame,
    unallocated: pl.DataFrame,
    source: Source,
    covered_until: date | None,
    received: date,
    mirror: pl.DataFrame | None = None,
) -> date | None:
    """The last day that is settled: a month whose period ends later is provisional. None where none is.

    The source is known up to the newest of: its last event, wherever that is located; the newest time of revision
    that a current event states; the `covered_until` of a sidecar; and never beyond `received`, the day of its newest
    receipt. Its last `provisional_days` before that day are provisional. Receipt alone decides nothing: an old export
    that is delivered late is as under-reported at its end as on the day it was made, and the order of arrival must
    change no figure. Where the source marks its final rows, only candidates count: the provisional time then begins
    with the first candidate event in those days. `mirror` is the raw table of the source, for their status; a blank
    status is not final.
    """
    own = clashes.filter(pl.col("source_key") == source.key)
    stated = own.select(values.moment("updated_at").max().dt.date()).item() if own.height else None
    coarse = unallocated.filter(pl.col("source_key") == source.key)["event_date"].max()
    days = [day for day in (own["event_date"].max(), coarse, stated, covered_until) if isinstance(day, date)]
    if not days or not source.provisional_days:
        return None
    settled = min(received, max(days)) - timedelta(days=source.provisional_days)
    if not source.final_status or mirror is None:
        return settled
    status = mirror.select("delivery_id", "row_number", values.term("code_status").alias("_status"))
    candidates = own.join(status, on=["delivery_id", "row_number"], how="left", validate="m:1").filter(
        pl.col("event_date") > settled, pl.col("_status").ne_missing(source.final_status.casefold())
    )
    first = candidates["event_date"].min()
    return first - timedelta(days=1) if isinstance(first, date) else None
