"""Which report holds: the newest by moment of receipt, a township's own before what an old code says of it."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.codes import Absence
from pipeline.indices.in_force import newest_known, one_per_day, records_in_force
from pipeline.records.inputs import trusted_silence

FIRST = date(2022, 1, 1)
JUNE, JULY = date(2023, 6, 1), date(2023, 7, 1)
# The hash of the first delivery sorts last: receipt decides, not the name.
DELIVERIES = pl.DataFrame(
    {"delivery_id": ["z", "a"], "received": ["2023-08-01T05:00:00.000000+00:00", "2023-08-01T06:00:00.000000+00:00"]}
)


def report(delivery_id, day, says, placed_by="pcode", source="s", row_number=1, updated_at=None):
    return {
        "adm3_pcode": "MMR013017", "delivery_id": delivery_id, "day": day, "says": says, "placed_by": placed_by,
        "source": source, "row_number": row_number, "updated_at": updated_at,
    }  # fmt: skip


def known(*reports, stale_days=365):
    rows = pl.DataFrame({"month": [date(2023, 8, 1)], "adm3_pcode": ["MMR013017"], "period_end": [date(2023, 8, 31)]})
    records = one_per_day(pl.DataFrame(reports, schema_overrides={"updated_at": pl.String}), DELIVERIES, "day")
    return newest_known(rows, records, "day", stale_days, ["says"]).select("says", "day").row(0)


def test_of_two_deliveries_of_one_day_the_later_receipt_holds():
    assert known(report("z", JUNE, "first"), report("a", JUNE, "corrected")) == ("corrected", JUNE)


def test_an_old_code_never_replaces_the_townships_own_report():
    own, part = report("z", JUNE, "own"), report("a", JULY, "part", "crosswalk")
    assert known(own, part) == ("own", JUNE)
    assert known(part) == ("part", JULY)
    assert known(report("z", date(2022, 1, 1), "too old"), part) == ("part", JULY)


def test_the_order_of_lines_decides_nothing_between_sources():
    two = [report("z", JUNE, "b", source="B", row_number=n) for n in (1, 2)]
    other = [report("z", JUNE, "a", source="A", row_number=n) for n in (2, 1)]
    assert known(two[0], other[0]) == known(other[1], two[1]) == ("b", JUNE)


def test_silence_means_zero_only_where_nothing_was_lost_and_all_is_covered():
    known_deliveries = pl.DataFrame(
        {"delivery_id": ["whole", "faulty", "part"], "absence_means": ["zero"] * 3, "coverage": [None, None, "Kachin"]}
    )
    aside = pl.DataFrame({"delivery_id": ["faulty", "whole"], "reason": ["unknown_name", "not_a_township"]})
    meaning = dict(trusted_silence(known_deliveries, aside).select("delivery_id", "absence_means").iter_rows())
    assert meaning == {"whole": Absence.ZERO, "faulty": Absence.UNKNOWN, "part": Absence.UNKNOWN}


def test_an_older_export_delivered_late_never_overwrites_where_both_state_their_time():
    # "a" is received after "z".
    new, old = report("z", JUNE, "new", updated_at="2023-07-02"), report("a", JUNE, "old", updated_at="2023-07-01")
    assert known(new, old) == known(old, new) == ("new", JUNE)
    corrected = old | {"says": "corrected", "updated_at": "2023-07-03"}
    assert known(new, corrected) == ("corrected", JUNE)


def test_without_a_time_or_between_sources_the_receipt_decides():
    new = report("z", JUNE, "stated", updated_at="2023-07-02")
    assert known(new, report("a", JUNE, "silent")) == ("silent", JUNE)
    assert known(new, report("a", JUNE, "other", source="t", updated_at="2023-01-01")) == ("other", JUNE)


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(4)), st.permutations(range(4)))
def test_where_all_state_their_time_the_order_of_arrival_changes_nothing(arrival, revision):
    """Four deliveries of one day: whatever came when, the one revised last stands."""
    deliveries = pl.DataFrame(
        {"delivery_id": [f"d{i}" for i in range(4)], "received": [f"2023-08-0{1 + n}T05:00:00" for n in arrival]}
    )
    said = [report(f"d{i}", JUNE, f"says {n}", updated_at=f"2023-07-0{1 + n}") for i, n in enumerate(revision)]
    assert one_per_day(pl.DataFrame(said), deliveries, "day")["says"].to_list() == ["says 3"]


def counted(rows, *reports, stale_days=365):
    """The column of `records_in_force` on these reports, with that of the newest beside it."""
    records = one_per_day(pl.DataFrame(reports, schema_overrides={"updated_at": pl.String}), DELIVERIES, "day")
    newest = newest_known(rows, records, "day", stale_days, ["says"])
    return records_in_force(newest, records, "day", stale_days, "count")


def end_of(*days):
    return pl.DataFrame({"month": [d.replace(day=1) for d in days], "period_end": days, "adm3_pcode": "MMR013017"})


@pytest.mark.parametrize(
    ("reports", "count"),
    [
        ([report("z", date(2022, 8, 31), "365 days old"), report("z", JUNE, "newer")], 2),
        ([report("z", date(2022, 8, 30), "366 days old"), report("z", date(2023, 8, 31), "of the last day")], 1),
        ([report("z", date(2023, 9, 1), "not yet known")], 0),
        ([report("z", JUNE, "first"), report("a", JUNE, "corrected"), report("z", JULY, "later")], 2),
        ([report("z", JUNE, "own"), report("a", JULY, "part", "crosswalk")], 1),
        ([report("z", JUNE, "part", "crosswalk"), report("a", JULY, "part", "crosswalk")], 2),
        ([report("z", date(2022, 1, 1), "own, too old"), report("a", JULY, "part", "crosswalk")], 1),
        ([report("z", JUNE, "of another township") | {"adm3_pcode": "MMR013018"}], 0),
    ],
)
def test_counted_are_the_records_the_newest_was_chosen_from(reports, count):
    row = counted(end_of(date(2023, 8, 31)), *reports).row(0, named=True)
    assert (row["count"], row["day"] is not None) == (count, count > 0)


def month_of(day):
    return (FIRST + timedelta(day)).replace(day=1)


MANY = st.lists(
    st.tuples(
        st.integers(0, 400), st.sampled_from(["MMR013017", "MMR013018"]), st.sampled_from(["pcode", "crosswalk"])
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=50, deadline=None)
@given(MANY, st.integers(0, 200), st.lists(st.integers(0, 450), min_size=1, max_size=4, unique_by=month_of))
def test_the_count_is_that_of_a_plain_count(given_days, stale_days, ends):
    """Days with a record at most so many days old, by a loop; own ones, and others only where there is none."""
    reports = [
        report("z", FIRST + timedelta(n), "", placed, row_number=line) | {"adm3_pcode": code}
        for line, (n, code, placed) in enumerate(given_days)
    ]
    found = counted(end_of(*(FIRST + timedelta(n) for n in ends)), *reports, stale_days=stale_days)
    for row in found.to_dicts():
        age = {(r["day"], r["placed_by"]): (row["period_end"] - r["day"]).days
               for r in reports if r["adm3_pcode"] == row["adm3_pcode"]}  # fmt: skip
        fresh = [placed for (_, placed), days in age.items() if 0 <= days <= stale_days]
        assert row["count"] == (fresh.count("pcode") or fresh.count("crosswalk"))
        assert (row["count"] == 0) == (row["day"] is None)
