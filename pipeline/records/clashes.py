"""Clash events of every source -> events with one township, one date, one class and one current version.

Events of all classes are kept; which of them count is the method's business. An event that its source
locates only to a district, a region or the country is never put into the polygon under its point: it is
counted as unallocated and set aside.
"""

from dataclasses import dataclass, field

import polars as pl

from pipeline.declare.formats import PLACE_COLUMNS
from pipeline.declare.frames import conform, empty
from pipeline.records import missing_events, parsing, vetting
from pipeline.records.candidates import with_candidates
from pipeline.records.parsing import with_columns_of
from pipeline.records.placing import Gazetteer, by_point, one_each, place, resolve_any, with_contradicting_point
from pipeline.records.precision import COARSE, with_precision
from pipeline.records.repeated_rows import Repeated
from pipeline.records.replaced_days import without_replaced
from pipeline.records.reused import without_reused
from pipeline.records.review import approved
from pipeline.records.triage import Rule, Triage, no_rows, triage
from pipeline.records.versions import current, with_revision
from pipeline.records.vetting import confirmed, with_vetting

_SHARED = (
    "event_id", "event_date", "event_date_end", "event_class", "geo_precision", "date_precision",
    "events_count", "fatalities_persons", "fatalities_low_persons", "fatalities_high_persons", "actor1", "actor2",
    "updated_at", "source_status", "_deleted", "_point_of_named",
    "_name_of_point", "_review", "_own_point", "_is_area", "_within_district", "_place_text",
    *PLACE_COLUMNS, "where_coordinates", "delivery_id", "row_number", "file_name", "kind",
    "source", "source_key", "received", "_reference_date", "release",
)  # fmt: skip
# What a source means that does not say it: the event stands, on one day, with nobody and no deaths named; the point is
# not known to be that of the named place nor the place's own, and the township's name is not made from it; nothing
# names an area, a district or a place of several townships; a row is one event.
_UNSAID: dict[str, tuple[bool | int | None, type[pl.DataType]]] = {
    "event_date_end": (None, pl.Date),
    "fatalities_persons": (None, pl.Int64),
    "actor1": (None, pl.String),
    "actor2": (None, pl.String),
    "updated_at": (None, pl.String),
    "source_status": (None, pl.String),
    "_deleted": (False, pl.Boolean),
    "_point_of_named": (False, pl.Boolean),
    "_name_of_point": (False, pl.Boolean),
    "_own_point": (False, pl.Boolean),
    "_is_area": (False, pl.Boolean),
    "_within_district": (None, pl.String),
    "_place_text": (None, pl.String),
    "_review": (None, pl.String),
    "events_count": (1, pl.Int64),
    "fatalities_low_persons": (None, pl.Int64),
    "fatalities_high_persons": (None, pl.Int64),
}
# All that a record shows or its place depends on: between versions that nothing else tells apart it decides.
_CONTENT = [
    "event_date", "event_date_end", "event_class", "geo_precision", "events_count", "fatalities_persons",
    *PLACE_COLUMNS,
    "fatalities_low_persons", "fatalities_high_persons", "date_precision", "where_coordinates",
    "source", "actor1", "actor2", "source_status",
    "_review",
]  # fmt: skip


@dataclass(frozen=True)
class Clashes:
    """`records`: columns of records.clashes; `unallocated`: those of records.unallocated_events."""

    records: pl.DataFrame
    unallocated: pl.DataFrame
    set_aside: pl.DataFrame
    missing: pl.DataFrame = field(default_factory=pl.DataFrame)  # of downloads.py; no columns where nothing came
    sentences: tuple[str, ...] = ()  # what the run says of releases and downloads that stand against each other


def current_clashes(events: list[Triage], gazetteer: Gazetteer, repeated: Repeated | None = None) -> Clashes:
    """Versions, then places: one row per current event in a township, the rest by reason.

    Versions come first, so that a revision that moves an event out of a township takes it out. `repeated` says which
    rows stand for equal ones of deliveries in between, whose rows are not among the `events`.
    """
    aside = [triaged.set_aside for triaged in events]
    together = shared_rows(events)
    if together.is_empty():
        return Clashes(
            empty("records.clashes"), empty("records.unallocated_events"), pl.concat(aside) if aside else no_rows()
        )
    vetted, standing = with_vetting(together)
    lasting = confirmed(vetted, standing)
    counted = without_replaced(lasting.kept)
    versions = _versions(counted.kept)
    missing = missing_events.missing_later(counted.kept, repeated)
    located = locate(versions.kept, gazetteer)
    return Clashes(
        located.records.sort("source_key", "event_id"),
        located.unallocated,
        pl.concat([*aside, lasting.set_aside, counted.set_aside, versions.set_aside, located.set_aside]),
        missing,
        (*vetting.sentences(standing, lasting.set_aside), *missing_events.sentences(missing)),
    )


