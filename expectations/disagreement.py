"""Rules on published.control_disagreement: every township stands once in each pair of bases, and the margins are
those of the shares of territory.
"""

import polars as pl

from expectations.rule import TOWNSHIPS_COUNT, Facts, RowRule, Section, related, row_rule
from pipeline.declare.codes import Basis, ControlState, Measure

_MONTH = ("method", "month")
_PAIR = (*_MONTH, "basis_a", "basis_b")
_PAIRS_COUNT = len(Basis) * (len(Basis) - 1) // 2
_NATIONAL = "national"

CELLS = Section(
    (
        RowRule(
            "pairs_complete",
            "Every method and month has each pair of bases with all pairs of states, together 330 townships.",
            lambda _: {
                "states": pl.len().over(_PAIR) != len(ControlState) ** 2,
                "bases": pl.struct("basis_a", "basis_b").n_unique().over(_MONTH) != _PAIRS_COUNT,
                "townships_count": pl.col("townships_count").sum().over(_PAIR) != TOWNSHIPS_COUNT,
            },
            shown=_PAIR,
        ),
        row_rule(
            "empty_cell_holds_nothing",
            "A pair of states has area and people only where it has townships, and area wherever it has.",
            lambda _: (
                ((pl.col("townships_count") == 0) != (pl.col("area_km2") == 0))
                | ((pl.col("townships_count") == 0) & (pl.col("population_persons") != 0).fill_null(True))
            ),
        ),
    )
)


def margins(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Townships lost and known on a basis, beside another, and as territorial_control has them nationally."""
    found = related(facts, "published.territorial_control")
    if found is None:
        return None
    count, parts = pl.col("townships_count"), []
    for own, other in (("a", "b"), ("b", "a")):
        state = pl.col(f"state_{own}")
        parts.append(
            frame.group_by(
                *_MONTH, pl.col(f"basis_{own}").alias("basis"), pl.col(f"basis_{other}").alias("beside")
            ).agg(
                count.filter(state == ControlState.LOST).sum().alias("lost"),
                count.filter(state != ControlState.UNKNOWN).sum().alias("known"),
            )
        )
    stated = found[0].filter(pl.col("scope") == _NATIONAL, pl.col("measure") == Measure.TOWNSHIPS)
    return (
        pl.concat(parts)
        .join(stated.select(*_MONTH, "basis", "lost_value", "known_value"), on=[*_MONTH, "basis"], how="inner")
        .sort(*_MONTH, "basis", "beside")
    )


MARGINS = Section(
    (
        row_rule(
            "margins_as_territorial_control",
            "Added up over the other basis, the townships lost and known on a basis are those of territorial_control.",
            lambda _: (
                (pl.col("lost") != pl.col("lost_value").fill_null(0)) | (pl.col("known") != pl.col("known_value"))
            ),
        ),
    ),
    margins,
)

SUITES: dict[str, tuple[Section, ...]] = {"published.control_disagreement": (CELLS, MARGINS)}
