"""From which day on figures are provisional: by what the source itself reports, never by the day of receipt alone."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from pipeline.records.versions import candidate_days, newest_revision, provisional_after
from pipeline.sources import BY_KEY, SOURCES

TEAM, UCDP = BY_KEY["canonical_clashes"], BY_KEY["ucdp_ged"]
LATE = date(2026, 1, 1)


def revised(*cells: str | None) -> date | None:
    frames = [pl.DataFrame({"updated_at": [cell]}, schema={"updated_at": pl.String}) for cell in cells]
    return newest_revision([*frames, frames[0].clear()])


def test_the_last_weeks_before_the_last_event_are_provisional_however_late_the_file_came() -> None:
    assert TEAM.provisional_days == 30
    assert provisional_after(TEAM, [date(2023, 11, 1), date(2023, 11, 15)], LATE) == date(2023, 10, 16)
    assert provisional_after(TEAM, [date(2023, 11, 15)], date(2023, 11, 16)) == date(2023, 10, 16)


def test_a_later_revision_or_a_stated_coverage_settles_what_came_before() -> None:
    assert revised("2024-02-10T23:00:00-03:00", None, "2023-12-31") == date(2024, 2, 11)
    assert revised(None) is None
    last = date(2023, 11, 15)
    assert provisional_after(TEAM, [last, date(2024, 2, 10)], LATE) == date(2024, 1, 11)
    # Nothing can be known before it came, whatever a row or a sidecar states.
    assert provisional_after(TEAM, [last, revised("2099-01-01")], date(2023, 12, 1)) == date(2023, 11, 1)


def test_no_events_or_a_source_that_settles_at_once_have_nothing_provisional() -> None:
    assert provisional_after(TEAM, [None, None], LATE) is None
    assert provisional_after(replace(TEAM, provisional_days=0), [date(2023, 11, 15)], LATE) is None


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["Clear", "Clear", "Clear"], None),  # the yearly release is final
        (["Clear", "Check type of violence", "Clear"], date(2024, 2, 9)),
        (["Clear", "Clear", None], date(2024, 3, 19)),  # a status that is not stated is not final
        (["Check deaths", "Clear", "Clear"], None),  # a leftover of years ago that no release took up
    ],
)
def test_candidate_events_make_their_months_provisional(statuses: list[str | None], expected: date | None) -> None:
    days = [date(2022, 1, 1), date(2024, 2, 10), date(2024, 3, 20)]
    placed = {"delivery_id": ["d"] * 3, "row_number": [0, 1, 2]}
    events = pl.DataFrame({**placed, "event_date": days})
    mirror = pl.DataFrame({**placed, "code_status": statuses}, schema_overrides={"code_status": pl.String})
    candidates = candidate_days(events, mirror, UCDP.final_status)
    assert provisional_after(UCDP, days, LATE, candidates) == expected


def test_every_clash_source_says_why() -> None:
    for key in ("ucdp_ged", "acled", "canonical_clashes"):
        assert BY_KEY[key].provisional_days > 0
        assert len(BY_KEY[key].provisional_why) > 60
    assert all(bool(s.provisional_days) == bool(s.provisional_why) for s in SOURCES)
