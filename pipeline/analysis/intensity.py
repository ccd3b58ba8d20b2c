"""Current intensity: how many clashes a township is to expect in the next months, fitted on the past alone.

About recorded clashes that a source places in a township. What is located no closer than a district or a region is in
no township's count, so it is in no expectation either.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.analysis.negative_binomial import Fit, Floats, Sizes, at_most, fit, fit_sizes, interval
from pipeline.declare.codes import Absence
from pipeline.declare.frames import empty
from pipeline.declare.intensity import (
    FOUR,
    HISTORY_MONTHS,
    INTENSITY_INTERVAL,
    LOG_OFFSET,
    LONG_HALF_LIFE,
    NEIGHBOURS_HALF_LIFE,
    SHORT_HALF_LIFE,
    TRAINING_LEAST_CLASHES,
    TRAINING_LEAST_MONTHS,
    TRAINING_MONTHS,
)
from pipeline.declare.methods import COUP, ISP_2023
from pipeline.declare.tables import TABLES
from pipeline.indices.frames import conform, require_known
from pipeline.indices.run_context import RunContext
from pipeline.indices.security import counted

TABLE = "published.current_intensity"
DECIMALS = 6
FEATURES = 4  # the constant, the township's two memories, its neighbours' memory

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Panel:
    """Clashes by month and township. `known` says where silence is none; `days` how much of a month was counted."""

    codes: pl.Series
    months: pl.Series
    counts: Floats  # months x townships
    days: Floats  # months; 1 for a whole month
    known: Bools  # townships

    @property
    def whole_months(self) -> int:
        """Months that were counted to their end: only they can be an outcome."""
        return len(self.months) - int(self.days[-1] < 1)


def panel(run: RunContext, clashes: pl.DataFrame, townships: pl.DataFrame) -> Panel | None:
    """The months of the leading source, from HISTORY_MONTHS before the coup or its first one, to the period's end.

    None without a source whose silence means none: counts of what is reported alone have no rate.
    """
    if not run.sources or run.clash_absence == Absence.UNKNOWN or run.sources[0].first_month is None:
        return None
    first = max(run.sources[0].first_month, _months_before(COUP, int(HISTORY_MONTHS.value)))
    if run.last_day < max(first, COUP):
        return None
    events = counted(clashes, ISP_2023).filter(
        pl.col("source_key") == run.clash_source, pl.col("event_date").is_between(first, run.last_day)
    )
    require_known(events, townships, "records.clash_days")
    codes = townships["adm3_pcode"].sort()
    months = pl.date_range(first, run.last_day.replace(day=1), "1mo", eager=True).alias("month")
    place = pl.DataFrame({"adm3_pcode": codes}).with_row_index("place")
    row = pl.DataFrame({"month": months}).with_row_index("row")
    cells = (
        events.group_by("adm3_pcode", pl.col("event_date").dt.truncate("1mo").alias("month"))
        .agg(pl.col("events_count").sum())
        .join(place, on="adm3_pcode", how="inner", validate="m:1")
        .join(row, on="month", how="inner", validate="m:1")
    )  # fmt: skip
    counts = np.zeros((len(months), len(codes)))
    counts[cells["row"].to_numpy(), cells["place"].to_numpy()] = cells["events_count"].to_numpy()
    days = np.ones(len(months))
    days[-1] = run.last_day.day / pl.Series([run.last_day]).dt.month_end().dt.day()[0]
    return Panel(codes, months, counts, days, ~codes.is_in(list(run.uncovered)).to_numpy())


def _months_before(day: date, months: int) -> date:
    whole = day.year * 12 + day.month - 1 - months
    return date(whole // 12, whole % 12 + 1, 1)


def memory(counts: Floats, days: Floats, half_life: float) -> Floats:
    """Clashes a month, exponentially weighted over the months up to each: months x townships.

    sum(w n) / sum(w d) with w halved every `half_life` months and d the share of the month that was counted, so that
    neither a short history nor a cut month is taken for quiet.
    """
    kept = 0.5 ** (1 / half_life)
    weighted, weight = np.zeros(counts.shape[1]), 0.0
    found = np.empty_like(counts)
    for month, (now, share) in enumerate(zip(counts, days, strict=True)):
        weighted, weight = kept * weighted + now, kept * weight + share
        found[month] = weighted / weight
    return found


@dataclass(frozen=True)
class Near:
    """Who is whose neighbour, by position: `others` in stretches, one a township that has any, in their order."""

    townships: Ints
    starts: Ints
    others: Ints

    @classmethod
    def of(cls, neighbours: pl.DataFrame, codes: pl.Series) -> "Near":
        place = pl.DataFrame({"adm3_pcode": codes}).with_row_index("place")
        pairs = (
            neighbours.select("adm3_pcode", "neighbour_pcode")
            .join(place, on="adm3_pcode", how="inner", validate="m:1")
            .join(place.rename({"adm3_pcode": "neighbour_pcode", "place": "other"}), on="neighbour_pcode", how="inner")
            .sort("place", "other")
        )
        townships, starts = np.unique(pairs["place"].to_numpy().astype(np.int64), return_index=True)
        return cls(townships, starts.astype(np.int64), pairs["other"].to_numpy().astype(np.int64))

    def mean(self, values: Floats) -> Floats:
        """Mean over each township's neighbours, by row of `values` (rows x townships); 0 for one without any."""
        found = np.zeros_like(values)
        if self.townships.size:
            sizes = np.diff(np.r_[self.starts, self.others.size])
            found[:, self.townships] = np.add.reduceat(values[:, self.others], self.starts, axis=1) / sizes
        return found


