"""What a tally leaves: a delivery for `run`, with its sidecar and its account; the command's body.

DIR/clashes/tally.csv, DIR/clashes/tally.csv.toml, DIR/account.json: `run --data DIR` takes the first by the second.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import tomli_w

from pipeline.declare.codes import REASON_REMEDY, Absence, Kind, Reason
from pipeline.declare.errors import AccountingError, UnusableInput
from pipeline.ingest.sidecar import Sidecar
from pipeline.records.placing import Gazetteer
from pipeline.records.vetting import VETTING
from pipeline.sources import source_of_format
from pipeline.storage.deliveries import as_frame
from pipeline.storage.history import Delivery
from pipeline.tally import dataflow, event_files
from pipeline.tally.counting import DELIVERY, Kernel, came, set_aside, tally

# What the sender says of the events holds for their tally; how their columns are read is done with.
_KEPT = ("source", "licence", "absence_means", "coverage", "reference_date", "covered_until", "synthetic", "primary")


def leave(
    named: Sequence[str], columns: Path | None, engine: str, address: str, out: Path, places: Callable[[], Gazetteer]
) -> list[str]:
    """Count the events of the files into `out`; returns what is to be said of it, line by line.

    Raises UnusableInput for files that cannot be used and where no row of them could be counted.
    """
    daft = dataflow.engine(engine, address)
    sidecar = event_files.stated(columns)
    files = event_files.read(daft, named, sidecar, columns.name if columns else "--columns")
    kernel = Kernel(files.format_name, _said(files.format_name, sidecar), places)
    counts = dataflow.counts(daft, files, kernel, engine, _standing(out))
    cells, account = tally(counts), _account(files, counts)
    if cells.is_empty():
        raise UnusableInput(f"no event was counted: {_why(account['rows_set_aside_by_reason'])}")
    _write(out, cells, sidecar, account)
    return [
        f"{account['rows_count']:,} rows of {len(files.paths)} files: {account['rows_counted_count']:,} events in "
        f"{cells.height:,} cells of {cells['adm3_pcode'].n_unique()} townships, {account['rows_set_aside_count']:,} "
        "rows set aside",
        *(f"set aside: {rows:,} {reason}. {REASON_REMEDY[Reason(reason)]}"
          for reason, rows in account["rows_set_aside_by_reason"].items() if Reason(reason) in REASON_REMEDY),
        f"deliver it with: township-index run --data {out}",
    ]  # fmt: skip


def _standing(out: Path) -> Path:
    """The nearest folder above what is to be left that is there already: its disk has to have room anyway."""
    return next(folder for folder in out.absolute().parents if folder.is_dir())


def _said(format_name: str, sidecar: Sidecar) -> pl.DataFrame:
    """What a run would know of the files, as one delivery that came now.

    Which of a source's releases is vetted shows only in all rows together, so it is left out of account.
    """
    source = source_of_format(format_name)
    return as_frame(
        [
            Delivery(
                DELIVERY, Kind.CLASHES, format_name, DELIVERY, "", 0,
                datetime.now(UTC).isoformat(timespec="microseconds"),
                sidecar.source or source.title, DELIVERY if source.key in VETTING else source.key,
                sidecar.licence or source.licence, sidecar.absence_means or Absence.ZERO,
                sidecar.reference_date.isoformat() if sidecar.reference_date else None, sidecar.date_format,
                sidecar.coverage, sidecar.synthetic, (), values=sidecar.words(),
            )
        ]
    )  # fmt: skip


def _account(files: event_files.EventFiles, counts: pl.DataFrame) -> dict[str, Any]:
    """Rows in = rows counted + rows set aside, by reason. Raises AccountingError where they differ."""
    aside, rows = set_aside(counts), came(counts)
    used = int(counts.filter(pl.col("reason") == "")["rows_count"].sum())
    if rows != used + sum(aside.values()):
        raise AccountingError(f"tally: {rows:,} rows came, {used:,} were counted and {sum(aside.values()):,} set aside")
    return {
        "format": files.format_name,
        "files": [Path(path).name for path in files.paths],
        "rows_count": rows,
        "rows_counted_count": used,
        "rows_set_aside_count": sum(aside.values()),
        "rows_set_aside_by_reason": aside,
    }


def _why(aside: dict[str, int]) -> str:
    if not aside:
        return "the files hold no row"
    reason, rows = next(iter(aside.items()))
    return f"{rows:,} rows were set aside, most as {reason}. {REASON_REMEDY[Reason(reason)]}"


def _write(out: Path, cells: pl.DataFrame, sidecar: Sidecar, account: dict[str, Any]) -> None:
    """Each file whole or as it was; the sidecar before the tally, which is nothing without it."""
    stated = {name: getattr(sidecar, name) for name in _KEPT if getattr(sidecar, name)}
    folder = out / str(Kind.CLASHES)
    folder.mkdir(parents=True, exist_ok=True)
    text = {name: str(value) if name == "absence_means" else value for name, value in stated.items()}
    _replace(folder / "tally.csv.toml", lambda path: path.write_bytes(tomli_w.dumps(text).encode()))
    _replace(folder / "tally.csv", cells.write_csv)
    said = (json.dumps(account, indent=2, ensure_ascii=False) + "\n").encode()
    _replace(out / "account.json", lambda path: path.write_bytes(said))


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    beside = path.with_name(f".{path.name}.part")
    write(beside)
    beside.replace(path)
