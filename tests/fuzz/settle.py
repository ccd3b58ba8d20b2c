"""Records of the files that were read: rows add up, and every record is one that its row supports.

What is wrong is returned as sentences and never raised. Not here: the files themselves (oracle).
"""

import re
from datetime import date

import polars as pl

from geo.townships import codes
from pipeline.declare.codes import PlacedBy, Reason
from pipeline.declare.frames import conform, raw_columns
from pipeline.declare.tables import TABLES
from pipeline.records.parsing import with_delivery
from pipeline.records.parts import Contradicted
from pipeline.records.placing import Gazetteer
from pipeline.records.triage import Triage, accounts
from pipeline.storage.deliveries import Judged, as_frame
from tests.fuzz.oracle import NOW, Examined, Tally, crash, positions_of
from tests.fuzz.records import MAKE, table_of

EARLIEST = date(1989, 1, 1)
# Columns of a record whose figure must be the one in the row it came from, by format.
_FIGURES = {
    "canonical_clashes": {"fatalities_persons": "fatalities"},
    "ucdp_ged": {"fatalities_persons": "best"},
    "canonical_displacement": {c: c for c in ("idps_new_persons", "idps_stock_persons", "returnees_persons")},
    "hpc_baseline": {"idps_stock_persons": "idps", "returnees_persons": "returnees"},
    "canonical_population": {"population_persons": "population_persons"},
}


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
    return Triage(conform(result.kept, table_of(name)[0]), result.set_aside)


def _raw(name: str, judged: list[Judged]) -> pl.DataFrame:
    return pl.concat(
        one.frame.with_columns(pl.lit(one.delivery.delivery_id).alias("delivery_id")).select(list(raw_columns(name)))
        for one in judged
    )


def _settle_format(name: str, examined: list[Examined], gazetteer: Gazetteer, tally: Tally) -> list[str]:
    judged = [one.judged for one in examined if one.judged]
    table, day = table_of(name)
    raw = _raw(name, judged)
    try:
        result = make_records(name, judged, gazetteer)
        records = result.kept
        dated = records.select("delivery_id", "row_number", pl.col(day).alias("day"))
        accounts(raw, dated, result.set_aside, name)
    except Contradicted as error:  # a file refused once its rows are placed; the others go on
        tally.refused += 1
        rest = [one for one in examined if one.judged and one.judged.delivery.delivery_id != error.delivery_id]
        return _settle_format(name, rest, gazetteer, tally) if rest else []
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
        row = {ours: given[at] for at, ours in positions_of(written, name)[0].items() if at < len(given)}
        for ours, theirs in figures.items():
            verdict = _figure(row.get(theirs, ""))
            if verdict == "unusable" or (verdict != "odd" and verdict != record[ours]):
                faults.append(f"{ours} is {record[ours]} where the row says {row.get(theirs)!r}: {one.case}")
        stated = row.get(day, row.get("date_start", ""))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", stated) and stated.isascii() and str(record["day"]) != stated:
            faults.append(f"{day} is {record['day']} where the row says {stated!r}: {one.case}")
        code = row.get("adm3_pcode", "")
        # A statement on several items is a record of each; any other row in one township is one record.
        parts = 1 if "service_item" in records.columns else record["parts"]
        if code in codes() and (record["adm3_pcode"], parts) != (code, 1):
            faults.append(f"placed in {record['adm3_pcode']} where the row says {code!r}: {one.case}")
    return faults[:3]


def _figure(cell: str) -> int | str | None:
    """A count as plainly written: the number, None for blank, "unusable", or "odd" where a rule must decide."""
    bare = cell.strip()
    if bare in ("", "NA", "-", "n/a"):
        return None
    if re.fullmatch(r"[0-9]{1,7}", bare) and bare.isascii():
        return int(bare)
    if re.fullmatch(
        r"(?i)[+-]?(nan|inf|infinity)|-[1-9][0-9]*|[0-9]+\.[0-9]*[1-9][0-9]*|#\w+/?0?!|[1-9][0-9]{8,}", bare
    ):
        return "unusable"
    return "odd"
