"""The rows that were not used, as `township-index set-aside` shows them: counts, lines, remedies, a CSV file.

Rows that one delivery after another repeats stand in no table; they are counted by delivery and named with the rest.
"""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from pipeline.declare.codes import REASON_REMEDY, Kind, Profile, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import empty, inert
from pipeline.declare.settings import Home
from pipeline.storage.deliveries import history
from pipeline.storage.disk import write_atomically
from pipeline.storage.warehouse import read_snapshot

TABLE, COUNTED = "records.set_aside", "records.repeated_rows"


@dataclass(frozen=True)
class Wanted:
    """Filters by exact value; "" is none."""

    reason: str = ""
    kind: str = ""
    delivery_id: str = ""
    file_name: str = ""


def rows_of(place: Home) -> tuple[pl.DataFrame, pl.DataFrame, str]:
    """records.set_aside of a home, records.repeated_rows with file_name and kind, and a note where they are not those
    of a release.

    After a first run that was blocked, or that was internal, there is no analysts' database yet: the working one
    holds the rows, which are the same in both profiles.
    """
    working = [p for p in (Home(place.root, profile).work_database for profile in Profile) if p.exists()]
    database, note = place.analysts_database, ""
    if working and not database.exists():
        database = working[0]
        note = f"nothing was published in {place.root} yet: these are the rows of the last run, which was not published"
    rows = read_snapshot(database, TABLE)
    return rows, _with_files(place, read_snapshot(database, COUNTED)), note


def _with_files(place: Home, counted: pl.DataFrame) -> pl.DataFrame:
    """Counts with the name and the kind of the file of each delivery."""
    known = [(one.delivery_id, one.file_name, str(one.kind)) for one in history(place).deliveries]
    schema = dict.fromkeys(("delivery_id", "file_name", "kind"), pl.String)
    files = pl.DataFrame(known, schema=schema, orient="row").unique("delivery_id", keep="last")
    return counted.join(files, on="delivery_id", how="left", maintain_order="left", validate="m:1")


def chosen(rows: pl.DataFrame, wanted: Wanted) -> pl.DataFrame:
    """The rows or counts that fit every filter. Raises UnusableInput for a reason or kind that does not exist."""
    for option, text, known in (("--reason", wanted.reason, Reason), ("--kind", wanted.kind, Kind)):
        if text and text not in tuple(known):
            raise UnusableInput(f"{option} {text!r} is none of: {', '.join(known)}")
    kept = rows.filter(*(pl.col(name) == value for name, value in asdict(wanted).items() if value))
    return kept.sort([name for name in ("reason", "file_name", "row_number", "delivery_id") if name in kept.columns])


def show(place: Home, wanted: Wanted, csv: str, limit: int) -> None:
    """Print the rows, or write all of them as CSV to the path `csv`, "-" for the screen."""
    chosen(empty(TABLE), wanted)  # a mistyped filter is told before anything is read
    rows, counted, note = rows_of(place)
    rows, counted = chosen(rows, wanted), chosen(counted, wanted)
    if note:
        print(f"note: {note}", file=sys.stderr)
    if csv == "-":
        sys.stdout.write(as_csv(rows))
        for line in _repeated(counted):
            print(f"note: {line}", file=sys.stderr)
    elif csv:
        write_atomically(Path(csv).resolve(), lambda part: part.write_text(as_csv(rows), encoding="utf-8", newline=""))
        print(f"{rows.height:,} rows written to {csv}")
        for line in _repeated(counted):
            print(f"  not in the file: {line}")
    else:
        print("\n".join(lines(rows, counted, limit)))


def as_csv(rows: pl.DataFrame) -> str:
    """All rows with their remedies; a cell that a spreadsheet would run is made inert."""
    remedies = {str(reason): text for reason, text in REASON_REMEDY.items()}
    remedy = pl.col("reason").replace_strict(remedies, default="", return_dtype=pl.String).alias("remedy")
    return inert(rows.with_columns(remedy)).write_csv(line_terminator="\n")


def lines(rows: pl.DataFrame, counted: pl.DataFrame, limit: int) -> Iterator[str]:
    """Counts by reason where there are several, then each reason with its remedy and the first `limit` rows, and the
    deliveries whose rows are `counted` with how many."""
    each = [rows.select("reason", pl.lit(1, pl.Int64).alias("rows_count")), counted.select("reason", "rows_count")]
    counts = pl.concat(each).group_by("reason").agg(pl.col("rows_count").sum())
    counts = counts.sort("rows_count", "reason", descending=[True, False])
    if counts.is_empty():
        yield "no row was set aside that fits"
        return
    totals: dict[str, int] = dict(counts.iter_rows())
    if counts.height > 1:
        yield f"{sum(totals.values()):,} rows were set aside"
        yield from (f"  {count:>9,}  {reason}" for reason, count in totals.items())
    for name in (reason for reason in Reason if reason in totals):
        own = rows.filter(pl.col("reason") == str(name))
        yield f"{name}: {totals[name]:,} rows. {REASON_REMEDY[name]}"
        for row in own.head(limit).iter_rows(named=True):
            column = f", {row['column_name']}" if row["column_name"] else ""
            place = f"{_shown(row['file_name'])}, line {row['row_number']} (delivery {row['delivery_id']})"
            yield f"  {place}{column}: {_shown(row['found'] or 'blank')}"
        if own.height > limit:
            yield f"  … and {own.height - limit:,} more (--limit)"
        yield from (f"  {line}" for line in _repeated(counted.filter(pl.col("reason") == str(name))))


def _repeated(counted: pl.DataFrame) -> Iterator[str]:
    """A line a delivery and reason of the rows that are counted and stand in no table."""
    for row in counted.iter_rows(named=True):
        file = f"{_shown(row['file_name'] or 'a file')} (delivery {row['delivery_id']})"
        yield f"{file}: {row['rows_count']:,} rows {row['reason']}, word for word in the deliveries before and after it"


def _shown(text: str) -> str:
    """Text of a source: nothing in it may steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)
