"""A release moves into place whole; what a killed build leaves behind is swept and the last release stays."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pipeline.declare.codes import Profile
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import PROFILE_VARIABLE, REPOSITORY, Home, profile
from pipeline.storage import latest, lock, release_folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def publish(home: Home, release: str, text: str) -> Path:
    folder = release_folder.building_folder(home, release)
    (folder / "tables").mkdir()
    (folder / "tables" / "a.csv").write_text(text)
    release_folder.finish(folder, {"release": release, "outputs": release_folder.hashes(folder)})
    return release_folder.put_in_place(home, folder, release)


def names(home: Home) -> list[str]:
    return sorted(p.name for p in home.published.iterdir())


def test_latest_points_to_the_newest_and_older_releases_stay(home: Home) -> None:
    for release in ("2023-11-26-aaaaaaaa", "2023-12-31-bbbbbbbb"):
        final = publish(home, release, release)
        assert home.latest.resolve() == final.resolve()
        assert (home.latest / "tables" / "a.csv").read_text() == release
    assert names(home) == ["2023-11-26-aaaaaaaa", "2023-12-31-bbbbbbbb", "latest"]
    assert not home.latest.readlink().is_absolute()  # the home may be moved


def test_the_same_release_again_replaces_it_and_leaves_no_litter(home: Home) -> None:
    publish(home, "r", "one")
    publish(home, "r", "two")
    assert (home.latest / "tables" / "a.csv").read_text() == "two"
    assert names(home) == ["latest", "r"]


def test_a_killed_build_leaves_the_last_release(home: Home) -> None:
    publish(home, "r1", "one")
    half = release_folder.building_folder(home, "r2")
    (half / "half.csv").write_text("x")
    (home.published / ".latest-77").symlink_to("r2")
    before = release_folder.hashes(home.published / "r1")
    release_folder.sweep_litter(home)
    assert names(home) == ["latest", "r1"]
    assert release_folder.hashes(home.latest) == before


def test_a_replacement_cut_in_two_is_taken_back(home: Home) -> None:
    final = publish(home, "r", "one")
    building = release_folder.building_folder(home, "r")
    (building / "a.csv").write_text("two")
    final.rename(home.published / ".old-r")  # killed here: the name is free, latest points to nothing
    release_folder.sweep_litter(home)
    assert names(home) == ["latest", "r"]
    assert (home.latest / "tables" / "a.csv").read_text() == "one"


def test_a_replacement_whose_old_part_was_left_keeps_the_new(home: Home) -> None:
    publish(home, "r", "new")
    old = home.published / ".old-r"
    old.mkdir()
    (old / "a.csv").write_text("old")
    release_folder.sweep_litter(home)
    assert names(home) == ["latest", "r"]
    assert (home.latest / "tables" / "a.csv").read_text() == "new"
    publish(home, "r", "newer")  # and a second replacement works


def test_an_old_part_left_behind_does_not_stop_the_next_replacement(home: Home) -> None:
    publish(home, "r", "new")
    (home.published / ".old-r").mkdir()
    (home.published / ".old-r" / "a.csv").write_text("old")
    publish(home, "r", "newer")
    assert (home.latest / "tables" / "a.csv").read_text() == "newer"


def test_sweeping_a_home_that_never_published_does_nothing(home: Home) -> None:
    release_folder.sweep_litter(Home(home.root / "never"))


def test_the_release_id_is_stable_and_tells_inputs_apart() -> None:
    day = date(2023, 11, 26)
    same = release_folder.release_id(day, ["a", "b"])
    assert release_folder.release_id(day, iter(["a", "b"])) == same == "2023-11-26-0eab8a0a"
    others = [release_folder.release_id(day, parts) for parts in (["a"], ["b", "a"], ["a", "b", ""], ["ab"])]
    assert len({*others, same}) == 5


def test_the_code_version_is_stable() -> None:
    assert release_folder.code_version() == release_folder.code_version()
    assert "+src." in release_folder.code_version()


def test_the_manifest_comes_last_and_hashes_all_but_itself(home: Home) -> None:
    final = publish(home, "r", "one")
    manifest = json.loads((final / latest.MANIFEST).read_text())
    assert list(manifest["outputs"]) == ["tables/a.csv"]
    assert manifest["outputs"]["tables/a.csv"]["bytes"] == 3


_HOLDER = """
import sys
from pathlib import Path
from pipeline.storage import lock as locking
from pipeline.declare.settings import Home
lock = locking.acquire(Home(Path(sys.argv[1])))
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_second_run_waits_and_then_says_which_process_holds_the_home(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-c", _HOLDER, str(home.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        monkeypatch.setenv(lock.WAIT_VARIABLE, "0.2")
        with pytest.raises(UnusableInput, match=f"process {other.pid}"):
            lock.acquire(home)
        home.lock.with_suffix(".holder.json").write_text("")  # just being written
        with pytest.raises(UnusableInput, match="process unknown"):
            lock.acquire(home)
        other.stdin.write("\n")
    held = lock.acquire(home)
    lock.acquire(home).release()  # the same process again
    held.release()


def test_a_waiting_time_that_is_no_number_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(lock.WAIT_VARIABLE, "soon")
    with pytest.raises(UnusableInput, match="'soon' is not a number of seconds"):
        lock.acquire(home)


def test_an_internal_release_lies_in_a_folder_of_its_own_and_says_so_in_its_name(home: Home) -> None:
    team = Home(home.root, Profile.INTERNAL)
    ids = [release_folder.release_id(date(2023, 11, 26), ["a"], profile) for profile in Profile]
    assert ids[1] == f"{ids[0]}-internal"
    publish(home, ids[0], "rounded")
    final = publish(team, ids[1], "exact")
    assert final == home.root / "internal" / ids[1]
    assert (team.latest / "tables" / "a.csv").read_text() == "exact"
    assert (home.latest / "tables" / "a.csv").read_text() == "rounded"
    assert names(home) == [ids[0], "latest"]
    assert not {team.work_database, team.checks, team.releases} & {home.work_database, home.checks, home.releases}
    release_folder.building_folder(team, ids[1])
    release_folder.sweep_litter(home)
    assert sorted(p.name for p in team.releases.iterdir()) == [ids[1], "latest"], "a run of either profile clears both"


def test_a_profile_is_public_unless_it_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROFILE_VARIABLE, raising=False)
    assert profile() == Profile.PUBLIC
    assert profile("internal") == Profile.INTERNAL
    monkeypatch.setenv(PROFILE_VARIABLE, "internal")
    assert (profile(), profile("public")) == (Profile.INTERNAL, Profile.PUBLIC)
    for word in ("Internal", "team", "publik"):
        with pytest.raises(UnusableInput, match=f"'{word}' is no profile; choose one of: public, internal"):
            profile(word)
