"""Where clashes cluster, in words: Moran's I, and the hot and cold spots state by state."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.declare.codes import HotSpot
from reports.release import Release, latest, published
from reports.site.blocks import Board, Grid, places
from reports.text.wording import decimals, number, probability

Frames = Mapping[str, pl.DataFrame]
UNKNOWN = "unknown"  # no statistic could be computed for the township


def spots(tables: Frames, release: Release) -> dict[str, str]:
    """Hot, cold, none or unknown by P-code, for the latest month; unknown where the statistic is missing."""
    frame = latest(tables, "hot_spots", release.method)
    told = pl.when(pl.col("getis_ord_z").is_null()).then(pl.lit(UNKNOWN)).otherwise("hot_spot_class")
    return dict(frame.select("adm3_pcode", told.alias("spot")).iter_rows())


def clusters(tables: Frames, release: Release) -> Board:
    """The section "Where it clusters"."""
    found = spots(tables, release)
    if all(spot == UNKNOWN for spot in found.values()):
        return Board(("Whether clashes cluster cannot be told in this release: no statistic could be computed.",))
    listed = [
        (row["state_region"], row["adm3_pcode"], row["adm3_name"], found.get(row["adm3_pcode"], UNKNOWN))
        for row in published(tables, "townships").select("state_region", "adm3_pcode", "adm3_name").to_dicts()
    ]
    states = sorted({state for state, _, _, spot in listed if spot in (HotSpot.HOT, HotSpot.COLD)})

    def of(state: str, wanted: str) -> list[tuple[str, str]]:
        return [(code, name) for place, code, name, spot in listed if place == state and spot == wanted]

    rows = tuple(
        (
            state, number(len(of(state, HotSpot.HOT))), places(of(state, HotSpot.HOT), 50),
            number(len(of(state, HotSpot.COLD))), places(of(state, HotSpot.COLD), 50),
        )
        for state in states
    )  # fmt: skip
    header = (("State or region", False), ("Hot", True), ("Hot spots", False), ("Cold", True), ("Cold spots", False))
    grids = (Grid("Hot and cold spots by state or region", header, rows),) if rows else ()
    return Board(
        (_moran(latest(tables, "spatial_autocorrelation", release.method).to_dicts()), _spot_words(listed)),
        grids,
        ("spatial_autocorrelation", "hot_spots", "neighbours"),
    )


def _moran(rows: list[dict[str, Any]]) -> str:
    if not rows or rows[0]["morans_i"] is None:
        return "Moran's I cannot be told for this month."
    row = rows[0]
    return (
        f"Neighbouring townships have alike numbers of clashes where Moran's I lies above what no pattern would give: "
        f"it is {decimals(row['morans_i'])}, without a pattern {decimals(row['morans_i_expected'], 3)} "
        f"(p {probability(row['morans_i_p_value'])}, {number(row['permutations_count'])} permutations)."
    )


def _spot_words(listed: list[tuple[str, str, str, str]]) -> str:
    kinds = [spot for _, _, _, spot in listed]
    unknown = kinds.count(UNKNOWN)
    said = (
        f"{number(kinds.count(HotSpot.HOT))} townships are hot spots and {number(kinds.count(HotSpot.COLD))} cold "
        "spots: their neighbours hold more, or fewer, clashes than chance would put together. About one in twenty of "
        "them may still be chance, or more, since neighbours share their counts. A hot spot need not be of class high "
        "itself, and a cold spot is one of reports, not of safety."
    )
    return said if not unknown else f"{said} Of {number(unknown)} townships it cannot be told."
