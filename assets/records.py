"""Records assets: typed, placed, versioned; what was not used, and the accounts of every delivery."""

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl
from dagster import AssetsDefinition, MaterializeResult, MetadataValue, multi_asset

from assets.audit import begin_store, begin_store_batches, check_spec, store, table_asset, table_spec
from assets.context import LOG, IndexRun
from assets.editions import gone_since, known_editions, known_then, landed_rows
from assets.gazetteer import shapes
from assets.large import FORMAT, Events, accounts_in_batches, comes_in_batches, is_large, typed_events
from assets.raw import DELIVERIES, RAW_FORMATS
from assets.repeated_rows import repeated
from pipeline.declare.codes import CorrectionAction, Kind, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.declare.formats import BOUNDARY_FORMAT, SHAPE_FORMATS
from pipeline.declare.frames import conform, empty
from pipeline.records import missing_events, triage
from pipeline.records.clash_days import clash_days
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.corrections import Corrected, accepted_losses, acknowledged, corrected, require_used
from pipeline.records.editions import earlier_editions
from pipeline.records.parsing import with_delivery
from pipeline.records.parts import Contradicted, added_up
from pipeline.records.repeated_rows import Repeated
from pipeline.records.townships import townships as conform_townships
from pipeline.records.triage import Triage, accounts, set_aside_rows
from pipeline.sources import of_kind, parsers
from pipeline.storage import deliveries as landed
from pipeline.storage import lead_source

SET_ASIDE = "records.set_aside"
CORRECTIONS = "records.corrections"
REPEATED = "records.repeated_rows"
CLASHES, CLASH_DAYS, EARLIER = "records.clashes", "records.clash_days", "records.earlier_editions"
LATER_DOWNLOAD = "later_download"  # no table: the events that a check names
DAYS = {
    "clashes": "event_date",
    "displacement": "reference_date",
    "services": "survey_date",
    "control": "reference_date",
    "population": "reference_date",
    "signs": "from_date",
    "clash_counts": "period_start",
}


def _raw(run: IndexRun, format_name: str) -> pl.DataFrame:
    """A raw mirror with known errors of its source mended, and with what each row's delivery says."""
    known = landed.as_frame(run.known)
    return with_delivery(_corrected(run, format_name, known).rows, known)


def _corrected(run: IndexRun, format_name: str, known: pl.DataFrame) -> Corrected:
    entries = [entry for entry in run.corrections if format_name in entry.formats]
    return corrected(run.warehouse.read(f"raw.{format_name}"), entries, known)


def _acknowledged(run: IndexRun, displacement: pl.DataFrame, townships: pl.DataFrame) -> Corrected:
    return acknowledged(run.corrections, displacement, townships.select("adm3_pcode", "population_persons"))


def _accepted_losses(run: IndexRun, judged: pl.DataFrame, aside: pl.DataFrame) -> Corrected:
    return accepted_losses(run.corrections, judged, triage.faults(aside))


def _set_aside(run: IndexRun, kind: Kind, rows: pl.DataFrame) -> dict[str, Any]:
    """Store the rows of one kind that were not used; returns their counts by reason as metadata."""
    run.warehouse.write(SET_ASIDE, rows, only=("kind", str(kind)))
    return _by_reason(rows.group_by("reason").len().iter_rows())


def _by_reason(counts: Iterable[tuple[str, int]]) -> dict[str, Any]:
    ordered = sorted(counts, key=lambda counted: (-counted[1], counted[0]))
    return {"set_aside": MetadataValue.json(dict(ordered))}


_EVENTS = {
    CLASHES: "Current events, each in one township; versions and deletions applied.",
    CLASH_DAYS: "Current events counted by source, day, class, township, precision and delivery.",
    "records.unallocated_events": "Events located only to a district, region or the country, counted by day.",
    REPEATED: "Rows that deliveries in between repeat word for word: counted, never read again.",
    EARLIER: "What earlier editions of the leading source held, by month and township.",
}
_EVENT_SOURCES = [f"raw.{name}" for name in (*(known.name for known in of_kind(Kind.CLASHES)), BOUNDARY_FORMAT)]


