"""Cells that a sender may get wrong or an attacker may try: numbers, dates, places, words, characters.

Not here: rows and columns (structure), bytes (files).
"""

from collections.abc import Callable
from random import Random

from tests.fuzz.invented import Sheet

NUMBERS = (
    "-5", "-0", "+5", "3.7", "12.0", "12.00000", "1,234", "1,23,4", "1.234,5", "nan", "NaN", "inf", "-inf", "Infinity",
    "1e3", "1e400", "1e-400", "1e308", "0x10", "1_000", "1 000", "9" * 18, "9" * 19, "9" * 400, "60000001", "100001",
    "9223372036854775807", "-9223372036854775809", "၁၂၃", "١٢", "１２", "²", "½", "12%", "~50", "50+", "5-10", "True",
    "0", "00012", ".5", "5.", "1.", "--5", "5 persons", "#DIV/0!", "#REF!", "#N/A", "#VALUE!", "NULL", "n/a", "-", "—",
)  # fmt: skip
DAYS = (
    "2022-02-31", "2022-02-29", "2024-02-29", "0025-01-01", "0000-00-00", "9999-12-31", "99999-01-01", "-2022-01-01",
    "2022-13-01", "04/03/2022", "31/12/2022", "12/31/2022", "3 April 2022", "03-Apr-2022", "2022-3-4", "20220304",
    "2022/03/04", "4.3.22", "44624", "44624.5", "1646352000", "1646352000.0", "99999999999", "2022-03-04T25:61:61",
    "2022-03-04T10:00:00+06:30", "2022-03-04 10:00:00Z", "2022-03-04T10:00:00+99:99", "2022-03-04 00:00:00.000",
    "2022-03-04T00:00", "2022-03-04 24:00:00", "2022-03-04T10:00:00.99999999999999999999", "1988-12-31", "1989-01-01",
    "2024-05-31", "2024-06-01", "2024-06-02", "2999-01-01", "2022-03", "2022", "March 2022", "၂၀၂၂-၀၃-၀၄", "today",
    "２０２２-０３-０４", "2022-03-04 ", "2022‐03‐04", "262142-01-01", "2022-03-04T00:00:00\u200b",
)  # fmt: skip
PLACES = (
    "mmr001001", " MMR001001 ", "MMR001001\u200b", "\ufeffMMR001001", "MMR\u00a0001001", "MMR 001 001", "MMR001",
    "MMR999999", "MMR001001001", "MM001001", "MMR00100၁", "MMR001001;MMR001002", "Htantabin", "Minhla", "Htantabin (Y)",
    "Dagon (South)", "Kachin", "Bago", "Yangon township", "မြို့နယ်", "Nowhere", "Total", "Grand total", "96.1", "22.1",
    "0", "0.0", "91", "-91", "181", "-180", "1e2", "22°10'", "96.1E", "22,5", "9" * 30, "95.00000000000000000001",
    "-22.1", "1e308", "1e999",
)  # fmt: skip
TEXTS = (
    "", " ", "\t", "\n", "\r\n", "a\nb\r\nc\rd", '"', '""', '"a', "'", "\\", ",", ";", "=HYPERLINK(\"http://x\",\"y\")",
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\tcmd", "\r=1", "<script>alert(1)</script>", "]]>", "&amp;",
    "'; DROP TABLE x;--", "../../etc/passwd", "${jndi:x}", "{0}", "%s%n", "\u202eabc\u202c", "\u2066x\u2069", "\u200b",
    "\u200d\u200c", "\ufeff", "\u2028", "\u0085", "\x01", "\x1e", "\x1f", "\x0b", "\x0c", "\x7f", "\u0000x", "\ufffe",
    "\ufffd", "\U0001f600", "e\u0301" * 50, "ကခဂ", "ျမန္မာ", "yes", "no", "maybe", "CLASH", "Battles", "state", "null",
    "None", "true", "1", "#N/A", "x" * 40_000, "\ud800", "a\udfffb",
)  # fmt: skip
_ANY = (*NUMBERS, *DAYS, *PLACES, *TEXTS)
HUGE = "x" * 2_000_000


def some_cells(sheet: Sheet, random: Random) -> None:
    """One to six cells, each with a value of any sort."""
    for _ in range(random.randint(1, 6)):
        _put(sheet, random, random.choice(_ANY))


def fitting_cells(sheet: Sheet, random: Random) -> None:
    """Wrong values where they can do harm: numbers under counts, days under dates, places under places."""
    for _ in range(random.randint(1, 8)):
        if not sheet.rows or not sheet.header:
            return
        at = random.randrange(len(sheet.header))
        name = sheet.header[at].casefold()
        if "date" in name or name.endswith(("_at", "_time", "stamp")):
            pool: tuple[str, ...] = DAYS
        elif any(word in name for word in ("pcode", "township", "adm", "name", "itude", "location", "coordinates")):
            pool = PLACES
        else:
            pool = NUMBERS if random.random() < 0.7 else TEXTS
        _put(sheet, random, random.choice(pool), at)


def one_column(sheet: Sheet, random: Random) -> None:
    """A whole column with the same value, or with blanks."""
    if sheet.header:
        at, value = random.randrange(len(sheet.header)), random.choice(("", *_ANY))
        for row in sheet.rows:
            if at < len(row):
                row[at] = value


def blank_row(sheet: Sheet, random: Random) -> None:
    if sheet.rows:
        row = random.choice(sheet.rows)
        row[:] = [""] * len(row)


def swapped_coordinates(sheet: Sheet, random: Random) -> None:
    if {"longitude", "latitude"} <= {*sheet.header}:
        a, b = sheet.header.index("longitude"), sheet.header.index("latitude")
        for row in sheet.rows:
            if max(a, b) < len(row) and random.random() < 0.5:
                row[a], row[b] = row[b], row[a]


def huge_cell(sheet: Sheet, random: Random) -> None:
    _put(sheet, random, HUGE)


def lowered_places(sheet: Sheet, random: Random) -> None:
    """Township codes and names as people type them."""
    change: Callable[[str], str] = random.choice((str.lower, str.upper, str.title, lambda t: f"  {t}\u200b "))
    for row in sheet.rows:
        for at, cell in enumerate(row[: len(sheet.header)]):
            if "adm" in sheet.header[at] or "ownship" in sheet.header[at]:
                row[at] = change(cell)


def _put(sheet: Sheet, random: Random, value: str, at: int | None = None) -> None:
    rows = [row for row in sheet.rows if row]
    if rows:
        row = random.choice(rows)
        at = random.randrange(len(row)) if at is None else at
        if at < len(row):
            row[at] = value


MUTATIONS = (some_cells, fitting_cells, one_column, blank_row, swapped_coordinates, huge_cell, lowered_places)
