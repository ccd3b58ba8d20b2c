"""The Security Index: clashes per township and window.

Events of every class by month and township, as the leading clash source holds them. Clashes that the source locates
to no township: how many lie in each window.
"""

from collections.abc import Collection
from datetime import date

import numpy as np
import polars as pl

from pipeline.declare.choice import Choice
from pipeline.declare.codes import TOWNSHIP_OR_BETTER, Absence, GeoPrecision, SecurityClass
from pipeline.declare.frames import empty
from pipeline.declare.methods import COUP, Method
from pipeline.indices.frames import SHARE_DECIMALS, conform, log_score, require_known
from pipeline.indices.ranks import ranks
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.uncertainty import dispersions, high_probability
from pipeline.indices.windows import grid, months
from pipeline.records.candidates import NO_CANDIDATES

_RANGE = {"deaths_low": "fatalities_low_persons", "deaths_high": "fatalities_high_persons"}
_TALLIES = (
    "clashes", "deaths", "deaths_known", "located", "precise", "exact", "possible",
    *_RANGE, *(f"{name}_known" for name in _RANGE),
)  # fmt: skip


def counted(clashes: pl.DataFrame, method: Method) -> pl.DataFrame:
    """The events that the method counts as clashes, of every source: class and precision."""
    return clashes.filter(
        pl.col("event_class").is_in(list(method.counted_classes)),
        pl.col("geo_precision").is_in(list(method.precision)),
    )


def by_month(clashes: pl.DataFrame, method: Method, source_key: str) -> pl.DataFrame:
    """Tallies of one source per township and month of the event's first day.

    An event of several days counts once, in its first month. `located` takes every event of a counted class
    that stands in the township, however loosely placed: what precise_share is a share of. A record counts as often as
    its `events_count` says; `deaths_known` and the like are numbers of records.
    """
    counts = pl.col("geo_precision").is_in(list(method.precision))
    events = pl.col("events_count")
    return (
        clashes.filter(pl.col("source_key") == source_key, pl.col("event_class").is_in(list(method.counted_classes)))
        .group_by("adm3_pcode", pl.col("event_date").dt.truncate("1mo").alias("month"))
        .agg(
            events.filter(counts).sum().alias("clashes"),
            pl.col("fatalities_persons").filter(counts).sum().cast(pl.Int64).alias("deaths"),
            pl.col("fatalities_persons").filter(counts).count().cast(pl.Int64).alias("deaths_known"),
            *(pl.col(column).filter(counts).sum().cast(pl.Int64).alias(name) for name, column in _RANGE.items()),
            *(
                pl.col(column).filter(counts).count().cast(pl.Int64).alias(f"{name}_known")
                for name, column in _RANGE.items()
            ),
            events.sum().alias("located"),
            events.filter(pl.col("geo_precision").is_in(list(TOWNSHIP_OR_BETTER))).sum().alias("precise"),
            events.filter(counts & (pl.col("geo_precision") == GeoPrecision.EXACT.value)).sum().alias("exact"),
        )
    )


def candidates(unallocated: pl.DataFrame, method: Method, source_key: str) -> pl.DataFrame:
    """adm3_pcode, event_date, event (a number) and events_count: the clashes of no township, once in each candidate."""
    return (
        unallocated.filter(
            pl.col("source_key") == source_key,
            pl.col("event_class").is_in(list(method.counted_classes)),
            pl.col("candidate_pcodes") != NO_CANDIDATES,
        )
        .with_row_index("event")
        .select("event", "event_date", "events_count", pl.col("candidate_pcodes").str.split(" ").alias("adm3_pcode"))
        .explode("adm3_pcode")
    )


def _with_possible(
    monthly: pl.DataFrame, unallocated: pl.DataFrame, method: Method, source_key: str, period_end: date
) -> pl.DataFrame:
    """The tallies with `possible`: clashes of no township that may lie in the township, by month."""
    may = (
        candidates(unallocated, method, source_key)
        .filter(pl.col("event_date") <= period_end)
        .group_by("adm3_pcode", pl.col("event_date").dt.truncate("1mo").alias("month"))
        .agg(pl.col("events_count").sum().alias("possible"))
    )
    return monthly.join(may, on=["adm3_pcode", "month"], how="full", coalesce=True, validate="1:1")


def security_step(count: pl.Expr, breaks: Collection[Choice]) -> pl.Expr:
    """0 without a clash, 1 below the first break, then one more from each break on; null where the count is."""
    reached = pl.sum_horizontal(*((count >= least.value).cast(pl.Int64) for least in breaks))
    return pl.when(count.is_not_null()).then((count > 0).cast(pl.Int64) + reached)


