"""Clashes by township and window that others counted: compared with the leading source, never counted as events.

A row says how many clashes its source holds in a township from one day to another. Nobody can place, date or match
what was counted, so a count is in no index, and no source of counts leads.
"""

from collections.abc import Sequence

import polars as pl

from pipeline.declare.codes import GeoPrecision, PlacedBy, Reason
from pipeline.declare.formats import PLACE_COLUMNS
from pipeline.records import answers, parsing
from pipeline.records.parsing import with_columns_of
from pipeline.records.placing import Gazetteer, place
from pipeline.records.review import reviewed
from pipeline.records.rules import day_rules, doubted, formula_rules, number_rules, update_rule
from pipeline.records.triage import ROW, Rule, Triage, triage, unreadable

_OWN = ("from", "until", "clashes_count")
_FROM_DELIVERY = ("updated_at", "delivery_id", "row_number", "file_name", "kind", "source", "source_key", "received",
                  "received_at", "date_format")  # fmt: skip
_ORDER = ["source_key", "adm3_pcode", "period_start", "period_end", "delivery_id", "row_number"]


def shared(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns in which counts of all formats stand together."""
    names = (*PLACE_COLUMNS, *_OWN, *_FROM_DELIVERY)
    return with_columns_of(rows, names).select(names)


def clash_counts(canonical: pl.DataFrame, others: Sequence[Triage], gazetteer: Gazetteer) -> Triage:
    """Columns of records.clash_counts from rows in our own columns and those of other formats.

    Of several counts of one source for a township and window the newest holds; what is left and differs is counted as
    contradicting. A row for a part of a township, or for a unit of several, is set aside: a count cannot be shared out.
    """
    own = reviewed(unreadable(with_columns_of(canonical, PLACE_COLUMNS)))
    read = _read(pl.concat([shared(own.kept), *(one.kept for one in others)]))
    placed = place(read.kept, gazetteer)
    whole = _whole_townships(placed.kept)
    said = whole.kept.with_columns(
        pl.col("clashes_count").cast(pl.String).alias("_said"), pl.col("source_key").alias("speaker")
    )
    found = answers.standing(said, "period_start", ["_said"], about=("period_end", "source_key"))
    by_point = pl.col("placed_by") == PlacedBy.COORDINATES.value
    precision = pl.when(by_point).then(pl.lit(GeoPrecision.EXACT.value)).otherwise(pl.lit(GeoPrecision.TOWNSHIP.value))
    kept = found.kept.with_columns(precision.alias("geo_precision")).sort(_ORDER)
    steps = [own.set_aside, *(one.set_aside for one in others)]
    steps += [read.set_aside, placed.set_aside, whole.set_aside, found.set_aside]
    return Triage(kept, pl.concat(steps))


def _read(rows: pl.DataFrame) -> Triage:
    """The rows with typed days and counts; the window's last day lies before the file was received, too."""
    days = {"from": "_from", "until": "_until"}
    typed = rows.with_columns(
        *(parsing.day(column).alias(parsed) for column, parsed in days.items()),
        parsing.whole_number("clashes_count").alias("_clashes_count"),
    )
    typed = doubted(typed, days)
    result = triage(
        typed,
        [
            *formula_rules(*_OWN, "updated_at", *PLACE_COLUMNS),
            *(Rule(~parsing.is_stated(column), Reason.MISSING_VALUE, column) for column in _OWN),
            *(rule for column, parsed in days.items() for rule in day_rules(column, parsed)),
            *(
                Rule(~parsing.within_time(pl.col(parsed)), Reason.DATE_OUT_OF_RANGE, column)
                for column, parsed in days.items()
            ),
            Rule(pl.col("_until") < pl.col("_from"), Reason.DATES_REVERSED, "until"),
            *number_rules("clashes_count", "_clashes_count"),
            update_rule(),
        ],
    )
    kept = result.kept.with_columns(
        pl.col("_from").alias("period_start"),
        pl.col("_until").alias("period_end"),
        pl.col("_clashes_count").alias("clashes_count"),
    )
    helpers = [name for name in kept.columns if name.startswith(("_from", "_until", "_clashes"))]
    return Triage(kept.drop("from", "until", *helpers), result.set_aside)


def _whole_townships(placed: pl.DataFrame) -> Triage:
    part = pl.col("placed_by").is_in([PlacedBy.CROSSWALK.value, PlacedBy.LONGER_PCODE.value])
    result = triage(placed, [Rule(part, Reason.SEVERAL_TOWNSHIPS, "adm3_pcode", pl.col("_stated_code"))])
    return Triage(result.kept, result.set_aside.unique(ROW, maintain_order=True))
