"""The words of the pages and what each means, once: the glossary, legends and cards say it from here.

Cuts are those of the method and source in force. What signals and places without a class mean stands with them
(signals.py, shown.py); this list takes it from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.declare.codes import HumanitarianClass, IndexName, NoClass, SecurityClass, ServicesClass, Signal
from pipeline.declare.indices import BY_CUT, BY_INDEX, IndexSpec
from pipeline.declare.methods import Method
from reports.draw.symbology import SIGNALS, Theme
from reports.text.catalogue import Both, joined, label_both, month_both, say
from reports.text.shown import shown_meaning
from reports.text.signals import meaning_both
from reports.text.values import share_both, signal_both
from reports.text.wording import number

MOST = 25 + len(BY_CUT)  # terms, one more for an index by one cut; a longer list is not read
Rules = Mapping[tuple[IndexName, str], Both]  # index and class -> its rule
_TOLD = frozenset(map(str, Signal)) - {str(Signal.NONE), str(Signal.UNKNOWN)}


@dataclass(frozen=True)
class Term:
    """`key` is its anchor; `columns` are those of the tables that hold it."""

    key: str
    words: Both
    meaning: Both
    columns: tuple[str, ...] = ()


def class_rules(method: Method | None, clash_source: str | None) -> Rules:
    """What a township must have to be in a class; nothing for a method that the run did not compute."""
    if method is None:
        return {}
    cut = int(method.thresholds(clash_source or "default").security_high.value)
    people = number(method.idps_high.value)
    severe = share_both(method.services_severe.value)
    since = _since(method)
    return {
        (IndexName.SECURITY, SecurityClass.HIGH): say("{count} or more clashes {since}", count=cut, since=since),
        # With a cut of one clash no township can be low.
        **({(IndexName.SECURITY, SecurityClass.LOW): _some_clashes(cut, since)} if cut > 1 else {}),
        (IndexName.HUMANITARIAN, HumanitarianClass.HIGH): say(
            "{count} displaced people or more, in conflict", count=people),
        (IndexName.HUMANITARIAN, HumanitarianClass.LOW): say(
            "displaced people, but fewer than {count}, in conflict", count=people),
        (IndexName.HUMANITARIAN, HumanitarianClass.NO_NEW_IDPS): say(
            "a report counts no displaced people, in conflict"),
        (IndexName.SERVICES, ServicesClass.SEVERE): say(
            "{share} or more of five services lost, in conflict", share=severe),
        (IndexName.SERVICES, ServicesClass.LOWER): say(
            "less than {share} of five services lost, in conflict", share=severe),
        **{(spec.name, code): rule for spec in BY_CUT for code, rule in _cut_rules(spec, method).items()},
    }  # fmt: skip


def _cut_rules(spec: IndexSpec, method: Method) -> dict[str, Both]:
    """Of an index that is made by one cut: what its figure must be, the figure of its own section on a page."""
    _, milder, worst = spec.order
    cut = f"{spec.cut_by(method):,.10g}"
    return {
        worst: say("a figure of {cut} or more, in conflict", cut=cut),
        milder: say("a figure below {cut}, in conflict", cut=cut),
    }


def _since(method: Method) -> Both:
    if method.window_months is None:
        return say("since {month}", month=month_both(method.window_start))
    return say("in the last {count} months", count=method.window_months)


def _some_clashes(cut: int, since: Both) -> Both:
    if cut == 2:
        return say("1 clash {since}", since=since)
    return say("1 to {count} clashes {since}", count=cut - 1, since=since)


def legend_words(theme: Theme, look: str, rules: Rules) -> Both:
    """An entry of a map's legend: a class with its rule, a signal with what it means."""
    words = label_both(look)
    if theme is SIGNALS and look in _TOLD:
        return say("{name}: {meaning}", name=words, meaning=meaning_both(look))
    return with_rule(words, rules, theme.key, look)


def with_rule(words: Both, rules: Rules, index: str, code: str) -> Both:
    """A class with its rule, as legends show it; a word without one stays as it is."""
    rule = rules.get((IndexName(index), code)) if index in IndexName.__members__.values() else None
    return words if rule is None else say("{name}: {meaning}", name=words, meaning=rule)


