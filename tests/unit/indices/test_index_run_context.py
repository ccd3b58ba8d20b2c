"""A function that makes tables names what it reads, is given that in its order, and gives a frame for each table."""

import polars as pl
import pytest

from pipeline.analysis import tables
from pipeline.indices.run_context import makes


def test_a_function_gets_the_frames_that_it_names_and_its_frames_get_their_names():
    @makes("published.scenarios", "published.robustness", reads=("records.clashes", "records.townships"))
    def made(run, clashes, townships):
        return clashes, townships

    one, two = pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [2]})
    found = made.frames(None, one, two)
    assert list(found) == ["published.scenarios", "published.robustness"]
    assert found["published.scenarios"].equals(one)
    assert found["published.robustness"].equals(two)
    with pytest.raises(TypeError):
        made.frames(None, one)


@pytest.mark.parametrize("wrong", [{"reads": ("records.clahses",)}, {"reads": (), "checked_against": ("published.x",)}])
def test_a_table_that_is_not_declared_is_refused(wrong):
    with pytest.raises(ValueError, match=r"no such table: (records\.clahses|published\.x)"):
        makes("published.scenarios", **wrong)


def _made(table, reads=(), **more):
    return makes(f"published.{table}", reads=tuple(f"published.{name}" for name in reads), **more)(lambda run: None)


def test_tables_are_made_after_what_they_read_and_are_checked_against_and_the_slow_ones_early():
    changes = _made("change_summary", ["township_changes"])
    index = _made("township_index", ["townships"])
    slow = _made("hot_spots", ["township_index"], second_process=True)
    compared = _made("revisions", checked_against=("published.revisions", "published.sensitivity"))
    those = [changes, index, compared, slow, *map(_made, ("sensitivity", "townships", "township_changes"))]
    assert [one.tables[0].removeprefix("published.") for one in tables.in_order(those)] == [
        "townships", "township_index", "hot_spots", "township_changes", "change_summary", "sensitivity", "revisions",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="needs itself"):
        tables.in_order([_made("revisions", ["sensitivity"]), _made("sensitivity", ["revisions"])])


def test_a_table_that_nobody_makes_is_noticed(monkeypatch):
    monkeypatch.setattr(tables, "_ALL", tables._ALL[1:])
    with pytest.raises(ValueError, match=r"no function makes indices.security: name the one with @makes in MADE"):
        tables._check()
