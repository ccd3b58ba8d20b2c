"""Raw rows with what their delivery says of them."""

import json

import polars as pl

from pipeline.codes import NOT_FAULTS, Absence, Reason
from pipeline.readers.formats import fold

# What a delivery says of each of its rows, beside its source and its reference date.
FROM_DELIVERY = ("file_name", "kind", "source_key", "received", "received_at", "date_format")
# What only some deliveries say: what makes their event numbers unique, and which of UCDP's releases they are.
_SAID_BY_SOME = ("id_scope", "release")


def with_delivery(raw: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Add the delivery's columns to each raw row; its `source` fills a blank or absent `source` of the row.

    Words that the delivery's sidecar maps become our terms here: the mirror and corrections have them as delivered.

    Raises ValueError for a row whose delivery is not in force.
    """
    # How the rows are meant; a frame of deliveries that does not tell leaves it unstated.
    meant = [
        (pl.col(name) if name in deliveries.columns else pl.lit(None, dtype=pl.String)).alias(f"_{name}")
        for name in ("rows", "new_is")
    ]
    added = with_columns_of(deliveries, _SAID_BY_SOME).select(
        "delivery_id",
        *FROM_DELIVERY,
        *meant,
        *_SAID_BY_SOME,
        pl.col("source").alias("_source"),
        pl.col("reference_date").alias("_reference_date"),
    )
    joined = raw.join(added, on="delivery_id", how="left", validate="m:1", maintain_order="left")
    orphans = joined.filter(pl.col("file_name").is_null()).height
    if orphans:
        raise ValueError(f"{orphans} raw rows belong to no delivery in force; materialise the deliveries first")
    own = pl.col("source").str.strip_chars() if "source" in raw.columns else pl.lit(None, dtype=pl.String)
    stated = pl.when(own != "").then(own)
    named = joined.with_columns(pl.coalesce(stated, pl.col("_source")).alias("source")).drop("_source")
    return _in_our_words(named, deliveries)


def _in_our_words(rows: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Each delivery's own words for our terms replaced by them, whatever their case and blanks; others stay."""
    if "values" not in deliveries.columns:
        return rows
    for delivery, mapping in deliveries.filter(pl.col("values").is_not_null()).select("delivery_id", "values").rows():
        own = pl.col("delivery_id") == delivery
        for column, words in json.loads(mapping).items():
            if column not in rows.columns:
                continue
            cells = rows.filter(own)[column].drop_nulls().unique()
            ours = {cell: words[fold(cell)] for cell in cells if fold(cell) in words}
            rows = rows.with_columns(pl.when(own).then(pl.col(column).replace(ours)).otherwise(column).alias(column))
    return rows


def trusted_silence(deliveries: pl.DataFrame, set_aside: pl.DataFrame) -> pl.DataFrame:
    """The deliveries, their silence meaning zero only where no row of theirs was set aside for a fault.

    A township whose row could not be read is silent in the records but was not in the file: its silence is
    unknown, and which township it was cannot be told. So is that of a row which a correction took out.
    """
    harmless = [str(reason) for reason in NOT_FAULTS if reason != Reason.CORRECTED_OUT]
    faulty = set_aside.filter(~pl.col("reason").is_in(harmless))["delivery_id"].unique()
    # A file that says it covers a part of the country is silent about the rest.
    unknown = pl.col("delivery_id").is_in(faulty.to_list()) | pl.col("coverage").is_not_null()
    return deliveries.with_columns(
        pl.when(unknown).then(pl.lit(str(Absence.UNKNOWN))).otherwise("absence_means").alias("absence_means")
    )


def with_columns_of(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """The frame with every named text column, null where it had none."""
    return frame.with_columns(pl.lit(None, dtype=pl.String).alias(n) for n in names if n not in frame.columns)
