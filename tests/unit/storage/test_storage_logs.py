"""The log of a home: JSON lines with run and step, bounded in size and number."""

import json
import logging
import re
from pathlib import Path

import pytest

from pipeline.declare import retention
from pipeline.declare.choice import Choice
from pipeline.declare.settings import Home
from pipeline.storage import logs


@pytest.fixture
def log() -> logging.Logger:
    # In no list of loggers: what a test writes would go into the test's own report too, which is UTF-8.
    return logging.Logger("test_storage_logs", logging.INFO)


def lines(home: Home) -> list[dict[str, str]]:
    return [json.loads(line) for line in logs.path_of(home).read_text(encoding="utf-8").splitlines()]


def test_a_line_says_when_what_and_of_which_run_and_step(tmp_path: Path, log: logging.Logger) -> None:
    home, step = Home(tmp_path), ["records__clashes"]
    own = logs.handler(home, "r1", lambda: step[0])
    log.addHandler(own)
    log.info("%s rows\n  warning: %s", 3, "လွိုင်ကော်")
    step[0] = ""
    log.warning("broken \udcff")
    logs.note(own, logging.ERROR, "refused: x.csv", "account")
    try:
        raise ValueError("why")
    except ValueError:
        log.exception("failed")
    log.removeHandler(own)
    own.close()
    first, second, third, last = lines(home)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", first.pop("time"))
    assert first == {
        "level": "info", "run": "r1", "step": "records__clashes", "message": "3 rows\n  warning: လွိုင်ကော်",
    }  # fmt: skip
    assert (second["step"], second["level"]) == ("", "warning")
    assert (third["step"], third["level"], third["message"]) == ("account", "error", "refused: x.csv")
    assert "ValueError: why" in last["error"]


def test_size_and_number_of_files_are_bounded(
    tmp_path: Path, log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOG_BYTES", Choice(1000, "small enough to be filled here"))
    monkeypatch.setattr(retention, "LOG_FILES", Choice(3, "small enough to be filled here"))
    home = Home(tmp_path)
    for run in range(40):
        own = logs.handler(home, f"r{run}")
        log.addHandler(own)
        log.info("x" * 100)
        log.removeHandler(own)
        own.close()
    found = [logs.path_of(home), *logs.rotated(home)]
    assert len(found) == 4
    assert all(path.stat().st_size <= 1000 for path in found)
    assert lines(home)[-1]["run"] == "r39", "the newest line is in the file without a number"
    assert logs.rotated(Home(tmp_path / "none")) == []


def test_a_log_that_cannot_be_written_says_nothing_and_harms_nothing(
    tmp_path: Path, log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    own = logs.handler(Home(tmp_path), "r1")
    assert isinstance(own, logging.StreamHandler)
    own.stream.close()
    log.addHandler(own)
    log.info("lost")
    log.removeHandler(own)
    assert capsys.readouterr() == ("", "")