def neighbours_between(values: Floats, known: Bools, near: Near) -> tuple[Floats, Floats, Floats]:
    """Mean over the neighbours (rows x townships): expected, at least, at most.

    A neighbour of unknown count has at least what is reported of it and at most the highest value of the row; the
    expected mean is that of the known ones, within these ends. Where all are known the three are one.
    """
    if known.all():
        mean = near.mean(values)
        return mean, mean, mean
    highest = np.maximum(values, values.max(axis=1, keepdims=True))
    low, high = near.mean(values), near.mean(np.where(known, values, highest))
    reported = near.mean(np.where(known, values, 0.0))
    share = near.mean(np.broadcast_to(known, values.shape).astype(np.float64))
    overall = values[:, known].mean(axis=1, keepdims=True) if known.any() else np.zeros((len(values), 1))
    middle = np.where(share > 0, reported / np.where(share > 0, share, 1.0), overall)
    return np.clip(middle, low, high), low, high


@dataclass(frozen=True)
class Statements:
    """What the months said of `horizon` months ahead, each by its own fit; NaN where a month could say nothing.

    Means are months x townships: expected, and with every unknown neighbour at its least and at its most.
    """

    horizon: int
    mean: Floats
    mean_low: Floats
    mean_high: Floats
    fits: dict[int, tuple[Fit, Sizes]] = field(default_factory=dict)

    def sizes(self, means: Floats) -> Floats:
        """The sizes at `means` (months x townships), each month's by its own fit; NaN where it has none."""
        found = np.full(means.shape, np.nan)
        for month, (_, sizes) in self.fits.items():
            found[month] = sizes.at(means[month])
        return found


def outcomes(found: Panel, horizon: int) -> Floats:
    """Clashes in the `horizon` months after each month; NaN where they are not over."""
    whole = found.whole_months
    sums = np.vstack([np.zeros(found.counts.shape[1]), np.cumsum(found.counts[:whole], axis=0)])
    after = np.full(found.counts.shape, np.nan)
    if whole > horizon:
        after[: whole - horizon] = sums[1 + horizon :] - sums[1 : whole - horizon + 1]
    return after


