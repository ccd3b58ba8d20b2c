"""The share of control lost, in words: three bases by three measures, what is not known, and where bases differ."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import polars as pl

from pipeline.declare.codes import NATIONAL, Basis, Measure, ShareMeasure
from pipeline.declare.columns import COLUMNS
from reports.release import Release, latest
from reports.site.blocks import Board, Grid
from reports.text.catalogue import Both, day_both, joined, label_both, same, say
from reports.text.values import number_both, percent_interval_both, share_both, share_range_both
from reports.text.wording import number

Frames = Mapping[str, pl.DataFrame]


def control(tables: Frames, release: Release) -> list[dict[str, Both]]:
    """The national share of control lost: bases by measures, those of which anything is known."""
    rows = latest(tables, "territorial_control", release.method).filter(pl.col("scope") == NATIONAL).to_dicts()
    found = {(row["basis"], row["measure"]): row for row in rows}
    table = []
    for basis in bases(tables, release):
        for measure in tuple(ShareMeasure):
            row = found.get((basis, measure), {})
            if not _anything_known(row):
                continue
            table.append({
                "basis": label_both(basis), "measure": label_both(measure), "lost": share_both(row.get("lost_share")),
                "range": share_range_both(row.get("lost_low"), row.get("lost_high")),
                "interval": _interval(row),
                "contested": share_both(row.get("contested_share")), "held": share_both(row.get("held_share")),
                "unknown": share_both(row.get("unknown_share")),
                "of": _of(row.get("lost_value"), row.get("total_value"), " km²" if "area" in measure else ""),
            })  # fmt: skip
    return table


def observed_words(tables: Frames, release: Release) -> list[Both]:
    """Who controls what as it was observed, with the day of the records; nothing where no record is in force."""
    rows = latest(tables, "territorial_control", release.method).filter(
        pl.col("scope") == NATIONAL, pl.col("basis") == str(Basis.OBSERVED)
    )  # fmt: skip
    found = {row["measure"]: row for row in rows.to_dicts()}
    row = found.get(str(Measure.TOWNSHIPS), {})
    if not _anything_known(row):
        return []
    dated = latest(tables, "township_control", release.method)["control_date"].drop_nulls().to_list()
    said = [
        say("Control as observed on {day}: {lost} of townships not in the state's hands, {held} in its hands, "
            "{contested} contested, {unknown} unknown.",
            day=day_both(max(dated, default=None)), lost=share_both(row["lost_share"]),
            held=share_both(row["held_share"]),
            contested=share_both(row["contested_share"]), unknown=share_both(row["unknown_share"]))
    ]  # fmt: skip
    exact = found.get(str(ShareMeasure.EXACT_AREA), {})
    if _anything_known(exact):
        said.append(
            say("By the exact area drawn the state's side holds {held}, others {lost}; {contested} is contested and "
                "{unknown} unknown.",
                held=share_both(exact["held_share"]), lost=share_both(exact["lost_share"]),
                contested=share_both(exact["contested_share"]), unknown=share_both(exact["unknown_share"]))
        )  # fmt: skip
    return said


def bases(tables: Frames, release: Release) -> tuple[str, ...]:
    """The bases in the order of the page: what was observed leads where anything was."""
    observed = str(Basis.OBSERVED) if observed_words(tables, release) else ""
    return tuple(sorted(COLUMNS["basis"].values, key=lambda basis: basis != observed))


def _interval(row: Mapping[str, Any]) -> Both:
    """What the share is expected to be with the chance in the counts; only the Security Index has it."""
    ends = ("lost_expected_share", "lost_interval_low", "lost_interval_high")
    return percent_interval_both(*(row.get(name) for name in ends))


def _anything_known(row: Mapping[str, Any]) -> bool:
    return any(row.get(name) is not None for name in ("lost_share", "contested_share", "held_share"))


def unknown_bases(tables: Frames, release: Release) -> list[Both]:
    """One sentence for each basis that the table leaves out, wholly or in some measures."""
    rows = latest(tables, "territorial_control", release.method).filter(pl.col("scope") == NATIONAL).to_dicts()
    found = {(row["basis"], row["measure"]): row for row in rows}
    sentences = []
    for basis in COLUMNS["basis"].values:
        without = [m for m in tuple(Measure) if not _anything_known(found.get((basis, m), {}))]
        if len(without) == len(tuple(Measure)):
            sentences.append(say("{basis}: no record in force, so no share is known.", basis=label_both(basis)))
        elif without:
            measures = joined(", ", map(label_both, without))
            sentences.append(say("{basis}: not known for {measures}.", basis=label_both(basis), measures=measures))
    return sentences


def _of(part: float | None, total: float | None, unit: str) -> Both:
    if part is None or total is None:
        return label_both(None)
    return say("{some} of {total}", some=f"{part:,.0f}", total=f"{total:,.0f}{unit}")


def differences(tables: Frames, release: Release) -> Board:
    """The section on the bases of control: how much of what is known on both is seen otherwise than by security."""
    rows = latest(tables, "territorial_control", release.method).filter(
        pl.col("scope") == NATIONAL, pl.col("basis") != str(Basis.SECURITY_INDEX)
    )
    if rows.is_empty():
        return Board((say("The bases of control were not compared in this release."),))
    found = {(row["basis"], row["measure"]): row for row in rows.to_dicts()}
    cells = [(key, found[key]) for key in product(COLUMNS["basis"].values, tuple(Measure)) if key in found]
    grid = Grid(
        "Each basis beside the Security Index",
        (("Basis", False), ("Measured in", False), ("Known on both", True), ("Different", True)),
        tuple(
            (label_both(basis), label_both(measure), _amount(row["compared_value"], measure),
             _amount(row["differs_from_security_value"], measure))
            for (basis, measure), row in cells if row["compared_value"]
        ),
    )  # fmt: skip
    sentences = tuple(_differing(basis, row) for (basis, measure), row in cells if measure == Measure.TOWNSHIPS)
    return Board(sentences, (grid,) if grid.rows else (), ("territorial_control", "township_index"))


def _amount(value: float | None, measure: str) -> Both:
    if value is None or measure != "area":
        return number_both(value if value is None else round(value))
    return same(f"{round(value):,} km²")


def _differing(basis: str, row: Mapping[str, Any]) -> Both:
    first, second = label_both(Basis.SECURITY_INDEX), label_both(basis)
    if not row["compared_value"]:
        return say("No township is known on both bases: “{first}” and “{second}”.", first=first, second=second)
    return say("{count} townships are known on both bases, “{first}” and “{second}”; the two differ in {differ}.",
               count=number(row["compared_value"]), first=first, second=second,
               differ=number(row["differs_from_security_value"]))  # fmt: skip
