"""What the methods page shows, gathered from the declarations: formulas, choices, rules, sources, limits, peers.

The page grows with the declarations; nothing here says how a figure is computed. Not here: the numbers of each
method (dictionary.py), HTML (methods.html.j2).
"""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.choices import alternatives, named_choices, named_rules
from pipeline.columns import COLUMNS
from pipeline.formulas import FORMULAS, Formula
from pipeline.sources import SOURCES, Source
from pipeline.tables import Layer, layer
from reports.agreement import source_names
from reports.boards import Board
from reports.dependence import depends
from reports.evidence import comparison, figure_words
from reports.peers import HEADER, ours, peers
from reports.release import Release
from reports.slices import latest
from reports.wording import label

Frames = Mapping[str, pl.DataFrame]
_NUMBERS = ("BIGINT", "DOUBLE")


def anchor(words: str) -> str:
    """An id for a heading: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def method_context(tables: Frames, release: Release) -> dict[str, Any]:
    """Everything that methods.html.j2 asks for but the methods themselves."""
    spec = release.spec(release.method)
    source = latest(tables, "national_summary", release.method)["clash_source"].item()
    own = [ours(spec, source, release.period_end.year)] if spec else []
    told = {one.formula for group in FORMULAS.values() for one in group}  # a rule that is a formula stands there
    return {
        "topics": [_topic(words, group) for words, group in FORMULAS.items()],
        "computed": computed_columns(),
        "fitted": _fitted(release),
        "choices": [
            {"name": f"{one.name.strip('_').replace('_', ' ').lower()}", "value": f"{one.choice.value:g}",
             "why": one.choice.why, "module": one.module}
            for one in named_choices()
        ],
        "rules": [{"name": _rule_words(one.name), "text": one.text} for one in named_rules() if one.text not in told],
        "alternatives": [{"index": label(one.index_name), "choice": one.choice.replace("_", " "), "name": one.name,
                          "why": one.why} for one in alternatives()],
        "sensitivity": _short(depends(tables, release)),
        "sources": [_source(one) for one in SOURCES.values()],
        "leading": source_names(tables).get(source, source) if source else None,
        "limits": _limits(release),
        "comparison": comparison(tables),
        "peers": [*peers(), *own],
        "peer_header": HEADER,
    }  # fmt: skip


def computed_columns() -> list[dict[str, Any]]:
    """Every number of the published tables once: where it stands, its meaning, and the formulas that make it."""
    made: dict[str, list[tuple[str, str]]] = {}
    for group in FORMULAS.values():
        for formula in group:
            for column in dict.fromkeys(name.partition(".")[2] for name in formula.columns):
                made.setdefault(column, []).append((anchor(formula.title), formula.title))
    holders: dict[str, list[str]] = {}
    for table in layer(Layer.PUBLISHED):
        for name in table.columns:
            holders.setdefault(name, []).append(table.name)
    return [
        {"name": spec.name, "tables": ", ".join(holders[spec.name]), "unit": spec.unit, "meaning": spec.meaning,
         "formulas": made.get(spec.name, [])}
        for spec in COLUMNS.values()
        if spec.name in holders and spec.type in _NUMBERS
    ]  # fmt: skip


def _topic(words: str, group: tuple[Formula, ...]) -> dict[str, Any]:
    return {
        "title": words,
        "anchor": anchor(words),
        "formulas": [
            {"title": one.title, "anchor": anchor(one.title), "formula": one.formula, "why": one.why,
             "limits": one.limits, "reference": one.reference, "columns": _named(one.columns)}
            for one in group
        ],
    }  # fmt: skip


def _named(columns: tuple[str, ...]) -> list[tuple[str, str]]:
    """(column, the tables it stands in for this formula), a column once."""
    found: dict[str, list[str]] = {}
    for full in columns:
        table, _, column = full.partition(".")
        found.setdefault(column, []).append(table)
    return [(column, ", ".join(names)) for column, names in found.items()]


def _fitted(release: Release) -> list[tuple[str, str, str]]:
    """(method, source, published figures) of every cut that was chosen to come close to published figures."""
    return [
        (method.name, source, "; ".join(figure_words(name) for name in cuts.fitted_to))
        for method in release.methods
        for source, cuts in method.security.items()
        if cuts.fitted_to
    ]


def _rule_words(name: str) -> str:
    words = name.strip("_").replace("_", " ").lower()
    return words[:1].upper() + words[1:]


def _source(one: Source) -> dict[str, str]:
    return {
        "title": one.title,
        "provider": one.provider,
        "licence": one.licence,
        "cadence": one.cadence,
        "silence": f"{one.absence_means.value}: {one.absence_why}",
        "provisional": f"{one.provisional_days} days. {one.provisional_why}" if one.provisional_days else "none",
        "passed_on": "yes" if one.rows_may_be_passed_on else "aggregated figures only",
        "caveat": " ".join(
            part for part in ("Lethal events only." if one.lethal_only else "", one.caveat) if part
        ) or "none",
        "url": one.url,
    }  # fmt: skip


def _limits(release: Release) -> list[tuple[str, list[str]]]:
    """(caveat in plain words, the tables or methods it is about), a caveat once."""
    found: dict[str, list[str]] = {}
    for method in release.methods:
        for caveat in method.caveats:
            found.setdefault(caveat, []).append(f"method {method.name}")
    for table in layer(Layer.PUBLISHED):
        for caveat in table.caveats:
            found.setdefault(caveat, []).append(table.name)
    return list(found.items())


def _short(board: Board) -> Board:
    """The sentences of a board without its tables, which stand on the report page."""
    return Board(board.sentences, (), board.files)