def _windowed(monthly: pl.DataFrame, rows: pl.DataFrame, method: Method) -> pl.DataFrame:
    """The rows with the month's clashes and every tally that `monthly` has summed over the row's window.

    All windows begin and end with a month, or where the events themselves were cut, so sums of months do.
    """
    first, last = rows["period_start"].min(), rows["month"].max()
    tallies = [name for name in _TALLIES if name in monthly.columns]
    calendar = pl.select(pl.date_range(pl.lit(first).dt.truncate("1mo"), pl.lit(last), "1mo").alias("month")).join(
        rows.select("adm3_pcode").unique(), how="cross"
    )
    filled = (
        calendar.join(monthly, on=["adm3_pcode", "month"], how="left", validate="1:1")
        .with_columns(pl.col(tallies).fill_null(0))
        .sort("adm3_pcode", "month")
        .with_columns(pl.col("clashes").alias("this_month"))
    )
    width = method.window_months
    sums = pl.col(tallies).cum_sum() if width is None else pl.col(tallies).rolling_sum(width, min_samples=1)
    return rows.join(
        filled.with_columns(sums.over("adm3_pcode")),
        on=["adm3_pcode", "month"],
        how="left",
        validate="1:1",
        maintain_order="left",
    )


def _uncertainty(frame: pl.DataFrame, threshold: float) -> list[pl.Series]:
    """P(high), rank and the ends of its interval, month by month; townships of unknown count stay out of the fit.

    Rows sorted by month and township.
    """
    counts, monthly = (frame[name].cast(pl.Float64).to_numpy() for name in ("clashes_count", "clashes_month_count"))
    spread = dispersions(monthly.reshape(frame["month"].n_unique(), -1))
    names = ("security_high_probability", "security_rank", "security_rank_low", "security_rank_high")
    results = np.full((len(names), counts.size), np.nan)
    for dispersion, block in zip(spread, np.split(np.arange(counts.size), len(spread)), strict=True):
        known = block[~np.isnan(counts[block])]
        results[:, known] = high_probability(counts[known], threshold, dispersion), *ranks(counts[known], dispersion)
    found = [pl.Series(name, result).fill_nan(None) for name, result in zip(names, results, strict=True)]
    return [found[0], *(series.cast(pl.Int64) for series in found[1:])]


def security_class(count: pl.Expr, cut: float) -> pl.Expr:
    """The class of a count of clashes in the window; a count that is not known is insufficient data, not peace."""
    return (
        pl.when(count.is_null())
        .then(pl.lit(SecurityClass.INSUFFICIENT_DATA.value))
        .when(count == 0)
        .then(pl.lit(SecurityClass.NOT_IN_CONFLICT.value))
        .when(count >= cut)
        .then(pl.lit(SecurityClass.HIGH.value))
        .otherwise(pl.lit(SecurityClass.LOW.value))
    )


def classes(
    monthly: pl.DataFrame,
    townships: pl.DataFrame,
    method: Method,
    period_end: date,
    source_key: str,
    absence: Absence,
    uncovered: Collection[str] = (),
) -> pl.DataFrame:
    """The classes alone, without scores and probabilities: one row per month and township of the method's grid.

    `monthly` holds `clashes` of one source per adm3_pcode and month, and may hold the other tallies of `by_month`,
    which then come out summed over the window. Adds in_conflict, clashes_count, clashes_month_count and
    security_class. Silence means what `absence` says: zero clashes, or unknown, which it always is in the townships
    that the source says it does not cover (`uncovered`).
    """
    cut = method.thresholds(source_key).security_high.value
    if absence == Absence.UNKNOWN or not source_key:
        unknown_if_silent = pl.lit(True)
    else:
        unknown_if_silent = pl.col("adm3_pcode").is_in(list(uncovered))
    silent = pl.col("clashes") == 0
    unknown = silent & unknown_if_silent
    month_unknown = (pl.col("this_month") == 0) & unknown_if_silent
    count = pl.when(~unknown).then("clashes")
    return _windowed(monthly, grid(method, period_end, townships), method).with_columns(
        in_conflict=pl.when(~unknown).then(~silent),
        clashes_count=count,
        clashes_month_count=pl.when(~month_unknown).then("this_month"),
        security_class=security_class(count, cut),
    )


def in_period(clashes: pl.DataFrame, townships: pl.DataFrame, method: Method, period_end: date) -> pl.DataFrame:
    """The events from the start of the method's first window to `period_end`.

    Raises AccountingError for an event outside the listed townships.
    """
    first = months(method, period_end)["period_start"].min()
    events = clashes.filter(pl.col("event_date").is_between(pl.lit(first, pl.Date), pl.lit(period_end)))
    require_known(events, townships, "records.clash_days")
    return events


