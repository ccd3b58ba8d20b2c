"""What must hold of every case: refused by one clear line, or read with rows that add up.

`examine` judges one file, `settle` makes records of many and accounts for their rows. Both return what is wrong as
sentences and never raise, so that a run can go on.
"""

import re
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from benchmarks.fuzz.cases import Case, build
from benchmarks.fuzz.files import Written, same
from benchmarks.fuzz.invented import PointOf
from benchmarks.fuzz.records import MAKE, TABLE_OF
from geo.townships import codes
from pipeline import intake
from pipeline.accounting import accounts
from pipeline.codes import PlacedBy, Reason
from pipeline.deliveries import Judged, as_frame
from pipeline.errors import UnusableInput
from pipeline.frames import conform, raw_columns
from pipeline.readers.formats import BY_NAME
from pipeline.records.inputs import with_delivery
from pipeline.records.places import Gazetteer
from pipeline.records.triage import Triage
from pipeline.tables import TABLES

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
EARLIEST = date(1989, 1, 1)
SLOW_SECONDS = 5.0  # of processor time, for one file of at most some MB
MESSAGE_CHARACTERS = 2500
# What the project promises, stated again here so that a slip in the readers shows.
CELL_LIMIT_CHARACTERS, UNREADABLE_LIMIT_SHARE = 1_000_000, 0.05
_FOLDERS = re.compile(r"(?<![\w.])/(?:work|tmp|usr|home|root|opt|var|etc/\w+\.)[\w/.-]*")
_DAMAGED_CELL = {"#DIV/0!", "#REF!", "#N/A", "#VALUE!"}
# Columns of a record whose figure must be the one in the row it came from, by format.
_FIGURES = {
    "canonical_clashes": {"fatalities_persons": "fatalities"},
    "ucdp_ged": {"fatalities_persons": "best"},
    "canonical_displacement": {c: c for c in ("idps_new_persons", "idps_stock_persons", "returnees_persons")},
    "hpc_baseline": {"idps_stock_persons": "idps", "returnees_persons": "returnees"},
    "canonical_population": {"population_persons": "population_persons"},
}


@dataclass
class Examined:
    """One file judged: refused with a message, or read; `faults` is empty where all is as it must be."""

    case: Case
    written: Written | None = None
    judged: Judged | None = None
    message: str = ""
    faults: list[str] = field(default_factory=list)
    rows_lost: int = 0


@dataclass
class Tally:
    """Figures of a run."""

    files: int = 0
    refused: int = 0
    read: int = 0
    rows: int = 0
    used: int = 0
    lost: int = 0
    crashes: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, one: Examined) -> None:
        self.files += 1
        self.read += one.judged is not None
        self.refused += bool(one.message)
        self.lost += one.rows_lost
        self.crashes += any(fault.startswith("crash: ") for fault in one.faults)


def crash(error: BaseException) -> str:
    """An exception that no user may see, with the last place in our code."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "/site-packages/" not in f.filename]
    where = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"crash: {type(error).__name__}{where}: {str(error)[:300]}"


def examine(case: Case, folder: Path, point_of: PointOf) -> Examined:
    """Write the case's file into a folder of its own and judge it."""
    found = Examined(case)
    found.written = build(case, folder, point_of)
    started = time.process_time()
    try:
        found.judged = intake.judge([(found.written.kind, found.written.path)], NOW)[0]
    except UnusableInput as error:
        found.message = str(error)
        found.faults = _message_faults(found.message, found.written, folder)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of Polars or calamine is no Exception
        found.faults = [crash(error)]
    else:
        found.faults, found.rows_lost = _mirror_faults(found.judged, found.written)
    if time.process_time() - started > SLOW_SECONDS:
        found.faults.append(f"slow: {time.process_time() - started:.1f} s of processor time")
    return found


def _message_faults(message: str, written: Written, folder: Path) -> list[str]:
    faults = []
    if len(message.splitlines()) != 1:
        faults.append(f"message: {len(message.splitlines())} lines: {message!r}")
    if written.path.name not in message:
        faults.append(f"message: does not name the file: {message!r}")
    if "Traceback" in message or _FOLDERS.search(message.replace(str(folder), "")):
        faults.append(f"message: shows what is inside: {message!r}")
    if len(message) > MESSAGE_CHARACTERS:
        faults.append(f"message: {len(message)} characters: {message[:200]!r}")
    return faults


