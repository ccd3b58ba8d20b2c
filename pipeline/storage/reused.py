"""Refuses a file whose event numbers stand for other events in a file before it, while nothing is kept yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from pipeline.declare.errors import UnusableInput
from pipeline.declare.formats import SHEET_STEP
from pipeline.records import parsing
from pipeline.records.events import canonical_events
from pipeline.records.reused import NUMBERED_BY_TEAMS, is_another_event, is_told_revision, readable_place, with_other
from pipeline.records.rules import has_bare_dates
from pipeline.storage import batches
from pipeline.storage.history import Delivery
from pipeline.storage.repeated_rows import may_repeat
from pipeline.storage.spilled_rows import SpilledRows

# So many numbers, and more than half of those that two files share, are no slips. Where both rows state when they
# were made more are needed: a team may send just the few events that it has corrected.
REUSED_AT_LEAST, TOLD_AT_LEAST, MOST = 2, 5, 0.5
_OTHER = "_there"
Hashes = np.ndarray[Any, np.dtype[np.uint64]]
Rows = Callable[["Delivery"], Iterator[pl.DataFrame]]
Spans = Callable[[Sequence["Delivery"]], pl.DataFrame]
_DATES = ("event_date", "event_date_end")
_NUMBER, _WRITTEN = parsing.text("event_id"), pl.col("event_id").str.strip_chars()


def refuse_reused(
    new: Sequence[Delivery], standing: Sequence[Delivery], rows: Rows, numbers: Rows, spans: Spans
) -> None:
    """Raise UnusableInput for the first new file that uses numbers again, in itself or of a file of its source.

    `rows` gives the raw rows of a delivery with what it says of them, in one frame or, of a large one, in several;
    `numbers` gives its event numbers alone, as they are written; `spans` the rows of several of one source as they
    repeat each other, with `_first` and `_last` of the deliveries that hold each (records/repeated_rows.py). A file
    of before is read only where its spans leave it open whether the new file uses its numbers again, and of it only
    the rows of the numbers that both hold.
    """
    numbered = [d for d in new if d.format == NUMBERED_BY_TEAMS]
    for n, one in enumerate(numbered):
        raw = None if one.rows_count > batches.LARGE_ROWS else pl.concat(rows(one))
        found = _repeated_of_many(rows, numbers, one) if raw is None else _repeated(raw)
        _judge((_beside_itself(frame) for frame in found), one, None)
        if one.id_scope is not None:
            continue
        before, beside_it = (_alike(one, others) for others in (standing, numbered[:n]))
        # Spans are made of deliveries as a whole: beside a large one each file of before is looked at.
        if raw is not None and not any(d.rows_count > batches.LARGE_ROWS for d in before):
            before = _open(raw, before, spans)
        for other in (*before, *beside_it):
            if other.id_scope is not None:
                continue
            if raw is None or other.rows_count > batches.LARGE_ROWS:
                _judge(_pairs_of_many(rows, numbers, one, other), one, other)
            else:
                _judge(_pairs(raw, pl.concat(rows(other))), one, other)


def _alike(one: Delivery, others: Sequence[Delivery]) -> list[Delivery]:
    return [d for d in others if (d.format, d.source_key) == (one.format, one.source_key)]


def _repeated(raw: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The rows of the numbers that stand more than once, if any."""
    repeated = raw.filter(_NUMBER.is_duplicated() & _NUMBER.is_not_null())
    if repeated.height:
        yield repeated


def _repeated_of_many(rows: Rows, numbers: Rows, one: Delivery) -> Iterator[pl.DataFrame]:
    """The same of a large file: the rows of each number in one of several frames."""
    hashes = np.sort(_all_hashes(numbers(one), _NUMBER))
    twice = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    del hashes
    for (frame,) in _dealt([_holding(rows, one, twice)]):
        yield from _repeated(frame)


