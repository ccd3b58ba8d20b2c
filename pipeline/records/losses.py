"""How much of each delivery was lost to faults: what a run says of every file, and which files it does not go on with.

Not here: that rows add up (pipeline/accounting.py).
"""

from collections.abc import Collection, Iterator

import polars as pl

from pipeline.codes import NOT_FAULTS, REASON_REMEDY, Reason

MOST_SHARE = 0.5  # of a file lost to faults: what is left of it may be any part of what it says
_COUNTRY_COLUMNS = ("country", "country_id", "iso", "iso3")
ALL_TOLD = 10  # deliveries; of more than so many, only those of the last landing and those with faults are told


def faults(set_aside: pl.DataFrame) -> pl.DataFrame:
    """The rows of records.set_aside that are faulty: not by a rule of the method, nor openly of another country."""
    abroad = (pl.col("reason") == str(Reason.OUTSIDE_COUNTRY)) & pl.col("column_name").is_in(_COUNTRY_COLUMNS)
    return set_aside.filter(~pl.col("reason").is_in([str(r) for r in NOT_FAULTS]), ~abroad.fill_null(False))


def shares(accounts: pl.DataFrame, set_aside: pl.DataFrame) -> pl.DataFrame:
    """`accounts` with `faults_count` and `fault_share`, of the rows that came in."""
    counts = faults(set_aside).group_by("delivery_id").agg(pl.len().cast(pl.Int64).alias("faults_count"))
    joined = accounts.join(counts, on="delivery_id", how="left", validate="1:1", maintain_order="left")
    count = pl.col("faults_count").fill_null(0)
    return joined.with_columns(count, (count / pl.col("rows_count")).fill_nan(None).alias("fault_share"))


def told(judged: pl.DataFrame, set_aside: pl.DataFrame, landed_last: Collection[str]) -> Iterator[str]:
    """A line for each delivery: rows, used, set aside by reason. `judged` is of `shares`."""
    counts = set_aside.group_by("delivery_id", "reason").len().sort("len", "reason", descending=[True, False])
    every = judged.height <= ALL_TOLD
    for row in judged.sort("kind", "file_name", "delivery_id").iter_rows(named=True):
        if not (every or row["faults_count"] or row["delivery_id"] in landed_last):
            continue
        own = counts.filter(pl.col("delivery_id") == row["delivery_id"])
        why = ", ".join(f"{count:,} {reason}" for _, reason, count in own.iter_rows())
        yield (
            f"{row['kind']}/{row['file_name']}: {row['rows_count']:,} rows, {row['rows_used_count']:,} used, "
            f"{row['rows_set_aside_count']:,} set aside{f' ({why})' if why else ''}"
        )


def mostly_lost(judged: pl.DataFrame, accepted: Collection[str]) -> pl.DataFrame:
    """The deliveries that lost more than half of their rows to faults and are not accepted."""
    return judged.filter(pl.col("fault_share") > MOST_SHARE, ~pl.col("delivery_id").is_in(list(accepted)))


def why_lost(lost: pl.DataFrame, set_aside: pl.DataFrame) -> Iterator[str]:
    """What is wrong with each of `mostly_lost` and what to do: the file, the share, the main reason, its remedy."""
    faulty = faults(set_aside)
    for row in lost.iter_rows(named=True):
        own = faulty.filter(pl.col("delivery_id") == row["delivery_id"]).group_by("reason").len()
        reason, count = own.sort("len", "reason", descending=[True, False]).row(0)
        yield (
            f"{row['kind']}/{row['file_name']}: {row['faults_count']:,} of {row['rows_count']:,} rows "
            f"({row['fault_share']:.0%}) cannot be used, {count:,} of them as {reason}: "
            f"{REASON_REMEDY[Reason(reason)]} "
            f"Mend the file or its sidecar and deliver it again, after `township-index withdraw {row['delivery_id']}` "
            "where the file itself has changed; or accept the loss in HOME/corrections.toml with "
            f'action = "acknowledge", kind = "{row["kind"]}", delivery = "{row["delivery_id"]}"'
        )
