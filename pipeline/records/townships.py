"""The 330 townships of this run: the reference list with the shapes in force and the newest population figure."""

from datetime import date

import polars as pl

from pipeline.declare.codes import PlacedBy
from pipeline.declare.frames import is_outdated

# The projection names its year only; the middle of the year stands for it.
REFERENCE_POPULATION_DATE = date(2022, 7, 1)


def townships(
    reference: pl.DataFrame,
    shapes: pl.DataFrame,
    boundary_source: str,
    population: pl.DataFrame,
    deliveries: pl.DataFrame,
) -> pl.DataFrame:
    """Columns of records.townships, 330 rows by P-code.

    `reference` is the township list, `shapes` adm3_pcode and geometry (WKB), `population` records.population,
    `deliveries` delivery_id and received.
    A delivered population figure replaces the reference's 2022 projection for its township; areas stay those
    of the reference, so that months and boundary files compare.
    """
    newest = (
        _figures(population)
        .join(deliveries.select("delivery_id", "received"), on="delivery_id", how="left", validate="m:1")
        .sort("adm3_pcode", "own_row", "reference_date", "received", "delivery_id", "source")
        .group_by("adm3_pcode", maintain_order=True)
        .agg(pl.col("persons").last().alias("_delivered"), pl.col("reference_date").last().alias("_date"))
    )
    return (
        reference.join(shapes.select("adm3_pcode", "geometry"), on="adm3_pcode", how="left", validate="1:1")
        .join(newest, on="adm3_pcode", how="left", validate="1:1")
        .with_columns(
            pl.coalesce("_delivered", pl.col("population_2022").cast(pl.Int64)).alias("population_persons"),
            pl.when(pl.col("_delivered").is_not_null())
            .then(pl.col("_date"))
            .when(pl.col("population_2022").is_not_null())
            .then(pl.lit(REFERENCE_POPULATION_DATE))
            .alias("population_reference_date"),
            pl.lit(boundary_source).alias("boundary_source"),
        )
        .sort("adm3_pcode")
    )


def _figures(population: pl.DataFrame) -> pl.DataFrame:
    """One figure per township, day, delivery and source: its own row and the parts of old codes beside it.

    What its source has revised since by its own clock is left out. A figure made of parts alone has no `own_row`: it
    may cover less than the township, and stands only where no delivery has the township itself.
    """
    part = pl.col("placed_by").is_in([str(PlacedBy.CROSSWALK), str(PlacedBy.LONGER_PCODE)])
    persons = pl.col("population_persons")
    unit = population.with_columns(part.alias("_part"))
    current = unit.filter(~is_outdated(["adm3_pcode", "reference_date", "_part", "source"]))
    return current.group_by("adm3_pcode", "reference_date", "delivery_id", "source").agg(
        (persons.filter(part).sum() + persons.filter(~part).sum()).alias("persons"), (~part).any().alias("own_row")
    )