def shared_rows(events: list[Triage]) -> pl.DataFrame:
    """The readable rows of every source under the columns that all of them share; no columns where none is."""
    frames = [triaged.kept for triaged in events if triaged.kept.height]
    if not frames:
        return pl.DataFrame()
    return pl.concat([_narrow(frame) for frame in frames])


def current_versions(together: pl.DataFrame) -> Triage:
    """The current version of each event among rows of `shared_rows`.

    A candidate that the vetted release of its days does not hold ends, and a number that stands for several events
    has no versions. None where its reviewers turned the version down.
    """
    lasting = confirmed(*with_vetting(together))
    counted = without_replaced(lasting.kept)
    versions = _versions(counted.kept)
    return Triage(versions.kept, pl.concat([lasting.set_aside, counted.set_aside, versions.set_aside]))


def _versions(lasting: pl.DataFrame) -> Triage:
    key = ["source_key", "event_id"]
    ranked = with_revision(lasting, key).with_columns(pl.col("received").alias("_received"))
    single = without_reused(ranked, key)
    versions = current(single.kept, key, _CONTENT)
    return approved(Triage(versions.kept, pl.concat([single.set_aside, versions.set_aside])))


def narrowed(events: Triage) -> Triage:
    """The same with only the columns that all sources share: the raw ones would fill memory while others are read."""
    return Triage(_narrow(events.kept), events.set_aside)


def _narrow(frame: pl.DataFrame) -> pl.DataFrame:
    own = with_columns_of(frame, (*PLACE_COLUMNS, "where_coordinates", "release"))
    unsaid = {name: pl.lit(value, kind) for name, (value, kind) in _UNSAID.items() if name not in own.columns}
    return own.select(unsaid[name].alias(name) if name in unsaid else name for name in _SHARED)


def locate(frame: pl.DataFrame, gazetteer: Gazetteer) -> Clashes:
    """Rows of one version each in their townships: columns of records.clashes; coarse ones counted, not placed."""
    text = with_precision(frame, gazetteer)
    spans = pl.col("_spans").is_not_null()
    rules = [
        rule
        for precision, reason in COARSE.items()
        for rule in (
            Rule((pl.col("geo_precision") == str(precision)) & ~spans, reason, "geo_precision"),
            Rule((pl.col("geo_precision") == str(precision)) & spans, reason, None, pl.col("_spans")),
        )
    ]
    coarse = triage(text, rules)
    uncounted = text.filter(pl.col("geo_precision").is_in([str(p) for p in COARSE]))
    placed = _place_named(coarse.kept, gazetteer)
    in_townships = one_each(placed.kept).with_columns(pl.col("event_date").dt.truncate("1mo").alias("month"))
    return Clashes(
        in_townships, _count_unallocated(uncounted, gazetteer), pl.concat([coarse.set_aside, placed.set_aside])
    )


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
    asked = rest.select("adm1_name", pl.when("_name_of_point").then("adm3_name").alias("adm3_name"))
    unresolved = resolve_any(asked, gazetteer.resolve_names)["adm3_pcode"].is_null()
    has_point = parsing.is_stated("adm3_name") & parsing.is_stated("longitude") & parsing.is_stated("latitude")
    to_point = pl.col("_named").is_not_null() | (pl.col("_name_of_point") & unresolved & has_point)
    spelled, own = rest.filter(to_point), rest.filter(~to_point)
    parts = [place(own, gazetteer)]
    # It costs as much for no row as for a thousand.
    if spelled.height:
        parts.insert(0, by_point(spelled.drop("adm3_pcode"), gazetteer))
    named = with_contradicting_point(by_text, gazetteer)
    kept = pl.concat([named, *(part.kept for part in parts)], how="diagonal_relaxed")
    return Triage(kept, pl.concat([part.set_aside for part in parts]))


def _count_unallocated(frame: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    if frame.is_empty():
        return empty("records.unallocated_events")
    return _by_day(with_candidates(frame, gazetteer))


def unallocated_together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Parts of records.unallocated_events, made of different events, as one."""
    return _by_day(pl.concat(conform(part, "records.unallocated_events") for part in parts))


def _by_day(frame: pl.DataFrame) -> pl.DataFrame:
    key = ["source_key", "event_date", "event_class", "geo_precision", "candidate_pcodes"]
    return (
        frame.group_by(key)
        .agg(
            pl.col("events_count").sum(),
            pl.when(pl.col("fatalities_persons").is_not_null().any()).then(pl.col("fatalities_persons").sum()),
        )
        .sort(key)
    )
