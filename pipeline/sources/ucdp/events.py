"""UCDP GED rows -> the shared event columns, typed; what cannot be read is set aside.

The codes are those of UCDP's codebook.
"""

import polars as pl

from pipeline.declare.codes import DatePrecision, EventClass, GeoPrecision, Reason
from pipeline.records import parsing
from pipeline.records.events import MOST_DEATHS, coded, is_unknown
from pipeline.records.parsing import with_columns_of
from pipeline.records.rules import date_rules, doubted, formula_rules, number_rules, term_rule
from pipeline.records.triage import Rule, Triage, triage, unreadable

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
            parsing.read_as(readable.kept, parsing.whole_number, n, pl.Int64).alias(f"_{n}")
            for n in ("type_of_violence", "where_prec", "date_prec", "country_id", "best", "low", "high")
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
            *(rule for end in ("low", "high") for rule in number_rules(end, f"_{end}")),
            *(
                Rule(pl.col(f"_{name}") > MOST_DEATHS, Reason.NUMBER_OUT_OF_RANGE, name)
                for name in ("best", "low", "high")
            ),
        ],
    )
    events = result.kept.with_columns(
        coded("_type_of_violence", UCDP_TYPES).alias("event_class"),
        coded("_where_prec", UCDP_WHERE).alias("geo_precision"),
        coded("_date_prec", UCDP_WHEN).fill_null(str(DatePrecision.MONTH)).alias("date_precision"),
        pl.col("_best").alias("fatalities_persons"),
        pl.col("_low").alias("fatalities_low_persons"),
        pl.col("_high").alias("fatalities_high_persons"),
        parsing.text("side_a").alias("actor1"),
        parsing.text("side_b").alias("actor2"),
        pl.col("adm_1").alias("adm1_name"),
        pl.col("adm_2").alias("adm2_name"),
        parsing.text("code_status").alias("source_status"),
        pl.col("_where_prec").is_in(list(UCDP_POINT_OF_NAMED_PLACE)).alias("_point_of_named"),
        (pl.col("_where_prec") == UCDP_EXACT).alias("_own_point"),
        (pl.col("_where_prec") == UCDP_AREA).alias("_is_area"),
        # A line or area that lies in one district carries it; where it crosses districts the column is blank.
        pl.when(pl.col("_where_prec").is_in([UCDP_DISTRICT, UCDP_AREA])).then("adm_2").alias("_within_district"),
        pl.col("where_coordinates").alias("_place_text"),
    )
    return Triage(events, pl.concat([readable.set_aside, result.set_aside]))
