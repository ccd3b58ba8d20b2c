"""Which release was before: found, refused or unreadable, and never in the way of the run."""

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.declare.settings import Home
from pipeline.storage import release_folder
from pipeline.storage.release_folder import NO_EARLIER, Previous, previous_release

TABLE = "township_index"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def publish(
    home: Home, release: str, previous: str | None = None, period: str = "2023-06-30", known: str = "", **facts: object
) -> Path:
    folder = release_folder.building_folder(home, release)
    (folder / "tables").mkdir()
    pl.DataFrame({"release": [release]}).write_parquet(folder / "tables" / f"{TABLE}.parquet")
    manifest = {
        "synthetic": True,
        "previous_release": previous,
        "period_end": period,
        "outputs": release_folder.hashes(folder),
        **facts,
    }
    manifest |= {"as_of": known or "2024-01-01"}
    release_folder.finish(folder, manifest)
    return release_folder.put_in_place(home, folder, release)


def before(
    home: Home, release: str, synthetic: bool = True, internal: bool = False, period: str = "2023-07-31",
    known: str = "2024-01-01",
) -> Previous:  # fmt: skip
    edition = (date.fromisoformat(period), date.fromisoformat(known))
    return previous_release(home, release, edition, synthetic, internal, [TABLE])


def test_the_first_release_has_none_before_it(home: Home) -> None:
    assert before(home, "r1") == Previous(None, NO_EARLIER)


def test_the_edition_before_in_period_is_before_whenever_it_was_built(home: Home) -> None:
    publish(home, "december", period="2023-12-31")
    publish(home, "november", period="2023-11-30")
    publish(home, "june", period="2023-06-30")  # built last
    assert before(home, "new", period="2023-11-15").release_id == "june"
    assert before(home, "new", period="2023-12-15").release_id == "november"
    assert before(home, "new", period="2024-01-31").release_id == "december"
    assert before(home, "new", period="2023-06-29") == Previous(None, NO_EARLIER), "never with the future"


def test_of_one_period_the_edition_before_in_knowledge_is_before(home: Home) -> None:
    publish(home, "march", known="2024-03-01")
    publish(home, "january", known="2024-01-01")
    assert before(home, "new", period="2023-06-30", known="2024-02-01").release_id == "january"
    assert before(home, "new", period="2023-06-30", known="2024-03-01").release_id == "march", "of another code"
    assert before(home, "new", period="2023-06-30", known="2023-12-01").release_id is None


def test_the_newest_edition_is_before_a_newer_one(home: Home) -> None:
    publish(home, "r1")
    found = before(home, "r2")
    assert found.release_id == "r1"
    assert found.tables is not None
    assert found.tables[TABLE]["release"].to_list() == ["r1"]


def test_a_release_made_again_is_compared_as_it_was_the_first_time(home: Home) -> None:
    publish(home, "r1")
    publish(home, "r2", "r1")
    publish(home, "r3", "r2", created_at="2024-01-01")
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


@pytest.mark.parametrize("damage", ["table changed", "table gone", "manifest cut", "manifest gone"])
def test_a_damaged_release_is_said_and_stops_nothing(home: Home, damage: str) -> None:
    folder = publish(home, "r1")
    table, manifest = folder / "tables" / f"{TABLE}.parquet", folder / "manifest.json"
    if damage == "table changed":
        pl.DataFrame({"release": ["forged"]}).write_parquet(table)
    elif damage == "manifest cut":
        manifest.write_text(manifest.read_text()[:40])
    else:
        {"table gone": table, "manifest gone": manifest}.get(damage, table).unlink()
    if damage.startswith("manifest"):
        publish(home, "r0", period="2023-05-31")
        assert (
            before(home, "r2").note == "Compared with release r0. Passed over, for their manifests cannot be read: r1."
        )
        shutil.rmtree(home.published / "r0")
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
