"""Raw assets: what was received, and a mirror table per file format."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import polars as pl
from dagster import AssetExecutionContext, MaterializeResult, multi_asset

from assets.audit import begin_store, begin_store_batches, check_spec, each_selected, store, table_asset, table_spec
from assets.context import LOG, IndexRun
from assets.freshness import newly_received
from assets.large import is_large
from assets.repeated_rows import mirrored
from assets.trial import refuse_contradictions
from expectations.raw import REPEATED_KEYS
from pipeline.declare.formats import SHAPE_FORMATS
from pipeline.declare.frames import empty, raw_columns
from pipeline.ingest import inbox
from pipeline.sources import DOWNLOADS, FORMATS, SOURCES
from pipeline.storage import deliveries
from pipeline.storage.history import Delivery

DELIVERIES = "records.deliveries"


@table_asset(
    DELIVERIES,
    group="raw",
    deps=tuple(f"fetch.{name.replace('-', '_')}" for name in DOWNLOADS),
    description="Files received and in force on the knowledge date; what lies in the inbox is landed first.",
)
def received(context: AssetExecutionContext, run: IndexRun) -> MaterializeResult:
    if run.place.inbox.is_dir() and inbox.holds_files(run.place.inbox):
        judged = inbox.judge(inbox.find_files(run.place.inbox), datetime.now(UTC))
        deliveries.refuse_two_sayings(judged)
        refuse_contradictions(run.place, judged)
        for landing in deliveries.keep(run.place, judged):
            LOG.info("%s %s", landing.delivery.file_name, "landed" if landing.is_new else "was delivered before")
            for line in deliveries.told_of_replacing(landing):
                LOG.info("%s", line)
        run.look_again()
    for event in newly_received(run.known, context.instance):
        context.log_event(event)
    known = deliveries.as_frame(run.known)
    return store(run, DELIVERIES, known, {"as_of": run.knowledge_date})


def _landed(run: IndexRun, delivery: Delivery) -> pl.DataFrame:
    rows = deliveries.read_delivery(run.place, delivery)
    named = rows.with_columns(pl.lit(delivery.delivery_id).alias("delivery_id"))
    return named.select(list(raw_columns(delivery.format)))


def _mirror(run: IndexRun, format_name: str) -> Callable[[], MaterializeResult]:
    """The mirror of one format: every delivered row, as text.

    Of a row that one delivery after another repeats word for word it holds the first and the last: the others are
    counted (records.repeated_rows).
    """
    table = f"raw.{format_name}"
    own = [d for d in run.known if d.format == format_name]
    known = mirrored(run, format_name)
    if is_large(run, format_name) and not known:
        return begin_store_batches(run, table, _batches(run, own), lambda: _facts_of_large(run, table, own))
    frames = [known[d.delivery_id] if d.delivery_id in known else _landed(run, d) for d in own]
    repeated_rows = {d.delivery_id: d.rows_count - known[d.delivery_id].height for d in own if d.delivery_id in known}
    facts = {**_facts(own), "repeated_rows": repeated_rows}
    return begin_store(run, table, pl.concat(frames) if frames else empty(table), facts)


def _facts(own: list[Delivery]) -> dict[str, Any]:
    return {
        "rows_count": {d.delivery_id: d.rows_count for d in own},
        "formats": {d.delivery_id: d.format for d in own},
        "declared_coverage": frozenset(d.delivery_id for d in own if d.coverage),
    }


def _batches(run: IndexRun, own: list[Delivery]) -> Iterator[pl.DataFrame]:
    for delivery in own:
        for rows in deliveries.delivery_batches(run.place, delivery):
            yield rows.with_columns(pl.lit(delivery.delivery_id).alias("delivery_id"))


def _facts_of_large(run: IndexRun, table: str, own: list[Delivery]) -> dict[str, Any]:
    key = next(known.key for known in FORMATS if known.name == own[0].format)
    return {**_facts(own), "related": {REPEATED_KEYS: run.warehouse.repeated_keys(table, ("delivery_id", *key))}}


def _kinds(format_name: str) -> tuple[str, ...]:
    """The marks of a mirror in the catalogue: its source beside the tools, where it is one that is downloaded."""
    source = next((one for one in SOURCES if any(known.name == format_name for known in one.formats)), None)
    return ("python", "duckdb") if source is None else ("python", "duckdb", source.key.partition("_")[0])


RAW_FORMATS = (*SHAPE_FORMATS, *(known.name for known in FORMATS))


# One step for all of them: each is small, and the audits run while the next mirror is written.
@multi_asset(
    specs=[
        table_spec(
            f"raw.{name}",
            group="raw",
            deps=[DELIVERIES],
            description=f"Mirror of every delivered file of the format {name}: text as received.",
            skippable=True,
            kinds=_kinds(name),
        )
        for name in RAW_FORMATS
    ],
    check_specs=[check_spec(f"raw.{name}") for name in RAW_FORMATS],
    can_subset=True,
)
def mirrors(context: AssetExecutionContext, run: IndexRun) -> Any:
    yield from each_selected(context, "raw", RAW_FORMATS, lambda name: _mirror(run, name))


ASSETS = [received, mirrors]
