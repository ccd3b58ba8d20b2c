"""Spans of repeated rows are kept under a name that fits one content, one code and one reading, and never used else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.declare.codes import Kind
from pipeline.declare.settings import Home
from pipeline.ingest import inbox
from pipeline.storage import deliveries, repeated_rows
from pipeline.storage.history import Delivery
from pipeline.storage.repeated_rows import may_repeat, names, spans_of
from pipeline.storage.reused import refuse_reused

HEAD = "event_id,event_date,event_type,adm3_pcode\n"
FIRST = datetime(2024, 6, 1, 6, tzinfo=UTC)


def delivered(home: Home, folder: Path, count: int) -> list[Delivery]:
    """One file that grows by an event a day."""
    path = folder / "daily.csv"
    for n in range(count):
        path.write_text(HEAD + "".join(f"{k},2022-03-{k + 1:02},clash,MMR001001\n" for k in range(n + 1)), "utf-8")
        inbox.deliver(home, [(Kind.CLASHES, path)], FIRST + timedelta(days=n))
    return deliveries.in_force(home)


def spans(home: Home, known: list[Delivery]) -> tuple[pl.DataFrame, list[str]]:
    """The spans, and the files whose landings were opened for them."""
    opened: list[str] = []

    def raw(delivery: Delivery) -> pl.DataFrame:
        opened.append(delivery.delivery_id)
        return deliveries.read_delivery(home, delivery)

    return spans_of(home, known, raw, deliveries.reads_events), opened


def test_only_deliveries_that_no_kept_file_knows_are_opened(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    known = delivered(home, tmp_path, 4)
    found, opened = spans(home, known)
    assert opened == [known[3].delivery_id]  # the delivery of the fourth file read the first three already
    assert found.sort("first")["row_numbers"].to_list() == [[2] * 4, [3] * 3, [4] * 2, [5]]
    assert spans(home, known)[1] == []
    folder = home.warehouse / repeated_rows.FOLDER
    assert len(list(folder.iterdir())) == repeated_rows.KEPT
    for path in folder.iterdir():
        path.write_bytes(b"damaged")
    again, opened = spans(home, known)
    assert again.equals(found)
    assert opened == [d.delivery_id for d in known]


def test_a_withdrawn_delivery_leaves_no_trace_in_the_spans(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    known = delivered(home, tmp_path, 4)
    spans(home, known)
    left = [known[0], *known[2:]]
    found, opened = spans(home, left)
    assert opened == [d.delivery_id for d in left]
    assert found.sort("first")["row_numbers"].to_list() == [[2] * 3, [3] * 2, [4] * 2, [5]]


@pytest.mark.parametrize("said", [
    {"delivery_id": "other"}, {"received_at": FIRST.isoformat(timespec="microseconds")}, {"source": "Other"},
    {"date_format": "%d/%m/%Y"}, {"values": '{"event_type": {"x": "clash"}}'}, {"zero_means": "unknown"},
])  # fmt: skip
def test_the_name_changes_with_content_receipt_and_reading(said: dict[str, str], tmp_path: Path) -> None:
    known = delivered(Home(tmp_path / "home"), tmp_path, 2)
    other = [known[0], replace(known[1], **said)]  # type: ignore[arg-type]
    assert names(other, "code")[:2] == names(known, "code")[:2]
    assert names(other, "code")[2] != names(known, "code")[2]
    assert not set(names(known, "code")) & set(names(known, "other code"))


def test_spans_stand_only_for_rows_whose_newest_version_is_the_last_that_came(tmp_path: Path) -> None:
    known = delivered(Home(tmp_path / "home"), tmp_path, 2)
    assert may_repeat(known)
    assert not may_repeat([])
    assert not may_repeat([replace(d, format="ucdp_ged") for d in known])
    dated = [replace(d, reference_date=f"2024-01-0{n}") for n, d in enumerate(known, start=1)]
    assert may_repeat(dated)
    assert not may_repeat(dated[::-1])
    assert not may_repeat([known[0], dated[1]])


def test_a_growing_file_is_judged_without_reading_those_before_it_row_by_row(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    known = delivered(home, tmp_path, 4)
    read: list[str] = []

    def rows(delivery: Delivery) -> Iterator[pl.DataFrame]:
        read.append(delivery.delivery_id)
        return deliveries.rows_said(home, delivery)

    refuse_reused(known[3:], known[:3], rows, rows, lambda before: deliveries.spans_said(home, before))
    assert read == [known[3].delivery_id]
