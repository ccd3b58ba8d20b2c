"""How many townships rise, fall, begin, go quiet or stand out each month, in the country and in each region.

Not here: what makes a township do so (changes.py).
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.codes import ChangeClass
from pipeline.indices.changes import CHANGE_P, tails
from pipeline.indices.frames import conform

EXPECTED_DECIMALS = 4
NATIONAL = "national"
_FLAGS = {"onsets_count": "is_onset", "lulls_count": "is_lull", "alerts_count": "is_alert"}


def chance_of_change(both: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often the test calls a rise or a fall where nothing changed, for a sum of clashes and a share of days.

    The true size of the exact test: the probability of all outcomes whose p-value lies below the level. It is at
    most the level and far below it for small sums, down to none below six clashes in two equal months.
    """
    start = np.repeat(np.cumsum(both + 1) - (both + 1), both + 1)
    now = (np.arange(start.size) - start).astype(np.float64)
    whole, part = np.repeat(both.astype(np.float64), both + 1), np.repeat(share, both + 1)
    lower, upper = tails(now, whole, part)
    # Tails are nested: the largest one below half the level is the whole region on its side.
    half = CHANGE_P.value / 2
    first = np.cumsum(both + 1) - (both + 1)
    below = np.maximum.reduceat(np.where(lower < half, lower, 0.0), first)
    above = np.maximum.reduceat(np.where(upper < half, upper, 0.0), first)
    return np.asarray(below + above, dtype=np.float64)


def _with_chance(changes: pl.DataFrame) -> pl.DataFrame:
    """The rows with `by_chance`, each sum and length of months worked out once; null without a comparison."""
    cells = ["both", "days", "days_before"]
    framed = changes.with_columns(
        (pl.col("clashes_month_count") + pl.col("clashes_previous_month_count")).alias("both"),
        ((pl.col("period_end") - pl.col("month")).dt.total_days() + 1).alias("days"),
        pl.col("month").dt.offset_by("-1d").dt.day().cast(pl.Int64).alias("days_before"),
    )
    known = framed.filter(pl.col("change_p_value").is_not_null()).select(cells).unique().sort(cells)
    if known.is_empty():
        return framed.with_columns(pl.lit(None, pl.Float64).alias("by_chance"))
    share = (known["days"] / (known["days"] + known["days_before"])).to_numpy()
    chance = pl.Series("by_chance", chance_of_change(known["both"].to_numpy(), share))
    return framed.join(known.with_columns(chance), on=cells, how="left", validate="m:1", maintain_order="left")


def _counts(changes: pl.DataFrame) -> pl.DataFrame:
    """One row per method, month and scope. Flags are counted only where they are known of every township there:
    in the first months no onset, lull or alert can be told, and a count of none would say that there was none.
    """
    compared = pl.col("change_class") != ChangeClass.NO_COMPARISON.value
    return changes.group_by("method", "month", "scope").agg(
        pl.col("period_end").max(),
        pl.len().alias("townships_count"),
        compared.sum().alias("townships_compared_count"),
        *(
            pl.when(compared.any()).then((pl.col("change_class") == code.value).sum()).alias(name)
            for name, code in (("rises_count", ChangeClass.RISE), ("falls_count", ChangeClass.FALL))
        ),
        # Sorted, so that the sum's last digit does not depend on the order of rows.
        pl.when(compared.any()).then(pl.col("by_chance").sort().sum().round(EXPECTED_DECIMALS))
        .alias("changes_by_chance_expected"),
        *(
            pl.when(pl.col(flag).null_count() == 0).then(pl.col(flag).sum()).alias(name)
            for name, flag in _FLAGS.items()
        ),
        pl.col("provisional").any(),
    )  # fmt: skip


def change_summary(changes: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    """published.change_summary from published.township_changes: the country, and each state or region."""
    places = townships.select("adm3_pcode", pl.col("state_region").alias("scope"))
    regional = _with_chance(changes).join(places, on="adm3_pcode", how="left", validate="m:1")
    national = regional.with_columns(pl.lit(NATIONAL).alias("scope"))
    return conform(_counts(pl.concat([regional, national])), "published.change_summary")
