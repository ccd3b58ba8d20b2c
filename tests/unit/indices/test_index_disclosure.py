"""Figures about people in published tables: rounded, small ones withheld, nothing to be had back."""

import math

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declare.codes import Profile
from pipeline.declare.methods import ISP_2023
from pipeline.indices.disclosure import disclose, withheld


def shown(*persons):
    frame = pl.DataFrame(
        {"idps_persons": pl.Series(persons, dtype=pl.Int64), "humanitarian_score": [99.9] * len(persons)}
    )
    return disclose(frame, ISP_2023)


def test_zero_missing_and_large_figures_are_told_apart():
    frame = shown(0, None, 10, 14, 15, 11_831)
    assert frame["idps_persons"].to_list() == [0, None, 10, 10, 20, 11_830]
    assert frame["idps_suppressed"].to_list() == [False] * 6


def test_one_to_nine_are_withheld_and_said_to_be():
    frame = shown(1, 5, 9)
    assert frame["idps_persons"].to_list() == [None] * 3
    assert frame["idps_suppressed"].to_list() == [True] * 3
    assert frame["humanitarian_score"].to_list() == [None] * 3


@given(st.lists(st.one_of(st.none(), st.integers(0, 1_000_000)), min_size=1, max_size=40))
def test_the_score_gives_no_more_away_than_the_figure(persons):
    frame = shown(*persons)
    for figure, score in frame.select("idps_persons", "humanitarian_score").iter_rows():
        if figure is None:
            assert score is None
        else:
            assert math.isclose(
                score, min(100.0, 100 * math.log1p(figure) / math.log1p(ISP_2023.idps_goalpost.value)), abs_tol=1e-4
            )


def test_the_team_sees_the_exact_figure_and_the_public_score() -> None:
    persons = (0, None, 3, 9, 14, 11_831)
    frame = pl.DataFrame({"idps_persons": pl.Series(persons, dtype=pl.Int64)})
    public, internal = (disclose(frame, ISP_2023, profile) for profile in Profile)
    assert internal["idps_persons"].to_list() == list(persons)
    assert not internal["idps_suppressed"].any()
    assert internal["humanitarian_score"].equals(public["humanitarian_score"], null_equal=True)
    assert withheld(internal).select(public.columns).equals(public, null_equal=True), "and is the public one, rounded"


def test_what_was_withheld_once_stays_withheld() -> None:
    once = withheld(pl.DataFrame({"idps_persons": [3, 40, 47]}))
    assert withheld(once).equals(once)
