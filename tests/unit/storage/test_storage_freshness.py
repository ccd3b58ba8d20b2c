"""The age of a source is counted from its newest file, beside the cadence that it declares."""

from datetime import date

import pytest

from pipeline.declare.codes import Absence, Kind
from pipeline.sources import SOURCES
from pipeline.storage.freshness import release_days, source_ages
from pipeline.storage.history import Delivery


def received(name: str, source_key: str, at: str) -> Delivery:
    return Delivery(
        name, Kind.CLASHES, "ucdp_ged", f"{name}.csv", name, 1, at, f"Source {source_key}", source_key, "CC0-1.0",
        Absence.ZERO, None, None, None, True, (),
    )  # fmt: skip


def test_the_newest_file_of_each_source_counts_in_days_of_myanmar():
    files = [
        received("b", "ucdp_ged", "2030-01-31T20:00:00+00:00"),  # the morning of 1 February there
        received("a", "ucdp_ged", "2030-01-02T00:00:00+00:00"),
        received("c", "acled", "2030-01-02T00:00:00+00:00"),
    ]
    acled, ucdp = source_ages(files, date(2030, 2, 3))
    assert (acled.newest.file_name, acled.days, acled.is_silent) == ("c.csv", 32, True)
    assert (ucdp.newest.file_name, ucdp.days, ucdp.is_silent) == ("b.csv", 2, False)
    assert source_ages([], date(2030, 2, 3)) == ()


@pytest.mark.parametrize(("day", "silent"), [(date(2030, 2, 15), False), (date(2030, 2, 16), True)])
def test_a_source_is_silent_from_the_day_after_its_limit(day: date, silent: bool):
    (age,) = source_ages([received("a", "ucdp_ged", "2030-01-01T00:00:00+00:00")], day)
    assert (age.silent_after_days, age.is_silent) == (45, silent)


def test_what_comes_when_it_comes_is_never_silent():
    (age,) = source_ages([received("a", "canonical_clashes:a-team", "2000-01-01T00:00:00+00:00")], date(2030, 1, 1))
    assert (age.silent_after_days, age.is_silent, age.cadence) == (None, False, "as delivered")
    (stranger,) = source_ages([received("a", "of_long_ago", "2000-01-01T00:00:00+00:00")], date(2030, 1, 1))
    assert (stranger.is_silent, stranger.cadence) == (False, "not declared")


def test_a_limit_has_its_reason_and_a_release_is_old_sooner_on_a_schedule():
    limits = [source.silent_after_days for source in SOURCES if source.silent_after_days]
    assert len(limits) >= 4
    assert all(limit.value >= 1 and len(limit.why) > 20 for limit in limits)
    assert release_days(scheduled=True) < release_days(scheduled=False)
