"""Clash events of every source -> events with one township, one date, one class and one current version.

Events of all classes are kept; which of them count is the method's business. An event that its source
locates only to a district, a region or the country is never put into the polygon under its point: it is
counted as unallocated and set aside.
"""

from dataclasses import dataclass

import polars as pl

from pipeline.codes import DatePrecision, EventClass, GeoPrecision, PlacedBy, Reason
from pipeline.frames import empty
from pipeline.readers.formats import PLACE_COLUMNS
from pipeline.records import values
from pipeline.records.inputs import with_columns_of
from pipeline.records.places import Gazetteer, by_point, one_each, place
from pipeline.records.triage import Rule, Triage, no_rows, triage, unreadable
from pipeline.records.versions import current, is_deleted, is_unclear, revised

# Terms of other vocabularies that mean one of our three classes.
EVENT_TERMS: dict[str, EventClass] = {
    "clash": EventClass.CLASH,
    "violence_against_civilians": EventClass.VIOLENCE_AGAINST_CIVILIANS,
    "other": EventClass.OTHER,
    # ACLED event types
    "battles": EventClass.CLASH,
    "explosions/remote_violence": EventClass.CLASH,
    "riots": EventClass.OTHER,
    "protests": EventClass.OTHER,
    "strategic_developments": EventClass.OTHER,
    # UCDP types of violence
    "state_based_conflict": EventClass.CLASH,
    "non_state_conflict": EventClass.CLASH,
    "one_sided_violence": EventClass.VIOLENCE_AGAINST_CIVILIANS,
}
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
COARSE = {
    GeoPrecision.DISTRICT: Reason.PRECISION_DISTRICT,
    GeoPrecision.REGION: Reason.PRECISION_REGION,
    GeoPrecision.COUNTRY: Reason.PRECISION_COUNTRY,
}
MOST_DEATHS = 100_000

_CONTENT = ["event_date", "event_date_end", "event_class", "adm3_pcode", "geo_precision", "fatalities_persons"]


@dataclass(frozen=True)
class Clashes:
    """`records`: columns of records.clashes; `unallocated`: those of records.unallocated_events."""

    records: pl.DataFrame
    unallocated: pl.DataFrame
    set_aside: pl.DataFrame


def ucdp_events(raw: pl.DataFrame) -> Triage:
    """UCDP GED rows in the shared event columns; numbers may come as "48528.0".

    `raw` has the UCDP columns as text and the delivery's columns. The township stands in
    `where_coordinates`, not in `adm_2`, which is the district.
    """
    readable = unreadable(raw)
    frame = readable.kept.with_columns(
        values.text("id").str.replace(r"\.0*$", "").alias("event_id"),
        *(
            values.whole_number(n).alias(f"_{n}")
            for n in ("type_of_violence", "where_prec", "date_prec", "country_id", "best")
        ),
        values.day("date_start").alias("event_date"),
        values.day("date_end").alias("event_date_end"),
    )
    result = triage(
        frame,
        [
            Rule(pl.col("event_id").is_null(), Reason.MISSING_VALUE, "id"),
            Rule(
                values.is_stated("country_id") & pl.col("_country_id").ne_missing(UCDP_MYANMAR),
                Reason.OUTSIDE_COUNTRY,
                "country_id",
            ),
            *_date_rules("date_start", "date_end"),
            Rule(
                ~pl.col("_type_of_violence").is_in(list(UCDP_TYPES)).fill_null(False),
                Reason.UNKNOWN_TERM,
                "type_of_violence",
            ),
            Rule(~pl.col("_where_prec").is_in(list(UCDP_WHERE)).fill_null(False), Reason.UNKNOWN_TERM, "where_prec"),
            Rule(
                values.is_stated("date_prec") & ~pl.col("_date_prec").is_in(list(UCDP_WHEN)).fill_null(False),
                Reason.UNKNOWN_TERM,
                "date_prec",
            ),
            *number_rules("best", "_best"),
            Rule(pl.col("_best") > MOST_DEATHS, Reason.NUMBER_OUT_OF_RANGE, "best"),
        ],
    )
    events = result.kept.with_columns(
        _coded("_type_of_violence", UCDP_TYPES).alias("event_class"),
        _coded("_where_prec", UCDP_WHERE).alias("geo_precision"),
        _coded("_date_prec", UCDP_WHEN).fill_null(str(DatePrecision.MONTH)).alias("date_precision"),
        pl.col("_best").alias("fatalities_persons"),
        pl.col("adm_1").alias("adm1_name"),
        pl.lit(None, dtype=pl.String).alias("updated_at"),
        pl.lit(False).alias("_deleted"),
        pl.col("_where_prec").is_in(list(UCDP_POINT_OF_NAMED_PLACE)).alias("_point_of_named"),
    )
    return Triage(events, pl.concat([readable.set_aside, result.set_aside]))


