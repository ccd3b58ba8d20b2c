"""Population of a township: the newest figure of its own, with the parts of old codes beside it."""

from datetime import date

import polars as pl

from pipeline.records.townships import townships

CODE = "MMR013017"
REFERENCE = pl.DataFrame({"adm3_pcode": [CODE], "population_2022": [50_000]})
SHAPES = pl.DataFrame({"adm3_pcode": [CODE], "geometry": [b""]})
DELIVERIES = pl.DataFrame({"delivery_id": ["zz", "aa"], "received": ["2024-01-01T00:00:00", "2024-01-02T00:00:00"]})


def population(*rows):
    """(delivery, day, persons, placed_by, updated_at where stated)"""
    schema = {
        "delivery_id": pl.String,
        "reference_date": pl.Date,
        "population_persons": pl.Int64,
        "placed_by": pl.String,
        "updated_at": pl.String,
    }
    rows = [row if len(row) == 5 else (*row, None) for row in rows]
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(adm3_pcode=pl.lit(CODE), source=pl.lit("s"))
    row = townships(REFERENCE, SHAPES, "drawn", frame, DELIVERIES).row(0, named=True)
    return row["population_persons"], row["population_reference_date"]


DAY, LATER = date(2023, 1, 1), date(2023, 6, 1)


def test_without_a_figure_the_reference_stands():
    assert population() == (50_000, date(2022, 7, 1))


def test_the_newest_figure_stands_and_of_one_day_the_one_received_last():
    assert population(("zz", DAY, 1, "pcode"), ("zz", LATER, 2, "pcode")) == (2, LATER)
    assert population(("zz", DAY, 111, "pcode"), ("aa", DAY, 222, "pcode")) == (222, DAY)


def test_parts_of_old_codes_are_added_and_never_replace_the_townships_own_figure():
    assert population(("zz", DAY, 200_000, "pcode"), ("zz", DAY, 417, "crosswalk")) == (200_417, DAY)
    assert population(("zz", DAY, 200_000, "pcode"), ("aa", LATER, 417, "crosswalk")) == (200_000, DAY)
    assert population(("aa", LATER, 417, "crosswalk")) == (417, LATER)


def test_of_one_day_the_sources_own_revision_goes_before_the_receipt():
    new, old = ("zz", DAY, 111, "pcode", "2023-05-02"), ("aa", DAY, 222, "pcode", "2023-05-01")
    assert population(new, old) == population(old, new) == (111, DAY)
    assert population(new, old[:4]) == (222, DAY), "where one of them states no time, the receipt decides"
