"""What a release takes along from its home."""

import json
from pathlib import Path

from assets.context import IndexRun
from assets.release import _all_checks


def test_checks_of_a_table_that_there_is_no_more_stay_behind(tmp_path: Path) -> None:
    run = IndexRun(home=str(tmp_path))
    run.place.checks.mkdir(parents=True)
    for suite in ("published.scenarios", "published.control_disagreement", "run"):
        (run.place.checks / f"{suite}.json").write_text(json.dumps([{"table": suite}]), encoding="utf-8")
    assert [check["table"] for check in _all_checks(run)] == ["published.scenarios", "run"]