def features(found: Panel, near: Near) -> tuple[Floats, Floats, Floats]:
    """ln of the memories behind the constant (4 x months x townships), with the neighbours as expected, least, most."""

    def logs(half_life: float) -> Floats:
        return memory(found.counts, found.days, half_life)

    own = [np.log(logs(one.value) + LOG_OFFSET.value) for one in (SHORT_HALF_LIFE, LONG_HALF_LIFE)]
    ends = neighbours_between(logs(NEIGHBOURS_HALF_LIFE.value), found.known, near)
    constant = np.ones_like(found.counts)
    expected, least, most = (np.stack([constant, *own, np.log(end + LOG_OFFSET.value)]) for end in ends)
    return expected, least, most


def statements(found: Panel, near: Near, horizon: int, origins: range) -> Statements:
    """The statement of each month of `origins` (positions in the panel), by what had come before that month.

    The fit of a month learns from the newest TRAINING_MONTHS of statements whose `horizon` months had ended before the
    month itself began: the month's own clashes are in what the township is known by, never in what the model learnt.
    So one more clash in it cannot change a coefficient, and since none of these is below zero it cannot lower what its
    township is to expect.
    """
    expected, least, most = features(found, near)
    after, shape = outcomes(found, horizon), found.counts.shape
    means = [np.full(shape, np.nan) for _ in range(3)]
    fits: dict[int, tuple[Fit, Sizes]] = {}
    last: tuple[Fit, Sizes] | None = None
    for origin in origins:
        newest = origin - 1 - horizon
        first = max(newest - int(TRAINING_MONTHS.value) + 1, 0)
        learnt = after[first : newest + 1][:, found.known] if newest >= first else np.empty((0, 0))
        if len(learnt) < TRAINING_LEAST_MONTHS.value or learnt.sum() < TRAINING_LEAST_CLASHES.value:
            continue
        rows = expected[:, first : newest + 1][:, :, found.known].reshape(FEATURES, -1)
        means_of = fit(rows, learnt.ravel(), last[0] if last else None)
        spread = fit_sizes(means_of.mean(rows), learnt.ravel(), last[1] if last else Sizes(means_of.size, 0.5))
        last = fits[origin] = (means_of, spread)
        for mean, given in zip(means, (expected, least, most), strict=True):
            mean[origin, found.known] = means_of.mean(given[:, origin])[found.known]
    return Statements(horizon, means[0], means[1], means[2], fits)


def since(found: Panel, first: date) -> int:
    """Position of the first month of the panel that is not before the month of `first`."""
    return int((found.months < first.replace(day=1)).sum())


_WHOLE = ("interval_low", "interval_high", "rank", "rank_low", "rank_high")


