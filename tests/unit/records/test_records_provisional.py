"""From which day on figures are provisional: by what the source itself reports, never by the day of receipt alone."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from pipeline.declare.frames import empty
from pipeline.records.versions import provisional_after
from pipeline.sources import BY_KEY, SOURCES

TEAM, UCDP = BY_KEY["canonical_clashes"], BY_KEY["ucdp_ged"]
LATE = date(2026, 1, 1)


def clashes(*rows: tuple[date, str | None], key: str = "canonical_clashes") -> pl.DataFrame:
    schema = empty("records.clashes").schema
    given = [
        {**dict.fromkeys(schema), "source_key": key, "event_date": day, "updated_at": updated, "delivery_id": "d",
         "row_number": n}
        for n, (day, updated) in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame(given, schema=schema)


def settled(frame: pl.DataFrame, covered: date | None = None, received: date = LATE, coarse: date | None = None):  # type: ignore[no-untyped-def]
    unallocated = empty("records.unallocated_events")
    if coarse:
        row = {**dict.fromkeys(unallocated.schema), "source_key": TEAM.key, "event_date": coarse}
        unallocated = pl.DataFrame([row], schema=unallocated.schema)
    return provisional_after(frame, unallocated, TEAM, covered, received)


def test_the_last_weeks_before_the_last_event_are_provisional_however_late_the_file_came() -> None:
    assert TEAM.provisional_days == 30
    frame = clashes((date(2023, 11, 1), None), (date(2023, 11, 15), None))
    assert settled(frame) == date(2023, 10, 16)
    assert settled(frame, received=date(2023, 11, 16)) == date(2023, 10, 16)
    assert settled(frame, coarse=date(2023, 11, 20)) == date(2023, 10, 21), "an event in no township is reported too"


def test_a_later_revision_or_a_stated_coverage_settles_what_came_before() -> None:
    frame = clashes((date(2023, 11, 15), "2024-02-10T08:00:00Z"), (date(2023, 1, 1), None))
    assert settled(frame) == date(2024, 1, 11)
    assert settled(clashes((date(2023, 11, 15), None)), covered=date(2023, 12, 31)) == date(2023, 12, 1)
    # Nothing can be known before it came, whatever a row or a sidecar states.
    assert settled(clashes((date(2023, 11, 15), "2099-01-01")), received=date(2023, 12, 1)) == date(2023, 11, 1)


def test_no_events_or_a_source_that_settles_at_once_have_nothing_provisional() -> None:
    assert settled(clashes()) is None
    frame = clashes((date(2023, 11, 15), None))
    none = replace(TEAM, provisional_days=0)
    assert provisional_after(frame, empty("records.unallocated_events"), none, None, LATE) is None


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
    days = (date(2022, 1, 1), date(2024, 2, 10), date(2024, 3, 20))
    frame = clashes(*((day, None) for day in days), key="ucdp_ged")
    mirror = pl.DataFrame({"delivery_id": ["d"] * 3, "row_number": [0, 1, 2], "code_status": statuses},
                          schema_overrides={"code_status": pl.String, "row_number": pl.Int64})  # fmt: skip
    assert provisional_after(frame, empty("records.unallocated_events"), UCDP, None, LATE, mirror) == expected


def test_every_clash_source_says_why() -> None:
    for key in ("ucdp_ged", "acled", "canonical_clashes"):
        assert BY_KEY[key].provisional_days > 0
        assert len(BY_KEY[key].provisional_why) > 60
    assert all(bool(s.provisional_days) == bool(s.provisional_why) for s in SOURCES)
