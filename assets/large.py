"""Events that memory does not hold: typed, placed and counted batch by batch, to the same tables.

Events in this project's own columns, where nothing depends on more than one event: no entry of corrections.toml
concerns them, no row is repeated by three deliveries or more, and no date is written in bare numbers, whose order is
told from the whole file. Otherwise a file is held in memory as a whole, at 2 kB a row.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from assets.context import IndexRun
from assets.editions import gone_since, known_editions, known_then, landed_rows
from assets.repeated_rows import DATES
from pipeline.declare.codes import Kind
from pipeline.declare.frames import empty
from pipeline.records.clash_days import clash_days
from pipeline.records.clashes import Clashes, current_clashes, narrowed, unallocated_together
from pipeline.records.editions import earlier_editions, editions_together
from pipeline.records.events import canonical_events
from pipeline.records.missing_events import NEEDED, missing_later
from pipeline.records.parsing import with_delivery
from pipeline.records.repeated_rows import Repeated
from pipeline.records.rules import has_bare_dates
from pipeline.records.triage import ROW, Triage, accounts, accounts_together, no_rows
from pipeline.storage import batches
from pipeline.storage import deliveries as landed

FORMAT = "canonical_clashes"
RAW, TABLE, ASIDE = f"raw.{FORMAT}", "records.clashes", "records.set_aside"
EVENT = ("source_key", "event_id")


def is_large(run: IndexRun, format_name: str = FORMAT) -> bool:
    """Whether a format has more rows than are held in memory; only events in our own columns come in batches."""
    rows = sum(d.rows_count for d in run.known if d.format == format_name)
    return format_name == FORMAT and rows >= batches.LARGE_ROWS


def comes_in_batches(run: IndexRun, repeats: Repeated) -> bool:
    """Whether nothing that is known before the rows are read makes an event depend on others."""
    own = [d for d in run.known if d.format == FORMAT]
    corrected = any(FORMAT in entry.formats for entry in run.corrections)
    return is_large(run) and not corrected and not any(d.source_key in repeats.chains for d in own)


@dataclass
class Events:
    """The typed events as Parquet files in a folder, and what became of the others' rows so far.

    `add` takes what is made of some of them; `records` of the tables that hold less than a row an event.
    """

    run: IndexRun
    folder: Path
    parts: list[Path] = field(default_factory=list)
    days: pl.DataFrame = field(default_factory=lambda: empty("records.clash_days"))
    unallocated: pl.DataFrame = field(default_factory=lambda: empty("records.unallocated_events"))
    reasons: Counter[str] = field(default_factory=Counter)

    def keep(self, typed: Triage) -> None:
        """Keep typed rows for later, and set aside the rest."""
        self.parts.append(_written(self.folder, len(self.parts), typed.kept))
        self.set_aside(typed.set_aside)

    def set_aside(self, rows: pl.DataFrame) -> None:
        self.run.warehouse.append(ASIDE, [rows])
        self.reasons.update(rows["reason"].to_list())

    def placed(self, others: Clashes) -> Iterator[pl.DataFrame]:
        """The records of the events, batch by batch, and then those of the other sources."""
        for rows in self.run.warehouse.sorted_parts(self.parts, EVENT):
            found = current_clashes([Triage(rows, no_rows())], self.run.gazetteer)
            self._count(found)
            yield found.records
        self._count(others)
        yield others.records

    def _count(self, found: Clashes) -> None:
        self.set_aside(found.set_aside)
        self.days = clash_days([self.days, found.records])
        self.unallocated = unallocated_together([self.unallocated, found.unallocated])

    def missing(self) -> pl.DataFrame:
        """As `missing_later` of the sources of these events."""
        keys = Counter(d.source_key for d in self.run.known if d.format == FORMAT)
        several = [key for key, count in keys.items() if count > 1]
        if not several:
            return missing_later(pl.DataFrame(schema={"source_key": pl.String, "delivery_id": pl.String}))
        rows = pl.scan_parquet(self.parts, glob=False).filter(pl.col("source_key").is_in(several)).select(NEEDED)
        return missing_later(rows.collect().with_columns(pl.lit(None, pl.Date).alias("_release_end")))

    def earlier(self) -> pl.DataFrame:
        """As `earlier_editions` of the leading source, which must be one of these."""
        found = known_editions(self.run)
        if len(found) < 2:
            return empty("records.earlier_editions")
        then, key, places = known_then(found[:-1]), self.run.clash_source, self.run.gazetteer
        here = {d.delivery_id for d in self.run.known}
        gone = gone_since(self.run, found)
        typed = narrowed(canonical_events(landed_rows(self.run, gone, FORMAT))).kept
        more = [_written(self.folder, len(self.parts), typed)] if typed.height else []
        made = []
        for rows in self.run.warehouse.sorted_parts([*self.parts, *more], EVENT):
            newest = current_clashes([Triage(rows.filter(pl.col("delivery_id").is_in(here)), no_rows())], places)
            made.append(earlier_editions([Triage(rows, no_rows())], newest, then, key, places))
        return editions_together(made)


@contextmanager
def typed_events(run: IndexRun) -> Iterator[Events | None]:
    """The events of the raw mirror, typed; None where a date in bare numbers depends on its whole file."""
    folder = run.place.warehouse / ".events.part"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield _typed(run, Events(run, folder))
    finally:
        shutil.rmtree(folder)


def _typed(run: IndexRun, events: Events) -> Events | None:
    known = landed.as_frame(run.known)
    run.warehouse.write(ASIDE, empty(ASIDE), only=("kind", str(Kind.CLASHES)))
    for raw in run.warehouse.batches(RAW, ROW):
        if has_bare_dates(raw, DATES):
            return None
        events.keep(narrowed(canonical_events(with_delivery(raw, known))))
    return events


def _written(folder: Path, number: int, rows: pl.DataFrame) -> Path:
    path = folder / f"{number:06}.parquet"
    rows.write_parquet(path)
    return path


def accounts_in_batches(run: IndexRun, aside: pl.DataFrame) -> pl.DataFrame:
    """As `accounts` of the deliveries of these events, some lines of a file at a time."""
    parts, begins = [], dict.fromkeys((d.delivery_id for d in run.known if d.format == FORMAT), 0)
    for rows in run.warehouse.batches(RAW, ROW, ROW):
        for (delivery,), own in rows.partition_by("delivery_id", as_dict=True, maintain_order=True).items():
            lines = range(begins[delivery], own["row_number"][-1] + 1)
            parts.append(_account(run, own, aside, delivery, lines))
            begins[delivery] = lines.stop
    for delivery, begin in begins.items():  # a record of a line that no row has would be invented
        parts.append(_account(run, empty(RAW), aside, delivery, range(begin, batches.NO_LINE)))
    return accounts_together(parts)


def _account(run: IndexRun, rows: pl.DataFrame, aside: pl.DataFrame, delivery: str, lines: range) -> pl.DataFrame:
    used = run.warehouse.rows_between(TABLE, delivery, lines).rename({"event_date": "day"})
    within = pl.col("row_number").is_between(lines.start, lines.stop, closed="left")
    left = aside.filter((pl.col("delivery_id") == delivery) & within)
    return accounts(rows.select(ROW), used, left, "records")