def current_intensity(run: RunContext, townships: pl.DataFrame, said: Statements | None) -> pl.DataFrame:
    """published.current_intensity: what each month from the coup on said of the months after it.

    Every township and month has a row, sorted. Blank where the month could not say: silence of the source means
    unknown, in all townships or in this one, or too few months came before.
    """
    if run.last_day < COUP:
        return empty(TABLE)
    months = pl.date_range(COUP.replace(day=1), run.last_day.replace(day=1), "1mo", eager=True)
    rows = pl.DataFrame({"month": months}).join(townships.select("adm3_pcode").sort("adm3_pcode"), how="cross")
    blank = [pl.lit(None).alias(name) for name in TABLES[TABLE].columns if name not in rows.columns]
    if said is None:
        return conform(rows.with_columns(blank), TABLE)
    # A source that begins after the coup has no row for the months before it, and no statement.
    shown = min(len(months), len(said.mean))
    skipped = np.full((len(months) - shown, townships.height), np.nan)

    def cells(values: Floats) -> Floats:
        return np.vstack([skipped, values[-shown:]]).ravel()

    ends = (said.mean, said.mean_low, said.mean_high)
    told = np.flatnonzero(~np.isnan(cells(said.mean)))
    means, sizes = ([cells(one)[told] for one in group] for group in (ends, map(said.sizes, ends)))
    figures = _figures(means, sizes, told // townships.height)
    columns = []
    for name, values in figures.items():
        column = np.full(rows.height, np.nan)
        column[told] = values
        series = pl.Series(name, column).fill_nan(None)
        columns.append(series.cast(pl.Int64) if name in _WHOLE else series)
    return conform(rows.with_columns(columns), TABLE)


def _figures(means: list[Floats], sizes: list[Floats], month: Ints) -> dict[str, NDArray[Any]]:
    """The published figures of every statement that was made; means and sizes as expected, at least and at most.

    Rows in the order of their months.
    """
    share, (mean, least, most), (size, size_least, size_most) = INTENSITY_INTERVAL.value, means, sizes
    expected = np.round(mean, DECIMALS)
    ranks = np.empty((3, mean.size), dtype=np.int64)
    for here in np.split(np.arange(mean.size), np.flatnonzero(np.diff(month)) + 1):
        if here.size:
            ranks[:, here] = rank(expected[here]), *rank_interval(mean[here], size[here])
    return {
        "expected_clashes_next_3m": expected,
        "interval_low": interval(least, size_least, share)[0],
        "interval_high": interval(most, size_most, share)[1],
        "any_probability": np.round(1 - at_most(np.zeros(mean.size), mean, size), DECIMALS),
        "four_or_more_probability": np.round(1 - at_most(np.full(mean.size, FOUR - 1.0), mean, size), DECIMALS),
        "rank": ranks[0],
        "rank_low": ranks[1],
        "rank_high": ranks[2],
    }


def rank(values: Floats) -> Ints:
    """One more than the number of higher values; equal values share the best rank."""
    return np.asarray(1 + values.size - np.searchsorted(np.sort(values), values, side="right"), dtype=np.int64)


_NODES = 16  # parts of equal probability that a township's own rate is cut into
_CELLS = 48  # rates at which the number of townships above is worked out; between them it is interpolated
_EDGE = 1e-3  # probability of a rate beyond the outermost of them


def rank_interval(mean: Floats, size: Floats) -> tuple[Ints, Ints]:
    """Ends of the interval of the rank of each township's rate, INTENSITY_INTERVAL wide; shapes as `mean`.

    The rates are independent gamma variables of shape `size` about their means, as in the negative binomial. Given its
    own rate, the number of others above it is Poisson-binomial, taken as normal of the same mean and variance; over 16
    parts of its own distribution the ends are quantiles of their mixture. Nothing is drawn.
    """
    from scipy.special import gammaincc, gammainccinv, ndtr

    lowest, highest = (gammainccinv(size, level) * mean / size for level in (1 - _EDGE, _EDGE))
    cells = np.linspace(np.log(max(lowest.min(), 1e-9)), np.log(max(highest.max(), 1e-6)), _CELLS)
    above = gammaincc(size, size * np.exp(cells)[:, None] / mean)
    number, spread = above.sum(axis=1), (above * (1 - above)).sum(axis=1)
    own = (np.arange(_NODES)[:, None] + 0.5) / _NODES
    # The cell below which the own rate's probability of lying above falls under the node's: `above` falls with cells.
    cell = np.clip((above[None] >= own[:, :, None]).sum(axis=1), 1, _CELLS - 1)
    place = np.arange(mean.size)
    left, right = above[cell - 1, place], above[cell, place]
    part = np.clip((left - own) / np.maximum(left - right, 1e-12), 0.0, 1.0)
    middle = (1 - part) * number[cell - 1] + part * number[cell] - own
    variance = (1 - part) * spread[cell - 1] + part * spread[cell] - own * (1 - own)
    deviation = np.sqrt(np.maximum(variance, 1e-9))
    tail = (1 - INTENSITY_INTERVAL.value) / 2

    def end(level: float) -> Ints:
        low, high = np.full(mean.size, -1), np.full(mean.size, mean.size - 1)
        while (high - low > 1).any():
            half = (low + high) // 2
            reached = ndtr((half + 0.5 - middle) / deviation).mean(axis=0) >= level
            low, high = np.where(reached, low, half), np.where(reached, half, high)
        return np.asarray(high + 1, dtype=np.int64)

    return end(tail), end(1 - tail)
