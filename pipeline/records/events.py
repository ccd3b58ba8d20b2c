"""Event rows of each source -> the shared event columns, typed; what cannot be read is set aside."""

from collections.abc import Iterable

import polars as pl

from pipeline.declare.codes import DatePrecision, EventClass, GeoPrecision, Reason
from pipeline.declare.formats import PLACE_COLUMNS, SHEET_STEP
from pipeline.declare.terms import EVENT_TERMS, SHOWN_EVENT_TERMS
from pipeline.records import parsing
from pipeline.records.parsing import with_columns_of
from pipeline.records.rules import date_rules, doubted, formula_rules, number_rules, term_rule, update_rule
from pipeline.records.submissions import judged
from pipeline.records.triage import Rule, Triage, triage, unreadable
from pipeline.records.versions import is_deleted, is_unclear

UCDP_TYPES = {1: EventClass.CLASH, 2: EventClass.CLASH, 3: EventClass.VIOLENCE_AGAINST_CIVILIANS}
# 2 is "within 25 km of a known place": in Myanmar a named village or town, so its township holds. 5 is a
# named line or area; only where the text names a township is it one. 7 is at sea.
UCDP_WHERE = {
    1: GeoPrecision.EXACT,
    2: GeoPrecision.TOWNSHIP,
    3: GeoPrecision.DISTRICT,
    4: GeoPrecision.REGION,
    5: GeoPrecision.REGION,
    6: GeoPrecision.COUNTRY,
    7: GeoPrecision.COUNTRY,
}
UCDP_EXACT, UCDP_DISTRICT, UCDP_AREA = 1, 3, 5
UCDP_WHEN = {
    1: DatePrecision.DAY,
    2: DatePrecision.WEEK,
    3: DatePrecision.WEEK,
    4: DatePrecision.MONTH,
    5: DatePrecision.YEAR,
}
UCDP_MYANMAR = 775
# The point of these codes is that of the place that the text names; the others' is a district's or region's.
UCDP_POINT_OF_NAMED_PLACE = (1, 2, 5)
MOST_DEATHS = 100_000


def ucdp_events(raw: pl.DataFrame) -> Triage:
    """UCDP GED rows in the shared event columns: yearly files, monthly candidates and rows of the interface.

    `raw` has the UCDP columns as text and the delivery's columns; numbers may come as "48528.0", days as
    "2023-11-05T00:00:00". The township stands in `where_coordinates`, not in `adm_2`, which is the district.
    Four in ten candidates have a `code_status` other than Clear: they count as the others do and carry it on.
    """
    readable = unreadable(with_columns_of(raw, ("side_a", "side_b")))
    frame = readable.kept.with_columns(
        parsing.text("id").str.replace(r"\.0*$", "").alias("event_id"),
        *(
            parsing.whole_number(n).alias(f"_{n}")
            for n in ("type_of_violence", "where_prec", "date_prec", "country_id", "best")
        ),
        parsing.day("date_start").alias("event_date"),
        parsing.day("date_end").alias("event_date_end"),
    )
    frame = doubted(frame, {"date_start": "event_date", "date_end": "event_date_end"})
    result = triage(
        frame,
        [
            *formula_rules("id"),
            Rule(pl.col("event_id").is_null(), Reason.MISSING_VALUE, "id"),
            Rule(
                parsing.is_stated("country_id") & pl.col("_country_id").ne_missing(UCDP_MYANMAR),
                Reason.OUTSIDE_COUNTRY,
                "country_id",
            ),
            *date_rules("date_start", "date_end"),
            *formula_rules("type_of_violence", "where_prec", "date_prec", "where_coordinates", "longitude", "latitude"),
            term_rule(is_unknown("_type_of_violence", UCDP_TYPES), "type_of_violence", UCDP_TYPES),
            term_rule(is_unknown("_where_prec", UCDP_WHERE), "where_prec", UCDP_WHERE),
            term_rule(parsing.is_stated("date_prec") & is_unknown("_date_prec", UCDP_WHEN), "date_prec", UCDP_WHEN),
            *number_rules("best", "_best"),
            Rule(pl.col("_best") > MOST_DEATHS, Reason.NUMBER_OUT_OF_RANGE, "best"),
        ],
    )
    events = result.kept.with_columns(
        coded("_type_of_violence", UCDP_TYPES).alias("event_class"),
        coded("_where_prec", UCDP_WHERE).alias("geo_precision"),
        coded("_date_prec", UCDP_WHEN).fill_null(str(DatePrecision.MONTH)).alias("date_precision"),
        pl.col("_best").alias("fatalities_persons"),
        parsing.text("side_a").alias("actor1"),
        parsing.text("side_b").alias("actor2"),
        pl.col("adm_1").alias("adm1_name"),
        pl.col("adm_2").alias("adm2_name"),
        pl.lit(None, dtype=pl.String).alias("updated_at"),
        parsing.text("code_status").alias("source_status"),
        pl.lit(False).alias("_deleted"),
        pl.col("_where_prec").is_in(list(UCDP_POINT_OF_NAMED_PLACE)).alias("_point_of_named"),
        (pl.col("_where_prec") == UCDP_EXACT).alias("_own_point"),
        (pl.col("_where_prec") == UCDP_AREA).alias("_is_area"),
        # A line or area that lies in one district carries it; where it crosses districts the column is blank.
        pl.when(pl.col("_where_prec").is_in([UCDP_DISTRICT, UCDP_AREA])).then("adm_2").alias("_within_district"),
        pl.col("where_coordinates").alias("_place_text"),
    )
    return Triage(events, pl.concat([readable.set_aside, result.set_aside]))


def canonical_events(raw: pl.DataFrame) -> Triage:
    """Rows in this project's own columns, in the shared event columns."""
    readable = unreadable(with_columns_of(raw, (*PLACE_COLUMNS, "actor1", "actor2", "id_scope")))
    frame = judged(readable.kept).with_columns(
        # A number that means nothing outside of its file carries the file.
        (_scope() + parsing.text("event_id")).alias("event_id"),
        parsing.day("event_date").alias("_start"),
        parsing.day("event_date_end").alias("_end"),
        parsing.term("event_type")
        .str.replace_all("_*/_*", "/")
        .replace_strict({k: str(v) for k, v in EVENT_TERMS.items()}, default=None, return_dtype=pl.String)
        .alias("event_class"),
        parsing.whole_number("fatalities").alias("fatalities_persons"),
        parsing.term("geo_precision").alias("_precision"),
        parsing.term("date_precision").fill_null("day").alias("date_precision"),
        is_deleted("deleted").alias("_deleted"),
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
            term_rule(is_unclear("deleted"), "deleted", ("true", "false")),
            update_rule(),
            *(
                Rule(alive & r.broken, r.reason, r.column, r.found)
                for r in date_rules("event_date", "event_date_end", "_start", "_end")
            ),
            *(
                Rule(alive & r.broken, r.reason, r.column)
                for r in formula_rules("event_type", "geo_precision", "date_precision", *PLACE_COLUMNS)
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
        pl.lit(None, dtype=pl.String).alias("source_status"),
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
