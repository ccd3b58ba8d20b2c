"""The scorecard: what each month's statement was worth, beside statements that anybody could make.

Every statement of a month is held against the clashes that came in the months after it. Statements are made again with
the records of today, of the months up to theirs alone: what was recorded later of a month counts as known in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.analysis.intensity import (
    Bools,
    Near,
    Panel,
    Statements,
    current_intensity,
    outcomes,
    panel,
    since,
    statements,
)
from pipeline.analysis.negative_binomial import Floats, at_most, inside, log_probability
from pipeline.declare.codes import Metric, Predictor
from pipeline.declare.frames import empty
from pipeline.declare.intensity import FOUR, HORIZONS, INTENSITY_INTERVAL, ROLLING_MONTHS, TOP_TOWNSHIPS
from pipeline.declare.methods import COUP
from pipeline.indices.frames import conform
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.uncertainty import fit_prior

TABLE = "published.scorecard"
DECIMALS = 6


@dataclass(frozen=True)
class Said:
    """A negative binomial for each township: expected clashes, and sizes."""

    mean: Floats
    size: Floats


def gamma_poisson(counts: Floats, months: float, horizon: int) -> Said:
    """The next `horizon` months as those of `counts`, each drawn towards the mean of all (gamma-Poisson)."""
    shape, rate = fit_prior(counts)
    return Said((shape + counts) * horizon / (months * (rate + 1)), shape + counts)


def national_mean(counts: Floats, horizon_counts: Floats, months: float, horizon: int) -> Said:
    """One expectation for all townships, their mean, with the spread that counts of the last `horizon` months have."""
    shape, _ = fit_prior(horizon_counts)
    mean = max(counts.mean() * horizon / months, 1 / (2 * counts.size))
    return Said(np.full(counts.size, mean), np.full(counts.size, shape))


def baselines(found: Panel, origin: int, horizon: int, first: int) -> dict[Predictor, Said]:
    """What takes no model, of the townships of known count; `first` is the month that the cumulative count begins."""
    known = found.counts[:, found.known]

    def last(months: int) -> tuple[Floats, float]:
        begin = max(origin - months + 1, 0)
        return known[begin : origin + 1].sum(axis=0), float(found.days[begin : origin + 1].sum())

    year, horizon_counts = last(int(ROLLING_MONTHS.value)), last(horizon)
    return {
        Predictor.PERSISTENCE: gamma_poisson(*horizon_counts, horizon),
        Predictor.NATIONAL_MEAN: national_mean(year[0], horizon_counts[0], year[1], horizon),
        Predictor.CUMULATIVE: gamma_poisson(*last(origin - first + 1), horizon),
        Predictor.ROLLING: gamma_poisson(*year, horizon),
    }


def area_under_curve(scores: Floats, events: Bools) -> float | None:
    """Chance that a township with the event has the higher score than one without; ties count a half."""
    yes, no = int(events.sum()), int((~events).sum())
    if not yes or not no:
        return None
    ordered = np.sort(scores)
    ranks = (np.searchsorted(ordered, scores) + np.searchsorted(ordered, scores, side="right") + 1) / 2
    return float((ranks[events].sum() - yes * (yes + 1) / 2) / (yes * no))


def top_share(scores: Floats, came: Floats, top: int = TOP_TOWNSHIPS) -> float | None:
    """Share of the clashes that came in the `top` townships of the highest scores; those that tie for the last places
    share them. None where none came."""
    if not came.sum():
        return None
    cut = np.sort(scores)[max(scores.size - top, 0)]
    over, tied = scores > cut, scores == cut
    return float((came[over].sum() + came[tied].sum() * (top - over.sum()) / tied.sum()) / came.sum())


def scores(said: Said, came: Floats) -> dict[Metric, float | None]:
    """The metrics of one statement about `came`, clashes by township."""
    mean, size = said.mean, said.size
    rest = [1 - at_most(np.full(came.size, most), mean, size) for most in (0.0, FOUR - 1.0)]
    return {
        Metric.LOG_SCORE: float(-log_probability(came, mean, size).mean()),
        Metric.COVERAGE: float(inside(came, mean, size, INTENSITY_INTERVAL.value).mean()),
        Metric.AUC_ANY: area_under_curve(np.round(rest[0], 12), came > 0),
        Metric.AUC_FOUR: area_under_curve(np.round(rest[1], 12), came >= FOUR),
        Metric.TOP_SHARE: top_share(np.round(mean, 12), came),
    }


def rows(found: Panel, said: Statements, first: int) -> Iterator[tuple[int, int, Predictor, Metric, float | None, int]]:
    """(origin, horizon, predictor, metric, value, townships) of every statement whose months are over."""
    after, count = outcomes(found, said.horizon), int(found.known.sum())
    for origin in said.fits:
        came = after[origin, found.known]
        if np.isnan(came).any() or origin < first:
            continue
        own_mean = said.mean[origin, found.known]
        own = Said(own_mean, said.fits[origin][1].at(own_mean))
        stated = {Predictor.CURRENT_INTENSITY: own, **baselines(found, origin, said.horizon, first)}
        for predictor, one in stated.items():
            for metric, value in scores(one, came).items():
                yield origin, said.horizon, predictor, metric, value, count


def scorecard(found: Panel | None, said: list[Statements], first: int) -> pl.DataFrame:
    """published.scorecard: by origin month, horizon, predictor and metric, of the months from position `first` on."""
    lines = [line for one in said for line in rows(found, one, first)] if found else []
    if not lines or found is None:
        return empty(TABLE)
    origin, horizon, predictor, metric, value, count = zip(*lines, strict=True)
    frame = pl.DataFrame(
        {
            "month": found.months.gather(list(origin)),
            "horizon_months": list(horizon),
            "predictor": [str(one) for one in predictor],
            "metric": [str(one) for one in metric],
            "value": pl.Series(list(value), dtype=pl.Float64).round(DECIMALS),
            "townships_count": list(count),
        }
    )
    return conform(frame, TABLE)


@makes(
    "published.current_intensity",
    "published.scorecard",
    reads=("records.clash_days", "records.townships", "published.neighbours"),
)
def intensity_tables(
    run: RunContext, clashes: pl.DataFrame, townships: pl.DataFrame, neighbours: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    found = panel(run, clashes, townships)
    if found is None:
        return current_intensity(run, townships, None), empty(TABLE)
    near, first = Near.of(neighbours, found.codes), since(found, COUP)
    said = [statements(found, near, horizon, range(first, len(found.months))) for horizon in HORIZONS]
    return current_intensity(run, townships, said[0]), scorecard(found, said, first)


MADE = (intensity_tables,)
