"""The share of control lost, in words: three bases by three measures, and what is not known."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.declare.columns import COLUMNS
from reports.release import Release, latest
from reports.text.wording import NOT_KNOWN, label, percent_interval, share, share_range

Frames = Mapping[str, pl.DataFrame]


def control(tables: Frames, release: Release) -> list[dict[str, str]]:
    """The national share of control lost: three bases by three measures, those of which anything is known."""
    rows = latest(tables, "territorial_control", release.method).filter(pl.col("scope") == "national").to_dicts()
    found = {(row["basis"], row["measure"]): row for row in rows}
    table = []
    for basis in COLUMNS["basis"].values:
        for measure in COLUMNS["measure"].values:
            row = found.get((basis, measure), {})
            if not _anything_known(row):
                continue
            table.append({
                "basis": label(basis), "measure": label(measure), "lost": share(row.get("lost_share")),
                "range": share_range(row.get("lost_low"), row.get("lost_high")),
                "interval": _interval(row),
                "contested": share(row.get("contested_share")), "held": share(row.get("held_share")),
                "unknown": share(row.get("unknown_share")),
                "of": _of(row.get("lost_value"), row.get("total_value"), " km²" if measure == "area" else ""),
            })  # fmt: skip
    return table


def _interval(row: Mapping[str, Any]) -> str:
    """What the share is expected to be with the chance in the counts; only the Security Index has it."""
    words = percent_interval(*(row.get(name) for name in ("lost_expected_share", "lost_interval_low",
                                                          "lost_interval_high")))  # fmt: skip
    return words if words == NOT_KNOWN else f"{words} %"


def _anything_known(row: Mapping[str, Any]) -> bool:
    return any(row.get(name) is not None for name in ("lost_share", "contested_share", "held_share"))


def unknown_bases(tables: Frames, release: Release) -> list[str]:
    """One sentence for each basis that the table leaves out, wholly or in some measures."""
    rows = latest(tables, "territorial_control", release.method).filter(pl.col("scope") == "national").to_dicts()
    found = {(row["basis"], row["measure"]): row for row in rows}
    sentences = []
    for basis in COLUMNS["basis"].values:
        without = [m for m in COLUMNS["measure"].values if not _anything_known(found.get((basis, m), {}))]
        if len(without) == len(COLUMNS["measure"].values):
            sentences.append(f"{label(basis)}: no record in force, so no share is known.")
        elif without:
            sentences.append(f"{label(basis)}: the share of {' and '.join(map(label, without))} is not known.")
    return sentences


def _of(part: float | None, total: float | None, unit: str) -> str:
    return label(None) if part is None or total is None else f"{part:,.0f} of {total:,.0f}{unit}"
