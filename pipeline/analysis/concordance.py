"""How far two sources of clashes agree, and how many clashes both together may have missed.

Over the months both cover, from the coup to the period's end: outside them silence of one source says nothing.
"""

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.analysis.event_matching import compared, each_event, matched_by_chance, source_pairs
from pipeline.declare.frames import empty
from pipeline.declare.methods import CHANCE_MOST_SHARE
from pipeline.declare.sources import family
from pipeline.indices.frames import SHARE_DECIMALS, conform
from pipeline.indices.run_context import RunContext, makes
from pipeline.sources import BY_KEY

CONCORDANCE, MATCHES = "published.source_concordance", "published.source_matches"
_Z95 = 1.959963984540054  # standard normal quantile at 97.5 %
_ESTIMATE_DECIMALS = 1
_CELL = ["month", "adm3_pcode"]


@dataclass(frozen=True)
class Estimate:
    """Events in all, with variance and 95 % interval."""

    value: float
    variance: float
    low: float
    high: float


def chapman(n_a: int, n_b: int, matched: int) -> Estimate | None:
    """Events estimated from two lists of `n_a` and `n_b` with `matched` in both; None where none is matched.

    N = (n_a + 1)(n_b + 1) / (m + 1) - 1 (Chapman 1951), with the variance of Seber (1970),
    (n_a + 1)(n_b + 1)(n_a - m)(n_b - m) / ((m + 1)^2 (m + 2)). The interval is log-normal for the events in neither
    list, f = (n_a - m)(n_b - m) / (m + 1): those seen plus f / C to f * C with C = exp(z sqrt(ln(1 + var / f^2)))
    (Chao 1987; Rexstad and Burnham 1991), so it never falls below what was seen. Raises ValueError where more are
    matched than a list holds.
    """
    if not 0 <= matched <= min(n_a, n_b):
        raise ValueError(f"{matched} events cannot be matched between lists of {n_a} and {n_b}")
    if matched == 0:
        return None
    seen, unseen = n_a + n_b - matched, (n_a - matched) * (n_b - matched) / (matched + 1)
    value = (n_a + 1) * (n_b + 1) / (matched + 1) - 1
    variance = (n_a + 1) * (n_b + 1) * (n_a - matched) * (n_b - matched) / ((matched + 1) ** 2 * (matched + 2))
    if unseen == 0:
        return Estimate(value, variance, float(seen), float(seen))
    spread = math.exp(_Z95 * math.sqrt(math.log1p(variance / unseen**2)))
    return Estimate(value, variance, seen + unseen / spread, seen + unseen * spread)


def kappa(both: int, only_a: int, only_b: int, neither: int) -> float | None:
    """Cohen's kappa (1960) of two yes-or-no answers: 2(ad - bc) / ((a+b)(b+d) + (a+c)(c+d)), None where undefined.

    It is undefined where both give one and the same answer everywhere: chance alone would then agree as well.
    """
    chance = (both + only_a) * (only_a + neither) + (both + only_b) * (only_b + neither)
    return 2 * (both * neither - only_a * only_b) / chance if chance else None


def source_concordance(
    clashes: pl.DataFrame, matches: pl.DataFrame, townships: pl.DataFrame, period_end: date
) -> pl.DataFrame:
    """published.source_concordance: one row per pair of sources; also for one without a month in common."""
    events = compared(clashes, period_end)
    pairs = source_pairs(events)
    events = each_event(events) if pairs else events
    rows = [_row(events, matches, townships, a, b, period_end) for a, b in pairs]
    return conform(pl.DataFrame(rows, schema=empty(CONCORDANCE).schema), CONCORDANCE)


def source_matches(clashes: pl.DataFrame, matches: pl.DataFrame, period_end: date) -> pl.DataFrame:
    """published.source_matches: counts by pair, month and township, in the months both sources cover."""
    events = compared(clashes, period_end)
    pairs = source_pairs(events)
    events = each_event(events) if pairs else events
    frames = [
        _cells(events, matches, a, b, common) for a, b in pairs if (common := _common_period(events, a, b, period_end))
    ]
    return conform(pl.concat(frames), MATCHES) if frames else empty(MATCHES)


