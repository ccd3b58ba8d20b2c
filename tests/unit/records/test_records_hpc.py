"""The same baseline as OCHA's workbook and as its CSV gives the same displacement records."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from records_frames import reported

from pipeline.declare.codes import Kind, Reason
from pipeline.declare.settings import REPOSITORY
from pipeline.declare.tables import TABLES
from pipeline.ingest import inbox
from pipeline.records.parsing import with_delivery
from pipeline.records.triage import Triage
from pipeline.storage.deliveries import as_frame

SHARED = REPOSITORY.parent / "shared"
WORKBOOK = SHARED / "realdata" / "displacement" / "hpc2023_baseline.xlsx"
CSV = SHARED / "context" / "hpc2023_idps_by_township.csv"
OF_THE_DELIVERY = ("delivery_id", "row_number")


def made(path: Path) -> Triage:
    (judged,) = inbox.judge([(Kind.DISPLACEMENT, path)], datetime(2024, 6, 1, tzinfo=UTC))
    raw = judged.frame.with_columns(pl.lit(judged.delivery.delivery_id).alias("delivery_id"))
    baseline = with_delivery(raw, as_frame([judged.delivery]))
    return reported("displacement", hpc_baseline=baseline)


@pytest.mark.skipif(not (WORKBOOK.exists() and CSV.exists()), reason="OCHA's baseline files are not beside the project")
def test_the_workbook_and_its_csv_give_the_same_records() -> None:
    workbook, text = made(WORKBOOK), made(CSV)
    columns = [name for name in TABLES["records.displacement"].columns if name not in OF_THE_DELIVERY]
    one, other = (result.kept.select(columns).sort(columns) for result in (workbook, text))
    assert one.equals(other), one.join(other, on=columns, how="anti", nulls_equal=True)
    assert one.height >= 330
    assert one["idps_stock_persons"].sum() == 1_303_073
    assert one["idps_stock_persons"].null_count() >= 200, "a blank is a township not reported on"
    assert set(workbook.set_aside["reason"]) == {Reason.NOT_A_TOWNSHIP}, "the workbook ends in total lines, the CSV not"
    assert text.set_aside.is_empty()