def canonical_events(raw: pl.DataFrame) -> Triage:
    """Rows in this project's own columns, in the shared event columns."""
    readable = unreadable(with_columns_of(raw, PLACE_COLUMNS))
    frame = readable.kept.with_columns(
        values.text("event_id").alias("event_id"),
        values.day("event_date").alias("_start"),
        values.day("event_date_end").alias("_end"),
        values.term("event_type")
        .replace_strict({k: str(v) for k, v in EVENT_TERMS.items()}, default=None, return_dtype=pl.String)
        .alias("event_class"),
        values.whole_number("fatalities").alias("fatalities_persons"),
        values.term("geo_precision").alias("_precision"),
        values.term("date_precision").fill_null("day").alias("date_precision"),
        is_deleted("deleted").alias("_deleted"),
    )
    precision = pl.col("_precision").is_not_null() & ~pl.col("_precision").is_in(list(GeoPrecision))
    # A deletion needs only its id: the rest of the row may be blank.
    alive = ~pl.col("_deleted")
    result = triage(
        frame,
        [
            Rule(pl.col("event_id").is_null(), Reason.MISSING_VALUE, "event_id"),
            Rule(is_unclear("deleted"), Reason.UNKNOWN_TERM, "deleted"),
            update_rule(),
            *(
                Rule(alive & r.broken, r.reason, r.column)
                for r in _date_rules("event_date", "event_date_end", "_start", "_end")
            ),
            Rule(alive & pl.col("event_class").is_null(), Reason.UNKNOWN_TERM, "event_type"),
            Rule(alive & precision, Reason.UNKNOWN_TERM, "geo_precision"),
            Rule(alive & ~pl.col("date_precision").is_in(list(DatePrecision)), Reason.UNKNOWN_TERM, "date_precision"),
            *number_rules("fatalities", "fatalities_persons", alive),
            Rule(alive & (pl.col("fatalities_persons") > MOST_DEATHS), Reason.NUMBER_OUT_OF_RANGE, "fatalities"),
        ],
    )
    events = result.kept.with_columns(
        pl.col("_start").alias("event_date"),
        pl.col("_end").alias("event_date_end"),
        # Where the sender states no precision, the row counts as located in its township.
        pl.col("_precision").fill_null(str(GeoPrecision.TOWNSHIP)).alias("geo_precision"),
        values.text("updated_at").alias("updated_at"),
        pl.lit(True).alias("_point_of_named"),
    )
    return Triage(events, pl.concat([readable.set_aside, result.set_aside]))


def number_rules(column: str, parsed: str, applies: pl.Expr | None = None) -> list[Rule]:
    """A stated count must parse: negative or absurd numbers are out of range, the rest is not a number."""
    failed = values.is_stated(column) & pl.col(parsed).is_null() & (pl.lit(True) if applies is None else applies)
    return [
        Rule(failed & values.is_integer(column), Reason.NUMBER_OUT_OF_RANGE, column),
        Rule(failed, Reason.INVALID_NUMBER, column),
    ]


def update_rule() -> Rule:
    """A stated time of revision must parse, or the newest version cannot be known."""
    unclear = values.is_stated("updated_at") & values.moment("updated_at").is_null()
    return Rule(unclear, Reason.INVALID_DATE, "updated_at")


def current_clashes(events: list[Triage], gazetteer: Gazetteer) -> Clashes:
    """Versions, then places: one row per current event in a township, the rest by reason.

    Versions come first, so that a revision that moves an event out of a township takes it out.
    """
    frames = [triaged.kept for triaged in events if triaged.kept.height]
    aside = [triaged.set_aside for triaged in events]
    if not frames:
        return Clashes(
            empty("records.clashes"), empty("records.unallocated_events"), pl.concat(aside) if aside else no_rows()
        )
    shared = [
        "event_id",
        "event_date",
        "event_date_end",
        "event_class",
        "geo_precision",
        "date_precision",
        "fatalities_persons",
        "updated_at",
        "_deleted",
        "_point_of_named",
        *PLACE_COLUMNS,
        "where_coordinates",
        "delivery_id",
        "row_number",
        "file_name",
        "kind",
        "source",
        "source_key",
        "received",
        "_reference_date",
    ]
    together = pl.concat(
        [with_columns_of(frame, (*PLACE_COLUMNS, "where_coordinates")).select(shared) for frame in frames]
    )
    together = together.with_columns(revised("updated_at").alias("_updated"), pl.col("received").alias("_received"))
    content = [c for c in _CONTENT if c != "adm3_pcode"] + list(PLACE_COLUMNS)
    versions = current(together, ["source_key", "event_id"], content)
    located = _locate(versions.kept, gazetteer)
    records = located.records.with_columns(pl.col("event_date").dt.truncate("1mo").alias("month"))
    return Clashes(
        records.sort("source_key", "event_id"),
        located.unallocated,
        pl.concat([*aside, versions.set_aside, located.set_aside]),
    )