def _mirror_faults(judged: Judged, written: Written) -> tuple[list[str], int]:
    """What of the written rows is not in the mirror as it was written, and how many rows are missing."""
    frame, faults = judged.frame, []
    if written.hopeless:
        faults.append(f"read: should have been refused ({written.hopeless})")
    if judged.delivery.rows_count != frame.height or not frame["row_number"].is_unique().all():
        faults.append("mirror: its row numbers or its count are not those of its rows")
    if written.open_from == 1:
        return faults, 0
    positions, twice = _positions(written, judged.delivery.format)
    if twice:
        faults.append(f"read: the header names {twice!r} twice")
    numbers = frame["row_number"].to_list()
    if not written.numbered:
        due = [line for line in written.lines if line not in written.optional]
        sure = [line for line in written.lines if len(written.lines) == len(numbers) or line in due]
        if len(numbers) not in (len(due), len(written.lines)):
            return [*faults, f"rows: {len(written.lines)} written, {len(numbers)} read"], abs(len(due) - len(numbers))
        numbers = sure
    mirrored = dict(zip(numbers, frame.to_dicts(), strict=True))
    limit = written.open_from or 10**9
    due = {line for line in written.lines if line < limit and line not in written.optional}
    lost, invented = due - mirrored.keys(), {n for n in mirrored if n < limit} - written.lines.keys() - written.optional
    if lost:
        faults.append(f"rows: {len(lost)} of {len(due)} not in the mirror, first line {min(lost)}")
    if invented:
        faults.append(f"rows: {len(invented)} in the mirror that no line holds, first {min(invented)}")
    broken = 0
    for line in sorted(due & mirrored.keys()):
        row, wrong = mirrored[line], _row_fault(written.lines[line], mirrored[line], positions, written)
        broken += row["problem"] is not None
        if wrong:
            faults.append(f"line {line}: {wrong}")
            break
    if written.exact and broken > UNREADABLE_LIMIT_SHARE * max(1, frame.height):
        faults.append(f"read: {broken} of {frame.height} lines are no rows, over the limit")
    return faults, len(lost)


def _row_fault(given: list[str], row: dict[str, object], positions: dict[int, str], written: Written) -> str:
    """Why a mirrored row is not the row that was written; empty where it is."""
    problem = row["problem"]
    ragged = written.exact and len(given) != len(written.header)
    nul = any("\x00" in cell for cell in given)
    long = any(len(cell) > CELL_LIMIT_CHARACTERS for cell in given)
    if problem is not None:
        due = {Reason.RAGGED_ROW: ragged, Reason.NUL_BYTES: nul, Reason.OVERSIZED_CELL: long}
        due[Reason.FORMULA_ERROR] = bool(_DAMAGED_CELL & set(given))
        return "" if due.get(Reason(str(problem))) else f"set aside as {problem}, which it is not: {str(given)[:200]}"
    if written.exact and (ragged or nul or long):
        return f"read as a row: {'ragged' if ragged else 'NUL' if nul else 'a cell over the limit'}"
    for at, ours in positions.items():
        cell, found = given[at] if at < len(given) else "", row[ours]
        if not same(cell, found if found is None else str(found), written.exact):
            return f"{ours} was {cell[:80]!r}, the mirror has {str(found)[:80]!r}"
    return ""


def _positions(written: Written, format_name: str) -> tuple[dict[int, str], str]:
    """Position in the file -> our column, worked out anew from the declaration; and a header that stands twice."""

    def folded(cell: str) -> str:
        return " ".join(cell.replace("\ufeff", "").replace("\u200b", "").split()).casefold()

    mapped = {folded(theirs): ours for ours, theirs in written.mapping.items()}
    spelled = {folded(s): ours for ours, known in BY_NAME[format_name].columns.items() for s in known}
    cells = [folded(mapped.get(folded(cell), cell)) for cell in written.header]
    twice = next((cell for cell in cells if cell and cells.count(cell) > 1), "")
    return {at: spelled[cell] for at, cell in enumerate(cells) if cell in spelled}, twice


def settle(examined: list[Examined], gazetteer: Gazetteer, tally: Tally) -> list[str]:
    """Records of the files of one format that were read, as one run would make them; what is wrong, by sentence."""
    kept: dict[str, Examined] = {}
    for one in examined:
        if one.judged and not one.faults:
            kept.setdefault(one.judged.delivery.delivery_id, one)  # the same content again is the same delivery
    faults = []
    for name in sorted({one.judged.delivery.format for one in kept.values() if one.judged}):
        chosen = [one for one in kept.values() if one.judged and one.judged.delivery.format == name]
        if name in MAKE:
            faults += [f"{name}: {fault}" for fault in _settle_format(name, chosen, gazetteer, tally)]
    return faults


def make_records(name: str, judged: list[Judged], gazetteer: Gazetteer) -> Triage:
    """The records of deliveries of one format in the columns of their table, and the rows set aside."""
    given = with_delivery(_raw(name, judged), as_frame([one.delivery for one in judged]))
    result = MAKE[name](given, gazetteer)
    return Triage(conform(result.kept, TABLE_OF[judged[0].delivery.kind][0]), result.set_aside)


def _raw(name: str, judged: list[Judged]) -> pl.DataFrame:
    return pl.concat(
        one.frame.with_columns(pl.lit(one.delivery.delivery_id).alias("delivery_id")).select(list(raw_columns(name)))
        for one in judged
    )


