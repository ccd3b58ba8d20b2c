"""ACLED's events and its list of deletions -> the shared event columns, typed; what cannot be read is set aside.

The codes are those of ACLED's codebook.
"""

import polars as pl

from pipeline.declare.codes import DatePrecision, GeoPrecision, Reason
from pipeline.declare.formats import PLACE_COLUMNS
from pipeline.declare.terms import EVENT_TERMS
from pipeline.records import parsing
from pipeline.records.events import MOST_DEATHS, coded, is_unknown
from pipeline.records.rules import date_rules, doubted, formula_rules, number_rules, term_rule, update_rule
from pipeline.records.triage import Rule, Triage, triage, unreadable

ACLED_TERMS = (
    "battles",
    "explosions/remote_violence",
    "violence_against_civilians",
    "riots",
    "protests",
    "strategic_developments",
)
# 1: the place itself. 2: a small part of a region, or near a named town, whose coordinates stand for it: in Myanmar
# that is the town's township. 3: a larger region, with the coordinates of some place in it, often its capital.
ACLED_WHERE = {1: GeoPrecision.EXACT, 2: GeoPrecision.TOWNSHIP, 3: GeoPrecision.REGION}
ACLED_EXACT = 1
ACLED_WHEN = {1: DatePrecision.DAY, 2: DatePrecision.WEEK, 3: DatePrecision.MONTH}
MYANMAR_ISO = 104
_CODED = (
    "event_id_cnty", "event_type", "admin1", "admin3", "longitude", "latitude", "geo_precision", "time_precision",
    "timestamp",
)  # fmt: skip
MYANMAR_NAMES = ("myanmar", "burma")
_DAY_OF_EXPORT = "%d %B %Y"  # "05 November 2023": the export tool writes the month in words, so no order is guessed


def acled_events(raw: pl.DataFrame) -> Triage:
    """ACLED rows in the shared event columns; numbers may come as text, as the interface gives them.

    `admin3` is the township by name, which ACLED takes from its own point: where the spelling is not known, the
    point decides. Without a stated precision a row that names its township counts as township precision.
    """
    readable = unreadable(raw)
    frame = readable.kept.with_columns(
        parsing.text("event_id_cnty").alias("event_id"),
        _day("event_date").alias("_day"),
        parsing.term("event_type").alias("_type"),
        parsing.term("country").alias("_country"),
        *(parsing.whole_number(n).alias(f"_{n}") for n in ("geo_precision", "time_precision", "iso", "fatalities")),
    )
    frame = doubted(frame, {"event_date": "_day"})
    named_only = ~parsing.is_stated("geo_precision") & parsing.is_stated("admin3")
    abroad = parsing.is_stated("country") & ~pl.col("_country").is_in(list(MYANMAR_NAMES)).fill_null(False)
    result = triage(
        frame,
        [
            *formula_rules(*_CODED),
            Rule(pl.col("event_id").is_null(), Reason.MISSING_VALUE, "event_id_cnty"),
            Rule(abroad, Reason.OUTSIDE_COUNTRY, "country"),
            Rule(parsing.is_stated("iso") & pl.col("_iso").ne_missing(MYANMAR_ISO), Reason.OUTSIDE_COUNTRY, "iso"),
            update_rule("timestamp"),
            *date_rules("event_date", None, "_day"),
            term_rule(~pl.col("_type").is_in(list(ACLED_TERMS)).fill_null(False), "event_type", ACLED_TERMS),
            term_rule(~named_only & is_unknown("_geo_precision", ACLED_WHERE), "geo_precision", ACLED_WHERE),
            term_rule(
                parsing.is_stated("time_precision") & is_unknown("_time_precision", ACLED_WHEN),
                "time_precision",
                ACLED_WHEN,
            ),
            *number_rules("fatalities", "_fatalities"),
            Rule(pl.col("_fatalities") > MOST_DEATHS, Reason.NUMBER_OUT_OF_RANGE, "fatalities"),
        ],
    )
    events = result.kept.with_columns(
        pl.col("_day").alias("event_date"),
        pl.col("_type").replace_strict({term: str(EVENT_TERMS[term]) for term in ACLED_TERMS}).alias("event_class"),
        coded("_geo_precision", ACLED_WHERE).fill_null(str(GeoPrecision.TOWNSHIP)).alias("geo_precision"),
        coded("_time_precision", ACLED_WHEN).fill_null(str(DatePrecision.DAY)).alias("date_precision"),
        pl.col("_fatalities").alias("fatalities_persons"),
        pl.lit(None, dtype=pl.String).alias("adm3_pcode"),
        pl.col("admin3").alias("adm3_name"),
        pl.col("admin1").alias("adm1_name"),
        parsing.revision("timestamp").alias("updated_at"),
        parsing.text("actor1").alias("actor1"),
        parsing.text("actor2").alias("actor2"),
        pl.lit(True).alias("_point_of_named"),
        pl.lit(True).alias("_name_of_point"),
        (pl.col("_geo_precision") == ACLED_EXACT).alias("_own_point"),
        # "Yangon" is the city; a place within it is written "Yangon - Dagon".
        parsing.text("location").alias("_place_text"),
    )
    return Triage(events, pl.concat([readable.set_aside, result.set_aside]))


def acled_deletions(raw: pl.DataFrame) -> Triage:
    """ACLED's list of deleted ids as deletions in the shared event columns; everything but the id is blank.

    A deletion ends its id for every export up to its own time, whichever came first. An id that was never
    delivered is no fault: its row is set aside as deleted like the others.
    """
    readable = unreadable(raw)
    frame = readable.kept.with_columns(parsing.text("event_id_cnty").alias("event_id"))
    result = triage(
        frame,
        [Rule(pl.col("event_id").is_null(), Reason.MISSING_VALUE, "event_id_cnty"), update_rule("deleted_timestamp")],
    )
    blank = ("event_class", "geo_precision", "date_precision", *PLACE_COLUMNS)
    deletions = result.kept.with_columns(
        *(pl.lit(None, dtype=pl.String).alias(name) for name in blank),
        pl.lit(None, dtype=pl.Date).alias("event_date"),
        parsing.text("deleted_timestamp").alias("updated_at"),
        pl.lit(True).alias("_deleted"),
    )
    return Triage(deletions, pl.concat([readable.set_aside, result.set_aside]))


def _day(name: str) -> pl.Expr:
    return pl.coalesce(parsing.day(name), parsing.text(name).str.to_date(_DAY_OF_EXPORT, strict=False))
