"""Which rows of growing files are read once: told from the landings for the raw mirrors and for the records alike."""

from collections.abc import Sequence

import polars as pl

from assets.context import IndexRun, as_date
from pipeline.declare.methods import EDITIONS_SHOWN
from pipeline.records.corrections import may_touch
from pipeline.records.repeated_rows import SEGMENT, Chain, Repeated, cuts_at, mirror, segments
from pipeline.records.rules import has_bare_dates
from pipeline.sources import parsers
from pipeline.storage import deliveries as landed
from pipeline.storage.history import Delivery, editions
from pipeline.storage.repeated_rows import FORMATS, may_repeat, spans_of

_AT_LEAST = 3  # deliveries: with fewer, no row lies between two others
DATES = ("event_date", "event_date_end")


def repeated(run: IndexRun) -> Repeated:
    """The chains of every source whose rows are repeated, by its key."""
    own = [parts for form in FORMATS for parts in _by_source(run, form)]
    found = ((deliveries, _parts(run, deliveries)) for deliveries in own)
    return Repeated({d[0].source_key: _chain(d, parts) for d, parts in found if parts is not None})


def mirrored(run: IndexRun, format_name: str) -> dict[str, pl.DataFrame]:
    """Delivery -> its rows in the raw mirror, for deliveries whose rows are repeated: those that tell anything."""
    rows: dict[str, pl.DataFrame] = {}
    for deliveries in _by_source(run, format_name) if format_name in FORMATS else ():
        parts = _parts(run, deliveries)
        if parts is not None:
            whole = mirror(parts, format_name)
            found = whole.partition_by("delivery_id", as_dict=True)
            rows |= {d.delivery_id: found.get((d.delivery_id,), whole.head(0)) for d in deliveries}
    return rows


def _by_source(run: IndexRun, format_name: str) -> list[list[Delivery]]:
    own = [d for d in run.known if d.format == format_name]
    return [[d for d in own if d.source_key == key] for key in sorted({d.source_key for d in own})]


def _parts(run: IndexRun, own: Sequence[Delivery]) -> pl.DataFrame | None:
    """The segments of the deliveries of one source with their content; None where every row stands for itself."""
    form = own[0].format
    if len(own) < _AT_LEAST or not may_repeat(own):
        return None
    read = parsers.EVENTS[form]
    spans = spans_of(
        run.place, own, lambda d: landed.read_delivery(run.place, d), lambda d: landed.reads_events(d, read)
    )
    content = spans.select(pl.col("^raw_.*$").name.map(lambda name: name.removeprefix("raw_")))
    if has_bare_dates(content, DATES):
        return None  # whether such a date is doubted depends on all rows of its delivery
    whole = may_touch(content, [entry for entry in run.corrections if form in entry.formats])
    return segments(spans, [d.delivery_id for d in own], _cuts(run, own), whole)


def _cuts(run: IndexRun, own: Sequence[Delivery]) -> set[int]:
    """Where an earlier edition knew a delivery that is no longer in force, or under another receipt."""
    now = {d.delivery_id: d.received_at for d in run.known}
    shown = editions(run.history, own[0].source_key, as_date(run.as_of, "--as-of"), int(EDITIONS_SHOWN.value))
    then = {(d.delivery_id, d.received_at) for edition in shown for d in edition.deliveries}
    other = {(name, at) for name, at in then if now.get(name) != at}
    return cuts_at([d.received_at for d in own], {at for _, at in other} | {now[n] for n, _ in other if n in now})


def _chain(own: Sequence[Delivery], parts: pl.DataFrame) -> Chain:
    said = landed.as_frame(list(own)).select(
        "delivery_id", "file_name", "received", pl.col("reference_date").alias("_reference_date")
    )
    return Chain(said, parts.filter(pl.col("first") < pl.col("last")).select(*SEGMENT))
