"""What the scenario tables are told of the clash sources, and what the log says of a choice without an alternative."""

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from assets.run_context import _source
from pipeline.analysis.scenarios import why_no_source
from pipeline.declare.codes import Absence, Kind
from pipeline.indices.run_context import ClashSource

COUP = date(2021, 2, 1)


def delivery(key: str, absence: str = "zero", covered: str = "") -> SimpleNamespace:
    return SimpleNamespace(
        kind=Kind.CLASHES, source_key=key, absence_means=absence, covered_until=covered, coverage=None
    )


def events(*days: date) -> pl.DataFrame:
    return pl.DataFrame({"event_date": days}, schema={"event_date": pl.Date})


@pytest.mark.parametrize(
    ("known", "days", "expected"),
    [
        ([delivery("a")], (date(2021, 2, 3), date(2021, 4, 9)), (Absence.ZERO, COUP, date(2021, 4, 1))),
        # A stated coverage reaches beyond the last event; one delivery of unknown silence speaks for all.
        (
            [delivery("a", covered="2021-06-15"), delivery("a", "unknown"), delivery("b", covered="2022-01-01")],
            (date(2020, 1, 5),),
            (Absence.UNKNOWN, date(2020, 1, 1), date(2021, 6, 1)),
        ),
        ([delivery("a")], (), (Absence.ZERO, None, None)),
    ],
)
def test_a_source_covers_the_months_of_its_events_and_what_it_states(known, days, expected):
    found = _source(SimpleNamespace(known=known), "a", events(*days))
    assert (found.absence, found.first_month, found.last_month) == expected


def test_a_source_is_an_alternative_from_the_coup_to_its_last_month():
    source = ClashSource("a", Absence.ZERO, date(2020, 6, 1), date(2021, 4, 1))
    assert [source.covers(month) for month in (COUP, date(2021, 4, 1), date(2021, 5, 1))] == [True, True, False]
    assert not ClashSource("a", Absence.ZERO, date(2021, 3, 1), date(2021, 4, 1)).covers(date(2021, 4, 1))
    assert not ClashSource("a", Absence.ZERO).covers(COUP)


def test_the_log_says_why_a_choice_has_no_alternative():
    first = ClashSource("a", Absence.ZERO, COUP, COUP)
    assert why_no_source((first,)) == "one source of clashes was delivered"
    late = ClashSource("b", Absence.ZERO, date(2021, 3, 1), date(2021, 4, 1))
    assert "b starts in March 2021" in why_no_source((first, late))
