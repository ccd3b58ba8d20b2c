"""A held release is published as its run would have; a withdrawn one leaves a page that says why, and no figure."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_homes import (
    DECEMBER,
    FIGURE,
    JUNE,
    KNOWN,
    NEW,
    NOVEMBER,
    OLD,
    database,
    hold,
    litter,
    publish,
    release,
    two,
)

from assets import standing
from assets.release import refuse_withdrawn
from pipeline import doctor
from pipeline.declare.codes import Profile
from pipeline.declare.errors import BlockedRelease, UnusableInput
from pipeline.declare.settings import Home
from pipeline.storage import held, latest, release_folder, snapshots, withdrawals
from pipeline.storage.latest import MANIFEST, WITHDRAWN
from reports.files.feed import feed, issue

WHEN = datetime(2024, 3, 1, 4, 5, 6, 789, tzinfo=UTC)
WHY = 'Loikaw <b>twice</b> & "wrong" {why}'


# Letters that a page, a feed or a format string could take for its own, and some that none may hold.
LETTERS = "a .<&>\"'{}%\u202e\x00\x0b\x1f\x85\ufffe\u1000\u2028"


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two(tmp_path_factory.mktemp("home")).root


@pytest.fixture
def home(made_once: Path, tmp_path: Path) -> Home:
    return Home(shutil.copytree(made_once, tmp_path / "home", symlinks=True))


def named(home: Home) -> str:
    now = latest.pointed(home)
    return now.release_id if now else ""


def listed(home: Home) -> dict[str, dict[str, object]]:
    found = json.loads((home.releases / "releases.json").read_text(encoding="utf-8"))
    return {one["release_id"]: one for one in found["releases"]}


def refused(home: Home, name: str, *words: str) -> None:
    before = named(home), held.is_one(home, name)
    with pytest.raises(UnusableInput) as error:
        standing.publish(home, name)
    assert [word for word in words if word not in str(error.value)] == [], str(error.value)
    assert (named(home), held.is_one(home, name)) == before


def test_what_is_held_is_out_of_reach_until_it_is_published(home: Home) -> None:
    folder = hold(home, "2024-01-31-cccccccc", date(2024, 1, 31))
    assert folder.parent == home.root / "held"
    assert not (home.releases / folder.name).exists()
    assert named(home) == NEW
    done = standing.publish(home, folder.name)
    assert (done.folder, done.notes) == (home.releases / folder.name, ())
    assert named(home) == folder.name
    assert release_folder.altered(done.folder) == []
    assert snapshots.release_of(home.analysts_database) == folder.name
    assert listed(home)[folder.name]["is_latest"]
    assert (home.releases / "2024-01").resolve() == done.folder
    assert list(home.held.iterdir()) == []
    assert litter(home) == []
    assert [path.stem for path in home.snapshots.iterdir()] == [NEW], "for a withdrawal, that of the release before"


def test_an_older_period_is_published_beside_unless_it_is_told_to_move_latest(home: Home) -> None:
    for name, moves in (("2023-06-30-cccccccc", False), ("2023-06-30-dddddddd", True)):
        hold(home, name, JUNE, period_asked=True)
        done = standing.publish(home, name, make_latest=moves)
        assert named(home) == (name if moves else NEW)
        assert snapshots.release_of(home.analysts_database) == (name if moves else NEW)
        assert bool(done.notes) is not moves
        if not moves:
            assert (
                "before it; to move latest to this release: township-index run --period-end 2023-06-30 --as-of"
                in (done.notes[0])
            )


def test_what_its_run_was_told_holds_for_its_publication(home: Home) -> None:
    hold(home, "2023-06-30-cccccccc", JUNE, make_latest=True)
    standing.publish(home, "2023-06-30-cccccccc")
    assert named(home) == "2023-06-30-cccccccc"
    hold(home, "2024-01-31-dddddddd", date(2024, 1, 31), beside=True)
    (note,) = standing.publish(home, "2024-01-31-dddddddd").notes
    assert "made by the job for editions" in note
    assert named(home) == "2023-06-30-cccccccc"


def test_only_a_whole_held_release_is_published(home: Home) -> None:
    refused(home, NEW, "is published already", "--make-latest")
    refused(home, "nix", "no release is held", "run --hold")
    refused(home, "../published", "no release is held")
    folder = hold(home, "2024-01-31-cccccccc", date(2024, 1, 31))
    refused(home, "nix", "held: 2024-01-31-cccccccc")
    (folder / "tables/a.csv").write_text("other")
    refused(home, folder.name, "1 files are not as its manifest says", "tables/a.csv", "--hold")
    for text in ("{", "[]", "{}"):
        (folder / MANIFEST).write_text(text)
        refused(home, folder.name, "cannot be read", "--hold")
    folder = hold(home, "2024-01-31-dddddddd", date(2024, 1, 31))
    (home.held / "2024-01-31-dddddddd.json").write_text("{")
    refused(home, folder.name, "the note of a held release", "withdraw it")


def test_a_withdrawn_release_leaves_a_page_and_no_figure(home: Home) -> None:
    done = standing.withdraw(home, NEW, WHY, WHEN)
    assert done.notes == (f"latest names {OLD}", f"township_index.duckdb is that of {OLD} again")
    assert named(home) == OLD
    assert snapshots.release_of(home.analysts_database) == OLD
    left = home.releases / NEW
    assert not [path for path in left.rglob("*") if path.is_file() and path.name != MANIFEST and FIGURE in _text(path)]
    assert not (left / "tables").exists()
    assert not (left / "township_index.duckdb").exists()
    for page, words in (("index.html", "This release was withdrawn"), ("index_my.html", "ရုပ်သိမ်း")):
        text = _text(left / page)
        assert words in text
        assert "Loikaw &lt;b&gt;twice&lt;/b&gt; &amp; &#34;wrong&#34; {why}" in text
        assert "<b>" not in text
    deep = _text(left / "report/my/townships/MMR001001.html")
    assert 'url=../../../index_my.html"' in deep, "an old link leads to the page"
    for file in ("api/nation.json", "api/townships/MMR001001.json"):
        assert json.loads(_text(left / file))["withdrawn"] == {"at": "2024-03-01T04:05:06+00:00", "why": WHY}
    manifest = latest.read_manifest(left)
    assert manifest[WITHDRAWN] == {"at": "2024-03-01T04:05:06+00:00", "why": WHY}
    assert manifest["outputs"]["tables/a.csv"], "whoever has a copy can know it"
    assert (home.withdrawn / NEW / "tables/a.csv").is_file()
    assert snapshots.release_of(home.withdrawn / f"{NEW}.duckdb") == NEW
    assert litter(home) == []


def test_list_feed_and_first_page_say_so(home: Home) -> None:
    standing.withdraw(home, NEW, WHY, WHEN)
    gone, good = (listed(home)[name] for name in (NEW, OLD))
    assert gone["withdrawn"] == {"at": "2024-03-01T04:05:06+00:00", "why": WHY}
    assert (gone["is_latest"], list(gone["files"])) == (False, ["manifest"])  # type: ignore[call-overload]
    assert (good["is_latest"], good["withdrawn"]) == (True, None)
    found = json.loads(_text(home.releases / "releases.json"))
    assert (found["latest"], found["periods"]) == (OLD, {"2023-11": OLD})
    assert not (home.releases / "2023-12").exists()
    atom = "{http://www.w3.org/2005/Atom}"
    root = ElementTree.parse(home.releases / "feed.xml").getroot()  # noqa: S314 - our own
    entry = root.findall(f"{atom}entry")[0]
    assert (entry.findtext(f"{atom}title") or "").startswith("WITHDRAWN: ")
    assert entry.findtext(f"{atom}updated") == root.findtext(f"{atom}updated") == "2024-03-01T04:05:06+00:00"
    assert entry.findtext(f"{atom}summary") == (
        f"Withdrawn on 2024-03-01. Reason: {WHY}. Its figures must not be used."
    )
    first = _text(home.releases / "index.html")
    assert "withdrawn on 1 March 2024: Loikaw &lt;b&gt;twice" in first
    assert f'href="{OLD}/report/index.html"' in first
    assert f'href="{NEW}/report' not in first


def test_without_a_good_release_the_first_page_says_why(tmp_path: Path) -> None:
    home = Home(tmp_path)
    publish(home, NEW, DECEMBER)
    done = standing.withdraw(home, NEW, "The counts of Chin are wrong", WHEN)
    assert done.notes[0] == "latest names no release: none is left that is good"
    assert not home.latest_link.is_symlink()
    assert not home.analysts_database.exists()
    first = _text(home.releases / "index.html")
    assert "Every release was withdrawn" in first
    assert "The counts of Chin are wrong" in first
    assert "report/index.html" not in first, "nothing is offered to read"
    assert [text for state, text in doctor.release(home) if state == doctor.NOTE] == [
        "every release was withdrawn (township-index releases list); run again on mended records"
    ]
    publish(home, OLD, NOVEMBER)
    assert named(home) == OLD, "what was withdrawn holds nothing back"


def test_latest_stays_where_another_release_is_withdrawn(home: Home) -> None:
    before = home.analysts_database.read_bytes()
    assert standing.withdraw(home, OLD, "x", WHEN).notes == ()
    assert named(home) == NEW
    assert home.analysts_database.read_bytes() == before
    assert [one.release_id for one in latest.standing(home)[0]] == [NEW]
    assert latest.standing(home)[1] == [], "it is not unreadable either"


def test_it_falls_back_to_the_newest_whole_release(home: Home) -> None:
    oldest = "2023-06-30-dddddddd"
    publish(home, oldest, JUNE, newest=False)
    (home.releases / OLD / "tables/a.csv").unlink()
    done = standing.withdraw(home, NEW, "x", WHEN)
    assert named(home) == oldest
    assert "holds the published tables of 2023-06-30-dddddddd alone" in done.notes[1]
    assert snapshots.release_of(home.analysts_database) == oldest


def test_a_held_release_that_is_withdrawn_was_never_seen(home: Home) -> None:
    folder = hold(home, "2024-01-31-cccccccc", date(2024, 1, 31))
    before = {path.name for path in home.releases.iterdir()}
    assert standing.withdraw(home, folder.name, "no", WHEN).notes == ()
    assert {path.name for path in home.releases.iterdir()} == before
    assert list(home.held.iterdir()) == []
    refused(home, folder.name, "was withdrawn on 2024-03-01: no", "cannot be published")


def test_what_was_withdrawn_is_not_withdrawn_twice_nor_made_again(home: Home) -> None:
    standing.withdraw(home, NEW, "x", WHEN)
    with pytest.raises(UnusableInput, match="was withdrawn on 2024-03-01: x; nothing is left"):
        standing.withdraw(home, NEW, "y", WHEN)
    with pytest.raises(UnusableInput, match="only a release that stands can be pinned"):
        standing.pin(home, NEW)
    with pytest.raises(BlockedRelease, match="was withdrawn on 2024-03-01: x"):
        refuse_withdrawn(home, NEW)
    refuse_withdrawn(home, OLD)
    # A run that made it again after somebody removed the page: good, and withdrawn anew when need be.
    for folder in (home.releases / NEW, home.withdrawn / NEW):
        shutil.rmtree(folder)
    refuse_withdrawn(home, NEW)
    publish(home, NEW, DECEMBER)
    standing.withdraw(home, NEW, "z", WHEN)
    assert latest.read_manifest(home.releases / NEW)[WITHDRAWN]["why"] == "z"


@pytest.mark.parametrize(
    ("name", "why", "words"),
    [
        ("nix", "x", "no release is called 'nix'; there are: 2023-11-30-aaaaaaaa, 2023-12-31-bbbbbbbb"),
        ("latest", "x", "no release is called 'latest'"),
        ("2023-12", "x", "no release is called '2023-12'"),
        ("..", "x", "no release is called"),
        (NEW, " \t\n", "--why is empty"),
        (NEW, "\u202e\x00", "--why is empty"),
        (NEW, "x" * 1001, "1,001 letters"),
    ],
)
def test_a_withdrawal_needs_a_release_and_a_reason(home: Home, name: str, why: str, words: str) -> None:
    latest.point_months(home, {"2023-12": NEW})
    with pytest.raises(UnusableInput) as error:
        standing.withdraw(home, name, why, WHEN)
    assert words in str(error.value)
    assert named(home) == NEW
    assert withdrawals.begun(home) == []


def test_a_release_without_a_manifest_is_named(home: Home) -> None:
    (home.releases / NEW / MANIFEST).write_text("{")
    with pytest.raises(UnusableInput, match="cannot be read"):
        standing.withdraw(home, NEW, "x", WHEN)


def test_profiles_are_apart(home: Home) -> None:
    team = Home(home.root, Profile.INTERNAL)
    name = f"{NEW}-internal"
    held.keep(team, release(team, name, DECEMBER, within=team.held), held.Held(name))
    with pytest.raises(UnusableInput):
        standing.publish(home, name)
    standing.publish(team, name)
    standing.withdraw(team, name, "x", WHEN)
    assert (team.root / "withdrawn_internal" / name).is_dir()
    assert "All releases" not in _text(team.releases / name / "index.html"), "there is no first page to lead to"
    assert named(home) == NEW
    assert snapshots.release_of(home.analysts_database) == NEW


def test_a_release_that_was_compared_with_a_withdrawn_one_says_so(home: Home) -> None:
    standing.withdraw(home, NEW, "x", WHEN)
    later = (date(2024, 1, 31), KNOWN)
    assert release_folder.previous_release(home, "r", later, True, False, []).release_id == OLD
    folder = publish(home, "2024-01-31-cccccccc", date(2024, 1, 31))
    stated = {**latest.read_manifest(folder), "previous_release": NEW}
    (folder / MANIFEST).write_text(json.dumps(stated))
    found = release_folder.previous_release(home, folder.name, later, True, False, [])
    assert found.note == f"Release {NEW} was withdrawn; nothing is compared."


def test_an_analysts_database_of_a_release_made_again_keeps_the_one_before(home: Home) -> None:
    database(snapshots.part_of(home), NEW)
    snapshots.to_analysts(home, snapshots.part_of(home), NEW)
    assert [path.stem for path in home.snapshots.iterdir()] == [OLD]


def test_pins_are_a_sorted_list(home: Home) -> None:
    assert (standing.pin(home, NEW), standing.pin(home, OLD), standing.pin(home, OLD)) == (True, True, False)
    assert json.loads(_text(home.releases / "pins.json")) == [OLD, NEW]
    standing.unpin(home, NEW)
    assert json.loads(_text(home.releases / "pins.json")) == [OLD]
    for name, words in (("nix", "no release is called"), ("2023-12", "no release is called")):
        with pytest.raises(UnusableInput, match=words):
            standing.pin(home, name)
    with pytest.raises(UnusableInput, match="is not pinned; pinned are: 2023-11-30-aaaaaaaa"):
        standing.unpin(home, NEW)
    for text in ("{", '{"a": 1}', "[1]", '["../x"]'):
        home.pins.write_text(text)
        with pytest.raises(UnusableInput, match=r"pins\.json: cannot be read"):
            standing.pin(home, NEW)


@given(st.text(LETTERS, max_size=12))
def test_any_reason_stands_as_it_was_given(why: str) -> None:
    """In the feed as in the manifest: whatever was typed, the XML is whole and says it."""
    try:
        reason = standing._reason(why)
    except UnusableInput:
        return
    facts = {"release_id": NEW, "period_end": "2023-12-31", "created_at": "2024-01-10T01:02:03+00:00"}
    entry = {"at": "2024-03-01T04:05:06+00:00", "why": reason}
    text = feed([issue({**facts, WITHDRAWN: entry})])
    summary = ElementTree.fromstring(text.encode("utf-8")).findtext(".//{*}summary") or ""  # noqa: S314 - our own
    assert reason in summary


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")
