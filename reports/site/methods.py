"""What the methods page shows, gathered from the declarations: formulas, choices, rules, sources, limits, peers.

The page grows with the declarations; nothing here says how a figure is computed.

How others define what they count, with ours as the last row.
"""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.declare.choices import alternatives, named_choices, named_rules
from pipeline.declare.columns import COLUMNS
from pipeline.declare.indices import INDICES
from pipeline.declare.methods import Method
from pipeline.declare.settings import REFERENCE
from pipeline.declare.sources import Source, family
from pipeline.declare.tables import FORMULAS, Formula, Layer, layer
from pipeline.sources import BY_KEY, SOURCES
from reports.files.dictionary import choice_rows, window_words
from reports.release import Release, is_lethal_only, latest, leading_source
from reports.site.blocks import Board
from reports.site.evidence import comparison, figure_words, leading_words
from reports.site.inputs import Context, Inputs
from reports.site.uncertainty import depends
from reports.text.catalogue import Both, joined, label_both, say
from reports.text.glossary import class_rules
from reports.text.wording import day, label, number

HEADER = ("Who", "When", "Unit", "What is counted", "Rule", "What is missing", "How sure", "Read in")
PEER_COLUMNS = (
    "peer", "year", "unit_of_analysis", "what_is_counted", "rule", "missing_treated", "uncertainty_given",
    "link_title", "link",
)  # fmt: skip


def peers() -> list[dict[str, str]]:
    """The reference table; ValueError where a column or the name of a peer is missing."""
    frame = pl.read_csv(REFERENCE / "peer_definitions.csv", infer_schema=False, glob=False)
    if tuple(frame.columns) != PEER_COLUMNS or frame["peer"].null_count():
        raise ValueError(
            f"data/reference/peer_definitions.csv must hold {', '.join(PEER_COLUMNS)}, and a name in each row"
        )
    return frame.with_columns(pl.all().fill_null("")).to_dicts()


def ours(method: Method, clash_source: str | None, year: int) -> Mapping[str, str]:
    """This release in the same columns, from its method and the thresholds of the source that leads."""
    cuts = method.thresholds(clash_source or "default")
    source = BY_KEY.get(family(clash_source)) if clash_source else None
    counted = " and ".join(kind.value.replace("_", " ") for kind in method.counted_classes)
    return {
        "peer": "This release",
        "year": str(year),
        "unit_of_analysis": "township",
        "what_is_counted": f"{counted} events of {source.title if source else 'no source'}; people newly displaced, "
        "else all displaced; five items of public service",
        "rule": f"inside townships in conflict: security high from {number(cuts.security_high.value)} clashes, "
        f"displacement high from {number(method.idps_high.value)} people, services severe from "
        f"{method.services_severe.value:g} of the items lost; every number with its reason on this page",
        "missing_treated": "unknown is never zero; insufficient data is a class of its own; services have bounds",
        "uncertainty_given": "probability of a class, intervals of ranks and of the share lost, scenarios, grade of "
        "the evidence",
        "link_title": "this page",
        "link": "",
    }


Frames = Mapping[str, pl.DataFrame]
_NUMBERS = ("BIGINT", "DOUBLE")


def anchor(words: str) -> str:
    """An id for a heading: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def method_context(tables: Frames, release: Release) -> dict[str, Any]:
    """Everything that methods.html.j2 asks for but the methods themselves."""
    spec = release.spec(release.method)
    source = leading_source(tables, release.method)
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
        "sources": [_source(one) for one in SOURCES],
        "summary": summary(tables, release), "first_limits": first_limits(tables, release), "limits": _limits(release),
        "comparison": comparison(tables),
        "peers": [*peers(), *own],
        "peer_header": HEADER,
    }  # fmt: skip


def summary(tables: Frames, release: Release) -> list[Both]:
    """The method in at most 200 words."""
    rules = class_rules(release.spec(release.method), leading_source(tables, release.method))
    worst = [
        say("{name}: {meaning}", name=say("{index}, {class_name}", index=label_both(spec.name),
                                          class_name=label_both(spec.worst)), meaning=rules[spec.name, str(spec.worst)])
        for spec in INDICES if (spec.name, str(spec.worst)) in rules
    ]  # fmt: skip
    return [
        say("Three indices give each of the 330 townships a class for each month: security by clashes, the "
            "humanitarian crisis by displaced people, public services by surveys."),
        leading_words(tables, release),
        *([say("A class begins at a cut. {rules}.", rules=joined("; ", worst))] if worst else []),
        say("The counts since 2021 only grow: they say where there has been fighting. The clashes of three and twelve "
            "months and the signals say what is going on now."),
        say("A signal compares the last months of a township with its own past, and takes chance into account."),
        say("What is not reported is never counted as zero, and no township is called calm."),
        say("ISP-Myanmar published how many townships are in each class, not where the classes begin. Each cut is this "
            "project's choice and says why. It holds for one source alone."),
        say("The classes were also computed with other choices that could be defended."),
    ]  # fmt: skip


def first_limits(tables: Frames, release: Release) -> list[str]:
    """The limits that change most how a figure is to be read."""
    said = [
        "The counts since February 2021 only grow: they say where there has been fighting, and would stay as they are "
        "if all of it ended. What is going on now stands first on the overview.",
    ]
    if is_lethal_only(tables, release.method):
        said.append(
            "The leading source records events in which people died. Shelling, arrests and fighting without a death "
            "are in no count of clashes."
        )
    days = latest(tables, "township_index", release.method)["idps_reference_date"].drop_nulls()
    if days.len():
        newest = max(days.to_list())
        months = (release.period_end.year - newest.year) * 12 + release.period_end.month - newest.month
        said.append(f"The newest report of displaced people is of {day(newest)}, {months} months before the end of "
                    "the period: who fled or returned later is in no figure.")  # fmt: skip
    return said


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


def page(inputs: Inputs) -> list[Context]:
    """methods.html."""
    methods = [{"method": one, "window": window_words(one), "choices": choice_rows(one), "saved": one.saved}
               for one in inputs.release.methods]  # fmt: skip
    return [{**method_context(inputs.tables, inputs.release), "methods": methods}]
