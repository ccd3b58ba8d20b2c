"""Known errors of the sources mended in raw rows, each under a guard that fails once the source has mended it.

The mirrors stay as delivered: a mended copy of their rows goes on to become records. Here: which rows an entry
touches and what it makes of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.declare.codes import CorrectionAction as Action
from pipeline.declare.codes import IdpsBasis, Reason
from pipeline.declare.corrections import Correction
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import empty
from pipeline.records.triage import MOST_SHARE

TABLE = "records.corrections"
_ROW = ["delivery_id", "row_number"]
_FIGURES = [f"idps_{basis}_persons" for basis in IdpsBasis]


@dataclass(frozen=True)
class Corrected:
    """`rows`: the mirror's rows with the corrections made; `applied`: columns of records.corrections."""

    rows: pl.DataFrame
    applied: pl.DataFrame


def corrected(
    raw: pl.DataFrame, corrections: Iterable[Correction], deliveries: pl.DataFrame, *, in_force: bool = True
) -> Corrected:
    """The rows of one raw mirror with the entries for its format made.

    `raw` is a mirror as delivered, `deliveries` has delivery_id, kind, format, source, source_key and received. A
    row that is set aside gets the reason as its `problem`, like a line that the reader could not take. Raises
    UnusableInput where an entry meets other rows or values than it says, or two entries mend the same cell.

    Rows of deliveries that are no longer `in_force` are mended where an entry fits and judge no entry: what a source
    has mended is seen in its newest delivery.
    """
    rows, parts = raw, []
    for entry in corrections:
        touched = _touched(raw, entry, deliveries, in_force)
        if touched.is_empty():
            continue
        parts.append(_applied(touched, entry))
        rows = _mended(rows, touched, entry)
    applied = pl.concat(parts) if parts else empty(TABLE)
    _refuse_two_at_once(applied)
    return Corrected(rows, applied)


def acknowledged(corrections: Iterable[Correction], displacement: pl.DataFrame, population: pl.DataFrame) -> Corrected:
    """The reports above the population that an entry accepts: their `rows`, and the entries as applied.

    `displacement` are the records, `population` has adm3_pcode and population_persons. Raises UnusableInput where
    the report that an entry names is not above the population (any more).
    """
    figures = population.select("adm3_pcode", "population_persons").unique("adm3_pcode")
    known = displacement.join(figures, on="adm3_pcode", how="left", validate="m:1")
    above = pl.any_horizontal(pl.col(c) > pl.col("population_persons") for c in _FIGURES).fill_null(False)
    parts, rows = [], []
    for entry in (c for c in corrections if c.action == Action.ACKNOWLEDGE and not c.delivery):
        own = known.filter(
            pl.col("adm3_pcode") == entry.adm3_pcode, pl.col("reference_date") == pl.lit(entry.reference_date)
        )
        accepted = own.filter(above)
        if own.height and accepted.is_empty():
            raise UnusableInput(
                f"{entry.where}: no report on {entry.adm3_pcode} for {entry.reference_date} is above the population: "
                f"the source has mended it: remove correction {entry.id}{_or_end(entry)}"
            )
        rows.append(accepted)
        parts.append(_applied(accepted, entry))
    return Corrected(
        pl.concat(rows) if rows else known.head(0), pl.concat(parts).unique([*_ROW]) if parts else empty(TABLE)
    )


def accepted_losses(corrections: Iterable[Correction], judged: pl.DataFrame, faulty: pl.DataFrame) -> Corrected:
    """The deliveries that lost most of their rows and are accepted (`rows`), and the entries as applied to those rows.

    `judged` is of `losses.shares`, `faulty` of `losses.faults`. Raises UnusableInput where the delivery that an entry
    names has lost no more than half of its rows.
    """
    parts, accepted = [], judged.head(0)
    for entry in (c for c in corrections if c.action == Action.ACKNOWLEDGE and c.delivery):
        own = judged.filter(pl.col("delivery_id") == entry.delivery, pl.col("kind") == str(entry.kind))
        if own.height and not own["fault_share"][0] > MOST_SHARE:
            raise UnusableInput(
                f"{entry.where}: delivery {entry.delivery} ({own['file_name'][0]}) has no more than half of its rows "
                f"set aside for faults: remove correction {entry.id}{_or_end(entry)}"
            )
        accepted = pl.concat([accepted, own])
        parts.append(_applied(faulty.join(own, on="delivery_id", how="semi").sort(*_ROW), entry))
    return Corrected(accepted, pl.concat(parts) if parts else empty(TABLE))


