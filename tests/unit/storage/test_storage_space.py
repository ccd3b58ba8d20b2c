"""Sizes of a home, what deleting frees, and when the disk is full."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.declare import retention
from pipeline.declare.settings import Home
from pipeline.storage import space
from pipeline.storage.space import Measured, outlook

NOW = datetime(2026, 11, 30, tzinfo=UTC)
GB = 1_000_000_000


def filled(path: Path, size: int = 50_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(size))
    return path


def test_a_file_with_another_name_elsewhere_frees_nothing(tmp_path: Path) -> None:
    one, other = filled(tmp_path / "a" / "x"), tmp_path / "b" / "x"
    alone = space.size_of([tmp_path / "a"])
    assert alone >= 50_000
    other.parent.mkdir()
    os.link(one, other)
    assert space.size_of([tmp_path / "a"]) == alone - one.stat().st_blocks * space.BLOCK
    both = space.size_of([tmp_path / "a", tmp_path / "b"])
    assert alone <= both < 2 * one.stat().st_blocks * space.BLOCK, "both names: counted once"
    assert space.size_of([tmp_path / "none"]) == 0


def test_a_home_is_measured_by_folder_and_each_file_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = filled(home.published / "r" / "a.csv")
    os.link(first, home.published / "r" / "b.csv")
    (home.published / "latest").symlink_to("r")
    filled(home.root / "run.lock", 10)
    used = space.used_by(home)
    assert set(used) == {"published", space.REST}
    assert used["published"] == first.stat().st_blocks * space.BLOCK + sum(
        path.lstat().st_blocks * space.BLOCK
        for path in (home.published, home.published / "r", home.published / "latest")
    )
    assert space.used_by(Home(tmp_path / "none")) == {}


def series(days: int, growth: float, others: float = 0.0) -> list[Measured]:
    """A measurement a day up to yesterday."""
    return [
        Measured(NOW - timedelta(days=days - day), int(day * growth), int(100 * GB - day * (growth + others)))
        for day in range(days)
    ]


@pytest.mark.parametrize(
    ("measured", "free", "left"),
    [
        (series(10, GB), 21 * GB, 20.0),
        (series(10, GB, others=GB), 21 * GB, 10.0),  # others fill the disk too
        (series(10, GB), GB // 2, 0.0),
        (series(10, 0), 21 * GB, None),
        (series(10, -GB), 21 * GB, None),  # pruned: it becomes less
        (series(1, GB), 21 * GB, None),
        ([], 21 * GB, None),
        # What was before the last 30 days says nothing of the pace now.
        ([Measured(NOW - timedelta(days=90), 0, 200 * GB), *series(29, GB)], 21 * GB, 20.0),
    ],
)
def test_the_days_left_are_those_of_the_pace(measured: list[Measured], free: int, left: float | None) -> None:
    found = outlook(measured, free, NOW)
    assert found.days_left == (None if left is None else pytest.approx(left))
    assert ("is full in" in space.told_outlook(found)) is (left is not None)
    assert (space.day_full(found, NOW) == "") is (left is None)
    if left:
        assert space.day_full(found, NOW) == (NOW + timedelta(days=left)).date().isoformat()


def test_two_runs_within_a_day_give_no_pace() -> None:
    hour = [Measured(NOW - timedelta(hours=n), n * GB, GB) for n in (1, 5)]
    assert outlook(hour, GB, NOW).growth is None
    assert retention.PACE_DAYS.value == 30


def test_a_short_disk_is_short_since_the_last_measurement_at_which_it_was_not() -> None:
    least = int(retention.FREE_BYTES_LEAST.value)
    days = [NOW - timedelta(days=n) for n in (9, 6, 3)]
    table = [Measured(day, 0, free) for day, free in zip(days, (least + 1, least - 1, least - 1), strict=True)]
    assert space.short_since([], least, NOW) is None
    assert space.short_since([], least - 1, NOW) == "", "nobody measured when it was not"
    first = days[0].isoformat(timespec="seconds")
    assert space.short_since(table, least - 1, NOW) == first
    assert space.short_since(table[:1], least - 1, NOW) == first, "the runs after it change nothing"
    assert space.short_since(table, 10**12, NOW) is None
    again = [*table, Measured(NOW - timedelta(days=2), 0, 10**12)]
    later = (NOW - timedelta(days=2)).isoformat(timespec="seconds")
    assert space.short_since(again, least - 1, NOW) == later, "it comes back: another time"
    filling = [Measured(NOW - timedelta(days=n), 0, least + n * 10**9) for n in (10, 5)]
    then = filling[0].at.isoformat(timespec="seconds")
    assert space.short_since(filling, least + 10**9, NOW) == then, "one measurement tells no pace"
