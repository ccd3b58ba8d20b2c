"""The search for cuts: known best ones, ties, rounding, and that the classes are those of the indices."""

from dataclasses import replace
from itertools import product
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.calibration.search import FIGURES, Margin, Search, margins_in_townships, search
from pipeline.declare import codes, methods
from pipeline.indices.disclosure import disclose
from pipeline.indices.services import services

KEPT = 3  # items that must be known


def rows(
    clashes: list[int], persons: list[int | None] | None = None, lost: list[tuple[int, float]] | None = None
) -> pl.DataFrame:
    """Rows of an index: clashes, displaced people as they are exactly (disclosed here), (items known, least lost)."""
    people = persons or [None] * len(clashes)
    items = lost or [(0, 0.0)] * len(clashes)
    exact = pl.DataFrame(
        {
            "in_conflict": [n > 0 for n in clashes], "clashes_count": clashes, "idps_persons": people,
            "services_known_count": [known for known, _ in items], "services_lost_min": [least for _, least in items],
        },
        schema_overrides={"idps_persons": pl.Int64},
    )  # fmt: skip
    return disclose(exact, methods.ISP_2023)


def found(name: str, index: pl.DataFrame, base: float = 999, **figures: str) -> Search:
    return search(name, index, margins_in_townships(name, figures, index.height), base, KEPT)


def test_the_known_best_cut_is_found_with_its_loss_and_neighbours():
    # ten townships; at 5 and more: 5, 7, 7, 20 -> 4 high, 5 low, one without clashes
    one = found("security_high", rows([0, 1, 1, 2, 3, 4, 5, 7, 7, 20]), security_high="4", security_low="5")
    assert (one.cut, one.chosen["loss_townships"], one.reached) == (5, 0, (("security_high", 4), ("security_low", 5)))
    assert (one.considered_count, one.unknown_count) == (9, 0)
    # the township with exactly 5 leaves at 6; the one with 4 joins at 4
    assert (one.chosen["stay_count"], one.chosen["join_count"]) == (1, 1)
    assert one.candidates.height == 20, "every whole number up to the largest count"
    assert one.ranges("equally_good") == "5"


def test_a_gap_in_the_counts_ties_every_cut_in_it_and_the_choice_follows_the_stated_rule():
    index = rows([1, 2, 30, 40])  # cuts 3 to 30 part the townships alike
    assert found("security_high", index, security_high="2").ranges("equally_good") == "3 to 30"
    assert found("security_high", index, security_high="2").cut == 10, "the roundest"
    assert found("security_high", index, base=17, security_high="2").cut == 17, "the base's own is as good as any"
    assert found("security_high", rows([1, 2, 4]), security_high="1").cut == 3, "no round number: the lowest"


def test_margins_that_no_cut_meets_tie_between_them():
    # eight in conflict, 2 high and 4 low are published: from 2 to 4 high townships what is won there is lost here
    one = found("security_high", rows([1, 2, 3, 4, 5, 6, 7, 8]), security_high="2", security_low="4")
    assert one.ranges("equally_good") == "5 to 7"
    assert one.chosen["loss_townships"] == 2
    assert one.cut == 5


def test_ties_apart_are_listed_apart():
    one = found("security_high", rows([5]), security_high="1")
    parted = one.candidates.with_columns(equally_good=pl.Series([True, False, True, True, False]))
    assert replace(one, candidates=parted).ranges("equally_good") == "1; 3 to 4"


def test_a_share_counts_in_townships_and_its_rounding_makes_cuts_nearly_as_good():
    # 50 % of 100 townships is 50, and may be 49.5 to 50.5
    index = rows([1] * 49 + [2] * 2 + [3] * 49)
    one = found("security_high", index, effective_control_lost_share="50")
    assert margins_in_townships("security_high", {"effective_control_lost_share": "50"}, 330)[0] == Margin(
        "effective_control_lost_share", True, 165.0, 1.65
    )
    # cut 2: 51 high, cut 3: 49 high: equally far
    assert (one.ranges("equally_good"), one.chosen["loss_townships"]) == ("2 to 3", 1)
    uneven = rows([1] * 49 + [2] + [3] * 50)
    # cut 3: 50 high; cut 2: 51 high, as close if 50.5 was meant; cut 1: 100
    assert found("security_high", uneven, effective_control_lost_share="50").ranges("nearly_as_good") == "2 to 3"
    assert found("security_high", uneven, effective_control_lost_share="50.0").ranges("nearly_as_good") == "3"
    assert found("security_high", uneven, security_high="50").ranges("nearly_as_good") == "3", "townships are exact"


def test_displacement_cuts_are_whole_intervals_of_shown_figures():
    # shown as 100, 200, 5,000; 7 is withheld and low at every cut; none and unknown are neither
    index = rows([1] * 6, [98, 201, 5_003, 7, 0, None])
    one = found("idps_high", index, base=9, humanitarian_high="1", humanitarian_low="3")
    assert one.candidates.select("cut_low", "cut_high", "high_count", "low_count").rows() == [
        (10, 95, 3, 1),
        (105, 195, 2, 2),
        (205, 4_995, 1, 3),
    ]
    assert (one.cut, one.ranges("equally_good"), one.unknown_count) == (1_000, "205 to 4,995", 1)
    assert found("idps_high", index, base=4_000, humanitarian_high="1").cut == 4_000
    # shown as 200 is 195 to 204: no cut in between is tried
    assert not one.candidates.filter(pl.lit(200).is_between("cut_low", "cut_high")).height


