"""What earlier editions held: the current events of each, placed as today, counted by township and month.

An edition differs from the newest only by the deliveries it knew: every edition is placed on the boundaries
and names in force now, so that a movement between editions is the source's and not the map's. Not here: which
days are editions (pipeline.storage.history), classes (pipeline.analysis.revisions).
"""

import polars as pl

from pipeline.declare.codes import Reason
from pipeline.declare.frames import conform, empty
from pipeline.records.clashes import Clashes, current_versions, locate, shared_rows
from pipeline.records.placing import Gazetteer
from pipeline.records.repeated_rows import Repeated
from pipeline.records.replaced_days import is_counted_by_day
from pipeline.records.triage import Triage
from pipeline.records.vetting import VETTING

TABLE = "records.earlier_editions"
_ROW = ["delivery_id", "row_number"]
_COUNTED = ["source_key", "month", "adm3_pcode", "event_class", "geo_precision"]
# Rows that no place was sought for: in the newest edition another version stands for their event, or none.
_NOT_CURRENT = [
    str(reason)
    for reason in (
        Reason.SUPERSEDED, Reason.DELETED, Reason.DUPLICATE_ROW, Reason.NOT_CONFIRMED, Reason.REUSED_NUMBER,
    )
]  # fmt: skip


def earlier_editions(
    events: list[Triage],
    newest: Clashes,
    known: pl.DataFrame,
    source_key: str,
    gazetteer: Gazetteer,
    repeated: Repeated | None = None,
) -> pl.DataFrame:
    """Columns of records.earlier_editions: events of one source by edition, month, township, class, precision.

    `known` holds edition_date, delivery_id and the `received` of each delivery in force at an earlier edition;
    `events` must hold the rows of all of them, those of the newest edition among them. A row is placed once: the
    newest edition's rows are in `newest` already, and only what is no longer current is placed here. Of a row that
    `repeated` says is held by one delivery after another the first stands in every edition that knew it, in the place
    of the last.
    """
    if known.is_empty():
        return empty(TABLE)
    rows = shared_rows([Triage(t.kept.filter(pl.col("source_key") == source_key), t.set_aside) for t in events])
    if rows.is_empty():
        return empty(TABLE)
    segments = (repeated or Repeated()).firsts(source_key)
    alone, several = _once(rows, segments.select(_ROW), source_key)
    by_edition = known.partition_by("edition_date", maintain_order=True)
    current = pl.concat(
        [
            alone.select(_ROW).join(known, on="delivery_id", how="inner").select("edition_date", *_ROW),
            *(_current(several, part) for part in by_edition),
        ]
    )
    current = _in_place_of_last(current, segments)
    placed = newest.records.select(*_ROW, *_COUNTED, "events_count")
    sought = newest.set_aside.filter(~pl.col("reason").is_in(_NOT_CURRENT)).select(_ROW)
    missing = current.select(_ROW).unique().join(placed, on=_ROW, how="anti").join(sought, on=_ROW, how="anti")
    if missing.height:
        again = locate(rows.join(missing, on=_ROW, how="semi", maintain_order="left"), gazetteer)
        placed = pl.concat([placed, again.records.select(*_ROW, *_COUNTED, "events_count")])
    counted = (
        current.join(placed, on=_ROW, how="inner", validate="m:1")
        .group_by("edition_date", *_COUNTED)
        .agg(pl.col("events_count").sum())
    )
    return conform(counted, TABLE).sort("edition_date", *_COUNTED)


def editions_together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Parts of records.earlier_editions, made of different events, as one."""
    counted = pl.concat(parts).group_by("edition_date", *_COUNTED).agg(pl.col("events_count").sum())
    return conform(counted, TABLE).sort("edition_date", *_COUNTED)


def _once(rows: pl.DataFrame, lasts: pl.DataFrame, source_key: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of events that came once, and those of events with versions to rank.

    An event that came once stands in every edition that knew its delivery, and so does one whose row was repeated ever
    since, from its first delivery on: of its two rows the first is given. Not so where the source vets: a candidate
    that came once ends when the vetted release of its days comes.
    """
    marked = rows.join(lasts.with_columns(_last=True), on=_ROW, how="left", validate="1:1", maintain_order="left")
    repeats = pl.col("_last").fill_null(False)
    once = ((~repeats).sum().over("event_id") == 1) & ~pl.col("_deleted") & ~is_counted_by_day()
    once &= pl.lit(source_key not in VETTING)
    return marked.filter(once & ~repeats).drop("_last"), marked.filter(~once).drop("_last")


def _in_place_of_last(current: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """The current rows of each edition, the first of a repeated row replaced by the last: it has the same place."""
    lasts = segments.select(
        pl.col("first_delivery_id").alias("delivery_id"),
        pl.col("first_row_number").alias("row_number"),
        pl.col("delivery_id").alias("_delivery"),
        pl.col("row_number").alias("_row"),
    )
    joined = current.join(lasts, on=_ROW, how="left", validate="m:1", maintain_order="left")
    return joined.select(
        "edition_date",
        pl.coalesce("_delivery", "delivery_id").alias("delivery_id"),
        pl.coalesce("_row", "row_number").alias("row_number"),
    )


def _current(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """edition_date and the rows that were current in one edition, by the receipts known then."""
    own = rows.drop("received").join(
        known.select("delivery_id", "received"), on="delivery_id", how="inner", validate="m:1"
    )
    if own.is_empty():
        return own.select(pl.lit(None, pl.Date).alias("edition_date"), *_ROW)
    kept = current_versions(own.select(rows.columns)).kept
    return kept.select(pl.lit(known["edition_date"][0]).alias("edition_date"), *_ROW)
