"""Rows in = rows used + rows set aside, per delivery; anything else raises.

A row is one line of a delivery. It may become several records (a retired code split over its
successors) but is used once.
"""

import polars as pl

from pipeline.errors import AccountingError

ROW = ("delivery_id", "row_number")


def accounts(rows: pl.DataFrame, records: pl.DataFrame, set_aside: pl.DataFrame, what: str) -> pl.DataFrame:
    """Per delivery: rows_count, rows_used_count, rows_set_aside_count, first_date and last_date of the used.

    And rows_contradicted_count where `records` has point_distance_km: rows used although their own point denies their
    place. `rows` is every line that came in, `records` what was made of them with its `day` (null where undated),
    `set_aside` the rest; each has the columns delivery_id and row_number. Raises AccountingError when a row is
    lost, invented or counted twice.
    """
    came = rows.select(ROW).unique()
    used = records.select(ROW).unique()
    aside = set_aside.select(ROW)
    faults = {
        "came in twice": rows.height - came.height,
        "set aside twice": aside.height - aside.unique().height,
        "used and set aside at once": used.join(aside, on=ROW, how="semi").height,
        "lost": came.join(pl.concat([used, aside]), on=ROW, how="anti").height,
        "invented": pl.concat([used, aside]).join(came, on=ROW, how="anti").height,
    }
    wrong = {fault: count for fault, count in faults.items() if count}
    if wrong:
        raise AccountingError(
            f"{what}: {came.height} rows came in, {used.height} used, {aside.height} set aside; "
            + ", ".join(f"{count} {fault}" for fault, count in wrong.items())
        )

    def per_delivery(frame: pl.DataFrame, name: str) -> pl.DataFrame:
        return frame.group_by("delivery_id").agg(pl.len().cast(pl.Int64).alias(name))

    days = records.group_by("delivery_id").agg(
        pl.col("day").min().alias("first_date"), pl.col("day").max().alias("last_date")
    )
    denied = pl.col("point_distance_km").is_not_null() if "point_distance_km" in records.columns else pl.lit(False)
    contradicted = records.filter(denied).select(ROW).unique()
    return (
        per_delivery(came, "rows_count")
        .join(per_delivery(used, "rows_used_count"), on="delivery_id", how="left", validate="1:1")
        .join(per_delivery(aside, "rows_set_aside_count"), on="delivery_id", how="left", validate="1:1")
        .join(per_delivery(contradicted, "rows_contradicted_count"), on="delivery_id", how="left", validate="1:1")
        .join(days, on="delivery_id", how="left", validate="1:1")
        .with_columns(pl.col("rows_used_count", "rows_set_aside_count", "rows_contradicted_count").fill_null(0))
        .sort("delivery_id")
    )
