"""`releases` and `publish` on the command line: the list for people and programs, exit codes, the lock they take."""

import json
from pathlib import Path

import pytest
from small_homes import DECEMBER, NEW, OLD, hold, two
from typer.testing import CliRunner, Result

from pipeline import cli
from pipeline.declare.settings import Home
from pipeline.storage import latest
from pipeline.storage.lock import WAIT_VARIABLE, acquire

HELD = "2024-01-31-cccccccc"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = two(tmp_path_factory.mktemp("home"))
    hold(made, HELD, DECEMBER.replace(year=2024, month=1))
    return made


def said(home: Home, *words: str) -> Result:
    return CliRunner().invoke(cli.app, [*words, "--home", str(home.root)])


def test_the_list_says_state_size_and_pin(home: Home) -> None:
    assert said(home, "releases", "pin", OLD).output == f"pinned: {OLD}\n"
    assert said(home, "releases", "pin", OLD).output == f"pinned before: {OLD}\n"
    rows = json.loads(said(home, "releases", "list", "--json").output)
    assert [(one["release_id"], one["state"], one["pinned"]) for one in rows] == [
        (HELD, "held", False), (NEW, "latest", False), (OLD, "published", True),
    ]  # fmt: skip
    whole = sum(path.stat().st_size for path in (home.releases / NEW).rglob("*") if path.is_file())
    assert rows[1]["bytes"] == whole
    assert (rows[1]["period_end"], rows[1]["as_of"], rows[1]["why"]) == ("2023-12-31", "2024-02-20", None)
    lines = said(home, "releases").output.splitlines()
    assert lines == said(home, "releases", "list").output.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [HELD, NEW, OLD]
    assert lines[3].endswith("  published, pinned")
    assert said(home, "releases", "unpin", OLD).output == f"no longer pinned: {OLD}\n"


def test_an_empty_home_has_none(tmp_path: Path) -> None:
    assert said(Home(tmp_path), "releases").output.endswith("yet; run first\n")
    assert json.loads(said(Home(tmp_path), "releases", "list", "--json").output) == []


def test_what_cannot_be_read_is_listed(tmp_path: Path) -> None:
    place = Home(tmp_path)
    (place.releases / NEW).mkdir(parents=True)
    (one,) = json.loads(said(place, "releases", "list", "--json").output)
    assert (one["state"], one["period_end"]) == ("unreadable", None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("publish", "nix"), f"held: {HELD}"),
        (("publish", NEW), "is published already"),
        (("releases", "withdraw", "nix", "--why", "x"), "no release is called 'nix'"),
        (("releases", "withdraw", NEW, "--why", " "), "--why is empty"),
        (("releases", "withdraw", NEW), "--why"),
        (("releases", "pin", "nix"), "no release is called"),
        (("releases", "unpin", NEW), "is not pinned"),
        (("releases", "diff", "latest", "nix"), "no release is called 'nix'; there are:"),
        (("releases", "diff", "latest", OLD), "cannot be compared: one of them lacks"),
        (("releases", "list", "--profile", "secret"), "--profile 'secret' is no profile"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_one_sentence_and_exit_code_2(home: Home, words: tuple[str, ...], told: str) -> None:
    result = said(home, *words)
    assert result.exit_code == 2, result.output
    assert told in " ".join(result.output.split())
    now = latest.pointed(home)
    assert now is not None
    assert now.release_id == NEW


def test_options_of_a_word_stand_behind_it(home: Home) -> None:
    result = CliRunner().invoke(cli.app, ["releases", "--home", str(home.root), "list"])
    assert result.exit_code == 2
    assert "behind the word: township-index releases list" in result.output


def test_whoever_changes_what_stands_takes_the_lock(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []

    def acquired(place: Home) -> object:
        taken.append(place.root)
        return acquire(place)

    monkeypatch.setattr("assets.launch.acquire", acquired)
    monkeypatch.setenv(WAIT_VARIABLE, "0")
    for words in (("publish", "nix"), ("releases", "withdraw", "nix", "--why", "x"), ("releases", "unpin", "nix")):
        said(home, *words)
    assert taken == [home.root] * 3
    said(home, "releases", "list")
    assert len(taken) == 3, "who only looks waits for nobody"