@multi_asset(
    specs=[table_spec(name, group="records", deps=_EVENT_SOURCES, description=text) for name, text in _EVENTS.items()],
    check_specs=[check_spec(name) for name in _EVENTS],
)
def clashes(run: IndexRun) -> Any:
    repeats = repeated(run)
    if comes_in_batches(run, repeats):
        with typed_events(run) as events:
            if events is not None:
                yield from _in_batches(run, events, repeats)
                return
    yield from _at_once(run, repeats)


def _at_once(run: IndexRun, repeats: Repeated) -> Iterator[MaterializeResult]:
    events = parsers.events(lambda name: _raw(run, name))
    result = current_clashes(events, run.gazetteer, repeats)
    counts = _set_aside(run, Kind.CLASHES, result.set_aside)
    facts = {"as_of": run.knowledge_date, "related": {SET_ASIDE: result.set_aside, LATER_DOWNLOAD: result.missing}}
    yield store(run, CLASHES, result.records, facts, counts)
    yield store(run, CLASH_DAYS, clash_days([result.records]), facts)
    _tell(run, result.sentences)
    yield store(run, "records.unallocated_events", result.unallocated, facts)
    yield store(run, REPEATED, repeats.by_reason(result.set_aside), facts)
    yield store(run, EARLIER, _earlier(run, events, result, repeats), facts)


def _in_batches(run: IndexRun, events: Events, repeats: Repeated) -> Iterator[MaterializeResult]:
    """The same tables, of events that memory does not hold."""
    beside = parsers.events(lambda name: _raw(run, name), without=FORMAT)
    others, missing = current_clashes(beside, run.gazetteer, repeats), events.missing()
    facts = {"as_of": run.knowledge_date, "related": {LATER_DOWNLOAD: pl.concat([others.missing, missing])}}
    stored = begin_store_batches(
        run, CLASHES, events.placed(others), lambda: facts, lambda: _by_reason(events.reasons.most_common())
    )
    yield store(run, CLASH_DAYS, events.days, facts)
    _tell(run, (*others.sentences, *missing_events.sentences(missing)))
    yield store(run, "records.unallocated_events", events.unallocated, facts)
    yield store(run, REPEATED, repeats.by_reason(others.set_aside), facts)
    own = run.clash_source in {d.source_key for d in run.known if d.format == FORMAT}
    yield store(run, EARLIER, events.earlier() if own else _earlier(run, beside, others, repeats), facts)
    yield stored()


def _tell(run: IndexRun, sentences: Iterable[str]) -> None:
    LOG.info(run.lead.sentence)
    for sentence in lead_source.sentences(run.clash_deliveries):
        LOG.info("note: %s", sentence)
    for sentence in sentences:
        LOG.info(sentence)


def _earlier(run: IndexRun, events: list[Triage], newest: Clashes, repeats: Repeated) -> pl.DataFrame:
    """Earlier editions, with the rows of what was withdrawn or replaced since read from their landings."""
    found = known_editions(run)
    if len(found) < 2:
        return empty(EARLIER)
    gone = gone_since(run, found)
    if gone:
        events = [*events, *parsers.events(lambda name: landed_rows(run, gone, name))]
    return earlier_editions(events, newest, known_then(found[:-1]), run.clash_source, run.gazetteer, repeats)


def _report_asset(kind: Kind, description: str) -> AssetsDefinition:
    table = f"records.{kind}"
    population = ["records.townships"] if kind == Kind.DISPLACEMENT else []

    @table_asset(
        table,
        group="records",
        deps=[*(f"raw.{name}" for name in (*(known.name for known in of_kind(kind)), BOUNDARY_FORMAT)), *population],
        description=description,
    )
    def records(run: IndexRun) -> MaterializeResult:
        try:
            result = parsers.reports(kind, lambda name: _raw(run, name), run.gazetteer)
        except Contradicted as error:
            raise UnusableInput(
                f"{error}. It was delivered before: deliver it again so, or take it out with `township-index withdraw "
                f"{error.delivery_id}`"
            ) from error
        for sentence in added_up(result.kept):
            LOG.info(sentence)
        counts = _set_aside(run, kind, result.set_aside)
        facts: dict[str, Any] = {"as_of": run.knowledge_date}
        if population:
            places = run.warehouse.read("records.townships")
            facts["population"] = places.select("adm3_pcode", "population_persons")
            accepted = _acknowledged(run, conform(result.kept, table), places).rows
            facts["acknowledged"] = frozenset(accepted.select("adm3_pcode", "reference_date").iter_rows())
        return store(run, table, result.kept, facts, counts)

    return records


