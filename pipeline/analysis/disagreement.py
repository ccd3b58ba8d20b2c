"""How the three bases of territory lost disagree: townships by their states on each pair of bases."""

from itertools import combinations

import polars as pl

from pipeline.declare.codes import Basis, ControlState, Measure
from pipeline.indices.control import STATE_COLUMNS
from pipeline.indices.frames import conform
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.uncertainty import UNITS, weights

_TABLE = "published.control_disagreement"


def control_disagreement(index: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    """published.control_disagreement: per method, month and pair of bases all 16 pairs of states.

    Every township stands in one pair of states, so each pair of bases adds up to all of them. A pair of states
    without a township has zeros; one with a township whose population is missing has no population.
    """
    columns = list(STATE_COLUMNS.values())
    rows = index.select("method", "month", "period_end", "adm3_pcode", *columns).join(
        weights(townships), on="adm3_pcode", how="left", validate="m:1"
    )
    states = pl.DataFrame({"state": list(map(str, ControlState))})
    pairs = states.rename({"state": "state_a"}).join(states.rename({"state": "state_b"}), how="cross")
    cells = rows.select("method", "month", "period_end").unique().join(pairs, how="cross")
    people = pl.col(Measure.POPULATION.value)
    frames = []
    for first, second in combinations(Basis, 2):
        sums = rows.group_by(
            "method", "month", pl.col(STATE_COLUMNS[first]).alias("state_a"),
            pl.col(STATE_COLUMNS[second]).alias("state_b"),
        ).agg(
            pl.len().cast(pl.Int64).alias("townships_count"),
            (pl.col(Measure.AREA.value).sum() / UNITS[Measure.AREA]).alias("area_km2"),
            pl.when(people.null_count() == 0).then(people.sum()).alias("population_persons"),
        )  # fmt: skip
        empty = pl.col("townships_count").is_null()
        frames.append(
            cells.join(sums, on=["method", "month", "state_a", "state_b"], how="left", validate="1:1").with_columns(
                pl.lit(first.value).alias("basis_a"),
                pl.lit(second.value).alias("basis_b"),
                pl.when(empty).then(0).otherwise("population_persons").alias("population_persons"),
                pl.col("townships_count", "area_km2").fill_null(0),
            )
        )
    return conform(pl.concat(frames), _TABLE)


@makes(
    "published.control_disagreement",
    reads=("published.township_index", "records.townships"),
    checked_against=("published.territorial_control",),
)
def control_disagreement_table(run: RunContext, index: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    return control_disagreement(index, townships)