def security(
    clashes: pl.DataFrame,
    townships: pl.DataFrame,
    method: Method,
    period_end: date,
    source_key: str,
    absence: Absence,
    uncovered: Collection[str] = (),
    unallocated: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """indices.security: clashes of one source per month and township, with class, score, P(high) and rank.

    Sources are never summed, so one is named. Its silence about a township means what `absence` says: zero
    clashes, or unknown, which is insufficient_data with null counts and not peace; so it is in `uncovered` townships,
    which the source says it does not report on. The empty `source_key`
    stands for "no clash source" and is always unknown. `fatalities_persons` adds the figures that are
    given: 0 without clashes, null where no clash has a figure, else a floor. Score: scores.log_score.
    `unallocated` (records.unallocated_events) are the events of no township, which are possible in their candidates.
    Raises AccountingError for an event outside the listed townships.
    """
    cuts = method.thresholds(source_key)
    events = in_period(clashes, townships, method, period_end)
    loose = empty("records.unallocated_events") if unallocated is None else unallocated
    monthly = _with_possible(by_month(events, method, source_key), loose, method, source_key, period_end)
    frame = classes(monthly, townships, method, period_end, source_key, absence, uncovered)
    known = pl.col("in_conflict").is_not_null()

    def deaths(name: str) -> pl.Expr:
        return pl.when(known & ((pl.col("clashes") == 0) | (pl.col(f"{name}_known") > 0))).then(name)

    frame = frame.with_columns(
        *(deaths(name).alias(column) for name, column in {"deaths": "fatalities_persons", **_RANGE}.items()),
        clashes_possible_count=pl.col("possible") if source_key else pl.lit(None, pl.Int64),
        security_step=security_step(pl.col("clashes_count"), cuts.security_steps),
        precise_share=pl.when(pl.col("located") > 0).then(
            (pl.col("precise") / pl.col("located")).round(SHARE_DECIMALS)
        ),
        exact_share=pl.when(pl.col("clashes") > 0).then((pl.col("exact") / pl.col("clashes")).round(SHARE_DECIMALS)),
    ).with_columns(
        log_score(pl.col("clashes_count"), cuts.security_goalpost.value).alias("security_score"),
        *_uncertainty(frame, cuts.security_high.value),
    )
    return conform(frame, "indices.security")


def township_month_events(clashes: pl.DataFrame, source_key: str, first_month: date, period_end: date) -> pl.DataFrame:
    """published.township_month_events: counts and deaths per month, township and class.

    Events from the first day of `first_month` to `period_end`, each in the month of its first day.
    Combinations without an event have no row. Deaths add the figures given, null where no event has one.
    """
    deaths, events = pl.col("fatalities_persons"), pl.col("events_count")
    frame = (
        clashes.filter(
            pl.col("source_key") == source_key,
            pl.col("event_date").is_between(pl.lit(first_month.replace(day=1)), pl.lit(period_end)),
        )
        .group_by(pl.col("event_date").dt.truncate("1mo").alias("month"), "adm3_pcode", "event_class")
        .agg(
            events.sum(),
            pl.when(deaths.count() > 0).then(deaths.sum()).alias("fatalities_persons"),
            events.filter(pl.col("geo_precision").is_in(list(TOWNSHIP_OR_BETTER))).sum().alias("precise_count"),
        )
    )
    return conform(frame, "published.township_month_events")


def unallocated_in_window(
    windows: pl.DataFrame, unallocated: pl.DataFrame, method: Method, source_key: str
) -> pl.DataFrame:
    """month and clashes_unallocated_count of every row of `windows` (month, period_start, period_end).

    The events of the counted classes that the leading source locates only to a district, a region or the country,
    by the day they began. Null without a clash source: then nothing is known, which is not zero.
    """
    events = unallocated.filter(
        pl.col("source_key") == source_key, pl.col("event_class").is_in(list(method.counted_classes))
    ).select("event_date", "events_count")
    inside = (
        windows.join_where(
            events, pl.col("event_date") <= pl.col("period_end"), pl.col("event_date") >= pl.col("period_start")
        )
        .group_by("month")
        .agg(pl.col("events_count").sum().alias("clashes_unallocated_count"))
    )
    counted = pl.col("clashes_unallocated_count").fill_null(0) if source_key else pl.lit(None, pl.Int64)
    return (
        windows.select("month")
        .join(inside, on="month", how="left", validate="1:1")
        .with_columns(counted.alias("clashes_unallocated_count"))
    )


@makes("indices.security", reads=("records.clash_days", "records.unallocated_events", "records.townships"))
def security_table(
    run: RunContext, clashes: pl.DataFrame, unallocated: pl.DataFrame, townships: pl.DataFrame
) -> pl.DataFrame:
    """Security Index: clashes per township, class, score, P(high)."""
    return run.each(
        lambda method: security(
            clashes, townships, method, run.last_day, run.clash_source, run.clash_absence, run.uncovered, unallocated
        )
    )


@makes(
    "published.township_month_events",
    reads=("records.clash_days",),
    checked_against=("published.township_index", "published.national_summary"),
)
def township_month_events_table(run: RunContext, clashes: pl.DataFrame) -> pl.DataFrame:
    return township_month_events(clashes, run.clash_source, COUP, run.last_day)


MADE = (security_table, township_month_events_table)
