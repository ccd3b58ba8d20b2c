"""How past months moved between editions: by hand, at the edges of months, and against the index itself."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.analysis.revisions import revisions
from pipeline.declare.codes import Absence
from pipeline.declare.methods import ISP_2023, ROLLING_12M
from pipeline.indices.security import by_month, classes, counted

A, B, C = "MMR001001", "MMR001002", "MMR002001"
FEB, MARCH = date(2021, 2, 1), date(2021, 3, 1)
KEY = "canonical_clashes"
COLUMNS = ["edition_date", "month", "clashes_month_count", "in_conflict_count", "security_high_count",
           "clashes_month_change", "in_conflict_change", "security_high_change", "townships_reclassified_count",
           "clashes_known_share"]  # fmt: skip


def editions(*days: date, absence: str = "zero", **covered: date) -> pl.DataFrame:
    rows = [(day, absence, covered.get(f"d{n}")) for n, day in enumerate(days)]
    schema = {"edition_date": pl.Date, "absence_means": pl.String, "covered_until": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def tallies(hand, *rows):
    """(edition, month, township, events[, class, precision])"""
    named = [
        dict(
            zip(
                ("edition_date", "month", "adm3_pcode", "events_count", "event_class", "geo_precision"), r, strict=False
            )
        )
        for r in rows
    ]
    defaults = {"source_key": KEY, "event_class": "clash", "geo_precision": "township"}
    return hand.frame("records.earlier_editions", [{**defaults, **row} for row in named])


def made(hand, earlier, known, newest, last_day=date(2021, 4, 30), method=ISP_2023):
    final = hand.security(newest, method=method, period_end=last_day)
    return revisions(earlier, known, final, hand.townships(), method, KEY, last_day).select(COLUMNS)


FIRST, SECOND, NEWEST = date(2021, 3, 20), date(2021, 4, 2), date(2021, 5, 5)
BY_HAND = [
    # February: 9 clashes in A; then 10 in A (now high) and 1 in B; then the one in B is taken out again.
    (FIRST, FEB, 9, 1, 0, None, None, None, None, 0.9),
    (SECOND, FEB, 11, 2, 1, 2, 1, 1, 2, 1.0),
    (NEWEST, FEB, 10, 1, 1, -1, -1, 0, 1, 1.0),
    # March was not over on the first day; later nothing is added to it, but B's clash of February is gone.
    (SECOND, MARCH, 2, 2, 1, None, None, None, None, 0.5),
    (NEWEST, MARCH, 4, 2, 1, 2, 0, 0, 2, 1.0),
    (NEWEST, date(2021, 4, 1), 0, 2, 1, None, None, None, None, None),
]


def test_by_hand(hand):
    earlier = tallies(
        hand,
        (FIRST, FEB, A, 9), (FIRST, MARCH, A, 5),
        (SECOND, FEB, A, 10), (SECOND, FEB, B, 1), (SECOND, MARCH, A, 2),
        (SECOND, FEB, B, 50, "other"), (SECOND, FEB, B, 50, "clash", "district"),  # not clashes that count
    )  # fmt: skip
    newest = hand.clashes(*[(A, date(2021, 2, 3))] * 10, *[(C, date(2021, 3, 9))] * 4)
    frame = made(hand, earlier, editions(FIRST, SECOND, NEWEST), newest)
    assert frame.sort("month", "edition_date").rows() == BY_HAND


def test_an_edition_holds_no_month_that_its_source_did_not_report_on(hand):
    """Its last event lies in February: silence about March would read as a fall, unless the sidecar speaks of it."""
    earlier, newest = tallies(hand, (SECOND, FEB, A, 1)), hand.clashes((A, MARCH), (A, FEB))
    silent = made(hand, earlier, editions(SECOND, NEWEST), newest)
    assert silent.filter(edition_date=SECOND)["month"].to_list() == [FEB]
    stated = made(hand, earlier, editions(SECOND, NEWEST, d0=date(2021, 4, 1)), newest)
    assert stated.filter(edition_date=SECOND)["clashes_month_count"].to_list() == [1, 0]
    half = made(hand, earlier, editions(SECOND, NEWEST, d0=date(2021, 3, 30)), newest)
    assert half.filter(edition_date=SECOND)["month"].to_list() == [FEB]


def test_a_cut_month_is_in_no_edition(hand):
    earlier, newest = tallies(hand, (SECOND, FEB, A, 1), (SECOND, MARCH, A, 1)), hand.clashes((A, FEB), (A, MARCH))
    cut = made(hand, earlier, editions(SECOND, NEWEST), newest, last_day=date(2021, 3, 30))
    assert cut["month"].unique().to_list() == [FEB]
    whole = made(hand, earlier, editions(SECOND, NEWEST), newest, last_day=date(2021, 3, 31))
    assert sorted(whole["month"].unique()) == [FEB, MARCH]


def test_one_edition_has_no_changes_and_none_no_rows(hand):
    newest = hand.clashes((A, FEB))
    frame = made(hand, tallies(hand), editions(NEWEST), newest)
    assert frame["clashes_month_count"].to_list() == [1, 0, 0]
    assert frame.select(COLUMNS[5:9]).null_count().row(0) == (3, 3, 3, 3)
    assert made(hand, tallies(hand), editions(), newest).is_empty()
    early = made(hand, tallies(hand), editions(date(2021, 2, 20)), newest)
    assert early.is_empty(), "no month was over"


def test_unknown_silence_stays_unknown(hand):
    earlier = tallies(hand, (SECOND, FEB, A, 1))
    frame = made(
        hand, earlier, editions(SECOND, NEWEST, absence="unknown", d0=date(2021, 3, 31)), hand.clashes((A, FEB))
    )
    then = frame.filter(edition_date=SECOND)
    assert then["clashes_month_count"].to_list() == [1, None]
    assert then["in_conflict_count"].to_list() == [1, 1]


_DAYS = st.dates(date(2020, 6, 1), date(2021, 4, 30))


@examples(12)
@given(st.lists(st.tuples(st.sampled_from([A, B, C]), _DAYS), max_size=40), st.sampled_from([ISP_2023, ROLLING_12M]))
def test_an_edition_that_holds_the_same_moves_nothing(hand, rows, method):
    newest = hand.clashes(*rows)
    same = newest.group_by(
        "source_key",
        pl.col("event_date").dt.truncate("1mo").alias("month"),
        "adm3_pcode",
        "event_class",
        "geo_precision",
    ).agg(pl.len().cast(pl.Int64).alias("events_count"))
    earlier = same.with_columns(edition_date=pl.lit(date(2021, 5, 1)))
    known = editions(date(2021, 5, 1), NEWEST, d0=date(2021, 4, 30))
    frame = made(hand, earlier, known, newest, method=method)
    assert frame.height == 6
    moved = frame.filter(edition_date=NEWEST).select(COLUMNS[5:9])
    assert moved.rows() == [(0, 0, 0, 0)] * 3


@pytest.mark.parametrize("absence", list(Absence))
def test_classes_alone_are_those_of_the_index(hand, absence):
    events = hand.clashes(*[(A, FEB)] * 10, (B, MARCH), (B, date(2020, 12, 1)))
    for method in (ISP_2023, ROLLING_12M):
        whole = hand.security(events, method=method, absence=absence)
        monthly = by_month(counted(events, method), method, KEY).select("adm3_pcode", "month", "clashes")
        alone = classes(monthly, hand.townships(), method, hand.end, KEY, absence)
        shared = ["month", "adm3_pcode", "in_conflict", "clashes_count", "clashes_month_count", "security_class"]
        assert alone.select(shared).sort(shared[:2]).equals(whole.select(shared).sort(shared[:2]))
