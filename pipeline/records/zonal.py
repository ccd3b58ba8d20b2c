"""Inhabitants as a program sums them over a grid: 123456.78 people are 123457, where the whole column is like that.

A single fraction among whole numbers is a slip and stays set aside. Displaced people are counted, not summed over a
grid, so theirs are never rounded.
"""

import polars as pl

from pipeline.records import values

FRACTIONS_LEAST_SHARE = 0.5
# Thousands of inhabitants look like sums with a fraction too; a township has tens of thousands of people.
MEDIAN_LEAST_PERSONS = 1_000


def rounded(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The frame with the column's numbers as whole ones, half to even, in deliveries where it holds sums over a grid.

    It does where more than half of the stated cells carry a fraction behind one sign (a point, or the comma of files
    that write decimals so), some of them cannot be thousands in groups of three, and the median is at least 1,000.
    """
    for mark, other in ((".", ","), (",", ".")):
        cell = values.text(column).str.replace_many(values.BURMESE_DIGITS)
        fraction = cell.str.contains(rf"^[0-9]+\{mark}[0-9]+$")
        group = cell.str.contains(rf"^[0-9]{{1,3}}\{mark}[0-9]{{3}}$")
        whole = cell.str.contains(r"^[0-9]+$")
        number = (
            pl.when(fraction | whole).then(cell.str.replace(mark, ".", literal=True)).cast(pl.Float64, strict=False)
        )
        told = frame.select(
            "delivery_id", number.alias("number"), (fraction & ~group).alias("telling"), fraction.alias("fraction"),
            cell.is_not_null().alias("stated"), cell.str.contains(other, literal=True).alias("mixed"),
        )  # fmt: skip
        sums = told.group_by("delivery_id").agg(
            (
                (pl.col("fraction").sum() > FRACTIONS_LEAST_SHARE * pl.col("stated").sum())
                & pl.col("telling").any()
                & ~pl.col("mixed").any()
                & (pl.col("number").median() >= MEDIAN_LEAST_PERSONS)
            ).fill_null(False).alias("sums")
        ).filter("sums")["delivery_id"]  # fmt: skip
        if sums.len():
            people = told["number"].round(0, mode="half_to_even").cast(pl.Int64).cast(pl.String).alias("_people")
            mine = pl.col("delivery_id").is_in(sums.to_list()) & pl.col("_people").is_not_null()
            frame = frame.with_columns(people).with_columns(
                pl.when(mine).then("_people").otherwise(column).alias(column)
            ).drop("_people")  # fmt: skip
    return frame
