"""Which days each month's row covers."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import polars as pl

from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import Method


def months(method: Method, period_end: date) -> pl.DataFrame:
    """One row for every month from the method's start to `period_end`: month, period_start, period_end.

    The last row is cut to `period_end`, so a month in progress never claims days nobody has reported on.
    A window of n months begins n - 1 calendar months before its own, which may lie before the coup.
    Raises UnusableInput when the period ends before the method starts.
    """
    if period_end < method.window_start:
        raise UnusableInput(
            f"period_end {period_end} lies before {method.window_start}, where method {method.name} starts; "
            "choose a later day"
        )
    return _months(method.window_start, method.window_months, period_end).clone()


@cache
def _months(window_start: date, window_months: int | None, period_end: date) -> pl.DataFrame:
    month = pl.date_range(window_start.replace(day=1), period_end.replace(day=1), "1mo", eager=True)
    start = pl.lit(window_start) if window_months is None else pl.col("month").dt.offset_by(f"-{window_months - 1}mo")
    return pl.DataFrame({"month": month}).with_columns(
        period_start=start,
        period_end=pl.min_horizontal(pl.col("month").dt.month_end(), pl.lit(period_end)),
    )


def grid(method: Method, period_end: date, townships: pl.DataFrame) -> pl.DataFrame:
    """Every month of the method crossed with every township, sorted by month and P-code.

    Columns: method, month, adm3_pcode, period_start, period_end. Every township has a row in every month,
    so that silence is decided upon and never simply absent.
    """
    return (
        months(method, period_end)
        .join(townships.select("adm3_pcode"), how="cross")
        .sort("month", "adm3_pcode")
        .select(pl.lit(method.name).alias("method"), "month", "adm3_pcode", "period_start", "period_end")
    )


def after_period(records: Mapping[str, tuple[pl.DataFrame, str]], period_end: date) -> str:
    """How many records lie after the period, in words ("12 clashes, 3 control"); empty where none does.

    `records` gives for each kind its frame and the name of its day. No index looks ahead, so such a record counts
    in none: a reader who looks for it must be told.
    """
    later = {kind: frame.filter(pl.col(day) > period_end).height for kind, (frame, day) in records.items()}
    return ", ".join(f"{count:,} {kind}" for kind, count in later.items() if count)
