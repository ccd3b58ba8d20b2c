"""OCHA's baseline rows -> rows like those of a displacement file in our own columns: stock at the day of the file."""

import polars as pl

from pipeline.declare.codes import Reason
from pipeline.declare.formats import PLACE_COLUMNS
from pipeline.records import parsing
from pipeline.records.observations import DISPLACED
from pipeline.records.parsing import with_columns_of
from pipeline.records.parts import as_written
from pipeline.records.triage import Rule, Triage, triage, unreadable


def stock(raw: pl.DataFrame) -> Triage:
    """One row per township: people displaced and returned, as text, not yet placed.

    A baseline is stock at its reference date, which its sidecar states, never new displacement.
    """
    renamed = raw.rename({"idps": "idps_stock_persons", "returnees": "returnees_persons"})
    written = as_written(with_columns_of(renamed, PLACE_COLUMNS), "reference_date", DISPLACED)
    townships = _headings(unreadable(written.drop("population_persons")))
    dated = townships.kept.with_columns(
        pl.col("_reference_date").cast(pl.String).alias("reference_date"),
        pl.lit(None, dtype=pl.String).alias("date_format"),
        pl.lit(None, dtype=pl.String).alias("idps_new_persons"),
        pl.lit(None, dtype=pl.String).alias("updated_at"),
    )
    return Triage(dated, townships.set_aside)


def _headings(triaged: Triage) -> Triage:
    """Total, source and date lines below an official table: no township name, and no code but a word or nothing."""
    lost = parsing.is_formula_error("adm3_pcode").fill_null(False)
    no_code = ~parsing.text("adm3_pcode").str.contains(r"\d").fill_null(False) & ~lost
    result = triage(
        triaged.kept, [Rule(no_code & ~parsing.is_stated("adm3_name"), Reason.NOT_A_TOWNSHIP, "adm3_pcode")]
    )
    return Triage(result.kept, pl.concat([triaged.set_aside, result.set_aside]))
