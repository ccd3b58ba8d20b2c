"""Reads a file of published figures, such as data/reference/published_figures.csv.

One row a figure: figure, value, unit, day, source.
"""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.declare.errors import UnusableInput

COLUMNS = ("figure", "value", "unit", "reference_date", "source")
_LARGEST_BYTES = 1_000_000
_MOST = {"townships": 330.0, "percent": 100.0}  # there are 330 townships in the list that all figures count


@dataclass(frozen=True)
class FiguresFile:
    """The rows of a file in its order, text as written but for the day; its name and hash say which file it was."""

    name: str
    sha256: str
    rows: pl.DataFrame

    def printed(self, units: Mapping[str, str]) -> dict[str, str]:
        """Figure -> number as printed, of those named in `units` (figure -> townships or percent).

        Raises UnusableInput for a value that is no number, lies outside what the unit allows, has another unit, or
        is given twice.
        """
        found = {}
        for row in self.rows.filter(pl.col("figure").is_in(list(units))).iter_rows(named=True):
            figure, value, unit = row["figure"], row["value"].strip(), units[row["figure"]]
            where = f"{self.name}, line {row['line']}, {figure}"
            if figure in found:
                raise UnusableInput(f"{where}: the figure stands in an earlier line too; keep one of them")
            if row["unit"].split()[:1] != [unit]:
                raise UnusableInput(
                    f"{where}: the unit is {row['unit']!r}; it must be stated in {unit}, beginning with that word"
                )
            number = _number(value)
            if number is None or not 0 <= number <= _MOST[unit]:
                raise UnusableInput(f"{where}: value {value!r} is no number from 0 to {_MOST[unit]:g}; mend it")
            if unit == "townships" and number != int(number):
                raise UnusableInput(f"{where}: value {value!r} is no whole number of townships; mend it")
            found[figure] = value
        return found


def read_figures(path: Path) -> FiguresFile:
    """The figures of a CSV file (UTF-8). Raises UnusableInput for one that is absent or cannot be read as such."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= _LARGEST_BYTES else b""
    except OSError as error:
        raise UnusableInput(
            f"--to {path}: cannot be read ({error.strerror}); give a file such as data/reference/published_figures.csv"
        ) from error
    if size > _LARGEST_BYTES:
        raise UnusableInput(f"--to {path}: {size:,} bytes is more than a list of published figures; give that list")
    try:
        lines = list(csv.reader(data.decode("utf-8-sig").splitlines(), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusableInput(f"--to {path}: no CSV file in UTF-8 ({error}); save it as one") from error
    header = [cell.strip() for cell in lines[0]] if lines else []
    if sorted(header) != sorted(COLUMNS):
        raise UnusableInput(
            f"--to {path}: the columns are {', '.join(header)[:200] or 'missing'}; they must be {', '.join(COLUMNS)}"
        )
    rows = []
    for line, cells in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise UnusableInput(f"--to {path}, line {line}: {len(cells)} values for {len(header)} columns; mend it")
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        try:
            day = date.fromisoformat(row["reference_date"])
        except ValueError as error:
            raise UnusableInput(
                f"--to {path}, line {line}: reference_date {row['reference_date']!r} is no day; write YYYY-MM-DD"
            ) from error
        rows.append({**row, "reference_date": day, "line": line})
    schema = {**dict.fromkeys(COLUMNS, pl.String), "reference_date": pl.Date, "line": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema)
    return FiguresFile(path.name, hashlib.sha256(data).hexdigest(), frame)


def _number(text: str) -> float | None:
    """The number of a text in plain digits; None for anything else, such as 1e3, nan or 1,000."""
    if not text or set(text) - set("0123456789.+-"):
        return None
    try:
        return float(text)
    except ValueError:
        return None
