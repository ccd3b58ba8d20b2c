"""What a share of territory is a share of: townships, area or people, as whole numbers.

Not here: which townships count as lost (control.py, summaries.py).
"""

import polars as pl

from pipeline.codes import Measure
from pipeline.indices.scores import SHARE_DECIMALS

# Sums of whole numbers do not depend on their order, so area is added up in square metres.
_PER_KM2 = 1_000_000
UNITS = {Measure.TOWNSHIPS: 1, Measure.AREA: _PER_KM2, Measure.POPULATION: 1}


def weights(townships: pl.DataFrame) -> pl.DataFrame:
    """adm3_pcode, state_region and one whole-number weight per measure (townships, m2, persons or null)."""
    return townships.select(
        "adm3_pcode",
        "state_region",
        pl.lit(1, pl.Int64).alias(Measure.TOWNSHIPS.value),
        (pl.col("area_km2") * _PER_KM2).round().cast(pl.Int64).alias(Measure.AREA.value),
        pl.col("population_persons").cast(pl.Int64).alias(Measure.POPULATION.value),
    )


def total(measure: str) -> pl.Expr:
    """Sum of a weight; null when any township lacks it, since a share of an unknown total means nothing."""
    return pl.when(pl.col(measure).null_count() == 0).then(pl.col(measure).sum())


def share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part / whole rounded to 6 decimals; null where the whole is null or nothing."""
    return pl.when(whole > 0).then((part / whole).round(SHARE_DECIMALS))
