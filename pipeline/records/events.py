"""Rows in this project's own event columns, typed; what cannot be read is set aside.

The shared event columns are what every clash source is turned into: sources/*/events.py does it for the others. Rows
in our own columns are read here, for a file is refused by them before it is kept (storage/reused.py).
"""

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from pipeline.declare.codes import DatePrecision, EventClass, GeoPrecision, Reason
from pipeline.declare.formats import PLACE_COLUMNS, SHEET_STEP
from pipeline.declare.terms import EVENT_TERMS, SHOWN_EVENT_TERMS
from pipeline.records import parsing
from pipeline.records.parsing import with_columns_of
from pipeline.records.review import judged
from pipeline.records.rules import date_rules, doubted, formula_rules, number_rules, term_rule, update_rule
from pipeline.records.triage import Rule, Triage, triage, unreadable
from pipeline.records.versions import is_deleted, is_unclear

MOST_DEATHS = 100_000


def canonical_events(raw: pl.DataFrame) -> Triage:
    """Rows in this project's own columns, in the shared event columns."""
    readable = unreadable(with_columns_of(raw, (*PLACE_COLUMNS, "actor1", "actor2", "id_scope")))
    rows = readable.kept
    frame = judged(rows).with_columns(
        # A number that means nothing outside of its file carries the file.
        (_scope() + parsing.text("event_id")).alias("event_id"),
        parsing.day("event_date").alias("_start"),
        parsing.read_as(rows, parsing.day, "event_date_end", pl.Date).alias("_end"),
        parsing.term("event_type")
        .str.replace_all("_*/_*", "/")
        .replace_strict({k: str(v) for k, v in EVENT_TERMS.items()}, default=None, return_dtype=pl.String)
        .alias("event_class"),
        parsing.read_as(rows, parsing.whole_number, "fatalities", pl.Int64).alias("fatalities_persons"),
        parsing.read_as(rows, parsing.term, "geo_precision", pl.String).alias("_precision"),
        parsing.read_as(rows, parsing.term, "date_precision", pl.String).fill_null("day").alias("date_precision"),
        parsing.read_as(rows, is_deleted, "deleted", pl.Boolean).fill_null(False).alias("_deleted"),
    )
    frame = doubted(frame, {"event_date": "_start", "event_date_end": "_end"})
    precision = pl.col("_precision").is_not_null() & ~pl.col("_precision").is_in(list(GeoPrecision))
    # A deletion needs only its id: the rest of the row may be blank.
    alive = ~pl.col("_deleted")
    result = triage(
        frame,
        [
            *formula_rules("event_id", "deleted", "updated_at"),
            Rule(pl.col("event_id").is_null(), Reason.MISSING_VALUE, "event_id"),
            replace(term_rule(is_unclear("deleted"), "deleted", ("true", "false")), filled="deleted"),
            update_rule(),
            *(
                replace(rule, broken=alive & rule.broken)
                for rule in (
                    *date_rules("event_date", "event_date_end", "_start", "_end"),
                    *formula_rules("event_type", "geo_precision", "date_precision", *PLACE_COLUMNS),
                )
            ),
            term_rule(alive & pl.col("event_class").is_null(), "event_type", SHOWN_EVENT_TERMS),
            term_rule(alive & precision, "geo_precision", GeoPrecision),
            term_rule(alive & ~pl.col("date_precision").is_in(list(DatePrecision)), "date_precision", DatePrecision),
            *number_rules("fatalities", "fatalities_persons", alive),
            Rule(alive & (pl.col("fatalities_persons") > MOST_DEATHS), Reason.NUMBER_OUT_OF_RANGE, "fatalities"),
        ],
    )
    events = result.kept.with_columns(
        pl.col("_start").alias("event_date"),
        pl.col("_end").alias("event_date_end"),
        # Where the sender states no precision, the row counts as located in its township.
        pl.col("_precision").fill_null(str(GeoPrecision.TOWNSHIP)).alias("geo_precision"),
        parsing.text("actor1").alias("actor1"),
        parsing.text("actor2").alias("actor2"),
        parsing.revision("updated_at").alias("updated_at"),
        pl.lit(True).alias("_point_of_named"),
        pl.lit(True).alias("_own_point"),
        pl.when(pl.col("_precision") == str(GeoPrecision.DISTRICT))
        .then(pl.coalesce(parsing.text("adm2_name"), parsing.text("adm3_name")))
        .alias("_within_district"),
    )
    return Triage(events, pl.concat([readable.set_aside, result.set_aside]))


def _scope() -> pl.Expr:
    """What stands before the number of an event whose number means nothing outside of its file, or of its sheet."""
    sheet = pl.col("row_number") // SHEET_STEP
    further = pl.when(sheet > 0).then(pl.concat_str(pl.lit("/"), sheet + 1)).otherwise(pl.lit(""))
    return pl.coalesce(pl.col("id_scope") + further + "#", pl.lit(""))


def is_unknown(column: str, codes: Iterable[int]) -> pl.Expr:
    """Whether a parsed number is none of the source's codes, or no number."""
    return ~pl.col(column).is_in(list(codes)).fill_null(False)


def coded(column: str, codes: dict[int, EventClass] | dict[int, GeoPrecision] | dict[int, DatePrecision]) -> pl.Expr:
    """Our word for a source's number; null for a number that is none of its codes."""
    return pl.col(column).replace_strict({k: str(v) for k, v in codes.items()}, default=None, return_dtype=pl.String)
