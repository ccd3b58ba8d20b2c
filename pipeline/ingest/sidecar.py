"""The optional `<file>.toml` beside a file: what its sender says of it.

A sender's own words in coded columns: the sidecar's [values] held against the format and the file's cells.
"""

import difflib
import json
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.codes import Absence, NewIs, Side
from pipeline.declare.errors import UnusableInput
from pipeline.declare.formats import DATE_FORMATS, fold
from pipeline.declare.settings import sidecar_path
from pipeline.declare.terms import AMBIGUOUS_EVENT, SHOWN_EVENT_TERMS
from pipeline.records.vetting import EXAMPLES, version
from pipeline.sources import BY_NAME
from pipeline.storage.spilled_rows import Rows, batches

_TEXT = ("source", "licence", "absence_means", "date_format", "coverage", "citation", "access_date", "query", "sheet",
         "sheets", "url", "revised_until", "rows", "new_is", "id_scope", "release", "zero_means", "holder")  # fmt: skip
# Words that say how the rows are meant, with those that are read.
_CHOICES = {"rows": ("parts",), "new_is": tuple(str(word) for word in NewIs),
            "zero_means": (str(Absence.UNKNOWN),)}  # fmt: skip
SEVERAL_TERMS = r"[,;|+&]"  # between the items of a cell that names several
_KNOWN = {
    *_TEXT, "reference_date", "covered_until", "synthetic", "primary", "columns", "values", "every_row", "holders"
}  # fmt: skip


@dataclass(frozen=True)
class Sidecar:
    """What is stated; None or empty where it is not."""

    source: str | None = None
    licence: str | None = None
    reference_date: date | None = None
    covered_until: date | None = None
    absence_means: Absence | None = None
    date_format: str | None = None
    coverage: str | None = None
    sheet: str | None = None
    sheets: str | None = None  # "all": every sheet with a header of this kind, as one delivery
    query: str | None = None  # what was asked of a live source, without keys
    revised_until: str | None = None  # the source's own time of its newest change in the file
    rows: str | None = None  # "parts": the rows of one township, day and source are parts of it
    new_is: str | None = None  # whether idps_new_persons is the running total or that of each row's own period
    id_scope: str | None = None  # "file": its event numbers mean nothing outside of the file
    release: str | None = None  # UCDP's version, such as 24.1
    zero_means: str | None = None  # "unknown": a figure of 0 is a township that was not reported on
    holder: str | None = None  # of control: the column that says who holds an area or a town
    synthetic: bool = False
    primary: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    # Our column -> the sender's word as it is compared -> ours.
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    every_row: dict[str, str] = field(default_factory=dict)  # our column of terms that the file lacks -> its word
    holders: dict[str, str] = field(default_factory=dict)  # the file's name of a holder, as it is compared -> its side
    notes: tuple[str, ...] = ()

    def meaning(self) -> str:
        """What of it changes how the rows are read, as one stable text: part of a delivery's identity."""
        text = repr((self.source, self.reference_date, self.covered_until, self.absence_means, self.date_format,
                     self.coverage, self.synthetic, sorted(self.columns.items())))  # fmt: skip
        # Added only where stated, so that what was delivered before keeps its id.
        text += "|primary" if self.primary else ""
        text += f"|sheets={self.sheets}" if self.sheets else ""
        text += f"|values={self.words()}" if self.values else ""
        text += f"|rows={self.rows}" if self.rows else ""
        text += f"|new_is={self.new_is}" if self.new_is else ""
        text += f"|id_scope={self.id_scope}" if self.id_scope else ""
        text += f"|zero_means={self.zero_means}" if self.zero_means else ""
        text += f"|holder={self.holder}" if self.holder else ""
        text += f"|holders={self.sides()}" if self.holders else ""
        return text + (f"|release={self.release}" if self.release else "")

    def words(self) -> str | None:
        """The mapping of words as one stable text, as a delivery keeps it; None without one."""
        return json.dumps(self.values, ensure_ascii=False, sort_keys=True) if self.values else None

    def sides(self) -> str | None:
        """The sides of the holders as one stable text, as a delivery keeps it; None without any."""
        return json.dumps(self.holders, ensure_ascii=False, sort_keys=True) if self.holders else None


