"""The optional composite, in words: shown only where a run asked for it, and always as secondary.

Not here: the profile of the three indices, which is the result.
"""

from collections.abc import Mapping

import polars as pl

from reports.release import Release, published
from reports.site.blocks import Board, Grid, places
from reports.text.catalogue import say
from reports.text.wording import label, number, rate, share

Frames = Mapping[str, pl.DataFrame]
_SHOWN = 15
_SECONDARY = (
    "Secondary: the published indices are not merged, and the profile of the three is the result. The composite "
    "answers only which townships stand worst on all three together, and its rank depends on weights that nobody can "
    "prove."
)


def combined(tables: Frames, release: Release) -> Board | None:
    """The section on the composite; None where the release has none."""
    frame = published(tables, "composite").filter(pl.col("method") == release.method)
    if frame.is_empty():
        return None
    names = published(tables, "townships").select("adm3_pcode", "adm3_name", "state_region")
    ranked = (
        frame.filter(pl.col("composite_rank").is_not_null())
        .join(names, on="adm3_pcode", how="inner", validate="1:1")
        .sort("composite_rank", "adm3_pcode")
    )
    without = frame.height - ranked.height
    told = f"{number(ranked.height)} townships have a score" + (
        f"; of {number(without)} at least one index is not known." if without else "."
    )
    rows = tuple(
        (
            places([(row["adm3_pcode"], row["adm3_name"])], 1), row["state_region"], number(row["composite_rank"]),
            rank_range(row["composite_rank_low"], row["composite_rank_high"]), rate(row["composite_geometric_score"]),
            rate(row["composite_arithmetic_score"]),
        )
        for row in ranked.head(_SHOWN).to_dicts()
    )  # fmt: skip
    header = (("Township", False), ("State or region", False), ("Rank", True), ("95 % of the variants", True),
              ("Geometric", True), ("Arithmetic", True))  # fmt: skip
    weights = published(tables, "composite_weights").filter(pl.col("method") == release.method).to_dicts()
    grids = [
        Grid(
            say(
                "The {shown} townships that rank worst; ranks over weights, scales and ways of adding up", shown=_SHOWN
            ),
            header,
            rows,
        )
    ]
    if weights:
        grids.append(
            Grid(
                "Weights of the variants",
                (("Weights", False), ("Index", False), ("Weight", True)),
                tuple((row["weighting"], label(row["index_name"]), share(row["weight_share"])) for row in weights),
            )
        )
    return Board((_SECONDARY, told), tuple(grids), ("composite", "composite_weights"))


def rank_range(low: int | None, high: int | None) -> str:
    """Two ranks as "3 to 9"."""
    if low is None or high is None:
        return "not known"
    return number(low) if low == high else f"{number(low)} to {number(high)}"