def _locate(frame: pl.DataFrame, gazetteer: Gazetteer) -> Clashes:
    named = gazetteer.township_named_in(pl.col("where_coordinates"))
    text = _with_named_township(frame.with_columns(named.struct.field("name").alias("_named")), gazetteer)
    # A township named in the source's text is township precision, whatever the code says; in a spelling that is
    # not known, only where the point is that of the named place and not of the district, region or country.
    known = pl.col("_named_pcode").is_not_null() | (pl.col("_named").is_not_null() & pl.col("_point_of_named"))
    text = text.with_columns(
        pl.when(known & pl.col("geo_precision").is_in([str(p) for p in COARSE]))
        .then(pl.lit(str(GeoPrecision.TOWNSHIP)))
        .otherwise("geo_precision")
        .alias("geo_precision")
    )
    coarse = triage(
        text, [Rule(pl.col("geo_precision") == str(p), reason, "geo_precision") for p, reason in COARSE.items()]
    )
    uncounted = text.filter(pl.col("geo_precision").is_in([str(p) for p in COARSE]))
    placed = _place_named(coarse.kept, gazetteer)
    return Clashes(
        one_each(placed.kept), _count_unallocated(uncounted), pl.concat([coarse.set_aside, placed.set_aside])
    )


def _with_named_township(frame: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """Add `_named_pcode`: the township that the text names, where its state bears that name; else null."""
    names = frame.select("adm1_name", pl.col("_named").alias("adm3_name"))
    resolved = gazetteer.resolve_names(names)["adm3_pcode"].rename("_named_pcode")
    return frame.with_columns(pl.when(pl.col("_named").is_not_null()).then(resolved).alias("_named_pcode"))


def _place_named(frame: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    """Rows whose text names a township of their state go there; the others by their own place columns.

    A named township in another spelling is left to the point that the source gives for it: the text says
    that the source means a township, the point says which.
    """
    by_text = frame.filter(pl.col("_named_pcode").is_not_null()).with_columns(
        pl.col("_named_pcode").alias("adm3_pcode"),
        pl.lit(1.0).alias("weight"),
        pl.lit(str(PlacedBy.NAME)).alias("placed_by"),
        pl.lit(None, dtype=pl.Float64).alias("distance_km"),
    )
    rest = frame.filter(pl.col("_named_pcode").is_null())
    spelled = rest.filter(pl.col("_named").is_not_null())
    own = rest.filter(pl.col("_named").is_null())
    parts = [by_point(spelled.drop("adm3_pcode"), gazetteer), place(own, gazetteer)]
    kept = pl.concat([by_text, *(part.kept for part in parts)], how="diagonal_relaxed")
    return Triage(kept, pl.concat([part.set_aside for part in parts]))


def _date_rules(start: str, end: str, parsed: str = "event_date", parsed_end: str = "event_date_end") -> list[Rule]:
    return [
        Rule(~values.is_stated(start), Reason.MISSING_VALUE, start),
        Rule(pl.col(parsed).is_null(), Reason.INVALID_DATE, start, pl.col(start).cast(pl.String)),
        Rule(~values.within_time(pl.col(parsed)), Reason.DATE_OUT_OF_RANGE, start, pl.col(start).cast(pl.String)),
        Rule(values.is_stated(end) & pl.col(parsed_end).is_null(), Reason.INVALID_DATE, end),
        Rule(pl.col(parsed_end) < pl.col(parsed), Reason.DATES_REVERSED, end),
    ]


def _coded(column: str, codes: dict[int, EventClass] | dict[int, GeoPrecision] | dict[int, DatePrecision]) -> pl.Expr:
    return pl.col(column).replace_strict({k: str(v) for k, v in codes.items()}, default=None, return_dtype=pl.String)


def _count_unallocated(frame: pl.DataFrame) -> pl.DataFrame:
    if frame.is_empty():
        return empty("records.unallocated_events")
    key = ["source_key", "month", "event_class", "geo_precision"]
    return (
        frame.with_columns(pl.col("event_date").dt.truncate("1mo").alias("month"))
        .group_by(key)
        .agg(
            pl.len().cast(pl.Int64).alias("events_count"),
            pl.when(pl.col("fatalities_persons").is_not_null().any()).then(pl.col("fatalities_persons").sum()),
        )
        .sort(key)
    )
