"""Which release was before: found, refused or unreadable, and never in the way of the run."""

import json
from pathlib import Path

import polars as pl
import pytest

from pipeline import publishing
from pipeline.previous import NO_EARLIER, Previous, previous_release
from pipeline.settings import Home

TABLE = "township_index"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def publish(home: Home, release: str, previous: str | None = None, **facts: object) -> Path:
    folder = publishing.building_folder(home, release)
    (folder / "tables").mkdir()
    pl.DataFrame({"release": [release]}).write_parquet(folder / "tables" / f"{TABLE}.parquet")
    manifest = {"synthetic": True, "previous_release": previous, "outputs": publishing.hashes(folder), **facts}
    publishing.finish(folder, manifest)
    return publishing.put_in_place(home, folder, release)


def before(home: Home, release: str, synthetic: bool = True, internal: bool = False) -> Previous:
    return previous_release(home, release, synthetic, internal, [TABLE])


def test_the_first_release_has_none_before_it(home: Home) -> None:
    assert before(home, "r1") == Previous(None, NO_EARLIER)


def test_the_one_that_latest_points_to_is_before(home: Home) -> None:
    publish(home, "r1")
    found = before(home, "r2")
    assert found.release_id == "r1"
    assert found.tables is not None
    assert found.tables[TABLE]["release"].to_list() == ["r1"]


def test_a_release_made_again_is_compared_as_it_was_the_first_time(home: Home) -> None:
    publish(home, "r1")
    publish(home, "r2", "r1")
    publish(home, "r3", "r2")
    assert before(home, "r2").release_id == "r1"
    assert before(home, "r1").release_id is None
    assert before(home, "r4").release_id == "r3"


@pytest.mark.parametrize(
    ("facts", "asked", "words"),
    [
        ({"synthetic": False}, {}, "of the other kind"),
        ({"profile": "internal"}, {}, "of another profile"),
        ({"profile": "public"}, {"internal": True}, "of another profile"),
        ({"outputs": {}}, {}, "cannot be read (it lacks"),
    ],
)
def test_what_must_not_be_compared_is_not(home: Home, facts, asked, words: str) -> None:
    publish(home, "r1", **facts)
    found = before(home, "r2", **asked)
    assert (found.release_id, found.tables) == ("r1", None)
    assert words in found.note


@pytest.mark.parametrize("damage", ["table changed", "table gone", "manifest cut", "manifest gone", "folder gone"])
def test_a_damaged_release_is_said_and_stops_nothing(home: Home, damage: str) -> None:
    folder = publish(home, "r1")
    table, manifest = folder / "tables" / f"{TABLE}.parquet", folder / "manifest.json"
    if damage == "table changed":
        pl.DataFrame({"release": ["forged"]}).write_parquet(table)
    elif damage == "manifest cut":
        manifest.write_text(manifest.read_text()[:40])
    else:
        {"table gone": table, "manifest gone": manifest}.get(damage, table).unlink()
    if damage == "folder gone":
        folder.rename(folder.with_name("elsewhere"))
    found = before(home, "r2")
    assert (found.release_id, found.tables) == ("r1", None)
    assert "cannot be read" in found.note
    assert str(home.root) not in found.note


def test_a_name_that_leads_out_of_the_folder_is_not_followed(home: Home) -> None:
    publish(home, "r2", "../../elsewhere")
    found = before(home, "r2")
    assert (found.release_id, found.tables) == (None, None)
    assert "could not be told" in found.note


def test_a_damaged_release_that_is_replaced_has_no_say(home: Home) -> None:
    publish(home, "r2")
    publish(home, "r1")
    (home.published / "r2" / "manifest.json").write_text("{")
    assert before(home, "r2").release_id == "r1"
    assert json.loads((home.published / "r1" / "manifest.json").read_text())["synthetic"] is True
