"""One current version of each event: the newest revision wins, a deletion ends it, nothing is overwritten late."""

import polars as pl

from pipeline.codes import Reason
from pipeline.records.triage import Triage, no_rows, set_aside_rows

_TRUE = ("true", "1", "yes", "t", "y")


def is_deleted(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase().is_in(_TRUE).fill_null(False)


def current(frame: pl.DataFrame, key: list[str], content: list[str]) -> Triage:
    """The newest version per key: by the source's own `updated_at`, then by delivery, then by row.

    `frame` carries `_updated` (comparable, null where not stated: such versions rank by delivery alone),
    `_received`, `_deleted`. A row equal in `content` to another of its delivery is a duplicate; the version
    that a newer one replaces is superseded; a deleted one takes its whole key out.
    """
    order = ["_updated", "_received", "delivery_id", "row_number"]
    ranked = frame.sort([*key, *order], nulls_last=False).with_columns(
        pl.len().over(key).alias("_versions"),
        pl.int_range(1, pl.len() + 1).over(key).alias("_rank"),
    )
    newest = pl.col("_rank") == pl.col("_versions")
    gone = (pl.col("_deleted") & newest).any().over(key)
    again = pl.struct(["delivery_id", *key, *content]).is_duplicated() & ~newest
    judged = ranked.with_columns(
        pl.when(gone)
        .then(pl.lit(str(Reason.DELETED)))
        .when(newest)
        .then(None)
        .when(again)
        .then(pl.lit(str(Reason.DUPLICATE_ROW)))
        .otherwise(pl.lit(str(Reason.SUPERSEDED)))
        .alias("_why")
    )
    kept = judged.filter(pl.col("_why").is_null()).drop("_versions", "_rank", "_why")
    parts = [
        set_aside_rows(judged.filter(pl.col("_why") == str(reason)), reason, key[-1], pl.col(key[-1]).cast(pl.String))
        for reason in (Reason.DELETED, Reason.DUPLICATE_ROW, Reason.SUPERSEDED)
    ]
    return Triage(kept, pl.concat([part for part in parts if part.height] or [no_rows()]))
