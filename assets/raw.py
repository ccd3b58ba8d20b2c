"""Raw assets: what was received, and a mirror table per file format."""

from datetime import UTC, datetime

import polars as pl
from dagster import AssetsDefinition, MaterializeResult

from assets.resources import LOG, IndexRun
from assets.stage import store, table_asset
from pipeline import deliveries
from pipeline.frames import empty, raw_columns
from pipeline.readers.formats import BOUNDARY_FORMAT, FORMATS

DELIVERIES = "records.deliveries"


@table_asset(
    DELIVERIES,
    group="raw",
    deps=(),
    description="Files received and in force on the knowledge date; what lies in the inbox is landed first.",
)
def received(run: IndexRun) -> MaterializeResult:
    if run.place.inbox.is_dir() and any(run.place.inbox.glob("*/*")):
        for landing in deliveries.deliver(run.place, deliveries.find_files(run.place.inbox), datetime.now(UTC)):
            LOG.info("%s %s", landing.delivery.file_name, "landed" if landing.is_new else "was delivered before")
    known = deliveries.as_frame(run.known)
    return store(run, DELIVERIES, known, {"as_of": run.knowledge_date})


def _mirror(format_name: str) -> AssetsDefinition:
    table = f"raw.{format_name}"

    @table_asset(
        table,
        group="raw",
        deps=[DELIVERIES],
        description=f"Mirror of every delivered file of the format {format_name}: text as received.",
    )
    def mirror(run: IndexRun) -> MaterializeResult:
        own = [d for d in run.known if d.format == format_name]
        columns = list(raw_columns(format_name))
        frames = [
            deliveries.read_delivery(run.place, d)
            .with_columns(pl.lit(d.delivery_id).alias("delivery_id"))
            .select(columns)
            for d in own
        ]
        frame = pl.concat(frames) if frames else empty(table)
        facts = {
            "rows_count": {d.delivery_id: d.rows_count for d in own},
            "formats": {d.delivery_id: d.format for d in own},
            "declared_coverage": frozenset(d.delivery_id for d in own if d.coverage),
        }
        return store(run, table, frame, facts)

    return mirror


RAW_FORMATS = (BOUNDARY_FORMAT, *(known.name for known in FORMATS))
ASSETS = [received, *(_mirror(name) for name in RAW_FORMATS)]
