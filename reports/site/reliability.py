"""What a second record of clashes says of the stated probabilities, and how much of it the leading source finds.

The tables reliability and detection as the page "How sure" shows them.
"""

from collections.abc import Mapping

import polars as pl

from pipeline.declare.codes import NATIONAL, ProbabilityBin
from reports.release import published
from reports.site.blocks import Board, Column, Grid
from reports.text.catalogue import Both, day_both, same, say
from reports.text.wording import NOT_KNOWN, chance, decimals, number, visible

Frames = Mapping[str, pl.DataFrame]
BINS: Mapping[str, Both] = {
    ProbabilityBin.BELOW_1: same("0–1 %"),
    ProbabilityBin.FROM_1: same("1–5 %"),
    ProbabilityBin.FROM_5: same("5–25 %"),
    ProbabilityBin.FROM_25: same("25–50 %"),
    ProbabilityBin.FROM_50: same("50–75 %"),
    ProbabilityBin.FROM_75: same("75–95 %"),
    ProbabilityBin.FROM_95: same("95–99 %"),
    ProbabilityBin.FROM_99: same("99–100 %"),
}


def board(tables: Frames) -> Board:
    """The section on what a second record says; one sentence where none was delivered."""
    reliability, detection = published(tables, "reliability"), published(tables, "detection")
    pairs = reliability.select("second_source", "period_start", "period_end").unique(maintain_order=True).rows()
    if not pairs:
        return Board(
            (say("No second record of clashes was delivered, so the stated probabilities are held against nothing."),)
        )
    grids: list[Grid] = []
    for second, start, end in pairs:
        own = (pl.col("second_source") == second) & (pl.col("period_start") == start) & (pl.col("period_end") == end)
        named: dict[str, str | Both] = {"second": visible(second), "start": day_both(start), "end": day_both(end)}
        grids += [_by_bin(reliability.filter(own), named), _by_region(detection.filter(own), named)]
    return Board(
        (
            say("A second record counts otherwise, so it is asked for as many townships as the probabilities "
                "expect together: the table says whether they are the same ones. Of the townships with a "
                "probability of one half, half should be high in the second record."),
            say("Where the leading source finds a smaller part than elsewhere, the same count stands for more "
                "fighting. The second record is not the truth, and what both miss is in neither."),
        ),
        tuple(grids),
        ("reliability", "detection"),
    )  # fmt: skip


def _by_bin(frame: pl.DataFrame, named: Mapping[str, str | Both]) -> Grid:
    """One row a bin from the least probability to the greatest, then all townships."""
    rows = {row["probability_bin"]: row for row in frame.to_dicts()}
    words = {**BINS, ProbabilityBin.ALL.value: say("All townships")}
    return Grid(
        say("Whether {second} calls as many townships high as the probabilities say, {start} to {end}", **named),
        (
            Column(say("Stated probability of high")), Column(say("Townships"), True), Column(say("Their mean"), True),
            Column(say("High in the second record"), True), Column(say("Distance"), True),
        ),
        tuple(
            (
                said, number(row["townships_count"]), chance(row["probability_mean"]),
                f"{number(row['second_high_count'])} ({100 * row['second_high_share']:.0f} %)",
                decimals(row["calibration_error"]),
            )
            for key, said in words.items()
            if (row := rows.get(key)) is not None
        ),
    )  # fmt: skip


def _by_region(frame: pl.DataFrame, named: Mapping[str, str | Both]) -> Grid:
    """One row a state or region, the least found first; the country last."""
    rows = frame.sort("detection_ratio", "scope", nulls_last=True).to_dicts()
    rows.sort(key=lambda row: row["scope"] == NATIONAL)
    return Grid(
        say("Clashes of the leading source for each one of {second}, {start} to {end}", **named),
        (
            Column(say("State or region")), Column(say("Townships"), True), Column(say("Leading source"), True),
            Column(say("Second record"), True), Column(say("For each one"), True),
        ),
        tuple(
            (
                say("The country") if row["scope"] == NATIONAL else say(row["scope"]),
                number(row["townships_count"]), number(row["leading_clashes_count"]),
                number(row["second_clashes_count"]),
                say(NOT_KNOWN) if row["detection_ratio"] is None else decimals(row["detection_ratio"]),
            )
            for row in rows
        ),
    )  # fmt: skip
