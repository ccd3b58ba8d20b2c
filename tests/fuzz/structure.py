"""Rows, columns, headers and sidecars that a sender may get wrong.

Not here: single cells (cells), bytes (files).
"""

from collections.abc import Callable
from random import Random

from pipeline.declare.codes import Kind
from pipeline.declare.formats import DATE_FORMATS
from tests.fuzz.invented import Sheet

_ODD_TOML = (
    "5", "-1.5", "nan", "true", "2022-09-09", "2022-09-09T10:00:00Z", "10:00:00", "[]", "['a']", "{ a = 1 }", '""',
    '"zero"', '"unknown"', '"2022-02-31"', '"2022-09-09"', '"%d/%m/%Y"', '"%Q"', '"\\u202e"', '"a\\nb"', '"x"', "''",
    "2999-01-01", "0001-01-01", "9" * 400,
    '"parts"', '"period"', '"total"', '"file"', '"all"', '"24.1"', '"Kachin, Sagaing"',
    '{ event_type = { x = "clash" } }', '{ controller = { "SAC" = "state" } }', '{ electricity = { ok = "yes" } }',
)  # fmt: skip
_KEYS = (
    "source", "licence", "absence_means", "date_format", "coverage", "citation", "access_date", "query", "sheet",
    "reference_date", "covered_until", "synthetic", "columns", "referencedate", "odd", '"a b"', '"\\n"',
    "rows", "new_is", "id_scope", "sheets", "release", "values",
)  # fmt: skip
_BROKEN_TOML = (
    "source = ",
    "[columns",
    "\x00",
    "a = 1\na = 2",
    "=",
    '"',
    "[columns]\n[columns]",
    "a.b = 1\na = 2",
    "é",
)


def drop_column(sheet: Sheet, random: Random) -> None:
    if sheet.header:
        at = random.randrange(len(sheet.header))
        _each(sheet, lambda row: row[:at] + row[at + 1 :])


def rename_column(sheet: Sheet, random: Random) -> None:
    """A header misspelt, emptied, or called as another column."""
    if sheet.header:
        at = random.randrange(len(sheet.header))
        cell = sheet.header[at]
        names = (cell[:-1], cell + "s", "", "Note", " ", cell[::-1], random.choice(list(sheet.format.columns)))
        sheet.header[at] = random.choice(names)


def spelled_header(sheet: Sheet, random: Random) -> None:
    """Headers as real files carry them: capitals, blanks, line breaks, a byte order mark in the middle."""
    for at, cell in enumerate(sheet.header):
        dressed = (cell, cell.upper(), cell.title(), f" {cell} ", f"{cell}\n", f"\ufeff{cell}", f"{cell}\u200b")
        sheet.header[at] = random.choice(dressed)


def duplicate_column(sheet: Sheet, random: Random) -> None:
    if sheet.header:
        at = random.randrange(len(sheet.header))
        _each(sheet, lambda row: [*row, *row[at : at + 1]])


def reorder_columns(sheet: Sheet, random: Random) -> None:
    order = list(range(len(sheet.header)))
    random.shuffle(order)
    _each(sheet, lambda row: [row[at] for at in order] if len(row) == len(order) else row)


def extra_columns(sheet: Sheet, random: Random) -> None:
    """Columns that the format does not know: named, nameless, or with nothing in them."""
    name = random.choice(
        ("Note", "", " ", "x,y;z", "=1+1", "\u202e", '"', "extra", "row_number", "problem", "delivery_id")
    )
    cells = random.choice((("",), ("seen", "", "a,b"), ("\x01",)))
    front = random.random() < 0.3
    add = [random.choice(cells) for _ in sheet.rows]
    sheet.header = [name, *sheet.header] if front else [*sheet.header, name]
    sheet.rows = [
        row and ([cell, *row] if front else [*row, cell]) for row, cell in zip(sheet.rows, add, strict=True)
    ]  # fmt: skip


def reorder_rows(sheet: Sheet, random: Random) -> None:
    random.shuffle(sheet.rows)


def duplicate_rows(sheet: Sheet, random: Random) -> None:
    """Some rows again, as they are or with one cell of another row."""
    for row in random.sample(sheet.rows, min(len(sheet.rows), random.randint(1, 5))):
        again = list(row)
        other = random.choice(sheet.rows)
        if again and random.random() < 0.6:
            at = random.randrange(len(again))
            again[at] = other[at] if at < len(other) else ""
        sheet.rows.insert(random.randint(0, len(sheet.rows)), again)


