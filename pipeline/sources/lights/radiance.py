"""Rows of light at night -> rows of signs, not yet placed: a first and a last day, and the figures as text."""

import polars as pl

from pipeline.declare.codes import SignBasis
from pipeline.records.parsing import text
from pipeline.records.signs import shared
from pipeline.records.triage import Triage, unreadable

_YEAR = r"^[12][0-9]{3}(\.0*)?$"
_MONTH = r"^[12][0-9]{3}-[01][0-9]$"


def lights_by_year(raw: pl.DataFrame) -> Triage:
    """A year stands as its first day. What is no year stays as it is, for the rule of days to name."""
    year = text("year")
    first = pl.when(year.str.contains(_YEAR)).then(pl.concat_str(year.str.slice(0, 4), pl.lit("-01-01")))
    return _rows(raw, "year", pl.coalesce(first, year), SignBasis.LIGHTS_BY_YEAR)


def lights_by_month(raw: pl.DataFrame) -> Triage:
    """A month stands as any of its days, or as 2023-05."""
    month = text("month")
    first = pl.when(month.str.contains(_MONTH)).then(pl.concat_str(month, pl.lit("-01")))
    return _rows(raw, "month", pl.coalesce(first, month), SignBasis.LIGHTS_BY_MONTH)


def _rows(raw: pl.DataFrame, period: str, first: pl.Expr, basis: SignBasis) -> Triage:
    readable = unreadable(raw)
    rows = readable.kept.with_columns(first.alias("from"), pl.lit(basis.value).alias("sign_basis")).drop(period)
    return Triage(shared(rows), readable.set_aside)
