"""The newest record in force: which of a township's records stands for a given day, and how many it was chosen from.

Not here: which records are current versions of each other (records), and what a record is worth.
"""

import math
from collections.abc import Sequence

import polars as pl

from pipeline.declare.codes import PlacedBy

UNKNOWN = "unknown"


def by_receipt(records: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Records with `received` of their delivery: the moment as text in UTC, so two of one day have an order.

    One whose delivery is not listed counts as oldest.
    """
    received = deliveries.select("delivery_id", "received")
    return records.join(received, on="delivery_id", how="left", validate="m:1")


def is_own() -> pl.Expr:
    """Whether a record names the township itself and not an old code that covers it or a part, or a part's code."""
    return ~pl.col("placed_by").is_in([PlacedBy.CROSSWALK.value, PlacedBy.LONGER_PCODE.value])


def one_per_day(
    records: pl.DataFrame, deliveries: pl.DataFrame, day: str, answers: Sequence[str], conflicting: str
) -> pl.DataFrame:
    """One record per township, `day` and `own_row`, each of its `answers` joined from all that stand for them.

    What one record leaves unknown another fills in; where they contradict each other the answer is `conflicting`.
    The rest of the record is that of the newest delivery. Which records stand is decided in the records.
    """
    if records.is_empty():
        return records.with_columns(pl.lit(True).alias("own_row"))
    place = ["adm3_pcode", day, "own_row"]
    known = {name: pl.col(name).filter(pl.col(name) != UNKNOWN) for name in answers}
    return (
        by_receipt(records.with_columns(is_own().alias("own_row")), deliveries)
        .sort(*place, "received", "delivery_id", "source", "row_number", nulls_last=False)
        .with_columns(
            pl.when(told.n_unique().over(place) > 1)
            .then(pl.lit(conflicting))
            .otherwise(told.first().over(place).fill_null(UNKNOWN))
            .alias(name)
            for name, told in known.items()
        )
        .unique(place, keep="last", maintain_order=True)
        .drop("received")
    )


def newest_known(
    rows: pl.DataFrame, records: pl.DataFrame, day: str, stale_days: float, keep: list[str]
) -> pl.DataFrame:
    """As `newest_in_force`, a township's own record before one that reached it from an old code.

    An old code may cover only a part of the township: what it says never replaces the township's own report
    in force, however old that is, and stands only where there is none. `records` have `own_row`.
    """
    mine, from_old = (records.filter(pl.col("own_row") == which) for which in (True, False))
    own = newest_in_force(rows, mine, day, stale_days, keep)
    if from_old.is_empty():
        return own
    other = newest_in_force(rows, from_old, day, stale_days, keep)
    grain = ["month", "adm3_pcode"]
    both = own.join(other.select(*grain, pl.col(day, *keep).name.suffix("_old")), on=grain, how="left", validate="1:1")
    has_own = pl.col(day).is_not_null()
    chosen = (pl.when(has_own).then(pl.col(c)).otherwise(pl.col(f"{c}_old")).alias(c) for c in (*keep, day))
    return both.with_columns(chosen).drop(f"{c}_old" for c in (*keep, day))


def newest_in_force(
    rows: pl.DataFrame, records: pl.DataFrame, day: str, stale_days: float, keep: list[str]
) -> pl.DataFrame:
    """`rows` with `day` and the columns `keep` of the newest record at most `stale_days` old, else nulls.

    `rows` need adm3_pcode and period_end; `records` one row per township and `day`. A record dated after
    the row's period_end is not yet known to have held and is never used.
    """
    if records.is_empty():
        nothing = (pl.lit(None, records.schema[name]).alias(name) for name in (day, *keep))
        return rows.sort("period_end", "adm3_pcode").with_columns(nothing)
    joined = rows.sort("period_end", "adm3_pcode").join_asof(
        records.select("adm3_pcode", day, *keep).sort(day, "adm3_pcode"),
        left_on="period_end",
        right_on=day,
        by="adm3_pcode",
        strategy="backward",
        coalesce=False,
        check_sortedness=False,  # it cannot be checked within groups; both sides were sorted above
    )
    fresh = (pl.col("period_end") - pl.col(day)).dt.total_days() <= stale_days
    return joined.with_columns(pl.when(fresh).then(pl.col(name)).alias(name) for name in (*keep, day))


def records_in_force(rows: pl.DataFrame, records: pl.DataFrame, day: str, stale_days: float, name: str) -> pl.DataFrame:
    """`rows` with `name`: how many records `newest_known` has to choose from; 0 where none is in force.

    A township's own records, and those from an old code only where it has no own one, as there. Counted as running
    number of the newest record by period_end less that of the newest one already too old, so that no row is
    multiplied by its records.
    """
    grain = ["month", "adm3_pcode"]
    kept = rows.select(*grain, "period_end")
    too_old = kept.with_columns(pl.col("period_end") - pl.duration(days=math.floor(stale_days) + 1))
    counts = kept
    for which, column in ((True, "own"), (False, "old")):
        mine = records.filter(pl.col("own_row") == which).sort("adm3_pcode", day)
        if mine.is_empty():
            counts = counts.with_columns(pl.lit(0, pl.Int64).alias(part) for part in (column, f"{column}_past"))
            continue
        numbered = mine.with_columns(pl.int_range(1, pl.len() + 1).over("adm3_pcode").alias("number"))
        for at, part in ((kept, column), (too_old, f"{column}_past")):
            known = newest_in_force(at, numbered, day, math.inf, ["number"])
            reached = known.select(*grain, pl.col("number").fill_null(0).alias(part))
            counts = counts.join(reached, on=grain, how="left", validate="1:1")
    own, other = (pl.col(column) - pl.col(f"{column}_past") for column in ("own", "old"))
    counted = counts.select(*grain, pl.when(own > 0).then(own).otherwise(other).alias(name))
    return rows.join(counted, on=grain, how="left", validate="1:1", maintain_order="left")
