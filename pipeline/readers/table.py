"""One tabular file of any format -> its mirror: the format's columns as text, row by row.

Boundary files are read by `geo.boundaries`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.codes import Kind
from pipeline.errors import UnusableInput, in_one_line
from pipeline.readers.excel import read_excel
from pipeline.readers.formats import FileFormat, check_header, check_match, explain_unknown, recognise, renamed
from pipeline.readers.sidecar import Sidecar
from pipeline.readers.text import UNREADABLE_LIMIT_SHARE, Grid, check_size, read_text

TEXT_ENDINGS = {".csv", ".tsv", ".txt"}
EXCEL_ENDINGS = {".xlsx", ".xlsm"}
CELLS_LIMIT = 200_000_000  # a Parquet file of one repeated value is a bomb: small on disk, huge in memory
TABLE_ENDINGS = TEXT_ENDINGS | EXCEL_ENDINGS | {".parquet"}

# `problem` and `problem_found` are filled for lines that could not be read as a row of the table.
BOOKKEEPING = {"row_number": pl.Int64, "problem": pl.String, "problem_found": pl.String}


@dataclass(frozen=True)
class Mirror:
    """`frame`: row_number, problem, problem_found, the format's columns and `extra`, all but the first as text."""

    format: str
    frame: pl.DataFrame
    notes: tuple[str, ...] = ()


def read_table(path: Path, kind: Kind, sidecar: Sidecar) -> Mirror:
    """Read one file. Raises UnusableInput where the file as a whole cannot be used."""
    ending = path.suffix.lower()
    if ending in TEXT_ENDINGS:
        grid = read_text(path)
    elif ending in EXCEL_ENDINGS:
        grid = read_excel(path, kind, sidecar.columns, sidecar.sheet)
    elif ending == ".parquet":
        grid = _read_parquet(path)
    else:
        raise UnusableInput(
            f"{path.name}: the ending {ending or 'none'!r} is not one of {', '.join(sorted(TABLE_ENDINGS))}; "
            "save it as CSV, Excel (.xlsx) or Parquet"
        )
    where = f"{path.name}, line {grid.header_line}"
    header = renamed(grid.header, sidecar.columns)
    absent = [theirs for ours, theirs in sidecar.columns.items() if ours not in header]
    if absent:
        raise UnusableInput(f"{path.name}.toml: [columns] names {absent[0]!r}, which the header does not have; mend it")
    check_header(header, where)
    known = recognise(header, kind)
    if known is None:
        raise UnusableInput(f"{where}: the header fits no {kind} format; {explain_unknown(header, kind)}")
    check_match(known, header, where)
    foreign = [ours for ours in sidecar.columns if not known.match([ours])]
    if foreign:
        raise UnusableInput(
            f"{path.name}.toml: [columns] maps to {foreign[0]!r}, which {known.name} does not have; "
            f"use one of {', '.join(known.columns)}"
        )
    total = len(grid.rows) + len(grid.problems)
    if total == 0:
        raise UnusableInput(f"{path.name}: a header and no rows; export the file again")
    if len(grid.problems) > UNREADABLE_LIMIT_SHARE * total:
        line, reason, found = grid.problems[0]
        raise UnusableInput(
            f"{path.name}: {len(grid.problems)} of {total} rows cannot be read, more than "
            f"{UNREADABLE_LIMIT_SHARE:.0%} (first: line {line}, {reason}{', ' + found if found else ''}); mend the file"
        )
    mirror = _mirror(known, header, grid, path.name)
    return Mirror(mirror.format, mirror.frame, (*grid.notes, *mirror.notes))


def _mirror(known: FileFormat, header: list[str], grid: Grid, name: str) -> Mirror:
    positions = known.match(header)
    columns = list(zip(*grid.rows, strict=True)) if grid.rows else [()] * len(header)
    data: dict[str, pl.Series] = {"row_number": pl.Series(grid.lines, dtype=pl.Int64)}
    by_name = {ours: columns[i] for i, ours in positions.items()}
    for ours in known.columns:
        data[ours] = pl.Series(by_name.get(ours, [None] * len(grid.rows)), dtype=pl.String, strict=False)
    # A column without a name is kept where it holds something; trailing separators leave empty ones behind.
    others = [
        (header[i].strip() or f"column {i + 1}", columns[i])
        for i in range(len(header))
        if i not in positions and (header[i].strip() or any(cell and cell.strip() for cell in columns[i]))
    ]
    if others:
        names = [other for other, _ in others]
        cells = zip(*(values for _, values in others), strict=True)
        packed = [json.dumps({k: v for k, v in zip(names, row, strict=True) if v}, ensure_ascii=False) for row in cells]
        data["extra"] = pl.Series(packed, dtype=pl.String)
    frame = pl.DataFrame(data).with_columns(
        pl.lit(None, dtype=pl.String).alias(c) for c in ("problem", "problem_found", "extra") if c not in data
    )
    if grid.problems:
        lines, reasons, found = zip(*grid.problems, strict=True)
        broken = pl.DataFrame({"row_number": lines, "problem": [str(r) for r in reasons], "problem_found": found})
        frame = pl.concat([frame, broken.cast({"row_number": pl.Int64})], how="diagonal").sort("row_number")
    order = [*BOOKKEEPING, *known.columns, "extra"]
    note = (f"{name}: columns not used: {', '.join(n for n, _ in others)}",) if others else ()
    return Mirror(known.name, frame.select(order), note)


def _read_parquet(path: Path) -> Grid:
    check_size(path)
    with path.open("rb") as handle:
        if handle.read(4) != b"PAR1":
            raise UnusableInput(f"{path.name}: not a Parquet file; export it again")
    try:
        # A name may hold what Polars would take for a pattern or a partition.
        lazy = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        cells = lazy.select(pl.len()).collect().item() * len(lazy.collect_schema())
        if cells > CELLS_LIMIT:
            raise UnusableInput(f"{path.name}: {cells:,} cells is over the limit of {CELLS_LIMIT:,}; split the file")
        frame = lazy.collect()
    except pl.exceptions.PolarsError as error:
        raise UnusableInput(
            f"{path.name}: the Parquet file cannot be read ({in_one_line(error)}); export it again"
        ) from error
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested() or dtype in (pl.Binary, pl.Object)]
    text = frame.drop(nested).select(pl.all().cast(pl.String, strict=False))
    notes = (f"{path.name}: columns that are no text, number or date, not kept: {', '.join(nested)}",) if nested else ()
    return Grid(text.columns, [list(row) for row in text.rows()], list(range(1, text.height + 1)), notes=notes)
