"""What a township's months say beside its own past: clashes of three and twelve months, alert, change of a quarter.

All counts are of calendar months, whatever the window of a method, and reach back before the coup where the leading
source does. Quick first, then confirmed: an alert is one month that is unlikely at the rate of the year before; a rise
or fall is a quarter that differs from the year before beyond chance, over all townships at once.
"""

from collections.abc import Collection
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.declare.codes import Absence, ChangeClass, Signal
from pipeline.declare.methods import FALSE_DISCOVERY_RATE, Method
from pipeline.declare.signals import (
    ALERT_CHANCE,
    ALERT_CLASHES,
    ALERT_YEAR_MONTHS,
    CONFIRMING_MONTHS,
    LULL_MONTHS,
    LULL_YEAR_CLASHES,
    MONTH_DISPERSION,
    ONSET_QUIET_MONTHS,
    QUARTER_DISPERSION,
    QUARTER_MONTHS,
)
from pipeline.indices.frames import conform
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.security import by_month
from pipeline.indices.windows import months

P_DECIMALS = 6
_YEAR, _QUARTER = int(ALERT_YEAR_MONTHS.value), int(QUARTER_MONTHS.value)
_HALF_CLASH = 0.5  # Jeffreys' prior of a Poisson rate: after a year of none the rate is not taken for nought

Floats = NDArray[np.float64]


def at_least(count: Floats, mean: Floats, ratio: Floats) -> Floats:
    """P(X >= count) of a negative binomial with this mean and variance `ratio` (above 1) times the mean.

    By the incomplete beta function, as scipy.stats.nbinom.sf(count - 1, mean / (ratio - 1), 1 / ratio), whose import
    would cost half a second.
    """
    from scipy.special import betainc

    size = mean / (ratio - 1)
    return np.asarray(np.where(count <= 0, 1.0, betainc(np.maximum(count, 1), size, 1 - 1 / ratio)), dtype=np.float64)


def expected_month(year: Floats, days: Floats, year_days: Floats) -> tuple[Floats, Floats]:
    """Mean of a month's clashes at the rate of the year before, and the ratio of its variance to that.

    With a dispersion of one this is the predictive distribution of a Poisson count under Jeffreys' prior: the rate of
    the year is itself uncertain by the share of days.
    """
    share = days / year_days
    return (year + _HALF_CLASH) * share, MONTH_DISPERSION.value * (1 + share)


def alert_from(mean: Floats, ratio: Floats, maximum: Floats) -> tuple[Floats, Floats]:
    """The least count that is an alert, and the chance of so many or more at the rate of the year; NaN if unknown.

    Above the year's maximum, at least ALERT_CLASHES, and with a chance of at most ALERT_CHANCE.
    """
    count = np.maximum(maximum + 1, ALERT_CLASHES.value)
    chance = at_least(count, mean, ratio)
    while (over := chance > ALERT_CHANCE.value).any():
        count = np.where(over, count + 1, count)
        chance[over] = at_least(count[over], mean[over], ratio[over])
    return count, chance


def quarter_p_values(quarter: Floats, before: Floats, share: Floats) -> tuple[Floats, Floats]:
    """One-sided p-values of a rise and of a fall: the quarter among the clashes of it and of the year before.

    At one rate the quarter's clashes are `share` (of days) of all, with the variance of a binomial times the
    dispersion; normal approximation with continuity correction (McCullagh and Nelder 1989, 4.5). NaN where a count is.
    """
    from scipy.special import ndtr

    both = quarter + before
    gap = quarter - share * both
    spread = np.sqrt(QUARTER_DISPERSION.value * both * share * (1 - share))
    distance = np.sign(gap) * np.maximum(np.abs(gap) - 0.5, 0) / np.where(spread > 0, spread, 1.0)
    rise, fall = (np.where(both == 0, 1.0, ndtr(side)) for side in (-distance, distance))
    return rise, fall


def discoveries(p_values: Floats, rate: float) -> NDArray[np.bool_]:
    """Which tests are called under a false discovery rate (Benjamini and Hochberg 1995); NaN is no test."""
    found = np.zeros(p_values.size, dtype=bool)
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    below = p_values[order] <= rate * np.arange(1, order.size + 1) / max(order.size, 1)
    if below.any():
        found[order[: np.flatnonzero(below)[-1] + 1]] = True
    return found