def leading_ratio(concordance: pl.DataFrame, source_key: str) -> float | None:
    """The clashes of the leading source over those of another in the months both cover; the least of all others.

    None where no other source has a clash in a common month.
    """
    first, second = pl.col("source_a") == source_key, pl.col("source_b") == source_key
    sides = concordance.filter(first | second).select(
        pl.when(first).then("events_a_count").otherwise("events_b_count").alias("leading"),
        pl.when(first).then("events_b_count").otherwise("events_a_count").alias("other"),
    )
    ratios = sides.filter(pl.col("other") > 0).select(pl.col("leading") / pl.col("other")).to_series()
    found = ratios.min()
    return found if isinstance(found, float) else None


def _common_period(events: pl.DataFrame, a: str, b: str, period_end: date) -> tuple[date, date] | None:
    """First and last day of the months both sources cover: the later first month to the earlier last one."""
    months = (
        events.filter(pl.col("source_key").is_in([a, b]))
        .group_by("source_key")
        .agg(
            pl.col("event_date").min().dt.month_start().alias("first"),
            pl.col("event_date").max().dt.month_end().alias("last"),
        )
    )
    first, last = months["first"].max(), min(*months["last"].to_list(), period_end)
    return (first, last) if isinstance(first, date) and first <= last else None


def _inside(events: pl.DataFrame, source_key: str, common: tuple[date, date]) -> pl.DataFrame:
    return events.filter(pl.col("source_key") == source_key, pl.col("event_date").is_between(*common)).select(
        "event_id", pl.col("event_date").dt.month_start().alias("month"), "adm3_pcode"
    )


def _pairs_inside(
    events: pl.DataFrame, matches: pl.DataFrame, a: str, b: str, common: tuple[date, date]
) -> pl.DataFrame:
    """The matched pairs with both events in the common months: adm3_pcode, month_a, month_b."""
    pairs = matches.filter(pl.col("source_a") == a, pl.col("source_b") == b)
    for side, key in (("a", a), ("b", b)):
        own = _inside(events, key, common).select(pl.col("event_id", "month").name.suffix(f"_{side}"))
        pairs = pairs.join(own, on=f"event_id_{side}", how="inner", validate="1:1")
    return pairs.select("adm3_pcode", "month_a", "month_b")


def _cells(events: pl.DataFrame, matches: pl.DataFrame, a: str, b: str, common: tuple[date, date]) -> pl.DataFrame:
    """Township-months in which either source has a clash. A pair across a month's end is matched in no one month."""
    matched = (
        _pairs_inside(events, matches, a, b, common)
        .filter(pl.col("month_a") == pl.col("month_b"))
        .group_by(pl.col("month_a").alias("month"), "adm3_pcode")
        .agg(pl.len().alias("matched_count"))
    )
    count_a, count_b = (
        _inside(events, key, common).group_by(_CELL).agg(pl.len().alias(f"events_{side}_count"))
        for side, key in (("a", a), ("b", b))
    )
    return (
        count_a.join(count_b, on=_CELL, how="full", coalesce=True, validate="1:1")
        .join(matched, on=_CELL, how="left", validate="1:1")
        .with_columns(pl.col("events_a_count", "events_b_count", "matched_count").fill_null(0))
        .select(pl.lit(a).alias("source_a"), pl.lit(b).alias("source_b"), pl.all())
    )


