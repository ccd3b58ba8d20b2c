"""The shape of result frames: declared columns, declared types, sorted by the declared key.

Scores: counts on a log scale from 0 to 100.
"""

import math

import polars as pl

from pipeline.declare.errors import AccountingError
from pipeline.declare.frames import conform as declared
from pipeline.declare.tables import TABLES

GRAIN = ("method", "month", "adm3_pcode")


def conform(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """As `pipeline.declare.frames.conform`, sorted by the table's key.

    Sorting by the full key makes equal inputs give equal tables whatever the order of rows or threads.
    """
    return declared(frame, table).sort(TABLES[table].key)


def join_all(left: pl.DataFrame, right: pl.DataFrame, what: str) -> pl.DataFrame:
    """Join two frames of the grain method, month, township 1:1 and lose nothing on either side.

    Raises AccountingError when a row of one side has no partner on the other.
    """
    joined = left.join(right, on=GRAIN, how="inner", validate="1:1")
    if not left.height == right.height == joined.height:
        raise AccountingError(
            f"{what}: {left.height} and {right.height} rows by method, month and township, but {joined.height} "
            "match; compute both with the same method, townships and period_end"
        )
    return joined


def require_known(records: pl.DataFrame, townships: pl.DataFrame, table: str) -> None:
    """Raise AccountingError when a record stands in no listed township: a join would drop it in silence."""
    stray = records.join(townships, on="adm3_pcode", how="anti")
    if not stray.is_empty():
        codes = stray["adm3_pcode"].unique().sort().head(3).to_list()
        raise AccountingError(
            f"{table}: column adm3_pcode: {stray.height} rows stand in no listed township, for example "
            f"{', '.join(map(str, codes))}; place the records again with this township list"
        )


SCORE_DECIMALS = 4
SHARE_DECIMALS = 6


def log_score(count: pl.Expr, goalpost: float) -> pl.Expr:
    """100 * ln(1 + n) / ln(1 + G), at most 100, rounded to 4 decimals; null stays null.

    G is fixed by the method and not the largest value at hand, so that scores of different months and
    editions compare (min-max scaling of the OECD/JRC handbook would move every past score with each new
    maximum). Raises ValueError for a goalpost that is not positive.
    """
    if goalpost <= 0:
        raise ValueError(f"a goalpost must be above zero, not {goalpost}")
    return (count.log1p() * (100.0 / math.log1p(goalpost))).clip(upper_bound=100.0).round(SCORE_DECIMALS)
