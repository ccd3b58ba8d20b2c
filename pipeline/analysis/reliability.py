"""Whether a second record agrees with P(high) of the leading source, and how much each finds, by region.

The second record is another source of clashes, in the months that both cover, or counts that others made of events
that were not delivered, in their own window. Counts take part here alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipeline.declare.codes import NATIONAL, Absence, ProbabilityBin
from pipeline.declare.frames import empty
from pipeline.declare.methods import COUP, ISP_2023, RELIABILITY_EDGES, Method
from pipeline.indices.frames import SHARE_DECIMALS, conform
from pipeline.indices.run_context import ClashSource, RunContext, makes
from pipeline.indices.security import counted
from pipeline.indices.uncertainty import Floats, dispersions, high_probability

RELIABILITY, DETECTION = "published.reliability", "published.detection"
BINS = tuple(ProbabilityBin)[1:]
_PAIR = ["clash_source", "second_source", "period_start", "period_end"]


@dataclass(frozen=True)
class Second:
    """A second record of a window: `counts` has adm3_pcode and second_clashes_count, of the townships it covers."""

    source_key: str
    start: date
    end: date
    counts: pl.DataFrame


def seconds(
    sources: tuple[ClashSource, ...], clashes: pl.DataFrame, counts: pl.DataFrame, places: pl.DataFrame, last_day: date
) -> Iterator[Second]:
    """Every record that the leading source is compared with, in its window.

    `clashes` are counted events, `places` has adm3_pcode. A window of counts that the leading source does not cover
    whole is left out, and so is a township on which counts of one source contradict each other.
    """
    lead, *others = sources
    if lead.first_month is None or lead.last_month is None:
        return
    last = min(_month_end(lead.last_month), last_day)
    for other in others:
        if other.first_month is None or other.last_month is None:
            continue
        start, end = max(lead.first_month, other.first_month, COUP), min(_month_end(other.last_month), last)
        if start <= end:
            yield Second(other.source_key, start, end, _known(clashes, other, start, end, places))
    windows = counts.filter(
        pl.col("period_start") >= lead.first_month,
        pl.col("period_end") <= last,
        pl.col("conflicting_records_count") == 0,
    ).unique(["source_key", "period_start", "period_end", "adm3_pcode"], keep="first", maintain_order=True)
    by_window = windows.sort("source_key", "period_start", "period_end", "adm3_pcode").partition_by(
        "source_key", "period_start", "period_end", as_dict=True, maintain_order=True
    )
    for (key, start, end), rows in by_window.items():
        yield Second(key, start, end, rows.select("adm3_pcode", pl.col("clashes_count").alias("second_clashes_count")))


def _known(clashes: pl.DataFrame, source: ClashSource, start: date, end: date, places: pl.DataFrame) -> pl.DataFrame:
    """adm3_pcode and second_clashes_count: 0 where the source is silent and its silence means none."""
    found = (
        _inside(clashes, source.source_key, start, end)
        .group_by("adm3_pcode")
        .agg(pl.col("events_count").sum().alias("count"))
    )
    silent = source.absence == Absence.ZERO and ~pl.col("adm3_pcode").is_in(list(source.uncovered))
    return (
        places.select("adm3_pcode")
        .join(found, on="adm3_pcode", how="left", validate="1:1")
        .filter(pl.col("count").is_not_null() | silent)
        .select("adm3_pcode", pl.col("count").fill_null(0).cast(pl.Int64).alias("second_clashes_count"))
    )


def stated(clashes: pl.DataFrame, lead: ClashSource, second: Second, places: pl.DataFrame, cut: float) -> pl.DataFrame:
    """adm3_pcode, leading_clashes_count and probability of the leading source in the window of the second.

    One row per township that the leading source covers; as in indices.security, from these days alone.
    """
    months = pl.date_range(second.start.replace(day=1), second.end, "1mo", eager=True).to_list()
    found = _inside(clashes, lead.source_key, second.start, second.end)
    cells = found.group_by("adm3_pcode", pl.col("event_date").dt.month_start().alias("month")).agg(
        pl.col("events_count").sum()
    )
    codes = places["adm3_pcode"].sort().to_list()
    monthly = np.zeros((len(months), len(codes)))
    at_month, at_code = ({value: n for n, value in enumerate(values)} for values in (months, codes))
    for code, month, number in cells.iter_rows():
        monthly[at_month[month], at_code[code]] = number
    counts = monthly.sum(axis=0)
    silent = np.array([lead.absence == Absence.UNKNOWN or code in lead.uncovered for code in codes])
    known = (counts > 0) | ~silent
    monthly[:, ~known] = np.nan
    chances = high_probability(counts[known], cut, float(dispersions(monthly)[-1]))
    return pl.DataFrame(
        {
            "adm3_pcode": [code for code, is_known in zip(codes, known, strict=True) if is_known],
            "leading_clashes_count": counts[known].astype(np.int64),
            "probability": chances,
        }
    )


def matched_cut(counts: Floats, expected: float) -> int:
    """The count at or above which nearest to `expected` townships lie, at least 1; of two equally near the higher."""
    ordered = np.sort(counts)
    cuts = np.arange(1, int(ordered[-1]) + 2)
    above = counts.size - np.searchsorted(ordered, cuts)
    distance = np.abs(above - expected)
    return int(cuts[np.flatnonzero(distance == distance.min())[-1]])


def reliability(compared: pl.DataFrame, cut: float) -> pl.DataFrame:
    """Rows of published.reliability without the pair: by bin, and for all townships together.

    `compared` has adm3_pcode, probability and second_clashes_count of the townships that both sources cover.
    """
    # Sorted, so that the sums' last digit does not depend on the order of townships.
    rows = compared.sort("probability", "adm3_pcode")
    second_cut = matched_cut(rows["second_clashes_count"].to_numpy().astype(float), float(rows["probability"].sum()))
    edge = pl.Series(RELIABILITY_EDGES).search_sorted(rows["probability"], side="right")
    rows = rows.with_columns(
        pl.Series("probability_bin", [BINS[n].value for n in edge]),
        (pl.col("second_clashes_count") >= second_cut).alias("high"),
    )
    sums = [
        pl.len().cast(pl.Int64).alias("townships_count"),
        pl.col("probability").mean().alias("probability_mean"),
        pl.col("high").sum().cast(pl.Int64).alias("second_high_count"),
    ]
    apart = (pl.col("probability_mean") - pl.col("second_high_count") / pl.col("townships_count")).abs()
    bins = rows.group_by("probability_bin", maintain_order=True).agg(sums).with_columns(calibration_error=apart)
    weight = pl.col("townships_count") / pl.col("townships_count").sum()
    error = float(bins.select((pl.col("calibration_error") * weight).sum()).item())
    whole = rows.select(pl.lit(ProbabilityBin.ALL.value).alias("probability_bin"), *sums).with_columns(
        calibration_error=pl.lit(error)
    )
    return pl.concat([whole.head(1), bins]).with_columns(
        pl.col("probability_mean", "calibration_error").round(SHARE_DECIMALS),
        (pl.col("second_high_count") / pl.col("townships_count")).round(SHARE_DECIMALS).alias("second_high_share"),
        pl.lit(int(cut)).alias("cut_count"),
        pl.lit(second_cut).alias("second_cut_count"),
    )


def detection(compared: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Rows of published.detection without the pair: the country, and each state or region that both cover."""
    rows = compared.join(places, on="adm3_pcode", how="left", validate="1:1")
    ratio = pl.col("leading_clashes_count") / pl.col("second_clashes_count")
    return pl.concat(
        rows.group_by(scope.alias("scope")).agg(
            pl.len().cast(pl.Int64).alias("townships_count"),
            pl.col("leading_clashes_count", "second_clashes_count").sum(),
        )
        for scope in (pl.lit(NATIONAL), pl.col("state_region"))
    ).with_columns(
        pl.when(pl.col("second_clashes_count") > 0).then(ratio.round(SHARE_DECIMALS)).alias("detection_ratio")
    )


