"""Immutable landings: one Parquet file and one JSON sidecar per received file, named by content hash.

The deliveries are the truth, the database is a product. The hash is taken over the rows as a set, so a
file that is delivered again under another name or in another order of rows is the same delivery.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from pipeline.declare.codes import Absence, Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import raw_columns
from pipeline.declare.settings import Home
from pipeline.records.events import canonical_events
from pipeline.records.parsing import with_delivery
from pipeline.records.repeated_rows import Read
from pipeline.records.triage import Triage
from pipeline.sources import own_key
from pipeline.storage import batches, spilled_rows
from pipeline.storage.disk import write_atomically
from pipeline.storage.history import Delivery, History, Moment, takes_over
from pipeline.storage.lead_source import marked_primary
from pipeline.storage.repeated_rows import spans_of
from pipeline.storage.reused import refuse_other_list, refuse_reused
from pipeline.storage.spilled_rows import Rows, SpilledRows, whole

# Endings of the notes beside a landing that it was received again or withdrawn.
RECEIVED, WITHDRAWN = ".received", ".withdrawn"


@dataclass(frozen=True)
class Landing:
    """The outcome for one file: the delivery, whether it is new or in force anew, and what it takes out of force."""

    delivery: Delivery
    is_new: bool
    replaces: tuple[Delivery, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A file that was read and can be used, not yet kept. The rows of a large one lie on the disk."""

    delivery: Delivery
    rows: Rows

    @property
    def frame(self) -> pl.DataFrame:
        return whole(self.rows)


def keep(home: Home, judged: list[Judged]) -> list[Landing]:
    """Keep files for good; the same content again changes nothing.

    Raises UnusableInput where invented and real records would mix, where two sources would be marked as the primary
    one, or where event numbers are used again for other events; nothing is kept then.
    """
    sheets = {one.delivery.delivery_id: one.delivery.sheet for one in judged}
    known = [d if d.sheet else replace(d, sheet=sheets.get(d.delivery_id)) for d in in_force(home)]
    landings: list[Landing] = []
    for one in judged:
        held = [*known, *(landing.delivery for landing in landings)]
        same = next((d for d in held if _same(d, one.delivery)), None)
        if same is None:
            _refuse_mixing(held, one.delivery)
            landings.append(Landing(one.delivery, True, tuple(d for d in held if takes_over(one.delivery, d))))
        else:
            landings.append(Landing(same, False))
    said_anew = {d.delivery_id for landing in landings for d in landing.replaces}
    standing = [d for d in known if d.delivery_id not in said_anew]
    marked_primary(standing + [one.delivery for one in landings if one.delivery.delivery_id not in said_anew])
    came = {one.delivery.delivery_id: one.rows for one in judged}

    def rows(delivery: Delivery) -> Iterator[pl.DataFrame]:
        return rows_said(home, delivery, came.get(delivery.delivery_id))

    def numbers(delivery: Delivery) -> Iterator[pl.DataFrame]:
        held = came.get(delivery.delivery_id)
        return _landed(home, delivery, ["event_id"]) if held is None else spilled_rows.batches(held, ["event_id"])

    def spans(before: Sequence[Delivery]) -> pl.DataFrame:
        return spans_said(home, before)

    refuse_reused([landing.delivery for landing in landings if landing.is_new], standing, rows, numbers, spans)
    refuse_other_list([(landing.delivery, landing.replaces) for landing in landings], rows)
    for landing, one in zip(landings, judged, strict=True):
        _tell_sheet(home, one.delivery)
        if landing.is_new:
            _keep(home, one.delivery, one.rows)
    for one in judged:
        if isinstance(one.rows, SpilledRows):
            one.rows.close()
    return landings


def reads_events(delivery: Delivery, read: Callable[[pl.DataFrame], Triage] = canonical_events) -> Read:
    """The function that reads raw rows of a delivery: `row_number` and `event_id` of those that break no rule."""
    known = as_frame([delivery])

    def kept(raw: pl.DataFrame) -> pl.DataFrame:
        return read(with_delivery(raw.with_columns(pl.lit(delivery.delivery_id).alias("delivery_id")), known)).kept

    return kept


def rows_said(home: Home, delivery: Delivery, came: Rows | None = None) -> Iterator[pl.DataFrame]:
    """The rows of a delivery, as they landed or as they came, with what the delivery says of them.

    They come in one frame, those of more than LARGE_ROWS in several.
    """
    known, name = as_frame([delivery]), pl.lit(delivery.delivery_id).alias("delivery_id")
    found = _landed(home, delivery) if came is None else spilled_rows.batches(came)
    return (with_delivery(batch.with_columns(name), known) for batch in found)


