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


def test_a_table_read_before_it_is_made_or_made_by_nobody_is_noticed(monkeypatch):
    monkeypatch.setattr(tables, "PUBLISHED", tuple(reversed(tables.PUBLISHED)))
    with pytest.raises(ValueError, match="before it is made"):
        tables._check()
    monkeypatch.setattr(tables, "PUBLISHED", tables.PUBLISHED[1:])
    with pytest.raises(ValueError, match="differ"):
        tables._check()
