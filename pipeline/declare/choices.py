"""The numbers and rules that somebody chose, gathered for the methods page.

A number is declared in methods.py, scenarios.py or intensity.py, as a `Choice` with its reason; a rule in words as a
text named `..._RULE`. This module lists both, so that none can be forgotten on the page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

from pipeline.declare import intensity, methods, scenarios
from pipeline.declare.choice import Choice
from pipeline.declare.methods import METHODS
from pipeline.declare.scenarios import CHOICES


@dataclass(frozen=True)
class NamedChoice:
    """A chosen number by the name it has in its module."""

    module: str
    name: str
    choice: Choice


@dataclass(frozen=True)
class NamedRule:
    """A rule in words by the name it has in its module."""

    module: str
    name: str
    text: str


@dataclass(frozen=True)
class Alternative:
    """One alternative of a defensible choice of an index, and why it is defensible."""

    index_name: str
    choice: str
    name: str
    why: str


def inside(name: str, value: object) -> Iterator[tuple[str, Choice]]:
    """Every choice that a value holds: itself, in a mapping, in a sequence, or in the fields of a dataclass.

    Not those of a scenario's decision (it has `levels`): `alternatives` gives them with what they are for.
    """
    if isinstance(value, Choice):
        yield name, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from inside(f"{name}, {key}", item)
    elif isinstance(value, tuple | list):
        for place, item in enumerate(value, start=1):
            yield from inside(f"{name}, {place}", item)
    elif is_dataclass(value) and not isinstance(value, type) and not hasattr(value, "levels"):
        for field in fields(value):
            yield from inside(f"{name}, {field.name}", getattr(value, field.name))


def of_methods() -> set[int]:
    """Identities of the choices that stand in a method: the page lists them with the method."""
    return {id(choice) for method in METHODS.values() for _, choice in inside(method.name, method)}


def named_choices() -> list[NamedChoice]:
    """Every choice outside the methods, once, in the order of the modules; whoever imports it is not its home."""
    found: dict[int, NamedChoice] = {}
    known = of_methods()
    for module, name, value in _values():
        for words, choice in inside(name, value):
            if id(choice) not in known:
                found.setdefault(id(choice), NamedChoice(module, words, choice))
    return list(found.values())


def named_rules() -> list[NamedRule]:
    """Every rule in words, once."""
    found: dict[str, NamedRule] = {}
    for module, name, value in _values():
        if name.endswith("_RULE") and isinstance(value, str):
            found.setdefault(name, NamedRule(module, name, value))
    return list(found.values())


def alternatives() -> list[Alternative]:
    """The alternatives of every defensible choice, index by index, as pipeline.declare.scenarios declares them."""
    return [
        Alternative(str(index), decision.name, level.name, level.why)
        for index, decisions in CHOICES.items()
        for decision in decisions
        for level in decision.levels
    ]


def _values() -> Iterator[tuple[str, str, object]]:
    """(module, name, value) of everything at the top of the modules that declare choices."""
    for module in (methods, scenarios, intensity):
        for name, value in vars(module).items():
            if not name.startswith("__"):
                yield module.__name__, name, value
