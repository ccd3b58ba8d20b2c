"""A brief's arithmetic, worked by hand: what is asked for, the chain of neighbours, the months, the counts."""

from datetime import date
from itertools import pairwise

import polars as pl
import pytest

from pipeline.declare.codes import Absence, EventClass
from pipeline.declare.errors import UnusableInput
from pipeline.neutral_brief.counts import (
    chain,
    covered,
    distance_km,
    event_counts,
    is_covered,
    recorded_classes,
    totals,
)
from pipeline.neutral_brief.request import Span, chosen, ends, period, require_few, spans

PLACES = pl.DataFrame(
    {
        "adm3_pcode": ["MMR000001", "MMR000002", "MMR000003", "MMR000004"],
        "adm3_name": ["Loikaw", "Minhla", "Minhla", "Demoso"],
        "state_region": ["Kayah", "Bago", "Magway", "Kayah"],
    }
)
FIRST, STATE, LAST = date(2020, 1, 1), date(2021, 2, 28), date(2023, 11, 26)


def test_townships_by_code_and_name_stand_once_and_sorted():
    assert chosen(" demoso, mmr000001,Loikaw ,", PLACES) == ("MMR000001", "MMR000004")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no township"),
        ("Minhla", r"MMR000002 \(Bago\) or MMR000003 \(Magway\)"),
        ("Loikow", "nearest: Loikaw"),
        ("MMR000009", "nearest: MMR00000"),
        ("../../etc", "neither a township's P-code"),
    ],
)
def test_what_is_no_township_is_told(text, said):
    with pytest.raises(UnusableInput, match=said):
        chosen(text, PLACES)


def test_a_corridor_has_two_different_ends_and_a_brief_at_most_forty_townships():
    assert ends("Demoso,Loikaw", PLACES) == ("MMR000004", "MMR000001")
    for text in ("Loikaw", "Loikaw,Demoso,MMR000002", "Loikaw,MMR000001"):
        with pytest.raises(UnusableInput, match="--corridor"):
            ends(text, PLACES)
    require_few(["MMR000001"] * 40, "--townships")
    with pytest.raises(UnusableInput, match="at most 40"):
        require_few(["MMR000001"] * 41, "--townships")


def test_the_period_is_the_last_ninety_days_unless_said():
    assert period("", "", FIRST, STATE, LAST) == (date(2023, 8, 29), LAST)
    assert period("2023-01-01", "2023-01-28", FIRST, STATE, LAST) == (date(2023, 1, 1), date(2023, 1, 28))


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2023-02-01", "2023-01-01", "exchange them"),
        ("", "2023-11-27", "last day of the release"),
        ("2019-12-31", "", "where the clash records begin"),
        ("2020-12-01", "2021-01-31", "first month"),
        ("2023-01-01", "2023-01-27", "at least 28 days"),
        ("2020-01-01", "2023-11-26", "at most"),
        ("2023-02-30", "", "not a day of the calendar"),
        ("20230101", "", "write YYYY-MM-DD"),
    ],
)
def test_a_period_that_cannot_be_is_told(start, end, said):
    with pytest.raises(UnusableInput, match=said):
        period(start, end, FIRST, STATE, LAST)


def both_ways(*pairs: str) -> list[tuple[str, str]]:
    return [(a, b) for one, other in pairs for a, b in ((one, other), (other, one))]


def test_the_chain_with_the_least_sum_wins_over_the_one_with_fewer_townships():
    # On the equator a degree is 111.195 km. A-C-D in steps of 1 and 1; A-B-D over B two degrees north is longer.
    centres = {"A": (0.0, 0.0), "B": (1.0, 2.0), "C": (1.0, 0.0), "D": (2.0, 0.0), "E": (9.0, 9.0)}
    path, length = chain("A", "D", both_ways("AB", "BD", "AC", "CD"), centres)
    assert path == ("A", "C", "D")
    assert length == pytest.approx(2 * 111.195, abs=0.01)
    # A detour over more townships on the line is no longer than the direct step: of equal chains the first by code.
    centres |= {"B": (1.0, 0.0)}
    assert chain("A", "D", both_ways("AC", "CD", "AB", "BD"), centres)[0] == ("A", "B", "D")
    with pytest.raises(UnusableInput, match="no chain"):
        chain("A", "E", both_ways("AB", "BD"), centres)


def test_distances_on_the_sphere():
    assert distance_km((0, 0), (0, 90)) == pytest.approx(6371.0088 * 3.14159265 / 2, abs=0.01)
    assert distance_km((96.1, 21.9), (96.1, 21.9)) == 0


