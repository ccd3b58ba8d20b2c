"""Clashes that others counted by township and window: read, placed, accounted for, and never events."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from records_frames import reported, rows_of

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import conform
from pipeline.ingest import inbox
from pipeline.records.triage import Triage

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
COUNT = {"from": "2022-01-01", "until": "2022-12-31", "clashes_count": "7", "adm3_pcode": "MMR001001"}
BY_TYPE = {"from": "2021-01-01..2022-05-31 (about)", "battles": "7", "explosions_remote_violence": "1,204",
           "adm3_pcode": "MMR001001"}  # fmt: skip
HEADER = "admin3_pcode,battles,explosions_remote_violence,protests_and_riots,window\n"
FILE = HEADER + "MMR001001,7,3,9,2021-01-01..2021-12-31\n"


def counts(*rows: dict[str, str], **given: str) -> pl.DataFrame:
    made = reported("clash_counts", canonical_clash_counts=rows_of("canonical_clash_counts", list(rows), **given))
    return conform(made.kept, "records.clash_counts")


def by_type(*rows: dict[str, str]) -> Triage:
    return reported("clash_counts", clash_counts_by_type=rows_of("clash_counts_by_type", list(rows)))


def test_a_row_is_a_count_of_a_township_and_window():
    found = counts(COUNT).row(0, named=True)
    assert (found["period_start"], found["period_end"]) == (date(2022, 1, 1), date(2022, 12, 31))
    assert (found["adm3_pcode"], found["clashes_count"], found["geo_precision"]) == ("MMR001001", 7, "township")


@pytest.mark.parametrize(
    ("window", "until", "found"),
    [
        ("2021-01-01..2022-05-31 (about)", "", (date(2021, 1, 1), date(2022, 5, 31))),
        ("2021-01-01/2021-12-31", "", (date(2021, 1, 1), date(2021, 12, 31))),
        ("2021-01-01 .. 2021-12-31", "", (date(2021, 1, 1), date(2021, 12, 31))),
        ("2021-01-01", "2021-12-31", (date(2021, 1, 1), date(2021, 12, 31))),
    ],
)
def test_battles_and_explosions_are_added_up_over_the_window_of_one_cell_or_two(window, until, found):
    made = by_type({**BY_TYPE, "from": window, "until": until})
    assert made.set_aside.is_empty()
    assert made.kept.select("period_start", "period_end", "clashes_count").rows() == [(*found, 1211)]


def test_a_blank_of_a_filled_column_is_not_known_and_a_column_that_is_not_there_is_not_missed():
    alone = by_type({**BY_TYPE, "explosions_remote_violence": ""})
    assert alone.kept["clashes_count"].to_list() == [7]
    other = {**BY_TYPE, "adm3_pcode": "MMR001002", "explosions_remote_violence": ""}
    made = by_type(BY_TYPE, other)
    assert made.kept.height == 1
    assert made.set_aside.select("row_number", "reason", "column_name").rows() == [
        (3, "missing_value", "explosions_remote_violence")
    ]


def test_the_newest_count_of_a_source_holds_and_another_source_stands_beside_it():
    old = rows_of("canonical_clash_counts", [COUNT])
    new = rows_of("canonical_clash_counts", [{**COUNT, "clashes_count": "9"}], "d2", "2024-07-01T08:00:00+00:00")
    team = rows_of("canonical_clash_counts", [COUNT], "d3", meant={"source_key": "clash_counts:others"})
    made = reported("clash_counts", canonical_clash_counts=pl.concat([old, new, team]))
    assert made.kept.select("delivery_id", "clashes_count", "conflicting_records_count").rows() == [
        ("d2", 9, 0), ("d3", 7, 0),
    ]  # fmt: skip
    assert made.set_aside.select("delivery_id", "reason").rows() == [("d1", "superseded")]


def test_rows_of_one_file_that_differ_contradict_each_other_and_equal_ones_are_one():
    assert counts(COUNT, COUNT)["conflicting_records_count"].to_list() == [0]
    assert counts(COUNT, {**COUNT, "clashes_count": "8"})["conflicting_records_count"].to_list() == [2, 2]
    assert counts(COUNT, {**COUNT, "until": "2023-12-31"})["conflicting_records_count"].to_list() == [0, 0]


def test_the_steps_of_the_documentation_read_a_file_and_clashes_refuses_it(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text(FILE, encoding="utf-8")
    (tmp_path / "counts.csv.toml").write_text(
        'source = "ACLED by township"\n[columns]\nadm3_pcode = "admin3_pcode"\n', encoding="utf-8"
    )
    (judged,) = inbox.judge([(Kind.CLASH_COUNTS, path)], NOW)
    assert (judged.delivery.format, judged.delivery.rows_count) == ("clash_counts_by_type", 1)
    assert judged.delivery.source_key == "clash_counts:acled-by-township"
    assert judged.frame.select("from", "battles").rows() == [("2021-01-01..2021-12-31", "7")]
    with pytest.raises(UnusableInput, match=r"a table of counts of events.* clash_counts/"):
        inbox.judge([(Kind.CLASHES, path)], NOW)
