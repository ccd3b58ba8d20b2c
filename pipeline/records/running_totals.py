"""New displacement over time: periods added up to the running total since the coup, and totals that fall refused.

The index takes the newest `idps_new_persons` in force as all who were newly displaced since the coup. A column of
monthly figures read so would give the last month alone.
"""

import polars as pl

from pipeline.declare.codes import NewIs, PlacedBy
from pipeline.declare.frames import is_outdated, without
from pipeline.records.parts import Contradicted, sidecar_of

NEW, DAY, PERIOD = "idps_new_persons", "reference_date", NewIs.PERIOD.value
_UNIT = ["source", "adm3_pcode", "_unit"]
_ROW = ["delivery_id", "row_number", "adm3_pcode"]
# Between deliveries a few townships may be revised downwards; where more of them fall it is no running total.
FALLING_MOST_SHARE = 0.25


def since_the_coup(records: pl.DataFrame) -> pl.DataFrame:
    """The records with `idps_new_persons` as running total at each day, where a delivery says that it is by period.

    Periods of one source and township are added up over all its deliveries; of two statements on one day the newest
    counts, so a revised month replaces and never adds. A township's old codes are totals of their own. A month that
    nobody reported adds nothing: the total is a floor then. Raises Contradicted for a running total that falls.
    """
    rows = records.with_columns(
        pl.when(pl.col("placed_by") == str(PlacedBy.CROSSWALK)).then("_stated_code").otherwise(None).alias("_unit")
    )
    by_period = pl.col("_new_is").eq_missing(PERIOD) & pl.col(NEW).is_not_null()
    periods = rows.filter(by_period)
    if periods.height:
        sums = (
            _newest(periods).sort(*_UNIT, DAY).select(*_UNIT, DAY, pl.col(NEW).cum_sum().over(_UNIT).alias("_running"))
        )
        rows = (
            rows.join(sums, on=[*_UNIT, DAY], how="left", validate="m:1", nulls_equal=True, maintain_order="left")
            .with_columns(pl.when(by_period).then("_running").otherwise(NEW).alias(NEW))
            .drop("_running")
        )
    stated = rows.drop_nulls(NEW)
    _refuse_falls_in_a_file(stated.filter(pl.col("_new_is").ne_missing(PERIOD)))
    _refuse_falls_between_files(stated)
    return without(rows, "_unit")


def _newest(stated: pl.DataFrame) -> pl.DataFrame:
    """One statement per unit and day: what its source has revised since is out, then the last receipt counts."""
    key = [*_UNIT, DAY]
    return (
        stated.filter(~is_outdated(key))
        .sort("received", "delivery_id", "row_number")
        .unique(key, keep="last", maintain_order=True)
    )


def _falls(stated: pl.DataFrame, over: list[str]) -> pl.DataFrame:
    """Consecutive statements of a unit: each row with the one before it, and whether it is lower."""
    before = [pl.col(c).shift().over(over).alias(f"{c}_before") for c in (DAY, NEW, "row_number", "file_name",
                                                                         "delivery_id")]  # fmt: skip
    return (
        stated.sort(*over, DAY, nulls_last=True)
        .with_columns(before)
        .drop_nulls(f"{NEW}_before")
        .with_columns((pl.col(NEW) < pl.col(f"{NEW}_before")).alias("_falls"))
    )


def _refuse_falls_in_a_file(stated: pl.DataFrame) -> None:
    falls = _falls(stated, ["delivery_id", *_UNIT]).filter("_falls").sort("delivery_id", "row_number")
    if falls.is_empty():
        return
    own = falls.filter(pl.col("delivery_id") == falls["delivery_id"][0])
    _refuse(own, f"; so it does in {own['adm3_pcode'].n_unique()} townships of the file")


def _refuse_falls_between_files(stated: pl.DataFrame) -> None:
    """Raise where files of one source fall beside each other as running totals never would: a file for each month."""
    pairs = _falls(_newest(stated), _UNIT).filter(pl.col("delivery_id") != pl.col("delivery_id_before"))
    for _, own in pairs.group_by("source", maintain_order=True):
        falls = own.filter("_falls").sort("adm3_pcode", DAY)
        townships, falling = own["adm3_pcode"].n_unique(), falls["adm3_pcode"].n_unique()
        lower = own[NEW].sum() < own[f"{NEW}_before"].sum()
        if lower and falling > FALLING_MOST_SHARE * townships:
            _refuse(falls, f"; so it does in {falling} of {townships} townships between the files of this source")


def _refuse(falls: pl.DataFrame, extent: str) -> None:
    first = falls.row(0, named=True)
    name, before = first["file_name"], first["file_name_before"]
    where = f"row {first['row_number_before']}" + (f" of {before}" if before != name else "")
    files = sidecar_of(name) if before == name else f"{sidecar_of(name)} and those of the other files"
    raise Contradicted(
        f"{name}: {NEW} of {first['adm3_pcode']} falls from {first[f'{NEW}_before']:,} on {first[f'{DAY}_before']} "
        f"({where}) to {first[NEW]:,} on {first[DAY]} (row {first['row_number']}){extent}; the running total since the "
        f'coup cannot fall. If each row is of its own period, write new_is = "period" into {files}; if it is how many '
        "are displaced on the day, map the column to idps_stock_persons; else mend the figures",
        first["delivery_id"],
    )
