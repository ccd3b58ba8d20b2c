"""Where clashes cluster, in words: Moran's I, and the hot and cold spots state by state."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.declare.codes import HotSpot
from reports.release import Release, latest, published
from reports.site.blocks import Board, Grid, places
from reports.text.catalogue import Both, joined, say
from reports.text.values import probability_both
from reports.text.wording import decimals, number

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
        return Board((say("Whether clashes cluster is not known in this release: no statistic could be computed."),))
    listed = [
        (row["state_region"], (row["adm3_pcode"], row["adm3_name"], row["adm3_name_my"]),
         found.get(row["adm3_pcode"], UNKNOWN))
        for row in published(tables, "townships").drop("geometry").to_dicts()
    ]  # fmt: skip
    states = sorted({state for state, _, spot in listed if spot in (HotSpot.HOT, HotSpot.COLD)})

    def of(state: str, wanted: str) -> list[tuple[str, str, str | None]]:
        return [named for place, named, spot in listed if place == state and spot == wanted]

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
        (
            _moran(latest(tables, "spatial_autocorrelation", release.method).to_dicts()),
            _spot_words([spot for _, _, spot in listed]),
        ),
        grids,
        ("spatial_autocorrelation", "hot_spots", "neighbours"),
    )


def _moran(rows: list[dict[str, Any]]) -> Both:
    if not rows or rows[0]["morans_i"] is None:
        return say("Whether neighbours have alike numbers of clashes (Moran's I) is not known for this month.")
    row = rows[0]
    return say(
        "Moran's I says how alike the numbers of clashes of neighbouring townships are. It is {value}; without any "
        "pattern it would be {none} (p {p}, {count} permutations).",
        value=decimals(row["morans_i"]), none=decimals(row["morans_i_expected"], 3),
        p=probability_both(row["morans_i_p_value"]), count=number(row["permutations_count"]),
    )  # fmt: skip


def _spot_words(spots_found: list[str]) -> Both:
    unknown = spots_found.count(UNKNOWN)
    said = [
        say("{hot} townships are hot spots: their neighbours have more clashes than chance would put together. {cold} "
            "are cold spots: their neighbours have fewer.",
            hot=number(spots_found.count(HotSpot.HOT)), cold=number(spots_found.count(HotSpot.COLD))),
        say("About one in twenty of them may still be chance, or more, since neighbours share their counts. A hot spot "
            "need not be of class high itself. A cold spot is a place of few reports, not a safe place."),
    ]  # fmt: skip
    if unknown:
        said.append(say("For {count} townships it is not known.", count=number(unknown)))
    return joined(" ", said)
