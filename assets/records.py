"""Records assets: typed, placed, versioned; what was not used, and the accounts of every delivery."""

from typing import Any

import polars as pl
from dagster import AssetsDefinition, MaterializeResult, MetadataValue, asset, multi_asset
from dagster import AssetSpec as Spec

from assets.raw import DELIVERIES, RAW_FORMATS
from assets.resources import IndexRun, shapes
from assets.stage import KINDS, OWNERS, check_spec, definition_metadata, key, store
from pipeline import deliveries as landed
from pipeline.accounting import accounts
from pipeline.codes import Kind
from pipeline.records import clashes as clash_records
from pipeline.records import reports
from pipeline.records.inputs import with_delivery
from pipeline.records.townships import townships as conform_townships
from pipeline.records.triage import Triage
from pipeline.readers.formats import BOUNDARY_FORMAT, of_kind

SET_ASIDE = "records.set_aside"
_GROUP = {"group_name": "records", "kinds": KINDS, "owners": OWNERS}


def _raw(run: IndexRun, format_name: str) -> pl.DataFrame:
    """A raw mirror with what each row's delivery says."""
    return with_delivery(run.warehouse.read(f"raw.{format_name}"), landed.as_frame(run.known))


def _set_aside(run: IndexRun, kind: Kind, rows: pl.DataFrame) -> dict[str, Any]:
    """Store the rows of one kind that were not used; returns their counts by reason as metadata."""
    run.warehouse.write(SET_ASIDE, rows, only=("kind", str(kind)))
    counts = rows.group_by("reason").len().sort("len", "reason", descending=[True, False])
    return {"set_aside": MetadataValue.json(dict(counts.iter_rows()))}


@multi_asset(
    specs=[
        Spec(key(name), deps=[key("raw.ucdp_ged"), key("raw.canonical_clashes"), key("raw.boundaries")],
             description=text, metadata=definition_metadata(name), **_GROUP)
        for name, text in (
            ("records.clashes", "Current events, each in one township; versions and deletions applied."),
            ("records.unallocated_events", "Events located only to a district, region or the country, counted by month."),
        )
    ],
    check_specs=[check_spec("records.clashes"), check_spec("records.unallocated_events")],
)  # fmt: skip
def clashes(run: IndexRun) -> Any:
    events = [
        clash_records.canonical_events(_raw(run, "canonical_clashes")),
        clash_records.ucdp_events(_raw(run, "ucdp_ged")),
    ]
    result = clash_records.current_clashes(events, run.gazetteer)
    counts = _set_aside(run, Kind.CLASHES, result.set_aside)
    facts = {"as_of": run.knowledge_date, "related": {SET_ASIDE: result.set_aside}}
    yield store(run, "records.clashes", result.records, facts, counts)
    yield store(run, "records.unallocated_events", result.unallocated, facts)


def _report_asset(kind: Kind, description: str) -> AssetsDefinition:
    table = f"records.{kind}"
    make = getattr(reports, str(kind))
    formats = [known.name for known in of_kind(kind)]

    @asset(
        key=key(table),
        deps=[key(f"raw.{name}") for name in (*formats, BOUNDARY_FORMAT)]
        + ([key("records.townships")] if kind == Kind.DISPLACEMENT else []),
        check_specs=[check_spec(table)],
        metadata=definition_metadata(table),
        description=description,
        **_GROUP,
    )
    def records(run: IndexRun) -> MaterializeResult:
        # Canonical first: the argument order of the records functions.
        frames = [_raw(run, name) for name in sorted(formats)]
        result: Triage = make(*frames, run.gazetteer)
        counts = _set_aside(run, kind, result.set_aside)
        facts: dict[str, Any] = {"as_of": run.knowledge_date}
        if kind == Kind.DISPLACEMENT:
            facts["population"] = run.warehouse.read("records.townships").select("adm3_pcode", "population_persons")
        return store(run, table, result.kept, facts, counts)

    return records