def blank_lines(sheet: Sheet, random: Random) -> None:
    for _ in range(random.randint(1, 4)):
        sheet.rows.insert(random.randint(0, len(sheet.rows)), random.choice(([], [], [" "])))


def ragged_row(sheet: Sheet, random: Random) -> None:
    """One row too short or too long: set aside in a file of twenty rows or more, else the file is refused."""
    if sheet.rows:
        row = random.choice(sheet.rows)
        row[:] = row[: random.randrange(len(row))] if row and random.random() < 0.5 else [*row, "over"]


def title_rows(sheet: Sheet, random: Random) -> None:
    lines: tuple[list[str], ...] = (
        ["Displacement, 2022"],
        [],
        ["", "", "as reported"],
        ["<b>Title</b>"],
        ["a", "b", "c"],
        ["{"],
    )
    sheet.titles = [list(random.choice(lines)) for _ in range(random.randint(1, 4))]


def hxl_row(sheet: Sheet, random: Random) -> None:
    tags = ("#adm3+code", "#affected+idps", "#date", "#event+id", "", "#geo+lat")
    sheet.below_header = [[random.choice(tags) for _ in sheet.header]]


def header_again(sheet: Sheet, random: Random) -> None:
    sheet.rows.insert(random.randint(0, len(sheet.rows)), list(sheet.header))


def header_only(sheet: Sheet, random: Random) -> None:
    sheet.rows = []


def no_header(sheet: Sheet, random: Random) -> None:
    if sheet.rows:
        sheet.header = sheet.rows.pop(0)


def total_row(sheet: Sheet, random: Random) -> None:
    row = [random.choice(("", "12,345", "Total")) for _ in sheet.header]
    sheet.rows.append([random.choice(("Total", "Source: the team", "", "as of 1 May")), *row[1:]])


def wrong_kind(sheet: Sheet, random: Random) -> None:
    sheet.kind = random.choice([kind for kind in Kind if kind != Kind.BOUNDARIES])


def mapped(sheet: Sheet, random: Random) -> None:
    """Headers of the team's own with a mapping in the sidecar."""
    names = {s: ours for ours, known in sheet.format.columns.items() for s in known}
    for at, cell in enumerate(sheet.header):
        if cell in names and random.random() < 0.5:
            sheet.header[at] = f"Q{at} {random.choice(('Tag', 'နေ့', 'é', '[x]'))}"
            sheet.mapping[names[cell]] = sheet.header[at]


def mapped_nowhere(sheet: Sheet, random: Random) -> None:
    """A mapping to a header that is not there, of a column that is not known, or to one that is there already."""
    theirs = random.choice(("No such header", "", *sheet.header))
    sheet.mapping[random.choice(("number", "", "a.b", *sheet.format.columns))] = theirs


def odd_sidecar(sheet: Sheet, random: Random) -> None:
    """Known keys with values of any type, and unknown keys."""
    for key in random.sample(_KEYS, random.randint(1, 3)):
        if not any(line.startswith(key) for line in sheet.sidecar):
            sheet.sidecar.append(f"{key} = {random.choice(_ODD_TOML)}")


def broken_sidecar(sheet: Sheet, random: Random) -> None:
    sheet.sidecar.append(random.choice(_BROKEN_TOML))


def declared_dates(sheet: Sheet, random: Random) -> None:
    """A declared order of day and month, in the sidecar and in some of the cells."""
    from datetime import date

    declared = random.choice(DATE_FORMATS)
    sheet.sidecar.append(f'date_format = "{declared}"')
    written = random.choice((declared, declared, random.choice(DATE_FORMATS)))
    for at, name in enumerate(sheet.header):
        for row in sheet.rows if "date" in name.casefold() else []:
            try:
                row[at] = date.fromisoformat(row[at]).strftime(written)
            except (ValueError, IndexError):
                continue


def _each(sheet: Sheet, change: Callable[[list[str]], list[str]]) -> None:
    sheet.header = change(sheet.header)
    sheet.rows = [change(row) for row in sheet.rows]


MUTATIONS = (
    drop_column, rename_column, spelled_header, duplicate_column, reorder_columns, extra_columns, reorder_rows,
    duplicate_rows, blank_lines, ragged_row, title_rows, hxl_row, header_again, header_only, no_header, total_row,
    wrong_kind, mapped, mapped_nowhere, odd_sidecar, broken_sidecar, declared_dates,
)  # fmt: skip