def compared_method(methods: tuple[Method, ...]) -> Method:
    """The method whose cut is tested: the run's first that counts since the coup, as windows here have any length."""
    return next((one for one in methods if one.window_months is None), ISP_2023)


def tables(
    run: RunContext, clashes: pl.DataFrame, counts: pl.DataFrame, townships: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """published.reliability and published.detection; without rows where nothing second was delivered."""
    made: dict[str, list[pl.DataFrame]] = {RELIABILITY: [], DETECTION: []}
    if run.sources:
        lead, method = run.sources[0], compared_method(run.methods)
        events, places = counted(clashes, method), townships.select("adm3_pcode", "state_region")
        cut = method.thresholds(lead.source_key).security_high.value
        for second in seconds(run.sources, events, counts, places, run.last_day):
            said = stated(events, lead, second, places, cut)
            both = said.join(second.counts, on="adm3_pcode", how="inner", validate="1:1")
            if both.is_empty():
                continue
            pair = zip(_PAIR, (lead.source_key, second.source_key, second.start, second.end), strict=True)
            named = [pl.lit(value).alias(name) for name, value in pair]
            made[RELIABILITY].append(reliability(both, cut).with_columns(named))
            made[DETECTION].append(detection(both, places).with_columns(named))
    first, other = (conform(pl.concat(parts), name) if parts else empty(name) for name, parts in made.items())
    return first, other


def _inside(clashes: pl.DataFrame, source_key: str, start: date, end: date) -> pl.DataFrame:
    return clashes.filter(pl.col("source_key") == source_key, pl.col("event_date").is_between(start, end))


def _month_end(month: date) -> date:
    end = pl.Series([month]).dt.month_end()[0]
    if not isinstance(end, date):
        raise TypeError("a month has a last day")
    return end


@makes(RELIABILITY, DETECTION, reads=("records.clash_days", "records.clash_counts", "records.townships"))
def reliability_tables(
    run: RunContext, clashes: pl.DataFrame, counts: pl.DataFrame, townships: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    return tables(run, clashes, counts, townships)


MADE = (reliability_tables,)