def _settle_format(name: str, examined: list[Examined], gazetteer: Gazetteer, tally: Tally) -> list[str]:
    judged = [one.judged for one in examined if one.judged]
    table, day = TABLE_OF[judged[0].delivery.kind]
    raw = _raw(name, judged)
    try:
        result = make_records(name, judged, gazetteer)
        records = result.kept
        dated = records.select("delivery_id", "row_number", pl.col(day).alias("day"))
        accounts(raw, dated, result.set_aside, name)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        tally.crashes += 1
        return [crash(error)]
    tally.rows += raw.height
    tally.used += records.select("delivery_id", "row_number").unique().height
    tally.reasons.update(result.set_aside["reason"].to_list())
    faults = [*_set_aside_faults(result.set_aside, judged), *_record_faults(records, table, day)]
    return faults + _figure_faults(name, records, day, examined)


def _set_aside_faults(frame: pl.DataFrame, judged: list[Judged]) -> list[str]:
    faults = [f"reason {reason!r} is none" for reason in set(frame["reason"].to_list()) - set(Reason)]
    names = {(one.delivery.delivery_id, one.delivery.file_name, str(one.delivery.kind)) for one in judged}
    strange = set(frame.select("delivery_id", "file_name", "kind").rows()) - names
    return faults + [f"set aside under another file: {row}" for row in strange]


def _record_faults(records: pl.DataFrame, table: str, day: str) -> list[str]:
    """Breaches of what the columns and tables declare, and of the list of 330, by sentence."""
    declared, faults = TABLES[table], []
    for spec in declared.specs:
        cells = records[spec.name]
        if spec.name not in declared.nullable and cells.null_count():
            faults.append(f"{cells.null_count()} records without {spec.name}")
        if cells.dtype.is_float() and not cells.drop_nulls().is_finite().all():
            faults.append(f"{spec.name} is nan or infinite")
        if spec.low is not None and cells.dtype.is_numeric() and (cells < spec.low).any():
            faults.append(f"{spec.name} is under {spec.low}")
        if spec.values and not cells.drop_nulls().is_in(list(spec.values)).all():
            faults.append(f"{spec.name} holds a word that is not declared")
    if not records["adm3_pcode"].is_in(list(codes())).all():
        faults.append("a P-code that is not of the 330")
    if not records["placed_by"].is_in([str(how) for how in PlacedBy]).all():
        faults.append("a record without the way it was placed")
    if not records[day].is_between(EARLIEST, NOW.date()).all():
        faults.append(f"{day} out of range")
    if records.select(declared.key).is_duplicated().any():
        faults.append(f"two records of one {', '.join(declared.key)}")
    return faults


def _figure_faults(name: str, records: pl.DataFrame, day: str, examined: list[Examined]) -> list[str]:
    """Records whose figure, day or township is not that of the row they came from, where the row says it plainly."""
    known = {one.judged.delivery.delivery_id: one for one in examined if one.judged and one.written}
    faults = []
    figures = _FIGURES.get(name, {})
    grouped = records.group_by("delivery_id", "row_number").agg(
        pl.col("adm3_pcode").first(), pl.len().alias("parts"), pl.col(day).first().alias("day"),
        *(pl.when(pl.col(c).is_not_null().any()).then(pl.col(c).sum()).alias(c) for c in figures),
    )  # fmt: skip
    for record in grouped.iter_rows(named=True):
        one = known[record["delivery_id"]]
        written = one.written
        if written is None or not written.numbered or record["row_number"] >= (written.open_from or 10**9):
            continue
        given = written.lines.get(record["row_number"], [])
        row = {ours: given[at] for at, ours in _positions(written, name)[0].items() if at < len(given)}
        for ours, theirs in figures.items():
            verdict = _figure(row.get(theirs, ""))
            if verdict == "unusable" or (verdict != "odd" and verdict != record[ours]):
                faults.append(f"{ours} is {record[ours]} where the row says {row.get(theirs)!r}: {one.case}")
        stated = row.get(day, row.get("date_start", ""))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", stated) and stated.isascii() and str(record["day"]) != stated:
            faults.append(f"{day} is {record['day']} where the row says {stated!r}: {one.case}")
        code = row.get("adm3_pcode", "")
        if code in codes() and (record["adm3_pcode"], record["parts"]) != (code, 1):
            faults.append(f"placed in {record['adm3_pcode']} where the row says {code!r}: {one.case}")
    return faults[:3]


def _figure(cell: str) -> int | str | None:
    """A count as plainly written: the number, None for blank, "unusable", or "odd" where a rule must decide."""
    bare = cell.strip()
    if bare in ("", "NA", "-", "n/a"):
        return None
    if re.fullmatch(r"[0-9]{1,7}", bare) and bare.isascii():
        return int(bare)
    if re.fullmatch(r"(?i)[+-]?(nan|inf|infinity)|-[1-9][0-9]*|[0-9]+\.[0-9]*[1-9][0-9]*|#\w+/?0?!|[1-9][0-9]{8,}", bare):
        return "unusable"
    return "odd"
