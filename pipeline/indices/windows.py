"""Which days each month's row covers.

Not here: how long a window is (methods.py) and which records fall into it.
"""

from datetime import date

import polars as pl

from pipeline.errors import UnusableInput
from pipeline.methods import Method


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
    month = pl.date_range(method.window_start.replace(day=1), period_end.replace(day=1), "1mo", eager=True)
    start = (
        pl.lit(method.window_start)
        if method.window_months is None
        else pl.col("month").dt.offset_by(f"-{method.window_months - 1}mo")
    )
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
