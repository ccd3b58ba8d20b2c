"""How well the current intensity foresaw, by span of origins: `python -m benchmarks.intensity HOME [--choose]`.

HOME is one with a whole run of UCDP's release. Every span is scored beside the statements without a model, and the
numbers of pipeline/declare/intensity.py are those that `--choose` finds on the first span alone: one number at a time,
the lowest mean log score, until none moves. No span that is scored for readers has a part in the choice.
"""

import argparse
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.analysis.intensity import (
    CHOSEN,
    Memories,
    Near,
    Panel,
    months_before,
    outcomes,
    panel_between,
    since,
    statements,
)
from pipeline.analysis.negative_binomial import log_probability
from pipeline.analysis.scorecard import scorecard
from pipeline.declare.intensity import HISTORY_MONTHS, HORIZONS
from pipeline.declare.settings import Home
from pipeline.storage.warehouse import read_snapshot

SOURCE = "ucdp_ged"
CHOOSING = (date(2012, 1, 1), date(2016, 12, 1))
SCORED = (
    (date(2017, 1, 1), date(2019, 12, 1)),
    (date(2021, 2, 1), date(2021, 6, 1)),
    (date(2022, 1, 1), date(2023, 6, 1)),
)
TRIED: dict[str, tuple[float, ...]] = {
    "short": (1, 2, 3, 4, 6),
    "long": (6, 12, 24, 36),
    "neighbours": (1, 2, 4, 8, 12, 24),
    "log_offset": (0.005, 0.01, 0.02, 0.05, 0.1),
    "training_months": (6, 12, 24, 36),
}
HISTORIES = (24, 60, 120)
START = Memories(short=2, long=12, neighbours=4, log_offset=0.02, training_months=12)


@dataclass(frozen=True)
class Records:
    """Clashes of one source, the townships and who is whose neighbour, as a run left them."""

    clashes: pl.DataFrame
    townships: pl.DataFrame
    neighbours: pl.DataFrame

    @classmethod
    def of(cls, home: Path) -> "Records":
        path = Home(home).analysts_database
        clashes = read_snapshot(path, "records.clash_days").filter(pl.col("source_key") == SOURCE)
        return cls(clashes, read_snapshot(path, "records.townships"), read_snapshot(path, "published.neighbours"))

    def span(self, first: date, last: date, history: int = int(HISTORY_MONTHS.value)) -> tuple[Panel, Near, range]:
        """The panel behind the origins `first` to `last`, with their outcomes; and their positions in it."""
        begin = months_before(first, history)
        end = min(months_before(last, -max(HORIZONS)), self.clashes["event_date"].max().replace(day=1))
        found = panel_between(self.clashes, self.townships, begin, pl.Series([end]).dt.month_end()[0])
        return found, Near.of(self.neighbours, found.codes), range(since(found, first), since(found, last) + 1)


def log_score(found: Panel, near: Near, origins: range, known_by: Memories) -> float:
    """Mean over horizons and origins; raises ValueError where an origin has no statement."""
    means = []
    for horizon in HORIZONS:
        said, after = statements(found, near, horizon, origins, known_by), outcomes(found, horizon)
        if len(said.fits) < len(origins):
            raise ValueError(f"{len(origins) - len(said.fits)} of {len(origins)} origins could say nothing")
        sizes = said.sizes(said.mean)
        means.append(np.mean([-log_probability(after[o], said.mean[o], sizes[o]).mean() for o in origins]))
    return float(np.mean(means))


def choose(records: Records) -> Memories:
    """The best of TRIED over the origins CHOOSING, from START, one number after the other until none moves."""
    span = records.span(*CHOOSING)

    @cache
    def score(known_by: Memories) -> float:
        return log_score(*span, known_by)

    best = START
    while True:
        before = best
        for name, values in TRIED.items():
            tried = {replace(best, **{name: value}): value for value in values}  # type: ignore[arg-type]
            print(name, {value: round(score(one), 5) for one, value in tried.items()}, flush=True)
            best = min(tried, key=score)
        if best == before:
            break
    histories = {months: log_score(*records.span(*CHOOSING, months), best) for months in HISTORIES}
    print("months of history", {months: round(one, 5) for months, one in histories.items()}, flush=True)
    return best


def scored(records: Records, first: date, last: date) -> pl.DataFrame:
    """Means over the origins of a span, one row by horizon and metric, one column by predictor."""
    found, near, origins = records.span(first, last)
    said = [statements(found, near, horizon, origins) for horizon in HORIZONS]
    return (
        scorecard(found, said, origins[0])
        .group_by("horizon_months", "metric", "predictor")
        .agg(pl.col("value").mean().round(4))
        .sort("predictor")
        .pivot("predictor", index=["horizon_months", "metric"], values="value")
        .sort("horizon_months", "metric")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Score the current intensity on spans of origins.")
    parser.add_argument("home", type=Path)
    parser.add_argument("--choose", action="store_true", help="choose its numbers again first (2 CPU minutes)")
    asked = parser.parse_args()
    records = Records.of(asked.home)
    if asked.choose:
        best = choose(records)
        print("chosen:", best, "as declared" if best == CHOSEN else f"declared: {CHOSEN}")
    for first, last in (CHOOSING, *SCORED):
        print(f"\norigins {first:%Y-%m} to {last:%Y-%m}" + (" (chosen on)" if (first, last) == CHOOSING else ""))
        with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_hide_dataframe_shape=True, tbl_width_chars=140):
            print(scored(records, first, last))


if __name__ == "__main__":
    main()