def _landed(home: Home, delivery: Delivery, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
    if delivery.rows_count > batches.LARGE_ROWS:
        return delivery_batches(home, delivery, columns)
    return spilled_rows.batches(read_delivery(home, delivery), columns)


def spans_said(home: Home, deliveries: Sequence[Delivery]) -> pl.DataFrame:
    """One row for each span as its first delivery has it, numbered anew, and the positions `_first` and `_last`."""
    spans = spans_of(home, deliveries, lambda d: read_delivery(home, d), reads_events)
    ids = pl.Series([d.delivery_id for d in deliveries], dtype=pl.String)
    rows = spans.select(
        *(pl.col(name).alias(name.removeprefix("raw_")) for name in spans.columns if name.startswith("raw_")),
        pl.int_range(pl.len(), dtype=pl.Int64).alias("row_number"),
        pl.col("first").alias("_first"),
        (pl.col("first") + pl.col("row_numbers").list.len() - 1).cast(pl.Int64).alias("_last"),
    )
    return with_delivery(rows.with_columns(ids.gather(rows["_first"]).alias("delivery_id")), as_frame(list(deliveries)))


def _tell_sheet(home: Home, delivery: Delivery) -> None:
    """Add to a landing of before sheets were told which sheet it was read from, now that its content came again."""
    path = home.deliveries / delivery.kind / f"{delivery.delivery_id}.json"
    if delivery.sheet is not None and path.exists() and (held := _load(path)).sheet is None:
        told = replace(held, sheet=delivery.sheet)
        if held.sha256 == delivery.sha256:
            _write_said(path, told)


def refuse_two_sayings(judged: list[Judged]) -> None:
    """Raise UnusableInput for a file that comes twice at once with two sidecars: the one would end the other unused."""
    given = [one.delivery for one in judged]
    for n, later in enumerate(given):
        for earlier in given[:n]:
            if later.delivery_id == earlier.delivery_id or not takes_over(later, earlier):
                continue
            if later.sha256 == earlier.sha256:
                raise UnusableInput(
                    f"{later.kind}/{later.file_name} is the same {'sheet' if later.sheet else 'file'} as "
                    f"{earlier.file_name} with another sidecar, and the later saying would take the earlier one out of "
                    "force at once; keep one of them. Where both are meant, save each with only the columns or rows "
                    "that it is about"
                )
            raise UnusableInput(
                f'{later.kind}/{later.file_name} came twice at once with other rows, and id_scope = "file" makes the '
                "later one the next version of the other; give the files names of their own"
            )


def told_of_replacing(landing: Landing) -> list[str]:
    """A line for each delivery that a landing takes out of force: none leaves the accounts without a word."""
    new = landing.delivery
    return [
        f"{d.kind}/{d.file_name} ({d.delivery_id}, {d.rows_count:,} rows, received {d.received_day}) is no longer in "
        f"force: {'the same file with another sidecar' if d.sha256 == new.sha256 else 'a newer version of the file'} "
        f"({new.file_name}, {new.delivery_id}) replaces it"
        for d in landing.replaces
    ]


def _keep(home: Home, delivery: Delivery, landed: Rows) -> None:
    folder = home.deliveries / delivery.kind
    rows = folder / f"{delivery.delivery_id}.parquet"
    if rows.with_suffix(".json").exists():
        # Withdrawn or replaced since: it comes into force anew, and the landing of its first receipt stays as it is.
        _mark(home, delivery, RECEIVED, delivery.received)
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(rows, lambda part: _write_rows(part, landed))
    # The sidecar comes last: a landing without one is litter of a killed run.
    _write_said(rows.with_suffix(".json"), delivery)


def _write_rows(path: Path, landed: Rows) -> None:
    """One Parquet file; of a large delivery in groups of at most BATCH_ROWS rows, so that it can be read in batches."""
    if isinstance(landed, pl.DataFrame):
        landed.write_parquet(path, compression="zstd")
        return
    from pyarrow import parquet

    held = next(landed.batches()).clear().to_arrow(compat_level=pl.CompatLevel.oldest())
    with parquet.ParquetWriter(path, held.schema, compression="zstd", compression_level=3) as written:
        for group in _groups(landed.batches()):
            written.write_table(group.to_arrow(compat_level=pl.CompatLevel.oldest()), row_group_size=batches.BATCH_ROWS)


def _groups(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same rows in frames of BATCH_ROWS, the last one shorter."""
    left: pl.DataFrame | None = None
    for frame in frames:
        left = frame if left is None else pl.concat([left, frame])
        while left.height >= batches.BATCH_ROWS:
            yield left.slice(0, batches.BATCH_ROWS)
            left = left.slice(batches.BATCH_ROWS)
    if left is not None and left.height:
        yield left


def _write_said(path: Path, delivery: Delivery) -> None:
    text = json.dumps(asdict(delivery), ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))


def _same(one: Delivery, other: Delivery) -> bool:
    return (one.kind, one.delivery_id) == (other.kind, other.delivery_id)


def history(home: Home) -> History:
    """Every landing of the home, and when each was received again or withdrawn."""
    found = tuple(_load(path) for path in sorted(home.deliveries.glob("*/*.json")))
    return History(found, _marks(home))


def in_force(home: Home, as_of: date | None = None) -> list[Delivery]:
    """The deliveries known by the end of `as_of` in Myanmar, oldest first; all of them without it."""
    return history(home).in_force(as_of)


def withdraw(home: Home, delivery_id: str, now: datetime) -> Delivery:
    """Take a delivery out of force from now on; the landing stays, so earlier editions can still be rebuilt.

    Raises UnusableInput for an id that is not in force.
    """
    known = in_force(home)
    chosen = next((d for d in known if d.delivery_id == delivery_id), None)
    if chosen is None:
        listed = ", ".join(f"{d.delivery_id} ({d.file_name})" for d in known) or "none"
        raise UnusableInput(f"{delivery_id!r} is no delivery in force; these are: {listed}")
    _mark(home, chosen, WITHDRAWN, now)
    return chosen


def _marks(home: Home) -> dict[tuple[Kind, str], tuple[Moment, ...]]:
    """Later receipts and withdrawals of every landing, in order of time: each folder is read once."""
    found: dict[tuple[Kind, str], list[Moment]] = {}
    for suffix in (RECEIVED, WITHDRAWN):
        for path in home.deliveries.glob(f"*/*{suffix}"):
            moment = Moment(datetime.fromisoformat(path.read_text("utf-8")), suffix == RECEIVED)
            found.setdefault((Kind(path.parent.name), path.name.split(".")[0]), []).append(moment)
    return {key: tuple(sorted(moments, key=lambda m: m.at)) for key, moments in found.items()}


def _mark(home: Home, delivery: Delivery, suffix: str, at: datetime) -> None:
    """Note a later receipt or a withdrawal in a file of its own: what was noted before is never rewritten.

    On a clock that was set back in between, it still comes after what was noted before.
    """
    folder = home.deliveries / delivery.kind
    landed = _load(folder / f"{delivery.delivery_id}.json")
    before = [landed.received, *(m.at for m in _marks(home).get((delivery.kind, delivery.delivery_id), ()))]
    after = max(at.astimezone(UTC), max(before) + timedelta(microseconds=1))
    path = folder / f"{delivery.delivery_id}.{len(before)}{suffix}"
    write_atomically(path, lambda part: part.write_text(after.isoformat(timespec="microseconds"), encoding="utf-8"))


def read_delivery(home: Home, delivery: Delivery) -> pl.DataFrame:
    """The landed rows. Raises UnusableInput where the landing was damaged after the fact."""
    path = home.deliveries / delivery.kind / f"{delivery.delivery_id}.parquet"
    try:
        # The home's path may hold what Polars would take for a pattern or a partition.
        frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
        if frame.height != delivery.rows_count:
            raise ValueError(f"{frame.height} rows for {delivery.rows_count}")
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise _damaged(path, delivery, error) from error
    return _with_learnt(frame, delivery)


def delivery_batches(home: Home, delivery: Delivery, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
    """As `read_delivery`, some rows at a time, of all columns or of those named.

    Raises UnusableInput where the landing was damaged.
    """
    from pyarrow import ArrowException, parquet

    path = home.deliveries / delivery.kind / f"{delivery.delivery_id}.parquet"
    try:
        with parquet.ParquetFile(path) as file:
            if file.metadata.num_rows != delivery.rows_count:
                raise ValueError(f"{file.metadata.num_rows} rows for {delivery.rows_count}")
            for batch in file.iter_batches(batches.BATCH_ROWS, columns=columns and list(columns)):
                frame = pl.DataFrame(pl.from_arrow(batch))
                yield _with_learnt(frame, delivery) if columns is None else frame
    except (OSError, ValueError, ArrowException) as error:
        raise _damaged(path, delivery, error) from error


def _damaged(path: Path, delivery: Delivery, error: Exception) -> UnusableInput:
    return UnusableInput(
        f"{path.name}: the landing of {delivery.file_name} is damaged or gone ({error}); remove "
        f"{path.stem}.json beside it and deliver the file again"
    )


def _with_learnt(frame: pl.DataFrame, delivery: Delivery) -> pl.DataFrame:
    """A landing from before a format learnt a column holds it blank."""
    missing = [c for c in raw_columns(delivery.format) if c not in (*frame.columns, "delivery_id")]
    return frame.with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in missing)


def damaged(home: Home) -> list[str]:
    """What is wrong with the landings of a home: each is opened and its rows are counted, withdrawn ones too."""
    faults = []
    for path in sorted(home.deliveries.glob("*/*.json")):
        rows = path.with_suffix(".parquet")
        try:
            delivery = _load(path)
            count = pl.scan_parquet(rows, glob=False, hive_partitioning=False).select(pl.len()).collect().item()
            if count != delivery.rows_count:
                faults.append(f"{rows}: {count} rows where {delivery.rows_count} were received")
        except UnusableInput as error:
            faults.append(str(error))
        except (OSError, pl.exceptions.PolarsError) as error:
            faults.append(f"{rows}: cannot be read ({str(error).splitlines()[0]})")
    return faults


def sweep_litter(home: Home) -> None:
    """Remove what a killed run left behind: partial files and landings without their sidecar."""
    for part in home.deliveries.glob("*/.*.part"):
        part.unlink(missing_ok=True)
    for landed in home.deliveries.glob("*/*.parquet"):
        if not landed.with_suffix(".json").exists():
            landed.unlink(missing_ok=True)


def _load(path: Path) -> Delivery:
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        stated |= {"kind": Kind(stated["kind"]), "absence_means": Absence(stated["absence_means"])}
        stated["source_key"] = own_key(stated["source_key"], stated["source"])
        return Delivery(**{**stated, "notes": tuple(stated["notes"])})
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableInput(f"{path}: the landing's sidecar is damaged ({error}); deliver the file again") from error


def scope_of(delivery: Delivery) -> str | None:
    """What makes the event numbers of a file unique: its name and sheet. None where they are unique as they are."""
    if delivery.id_scope is None:
        return None
    return delivery.file_name + (f"/{delivery.sheet}" if delivery.sheet else "")


def _refuse_mixing(held: list[Delivery], delivery: Delivery) -> None:
    """Invented and real records never share a home: their release would be neither."""
    for other in held:
        if other.synthetic != delivery.synthetic and Kind.BOUNDARIES not in (other.kind, delivery.kind):
            raise UnusableInput(
                f"{delivery.file_name}: {'synthetic' if delivery.synthetic else 'real'} records cannot join a home "
                f"that holds {'synthetic' if other.synthetic else 'real'} ones ({other.file_name}); use another --home"
            )


def landed_last(deliveries: list[Delivery]) -> frozenset[str]:
    """The ids of the newest landing: files of one landing lie microseconds apart."""
    newest = max((d.received for d in deliveries), default=None)
    return frozenset(d.delivery_id for d in deliveries if newest and newest - d.received < timedelta(seconds=1))


def as_frame(deliveries: list[Delivery]) -> pl.DataFrame:
    """One row per delivery with what the records steps need; `received_at` is a date, `received` orders them."""
    text = pl.String
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "delivery_id": text, "kind": text, "format": text, "source": text, "source_key": text, "licence": text,
        "file_name": text, "sha256": text, "received": text, "reference_date": text, "absence_means": text,
        "rows_count": pl.Int64, "date_format": text, "coverage": text, "values": text, "rows": text, "new_is": text,
        "id_scope": text, "release": text, "zero_means": text, "holders": text,
    }  # fmt: skip
    rows = [
        {**{name: getattr(d, name, None) for name in schema}, "received": d.received_at, "kind": str(d.kind),
         "absence_means": str(d.absence_means), "id_scope": scope_of(d), "release": d.release or d.query}
        for d in deliveries
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    days = pl.Series("received_at", [delivery.received_day for delivery in deliveries], dtype=pl.Date)
    return frame.with_columns(pl.col("reference_date").str.to_date(), days)