def _pairs(raw: pl.DataFrame, there: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The first rows of the numbers that two files hold, each beside the other file's."""
    yield _joined(*(
        frame.filter(_NUMBER.is_in(beside.select(_WRITTEN.unique()).to_series().implode()))
        for frame, beside in ((raw, there), (there, raw))
    ))  # fmt: skip


def _pairs_of_many(rows: Rows, numbers: Rows, one: Delivery, other: Delivery) -> Iterator[pl.DataFrame]:
    """The same of large files: each number in one of several frames, in the order of the one file."""
    sides = [_holding(rows, d, np.unique(_all_hashes(numbers(beside), _WRITTEN)))
             for d, beside in ((one, other), (other, one))]  # fmt: skip
    for here, there in _dealt(sides):
        yield _joined(here, there).sort("row_number")


def _joined(here: pl.DataFrame, there: pl.DataFrame) -> pl.DataFrame:
    first, other = (
        _events(frame).unique("event_id", keep="first", maintain_order=True) for frame in (here, there)
    )  # fmt: skip
    return first.join(other, on="event_id", suffix=_OTHER, how="inner")


def _hashes(frame: pl.DataFrame, number: pl.Expr) -> Hashes:
    """A number of 64 bits for each event number that is stated: equal ones have the same, others hardly ever."""
    return frame.select(number.alias("number")).drop_nulls().to_series().hash().to_numpy()


def _all_hashes(frames: Iterator[pl.DataFrame], number: pl.Expr) -> Hashes:
    return np.concatenate([_hashes(frame, number) for frame in frames])


def _holding(rows: Rows, one: Delivery, known: Hashes) -> SpilledRows:
    """The rows of a delivery whose event number is among the known, given by sorted hashes."""
    found = SpilledRows()
    for frame in rows(one) if known.size else ():
        stated = frame.filter(_NUMBER.is_not_null())
        hashes = _hashes(stated, _NUMBER)
        at = np.minimum(np.searchsorted(known, hashes), known.size - 1)
        found.append(stated.filter(pl.Series(known[at] == hashes)))
    return found


def _dealt(sides: Sequence[SpilledRows]) -> Iterator[list[pl.DataFrame]]:
    """The rows of one or two files, part by part; the rows of one event number stand in the same part of each.

    In one part where they are few, or where it depends on all rows together whether a date is doubted; in none where
    a file has none.
    """
    wanted = -(-max(side.height for side in sides) // batches.LARGE_ROWS) if all(side.height for side in sides) else 0
    if wanted > 1 and not any(has_bare_dates(frame, _DATES) for side in sides for frame in side.batches()):
        parts = [_parts(side, wanted) for side in sides]
    else:
        parts = [[side] for side in sides]
    for n in range(len(parts[0]) if wanted else 0):
        yield [own[n].whole() for own in parts]
    for part in (*sides, *(part for own in parts for part in own)):
        part.close()


def _parts(side: SpilledRows, wanted: int) -> list[SpilledRows]:
    parts = [SpilledRows() for _ in range(wanted)]
    for frame in side.batches():
        part = pl.Series(_hashes(frame, _NUMBER) % wanted)
        for n, own in enumerate(parts):
            own.append(frame.filter(part == n))
    return parts


def _open(raw: pl.DataFrame, before: Sequence[Delivery], spans: Spans) -> list[Delivery]:
    """The deliveries of before that may have to be refused beside the rows of `raw`, told from spans of equal rows.

    Counted in favour of refusal: more rows may stand for other events than do, and fewer numbers be shared. So what
    is left out here is certainly not refused, and what is given is looked at row by row.
    """
    if not may_repeat(before) or any(d.id_scope is not None for d in before):
        return list(before)
    held = spans(before)
    # Whether a date in bare numbers is doubted depends on its whole file.
    if has_bare_dates(raw, _DATES) or has_bare_dates(held, _DATES):
        return list(before)
    here, there = (_events(frame).join(_plain_number(frame), on="row_number") for frame in (raw, held))
    pairs = here.join(there, on="event_id", suffix=_OTHER).join(
        held.select(pl.col("row_number").alias("row_number" + _OTHER), "_first", "_last"), on="row_number" + _OTHER
    )
    judged = pairs.select(
        "_first",
        "_last",
        pl.col("event_id").rank("dense").alias("number"),
        is_another_event(_OTHER).alias("another"),
        (is_another_event(_OTHER) & ~is_told_revision(_OTHER)).alias("untold"),
        # A number in other characters than the ones compared is not looked up in the other file.
        (pl.col("_plain") & pl.col("_plain" + _OTHER)).alias("shared"),
    )
    if not judged["another"].any():
        return []
    return [d for n, d in enumerate(before) if _may_be_refused(judged.filter(pl.lit(n).is_between("_first", "_last")))]


def _plain_number(frame: pl.DataFrame) -> pl.DataFrame:
    same = pl.col("event_id").str.strip_chars() == parsing.text("event_id")
    return frame.select("row_number", same.fill_null(False).alias("_plain"))


def _may_be_refused(pairs: pl.DataFrame) -> bool:
    found = pairs.filter("another")
    if pairs["untold"].sum() < REUSED_AT_LEAST and found.height < TOLD_AT_LEAST:
        return False
    return found["number"].n_unique() > MOST * pairs.filter("shared")["number"].n_unique()


def refuse_other_list(new: Sequence[tuple[Delivery, Sequence[Delivery]]], rows: Rows) -> None:
    """Raise UnusableInput where a file would replace one of its name that it has not half of its events in common with.

    That is so only under id_scope = "file": a file of another month under the name of the last one.
    """
    for one, replaced in new:
        for other in replaced:
            if one.sha256 == other.sha256 or one.id_scope is None:
                continue
            said = ["event_date", "_code", "_name", "_lon", "_lat"]
            here, before = (_events(pl.concat(rows(d))).select(said).unique() for d in (one, other))
            alike = here.join(before, on=said, how="semi", nulls_equal=True).height
            if alike < MOST * min(here.height, before.height):
                raise UnusableInput(
                    f"{one.file_name}: it bears the name of the file received on {other.received_day} "
                    f'({other.delivery_id}) and would replace it, for both say id_scope = "file", but only {alike} of '
                    f"its {here.height} days and places stand there too; give it a name of its own, or withdraw "
                    f"{other.delivery_id} first"
                )


def _events(raw: pl.DataFrame) -> pl.DataFrame:
    alive = canonical_events(raw).kept.filter(~pl.col("_deleted"))
    return alive.select("event_id", "event_date", "row_number", *readable_place())


def _beside_itself(repeated: pl.DataFrame) -> pl.DataFrame:
    return with_other(_events(repeated).sort("event_id", "event_date", "row_number"), ["event_id"])


def _judge(parts: Iterable[pl.DataFrame], one: Delivery, other: Delivery | None) -> None:
    """Raise UnusableInput where more of the rows in pairs are other events than slips explain.

    All pairs of an event number are in one part.
    """
    beside = _OTHER if other else "_other"
    order = ("row_number",) if other else ("event_id", "event_date", "row_number")
    count, numbers, untold, shared, sheets = 0, 0, 0, 0, False
    firsts: list[dict[str, Any]] = []
    for part in parts:
        pairs = part.filter(pl.col("row_number" + beside).is_not_null())
        found = pairs.filter(is_another_event(beside))
        shared += pairs["event_id"].n_unique()
        if found.is_empty():
            continue
        count += found.height
        numbers += found["event_id"].n_unique()
        untold += found.filter(~is_told_revision(beside)).height
        sheets |= bool((found["row_number"] // SHEET_STEP != found["row_number" + beside] // SHEET_STEP).any())
        firsts.append(found.row(0, named=True))
    if numbers <= MOST * shared or (untold < REUSED_AT_LEAST and count < TOLD_AT_LEAST):
        return
    first = min(firsts, key=lambda row: [row[column] for column in order])
    here, there = _told(first, ""), _told(first, beside)
    again = f"event number {_plain(first['event_id'], one)!r} is {here} and {there}"
    if other is None:
        raise UnusableInput(
            f"{one.file_name}: {numbers} of the {shared} event numbers that stand in it more than "
            f"once are other events each time: {again}. {_remedy(one, sheets=sheets)}"
        )
    raise UnusableInput(
        f"{one.file_name}: {count} of the {shared} event numbers that it shares with {other.file_name} stand "
        f"for other events there: {again} of {other.file_name}. Where the numbers start again in each file, write "
        f'id_scope = "file" into {_sidecar(one)} and into that of every file numbered so; where it is a correction, '
        "state updated_at"
    )


def _told(row: dict[str, object], suffix: str) -> str:
    place = row["_code" + suffix] or row["_name" + suffix] or f"{row['_lon' + suffix]}, {row['_lat' + suffix]}"
    sheet, line = divmod(int(str(row["row_number" + suffix])), SHEET_STEP)
    return f"{row['event_date' + suffix]} at {place} in row {line}" + (f" of sheet {sheet + 1}" if sheet else "")


def _remedy(one: Delivery, *, sheets: bool) -> str:
    if one.id_scope is None and sheets:
        return f'Where the numbers start again in each sheet, write id_scope = "file" into {_sidecar(one)}'
    return (
        "Give each event a number of its own, or save each part as a file of its own and write "
        'id_scope = "file" into its sidecar'
    )


def _sidecar(one: Delivery) -> str:
    """The sidecar to write into: an archive's speaks for its members."""
    return f"{one.file_name.partition('/')[0]}.toml"


def _plain(event_id: str, one: Delivery) -> str:
    """The number as the file has it, without the scope."""
    return event_id.rpartition("#")[2] if one.id_scope else event_id
