"""The closing lines of a run: intervals under each measure, and how many classes chance leaves open."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from reports.run_summary import closing


@pytest.fixture
def folder(tables, built: Path, tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    for name in ("national_summary", "comparison"):
        (tmp_path / "tables" / f"{name}.parquet").write_bytes((built / f"tables/{name}.parquet").read_bytes())
    manifest = {
        "method": "isp-2023",
        "checks": {"passed": 1, "rules": 1, "warnings": []},
        "profile": "public",
        "notice": "",
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    chances = [0.04, 0.05, 0.5, 0.95, 0.96, None]
    pl.DataFrame({"method": "isp-2023", "month": date(2021, 5, 1), "security_high_probability": chances}).write_parquet(
        tmp_path / "tables/township_index.parquet"
    )
    return tmp_path


def control(folder: Path, **columns: list[float | None]) -> None:
    rows = {"method": "isp-2023", "month": date(2021, 5, 1), "scope": "national", "basis": "security_index",
            "measure": ["townships", "area", "population"], **columns}  # fmt: skip
    pl.DataFrame(rows).write_parquet(folder / "tables/territorial_control.parquet")


def test_each_measure_has_its_interval(folder: Path) -> None:
    control(folder, lost_expected_share=[0.442, 0.5, None], lost_interval_low=[0.41, 0.4, None],
            lost_interval_high=[0.471, 0.6, None])  # fmt: skip
    lines = closing(folder, folder).splitlines()
    found = [line.split("interval")[1].strip() for line in lines if "95 % interval" in line]
    assert found == ["44.2 (41.0 to 47.1)", "50.0 (40.0 to 60.0)", "not known"]
    assert lines[-1].split() == ["Townships", "with", "P(high)", "of", "5", "to", "95", "%", "3"]
