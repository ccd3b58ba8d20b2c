"""Where a brief goes: a folder of its own, whole or not at all; and the job that nobody runs by accident."""

import os
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from assets import neutral_brief
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.neutral_brief.request import Asked


@pytest.fixture
def making(monkeypatch):
    """`make` with reading and rendering replaced by what a test says."""

    def prepare(text: str, codes: tuple[str, ...] = ("MMR002001",)) -> None:
        asked = Asked(codes, date(2023, 8, 29), date(2023, 11, 26))
        material = SimpleNamespace(asked=asked, facts=SimpleNamespace(release_id="2023-11-26-0123abcd"))

        def write(made, folder, language, cache):
            (folder / "brief.html").write_text(text)
            if text == "broken":
                raise OSError("disk full")
            return [folder / "brief.html"]

        monkeypatch.setattr(neutral_brief, "read", lambda place, wanted: material)
        monkeypatch.setattr("reports.neutral_brief.page.write_neutral_brief", write)

    return prepare


def test_a_brief_is_put_in_place_whole_and_the_same_one_stays(tmp_path, making):
    place = Home(tmp_path)
    making("one")
    made = neutral_brief.make(place, neutral_brief.Wanted())
    assert made.folder.parent == tmp_path / "briefs"
    assert made.folder.name.startswith("2023-08-29_2023-11-26_MMR002001_")
    before = (made.folder / "brief.html").stat().st_mtime_ns
    assert neutral_brief.make(place, neutral_brief.Wanted()) == made
    assert (made.folder / "brief.html").stat().st_mtime_ns == before
    making("two")
    assert neutral_brief.make(place, neutral_brief.Wanted()).files[0].read_text() == "two"
    making("broken")
    with pytest.raises(OSError, match="disk full"):
        neutral_brief.make(place, neutral_brief.Wanted())
    assert made.files[0].read_text() == "two"
    assert [path.name for path in (tmp_path / "briefs").iterdir()] == [made.folder.name]


def test_what_was_laid_beside_a_brief_stays_when_it_is_made_again(tmp_path, making):
    making("one")
    made = neutral_brief.make(Home(tmp_path), neutral_brief.Wanted())
    (made.folder / "agenda.txt").write_text("of a reader")
    assert neutral_brief.make(Home(tmp_path), neutral_brief.Wanted()) == made
    assert (made.folder / "agenda.txt").read_text() == "of a reader"


@pytest.mark.parametrize("inside", ["published/latest", "internal", "inbox/clashes", "warehouse", "link/tables"])
def test_no_brief_goes_into_a_folder_of_the_pipeline(tmp_path, making, inside):
    making("one")
    release = tmp_path / "published" / "2023-11-26-0123abcd"
    release.mkdir(parents=True)
    (tmp_path / "published" / "latest").symlink_to(release.name)
    (tmp_path / "link").symlink_to(release)
    with pytest.raises(UnusableInput, match="give another folder"):
        neutral_brief.make(Home(tmp_path), neutral_brief.Wanted(), "en", tmp_path / inside)
    assert list(release.iterdir()) == []


def test_litter_of_a_killed_command_goes_and_that_of_a_living_one_stays(tmp_path, making):
    making("one")
    parent = tmp_path / "elsewhere"
    (parent / ".brief-999999999").mkdir(parents=True)
    (parent / f".brief-{os.getppid()}").mkdir()
    neutral_brief.make(Home(tmp_path), neutral_brief.Wanted(), "en", parent)
    assert {path.name for path in parent.glob(".*")} == {f".brief-{os.getppid()}"}


def test_the_folder_tells_languages_townships_and_ways_of_choosing_apart(making):
    making("one", ("MMR002001", "MMR002002"))
    material = neutral_brief.read(None, None)
    names = {neutral_brief.slug(material, language) for language in ("en", "my", "both")}
    chained = SimpleNamespace(asked=replace(material.asked, chain_km=3.0), facts=material.facts)
    names.add(neutral_brief.slug(chained, "en"))
    assert len(names) == 4
    assert all(name.startswith("2023-08-29_2023-11-26_MMR002001-and-1_") for name in names)


def test_a_language_that_is_none_is_refused(tmp_path):
    with pytest.raises(UnusableInput, match="en, my, both"):
        neutral_brief.make(Home(tmp_path), neutral_brief.Wanted(), "fr")
    assert list(tmp_path.iterdir()) == []


def test_the_main_job_and_the_schedules_make_no_brief():
    from pipeline.definitions import defs

    main, own = defs.resolve_job_def("township_index"), defs.resolve_job_def("neutral_brief")
    assert [node.name for node in own.graph.nodes] == ["brief"]
    assert "brief" not in {node.name for node in main.graph.nodes}
    fields = own.graph.node_named("brief").definition.config_schema.config_type.fields
    assert {"townships", "corridor", "from", "to"} <= set(fields)
    assert [one.name for one in defs.schedules or [] if one.job_name == "neutral_brief"] == []