def terms(method: Method | None, clash_source: str | None) -> tuple[Term, ...]:
    """The terms in the order in which a reader meets them, at most MOST."""
    rules = class_rules(method, clash_source)
    return (
        Term("clash", say("clash"), say(
            "An event in which armed actors fight, as the leading source records it. Of a source of deadly events "
            "alone, fighting without a death is no clash. A clash is certain where it is placed in one township and "
            "possible where several townships may be meant; possible ones are not in the counts."),
            ("clashes_count", "clashes_possible_count")),
        Term("at-least", say("at least"), say(
            "Every count is a floor: what no source reports is not in it. Nothing in these pages says that a place is "
            "calm."), ("clashes_count",)),
        Term("in-conflict", say("in conflict"), say(
            "At least one certain clash in the time that the method counts. The method isp-2023 counts all months "
            "since February 2021 and can only grow; rolling-12m counts the last 12 months."), ("in_conflict",)),
        *(_classes(index, rules) for index in IndexName),
        *(Term(_anchor(code), label_both(str(code)), meaning, ("security_shown",))
          for code in NoClass if (meaning := shown_meaning(code)) is not None),
        *(Term(_anchor(signal), signal_both(signal), _sentence(meaning_both(signal)), ("signal",))
          for signal in Signal if signal != Signal.UNKNOWN),
        Term("expected", say("expected clashes"), say(
            "Clashes to expect in the records of the next three months if the past months go on. It foresees no "
            "offensive and no ceasefire."), ("expected_clashes_next_3m",)),
        Term("probability-of-high", say("probability of class high"), say(
            "The chance that another record of the same months, as selective as this one, would put the township into "
            "class high. It says nothing of the months to come."), ("security_high_probability",)),
        Term("interval", say("interval"), say(
            "From one number to another: where the figure would lie in 90 or 95 of 100 records of the same kind. It "
            "holds chance alone, not what nobody reported."), ("security_high_low", "security_high_high")),
        Term("heavy-fighting", say("heavy fighting since 2021"), say(
            "The townships of class high on security. ISP-Myanmar published this share as control lost. It counts "
            "clashes, cannot fall, and does not say who controls a place."), ("control_lost_townships_share",)),
        Term("control", say("control, as observed"), say(
            "Who holds a township by records of control, each with its day. Contested and unknown are answers of their "
            "own."), ("control_class",)),
        Term("grade", say("grade of evidence"), say(
            "How much stands behind the figures of a township, from A (strong) to D (weak)."), ("evidence_grade",)),
        Term("provisional", say("provisional"), say(
            "Of the last weeks, to which the sources still add. Later editions will count more."), ("provisional",)),
    )  # fmt: skip


# Index -> its classes, the heaviest first; their words as one term. Another index is called by its title.
_CLASSES: Mapping[IndexName, tuple[str, tuple[str, ...], str]] = {
    IndexName.SECURITY: ("Security: high, low", (SecurityClass.HIGH, SecurityClass.LOW), "security_class"),
    IndexName.HUMANITARIAN: (
        "Displacement: high, low, no new displacement reported",
        (HumanitarianClass.HIGH, HumanitarianClass.LOW, HumanitarianClass.NO_NEW_IDPS), "humanitarian_class",
    ),
    IndexName.SERVICES: ("Services: severe, lower", (ServicesClass.SEVERE, ServicesClass.LOWER), "services_class"),
}  # fmt: skip


def _classes(index: IndexName, rules: Rules) -> Term:
    spec = BY_INDEX[index]
    words, codes, column = _CLASSES.get(index) or (spec.title, tuple(map(str, reversed(spec.order[1:]))), spec.column)
    said = joined("; ", (with_rule(label_both(code), rules, index, code) for code in codes))
    return Term(str(index), say(words), _sentence(said), (column,))


def _sentence(words: Both) -> Both:
    return Both(f"{words.en[:1].upper()}{words.en[1:]}.", f"{words.my}။")


def _anchor(code: str) -> str:
    return str(code).replace("_", "-")
