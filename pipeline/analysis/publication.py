"""Tables that a release publishes as they are known: townships, deliveries, rows set aside, corrections, parties."""

import polars as pl

from pipeline.indices.run_context import RunContext, makes
from pipeline.records.corrections import summary
from pipeline.records.triage import by_reason

ACTORS_REFERENCE_DATE = "2021-12-31"  # "of late 2021": the paper names no day
_ACCOUNTED = (
    "delivery_id",
    "rows_used_count",
    "rows_set_aside_count",
    "rows_contradicted_count",
    "first_date",
    "last_date",
)


@makes("published.townships", reads=("records.townships",))
def townships_table(run: RunContext, townships: pl.DataFrame) -> pl.DataFrame:
    return townships


@makes("published.deliveries", reads=("records.deliveries", "records.accounts"))
def deliveries_table(run: RunContext, deliveries: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    counted = accounts.select(_ACCOUNTED)
    return deliveries.join(counted, on="delivery_id", validate="1:1").sort("delivery_id")


@makes(
    "published.set_aside_summary",
    reads=("records.set_aside", "records.repeated_rows"),
    checked_against=("published.deliveries",),
)
def set_aside_summary_table(run: RunContext, rows: pl.DataFrame, repeated: pl.DataFrame) -> pl.DataFrame:
    return by_reason(rows, repeated).sort("delivery_id", "reason")


@makes("published.corrections", reads=("records.corrections",))
def corrections_table(run: RunContext, applied: pl.DataFrame) -> pl.DataFrame:
    return summary(applied, run.corrections)


@makes("published.actor_dialogue", reads=())
def actor_dialogue_table(run: RunContext) -> pl.DataFrame:
    known_on = pl.lit(ACTORS_REFERENCE_DATE).str.to_date().alias("reference_date")
    return run.actor_dialogue.with_columns(known_on).sort("counterpart", "actor")


MADE = (townships_table, deliveries_table, set_aside_summary_table, corrections_table, actor_dialogue_table)
