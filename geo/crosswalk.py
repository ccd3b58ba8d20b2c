"""Retired and sub-township P-codes to the 330, with the share of each successor; codes of towns and tracts too.

Not here: names of the 330 (names), codes of districts and states (spans), points (assign).
"""

from functools import cache

import polars as pl

from geo import townships, units
from geo.spelling import name_key
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
# MIMU makes the code of a town, ward or village tract from that of its township and three or more characters more.
_LONGER = r"^(MMR\d{6})[A-Z0-9]{3,}$"
NAMES_FILE = "retired_names.csv"


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

    Adds `adm3_pcode`, `weight` (share of the row, summing to one per input row) and `how`: `pcode` for one of the 330
    or a district that is one, `longer_pcode` for a place within one of them (a town, a ward, a village tract: the
    first nine characters are its township's), `crosswalk` for a successor. A retired code gives one row per
    successor, in code order; an unknown or missing code gives one row of nulls, for the caller to set aside. Row
    order is kept.
    What becomes of a row with several successors (an event counts once, persons are shared out) is for the
    records to say.
    """
    taken = [name for name in ADDED if name in frame.columns and name != code_column]
    if taken:
        raise ValueError(f"columns {taken} are already there; rename them before resolving {code_column!r}")
    code = townships.normalise_pcode(pl.col(code_column))
    longer = code.str.extract(_LONGER)
    cleaned = frame.with_columns(pl.coalesce(longer, code).alias("_code"), longer.is_not_null().alias("_is_longer"))
    if code_column in ADDED:
        cleaned = cleaned.drop(code_column)
    within = pl.col("_is_longer").fill_null(False) & (pl.col("how") == "pcode")
    return (
        cleaned.join(_successors(), on="_code", how="left", maintain_order="left_right")
        .with_columns(pl.when(within).then(pl.lit("longer_pcode")).otherwise("how").alias("how"))
        .drop("_code", "_is_longer")
    )


@cache
def names() -> pl.DataFrame:
    """`_name` (key), `from_pcode`, `adm3_pcode`: the names of retired and field sub-townships, one row per successor.

    `adm3_pcode` says in which states the name holds. From data/reference/retired_names.csv, with its evidence.
    """
    spelt = pl.read_csv(REFERENCE / NAMES_FILE, infer_schema_length=0)
    unknown = spelt.filter(~pl.col("from_pcode").is_in(crosswalk()["from_pcode"].implode()))["from_pcode"]
    if unknown.len():
        raise UnusableInput(
            f"data/reference/{NAMES_FILE}: no retired code: {unknown.head(3).to_list()}. Correct these rows."
        )
    keyed = spelt.filter(pl.col("reviewed") == "yes").select(name_key(pl.col("name")).alias("_name"), "from_pcode")
    return keyed.unique(maintain_order=True).join(
        crosswalk().select("from_pcode", adm3_pcode="to_adm3_pcode"),
        on="from_pcode",
        how="inner",
        maintain_order="left",
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
    alone = units.lone_districts().select("adm3_pcode", _code="adm2_pcode")
    district = alone.select("_code", "adm3_pcode", weight=pl.lit(1.0), how=pl.lit("pcode"))
    return pl.concat([current, district, old])
