"""Which entries of corrections.toml concern a run. What they do to one is seen in test_integration_asof.py."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from integration_corrections import three
from integration_homes import write_input

from assets.context import IndexRun
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import HOME_VARIABLE, Home
from pipeline.ingest import inbox

pytestmark = pytest.mark.integration
CLASHES = """event_id,event_date,event_type,adm3_pcode,fatalities
E1,2021-03-01,clash,MMR001001,900
E2,2021-03-02,clash,MMR001002,1
"""
# Cocokyun has a few hundred inhabitants by the reference.
DISPLACED = "reference_date,adm3_pcode,idps_new_persons\n2021-03-01,MMR013032,90000\n"
MENDED = three("canonical_clashes", "event_id", "E1", "E2", date(2024, 1, 2), date(2025, 6, 30))


def delivered(folder: Path) -> Path:
    home = folder / "home"
    write_input(folder / "in", "clashes", "events.csv", CLASHES)
    write_input(folder / "in", "displacement", "camps.csv", DISPLACED, 'coverage = "one township"\n')
    inbox.deliver(Home(home), inbox.find_files(folder / "in"), datetime(2024, 1, 1, tzinfo=UTC))
    return home


def test_an_entry_for_what_was_never_delivered_concerns_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = delivered(tmp_path)
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    theirs = MENDED.replace('"canonical_clashes"', '"canonical_clashes"\nsource = "Others"')
    (home / "corrections.toml").write_text(theirs, encoding="utf-8")
    assert [entry.id for entry in IndexRun().corrections] == ["camp-on-the-island"]
    future = theirs.replace("date = 2024-01-02", "date = 2999-01-02").replace("2025-06-30", "2999-06-30")
    (home / "corrections.toml").write_text(future, encoding="utf-8")
    with pytest.raises(UnusableInput, match="lies in the future"):
        _ = IndexRun().corrections
