"""What the statements about the next months were worth, beside statements that take no model.

The table scorecard as a page shows it: means over the newest months whose outcome is known.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from pipeline.declare.codes import Metric, Predictor
from pipeline.declare.intensity import INTENSITY_INTERVAL
from reports.release import Release, published
from reports.site.blocks import Board, Column, Grid
from reports.text.catalogue import Both, month_both, say
from reports.text.wording import NOT_KNOWN, decimals, number

Frames = Mapping[str, pl.DataFrame]
Means = Mapping[tuple[str, str], float]
_ORIGINS = 18  # months at most: a year and a half, so that no single offensive decides
PREDICTORS: Mapping[str, str] = {
    Predictor.CURRENT_INTENSITY: "this index (current intensity)",
    Predictor.PERSISTENCE: "the coming months like the last",
    Predictor.NATIONAL_MEAN: "every township alike",
    Predictor.CUMULATIVE: "the rate since the coup",
    Predictor.ROLLING: "the rate of the last 12 months",
}
METRICS: Mapping[str, str] = {
    Metric.LOG_SCORE: "Log score (lower is better)",
    Metric.COVERAGE: "Townships inside their 90 % interval (best 90 %)",
    Metric.AUC_ANY: "Told apart: any clash or none (0.5 is chance, 1 perfect)",
    Metric.AUC_FOUR: "Told apart: four or more, or fewer",
    Metric.TOP_SHARE: "Share of the clashes in the 50 townships named first",
}
_SHARES = (Metric.COVERAGE, Metric.TOP_SHARE)


def means(frame: pl.DataFrame, horizon: int) -> tuple[Means, list[date]]:
    """Predictor and metric -> mean over the newest months that have all of them, and these months."""
    own = frame.filter(pl.col("horizon_months") == horizon, pl.col("value").is_not_null())
    months = sorted(own["month"].unique().to_list())[-_ORIGINS:]
    found = own.filter(pl.col("month").is_in(months)).group_by("predictor", "metric").agg(pl.col("value").mean())
    return {(predictor, metric): value for predictor, metric, value in found.iter_rows()}, months


def loss(metric: str, value: float) -> float:
    """What is to be small of a metric: of coverage the distance from what the interval promises."""
    if metric == Metric.COVERAGE:
        return abs(value - INTENSITY_INTERVAL.value)
    return value if metric == Metric.LOG_SCORE else -value


def winner(found: Means, metric: str) -> str | None:
    """The predictor that does best by what the page shows; ours where it is as good as any."""
    ours = found.get((Predictor.CURRENT_INTENSITY, metric))
    if ours is None:
        return None
    best, least = str(Predictor.CURRENT_INTENSITY), round(loss(metric, ours), 4)
    for predictor in Predictor:
        value = found.get((predictor, metric))
        if value is not None and round(loss(metric, value), 4) < least:
            best, least = str(predictor), round(loss(metric, value), 4)
    return best


def _figure(metric: str, value: float | None) -> str:
    if value is None:
        return NOT_KNOWN
    return f"{100 * value:.1f} %" if metric in _SHARES else decimals(value, 2 if metric == Metric.LOG_SCORE else 3)


def _verdict(found: Means, metric: str) -> Both:
    best = winner(found, metric)
    if best is None:
        return say(NOT_KNOWN)
    if best == Predictor.CURRENT_INTENSITY:
        return say("this index is best")
    return say("beaten by: {name}", name=say(PREDICTORS[best]))


def grid(frame: pl.DataFrame, horizon: int) -> Grid | None:
    """One row a measure: ours, the four statements without a model, and who did best."""
    found, months = means(frame, horizon)
    if not months:
        return None
    return Grid(
        say("The next {count} months: mean of {origins} statements, {first} to {last}", count=horizon,
            origins=number(len(months)), first=month_both(months[0]), last=month_both(months[-1])),
        (Column(say("Measure")), *(Column(say(words), True) for words in PREDICTORS.values()), Column(say("Best"))),
        tuple(
            (say(words), *(_cell(metric, found.get((predictor, metric))) for predictor in PREDICTORS),
             _verdict(found, metric))
            for metric, words in METRICS.items()
        ),
    )  # fmt: skip


def _cell(metric: str, value: float | None) -> Both | str:
    words = _figure(metric, value)
    return say(words) if words == NOT_KNOWN else words


def board(tables: Frames, release: Release) -> Board:
    """The section on what the statements were worth."""
    frame = published(tables, "scorecard")
    grids = [one for horizon in sorted(frame["horizon_months"].unique().to_list()) if (one := grid(frame, horizon))]
    if not grids:
        return Board((say("No statement about coming months can be held against what came yet."),), (), ("scorecard",))
    return Board(
        (
            say("Each month the index says how many clashes to expect; once the months are over the statement is held "
                "against what was recorded, beside four statements that need no model."),
            say("What it cannot foresee: an offensive where none was fought. After Operation 1027 of October 2023 "
                "every index that remembers clashes told little of what came; a ceasefire is as unforeseen. It "
                "foresees recorded clashes, not those that nobody records."),
        ),
        tuple(grids),
        ("scorecard", "current_intensity"),
    )  # fmt: skip