def require_used(corrections: Iterable[Correction], applied: pl.DataFrame) -> None:
    """Raise UnusableInput for an entry in force that met no row: it mends nothing and hides that."""
    used = set(applied["correction_id"])
    for entry in corrections:
        if entry.id in used:
            continue
        named = (
            f"no delivery {entry.delivery} of {entry.kind} is in force"
            if entry.delivery
            else f"no report on {entry.adm3_pcode} for {entry.reference_date}"
            if entry.action == Action.ACKNOWLEDGE
            else f"no delivered row with {_words(entry)}"
        )
        raise UnusableInput(
            f"{entry.where}: {named} (0 rows, {entry.rows} expected); compare with the raw tables of the analysts' "
            f"database and mend the entry, or remove correction {entry.id}{_or_end(entry)}"
        )


def summary(applied: pl.DataFrame, corrections: Iterable[Correction]) -> pl.DataFrame:
    """Columns of published.corrections: per entry how many rows; the reason only of entries under review.

    The repository's file is reviewed and public with the code; HOME/corrections.toml is the team's own and may
    name an informant, so its reasons stay in the analysts' database.
    """
    held = {entry.id: entry for entry in corrections}
    counted = applied.group_by("correction_id", "kind", "correction_action", "correction_date").agg(
        pl.len().cast(pl.Int64).alias("rows_count")
    )
    named = [
        {
            "correction_id": name,
            "correction_expires": held[name].expires,
            "correction_reason": held[name].reason if held[name].shared else None,
        }
        for name in counted["correction_id"]
    ]
    schema = {"correction_id": pl.String, "correction_expires": pl.Date, "correction_reason": pl.String}
    said = pl.DataFrame(named, schema=schema, orient="row")
    return counted.join(said, on="correction_id", how="left", validate="1:1").sort("correction_id")


def may_touch(raw: pl.DataFrame, corrections: Iterable[Correction]) -> pl.Series:
    """Whether some entry matches each row, whatever its delivery: only then do its corrections depend on more."""
    matches = [
        _matching(entry)
        for entry in corrections
        if entry.action != Action.ACKNOWLEDGE and {name for name, _ in entry.match} <= set(raw.columns)
    ]
    return raw.with_columns(pl.any_horizontal(pl.lit(False), *matches).fill_null(False).alias("_touched"))["_touched"]


def _matching(entry: Correction) -> pl.Expr:
    return pl.all_horizontal(_plain(pl.col(name).cast(pl.String)) == _plain(pl.lit(text)) for name, text in entry.match)


