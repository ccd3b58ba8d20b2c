"""Retired and sub-township P-codes to the 330, with the share of each successor.

Not here: names (names) and points (assign).
"""

from functools import cache

import polars as pl

from geo import townships
from pipeline.errors import UnusableInput
from pipeline.settings import REFERENCE

SCHEMA = {
    "from_pcode": pl.String,
    "from_name": pl.String,
    "to_adm3_pcode": pl.String,
    "area_weight": pl.Float64,
    "why": pl.String,
}
ADDED = ("adm3_pcode", "weight", "how")


@cache
def crosswalk() -> pl.DataFrame:
    """`from_pcode`, `from_name`, `to_adm3_pcode`, `area_weight`, `why`, sorted by the two codes.

    Weights are shares of the old unit's area: where people live within it is not known. Raises UnusableInput
    when a target is not one of the 330, a current code stands as retired, or weights do not sum to one.
    """
    return check(pl.read_csv(REFERENCE / "pcode_crosswalk.csv", schema=SCHEMA, glob=False))


def check(frame: pl.DataFrame) -> pl.DataFrame:
    """The crosswalk, sorted, once its rules hold."""
    current = list(townships.codes())
    sums = frame.group_by("from_pcode").agg(pl.col("area_weight").sum(), pl.col("area_weight").min().alias("min"))
    faults = {
        "targets outside the 330": frame.filter(~pl.col("to_adm3_pcode").is_in(current))["to_adm3_pcode"],
        "current codes given as retired": frame.filter(pl.col("from_pcode").is_in(current))["from_pcode"],
        "pairs given twice": frame.filter(pl.struct("from_pcode", "to_adm3_pcode").is_duplicated())["from_pcode"],
        "weights not positive or not summing to 1": sums.filter(
            ((pl.col("area_weight") - 1).abs() > 1e-9) | (pl.col("min") <= 0)
        )["from_pcode"],
    }
    found = [f"{what}: {series.unique().sort().head(3).to_list()}" for what, series in faults.items() if series.len()]
    if found:
        raise UnusableInput(f"data/reference/pcode_crosswalk.csv: {'; '.join(found)}. Correct these rows.")
    return frame.sort("from_pcode", "to_adm3_pcode")


def apply(frame: pl.DataFrame, code_column: str) -> pl.DataFrame:
    """Every row with the township or townships its code stands for.

    Adds `adm3_pcode`, `weight` (share of the row, summing to one per input row) and `how`: `pcode` for one of
    the 330, `crosswalk` for a successor. A retired code gives one row per successor, in code order; an
    unknown or missing code gives one row of nulls, for the caller to set aside. Row order is kept.
    What becomes of a row with several successors (an event counts once, persons are shared out) is for the
    records to say.
    """
    taken = [name for name in ADDED if name in frame.columns and name != code_column]
    if taken:
        raise ValueError(f"columns {taken} are already there; rename them before resolving {code_column!r}")
    cleaned = frame.with_columns(townships.normalise_pcode(pl.col(code_column)).alias("_code"))
    if code_column in ADDED:
        cleaned = cleaned.drop(code_column)
    return cleaned.join(_successors(), on="_code", how="left", maintain_order="left_right").drop("_code")


@cache
def _successors() -> pl.DataFrame:
    """`_code` -> `adm3_pcode`, `weight`, `how`, for current and old codes alike."""
    current = pl.DataFrame({"_code": list(townships.codes())}).select(
        "_code", adm3_pcode="_code", weight=pl.lit(1.0), how=pl.lit("pcode")
    )
    old = crosswalk().select(
        _code="from_pcode", adm3_pcode="to_adm3_pcode", weight="area_weight", how=pl.lit("crosswalk")
    )
    return pl.concat([current, old])