def _row(
    events: pl.DataFrame, matches: pl.DataFrame, townships: pl.DataFrame, a: str, b: str, period_end: date
) -> dict[str, Any]:
    common = _common_period(events, a, b, period_end)
    cells = _cells(events, matches, a, b, common) if common else empty(MATCHES)
    matched = _pairs_inside(events, matches, a, b, common).height if common else 0
    chance = matched_by_chance(events.filter(pl.col("event_date").is_between(*common)), a, b) if common else 0
    months = pl.date_range(*common, "1mo", eager=True).len() if common else 0
    in_a, in_b = cells["events_a_count"] > 0, cells["events_b_count"] > 0
    both, only_a, only_b = int((in_a & in_b).sum()), int((in_a & ~in_b).sum()), int((in_b & ~in_a).sum())
    compared_count = townships.height * months
    neither = compared_count - both - only_a - only_b
    n_a, n_b = int(cells["events_a_count"].sum()), int(cells["events_b_count"].sum())
    estimate = chapman(n_a, n_b, matched)
    figures = (estimate.value, estimate.low, estimate.high, estimate.variance) if estimate else (None,) * 4
    value, low, high, variance = (_rounded(figure, _ESTIMATE_DECIMALS) for figure in figures)
    true = chapman(n_a, n_b, max(matched - chance, 0))
    without = (true.value, true.low, true.high) if true else (None,) * 3
    without_value, without_low, without_high = (_rounded(figure, _ESTIMATE_DECIMALS) for figure in without)
    lethal = [_lethal_only(key) for key in (a, b)]
    return {
        "source_a": a,
        "source_b": b,
        "period_start": common[0] if common else None,
        "period_end": common[1] if common else None,
        "months_count": months,
        "township_months_count": compared_count,
        "both_count": both,
        "only_a_count": only_a,
        "only_b_count": only_b,
        "neither_count": neither,
        "agreement_share": round((both + neither) / compared_count, SHARE_DECIMALS) if compared_count else None,
        "kappa": _rounded(kappa(both, only_a, only_b, neither), SHARE_DECIMALS),
        "rank_correlation": _rounded(_rank_correlation(cells, townships), SHARE_DECIMALS),
        "events_a_count": n_a,
        "events_b_count": n_b,
        "matched_count": matched,
        "matched_by_chance_count": chance,
        "events_estimate": value,
        "events_estimate_low": low,
        "events_estimate_high": high,
        "events_estimate_variance": variance,
        "events_estimate_without_chance": without_value,
        "events_estimate_without_chance_low": without_low,
        "events_estimate_without_chance_high": without_high,
        "comparable": lethal[0] == lethal[1],
        "assumptions_note": _note(
            common is not None, matched, chance, [k for k, only in zip((a, b), lethal, strict=True) if only]
        ),
    }


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)


def _lethal_only(source_key: str) -> bool:
    declared = BY_KEY.get(family(source_key))
    return declared is not None and declared.lethal_only


def _note(in_common: bool, matched: int, chance: int, lethal: list[str]) -> str:
    """What of the estimate's assumptions is broken, in words; never empty."""
    said = []
    if not in_common:
        return "The two sources have no month in common: nothing is compared or estimated."
    if len(lethal) == 1:
        said.append(
            f"{BY_KEY[family(lethal[0])].title} holds only events with deaths: events are not equally likely to be in "
            "both sources, and the two counts do not mean the same."
        )
    if matched == 0:
        said.append("No clash of one source could be matched with one of the other: nothing is estimated.")
    elif chance >= CHANCE_MOST_SHARE.value * matched:
        said.append("Half or more of the matched pairs may be chance: the estimate is not to be used.")
    return " ".join(
        [*said, "Whether the sources find events independently of each other and the matches are right is not known."]
    )


def _rank_correlation(cells: pl.DataFrame, townships: pl.DataFrame) -> float | None:
    """Spearman's correlation of the counts over all townships (ties share their mean rank); None if one is constant."""
    totals = (
        townships.select("adm3_pcode")
        .join(
            cells.group_by("adm3_pcode").agg(pl.col("events_a_count", "events_b_count").sum()),
            on="adm3_pcode", how="left", validate="1:1",
        )
        .sort("adm3_pcode")
        .select(pl.col("events_a_count", "events_b_count").fill_null(0).rank("average"))
    )  # fmt: skip
    if any(totals[name].n_unique() < 2 for name in totals.columns):
        return None
    found: float = totals.select(pl.corr("events_a_count", "events_b_count")).item()
    # Rounding errors of the sums may lead a hair beyond one.
    return max(-1.0, min(1.0, found))


@makes(
    "published.source_concordance",
    reads=("records.clashes", "indices.event_matches", "records.townships"),
    between_sources=("records.clashes",),
)
def source_concordance_table(
    run: RunContext, clashes: pl.DataFrame, matches: pl.DataFrame, townships: pl.DataFrame
) -> pl.DataFrame:
    return source_concordance(clashes, matches, townships, run.last_day)


@makes(
    "published.source_matches",
    reads=("records.clashes", "indices.event_matches"),
    between_sources=("records.clashes",),
    checked_against=("published.source_concordance",),
)
def source_matches_table(run: RunContext, clashes: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    return source_matches(clashes, matches, run.last_day)


MADE = (source_concordance_table, source_matches_table)
