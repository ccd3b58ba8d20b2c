"""--as-of picks what was known then: any earlier edition can be made again."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from integration_homes import Command, release_query, write_input

from pipeline import intake
from pipeline.settings import Home

pytestmark = pytest.mark.integration
HEAD = "event_id,event_date,event_type,adm3_pcode,updated_at\n"
EARLY = HEAD + "E1,2021-03-01,clash,MMR001001,2021-03-02\nE2,2021-03-05,clash,MMR001001,2021-03-06\n"
# E2 is moved to another township, E3 is new and later.
LATE = HEAD + "E2,2021-03-05,clash,MMR001002,2021-06-01\nE3,2021-05-20,clash,MMR001003,2021-06-01\n"


@pytest.fixture
def two_deliveries(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    for name, text, day in (
        # One minute to midnight in Myanmar, which is 6 h 30 min ahead.
        ("early", EARLY, datetime(2021, 4, 10, 17, 29, tzinfo=UTC)),
        # Already the 11th in Myanmar.
        ("late", LATE, datetime(2021, 6, 10, 17, 31, tzinfo=UTC)),
    ):
        write_input(tmp_path / name, "clashes", f"{name}.csv", text)
        intake.deliver(Home(home), intake.find_files(tmp_path / name), now=day)
    return home


def counts(home: Path) -> dict[str, int]:
    rows = release_query(
        home,
        "SELECT adm3_pcode, clashes_count FROM published.township_index WHERE method = 'isp-2023' "
        "AND clashes_count > 0 AND month = (SELECT max(month) FROM published.township_index)",
    )
    return dict(rows.rows())


def manifest(home: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((home / "published" / "latest" / "manifest.json").read_text())
    return found


def test_an_earlier_edition_can_be_made_again(two_deliveries: Path, command: Command) -> None:
    home = two_deliveries
    command("run", "--home", home, "--as-of", "2021-04-09").refused("--as-of 2021-04-09", "2021-04-10")
    assert not (home / "published").exists() or not any((home / "published").iterdir())

    # The day before the later one came, which it was already in London.
    command("run", "--home", home, "--as-of", "2021-06-10").published()
    early = manifest(home)
    assert (early["as_of"], early["period_end"]) == ("2021-04-10", "2021-03-05")
    assert [one["name"] for one in early["inputs"]] == ["early.csv"]  # type: ignore[attr-defined]
    assert counts(home) == {"MMR001001": 2}

    command("run", "--home", home).published()
    late = manifest(home)
    assert (late["as_of"], late["period_end"]) == ("2021-06-11", "2021-05-20")
    assert counts(home) == {"MMR001001": 1, "MMR001002": 1, "MMR001003": 1}
    assert late["release_id"] != early["release_id"]
    assert sorted(path.name for path in (home / "published").iterdir()) == sorted(
        ["latest", str(early["release_id"]), str(late["release_id"])]
    )
