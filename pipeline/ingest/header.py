"""Which format a header means, with the sidecar's mapping, an HXL tag row and a stated reference date applied.

A file without a header is known where its format comes in one order of columns and the cells look like them.

Not here: the formats themselves (pipeline/sources/*/source.py), where in a sheet the header stands (excel).
"""

import difflib
import re
from dataclasses import replace

from pipeline.declare.codes import CONTROL_SHARES, Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.formats import FileFormat, check_header, check_match, doubled, fold, recognise, renamed
from pipeline.ingest import count_tables, hxl
from pipeline.ingest.cells import Grid
from pipeline.ingest.sidecar import Sidecar
from pipeline.records.holders import stated_side
from pipeline.sources import of_kind

HEADER_SEARCH_ROWS = 15  # titles stand above a header, never a table
SHOWN_CELLS, SHOWN_CHARACTERS = 12, 40  # of a header that no format knows
# The day of a report that a title or a file name often holds instead of a column.
DAY_COLUMNS = {
    Kind.DISPLACEMENT: "reference_date",
    Kind.SERVICES: "survey_date",
    Kind.CONTROL: "reference_date",
    Kind.POPULATION: "reference_date",
}
# What stands in a record and in no name of a column: a day, a number, a P-code.
_VALUE = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([ T].*)?|-?[0-9]+([.,][0-9]+)*|mmr[0-9]{6}")


def fits(header: list[str], below: list[str], kind: Kind, sidecar: Sidecar) -> bool:
    """Whether a row is a header of this kind: by its text, or by the tags in it or directly below it."""
    if hxl.is_tag_row(list(header)):
        return format_of(hxl.named_by_tags([""] * len(header), list(header), kind), kind, sidecar) is not None
    if format_of(header, kind, sidecar) is not None:
        return True
    tagged = hxl.is_tag_row(list(below))
    return tagged and format_of(hxl.named_by_tags(header, list(below), kind), kind, sidecar) is not None


def in_one_order(rows: list[list[str]], kind: Kind) -> list[str] | None:
    """The names of the columns of a file without a header: its format comes in one order and every row fits it.

    `rows` are the first of the file; None where no format is beyond doubt.
    """
    for known in of_kind(kind):
        names = list(known.columns)
        if not known.cells or not rows or any(len(row) != len(names) for row in rows):
            continue
        if all(
            re.fullmatch(look, row[names.index(name)].strip()) for row in rows for name, look in known.cells.items()
        ):
            return names
    return None


def without_tags(grid: Grid, kind: Kind, sidecar: Sidecar, name: str) -> Grid:
    """The grid without its HXL tag row; the tags name the columns where the header's text fits no format.

    The rows keep their numbers. A tag row in the place of the header names them too.
    """
    if hxl.is_tag_row(list(grid.header)):
        named = hxl.named_by_tags([""] * len(grid.header), list(grid.header), kind)
        note = f"{name}: the HXL tags in line {grid.header_line} name the columns"
        return replace(grid, header=named, notes=(*grid.notes, note))
    found = grid.first()
    if found is None or not hxl.is_tag_row(found[0]):
        return grid
    tags, line = found
    rest = grid.without_first()
    named = hxl.named_by_tags(grid.header, tags, kind)
    if format_of(grid.header, kind, sidecar) is None and format_of(named, kind, sidecar) is not None:
        note = f"{name}: the HXL tags in line {line} name the columns, for no format knows the header above them"
        return replace(rest, header=named, notes=(*grid.notes, note))
    return replace(rest, notes=(*grid.notes, f"{name}: the HXL tag row in line {line} is no record and was taken out"))


def resolve(grid: Grid, kind: Kind, sidecar: Sidecar, name: str) -> tuple[list[str], FileFormat, str | None]:
    """The header in our names, its format, and the day column that the sidecar's reference date fills, if one.

    Raises UnusableInput for a column named twice, a mapping that names what is not there, an unknown header.
    """
    where = f"{name}, line {grid.header_line}" if grid.header_line else name
    absent = not_in(grid.header, sidecar.columns)
    if absent:
        raise UnusableInput(
            f"{name}.toml: [columns] names {absent[0]!r}, which the header does not have; it holds "
            f"{shown(grid.header)}: mend it"
        )
    several = doubled(grid.header)
    for ours, theirs in sidecar.columns.items():
        if fold(theirs) in several:
            numbers = ", ".join(str(position + 1) for position in several[fold(theirs)])
            raise UnusableInput(
                f"{name}.toml: [columns] maps {ours} to {theirs!r}, which stands {len(several[fold(theirs)])} times "
                f"(columns {numbers}); rename the one that is meant in the file"
            )
    header = renamed(grid.header, sidecar.columns)
    lost = [ours for ours in sidecar.columns if ours not in header]
    if lost:
        raise UnusableInput(f"{name}.toml: [columns] maps {sidecar.columns[lost[0]]!r} to two columns; keep one")
    known, filled = _recognised(_given(header, kind, sidecar, name), kind, sidecar)
    check_header(header, (known,) if known else of_kind(kind), where)
    for again, record in grid.twice.items():
        if any(fold(again) == fold(cell) and f.match([own]) for cell, own in zip(grid.header, header, strict=True)
               for f in ((known,) if known else of_kind(kind))):  # fmt: skip
            raise UnusableInput(f"{record}: the name {again!r} stands twice; keep one")
    if known is None:
        explained = explain_unknown(grid.header, kind, sidecar.columns)
        raise UnusableInput(f"{where}: the header fits no {kind} format; {explained}")
    # A tally is a count of events by township, which is placed as its events were.
    told = None if known.name == "tallies" else count_tables.told_by_cells(grid, kind)
    if told:
        raise UnusableInput(f"{where}: a table of counts of events, not of events: {told}; {count_tables.ADVICE}")
    check_match(known, header, where)
    foreign = [ours for ours in sidecar.columns if not known.match([ours])]
    if foreign:
        raise UnusableInput(
            f"{name}.toml: [columns] maps to {foreign[0]!r}, which {known.name} does not have; "
            f"use one of {', '.join(known.columns)}"
        )
    return header, known, filled


