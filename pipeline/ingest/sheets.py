"""The sheets of a workbook as one delivery, and cells merged over rows in each row that they stand for.

Not here: reading a sheet (excel), what its XML tells (sheet_xml).
"""

from dataclasses import replace
from pathlib import Path

import polars as pl

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.formats import FIGURES, SHEET_STEP, FileFormat, fold
from pipeline.ingest.cells import Grid, schema
from pipeline.ingest.header import format_of, without_tags
from pipeline.ingest.sidecar import Sidecar

_Column = tuple[str, int]  # a name as it is compared, and which of the columns of that name it is


def together(path: Path, kind: Kind, sidecar: Sidecar, sheets: dict[str, Grid], names: list[str]) -> Grid:
    """The rows of all sheets under the columns of the first, found by name; further ones follow.

    `sheets` are those with a header of this kind, `names` those of the workbook. Every row keeps its number, the
    second sheet's from 10,000,000, the third's from 20,000,000. Raises UnusableInput for sheets of several formats.
    """
    grids = {name: without_tags(grid, kind, sidecar, f"{path.name}, {name}") for name, grid in sheets.items()}
    formats = {name: known.name for name, grid in grids.items() if (known := format_of(grid.header, kind, sidecar))}
    if len(set(formats.values())) > 1:
        said = ", ".join(f"{name!r} ({known})" for name, known in formats.items())
        raise UnusableInput(
            f"{path.name}: the sheets are of several formats: {said}; deliver them one by one, by sheet ="
        )
    columns: dict[_Column, str] = {}
    for grid in grids.values():
        for column, cell in zip(_columns(grid.header), grid.header, strict=True):
            columns.setdefault(column, cell)
    position = {column: n for n, column in enumerate(columns)}
    frames, lines, merged, notes = [], [], [], []
    for step, (name, grid) in enumerate(grids.items()):
        own = {column: str(n) for n, column in enumerate(_columns(grid.header))}
        none = pl.lit(None, dtype=pl.String)
        frames.append(
            grid.cells.select((pl.col(own[c]) if c in own else none).alias(str(n)) for c, n in position.items())
            if grid.height
            else pl.DataFrame(schema=schema(len(columns)))
        )
        lines.append(grid.lines + step * SHEET_STEP)
        at = [position[column] for column in _columns(grid.header)]
        merged += [(f + step * SHEET_STEP, e + step * SHEET_STEP, at[c], text) for f, e, c, text in grid.merged]
        numbered = f"row {step * SHEET_STEP:,} + n is its row n" if step else "rows as numbered in it"
        notes.append(f"{path.name}: read the sheet {name!r}, {grid.height} rows; {numbered}")
        lacking = [cell for column, cell in columns.items() if column not in own and cell.strip()]
        if lacking:
            notes.append(f"{path.name}: the sheet {name!r} has no column {', '.join(lacking)}: blank in its rows")
        notes += grid.notes
    unread = [name for name in names if name not in grids]
    if unread:
        notes.append(f"{path.name}: no header of a {kind} format, or hidden, not read: {', '.join(map(repr, unread))}")
    first = next(iter(grids.values()))
    return Grid(
        list(columns.values()), pl.concat(frames), pl.concat(lines), header_line=first.header_line,
        notes=tuple(notes), merged=tuple(merged),
    )  # fmt: skip


def filled_down(grid: Grid, header: list[str], known: FileFormat, name: str) -> Grid:
    """The grid with the text of cells merged over rows in each of them, where the format uses the column.

    Merged cells say "the same for all of these", as a state over its townships does. A figure over several rows is
    their sum or one of them, which cannot be known. Raises UnusableInput for it.
    """
    used = known.match(header)
    filled: dict[int, list[str | None]] = {}
    for first, last, position, text in grid.merged:
        inside = grid.lines.is_between(first, last).arg_true().to_list()
        if position not in used or len(inside) < 2 or not text.strip():
            continue
        if used[position] in FIGURES:
            row = first % SHEET_STEP
            raise UnusableInput(
                f"{name}, row {row}: one figure ({text.strip()[:40]}) in {grid.header[position].strip()!r} is merged "
                f"over the rows {row} to {last % SHEET_STEP}, and what each of them has cannot be known; unmerge the "
                "cells and write a figure into each row, or leave it blank where it is not known"
            )
        column = filled.setdefault(position, grid.cells[str(position)].to_list())
        for at in inside:
            column[at] = text
    if not filled:
        return grid
    cells = grid.cells.with_columns(pl.Series(str(p), column, dtype=pl.String) for p, column in filled.items())
    said = ", ".join(grid.header[position].strip() for position in sorted(filled))
    return replace(grid, cells=cells, notes=(*grid.notes, f"{name}: cells merged over rows hold for each row: {said}"))


def _columns(header: list[str]) -> list[_Column]:
    seen: dict[str, int] = {}
    found = []
    for cell in header:
        name = fold(cell)
        seen[name] = seen.get(name, -1) + 1
        found.append((name, seen[name]))
    return found
