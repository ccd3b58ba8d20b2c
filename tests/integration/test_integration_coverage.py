"""How far a clash source's silence reaches: after its last event's month nothing is known, unless it says so."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from integration_homes import write_input

from assets.context import IndexRun
from pipeline.declare import frames, settings
from pipeline.declare.errors import UnusableInput
from pipeline.ingest import inbox

ROWS = "event_id,event_date,event_type,adm3_pcode\nE1,2023-11-10,clash,MMR001001\n"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.HOME_VARIABLE, str(tmp_path / "home"))


def run_on(tmp_path: Path, period_end: str, sidecar: str = "") -> IndexRun:
    """A home with one delivered clash of 10 November and one unallocated event of 2 December."""
    write_input(tmp_path / "in", "clashes", "clashes.csv", ROWS, sidecar)
    home = settings.home(tmp_path / "home")
    inbox.deliver(home, inbox.find_files(tmp_path / "in"), datetime(2024, 6, 1, tzinfo=UTC))
    run = IndexRun(period_end=period_end)
    run.warehouse.prepare()
    clash = {
        "source_key": "canonical_clashes",
        "event_date": date(2023, 11, 10),
        "event_class": "clash",
        "events_count": 1,
    }
    coarse = {"source_key": "canonical_clashes", "event_date": date(2023, 12, 2), "event_class": "clash"}
    for table, row in (("records.clash_days", clash), ("records.unallocated_events", coarse)):
        run.warehouse.write(table, pl.concat([frames.empty(table), pl.DataFrame([row])], how="diagonal_relaxed"))
    return run


def test_the_period_ends_with_the_last_clash_unless_asked_otherwise(tmp_path: Path) -> None:
    assert run_on(tmp_path, "").last_day == date(2023, 11, 10)


def test_the_month_of_the_last_event_is_covered_wherever_the_event_is(tmp_path: Path) -> None:
    assert run_on(tmp_path, "2023-12-31").last_day == date(2023, 12, 31)


def test_later_days_are_unknown_and_not_quiet(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=r"end on 2023-12-31; later days are unknown.*covered_until"):
        _ = run_on(tmp_path, "2024-01-01").last_day


def test_a_source_may_say_that_it_reports_longer(tmp_path: Path) -> None:
    assert run_on(tmp_path, "2024-05-31", "covered_until = 2024-05-31\n").last_day == date(2024, 5, 31)
