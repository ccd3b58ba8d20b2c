"""Clashes counted by day: nothing that is counted of the records is lost, in whatever parts they come."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declare.frames import empty
from pipeline.declare.methods import ISP_2023
from pipeline.indices.security import by_month
from pipeline.records.clash_days import clash_days

RECORD = st.fixed_dictionaries(
    {
        "source_key": st.sampled_from(["a", "b"]),
        "event_date": st.sampled_from([date(2022, 3, 1), date(2022, 3, 2), date(2022, 4, 1)]),
        "event_class": st.sampled_from(["clash", "other"]),
        "adm3_pcode": st.sampled_from(["MMR001001", "MMR001002"]),
        "geo_precision": st.sampled_from(["exact", "township", "district"]),
        "delivery_id": st.sampled_from(["d1", "d2"]),
        "events_count": st.integers(1, 3),
        "fatalities_persons": st.none() | st.integers(0, 9),
    }
)


def records(rows: list[dict[str, object]]) -> pl.DataFrame:
    whole = empty("records.clashes")
    return pl.concat([whole, pl.DataFrame(rows, schema_overrides=whole.schema)], how="diagonal") if rows else whole


def test_two_records_of_a_day_are_one_row_and_an_unknown_death_is_no_zero():
    day = {"source_key": "a", "event_date": date(2022, 3, 1), "event_class": "clash", "adm3_pcode": "MMR001001",
           "geo_precision": "exact", "delivery_id": "d1", "events_count": 1}  # fmt: skip
    found = clash_days([records([{**day, "fatalities_persons": 2}, {**day, "events_count": 4}]),
                        records([{**day, "geo_precision": "township"}])])  # fmt: skip
    assert found.select("geo_precision", "events_count", "fatalities_persons").rows() == [
        ("exact", 5, 2), ("township", 1, None),
    ]  # fmt: skip


@given(st.lists(RECORD, max_size=20), st.integers(1, 20))
def test_parts_in_any_division_give_the_same_counts_by_month(rows, size):
    whole = records(rows)
    days = clash_days(whole.iter_slices(size))
    assert days.equals(clash_days([whole]))
    for source in ("a", "b"):
        counts, tallies = ("adm3_pcode", "month"), ("clashes", "deaths", "located", "precise", "exact")
        of_records, of_days = (
            by_month(frame, ISP_2023, source).select(*counts, *tallies).sort(counts) for frame in (whole, days)
        )
        assert of_days.equals(of_records)