def _touched(raw: pl.DataFrame, entry: Correction, deliveries: pl.DataFrame, guarded: bool) -> pl.DataFrame:
    """The rows that an entry mends, with `_found`; none where no row matches. Raises where a guard fails."""
    columns = [name for name, _ in entry.match] + ([entry.column] if entry.column else [])
    if entry.action == Action.ACKNOWLEDGE or not set(columns) <= set(raw.columns):
        return raw.head(0)
    fitting = [
        row["delivery_id"]
        for row in deliveries.iter_rows(named=True)
        if entry.fits(row["kind"], row["format"], row["source"], row["source_key"])
    ]
    value = pl.col(entry.column).fill_null("") if entry.column else pl.lit(None, pl.String)
    matched = (
        raw.filter(pl.col("delivery_id").is_in(fitting), pl.col("problem").is_null(), _matching(entry))
        .select(*_ROW, value.alias("_found"))
        .join(deliveries.select("delivery_id", "received"), on="delivery_id", how="left", validate="m:1")
    )
    if matched.is_empty():
        return matched
    has = pl.lit(True) if entry.was is None else _plain(pl.col("_found")) == _plain(pl.lit(entry.was))
    touched = matched.filter(has)
    if not guarded:
        return touched
    newest = matched.sort("received", "delivery_id")["delivery_id"][-1]
    found = matched.filter(pl.col("delivery_id") == newest, ~has)
    per_delivery = dict(touched.group_by("delivery_id").len().sort("delivery_id").iter_rows())
    if newest not in per_delivery:
        raise UnusableInput(
            f"{entry.where}: {entry.column} of {_words(entry)} is {found['_found'][0]!r} in the newest delivery "
            f"({newest}), not {entry.was!r}: the source has mended it: remove correction {entry.id}{_or_end(entry)}"
        )
    for delivery, count in per_delivery.items():
        if count != entry.rows:
            value_was = "" if entry.was is None else f" and {entry.column} {entry.was!r}"
            raise UnusableInput(
                f"{entry.where}: {count} rows of delivery {delivery} have {_words(entry)}{value_was}, "
                f"{entry.rows} expected; make match narrower, or say rows = {count}"
            )
    return touched


def _plain(text: pl.Expr) -> pl.Expr:
    """Exact text, but a whole number is the same as "48528" and as "48528.0": exports of one source differ in it."""
    return text.str.replace(r"^([0-9]+)\.0*$", "${1}")


def _mended(rows: pl.DataFrame, touched: pl.DataFrame, entry: Correction) -> pl.DataFrame:
    """The rows in their order with one entry made."""
    marked = rows.join(
        touched.select(*_ROW, pl.lit(True).alias("_hit")), on=_ROW, how="left", validate="1:1", maintain_order="left"
    )
    hit = pl.col("_hit").fill_null(False)
    if entry.action == Action.SET_ASIDE:
        changes = {"problem": str(Reason.CORRECTED_OUT), "problem_found": f"correction {entry.id}"}
    else:
        changes = {str(entry.column): str(entry.becomes)}
    return marked.with_columns(
        pl.when(hit).then(pl.lit(text)).otherwise(pl.col(name)).alias(name) for name, text in changes.items()
    ).drop("_hit")


def _applied(touched: pl.DataFrame, entry: Correction) -> pl.DataFrame:
    """The touched rows as rows of records.corrections."""
    text: dict[str, str | None] = {
        "column_name": entry.column,
        "was": entry.was,
        "becomes": entry.becomes,
        "correction_reason": entry.reason,
    }
    return touched.select(
        pl.lit(entry.id).alias("correction_id"),
        pl.lit(str(entry.kind)).alias("kind"),
        pl.lit(str(entry.action)).alias("correction_action"),
        *_ROW,
        *(pl.lit(value, pl.String).alias(name) for name, value in text.items()),
        pl.lit(entry.date).alias("correction_date"),
    ).select(empty(TABLE).columns)


def _refuse_two_at_once(applied: pl.DataFrame) -> None:
    """Which of two values a cell gets must not hang on the order of the entries."""
    cells = applied.with_columns(
        pl.when(pl.col("correction_action") == str(Action.REPLACE)).then("column_name").alias("_cell")
    )
    twice = cells.filter(pl.struct(*_ROW, "_cell").is_duplicated()).sort(*_ROW, "correction_id")
    if twice.height:
        ids: Sequence[str] = twice.head(2)["correction_id"].to_list()
        raise UnusableInput(
            f"the corrections {' and '.join(ids)} mend the same cell of delivery {twice['delivery_id'][0]}, line "
            f"{twice['row_number'][0]}; keep one of them"
        )


def _words(entry: Correction) -> str:
    return " and ".join(f"{name} {text!r}" for name, text in entry.match)


def _or_end(entry: Correction) -> str:
    return " (or end it with until = the last day it held, so that earlier editions can still be rebuilt)"
