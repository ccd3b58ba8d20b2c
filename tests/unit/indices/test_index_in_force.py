"""Which record holds: the newest day, joined from its records; a township's own before what an old code says."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.codes import Absence
from pipeline.indices.latest_known import newest_known, one_per_day, records_in_force
from pipeline.records.parsing import trusted_silence

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


def one_a_day(*reports):
    frame = pl.DataFrame(reports, schema_overrides={"updated_at": pl.String})
    return one_per_day(frame, DELIVERIES, "day", ["says"], "both")


def known(*reports, stale_days=365):
    rows = pl.DataFrame({"month": [date(2023, 8, 1)], "adm3_pcode": ["MMR013017"], "period_end": [date(2023, 8, 31)]})
    return newest_known(rows, one_a_day(*reports), "day", stale_days, ["says"]).select("says", "day").row(0)


def test_an_old_code_never_replaces_the_townships_own_report():
    own, part = report("z", JUNE, "own"), report("a", JULY, "part", "crosswalk")
    assert known(own, part) == ("own", JUNE)
    assert known(part) == ("part", JULY)
    assert known(report("z", date(2022, 1, 1), "too old"), part) == ("part", JULY)


def test_records_of_a_day_are_joined_and_what_they_contradict_each_other_in_is_said():
    one, other = report("z", JUNE, "yes", source="B"), report("a", JUNE, "no", source="A")
    silent = report("a", JUNE, "unknown", row_number=2)
    assert known(one, silent) == known(silent, one) == ("yes", JUNE)
    assert known(one, other) == known(other, one) == known(one, silent, other) == ("both", JUNE)
    assert known(silent) == ("unknown", JUNE)
    assert known(one, report("a", JULY, "no")) == ("no", JULY), "another day contradicts nothing"


def test_parts_of_a_township_that_differ_are_joined_apart_from_its_own_record():
    parts = [report("z", JUNE, says, "crosswalk", row_number=n) for n, says in enumerate(("yes", "no"))]
    assert known(*parts) == ("both", JUNE)
    assert known(*parts, report("z", JUNE, "yes")) == ("yes", JUNE)


def test_silence_means_zero_only_where_nothing_was_lost_and_all_is_covered():
    known_deliveries = pl.DataFrame(
        {"delivery_id": ["whole", "faulty", "part"], "absence_means": ["zero"] * 3, "coverage": [None, None, "Kachin"]}
    )
    aside = pl.DataFrame({"delivery_id": ["faulty", "whole"], "reason": ["unknown_name", "not_a_township"]})
    meaning = dict(trusted_silence(known_deliveries, aside).select("delivery_id", "absence_means").iter_rows())
    assert meaning == {"whole": Absence.ZERO, "faulty": Absence.UNKNOWN, "part": Absence.UNKNOWN}


@examples(40)
@given(st.lists(st.sampled_from(["yes", "no", "unknown"]), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_neither_order_nor_delivery_changes_what_a_day_says(answers, random):
    reports = [report(random.choice("za"), JUNE, says, row_number=n) for n, says in enumerate(answers)]
    random.shuffle(reports)
    sides = set(answers) - {"unknown"}
    assert known(*reports)[0] == ("both" if len(sides) > 1 else min(sides, default="unknown"))


def counted(rows, *reports, stale_days=365):
    """The column of `records_in_force` on these reports, with that of the newest beside it."""
    records = one_a_day(*reports)
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


@examples(30)
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
