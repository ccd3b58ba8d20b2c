"""The nearest other class, against plain enumeration: every count of a ladder, every answer to the five services."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declare.choice import Choice
from pipeline.declare.methods import ISP_2023
from pipeline.indices.explanations import UNKNOWN, ladder, nearest_rung, service_states
from pipeline.indices.services import classes_by_state

NAMES = ("none", "low", "high")
KNOWN = (0, 1, 2)  # halves lost: in place, partial, lost


def of_count(count, cut):
    return "none" if count == 0 else "high" if count >= cut else "low"


@pytest.mark.parametrize(
    ("count", "cut", "nearest", "distance"),
    [
        (0, 4, "low", 1),
        (1, 4, "none", -1),
        (2, 4, "high", 2),  # as far from none: the higher class
        (3, 4, "high", 1),
        (4, 4, "low", -1),
        (40, 4, "low", -37),
        (0, 1, "high", 1),  # a cut of one leaves no class between
        (1, 1, "none", -1),
        (2, 3.5, "high", 2),  # high from 4 on
        (3, 3.5, "high", 1),
    ],
)
def test_nearest_rung_by_hand(count, cut, nearest, distance):
    rung, gap = nearest_rung(count, of_count(count, cut), ladder(NAMES, cut))
    assert (rung.name, gap) == (nearest, distance)


@given(st.integers(0, 60), st.integers(1, 30))
def test_nearest_rung_is_the_nearest_count_of_another_class(count, cut):
    now = of_count(count, cut)
    others = [other - count for other in range(100) if of_count(other, cut) != now]
    least = min(abs(step) for step in others)
    best = max(step for step in others if abs(step) == least)
    rung, gap = nearest_rung(count, now, ladder(NAMES, cut))
    assert (gap, rung.name) == (best, of_count(count + gap, cut))


def test_a_rounded_count_beyond_the_cut_never_points_the_wrong_way():
    rungs = ladder(NAMES, 10_000)
    assert nearest_rung(10_000, "low", rungs)[1] == 0
    assert nearest_rung(10_000, "high", rungs)[1] == -1


def test_a_class_without_a_rung_is_refused():
    with pytest.raises(ValueError, match="other"):
        nearest_rung(3, "other", ladder(NAMES, 4))


def of_answers(answers, cut, minimum):
    """The method's rule on five answers, None for an unknown one: certain by the bounds, else by the mean."""
    known = [half for half in answers if half is not None]
    best = Fraction(sum(known), 10)
    worst = best + Fraction(5 - len(known), 5)
    if best >= cut:
        return "severe"
    if worst < cut:
        return "lower"
    if len(known) < minimum:
        return UNKNOWN
    return "severe" if Fraction(sum(known), 2 * len(known)) >= cut else "lower"


def learnt(answers, count):
    """Every outcome of learning `count` of the unknown answers."""
    unknown = [place for place, half in enumerate(answers) if half is None]
    for places in combinations(unknown, count):
        for found in product(KNOWN, repeat=count):
            filled = dict(zip(places, found, strict=True))
            yield tuple(filled.get(place, half) for place, half in enumerate(answers))


def brute(answers, cut, minimum):
    """now, nearest, halves, needed, turning by moving every item by itself."""

    def rule(state):
        return of_answers(state, cut, minimum)

    now, unknown = rule(answers), answers.count(None)
    outcomes = {count: {rule(state) for state in learnt(answers, count)} for count in range(1, unknown + 1)}
    if now == UNKNOWN:
        needed = next(count for count, found in outcomes.items() if UNKNOWN not in found)
        found = outcomes[needed]
        return now, (found.pop() if len(found) == 1 else None), None, needed, None
    turning = next((count for count, found in outcomes.items() if found != {now}), None)
    moves = [
        (sum(abs(b - a) for a, b in zip(answers, state, strict=True) if a is not None), state)
        for state in product(*([half] if half is None else KNOWN for half in answers))
        if rule(state) != now
    ]
    if not moves:
        return now, None, None, None, turning
    cost = min(moves, key=lambda move: move[0])[0]
    nearest = {rule(state) for size, state in moves if size == cost}
    return now, nearest, cost, None, turning


@pytest.mark.parametrize(("cut", "minimum"), [(0.6, 3), (0.5, 3), (0.6, 5), (0.2, 4), (0.0, 3), (1.0, 1)])
def test_service_states_are_what_every_answer_gives(cut, minimum):
    method = replace(ISP_2023, services_severe=Choice(cut, ""), services_known_minimum=Choice(minimum, ""))
    states = service_states(method)
    assert len(states) == 36
    for answers in combinations_with_replacement((None, *KNOWN), 5):
        known = [half for half in answers if half is not None]
        state = states[len(known), sum(known)]
        now, nearest, halves, needed, turning = brute(answers, Fraction(str(cut)), minimum)
        assert (state.now, state.needed, state.turning) == (now, needed, turning)
        if halves is None:
            assert (state.nearest, state.halves) == (nearest, None)
        else:
            assert abs(state.halves) == halves
            assert state.nearest in nearest
            assert classes_by_state(method)[len(known), sum(known) + state.halves] == state.nearest


def test_services_by_hand():
    states = service_states(ISP_2023)
    # Three known, one and a half lost: 3 / 6 = 0.5; half an item more makes 4 / 6. One more lost: 5 / 8 = 0.625.
    state = states[3, 3]
    assert (state.now, state.nearest, state.halves, state.turning) == ("lower", "severe", 1, 1)
    # All three lost are 0.6 of five whatever the others; 3 / 6 would be below, after three halves.
    state = states[3, 6]
    assert (state.now, state.nearest, state.halves, state.turning) == ("severe", "lower", -3, None)
    # Two lost: with a third known the mean is 4 / 6 at least. One of two lost: 2 / 6 to 4 / 6.
    assert (states[2, 4].needed, states[2, 4].nearest) == (1, "severe")
    assert (states[2, 2].needed, states[2, 2].nearest) == (1, None)
    assert (states[0, 0].needed, states[0, 0].nearest) == (3, None)
