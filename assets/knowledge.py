"""What a run knows of its leading clash source besides the newest records: earlier editions, and what is settled.

Reads tables and calls pure functions.
"""

from datetime import date
from typing import Any

import polars as pl

from assets.context import IndexRun, as_date
from pipeline.declare.codes import Kind
from pipeline.declare.frames import raw_columns
from pipeline.declare.methods import EDITIONS_SHOWN
from pipeline.records.corrections import corrected
from pipeline.records.parsing import with_delivery
from pipeline.records.versions import provisional_after
from pipeline.sources import BY_KEY
from pipeline.storage import deliveries as landed
from pipeline.storage.history import Delivery, Edition, editions
from pipeline.storage.lead_source import uncovered


def known_editions(run: IndexRun) -> list[Edition]:
    """The newest editions of the leading clash source, the newest last."""
    return editions(run.history, run.clash_source, as_date(run.as_of, "--as-of"), int(EDITIONS_SHOWN.value))


def editions_frame(found: list[Edition]) -> pl.DataFrame:
    """edition_date, absence_means, covered_until and the uncovered townships of each edition."""
    rows = [
        (edition.day, str(edition.absence), edition.covered_until, sorted(uncovered(edition.deliveries)))
        for edition in found
    ]
    schema: dict[str, Any] = {
        "edition_date": pl.Date, "absence_means": pl.String, "covered_until": pl.Date, "uncovered": pl.List(pl.String),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def known_then(found: list[Edition]) -> pl.DataFrame:
    """edition_date, delivery_id and received of every delivery of these editions."""
    rows = [(edition.day, d.delivery_id, d.received_at) for edition in found for d in edition.deliveries]
    schema = {"edition_date": pl.Date, "delivery_id": pl.String, "received": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def gone_since(run: IndexRun, found: list[Edition]) -> list[Delivery]:
    """The deliveries of earlier editions that are no longer in force: their rows are in no raw table."""
    known = {delivery.delivery_id for delivery in run.known}
    gone = {d.delivery_id: d for edition in found for d in edition.deliveries if d.delivery_id not in known}
    return list(gone.values())


def landed_rows(run: IndexRun, gone: list[Delivery], format_name: str) -> pl.DataFrame:
    """The rows of deliveries no longer in force, of one format, as a raw mirror gives them to the records.

    Mended like the rows in force: a correction must not look like a movement between editions.
    """
    own = [delivery for delivery in gone if delivery.format == format_name]
    rows = [landed.read_delivery(run.place, d).with_columns(pl.lit(d.delivery_id).alias("delivery_id")) for d in own]
    frames = [frame.select(list(raw_columns(format_name))) for frame in rows]
    empty = pl.DataFrame(schema={c: pl.Int64 if c == "row_number" else pl.String for c in raw_columns(format_name)})
    known = landed.as_frame(own)
    entries = [entry for entry in run.corrections if format_name in entry.formats]
    return with_delivery(corrected(pl.concat([empty, *frames]), entries, known, in_force=False).rows, known)


def settled_until(run: IndexRun) -> date | None:
    """The last day whose figures are settled; later months are provisional. None where none is."""
    source = BY_KEY.get(run.clash_source)
    if source is None:
        return None
    read = run.warehouse.read
    own = [d for d in run.known if (d.kind, d.source_key) == (Kind.CLASHES, source.key)]
    covered = [date.fromisoformat(d.covered_until) for d in own if d.covered_until]
    return provisional_after(
        read("records.clashes"),
        read("records.unallocated_events"),
        source,
        max(covered, default=None),
        max(d.received_day for d in own),
        read(f"raw.{source.key}") if source.final_status else None,
    )
