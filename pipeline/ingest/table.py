"""One tabular file of any format -> its mirror: the format's columns as text, row by row.

Boundary files are read by `geo.boundaries`, archives are unpacked by `archive`.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import polars as pl
import polars.selectors as cs

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.formats import doubled
from pipeline.ingest import cells
from pipeline.ingest.cells import BLOCK_ROWS, Grid, Problem, schema
from pipeline.ingest.delimited import check_size, first_line, read_text
from pipeline.ingest.excel import read_excel
from pipeline.ingest.header import holder_columns, resolve, without_tags
from pipeline.ingest.json_table import read_json
from pipeline.ingest.sheets import filled_down
from pipeline.ingest.sidecar import Sidecar
from pipeline.storage.spilled_rows import Rows, SpilledRows, batches, whole

TEXT_ENDINGS = {".csv", ".tsv", ".txt"}
EXCEL_ENDINGS = {".xlsx", ".xlsm"}
JSON_ENDINGS = {".json", ".ndjson", ".jsonl"}
OTHER_WORKBOOKS = {".xls", ".xlsb", ".ods"}
UNREADABLE_LIMIT_SHARE = 0.05
CELLS_LIMIT = 200_000_000  # a Parquet file of one repeated value is a bomb: small on disk, huge in memory
_AGAIN = "\x01"  # behind the name of a Parquet column that is not the first of its name
TABLE_ENDINGS = TEXT_ENDINGS | EXCEL_ENDINGS | JSON_ENDINGS | {".parquet"}

# `problem` and `problem_found` are filled for lines that could not be read as a row of the table.
BOOKKEEPING = {"row_number": pl.Int64, "problem": pl.String, "problem_found": pl.String}


@dataclass(frozen=True)
class Mirror:
    """`rows`: row_number, problem, problem_found, the format's columns and `extra`, all but the first as text.

    Those of a large file lie on the disk.
    """

    format: str
    rows: Rows
    notes: tuple[str, ...] = ()
    sheet: str | None = None  # of a workbook: the one that was read

    @property
    def frame(self) -> pl.DataFrame:
        return whole(self.rows)


@dataclass(frozen=True)
class _Layout:
    """How the cells of a file become its mirror: the format's columns, and the names of the others by position.

    `stated`: what a column holds in every row, as the sidecar says.
    """

    columns: list[pl.Expr]
    others: dict[str, str]
    order: list[str]
    stated: dict[str, str]


def read_table(path: Path, kind: Kind, sidecar: Sidecar) -> Mirror:
    """Read one file. Raises UnusableInput where the file as a whole cannot be used."""
    grid = without_tags(_grid(path, kind, sidecar), kind, sidecar, path.name)
    header, known, filled = resolve(grid, kind, sidecar, path.name)
    grid = filled_down(grid, header, known, path.name)
    total = grid.height + len(grid.problems)
    if total == 0:
        raise UnusableInput(f"{path.name}: a header and no rows; export the file again")
    if len(grid.problems) > UNREADABLE_LIMIT_SHARE * total:
        line, reason, found = grid.problems[0]
        raise UnusableInput(
            f"{path.name}: {len(grid.problems)} of {total} rows cannot be read, more than "
            f"{UNREADABLE_LIMIT_SHARE:.0%} (first: line {line}, {reason}{', ' + found if found else ''}); mend the file"
        )
    positions = known.match(header)
    at = {ours: [str(position) for position, meant in positions.items() if meant == ours] for ours in known.columns}
    _refuse_two_answers(at, header, grid, path.name)
    others = _others(header, positions, grid)
    notes = [*grid.notes, *_unused(header, positions, others, grid, path.name, holder_columns(header, sidecar))]
    stated = dict(sidecar.every_row)
    if (sidecar.sheet or sidecar.sheets) and path.suffix.lower() not in EXCEL_ENDINGS:
        key = "sheet" if sidecar.sheet else "sheets"
        notes.append(
            f"{path.name}: {key} in the sidecar names sheets of a workbook; this file has none, and all was read"
        )
    for column, word in sidecar.every_row.items():
        notes.append(
            f"{path.name}: {column} is {word} in every row, as the sidecar states; the file has no such column"
        )
    if filled and sidecar.reference_date:
        stated[filled] = day = sidecar.reference_date.isoformat()
        notes.append(f"{path.name}: {filled} is {day} in every row, as the sidecar states; the file has no such column")
    layout = _Layout(_columns(at), others, [*BOOKKEEPING, *known.columns, "extra"], stated)
    rows = _mirror(layout, grid)
    names = [column for column in cells.NAME_COLUMNS if column in known.columns]
    notes += cells.notes(batches(rows, names), path.name) if names else ()
    return Mirror(known.name, rows, tuple(notes), grid.sheet)


def _grid(path: Path, kind: Kind, sidecar: Sidecar) -> Grid:
    ending = path.suffix.lower()
    if ending in TEXT_ENDINGS:
        return read_text(path, kind, sidecar)
    if ending in EXCEL_ENDINGS:
        return read_excel(path, kind, sidecar)
    if ending in JSON_ENDINGS:
        return read_json(path)
    if ending == ".parquet":
        return _read_parquet(path)
    if ending in OTHER_WORKBOOKS:
        raise UnusableInput(f"{path.name}: a workbook with the ending {ending} is not read; save it as .xlsx or .csv")
    raise UnusableInput(
        f"{path.name}: the ending {ending or 'none'!r} is not one of {', '.join(sorted(TABLE_ENDINGS))}; "
        "save it as CSV, Excel (.xlsx) or Parquet"
    )


def _mirror(layout: _Layout, grid: Grid) -> Rows:
    """The rows of a file with the lines that are none, in the order of the file."""
    if grid.spilled is None:
        return _mirrored(layout, grid.cells, grid.lines, grid.problems)
    rows = SpilledRows()
    for (block, lines), problems in zip(grid.blocks(), _by_block(grid), strict=True):
        rows.append(_mirrored(layout, block, lines, problems))
    grid.spilled.close()
    return rows


def _by_block(grid: Grid) -> Iterator[list[Problem]]:
    """The lines that are no rows, with the block that they stand in or before; the last takes those behind it too."""
    numbers = [line for line, _, _ in grid.problems]
    ends = accumulate((int(lines[-1]) if lines.len() else 0 for _, lines in grid.blocks([])), max)
    starts = [0, *(bisect_right(numbers, end) for end in ends)][:-1]
    for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
        yield grid.problems[start:end]


def _mirrored(layout: _Layout, cells: pl.DataFrame, lines: pl.Series, problems: list[Problem]) -> pl.DataFrame:
    frame = cells.select(*layout.columns).with_columns(
        lines.alias("row_number"),
        _packed(cells, layout.others).alias("extra"),
        *(pl.lit(None, dtype=pl.String).alias(c) for c in ("problem", "problem_found")),
    )
    if problems:
        numbers, reasons, found = zip(*problems, strict=True)
        broken = pl.DataFrame({"row_number": numbers, "problem": [str(r) for r in reasons], "problem_found": found})
        frame = pl.concat([frame, broken.cast({"row_number": pl.Int64})], how="diagonal").sort("row_number")
    read = pl.col("problem").is_null()
    return frame.select(layout.order).with_columns(
        pl.when(read).then(pl.lit(word)).alias(column) for column, word in layout.stated.items()
    )


def _columns(at: dict[str, list[str]]) -> list[pl.Expr]:
    """The columns of a format, of the cells at their positions in the file."""
    return [pl.coalesce(*map(_filled, found)).alias(ours) if len(found) > 1 else
            pl.col(found[0]).alias(ours) if found else pl.lit(None, dtype=pl.String).alias(ours)
            for ours, found in at.items()]  # fmt: skip


def _others(header: list[str], positions: dict[int, str], grid: Grid) -> dict[str, str]:
    """Position -> name of the columns that no format knows.

    One without a name is kept where it holds something; trailing separators leave empty ones behind.
    """
    again = {i: at for at in doubled(header).values() for i in at}
    unnamed = [str(i) for i in range(len(header)) if i not in positions and not header[i].strip()]
    holding: set[str] = set()
    for block, _ in grid.blocks(unnamed) if unnamed else ():
        holding |= {i for i in unnamed if _holds_text(block[i])}
    return {
        str(i): _unused_name(header, i, again)
        for i in range(len(header))
        if i not in positions and (header[i].strip() or str(i) in holding)
    }


def _unused(
    header: list[str], positions: dict[int, str], others: dict[str, str], grid: Grid, name: str, holders: list[str]
) -> list[str]:
    """What is said of columns and names that are not used."""
    unused = [other for other in others.values() if other not in {cell.strip() for cell in holders}]
    notes = [f"{name}: columns not used: {', '.join(' '.join(one.split()) for one in unused)}"] if unused else []
    for places in doubled(header).values():
        if places[0] in positions:
            continue
        numbers = ", ".join(str(i + 1) for i in places)
        stated = header[places[0]].strip()
        notes.append(f"{name}: {stated!r} stands {len(places)} times (columns {numbers}) and is not used")
    notes += [f"{record}: the name {twice!r} stands twice and is not used: its last value was kept"
              for twice, record in grid.twice.items()]  # fmt: skip
    return notes


def _filled(position: str) -> pl.Expr:
    return pl.when(pl.col(position).str.strip_chars() != "").then(pl.col(position))


def _refuse_two_answers(at: dict[str, list[str]], header: list[str], grid: Grid, name: str) -> None:
    """Columns of several versions of a form are one column where no row fills two of them differently."""
    for ours, positions in at.items():
        if len(positions) < 2:
            continue
        answers = pl.concat_list(*(_filled(position).str.strip_chars() for position in positions)).list.drop_nulls()
        found = [lines.filter(block.select(answers.list.n_unique() > 1).to_series())
                 for block, lines in grid.blocks(positions)]  # fmt: skip
        count = sum(lines.len() for lines in found)
        if count:
            columns = " and ".join(f"{header[int(p)].strip()!r} (column {int(p) + 1})" for p in positions)
            first = next(lines[0] for lines in found if lines.len())
            raise UnusableInput(
                f"{name}, line {first}: {columns} both mean {ours} and hold different answers in "
                f"{count} rows; they are joined only where a row fills one of them: keep the one that is meant"
            )


def _unused_name(header: list[str], position: int, again: dict[int, list[int]]) -> str:
    """The name under which a column that no format knows is kept: with its position where it is not the only one."""
    stated = header[position].strip()
    return f"{stated} (column {position + 1})" if stated and position in again else stated or f"column {position + 1}"


def _holds_text(cells: pl.Series) -> bool:
    return bool((cells.str.strip_chars() != "").any())


def _packed(cells: pl.DataFrame, others: dict[str, str]) -> pl.Series:
    """The cells of other columns that hold something as one JSON object a row; null where there are no such columns."""
    if not others:
        return pl.repeat(None, cells.height, dtype=pl.String, eager=True)
    blocks = [pl.Series([], dtype=pl.String)]
    names, kept = list(others.values()), cells.select(list(others))
    for start in range(0, cells.height, BLOCK_ROWS):
        rows = kept.slice(start, BLOCK_ROWS).rows()
        packed = [json.dumps({k: v for k, v in zip(names, row, strict=True) if v}, ensure_ascii=False) for row in rows]
        blocks.append(pl.Series(packed, dtype=pl.String))
    return pl.concat(blocks)


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
    except pl.exceptions.DuplicateError:
        frame = _with_names_twice(path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise UnusableInput(
            f"{path.name}: the Parquet file cannot be read ({first_line(error, path)}); export it again"
        ) from error
    nested = [
        name.split(_AGAIN)[0]
        for name, dtype in frame.schema.items()
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object)
    ]
    text = frame.select(~(cs.nested() | cs.binary() | cs.object())).select(pl.all().cast(pl.String, strict=False))
    notes = (f"{path.name}: columns that are no text, number or date, not kept: {', '.join(nested)}",) if nested else ()
    names = text.columns
    header = [name.split(_AGAIN)[0] for name in names]
    lines = pl.int_range(1, text.height + 1, eager=True)
    return Grid(header, text.rename(dict(zip(names, schema(len(names)), strict=True))), lines, notes=notes)


def _with_names_twice(path: Path) -> pl.DataFrame:
    """A Parquet file that names columns twice, which Polars does not read: the later ones get a mark behind theirs."""
    from pyarrow import parquet

    file = parquet.ParquetFile(path)
    names = file.schema_arrow.names
    cells = file.metadata.num_rows * len(names)
    if cells > CELLS_LIMIT:
        raise UnusableInput(f"{path.name}: {cells:,} cells is over the limit of {CELLS_LIMIT:,}; split the file")
    marked = [name if name not in names[:at] else f"{name}{_AGAIN}{at}" for at, name in enumerate(names)]
    return pl.DataFrame(pl.from_arrow(file.read().rename_columns(marked)))
