"""The page says what a second record of clashes makes of the stated probabilities, and says so where there is none."""

from datetime import date

import polars as pl
import pytest

from pipeline.declare.codes import ProbabilityBin
from pipeline.declare.frames import empty
from reports.site import reliability

PAIR = {
    "clash_source": "ours", "second_source": "theirs",
    "period_start": date(2021, 2, 1), "period_end": date(2022, 5, 1),
}  # fmt: skip


def bin_row(name: ProbabilityBin, townships: int, mean: float, high: int) -> dict[str, object]:
    return {
        **PAIR, "probability_bin": str(name), "townships_count": townships, "probability_mean": mean,
        "second_high_count": high, "second_high_share": high / townships,
        "calibration_error": abs(mean - high / townships), "cut_count": 4, "second_cut_count": 9,
    }  # fmt: skip


def scope_row(scope: str, ours: int, theirs: int) -> dict[str, object]:
    return {
        **PAIR, "scope": scope, "townships_count": 10, "leading_clashes_count": ours, "second_clashes_count": theirs,
        "detection_ratio": ours / theirs if theirs else None,
    }  # fmt: skip


def tables(bins: list[dict[str, object]], scopes: list[dict[str, object]]) -> dict[str, pl.DataFrame]:
    return {
        name: pl.DataFrame(rows) if rows else empty(f"published.{name}")
        for name, rows in (("reliability", bins), ("detection", scopes))
    }


def test_bins_stand_by_probability_and_all_townships_last() -> None:
    board = reliability.board(
        tables(
            [bin_row(ProbabilityBin.ALL, 30, 0.5, 14), bin_row(ProbabilityBin.FROM_99, 10, 0.999, 9),
             bin_row(ProbabilityBin.BELOW_1, 20, 0.002, 5)],
            [scope_row("national", 40, 400), scope_row("Shan", 8, 100), scope_row("Kayah", 2, 0)],
        )
    )  # fmt: skip
    by_bin, by_region = board.grids
    assert [str(row[0]) for row in by_bin.rows] == ["0–1 %", "99–100 %", "All townships"]
    # Of 20 townships that should not be high the second record calls five so: a distance of a quarter, told as it is.
    assert by_bin.rows[0][1:] == ("20", "under 1 %", "5 (25 %)", "0.25")
    assert [str(row[0]) for row in by_region.rows] == ["Shan", "Kayah", "The country"]
    assert [str(row[-1]) for row in by_region.rows] == ["0.08", "not known", "0.10"]
    assert "theirs" in str(by_bin.caption)


def test_without_a_second_record_it_says_that_nothing_was_held_against_it() -> None:
    board = reliability.board(tables([], []))
    assert board.grids == ()
    assert "held against nothing" in str(board.sentences[0])


@pytest.mark.parametrize("name", list(ProbabilityBin))
def test_every_bin_has_words(name: ProbabilityBin) -> None:
    assert name in reliability.BINS or name is ProbabilityBin.ALL
