"""What a release takes along from its home."""

import json
from pathlib import Path

import pytest

from assets.context import IndexRun
from assets.release import _all_checks
from pipeline.declare.settings import HOME_VARIABLE


def test_checks_of_a_table_that_there_is_no_more_stay_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    run = IndexRun()
    run.place.checks.mkdir(parents=True)
    for suite in ("published.scenarios", "published.control_disagreement", "run"):
        (run.place.checks / f"{suite}.json").write_text(json.dumps([{"table": suite}]), encoding="utf-8")
    assert [check["table"] for check in _all_checks(run)] == ["published.scenarios", "run"]
