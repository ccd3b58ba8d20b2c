"""The command line: a path that is empty is a mistake, never the folder that one happens to stand in."""

import inspect
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import typer
from typer.testing import CliRunner

from pipeline import set_aside
from pipeline.cli import UNUSABLE, app

GIVEN = [
    ("brief", "--out"), ("run", "--home"), ("run", "--data"), ("calibrate", "--to"), ("calibrate", "--csv"),
    ("set-aside", "--csv"), ("fetch", "--home"), ("dev", "--home"), ("withdraw", "--home"), ("doctor", "--home"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "option"), GIVEN)
@pytest.mark.parametrize("path", ["", "  "])
def test_an_empty_path_is_refused_in_one_sentence(
    name: str, option: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = CliRunner().invoke(app, [name, option, path])
    assert outcome.exit_code == UNUSABLE
    said = f"township-index: {option} was given an empty path; name a file or folder, or leave the option out\n"
    assert (outcome.stdout, outcome.stderr) == ("", said)
    assert list(tmp_path.iterdir()) == [], "nothing is written where the command was started"


def test_every_option_that_takes_a_path_refuses_an_empty_one() -> None:
    """A new option must be made by the same helper: typer's own reading of "" is the current folder."""
    found = 0
    for one in app.registered_commands:
        assert one.callback is not None
        for hint in get_type_hints(inspect.unwrap(one.callback), include_extras=True).values():
            kind, *notes = get_args(hint) or (hint,)
            if Path not in (kind, *get_args(kind)):
                continue
            found += 1
            with pytest.raises(typer.Exit):
                notes[0].parser("")
            assert notes[0].parser("a b") == Path("a b")
    assert found >= len(GIVEN)


def test_the_screen_and_a_file_are_still_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(set_aside, "show", lambda home, wanted, csv, limit: asked.append(csv))
    for rest in ([], ["--csv", "-"], ["--csv", "rows.csv"]):
        assert CliRunner().invoke(app, ["set-aside", *rest]).exit_code == 0
    assert asked == ["", "-", "rows.csv"]
