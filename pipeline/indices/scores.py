"""Scores: counts on a log scale from 0 to 100.

Not here: classes, which are cuts on the counts themselves and never on a score.
"""

import math

import polars as pl

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