def spells(count: pl.Expr, cut: pl.Expr) -> dict[str, pl.Expr]:
    """is_onset, is_lull and the year's maximum of one township's months in order.

    "And" and "or" are three-valued: onset and lull are unknown only where a month that is not known could change
    them. A `cut` month is not one of the months of a lull: it only goes on with the lull of the month before.
    """

    def any_clash(width: int, series: pl.Expr) -> pl.Expr:
        """Whether the months up to this one hold a clash; null where none is known to and one is unknown."""
        return (series.rolling_max(width, min_samples=1) > 0) | (series.rolling_max(width, min_samples=width) > 0)

    quiet, still = (int(c.value) for c in (ONSET_QUIET_MONTHS, LULL_MONTHS))
    earlier, past = count.shift(1), count.shift(still)
    floor = LULL_YEAR_CLASHES.value
    active = (past.rolling_sum(_YEAR, min_samples=1) >= floor) | (past.rolling_sum(_YEAR, min_samples=_YEAR) >= floor)
    lull = ~any_clash(still, count) & active
    return {
        "is_onset": (count > 0) & ~any_clash(quiet, earlier),
        "is_lull": pl.when(cut).then((count == 0) & lull.shift(1)).otherwise(lull),
        "clashes_year_maximum_count": earlier.rolling_max(_YEAR, min_samples=_YEAR),
    }


def monthly_counts(
    clashes: pl.DataFrame,
    townships: pl.DataFrame,
    method: Method,
    period_end: date,
    source_key: str,
    absence: Absence,
    uncovered: Collection[str] = (),
    first_month: date | None = None,
) -> pl.DataFrame:
    """adm3_pcode, month, `count` and `days` of every month from fifteen before the method's first one; in order.

    A month without a clash is null where silence is unknown, in an uncovered township, and before `first_month`, the
    first one that the source holds.
    """
    start = method.window_start.replace(day=1)
    calendar = pl.select(
        pl.date_range(
            pl.lit(start).dt.offset_by(f"-{_YEAR + _QUARTER}mo"), pl.lit(period_end).dt.truncate("1mo"), "1mo"
        ).alias("month")
    )
    events = by_month(clashes.filter(pl.col("event_date") <= period_end), method, source_key)
    silent_unknown = pl.lit(absence == Absence.UNKNOWN or not source_key) | pl.col("adm3_pcode").is_in(list(uncovered))
    unheld = (pl.col("month") < first_month) if first_month else pl.lit(False)
    return (
        calendar.join(townships.select("adm3_pcode"), how="cross")
        .join(events.select("adm3_pcode", "month", "clashes"), on=["adm3_pcode", "month"], how="left", validate="1:1")
        .sort("adm3_pcode", "month")
        .select(
            "adm3_pcode",
            "month",
            pl.when(pl.col("clashes").is_not_null() | ~(silent_unknown | unheld))
            .then(pl.col("clashes").fill_null(0))
            .alias("count"),
            (pl.min_horizontal(pl.col("month").dt.month_end(), pl.lit(period_end)) - pl.col("month"))
            .dt.total_days()
            .add(1)
            .alias("days"),
        )
    )


def _past(counts: pl.DataFrame) -> pl.DataFrame:
    """Sums over the quarter, the twelve months, the year before the quarter and the year before the month."""

    def back(name: str, width: int, after: int) -> pl.Expr:
        return pl.col(name).rolling_sum(width, min_samples=width).shift(after).over("adm3_pcode")

    cut = pl.col("days") < pl.col("month").dt.month_end().dt.day()
    return counts.with_columns(
        *(expr.over("adm3_pcode").alias(name) for name, expr in spells(pl.col("count"), cut).items()),
        back("count", _QUARTER, 0).alias("clashes_3m_count"),
        back("count", _YEAR, 0).alias("clashes_12m_count"),
        back("count", _YEAR, _QUARTER).alias("clashes_before_count"),
        back("count", _YEAR, 1).alias("year"),
        back("days", _YEAR, 1).alias("year_days"),
        back("days", _QUARTER, 0).alias("quarter_days"),
        back("days", _YEAR, _QUARTER).alias("before_days"),
    )


def signals(
    clashes: pl.DataFrame,
    townships: pl.DataFrame,
    method: Method,
    period_end: date,
    source_key: str,
    absence: Absence,
    uncovered: Collection[str] = (),
    first_month: date | None = None,
) -> pl.DataFrame:
    """indices.signals of one method: one row per month and township; see `monthly_counts` for what is known.

    Townships are compared with themselves; only the false discovery rate looks at all of a month's.
    """
    counts = monthly_counts(clashes, townships, method, period_end, source_key, absence, uncovered, first_month)
    wanted = months(method, period_end).select("month")
    return of_counts(counts, wanted, method.name)


def of_counts(counts: pl.DataFrame, wanted: pl.DataFrame, method: str) -> pl.DataFrame:
    """indices.signals of the months in `wanted`, from the series of `monthly_counts`, in order and without gaps."""
    frame = _past(counts).join(wanted, on="month", how="semi").sort("month", "adm3_pcode")
    made = frame.with_columns(*_alerts(frame), *_changes(frame)).with_columns(
        is_alert=pl.when(pl.col("alert_from_count").is_not_null()).then(pl.col("count") >= pl.col("alert_from_count")),
        method=pl.lit(method),
    )
    return conform(_with_confirmed(made), "indices.signals")


