"""Retired and sub-township P-codes to the 330: one place for an event, shares for a number of persons.

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
    return check(pl.read_csv(REFERENCE / "pcode_crosswalk.csv", schema=SCHEMA))


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
    unknown or missing code gives one row of nulls, for the caller to set aside. Row order is kept. Count
    rows with `place_events`, never with this.
    """
    taken = [name for name in ADDED if name in frame.columns and name != code_column]
    if taken:
        raise ValueError(f"columns {taken} are already there; rename them before resolving {code_column!r}")
    cleaned = frame.with_columns(townships.normalise_pcode(pl.col(code_column)).alias("_code"))
    if code_column in ADDED:
        cleaned = cleaned.drop(code_column)
    return cleaned.join(_successors(), on="_code", how="left", maintain_order="left_right").drop("_code")


def place_events(frame: pl.DataFrame, code_column: str) -> pl.DataFrame:
    """As `apply`, but one row stays one row: an event happened once and is counted once.

    The successor with the largest area weight takes it, the lower P-code on a tie: the likeliest place, and
    the same one on every run.
    """
    numbered = apply(frame.with_row_index("_row"), code_column)
    ordered = numbered.sort("_row", "weight", "adm3_pcode", descending=[False, True, False], nulls_last=True)
    return ordered.unique("_row", keep="first", maintain_order=True).drop("_row")


def split_persons(frame: pl.DataFrame, code_column: str, persons_column: str) -> pl.DataFrame:
    """As `apply`, with `persons_column` (whole persons) shared out by weight, its total kept exactly.

    Largest remainder: each successor gets the whole part of its share, the persons left over go one each to
    the largest fractions, lower P-code first. A missing number stays missing. Raises TypeError for a column
    that is not integer.
    """
    if not frame.schema[persons_column].is_integer():
        raise TypeError(f"{persons_column!r} is {frame.schema[persons_column]}; whole persons are needed")
    persons = pl.col(persons_column).cast(pl.Int64)
    exact = persons * pl.col("weight").fill_null(1.0)
    whole = (exact + 1e-9).floor().cast(pl.Int64)
    left_over = (persons.first() - pl.col("_whole").sum()).over("_row")
    rank = (
        pl.struct((-(pl.col("_exact") - pl.col("_whole"))).round(9), "adm3_pcode")
        .rank("ordinal")
        .over("_row")
        .cast(pl.Int64)
    )
    return (
        apply(frame.with_row_index("_row"), code_column)
        .with_columns(exact.alias("_exact"), whole.alias("_whole"))
        .with_columns((pl.col("_whole") + (rank <= left_over).cast(pl.Int64)).alias(persons_column))
        .drop("_row", "_exact", "_whole")
    )


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
