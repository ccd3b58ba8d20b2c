"""Counts by area and by population, raw and smoothed.

Not here: classes, which are cuts on the counts themselves. Displaced people come from published.township_index, where
they are rounded and small figures withheld: no rate gives the exact figure back.
"""

import polars as pl

from pipeline.indices.frames import conform
from pipeline.indices.run_context import RunContext, makes

PER_KM2 = 1_000
PER_PERSONS = 100_000
RATE_DECIMALS = 6
_MONTH = ("method", "month")


def township_rates(index: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    """published.township_rates from published.township_index and records.townships.

    `townships` gives `area_km2` (of the reference list, so that boundary files compare) and `population_persons`.
    An unknown count, or no population figure, gives no rate: null, never zero. Within a month all townships count
    that have both; the smoothing of one month never looks at another.
    """
    places = townships.select("adm3_pcode", "area_km2", "population_persons")
    frame = index.join(places, on="adm3_pcode", how="left", validate="m:1")
    clashes, area, people = pl.col("clashes_count"), pl.col("area_km2"), pl.col("population_persons")
    rated = frame.with_columns(
        raw_rate(clashes, area, PER_KM2).alias("clashes_per_1000_km2"),
        smoothed_rate(clashes, area, PER_KM2).alias("clashes_per_1000_km2_smoothed"),
        raw_rate(clashes, people, PER_PERSONS).alias("clashes_per_100000_persons"),
        smoothed_rate(clashes, people, PER_PERSONS).alias("clashes_per_100000_persons_smoothed"),
        raw_rate(pl.col("fatalities_persons"), people, PER_PERSONS).alias("fatalities_per_100000_persons"),
        raw_rate(pl.col("idps_persons"), people, PER_PERSONS).alias("idps_per_100000_persons"),
    )
    return conform(rated, "published.township_rates")


def raw_rate(count: pl.Expr, exposure: pl.Expr, per: int) -> pl.Expr:
    """`per` x count / exposure; null where either is unknown or the exposure is not above zero."""
    return (per * count / pl.when(exposure > 0).then(exposure)).round(RATE_DECIMALS)


def smoothed_rate(count: pl.Expr, exposure: pl.Expr, per: int) -> pl.Expr:
    """The rate drawn towards the rate of all townships of the method and month, as far as its own count is weak.

    Marshall (1991), global empirical Bayes by moments. With counts n and exposures e over the townships that have both:
        m = sum(n) / sum(e)                                  the rate of all
        s2 = sum(e (n/e - m)^2) / sum(e)                     how far the raw rates spread, weighted
        A = max(0, s2 - m / mean(e))                         the part of it that Poisson noise does not explain
        C = A / (A + m / e)                                  how much of its own rate a township keeps
        smoothed = m + C (n/e - m)
    Where the rates spread no wider than noise (A = 0) every township has the rate of all; without any count all are
    zero. Null where the raw rate is null.
    """
    # Townships that lack one of the two must not weigh in the sums of the other.
    both = count.is_not_null() & (exposure > 0).fill_null(False)
    n, e = pl.when(both).then(count), pl.when(both).then(exposure)
    mean = n.sum().over(_MONTH) / e.sum().over(_MONTH)
    apart = n / e - mean
    spread = (e * apart.pow(2)).sum().over(_MONTH) / e.sum().over(_MONTH)
    beyond_noise = (spread - mean / e.mean().over(_MONTH)).clip(lower_bound=0.0)
    kept = pl.when(mean > 0).then(beyond_noise / (beyond_noise + mean / e)).otherwise(0.0)
    return (per * (mean + kept * apart)).round(RATE_DECIMALS)


@makes(
    "published.township_rates",
    reads=("published.township_index", "records.townships"),
    checked_against=("published.township_index", "published.townships"),
)
def township_rates_table(run: RunContext, index: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    return township_rates(index, townships)


MADE = (township_rates_table,)
