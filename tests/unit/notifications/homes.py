"""Small invented homes: a release with its manifest, checks and the two tables that messages read."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.codes import Absence, Kind
from pipeline.declare.settings import Home
from pipeline.storage import latest
from pipeline.storage.history import Delivery

MONTH = date(2030, 3, 1)
NAMES = {"MMR001001": "Myitkyina", "MMR002001": "Loikaw", "MMR002004": "Shadaw"}


def rule(
    name: str, table: str = "run", *, passed: bool = False, severity: str = "warning", **more: Any
) -> dict[str, Any]:
    """An outcome of a rule as checks.json holds it."""
    return {
        "table": table, "rule": name, "severity": severity, "passed": passed, "checked_count": 9,
        "failed_count": 0 if passed else 2, "note": f"Why {name} is a rule.", "examples": [],
        "limit": "none", "found": "2", **more,
    }  # fmt: skip


def delivery(name: str, source_key: str, received_at: str, kind: Kind = Kind.CLASHES) -> Delivery:
    return Delivery(
        delivery_id=name, kind=kind, format="ucdp_ged", file_name=f"{name}.csv", sha256=name, rows_count=1,
        received_at=received_at, source=f"The source {source_key}", source_key=source_key, licence="CC0-1.0",
        absence_means=Absence.ZERO, reference_date=None, date_format=None, coverage=None, synthetic=True, notes=(),
    )  # fmt: skip


def put_release(
    place: Home, name: str, rules: Sequence[dict[str, Any]] = (), alerts: Sequence[str] = (), *,
    month: date = MONTH, created_at: str = "2030-04-01T00:00:00+00:00", points: bool = True, **manifest: Any,
) -> Path:  # fmt: skip
    """A release folder; `latest` names it where it points."""
    folder = place.releases / name
    (folder / "tables").mkdir(parents=True)
    stated = {
        "release_id": name, "period_end": "2030-03-31", "as_of": "2030-04-01", "created_at": created_at,
        "method": "isp-2023", "notice": "", "profile": str(place.profile), **manifest,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(stated))
    (folder / "checks.json").write_text(json.dumps([rule("dates_known", passed=True), *rules]))
    index = [
        (method, when, code, text, "alert" if code in alerts and when == month else "none")
        for method in ("isp-2023", "rolling-12m")
        for when in (date(2030, 1, 1), month)
        for code, text in NAMES.items()
    ]
    columns = ["method", "month", "adm3_pcode", "adm3_name", "signal"]
    pl.DataFrame(index, schema=columns, orient="row").write_parquet(folder / "tables" / "township_index.parquet")
    pl.DataFrame(
        {"method": ["isp-2023"], "month": [month], "alerts_false_expected": [1.26]}
    ).write_parquet(folder / "tables" / "national_summary.parquet")  # fmt: skip
    if points:
        latest.point(place, name)
    return folder
