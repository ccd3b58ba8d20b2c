"""Change from month to month: rise and fall beyond chance, onset, lull, and alert against a township's own past.

Of single months, never of a window.

How many townships rise, fall, begin, go quiet or stand out each month, in the country and in each region.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.declare.codes import NATIONAL, ChangeClass
from pipeline.declare.errors import AccountingError
from pipeline.declare.methods import CHANGE_P
from pipeline.indices.frames import GRAIN, conform
from pipeline.indices.run_context import RunContext, makes

P_DECIMALS = 6


_SERIES = ["method", "adm3_pcode"]
_LAGGING = pl.col("in_publication_lag")


def tails(
    now: NDArray[np.float64], both: NDArray[np.float64], share: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """P(X <= now) and P(X >= now) for X binomial with `both` trials of probability `share`; element by element.

    By the incomplete beta function, as scipy.stats does it, whose import would cost half a second.
    """
    from scipy.special import betainc

    least, most = now <= 0, now >= both
    upper = np.where(least, 1.0, betainc(np.maximum(now, 1), both - now + 1, share))
    # 1 - I_q(a, b) = I_(1-q)(b, a): without a difference, so that small tails keep their digits.
    lower = np.where(most, 1.0, betainc(np.maximum(both - now, 1), now + 1, 1 - share))
    return lower, upper


def change_p_values(
    now: NDArray[np.float64], before: NDArray[np.float64], days: NDArray[np.float64], days_before: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Exact test of two Poisson counts over `days` and `days_before`, given their sum; NaN where one is NaN.

    With equal daily rates the clashes of this month are binomial among those of both, with probability
    days / (days + days_before) (Przyborowski and Wilenski 1940; Lehmann and Romano, ch. 4.5). Two-sided as twice the
    smaller tail, at most 1: a rise and a fall each have at most half the level, which the other usual definition
    (all outcomes no likelier than the one seen) does not promise where the days differ.
    """
    lower, upper = tails(now, now + before, days / (days + days_before))
    return np.asarray(np.minimum(1.0, 2 * np.minimum(lower, upper)), dtype=np.float64)


def _require_every_month(index: pl.DataFrame) -> None:
    """Raise AccountingError where a month is missing or doubled: "the month before" is the row before."""
    number = pl.col("month").dt.year() * 12 + pl.col("month").dt.month()
    spans = index.group_by(_SERIES).agg(
        pl.len().alias("rows"), number.n_unique().alias("months"), (number.max() - number.min() + 1).alias("span")
    )
    broken = spans.filter((pl.col("rows") != pl.col("months")) | (pl.col("rows") != pl.col("span")))
    if broken.height:
        examples = ", ".join(f"{m} {p}" for m, p in broken.select(_SERIES).sort(_SERIES).head(3).iter_rows())
        raise AccountingError(
            f"township_changes: {broken.height} series of months have gaps or doubled months, for example {examples}; "
            "give every month of the method's grid once"
        )


def township_changes(index: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
    """published.township_changes: each month of published.township_index beside the months before it.

    Onsets, lulls, alerts and the change of a quarter are those of indices.signals. In a month of the publication lag
    fewer clashes are compared with nothing, and whether it is one of a lull is not known: more reports may come.

    Only months of the grid are known: the first has none before it, for rolling windows too. A last, cut month is
    compared by its days. A month without a count (a source whose silence means nothing) is compared with nothing.
    Raises AccountingError where a township's months have gaps.
    """
    _require_every_month(index)
    count = pl.col("clashes_month_count")
    first_day = pl.max_horizontal("month", "period_start")
    frame = (
        index.select(
            *_SERIES, "month", "period_start", "period_end", "clashes_month_count", "provisional", "in_publication_lag"
        )
        .sort(*_SERIES, "month")
        .with_columns(((pl.col("period_end") - first_day).dt.total_days() + 1).alias("days"))
        .with_columns(
            count.shift(1).over(_SERIES).alias("clashes_previous_month_count"),
            pl.col("days").shift(1).over(_SERIES).alias("days_before"),
        )
        .join(signals, on=GRAIN, how="left", validate="1:1", maintain_order="left")
    )
    now, before, days, days_before = (
        frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for name in ("clashes_month_count", "clashes_previous_month_count", "days", "days_before")
    )
    p = np.round(change_p_values(now, before, days, days_before), P_DECIMALS)
    more = now * days_before > before * days
    p[frame["in_publication_lag"].to_numpy() & (now * days_before < before * days)] = np.nan
    classes = np.select(
        [np.isnan(p), p >= CHANGE_P.value, more],
        [ChangeClass.NO_COMPARISON, ChangeClass.LIMITED_CHANGE, ChangeClass.RISE],
        ChangeClass.FALL,
    )
    return conform(
        frame.with_columns(
            pl.Series("change_p_value", p).fill_nan(None),
            pl.Series("change_class", classes, dtype=pl.String),
            pl.when(~(_LAGGING & pl.col("is_lull"))).then("is_lull").alias("is_lull"),
            pl.when(_LAGGING & (pl.col("quarter_change_class") == ChangeClass.FALL.value))
            .then(pl.lit(ChangeClass.NO_COMPARISON.value))
            .otherwise("quarter_change_class")
            .alias("quarter_change_class"),
        ),
        "published.township_changes",
    )


EXPECTED_DECIMALS = 4
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
        # In the lag only rises can be called, of those without fewer clashes: that chance is not worked out.
        pl.when(compared.any() & ~_LAGGING.any()).then(pl.col("by_chance").sort().sum().round(EXPECTED_DECIMALS))
        .alias("changes_by_chance_expected"),
        *(
            pl.when(pl.col(flag).null_count() == 0).then(pl.col(flag).sum()).alias(name)
            for name, flag in _FLAGS.items()
        ),
        pl.col("provisional", "in_publication_lag").any(),
    )  # fmt: skip


def change_summary(changes: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    """published.change_summary from published.township_changes: the country, and each state or region."""
    places = townships.select("adm3_pcode", pl.col("state_region").alias("scope"))
    regional = _with_chance(changes).join(places, on="adm3_pcode", how="left", validate="m:1")
    national = regional.with_columns(pl.lit(NATIONAL).alias("scope"))
    return conform(_counts(pl.concat([regional, national])), "published.change_summary")


@makes(
    "published.township_changes",
    reads=("published.township_index", "indices.signals"),
    checked_against=("published.township_index",),
)
def township_changes_table(run: RunContext, index: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
    return township_changes(index, signals)


@makes(
    "published.change_summary",
    reads=("published.township_changes", "records.townships"),
    checked_against=("published.township_changes",),
)
def change_summary_table(run: RunContext, changes: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    return change_summary(changes, townships)


MADE = (township_changes_table, change_summary_table)