@table_asset(
    "records.townships",
    group="records",
    deps=["raw.boundaries", "records.population"],
    description="The 330 townships with the boundary file in force (schematic shapes without one) and population.",
)
def townships(run: IndexRun) -> MaterializeResult:
    from geo.schematic import SOURCE
    from geo.townships import reference

    chosen = run.boundary_delivery
    shape = shapes(run.place, chosen.delivery_id if chosen else "")
    # Whole layers are replaced, never mixed: the polygons of older boundary files are superseded.
    raw = _raw(run, BOUNDARY_FORMAT)
    older = raw.filter(pl.col("delivery_id") != (chosen.delivery_id if chosen else ""))
    counts = _set_aside(
        run, Kind.BOUNDARIES, set_aside_rows(older, Reason.SUPERSEDED, "adm3_pcode", pl.col("adm3_pcode"))
    )
    source = chosen.source if chosen else SOURCE
    population, known = run.warehouse.read("records.population"), landed.as_frame(run.known)
    frame = conform_townships(reference(), shape, source, population, known)
    return store(run, "records.townships", frame, {"as_of": run.knowledge_date}, counts)


_CONTROL = {
    "records.control": "Observed controller per township, and the shares of its area where they are recorded.",
    "records.control_areas": "Areas drawn on maps of control, each in the townships that it covers.",
    "records.town_control": "Towns taken, retaken or contested, by day.",
}


@multi_asset(
    specs=[
        table_spec(
            name,
            group="records",
            deps=[f"raw.{form}" for form in (*(known.name for known in of_kind(Kind.CONTROL)), *SHAPE_FORMATS)],
            description=text,
        )
        for name, text in _CONTROL.items()
    ],
    check_specs=[check_spec(name) for name in _CONTROL],
)
def control(run: IndexRun) -> Any:
    made = parsers.control(lambda name: _raw(run, name), run.gazetteer)
    for sentence in made.sentences:
        LOG.info(sentence)
    counts = _set_aside(run, Kind.CONTROL, made.set_aside)
    facts = {"as_of": run.knowledge_date}
    frames = dict(zip(_CONTROL, (made.records, made.areas, made.towns), strict=True))
    for begun in [begin_store(run, name, frame, facts, counts) for name, frame in frames.items()]:
        yield begun()


_ACCOUNTS = {
    SET_ASIDE: "Every row that was not used, with its reason. Holds text of the sources: never released.",
    "records.accounts": "Rows in = rows used + rows set aside, for every delivery.",
    CORRECTIONS: "Known errors of the sources that corrections.toml mends, row by row: what was, what it became, why.",
}
# More tables of rows that were used, and their day.
ALSO_USED = {"control_areas": "reference_date", "town_control": "event_date"}
_COUNTED = [DELIVERIES, REPEATED, "records.townships", *(f"records.{name}" for name in (*DAYS, *ALSO_USED))]


@multi_asset(
    specs=[table_spec(name, group="records", deps=_COUNTED, description=text) for name, text in _ACCOUNTS.items()],
    check_specs=[check_spec(name) for name in _ACCOUNTS],
)
def account(run: IndexRun) -> Any:
    read = run.warehouse.read
    aside, known, again = read(SET_ASIDE), landed.as_frame(run.known), read(REPEATED)
    frame = _accounts(run, aside, again).join(
        known.select("delivery_id", "kind", "file_name"), on="delivery_id", validate="1:1"
    )
    facts = {"as_of": run.knowledge_date, "rows_count": {d.delivery_id: d.rows_count for d in run.known}}
    facts["related"] = {SET_ASIDE: aside, REPEATED: again}
    judged = triage.shares(frame, aside, again)
    accepted = _accepted_losses(run, judged, aside).rows["delivery_id"].to_list()
    facts["accepted_losses"] = frozenset(accepted)
    for line in triage.told(judged, aside, landed.landed_last(run.known), again):
        LOG.info("%s", line)
    why = "; ".join(triage.why_lost(triage.mostly_lost(judged, accepted), aside, again))
    yield store(run, SET_ASIDE, aside, facts)
    yield store(run, "records.accounts", frame, facts, told=why)
    yield store(run, CORRECTIONS, _corrections(run, known), facts)


