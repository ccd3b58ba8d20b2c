"""A file of published figures: what is read, and every way in which one is refused."""

from pathlib import Path

import pytest

from pipeline.calibration.margins import read_figures
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import REFERENCE

HEAD = "figure,value,unit,reference_date,source\n"
UNITS = {"security_high": "townships", "effective_control_lost_share": "percent"}


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "figures.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_the_repository_s_own_file_is_read():
    figures = read_figures(REFERENCE / "published_figures.csv")
    assert set(figures.printed(UNITS)) == set(UNITS)
    assert figures.rows.height > 15
    assert len(figures.sha256) == 64


def test_only_the_named_figures_are_judged(tmp_path):
    text = "\ufeff" + HEAD + "clashes,99999,clashes,2020-01-01,x\nsecurity_high, 4.0 ,townships,2020-01-01,x\n\n"
    assert read_figures(written(tmp_path, text)).printed(UNITS) == {"security_high": "4.0"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("security_high,many,townships,2020-01-01,x", "'many' is no number from 0 to 330"),
        ("security_high,331,townships,2020-01-01,x", "line 2, security_high"),
        ("security_high,-1,townships,2020-01-01,x", "from 0 to 330"),
        ("security_high,nan,townships,2020-01-01,x", "no number"),
        ("security_high,1e1,townships,2020-01-01,x", "no number"),
        ("security_high,,townships,2020-01-01,x", "no number"),
        ("security_high,1.5,townships,2020-01-01,x", "no whole number"),
        ("security_high,40,percent,2020-01-01,x", "must be stated in townships"),
        ("security_high,40,,2020-01-01,x", "must be stated in townships"),
        ("effective_control_lost_share,101,percent,2020-01-01,x", "from 0 to 100"),
        ("security_high,1,townships,2020-01-01,x\nsecurity_high,2,townships,2020-01-01,x", "earlier line"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(tmp_path, row, words):
    with pytest.raises(UnusableInput, match=words):
        read_figures(written(tmp_path, HEAD + row + "\n")).printed(UNITS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "columns are missing"),
        ("figure,value\nsecurity_high,1\n", "must be figure, value"),
        (HEAD.replace("\n", ",note\n"), "columns are .*note"),
        (HEAD + "a,1\n", "line 2: 2 values for 5 columns"),
        (HEAD + "a,1,x,yesterday,x\n", "'yesterday' is no day"),
        (b"\xff\xfe\x00", "no CSV file in UTF-8"),
        (HEAD + '"a\n', "no CSV file"),
        (HEAD + "x" * 1_000_001, "more than a list"),
    ],
    ids=["empty", "missing", "extra", "short", "day", "bytes", "quote", "large"],
)
def test_a_file_that_is_no_list_of_figures_is_refused(tmp_path, text, words):
    with pytest.raises(UnusableInput, match=words):
        read_figures(written(tmp_path, text))


def test_an_absent_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UnusableInput, match="cannot be read"):
            read_figures(path)