def read_sidecar(file: Path) -> Sidecar:
    """The sidecar of a file, or an empty one. Raises UnusableInput for a damaged or impossible statement."""
    path = sidecar_path(file)
    if not path.exists():
        return Sidecar()
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnusableInput(f"{path.name}: not valid TOML: {error}; mend it or remove it") from error
    for key in _TEXT:
        if key in stated and not isinstance(stated[key], (str, date) if key == "access_date" else str):
            raise UnusableInput(f"{path.name}: {key} must be text in quotes")
    if stated.get("date_format", DATE_FORMATS[0]) not in DATE_FORMATS:
        raise UnusableInput(
            f"{path.name}: date_format {stated['date_format']!r} is not one of {', '.join(DATE_FORMATS)}; "
            "write one of them, or remove it for ISO dates"
        )
    if "sheets" in stated and stated["sheets"] != "all":
        raise UnusableInput(
            f'{path.name}: sheets is {stated["sheets"]!r}; write sheets = "all" for every sheet with the same header, '
            "or sheet = with the name of one"
        )
    if "sheets" in stated and "sheet" in stated:
        raise UnusableInput(
            f'{path.name}: sheet names one sheet and sheets = "all" asks for every one; keep one of them'
        )
    for key, words in _CHOICES.items():
        if key in stated and stated[key] not in words:
            allowed = " or ".join(f'"{word}"' for word in words)
            raise UnusableInput(f"{path.name}: {key} is {stated[key]!r}; write {allowed}, or remove the line")
    absence = stated.get("absence_means")
    if absence is not None and absence not in tuple(Absence):
        raise UnusableInput(f'{path.name}: absence_means is {absence!r}; write "zero" or "unknown"')
    if stated.get("id_scope", "file") != "file":
        raise UnusableInput(f'{path.name}: id_scope is {stated["id_scope"]!r}; write "file", or remove it')
    if "release" in stated and version(stated["release"]) is None:
        raise UnusableInput(f"{path.name}: release {stated['release'][:20]!r} is none of UCDP's; write {EXAMPLES}")
    columns = stated.get("columns", {})
    if not isinstance(columns, dict) or not all(isinstance(v, str) for v in columns.values()):
        raise UnusableInput(f"{path.name}: [columns] must map a canonical name to a header of the file")
    synthetic, primary = stated.get("synthetic", False), stated.get("primary", False)
    for key, value in (("synthetic", synthetic), ("primary", primary)):
        if not isinstance(value, bool):
            raise UnusableInput(f"{path.name}: {key} must be true or false")
    unknown = sorted(set(stated) - _KNOWN)
    for key in unknown:
        close = difflib.get_close_matches(key, _KNOWN, n=1, cutoff=0.8)
        if close:
            raise UnusableInput(f"{path.name}: {key!r} is not a key that is read; did you mean {close[0]!r}?")
    return Sidecar(
        source=stated.get("source"),
        licence=stated.get("licence"),
        reference_date=_day(path, stated, "reference_date"),
        covered_until=_day(path, stated, "covered_until"),
        absence_means=Absence(absence) if absence else None,
        date_format=stated.get("date_format"),
        coverage=stated.get("coverage"),
        sheet=stated.get("sheet"),
        sheets=stated.get("sheets"),
        query=stated.get("query"),
        revised_until=stated.get("revised_until"),
        rows=stated.get("rows"),
        new_is=stated.get("new_is"),
        id_scope=stated.get("id_scope"),
        release=stated.get("release"),
        zero_means=stated.get("zero_means"),
        holder=stated.get("holder"),
        synthetic=synthetic,
        primary=primary,
        columns=dict(columns),
        values=_words(path, stated.get("values", {})),
        every_row=_every_row(path, stated.get("every_row", {})),
        holders=_sides(path, stated.get("holders", {})),
        notes=(f"{path.name}: unknown keys ignored: {', '.join(unknown)}",) if unknown else (),
    )


def _every_row(path: Path, stated: Any) -> dict[str, str]:
    if not isinstance(stated, dict) or not all(isinstance(word, str) and fold(word) for word in stated.values()):
        raise UnusableInput(
            f"{path.name}: [every_row] must give a column that the file lacks the word that holds for each of its "
            'rows: lines such as item = "communications"'
        )
    return dict(stated)