def _given(header: list[str], kind: Kind, sidecar: Sidecar, name: str) -> list[str]:
    """The header with the columns of [every_row]; these must be columns of terms, and the file must lack them."""
    terms = {column for known in of_kind(kind) for column in known.terms}
    for column in sidecar.every_row:
        if column not in terms:
            these = f"these are: {', '.join(sorted(terms))}" if terms else "it has none"
            raise UnusableInput(f"{name}.toml: [every_row]: {column!r} is no column of terms of {kind}; {these}")
        if fold(column) in {fold(cell) for cell in header}:
            raise UnusableInput(
                f"{name}.toml: [every_row] gives {column}, which the file has as a column; remove the line, or the "
                "column"
            )
    return [*header, *sidecar.every_row]


def format_of(header: list[str], kind: Kind, sidecar: Sidecar) -> FileFormat | None:
    """The format of a header as the sidecar maps it; None where none fits."""
    own = [*renamed(header, sidecar.columns), *sidecar.every_row]
    return _recognised(own, kind, sidecar)[0]


def _recognised(header: list[str], kind: Kind, sidecar: Sidecar) -> tuple[FileFormat | None, str | None]:
    """The format of a header, and its day column where that is the sidecar's to fill.

    Columns of holders stand in for those of sides, which are made of them.
    """
    day = DAY_COLUMNS.get(kind) if sidecar.reference_date is not None else None
    held = CONTROL_SHARES[:1] if kind == Kind.CONTROL and holder_columns(header, sidecar) else ()
    for filled in dict.fromkeys((None, day)):
        for more in dict.fromkeys(((), held)):
            known = recognise([*header, *more, *([filled] if filled else [])], of_kind(kind))
            if known is not None:
                return known, filled
    return None, None


def holder_columns(header: list[str], sidecar: Sidecar) -> list[str]:
    """The headings that [holders] gives a side: each column holds the share of that holder."""
    return [cell for cell in header if sidecar.holders and fold(cell) and stated_side(cell, sidecar.holders)]


def explain_unknown(header: list[str], kind: Kind, columns: dict[str, str] | None = None) -> str:
    """Why no format fits: the nearest format, what it lacks, the nearest spelling of each, and what was found.

    `columns` is the sidecar's mapping; a header it names that is not there is the likeliest cause.
    """
    counts = count_tables.told_by_header(header, kind)
    if counts:
        return f"it is a table of counts of events, not of events: {counts}; {count_tables.ADVICE}"
    found, header = header, renamed(header, columns or {})

    def closeness(known: FileFormat) -> tuple[int, int]:
        present = set(known.match(header).values())
        return (-len(known.missing(present)), len(present))

    nearest = max(of_kind(kind), key=closeness)
    if not nearest.match(header) and sum(bool(_VALUE.fullmatch(fold(cell))) for cell in header) > 1:
        names = ", ".join(list(nearest.columns)[:4])
        return (
            f"it holds values ({shown(header)}), not names of columns; put a line with the names of the columns "
            f"({names}, …) above the first record"
        )
    lacking = nearest.missing(set(nearest.match(header).values()))
    cells = [fold(cell) for cell in header if fold(cell)]
    hints = []
    for name in lacking:
        close = difflib.get_close_matches(name, cells, n=1, cutoff=0.6)
        hints.append(f"{name!r}" + (f" (found {close[0]!r}: rename it)" if close else ""))
    absent = not_in(found, columns or {})
    remedy = (
        f"the sidecar's [columns] names {absent[0]!r}, which is not among them: mend it"
        if absent
        else 'a sidecar\'s [columns] can map them (our name = "their header")'
    )
    needs = f"the nearest format is {nearest.name}, which also needs {', '.join(hints)}"
    return f"{needs}. The header holds {shown(found)}; {remedy}"


def not_in(header: list[str], columns: dict[str, str]) -> list[str]:
    """The headers that a sidecar's mapping names and the file does not have."""
    present = {fold(cell) for cell in header}
    return [theirs for theirs in columns.values() if fold(theirs) not in present]


def shown(header: list[str]) -> str:
    """The first cells of a header as a message shows them."""
    cells = [fold(cell) for cell in header if fold(cell)]
    more = f" and {len(cells) - SHOWN_CELLS} more" if len(cells) > SHOWN_CELLS else ""
    return (", ".join(repr(cell[:SHOWN_CHARACTERS]) for cell in cells[:SHOWN_CELLS]) or "no text") + more