def _accounts(run: IndexRun, aside: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """As `accounts` of every delivery in force."""
    read, chosen = run.warehouse.read, run.boundary_delivery
    # Of a growing file what is kept is few rows, however many were delivered: these were read at once, and so again.
    counted_apart = set(again["delivery_id"])
    at_once = {d.format for d in run.known if d.delivery_id in counted_apart}
    formats = [name for name in RAW_FORMATS if name in at_once or not is_large(run, name)]
    large = [d.delivery_id for d in run.known if is_large(run, d.format) and d.format not in at_once]
    rows = pl.concat([read(f"raw.{name}").select("delivery_id", "row_number") for name in formats])
    if large:
        beside = [d.delivery_id for d in run.known if d.kind == Kind.CLASHES and d.delivery_id not in large]
        clash_rows = pl.concat([empty(CLASHES), *(run.warehouse.rows_between(CLASHES, one) for one in beside)])
    else:
        clash_rows = read(CLASHES)
    used = [
        (clash_rows if kind == Kind.CLASHES else read(f"records.{kind}")).select(
            "delivery_id", "row_number", pl.col(day).alias("day"), "point_distance_km"
        )
        for kind, day in DAYS.items()
    ]
    used += [
        read(f"records.{name}").select(
            "delivery_id", "row_number", pl.col(day).alias("day"), pl.lit(None, pl.Float64).alias("point_distance_km")
        )
        for name, day in ALSO_USED.items()
    ]
    polygons = read(f"raw.{BOUNDARY_FORMAT}").filter(pl.col("delivery_id") == (chosen.delivery_id if chosen else ""))
    used.append(polygons.select("delivery_id", "row_number", pl.lit(None, pl.Date).alias("day"),
                                pl.lit(None, pl.Float64).alias("point_distance_km")))  # fmt: skip
    small = aside.filter(~pl.col("delivery_id").is_in(large))
    counted = accounts(rows, pl.concat(used), small, "records", again)
    return pl.concat([counted, accounts_in_batches(run, aside)]).sort("delivery_id") if large else counted


def _corrections(run: IndexRun, known: pl.DataFrame) -> pl.DataFrame:
    """Every row that a correction in force touched; says each entry. Raises for an entry that touched none."""
    entries = run.corrections
    formats = sorted({name for entry in entries for name in entry.formats})
    parts = [_corrected(run, name, known).applied for name in formats]
    read = run.warehouse.read
    if any(entry.action == CorrectionAction.ACKNOWLEDGE for entry in entries):
        parts.append(_acknowledged(run, read("records.displacement"), read("records.townships")).applied)
    aside = read(SET_ASIDE)
    judged = triage.shares(read("records.accounts"), aside, read(REPEATED))
    parts.append(_accepted_losses(run, judged, aside).applied)
    frame = pl.concat(parts)
    require_used(entries, frame)
    for entry in entries:
        LOG.info("%s", entry.sentence(frame.filter(pl.col("correction_id") == entry.id).height))
    return frame


ASSETS = [
    clashes,
    _report_asset(Kind.DISPLACEMENT, "Township reports of displaced people; blank is not reported, never zero."),
    _report_asset(Kind.SERVICES, "Township answers on the five public-service items."),
    control,
    _report_asset(Kind.POPULATION, "Delivered population figures; the reference's projection fills the rest."),
    _report_asset(Kind.SIGNS, "Signs of services: statements of a loss or of none, and light at night as measured."),
    _report_asset(Kind.CLASH_COUNTS, "Clashes by township and window as others counted them; only compared with."),
    townships,
    account,
]