def test_nothing_recorded_gives_no_candidate():
    for name, figure in (("idps_high", "humanitarian_high"), ("services_severe", "services_severe")):
        assert found(name, rows([3, 4]), **{figure: "1"}).candidates.is_empty()
    assert found("security_high", rows([0, 0]), security_high="1").candidates.is_empty()


def test_townships_of_unknown_state_stay_out_and_are_counted():
    index = rows([1, 2, 3]).with_columns(in_conflict=pl.Series([True, None, True]))
    one = found("security_high", index, security_high="1")
    assert (one.considered_count, one.unknown_count, one.cut) == (2, 1, 2)


def test_service_cuts_give_the_classes_of_the_index_for_every_combination_of_answers(hand: Any) -> None:
    answers = list(product([state.value for state in codes.ServiceState], repeat=len(codes.SERVICE_ITEMS)))
    places = tuple(f"MMR{number:06d}" for number in range(len(answers)))
    towns, day = hand.townships(places), hand.end
    surveys = hand.records(
        "records.services",
        *({"adm3_pcode": place, "survey_date": day, **dict(zip(codes.SERVICE_ITEMS, states, strict=True))}
          for place, states in zip(places, answers, strict=True)),
    )  # fmt: skip
    safe = hand.security(hand.clashes(*((place, day) for place in places)), townships=towns)
    last = pl.col("month") == pl.col("month").max()
    tried: dict[float, tuple[int, int]] = {}
    for tenth in range(1, 11):
        method = replace(methods.ISP_2023, services_severe=methods.Choice(tenth / 10, "a cut that is tried here"))
        made = services(surveys, safe, hand.deliveries(kind="services"), towns, method, day).filter(last)
        classes = made["services_class"].to_list()
        tried[tenth / 10] = (classes.count("severe"), classes.count("lower"))
        index = made.join(safe.filter(last).select("adm3_pcode", "in_conflict"), on="adm3_pcode")
    one = search("services_severe", index, [Margin("services_severe", True, 0)], 0.6, KEPT)
    assert {cut: (high, low) for cut, high, low in
            one.candidates.select("cut_low", "high_count", "low_count").iter_rows()} == tried  # fmt: skip


COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=30)
PEOPLE = st.lists(st.one_of(st.none(), st.integers(0, 400)), min_size=1, max_size=20)


@given(COUNTS, st.integers(0, 30), st.integers(0, 30), st.integers(0, 100), st.integers(1, 50), st.randoms())
def test_no_cut_is_closer_and_the_order_of_townships_changes_nothing(counts, high, low, share, base, dice):
    figures = {"security_high": f"{high}", "security_low": f"{low}", "effective_control_lost_share": f"{share}"}
    one = found("security_high", rows(counts), base, **figures)
    mixed = list(counts)
    dice.shuffle(mixed)
    other = found("security_high", rows(mixed), base, **figures)
    assert one.candidates.equals(other.candidates)
    if one.candidates.is_empty():
        assert not any(counts)
        return

    def loss(cut: float) -> float:
        above, below = sum(n >= cut for n in counts), sum(0 < n < cut for n in counts)
        return abs(above - high) + abs(below - low) + abs(above - share * len(counts) / 100)

    losses = {cut: loss(cut) for cut in range(1, max(counts) + 1)}
    assert one.chosen["loss_townships"] == pytest.approx(min(losses.values()))
    assert loss(one.cut) == pytest.approx(min(losses.values()))
    good = {cut for cut, lost in losses.items() if lost == pytest.approx(min(losses.values()), abs=1e-7)}
    assert set(one.candidates.filter("equally_good")["cut_low"]) == good
    assert one.candidates.filter(pl.col("equally_good") & ~pl.col("nearly_as_good")).is_empty()
    assert one.cut == base or base not in good


@given(PEOPLE, st.integers(0, 20), st.integers(0, 20))
def test_shown_figures_give_the_classes_of_the_exact_ones_at_every_cut_that_is_named(people, high, low):
    index = rows([1] * len(people), people)
    one = found("idps_high", index, humanitarian_high=f"{high}", humanitarian_low=f"{low}")
    exact = [n for n in people if n]
    for row in one.candidates.iter_rows(named=True):
        for cut in {row["cut_low"], row["cut_high"], (row["cut_low"] + row["cut_high"]) // 2}:
            assert (sum(n >= cut for n in exact), sum(n < cut for n in exact)) == (row["high_count"], row["low_count"])


def test_every_figure_belongs_to_one_cut():
    assert len({figure for group in FIGURES.values() for figure in group}) == sum(map(len, FIGURES.values())) == 7