def test_months_are_cut_by_the_period_and_short_pieces_joined():
    rows = spans(date(2023, 8, 29), date(2023, 11, 26))
    assert rows[0] == Span(date(2022, 8, 1), date(2022, 8, 31), False)
    assert rows[-4:] == (
        Span(date(2023, 8, 1), date(2023, 8, 28), False),
        Span(date(2023, 8, 29), date(2023, 9, 30), True),  # 3 days of August are shown with September
        Span(date(2023, 10, 1), date(2023, 10, 31), True),
        Span(date(2023, 11, 1), date(2023, 11, 26), True),
    )
    assert [row.is_month for row in rows[-4:]] == [False, False, True, False]
    assert all(one.end.toordinal() + 1 == two.start.toordinal() for one, two in pairwise(rows))
    assert spans(date(2023, 9, 1), date(2023, 11, 5))[-1] == Span(date(2023, 10, 1), date(2023, 11, 5), True)
    assert len(spans(date(2024, 2, 29), date(2024, 3, 31))) == 12 + 1 + 1


def events(*rows: tuple[str, str, date]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema={"adm3_pcode": pl.String, "event_class": pl.String, "event_date": pl.Date}, orient="row"
    ).with_columns(events_count=pl.lit(1, pl.Int64))


def test_events_are_counted_by_township_class_and_span_and_gaps_are_not_zero():
    deliveries = pl.DataFrame(
        {
            "first_date": [date(2023, 1, 9), date(2023, 3, 2), None],
            "last_date": [date(2023, 1, 20), date(2023, 3, 3), None],
        }
    )
    stretches = covered(deliveries, date(2023, 4, 10))
    assert stretches == ((date(2023, 1, 1), date(2023, 1, 31)), (date(2023, 3, 1), date(2023, 4, 10)))
    rows = [Span(date(2023, month, 1), date(2023, month, 28), True) for month in (1, 2, 3)]
    assert [is_covered(row, stretches) for row in rows] == [True, False, True]
    found = events(
        ("A", "clash", date(2023, 1, 1)), ("A", "clash", date(2023, 1, 28)), ("A", "clash", date(2023, 1, 29)),
        ("A", "other", date(2023, 3, 5)), ("B", "clash", date(2023, 2, 5)), ("C", "clash", date(2023, 1, 5)),
    )  # fmt: skip
    counts = event_counts(found, ("A", "B"), rows, stretches, Absence.ZERO, tuple(EventClass))
    assert counts.columns == [
        "adm3_pcode", "event_class", "period_start", "period_end", "in_period", "covered", "events_count",
    ]  # fmt: skip
    by = {(r["adm3_pcode"], r["event_class"]): [] for r in counts.to_dicts()}
    for r in counts.to_dicts():
        by[r["adm3_pcode"], r["event_class"]].append(r["events_count"])
    assert by["A", "clash"] == [2, None, 0]  # the 29th lies in no span; February is covered by nothing
    assert by["A", "other"] == [0, None, 1]
    assert by["B", "clash"] == [0, None, 0]  # an event in a month that is not covered makes it no more known
    unknown = event_counts(found, ("A",), rows, stretches, Absence.UNKNOWN, tuple(EventClass))
    assert unknown.filter(pl.col("event_class") == "clash")["events_count"].to_list() == [2, None, None]
    summed = totals(counts, ["event_class"]).filter(pl.col("event_class") == "clash").row(0, named=True)
    assert summed == {"event_class": "clash", "events_count": 2, "known_count": 4, "rows_count": 6}


def test_a_class_that_the_source_never_records_is_not_known_and_not_zero():
    country = events(("A", "clash", date(2023, 1, 1)), ("Z", "violence_against_civilians", date(1999, 1, 5)))
    recorded = recorded_classes(country)
    assert recorded == (EventClass.CLASH, EventClass.VIOLENCE_AGAINST_CIVILIANS)
    assert recorded_classes(country.clear()) == (EventClass.CLASH,)
    rows = [Span(date(2023, 1, 1), date(2023, 1, 31), True)]
    counts = event_counts(country, ("A",), rows, [(rows[0].start, rows[0].end)], Absence.ZERO, recorded)
    assert dict(counts.select("event_class", "events_count").iter_rows()) == {
        "clash": 1, "violence_against_civilians": 0, "other": None,
    }  # fmt: skip
