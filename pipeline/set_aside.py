"""The rows that were not used, as `township-index set-aside` shows them: counts, lines, remedies, a CSV file."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from pipeline.declare.codes import REASON_REMEDY, Kind, Profile, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import empty, inert
from pipeline.declare.settings import Home
from pipeline.storage.disk import write_atomically
from pipeline.storage.warehouse import read_snapshot

TABLE = "records.set_aside"


@dataclass(frozen=True)
class Wanted:
    """Filters by exact value; "" is none."""

    reason: str = ""
    kind: str = ""
    delivery_id: str = ""
    file_name: str = ""


def rows_of(place: Home) -> tuple[pl.DataFrame, str]:
    """records.set_aside of a home, and a note where it is not that of a release.

    After a first run that was blocked, or that was internal, there is no analysts' database yet: the working one
    holds the rows, which are the same in both profiles.
    """
    working = [p for p in (Home(place.root, profile).work_database for profile in Profile) if p.exists()]
    if place.analysts_database.exists() or not working:
        return read_snapshot(place.analysts_database, TABLE), ""
    note = f"nothing was published in {place.root} yet: these are the rows of the last run, which was not published"
    return read_snapshot(working[0], TABLE), note


def chosen(rows: pl.DataFrame, wanted: Wanted) -> pl.DataFrame:
    """The rows that fit every filter. Raises UnusableInput for a reason or kind that does not exist."""
    for option, text, known in (("--reason", wanted.reason, Reason), ("--kind", wanted.kind, Kind)):
        if text and text not in tuple(known):
            raise UnusableInput(f"{option} {text!r} is none of: {', '.join(known)}")
    kept = rows.filter(*(pl.col(name) == value for name, value in asdict(wanted).items() if value))
    return kept.sort("reason", "file_name", "row_number", "delivery_id")


def show(place: Home, wanted: Wanted, csv: str, limit: int) -> None:
    """Print the rows, or write all of them as CSV to the path `csv`, "-" for the screen."""
    chosen(empty(TABLE), wanted)  # a mistyped filter is told before anything is read
    rows, note = rows_of(place)
    rows = chosen(rows, wanted)
    if note:
        print(f"note: {note}", file=sys.stderr)
    if csv == "-":
        sys.stdout.write(as_csv(rows))
    elif csv:
        write_atomically(Path(csv).resolve(), lambda part: part.write_text(as_csv(rows), encoding="utf-8", newline=""))
        print(f"{rows.height:,} rows written to {csv}")
    else:
        print("\n".join(lines(rows, limit)))


def as_csv(rows: pl.DataFrame) -> str:
    """All rows with their remedies; a cell that a spreadsheet would run is made inert."""
    remedies = {str(reason): text for reason, text in REASON_REMEDY.items()}
    remedy = pl.col("reason").replace_strict(remedies, default="", return_dtype=pl.String).alias("remedy")
    return inert(rows.with_columns(remedy)).write_csv(line_terminator="\n")


def lines(rows: pl.DataFrame, limit: int) -> Iterator[str]:
    """Counts by reason where there are several, then each reason with its remedy and the first `limit` rows."""
    if rows.is_empty():
        yield "no row was set aside that fits"
        return
    counts = rows.group_by("reason").len().sort("len", "reason", descending=[True, False])
    if counts.height > 1:
        yield f"{rows.height:,} rows were set aside"
        yield from (f"  {count:>9,}  {reason}" for reason, count in counts.iter_rows())
    for name in (reason for reason in Reason if reason in set(counts["reason"])):
        own = rows.filter(pl.col("reason") == str(name))
        yield f"{name}: {own.height:,} rows. {REASON_REMEDY[name]}"
        for row in own.head(limit).iter_rows(named=True):
            column = f", {row['column_name']}" if row["column_name"] else ""
            place = f"{_shown(row['file_name'])}, line {row['row_number']} (delivery {row['delivery_id']})"
            yield f"  {place}{column}: {_shown(row['found'] or 'blank')}"
        if own.height > limit:
            yield f"  … and {own.height - limit:,} more (--limit)"


def _shown(text: str) -> str:
    """Text of a source: nothing in it may steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)
