"""One current version of each event: the newest revision wins, a deletion ends it, nothing is overwritten late.

From which day on the figures of the leading clash source are provisional: the last weeks are under-reported.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from pipeline.declare.codes import Reason
from pipeline.declare.frames import without
from pipeline.declare.sources import Source
from pipeline.records import parsing
from pipeline.records.triage import Triage, no_rows, set_aside_rows

_TRUE = ("true", "1", "yes", "t", "y", "1.0")
_FALSE = ("false", "0", "no", "f", "n", "0.0")


def is_deleted(name: str) -> pl.Expr:
    return parsing.term(name).is_in(_TRUE).fill_null(False)


def is_unclear(name: str) -> pl.Expr:
    """Whether a deletion mark is a word that says neither yes nor no."""
    return ~parsing.term(name).is_in([*_TRUE, *_FALSE])


def with_revision(frame: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Add `_updated`: when a version was made, in UTC, on one clock for all versions of a key.

    Where every version (deletions aside) states its own time, that decides; else where every delivery states
    the day it stands for, that; else, where every delivery is a release of a source that vets (`_release_end`), the
    order of releases; else the receipt. Times of different clocks are never compared: a source's time of revision
    always lies before the receipt of what came earlier. A deletion without a time ends what was known when it came.
    """
    # Read before the windows below: within one it would be read for every key alone, in seconds instead of moments.
    read = frame.with_columns(parsing.moment("updated_at").alias("_stated"))
    stated, delivered, released = (
        pl.col(c).cast(pl.Datetime("us")) for c in ("_stated", "_reference_date", "_release_end")
    )
    received = pl.col("received").str.to_datetime(time_unit="us", time_zone="UTC").dt.replace_time_zone(None)
    all_released = released.is_not_null().all().over(key)
    all_stated = (stated.is_not_null() | pl.col("_deleted")).all().over(key)
    all_delivered = delivered.is_not_null().all().over(key)
    updated = (
        pl.when(all_stated)
        .then(pl.coalesce(stated, delivered, received))
        .when(all_delivered)
        .then(delivered)
        .when(all_released)
        .then(released)
        .otherwise(received)
    )
    return without(read.with_columns(updated.alias("_updated")), "_stated")


def current(frame: pl.DataFrame, key: list[str], content: list[str]) -> Triage:
    """The newest version per key: a vetted one first, then by `_updated`, then by delivery, then by content.

    `frame` carries `_vetted` and `_final` (see vetting.py), `_updated` (see `with_revision`), `_received`, `_deleted`.
    A row equal in `content` and time to another of its delivery is a duplicate; the version that a newer one replaces
    is superseded; a deleted one takes its whole key out. Between versions of one file that nothing tells apart a
    deletion and then the content decides, not the place in the file: a shuffled export must give the same table.
    """
    order = ["_vetted", "_updated", "_final", "_received", "delivery_id", "_deleted", *content, "row_number"]
    ranked = frame.sort([*key, *order], nulls_last=False).with_columns(
        pl.len().over(key).alias("_versions"),
        pl.int_range(1, pl.len() + 1).over(key).alias("_rank"),
    )
    newest = pl.col("_rank") == pl.col("_versions")
    gone = (pl.col("_deleted") & newest).any().over(key)
    again = pl.struct(["delivery_id", *key, *content, "_updated"]).is_duplicated() & ~newest
    judged = ranked.with_columns(
        pl.when(gone)
        .then(pl.lit(str(Reason.DELETED)))
        .when(newest)
        .then(None)
        .when(again)
        .then(pl.lit(str(Reason.DUPLICATE_ROW)))
        .otherwise(pl.lit(str(Reason.SUPERSEDED)))
        .alias("_why")
    )
    why = judged["_why"]
    if why.null_count() == judged.height:
        return Triage(without(judged, "_versions", "_rank", "_why"), no_rows())
    kept = without(judged.filter(why.is_null()), "_versions", "_rank", "_why")
    parts = [
        set_aside_rows(judged.filter(pl.col("_why") == str(reason)), reason, key[-1], pl.col(key[-1]).cast(pl.String))
        for reason in (Reason.DELETED, Reason.DUPLICATE_ROW, Reason.SUPERSEDED)
    ]
    return Triage(kept, pl.concat([part for part in parts if part.height] or [no_rows()]))


def newest(frame: pl.DataFrame, key: list[str], content: list[str]) -> Triage:
    """`current` for a source that lists no deletions: the newest version per key by `updated_at`, then receipt."""
    marked = frame.with_columns(
        *(pl.lit(False).alias(name) for name in ("_deleted", "_vetted", "_final")),
        pl.lit(None, pl.Date).alias("_release_end"),
        pl.col("received").alias("_received"),
    )
    return current(with_revision(marked, key), key, content)


def provisional_after(
    source: Source, known_until: Iterable[date | None], received: date, candidates: pl.Series | None = None
) -> date | None:
    """The last day that is settled: a month whose period ends later is provisional. None where none is.

    The source is known up to the newest day of `known_until`: its last event, wherever that is located; the newest
    time of revision that a current event states; the `covered_until` of a sidecar; and never beyond `received`, the
    day of its newest receipt. Its last `provisional_days` before that day are provisional. Receipt alone decides
    nothing: an old export that is delivered late is as under-reported at its end as on the day it was made, and the
    order of arrival must change no figure. Where the source marks its final rows, only the others count, whose days
    are `candidates`: the provisional time then begins with the first of them in those days.
    """
    days = [day for day in known_until if day]
    if not days or not source.provisional_days:
        return None
    settled = min(received, max(days)) - timedelta(days=source.provisional_days)
    if candidates is None:
        return settled
    first = candidates.filter(candidates > settled).min()
    return first - timedelta(days=1) if isinstance(first, date) else None


def candidate_days(events: pl.DataFrame, mirror: pl.DataFrame, final: str) -> pl.Series:
    """The days of events whose row in the raw `mirror` is not of the status `final`; a blank status is not final."""
    status = mirror.select("delivery_id", "row_number", parsing.term("code_status").alias("_status"))
    matched = events.join(status, on=["delivery_id", "row_number"], how="left", validate="m:1")
    return matched.filter(pl.col("_status").ne_missing(final.casefold()))["event_date"]


def newest_revision(frames: Iterable[pl.DataFrame]) -> date | None:
    """The day of the newest `updated_at` that events state, in UTC."""
    newest = [frame.select(parsing.moment("updated_at").max().dt.date()).item() for frame in frames if frame.height]
    return max((day for day in newest if day), default=None)
