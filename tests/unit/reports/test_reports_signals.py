"""Now in words and tables, and what the statements about the next months were worth: by hand, honest where empty."""

from datetime import date

import polars as pl
import pytest

from pipeline.declare.codes import Metric, Predictor
from reports.site import scorecard, signals
from reports.site.control import bases, observed_words
from reports.site.overview import since_words
from reports.text.catalogue import catalogue
from reports.text.signals import MEANINGS
from reports.text.values import ends_both, expected_both, expected_cell, signal_both, signal_cell


@pytest.fixture
def world(make, release) -> dict[str, pl.DataFrame]:
    """Thirteen months that are over: 31 clashes in the last, 400 in three months against 500 a year before."""
    tables = make(13)
    last = pl.col("month") == tables["national_summary"]["month"].max()
    summary = tables["national_summary"].with_columns(
        period_end=pl.col("month").dt.month_end(), period_start=pl.lit(date(2021, 2, 1)),
        clashes_month_count=pl.when(last).then(29).otherwise(10),
        clashes_3m_count=pl.when(last).then(400).otherwise(500), clashes_12m_count=pl.lit(900),
        in_conflict_count=pl.lit(200), in_conflict_estimate=pl.lit(243.4), in_conflict_estimate_low=pl.lit(220.2),
        in_conflict_estimate_high=pl.lit(300.0),
    )  # fmt: skip
    return {**tables, "national_summary": summary}


def test_the_first_sentences_are_about_now(world, release) -> None:
    first, three, twelve = [said.en for said in signals.leading(world, release)]
    assert first.startswith("In February 2022 at least 29 clashes were recorded in ")
    assert " townships, where " in first and first.endswith(" live; 10 in the month before.")
    assert three == "In the last three months: 400 clashes (▼ −100 down from 500 a year before)."
    assert twelve == "In the last twelve months: 900 clashes (■ 0 no change from 900 a year before)."


def test_a_part_of_a_month_is_said_and_not_compared(world, release) -> None:
    frame = world["national_summary"].with_columns(
        period_end=pl.when(pl.col("month") == date(2022, 2, 1)).then(date(2022, 2, 20)).otherwise("period_end")
    )
    said = [one.en for one in signals.leading({**world, "national_summary": frame}, release)]
    assert said[1] == "The last month is not over: it runs to 20 February 2022."
    assert said[2].endswith("400 clashes (no comparison: part of a month).")


def test_what_is_not_reported_is_said(world, release) -> None:
    frame = world["national_summary"].with_columns(
        clashes_month_count=pl.lit(None, pl.Int64), signal_alert_count=pl.lit(None, pl.Int64)
    )
    none = {**world, "national_summary": frame}
    assert [one.en for one in signals.leading(none, release)] == [
        "How many clashes there were in February 2022 is not reported."
    ]
    assert [one.en for one in signals.signal_words(none, release)] == ["The signals of the month are not known."]


def test_unseen_townships_stand_beside_the_recorded(world, release) -> None:
    said = [one.en for one in since_words(world, release)]
    assert any(one.startswith("At least 43 more townships had clashes that nobody recorded") for one in said)
    few = world["national_summary"].with_columns(in_conflict_estimate=pl.lit(200.0))
    assert not any("nobody" in one.en for one in since_words({**world, "national_summary": few}, release))
    assert not any("control lost by the state" in one.lower() for one in said)


def test_observed_control_leads_where_it_is_known(tables, release) -> None:
    shares = ("lost_share", "contested_share", "held_share", "unknown_share")
    control = tables["territorial_control"].with_columns(pl.lit(0.25).alias(one) for one in shares)
    tables = {**tables, "territorial_control": control}
    assert bases(tables, release)[0] == "observed"
    assert observed_words(tables, release)[0].en.startswith("Control as observed on 26 November 2023: ")
    nothing = tables["territorial_control"].with_columns(pl.lit(None, pl.Float64).alias(one) for one in shares)
    unknown = {**tables, "territorial_control": nothing}
    assert observed_words(unknown, release) == []
    assert bases(unknown, release)[0] == "security_index"


def scores(**values: float) -> pl.DataFrame:
    """One origin of three months; every metric of a predictor has its value."""
    rows = [(date(2023, 1, 1), 3, name, str(metric), value, 330) for name, value in values.items() for metric in Metric]
    names = ("month", "horizon_months", "predictor", "metric", "value", "townships_count")
    return pl.DataFrame(rows, schema=names, orient="row")


def test_who_is_beaten_is_said() -> None:
    frame = scores(current_intensity=0.95, persistence=0.9, rolling=0.96)
    found, months = scorecard.means(frame, 3)
    assert months == [date(2023, 1, 1)]
    best = {metric: scorecard.winner(found, metric) for metric in Metric}
    assert best[Metric.LOG_SCORE] == best[Metric.COVERAGE] == Predictor.PERSISTENCE, "lower; nearest to 0.9"
    assert best[Metric.AUC_ANY] == best[Metric.TOP_SHARE] == Predictor.ROLLING
    grid = scorecard.grid(frame, 3)
    assert grid is not None
    assert {row[-1].en for row in grid.rows} == {
        "beaten by: the coming months like the last", "beaten by: the rate of the last 12 months",
    }  # fmt: skip
    assert scorecard.grid(frame, 6) is None
    even = scorecard.means(scores(current_intensity=0.9, cumulative=0.9), 3)[0]
    assert scorecard.winner(even, Metric.AUC_FOUR) == Predictor.CURRENT_INTENSITY
    assert scorecard.winner({}, Metric.AUC_FOUR) is None


def test_a_release_without_a_scorecard_says_so(tables, release) -> None:
    board = scorecard.board({**tables, "scorecard": tables["scorecard"].clear()}, release)
    assert board.grids == ()
    assert board.sentences[0].en.startswith("No statement about coming months")


def test_figures_of_now_in_words() -> None:
    assert expected_both(1.234, 0, 4).en == "1.2 (90 % interval 0 to 4)"
    assert expected_both(None, 0, 4).en == "not known"
    assert expected_cell(0.01, 0, 0).order == "0.01"
    assert signal_both("none").en == "no signal"
    assert signal_both(None).en == "unknown"
    assert [signal_cell(code).look for code in ("alert", "none", "unknown")] == ["", "zero", "nodata"]
    assert ends_both(5, 4, 20).en == "5 (low 4, high 20)"
    words = (*MEANINGS.values(), *scorecard.PREDICTORS.values(), *scorecard.METRICS.values())
    assert [one for one in words if one not in catalogue()] == []
