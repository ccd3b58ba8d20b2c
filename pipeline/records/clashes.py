"""Clash events of every source -> events with one township, one date, one class and one current version.

Events of all classes are kept; which of them count is the method's business. An event that its source
locates only to a district, a region or the country is never put into the polygon under its point: it is
counted as unallocated and set aside.
"""

from dataclasses import dataclass

import polars as pl

from pipeline.codes import GeoPrecision, Reason
from pipeline.frames import empty
from pipeline.readers.formats import PLACE_COLUMNS
from pipeline.records import values
from pipeline.records.inputs import with_columns_of
from pipeline.records.places import Gazetteer, by_point, one_each, place
from pipeline.records.review import approved
from pipeline.records.triage import Rule, Triage, no_rows, triage
from pipeline.records.versions import current, revised

COARSE = {
    GeoPrecision.DISTRICT: Reason.PRECISION_DISTRICT,
    GeoPrecision.REGION: Reason.PRECISION_REGION,
    GeoPrecision.COUNTRY: Reason.PRECISION_COUNTRY,
}
_SHARED = (
    "event_id", "event_date", "event_date_end", "event_class", "geo_precision", "date_precision",
    "fatalities_persons", "actor1", "actor2", "updated_at", "source_status", "_deleted", "_point_of_named",
    "_name_of_point", "_review", *PLACE_COLUMNS, "where_coordinates", "delivery_id", "row_number", "file_name", "kind",
    "source", "source_key", "received", "_reference_date",
)  # fmt: skip
# All that a record shows or its place depends on: between versions that nothing else tells apart it decides.
_CONTENT = [
    "event_date", "event_date_end", "event_class", "geo_precision", "fatalities_persons", *PLACE_COLUMNS,
    "date_precision", "where_coordinates", "source", "actor1", "actor2", "source_status",
    "_review",
]  # fmt: skip


@dataclass(frozen=True)
class Clashes:
    """`records`: columns of records.clashes; `unallocated`: those of records.unallocated_events."""

    records: pl.DataFrame
    unallocated: pl.DataFrame
    set_aside: pl.DataFrame


def current_clashes(events: list[Triage], gazetteer: Gazetteer) -> Clashes:
    """Versions, then places: one row per current event in a township, the rest by reason.

    Versions come first, so that a revision that moves an event out of a township takes it out.
    """
    aside = [triaged.set_aside for triaged in events]
    together = shared_rows(events)
    if together.is_empty():
        return Clashes(
            empty("records.clashes"), empty("records.unallocated_events"), pl.concat(aside) if aside else no_rows()
        )
    versions = current_versions(together)
    located = locate(versions.kept, gazetteer)
    return Clashes(
        located.records.sort("source_key", "event_id"),
        located.unallocated,
        pl.concat([*aside, versions.set_aside, located.set_aside]),
    )


def shared_rows(events: list[Triage]) -> pl.DataFrame:
    """The readable rows of every source under the columns that all of them share; no columns where none is."""
    frames = [triaged.kept for triaged in events if triaged.kept.height]
    if not frames:
        return pl.DataFrame()
    return pl.concat([_narrow(frame) for frame in frames])


def current_versions(together: pl.DataFrame) -> Triage:
    """The current version of each event among rows of `shared_rows`; none where its reviewers turned that down."""
    key = ["source_key", "event_id"]
    ranked = together.with_columns(revised("updated_at", key).alias("_updated"), pl.col("received").alias("_received"))
    return approved(current(ranked, key, _CONTENT))


def narrowed(events: Triage) -> Triage:
    """The same with only the columns that all sources share: the raw ones would fill memory while others are read."""
    return Triage(_narrow(events.kept), events.set_aside)


def _narrow(frame: pl.DataFrame) -> pl.DataFrame:
    own = with_columns_of(frame, (*PLACE_COLUMNS, "where_coordinates"))
    if "_name_of_point" not in own.columns:
        own = own.with_columns(pl.lit(False).alias("_name_of_point"))
    if "_review" not in own.columns:
        own = own.with_columns(pl.lit(None, dtype=pl.String).alias("_review"))
    return own.select(_SHARED)


def locate(frame: pl.DataFrame, gazetteer: Gazetteer) -> Clashes:
    """Rows of one version each in their townships: columns of records.clashes; coarse ones counted, not placed."""
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
    in_townships = one_each(placed.kept).with_columns(pl.col("event_date").dt.truncate("1mo").alias("month"))
    return Clashes(in_townships, _count_unallocated(uncounted), pl.concat([coarse.set_aside, placed.set_aside]))


def _with_named_township(frame: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """Add `_named_pcode`, `_named_how`: the township that the text names, by name or alias in its state; else null."""
    names = frame.select("adm1_name", "adm2_name", pl.col("_named").alias("adm3_name"))
    resolved = gazetteer.resolve_names(names)
    return frame.with_columns(resolved["adm3_pcode"].alias("_named_pcode"), resolved["how"].alias("_named_how"))


def _place_named(frame: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    """Rows whose text names a township of their state go there; the others by their own place columns.

    A named township in another spelling is left to the point that the source gives for it: the text says
    that the source means a township, the point says which. The same holds for a column of names that the
    source itself takes from its points (`_name_of_point`).
    """
    by_text = frame.filter(pl.col("_named_pcode").is_not_null()).with_columns(
        pl.col("_named_pcode").alias("adm3_pcode"),
        pl.lit(1.0).alias("weight"),
        pl.col("_named_how").alias("placed_by"),
        pl.lit(None, dtype=pl.Float64).alias("distance_km"),
    )
    rest = frame.filter(pl.col("_named_pcode").is_null())
    unresolved = gazetteer.resolve_names(rest.select("adm1_name", "adm3_name"))["adm3_pcode"].is_null()
    has_point = values.is_stated("adm3_name") & values.is_stated("longitude") & values.is_stated("latitude")
    to_point = pl.col("_named").is_not_null() | (pl.col("_name_of_point") & unresolved & has_point)
    spelled, own = rest.filter(to_point), rest.filter(~to_point)
    parts = [by_point(spelled.drop("adm3_pcode"), gazetteer), place(own, gazetteer)]
    kept = pl.concat([by_text, *(part.kept for part in parts)], how="diagonal_relaxed")
    return Triage(kept, pl.concat([part.set_aside for part in parts]))


def _count_unallocated(frame: pl.DataFrame) -> pl.DataFrame:
    if frame.is_empty():
        return empty("records.unallocated_events")
    key = ["source_key", "event_date", "event_class", "geo_precision"]
    return (
        frame.group_by(key)
        .agg(
            pl.len().cast(pl.Int64).alias("events_count"),
            pl.when(pl.col("fatalities_persons").is_not_null().any()).then(pl.col("fatalities_persons").sum()),
        )
        .sort(key)
    )
