"""Rows of a tally -> the shared event columns: one record that stands for several events of one township and day."""

import polars as pl

from pipeline.declare.codes import DatePrecision, GeoPrecision, Reason
from pipeline.declare.formats import PLACE_COLUMNS
from pipeline.declare.terms import EVENT_TERMS, SHOWN_EVENT_TERMS
from pipeline.records import parsing
from pipeline.records.events import MOST_DEATHS
from pipeline.records.parsing import with_columns_of
from pipeline.records.rules import date_rules, doubted, formula_rules, number_rules, term_rule
from pipeline.records.triage import Rule, Triage, triage, unreadable

_CELL = ("adm3_pcode", "event_type", "geo_precision")


def tally_events(raw: pl.DataFrame) -> Triage:
    """Rows with `events_count` 1 or more; deaths are the sum of those that are known, null where none is.

    A record's `event_id` is its cell: township, day, word of the class and precision. Two rows of a file for one cell
    that differ contradict each other and neither counts; equal ones are one (versions.py).
    """
    readable = unreadable(with_columns_of(raw, PLACE_COLUMNS))
    frame = readable.kept.with_columns(
        parsing.day("event_date").alias("_start"),
        parsing.term("event_type").str.replace_all("_*/_*", "/").alias("_term"),
        parsing.whole_number("events_count").alias("_events"),
        parsing.whole_number("fatalities").alias("fatalities_persons"),
        parsing.term("geo_precision").alias("_precision"),
        parsing.text("adm3_pcode").str.to_uppercase().alias("_code"),
    ).with_columns(
        pl.col("_term")
        .replace_strict({k: str(v) for k, v in EVENT_TERMS.items()}, default=None, return_dtype=pl.String)
        .alias("event_class"),
        # Where the sender states no precision, the row counts as located in its township.
        pl.col("_precision").fill_null(str(GeoPrecision.TOWNSHIP)).alias("geo_precision"),
    )
    frame = doubted(frame, {"event_date": "_start"})
    result = triage(
        frame,
        [
            *date_rules("event_date", None, "_start"),
            *formula_rules(*_CELL),
            Rule(pl.col("_code").is_null(), Reason.NO_PLACE, "adm3_pcode"),
            term_rule(pl.col("event_class").is_null(), "event_type", SHOWN_EVENT_TERMS),
            term_rule(~pl.col("geo_precision").is_in(list(GeoPrecision)), "geo_precision", GeoPrecision),
            Rule(~parsing.is_stated("events_count"), Reason.MISSING_VALUE, "events_count"),
            *number_rules("events_count", "_events"),
            Rule(pl.col("_events") < 1, Reason.NUMBER_OUT_OF_RANGE, "events_count"),
            *number_rules("fatalities", "fatalities_persons"),
            Rule(pl.col("fatalities_persons") > MOST_DEATHS, Reason.NUMBER_OUT_OF_RANGE, "fatalities"),
        ],
    )
    cells = result.kept.with_columns(
        pl.concat_str("_code", "_start", "_term", "geo_precision", separator=" ").alias("event_id")
    )
    figures = pl.struct("_events", "fatalities_persons")
    agreed = triage(
        cells,
        [
            Rule(
                figures.n_unique().over("delivery_id", "event_id") > 1,
                Reason.CONTRADICTED,
                "events_count",
                pl.concat_str("events_count", pl.lit(" in "), "event_id"),
            )
        ],
    )
    events = agreed.kept.with_columns(
        pl.col("_start").alias("event_date"),
        pl.col("_events").alias("events_count"),
        pl.lit(str(DatePrecision.DAY)).alias("date_precision"),
    )
    return Triage(events, pl.concat([readable.set_aside, result.set_aside, agreed.set_aside]))
