"""The one list of national figures: published columns, words in both languages, and sums over the regions."""

import polars as pl
import pytest

from reports.figures import FIGURES, GROUPS, NATIONAL, Unit, in_groups
from reports.files.release_changes import COMPARED
from reports.release import declared
from reports.text.catalogue import catalogue


def test_every_figure_is_a_column_of_the_national_summary() -> None:
    columns = set(declared("national_summary").columns)
    assert {one.column for one in NATIONAL} <= columns
    assert len(FIGURES) == len(NATIONAL)
    assert set(COMPARED["national_summary"]) <= columns


def test_words_have_their_burmese() -> None:
    shown = [figure for _, lines in in_groups() for figure in lines]
    assert {figure.column for figure in shown} == {column for columns in GROUPS.values() for column in columns}
    words = {figure.line for figure in shown} | {figure.words for figure in shown}
    assert {one for one in words if one not in catalogue()} == set("ABCD")


@pytest.mark.parametrize("figure", [one for one in NATIONAL if one.adds_up], ids=lambda one: one.column)
def test_what_adds_up_is_a_count_of_the_regions_too(figure) -> None:
    assert figure.unit != Unit.SHARE
    assert figure.column in declared("region_summary").columns


def test_a_value_is_not_known_where_no_township_has_the_records(tables, release) -> None:
    frame = tables["national_summary"].filter(pl.col("method") == release.method).tail(1)
    row = frame.with_columns(
        in_conflict_count=pl.lit(7), services_insufficient_count=pl.lit(7), services_severe_count=pl.lit(0),
        control_lost_townships_share=pl.lit(0.4274),
    ).row(0, named=True)  # fmt: skip
    severe = FIGURES["services_severe_count"]
    assert severe.value(row) is None
    assert severe.shown(row).en == "insufficient data"
    assert FIGURES["control_lost_townships_share"].value(row) == 42.7
