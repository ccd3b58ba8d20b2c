"""Sentences of the report that keep a reader from taking a figure for more than it is.

Not here: the figures in the sections (test_reports_sections.py).
"""

import polars as pl

from pipeline.declare.codes import IndexName
from reports.site.uncertainty import hangs, how_sure


def test_an_interval_that_need_not_hold_the_class_share_says_so(tables, release) -> None:
    national = tables["national_summary"].with_columns(
        security_high_count=pl.lit(9), security_high_expected=pl.lit(5.0), security_high_low=pl.lit(3),
        security_high_high=pl.lit(7),
    )  # fmt: skip
    sentences = how_sure({**tables, "national_summary": national}, release).sentences
    assert any("The number by the records can lie outside of this interval" in one.en for one in sentences)


def test_width_that_is_not_chance_is_said_to_be_so(tables, release) -> None:
    first = pl.int_range(pl.len()).over("method", "month") < 30
    index = tables["township_index"]

    def told(chance: pl.Expr) -> bool:
        frame = index.with_columns(
            security_high_probability=chance, clashes_count=pl.when(chance.is_not_null()).then(pl.lit(1))
        )
        sentences = how_sure({**tables, "township_index": frame}, release).sentences
        return any(one.en.startswith("For 300 townships the number of clashes is not known") for one in sentences)

    assert told(pl.when(first).then(pl.lit(0.5)))
    assert not told(pl.lit(0.5))
    assert not told(pl.lit(None, pl.Float64))


def test_an_index_without_any_class_hangs_on_nothing(tables, release) -> None:
    """Without surveys the class changes with the conflict alone: no township's services hang on a choice."""
    unknown = tables["township_index"].with_columns(services_class=pl.lit("insufficient_data"))
    moved = tables["robustness"].with_columns(
        pl.lit(0.25 if index == IndexName.SERVICES else 1.0).alias(f"{index}_kept_share") for index in IndexName
    )
    board = hangs({**tables, "township_index": unknown, "robustness": moved}, release)
    assert board.grids == ()
    said = board.sentences[list(IndexName).index(IndexName.SERVICES)]
    assert said.en.endswith("no township has a class that could depend on a choice.")