def _numbers(frame: pl.DataFrame, *names: str) -> list[Floats]:
    return [frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in names]


def _alerts(frame: pl.DataFrame) -> list[pl.Series]:
    count, days, year, year_days, maximum = _numbers(
        frame, "count", "days", "year", "year_days", "clashes_year_maximum_count"
    )
    mean, ratio = expected_month(year, days, year_days)
    least, chance = alert_from(mean, ratio, maximum)
    unknown = np.isnan(mean)
    p_value = at_least(count, mean, ratio)
    return [
        pl.Series("alert_from_count", np.where(unknown, np.nan, least)).fill_nan(None).cast(pl.Int64),
        pl.Series("alert_false_probability", np.round(np.where(unknown, np.nan, chance), P_DECIMALS)).fill_nan(None),
        pl.Series("alert_p_value", np.round(np.where(np.isnan(count), np.nan, p_value), P_DECIMALS)).fill_nan(None),
    ]


def _changes(frame: pl.DataFrame) -> list[pl.Series]:
    """quarter_p_value and quarter_change_class; `frame` is sorted by month."""
    quarter, before, days, days_before = _numbers(
        frame, "clashes_3m_count", "clashes_before_count", "quarter_days", "before_days"
    )
    rise, fall = (np.round(p, P_DECIMALS) for p in quarter_p_values(quarter, before, days / (days + days_before)))
    classes = np.full(rise.size, ChangeClass.LIMITED_CHANGE.value, dtype=object)
    classes[np.isnan(rise)] = ChangeClass.NO_COMPARISON.value
    for block in np.split(np.arange(rise.size), np.flatnonzero(np.diff(frame["month"].to_physical())) + 1):
        for p_values, code in ((rise, ChangeClass.RISE), (fall, ChangeClass.FALL)):
            classes[block[discoveries(p_values[block], FALSE_DISCOVERY_RATE.value)]] = code.value
    return [
        pl.Series("quarter_p_value", np.minimum(rise, fall)).fill_nan(None),
        pl.Series("quarter_change_class", classes, dtype=pl.String),
    ]


def _with_confirmed(frame: pl.DataFrame) -> pl.DataFrame:
    """Add alert_confirmed: a rise in the month of the alert or in the two after it; null while it may still come."""
    rose = pl.col("quarter_change_class") == ChangeClass.RISE.value
    ahead = [rose.shift(-step).over("adm3_pcode") for step in range(int(CONFIRMING_MONTHS.value) + 1)]
    return (
        frame.sort("adm3_pcode", "month")
        .with_columns(
            pl.any_horizontal(ahead).alias("_rose"), pl.all_horizontal(a.is_not_null() for a in ahead).alias("_over")
        )
        .with_columns(
            pl.when(pl.col("is_alert") & (pl.col("_rose").fill_null(False) | pl.col("_over")))
            .then(pl.col("_rose").fill_null(False))
            .alias("alert_confirmed")
        )
    )


def signal_of(reached: pl.Expr, in_lag: pl.Expr) -> pl.Expr:
    """The signal by precedence; unknown where none holds and one of them is not known, or `reached` is false.

    `reached` is false where a year without a clash is silence, because nobody reports from the township. `in_lag` is
    true in a month whose reports are still coming in: more can only be added, so that it may be said to be worse than
    the past, and never to be better or like it.
    """
    quarter = pl.col("quarter_change_class")
    holds = {
        Signal.ALERT: pl.col("is_alert"),
        Signal.RISE: quarter == ChangeClass.RISE.value,
        Signal.ONSET: pl.col("is_onset"),
        Signal.FALL: (quarter == ChangeClass.FALL.value) & ~in_lag,
        Signal.LULL: pl.col("is_lull") & ~in_lag,
    }
    known = pl.all_horizontal(pl.col("is_alert", "is_onset", "is_lull").is_not_null()) & (
        quarter != ChangeClass.NO_COMPARISON.value
    )
    signal = pl.when(known & reached & ~in_lag).then(pl.lit(Signal.NONE.value)).otherwise(pl.lit(Signal.UNKNOWN.value))
    for code, condition in reversed(holds.items()):
        signal = pl.when(condition.fill_null(False)).then(pl.lit(code.value)).otherwise(signal)
    return signal


@makes("indices.signals", reads=("records.clash_days", "records.townships"))
def signals_table(run: RunContext, clashes: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    """Clashes of three and twelve months, alerts, onsets, lulls, and the change of a quarter."""
    first = run.sources[0].first_month if run.sources else None
    return run.each(
        lambda method: signals(
            clashes, townships, method, run.last_day, run.clash_source, run.clash_absence, run.uncovered, first
        )
    )


MADE = (signals_table,)
