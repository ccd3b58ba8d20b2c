"""The table of classes: none is missing, and each has words, a symbol, a colour and its place in the order."""

import re
from enum import StrEnum

import pytest

from pipeline.declare.codes import (
    ChangeClass,
    Controller,
    ControlState,
    HotSpot,
    IndexName,
    LocalCluster,
    SecurityClass,
    shown,
)
from pipeline.declare.indices import INDICES
from reports.draw.symbology import (
    ARROWS,
    CHIPS,
    CONTROL,
    HOT_SPOTS,
    INDEX_THEMES,
    QUIET,
    RANKED,
    THEMES,
    WORDS,
    WORST,
    severity,
)
from reports.draw.typeset import TEMPLATES
from reports.text.catalogue import catalogue

INDEX_CLASSES = {spec.name: spec.classes for spec in INDICES}
DRAWN = (*INDEX_CLASSES.values(), Controller, ControlState, HotSpot)


@pytest.mark.parametrize("kind", (*DRAWN, LocalCluster, ChangeClass))
def test_every_class_has_words(kind: type[StrEnum]) -> None:
    assert [code for code in kind if code not in WORDS] == []
    assert set(WORDS.values()) <= set(catalogue())


@pytest.mark.parametrize("kind", DRAWN)
def test_every_class_has_a_chip_that_the_style_sheet_draws(kind: type[StrEnum]) -> None:
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    drawn = set(re.findall(r"\.chip-(\w+)::before", style))
    # Not in conflict is the empty box that every chip begins with.
    assert {CHIPS[code] for code in kind} - {QUIET} <= drawn


@pytest.mark.parametrize("index", IndexName)
def test_every_class_of_an_index_has_a_colour_and_a_place(index: IndexName) -> None:
    theme, classes = INDEX_THEMES[index], list(INDEX_CLASSES[index])
    assert theme in THEMES
    ranked = [code for code in classes if code in RANKED - {QUIET}]
    assert theme.coded[: len(ranked)] == tuple(ranked), "the codes are declared from the heaviest on"
    assert set(theme.coded) == set(shown(INDEX_CLASSES[index]))
    known = [code for code in classes if code != SecurityClass.INSUFFICIENT_DATA]
    assert [severity(index, code) for code in known] == list(reversed(range(len(known))))
    assert severity(index, QUIET) == 0
    assert severity(index, SecurityClass.INSUFFICIENT_DATA) is severity(index, None) is None
    assert set(known) <= RANKED
    assert classes[0] in WORST


def test_what_has_no_order_has_a_colour_too() -> None:
    assert {code for code, _ in CONTROL.fills} == set(Controller)
    # A township without a statistic is drawn as unknown.
    assert {code for code, _ in HOT_SPOTS.fills} == {*HotSpot, Controller.UNKNOWN} - {HotSpot.INSUFFICIENT_DATA}
    assert {*ARROWS} == {*ChangeClass} - {ChangeClass.NO_COMPARISON}