@asset(
    key=key("records.townships"),
    deps=[key("raw.boundaries"), key("records.population")],
    check_specs=[check_spec("records.townships")],
    metadata=definition_metadata("records.townships"),
    description="The 330 townships with the boundary file in force (schematic shapes without one) and population.",
    **_GROUP,
)
def townships(run: IndexRun) -> MaterializeResult:
    from geo.schematic import SOURCE
    from geo.townships import reference

    chosen = run.boundary_delivery
    shape = shapes(run.place, chosen.delivery_id if chosen else "")
    source = chosen.source if chosen else SOURCE
    run.warehouse.write(SET_ASIDE, landed_boundaries_set_aside(run), only=("kind", str(Kind.BOUNDARIES)))
    frame = conform_townships(reference(), shape, source, run.warehouse.read("records.population"))
    return store(run, "records.townships", frame, {"as_of": run.knowledge_date})


def landed_boundaries_set_aside(run: IndexRun) -> pl.DataFrame:
    """Polygons of older boundary deliveries: whole layers are replaced, never mixed."""
    from pipeline.codes import Reason
    from pipeline.records.triage import set_aside_rows

    chosen = run.boundary_delivery
    raw = _raw(run, BOUNDARY_FORMAT)
    older = raw.filter(pl.col("delivery_id") != (chosen.delivery_id if chosen else ""))
    return set_aside_rows(older, Reason.SUPERSEDED, "adm3_pcode", pl.col("adm3_pcode"))


@multi_asset(
    specs=[
        Spec(key(name), deps=[key(f"records.{k}") for k in ("clashes", "displacement", "services", "control", "population",
                                                            "townships")], description=text,
             metadata=definition_metadata(name), **_GROUP)
        for name, text in (
            (SET_ASIDE, "Every row that was not used, with its reason. Holds text of the sources: never released."),
            ("records.accounts", "Rows in = rows used + rows set aside, for every delivery."),
        )
    ],
    check_specs=[check_spec(SET_ASIDE), check_spec("records.accounts")],
)  # fmt: skip
def account(run: IndexRun) -> Any:
    aside = run.warehouse.read(SET_ASIDE)
    known = landed.as_frame(run.known)
    rows = pl.concat([run.warehouse.read(f"raw.{name}").select("delivery_id", "row_number") for name in RAW_FORMATS])
    used = [
        run.warehouse.read(f"records.{kind}").select("delivery_id", "row_number", pl.col(day).alias("day"))
        for kind, day in (("clashes", "event_date"), ("displacement", "reference_date"), ("services", "survey_date"),
                          ("control", "reference_date"), ("population", "reference_date"))
    ]  # fmt: skip
    chosen = run.boundary_delivery
    shapes_used = run.warehouse.read(f"raw.{BOUNDARY_FORMAT}").filter(
        pl.col("delivery_id") == (chosen.delivery_id if chosen else "")
    )
    records = pl.concat([*used, shapes_used.select("delivery_id", "row_number", pl.lit(None, pl.Date).alias("day"))])
    counted = accounts(rows, records, aside, "records")
    dates = records.group_by("delivery_id").agg(
        pl.col("day").min().alias("first_date"), pl.col("day").max().alias("last_date")
    )
    frame = counted.join(known.select("delivery_id", "kind", "file_name"), on="delivery_id", validate="1:1").join(
        dates, on="delivery_id", how="left", validate="1:1"
    )
    facts = {"as_of": run.knowledge_date, "rows_count": {d.delivery_id: d.rows_count for d in run.known}}
    yield store(run, SET_ASIDE, aside, facts)
    yield store(run, "records.accounts", frame, facts)


ASSETS = [
    clashes,
    _report_asset(Kind.DISPLACEMENT, "Township reports of displaced people; blank is not reported, never zero."),
    _report_asset(Kind.SERVICES, "Township answers on the five public-service items."),
    _report_asset(Kind.CONTROL, "Observed controller per township, as recorded by the team's own sources."),
    _report_asset(Kind.POPULATION, "Delivered population figures; the reference's projection fills the rest."),
    townships,
    account,
]