def _words(path: Path, stated: Any) -> dict[str, dict[str, str]]:
    """[values] as it is compared: a word of the file whatever its case and blanks, one of ours as terms are written."""
    if not isinstance(stated, dict) or not all(
        isinstance(words, dict) and all(isinstance(ours, str) for ours in words.values()) for words in stated.values()
    ):
        raise UnusableInput(
            f"{path.name}: [values] must map words of a column to ours: a line [values.event_type] and below it "
            'lines such as "Armed clash" = "clash"'
        )
    mapped: dict[str, dict[str, str]] = {}
    for column, words in stated.items():
        for word, ours in words.items():
            known = mapped.setdefault(column, {})
            term = re.sub(r"[\s\-]+", "_", fold(ours))
            if not fold(word):
                raise UnusableInput(f"{path.name}: [values.{column}] maps a blank; a blank cell is missing, not a word")
            if known.setdefault(fold(word), term) != term:
                raise UnusableInput(f"{path.name}: [values.{column}] maps {word!r} to two terms; keep one of them")
    return mapped


def _sides(path: Path, stated: Any) -> dict[str, str]:
    """[holders] as it is compared: a holder whatever its case and blanks, with its side."""
    sides = ", ".join(Side)
    if not isinstance(stated, dict) or not all(isinstance(side, str) for side in stated.values()):
        raise UnusableInput(
            f'{path.name}: [holders] must map each holder to its side, in lines such as "Junta" = "state"; sides are '
            f"{sides}"
        )
    found: dict[str, str] = {}
    for holder, side in stated.items():
        if fold(side) not in tuple(Side):
            raise UnusableInput(f"{path.name}: [holders] maps {holder!r} to {side!r}; use one of {sides}")
        if not fold(holder):
            raise UnusableInput(f"{path.name}: [holders] maps a blank; a blank cell names nobody")
        if found.setdefault(fold(holder), fold(side)) != fold(side):
            raise UnusableInput(f"{path.name}: [holders] maps {holder!r} to two sides; keep one of them")
    return found


def _day(path: Path, stated: dict[str, Any], key: str) -> date | None:
    value = stated.get(key)
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError as error:
            raise UnusableInput(f"{path.name}: {key} {value!r} is not YYYY-MM-DD") from error
    if value is not None and type(value) is not date:
        raise UnusableInput(f"{path.name}: {key} must be a date such as 2022-09-09")
    return value


def checked_words(sidecar: Sidecar, format_name: str, rows: Rows, name: str) -> tuple[str, ...]:
    """What is to be said of the sidecar's [values] for a file that was read as `rows`.

    Raises UnusableInput for a column without terms and for a word that is no term of its column, naming what may
    stand there.
    """
    allowed = BY_NAME[format_name].terms if format_name in BY_NAME else {}
    for column, word in sidecar.every_row.items():
        for one in re.split(SEVERAL_TERMS, word):
            if re.sub(r"[\s\-]+", "_", fold(one)) not in allowed.get(column, ()):
                known = f"use one of {', '.join(allowed[column])}" if column in allowed else "a word is no term of it"
                raise UnusableInput(f"{name}.toml: [every_row] gives {column} the word {one.strip()!r}; {known}")
    notes = []
    for column, words in sidecar.values.items():
        if column not in allowed:
            close = difflib.get_close_matches(column, allowed, n=1, cutoff=0.6)
            meant = f" (did you mean {close[0]}?)" if close else ""
            these = f"these are: {', '.join(allowed)}" if allowed else "it has none"
            raise UnusableInput(
                f"{name}.toml: [values.{column}]: {column!r} is no column of terms of {format_name}{meant}; {these}. "
                "Columns are named as we name them, whatever their header"
            )
        for word, ours in words.items():
            if ours not in allowed[column]:
                shown = SHOWN_EVENT_TERMS if column == "event_type" and "clash" in allowed[column] else allowed[column]
                raise UnusableInput(
                    f"{name}.toml: [values.{column}] maps {word!r} to {ours!r}, which is no term of {column}; use one "
                    f"of {', '.join(shown)}"
                )
        present: set[str] = set()
        for batch in batches(rows, [column]):
            present |= words.keys() & {fold(cell) for cell in batch[column].drop_nulls().unique()}
        unmet = [word for word in words if word not in present]
        if unmet:
            notes.append(f"{name}: [values.{column}] maps words that stand in no row: {', '.join(map(repr, unmet))}")
    if format_name == "canonical_clashes" and AMBIGUOUS_EVENT not in sidecar.values.get("event_type", {}):
        said = pl.col("event_type").str.strip_chars().str.to_lowercase()
        count = sum(batch.filter(said == AMBIGUOUS_EVENT).height for batch in batches(rows, ["event_type"]))
        if count:
            notes.append(
                f"{name}: {count} rows with the event_type {AMBIGUOUS_EVENT!r} are read as ACLED means it, violence "
                "against civilians and no clash; [values.event_type] in the sidecar can say otherwise"
            )
    return tuple(notes)
