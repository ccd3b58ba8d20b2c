"""Bad input and bad arguments at the command line: one clear message, exit 2, nothing written, no traceback."""

import shutil
import time
from pathlib import Path

import pytest
from integration_homes import Command, fingerprint, write_input

from pipeline.declare.settings import SAMPLE

pytestmark = pytest.mark.integration
HEAD = "event_id,event_date,event_type,adm3_pcode\n"
ROW = "E1,2021-03-01,clash,MMR001001\n"


def written(home: Path) -> list[str]:
    """What a refused run left in a new home, but for the lock."""
    return sorted(set(fingerprint(home)) - {"run.lock", "run.holder.json"}) if home.exists() else []


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("page.csv", "<!DOCTYPE html><html><body>404 Not Found</body></html>\n", ["page.csv", "HTML"]),
        ("page.csv", '{"error": "rate limit"}\n', ["page.csv", "line 1"]),
        (
            "twice.csv",
            HEAD.strip() + ",event_date\n" + ROW.strip() + ",2021-03-01\n",
            ["twice.csv", "'event_date'", "2"],
        ),
        ("near.csv", HEAD.replace("event_date", "event_dat") + ROW, ["near.csv", "'event_date'", "'event_dat'"]),
        ("empty.csv", "", ["empty.csv"]),
        ("head.csv", HEAD, ["head.csv"]),
    ],
    ids=["html", "json", "duplicate header", "renamed column", "empty", "header only"],
)
def test_a_file_that_cannot_be_used_is_refused(
    command: Command, tmp_path: Path, name: str, text: str, words: list[str]
) -> None:
    write_input(tmp_path / "data", "clashes", name, text)
    # A good file beside it is not kept either: all are read before the first is.
    write_input(tmp_path / "data", "clashes", "a_good.csv", HEAD + ROW)
    given = ("run", "--data", tmp_path / "data", "--home", tmp_path / "home")
    if name != "empty.csv":
        command(*given).refused(*words)
    else:
        # A process of its own: how soon a user is told includes what it imports.
        started = time.monotonic()
        command.finish(command.start(*given)).refused(*words)
        assert time.monotonic() - started < 15
    assert written(tmp_path / "home") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "{data}", "--sample"], ["--data and --sample"]),
        (["--data", "{data}", "--method", "isp-2024"], ["'isp-2024'", "isp-2023", "rolling-12m"]),
        (["--data", "{data}", "--period-end", "2023-11-31"], ["--period-end", "2023-11-31"]),
        (["--data", "{data}", "--period-end", "26.11.2023"], ["--period-end", "YYYY-MM-DD"]),
        (["--data", "{data}", "--period-end", "2999-01-01"], ["--period-end", "future"]),
        (["--data", "{data}", "--period-end", "2020-12-31"], ["--period-end", "2021-02-01"]),
        (["--data", "{data}", "--as-of", "yesterday"], ["--as-of", "'yesterday'"]),
        (["--data", "{tmp}/nowhere"], ["nowhere", "no such folder"]),
        (["--data", "{tmp}"], ["no file to deliver", "clashes/"]),
        ([], ["holds no records", "--data DIR", "--sample"]),
    ],
    ids=[
        "data and sample",
        "method",
        "no such day",
        "other order",
        "future",
        "too early",
        "as-of",
        "no folder",
        "empty folder",
        "empty home",
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    command: Command, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    write_input(tmp_path / "data", "clashes", "good.csv", HEAD + ROW)
    own = [one.format(data=tmp_path / "data", tmp=tmp_path) for one in arguments]
    command("run", *own, "--home", tmp_path / "home").refused(*words)
    assert written(tmp_path / "home") == []


def test_an_unknown_option_is_the_users_mistake(command: Command, tmp_path: Path) -> None:
    outcome = command("run", "--smaple", "--home", tmp_path / "home")
    assert outcome.code == 2
    assert "--smaple" in outcome.err
    assert "Traceback" not in outcome.err
    assert not (tmp_path / "home").exists()


def test_invented_and_real_records_never_mix(
    sample_home: Path, real_home: Path, command: Command, tmp_path: Path
) -> None:
    before = fingerprint(real_home), fingerprint(sample_home)
    command("run", "--sample", "--home", real_home).refused("synthetic", "real", "another --home")
    write_input(tmp_path / "data", "clashes", "real.csv", HEAD + ROW)
    command("run", "--data", tmp_path / "data", "--home", sample_home).refused(
        "real.csv", "synthetic", "another --home"
    )
    mixed = tmp_path / "mixed"
    shutil.copytree(SAMPLE, mixed)
    write_input(mixed, "clashes", "real.csv", HEAD + ROW)
    command("run", "--data", mixed, "--home", tmp_path / "home").refused("synthetic", "real")
    assert written(tmp_path / "home") == []
    held = ("run.lock", "run.holder.json")
    for old, home in zip(before, (real_home, sample_home), strict=True):
        now = fingerprint(home)
        assert {p: v for p, v in now.items() if p not in held} == {p: v for p, v in old.items() if p not in held}


def test_what_lies_in_the_inbox_is_judged_before_anything_is_kept(command: Command, tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_input(home / "inbox", "clashes", "real.csv", HEAD + ROW)
    command("run", "--sample", "--home", home).refused("real", "synthetic", "another --home")
    assert not list((home / "deliveries").rglob("*.json")), "the sample is not left behind in a home of real records"


def test_no_clashes_at_all(command: Command, tmp_path: Path) -> None:
    text = "reference_date,adm3_pcode,controller\n2021-03-01,MMR001001,state\n"
    write_input(tmp_path / "data", "control", "only.csv", text)
    command("run", "--data", tmp_path / "data", "--home", tmp_path / "home").refused("no clash records", "clashes/")


def test_a_home_that_cannot_be_written(command: Command, tmp_path: Path) -> None:
    write_input(tmp_path / "data", "clashes", "good.csv", HEAD + ROW)
    taken = tmp_path / "taken"
    taken.write_text("a file where a folder is expected")
    command("run", "--data", tmp_path / "data", "--home", taken).refused(str(taken))
    assert taken.read_text() == "a file where a folder is expected"
    inside = tmp_path / "home"
    inside.mkdir()
    (inside / "deliveries").write_text("another")
    command("run", "--data", tmp_path / "data", "--home", inside).refused(str(inside / "deliveries"))
    assert written(inside) == ["deliveries"]


def test_published_that_cannot_be_written(command: Command, tmp_path: Path) -> None:
    """The step that fails is deep in the run: still one sentence with the path."""
    write_input(tmp_path / "data", "clashes", "good.csv", HEAD + ROW)
    home = tmp_path / "home"
    home.mkdir()
    (home / "published").write_text("a file where a folder is expected")
    command("run", "--data", tmp_path / "data", "--home", home).refused(str(home / "published"), "last release")


def test_set_aside_by_reason(sample_home: Path, command: Command, tmp_path: Path) -> None:
    outcome = command("set-aside", "--reason", "unknown_term", "--home", sample_home)
    outcome.published()
    head, line = outcome.out.splitlines()
    assert head.startswith("unknown_term: 1 rows.")
    assert line.strip().startswith("synthetic_clashes.csv, line ")
    assert "), event_type: parade (known: clash, violence_against_civilians, other, " in line
    every = command("set-aside", "--home", sample_home, "--limit", "1")
    every.published()
    assert every.out.splitlines()[0] == "45 rows were set aside"
    assert "24  precision_district" in every.out.splitlines()[1]
    heads = [text.split(":")[0] for text in every.out.splitlines() if not text.startswith(" ")]
    assert {"precision_district", "unknown_pcode", "invalid_date", "duplicate_row"} <= set(heads)
    assert "and 23 more" in every.out
    command("set-aside", "--reason", "rumour", "--home", sample_home).refused("'rumour'", "unknown_term")
    command("set-aside", "--home", tmp_path / "none").refused("run first")
